use super::client::{Client, Moment, load};
use super::drafts::VisitChange;
use super::{ReadError, SaveError};
use crate::docs::customer::{CustomerPosition, PositionSource};
use crate::docs::visit::{
    Amendment, Check, Fix, JournalLink, NextStep, Outcome, PlannedRef, Purpose, VisitEdit,
    VisitMode, VisitState,
};
use crate::docs::{ChangeHash, DocKind, Document, EditError, NewChange};
use crate::id::{DocId, ItemId};
use crate::projection::DocState;
use crate::store::{self, Key, Unit};
use crate::time::Timestamp;

/// A visit to be logged. Only customer and mode are needed; the rest may follow
/// until the visit is submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVisit {
    /// At whom.
    pub customer: DocId,
    /// How contact was made.
    pub mode: VisitMode,
    /// What came out.
    pub outcome: Option<Outcome>,
    /// The result in words.
    pub result: Option<String>,
    /// What follows, or an explicit "nothing".
    pub next_step: Option<NextStep>,
    /// What it was for.
    pub purpose: Option<Purpose>,
    /// Objective set before.
    pub objective: Option<String>,
    /// When it began; now if absent.
    pub started_at: Option<Timestamp>,
    /// When it ended; now if absent.
    pub ended_at: Option<Timestamp>,
    /// A position fix, if there is one. Saving never waits for it.
    pub fix: Option<Fix>,
    /// Contacts met.
    pub contacts_met: Vec<ItemId>,
    /// Deals spoken about.
    pub deals: Vec<DocId>,
    /// Needs heard.
    pub needs: Vec<String>,
    /// Objections heard.
    pub objections: Vec<String>,
    /// The plan stop it fulfils; today's stop at this customer if absent.
    pub planned: Option<PlannedRef>,
    /// Submit at once: it is complete.
    pub submit: bool,
}

impl NewVisit {
    /// A visit at `customer`, to be filled in.
    pub const fn at(customer: DocId, mode: VisitMode) -> Self {
        Self {
            customer,
            mode,
            outcome: None,
            result: None,
            next_step: None,
            purpose: None,
            objective: None,
            started_at: None,
            ended_at: None,
            fix: None,
            contacts_met: Vec::new(),
            deals: Vec::new(),
            needs: Vec::new(),
            objections: Vec::new(),
            planned: None,
            submit: false,
        }
    }

    /// A visit at `customer` with what there is to say about it, whose own mode is left out.
    pub fn with(customer: DocId, mode: VisitMode, said: VisitChange) -> Self {
        Self {
            outcome: said.outcome,
            result: said.result,
            next_step: said.next_step,
            purpose: said.purpose,
            objective: said.objective,
            started_at: said.started_at,
            ended_at: said.ended_at,
            contacts_met: said.contacts_met,
            deals: said.deals,
            needs: said.needs,
            objections: said.objections,
            ..Self::at(customer, mode)
        }
    }

    /// What the moment of logging decides, and what was said about the visit.
    fn split(self) -> (Logged, VisitChange) {
        let logged = Logged {
            customer: self.customer,
            started_at: self.started_at,
            ended_at: self.ended_at,
            fix: self.fix,
            planned: self.planned,
            submit: self.submit,
        };
        let said = VisitChange {
            mode: Some(self.mode),
            outcome: self.outcome,
            result: self.result,
            next_step: self.next_step,
            purpose: self.purpose,
            objective: self.objective,
            contacts_met: self.contacts_met,
            deals: self.deals,
            needs: self.needs,
            objections: self.objections,
            ..VisitChange::default()
        };
        (logged, said)
    }
}

/// The part of a [`NewVisit`] that is no field of its own.
struct Logged {
    customer: DocId,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    fix: Option<Fix>,
    planned: Option<PlannedRef>,
    submit: bool,
}

impl Client {
    /// Arrives at a customer: opens a visit with a check-in, now.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was saved then.
    pub fn check_in(
        &self,
        customer: DocId,
        mode: VisitMode,
        fix: Option<Fix>,
    ) -> Result<DocId, SaveError> {
        let check = self.check(fix)?;
        self.inner.save(|unit, moment| {
            let id = moment.doc_id();
            let planned = stop_of_today(unit, moment, customer)?;
            let name = customer_name(unit, customer)?;
            let mut document = Document::create(moment.header(id, DocKind::Visit, Some(customer)));
            let change = document.edit_visit(&unit.edit_context(), |visit| {
                visit.set_mode(Some(mode))?;
                visit.set_customer_name(name.as_deref())?;
                visit.set_planned(planned)?;
                visit.check_in(&check)
            })?;
            put(unit, &document, change)?;
            fulfil(unit, planned, id)?;
            Ok(id)
        })
    }

    /// Leaves: closes the visit with a check-out, now.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was saved then.
    pub fn check_out(&self, visit: DocId, fix: Option<Fix>) -> Result<(), SaveError> {
        let check = self.check(fix)?;
        self.edit_visit(visit, |edit| edit.check_out(&check))
    }

    /// Logs a visit in one go. An open check-in of this user at that customer is
    /// closed by it: the log is its check-out.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was saved then.
    pub fn log_visit(&self, new: NewVisit) -> Result<DocId, SaveError> {
        self.log_visit_with(new, |_visit| Ok(()))
    }

    /// Logs a visit in one go, with what [`NewVisit`] has no field for: photos,
    /// products, a signature. One durable save, one change.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was saved then.
    pub fn log_visit_with(
        &self,
        new: NewVisit,
        more: impl FnOnce(&mut VisitEdit<'_>) -> Result<(), EditError>,
    ) -> Result<DocId, SaveError> {
        let (new, said) = new.split();
        let check = self.check(new.fix.clone())?;
        self.inner.save(|unit, moment| {
            let open = store::query::open_visit(unit.conn(), moment.who.user, new.customer)?;
            let planned = match new.planned {
                Some(planned) => Some(planned),
                None if open.is_none() => stop_of_today(unit, moment, new.customer)?,
                None => None,
            };
            let name = customer_name(unit, new.customer)?;
            let journal = journal(unit, new.customer)?;
            let mut document = match open {
                Some(open) => load(unit, open)?,
                None => Document::create(moment.header(
                    moment.doc_id(),
                    DocKind::Visit,
                    Some(new.customer),
                )),
            };
            let id = document.header().doc;
            let change = document.edit_visit(&unit.edit_context(), |visit| {
                if open.is_some() {
                    visit.check_out(&check)?;
                } else {
                    visit.set_customer_name(name.as_deref())?;
                    let started = new.started_at.unwrap_or(moment.at);
                    visit.set_started_at(Some(moment.captured(started)))?;
                    let ended = new.ended_at.unwrap_or(moment.at);
                    visit.set_ended_at(Some(moment.captured(ended)))?;
                    // Where the rep was when logging is evidence of leaving, not of arriving.
                    if new.fix.is_some() {
                        visit.check_out(&check)?;
                    }
                }
                if planned.is_some() {
                    visit.set_planned(planned)?;
                }
                said.write(visit, moment)?;
                more(visit)?;
                if new.submit {
                    visit.submit(&moment.captured(moment.at), &journal)?;
                }
                Ok(())
            })?;
            let hash = put(unit, &document, change)?;
            fulfil(unit, planned, id)?;
            if new.submit {
                after_submit(unit, &document, hash)?;
            }
            Ok(id)
        })
    }

    /// Edits a visit by intents, until it is submitted.
    ///
    /// # Errors
    /// [`EditError::AlreadySubmitted`] and the rest of [`SaveError`].
    pub fn edit_visit(
        &self,
        visit: DocId,
        intents: impl FnOnce(&mut VisitEdit<'_>) -> Result<(), EditError>,
    ) -> Result<(), SaveError> {
        self.inner.save(|unit, _moment| {
            let mut document = load(unit, visit)?;
            let change = document.edit_visit(&unit.edit_context(), intents)?;
            put(unit, &document, change)?;
            Ok(())
        })
    }

    /// Submits a visit: read-only from here on, and linked to this device's
    /// previous submit and to what it knew of the customer. A first onsite
    /// check-in also puts the customer on the map.
    ///
    /// # Errors
    /// [`EditError::AlreadySubmitted`] and the rest of [`SaveError`].
    pub fn submit_visit(&self, visit: DocId) -> Result<(), SaveError> {
        self.inner.save(|unit, moment| {
            let mut document = load(unit, visit)?;
            let journal = match document.header().customer {
                Some(customer) => journal(unit, customer)?,
                None => JournalLink { previous: previous(unit)?, ..JournalLink::default() },
            };
            let change = document.edit_visit(&unit.edit_context(), |edit| {
                edit.submit(&moment.captured(moment.at), &journal)
            })?;
            let hash = put(unit, &document, change)?;
            after_submit(unit, &document, hash)
        })
    }

    /// Adds to a submitted visit, with the reason.
    ///
    /// # Errors
    /// [`EditError::NotSubmitted`] and the rest of [`SaveError`].
    pub fn amend_visit(&self, visit: DocId, reason: &str, text: &str) -> Result<ItemId, SaveError> {
        self.inner.save(|unit, moment| {
            let mut document = load(unit, visit)?;
            let id = moment.item_id();
            let amendment = Amendment {
                by: moment.who.user,
                at: moment.captured(moment.at),
                reason: reason.to_owned(),
                text: text.to_owned(),
            };
            let change =
                document.edit_visit(&unit.edit_context(), |edit| edit.amend(id, &amendment))?;
            put(unit, &document, change)?;
            Ok(id)
        })
    }

    /// A check now, with what the device knows about time.
    fn check(&self, fix: Option<Fix>) -> Result<Check, ReadError> {
        let clock = &*self.inner.config.clock;
        let seen = self.inner.read(|conn, _who| store::meta::get(conn, Key::ServerSeen))?;
        Ok(Check {
            at: super::clock::captured(clock, clock.now()),
            clock: super::clock::evidence(clock, seen),
            fix,
        })
    }
}

/// Saves a visit and gives the hash of its change, if there was one.
pub(super) fn put(
    unit: &mut Unit<'_>,
    document: &Document,
    change: Option<NewChange>,
) -> Result<Option<ChangeHash>, SaveError> {
    let Some(change) = change else { return Ok(None) };
    unit.put(document, &change)?;
    Ok(Some(change.hash))
}

fn customer_name(unit: &Unit<'_>, customer: DocId) -> Result<Option<String>, SaveError> {
    Ok(store::query::customer(unit.conn(), customer)?.and_then(|entry| entry.state.name))
}

fn previous(unit: &Unit<'_>) -> Result<[u8; 16], SaveError> {
    let hash: Option<ChangeHash> = store::meta::get(unit.conn(), Key::PreviousSubmit)?;
    let mut prefix = [0; 16];
    if let Some(start) = hash.as_ref().and_then(|hash| hash.0.get(..16)) {
        prefix.copy_from_slice(start);
    }
    Ok(prefix)
}

/// The links of a submit into this device's journal.
fn journal(unit: &Unit<'_>, customer: DocId) -> Result<JournalLink, SaveError> {
    let heads = store::document::heads(unit.conn(), customer)?;
    Ok(JournalLink {
        previous: previous(unit)?,
        customer_heads: heads.map(|heads| heads.prefix()).unwrap_or_default(),
    })
}

fn after_submit(
    unit: &mut Unit<'_>,
    document: &Document,
    hash: Option<ChangeHash>,
) -> Result<(), SaveError> {
    if let Some(hash) = hash {
        store::meta::set(unit.conn(), Key::PreviousSubmit, &hash)?;
    }
    let DocState::Visit(visit) = DocState::read(document) else { return Ok(()) };
    match document.header().customer {
        Some(customer) => place(unit, customer, &visit.value),
        None => Ok(()),
    }
}

/// The first accepted onsite check-in puts a customer on the map that is not on it.
fn place(unit: &mut Unit<'_>, customer: DocId, visit: &VisitState) -> Result<(), SaveError> {
    let fix = visit.check_in.as_ref().and_then(|check| check.fix.as_ref());
    let Some(fix) = fix
        .filter(|fix| visit.mode == Some(VisitMode::Onsite) && !fix.is_mock && fix.accuracy_mm > 0)
    else {
        return Ok(());
    };
    let Some(known) = store::query::customer(unit.conn(), customer)? else { return Ok(()) };
    if known.state.position.is_some() {
        return Ok(());
    }
    let position = CustomerPosition {
        point: fix.point,
        accuracy_mm: Some(fix.accuracy_mm),
        source: PositionSource::CheckIn,
    };
    let mut document = load(unit, customer)?;
    let change =
        document.edit_customer(&unit.edit_context(), |edit| edit.set_position(Some(position)))?;
    put(unit, &document, change)?;
    Ok(())
}

/// Today's stop at this customer that no visit has fulfilled yet.
fn stop_of_today(
    unit: &Unit<'_>,
    moment: &Moment<'_>,
    customer: DocId,
) -> Result<Option<PlannedRef>, SaveError> {
    let captured = moment.captured(moment.at);
    let zone = crate::time::Zone::fixed(&captured.zone, captured.offset_s);
    let plan = DocId::plan(moment.who.org, moment.who.user, zone.date(moment.at));
    let entry = store::query::plan(unit.conn(), plan)?;
    Ok(entry.and_then(|entry| {
        entry
            .state
            .stops
            .into_iter()
            .find(|(_, stop)| stop.customer == Some(customer) && stop.visit.is_none())
            .map(|(stop, _)| PlannedRef { plan, stop })
    }))
}

/// Marks the plan's stop as done by this visit.
fn fulfil(unit: &mut Unit<'_>, planned: Option<PlannedRef>, visit: DocId) -> Result<(), SaveError> {
    let Some(planned) = planned else { return Ok(()) };
    let mut plan = match load(unit, planned.plan) {
        Ok(plan) => plan,
        // The plan is another device's and has not arrived: the visit names it.
        Err(SaveError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(error),
    };
    let change =
        plan.edit_plan(&unit.edit_context(), |edit| edit.stop_done(planned.stop, visit))?;
    put(unit, &plan, change)?;
    Ok(())
}
