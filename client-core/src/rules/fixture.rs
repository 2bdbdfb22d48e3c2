//! Facts for tests, told in few words. The org is in Shanghai and works Monday
//! to Friday; times are given as `2026-10-08 09:30`.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, Weekday};

use crate::docs::deal::DealOutcome;
use crate::docs::visit::{Fix, Outcome, VisitMode};
use crate::docs::{ChangeHash, Heads};
use crate::geo::Point;
use crate::id::{DocId, RecordId, UserId};
use crate::money::{Currency, Money};
use crate::period::Period;
use crate::records::{CalendarRecord, Metric, Tier};
use crate::rules::facts::{
    CheckFact, CustomerFact, DealFact, Facts, OwnedSpan, TargetFact, VisitFact,
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
    }
}

pub(super) fn facts(text: &str) -> Facts {
    Facts {
        rep: REP,
        period: period(text),
        currency: Currency::CNY,
        calendar: calendar(),
        visits: Vec::new(),
        customers: Vec::new(),
        deals: Vec::new(),
        targets: Vec::new(),
        decisions: Vec::new(),
        signals: Vec::new(),
    }
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

/// A deal of [`REP`] with customer `customer`, created on a day at nine.
pub(super) fn team_deal(number: u8, customer: u8, created: &str) -> TeamDeal {
    TeamDeal {
        fact: DealFact {
            doc: doc(number),
            heads: heads(number),
            customer: Some(doc(customer)),
            stage: None,
            stages: Vec::new(),
            outcome: None,
            decided_at: None,
            amount: None,
            created_at: Some(at(&format!("{created} 09:00"))),
        },
        credit: Credit { rep: REP, unit: None },
        kind: None,
        lines: Vec::new(),
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
