//! Where a policy's values come from.

use std::collections::BTreeMap;

use super::PolicyError;
use super::lines::{Leaf, Lines};

/// Checks that every key of `[sources]` names a value of the policy: a reference
/// beside nothing is a typing error.
pub(super) fn check(text: &str, sources: &BTreeMap<String, String>) -> Result<(), PolicyError> {
    let Some(lines) = Lines::of(text) else { return Ok(()) };
    let stray = sources.keys().find(|key| !lines.has(key));
    stray.map_or(Ok(()), |key| {
        Err(PolicyError::Value {
            line: None,
            key: format!("sources.{key:?}"),
            value: "a reference".into(),
            allowed: "expected the path of a value in this policy, such as \
                      scorecard.process_weight or scorecard.indicators.sales_amount.weight"
                .into(),
        })
    })
}

/// The numbers of a policy's text that no line of its `[sources]` explains.
pub fn unexplained(text: &str, sources: &BTreeMap<String, String>) -> Vec<Leaf> {
    let mut leaves = Lines::of(text).map(|lines| lines.leaves()).unwrap_or_default();
    leaves.retain(|leaf| leaf.is_number && !sources.contains_key(&leaf.key));
    leaves
}
