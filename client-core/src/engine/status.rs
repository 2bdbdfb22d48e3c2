use super::client::Client;
use super::{ReadError, SyncError};
use crate::docs::ChangeHash;
use crate::id::DocId;
use crate::protocol::Scope;
use crate::store::{self, ItemStatus, Key, Pending, RejectedChange, ScopeTally, Touched};
use crate::time::Timestamp;

/// Where this replica stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncStatus {
    /// A sync is running now.
    pub syncing: bool,
    /// What waits on this phone.
    pub pending: Pending,
    /// The server's time up to which everything is here; none before the first
    /// complete sync.
    pub known_up_to: Option<Timestamp>,
    /// Why the last sync failed, and when to try again; none if it succeeded.
    pub last_error: Option<SyncError>,
    /// The oldest app version that may pull, if the server named one.
    pub minimum_app: Option<String>,
    /// Everything of this user's is on this phone: figures may be derived.
    pub complete: bool,
    /// Documents and lists in which this phone differs from the server and that the
    /// next sync asks for.
    pub repairing: u64,
    /// How far this phone's clock was ahead of the server's when the server last answered
    /// since the app began, in milliseconds.
    pub clock_off_ms: Option<i64>,
    /// What stays wrong although every document was compared; see [`Client::scopes`].
    pub faults: Vec<String>,
}

impl Client {
    /// Where this replica stands: what the sync pill shows.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn sync_status(&self) -> Result<SyncStatus, ReadError> {
        let (syncing, last_error) = self.inner.driver.state();
        self.inner.read(|conn, who| {
            let tallies = store::tally::all(conn)?;
            Ok(SyncStatus {
                syncing,
                pending: store::outbox::pending(conn)?,
                known_up_to: store::meta::get(conn, Key::KnownUpTo)?,
                last_error,
                minimum_app: store::meta::get(conn, Key::MinimumApp)?,
                complete: store::tally::is_complete(conn, Scope::User(who.user))?,
                clock_off_ms: self.inner.driver.clock_off_ms(),
                repairing: store::repair::waiting(conn)?,
                faults: tallies.into_iter().filter_map(|tally| tally.fault).collect(),
            })
        })
    }

    /// What waits on this phone.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn pending(&self) -> Result<Pending, ReadError> {
        self.inner.read(|conn, _who| store::outbox::pending(conn))
    }

    /// The server's time up to which everything is here.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn known_up_to(&self) -> Result<Option<Timestamp>, ReadError> {
        self.inner.read(|conn, _who| store::meta::get(conn, Key::KnownUpTo))
    }

    /// How far the edits made here to a document have come.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn status(&self, doc: DocId) -> Result<ItemStatus, ReadError> {
        self.inner.read(|conn, _who| store::outbox::status(conn, doc))
    }

    /// Changes the server did not take, oldest first: kept, and to be looked at.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn refused_changes(&self) -> Result<Vec<RejectedChange>, ReadError> {
        self.inner.read(|conn, _who| store::outbox::refused(conn))
    }

    /// Lets go of a change the server did not take, once its author has seen it: its
    /// bytes leave this phone. True if there was one; whatever still waits for an answer
    /// stays.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn dismiss_refused(&self, change: ChangeHash) -> Result<bool, ReadError> {
        let (_who, store) = self.inner.replica()?;
        let dismissed = store.write(|tx| store::outbox::dismiss(tx, &change))?;
        if dismissed {
            store.cut_log()?;
            self.inner.touched(&Touched { sync: true, ..Touched::default() });
        }
        Ok(dismissed)
    }

    /// The scopes that were sent completely, and whether this file agrees.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn scopes(&self) -> Result<Vec<ScopeTally>, ReadError> {
        self.inner.read(|conn, _who| store::tally::all(conn))
    }
}
