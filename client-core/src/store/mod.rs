//! The phone's store: one SQLite file per org and user.
//!
//! A rep confirms a visit in a lift and pockets the phone; whatever happens next,
//! the visit must be there. So a save is § one transaction that holds the change
//! bytes, the new document state, the projection rows and the outbox entry, and it
//! is on the disk (`synchronous = FULL`, `fullfsync` on Apple systems) before the
//! screen says "saved". Screens read projection rows only; a CRDT document is
//! loaded to write it or to show its history. Two connections keep a long page of
//! the feed from blocking reads: WAL lets the reader go on beside the writer.
//!
//! A second sign-in opens another file and never touches the first one's unsent
//! work. A file that is not ours, or is newer than the program, is a typed error
//! and stays as it was.

pub(crate) mod alias;
mod arrive;
pub(crate) mod command;
pub(crate) mod conflict;
mod decision;
pub(crate) mod document;
mod error;
mod feed;
mod hand_back;
mod key;
mod merge;
pub(crate) mod meta;
mod moved;
mod open;
mod orphan;
pub(crate) mod outbox;
mod projection;
pub(crate) mod query;
mod rebase;
mod receipt;
pub(crate) mod record;
mod renew;
pub(crate) mod repair;
pub(crate) mod rescue;
mod results;
pub(crate) mod search;
pub(crate) mod tally;
mod wipe;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::faults::{Doom, Moment};

pub use command::{CommandState, RequestEntry};
pub use conflict::{ConflictEntry, ConflictQuery, WrittenValue};

pub(crate) use document::{Saving, Unit};
pub use error::{OpenError, StoreError};
pub use feed::{Applied, Touched};
pub(crate) use feed::{Incoming, apply};
pub use key::FileKey;
pub use meta::{Identity, Key};
pub use open::SCHEMA;
pub use outbox::{ItemStatus, Pending, RejectedChange};
pub use query::{
    CaseEntry, CaseQuery, CustomerEntry, CustomerQuery, CustomerSort, DealEntry, DealQuery, Page,
    PageToken, PlanEntry, VisitEntry, VisitQuery,
};
pub use search::Candidate;
pub use tally::ScopeTally;

/// An open replica. Cheap to share behind an `Arc`; all methods are blocking.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    identity: RwLock<Identity>,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
    doom: Doom,
}

impl Store {
    /// Opens the replica at `path`, or makes it for `identity` if there is no file.
    /// An existing file keeps the identity it was made with, which must be of the
    /// same org and user.
    ///
    /// # Errors
    /// See [`OpenError`]; a file that is not ours or is newer is left untouched.
    pub fn open(path: &Path, identity: &Identity) -> Result<Self, OpenError> {
        Self::open_with(path, identity, None)
    }

    /// The same with a key: the file is encrypted with it, and one in the clear becomes
    /// so. Needs SQLCipher compiled in.
    ///
    /// # Errors
    /// See [`OpenError`]; [`OpenError::WrongKey`] where the key is another one.
    pub fn open_with(
        path: &Path,
        identity: &Identity,
        key: Option<&FileKey>,
    ) -> Result<Self, OpenError> {
        let (writer, reader) = open::open(path, key)?;
        let identity = meta::settle_identity(&writer, identity)?;
        let store = Self {
            path: path.to_owned(),
            identity: RwLock::new(identity),
            writer: Mutex::new(writer),
            reader: Mutex::new(reader),
            doom: Doom::default(),
        };
        store.rebuild_outdated()?;
        store.finish_purge()?;
        Ok(store)
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whose replica this is. It changes when the replica becomes a device of its own.
    pub fn identity(&self) -> Identity {
        *self.identity.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_identity(&self, identity: Identity) {
        *self.identity.write().unwrap_or_else(PoisonError::into_inner) = identity;
    }

    /// Reads, beside any writer.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        work(&lock(&self.reader))
    }

    /// One durable transaction: everything `work` wrote, or nothing.
    pub(crate) fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact("full", work)
    }

    /// One transaction of what the server can send again: everything `work` wrote,
    /// or nothing. It does not wait for the disk. A power cut may take it back, and
    /// only as a whole and with everything after it; the next sync then asks from
    /// the older cursor and sends again what it no longer knows to be confirmed. The
    /// next durable save takes it to the disk too, because the log is one file.
    pub(crate) fn write_again<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.transact("normal", work)
    }

    fn transact<T, E: From<StoreError>>(
        &self,
        synchronous: &str,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let died = || E::from(StoreError::damaged("doc", "the process has ended"));
        if self.doom.is_struck() {
            return Err(died());
        }
        let mut writer = lock(&self.writer);
        // Said anew each time: whatever happened to the transaction before, a user's save
        // waits for the disk.
        writer.pragma_update(None, "synchronous", synchronous).map_err(StoreError::from)?;
        let tx = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let value = work(&tx)?;
        if self.doom.reaches(Moment::BeforeCommit) {
            return Err(died());
        }
        tx.commit().map_err(StoreError::from)?;
        if self.doom.reaches(Moment::AfterCommit) {
            return Err(died());
        }
        Ok(value)
    }

    /// How the process that has this file open ends.
    #[cfg(feature = "simulation")]
    pub fn doom(&self) -> &Doom {
        &self.doom
    }

    /// Leaves nothing readable of what was deleted: the pages were overwritten in the
    /// file, and the log that still holds them as they were is folded and cut off.
    pub(crate) fn forget(&self) -> Result<(), StoreError> {
        // A reader that stands on an older state would keep the log.
        let _reader = lock(&self.reader);
        let writer = lock(&self.writer);
        writer.query_row("pragma wal_checkpoint(truncate)", [], |_row| Ok(()))?;
        self.doom.keep();
        Ok(())
    }

    /// Moves the log into the file, as far as readers let go of it. Before that the log
    /// is on the disk: no power cut takes back what was written so far.
    pub(crate) fn checkpoint(&self) -> Result<(), StoreError> {
        let writer = lock(&self.writer);
        writer.query_row("pragma wal_checkpoint(passive)", [], |_row| Ok(()))?;
        self.doom.keep();
        Ok(())
    }
}

/// A panic elsewhere while a lock was held cannot have left a half transaction:
/// SQLite rolled it back. So a poisoned lock is taken as it is.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod any_order;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod told_again;
