//! What two policies say differently.
//!
//! Weights are adjusted every month (S1), so the question "what was changed, and when"
//! is asked of policies more often than what stands in them. Comments, references and
//! the order of keys are no difference.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Policy;
use super::lines::Lines;

/// A value that two policies say differently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PolicyChange {
    /// Its path.
    pub key: String,
    /// What the earlier one says; none if it does not say it.
    pub before: Option<String>,
    /// What the later one says.
    pub after: Option<String>,
}

/// What `after` says differently from `before`, by path.
pub fn difference(before: &Policy, after: &Policy) -> Vec<PolicyChange> {
    let (mut before, mut after) = (values(before), values(after));
    let keys: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    let changes = keys.into_iter().map(|key| PolicyChange {
        before: before.remove(&key),
        after: after.remove(&key),
        key,
    });
    changes.filter(|change| change.before != change.after).collect()
}

fn values(policy: &Policy) -> BTreeMap<String, String> {
    let bare = Policy { sources: BTreeMap::new(), ..policy.clone() };
    // Every policy was read from TOML and goes back into it.
    let text = toml::to_string(&bare).unwrap_or_default();
    let leaves = Lines::of(&text).map(|lines| lines.leaves()).unwrap_or_default();
    leaves.into_iter().map(|leaf| (leaf.key, leaf.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::policy::preset_text;

    #[test]
    fn another_weighting_is_told_by_indicator() {
        let text = preset_text("guide-standard").unwrap();
        let before = Policy::from_toml(text).unwrap();
        let after = text
            .replacen("weight = 30", "weight = 35", 1)
            .replacen("weight = 20", "weight = 15", 1)
            .replacen("# ours: SPOTIO", "# as SPOTIO", 1);
        let changes = difference(&before, &Policy::from_toml(&after).unwrap());
        let told: Vec<String> = changes
            .iter()
            .map(|change| {
                let value = |value: &Option<String>| value.clone().unwrap_or_default();
                format!("{} {} {}", change.key, value(&change.before), value(&change.after))
            })
            .collect();
        assert_eq!(
            told,
            [
                "scorecard.indicators.collection_rate.weight 20 15",
                "scorecard.indicators.sales_amount.weight 30 35",
            ]
        );
        assert!(difference(&before, &before).is_empty());
    }

    #[test]
    fn a_rule_that_one_of_them_lacks_is_told_value_by_value() {
        let standard = Policy::preset("guide-standard").unwrap();
        let coverage = Policy::preset("guide-coverage").unwrap();
        let changes = difference(&standard, &coverage);
        let of = |key: &str| changes.iter().find(|change| change.key == key).unwrap();
        assert_eq!(of("frequency.a.period").before.as_deref(), Some("week"));
        assert_eq!(of("frequency.a.period").after.as_deref(), Some("month"));
        assert_eq!(of("frequency.a.modes").before.as_deref(), Some(""));
    }
}
