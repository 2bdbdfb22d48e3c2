//! The ledger of erasures.
//!
//! A backup taken yesterday holds what was erased today. Restoring it would bring
//! the person back, so what was erased is kept in a file of its own that no backup
//! holds: one line for each erasure, appended and on the disk before anything is
//! erased, with ids and no names. After a restore it is replayed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use client_core::docs::Generation;
use client_core::id::{DocId, OrgId};
use client_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::office::{Erase, EraseError, Office};
use crate::storage::Erasures;
use crate::storage::model::{ErasedKey, RedactedDoc};

/// The ledger's name in the data directory. Backups leave it out.
pub const LEDGER_FILE: &str = "erasures.jsonl";

/// Why the ledger could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Reading or writing failed.
    #[error("the ledger {path} could not be used: {reason}", path = path.display())]
    Io {
        /// Where it is.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A line was not written by us.
    #[error(
        "line {line} of the ledger {path} could not be read: {reason}",
        path = path.display()
    )]
    Line {
        /// Where it is.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Why.
        reason: String,
    },
}

/// One erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// In which org.
    pub org: OrgId,
    /// Whose data.
    #[serde(flatten)]
    pub subject: Erase,
    /// Why, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The documents that began anew, with the generation that began.
    pub docs: Vec<ErasedDoc>,
    /// What files call them, hashed: an import after a restore must not bring them back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<ErasedKey>,
}

/// A document that began anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedDoc {
    /// Which.
    pub doc: DocId,
    /// Its generation since.
    pub generation: Generation,
}

/// The file.
#[derive(Debug, Clone)]
pub struct Ledger {
    path: PathBuf,
}

impl Ledger {
    /// The ledger at `path`; it is made when the first erasure is written.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The ledger of a data directory.
    pub fn of(data: &Path) -> Self {
        Self::at(data.join(LEDGER_FILE))
    }

    /// Writes an erasure down; it is on the disk when this returns.
    pub fn append(&self, entry: &Entry) -> Result<(), LedgerError> {
        let mut line = serde_json::to_vec(entry).map_err(|error| self.io(&error))?;
        line.push(b'\n');
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path).map_err(|error| self.io(&error))?;
        file.write_all(&line).and_then(|()| file.sync_all()).map_err(|error| self.io(&error))
    }

    /// Every erasure, oldest first; none if nothing was ever erased. A last line that
    /// was cut off by a power cut was followed by no erasure and is left out.
    pub fn entries(&self) -> Result<Vec<Entry>, LedgerError> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.io(&error)),
        };
        let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or_default();
        let lines = whole.lines().enumerate().filter(|(_line, text)| !text.trim().is_empty());
        lines
            .map(|(line, text)| {
                serde_json::from_str(text).map_err(|error| LedgerError::Line {
                    path: self.path.clone(),
                    line: line + 1,
                    reason: error.to_string(),
                })
            })
            .collect()
    }

    fn io(&self, error: &dyn std::fmt::Display) -> LedgerError {
        LedgerError::Io { path: self.path.clone(), reason: error.to_string() }
    }
}

/// Erases again what a restored file brought back, and finishes an erasure that was
/// cut off. Gives the number of documents that began anew. Whoever serves a file does it
/// first, because nobody may have said that it was copied back; doing it again does
/// nothing.
pub async fn replay(app: &App, ledger: &Ledger) -> Result<usize, EraseError> {
    let mut documents = 0;
    let mut settled = None;
    let entries = ledger.entries()?;
    let orgs: BTreeSet<OrgId> = entries.iter().map(|entry| entry.org).collect();
    for org in orgs {
        let of = |entry: &&Entry| entry.org == org;
        let keys = entries.iter().filter(of).flat_map(|entry| entry.keys.clone()).collect();
        let docs = entries.iter().filter(of).flat_map(redacted).collect();
        app.storage().remember_erased(org, keys, docs).await?;
        app.forget_redacted(org);
    }
    // What the file holds counts, and not what an earlier entry just made of it.
    let mut stood = BTreeMap::new();
    for entry in entries {
        let office = Office::of(app.clone(), entry.org);
        let again = office.erase_again(&entry, &mut stood).await?;
        if again.docs > 0 || again.account {
            settled = Some(office);
        }
        documents += again.docs;
    }
    if let Some(office) = settled {
        office.settle_erasure().await?;
    }
    Ok(documents)
}

/// The documents of an entry, whether they are here or not.
fn redacted(entry: &Entry) -> Vec<RedactedDoc> {
    let redaction = entry.subject.redaction(None);
    let docs = entry.docs.iter();
    docs.map(|&ErasedDoc { doc, generation }| RedactedDoc { doc, redaction, generation }).collect()
}
