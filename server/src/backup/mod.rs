//! A copy of everything, taken while the server runs, and the way back.
//!
//! A backup is one file: a plain `tar` archive with the data file as it was at one
//! instant, whatever else lies in the data directory (certificates, keys), and a
//! manifest with the length and SHA-256 of each. The org's secrets are in the data
//! file, so a backup can sign in nobody new and still recognises what was signed
//! before: cursors, access stamps, receipts, rescue files. Keep it as you keep the
//! server.
//!
//! A restore is another life of the data. It gets a new epoch, by which every phone
//! notices, starts over and gives back what the backup lacks. The ledger of erasures
//! is never in a backup: it stays where it is, so that what was erased since cannot
//! come back with one.

mod archive;
mod restore;

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use client_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::DATA_FILE;
use crate::erasures::LEDGER_FILE;
use crate::lock::{LOCK_FILE, LockError};
use crate::storage::sqlite::{self, OpenError};

pub use restore::{Restored, restore};

/// The manifest's name in the archive.
const MANIFEST: &str = "manifest.json";
/// The layout of a backup.
const FORMAT: u32 = 1;
/// What lies in a data directory and is not the server's to carry elsewhere: the data
/// file is copied by SQLite, the ledger of erasures stays.
const NEVER: [&str; 5] =
    [DATA_FILE, "fieldsync.db-wal", "fieldsync.db-shm", LEDGER_FILE, LOCK_FILE];

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The layout of the archive.
    pub format: u32,
    /// When it was made.
    pub made_at: Timestamp,
    /// The program that made it.
    pub program: String,
    /// The schema of the data file.
    pub schema: i64,
    /// The orgs in it.
    pub orgs: Vec<OrgInBackup>,
    /// The files, the data file first.
    pub files: Vec<FileInBackup>,
}

/// An org, as far as a backup tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgInBackup {
    /// The org.
    pub org: String,
    /// The epoch of the data, in hexadecimal.
    pub epoch: String,
    /// The last position of its feed.
    pub position: u64,
}

/// A file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInBackup {
    /// Its name in the data directory.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Why a backup could not be made or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The data file could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is a file where the backup should go.
    #[error("there is a file at {path} already", path = path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// The data directory holds data already.
    #[error("{path} holds data already", path = path.display())]
    Occupied {
        /// The directory.
        path: PathBuf,
    },
    /// A server, or another program, has the data open.
    #[error("{path} is in use: a server runs on it", path = path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// It is no backup, or one that was cut or changed.
    #[error("{path} cannot be restored: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A newer program made it.
    #[error(
        "{path} was made by a newer fieldsync (format {format}, schema {schema}): use that one",
        path = path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its layout.
        format: u32,
        /// Its schema.
        schema: i64,
    },
    /// A file could not be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The restored data could not be prepared.
    #[error(transparent)]
    Storage(#[from] crate::storage::StorageError),
}

impl From<LockError> for BackupError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::InUse { dir } => Self::InUse { path: dir },
            LockError::Failed { dir, source } => Self::File { path: dir, source },
        }
    }
}

impl BackupError {
    fn at(path: &Path) -> impl Fn(std::io::Error) -> Self + '_ {
        |source| Self::File { path: path.to_owned(), source }
    }
}

/// Writes a backup of the data directory to `to`. A server may go on beside it: the
/// copy is of one instant, and whoever writes meanwhile does not wait for it.
///
/// # Errors
/// [`BackupError`]; there is no half backup then.
pub fn backup(data: &Path, to: &Path, now: Timestamp) -> Result<Manifest, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists { path: to.to_owned() });
    }
    let (copy, partial) = (beside(to, "copy"), beside(to, "partial"));
    let written = write(data, to, &copy, &partial, now);
    // Both are ours and worth nothing by now; an error would say nothing new.
    drop(std::fs::remove_file(&copy));
    if written.is_err() {
        drop(std::fs::remove_file(&partial));
    }
    written
}

fn write(
    data: &Path,
    to: &Path,
    copy: &Path,
    partial: &Path,
    now: Timestamp,
) -> Result<Manifest, BackupError> {
    drop(std::fs::remove_file(copy));
    private(copy).map_err(BackupError::at(copy))?;
    let (schema, orgs) = sqlite::copy(&data.join(DATA_FILE), copy)?;
    let mut files = vec![described(DATA_FILE, copy)?];
    let mut sources = vec![copy.to_owned()];
    for (name, path) in others(data, &[to, copy, partial])? {
        files.push(described(&name, &path)?);
        sources.push(path);
    }
    let manifest = Manifest {
        format: FORMAT,
        made_at: now,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema,
        orgs,
        files,
    };
    let file = private(partial).map_err(BackupError::at(partial))?;
    let mut archive = archive::Writer::new(std::io::BufWriter::new(file));
    let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
    let told = archive.add(MANIFEST, text.len() as u64, now, &mut text.as_slice());
    told.map_err(BackupError::at(partial))?;
    for (file, source) in manifest.files.iter().zip(&sources) {
        let mut open = File::open(source).map_err(BackupError::at(source))?;
        archive.add(&file.name, file.bytes, now, &mut open).map_err(BackupError::at(source))?;
    }
    archive.finish().and_then(|file| file.sync_all()).map_err(BackupError::at(partial))?;
    std::fs::rename(partial, to).map_err(BackupError::at(to))?;
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        sync_folder(folder)?;
    }
    Ok(manifest)
}

/// What lies in the data directory beside the data file, by name.
fn others(data: &Path, own: &[&Path]) -> Result<Vec<(String, PathBuf)>, BackupError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(data).map_err(BackupError::at(data))? {
        let entry = entry.map_err(BackupError::at(data))?;
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else { continue };
        let ours = own.iter().any(|own| own.canonicalize().ok() == path.canonicalize().ok());
        if path.is_file() && !ours && !NEVER.contains(&name) && !name.starts_with('.') {
            found.push((name.to_owned(), path));
        }
    }
    found.sort();
    Ok(found)
}

fn described(name: &str, path: &Path) -> Result<FileInBackup, BackupError> {
    let mut file = File::open(path).map_err(BackupError::at(path))?;
    let (bytes, sha256) = digest(&mut file, &mut std::io::sink()).map_err(BackupError::at(path))?;
    Ok(FileInBackup { name: name.to_owned(), bytes, sha256 })
}

/// Copies, counts and hashes.
fn digest(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<(u64, String)> {
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else {
            return Ok((bytes, data_encoding::HEXLOWER.encode(&hash.finalize())));
        };
        hash.update(part);
        to.write_all(part)?;
        bytes += part.len() as u64;
    }
}

/// A new file for its owner's eyes: a backup holds everything.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{what}"));
    PathBuf::from(name)
}

/// A name in a folder is durable only when the folder is.
fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    if cfg!(unix) { synced.map_err(BackupError::at(folder)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
