//! R14: a target from the whole down to the rep, and back up.
//!
//! "Everybody carries a number" (S1) only holds if the numbers below sum to the one
//! above. So a target is split so that its parts sum to it to the last unit, and every
//! whole is compared with its parts: by time, by people, and by each dimension on its
//! own, because twelve months and four regions are two ways to cut the same thing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::records::TargetRecord;
use crate::rules::rounding::{largest_remainder, saturate};
use crate::rules::units::Percent;

/// Splits `total` in the proportion of `weights`, to the last unit: the parts sum to it.
/// `None` where there is no weight.
pub fn split(total: i64, weights: &[u64]) -> Option<Vec<i64>> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        return None;
    }
    let exact: Vec<i128> =
        weights.iter().map(|weight| i128::from(total) * i128::from(*weight)).collect();
    Some(largest_remainder(&exact, sum, total.into()).into_iter().map(saturate).collect())
}

/// The way in which a target is cut into parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by", content = "key")]
pub enum Axis {
    /// Into months or other stretches of time.
    Time,
    /// Into units or reps.
    People,
    /// By a key of the org's own, such as `region`.
    Dimension(String),
}

impl Axis {
    /// How `child` is cut from `parent`.
    pub fn of(parent: &TargetRecord, child: &TargetRecord) -> Self {
        let own = |key: &&String| parent.dimension.get(*key) != child.dimension.get(*key);
        match child.dimension.keys().find(own) {
            Some(key) => Self::Dimension(key.clone()),
            None if child.level != parent.level => Self::People,
            None => Self::Time,
        }
    }
}

/// How the parts of a target compare with the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SumCheck {
    /// The whole.
    pub parent: RecordId,
    /// Along which cut.
    #[serde(flatten)]
    pub axis: Axis,
    /// What the whole says.
    pub value: i64,
    /// What its parts sum to.
    pub sum: i64,
    /// Parts less whole: negative where something is not assigned to anybody.
    pub difference: i64,
    /// Whether that is a warning.
    pub state: SumState,
    /// The parts.
    pub children: Vec<RecordId>,
}

/// Whether a sum is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SumState {
    /// To the last unit.
    Exact,
    /// More than the whole, and no more than the policy allows.
    Allowed,
    /// More than the policy allows.
    Over,
    /// Less than the whole.
    Under,
}

impl SumState {
    /// Whether somebody should look at it.
    pub const fn is_warning(self) -> bool {
        matches!(self, Self::Over | Self::Under)
    }
}

/// Every whole beside its parts, by whole and cut. Shares have no sum and are left out.
pub fn sums(targets: &[TargetRecord], over_assignment: Percent) -> Vec<SumCheck> {
    let by_id: BTreeMap<RecordId, &TargetRecord> =
        targets.iter().map(|target| (target.id, target)).collect();
    let mut cuts: BTreeMap<(RecordId, Axis), Vec<&TargetRecord>> = BTreeMap::new();
    for child in by_id.values() {
        let parent = child.parent.and_then(|parent| by_id.get(&parent));
        let alike =
            |parent: &&&TargetRecord| parent.metric == child.metric && child.metric.is_additive();
        if let Some(parent) = parent.filter(alike) {
            cuts.entry((parent.id, Axis::of(parent, child))).or_default().push(child);
        }
    }
    let checks = cuts.into_iter().filter_map(|((parent, axis), children)| {
        let value = by_id.get(&parent)?.value;
        let sum = saturate(children.iter().map(|child| i128::from(child.value)).sum());
        Some(SumCheck {
            parent,
            axis,
            value,
            sum,
            difference: sum.saturating_sub(value),
            state: state(value, sum, over_assignment),
            children: children.iter().map(|child| child.id).collect(),
        })
    });
    checks.collect()
}

fn state(value: i64, sum: i64, over_assignment: Percent) -> SumState {
    let (whole, parts) = (i128::from(value), i128::from(sum));
    let most = whole * (10_000 + i128::from(over_assignment.0.0));
    match sum.cmp(&value) {
        std::cmp::Ordering::Equal => SumState::Exact,
        std::cmp::Ordering::Less => SumState::Under,
        std::cmp::Ordering::Greater if parts * 10_000 <= most => SumState::Allowed,
        std::cmp::Ordering::Greater => SumState::Over,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::{UnitId, UserId};
    use crate::records::{Metric, TargetLevel};

    fn target(number: u8, parent: Option<u8>, value: i64) -> TargetRecord {
        let id = |number| RecordId::from_bytes([number; 16]);
        TargetRecord {
            id: id(number),
            level: TargetLevel::Org,
            metric: Metric::SalesAmount,
            period: "2026".parse().unwrap(),
            value,
            parent: parent.map(id),
            published_on: None,
            dimension: BTreeMap::new(),
            draft: false,
        }
    }

    fn by(key: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn the_example_of_s4_is_compared_along_each_cut_on_its_own() {
        // S4: 2亿元 a year; 华东 5000万, 线上 8000万, A产品 6000万: in ten thousands.
        let unit = |number| TargetLevel::Unit(UnitId::from_bytes([number; 16]));
        let all = [
            target(1, None, 20_000),
            TargetRecord { dimension: by("region", "华东"), ..target(2, Some(1), 5_000) },
            TargetRecord { dimension: by("region", "华北"), ..target(3, Some(1), 15_000) },
            TargetRecord { dimension: by("channel", "线上"), ..target(4, Some(1), 8_000) },
            TargetRecord { dimension: by("product", "A"), ..target(5, Some(1), 6_000) },
            TargetRecord { level: unit(1), ..target(6, Some(1), 12_000) },
            TargetRecord { level: unit(2), ..target(7, Some(1), 9_000) },
            TargetRecord {
                level: TargetLevel::Rep(UserId::from_bytes([1; 16])),
                ..target(8, Some(6), 12_000)
            },
            TargetRecord {
                level: unit(2),
                period: "2026-10".parse().unwrap(),
                ..target(9, Some(7), 9_000)
            },
        ];
        let told = |over: &str| -> Vec<(u8, Axis, i64, SumState)> {
            let checks = sums(&all, over.parse().unwrap());
            let each = checks.into_iter();
            each.map(|one| (one.parent.as_bytes()[0], one.axis, one.difference, one.state))
                .collect()
        };
        let dimension = |key: &str| Axis::Dimension(key.to_owned());
        let expected = |people| {
            vec![
                (1, Axis::People, 1_000, people),
                (1, dimension("channel"), -12_000, SumState::Under),
                (1, dimension("product"), -14_000, SumState::Under),
                (1, dimension("region"), 0, SumState::Exact),
                (6, Axis::People, 0, SumState::Exact),
                (7, Axis::Time, 0, SumState::Exact),
            ]
        };
        assert_eq!(told("0%"), expected(SumState::Over));
        assert_eq!(told("4.99%"), expected(SumState::Over));
        assert_eq!(told("5%"), expected(SumState::Allowed));
    }

    #[test]
    fn a_share_has_no_sum_and_a_part_without_a_whole_no_check() {
        let rate = |number, parent| TargetRecord {
            metric: Metric::CollectionRate,
            ..target(number, parent, 9_000)
        };
        assert!(sums(&[rate(1, None), rate(2, Some(1))], Percent::default()).is_empty());
        assert!(sums(&[target(2, Some(1), 5)], Percent::default()).is_empty());
    }

    #[test]
    fn a_year_splits_over_its_working_days_to_the_last_unit() {
        // Working days of China's months in 2026.
        let days = [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23];
        let parts = split(300, &days).unwrap();
        assert_eq!(parts, [26, 19, 27, 25, 23, 25, 28, 25, 27, 22, 25, 28]);
        assert_eq!(parts.iter().sum::<i64>(), 300);
        assert_eq!(split(100, &[1, 1, 1]), Some(vec![34, 33, 33]));
        assert_eq!(split(100, &[0, 1]), Some(vec![0, 100]));
        assert_eq!(split(100, &[0, 0]), None);
        assert_eq!(split(100, &[]), None);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole_whatever_the_weights(
            total in 0_i64..1_000_000_000_000,
            weights in prop::collection::vec(0_u64..100_000, 1..40),
        ) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let parts = split(total, &weights).unwrap();
            prop_assert_eq!(parts.len(), weights.len());
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(*part >= 0 && (*weight > 0 || *part == 0));
            }
        }

        #[test]
        fn the_order_of_targets_changes_no_check(seed in prop::collection::vec(0_usize..8, 8)) {
            let mut all: Vec<TargetRecord> =
                (2..10).map(|number| target(number, Some(1), i64::from(number))).collect();
            all.push(target(1, None, 44));
            let expected = sums(&all, Percent::default());
            for (from, to) in seed.iter().enumerate() {
                all.swap(from, *to);
            }
            prop_assert_eq!(sums(&all, Percent::default()), expected);
        }
    }
}
