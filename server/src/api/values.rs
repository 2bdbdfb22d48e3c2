//! The values that bodies are made of.

use std::fmt::Display;

use client_core::id::{DeviceId, DocId, ItemId, OrgId, RecordId, UnitId, UserId};
use client_core::money::Money;
use client_core::time::{Date, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// An id: a UUID with hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = "uuid")]
pub(crate) struct Id(String);

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl From<$id> for Id {
            fn from(id: $id) -> Self {
                Self(id.to_string())
            }
        }
    )*};
}

ids!(DeviceId, DocId, ItemId, OrgId, RecordId, UnitId, UserId);

/// An instant: RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = DateTime)]
pub(crate) struct Instant(String);

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Self {
        Self(at.to_string())
    }
}

/// A day in the org's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Date)]
pub(crate) struct Day(String);

impl From<Date> for Day {
    fn from(day: Date) -> Self {
        Self(day.to_string())
    }
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Amount {
    /// Minor units (fen, cents); negative for refunds.
    minor: i64,
    /// ISO 4217.
    currency: String,
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self { minor: money.minor, currency: money.currency.to_string() }
    }
}

/// Somebody or something with a name; the id is there if the reader may open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Named {
    /// Which.
    id: Option<Id>,
    /// What it is called.
    name: String,
}

impl Named {
    /// Something that the reader may open.
    pub(crate) fn of(id: impl Into<Id>, name: impl Into<String>) -> Self {
        Self { id: Some(id.into()), name: name.into() }
    }

    /// Something that they may open only where `id` is there.
    pub(crate) fn opened(id: Option<impl Into<Id>>, name: impl Into<String>) -> Self {
        Self { id: id.map(Into::into), name: name.into() }
    }
}

/// The stable code of one of our enums.
pub(crate) fn code(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(code)) => code,
        _ => String::new(),
    }
}

/// A code that may be missing.
pub(crate) fn codes(value: Option<&impl Display>) -> Option<String> {
    value.map(ToString::to_string)
}

/// Reads an instant as it is written here; milliseconds since 1970 are taken too.
pub(crate) fn instant<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Millis(i64),
        Text(String),
    }
    let Some(written) = Option::<Written>::deserialize(value)? else { return Ok(None) };
    match written {
        Written::Millis(millis) => Ok(Some(Timestamp::from_millis(millis))),
        Written::Text(text) => {
            let at = chrono::DateTime::parse_from_rfc3339(&text).map_err(D::Error::custom)?;
            Ok(Some(Timestamp::from_millis(at.timestamp_millis())))
        }
    }
}
