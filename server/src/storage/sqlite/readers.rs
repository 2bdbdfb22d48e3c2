//! A few read-only connections, each with a thread of its own.
//!
//! Not deadpool-sqlite: it asks every connection for a sign of life at every
//! checkout, in a blocking task of its own, and opens it for writing. A local
//! file needs neither. And not tokio's blocking pool, whose threads take turns:
//! each of them ends up with the memory of the largest thing that it ever read (159 MB
//! with one rep of 4,000 visits, 56 MB where memory may not belong to threads).
//! The reader that was used last is used next, because its pages are warm.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use super::{OpenError, open};
use crate::storage::StorageError;

/// Connections at most. Queries take well under a millisecond each, so this
/// bounds memory (8 MiB of cache each) rather than throughput.
const READERS: usize = 6;

/// A query with its answer, and the way back to the others for its reader.
type Job = Box<dyn FnOnce(&Connection) + Send>;

/// A thread with a connection. It ends when nobody can give it work any more.
struct Reader {
    jobs: mpsc::Sender<Job>,
    thread: JoinHandle<()>,
}

impl Reader {
    fn open(path: &Path) -> Result<Self, OpenError> {
        let connection = open::reader(path)?;
        let (jobs, queue) = mpsc::channel::<Job>();
        let read_until_closed = move || queue.iter().for_each(|job| job(&connection));
        let name = "sqlite-reader".to_owned();
        let thread = std::thread::Builder::new().name(name).spawn(read_until_closed)?;
        Ok(Self { jobs, thread })
    }
}

/// Those that have nothing to do.
#[derive(Default)]
struct Idle(Mutex<Vec<Reader>>);

impl Idle {
    fn take(&self) -> Option<Reader> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put(&self, reader: Reader) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
    }
}

pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Idle>,
    permits: Arc<Semaphore>,
    /// How often somebody asked.
    #[cfg(test)]
    asked: std::sync::atomic::AtomicU64,
}

impl Readers {
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let idle = Idle::default();
        idle.put(Reader::open(path)?);
        Ok(Self {
            path: path.to_owned(),
            idle: Arc::new(idle),
            permits: Arc::new(Semaphore::new(READERS)),
            #[cfg(test)]
            asked: std::sync::atomic::AtomicU64::new(0),
        })
    }

    #[cfg(test)]
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(std::sync::atomic::Ordering::SeqCst)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) async fn run<T, F>(&self, query: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    {
        #[cfg(test)]
        self.asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let unavailable = |reason: String| StorageError::Unavailable { reason };
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|error| unavailable(error.to_string()))?;
        // Opening one takes less than what it would take to do it elsewhere, and
        // happens five times in the life of a server.
        let reader = match self.idle.take() {
            Some(reader) => reader,
            None => Reader::open(&self.path).map_err(|error| unavailable(error.to_string()))?,
        };
        let (reply, answer) = oneshot::channel();
        let (idle, jobs) = (Arc::clone(&self.idle), reader.jobs.clone());
        let job: Job = Box::new(move |connection| {
            let result = catch_unwind(AssertUnwindSafe(|| in_transaction(connection, query)));
            // Before the answer: whoever asks next finds it.
            idle.put(reader);
            drop((idle, permit));
            let fault =
                || StorageError::Unavailable { reason: "a read had a fault of ours".to_owned() };
            // A caller that went away does not want to know.
            drop(reply.send(result.unwrap_or_else(|_panic| Err(fault()))));
        });
        let gone = || unavailable("a reader has stopped".to_owned());
        jobs.send(job).map_err(|_unsent| gone())?;
        answer.await.map_err(|_dropped| gone())?
    }
}

impl Drop for Readers {
    /// Waits until everybody has let go of the file.
    fn drop(&mut self) {
        while let Some(Reader { jobs, thread }) = self.idle.take() {
            drop(jobs);
            if thread.join().is_err() {
                tracing::error!("a database reader had panicked");
            }
        }
    }
}

/// One snapshot for everything a query reads.
fn in_transaction<T>(
    connection: &Connection,
    query: impl FnOnce(&Connection) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    let transaction = connection.unchecked_transaction()?;
    let result = query(&transaction);
    // Nothing was written: both ends of a read transaction are the same.
    transaction.finish()?;
    result
}
