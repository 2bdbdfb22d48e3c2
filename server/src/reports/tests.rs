//! Reports over a few deals made by hand.

use client_core::docs::deal::DealOutcome;
use client_core::docs::{ChangeHash, Heads};
use client_core::id::{DocId, ProductId, UnitId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Days;
use client_core::records::{ProductRecord, UnitKind, UnitRecord};
use client_core::rules::facts::DealFact;
use client_core::rules::{Credit, DealLine, TeamDeal};
use client_core::time::{Date, Timestamp, Zone};

use super::deals::{Hundredths, report};
use super::{By, DealReport, DealRow, DealsQuestion, Names};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Shanghai: a day begins eight hours before it does in UTC.
fn zone() -> Zone {
    Zone::fixed("Asia/Shanghai", 8 * 3600)
}

fn usd() -> Currency {
    "USD".parse().unwrap()
}

fn rep(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

fn unit(number: u8) -> UnitId {
    UnitId::from_bytes([number; 16])
}

fn noon(text: &str) -> Timestamp {
    zone().start_of(day(text)).plus_millis(12 * 3_600_000)
}

/// A deal of rep 1 in unit 3 with customer 100.
fn deal(number: u8, began: &str) -> TeamDeal {
    TeamDeal {
        fact: DealFact {
            customer: Some(DocId::from_bytes([100; 16])),
            created_at: Some(noon(began)),
            ..DealFact::new(
                DocId::from_bytes([number; 16]),
                Heads::new(vec![ChangeHash([number; 32])]),
            )
        },
        credit: Credit { rep: rep(1), unit: Some(unit(3)) },
        kind: None,
        lines: Vec::new(),
        taken_back: false,
    }
}

fn won(number: u8, began: &str, closed: &str, minor: i64) -> TeamDeal {
    let mut deal = lost(number, began, closed);
    deal.fact.outcome = Some(DealOutcome::Won);
    deal.fact.amount = Some(Money::new(minor, usd()));
    deal
}

fn lost(number: u8, began: &str, closed: &str) -> TeamDeal {
    let mut deal = deal(number, began);
    deal.fact.outcome = Some(DealOutcome::Lost);
    deal.fact.decided_at = Some(noon(closed));
    deal
}

fn line(product: &str, minor: Option<i64>) -> DealLine {
    let amount = minor.map(|minor| Money::new(minor, usd()));
    DealLine { product: Some(product.to_owned()), amount }
}

fn names() -> Names {
    let unit = |number: u8, name: &str, parent: Option<u8>| UnitRecord {
        id: unit(number),
        name: name.to_owned(),
        kind: UnitKind::Team,
        parent: parent.map(unit),
    };
    let units = [unit(1, "Acme", None), unit(2, "West", Some(1)), unit(3, "Team Ann", Some(2))];
    let units = units.into_iter().chain([unit(4, "East", Some(1))]);
    let product = |code: &str, name: &str| ProductRecord {
        id: ProductId::from_bytes([code.as_bytes()[0]; 16]),
        code: code.to_owned(),
        name: name.to_owned(),
        line: None,
        list_price: None,
        class: None,
        margin: None,
        launched_on: None,
        active: true,
    };
    Names {
        reps: [(rep(1), "Anna".to_owned()), (rep(2), "Boris".to_owned())].into(),
        units: units.map(|unit| (unit.id, unit)).collect(),
        customers: [(DocId::from_bytes([100; 16]), "Betatech".to_owned())].into(),
        products: vec![product("P1", "GTX Pro"), product("P2", "MG Special")],
    }
}

fn asked(by: By, deals: &[TeamDeal]) -> DealReport {
    let days = Days::new(day("2017-01-01"), day("2017-04-01")).unwrap();
    report(DealsQuestion { days, by }, deals, 7, &names(), &zone(), usd())
}

/// Name, won, lost, open, won amount.
fn figures(rows: &[DealRow]) -> Vec<(&str, u64, u64, u64, i64)> {
    let each = rows.iter();
    each.map(|row| (row.name.as_str(), row.won, row.lost, row.open, row.won_minor)).collect()
}

#[test]
fn the_json_has_these_keys_in_this_order() {
    let deals = [won(1, "2017-01-10", "2017-02-01", 5000), won(2, "2017-01-10", "2017-02-02", 1)];
    let json = serde_json::to_string(&asked(By::Month, &deals)).unwrap();
    assert_eq!(
        json,
        "{\"from\":\"2017-01-01\",\"to\":\"2017-04-01\",\"by\":\"month\",\"rows\":[{\"key\":\
         \"2017-02\",\"name\":\"February 2017\",\"currency\":\"USD\",\"won\":2,\"lost\":0,\"open\":0,\
         \"won_minor\":5001,\"win_rate_bp\":10000,\"cycle_median_days\":22.5,\"cycle_mean_days\":\
         22.5}],\"undated\":7}"
    );
    let open = serde_json::to_value(asked(By::Month, &[deal(3, "2017-03-01")])).unwrap();
    let row = &open["rows"][0];
    assert!(row["win_rate_bp"].is_null() && row["cycle_median_days"].is_null(), "{row}");
    assert_eq!(serde_json::to_string(&Hundredths(4500)).unwrap(), "45", "whole days are whole");
}

#[test]
fn a_decided_deal_belongs_to_its_close_and_an_open_one_to_its_beginning() {
    let deals = [
        won(1, "2016-11-01", "2017-01-01", 100),
        lost(2, "2017-01-05", "2017-03-31"),
        won(3, "2017-01-05", "2017-04-01", 900),
        won(4, "2016-10-01", "2016-12-31", 900),
        deal(5, "2017-03-31"),
        deal(6, "2017-04-01"),
        deal(7, "2016-12-31"),
    ];
    let found = asked(By::Rep, &deals);
    assert_eq!(figures(&found.rows), [("Anna", 1, 1, 1, 100)]);
    assert_eq!(found.rows[0].key, rep(1).to_string());
    assert_eq!(found.rows[0].win_rate_bp, Some(5000));
    assert_eq!(found.rows[0].cycle_median_days, Some(Hundredths(6100)), "November and December");
    assert_eq!(found.undated, 7, "as counted by the store");
    let months = asked(By::Month, &deals);
    let expected = [("January 2017", 1, 0, 0, 100), ("March 2017", 0, 1, 1, 0)];
    assert_eq!(figures(&months.rows), expected);
}

#[test]
fn a_deal_closed_at_midnight_belongs_to_the_day_that_begins_in_the_orgs_zone() {
    let mut first = lost(1, "2016-12-01", "2017-01-01");
    first.fact.decided_at = Some(zone().start_of(day("2017-01-01")));
    let mut after = lost(2, "2016-12-01", "2017-04-01");
    after.fact.decided_at = Some(zone().start_of(day("2017-04-01")));
    assert_eq!(figures(&asked(By::Rep, &[first, after]).rows), [("Anna", 0, 1, 0, 0)]);
}

#[test]
fn a_unit_includes_the_units_below_it() {
    let mut east = won(2, "2017-01-01", "2017-02-01", 50);
    east.credit.unit = Some(unit(4));
    let mut nowhere = lost(3, "2017-01-01", "2017-02-01");
    nowhere.credit.unit = None;
    let found = asked(By::Unit, &[won(1, "2017-01-01", "2017-02-01", 100), east, nowhere]);
    let expected = [
        ("Acme", 2, 0, 0, 150),
        ("East", 1, 0, 0, 50),
        ("West", 1, 0, 0, 100),
        ("Team Ann", 1, 0, 0, 100),
        ("(no unit)", 0, 1, 0, 0),
    ];
    assert_eq!(figures(&found.rows), expected, "each below the unit it belongs to");
    let depths: Vec<usize> = found.rows.iter().map(|row| row.depth).collect();
    assert_eq!(depths, [0, 1, 1, 2, 0]);
    assert_eq!(figures(&found.totals), [("TOTAL", 2, 1, 0, 150)], "and nothing twice");
}

#[test]
fn a_tree_with_a_cycle_ends_all_the_same() {
    let mut names = names();
    names.units.get_mut(&unit(1)).unwrap().parent = Some(unit(3));
    let days = Days::new(day("2017-01-01"), day("2017-04-01")).unwrap();
    let question = DealsQuestion { days, by: By::Unit };
    let deals = [won(1, "2017-01-01", "2017-02-01", 100)];
    let found = report(question, &deals, 0, &names, &zone(), usd());
    assert_eq!(found.rows.len(), 3);
}

#[test]
fn currencies_have_their_own_rows_and_no_amount_is_the_orgs_currency() {
    let eur: Currency = "EUR".parse().unwrap();
    let mut euros = won(1, "2017-01-01", "2017-02-01", 100);
    euros.fact.amount = Some(Money::new(999_999, eur));
    let mut free = won(2, "2017-01-01", "2017-02-01", 0);
    free.fact.amount = None;
    let found = asked(By::Rep, &[euros, free, won(3, "2017-01-01", "2017-02-01", 5)]);
    let each: Vec<_> =
        found.rows.iter().map(|row| (row.currency, row.won, row.won_minor)).collect();
    assert_eq!(each, [(usd(), 2, 5), (eur, 1, 999_999)], "the org's own first");
    assert_eq!(found.totals.len(), 2);
}

#[test]
fn the_largest_comes_first_and_equals_by_name() {
    let by = |number: u8, who: u8, minor: i64| {
        let mut deal = won(number, "2017-01-01", "2017-02-01", minor);
        deal.credit.rep = rep(who);
        deal
    };
    let found = asked(By::Rep, &[by(1, 1, 10), by(2, 2, 20), by(3, 9, 5)]);
    let order: Vec<&str> = found.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(order, ["Boris", "Anna", "(unknown)"]);
    let found = asked(By::Rep, &[by(1, 2, 10), by(2, 1, 10)]);
    let order: Vec<&str> = found.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(order, ["Anna", "Boris"]);
}

#[test]
fn products_are_those_of_the_catalogue_by_code_or_name() {
    let with = |deal: TeamDeal, lines: Vec<DealLine>| TeamDeal { lines, ..deal };
    let closed = |number, minor| won(number, "2017-01-01", "2017-02-01", minor);
    let deals = [
        // One line: the final amount, whatever the line says.
        with(closed(1, 100), vec![line("gtx pro", Some(482))]),
        with(closed(2, 70), vec![line("P1", Some(40)), line("MG Special", Some(25))]),
        with(closed(3, 8), vec![line("P2", None), line("P2", Some(3)), line("sand", None)]),
        closed(4, 1),
    ];
    let found = asked(By::Product, &deals);
    let expected = [
        ("GTX Pro", 2, 0, 0, 140),
        ("MG Special", 2, 0, 0, 28),
        ("sand", 1, 0, 0, 0),
        ("(no product)", 1, 0, 0, 1),
    ];
    assert_eq!(figures(&found.rows), expected);
    let keys: Vec<&str> = found.rows.iter().map(|row| row.key.as_str()).collect();
    assert_eq!(keys, ["P1", "P2", "sand", ""]);
    assert_eq!(figures(&found.totals), [("TOTAL", 4, 0, 0, 179)]);
}

#[test]
fn customers_have_their_names_and_those_without_are_together() {
    let mut nobody = deal(1, "2017-02-01");
    nobody.fact.customer = None;
    let found = asked(By::Customer, &[nobody, lost(2, "2017-01-01", "2017-02-01")]);
    assert_eq!(figures(&found.rows), [("Betatech", 0, 1, 0, 0), ("(no customer)", 0, 0, 1, 0)]);
}

#[test]
fn an_ending_of_a_newer_version_is_neither_won_nor_lost_nor_open() {
    let mut merged = lost(1, "2017-01-01", "2017-02-01");
    merged.fact.outcome = Some(DealOutcome::Unknown("merged".into()));
    assert!(asked(By::Rep, &[merged]).rows.is_empty());
}

#[test]
fn a_deal_without_an_amount_stands_with_those_of_its_products_prices() {
    let eur: Currency = "EUR".parse().unwrap();
    let mut priced = names();
    priced.products[0].list_price = Some(Money::new(482_100, usd()));
    let mut open = deal(1, "2017-02-01");
    open.lines = vec![line("gtx pro", None)];
    let deals = [won(2, "2017-01-10", "2017-02-01", 5000), open, deal(3, "2017-02-01")];
    let days = Days::new(day("2017-01-01"), day("2017-04-01")).unwrap();
    let asked = DealsQuestion { days, by: By::Rep };
    let report = report(asked, &deals, 0, &priced, &zone(), eur);
    let rows: Vec<_> = report.rows.iter().map(|row| (row.currency, row.won, row.open)).collect();
    assert_eq!(rows, [(eur, 0, 1), (usd(), 1, 1)]);
}
