//! A document's history started anew: the old one is forgotten, and what was not
//! sent is written again on the new one.
//!
//! The old bytes may be what somebody asked to have erased, so nothing of them
//! stays: not the history, not the rows, not what waited in the outbox, not what
//! once arrived damaged. Unsent work is read as intents before that. What cannot be
//! written again stays in the outbox for the rep to look at, without its bytes
//! where it was written to something that was erased.

use rusqlite::{Connection, params};
use serde_bytes::ByteBuf;

use super::document::{self, StoredDoc};
use super::{ItemStatus, StoreError, outbox};
use crate::docs::{Document, Generation, Header, Rebased};
use crate::id::{ActorId, DocId};
use crate::protocol::AccessStamp;
use crate::time::Timestamp;

/// A change that the server has not taken, as the outbox holds it.
struct Unsent {
    generation: Generation,
    bytes: Vec<u8>,
    stamp: Option<AccessStamp>,
    saved_at: Timestamp,
}

/// What rebasing needs from the outbox.
pub(super) struct Waiting(Vec<Unsent>);

impl Waiting {
    /// What of `doc` was never taken because it was not sent, because its generation
    /// had ended, or because the history had no room for it: an empty one has.
    pub(super) fn of(conn: &Connection, doc: DocId) -> Result<Self, StoreError> {
        let mut statement = conn.prepare_cached(
            "select bytes, stamp, saved_at, header from change where doc = ?1
             and given = 0 and (state in ('saved', 'sent', 'quarantined')
                  or (state = 'rejected' and code in ('old_generation', 'depends_on_rejected', 'too_large')))
             order by actor_seq, position",
        )?;
        let mut rows = statement.query(params![doc.as_bytes()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let stamp: Option<Vec<u8>> = row.get(1)?;
            found.push(Unsent {
                generation: document::decode_header(&row.get::<_, Vec<u8>>(3)?)?.generation,
                bytes: row.get(0)?,
                stamp: stamp.map(|stamp| AccessStamp(ByteBuf::from(stamp))),
                saved_at: Timestamp::from_millis(row.get(2)?),
            });
        }
        Ok(Self(found))
    }

    /// Whether anything of it was written on an older history than this one.
    pub(super) fn is_older_than(&self, generation: Generation) -> bool {
        self.0.iter().any(|unsent| unsent.generation < generation)
    }

    /// Writes what waits into `fresh`, the document of the new generation.
    pub(super) fn onto(
        &self,
        old: Option<&StoredDoc>,
        fresh: &mut Document,
        actor: ActorId,
    ) -> Vec<Rebased> {
        let bytes: Vec<Vec<u8>> = self.0.iter().map(|unsent| unsent.bytes.clone()).collect();
        let acked = old.and_then(|old| old.acked.clone()).unwrap_or_default();
        fresh.rebase(old.map(|old| &old.document), &acked, &bytes, actor)
    }

    /// Puts the rebased changes into the outbox in the place of the old ones, and
    /// forgets every byte of the old generation.
    pub(super) fn replace(
        &self,
        conn: &Connection,
        header: &Header,
        rebased: &[Rebased],
    ) -> Result<(), StoreError> {
        let doc = header.doc;
        for (unsent, rebased) in self.0.iter().zip(rebased) {
            let told = rebased.erased.is_empty() && rebased.impossible.is_empty();
            if told {
                outbox::confirm(conn, &rebased.old)?;
            } else {
                aside(conn, rebased)?;
            }
            if let Some(change) = &rebased.new {
                outbox::add(conn, header, change, unsent.stamp.as_ref(), unsent.saved_at)?;
            }
        }
        // What others wrote is given back on the history that it belongs to.
        conn.prepare_cached("delete from change where doc = ?1 and given = 1")?
            .execute(params![doc.as_bytes()])?;
        // What the server refused before stays told, without what it said.
        conn.prepare_cached(
            "update change set bytes = x'' where doc = ?1 and header <> ?2
             and not (state = 'set_aside' and code = 'cannot_repeat')",
        )?
        .execute(params![doc.as_bytes(), document::encode_header(header)])?;
        conn.prepare_cached("update fault set bytes = null where subject = ?1")?
            .execute(params![doc.as_bytes()])?;
        Ok(())
    }
}

/// Keeps a change that could not be written again as a whole, for the rep to see.
fn aside(conn: &Connection, rebased: &Rebased) -> Result<(), StoreError> {
    let erased = !rebased.erased.is_empty();
    let (code, reason) = if erased {
        ("erased", format!("erased before it was sent: {}", rebased.erased.join(", ")))
    } else {
        let fields: Vec<&str> = rebased.impossible.iter().map(|it| it.field.as_str()).collect();
        ("cannot_repeat", format!("could not be written again: {}", fields.join(", ")))
    };
    outbox::refuse(conn, &rebased.old, &ItemStatus::SetAside { reason })?;
    conn.prepare_cached("update change set code = ?2 where hash = ?1")?
        .execute(params![rebased.old.0, code])?;
    if erased {
        conn.prepare_cached("update change set bytes = x'' where hash = ?1")?
            .execute(params![rebased.old.0])?;
    }
    Ok(())
}
