//! Reports over a few facts made by hand.

use std::collections::BTreeMap;

use client_core::docs::deal::DealOutcome;
use client_core::docs::{ChangeHash, Heads};
use client_core::id::{DocId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::rules::facts::DealFact;
use client_core::rules::policy::preset_text;
use client_core::rules::{Credit, TeamDeal};
use client_core::time::{Timestamp, Zone};

use super::issue::{Kept, Told, Verified, verify};
use super::report::{digest, id};
use super::sources::{
    DealTold, HelpTold, Known, MonthSold, PolicyUsed, SoldTold, VisitTold, VisitsOf,
};
use super::{Cell, Kind, Question, Report, Section, Sources};
use crate::storage::model::{IssuedReport, Seq};

fn zone() -> Zone {
    Zone::fixed("Asia/Shanghai", 8 * 3600)
}

fn noon(day: &str) -> Timestamp {
    zone().start_of(day.parse().unwrap()).plus_millis(12 * 3_600_000)
}

fn doc(n: u8) -> DocId {
    DocId::from_bytes([n; 16])
}

fn rep(n: u8) -> UserId {
    UserId::from_bytes([n; 16])
}

fn heads(n: u8) -> Heads {
    Heads::new(vec![ChangeHash([n; 32])])
}

fn deal(n: u8, outcome: DealOutcome, decided: &str, amount: Money) -> DealTold {
    let fact = DealFact {
        customer: Some(doc(100)),
        outcome: Some(outcome),
        decided_at: Some(noon(decided)),
        created_at: Some(noon("2026-09-01")),
        amount: Some(amount),
        ..DealFact::new(doc(n), heads(n))
    };
    let credit = Credit { rep: rep(1), unit: None };
    DealTold {
        deal: TeamDeal { fact, credit, kind: None, lines: Vec::new(), taken_back: false },
        name: Some(format!("deal {n}")),
        lost_reason: None,
        review: None,
        intent: None,
    }
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn told(n: u8, customer: u8, needs: &[&str]) -> VisitTold {
    VisitTold {
        doc: doc(n),
        heads: heads(n),
        rep: rep(1),
        customer: Some(doc(customer)),
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        competitors: Vec::new(),
        help: None,
    }
}

/// A week with two deals won, one lost, one won the week before and one after.
fn sources() -> Sources {
    let toml = preset_text("guide-standard").unwrap();
    let usd = Money::new(700, "USD".parse().unwrap());
    Sources {
        question: Question { kind: Kind::Weekly, period: "2026-W41".parse().unwrap(), unit: None },
        as_of: noon("2026-10-11"),
        feed_position: 77,
        org: "Acme".into(),
        unit_name: None,
        currency: Currency::CNY,
        zone: zone(),
        policy: Some(PolicyUsed { version: 1, toml: toml.to_owned() }),
        known: Known { up_to: Some(noon("2026-10-11")), heard: 1, phones: 2 },
        people: BTreeMap::from([(rep(1), "Anna".to_owned())]),
        customers: BTreeMap::from([(doc(100), Some("Betatech".to_owned()))]),
        deals: vec![
            deal(1, DealOutcome::Won, "2026-10-05", cny(1_000)),
            deal(2, DealOutcome::Won, "2026-10-11", usd),
            deal(3, DealOutcome::Lost, "2026-10-07", cny(9_000)),
            deal(4, DealOutcome::Won, "2026-10-04", cny(400)),
            deal(5, DealOutcome::Won, "2026-10-12", cny(5_000)),
        ],
        sold: None,
        months: vec![MonthSold {
            month: "2026-10".parse().unwrap(),
            won: vec![cny(1_400)],
            target: Some(2_800),
        }],
        industries: vec![(None, 1), (Some("Steel".into()), 2), (Some("Paper".into()), 5)],
        visits: vec![VisitsOf { rep: rep(1), visits: 4, counted: 3, customers: 2 }],
        visits_before: Vec::new(),
        told: vec![
            told(11, 100, &["Faster delivery", "Lower price"]),
            told(12, 100, &["faster  delivery"]),
            told(13, 101, &["Ｆaster delivery", "Training"]),
            told(14, 102, &["Training"]),
            told(15, 103, &["Spare parts"]),
        ],
        plans: Vec::new(),
        cards: Vec::new(),
        open_with: Vec::new(),
        tiers: Vec::new(),
        actions: Vec::new(),
    }
}

fn section<'a>(report: &'a Report, code: &str) -> &'a Section {
    report.sections.iter().find(|section| section.code == code).unwrap()
}

#[test]
fn a_week_counts_what_was_decided_in_it_and_no_more() {
    let report = Report::of(&sources());
    let closed = section(&report, "closed");
    let figures: Vec<(&str, &Cell, Option<&Cell>)> =
        closed.figures.iter().map(|one| (one.code, &one.value, one.before.as_ref())).collect();
    let usd = |minor| Cell::Money(Money::new(minor, "USD".parse().unwrap()));
    assert_eq!(figures[0], ("won_amount", &Cell::Money(cny(1_000)), Some(&Cell::Money(cny(400)))));
    assert_eq!(figures[1], ("won_amount", &usd(700), Some(&usd(0))));
    assert_eq!(figures[2], ("won_deals", &Cell::Count(2), Some(&Cell::Count(1))));
    assert_eq!(figures[3], ("lost_deals", &Cell::Count(1), Some(&Cell::Count(0))));
    assert_eq!(figures[4].1, &Cell::Share { basis_points: 6_667 });
    assert_eq!(closed.tables[0].rows.len(), 2);
}

#[test]
fn the_amount_is_what_the_policy_counts_where_that_is_known() {
    let mut sources = sources();
    let usd = Money::new(50, "USD".parse().unwrap());
    sources.sold = Some(SoldTold { now: vec![usd], before: vec![cny(-30)] });
    let report = Report::of(&sources);
    let closed = section(&report, "closed");
    let money = |money| Cell::Money(money);
    let figures: Vec<_> = closed
        .figures
        .iter()
        .map(|one| (one.code, one.value.clone(), one.before.clone()))
        .collect();
    assert_eq!(figures[0], ("won_amount", money(cny(0)), Some(money(cny(-30)))));
    assert_eq!(figures[1].1, money(usd));
    assert_eq!(figures[2].1, Cell::Count(2), "how many deals were won is theirs");
}

#[test]
fn what_was_decided_after_the_instant_of_looking_is_not_known() {
    let mut sources = sources();
    sources.as_of = noon("2026-10-06");
    let report = Report::of(&sources);
    assert_eq!(section(&report, "closed").figures[1].value, Cell::Count(1));
}

#[test]
fn a_need_is_counted_by_customers_and_one_spelling_stands_for_all() {
    let report = Report::of(&sources());
    let needs = &section(&report, "needs").tables[0];
    let rows: Vec<(&Cell, &Cell, &Cell)> =
        needs.rows.iter().map(|row| (&row[0], &row[1], &row[2])).collect();
    assert_eq!(needs.left_out, 1);
    assert_eq!((rows[0].1, rows[0].2), (&Cell::Count(2), &Cell::Count(3)));
    assert_eq!((rows[1].0, rows[1].1), (&Cell::Text("Training".into()), &Cell::Count(2)));
}

#[test]
fn help_that_was_asked_for_on_a_visit_stands_in_the_week() {
    let mut sources = sources();
    let text = Some("Quote by Friday".to_owned());
    sources.told[1].help =
        Some(HelpTold { on: "2026-10-08".parse().unwrap(), kind: Some("quote".into()), text });
    let report = Report::of(&sources);
    let rows = &section(&report, "help").tables[0].rows;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0][3], Cell::Text("Quote by Friday".into()));
}

#[test]
fn industries_stand_by_size_and_what_is_unsaid_last() {
    let report = Report::of(&sources());
    let rows = &section(&report, "industries").tables[0].rows;
    let names: Vec<&Cell> = rows.iter().map(|row| &row[0]).collect();
    let unsaid = Cell::code("report_slice", "unsaid");
    assert_eq!(names, [&Cell::Text("Paper".into()), &Cell::Text("Steel".into()), &unsaid]);
    assert_eq!(rows[0][2], Cell::Share { basis_points: 6_250 });
}

#[test]
fn the_same_facts_give_the_same_bytes_and_a_kept_report_proves_itself() {
    let sources = sources();
    let json = Report::of(&sources).to_json();
    let read: Sources = ciborium::from_reader(sources.to_bytes().as_slice()).unwrap();
    assert_eq!(read, sources, "facts come back as they were kept");
    assert_eq!(Report::of(&read).to_json(), json);
    let facts_digest = digest(&sources.to_bytes());
    let row = IssuedReport {
        id: id(&facts_digest),
        kind: "weekly".into(),
        period: "2026-W41".into(),
        unit: None,
        as_of: sources.as_of,
        feed_position: Seq::from_wire(77),
        rules_version: client_core::rules::RULES_VERSION,
        policy_version: Some(1),
        issued_at: sources.as_of,
        issued_by: None,
        facts_digest,
        report_digest: digest(&json),
    };
    let kept = Kept { row, told: Some(Told { sources, facts_digest, json: json.clone() }) };
    assert_eq!(verify(&kept, Some(&json)), Verified::Same);
    assert_eq!(verify(&kept, Some(b"{}")), Verified::Different);
    let erased = Kept { told: None, ..kept.clone() };
    assert_eq!(verify(&erased, Some(&json)), Verified::Erased { same_digest: Some(true) });
    let mut altered = kept;
    if let Some(told) = &mut altered.told {
        told.sources.deals.clear();
    }
    assert_eq!(verify(&altered, None), Verified::Different);
}

#[test]
fn a_report_is_of_periods_of_its_kind() {
    let check = |kind: Kind, period: &str, fits: bool| {
        let period: Period = period.parse().unwrap();
        assert_eq!(kind.is_of(period), fits, "{kind:?} {period}");
    };
    check(Kind::Weekly, "2026-W41", true);
    check(Kind::Weekly, "2026-S41", true);
    check(Kind::Weekly, "2026-10", false);
    check(Kind::Daily, "2026-10-08", true);
    check(Kind::Monthly, "2026-10", true);
    check(Kind::Quarterly, "FQ2026-04", true);
    check(Kind::Quarterly, "2026", false);
}
