//! Becoming a device of its own.
//!
//! A replica that was restored from a copy, or that lives on two phones, writes with
//! sequence numbers that its other life used too, and would be stuck for ever. So it
//! takes a fresh device, actor and replica id. What waits in the outbox may have been
//! stored by the other life already: it is sent as it is and only what the server
//! lacks is written anew. Until every such change has its answer, pages are left
//! aside, because they may bring changes with the same sequence numbers.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};

use super::meta::{self, Identity, Key};
use super::{Store, StoreError, document, merge, outbox};
use crate::docs::ChangeHash;
use crate::faults::{Fault, injected};
use crate::guard::{Limits, ScreenedChange};
use crate::id::{ActorId, DocId};
use crate::projection::DocState;
use crate::time::Timestamp;

impl Store {
    /// From now on this replica is another device of the same person.
    ///
    /// # Errors
    /// [`StoreError`]; it is what it was then.
    pub fn renew(&self, fresh: &Identity) -> Result<(), StoreError> {
        self.write(|tx| {
            let mut former = former_actors(tx)?;
            if let Some(own) = meta::get::<Identity>(tx, Key::Identity)? {
                former.push(own.actor);
            }
            meta::set(tx, Key::FormerActors, &former)?;
            meta::set(tx, Key::Identity, fresh)?;
            meta::set(tx, Key::Unbound, &true)?;
            meta::clear(tx, Key::Pushed)?;
            if injected(Fault::UnsentForgottenAtRenewal) {
                tx.execute("delete from change where state in ('saved', 'sent')", [])?;
            }
            tx.execute(
                "update change set former = 1, state = 'saved', code = null, reason = null
                 where state in ('saved', 'sent') or (state = 'rejected'
                     and code in ('forked_actor', 'foreign_actor', 'depends_on_rejected'))",
                [],
            )?;
            Ok::<_, StoreError>(())
        })?;
        self.set_identity(*fresh);
        Ok(())
    }
}

/// Actors this replica wrote as before, oldest first.
pub(super) fn former_actors(conn: &Connection) -> Result<Vec<ActorId>, StoreError> {
    Ok(meta::get(conn, Key::FormerActors)?.unwrap_or_default())
}

/// Whether what a former life wrote still waits for an answer.
pub(super) fn answers_wait(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached(ANSWERS_WAIT)?.query_row([], |row| row.get(0))?)
}

pub(super) const ANSWERS_WAIT: &str = "select exists (select 1 from change
     where state in ('saved', 'sent') and former = 1)";

/// Whether the present actor wrote into a document while what a former one wrote there
/// had no answer. § No number is used twice: such a replica becomes a device of its own
/// once more, and writes all of it anew as that one's.
pub(super) fn builds_on_former(conn: &Connection, doc: DocId) -> Result<bool, StoreError> {
    Ok(conn
        .prepare_cached(
            "select exists (select 1 from change where doc = ?1 and given = 0 and former = 0
                 and state in ('saved', 'sent') and bytes <> x'')",
        )?
        .query_row([doc.as_bytes()], |row| row.get(0))?)
}

/// Whether a change in the outbox was written by this replica, now or formerly.
pub(super) fn is_own(conn: &Connection, hash: &ChangeHash) -> Result<Option<Whose>, StoreError> {
    let Some(bytes) = outbox::bytes(conn, hash)? else { return Ok(None) };
    let Ok(change) = ScreenedChange::screen(&bytes, &Limits::default()) else { return Ok(None) };
    let own = meta::get::<Identity>(conn, Key::Identity)?.map(|own| own.actor);
    Ok(Some(if own == Some(change.actor()) {
        Whose::Own
    } else if former_actors(conn)?.contains(&change.actor()) {
        Whose::Former
    } else {
        Whose::Others
    }))
}

/// Who wrote a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// This replica as it is now.
    Own,
    /// A former life of it.
    Former,
    /// Somebody else.
    Others,
}

/// What cannot be written anew stays visible, and must not hold up everything else.
fn give_up(conn: &Connection, doc: DocId) -> Result<(), StoreError> {
    conn.prepare_cached(
        "update change set state = 'rejected', code = 'forked_actor', former = 0,
             reason = 'written before this phone was restored, and it could not be written anew'
         where doc = ?1 and former = 1 and state in ('saved', 'sent')",
    )?
    .execute(params![doc.as_bytes()])?;
    Ok(())
}

/// Writes everything anew that was written here into a document and that the server
/// is not known to hold: as changes of the present actor, on top of what it holds.
pub(super) fn write_anew(
    conn: &Connection,
    doc: DocId,
    limits: &Limits,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(own) = meta::get::<Identity>(conn, Key::Identity)? else { return Ok(()) };
    let Some(stored) = merge::undamaged(conn, doc)? else { return give_up(conn, doc) };
    let mut mine: BTreeSet<ActorId> = former_actors(conn)?.into_iter().collect();
    mine.insert(own.actor);
    let acked = stored.acked.unwrap_or_default();
    let mut unknown = stored.document.changes_since(&acked);
    unknown.retain(|change| {
        ScreenedChange::screen(&change.bytes, limits)
            .is_ok_and(|change| mine.contains(&change.actor()))
    });
    if unknown.is_empty() {
        return Ok(());
    }
    let left_out = unknown.iter().map(|change| change.hash).collect();
    let changes: Vec<Vec<u8>> = unknown.into_iter().map(|change| change.bytes).collect();
    let Ok(mut document) = stored.document.without(&left_out) else { return give_up(conn, doc) };
    let Ok(rewritten) = document.write_anew(&changes, own.actor) else {
        return give_up(conn, doc);
    };
    let stamp = meta::get(conn, Key::Stamp)?;
    for change in rewritten {
        let Some(made) = change.now else {
            conn.prepare_cached("delete from change where hash = ?1")?
                .execute(params![change.before.0])?;
            continue;
        };
        // What a person has to look at stays that; the rest is on its way again.
        let kept = conn
            .prepare_cached(
                "update change set hash = ?2, bytes = ?3, actor_seq = ?4, former = 0, given = 0,
                     sent_at = null,
                     state = case state when 'sent' then 'saved' else state end
                 where hash = ?1",
            )?
            .execute(params![
                change.before.0,
                made.hash.0,
                made.bytes,
                i64::try_from(made.seq).unwrap_or(i64::MAX)
            ])?;
        if kept == 0 {
            outbox::add(conn, document.header(), &made, stamp.as_ref(), now)?;
        }
    }
    let (state, snapshot) = (DocState::read(&document), document.snapshot());
    document::put(conn, &document, &state, &snapshot, Some(&acked))
}
