//! Photos and points of visits, by what they are and not by when they were (R13).
//!
//! A photo that is used again after a year is found by an index, so nobody has to read a
//! year of visits for it.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::visit::VisitState;
use client_core::docs::{DocKind, Hydrated};
use client_core::id::{DocId, OrgId};
use client_core::projection::DocState;
use client_core::rules::five_decimals;
use rusqlite::{Connection, params};

use super::codec::{id, optional_id};
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

/// Visits that are read at a time. A million of them take a minute, and say so.
const BATCH: i64 = 20_000;

/// Fills in the marks of visits that an older program wrote. What was filled in of it before
/// it was cut off is filled in again.
pub(super) fn fill(connection: &mut Connection) -> Result<(), StorageError> {
    let visits: i64 =
        connection.query_row("select count(*) from main.visit_row", [], |row| row.get(0))?;
    if visits == 0 {
        return Ok(());
    }
    tracing::info!(
        visits,
        "the data file is of an older program: what its visits show and where \
        they were is noted, so that a photo or a point is known again"
    );
    in_batches(connection, BATCH, |done| {
        tracing::info!(done, visits, "visits noted");
    })?;
    Ok(())
}

/// The marks of every visit, from its stored row, inside one transaction of the caller's.
pub(super) fn anew(connection: &Connection) -> Result<(), StorageError> {
    connection.execute("delete from visit_mark", [])?;
    let mut after = None;
    while let (Some(last), _read) = batch(connection, after, BATCH)? {
        after = Some(last);
    }
    Ok(())
}

/// The marks of every visit, a transaction for so many at a time.
fn in_batches(
    connection: &mut Connection,
    size: i64,
    told: impl Fn(i64),
) -> Result<(), StorageError> {
    connection.execute("delete from visit_mark", [])?;
    let (mut after, mut done) = (None, 0);
    loop {
        let transaction = connection.transaction()?;
        let (last, read) = batch(&transaction, after, size)?;
        transaction.commit()?;
        if last.is_none() {
            return Ok(());
        }
        (after, done) = (last, done + read);
        told(done);
    }
}

const NEXT: &str = "select org, doc, body from main.visit_row
     where (org, doc) > (?1, ?2) order by org, doc limit ?3";

/// The marks of the next visits; the last of them, and how many they were.
fn batch(
    connection: &Connection,
    after: Option<(OrgId, DocId)>,
    size: i64,
) -> Result<(Option<(OrgId, DocId)>, i64), StorageError> {
    let (org, doc) = after.unzip();
    // Nothing is smaller than no bytes.
    let org = org.as_ref().map_or(&[][..], |org| org.as_bytes().as_slice());
    let doc = doc.as_ref().map_or(&[][..], |doc| doc.as_bytes().as_slice());
    let mut statement = connection.prepare_cached(NEXT)?;
    let mut rows = statement.query(params![org, doc, size])?;
    let (mut last, mut read) = (None, 0);
    while let Some(row) = rows.next()? {
        let (org, doc) = (id(row, 0, OrgId::from_bytes)?, id(row, 1, DocId::from_bytes)?);
        let body: Vec<u8> = row.get(2)?;
        // A row that cannot be read is told by whoever reads it.
        if let Ok(DocState::Visit(state)) = DocState::decode(DocKind::Visit, &body) {
            write(connection, org, doc, &state)?;
        }
        (last, read) = (Some((org, doc)), read + 1);
    }
    Ok((last, read))
}

/// What a visit shows and where it was, with its customer.
pub(super) const SHOWN: &str = "select m.mark, r.customer from visit_mark m
     cross join visit_row r on r.org = m.org and r.doc = m.doc
     where m.org = ?1 and m.doc = ?2";

/// The visits that have a mark, with their customers.
pub(super) const ALIKE: &str = "select m.doc, r.customer from visit_mark m
     cross join visit_row r on r.org = m.org and r.doc = m.doc
     where m.org = ?1 and m.mark = ?2";

/// Visits that show a photo of these, or were at the point of one at another customer.
///
/// A point may be that of a thousand visits to one building. So each mark is looked up once,
/// however many of these have it: comparing visit with visit read a million rows for a
/// thousand of them.
pub(super) fn alike(
    connection: &Connection,
    org: OrgId,
    docs: &[DocId],
) -> Result<Vec<DocId>, StorageError> {
    let mut shown: BTreeMap<Vec<u8>, BTreeSet<Option<DocId>>> = BTreeMap::new();
    let mut statement = connection.prepare_cached(SHOWN)?;
    for doc in docs {
        let mut rows = statement.query(params![org.as_bytes(), doc.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let customer = optional_id(row, 1, DocId::from_bytes)?;
            shown.entry(row.get(0)?).or_default().insert(customer);
        }
    }
    let asked: BTreeSet<DocId> = docs.iter().copied().collect();
    let mut found = BTreeSet::new();
    let mut statement = connection.prepare_cached(ALIKE)?;
    for (mark, customers) in &shown {
        let photo = mark.first() == Some(&b'p');
        let mut rows = statement.query(params![org.as_bytes(), mark])?;
        while let Some(row) = rows.next()? {
            let other = id(row, 0, DocId::from_bytes)?;
            let customer = optional_id(row, 1, DocId::from_bytes)?;
            let elsewhere = || customers.iter().any(|one| *one != customer);
            if !asked.contains(&other) && (photo || elsewhere()) {
                found.insert(other);
            }
        }
    }
    Ok(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::storage::sqlite::open;

    const ORG: OrgId = OrgId::from_bytes([1; 16]);

    fn doc(number: u32) -> DocId {
        let mut bytes = [0; 16];
        bytes[12..].copy_from_slice(&number.to_be_bytes());
        DocId::from_bytes(bytes)
    }

    /// A visit's row, with the marks that are given.
    fn visit(connection: &Connection, number: u32, customer: u8, marks: &[&[u8]]) {
        let state = Hydrated::<VisitState>::default();
        let body = DocState::Visit(state).encode();
        connection
            .execute(
                "insert into visit_row (org, doc, author, customer, heads, body, received_at)
                 values (?1, ?2, x'01', ?3, x'', ?4, 0)",
                params![ORG.as_bytes(), doc(number).as_bytes(), [customer; 16], body],
            )
            .unwrap();
        for mark in marks {
            let sql = "insert into visit_mark (org, mark, doc) values (?1, ?2, ?3)";
            let doc = doc(number);
            connection.execute(sql, params![ORG.as_bytes(), mark, doc.as_bytes()]).unwrap();
        }
    }

    #[test]
    fn a_photo_is_known_anywhere_and_a_point_at_another_customer() {
        let connection = open::in_memory().unwrap();
        visit(&connection, 1, 1, &[b"pA", b"xA"]);
        visit(&connection, 2, 1, &[b"pA"]);
        visit(&connection, 3, 1, &[b"xA"]);
        visit(&connection, 4, 2, &[b"xA"]);
        visit(&connection, 5, 2, &[b"pB", b"xB"]);
        let found = |docs: &[u32]| {
            let docs: Vec<DocId> = docs.iter().copied().map(doc).collect();
            alike(&connection, ORG, &docs).unwrap()
        };
        assert_eq!(found(&[1]), [doc(2), doc(4)], "and not 3: who comes again stands there again");
        assert_eq!(found(&[1, 4]), [doc(2), doc(3)]);
        assert!(found(&[1, 2, 3, 4]).is_empty() && found(&[5]).is_empty());
    }

    /// What everybody shares is read once and not once for each who shares it.
    #[test]
    fn a_point_of_many_visits_is_read_once() {
        let connection = open::in_memory().unwrap();
        let all = 400_u32;
        for number in 0..all {
            visit(&connection, number, u8::try_from(number % 3).unwrap(), &[b"xA"]);
        }
        let asked: Vec<DocId> = (0..all / 2).map(doc).collect();
        let steps = |sql| connection.prepare_cached(sql).unwrap().get_status(StatementStatus::Run);
        assert_eq!(alike(&connection, ORG, &asked).unwrap().len(), 200);
        assert_eq!((steps(SHOWN), steps(ALIKE)), (200, 1), "as often as a query was run");
    }

    #[test]
    fn an_older_file_is_filled_in_by_parts() {
        let mut connection = open::in_memory().unwrap();
        for number in 0..5 {
            visit(&connection, number, 1, &[b"xOLD"]);
        }
        let told = std::cell::RefCell::new(Vec::new());
        in_batches(&mut connection, 2, |done| told.borrow_mut().push(done)).unwrap();
        assert_eq!(*told.borrow(), [2, 4, 5], "and nothing is left out between two parts");
        let left: i64 =
            connection.query_row("select count(*) from visit_mark", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0, "drafts claim nothing");
    }
}
