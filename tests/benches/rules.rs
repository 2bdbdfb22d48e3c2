//! What the rules cost, without any storage: a rep's month, a company's month, a morning's
//! agenda. The figures of docs/PERFORMANCE.md come from here.

use std::collections::BTreeMap;

use chrono::Weekday;
use client_core::docs::deal::DealOutcome;
use client_core::docs::visit::{Fix, Outcome, VisitMode};
use client_core::docs::{ChangeHash, Heads};
use client_core::geo::Point;
use client_core::id::{DocId, ItemId, RecordId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::records::{CalendarRecord, Metric, Tier, WeekStart};
use client_core::rules::facts::{
    CheckFact, CustomerFact, DealFact, Facts, InstalmentFact, Origin, OwnedSpan, PaymentFact,
    PurchaseFact, StageFact, TargetFact, VisitFact,
};
use client_core::rules::{FactRef, Policy, evaluate, whom_next};
use client_core::time::{Timestamp, Zone};
use criterion::{Criterion, criterion_group, criterion_main};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

fn zone() -> Zone {
    Zone::fixed("Asia/Shanghai", 8 * 3600)
}

fn month() -> Period {
    "2026-10".parse().expect("a month")
}

/// The first instant of the month.
fn begin() -> Timestamp {
    month().bounds(&zone()).0
}

fn doc(kind: u8, number: usize) -> DocId {
    let number = u128::try_from(number).expect("a small number");
    DocId::from_bytes((u128::from(kind) << 96 | number).to_be_bytes())
}

fn heads(doc: DocId) -> Heads {
    let mut hash = [7; 32];
    hash[..16].copy_from_slice(doc.as_bytes());
    Heads::new(vec![ChangeHash(hash)])
}

fn place(number: usize) -> Point {
    let step = i64::try_from(number % 1_000).expect("a small number") * 10_000;
    Point::wgs84(312_304_000 + step, 1_214_737_000).expect("a point near Shanghai")
}

fn customer(number: usize) -> CustomerFact {
    let doc = doc(1, number);
    let tier = [Tier::A, Tier::B, Tier::C][number % 3];
    let known = begin().plus_millis(-400 * DAY_MS);
    CustomerFact {
        doc,
        heads: heads(doc),
        name: Some(format!("Customer {number}")),
        known_since: Some(known),
        position: Some(place(number)),
        lifecycle: None,
        at_risk: false,
        owned: vec![OwnedSpan { from: known, until: None, tier: Some(tier) }],
    }
}

/// An onsite visit of half an hour, `back` days before the month's last.
fn visit(rep: UserId, number: usize, customer: usize, back: i64) -> VisitFact {
    let doc = doc(2, number);
    let slot = i64::try_from(number % 16).expect("a small number");
    let at = begin().plus_millis((30 - back) * DAY_MS + (9 * 60 + slot * 40) * MINUTE_MS);
    let end = at.plus_millis(30 * MINUTE_MS);
    let fix = Fix {
        point: place(customer),
        accuracy_mm: 12_000,
        provider: "gps".into(),
        is_mock: false,
        age_s: 2,
    };
    VisitFact {
        doc,
        heads: heads(doc),
        author: rep,
        customer: Some(self::doc(1, customer)),
        customer_name: Some(format!("Customer {customer}")),
        mode: Some(VisitMode::Onsite),
        started_at: Some(at),
        ended_at: Some(end),
        check_in: Some(CheckFact { at, fix: Some(fix.clone()) }),
        check_out: Some(CheckFact { at: end, fix: Some(fix) }),
        outcome: Some(Outcome::Progress),
        has_text: true,
        has_next_step: true,
        submitted_at: Some(end.plus_millis(MINUTE_MS)),
        co_visitors: Vec::new(),
        deals: Vec::new(),
        edited_after_submit: false,
        purpose: None,
        next_step_due: Some(zone().date(end).plus_days(14)),
        planned: None,
        competitor_seen: false,
    }
}

/// A won deal with two instalments, one of them paid.
fn deal(facts: &mut Facts, number: usize, customer: usize) {
    let doc = doc(3, number);
    let day = i64::try_from(number % 28).expect("a small number");
    let won = begin().plus_millis(day * DAY_MS + 10 * 60 * MINUTE_MS);
    let on = zone().date(won);
    let amount = |minor| Some(Money::new(minor, Currency::CNY));
    let fact = FactRef { doc, heads: heads(doc) };
    let buyer = self::doc(1, customer);
    facts.deals.push(DealFact {
        customer: Some(buyer),
        stage: Some("closed".into()),
        stages: vec![StageFact { at: won.plus_millis(-20 * DAY_MS), stage: "proposal".into() }],
        outcome: Some(DealOutcome::Won),
        decided_at: Some(won),
        amount: amount(5_000_000),
        created_at: Some(won.plus_millis(-40 * DAY_MS)),
        ..DealFact::new(doc, heads(doc))
    });
    facts.purchases.push(PurchaseFact {
        fact: fact.clone(),
        customer: buyer,
        on,
        own: true,
        paid: true,
        paid_confirmed: true,
    });
    let item = |part: u8| ItemId::from_bytes([part; 16]);
    for (part, due) in [(1, on), (2, on.plus_days(30))] {
        facts.instalments.push(InstalmentFact {
            origin: Origin::claim(fact.clone(), Some(item(part))),
            account: doc,
            customer: Some(buyer),
            due_on: Some(due),
            amount: amount(2_500_000),
        });
    }
    facts.payments.push(PaymentFact {
        origin: Origin::claim(fact, Some(item(3))),
        account: doc,
        customer: Some(buyer),
        received_on: Some(on),
        amount: amount(2_500_000),
        instalment: None,
        refund_of: None,
    });
}

/// A rep with so many customers, visits spread over the month, and forty deals.
fn rep_month(number: u8, customers: usize, visits: usize) -> Facts {
    let rep = UserId::from_bytes([number; 16]);
    let calendar = CalendarRecord {
        id: RecordId::from_bytes([1; 16]),
        zone: zone(),
        weekend: vec![Weekday::Sat, Weekday::Sun],
        holidays: Default::default(),
        adjusted_workdays: Default::default(),
        week_starts: WeekStart::Monday,
        away: std::collections::BTreeSet::new(),
    };
    let mut facts = Facts::empty(rep, month(), Currency::CNY, calendar);
    facts.customers = (0..customers).map(customer).collect();
    facts.visits = (0..visits)
        .map(|one| {
            let back = i64::try_from(one % 30).expect("a small number");
            visit(rep, one, one % customers, back)
        })
        .collect();
    for one in 0..40 {
        deal(&mut facts, one, one % customers);
    }
    for (id, metric, value) in
        [(1, Metric::SalesAmount, 150_000_000), (2, Metric::EffectiveVisits, 400)]
    {
        facts.targets.push(TargetFact {
            id: RecordId::from_bytes([id; 16]),
            metric,
            period: month(),
            value,
            published_on: None,
        });
    }
    facts.sort();
    facts
}

fn rules(criterion: &mut Criterion) {
    let policy = Policy::preset("guide-standard").expect("it ships");
    let evening = begin().plus_millis(30 * DAY_MS + 18 * 60 * MINUTE_MS);

    let one = rep_month(1, 200, 500);
    criterion.bench_function("rules: scorecard of a rep-month with 500 visits", |bench| {
        bench.iter(|| evaluate(&one, &policy, month(), evening));
    });

    let company: Vec<Facts> = (0..200).map(|rep| rep_month(rep, 60, 160)).collect();
    let mut slow = criterion.benchmark_group("rules");
    slow.sample_size(10);
    slow.bench_function("scorecards of a month of 200 reps, 160 visits each", |bench| {
        bench.iter(|| {
            let cards = company.iter().map(|facts| evaluate(facts, &policy, month(), evening));
            cards.filter_map(|card| card.scorecard.total).count()
        });
    });
    slow.finish();

    let large = rep_month(1, 5_000, 500);
    let card = evaluate(&large, &policy, month(), evening);
    let places: BTreeMap<DocId, Point> =
        (0..5_000).map(|number| (doc(1, number), place(number))).collect();
    let today = zone().date(evening);
    criterion.bench_function("rules: agenda over 5,000 customers, from the card", |bench| {
        bench.iter(|| {
            whom_next(&card.due, &card.risks, &card.tasks, &places, Some(place(7)), today)
        });
    });
    criterion.bench_function("rules: card and agenda over 5,000 customers", |bench| {
        bench.iter(|| {
            let card = evaluate(&large, &policy, month(), evening);
            whom_next(&card.due, &card.risks, &card.tasks, &places, Some(place(7)), today)
        });
    });
}

criterion_group!(benches, rules);
criterion_main!(benches);
