//! What a file says, whatever the order in which it says it.
//!
//! A list of facts is a set: nobody may read anything from the place at which a fact stands.
//! So a file is read with every list in the order of its content, and what has no id is named
//! by what it says. Two stops that say the same are two all the same; which of them is first
//! shows nowhere.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::{PlainStop, PlainTarget};
use crate::period::Period;

/// The same with every list in the order of its content, nested ones too.
pub(super) fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(sorted).collect();
            items.sort_by_cached_key(ToString::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => {
            let fields: BTreeMap<&String, Value> =
                fields.iter().map(|(key, field)| (key, sorted(field))).collect();
            Value::Object(Map::from_iter(
                fields.into_iter().map(|(key, field)| (key.clone(), field)),
            ))
        }
        other => other.clone(),
    }
}

/// What a target without an id is called: whose, of what, for when, for which part and from
/// when on. Of one rep, metric and period the one that is published last comes last.
pub(in crate::rules::plain) fn target_name(
    one: &PlainTarget,
    sole: Option<&str>,
    asked: Period,
) -> String {
    let mut name = match one.level.as_deref() {
        None => format!("rep:{}", one.rep.as_deref().or(sole).unwrap_or_default()),
        Some("org") => "org".to_owned(),
        Some(unit) => format!("unit:{unit}"),
    };
    let period = one.period.clone().unwrap_or_else(|| asked.to_string());
    let _written = write!(name, " {} {period}", one.metric.to_lowercase());
    for (key, value) in &one.dimension {
        let _written = write!(name, " {key}={value}");
    }
    if let Some(from) = &one.published_on {
        let _written = write!(name, " from {from}");
    }
    name
}

/// What the stops of a plan are called: their ids, and of those without one whom they are at
/// and what became of them.
pub(in crate::rules::plain) fn stop_names(stops: &[PlainStop]) -> Vec<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let each = stops.iter().map(|stop| {
        if let Some(id) = &stop.id {
            return id.clone();
        }
        let part = |text: &Option<String>| text.clone().unwrap_or_default();
        let (customer, visit) = (part(&stop.customer), part(&stop.visit));
        let name = format!("stop at {customer} by {visit}, skipped: {}", stop.skipped);
        let alike = seen.entry(name.clone()).or_default();
        *alike += 1;
        format!("{name} ({alike})")
    });
    each.collect()
}
