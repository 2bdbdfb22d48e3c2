//! Two months of visits, deals and cases, as a plan.
//!
//! The history has what real logs have: short visits, a forgotten check-out, a
//! check-in three streets away, a phone without a fix, and one faked position.

use client_core::docs::visit::{Outcome, VisitMode};
use client_core::id::{DocId, ItemId};
use client_core::records::CalendarRecord;
use client_core::time::Timestamp;

use super::business::{self, Business};
use super::chance::Chance;
use super::heard::{self, Seen, Wanted};
use super::service::{self, PastCase};
use super::world::World;
use super::{earlier, names};

/// A visit that happened before the played day.
#[derive(Debug, Clone)]
pub struct PastVisit {
    /// The document.
    pub id: DocId,
    /// Index of the rep.
    pub rep: usize,
    /// Index of the customer.
    pub customer: usize,
    /// Start.
    pub start: Timestamp,
    /// Length in minutes.
    pub minutes: i64,
    /// How.
    pub mode: VisitMode,
    /// What is wrong with it, if anything.
    pub flaw: Flaw,
    /// What came out.
    pub outcome: Outcome,
    /// In words.
    pub result: &'static str,
    /// What is next.
    pub next_step: &'static str,
    /// A need heard.
    pub need: Option<(ItemId, &'static str)>,
    /// A competitor seen.
    pub competitor: Option<Seen>,
    /// Help that is asked for.
    pub help: Option<Wanted>,
    /// Metres between the customer and the check-in.
    pub off_by_m: i64,
}

/// What can be wrong with a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Nothing.
    None,
    /// Over after four minutes.
    Short,
    /// No check-out.
    NoCheckOut,
    /// Checked in outside the fence.
    Far,
    /// The phone had no position.
    NoFix,
    /// A mock provider gave the position.
    Mock,
    /// No outcome chosen.
    NoOutcome,
}

/// A deal that began before the played day.
#[derive(Debug, Clone)]
pub struct PastDeal {
    /// The document.
    pub id: DocId,
    /// Index of the rep.
    pub rep: usize,
    /// Index of the customer.
    pub customer: usize,
    /// What it is about.
    pub product: &'static str,
    /// Created.
    pub created_at: Timestamp,
    /// Stage entries in order.
    pub stages: Vec<(ItemId, &'static str, Timestamp)>,
    /// Amount in fen.
    pub amount_minor: i64,
    /// Won or lost, and when.
    pub decided: Option<(bool, Timestamp)>,
    /// What was written on paper for it.
    pub business: Option<Business>,
}

impl PastDeal {
    /// When it was written to last.
    pub fn last(&self) -> Timestamp {
        let stage = self.stages.last().map_or(self.created_at, |(_, _, at)| *at);
        let decided = self.decided.map_or(stage, |(_, at)| at.max(stage));
        self.business.as_ref().and_then(Business::last).map_or(decided, |at| at.max(decided))
    }
}

/// The history of a world.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Visits, oldest first.
    pub visits: Vec<PastVisit>,
    /// Deals, oldest first.
    pub deals: Vec<PastDeal>,
    /// Complaints, enquiries and surveys, oldest first.
    pub cases: Vec<PastCase>,
}

/// Stage codes of the default pipeline (S3), in order.
pub const STAGES: [&str; 4] = ["initial_contact", "needs_confirmed", "proposal", "closed"];

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

impl History {
    /// The history of `world`.
    pub fn new(world: &World, calendar: &CalendarRecord) -> Self {
        let mut chance = Chance::new(world.seed, 2);
        let mut history = Self::default();
        for (rep, person) in world.reps.iter().enumerate() {
            let owned = world.owned_by(rep);
            let mut day = world.first_day.plus_days(7);
            while day < world.today {
                if calendar.is_working_day(day) {
                    let visits = chance.between(person.visits_a_day.0, person.visits_a_day.1);
                    let mut start = world.zone.start_of(day).plus_millis(9 * HOUR);
                    for _ in 0..visits {
                        start = start.plus_millis(chance.between(5, 40) * MINUTE);
                        let Some(customer) = choose(&mut chance, world, &owned) else { break };
                        let visit = visit(&mut chance, rep, customer, start);
                        start = start.plus_millis((visit.minutes + 15) * MINUTE);
                        history.visits.push(visit);
                    }
                }
                day = day.next();
            }
            history.deals.extend(deals(&mut chance, world, rep, &owned));
        }
        history.visits.sort_by_key(|visit| (visit.start, visit.id));
        heard::hear(world, &mut history.visits);
        history.deals.sort_by_key(|deal| (deal.created_at, deal.id));
        let mut chance = Chance::new(world.seed, 4);
        for deal in &mut history.deals {
            deal.business = Some(business::of(&mut chance, world, deal));
        }
        let earlier = earlier::deals(world, &history.deals);
        history.deals.extend(earlier);
        history.deals.sort_by_key(|deal| (deal.created_at, deal.id));
        history.cases = service::cases(world);
        history.cases.sort_by_key(|case| (case.opened_at, case.id));
        history
    }
}

/// A customers come up more often, and some C customers never do.
fn choose(chance: &mut Chance, world: &World, owned: &[usize]) -> Option<usize> {
    let weighted: Vec<usize> = owned
        .iter()
        .enumerate()
        .flat_map(|(position, index)| {
            let times = match world.customers.get(*index).map(|customer| customer.tier) {
                Some(client_core::records::Tier::A) => 5,
                Some(client_core::records::Tier::B) => 3,
                _ if position % 6 == 5 => 0,
                _ => 1,
            };
            std::iter::repeat_n(*index, times)
        })
        .collect();
    chance.pick(&weighted).copied()
}

fn visit(chance: &mut Chance, rep: usize, customer: usize, start: Timestamp) -> PastVisit {
    let mode = match chance.between(0, 99) {
        0..=64 => VisitMode::Onsite,
        65..=84 => VisitMode::Phone,
        85..=92 => VisitMode::Video,
        _ => VisitMode::Wechat,
    };
    let flaw = match chance.between(0, 199) {
        0..=5 => Flaw::Short,
        6..=9 => Flaw::NoCheckOut,
        10..=15 if mode == VisitMode::Onsite => Flaw::Far,
        16..=25 if mode == VisitMode::Onsite => Flaw::NoFix,
        26 if mode == VisitMode::Onsite => Flaw::Mock,
        27..=29 => Flaw::NoOutcome,
        _ => Flaw::None,
    };
    PastVisit {
        id: chance.doc(start),
        rep,
        customer,
        start,
        minutes: if flaw == Flaw::Short { 4 } else { chance.between(12, 55) },
        mode,
        flaw,
        outcome: chance
            .pick(&[
                Outcome::Progress,
                Outcome::Maintained,
                Outcome::FollowUp,
                Outcome::Order,
                Outcome::Rejected,
            ])
            .cloned()
            .unwrap_or(Outcome::Maintained),
        result: chance.word(&names::RESULTS),
        next_step: chance.word(&names::NEXT_STEPS),
        need: chance.percent(40).then(|| (chance.item(start), chance.word(&names::NEEDS))),
        competitor: None,
        help: None,
        off_by_m: if flaw == Flaw::Far { 900 } else { chance.between(5, 120) },
    }
}

fn deals(chance: &mut Chance, world: &World, rep: usize, owned: &[usize]) -> Vec<PastDeal> {
    let start = world.zone.start_of(world.first_day.plus_days(7));
    let days = world.today.days_since(world.first_day).max(15) - 8;
    owned
        .iter()
        .filter_map(|customer| {
            if !chance.percent(70) {
                return None;
            }
            let created_at = start.plus_millis(chance.between(0, days - 1) * 24 * HOUR + 10 * HOUR);
            let end = world.zone.start_of(world.today);
            let mut at = created_at;
            let mut stages = vec![];
            let reached = usize::try_from(chance.between(1, 6)).unwrap_or(1);
            for stage in STAGES.iter().take(reached) {
                if at >= end {
                    break;
                }
                stages.push((chance.item(at), *stage, at));
                at = at.plus_millis(chance.between(3, 14) * 24 * HOUR);
            }
            let last = stages.last().map_or(created_at, |(_, _, at)| *at);
            let decided = match (stages.len(), chance.between(0, 99)) {
                (4, _) => Some((true, last)),
                (_, 0..=19) if at < end => Some((false, at)),
                _ => None,
            };
            Some(PastDeal {
                id: chance.doc(created_at),
                rep,
                customer: *customer,
                product: chance.word(&names::PRODUCTS),
                created_at,
                stages,
                amount_minor: chance.between(8, 240) * 1_000_000,
                decided,
                business: None,
            })
        })
        .collect()
}
