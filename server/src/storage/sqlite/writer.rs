//! The one writer, with group commit.
//!
//! A durable commit waits for the disk, 0.2 ms on a good one and 10 ms on a bad
//! one, whatever it holds. So the thread takes every job that waits, runs each in
//! a savepoint of one transaction, commits once, and only then answers them all.
//! Nobody waits on purpose: while one commit waits for the disk, the next batch
//! gathers in the queue. The queue is bounded; a full one makes callers wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use client_core::faults::{Doom, Fault, Moment, injected};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::full::is_full;
use super::{OpenError, noted};
use crate::edge::Stopwatch;
use crate::storage::StorageError;
use crate::storage::onlooker::{Group, Onlooker};

/// Jobs that may wait.
const QUEUE: usize = 1024;
/// Jobs of one transaction: bounds what one bad disk error can fail.
const BATCH: usize = 256;

/// Tells a caller how the commit went.
type Answer = Box<dyn FnOnce(Result<(), NotCommitted>) + Send>;
/// Does the work in a savepoint, unless there is no transaction, and leaves the
/// answer to be given after the commit.
type Job = Box<dyn FnOnce(Result<&Connection, NotCommitted>) -> Done + Send>;

struct Done {
    answer: Answer,
    /// The work failed for want of room.
    full: bool,
}

/// Why nothing of a transaction was kept; everybody in it is told the same.
#[derive(Debug, Clone)]
enum NotCommitted {
    Full,
    Failed(String),
}

impl From<rusqlite::Error> for NotCommitted {
    fn from(error: rusqlite::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::Failed(error.to_string()) }
    }
}

impl From<NotCommitted> for StorageError {
    fn from(error: NotCommitted) -> Self {
        match error {
            NotCommitted::Full => Self::Full,
            NotCommitted::Failed(reason) => Self::Unavailable { reason },
        }
    }
}

/// Who hears of commits, once there is somebody.
type Told = Arc<OnceLock<Arc<dyn Onlooker>>>;

pub(super) struct Writer {
    told: Told,
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, doom: Doom) -> Result<Self, OpenError> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let told = Told::default();
        let teller = Arc::clone(&told);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_until_closed(&connection, queue, &doom, &teller))?;
        Ok(Self { told, jobs: Some(jobs), thread: Some(thread) })
    }

    pub(super) fn tell(&self, onlooker: Arc<dyn Onlooker>) {
        // Two servers over one open file would be a fault of ours; the first hears all.
        drop(self.told.set(onlooker));
    }

    pub(super) async fn run<T, F>(&self, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    {
        let closed = || StorageError::Unavailable { reason: "the writer has stopped".to_owned() };
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = match connection {
                Ok(connection) => in_savepoint(connection, job),
                Err(error) => Err(error.into()),
            };
            let full = matches!(result, Err(StorageError::Full));
            let answer = Box::new(move |committed: Result<(), NotCommitted>| {
                // A caller that went away does not want to know.
                drop(reply.send(committed.map_err(StorageError::from).and(result)));
            });
            Done { answer, full }
        });
        let jobs = self.jobs.as_ref().ok_or_else(closed)?;
        jobs.send(job).await.map_err(|_unsent| closed())?;
        answer.await.map_err(|_dropped| closed())?
    }
}

impl Drop for Writer {
    /// Finishes what is queued, then lets go of the file.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the database writer had panicked");
        }
    }
}

fn write_until_closed(
    connection: &Connection,
    mut queue: mpsc::Receiver<Job>,
    doom: &Doom,
    told: &Told,
) {
    while let Some(first) = queue.blocking_recv() {
        let watch = Stopwatch::start();
        if doom.is_struck() {
            (first(Err(ended())).answer)(Err(ended()));
            continue;
        }
        if !connection.is_autocommit() {
            // Only a transaction that was acknowledged too early is still open here.
            drop(commit(connection, doom));
        }
        if let Err(error) = connection.execute_batch("begin immediate") {
            tracing::error!(%error, "a transaction could not be begun");
            let error = NotCommitted::from(error);
            (first(Err(error.clone())).answer)(Err(error));
            continue;
        }
        let mut done = vec![first(Ok(connection))];
        // SQLite ends the transaction itself on a full disk and the like; what
        // follows then would be written outside of one.
        while done.len() < BATCH && !connection.is_autocommit() {
            match queue.try_recv() {
                Ok(job) => done.push(job(Ok(connection))),
                Err(_empty) => break,
            }
        }
        let committed = match done.last() {
            Some(last) if last.full && connection.is_autocommit() => Err(NotCommitted::Full),
            _ if injected(Fault::AcknowledgedBeforeCommit) => Ok(()),
            _ => commit(connection, doom),
        };
        let moved = noted::take();
        if let Some(onlooker) = told.get() {
            if committed.is_ok() && !moved.is_empty() {
                onlooker.committed(moved);
            }
            let (took, kept) = (watch.elapsed(), committed.is_ok());
            onlooker.group(Group { jobs: done.len(), waiting: queue.len(), took, kept });
        }
        for done in done {
            (done.answer)(committed.clone());
        }
    }
    if !connection.is_autocommit() && !doom.is_struck() {
        drop(commit(connection, doom));
    }
}

/// What whoever still asks a process that has ended would not hear.
fn ended() -> NotCommitted {
    NotCommitted::Failed("the process has ended".to_owned())
}

fn commit(connection: &Connection, doom: &Doom) -> Result<(), NotCommitted> {
    if doom.reaches(Moment::BeforeCommit) {
        connection.execute_batch("rollback")?;
        return Err(ended());
    }
    commit_now(connection)?;
    if doom.reaches(Moment::AfterCommit) { Err(ended()) } else { Ok(()) }
}

fn commit_now(connection: &Connection) -> Result<(), NotCommitted> {
    if connection.is_autocommit() {
        let reason = "the transaction was taken back by the database".to_owned();
        return Err(NotCommitted::Failed(reason));
    }
    connection.execute_batch("commit").map_err(|error| {
        tracing::error!(%error, "a transaction could not be committed");
        if !connection.is_autocommit()
            && let Err(error) = connection.execute_batch("rollback")
        {
            tracing::error!(%error, "a failed transaction could not be taken back");
        }
        error.into()
    })
}

fn in_savepoint<T>(
    connection: &Connection,
    job: impl FnOnce(&Connection) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    let noted = noted::mark();
    connection.execute_batch("savepoint job")?;
    let result = catch_unwind(AssertUnwindSafe(|| job(connection))).unwrap_or_else(|_panic| {
        Err(StorageError::Unavailable { reason: "a write had a fault of ours".to_owned() })
    });
    if result.is_err() {
        noted::back_to(noted);
        if !connection.is_autocommit() {
            connection.execute_batch("rollback to job")?;
        }
    }
    if !connection.is_autocommit() {
        connection.execute_batch("release job")?;
    }
    result
}
