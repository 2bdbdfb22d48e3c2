//! Lists, as screens page through them.
//!
//! Pages are cut by key, never by offset: a list that grows while somebody
//! scrolls neither repeats nor skips a row. Sort and filter keys are enums; every
//! query over a table that grows has a test on its plan.

mod cases;
mod customers;
mod deals;
mod facts;
mod held;
mod listed;
mod plans;
mod visits;

use std::fmt;
use std::str::FromStr;

use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

pub use cases::{CaseEntry, CaseQuery};
pub(crate) use cases::{all_cases, case, cases};
pub use customers::{CustomerEntry, CustomerQuery, CustomerSort};
pub(crate) use customers::{customer, customers, found};
pub use deals::{DealEntry, DealQuery};
pub(crate) use deals::{deal, deals};
pub(crate) use facts::{all_deals, customers_seen, visit_facts};
pub(crate) use held::held;
pub use plans::PlanEntry;
pub(crate) use plans::{plan, plan_facts};
pub use visits::{VisitEntry, VisitQuery};
pub(crate) use visits::{open_visit, visit, visits};

use super::{StoreError, outbox};
use crate::docs::Heads;
use crate::id::{DocId, UserId};
use crate::time::Timestamp;

/// Where a page ended; opaque, valid for the same query.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PageToken(String);

#[derive(Serialize, Deserialize)]
enum Position {
    Text(String, DocId),
    Number(i64, DocId),
    Placed(i64, DocId, String),
}

impl PageToken {
    fn text(key: String, doc: DocId) -> Self {
        Self::of(&Position::Text(key, doc))
    }

    fn number(key: i64, doc: DocId) -> Self {
        Self::of(&Position::Number(key, doc))
    }

    pub(super) fn placed(key: i64, doc: DocId, within: String) -> Self {
        Self::of(&Position::Placed(key, doc, within))
    }

    /// The place of [`PageToken::placed`].
    pub(super) fn place(&self) -> Option<(i64, DocId, String)> {
        match Self::position(&self.0)? {
            Position::Placed(key, doc, within) => Some((key, doc, within)),
            Position::Text(..) | Position::Number(..) => None,
        }
    }

    /// Before everything at `at` or later, in lists that go back in time.
    pub(crate) fn before(at: Timestamp) -> Self {
        Self::number(at.millis(), DocId::from_bytes([0; 16]))
    }

    fn of(position: &Position) -> Self {
        let mut bytes = Vec::new();
        // Writing to memory cannot fail.
        let written = ciborium::into_writer(position, &mut bytes);
        debug_assert!(written.is_ok());
        Self(data_encoding::BASE64URL_NOPAD.encode(&bytes))
    }

    fn position(text: &str) -> Option<Position> {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        ciborium::from_reader(bytes.as_slice()).ok()
    }

    /// Key and document as SQL values.
    fn values(token: Option<&Self>) -> Option<(Value, Value)> {
        Some(match Self::position(&token?.0)? {
            Position::Text(key, doc) => (key.into(), doc.as_bytes().to_vec().into()),
            Position::Number(key, doc) | Position::Placed(key, doc, _) => {
                (key.into(), doc.as_bytes().to_vec().into())
            }
        })
    }
}

/// The token as text, for carrying it through another language.
impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text was no page token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a page token: pass what the previous page gave, or none")]
pub struct ParsePageTokenError {
    /// What was given.
    pub text: String,
}

impl FromStr for PageToken {
    type Err = ParsePageTokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::position(text)
            .map(|_position| Self(text.to_owned()))
            .ok_or_else(|| ParsePageTokenError { text: text.to_owned() })
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next: Option<PageToken>,
}

impl<T> Page<T> {
    /// The same page with other rows.
    pub(crate) fn map<U>(self, row: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(row).collect(), next: self.next }
    }
}

/// The most rows a page holds.
pub(super) const LARGEST_PAGE: u32 = 200;

/// One row more than wanted says whether there is a next page.
pub(super) fn cut<T>(mut items: Vec<T>, limit: u32, token: impl Fn(&T) -> PageToken) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(token) } else { None };
    Page { items, next }
}

fn doc(row: &rusqlite::Row<'_>, index: usize) -> Result<DocId, StoreError> {
    outbox::doc_id(&row.get::<_, Vec<u8>>(index)?)
}

fn optional_doc(row: &rusqlite::Row<'_>, index: usize) -> Result<Option<DocId>, StoreError> {
    row.get::<_, Option<Vec<u8>>>(index)?.as_deref().map(outbox::doc_id).transpose()
}

fn user(row: &rusqlite::Row<'_>, index: usize) -> Result<UserId, StoreError> {
    UserId::from_slice(&row.get::<_, Vec<u8>>(index)?)
        .ok_or_else(|| StoreError::damaged("doc", "a user id is not 16 bytes"))
}

fn heads(row: &rusqlite::Row<'_>, index: usize) -> Result<Heads, StoreError> {
    super::document::decode_heads(&row.get::<_, Vec<u8>>(index)?)
}

/// The statements whose plans a test looks at.
#[cfg(test)]
pub(super) fn plans_to_check() -> Vec<String> {
    let token = Some(PageToken::number(0, DocId::from_bytes([0; 16])));
    let (customer, author) = (DocId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
    vec![
        customers::sql(&CustomerQuery::default()),
        customers::sql(&CustomerQuery { after: token.clone(), ..CustomerQuery::default() }),
        customers::sql(&CustomerQuery {
            sort: CustomerSort::Newest,
            after: token.clone(),
            ..CustomerQuery::default()
        }),
        facts::VISITS.to_owned(),
        facts::CUSTOMERS.to_owned(),
        visits::sql(&VisitQuery::default(), 0),
        visits::sql(&VisitQuery { customer: Some(customer), ..VisitQuery::default() }, 0),
        visits::sql(
            &VisitQuery {
                customer: Some(customer),
                author: Some(author),
                after: token.clone(),
                ..VisitQuery::default()
            },
            0,
        ),
        visits::sql(&VisitQuery { author: Some(author), drafts: true, ..VisitQuery::default() }, 0),
        deals::sql(&DealQuery { open: true, after: token.clone(), ..DealQuery::default() }, 0),
        cases::sql(&CaseQuery { open: true, after: token, ..CaseQuery::default() }, 0),
        cases::sql(&CaseQuery { customer: Some(customer), ..CaseQuery::default() }, 0),
        deals::sql(&DealQuery { stage: Some("needs".into()), ..DealQuery::default() }, 0),
    ]
}
