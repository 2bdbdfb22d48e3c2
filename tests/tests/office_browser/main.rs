//! What a manager decides in a real browser reaches the phones: a customer changes hands
//! and goes back, another target is approved, a question about work is answered.

mod visitor;

use client_core::engine::Client as Phone;
use client_core::period::Period;
use client_core::records::{Metric, TargetLevel};
use server::office::Office;
use server::storage::Records;
use tempfile::TempDir;
use tests::browser::{Driver, programs};
use tests::evening::{CUSTOMER, Evening, day};
use visitor::Visitor;

async fn synced(phone: &Phone) -> &Phone {
    phone.sync_once().await.unwrap();
    phone
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_changes_hands_on_the_page_and_one_phone_loses_it_as_the_other_gains_it() {
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = evening.phone(&dir.path().join("a"), "chen").await.unwrap();
    let anna = evening.phone(&dir.path().join("b"), "anna").await.unwrap();
    let holds = |phone: &Phone| phone.customer(evening.customer).unwrap().is_some();
    assert!(holds(&chen) && !holds(&anna));

    let driver = Driver::start(programs).await.unwrap();
    let zhou = Visitor::at(&driver, &evening, "zhou", "/placement").await;
    let list = zhou.text("#customers").await;
    assert!(list.contains(CUSTOMER) && list.contains("陈思远"), "{list}");
    zhou.click(&format!("input[name=doc][value='{}']", evening.customer)).await;
    zhou.choose("select[name=to]", "Anna Fischer").await;
    zhou.follow("#to button[type=submit]").await;
    let look = zhou.text("main").await;
    for expected in ["1 customer to Anna Fischer", "Nothing has changed yet", "gets them", CUSTOMER]
    {
        assert!(look.contains(expected), "no {expected:?} in\n{look}");
    }
    assert!(holds(synced(&chen).await), "looking changes nothing");
    zhou.follow("form[action='/placement'] button").await;
    assert!(zhou.text("#message").await.contains("1 customer is Anna Fischer's now"));

    assert!(!holds(synced(&chen).await), "the former owner's phone let go");
    assert!(holds(synced(&anna).await), "the new owner's phone has it");

    zhou.follow("form[action='/placement/undo'] button").await;
    assert!(zhou.text("#message").await.contains("back with whom it was"));
    assert!(holds(synced(&chen).await) && !holds(synced(&anna).await));
    zhou.goto(&evening, "/audit?what=placements").await;
    let log = zhou.text("#audit").await;
    let gave = ["Anna Fischer → 陈思远", "陈思远 → Anna Fischer"];
    assert!(gave.iter().all(|gave| log.matches(gave).count() == 1), "{log}");
    assert!(log.contains("Anna Fischer") && log.contains("周敏"), "{log}");
    zhou.leave().await;
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_target_is_asked_for_on_the_phone_and_approved_on_the_page() {
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = evening.phone(&dir.path().join("a"), "chen").await.unwrap();
    let month = Period::month_of(day());
    let visits = |phone: &Phone| {
        let targets = phone.targets(Some(month)).unwrap().into_iter().map(|one| one.target);
        let own = TargetLevel::Rep(evening.chen);
        targets
            .into_iter()
            .find(|target| target.level == own && target.metric == Metric::EffectiveVisits)
            .expect("chen's own target")
    };
    let target = visits(&chen);
    assert_eq!(target.value, 44);
    chen.ask_target(target.id, 36, "half of October is a holiday").unwrap();
    synced(&chen).await;

    let driver = Driver::start(programs).await.unwrap();
    let zhou = Visitor::at(&driver, &evening, "zhou", "/targets").await;
    let asked = zhou.text("#requests").await;
    for expected in ["陈思远", "44 → 36", "half of October is a holiday", "Waits for an answer"]
    {
        assert!(asked.contains(expected), "no {expected:?} in\n{asked}");
    }
    zhou.click("#requests summary").await;
    zhou.write("#requests textarea[name=note]", "agreed").await;
    zhou.follow("#requests button[value=approve]").await;
    assert!(zhou.text("#message").await.contains("the target has changed"));
    let answered = zhou.text("#requests").await;
    assert!(answered.contains("Approved by 周敏") && answered.contains("agreed"), "{answered}");
    assert_eq!(visits(synced(&chen).await).value, 36, "the phone hears of it");
    zhou.follow("#requests li a").await;
    assert!(zhou.text("#parts").await.contains("36"));
    zhou.leave().await;
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_work_is_answered_in_the_browser() {
    let Some(programs) = programs() else { return };
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let app = evening.server.app();
    let org = app.storage().orgs().await.unwrap()[0].id;
    server::scoring::look_for_signals(app, org).await.unwrap();
    let open = async || {
        let office = Office::of(app.clone(), org);
        let signals = office.signals().await.unwrap();
        signals.iter().filter(|signal| signal.answer.is_none()).count()
    };
    let before = open().await;
    assert!(before > 0, "the evening has something odd");

    let driver = Driver::start(programs).await.unwrap();
    let zhou = Visitor::at(&driver, &evening, "zhou", "/alarms").await;
    let form = "form[action^='/alarms/signals/']";
    // The form may stand behind its question's summary.
    let shut = "details:has(form[action^='/alarms/signals/']):not([open]) > summary";
    if zhou.client.find(fantoccini::Locator::Css(shut)).await.is_ok() {
        zhou.click(shut).await;
    }
    zhou.write(&format!("{form} [name=note]"), "he called from the lobby").await;
    zhou.follow(&format!("{form} button[value=dismissed]")).await;
    assert!(zhou.text("main").await.contains("he called from the lobby") || open().await < before);
    assert_eq!(open().await, before - 1);
    zhou.leave().await;
    evening.server.shutdown().await;
}
