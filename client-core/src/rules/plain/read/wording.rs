//! What is wrong with a value, in words of whoever wrote the file, and where it is.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::PlainError;

/// Reads an element of a list; an error names the field.
pub(super) fn element<T: DeserializeOwned>(path: &str, value: &Value) -> Result<T, PlainError> {
    let wrong = match serde_json::from_value::<T>(value.clone()) {
        Ok(read) => return Ok(read),
        Err(error) => error.to_string(),
    };
    let inside = blamed::<T>(value, &wrong);
    let path = match (path.is_empty(), inside.is_empty()) {
        (true, true) => "the file".to_owned(),
        (true, false) => inside.trim_start_matches('.').to_owned(),
        (false, _) => format!("{path}{inside}"),
    };
    Err(PlainError::new(path, worded(&wrong)))
}

/// One step into a value.
#[derive(Clone)]
enum Step {
    Field(String),
    Item(usize),
}

/// Where in the value the problem is. What reads it says what, and not where: it is the part
/// without which something else is said, and of that part again.
fn blamed<T: DeserializeOwned>(value: &Value, wrong: &str) -> String {
    let mut steps: Vec<Step> = Vec::new();
    let mut at = Some(value);
    while let Some(here) = at {
        let inner: Vec<Step> = match here {
            Value::Object(fields) => fields.keys().cloned().map(Step::Field).collect(),
            Value::Array(items) => (0..items.len()).map(Step::Item).collect(),
            _ => Vec::new(),
        };
        let found = inner.into_iter().find(|step| {
            let mut without = value.clone();
            remove(&mut without, &steps, step);
            let told = serde_json::from_value::<T>(without).err();
            told.is_none_or(|told| told.to_string() != wrong)
        });
        let Some(step) = found else { break };
        at = match &step {
            Step::Field(key) => here.get(key),
            Step::Item(place) => here.get(place),
        };
        steps.push(step);
    }
    let each = steps.iter().map(|step| match step {
        Step::Field(key) => format!(".{key}"),
        Step::Item(place) => format!("[{place}]"),
    });
    each.collect()
}

fn remove(value: &mut Value, steps: &[Step], last: &Step) {
    let mut at = Some(value);
    for step in steps {
        at = at.and_then(|here| match step {
            Step::Field(key) => here.get_mut(key),
            Step::Item(place) => here.get_mut(place),
        });
    }
    match (at, last) {
        (Some(Value::Object(fields)), Step::Field(key)) => {
            fields.remove(key);
        }
        (Some(Value::Array(items)), Step::Item(place)) if *place < items.len() => {
            items.remove(*place);
        }
        _ => {}
    }
}

/// The same in words of JSON, and not of the program.
fn worded(wrong: &str) -> String {
    if let Some(field) = wrong.strip_prefix("missing field ") {
        return format!("it has no {}: expected one", plain(field));
    }
    if let Some(rest) = wrong.strip_prefix("unknown field ") {
        let (field, known) = rest.split_once(", expected ").unwrap_or((rest, "none"));
        let known = known.strip_prefix("one of ").unwrap_or(known);
        return format!("there is no field {}: expected one of {}", plain(field), plain(known));
    }
    let said = wrong.strip_prefix("invalid type: ").or(wrong.strip_prefix("invalid value: "));
    match said.and_then(|said| said.rsplit_once(", expected ")) {
        Some((found, wanted)) => format!("{}: expected {}", given(found), allowed(wanted)),
        None => plain(wrong),
    }
}

fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// What stands there.
fn given(found: &str) -> String {
    let kinds = ["string ", "integer ", "floating point ", "boolean "];
    let bare = kinds.iter().find_map(|kind| found.strip_prefix(kind));
    match (bare, found) {
        (Some(bare), _) => plain(bare),
        (None, "null") => "null".to_owned(),
        (None, "map") => "an object".to_owned(),
        (None, "sequence") => "a list".to_owned(),
        (None, other) => plain(other),
    }
}

/// What is allowed there.
fn allowed(wanted: &str) -> String {
    let known = match wanted {
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "u8" => "a whole number from 0 to 255",
        "u16" | "u32" | "u64" => "a whole number of 0 or more",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a string" => "a text",
        "a sequence" => "a list",
        "a map" => "an object",
        _ if wanted.starts_with("struct ") => "an object with fields",
        other => other,
    };
    known.to_owned()
}
