//! Giving a restored server back what it lost.
//!
//! A server whose data began another life says so once. From then on each request
//! names some of the documents that the old life confirmed, with their heads; the
//! server answers which of them it lacks something of, and that goes into the outbox
//! again: own changes, and those of others, who may never come themselves.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, params};

use super::tally::Ledger;
use super::{StoreError, alias, document, merge, meta, moved, outbox, receipt};
use crate::docs::{ChangeHash, Document, Generation, Heads};
use crate::faults::{Fault, injected};
use crate::id::DocId;
use crate::protocol::hand_back::MAX_OFFERS;
use crate::protocol::{FeedEntry, HandBack, HandBackAnswer, Offer, PushGroup};
use crate::records::RecordKind;
use crate::time::Timestamp;

/// How far the documents were offered; `None` inside once all were.
type Place = Option<DocId>;

/// The next documents to be offered, if a hand-back goes on.
pub(super) fn offers(conn: &Connection) -> Result<Vec<Offer>, StoreError> {
    let Some(place) = meta::get::<Place>(conn, meta::Key::HandBack)? else {
        return Ok(Vec::new());
    };
    let mut statement = conn.prepare_cached(
        "select id, acked, generation from doc where id > ?1 and acked is not null order by id limit ?2",
    )?;
    let after = place.map_or_else(Vec::new, |doc| doc.as_bytes().to_vec());
    let mut rows = statement.query(params![after, i64::try_from(MAX_OFFERS).unwrap_or(0)])?;
    let mut offers = Vec::new();
    while let Some(row) = rows.next()? {
        let doc = outbox::doc_id(&row.get::<_, Vec<u8>>(0)?)?;
        let heads = document::decode_heads(&row.get::<_, Vec<u8>>(1)?)?;
        offers.push(Offer { doc, heads, generation: Generation(row.get(2)?) });
    }
    Ok(offers)
}

/// What goes into a request beside its groups; none if there is nothing to say.
pub(super) fn collect(
    conn: &Connection,
    groups: &[PushGroup],
    given: Vec<u32>,
) -> Result<Option<Box<HandBack>>, StoreError> {
    let offers = offers(conn)?;
    if offers.is_empty() && given.is_empty() {
        return Ok(None);
    }
    let docs: BTreeSet<DocId> = given
        .iter()
        .filter_map(|place| groups.get(usize::try_from(*place).ok()?))
        .map(|group| group.header.doc)
        .collect();
    Ok(Some(Box::new(HandBack { offers, receipts: receipt::for_docs(conn, &docs)?, given })))
}

/// Whether documents are still to be offered.
pub(super) fn goes_on(conn: &Connection) -> Result<bool, StoreError> {
    Ok(meta::get::<Place>(conn, meta::Key::HandBack)?.is_some())
}

/// Whether the server may lack something of what is here of a document: it waits to be
/// given back, or was not offered yet.
pub(super) fn is_open(conn: &Connection, doc: DocId) -> Result<bool, StoreError> {
    if goes_on(conn)? {
        return Ok(true);
    }
    Ok(conn
        .prepare_cached(
            "select 1 from change where doc = ?1 and given = 1 and state in ('saved', 'sent')",
        )?
        .exists(params![doc.as_bytes()])?)
}

/// Takes what the server said about offers, and whether its data is what it was; whether
/// anything is to be given back now.
pub(super) fn take(
    conn: &Connection,
    offered: Option<&[DocId]>,
    answer: Option<&HandBackAnswer>,
    now: Timestamp,
    ledger: &mut Ledger,
) -> Result<bool, StoreError> {
    if answer.is_some_and(|answer| answer.another_life) {
        begin(conn)?;
        return Ok(false);
    }
    let Some(offered) = offered else { return Ok(false) };
    if !goes_on(conn)? {
        return Ok(false);
    }
    let lacking: BTreeMap<DocId, &Heads> = answer
        .into_iter()
        .flat_map(|answer| &answer.lacking)
        .map(|offer| (offer.doc, &offer.heads))
        .collect();
    for doc in offered {
        if let Some(heads) = lacking.get(doc) {
            ledger.touch(conn, *doc)?;
            give(conn, *doc, heads, now)?;
        }
    }
    match offered.last() {
        Some(last) if offered.len() == MAX_OFFERS => {
            meta::set(conn, meta::Key::HandBack, &Some(*last))
        }
        _ => meta::clear(conn, meta::Key::HandBack),
    }?;
    Ok(!lacking.is_empty())
}

/// The data began another life: everything is compared, and a record's number says
/// nothing any more about which is newer; nor do sums of the life before, so a list that
/// differed from one is not asked for. What waited for a person's decision may wait
/// there no more, and then nobody would ever decide: it is sent again.
fn begin(conn: &Connection) -> Result<(), StoreError> {
    conn.execute("update record set version = 0", [])?;
    conn.execute("delete from repair", [])?;
    conn.execute("delete from change where given = 1 and state = 'set_aside'", [])?;
    conn.execute(
        "update change set state = 'saved', reason = null where state = 'quarantined'",
        [],
    )?;
    meta::set(conn, meta::Key::Stale, &true)?;
    if injected(Fault::HandBackForgotten) {
        return Ok(());
    }
    meta::set(conn, meta::Key::HandBack, &Place::None)
}

/// Puts what the server lacks of a document into the outbox.
fn give(conn: &Connection, doc: DocId, there: &Heads, now: Timestamp) -> Result<(), StoreError> {
    let Some(stored) = merge::undamaged(conn, doc)? else { return Ok(()) };
    let lacking = stored.document.changes_since(there);
    give_too(conn, &stored.document, lacking.into_iter().map(|it| it.hash).collect(), now)?;
    if there.as_slice().is_empty() {
        // It is not there at all, so it counts in no sum until it is.
        conn.prepare_cached("update doc set acked = null where id = ?1")?
            .execute(params![doc.as_bytes()])?;
        return Ok(());
    }
    let known = there.as_slice().iter().filter(|hash| stored.document.contains(hash));
    document::set_acked(conn, doc, &Heads::new(known.copied().collect()))
}

/// Puts changes that the server had and lost into the outbox, with what is to be given
/// back of the document already, each after what it builds on: that vouches for it.
pub(super) fn give_too(
    conn: &Connection,
    document: &Document,
    mut wanted: BTreeSet<ChangeHash>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (header, stamp) = (*document.header(), meta::get(conn, meta::Key::Stamp)?);
    let given = "doc = ?1 and given = 1 and state in ('saved', 'sent')";
    let mut statement = conn.prepare(&format!("select hash from change where {given}"))?;
    let mut rows = statement.query(params![header.doc.as_bytes()])?;
    while let Some(row) = rows.next()? {
        wanted.insert(outbox::change_hash(&row.get::<_, Vec<u8>>(0)?)?);
    }
    conn.execute(&format!("delete from change where {given}"), params![header.doc.as_bytes()])?;
    for change in document.changes_since(&Heads::default()) {
        if wanted.contains(&change.hash) {
            outbox::add_given(conn, &header, &change, stamp.as_ref(), now)?;
        }
    }
    Ok(())
}

/// Everything of the new life is here: records that it does not have are of the old one,
/// and so are scopes that its last page does not call complete. Who lost one of those
/// meanwhile is told by nothing else, because a feed that starts over tells what there is.
pub(super) fn drop_stale(
    conn: &Connection,
    feed: &[FeedEntry],
    ledger: &mut Ledger,
) -> Result<(), StoreError> {
    if meta::get::<bool>(conn, meta::Key::Stale)? != Some(true) {
        return Ok(());
    }
    let held: BTreeSet<String> = feed
        .iter()
        .filter_map(|entry| match entry {
            FeedEntry::Complete(digest) => Some(digest.scope.to_string()),
            _ => None,
        })
        .collect();
    if !held.is_empty() {
        drop_other_scopes(conn, &held, ledger)?;
    }
    conn.execute(
        "delete from holding where subject in
             (select id from record where kind = ?1 and version = 0)",
        params![RecordKind::Placement.as_str()],
    )?;
    let stale: Vec<Vec<u8>> = conn
        .prepare_cached("select id from record where kind = ?1 and version = 0")?
        .query_map([RecordKind::Moved.as_str()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    conn.execute("delete from record where version = 0", [])?;
    for visit in stale {
        moved::follow(conn, outbox::doc_id(&visit)?)?;
    }
    alias::refresh(conn)?;
    meta::clear(conn, meta::Key::Stale)
}

fn drop_other_scopes(
    conn: &Connection,
    held: &BTreeSet<String>,
    ledger: &mut Ledger,
) -> Result<(), StoreError> {
    let known: BTreeSet<String> = conn
        .prepare_cached("select scope from scope union select scope from membership")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for scope in known.difference(held) {
        let docs: Vec<Vec<u8>> = conn
            .prepare_cached("select doc from membership where scope = ?1")?
            .query_map([scope], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for doc in &docs {
            ledger.touch(conn, outbox::doc_id(doc)?)?;
        }
        conn.prepare_cached("delete from membership where scope = ?1")?.execute([scope])?;
        let mut leave = conn.prepare_cached(
            "update doc set leaving = 1 where id = ?1
             and not exists (select 1 from membership where doc = ?1)",
        )?;
        for doc in &docs {
            leave.execute([doc])?;
        }
        ledger.settle(conn)?;
        conn.prepare_cached("delete from repair where scope = ?1")?.execute([scope])?;
        conn.prepare_cached("delete from scope where scope = ?1")?.execute([scope])?;
    }
    Ok(())
}

/// Whether anything of a document is to be given back.
pub(super) fn gives(conn: &Connection, doc: DocId) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("select 1 from change where doc = ?1 and given = 1")?
        .exists(params![doc.as_bytes()])?)
}

/// Whether a change in the outbox is one that the server had and lost.
pub(super) fn is_given(conn: &Connection, hash: &ChangeHash) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("select 1 from change where hash = ?1 and given = 1")?
        .exists(params![hash.0])?)
}
