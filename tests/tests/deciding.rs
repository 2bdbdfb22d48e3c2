//! What a manager decides on pages: two customers are one, a visit does not count, a
//! conflict is settled. Reps and strangers decide nothing.

use client_core::id::DocId;
use client_core::projection::DocState;
use client_core::records::{Record, SignalKind, SignalRecord};
use client_core::rules::{Verdict, VisitReason};
use reqwest::StatusCode;
use reqwest::header::LOCATION;
use server::office::Office;
use server::storage::lists::{CustomerFilter, Window};
use server::storage::{Documents, Lists, Records};
use tempfile::TempDir;
use tests::evening::{CUSTOMER, Evening, day};
use tests::program::Program;
use tests::reader::Reader;

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
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let kept = evening.customer;
    let before = customers(&evening).await;
    let other = *before.iter().find(|doc| **doc != kept).unwrap();
    let path = format!("/customers/{kept}/merge");
    let (_, shown) = zhou.read(&format!("/customers/{kept}")).await;
    assert!(shown.contains(&format!("href=\"{path}\"")), "offered on the customer's page");
    let (status, page) = zhou.read(&format!("{path}?with={other}")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("id=\"compare\"") && page.contains("value=\"other\""), "{page}");
    let merged = zhou.post(&path, &[("with", other.to_string().as_str()), ("keep", "this")]).await;
    assert_eq!(merged.status(), StatusCode::SEE_OTHER);
    assert_eq!(merged.headers()[LOCATION], format!("{path}?done=merged"));
    assert_eq!(customers(&evening).await.len(), before.len() - 1);
    let (_, page) = zhou.read(&path).await;
    assert!(page.contains("id=\"merged\"") && page.contains(&other.to_string()), "{page}");
    // The other way round would be a circle: told, and nothing is lost.
    let way_back = format!("/customers/{other}/merge");
    let circle =
        zhou.post(&way_back, &[("with", kept.to_string().as_str()), ("keep", "this")]).await;
    assert_eq!(circle.status(), StatusCode::CONFLICT);
    let parted = zhou.post(&path, &[("undo", &other.to_string())]).await;
    assert_eq!(parted.status(), StatusCode::SEE_OTHER);
    assert_eq!(customers(&evening).await.len(), before.len());
    let chen = Reader::signed_in(&evening, "chen").await;
    assert_eq!(chen.read(&path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(chen.press(&path).await.status(), StatusCode::FORBIDDEN);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_taken_out_of_the_count_says_why_and_counts_again_when_taken_back() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let path = format!("/visits/{}/void", evening.visit);
    let shown = format!("/visits/{}", evening.visit);
    let none = zhou.post(&path, &[("reason", " ")]).await;
    assert_eq!(none.status(), StatusCode::UNPROCESSABLE_ENTITY, "a reason is asked for");
    let reason = "the shop was closed that day";
    let done = zhou.post(&path, &[("reason", reason)]).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    let (_, page) = zhou.read(&shown).await;
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
    let undone = zhou.post(&path, &[("undo", "1")]).await;
    assert_eq!(undone.status(), StatusCode::SEE_OTHER);
    let office = Office::of(evening.server.app().clone(), org);
    assert!(office.voids().await.unwrap().is_empty());
    let chen = Reader::signed_in(&evening, "chen").await;
    assert_eq!(chen.read(&path).await.0, StatusCode::FORBIDDEN);
    assert_eq!(chen.read("/conflicts").await.0, StatusCode::FORBIDDEN);
    let (status, page) = zhou.read("/conflicts?lang=en").await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Nothing is in conflict."), "{page}");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_at_the_wrong_customer_is_moved_on_its_page_and_taken_back() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let chen = Reader::signed_in(&evening, "chen").await;
    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let (visit, path) = (evening.visit, format!("/visits/{}/move", evening.visit));
    let place = format!("/v1{path}");
    let before = program.get(&place).await.json;
    let page = zhou.page(&path).await;
    assert!(page.contains(CUSTOMER), "whose it is now: {page}");
    assert_eq!(chen.get(&path).await.status(), StatusCode::FORBIDDEN, "a rep decides nothing");

    let other = customers(&evening).await.into_iter().find(|doc| *doc != evening.customer).unwrap();
    let found = zhou.page(&format!("{path}?q=")).await;
    assert!(found.contains(&format!("value=\"{other}\"")), "{found}");
    let nobody = zhou.post(&path, &[("to", &visit.to_string())]).await;
    assert_eq!(nobody.status(), StatusCode::NOT_FOUND, "a visit is no customer");
    let moved = zhou.post(&path, &[("to", &other.to_string())]).await;
    assert_eq!(moved.status(), StatusCode::SEE_OTHER);
    assert_eq!(moved.headers()["location"], format!("/visits/{visit}").as_str());
    let now = program.get(&place).await.json;
    assert_eq!((&now["moved"], &now["customer"]["id"]), (&true.into(), &other.to_string().into()));
    assert_eq!(now["by"]["name"], "周敏");
    let standing = zhou.page(&path).await;
    assert!(standing.contains("id=\"standing\"") && standing.contains("周敏"), "{standing}");
    let again = zhou.post(&path, &[("to", &other.to_string())]).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER, "it is as it was wanted");

    let back = program.post(&place, &serde_json::json!({})).await;
    assert_eq!(back.json["customer"], before["customer"], "{}", back.json);
    assert_eq!(back.json["moved"], false);
    assert!(!zhou.page(&path).await.contains("id=\"standing\""));
    let log = program.get("/v1/audit?what=decisions").await.json;
    let deeds = log["items"].as_array().unwrap().iter();
    let deeds: Vec<_> = deeds.map(|deed| deed["what"].as_str().unwrap()).take(2).collect();
    assert_eq!(deeds, ["visit.move_back", "visit.move"]);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_under_review_is_settled_on_its_page_and_moves_the_score_on_both_sides() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let app = evening.server.app();
    let org = app.storage().orgs().await.unwrap()[0].id;
    let (shown, path) =
        (format!("/visits/{}", evening.visit), format!("/visits/{}/judge", evening.visit));
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let now = app.clock().now();
    let early = zhou.post(&path, &[("verdict", "rejected"), ("note", "not seen")]).await;
    assert_eq!(early.status(), StatusCode::CONFLICT, "it is effective, and nobody asks");
    // Somebody asks about the visit, so it is under review.
    let (kind, subjects) = (SignalKind::Photo, vec![evening.visit]);
    let signal = SignalRecord {
        id: SignalRecord::id_of(&kind, evening.chen, &subjects),
        kind,
        rep: evening.chen,
        subjects,
        on: day(),
        noticed_at: now,
        measure: Some(2),
        answer: None,
    };
    app.storage().write_records(org, vec![Record::Signal(signal)], now).await.unwrap();
    server::scoring::recompute_dirty(app).await.unwrap();
    let page = zhou.page(&shown).await;
    assert!(page.contains("id=\"judge\"") && page.contains(&path), "{page}");
    let chen = Reader::signed_in(&evening, "chen").await;
    assert!(!chen.page(&shown).await.contains("id=\"judge\""), "nobody settles their own");
    let own = chen.post(&path, &[("verdict", "accepted"), ("note", "mine")]).await;
    assert_eq!(own.status(), StatusCode::FORBIDDEN);
    let mute = zhou.post(&path, &[("verdict", "rejected"), ("note", " ")]).await;
    assert_eq!(mute.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let phone = evening.phone(&dir.path().join("another"), "chen").await.unwrap();
    let counts = |phone: &client_core::engine::Client| {
        let outcome = phone.scorecard(client_core::period::Period::month_of(day()), None).unwrap();
        let judged = outcome.visits.iter().find(|visit| visit.fact.doc == evening.visit);
        judged.expect("chen's visit is on chen's phone").counts
    };
    for (verdict, note, counted) in
        [("rejected", "<i>the shop</i> was closed", false), ("accepted", "it was open", true)]
    {
        let done = zhou.post(&path, &[("verdict", verdict), ("note", note)]).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER);
        server::scoring::recompute_dirty(app).await.unwrap();
        let row = app.storage().visit_rows(org, vec![evening.visit]).await.unwrap().pop().unwrap();
        assert_eq!(row.verdict.unwrap().1, counted, "{verdict} on the server");
        phone.sync_once().await.unwrap();
        assert_eq!(counts(&phone), counted, "{verdict} on the phone");
        assert_eq!(phone.ruling(evening.visit).unwrap().unwrap().reason, note);
    }
    let page = zhou.page(&shown).await;
    assert!(page.contains("it was open") && !page.contains("<i>the shop"), "{page}");
    evening.server.shutdown().await;
}
