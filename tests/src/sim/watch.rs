//! What must hold on a phone at every moment, whatever has happened to it.

use std::collections::BTreeMap;

use client_core::docs::ChangeHash;
use client_core::id::{DeviceId, DocId};
use rusqlite::{Connection, OptionalExtension};

use super::ledger::{Ledger, OutboxRow, outbox, short};
use super::wire;

/// How far a phone's cursor was, in which life of the server's file.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reached {
    lives: u32,
    position: u64,
    /// It was reached in an earlier life, so it says nothing about this one.
    outdated: bool,
    /// The device that it was.
    device: Option<DeviceId>,
}

/// A phone, looked at through its file.
pub struct Watched<'a> {
    /// Which.
    pub number: usize,
    /// Its file.
    pub replica: &'a Connection,
    /// The server's.
    pub server: &'a Connection,
    /// The books.
    pub ledger: &'a Ledger,
}

impl Watched<'_> {
    /// Looks.
    pub fn look(&self, reached: &mut Reached, lives: u32) -> Result<(), String> {
        let number = self.number;
        let sql = |error: rusqlite::Error| format!("phone {number} cannot be looked at: {error}");
        let rows = outbox(self.replica).map_err(sql)?;
        self.nothing_is_called_stored_too_early(&rows)?;
        self.nothing_is_refused(&rows)?;
        if let Some(doc) = dropped(self.replica).map_err(sql)? {
            return Err(format!(
                "phone {number} dropped {doc:?} with edits that have no final answer"
            ));
        }
        let device = device(self.replica).map_err(sql)?;
        let became = reached.device.is_some() && reached.device != device;
        if became && lives == 1 && !self.ledger.copied.contains(&number) {
            return Err(format!("phone {number} was taken for a copy of itself"));
        }
        let position = cursor(self.replica).map_err(sql)?;
        let outdated = lives != reached.lives || reached.outdated;
        if !outdated && position < reached.position {
            let (now, before) = (position, reached.position);
            return Err(format!("phone {number}'s cursor went back from {before} to {now}"));
        }
        // A file that is seen for the first time may come from an earlier life.
        let unknown = reached.lives == 0 && lives > 1;
        let outdated = unknown || (outdated && position == reached.position);
        *reached = Reached { lives, position, outdated, device };
        Ok(())
    }

    fn nothing_is_called_stored_too_early(
        &self,
        rows: &BTreeMap<ChangeHash, OutboxRow>,
    ) -> Result<(), String> {
        let ledger = self.ledger;
        for (hash, saved) in &ledger.saved {
            let safe = rows.contains_key(hash)
                || !saved.phones.contains(&self.number)
                || ledger.ever_on_server.contains(hash)
                || ledger.rescued.contains(hash)
                || ledger.emptied.contains(hash);
            if !safe && !ledger.is_said_otherwise(saved, self.server, rows)? {
                return Err(format!(
                    "phone {} shows {} as stored, and the server does not have {}",
                    self.number,
                    saved.doc,
                    short(hash)
                ));
            }
        }
        Ok(())
    }

    fn nothing_is_refused(&self, rows: &BTreeMap<ChangeHash, OutboxRow>) -> Result<(), String> {
        for (hash, row) in rows.iter().filter(|(_hash, row)| row.state == "rejected") {
            if self.ledger.may_be_refused(row.doc) {
                continue;
            }
            let (number, doc, reason) = (self.number, row.doc, &row.reason);
            let hash = short(hash);
            return Err(format!("phone {number} shows {doc} as refused ({hash}): {reason}"));
        }
        Ok(())
    }
}

fn dropped(replica: &Connection) -> rusqlite::Result<Option<DocId>> {
    let found: Option<[u8; 16]> = replica
        .prepare_cached(
            "select doc from change where state in ('saved', 'sent', 'quarantined')
             and not exists (select 1 from doc where id = change.doc) limit 1",
        )?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(found.map(DocId::from_bytes))
}

fn device(replica: &Connection) -> rusqlite::Result<Option<DeviceId>> {
    let kept: Option<Vec<u8>> = replica
        .prepare_cached("select value from meta where key = 'identity'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(kept.and_then(|bytes| wire::identity(&bytes)).map(|own| own.device))
}

fn cursor(replica: &Connection) -> rusqlite::Result<u64> {
    let kept: Option<Vec<u8>> = replica
        .prepare_cached("select value from meta where key = 'cursor'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let cursor = kept.and_then(|bytes| wire::cursor(&bytes));
    Ok(cursor.and_then(|cursor| wire::position(&cursor)).unwrap_or(0))
}
