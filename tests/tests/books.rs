//! The books of a customer on the page: entered, refused beside the field, withdrawn, and
//! closed to whoever does not keep them.

use client_core::id::RecordId;
use client_core::money::{Currency, Money};
use client_core::period::{Days, Period};
use client_core::records::{OrderRecord, Record, RecordKind};
use reqwest::StatusCode;
use server::office::Office;
use server::reports::{By, DealsQuestion, deal_report, team_report};
use server::storage::{Records, Reports};
use tempfile::TempDir;
use tests::evening::Evening;
use tests::program::Program;
use tests::reader::Reader;

async fn payments(evening: &Evening) -> Vec<Record> {
    let storage = evening.server.app().storage();
    let org = storage.orgs().await.unwrap()[0].id;
    storage.records_about(org, evening.customer, RecordKind::Payment).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_keeps_the_books_enters_and_withdraws_and_nobody_else_does() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let path = format!("/customers/{}/books", evening.customer);
    let (_, customer) = zhou.read(&format!("/customers/{}", evening.customer)).await;
    assert!(customer.contains(&format!("href=\"{path}\"")), "offered on the customer's page");
    let payment = |amount: &'static str, received: &'static str| {
        [("book", "payment"), ("received", received), ("amount", amount), ("number", "RE-7")]
    };
    let entered = zhou.post(&path, &payment("1,250.50", "2026-10-01")).await;
    assert_eq!(entered.status(), StatusCode::SEE_OTHER);
    let page = zhou.page(&path).await;
    assert!(page.contains("RE-7") && page.contains("1250.50 CNY"), "{page}");
    for (amount, received) in [("0", "2026-10-01"), ("much", "2026-10-01"), ("5", "2126-01-01")] {
        let refused = zhou.post(&path, &payment(amount, received)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{amount} {received}");
        let page = refused.text().await.unwrap();
        assert!(page.contains("wrong-why") && page.contains("RE-7"), "what was entered stays");
    }
    let terms = "2026-11-01 100\n2026-12-01 200";
    let contract =
        [("book", "contract"), ("signed", "2026-10-01"), ("amount", "300"), ("instalments", terms)];
    assert_eq!(zhou.post(&path, &contract).await.status(), StatusCode::SEE_OTHER);
    let case = [
        ("book", "case"),
        ("kind", "complaint"),
        ("subject", "<b>Leak</b>"),
        ("opened", "2026-10-01"),
    ];
    assert_eq!(zhou.post(&path, &case).await.status(), StatusCode::SEE_OTHER);
    let page = zhou.page(&path).await;
    assert!(page.contains("&#60;b&#62;Leak") || page.contains("&lt;b&gt;Leak"), "{page}");
    let resolve = page.split("action=\"").find(|part| part.contains("/resolve\""));
    let resolve = resolve.and_then(|part| part.split('"').next()).unwrap().to_owned();
    assert_eq!(zhou.press(&resolve).await.status(), StatusCode::SEE_OTHER);
    assert!(!zhou.page(&path).await.contains("/resolve\""), "it is resolved");

    let Some(Record::Payment(kept)) = payments(&evening).await.pop() else { panic!("no payment") };
    let withdraw = format!("{path}/payment/{}/withdraw", kept.id);
    let chen = Reader::signed_in(&evening, "chen").await;
    assert_eq!(chen.read(&path).await.0, StatusCode::FORBIDDEN, "a rep claims, and confirms not");
    assert_eq!(chen.press(&withdraw).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(zhou.press(&withdraw).await.status(), StatusCode::SEE_OTHER);
    let Some(Record::Payment(kept)) = payments(&evening).await.pop() else { panic!("no payment") };
    assert!(!kept.counts(), "it stays, and counts nowhere");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teams_figures_stand_on_real_data_and_on_the_books_where_they_say_more() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let app = evening.server.app();
    let org = app.storage().orgs().await.unwrap()[0].id;
    let office = Office::of(app.clone(), org);
    let october = Days::from("2026-10".parse::<Period>().unwrap());
    let east = office.units().await.unwrap().into_values().find(|unit| unit.parent.is_some());
    let look = async |unit| {
        let report = team_report(app, &office, october, unit).await.unwrap().unwrap();
        move |id: &str| {
            let found = report.figures.iter().find(|one| one.id == id);
            found.and_then(|one| one.figure.value)
        }
    };
    let claimed = look(None).await;
    // Chen's 128,000 yuan, and three heads in October.
    assert_eq!(claimed("won_amount"), Some(12_800_000));
    assert_eq!(claimed("amount_per_head"), Some(4_266_667));
    assert_eq!(claimed("concentration.top_1"), Some(10_000));
    assert!(claimed("visits_per_head") > Some(0), "{:?}", claimed("visits_per_head"));
    let (from, until) = october.bounds(&office.calendar().await.unwrap().zone);
    let deals = app.storage().deals_between(org, from, until).await.unwrap();
    let deal = deals.into_iter().find(|deal| deal.fact.amount.is_some()).unwrap().fact;
    let order = OrderRecord {
        id: RecordId::from_bytes([50; 16]),
        customer: deal.customer.unwrap(),
        deal: Some(deal.doc),
        reference: None,
        ordered_on: "2026-10-08".parse().unwrap(),
        amount: Money::new(10_000_000, Currency::CNY),
        paid_on: None,
        cancelled_on: None,
        lines: Vec::new(),
        withdrawn_at: None,
    };
    let now = app.clock().now();
    app.storage().write_records(org, vec![Record::Order(order)], now).await.unwrap();
    for unit in [None, east.map(|unit| unit.id)] {
        assert_eq!(look(unit).await("won_amount"), Some(10_000_000), "{unit:?}");
    }
    let asked = DealsQuestion { days: october, by: By::Rep };
    let report = deal_report(app, &office, asked).await.unwrap();
    assert_eq!(report.rows.iter().map(|row| row.won_minor).sum::<i64>(), 10_000_000);

    // A program whose answer was lost enters nothing twice.
    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let before = payments(&evening).await.len();
    let books = format!("/v1/customers/{}/books", evening.customer);
    let payment = serde_json::json!({ "kind": "payment", "on": "2026-10-02", "minor": 700 });
    let first = program.post_once(&books, &payment, "transfer 12").await;
    assert_eq!(program.post_once(&books, &payment, "transfer 12").await.json, first.json);
    assert_eq!(payments(&evening).await.len(), before + 1);
    evening.server.shutdown().await;
}
