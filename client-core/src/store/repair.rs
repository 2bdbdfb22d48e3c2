//! Repair: what to do where this file and the server do not agree.
//!
//! § A mismatch leads to comparing a list and mending single documents, never to a
//! wipe. A scope whose count or digest differs is listed a page at a time; what differs
//! is asked for whole. A document that cannot be read here is asked for the same way.
//! Where it stands is in the file, so a broken connection costs nothing, and a list that
//! finds no difference ends it: then the server's own sum is wrong, which no phone can
//! mend. That is said, and not asked again for a day.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::feed::{Applied, Incoming};
use super::tally::Ledger;
use super::{StoreError, document, feed, hand_back, merge, meta, outbox, tally};
use crate::docs::{Document, Generation, Header, Heads};
use crate::id::{ActorId, DocId};
use crate::projection::DocState;
use crate::protocol::{
    DocAnswer, ListAsk, ListedDoc, Listing, RepairAnswer, RepairAsk, Scope, ScopeDigest,
};
use crate::time::Timestamp;

/// How long a scope that cannot be mended is left alone.
const DAY_MS: i64 = 24 * 3_600_000;

/// What has to be asked; none if nothing differs. Nothing while the server may have
/// stored what this phone does not know to be stored: that alone makes sums differ.
pub(super) fn ask(conn: &Connection, now: Timestamp) -> Result<Option<RepairAsk>, StoreError> {
    // A server that lost something is given it back first: until then what it lacks
    // would look as if it were not to be here.
    if hand_back::goes_on(conn)? || outbox::unheard(conn, now)? {
        return Ok(None);
    }
    let list = conn
        .prepare_cached("select scope, after from repair order by scope limit 1")?
        .query_row([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<Vec<u8>>>(1)?)))
        .optional()?
        .map(|(scope, after)| {
            let scope = scope.parse().map_err(|error| StoreError::damaged("repair", error))?;
            let after = after.as_deref().map(outbox::doc_id).transpose()?;
            Ok::<_, StoreError>(ListAsk { scope, after })
        })
        .transpose()?;
    let docs = conn
        .prepare_cached("select doc from repair_doc order by doc limit ?1")?
        .query_map([i64::try_from(RepairAsk::MAX_DOCS).unwrap_or(i64::MAX)], |row| {
            row.get::<_, Vec<u8>>(0)
        })?
        .map(|doc| outbox::doc_id(&doc?))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((list.is_some() || !docs.is_empty()).then_some(RepairAsk { list, docs }))
}

/// Documents and lists that are still to be asked for.
pub(crate) fn waiting(conn: &Connection) -> Result<u64, StoreError> {
    let waiting: i64 = conn
        .prepare_cached("select (select count(*) from repair_doc) + (select count(*) from repair)")?
        .query_row([], |row| row.get(0))?;
    Ok(waiting.unsigned_abs())
}

/// A document here is not what it should be: it is asked for whole.
pub(crate) fn want(conn: &Connection, doc: DocId, reason: &str) -> Result<(), StoreError> {
    conn.prepare_cached("insert or ignore into repair_doc (doc, reason) values (?1, ?2)")?
        .execute(params![doc.as_bytes(), reason])?;
    Ok(())
}

/// Why a document is asked for whose history is another one on the server.
const ANOTHER_HISTORY: &str = "another history";

/// Whether a document that comes with another history has to wait: the server may lack
/// something of the one that is here, which is given back first and would be forgotten
/// over it. Then it is asked for whole.
pub(super) fn comes_later(
    conn: &Connection,
    doc: DocId,
    generation: Generation,
) -> Result<bool, StoreError> {
    let here = document::header(conn, doc)?.map(|header| header.generation);
    if here.is_none_or(|here| here == generation) || !hand_back::is_open(conn, doc)? {
        return Ok(false);
    }
    conn.prepare_cached(
        "insert into repair_doc (doc, reason) values (?1, ?2)
         on conflict (doc) do update set reason = excluded.reason",
    )?
    .execute(params![doc.as_bytes(), ANOTHER_HISTORY])?;
    Ok(true)
}

/// Whether a document is to come with another history: changes of that one find nothing to
/// build on here.
pub(super) fn is_to_come(conn: &Connection, doc: DocId) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached("select 1 from repair_doc where doc = ?1 and reason = ?2")?
        .exists(params![doc.as_bytes(), ANOTHER_HISTORY])?)
}

/// A scope was counted and differs: its list is to be compared, unless that was done
/// lately and did not help.
pub(super) fn begin(conn: &Connection, scope: Scope, now: Timestamp) -> Result<(), StoreError> {
    let given_up: Option<i64> = conn
        .prepare_cached("select listed_at from scope where scope = ?1 and fault is not null")?
        .query_row(params![scope.to_string()], |row| row.get(0))
        .optional()?
        .flatten();
    if given_up.is_some_and(|at| (0..DAY_MS).contains(&now.since(Timestamp::from_millis(at)))) {
        return Ok(());
    }
    conn.prepare_cached("insert or ignore into repair (scope, after) values (?1, null)")?
        .execute(params![scope.to_string()])?;
    Ok(())
}

/// What differed only because an answer was missing agrees once it came: a list that was
/// not begun is not needed.
pub(super) fn agreed_since(conn: &Connection) -> Result<(), StoreError> {
    conn.prepare_cached(
        "delete from repair where after is null and scope in (select scope from scope
             where server_count = local_count and server_sum = local_sum)",
    )?
    .execute([])?;
    Ok(())
}

/// Takes the answer to what was asked.
pub(super) fn take(
    conn: &Connection,
    incoming: &Incoming<'_>,
    answer: &RepairAnswer,
    applied: &mut Applied,
    ledger: &mut Ledger,
) -> Result<(), StoreError> {
    for one in &answer.docs {
        let doc = match one {
            DocAnswer::Held { header, .. } => header.doc,
            DocAnswer::NotYours(doc) | DocAnswer::Unknown(doc) => *doc,
        };
        ledger.touch(conn, doc)?;
        match one {
            DocAnswer::Held { header, scopes, .. }
                if comes_later(conn, doc, header.generation)? =>
            {
                feed::join(conn, doc, scopes)?;
                continue;
            }
            DocAnswer::Held { header, scopes, .. } if knows_more(conn, header)? => {
                let what = format!("{doc}: the server holds an older history than this phone");
                applied.faults += 1;
                note(conn, incoming.now, Some(doc), &what)?;
                for scope in scopes {
                    give_up(conn, *scope, &what)?;
                }
            }
            DocAnswer::Held { header, scopes, snapshot } => {
                match feed::whole(conn, incoming, header, scopes, snapshot)? {
                    Err(reason) => {
                        applied.faults += 1;
                        note(conn, incoming.now, Some(doc), &reason)?;
                        let what = format!("{doc}, as the server sends it: {reason}");
                        for scope in scopes {
                            give_up(conn, *scope, &what)?;
                        }
                    }
                    Ok(forgot) => {
                        believe(conn, incoming, header, snapshot)?;
                        applied.forgot |= forgot;
                        applied.pulled += 1;
                    }
                }
                applied.touched.doc(header.kind, doc);
            }
            DocAnswer::NotYours(doc) => feed::unhold(conn, *doc)?,
            DocAnswer::Unknown(doc) => give_back(conn, incoming, *doc)?,
        }
        conn.prepare_cached("delete from repair_doc where doc = ?1")?
            .execute(params![doc.as_bytes()])?;
        applied.progressed = true;
    }
    ledger.settle(conn)?;
    match &answer.list {
        Some(listing) => compare(conn, listing, incoming.now, applied)?,
        // Asked for and not told: this user does not read that scope any more.
        None => {
            conn.execute(
                "delete from repair where scope = (select scope from repair order by scope limit 1)",
                [],
            )?;
        }
    }
    Ok(())
}

/// Whether what is here of a document is of a later history than the server's, which
/// nothing that it signed vouches for.
fn knows_more(conn: &Connection, theirs: &Header) -> Result<bool, StoreError> {
    let here = document::header(conn, theirs.doc)?;
    Ok(here.is_some_and(|here| here.generation > theirs.generation))
}

/// Compares a page of the server's list with what is here.
fn compare(
    conn: &Connection,
    listing: &Listing,
    now: Timestamp,
    applied: &mut Applied,
) -> Result<(), StoreError> {
    let scope = listing.scope.to_string();
    let standing: Option<(Option<Vec<u8>>, i64)> = conn
        .prepare_cached("select after, found from repair where scope = ?1")?
        .query_row(params![scope], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((standing, mut found)) = standing else { return Ok(()) };
    // An answer that was given twice.
    if standing.as_deref().map(outbox::doc_id).transpose()? != listing.after {
        return Ok(());
    }
    let Some(theirs) = listing.docs() else {
        return note(conn, now, None, "the list of a scope could not be read");
    };
    let last = theirs.last().map(|listed| listed.doc);
    let until = last.filter(|_last| listing.more);
    let theirs: BTreeMap<DocId, [u8; 8]> =
        theirs.into_iter().map(|listed| (listed.doc, listed.mark)).collect();
    let ours = ours(conn, listing.scope, listing.after, until)?;
    let missing = theirs.keys().filter(|doc| !ours.contains_key(doc));
    let missing = missing.map(|doc| (*doc, "missing"));
    let differing = ours.iter().filter_map(|(doc, mark)| match theirs.get(doc) {
        None => Some((*doc, "extra")),
        Some(theirs) => (theirs != mark).then_some((*doc, "differs")),
    });
    for (doc, reason) in missing.chain(differing) {
        want(conn, doc, reason)?;
        found += 1;
    }
    if let Some(last) = until {
        conn.prepare_cached("update repair set after = ?2, found = ?3 where scope = ?1")?
            .execute(params![scope, last.as_bytes(), found])?;
    } else {
        conn.prepare_cached("update scope set listed_at = ?2 where scope = ?1")?
            .execute(params![scope, now.millis()])?;
        conn.prepare_cached("delete from repair where scope = ?1")?.execute(params![scope])?;
        if found == 0 {
            conclude(conn, listing.scope, now, applied)?;
        }
    }
    applied.progressed = true;
    Ok(())
}

fn ours(
    conn: &Connection,
    scope: Scope,
    after: Option<DocId>,
    until: Option<DocId>,
) -> Result<BTreeMap<DocId, [u8; 8]>, StoreError> {
    let after = after.unwrap_or(DocId::from_bytes([0; 16]));
    let until = until.unwrap_or(DocId::from_bytes([0xFF; 16]));
    let mut statement = conn.prepare_cached(
        "select m.doc, d.generation, d.acked from membership m join doc d on d.id = m.doc
         where m.scope = ?1 and m.doc > ?2 and m.doc <= ?3 and d.acked is not null",
    )?;
    let mut rows =
        statement.query(params![scope.to_string(), after.as_bytes(), until.as_bytes()])?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let doc = outbox::doc_id(&row.get::<_, Vec<u8>>(0)?)?;
        let acked = document::decode_heads(&row.get::<_, Vec<u8>>(2)?)?;
        let listed = ListedDoc::new(doc, Generation(row.get(1)?), &acked);
        found.insert(doc, listed.mark);
    }
    Ok(found)
}

/// What the server just sent of a document is all it has: what was taken to be there
/// and is not goes out again, as far as it is this phone's own.
fn believe(
    conn: &Connection,
    incoming: &Incoming<'_>,
    header: &Header,
    snapshot: &[u8],
) -> Result<(), StoreError> {
    let theirs = match DocState::of_history(header.kind, snapshot) {
        Some((heads, _state)) => heads,
        None => match Document::load(*header, snapshot) {
            Ok(document) => document.heads(),
            Err(_) => return Ok(()),
        },
    };
    let acked: Option<Vec<u8>> = conn
        .prepare_cached("select acked from doc where id = ?1 and generation = ?2")?
        .query_row(params![header.doc.as_bytes(), header.generation.0], |row| row.get(0))
        .optional()?
        .flatten();
    if acked.is_some_and(|acked| acked != theirs.to_bytes()) {
        send_again(conn, incoming, header.doc, &theirs)?;
        document::set_acked(conn, header.doc, &theirs)?;
    }
    Ok(())
}

/// The server does not have a document that it once took.
fn give_back(conn: &Connection, incoming: &Incoming<'_>, doc: DocId) -> Result<(), StoreError> {
    send_again(conn, incoming, doc, &Heads::default())?;
    conn.prepare_cached("update doc set acked = null where id = ?1")?
        .execute(params![doc.as_bytes()])?;
    Ok(())
}

/// Puts this phone's own changes that are not in `theirs` back into the outbox.
fn send_again(
    conn: &Connection,
    incoming: &Incoming<'_>,
    doc: DocId,
    theirs: &Heads,
) -> Result<(), StoreError> {
    let Some(stored) = merge::undamaged(conn, doc)? else { return Ok(()) };
    let header = *stored.document.header();
    let stamp = meta::get(conn, meta::Key::Stamp)?;
    let me: Option<ActorId> =
        meta::get::<meta::Identity>(conn, meta::Key::Identity)?.map(|identity| identity.actor);
    for change in stored.document.changes_since(theirs) {
        if me.is_some_and(|me| change.is_by(me)) {
            outbox::add(conn, &header, &change, stamp.as_ref(), incoming.now)?;
        }
    }
    Ok(())
}

/// A whole list was compared and every document agrees: if the sums still differ, the
/// server's is wrong, and that cannot be mended here.
fn conclude(
    conn: &Connection,
    scope: Scope,
    now: Timestamp,
    applied: &mut Applied,
) -> Result<(), StoreError> {
    let here = tally::count(conn, scope)?;
    tally::counted(conn, &here, now)?;
    let (count, sum): (i64, Vec<u8>) = conn
        .prepare_cached("select server_count, server_sum from scope where scope = ?1")?
        .query_row(params![scope.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if here.count == count.unsigned_abs() && here.digest == *sum {
        return Ok(());
    }
    let fault = format!(
        "the server counts {count} documents and this phone {}, though every document agrees \
         with the server's list: the server's own sum is to be looked at",
        here.count
    );
    give_up(conn, scope, &fault)?;
    note(conn, now, None, &fault)?;
    applied.faults += 1;
    Ok(())
}

/// Says why a scope cannot be mended here.
fn give_up(conn: &Connection, scope: Scope, fault: &str) -> Result<(), StoreError> {
    conn.prepare_cached("update scope set fault = ?2 where scope = ?1")?
        .execute(params![scope.to_string(), fault])?;
    Ok(())
}

/// A scope agrees again.
pub(super) fn agreed(conn: &Connection, scope: &ScopeDigest) -> Result<(), StoreError> {
    conn.prepare_cached(
        "update scope set fault = null, listed_at = null where scope = ?1
         and (fault is not null or listed_at is not null)",
    )?
    .execute(params![scope.scope.to_string()])?;
    conn.prepare_cached("delete from repair where scope = ?1")?
        .execute(params![scope.scope.to_string()])?;
    Ok(())
}

fn note(
    conn: &Connection,
    now: Timestamp,
    doc: Option<DocId>,
    reason: &str,
) -> Result<(), StoreError> {
    let subject = doc.as_ref().map(DocId::as_bytes);
    conn.prepare_cached(
        "insert into fault (at, subject, what, reason) values (?1, ?2, 'repair', ?3)",
    )?
    .execute(params![now.millis(), subject, reason])?;
    Ok(())
}

#[cfg(test)]
mod tests;
