//! One SQLite file.
//!
//! SQLite has one writer at a time, and a reader that turns writer in
//! mid-transaction fails in ways no timeout cures. So one thread owns the only
//! writing connection and commits many jobs at once ([`writer`]), and readers
//! never write ([`readers`]). Commit order is job order, so feed positions given
//! out inside a job are in commit order by construction.

mod about;
mod access;
mod accounts;
mod aliases;
mod aside;
mod audit;
mod boards;
mod business;
mod card_parts;
mod closed;
mod codec;
mod commit;
mod confirms;
mod conflicts;
mod copy;
mod doctor;
mod documents;
mod erased_docs;
mod erased_keys;
mod erasures;
mod facts;
mod feed;
mod feed_backfill;
mod feed_relevant;
mod feed_tail;
mod forgetting;
mod full;
mod histories;
mod imports;
mod invitations;
mod issued;
mod leaving;
mod lists;
mod lookalikes;
mod marks;
mod meetings;
mod membership;
mod moves;
mod noted;
mod open;
mod order_days;
mod placing;
mod readers;
mod records;
mod reported;
mod reports;
mod rows;
mod scores;
mod sessions;
#[cfg(test)]
mod tests;
mod voids;
mod write_records;
mod writer;

use std::path::Path;
use std::sync::Arc;

use client_core::faults::Doom;
use rusqlite::Connection;

use card_parts::Shelves;
pub use copy::{ShutOut, check, copy, fold, is_in_use, shut_out};
pub use doctor::{DoctorError, examine, rebuild};
pub use open::OpenError;
use readers::Readers;
use writer::Writer;

use super::StorageError;
use super::onlooker::Onlooker;

/// The newest schema this program knows.
pub const SCHEMA_VERSION: i64 = 31;

/// Bytes that may still be written on the disk of a data file, where the system tells.
pub fn room_beside(file: &Path) -> Option<u64> {
    full::room(file)
}

/// The SQLite backend.
pub struct SqliteStorage {
    // Dropped in this order: the log stays when the last reader lets go of the file, so
    // that the next to open it needs no room for a new one on a full disk.
    writer: Writer,
    readers: Readers,
    shelves: Shelves,
    #[cfg(feature = "simulation")]
    doom: Doom,
}

impl std::fmt::Debug for SqliteStorage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SqliteStorage")
    }
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        if full::is_full(&error) { Self::Full } else { Self::Sqlite(error) }
    }
}

impl SqliteStorage {
    /// Makes a new data file. Fails if there is something at `path` already.
    pub fn create(path: &Path) -> Result<Self, OpenError> {
        open::create(path).and_then(|connection| Self::over(path, connection))
    }

    /// Opens a data file that [`SqliteStorage::create`] made, migrating it if it is older.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        open::open(path).and_then(|connection| Self::over(path, connection))
    }

    fn over(path: &Path, connection: Connection) -> Result<Self, OpenError> {
        let doom = Doom::default();
        Ok(Self {
            readers: Readers::open(path)?,
            writer: Writer::start(connection, doom.clone())?,
            shelves: Shelves::default(),
            #[cfg(feature = "simulation")]
            doom,
        })
    }

    /// How the process that has the file open ends.
    #[cfg(feature = "simulation")]
    pub const fn doom(&self) -> &Doom {
        &self.doom
    }

    /// From now on, `onlooker` hears of every commit. The first one stays.
    pub fn tell(&self, onlooker: Arc<dyn Onlooker>) {
        self.writer.tell(onlooker);
    }

    /// Bytes that may still be written on the disk of the file, where the system tells.
    pub fn room(&self) -> Option<u64> {
        full::room(self.readers.path())
    }

    /// Runs `job` in the writer's next transaction; returns after it is durable.
    /// An error from `job` takes back what it wrote and nothing else.
    pub(super) async fn write<T, F>(&self, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    {
        self.writer.run(job).await
    }

    /// How many reads there were: what a page costs, whatever the machine.
    #[cfg(test)]
    pub(crate) fn reads(&self) -> u64 {
        self.readers.asked()
    }

    /// Runs `query` on a reader, inside one read transaction.
    pub(super) async fn read<T, F>(&self, query: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    {
        self.readers.run(query).await
    }
}
