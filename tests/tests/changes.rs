//! Why a card moved, on its page; and a card that is kept for the screens of a moment.

use client_core::docs::visit::VisitMode;
use client_core::engine::{Clock as _, NewVisit};
use client_core::period::Period;
use reqwest::StatusCode;
use tempfile::TempDir;
use tests::evening::{CUSTOMER, Evening, day};
use tests::program::Program;
use tests::reader::Reader;

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_reads_why_a_card_moved_and_when_what_moved_it_came() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let card = format!("/scorecards/{}/2026-10", evening.chen);
    let changes = format!("{card}/changes");
    assert!(zhou.page(&card).await.contains(&changes), "the card leads there");
    // Everything of Chen's came today.
    let page = zhou.page(&format!("{changes}?since=2026-10-07")).await;
    assert!(page.contains("New facts") && page.contains("Effective visits"), "{page}");
    assert!(page.contains(&format!("/visits/{}", evening.visit)), "{page}");
    assert!(
        zhou.page(&format!("{changes}?since=2026-10-07&lang=zh-CN")).await.contains("新增数据")
    );
    let page = zhou.page(&format!("{changes}?since=2026-10-08&lang=en")).await;
    assert!(page.contains("Nothing moved"), "{page}");
    let page = zhou.page(&format!("{changes}?since=closed")).await;
    assert!(page.contains("nothing to compare with"), "the month is open: {page}");
    let wrong = zhou.get(&format!("{changes}?since=yesterday")).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let anna = Reader::signed_in(&evening, "anna").await;
    assert_eq!(anna.get(&changes).await.status(), StatusCode::NOT_FOUND);

    let page = zhou.page("/targets?period=2026-10").await;
    assert!(page.contains("Anna Fischer") && page.contains("Tenders worked on"), "{page}");
    assert!(page.contains("above 90"), "S3 Q4 is strict: {page}");
    let own = anna.page("/targets?period=2026-10").await;
    assert!(own.contains("Anna Fischer") && !own.contains("陈思远"), "{own}");
    assert_eq!(zhou.get("/targets?period=2026-12").await.status(), StatusCode::BAD_REQUEST);
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screens_of_a_moment_share_a_card_until_something_is_written() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let phone = evening.phone(&dir.path().join("another"), "chen").await.unwrap();
    let month = Period::month_of(day());
    let looked = || phone.scorecard(month, None).unwrap().as_of;
    let first = looked();
    evening.clock.advance_millis(30_000);
    phone.agenda(10).unwrap();
    phone.reminders(10).unwrap();
    assert_eq!(looked(), first, "nothing was written");
    let now = evening.clock.now();
    assert_eq!(phone.scorecard(month, Some(now)).unwrap().as_of, now, "an instant is exact");
    phone.sync_once().await.unwrap();
    phone.queue_command("test", Vec::new()).unwrap();
    assert_eq!(looked(), now, "something was written");
    evening.clock.advance_millis(60_000);
    assert_eq!(looked(), evening.clock.now(), "a minute is over");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_told_as_it_was_known_on_an_earlier_day() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let phone = evening.phone(&dir.path().join("later"), "chen").await.unwrap();
    evening.clock.advance_millis(3 * 24 * 3_600_000);
    phone
        .edit_customer(evening.customer, |customer| customer.set_industry(Some("Aerospace")))
        .unwrap();
    let visit = phone.log_visit(NewVisit::at(evening.customer, VisitMode::Phone)).unwrap();
    phone.sync_once().await.unwrap();
    phone.close();
    let zhou = Reader::signed_in(&evening, "zhou").await;
    let path = format!("/customers/{}", evening.customer);
    let link = format!("/visits/{visit}\"");
    let now = zhou.page(&path).await;
    assert!(now.contains("Aerospace") && now.contains(&link), "{now}");
    let then = zhou.page(&format!("{path}?as_of=2026-10-08")).await;
    assert!(!then.contains("Aerospace") && !then.contains(&link), "{then}");
    assert!(then.contains("id=\"then\"") && then.contains(CUSTOMER), "{then}");
    assert!(then.contains(&format!("/visits/{}", evening.visit)), "what was known: {then}");
    let before = zhou.get(&format!("{path}?as_of=2026-01-01")).await;
    assert_eq!(before.status(), StatusCode::NOT_FOUND, "nobody knew it then");
    let wrong = zhou.get(&format!("{path}?as_of=yesterday")).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
    let ahead = zhou.page(&format!("{path}?as_of=2027-01-01")).await;
    assert!(ahead.contains("Aerospace"), "what lies ahead is not known: as it stands");

    let program = Program::signed_in(&evening.url(""), "zhou", 1).await;
    let then = program.get(&format!("/v1{path}?as_of=2026-10-08")).await.json;
    assert_ne!(then["industry"], "Aerospace", "{then}");
    let events = program.get(&format!("/v1{path}/timeline?as_of=2026-10-08")).await.json;
    assert!(!events.to_string().contains(&visit.to_string()), "{events}");
    evening.server.shutdown().await;
}
