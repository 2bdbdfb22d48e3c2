//! What a team learns from its own work: help that was asked for, competitors that were
//! seen, deals that were decided; and what a reader supposes of a card.

use client_core::docs::deal::LossReview;
use client_core::docs::visit::{CompetitorSeen, HelpRequest, VisitMode};
use client_core::engine::{NewCustomer, NewDeal, NewVisit};
use client_core::id::ItemId;
use client_core::money::{Currency, Money};
use reqwest::StatusCode;
use tempfile::TempDir;
use tests::evening::Evening;
use tests::program::Program;
use tests::reader::Reader;

/// Boris hears of a competitor, asks for a quote and loses a deal, and Boris tells why.
async fn a_lost_deal(evening: &Evening, dir: &TempDir) {
    let phone = evening.phone(&dir.path().join("more"), "boris").await.unwrap();
    let made = NewCustomer { industry: Some("Steel".into()), ..NewCustomer::default() };
    let made = NewCustomer { name: "Foundry Nine".into(), ..made };
    let customer = phone.create_customer(made).unwrap().id;
    let visit = phone.log_visit(NewVisit::at(customer, VisitMode::Phone)).unwrap();
    phone
        .edit_visit(visit, |visit| {
            let seen = CompetitorSeen {
                name: Some("Rapid Tools".into()),
                note: Some("ten percent cheaper".into()),
            };
            visit.add_competitor(ItemId::from_bytes([1; 16]), &seen)?;
            visit.request_help(&HelpRequest {
                kind: Some("quote".into()),
                text: Some("A quote by Friday".into()),
                asked_of: None,
            })
        })
        .unwrap();
    let deal = phone.create_deal(NewDeal::with(customer, "Press line", "proposal")).unwrap();
    phone.lose_deal(deal, "price").unwrap();
    let review = LossReview {
        product_fit: Some(4),
        service_response: Some(3),
        terms: Some(1),
        competitor: Some("Rapid Tools".into()),
        reason: Some("Our terms were too short".into()),
    };
    phone.edit_deal(deal, |deal| deal.review_loss(&review)).unwrap();
    phone.sync_once().await.unwrap();
    phone.close();
    server::scoring::recompute_dirty(evening.server.app()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loss_a_competitor_and_a_call_for_help_are_found_by_whoever_leads_and_by_nobody_else() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    a_lost_deal(&evening, &dir).await;
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let anna = Reader::signed_in(&evening, "anna").await;

    let cases = zhou.page("/cases?outcome=lost&industry=Steel").await;
    for told in ["Press line", "Our terms were too short", "Rapid Tools", "1.00 of 5 (1 review)"] {
        assert!(cases.contains(told), "{told}: {cases}");
    }
    assert!(!zhou.page("/cases?outcome=won").await.contains("Press line"));
    assert!(zhou.page("/cases?outcome=won").await.contains("Pallet scanners"));
    assert_eq!(zhou.get("/cases?outcome=open").await.status(), StatusCode::BAD_REQUEST);
    let week = zhou.page("/competitors?week=2026-W41").await;
    assert!(week.contains("Rapid Tools") && week.contains("ten percent cheaper"), "{week}");
    assert!(!zhou.page("/competitors?week=2026-W40").await.contains("Rapid Tools"));
    for page in ["/help", "/due", "/reports/weekly/2026-W41"] {
        let html = zhou.page(page).await;
        assert!(html.contains("A quote by Friday"), "{page}: {html}");
    }
    for page in ["/cases", "/competitors", "/help", "/due"] {
        let html = anna.page(page).await;
        for hidden in ["Press line", "Rapid Tools", "A quote by Friday"] {
            assert!(!html.contains(hidden), "{page} shows {hidden} to a colleague");
        }
    }

    // Whoever leads answers, and the phone of whoever asked hears of it.
    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let asked = program.get("/v1/help").await.json;
    let (request, waits) = (asked[0]["id"].as_str().unwrap(), &asked[0]["answer"]);
    assert_eq!((waits, &asked[0]["kind"]), (&serde_json::json!(null), &"quote".into()));
    let path = format!("/help/{request}");
    let taken = zhou.post(&path, &[("state", "taken"), ("note", "")]).await;
    assert_eq!(taken.status(), StatusCode::SEE_OTHER);
    assert!(zhou.page("/help").await.contains("Taken over"));
    assert!(zhou.page("/due").await.contains("A quote by Friday"), "it still has to be done");
    let done = serde_json::json!({ "state": "done", "note": "The quote is in your mail." });
    let answered = program.post(&format!("/v1{path}"), &done).await;
    assert_eq!(answered.json["answer"]["state"], "done", "{}", answered.json);
    assert_eq!(answered.json["answer"]["by"]["name"], "周敏");
    assert!(!zhou.page("/due").await.contains("A quote by Friday"), "it was given");
    let page = zhou.page("/help").await;
    assert!(page.contains("The quote is in your mail.") && page.contains("Done"), "{page}");
    assert_eq!(anna.post(&path, &[("state", "done")]).await.status(), StatusCode::NOT_FOUND);
    let boris = Reader::signed_in(&evening, "boris").await;
    let own = boris.post(&path, &[("state", "declined")]).await;
    assert_eq!(own.status(), StatusCode::FORBIDDEN, "nobody answers what they asked themselves");
    let odd = serde_json::json!({ "state": "maybe" });
    let odd = program.post(&format!("/v1{path}"), &odd).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST, "{}", odd.json);
    let phone = evening.phone(&dir.path().join("after"), "boris").await.unwrap();
    let told = phone.help_answers().unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].note.as_deref(), Some("The quote is in your mail."));
    phone.close();
    let log = program.get("/v1/audit?what=decisions").await.json;
    let deeds = log["items"].as_array().unwrap().iter();
    let deeds = deeds.filter(|deed| deed["what"] == "help.answered").count();
    assert_eq!(deeds, 2, "who took it over stays beside who gave it: {log}");

    let cases = program.get("/v1/cases?outcome=lost").await.json;
    assert_eq!(cases[0]["review"]["terms"], 1, "{cases}");
    let brief = program.get("/v1/competitors?week=2026-W41").await.json;
    assert_eq!(brief["competitors"][0]["name"], "Rapid Tools", "{brief}");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_of_an_industry_stand_by_currency_and_the_largest_first_in_each() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let phone = evening.phone(&dir.path().join("more"), "boris").await.unwrap();
    let made = |name: &str, industry: &str| NewCustomer {
        name: name.into(),
        industry: Some(industry.into()),
        ..NewCustomer::default()
    };
    let yen: Currency = "JPY".parse().unwrap();
    let steel = phone.create_customer(made("Foundry Nine", "Steel")).unwrap().id;
    let paper = phone.create_customer(made("Mill Two", "Paper")).unwrap().id;
    for (customer, name, amount) in [
        (steel, "Small", Some((100, Currency::CNY))),
        (steel, "Abroad", Some((900_000, yen))),
        (steel, "Large", Some((5_000, Currency::CNY))),
        (steel, "Nothing said", None),
        (paper, "Rolls", Some((9_000_000, Currency::CNY))),
    ] {
        let deal = phone.create_deal(NewDeal::with(customer, name, "proposal")).unwrap();
        let amount = amount.map(|(minor, currency)| Money::new(minor, currency));
        phone
            .edit_deal(deal, |deal| {
                deal.set_amount(amount)?;
                deal.review_loss(&LossReview { terms: Some(2), ..LossReview::default() })
            })
            .unwrap();
        phone.lose_deal(deal, "price").unwrap();
    }
    phone.sync_once().await.unwrap();
    phone.close();
    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let cases = program.get("/v1/cases?outcome=lost&industry=steel").await.json;
    let names = cases.as_array().unwrap().iter();
    let names: Vec<&str> = names.map(|case| case["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Large", "Small", "Abroad", "Nothing said"], "{cases}");
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let page = zhou.page("/cases?industry=Steel").await;
    assert!(page.contains("2.00 of 5 (4 reviews)"), "{page}");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supposed_figure_moves_the_supposed_total_and_leaves_the_card_alone() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let card = format!("/scorecards/{}/2026-10", evening.chen);
    let before = zhou.page(&card).await;
    assert!(before.contains("id=\"whatif\"") && !before.contains("Points then"));
    let supposed = zhou.page(&format!("{card}?effective_visits=44")).await;
    assert!(supposed.contains("Points then") && supposed.contains("100.0%"), "{supposed}");
    let odd = zhou.page(&format!("{card}?effective_visits=many")).await;
    assert!(odd.contains("no figure of this kind") && !odd.contains("Points then"), "{odd}");
    assert_eq!(zhou.page(&card).await, before, "nothing is kept");

    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let suppose = format!("/v1{card}/suppose");
    let figures = serde_json::json!({ "figures": { "effective_visits": 44 } });
    let would = program.post(&suppose, &figures).await.json;
    let lines = would["lines"].as_array().unwrap();
    let line = lines.iter().find(|line| line["indicator"] == "effective_visits").unwrap();
    assert_eq!((&line["value"], &line["attainment"]), (&44.into(), &10_000.into()), "{would}");
    assert!(would["total"].as_i64() > would["was"].as_i64(), "{would}");
    let luck = serde_json::json!({ "figures": { "luck": 1 } });
    assert_eq!(program.post(&suppose, &luck).await.status, StatusCode::BAD_REQUEST);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_of_an_issued_report_is_read_by_a_program() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let made = program.post("/v1/reports/weekly/2026-W41", &serde_json::json!({})).await.json;
    let report = format!("/v1/reports/issued/{}", made["id"].as_str().unwrap());
    let receipt = program.get(&format!("{report}/receipt")).await;
    assert_eq!(receipt.status, StatusCode::OK);
    assert_eq!(receipt.json["receipt"], program.get(&report).await.json["receipt"]);
    assert_eq!(receipt.json["report_sha256"], made["report_sha256"]);
    assert!(!receipt.json["documents"].as_object().unwrap().is_empty());
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_of_a_product_line_shows_its_deals_alone_and_every_visit() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let figures = async |line: &str| {
        let board = program.get(&format!("/v1/board?line={line}")).await.json;
        let of = |name: &str| -> i64 {
            let reps = board["reps"].as_array().unwrap().iter();
            reps.map(|rep| rep[name]["actual"].as_i64().unwrap()).sum()
        };
        (of("effective_visits"), of("won_amount"))
    };
    let (visits, won) = figures("").await;
    assert!(visits > 0 && won > 0, "{visits} {won}");
    assert_eq!(figures("nothing").await, (visits, 0), "nothing of that line was sold");
    let zhou = Reader::signed_in(&evening, "zhou").await;
    assert!(zhou.page("/board?line=nothing").await.contains("line=nothing"), "links keep it");
    evening.server.shutdown().await;
}
