//! The books of a customer on the page: entered, refused beside the field, withdrawn, and
//! closed to whoever does not keep them.

use client_core::records::{Record, RecordKind};
use reqwest::StatusCode;
use server::storage::Records;
use tempfile::TempDir;
use tests::evening::Evening;
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
