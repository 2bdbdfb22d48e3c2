//! Parts of cards, kept until their card is another.
//!
//! A board asks for every card of a month, and of a year for months that fell. Decoding them
//! is nearly all of what that costs, and hardly any of them is another than at the look
//! before: a part that was read once stays, and is read again when its card was published
//! anew. What tells one card from another is read from the file each time, so that it does
//! not matter which process published it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use client_core::id::{OrgId, UserId};
use client_core::period::Period;
use rusqlite::{Connection, Row, params};
use serde::de::DeserializeOwned;

use super::codec::id;
use crate::storage::StorageError;
use crate::storage::model::{CardCalls, CardLines, CardVisits};

/// Parts of each kind that are kept; when there are more, all are read again.
const MOST_LINES: usize = 20_000;
const MOST: usize = 2_000;

/// What was read lately, by kind.
#[derive(Debug)]
pub(super) struct Shelves {
    pub lines: Arc<Shelf<CardLines>>,
    pub calls: Arc<Shelf<CardCalls>>,
    pub visits: Arc<Shelf<CardVisits>>,
}

impl Default for Shelves {
    fn default() -> Self {
        Self {
            lines: Arc::new(Shelf::of(MOST_LINES)),
            calls: Arc::new(Shelf::of(MOST)),
            visits: Arc::new(Shelf::of(MOST)),
        }
    }
}

/// What tells a card from the one before it.
///
/// The digests are of what counts and leave out that somebody asks about a visit; the size
/// of the whole does not.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    as_of: i64,
    rules_version: u32,
    policy_hash: [u8; 32],
    inputs_digest: [u8; 32],
    outcome_digest: [u8; 32],
    bytes: i64,
}

impl Stamp {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            as_of: row.get(2)?,
            rules_version: row.get(3)?,
            policy_hash: row.get(4)?,
            inputs_digest: row.get(5)?,
            outcome_digest: row.get(6)?,
            bytes: row.get(7)?,
        })
    }
}

type Key = (OrgId, UserId, Period);

/// Parts of one kind.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    kept: Mutex<HashMap<Key, (Stamp, Arc<T>)>>,
    most: usize,
}

impl<T: DeserializeOwned> Shelf<T> {
    fn of(most: usize) -> Self {
        Self { kept: Mutex::default(), most }
    }

    /// The part of every card of a period, by rep.
    pub(super) fn read(
        &self,
        connection: &Connection,
        org: OrgId,
        period: Period,
    ) -> Result<Vec<(UserId, Arc<T>)>, StorageError> {
        let mut statement = connection.prepare_cached(
            "select rowid, rep, as_of, rules_version, policy_hash, inputs_digest, outcome_digest,
                 length(outcome)
             from scorecard where org = ?1 and period = ?2 order by rep",
        )?;
        let mut rows = statement.query(params![org.as_bytes(), period.to_string()])?;
        let mut parts = Vec::new();
        // The rows stay open while one is read, so that both are of the same moment.
        while let Some(row) = rows.next()? {
            let rep = id(row, 1, UserId::from_bytes)?;
            let (key, stamp) = ((org, rep, period), Stamp::read(row)?);
            let part = match self.standing(&key, &stamp) {
                Some(part) => part,
                None => self.keep(key, stamp, decode(connection, row.get(0)?)?),
            };
            parts.push((rep, part));
        }
        Ok(parts)
    }

    fn standing(&self, key: &Key, stamp: &Stamp) -> Option<Arc<T>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(key).filter(|(of, _part)| of == stamp).map(|(_of, part)| Arc::clone(part))
    }

    fn keep(&self, key: Key, stamp: Stamp, part: T) -> Arc<T> {
        let part = Arc::new(part);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.most && !kept.contains_key(&key) {
            kept.clear();
        }
        kept.insert(key, (stamp, Arc::clone(&part)));
        part
    }
}

fn decode<T: DeserializeOwned>(connection: &Connection, row: i64) -> Result<T, StorageError> {
    let outcome: Vec<u8> = connection
        .prepare_cached("select outcome from scorecard where rowid = ?1")?
        .query_row([row], |row| row.get(0))?;
    ciborium::from_reader(outcome.as_slice()).map_err(|error: ciborium::de::Error<_>| {
        StorageError::Corrupt { what: "outcome", reason: error.to_string() }
    })
}
