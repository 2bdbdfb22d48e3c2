//! What erasing and deciding work with.

use client_core::docs::{Conflict, ConflictLabel, DocKind};
use client_core::id::{DocId, UserId};
use client_core::records::UserRecord;
use client_core::time::Timestamp;

use super::DocCommit;
use crate::storage::lists::{Window, Within};

/// A document at the beginning of a generation.
#[derive(Debug, Clone)]
pub struct NewGeneration {
    /// Its first changes and the state they come to, on top of the last revision.
    pub commit: DocCommit,
    /// Something was erased: what names the document elsewhere goes too.
    pub erased: bool,
}

/// What stands in the place of a former user's account.
#[derive(Debug, Clone)]
pub struct ErasedAccount {
    /// The public record, without name.
    pub user: UserRecord,
    /// A login that nobody had.
    pub login: String,
    /// A hash that no password has.
    pub password: String,
}

/// Which conflicts; newest first.
#[derive(Debug, Clone)]
pub struct ConflictAsk {
    /// Same field, or different ones.
    pub label: ConflictLabel,
    /// What the reader may see.
    pub within: Within,
    /// Only of this document.
    pub doc: Option<DocId>,
    /// Only of this kind.
    pub kind: Option<DocKind>,
    /// Which of them.
    pub window: Window,
}

/// A conflict with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRow {
    /// The document.
    pub doc: DocId,
    /// Its kind.
    pub kind: DocKind,
    /// Its author.
    pub author: UserId,
    /// The customer that it follows, as lists show it; none for customers and plans.
    pub customer: Option<DocId>,
    /// The latest of the times at which one of the values was written.
    pub at: Timestamp,
    /// The field and its values.
    pub conflict: Conflict,
}
