//! Values that are written and merged as one: CBOR in one byte string.
//!
//! Field names stay in the CBOR, so that a newer app may add optional fields;
//! across a page of visits they compress to nothing.

use automerge::ScalarValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::docs::Problem;
use crate::docs::customer::{CustomerPosition, LifecycleChange, Phone};
use crate::docs::deal::StageEntry;
use crate::docs::field::{out_of_range, wrong_type};
use crate::docs::visit::{
    Amendment, Attachment, Check, Expense, JournalLink, NextStep, PlannedRef,
};
use crate::geo::Point;
use crate::time::{CapturedAt, Timestamp};

/// Declares the field form of types that are stored as one CBOR value.
macro_rules! compound {
    ($($name:ident),+ $(,)?) => {$(
        impl Scalar for $name {
            fn to_scalar(&self) -> ScalarValue {
                crate::docs::cbor::encode(self)
            }
        }

        impl Field for $name {
            fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem> {
                match value {
                    ScalarValueRef::Bytes(bytes) => crate::docs::cbor::decode(bytes, stringify!($name)),
                    _ => wrong_type(stringify!($name)),
                }
            }
        }
    )+};
}
pub(crate) use compound;

/// What a compound value must satisfy beyond its types.
pub(crate) trait Possible {
    /// What would be possible; `None` if this is.
    fn impossible(&self) -> Option<&'static str> {
        None
    }
}

pub(crate) fn encode<T: Serialize>(value: &T) -> ScalarValue {
    let mut bytes = Vec::new();
    // Writing to memory cannot fail, and every compound value has a CBOR form.
    let written = ciborium::into_writer(value, &mut bytes);
    debug_assert!(written.is_ok());
    ScalarValue::Bytes(bytes)
}

pub(crate) fn decode<T: DeserializeOwned + Possible>(
    bytes: &[u8],
    expected: &str,
) -> Result<T, Problem> {
    let Ok(value) = ciborium::from_reader::<T, _>(bytes) else {
        return wrong_type(expected);
    };
    match value.impossible() {
        None => Ok(value),
        Some(possible) => out_of_range(possible),
    }
}

/// A byte string as people read it: an id as UUID, a compound value as JSON,
/// anything else in hexadecimal.
pub(crate) fn shown(bytes: &[u8]) -> String {
    if let Some(id) = crate::id::ItemId::from_slice(bytes) {
        return id.to_string();
    }
    match ciborium::from_reader::<ciborium::Value, _>(bytes) {
        Ok(value @ (ciborium::Value::Map(_) | ciborium::Value::Text(_))) => json(value).to_string(),
        _ => data_encoding::HEXLOWER.encode(bytes),
    }
}

/// Recursion is bounded by the decoder, which refuses depths over 256.
fn json(value: ciborium::Value) -> serde_json::Value {
    match value {
        ciborium::Value::Integer(number) => i64::try_from(number).map_or_else(
            |_error| serde_json::Value::String(i128::from(number).to_string()),
            serde_json::Value::from,
        ),
        ciborium::Value::Bytes(bytes) => crate::id::ItemId::from_slice(&bytes).map_or_else(
            || data_encoding::HEXLOWER.encode(&bytes).into(),
            |id| id.to_string().into(),
        ),
        ciborium::Value::Float(number) => number.into(),
        ciborium::Value::Text(text) => text.into(),
        ciborium::Value::Bool(flag) => flag.into(),
        ciborium::Value::Tag(_, inner) => json(*inner),
        ciborium::Value::Array(items) => items.into_iter().map(json).collect(),
        ciborium::Value::Map(entries) => entries
            .into_iter()
            .map(|(key, value)| {
                let key = match key {
                    ciborium::Value::Text(text) => text,
                    other => json(other).to_string(),
                };
                (key, json(value))
            })
            .collect(),
        _ => serde_json::Value::Null,
    }
}

const ON_EARTH: &str = "a point on the earth with a non-negative accuracy";

fn on_earth(point: Point, accuracy_mm: i64) -> bool {
    point.lat_e7.unsigned_abs() <= 900_000_000
        && point.lon_e7.unsigned_abs() <= 1_800_000_000
        && accuracy_mm >= 0
}

fn in_calendar(at: Timestamp) -> bool {
    at.to_utc().is_some()
}

impl Possible for CapturedAt {
    fn impossible(&self) -> Option<&'static str> {
        let possible = in_calendar(self.at) && self.offset_s.unsigned_abs() <= 18 * 3600;
        (!possible).then_some("an instant of the calendar, at most 18 hours from UTC")
    }
}

impl Possible for Check {
    fn impossible(&self) -> Option<&'static str> {
        let fix = self.fix.as_ref();
        if fix.is_some_and(|fix| !on_earth(fix.point, fix.accuracy_mm)) {
            return Some(ON_EARTH);
        }
        self.at.impossible()
    }
}

impl Possible for CustomerPosition {
    fn impossible(&self) -> Option<&'static str> {
        (!on_earth(self.point, self.accuracy_mm.unwrap_or(0))).then_some(ON_EARTH)
    }
}

impl Possible for Attachment {
    fn impossible(&self) -> Option<&'static str> {
        self.taken_at.impossible()
    }
}

impl Possible for Amendment {
    fn impossible(&self) -> Option<&'static str> {
        self.at.impossible()
    }
}

impl Possible for LifecycleChange {
    fn impossible(&self) -> Option<&'static str> {
        (!in_calendar(self.at)).then_some("an instant of the calendar")
    }
}

impl Possible for StageEntry {
    fn impossible(&self) -> Option<&'static str> {
        (!in_calendar(self.at)).then_some("an instant of the calendar")
    }
}

impl Possible for Phone {}
impl Possible for Expense {}
impl Possible for PlannedRef {}
impl Possible for NextStep {}
impl Possible for JournalLink {}
