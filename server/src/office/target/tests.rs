//! Targets from the org down to the rep, drafted, split, compared and published.

use std::collections::BTreeMap;

use client_core::id::{UnitId, UserId};
use client_core::records::{Metric, Record, RecordKind, Role, TargetLevel, TargetRecord, UnitKind};
use client_core::rules::{Axis, SumState};

use super::{Cut, SetTarget, SplitTargetError};
use crate::office::desk::{Desk, desk};
use crate::office::{CreateUnit, CreateUser, PasswordChoice};
use crate::storage::scopes::{Bearings, of_record};

/// An org with two regions, Anna and Boris in the east, Chen in the west.
struct Company {
    desk: Desk,
    east: UnitId,
    anna: UserId,
}

async fn company() -> Company {
    let desk = desk().await;
    let mut units = BTreeMap::new();
    for name in ["East", "West"] {
        let new = CreateUnit { name: name.into(), kind: UnitKind::Region, parent: None };
        units.insert(name, desk.office.create_unit(new).await.unwrap().id);
    }
    let mut people = BTreeMap::new();
    for (login, unit) in [("anna", "East"), ("boris", "East"), ("chen", "West")] {
        let new = CreateUser {
            login: login.into(),
            name: login.into(),
            role: Role::Rep,
            units: vec![units[unit]],
            hired_on: None,
            locale: None,
            password: PasswordChoice::Given("correct horse".into()),
        };
        people.insert(login, desk.office.create_user(new).await.unwrap().user.id);
    }
    Company { desk, east: units["East"], anna: people["anna"] }
}

impl Company {
    async fn year(&self, value: i64, draft: bool) -> TargetRecord {
        let period = "2026".parse().unwrap();
        let year = SetTarget::new(TargetLevel::Org, Metric::NewCustomers, period, value);
        self.desk.office.set_target(SetTarget { draft, ..year }).await.unwrap()
    }

    async fn split(&self, target: &TargetRecord, cut: Cut) -> Vec<TargetRecord> {
        self.desk.office.split_target(target.id, cut).await.unwrap()
    }

    async fn refused(&self, target: &TargetRecord, cut: Cut) -> String {
        self.desk.office.split_target(target.id, cut).await.unwrap_err().to_string()
    }
}

fn weights(pairs: &[(&str, u64)]) -> BTreeMap<String, u64> {
    pairs.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect()
}

fn values(targets: &[TargetRecord]) -> Vec<i64> {
    targets.iter().map(|target| target.value).collect()
}

#[tokio::test]
async fn a_year_goes_down_to_each_rep_and_every_cut_sums_to_it() {
    let company = company().await;
    let year = company.year(300, true).await;
    let months = company.split(&year, Cut::Months { weights: None }).await;
    assert_eq!(values(&months), [26, 19, 27, 25, 23, 25, 28, 25, 27, 22, 25, 28]);
    let units =
        company.split(&year, Cut::Units { weights: weights(&[("East", 2), ("West", 1)]) }).await;
    assert_eq!(values(&units), [200, 100]);
    let reps = company.split(&units[0], Cut::Reps { weights: BTreeMap::new() }).await;
    assert_eq!(values(&reps), [100, 100], "Anna and Boris alike; Chen is not in the east");
    let industry = Cut::Dimension {
        key: "Industry".into(),
        weights: weights(&[("机械", 1), ("化工", 2)]),
    };
    let parts = company.split(&year, industry).await;
    assert_eq!(values(&parts), [200, 100]);
    assert_eq!(parts[0].dimension, BTreeMap::from([("industry".into(), "化工".into())]));
    let checks = company.desk.office.check_targets(None).await.unwrap();
    assert_eq!(checks.len(), 4);
    assert!(checks.iter().all(|check| check.state == SumState::Exact), "{checks:?}");

    // Somebody changes a part afterwards: the difference is shown.
    let wanted = SetTarget {
        draft: true,
        ..SetTarget::new(units[0].level, Metric::NewCustomers, year.period, 210)
    };
    let changed = company.desk.office.set_target(wanted).await.unwrap();
    assert_eq!(changed.parent, Some(year.id), "it stays a part of the whole");
    let checks = company.desk.office.check_targets(None).await.unwrap();
    let of = |parent, axis: &Axis| {
        let found = checks.iter().find(|check| check.parent == parent && check.axis == *axis);
        found.map(|check| (check.difference, check.state)).unwrap()
    };
    assert_eq!(of(year.id, &Axis::People), (10, SumState::Over));
    assert_eq!(of(units[0].id, &Axis::People), (-10, SumState::Under));
    assert_eq!(of(year.id, &Axis::Time), (0, SumState::Exact));
}

#[tokio::test]
async fn a_share_is_handed_down_and_not_divided() {
    let company = company().await;
    let period = "2026-Q4".parse().unwrap();
    let rate = SetTarget::new(TargetLevel::Org, Metric::CollectionRate, period, 9_000);
    let rate = company.desk.office.set_target(rate).await.unwrap();
    let months = company.split(&rate, Cut::Months { weights: Some(vec![1, 1, 1]) }).await;
    assert_eq!(values(&months), [9_000; 3]);
    assert!(company.desk.office.check_targets(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_cut_that_cannot_be_is_refused_by_name_and_writes_nothing() {
    let company = company().await;
    let year = company.year(300, false).await;
    let before = company.desk.office.targets().await.unwrap();
    let east = Cut::Units { weights: weights(&[("North", 1)]) };
    assert!(company.refused(&year, east).await.contains("\"North\" is none of those"));
    let zero = Cut::Units { weights: weights(&[("East", 0)]) };
    assert!(company.refused(&year, zero).await.contains("all 0"));
    let short = Cut::Months { weights: Some(vec![1, 2]) };
    assert!(company.refused(&year, short).await.contains("2 weights were given for 12 months"));
    let bare = Cut::Dimension { key: "region".into(), weights: BTreeMap::new() };
    assert!(company.refused(&year, bare).await.contains("East=3"));
    let level = TargetLevel::Rep(company.anna);
    let month = SetTarget::new(level, Metric::NewCustomers, "2026-10".parse().unwrap(), 5);
    let month = company.desk.office.set_target(month).await.unwrap();
    let reps = Cut::Reps { weights: BTreeMap::new() };
    assert!(company.refused(&month, reps).await.contains("a rep's target"));
    let months = Cut::Months { weights: None };
    assert!(company.refused(&month, months).await.contains("2026-10 has no months"));
    let unknown = client_core::id::RecordId::from_bytes([9; 16]);
    let missing = company.desk.office.split_target(unknown, Cut::Months { weights: None }).await;
    assert!(matches!(missing.unwrap_err(), SplitTargetError::Unknown { .. }));
    assert_eq!(company.desk.office.targets().await.unwrap().len(), before.len() + 1);
}

#[tokio::test]
async fn a_draft_is_nobodys_until_it_is_published_to_everybody_it_concerns() {
    let company = company().await;
    let year = company.year(300, true).await;
    let units = company.split(&year, Cut::Units { weights: BTreeMap::new() }).await;
    let reps = company.split(&units[0], Cut::Reps { weights: BTreeMap::new() }).await;
    let bearings = Bearings { units: vec![company.east], ..Bearings::default() };
    let scopes = |target: &TargetRecord| of_record(&Record::Target(target.clone()), &bearings);
    let reads = |target: &TargetRecord, user| {
        scopes(target).contains(&client_core::protocol::Scope::User(user))
    };
    assert!(reps.iter().all(|target| target.draft && target.published_on.is_none()));
    assert!(!reads(&reps[0], company.anna), "a rep does not read a draft");
    assert!(scopes(&year).is_empty(), "and nobody that of the org");
    let other = company.desk.office.publish_targets("2027".parse().unwrap(), None).await.unwrap();
    assert!(other.targets.is_empty() && other.people.is_empty());

    let day = "2026-11-01".parse().unwrap();
    let published =
        company.desk.office.publish_targets("2026".parse().unwrap(), Some(day)).await.unwrap();
    assert_eq!(published.targets.len(), 5, "org, two units, two reps");
    assert_eq!(published.people.len(), 3, "the org's target concerns everybody");
    let stored = company.desk.office.target(reps[0].id).await.unwrap().unwrap();
    assert!(!stored.draft && stored.published_on == Some(day));
    assert!(stored.is_published(day) && !stored.is_published(day.plus_days(-1)));
    assert!(reads(&stored, company.anna));
    let again = SetTarget {
        draft: true,
        ..SetTarget::new(stored.level, stored.metric.clone(), stored.period, 1)
    };
    let error = company.desk.office.set_target(again).await.unwrap_err().to_string();
    assert!(error.contains("is published"), "{error}");
}

#[tokio::test]
async fn a_part_of_a_whole_is_not_held_against_a_card() {
    let company = company().await;
    let level = TargetLevel::Rep(company.anna);
    let october = "2026-10".parse().unwrap();
    let whole = SetTarget::new(level, Metric::EffectiveVisits, october, 40);
    let part = SetTarget {
        dimension: BTreeMap::from([(" Region ".into(), " 华东 ".into())]),
        ..SetTarget::new(level, Metric::EffectiveVisits, october, 30)
    };
    let whole = company.desk.office.set_target(whole).await.unwrap();
    let part = company.desk.office.set_target(part).await.unwrap();
    assert_ne!(whole.id, part.id);
    assert_eq!(part.dimension, BTreeMap::from([("region".into(), "华东".into())]));
    assert!(whole.is_whole() && !part.is_whole());
    let wrong = SetTarget {
        dimension: BTreeMap::from([("region".into(), String::new())]),
        ..SetTarget::new(level, Metric::EffectiveVisits, october, 30)
    };
    let error = company.desk.office.set_target(wrong).await.unwrap_err().to_string();
    assert!(error.contains("key or value of a dimension"), "{error}");
    let kinds = company.desk.office.all(RecordKind::Target, Some).await.unwrap();
    assert_eq!(kinds.len(), 2);
}
