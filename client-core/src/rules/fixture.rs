//! Facts for tests, told in few words. The org is in Shanghai and works Monday
//! to Friday; times are given as `2026-10-08 09:30`.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, Weekday};

use crate::docs::deal::DealOutcome;
use crate::docs::visit::{Fix, Outcome, VisitMode};
use crate::docs::{ChangeHash, Heads};
use crate::geo::Point;
use crate::id::{DocId, ItemId, RecordId, UserId};
use crate::money::{Currency, Money};
use crate::period::Period;
use crate::records::{CalendarRecord, Metric, Tier, WeekStart};
use crate::rules::facts::{
    CaseFact, CaseKind, CheckFact, ContractFact, CustomerFact, DealFact, FactRef, Facts,
    InstalmentFact, Key, OrderFact, Origin, OwnedSpan, PaymentFact, PlanFact, PurchaseFact,
    QuoteFact, StopFact, SurveyFact, SurveyKind, TargetFact, VisitFact,
};
use crate::rules::policy::Policy;
use crate::rules::team::{Credit, DealLine, TeamDeal};
use crate::time::{Date, Timestamp, Zone};

pub(super) const REP: UserId = UserId::from_bytes([7; 16]);

pub(super) fn doc(number: u8) -> DocId {
    DocId::from_bytes([number; 16])
}

pub(super) fn heads(number: u8) -> Heads {
    Heads::new(vec![ChangeHash([number; 32])])
}

pub(super) fn at(local: &str) -> Timestamp {
    let naive = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
    Timestamp::from(naive.and_utc()).plus_millis(-8 * 3_600_000)
}

pub(super) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn period(text: &str) -> Period {
    text.parse().unwrap()
}

pub(super) fn policy() -> Policy {
    Policy::preset("guide-standard").unwrap()
}

pub(super) fn calendar() -> CalendarRecord {
    CalendarRecord {
        id: RecordId::from_bytes([1; 16]),
        zone: Zone::fixed("Asia/Shanghai", 8 * 3600),
        weekend: vec![Weekday::Sat, Weekday::Sun],
        holidays: BTreeSet::new(),
        adjusted_workdays: BTreeSet::new(),
        week_starts: WeekStart::Monday,
        away: BTreeSet::new(),
    }
}

pub(super) fn facts(text: &str) -> Facts {
    Facts::empty(REP, period(text), Currency::CNY, calendar())
}

/// Where every customer of the tests is.
pub(super) fn here() -> Point {
    Point::wgs84(312_304_000, 1_214_737_000).unwrap()
}

/// A fix about `metres` north of [`here`].
pub(super) fn fix(metres: i64, accuracy_m: i64) -> Fix {
    let north = metres * 10_000_000 / 111_195;
    Fix {
        point: Point { lat_e7: here().lat_e7 + north, ..here() },
        accuracy_mm: accuracy_m * 1000,
        provider: "gps".into(),
        is_mock: false,
        age_s: 1,
    }
}

pub(super) fn customer(number: u8, tier: Option<Tier>) -> CustomerFact {
    CustomerFact {
        doc: doc(number),
        heads: heads(number),
        name: Some(format!("Customer {number}")),
        known_since: Some(at("2025-01-06 09:00")),
        position: Some(here()),
        lifecycle: None,
        at_risk: false,
        owned: vec![OwnedSpan { from: at("2025-01-06 09:00"), until: None, tier }],
    }
}

/// An onsite visit in the fence with nothing missing, of `minutes`.
pub(super) fn onsite(number: u8, customer: u8, start: &str, minutes: i64) -> VisitFact {
    let start = at(start);
    let end = start.plus_millis(minutes * 60_000);
    VisitFact {
        doc: doc(number),
        heads: heads(number),
        author: REP,
        customer: Some(doc(customer)),
        customer_name: Some(format!("Customer {customer}")),
        mode: Some(VisitMode::Onsite),
        started_at: Some(start),
        ended_at: Some(end),
        check_in: Some(CheckFact { at: start, fix: Some(fix(20, 10)) }),
        check_out: Some(CheckFact { at: end, fix: None }),
        outcome: Some(Outcome::Progress),
        has_text: false,
        has_next_step: true,
        submitted_at: Some(end),
        co_visitors: Vec::new(),
        deals: Vec::new(),
        edited_after_submit: false,
        purpose: None,
        next_step_due: None,
        planned: None,
        competitor_seen: false,
    }
}

/// A contact in another mode, without checks.
pub(super) fn remote(
    number: u8,
    customer: u8,
    mode: VisitMode,
    start: &str,
    minutes: i64,
) -> VisitFact {
    VisitFact {
        mode: Some(mode),
        check_in: None,
        check_out: None,
        ..onsite(number, customer, start, minutes)
    }
}

/// An open deal without a history.
pub(super) fn deal_fact(number: u8, customer: Option<u8>, created: Option<Timestamp>) -> DealFact {
    DealFact {
        customer: customer.map(doc),
        created_at: created,
        ..DealFact::new(doc(number), heads(number))
    }
}

/// A deal of [`REP`] with customer `customer`, created on a day at nine.
pub(super) fn team_deal(number: u8, customer: u8, created: &str) -> TeamDeal {
    TeamDeal {
        fact: deal_fact(number, Some(customer), Some(at(&format!("{created} 09:00")))),
        credit: Credit { rep: REP, unit: None },
        kind: None,
        lines: Vec::new(),
        taken_back: false,
    }
}

impl TeamDeal {
    /// The same, decided on a day at 18:00.
    pub(super) fn decided(mut self, outcome: DealOutcome, on: &str) -> Self {
        self.fact.outcome = Some(outcome);
        self.fact.decided_at = Some(at(&format!("{on} 18:00")));
        self
    }

    /// The same, won on a day for so many minor units.
    pub(super) fn won(mut self, on: &str, minor: i64) -> Self {
        self.fact.amount = Some(Money::new(minor, Currency::CNY));
        self.decided(DealOutcome::Won, on)
    }

    /// The same with a line.
    pub(super) fn line(mut self, product: &str, minor: Option<i64>) -> Self {
        let amount = minor.map(|minor| Money::new(minor, Currency::CNY));
        self.lines.push(DealLine { product: Some(product.to_owned()), amount });
        self
    }
}

pub(super) fn target_fact(number: u8, metric: Metric, of: &str, value: i64) -> TargetFact {
    TargetFact {
        id: RecordId::from_bytes([number; 16]),
        metric,
        period: period(of),
        value,
        published_on: None,
    }
}

pub(super) fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

pub(super) fn fact(number: u8) -> FactRef {
    FactRef { doc: doc(number), heads: heads(number) }
}

pub(super) fn item(number: u8) -> ItemId {
    ItemId::from_bytes([number; 16])
}

/// What tells the item of a document apart.
pub(super) fn key(number: u8, of: u8) -> Key {
    Key { doc: doc(number), item: Some(item(of)) }
}

/// An item of a document that a rep wrote.
pub(super) fn claim(number: u8, of: u8) -> Origin {
    Origin::claim(fact(number), Some(item(of)))
}

/// A record.
pub(super) fn record(number: u8) -> Origin {
    Origin::confirmed(fact(number), None)
}

/// An instalment of customer 100 under a deal.
pub(super) fn instalment(number: u8, deal: u8, due: &str, minor: i64) -> InstalmentFact {
    InstalmentFact {
        origin: claim(deal, number),
        account: doc(deal),
        customer: Some(doc(100)),
        due_on: Some(day(due)),
        amount: Some(yuan(minor)),
    }
}

/// A payment of customer 100 under a deal, for an instalment if named.
pub(super) fn payment(
    number: u8,
    deal: u8,
    on: &str,
    minor: i64,
    names: Option<u8>,
) -> PaymentFact {
    PaymentFact {
        origin: claim(deal, number),
        account: doc(deal),
        customer: Some(doc(100)),
        received_on: Some(day(on)),
        amount: Some(yuan(minor)),
        instalment: names.map(|named| key(deal, named)),
        refund_of: None,
    }
}

/// A quote that nobody decided yet.
pub(super) fn quote(deal: u8, number: u8, issued: &str) -> QuoteFact {
    QuoteFact {
        origin: claim(deal, number),
        customer: Some(doc(100)),
        deal: Some(doc(deal)),
        issued_on: Some(day(issued)),
        accepted: None,
        decided_on: None,
        amount: None,
    }
}

/// A contract with customer 100.
pub(super) fn contract(deal: u8, signed: &str) -> ContractFact {
    ContractFact {
        origin: Origin::claim(fact(deal), None),
        customer: Some(doc(100)),
        deal: Some(doc(deal)),
        signed_on: Some(day(signed)),
        amount: None,
        number: None,
    }
}

/// A confirmed order of the rep's, not paid.
pub(super) fn order(number: u8, customer: u8, on: &str, minor: i64) -> OrderFact {
    OrderFact {
        origin: record(number),
        customer: Some(doc(customer)),
        deal: None,
        own: true,
        ordered_on: Some(day(on)),
        amount: Some(yuan(minor)),
        paid_on: None,
        cancelled_on: None,
    }
}

/// A won and paid deal of the rep's.
pub(super) fn purchase(number: u8, customer: u8, on: &str) -> PurchaseFact {
    PurchaseFact {
        fact: fact(number),
        customer: doc(customer),
        on: day(on),
        own: true,
        paid: true,
        paid_confirmed: false,
    }
}

/// A complaint.
pub(super) fn case(number: u8, customer: u8, opened: &str, replied: Option<&str>) -> CaseFact {
    CaseFact {
        fact: fact(number),
        author: REP,
        customer: Some(doc(customer)),
        kind: CaseKind::Complaint,
        opened_at: Some(at(opened)),
        first_reply_at: replied.map(at),
        resolved_at: None,
        cause: None,
        action: None,
        satisfied: None,
    }
}

pub(super) fn survey(number: u8, customer: u8, on: &str, score: u8) -> SurveyFact {
    SurveyFact {
        fact: fact(number),
        item: Some(item(number)),
        customer: Some(doc(customer)),
        kind: SurveyKind::Nps,
        score,
        answered_on: Some(day(on)),
    }
}

/// A day of the rep's with a stop at each customer.
pub(super) fn plan(number: u8, date: &str, customers: &[u8]) -> PlanFact {
    PlanFact {
        fact: fact(number),
        rep: REP,
        date: day(date),
        stops: customers
            .iter()
            .map(|customer| StopFact {
                id: item(*customer),
                customer: Some(doc(*customer)),
                visit: None,
                skipped: false,
            })
            .collect(),
        key_tasks: Vec::new(),
        report_submitted_at: None,
    }
}
