//! Photos and points of visits, by what they are and not by when they were (R13).
//!
//! A photo that is used again after a year is found by an index, so nobody has to read a
//! year of visits for it.

use std::collections::BTreeSet;

use client_core::docs::visit::VisitState;
use client_core::docs::{DocKind, Hydrated};
use client_core::id::{DocId, OrgId};
use client_core::projection::DocState;
use client_core::rules::five_decimals;
use rusqlite::{Connection, params};

use super::codec::id;
use crate::storage::StorageError;
use crate::storage::model::DocCommit;

/// The first schema that has them.
pub(super) const SINCE: i64 = 26;

/// The marks of a visit; none of a draft, which claims nothing yet.
fn of(visit: &VisitState) -> BTreeSet<Vec<u8>> {
    if visit.submitted_at.is_none() {
        return BTreeSet::new();
    }
    let photos =
        visit.photos.values().map(|photo| [b"p".as_slice(), photo.hash.0.as_slice()].concat());
    let fix = visit.check_in.as_ref().and_then(|check| check.fix.as_ref());
    let point = fix.map(|fix| {
        let (lat, lon) = five_decimals(fix.point);
        [b"x".as_slice(), &lat.to_be_bytes(), &lon.to_be_bytes()].concat()
    });
    photos.chain(point).collect()
}

/// Puts the marks of a visit in the place of those that it had.
pub(super) fn note(
    connection: &Connection,
    org: OrgId,
    commit: &DocCommit,
) -> Result<(), StorageError> {
    match &commit.state {
        DocState::Visit(state) => write(connection, org, commit.header.doc, state),
        _ => Ok(()),
    }
}

fn write(
    connection: &Connection,
    org: OrgId,
    doc: DocId,
    state: &Hydrated<VisitState>,
) -> Result<(), StorageError> {
    connection
        .prepare_cached("delete from visit_mark where org = ?1 and doc = ?2")?
        .execute(params![org.as_bytes(), doc.as_bytes()])?;
    let mut insert =
        connection.prepare_cached("insert into visit_mark (org, mark, doc) values (?1, ?2, ?3)")?;
    for mark in of(&state.value) {
        insert.execute(params![org.as_bytes(), mark, doc.as_bytes()])?;
    }
    Ok(())
}

/// Fills in the marks of visits that an older program wrote.
pub(super) fn fill(connection: &mut Connection) -> Result<(), StorageError> {
    let transaction = connection.transaction()?;
    anew(&transaction)?;
    transaction.commit()?;
    Ok(())
}

/// The marks of every visit, from its stored row.
pub(super) fn anew(connection: &Connection) -> Result<(), StorageError> {
    connection.execute("delete from visit_mark", [])?;
    let mut statement = connection.prepare("select org, doc, body from main.visit_row")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (org, doc) = (id(row, 0, OrgId::from_bytes)?, id(row, 1, DocId::from_bytes)?);
        let body: Vec<u8> = row.get(2)?;
        // A row that cannot be read is told by whoever reads it.
        if let Ok(DocState::Visit(state)) = DocState::decode(DocKind::Visit, &body) {
            write(connection, org, doc, &state)?;
        }
    }
    Ok(())
}

pub(super) const ALIKE: &str = "select o.doc from visit_mark m
     cross join visit_mark o on o.org = m.org and o.mark = m.mark and o.doc <> m.doc
     cross join visit_row a on a.org = m.org and a.doc = m.doc
     cross join visit_row b on b.org = o.org and b.doc = o.doc
     where m.org = ?1 and m.doc = ?2
       and (a.customer is not b.customer or substr(m.mark, 1, 1) = x'70')";

/// Visits that show a photo of these, or were at the point of one at another customer.
pub(super) fn alike(
    connection: &Connection,
    org: OrgId,
    docs: &[DocId],
) -> Result<Vec<DocId>, StorageError> {
    let mut statement = connection.prepare_cached(ALIKE)?;
    let mut found = BTreeSet::new();
    for doc in docs {
        let others = statement.query_map(params![org.as_bytes(), doc.as_bytes()], |row| {
            id(row, 0, DocId::from_bytes)
        })?;
        for other in others {
            found.insert(other?);
        }
    }
    Ok(found.into_iter().filter(|doc| !docs.contains(doc)).collect())
}
