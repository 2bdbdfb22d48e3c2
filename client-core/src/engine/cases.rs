use super::client::{Client, load};
use super::{ReadError, SaveError};
use crate::docs::case::{CaseEdit, CaseKind, ProgressNote, SurveyAnswer, SurveyKind};
use crate::docs::{DocKind, Document, EditError};
use crate::id::{DocId, ItemId};
use crate::store::{self, CaseEntry, CaseQuery, Page};
use crate::time::Timestamp;

/// A complaint or enquiry to be noted. Only customer, kind and subject are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCase {
    /// Whose it is about.
    pub customer: DocId,
    /// Complaint, enquiry or survey.
    pub kind: CaseKind,
    /// What it is about, in a line.
    pub subject: String,
    /// What the customer said.
    pub description: Option<String>,
    /// Sorted under: a code of the org's.
    pub category: Option<String>,
    /// When the customer brought it; now if absent.
    pub opened_at: Option<Timestamp>,
    /// The deal it belongs to.
    pub deal: Option<DocId>,
    /// The visit it was heard on.
    pub visit: Option<DocId>,
    /// Which contact brought it.
    pub contact: Option<ItemId>,
}

impl NewCase {
    /// A case of `customer`, to be filled in.
    pub fn of(customer: DocId, kind: CaseKind, subject: &str) -> Self {
        Self {
            customer,
            kind,
            subject: subject.to_owned(),
            description: None,
            category: None,
            opened_at: None,
            deal: None,
            visit: None,
            contact: None,
        }
    }
}

impl Client {
    /// Notes a complaint, an enquiry or a survey.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was saved then.
    pub fn open_case(&self, new: NewCase) -> Result<DocId, SaveError> {
        self.inner.save(|unit, moment| {
            let id = moment.doc_id();
            let header = moment.header(id, DocKind::Case, Some(new.customer));
            let mut document = Document::create(header);
            let change = document.edit_case(&unit.edit_context(), |edit| {
                edit.set_kind(Some(new.kind.clone()))?;
                edit.set_subject(Some(new.subject.as_str()))?;
                edit.set_description(new.description.as_deref())?;
                edit.set_category(new.category.as_deref())?;
                edit.set_opened_at(Some(new.opened_at.unwrap_or(moment.at)))?;
                edit.set_deal(new.deal)?;
                edit.set_visit(new.visit)?;
                edit.set_contact(new.contact)
            })?;
            if let Some(change) = change {
                unit.put(&document, &change)?;
            }
            Ok(id)
        })
    }

    /// Edits a case by intents.
    ///
    /// # Errors
    /// [`SaveError`]; nothing of the closure was kept then.
    pub fn edit_case(
        &self,
        case: DocId,
        intents: impl FnOnce(&mut CaseEdit<'_>) -> Result<(), EditError>,
    ) -> Result<(), SaveError> {
        self.inner.save(|unit, _moment| {
            let mut document = load(unit, case)?;
            if let Some(change) = document.edit_case(&unit.edit_context(), intents)? {
                unit.put(&document, &change)?;
            }
            Ok(())
        })
    }

    /// Notes what happened meanwhile; `replied` says that the customer heard of it, and
    /// then it is the first answer if there was none.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn note_progress(
        &self,
        case: DocId,
        text: &str,
        replied: bool,
    ) -> Result<ItemId, SaveError> {
        let (id, at) = (self.new_item_id(), self.inner.config.clock.now());
        let by = self.signed_in().map(|who| who.user);
        let note = ProgressNote { at: Some(at), by, text: Some(text.to_owned()) };
        self.edit_case(case, |edit| {
            if replied {
                edit.reply(at)?;
            }
            edit.add_progress(id, &note)
        })?;
        Ok(id)
    }

    /// The case is resolved, now; what was done about it, and whether the customer is
    /// satisfied, where that is known.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn resolve_case(
        &self,
        case: DocId,
        action: Option<&str>,
        satisfied: Option<bool>,
    ) -> Result<(), SaveError> {
        let at = self.inner.config.clock.now();
        self.edit_case(case, |edit| {
            if action.is_some() {
                edit.set_action(action)?;
            }
            if satisfied.is_some() {
                edit.set_satisfied(satisfied)?;
            }
            edit.resolve(at)
        })
    }

    /// Notes what a customer answered, 0 to 10, today: beside a case, or as a survey of
    /// its own where `case` is absent.
    ///
    /// # Errors
    /// [`SaveError`]; a score above 10 is refused.
    pub fn record_survey(
        &self,
        customer: DocId,
        case: Option<DocId>,
        kind: SurveyKind,
        score: u8,
        comment: Option<&str>,
    ) -> Result<DocId, SaveError> {
        let on = self.business_today();
        self.inner.save(|unit, moment| {
            let context = unit.edit_context();
            let mut document = match case {
                Some(case) => load(unit, case)?,
                None => {
                    let header = moment.header(moment.doc_id(), DocKind::Case, Some(customer));
                    Document::create(header)
                }
            };
            let answer = SurveyAnswer {
                kind: Some(kind.clone()),
                score: Some(score),
                asked_on: Some(on),
                contact: None,
                comment: comment.map(str::to_owned),
            };
            let change = document.edit_case(&context, |edit| {
                if case.is_none() {
                    edit.set_kind(Some(CaseKind::Survey))?;
                    edit.set_opened_at(Some(moment.at))?;
                }
                edit.add_survey(moment.item_id(), &answer)
            })?;
            if let Some(change) = change {
                unit.put(&document, &change)?;
            }
            Ok(document.header().doc)
        })
    }

    /// A page of cases, newest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn cases(&self, query: &CaseQuery) -> Result<Page<CaseEntry>, ReadError> {
        self.inner.read(|conn, _who| store::query::cases(conn, query))
    }

    /// One case, if it is on this phone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn case(&self, id: DocId) -> Result<Option<CaseEntry>, ReadError> {
        self.inner.read(|conn, _who| store::query::case(conn, id))
    }
}
