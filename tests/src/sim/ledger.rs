//! What the simulation knows by itself: everything that was ever saved, and what
//! was said about it.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::ChangeHash;
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::{ActorId, DocId, UserId};
use client_core::protocol::{ChangeResult, SyncRequest, SyncResponse};
use client_core::time::Timestamp;
use rusqlite::Connection;

use super::facts::Facts;
use super::server::GRACE_MS;
use super::wire;

/// A change that somebody's phone has saved.
#[derive(Debug, Clone)]
pub struct Saved {
    /// Where.
    pub phone: usize,
    /// In which document.
    pub doc: DocId,
    /// By which actor.
    pub actor: ActorId,
    /// Under which number.
    pub seq: u64,
}

/// A row of a phone's outbox.
#[derive(Debug, Clone)]
pub struct OutboxRow {
    /// The document.
    pub doc: DocId,
    /// How far it has come.
    pub state: String,
    /// Why not further.
    pub reason: String,
}

/// The books.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Everything that was saved.
    pub saved: BTreeMap<ChangeHash, Saved>,
    /// What the server's log holds now.
    pub on_server: BTreeSet<ChangeHash>,
    /// What it ever held.
    pub ever_on_server: BTreeSet<ChangeHash>,
    /// What a phone sealed before it let go of everything.
    pub rescued: BTreeSet<ChangeHash>,
    /// When somebody last stopped seeing a document.
    lost: BTreeMap<(UserId, DocId), Timestamp>,
}

impl Ledger {
    /// Takes down what a phone has saved since the last look.
    pub fn note_saves(&mut self, phone: usize, replica: &Connection) -> Result<(), String> {
        for (hash, doc, bytes) in outbox_bytes(replica).map_err(|error| error.to_string())? {
            if self.saved.contains_key(&hash) {
                continue;
            }
            let change =
                ScreenedChange::screen(&bytes, &Limits::default()).map_err(|rejection| {
                    format!("phone {phone} saved what no guard takes: {rejection}")
                })?;
            if change.hash() != hash {
                return Err(format!("phone {phone} keeps a change under another hash"));
            }
            let saved = Saved { phone, doc, actor: change.actor(), seq: change.seq() };
            let again = self
                .saved
                .values()
                .find(|known| (known.doc, known.actor, known.seq) == (doc, saved.actor, saved.seq));
            if let Some(again) = again {
                return Err(format!(
                    "phone {phone} used sequence number {} of {} in {doc} again, after phone {}",
                    saved.seq, saved.actor, again.phone
                ));
            }
            self.saved.insert(hash, saved);
        }
        Ok(())
    }

    /// Looks at the server's log.
    pub fn look_at(&mut self, server: &Connection) -> rusqlite::Result<()> {
        let mut statement = server.prepare_cached("select hash from change")?;
        let hashes = statement.query_map([], |row| row.get(0).map(ChangeHash))?;
        self.on_server = hashes.collect::<Result<_, _>>()?;
        self.ever_on_server.extend(self.on_server.iter().copied());
        Ok(())
    }

    /// Takes down who stopped seeing what.
    pub fn note_losses(&mut self, before: &Facts, after: &Facts, at: Timestamp) {
        for user in before.users.keys() {
            for doc in before.sight(*user).difference(&after.sight(*user)) {
                self.lost.insert((*user, *doc), at);
            }
        }
    }

    /// Judges what the server said to a push, with what held when it came.
    pub fn judge(
        &self,
        user: UserId,
        request: &SyncRequest,
        response: &SyncResponse,
        facts: &Facts,
        server: &Connection,
        now: Timestamp,
    ) -> Result<(), String> {
        if response.results.len() != request.groups.len() {
            return Err(format!("{} results for {}", response.results.len(), request.groups.len()));
        }
        for (group, result) in request.groups.iter().zip(&response.results) {
            let doc = group.header.doc;
            let known = facts.headers.get(&doc);
            let late = known.is_some_and(|header| !facts.sees(user, header));
            let lost = self.lost.get(&(user, doc)).map(|lost| now.since(*lost));
            let over = late && lost.is_some_and(|since| since > GRACE_MS);
            for (bytes, said) in group.changes.iter().zip(&result.changes) {
                let Some(hash) = wire::hash(bytes) else { continue };
                match said {
                    ChangeResult::Stored | ChangeResult::Duplicate
                        if !self.on_server.contains(&hash) =>
                    {
                        return Err(format!(
                            "{doc}: a change is called stored and is not committed"
                        ));
                    }
                    ChangeResult::Stored if over => {
                        return Err(format!("{doc}: taken {lost:?} ms after the access ended"));
                    }
                    ChangeResult::Quarantined { .. } if !over => {
                        return Err(format!("{doc}: quarantined within the grace: {said:?}"));
                    }
                    ChangeResult::Quarantined { .. } if !quarantined(server, doc, bytes) => {
                        return Err(format!("{doc}: said to be kept for a decision, and is not"));
                    }
                    ChangeResult::Rejected { .. } => {
                        return Err(format!("{doc}: honest work was refused: {said:?}"));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

fn quarantined(server: &Connection, doc: DocId, bytes: &[u8]) -> bool {
    let kept = server
        .prepare_cached("select exists (select 1 from quarantine where doc = ?1 and bytes = ?2)")
        .and_then(|mut found| found.query_row((doc.as_bytes(), bytes), |row| row.get(0)));
    kept.unwrap_or(false)
}

fn outbox_bytes(replica: &Connection) -> rusqlite::Result<Vec<(ChangeHash, DocId, Vec<u8>)>> {
    let mut statement = replica.prepare_cached("select hash, doc, bytes from change")?;
    let rows = statement.query_map([], |row| {
        Ok((ChangeHash(row.get(0)?), DocId::from_bytes(row.get(1)?), row.get(2)?))
    })?;
    rows.collect()
}

/// What waits in a phone's outbox, whatever its state.
pub fn outbox(replica: &Connection) -> rusqlite::Result<BTreeMap<ChangeHash, OutboxRow>> {
    let mut statement =
        replica.prepare_cached("select hash, doc, state, coalesce(reason, '') from change")?;
    let rows = statement.query_map([], |row| {
        let (doc, state, reason) = (DocId::from_bytes(row.get(1)?), row.get(2)?, row.get(3)?);
        Ok((ChangeHash(row.get(0)?), OutboxRow { doc, state, reason }))
    })?;
    rows.collect()
}
