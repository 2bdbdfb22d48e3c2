//! What customers asked, complained of and answered, as a plan.
//!
//! Most cases are answered within hours. The first rep of each region has a customer
//! that complained three times in a month, and one that is about to leave: it does not
//! recommend us, and its complaint stands open for more than a week.

use client_core::docs::case::{CaseKind, SurveyKind};
use client_core::id::{DocId, ItemId};
use client_core::time::{Date, Timestamp};

use super::chance::Chance;
use super::names;
use super::world::World;

/// A complaint, an enquiry or a survey before the played day.
#[derive(Debug, Clone)]
pub struct PastCase {
    /// The document.
    pub id: DocId,
    /// Index of the rep.
    pub rep: usize,
    /// Index of the customer.
    pub customer: usize,
    /// What it is.
    pub kind: CaseKind,
    /// In a line.
    pub subject: &'static str,
    /// When the customer brought it.
    pub opened_at: Timestamp,
    /// When it was answered first.
    pub replied_at: Option<Timestamp>,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
    /// What was answered to a survey.
    pub answers: Vec<(ItemId, SurveyKind, u8, Date)>,
}

impl PastCase {
    /// When it was written to last.
    pub fn last(&self) -> Timestamp {
        self.resolved_at.or(self.replied_at).unwrap_or(self.opened_at)
    }
}

const HOUR: i64 = 3_600_000;

/// Surveys of a rep in two months.
const SURVEYS: usize = 8;
/// Cases of a rep in two months.
const CASES: usize = 4;

/// The cases of every rep.
pub fn cases(world: &World) -> Vec<PastCase> {
    let mut chance = Chance::new(world.seed, 5);
    let mut cases = Vec::new();
    for rep in 0..world.reps.len() {
        let owned = world.owned_by(rep);
        let mut plan = Plan { chance: &mut chance, world, rep, cases: &mut cases };
        for _ in 0..SURVEYS {
            let Some(customer) = plan.chance.pick(&owned).copied() else { continue };
            let day = plan.some_day();
            let score = plan.chance.pick(&[10, 9, 9, 9, 8, 8, 8, 7, 7, 6]).copied().unwrap_or(8);
            plan.survey(customer, day, score);
        }
        for _ in 0..CASES {
            let Some(customer) = plan.chance.pick(&owned).copied() else { continue };
            let day = plan.some_day();
            let kind =
                if plan.chance.percent(60) { CaseKind::Enquiry } else { CaseKind::Complaint };
            let hours = plan.chance.between(1, 20);
            plan.case(customer, kind, day, Some(hours));
        }
        if rep < world.units.len() {
            plan.troubled(&owned);
        }
    }
    cases
}

struct Plan<'p> {
    chance: &'p mut Chance,
    world: &'p World,
    rep: usize,
    cases: &'p mut Vec<PastCase>,
}

impl Plan<'_> {
    /// A day of the history on which every customer is known already.
    fn some_day(&mut self) -> Date {
        let days = self.world.today.days_since(self.world.first_day);
        self.world.first_day.plus_days(self.chance.between(7, days - 1))
    }

    /// Days before the played one, and never before the customers came.
    fn ago(&self, days: i64) -> Date {
        self.world.today.plus_days(-days).max(self.world.first_day.plus_days(7))
    }

    fn troubled(&mut self, owned: &[usize]) {
        if let Some(customer) = owned.get(2).copied() {
            for days in [24, 12, 3] {
                self.case(customer, CaseKind::Complaint, self.ago(days), Some(5));
            }
        }
        if let Some(customer) = owned.get(1).copied() {
            self.case(customer, CaseKind::Complaint, self.ago(8), None);
            self.survey(customer, self.ago(6), 3);
        }
        // Asked yesterday evening, not answered yet.
        if let Some(customer) = owned.get(3).copied() {
            self.case(customer, CaseKind::Enquiry, self.ago(1), None);
        }
    }

    fn survey(&mut self, customer: usize, day: Date, score: u8) {
        let at = self.world.zone.start_of(day).plus_millis(15 * HOUR);
        let kind = if self.chance.percent(70) { SurveyKind::Csat } else { SurveyKind::Nps };
        let kind = if score < 5 { SurveyKind::Nps } else { kind };
        let answers = vec![(self.chance.item(at), kind, score, day)];
        self.push(customer, CaseKind::Survey, "季度回访", at, (None, None), answers);
    }

    /// A case that was answered after some hours, and resolved a day or two later.
    fn case(&mut self, customer: usize, kind: CaseKind, day: Date, hours: Option<i64>) {
        let at = self.world.zone.start_of(day).plus_millis(self.chance.between(9, 18) * HOUR);
        let end = self.world.zone.start_of(self.world.today);
        let replied = hours.map(|hours| at.plus_millis(hours * HOUR)).filter(|at| *at < end);
        let resolved = replied.map(|at| at.plus_millis(self.chance.between(4, 48) * HOUR));
        let subject = match kind {
            CaseKind::Complaint => self.chance.word(&names::COMPLAINTS),
            _ => self.chance.word(&names::ENQUIRIES),
        };
        let times = (replied, resolved.filter(|at| *at < end));
        self.push(customer, kind, subject, at, times, Vec::new());
    }

    fn push(
        &mut self,
        customer: usize,
        kind: CaseKind,
        subject: &'static str,
        opened_at: Timestamp,
        (replied_at, resolved_at): (Option<Timestamp>, Option<Timestamp>),
        answers: Vec<(ItemId, SurveyKind, u8, Date)>,
    ) {
        let (id, rep) = (self.chance.doc(opened_at), self.rep);
        self.cases.push(PastCase {
            id,
            rep,
            customer,
            kind,
            subject,
            opened_at,
            replied_at,
            resolved_at,
            answers,
        });
    }
}
