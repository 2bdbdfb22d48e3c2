//! One simulated day in the field, as a script.
//!
//! Times are the org's; each step belongs to one phone. The script always
//! contains what the product exists for: three phones without signal for hours,
//! two colleagues changing the same field of a shared customer without seeing
//! each other, and a visit of yesterday that is logged only today.

use client_core::docs::visit::{Outcome, VisitMode};
use client_core::time::Timestamp;

use super::chance::Chance;
use super::names;
use super::world::World;

/// Something a rep does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The network goes or comes back.
    Signal(bool),
    /// Plans the day: customers to visit.
    Plan(Vec<usize>),
    /// Arrives at a customer.
    CheckIn {
        /// Index of the customer.
        customer: usize,
        /// Metres off the customer's point.
        off_by_m: i64,
    },
    /// Leaves, logs and submits the visit.
    CheckOut {
        /// Index of the customer.
        customer: usize,
        /// What came out.
        outcome: Outcome,
        /// In words.
        result: &'static str,
        /// What is next.
        next_step: &'static str,
    },
    /// Logs and submits a call of `minutes` that just ended.
    Call {
        /// Index of the customer.
        customer: usize,
        /// How.
        mode: VisitMode,
        /// Length.
        minutes: i64,
        /// In words.
        result: &'static str,
    },
    /// Logs and submits a visit that happened yesterday afternoon.
    LogYesterday {
        /// Index of the customer.
        customer: usize,
    },
    /// Sets the switchboard number of a customer.
    SetPhone {
        /// Index of the customer.
        customer: usize,
        /// The number.
        number: String,
    },
    /// Adds a tag to a customer.
    AddTag {
        /// Index of the customer.
        customer: usize,
        /// The tag.
        tag: &'static str,
    },
    /// Meets somebody new: a customer and a deal.
    NewCustomer {
        /// The name.
        name: String,
        /// Amount in fen.
        amount_minor: i64,
    },
    /// Wins the oldest open deal of the rep.
    WinDeal,
    /// Moves the rep's newest open deal on by a stage.
    MoveDeal,
    /// Submits the daily report.
    Report,
}

/// One step of the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// Which phone (index of the rep).
    pub phone: usize,
    /// What.
    pub action: Action,
}

/// The script of a day.
#[derive(Debug, Clone)]
pub struct Day {
    /// Steps in order of time.
    pub steps: Vec<Step>,
    /// Spans without signal.
    pub offline_spans: u32,
}

const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

/// Phones without signal: index, from and until in hours of the day.
const DEAD_ZONES: [(usize, i64, i64); 3] = [(0, 10, 14), (3, 11, 16), (1, 13, 17)];

impl Day {
    /// The script for the first `phones` reps on `date`, counted from the
    /// world's own day: another day is another script.
    pub fn new(world: &World, phones: usize, days_later: i64) -> Self {
        let mut chance = Chance::new(world.seed, 100 + days_later.unsigned_abs());
        let midnight = world.zone.start_of(world.today.plus_days(days_later));
        let mut steps = Vec::new();
        for phone in 0..phones {
            rounds(&mut chance, world, phone, midnight, &mut steps);
        }
        let mut offline_spans = 0;
        for (phone, from, until) in DEAD_ZONES {
            if phone < phones {
                offline_spans += 1;
                let mut push = |hour: i64, on| {
                    let at = midnight.plus_millis(hour * HOUR);
                    steps.push(Step { at, phone, action: Action::Signal(on) });
                };
                push(from, false);
                push(until, true);
            }
        }
        conflict(&mut chance, world, phones, midnight, &mut steps);
        if phones > 2 {
            let customer = world.owned_by(2).first().copied().unwrap_or_default();
            let at = midnight.plus_millis(8 * HOUR + 20 * MINUTE);
            steps.push(Step { at, phone: 2, action: Action::LogYesterday { customer } });
        }
        steps.sort_by_key(|step| (step.at, step.phone));
        Self { steps, offline_spans }
    }
}

/// A rep's ordinary day: plan, visits and calls, a deal moved, the report.
fn rounds(
    chance: &mut Chance,
    world: &World,
    phone: usize,
    midnight: Timestamp,
    steps: &mut Vec<Step>,
) {
    let mut customers = world.owned_by(phone);
    chance.shuffle(&mut customers);
    let planned: Vec<usize> = customers.iter().copied().take(4).collect();
    let mut push = |at: Timestamp, action| steps.push(Step { at, phone, action });
    push(midnight.plus_millis(8 * HOUR + (30 + phone as i64) * MINUTE), Action::Plan(planned));
    let mut at = midnight.plus_millis(9 * HOUR + chance.between(0, 25) * MINUTE);
    for customer in customers.iter().copied().take(6) {
        let length = chance.between(14, 45);
        if chance.percent(70) {
            push(at, Action::CheckIn { customer, off_by_m: chance.between(5, 90) });
            push(
                at.plus_millis(length * MINUTE),
                Action::CheckOut {
                    customer,
                    outcome: chance
                        .pick(&[Outcome::Progress, Outcome::Maintained, Outcome::FollowUp])
                        .cloned()
                        .unwrap_or(Outcome::Maintained),
                    result: chance.word(&names::RESULTS),
                    next_step: chance.word(&names::NEXT_STEPS),
                },
            );
        } else {
            let mode = if chance.percent(60) { VisitMode::Phone } else { VisitMode::Video };
            let result = chance.word(&names::RESULTS);
            push(
                at.plus_millis(length * MINUTE),
                Action::Call { customer, mode, minutes: length, result },
            );
        }
        at = at.plus_millis((length + chance.between(15, 50)) * MINUTE);
    }
    push(midnight.plus_millis(11 * HOUR + (5 + phone as i64) * MINUTE), Action::MoveDeal);
    if chance.percent(60) {
        let hour = 10 + chance.between(0, 6);
        push(midnight.plus_millis(hour * HOUR + 10 * MINUTE), Action::WinDeal);
    }
    if chance.percent(60) {
        let city = names::REGIONS.get(world.reps.get(phone).map_or(0, |rep| rep.region));
        let name = format!(
            "{}{}{}商行",
            city.map_or("", |region| region.city),
            chance.word(&names::ZH_BRANDS),
            chance.between(10, 99)
        );
        push(
            midnight.plus_millis((9 + 2 * (phone as i64 % 4)) * HOUR + 30 * MINUTE),
            Action::NewCustomer { name, amount_minor: chance.between(5, 60) * 1_000_000 },
        );
    }
    push(midnight.plus_millis(17 * HOUR + (40 + phone as i64) * MINUTE), Action::Report);
}

/// Two colleagues set the same number of one customer, neither seeing the other;
/// and one adds a tag, which is nobody's conflict.
fn conflict(
    chance: &mut Chance,
    world: &World,
    phones: usize,
    midnight: Timestamp,
    steps: &mut Vec<Step>,
) {
    let found = world.customers.iter().enumerate().find(|(_, customer)| {
        customer.owner == 0 && customer.shared_with.is_some_and(|other| other == 3)
    });
    let Some((customer, _)) = found.filter(|_| phones > 3) else { return };
    for (phone, hour) in [(0, 12), (3, 13)] {
        let at = midnight.plus_millis(hour * HOUR + 7 * MINUTE);
        let number = format!("021-{}", chance.between(60_000_000, 69_999_999));
        steps.push(Step { at, phone, action: Action::SetPhone { customer, number } });
    }
    let at = midnight.plus_millis(13 * HOUR + 9 * MINUTE);
    steps.push(Step { at, phone: 3, action: Action::AddTag { customer, tag: "样板工厂" } });
}
