//! What waits for whoever leads: on their phone without signal, as on the phone of whom it
//! is about.

use std::collections::BTreeSet;

use client_core::docs::deal::ContractClaim;
use client_core::engine::{Clock as _, NewDeal};
use client_core::rules::{Task, TaskKind};
use tempfile::TempDir;
use tests::evening::{Evening, day};

const DAY: i64 = 24 * 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_late_callback_reaches_the_leaders_phone_without_signal() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let chen = evening.phone(&dir.path().join("chens"), "chen").await.unwrap();
    let deal = chen.create_deal(NewDeal::with(evening.customer, "压缩机", "proposal")).unwrap();
    let signed = ContractClaim { signed_on: Some(day()), ..ContractClaim::default() };
    chen.claim_contract(deal, &signed).unwrap();
    chen.sync_once().await.unwrap();
    let zhou = evening.phone(&dir.path().join("zhous"), "zhou").await.unwrap();
    zhou.sync_once().await.unwrap();
    let callbacks = || {
        let desk = zhou.team_desk().unwrap();
        assert_eq!(desk.unknown, [], "everything of the unit is on the phone");
        desk.reminders.into_iter().filter(|(_rep, task)| task.kind == TaskKind::Callback)
    };
    assert_eq!(callbacks().count(), 0, "there is time yet");

    evening.clock.set(evening.clock.now().plus_millis(8 * DAY));
    let late: Vec<_> = callbacks().collect();
    assert_eq!(late.len(), 1);
    assert_eq!((late[0].0, late[0].1.subject), (evening.chen, Some(deal)));
    let ids = |tasks: Vec<Task>| -> BTreeSet<String> {
        tasks.into_iter().filter(Task::concerns_leader).map(|task| task.id).collect()
    };
    let shown = zhou.team_desk().unwrap().reminders.into_iter();
    let shown = shown.filter(|(rep, _task)| *rep == evening.chen).map(|(_rep, task)| task);
    assert_eq!(ids(shown.collect()), ids(chen.reminders(500).unwrap()), "one story");
    assert_eq!(chen.team_desk().unwrap(), Default::default(), "a rep leads nobody");
    evening.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_plan_of_the_leader_reaches_the_customers_owner() {
    let dir = TempDir::new().unwrap();
    let evening = Evening::play(dir.path()).await.unwrap();
    let zhou = evening.phone(&dir.path().join("zhous"), "zhou").await.unwrap();
    zhou.sync_once().await.unwrap();
    let due = Some(day().plus_days(14));
    zhou.plan_recovery(evening.customer, "总经理登门", Some(evening.chen), due).unwrap();
    zhou.sync_once().await.unwrap();
    let chen = evening.phone(&dir.path().join("chens"), "chen").await.unwrap();
    chen.sync_once().await.unwrap();
    let recovery = || chen.customer(evening.customer).unwrap().unwrap().state.recovery;
    let planned = recovery();
    assert_eq!(planned.plan.as_deref(), Some("总经理登门"));
    assert_eq!((planned.owner, planned.due), (Some(evening.chen), due));
    assert!(planned.is_underway());
    chen.finish_recovery(evening.customer).unwrap();
    assert!(!recovery().is_underway());
    evening.server.shutdown().await;
}
