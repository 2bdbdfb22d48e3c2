//! What somebody does on a phone, through the calls an app makes.

use client_core::docs::visit::{NextStep, Outcome, VisitMode};
use client_core::engine::{
    Client, CustomerQuery, DealQuery, NewCustomer, NewDeal, NewVisit, SaveError, VisitQuery,
};
use client_core::id::{DocId, UserId};

use super::script::Task;

/// One piece of work, the `turn`th of the run.
pub struct Work<'a> {
    /// The app.
    pub client: &'a Client,
    /// Whose.
    pub user: UserId,
    /// Makes what is written differ from step to step.
    pub turn: usize,
}

impl Work<'_> {
    /// Does it. Work on something that is not there is not done.
    pub fn perform(&self, task: Task) -> Result<(), SaveError> {
        match task {
            Task::Find => self.find(),
            Task::Rename(n) => self.with(self.customers(), n, |customer| {
                let name = format!("客户 {}", self.turn);
                self.client.edit_customer(customer, |edit| edit.set_name(Some(&name)))
            }),
            Task::Note(n) => self.with(self.customers(), n, |customer| {
                let note = self.long();
                self.client.edit_customer(customer, |edit| edit.set_notes(Some(&note)))
            }),
            Task::Offer(n) => self.with(self.customers(), n, |customer| {
                let name = format!("deal {}", self.turn);
                self.client.create_deal(NewDeal::with(customer, &name, "lead")).map(drop)
            }),
            Task::Move(n) => self.with(self.deals(), n, |deal| {
                let stage = ["qualified", "quoted", "negotiation"][self.turn % 3];
                self.client.move_deal(deal, stage)
            }),
            Task::Win(n) => self.with(self.deals(), n, |deal| self.client.win_deal(deal, None)),
            Task::CheckIn(n) => self.with(self.customers(), n, |customer| {
                self.client.check_in(customer, VisitMode::Onsite, None).map(drop)
            }),
            Task::Visit(n) => self.with(self.customers(), n, |customer| self.visit(customer, true)),
            Task::Draft(n) => {
                self.with(self.customers(), n, |customer| self.visit(customer, false))
            }
            Task::Continue(n) => self.with(self.visits(true), n, |visit| {
                let result = self.long();
                self.client.edit_visit(visit, |edit| edit.set_result(Some(&result)))
            }),
            Task::Submit(n) => {
                self.with(self.visits(true), n, |visit| self.client.submit_visit(visit))
            }
            Task::Amend(n) => self.with(self.visits(false), n, |visit| {
                let text = format!("amended {}", self.turn);
                self.client.amend_visit(visit, "forgot something", &text).map(drop)
            }),
            Task::Plan(n) => self.with(self.customers(), n, |customer| {
                self.client.add_stop(self.client.today(), customer, Some("renew")).map(drop)
            }),
        }
    }

    fn find(&self) -> Result<(), SaveError> {
        let new = NewCustomer {
            name: format!("Acme {}", self.turn),
            notes: Some(self.long()),
            ..NewCustomer::default()
        };
        self.client.create_customer(new).map(drop)
    }

    fn visit(&self, customer: DocId, submit: bool) -> Result<(), SaveError> {
        let mut visit = NewVisit::at(customer, VisitMode::Phone);
        visit.outcome = Some(Outcome::Progress);
        visit.result = Some(self.long());
        visit.next_step = Some(NextStep::None);
        visit.submit = submit;
        self.client.log_visit(visit).map(drop)
    }

    /// Some hundred bytes, so that a few documents fill a page.
    fn long(&self) -> String {
        format!("step {}: {}", self.turn, "说了很多话, ".repeat(12 + self.turn % 24))
    }

    fn with(
        &self,
        found: Vec<DocId>,
        nth: u8,
        work: impl FnOnce(DocId) -> Result<(), SaveError>,
    ) -> Result<(), SaveError> {
        match usize::from(nth).checked_rem(found.len()).and_then(|index| found.get(index)) {
            Some(doc) => work(*doc),
            None => Ok(()),
        }
    }

    fn customers(&self) -> Vec<DocId> {
        let query = CustomerQuery { limit: 200, ..CustomerQuery::default() };
        let page = self.client.customers(&query).expect("customers are listed");
        sorted(page.items.into_iter().map(|entry| entry.id))
    }

    fn deals(&self) -> Vec<DocId> {
        let query = DealQuery { limit: 200, ..DealQuery::default() };
        let page = self.client.deals(&query).expect("deals are listed");
        sorted(page.items.into_iter().map(|entry| entry.id))
    }

    /// One's own visits: drafts, or those that are submitted.
    fn visits(&self, drafts: bool) -> Vec<DocId> {
        let query =
            VisitQuery { author: Some(self.user), drafts, limit: 200, ..VisitQuery::default() };
        let page = self.client.visits(&query).expect("visits are listed");
        let wanted =
            page.items.into_iter().filter(|entry| entry.state.submitted_at.is_none() == drafts);
        sorted(wanted.map(|entry| entry.id))
    }
}

fn sorted(ids: impl Iterator<Item = DocId>) -> Vec<DocId> {
    let mut ids: Vec<DocId> = ids.collect();
    ids.sort();
    ids
}
