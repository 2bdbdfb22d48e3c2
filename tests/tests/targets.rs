//! Targets reach everybody whom they concern, and nobody before their day.

use std::collections::BTreeMap;

use client_core::engine::Client;
use client_core::records::{Metric, TargetLevel};
use server::office::{Cut, Office, SetTarget};
use tests::company::{Company, PASSWORD};
use tests::phone::open;

/// What the phone says of the year's sales targets: whose, and how much.
async fn told(phone: &Client) -> Vec<(String, i64)> {
    phone.sync_once().await.expect("a sync");
    let year = "2026".parse().expect("a year");
    let targets = phone.targets(Some(year)).expect("targets are read").into_iter();
    let whose = |whose: Option<String>| whose.unwrap_or_else(|| "all".to_owned());
    targets.map(|one| (whose(one.whose), one.target.value)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rep_sees_own_unit_and_org_targets_from_the_day_they_are_published() {
    let dir = tempfile::tempdir().expect("a folder");
    let company =
        Company::found(&dir.path().join("data"), &["anna", "boris"]).await.expect("founded");
    let server = company.serve().await.expect("it starts");
    let phone =
        open(&dir.path().join("anna"), &format!("http://{}", server.addr())).expect("a phone");
    phone.sign_in("anna", PASSWORD).await.expect("signed in");

    let office = Office::of(server.app().clone(), company.org);
    let year = "2026".parse().expect("a year");
    let whole = SetTarget::new(TargetLevel::Org, Metric::SalesAmount, year, 1_000);
    let whole = office.set_target(SetTarget { draft: true, ..whole }).await.expect("set");
    let units = Cut::Units { weights: BTreeMap::new() };
    let units = office.split_target(whole.id, units).await.expect("split");
    let reps = Cut::Reps { weights: BTreeMap::from([("anna".into(), 3), ("boris".into(), 1)]) };
    let reps = office.split_target(units[0].id, reps).await.expect("split");
    assert_eq!(reps.len(), 2);
    assert!(told(&phone).await.is_empty(), "drafts are nobody's");

    let far = "2999-01-01".parse().expect("a day");
    office.publish_targets(year, Some(far)).await.expect("published");
    assert!(told(&phone).await.is_empty(), "its day has not come");

    // The same targets again, from today on.
    for target in [&whole, &units[0], &reps[0]] {
        let again = SetTarget::new(target.level, Metric::SalesAmount, year, target.value);
        office.set_target(again).await.expect("set");
    }
    let own = ("anna".to_owned(), 750);
    assert_eq!(told(&phone).await, [own, ("East".to_owned(), 1_000), ("all".to_owned(), 1_000)]);
    phone.close();
    server.shutdown().await;
}
