//! What one fact says of another: a name that nothing in the file has is a slip of the pen,
//! and would leave a figure out without a word.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{PlainError, Read};

/// A list, a field of its elements (of `stops`, of the stops inside), and the list that has
/// what it names.
const LINKS: [(&str, &str, &str); 30] = [
    ("visits", "customer", "customers"),
    ("visits", "deals", "deals"),
    ("visits", "plan", "plans"),
    ("deals", "customer", "customers"),
    ("quotes", "customer", "customers"),
    ("quotes", "deal", "deals"),
    ("contracts", "customer", "customers"),
    ("contracts", "deal", "deals"),
    ("instalments", "customer", "customers"),
    ("instalments", "deal", "deals"),
    ("payments", "customer", "customers"),
    ("payments", "deal", "deals"),
    ("payments", "instalment", "instalments"),
    ("payments", "refund_of", "payments"),
    ("orders", "customer", "customers"),
    ("orders", "deal", "deals"),
    ("cases", "customer", "customers"),
    ("surveys", "customer", "customers"),
    ("stops", "customer", "customers"),
    ("stops", "visit", "visits"),
    ("decisions", "visit", "visits"),
    ("signals", "visit", "visits"),
    ("visits", "rep", "reps"),
    ("customers", "rep", "reps"),
    ("deals", "rep", "reps"),
    ("orders", "rep", "reps"),
    ("cases", "rep", "reps"),
    ("surveys", "rep", "reps"),
    ("plans", "rep", "reps"),
    ("targets", "rep", "reps"),
];

/// Everything that is named stands in its list, where the file has that list.
pub(super) fn check(file: &Map<String, Value>) -> Read<()> {
    for (list, field, of) in LINKS {
        let Some(known) = known(file, of) else { continue };
        let each: Vec<(String, &Value)> = match list {
            "stops" => elements(file.get("plans"), "plans")
                .flat_map(|(path, plan)| {
                    let path = format!("{path}.stops");
                    elements(plan.get("stops"), &path).collect::<Vec<_>>()
                })
                .collect(),
            _ => elements(file.get(list), list).collect(),
        };
        for (path, one) in each {
            for (path, named) in texts(&format!("{path}.{field}"), one.get(field)) {
                if !known.contains(named) {
                    let problem = match of {
                        "reps" => format!("{named:?} is neither in reps nor in people"),
                        _ => format!("{named:?} is not in {of}"),
                    };
                    let hint = "expected what stands there, or the list left out";
                    return Err(PlainError::new(path, format!("{problem}: {hint}")));
                }
            }
        }
    }
    planned(file)
}

/// The stop of a plan that a visit fulfils is one of that plan.
fn planned(file: &Map<String, Value>) -> Read<()> {
    let stops = |id: &str| {
        let mut plans = elements(file.get("plans"), "plans");
        let plan = plans.find(|(_path, plan)| plan.get("id").and_then(Value::as_str) == Some(id));
        plan.map(|(_path, plan)| {
            let all = elements(plan.get("stops"), "stops");
            let ids = all.filter_map(|(_path, stop)| stop.get("id").and_then(Value::as_str));
            ids.collect::<BTreeSet<_>>()
        })
    };
    for (path, visit) in elements(file.get("visits"), "visits") {
        let text = |field: &str| visit.get(field).and_then(Value::as_str);
        let (Some(plan), Some(stop)) = (text("plan"), text("stop")) else { continue };
        if let Some(known) = stops(plan).filter(|known| !known.contains(stop)) {
            let known: Vec<&str> = known.into_iter().collect();
            let known =
                if known.is_empty() { "none has an id".to_owned() } else { known.join(", ") };
            let problem =
                format!("{stop:?} is no stop of {plan:?}: expected one of its ids ({known})");
            return Err(PlainError::new(format!("{path}.stop"), problem));
        }
    }
    Ok(())
}

/// The ids in a list; `None` where the file has none of it.
fn known<'a>(file: &'a Map<String, Value>, list: &str) -> Option<BTreeSet<&'a str>> {
    if list == "reps" {
        let asked: BTreeSet<&str> =
            texts("reps", file.get("reps")).into_iter().map(|(_path, rep)| rep).collect();
        let people = elements(file.get("people"), "people");
        let people = people.filter_map(|(_path, one)| one.get("rep").and_then(Value::as_str));
        return (!asked.is_empty()).then(|| asked.into_iter().chain(people).collect());
    }
    let ids: BTreeSet<&str> = elements(file.get(list), list)
        .filter_map(|(_path, one)| one.get("id").and_then(Value::as_str))
        .collect();
    (!ids.is_empty()).then_some(ids)
}

fn elements<'a>(
    list: Option<&'a Value>,
    name: &str,
) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
    let items = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let name = name.to_owned();
    items.iter().enumerate().map(move |(place, item)| (format!("{name}[{place}]"), item))
}

/// The text, or each text of a list.
fn texts<'a>(path: &str, value: Option<&'a Value>) -> Vec<(String, &'a str)> {
    match value {
        Some(Value::String(text)) => vec![(path.to_owned(), text.as_str())],
        Some(Value::Array(items)) => {
            let each = items.iter().enumerate();
            each.filter_map(|(place, item)| Some((format!("{path}[{place}]"), item.as_str()?)))
                .collect()
        }
        _ => Vec::new(),
    }
}
