//! What a manager decides on pages: two customers are one, a visit does not count, a
//! conflict is settled. Reps and strangers decide nothing.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use client_core::id::DocId;
use client_core::projection::DocState;
use client_core::rules::{Verdict, VisitReason};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Response, StatusCode};
use server::office::Office;
use server::storage::lists::{CustomerFilter, Window};
use server::storage::{Documents, Lists, Records};
use tempfile::TempDir;
use tests::evening::{Evening, PASSWORD};

fn encoded(pairs: &[(&str, &str)]) -> String {
    let letter = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    let text = |value: &str| value.bytes().map(letter).collect::<String>();
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", text(name), text(value)));
    pairs.collect::<Vec<_>>().join("&")
}

async fn post(evening: &Evening, cookie: &str, path: &str, pairs: &[(&str, &str)]) -> Response {
    tests::tools::http()
        .post(evening.url(path))
        .header(COOKIE, cookie)
        .header("origin", evening.url(""))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(encoded(pairs))
        .send()
        .await
        .unwrap()
}

async fn cookie(evening: &Evening, login: &str) -> String {
    let answer = post(evening, "", "/sign-in", &[("login", login), ("password", PASSWORD)]).await;
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn get(evening: &Evening, cookie: &str, path: &str) -> (StatusCode, String) {
    let request = tests::tools::http().get(evening.url(path)).header(COOKIE, cookie);
    let answer = request.header("accept", "text/html").send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn customers(evening: &Evening) -> Vec<DocId> {
    let storage = evening.server.app().storage();
    let org = storage.orgs().await.unwrap()[0].id;
    let window = Window { limit: 50, offset: 0 };
    storage.find_customers(org, CustomerFilter::default(), window).await.unwrap().docs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_merges_two_customers_side_by_side_and_takes_it_back() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = cookie(&evening, "zhou").await;
    let kept = evening.customer;
    let before = customers(&evening).await;
    let other = *before.iter().find(|doc| **doc != kept).unwrap();
    let path = format!("/customers/{kept}/merge");
    let (_, shown) = get(&evening, &zhou, &format!("/customers/{kept}")).await;
    assert!(shown.contains(&format!("href=\"{path}\"")), "offered on the customer's page");
    let (status, page) = get(&evening, &zhou, &format!("{path}?with={other}")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("id=\"compare\"") && page.contains("value=\"other\""), "{page}");
    let merged =
        post(&evening, &zhou, &path, &[("with", &other.to_string()), ("keep", "this")]).await;
    assert_eq!(merged.status(), StatusCode::SEE_OTHER);
    assert_eq!(merged.headers()[LOCATION], format!("{path}?done=merged"));
    assert_eq!(customers(&evening).await.len(), before.len() - 1);
    let (_, page) = get(&evening, &zhou, &path).await;
    assert!(page.contains("id=\"merged\"") && page.contains(&other.to_string()), "{page}");
    // The other way round would be a circle: told, and nothing is lost.
    let way_back = format!("/customers/{other}/merge");
    let circle =
        post(&evening, &zhou, &way_back, &[("with", &kept.to_string()), ("keep", "this")]).await;
    assert_eq!(circle.status(), StatusCode::CONFLICT);
    let parted = post(&evening, &zhou, &path, &[("undo", &other.to_string())]).await;
    assert_eq!(parted.status(), StatusCode::SEE_OTHER);
    assert_eq!(customers(&evening).await.len(), before.len());
    let chen = cookie(&evening, "chen").await;
    assert_eq!(get(&evening, &chen, &path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(post(&evening, &chen, &path, &[]).await.status(), StatusCode::FORBIDDEN);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_taken_out_of_the_count_says_why_and_counts_again_when_taken_back() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = cookie(&evening, "zhou").await;
    let path = format!("/visits/{}/void", evening.visit);
    let shown = format!("/visits/{}", evening.visit);
    let none = post(&evening, &zhou, &path, &[("reason", " ")]).await;
    assert_eq!(none.status(), StatusCode::UNPROCESSABLE_ENTITY, "a reason is asked for");
    let reason = "the shop was closed that day";
    let done = post(&evening, &zhou, &path, &[("reason", reason)]).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let (_, page) = get(&evening, &zhou, &shown).await;
    assert!(page.contains(reason), "{page}");
    let storage = evening.server.app().storage();
    let org = storage.orgs().await.unwrap()[0].id;
    server::scoring::recompute_dirty(evening.server.app()).await.unwrap();
    let judged = storage.visit_rows(org, vec![evening.visit]).await.unwrap().pop().unwrap();
    let (verdict, counts) = judged.verdict.unwrap();
    let Verdict::NotEffective(reasons) = verdict else { panic!("{verdict:?}") };
    assert!(!counts && reasons.contains(&VisitReason::Voided));
    let row = storage.row(org, evening.visit).await.unwrap().unwrap();
    assert!(matches!(row.state, DocState::Visit(_)), "the visit stays as it was");
    let undone = post(&evening, &zhou, &path, &[("undo", "1")]).await;
    assert_eq!(undone.status(), StatusCode::SEE_OTHER);
    let office = Office::of(evening.server.app().clone(), org);
    assert!(office.voids().await.unwrap().is_empty());
    let chen = cookie(&evening, "chen").await;
    assert_eq!(get(&evening, &chen, &path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(get(&evening, &chen, "/conflicts").await.0, StatusCode::FORBIDDEN);
    let (status, page) = get(&evening, &zhou, "/conflicts?lang=en").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Nothing is in conflict."), "{page}");
    evening.server.shutdown().await;
}
