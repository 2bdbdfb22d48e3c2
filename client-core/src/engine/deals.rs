use super::client::{Client, load};
use super::{ReadError, SaveError};
use crate::docs::deal::{DealEdit, DealKind, LeadGrade, LeadSource, Priority};
use crate::docs::{DocKind, Document, EditError};
use crate::id::DocId;
use crate::money::Money;
use crate::period::Period;
use crate::rules::policy::Stage;
use crate::rules::{self, GateWarning};
use crate::time::Date;

/// A lead or opportunity to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeal {
    /// With whom.
    pub customer: DocId,
    /// What it is about.
    pub name: String,
    /// The stage it begins in: a code of the org's pipeline.
    pub stage: String,
    /// Expected amount.
    pub amount: Option<Money>,
    /// Expected close.
    pub expected_close: Option<Date>,
    /// Where the lead came from.
    pub source: Option<LeadSource>,
    /// Lead grade.
    pub grade: Option<LeadGrade>,
    /// Priority.
    pub priority: Option<Priority>,
    /// Normal or tender.
    pub kind: Option<DealKind>,
}

impl NewDeal {
    /// A deal with `customer` in `stage`, to be filled in.
    pub fn with(customer: DocId, name: &str, stage: &str) -> Self {
        Self {
            customer,
            name: name.to_owned(),
            stage: stage.to_owned(),
            amount: None,
            expected_close: None,
            source: None,
            grade: None,
            priority: None,
            kind: None,
        }
    }
}

impl Client {
    /// The stages that a deal goes through, in order, as the policy in force has them.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before a policy has arrived.
    pub fn stages(&self) -> Result<Vec<Stage>, ReadError> {
        Ok(self.policy_for(Period::month_of(self.today()))?.pipeline.stages)
    }

    /// Creates a deal; its stage history begins now.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was saved then.
    pub fn create_deal(&self, new: NewDeal) -> Result<DocId, SaveError> {
        self.inner.save(|unit, moment| {
            let id = moment.doc_id();
            let header = moment.header(id, DocKind::Deal, Some(new.customer));
            let mut document = Document::create(header);
            let change = document.edit_deal(&unit.edit_context(), |edit| {
                edit.set_name(Some(new.name.as_str()))?;
                edit.set_created_at(Some(moment.at))?;
                edit.set_amount(new.amount)?;
                edit.set_expected_close(new.expected_close)?;
                edit.set_source(new.source.clone())?;
                edit.set_priority(new.priority.clone())?;
                edit.set_kind(new.kind.clone())?;
                if let Some(grade) = new.grade.clone() {
                    edit.grade(grade, moment.at)?;
                }
                let by = Some(moment.who.user);
                edit.move_to_stage(moment.item_id(), &new.stage, moment.at, by)
            })?;
            if let Some(change) = change {
                unit.put(&document, &change)?;
            }
            Ok(id)
        })
    }

    /// Edits a deal by intents.
    ///
    /// # Errors
    /// [`SaveError`]; nothing of the closure was kept then.
    pub fn edit_deal(
        &self,
        deal: DocId,
        intents: impl FnOnce(&mut DealEdit<'_>) -> Result<(), EditError>,
    ) -> Result<(), SaveError> {
        self.inner.save(|unit, _moment| {
            let mut document = load(unit, deal)?;
            if let Some(change) = document.edit_deal(&unit.edit_context(), intents)? {
                unit.put(&document, &change)?;
            }
            Ok(())
        })
    }

    /// What the gates say if the deal moved to this stage now (R9), to be shown before it
    /// does. Nothing where there are none, of a deal credited to somebody else, and until
    /// everything of this user's has arrived.
    ///
    /// # Errors
    /// [`ReadError::NotYetSynced`] before policy and calendar have arrived.
    pub fn gates_ahead(&self, deal: DocId, stage: &str) -> Result<Vec<GateWarning>, ReadError> {
        let now = self.inner.config.clock.now();
        let month = Period::month_of(self.calendar()?.zone.date(now));
        if self.policy_for(month)?.pipeline.gates.is_empty() || !self.holds_everything()? {
            return Ok(Vec::new());
        }
        let (facts, policy) = self.own_facts(month, now)?;
        Ok(rules::gates_ahead(&facts, &policy, deal, stage, now))
    }

    /// What the gates refuse, where the policy says that they do.
    fn gate_that_blocks(&self, deal: DocId, stage: &str) -> Result<Option<GateWarning>, ReadError> {
        let now = self.inner.config.clock.now();
        let policy = self
            .calendar()
            .and_then(|calendar| self.policy_for(Period::month_of(calendar.zone.date(now))));
        let blocks = match policy {
            Ok(policy) => policy.pipeline.gates.iter().any(|gate| gate.block),
            // What has not arrived blocks nobody's work.
            Err(ReadError::NotYetSynced { .. }) => false,
            Err(error) => return Err(error),
        };
        let ahead = if blocks { self.gates_ahead(deal, stage)? } else { Vec::new() };
        Ok(ahead.into_iter().find(|warning| warning.blocks))
    }

    /// Moves a deal to a stage, now. See [`Client::gates_ahead`] for what to say before.
    ///
    /// # Errors
    /// [`SaveError::Gate`] where the policy lets no deal leave its stage like this.
    pub fn move_deal(&self, deal: DocId, stage: &str) -> Result<(), SaveError> {
        if let Some(gate) = self.gate_that_blocks(deal, stage)? {
            return Err(SaveError::Gate(Box::new(gate)));
        }
        let entry = self.new_item_id();
        let at = self.inner.config.clock.now();
        let by = self.signed_in().map(|who| who.user);
        self.edit_deal(deal, |edit| edit.move_to_stage(entry, stage, at, by))
    }

    /// The deal is won, now; `amount` is the final one, if it changed.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn win_deal(&self, deal: DocId, amount: Option<Money>) -> Result<(), SaveError> {
        let at = self.inner.config.clock.now();
        self.edit_deal(deal, |edit| {
            if amount.is_some() {
                edit.set_amount(amount)?;
            }
            edit.win(at)
        })
    }

    /// The deal is lost, now; `reason` is a code.
    ///
    /// # Errors
    /// [`SaveError`].
    pub fn lose_deal(&self, deal: DocId, reason: &str) -> Result<(), SaveError> {
        let at = self.inner.config.clock.now();
        self.edit_deal(deal, |edit| edit.lose(at, reason))
    }
}
