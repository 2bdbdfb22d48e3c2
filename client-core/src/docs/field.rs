//! How single values stand in a document.
//!
//! Text, codes, dates and money are strings a person can read in any Automerge
//! tool; instants are Automerge timestamps; ids are 16 bytes; what is written
//! as one thing (a check-in) is one byte string of CBOR.

use automerge::{ScalarValue, ScalarValueRef};

use crate::docs::Problem;
use crate::docs::cbor::compound;
use crate::docs::customer::{CustomerPosition, LifecycleChange, Phone};
use crate::docs::deal::StageEntry;
use crate::docs::visit::{
    Amendment, Attachment, Check, Expense, JournalLink, NextStep, PlannedRef,
};
use crate::id::{DocId, ItemId, UserId};
use crate::money::{Currency, Money};
use crate::records::Tier;
use crate::time::{CapturedAt, Date, Timestamp};

/// A value that can be put.
pub(crate) trait Scalar {
    fn to_scalar(&self) -> ScalarValue;
}

/// A value that can be put and read back.
pub(crate) trait Field: Scalar + Sized {
    fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem>;
}

/// A key of a map inside a document.
pub(crate) trait Key: Ord + Sized {
    fn to_key(&self) -> String;
    fn from_key(key: &str) -> Option<Self>;
}

pub(crate) fn wrong_type<T>(expected: &str) -> Result<T, Problem> {
    Err(Problem::WrongType { expected: expected.to_owned() })
}

pub(crate) fn out_of_range<T>(expected: &str) -> Result<T, Problem> {
    Err(Problem::OutOfRange { expected: expected.to_owned() })
}

pub(crate) fn text<'a>(value: &'a ScalarValueRef<'_>) -> Result<&'a str, Problem> {
    match value {
        ScalarValueRef::Str(text) => Ok(text),
        _ => wrong_type("text"),
    }
}

fn integer(value: &ScalarValueRef<'_>) -> Result<i64, Problem> {
    match value {
        ScalarValueRef::Int(number) => Ok(*number),
        ScalarValueRef::Uint(number) => {
            i64::try_from(*number).or_else(|_error| out_of_range("a 64-bit integer"))
        }
        _ => wrong_type("integer"),
    }
}

impl<T: Scalar + ?Sized> Scalar for &T {
    fn to_scalar(&self) -> ScalarValue {
        (*self).to_scalar()
    }
}

impl Scalar for str {
    fn to_scalar(&self) -> ScalarValue {
        self.into()
    }
}

impl Scalar for String {
    fn to_scalar(&self) -> ScalarValue {
        self.as_str().into()
    }
}

impl Field for String {
    fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem> {
        text(value).map(str::to_owned)
    }
}

impl Scalar for bool {
    fn to_scalar(&self) -> ScalarValue {
        (*self).into()
    }
}

impl Field for bool {
    fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem> {
        match value {
            ScalarValueRef::Boolean(flag) => Ok(*flag),
            _ => wrong_type("boolean"),
        }
    }
}

macro_rules! integers {
    ($($name:ty = $expected:literal;)*) => {$(
        impl Scalar for $name {
            fn to_scalar(&self) -> ScalarValue {
                ScalarValue::Int(i64::from(*self))
            }
        }

        impl Field for $name {
            fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem> {
                <$name>::try_from(integer(value)?).or_else(|_error| out_of_range($expected))
            }
        }
    )*};
}

integers! {
    u8 = "0 to 255";
    u32 = "0 to 4294967295";
    i64 = "a 64-bit integer";
}

impl Scalar for Timestamp {
    fn to_scalar(&self) -> ScalarValue {
        ScalarValue::Timestamp(self.millis())
    }
}

impl Field for Timestamp {
    fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem> {
        match value {
            ScalarValueRef::Timestamp(millis) => {
                let at = Self::from_millis(*millis);
                if at.to_utc().is_some() {
                    Ok(at)
                } else {
                    out_of_range("an instant of the calendar")
                }
            }
            _ => wrong_type("timestamp"),
        }
    }
}

impl Scalar for Date {
    fn to_scalar(&self) -> ScalarValue {
        self.to_string().into()
    }
}

impl Field for Date {
    fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem> {
        text(value)?.parse().or_else(|_error| out_of_range("a date YYYY-MM-DD"))
    }
}

impl Scalar for Money {
    fn to_scalar(&self) -> ScalarValue {
        format!("{} {}", self.currency, self.minor).into()
    }
}

impl Field for Money {
    fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem> {
        let parsed = text(value)?.split_once(' ').and_then(|(currency, minor)| {
            Some(Self::new(minor.parse().ok()?, Currency::kept(currency).ok()?))
        });
        parsed.map_or_else(|| out_of_range("money such as CNY 123450, in minor units"), Ok)
    }
}

impl Scalar for Tier {
    fn to_scalar(&self) -> ScalarValue {
        self.as_str().into()
    }
}

impl Field for Tier {
    fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem> {
        Self::parse(text(value)?).map_or_else(|| out_of_range("a, b or c"), Ok)
    }
}

macro_rules! ids {
    ($($name:ty),*) => {$(
        impl Scalar for $name {
            fn to_scalar(&self) -> ScalarValue {
                ScalarValue::Bytes(self.as_bytes().to_vec())
            }
        }

        impl Field for $name {
            fn from_scalar(value: &ScalarValueRef<'_>) -> Result<Self, Problem> {
                match value {
                    ScalarValueRef::Bytes(bytes) => {
                        Self::from_slice(bytes).map_or_else(|| out_of_range("16 bytes"), Ok)
                    }
                    _ => wrong_type("id"),
                }
            }
        }

        impl Key for $name {
            fn to_key(&self) -> String {
                data_encoding::BASE64URL_NOPAD.encode(self.as_bytes())
            }

            fn from_key(key: &str) -> Option<Self> {
                key_bytes(key).map(Self::from_bytes)
            }
        }
    )*};
}

ids!(ItemId, UserId, DocId);

impl Key for String {
    fn to_key(&self) -> String {
        self.clone()
    }

    fn from_key(key: &str) -> Option<Self> {
        Some(key.to_owned())
    }
}

/// The id bytes of a map key, if it is an id.
fn key_bytes(key: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let encoding = data_encoding::BASE64URL_NOPAD;
    if encoding.decode_len(key.len()) != Ok(16) {
        return None;
    }
    encoding.decode_mut(key.as_bytes(), &mut bytes).ok().map(|_length| bytes)
}

/// The map key that [`shown_key`] shows so.
pub(crate) fn stored_key(shown: &str) -> String {
    shown.parse::<ItemId>().map_or_else(|_error| shown.to_owned(), |id| id.to_key())
}

/// A map key as people read it: ids as UUIDs.
pub(crate) fn shown_key(key: &str) -> String {
    ItemId::from_key(key).map_or_else(|| key.to_owned(), |id| id.to_string())
}

compound! {
    Phone, CustomerPosition, LifecycleChange,
    PlannedRef, Check, Attachment, Expense, NextStep, JournalLink, Amendment,
    StageEntry,
    CapturedAt,
}
