//! What looks odd is a question: a leader answers it on a page, with a note that the
//! rep's phone shows. Reps answer nothing, and no score moves before the answer.

use client_core::engine::Client;
use client_core::period::Period;
use client_core::records::{Record, SignalKind, SignalRecord};
use reqwest::StatusCode;
use reqwest::header::LOCATION;
use server::storage::Records;
use tempfile::TempDir;
use tests::evening::{Evening, day};
use tests::reader::Reader;

/// As if the server had found a photo of this visit on another one.
async fn ask(evening: &Evening) -> SignalRecord {
    let app = evening.server.app();
    let org = app.storage().orgs().await.unwrap()[0].id;
    let (kind, subjects) = (SignalKind::Photo, vec![evening.visit]);
    let now = app.clock().now();
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
    app.storage().write_records(org, vec![Record::Signal(signal.clone())], now).await.unwrap();
    signal
}

fn counts(phone: &Client, evening: &Evening) -> bool {
    let outcome = phone.scorecard(Period::month_of(day()), None).unwrap();
    let judged = outcome.visits.iter().find(|visit| visit.fact.doc == evening.visit);
    judged.expect("chen's visit is on chen's phone").counts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_answers_what_looks_odd_and_the_reps_phone_is_told() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let app = evening.server.app();
    let org = app.storage().orgs().await.unwrap()[0].id;
    server::scoring::look_for_signals(app, org).await.unwrap();
    let page = zhou.page("/alarms").await;
    assert!(page.contains("Shorter than it should be") && page.contains("2 minutes"), "{page}");
    let signal = ask(&evening).await;
    let path = format!("/alarms/signals/{}", signal.id);
    let page = zhou.page("/alarms").await;
    assert!(page.contains("One photo on several visits") && page.contains("2 visits"), "{page}");
    assert!(page.contains(&format!("/visits/{}", evening.visit)) && page.contains(&path));
    assert!(zhou.page("/alarms?lang=zh-CN").await.contains("同一照片用于多次拜访"));

    let chen = Reader::signed_in(&evening, "chen").await;
    assert_eq!(chen.get("/alarms").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(chen.press(&path).await.status(), StatusCode::FORBIDDEN);
    let phone = evening.phone(&dir.path().join("another"), "chen").await.unwrap();
    let about = |phone: &Client| {
        let asked = phone.signals().unwrap().into_iter().find(|asked| asked.id == signal.id);
        asked.expect("the rep is told that it is asked")
    };
    assert!(about(&phone).is_open());
    assert!(counts(&phone, &evening), "a question takes nothing out of the count");

    for (verdict, note, status) in [
        ("perhaps", "what?", StatusCode::BAD_REQUEST),
        ("upheld", " ", StatusCode::UNPROCESSABLE_ENTITY),
        ("upheld", "<b>The photo</b> is last week's", StatusCode::SEE_OTHER),
        ("dismissed", "it was a copy", StatusCode::CONFLICT),
    ] {
        let answer = zhou.post(&path, &[("verdict", verdict), ("note", note)]).await;
        assert_eq!(answer.status(), status, "{verdict}: {note}");
        if status == StatusCode::SEE_OTHER {
            assert_eq!(answer.headers()[LOCATION], "/alarms?done=upheld");
        }
    }
    // The language stays until another one is chosen.
    let page = zhou.page("/alarms?lang=en").await;
    assert!(!page.contains(&path) && page.contains("2 minutes"), "one was answered: {page}");
    phone.sync_once().await.unwrap();
    let told = about(&phone).answer.expect("the answer came");
    assert!(told.upheld && told.note == "<b>The photo</b> is last week's");
    assert!(!counts(&phone, &evening), "now it does not count");
    evening.server.shutdown().await;
}
