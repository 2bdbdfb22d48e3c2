//! Whose business moved since a position of the feed.
//!
//! A year's figures of a company are kept, and who looks at them wants to know what of them
//! to count again. Visits are most of what comes and bear on few of them, so the rows of the
//! feed since then are told apart by what they are about, and the reps are those whose scope
//! holds one that matters. Both are reads of ranges, as long as what came since.

use std::collections::BTreeSet;

use client_core::docs::DocKind;
use client_core::id::{OrgId, UserId};
use client_core::protocol::Scope;
use client_core::records::RecordKind;
use rusqlite::{Connection, params};

use super::codec::scope_key;
use super::feed;
use crate::storage::StorageError;
use crate::storage::model::{Bearing, BusinessMoved, Seq};

/// What came since `?2`, with the kinds of the documents.
pub(super) const SINCE: &str = "select f.seq, f.rank, d.kind from feed f
     left join doc d on d.org = f.org and d.doc = f.doc
     where f.org = ?1 and f.seq > ?2";

/// Of it, what a scope holds.
pub(super) const OF_SCOPE: &str =
    "select seq from feed_scope where org = ?1 and scope = ?2 and seq > ?3";

/// Whose figures a row of the feed bears on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bears {
    Nobody,
    /// Holders of a visit or a card.
    Visitors,
    /// Holders of customers, deals or books.
    Holders,
    Everybody,
}

pub(super) fn moved(
    connection: &Connection,
    org: OrgId,
    after: Seq,
    reps: &[UserId],
    bearing: Bearing,
) -> Result<BusinessMoved, StorageError> {
    let head = feed::head(connection, org)?;
    let mut found = BusinessMoved { head, ..BusinessMoved::default() };
    let mut moved: BTreeSet<Seq> = BTreeSet::new();
    let mut statement = connection.prepare_cached(SINCE)?;
    let mut rows = statement.query(params![org.as_bytes(), after])?;
    while let Some(row) = rows.next()? {
        let (rank, kind): (Option<u8>, Option<String>) = (row.get(1)?, row.get(2)?);
        let bears = match rank {
            Some(rank) => of_record(RecordKind::ALL.get(usize::from(rank)).copied(), bearing),
            None => of_document(kind.as_deref(), bearing),
        };
        match bears {
            Bears::Nobody => continue,
            Bears::Visitors => {}
            Bears::Holders => found.books = true,
            Bears::Everybody => (found.books, found.everybody) = (true, true),
        }
        moved.insert(row.get(0)?);
    }
    if found.everybody || moved.is_empty() {
        return Ok(found);
    }
    let mut statement = connection.prepare_cached(OF_SCOPE)?;
    for rep in reps {
        let scope = scope_key(Scope::User(*rep));
        let mut rows = statement.query(params![org.as_bytes(), scope, after])?;
        while let Some(row) = rows.next()? {
            if moved.contains(&row.get(0)?) {
                found.reps.insert(*rep);
                break;
            }
        }
    }
    Ok(found)
}

fn of_document(kind: Option<&str>, bearing: Bearing) -> Bears {
    let is = |one: DocKind| kind == Some(one.as_str());
    if is(DocKind::Plan) || is(DocKind::Case) {
        Bears::Nobody
    } else if is(DocKind::Visit) {
        of_visits(bearing)
    } else {
        Bears::Holders
    }
}

const fn of_record(kind: Option<RecordKind>, bearing: Bearing) -> Bears {
    match kind {
        Some(
            RecordKind::Org
            | RecordKind::Calendar
            | RecordKind::Policy
            | RecordKind::Unit
            | RecordKind::User
            | RecordKind::Product
            | RecordKind::Alias,
        )
        | None => Bears::Everybody,
        Some(
            RecordKind::Placement | RecordKind::Order | RecordKind::Payment | RecordKind::Contract,
        ) => Bears::Holders,
        Some(RecordKind::Decision | RecordKind::Void | RecordKind::Signal | RecordKind::Moved) => {
            of_visits(bearing)
        }
        Some(RecordKind::Scorecard) if matches!(bearing, Bearing::Cards) => Bears::Visitors,
        Some(_) => Bears::Nobody,
    }
}

const fn of_visits(bearing: Bearing) -> Bears {
    match bearing {
        Bearing::Business => Bears::Nobody,
        Bearing::Visits | Bearing::Cards => Bears::Visitors,
    }
}
