use std::collections::BTreeSet;

use client_core::period::Period;
use client_core::records::Metric;
use client_core::time::Date;

use super::*;
use crate::office::Office;
use crate::storage::lists::Sold;
use crate::web::lists::Whose;
use crate::web::queries::alarms::{self, AlarmsAsk};
use crate::web::queries::base::Base;
use crate::web::queries::funnel;
use crate::web::queries::reach::Reach;

fn args(seed: u64, reps: u8, days: u32) -> DemoArgs {
    DemoArgs { seed, reps, days, port: 0, data: None, exit: true }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_company_plays_a_day_and_agrees() {
    let progress = Progress { json: true };
    let (summary, verdict) = exit::play(&args(7, 6, 20), &progress).await.unwrap();
    println!("{}", serde_json::to_string(&summary).unwrap());
    assert_eq!(verdict.documents, Vec::<String>::new());
    assert_eq!(verdict.scorecards, Vec::<String>::new());
    assert_eq!(summary.failures(), Vec::<String>::new());
}

/// What a leader should look at is there to be looked at, however far the month is.
async fn every_alarm_of(today: &str) {
    let progress = Progress { json: true };
    let today: Date = today.parse().unwrap();
    let built = stage::Stage::build_on(today, &args(1, 12, 60), 0, &progress).await;
    let stage = built.unwrap();
    let (app, org) = (stage.server.app().clone(), stage.org);
    crate::scoring::recompute_dirty(&app).await.unwrap();
    crate::scoring::look_for_signals(&app, org).await.unwrap();
    let base = Base::read(app.storage(), org).await.unwrap();
    let office = Office::of(app.clone(), org);
    let ask = AlarmsAsk { sums: true, page: 1, dangers: 1_000 };
    let now = app.clock().now();
    let seen = alarms::page(app.storage(), &office, &base, &Reach::All, now, ask).await.unwrap();
    let last = stage.world.reps.last().unwrap();
    let sold: Vec<Vec<i64>> = seen
        .falling
        .iter()
        .filter(|one| one.rep == last.id && one.metric == Metric::SalesAmount)
        .map(|one| one.months.iter().map(|month| month.value).collect())
        .collect();
    let [months] = sold.as_slice() else { panic!("{today}: {} of {:?}", last.name, seen.falling) };
    assert!(matches!(months[..], [a, b, c] if a > b && b > c && c > 0), "{today}: {months:?}");
    let levels: BTreeSet<_> = seen.dangers.iter().map(|one| one.level).collect();
    let found = [
        ("R1, R2", levels.len() == 2),
        ("R4", !seen.losing.is_empty()),
        ("R6", !seen.below.is_empty()),
        ("R13", seen.waiting > 0),
        ("R14", !seen.sums.is_empty()),
    ];
    let missing: Vec<_> =
        found.into_iter().filter_map(|(rule, is)| (!is).then_some(rule)).collect();
    let of = (Whose::default(), Sold::default());
    let month = Period::month_of(today).previous();
    let stages = funnel::cohorts(app.storage(), &base, &Reach::All, of, month, now).await.unwrap();
    let stages = stages.map(|found| found.stages).unwrap_or_default();
    let went_on: Vec<_> = stages
        .iter()
        .map(|one| (&one.stage, one.conversion.now.passed, one.conversion.now.entered))
        .collect();
    assert!(missing.is_empty(), "{today}: nothing shows {missing:?}; went on: {went_on:?}");
    stage.strike().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_alarm_shows_on_the_second_day_of_a_month() {
    every_alarm_of("2026-11-02").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_alarm_shows_in_the_middle_of_a_month() {
    every_alarm_of("2026-10-15").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_alarm_shows_on_the_last_day_of_a_month() {
    every_alarm_of("2026-09-30").await;
}

#[test]
fn the_same_seed_makes_the_same_world() {
    let zone = client_core::time::Zone::fixed("Asia/Shanghai", 8 * 3600);
    let today = "2026-10-15".parse().unwrap();
    let make = |seed| {
        let size = world::Size { reps: 12, days: 60 };
        let world = world::World::new(seed, size, today, zone.clone());
        let day = day::Day::new(&world, 6, 0);
        (format!("{world:?}"), day.steps)
    };
    assert_eq!(make(1), make(1));
    assert_ne!(make(1).0, make(2).0);
    assert!(make(1).1.len() > 50, "a day is a day's work");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_something_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("real.db"), b"data").unwrap();
    let args = DemoArgs { data: Some(folder.path().to_owned()), ..args(1, 6, 20) };
    let error = exit::play(&args, &Progress { json: true }).await.unwrap_err();
    assert!(error.to_string().contains("is not empty"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
