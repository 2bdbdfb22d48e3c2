//! Where a policy's values come from.

use toml::Value;

use super::PolicyError;

/// Checks that every key of `[sources]` names a value of the policy: a reference
/// beside nothing is a typing error.
pub(super) fn check(text: &str) -> Result<(), PolicyError> {
    let Ok(policy) = text.parse::<toml::Table>() else { return Ok(()) };
    let Some(Value::Table(sources)) = policy.get("sources") else { return Ok(()) };
    let root = Value::Table(policy.clone());
    for key in sources.keys() {
        if find(&root, key).is_none() {
            return Err(PolicyError::Value {
                key: format!("sources.{key:?}"),
                value: "a reference".into(),
                allowed: "expected the path of a value in this policy, such as \
                          scorecard.process_weight or scorecard.indicators.sales_amount.weight"
                    .into(),
            });
        }
    }
    Ok(())
}

fn find<'a>(root: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(root, |value, key| match value {
        Value::Table(table) => table.get(key),
        Value::Array(items) => item(items, key),
        _ => None,
    })
}

/// An item of a list: by position, or by what names it.
fn item<'a>(items: &'a [Value], key: &str) -> Option<&'a Value> {
    if let Ok(index) = key.parse::<usize>() {
        return items.get(index);
    }
    items.iter().find(|item| {
        ["metric", "mode", "code", "tier"]
            .into_iter()
            .any(|name| item.get(name).and_then(Value::as_str) == Some(key))
    })
}
