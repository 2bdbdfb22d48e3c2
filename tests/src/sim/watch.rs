//! What must hold on a phone at every moment, whatever has happened to it.

use client_core::docs::ChangeHash;
use rusqlite::{Connection, OptionalExtension};

use super::ledger::{Ledger, outbox};
use super::wire;

/// How far a phone's cursor was, in which life of the server's file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reached {
    lives: u32,
    position: u64,
}

/// Looks at phone `number` through its file.
pub fn phone(
    number: usize,
    replica: &Connection,
    ledger: &Ledger,
    reached: &mut Reached,
    lives: u32,
) -> Result<(), String> {
    let sql = |error: rusqlite::Error| format!("phone {number} cannot be looked at: {error}");
    let rows = outbox(replica).map_err(sql)?;
    for (hash, saved) in ledger.saved.iter().filter(|(_hash, saved)| saved.phone == number) {
        let known = match lives {
            1 => ledger.on_server.contains(hash),
            _ => ledger.ever_on_server.contains(hash),
        };
        if !rows.contains_key(hash) && !known && !ledger.rescued.contains(hash) {
            return Err(format!(
                "phone {number} shows {} as stored, and the server does not have {}",
                saved.doc,
                short(hash)
            ));
        }
    }
    for (hash, row) in &rows {
        if row.state == "rejected" {
            let (doc, reason) = (row.doc, &row.reason);
            return Err(format!(
                "phone {number} shows {doc} as refused ({}): {reason}",
                short(hash)
            ));
        }
    }
    let dropped: Option<Vec<u8>> = replica
        .prepare_cached(
            "select doc from change where state in ('saved', 'sent', 'quarantined')
             and not exists (select 1 from doc where id = change.doc) limit 1",
        )
        .and_then(|mut found| found.query_row([], |row| row.get(0)).optional())
        .map_err(sql)?;
    if let Some(doc) = dropped {
        let doc = client_core::id::DocId::from_slice(&doc);
        return Err(format!("phone {number} dropped {doc:?} with edits that have no final answer"));
    }
    let position = cursor(replica).map_err(sql)?;
    if lives == reached.lives && position < reached.position {
        let (now, before) = (position, reached.position);
        return Err(format!("phone {number}'s cursor went back from {before} to {now}"));
    }
    *reached = Reached { lives, position };
    Ok(())
}

fn cursor(replica: &Connection) -> rusqlite::Result<u64> {
    let kept: Option<Vec<u8>> = replica
        .prepare_cached("select value from meta where key = 'cursor'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let cursor = kept.and_then(|bytes| wire::cursor(&bytes));
    Ok(cursor.and_then(|cursor| wire::position(&cursor)).unwrap_or(0))
}

/// The beginning of a hash, for people.
pub fn short(hash: &ChangeHash) -> String {
    hash.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
