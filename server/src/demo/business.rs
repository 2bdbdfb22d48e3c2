//! What deals came to, as a plan: quotes, contracts, what is due and what was paid.
//!
//! Customers pay late as customers do: most within days of the due date, some weeks
//! after, a few not at all. One contract in three is in the books of the office too, so
//! that claims and confirmed facts stand side by side.

use client_core::docs::deal::{LeadGrade, LeadSource, Priority};
use client_core::id::ItemId;
use client_core::time::{Date, Timestamp};

use super::chance::Chance;
use super::history::PastDeal;
use super::world::World;

/// How a deal was found, and what was written on paper for it.
#[derive(Debug, Clone)]
pub struct Business {
    /// Lead source.
    pub source: LeadSource,
    /// Lead grade.
    pub grade: LeadGrade,
    /// Priority.
    pub priority: Priority,
    /// The key of the product's line.
    pub line: ItemId,
    /// The quote, if it came that far.
    pub quote: Option<PastQuote>,
    /// The contract, if it was won.
    pub contract: Option<PastContract>,
}

/// A quote.
#[derive(Debug, Clone)]
pub struct PastQuote {
    /// Its key.
    pub id: ItemId,
    /// Issued.
    pub issued_at: Timestamp,
    /// What the customer decided, and when.
    pub decided: Option<(bool, Timestamp)>,
}

/// A contract with what is due.
#[derive(Debug, Clone)]
pub struct PastContract {
    /// Its number.
    pub number: String,
    /// Signed.
    pub signed_at: Timestamp,
    /// Key, due on, and how much in fen.
    pub instalments: Vec<(ItemId, Date, i64)>,
    /// What came in.
    pub payments: Vec<PastPayment>,
    /// Whether the office has it in its books too.
    pub booked: bool,
}

/// Money that came in.
#[derive(Debug, Clone)]
pub struct PastPayment {
    /// Its key.
    pub id: ItemId,
    /// When, by the day.
    pub at: Timestamp,
    /// How much in fen.
    pub amount_minor: i64,
    /// The instalment it is for.
    pub instalment: ItemId,
}

impl Business {
    /// When the last of it was written down.
    pub fn last(&self) -> Option<Timestamp> {
        let quote = self.quote.as_ref();
        let quoted = quote.map(|quote| quote.decided.map_or(quote.issued_at, |(_, at)| at));
        let paid = self.contract.iter().flat_map(|contract| &contract.payments);
        quoted.into_iter().chain(paid.map(|payment| payment.at)).max()
    }
}

/// Parts of a contract's amount in percent, and days after signing at which they are due.
const TERMS: [(i64, i64); 3] = [(30, 3), (50, 14), (20, 45)];

/// What came of a deal.
pub fn of(chance: &mut Chance, world: &World, deal: &PastDeal) -> Business {
    let grade = match chance.between(0, 9) {
        0..=2 => LeadGrade::A,
        3..=7 => LeadGrade::B,
        _ => LeadGrade::C,
    };
    let priority = match deal.amount_minor {
        150_000_000.. => Priority::P1,
        60_000_000.. => Priority::P2,
        _ => Priority::P3,
    };
    let source = chance.pick(LeadSource::KNOWN).cloned().unwrap_or(LeadSource::OwnProspecting);
    let proposal = deal.stages.iter().find(|(_, stage, _)| *stage == "proposal");
    let quote = proposal.map(|(_, _, at)| PastQuote {
        id: chance.item(*at),
        issued_at: *at,
        decided: deal.decided,
    });
    let won = deal.decided.filter(|(won, _)| *won);
    let contract = won.map(|(_, at)| contract(chance, world, at, deal.amount_minor));
    Business { source, grade, priority, line: chance.item(deal.created_at), quote, contract }
}

fn contract(chance: &mut Chance, world: &World, signed: Timestamp, amount: i64) -> PastContract {
    let on = world.zone.date(signed);
    let mut instalments = Vec::new();
    let mut payments = Vec::new();
    for (percent, days) in TERMS {
        let (id, due) = (chance.item(signed), on.plus_days(days));
        let part = amount / 100 * percent;
        instalments.push((id, due, part));
        let late = match chance.between(0, 9) {
            0..=6 => Some(chance.between(-2, 0)),
            7 => Some(chance.between(1, 5)),
            8 => Some(chance.between(6, 25)),
            _ => None,
        };
        let Some(late) = late else { continue };
        let paid_on = due.plus_days(late);
        if paid_on >= on && paid_on < world.today {
            let at = world.zone.start_of(paid_on).plus_millis(16 * 3_600_000).max(signed);
            payments.push(PastPayment {
                id: chance.item(at),
                at,
                amount_minor: part,
                instalment: id,
            });
        }
    }
    let number = format!("HT-{}-{:04}", on.to_string().replace('-', ""), chance.between(1, 9999));
    PastContract { number, signed_at: signed, instalments, payments, booked: chance.percent(34) }
}
