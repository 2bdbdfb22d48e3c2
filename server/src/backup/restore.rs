use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use client_core::time::Timestamp;

use super::archive::Reader;
use super::{BackupError, FORMAT, FileInBackup, MANIFEST, Manifest};
use super::{digest, private, sync_folder};
use crate::DATA_FILE;
use crate::erasures::LEDGER_FILE;
use crate::lock::{DataLock, LOCK_FILE};
use crate::storage::sqlite::{self, OpenError, SCHEMA_VERSION, SqliteStorage};

/// The largest manifest that is read.
const MANIFEST_LIMIT: u64 = 1024 * 1024;

/// What a restore did.
#[derive(Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Where the data went that was there before.
    pub set_aside: Option<PathBuf>,
    /// Phones and people that had been shut out since and are again; none if the data that
    /// was there before could not tell.
    pub shut_out: Option<usize>,
    /// The restored data, open and in its new life. What was erased since the backup is
    /// in it: it is to be erased again before anybody connects.
    pub storage: SqliteStorage,
    /// Keeps servers away from the directory until it is dropped.
    pub lock: DataLock,
}

/// Puts a backup in place of what is in `data`. With `force`, data that is there
/// already is set aside beside it, never removed. Nothing is put in place before all
/// of the backup was read and compared with its manifest.
///
/// # Errors
/// [`BackupError`]; what was in the directory is as it was then.
pub async fn restore(
    from: &Path,
    data: &Path,
    force: bool,
    mut epoch: impl FnMut() -> [u8; 8],
    now: Timestamp,
) -> Result<Restored, BackupError> {
    let occupied = data.join(DATA_FILE).exists();
    if occupied && !force {
        return Err(BackupError::Occupied { path: data.to_owned() });
    }
    make_private(data)?;
    // Nobody serves this directory until what was erased is erased again.
    let lock = DataLock::take(data)?;
    if occupied && sqlite::is_in_use(&data.join(DATA_FILE)) {
        return Err(BackupError::InUse { path: data.to_owned() });
    }
    let fresh = data.join(".restore");
    drop(std::fs::remove_dir_all(&fresh));
    make_private(&fresh)?;
    let ready = async {
        let manifest = unpack(from, &fresh)?;
        let copy = fresh.join(DATA_FILE);
        sqlite::check(&copy).map_err(|reason| damaged(from, reason))?;
        let storage = SqliteStorage::open(&copy)?;
        storage.begin_life(&mut epoch, now).await?;
        drop(storage);
        sqlite::fold(&copy).map_err(OpenError::from)?;
        Ok::<_, BackupError>(manifest)
    };
    let manifest = match ready.await {
        Ok(manifest) => manifest,
        Err(error) => {
            drop(std::fs::remove_dir_all(&fresh));
            return Err(error);
        }
    };
    let set_aside = if occupied { Some(set_aside(data, &manifest, now)?) } else { None };
    // The lock that is held must stay the file that others find.
    let files = manifest.files.iter().filter(|file| file.name != LOCK_FILE);
    for FileInBackup { name, .. } in files {
        let (here, there) = (fresh.join(name), data.join(name));
        std::fs::rename(&here, &there).map_err(BackupError::at(&there))?;
    }
    drop(std::fs::remove_dir_all(&fresh));
    sync_folder(data)?;
    let storage = SqliteStorage::open(&data.join(DATA_FILE))?;
    let shut_out = match set_aside.as_ref().map(|aside| sqlite::shut_out(&aside.join(DATA_FILE))) {
        Some(Ok(out)) => Some(storage.shut_out_again(out, now).await?),
        // It may be because it cannot be read that the backup is restored.
        Some(Err(_)) | None => None,
    };
    Ok(Restored { manifest, set_aside, shut_out, storage, lock })
}

fn damaged(from: &Path, reason: impl ToString) -> BackupError {
    BackupError::Damaged { path: from.to_owned(), reason: reason.to_string() }
}

/// Writes the files of a backup into `to`, comparing each with the manifest.
fn unpack(from: &Path, to: &Path) -> Result<Manifest, BackupError> {
    let file = File::open(from).map_err(BackupError::at(from))?;
    let mut archive = Reader::new(BufReader::new(file));
    let cut = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged(from, "it was cut short"),
        _ => damaged(from, error),
    };
    let manifest = manifest(from, &mut archive)?;
    for wanted in &manifest.files {
        let Some((name, size, mut content)) = archive.next().map_err(cut)? else {
            return Err(damaged(from, format!("{} is missing", wanted.name)));
        };
        if name != wanted.name || size != wanted.bytes {
            return Err(damaged(from, format!("{name} is not what its manifest says")));
        }
        let path = to.join(&name);
        let mut out = private(&path).map_err(BackupError::at(&path))?;
        let (bytes, sha256) = digest(&mut content, &mut out)
            .map_err(|error| BackupError::File { path: path.clone(), source: error })?;
        if bytes != size {
            return Err(damaged(from, "it was cut short"));
        }
        if sha256 != wanted.sha256 {
            return Err(damaged(from, format!("{name} was changed: its SHA-256 is another")));
        }
        out.sync_all().map_err(BackupError::at(&path))?;
        archive.end_of_file(size).map_err(cut)?;
    }
    if !manifest.files.iter().any(|file| file.name == DATA_FILE) {
        return Err(damaged(from, "there is no data file in it"));
    }
    Ok(manifest)
}

fn manifest(from: &Path, archive: &mut Reader<BufReader<File>>) -> Result<Manifest, BackupError> {
    let found = archive.next().map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged(from, "it is no backup of fieldsync"),
        _ => damaged(from, error),
    })?;
    let Some((name, size, content)) =
        found.filter(|(name, size, _)| name == MANIFEST && *size <= MANIFEST_LIMIT)
    else {
        return Err(damaged(from, "it does not begin with a manifest"));
    };
    debug_assert_eq!(name, MANIFEST);
    let mut text = Vec::new();
    content.take(MANIFEST_LIMIT).read_to_end(&mut text).map_err(BackupError::at(from))?;
    archive.end_of_file(size).map_err(|_cut| damaged(from, "it was cut short"))?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| damaged(from, format!("its manifest cannot be read: {error}")))?;
    let Manifest { format, schema, .. } = manifest;
    if format > FORMAT || schema > SCHEMA_VERSION {
        return Err(BackupError::Newer { path: from.to_owned(), format, schema });
    }
    let never =
        |name: &str| name == LEDGER_FILE || name.starts_with('.') || name.contains(['/', '\\']);
    if let Some(file) = manifest.files.iter().find(|file| never(&file.name)) {
        return Err(damaged(from, format!("{} does not belong in a backup", file.name)));
    }
    Ok(manifest)
}

/// Moves what would be replaced into a folder of its own.
fn set_aside(data: &Path, manifest: &Manifest, now: Timestamp) -> Result<PathBuf, BackupError> {
    let aside = data.join(format!(".before-restore-{}", now.millis()));
    make_private(&aside)?;
    let logs = ["fieldsync.db-wal", "fieldsync.db-shm"].map(str::to_owned);
    let names = manifest.files.iter().map(|file| file.name.clone()).chain(logs);
    for name in names {
        let (here, there) = (data.join(&name), aside.join(&name));
        match std::fs::rename(&here, &there) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(BackupError::at(&here)(error));
            }
            _ => {}
        }
    }
    Ok(aside)
}

fn make_private(folder: &Path) -> Result<(), BackupError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(BackupError::at(folder))
}
