//! What the office writes, taken by the limits that hold for phones.
//!
//! A manager's edit, an imported row and a phone's push end in the same document,
//! so one that the office made too large would be one that no phone can write to
//! any more. The office's change therefore goes the way of a pushed one: screened,
//! applied to a copy, read back; only authority is decided elsewhere.

use client_core::docs::{Document, Header, NewChange};
use client_core::guard::Limits;
use client_core::id::{ActorId, DocId, OrgId};
use client_core::protocol::ChangeResult;
use client_core::records::PlacementRecord;
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;

use super::apply::{self, NewState};
use crate::app::App;
use crate::storage::model::{DocCommit, Origin};
use crate::storage::{Documents, StorageError};

/// A document as it is held now.
pub(crate) struct Held {
    pub(crate) document: Document,
    /// Bytes of its history.
    pub(crate) bytes: usize,
    /// Commits so far; 0 for one that is new.
    pub(crate) revision: u64,
}

impl Held {
    /// A document that is not there yet.
    pub(crate) fn new(header: Header) -> Self {
        Self { document: Document::create(header), bytes: 0, revision: 0 }
    }
}

/// Who writes, when, and within which limits.
#[derive(Clone)]
pub(crate) struct Writing {
    pub(crate) origin: Origin,
    pub(crate) actor: ActorId,
    pub(crate) at: Timestamp,
    pub(crate) limits: Limits,
}

/// Why a change of the office's was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub(crate) struct Refused {
    pub(crate) detail: String,
}

/// The document as it is stored; `None` if there is none.
pub(crate) async fn held(app: &App, org: OrgId, doc: DocId) -> Result<Option<Held>, StorageError> {
    let cached = app.documents().get(org, doc);
    let known = cached.as_ref().map(|(revision, _document)| *revision);
    let loaded = app.storage().load_all(org, vec![(doc, known)]).await?.pop().flatten();
    let Some(loaded) = loaded else { return Ok(None) };
    let document = match (cached, loaded.snapshot) {
        (Some((_revision, document)), None) => document,
        (_, snapshot) => {
            Document::load(loaded.header, &snapshot.unwrap_or_default()).map_err(|error| {
                StorageError::Corrupt { what: "document", reason: error.to_string() }
            })?
        }
    };
    Ok(Some(Held { document, bytes: loaded.bytes, revision: loaded.revision }))
}

/// Judges a change that was made on a copy of `held`; what is to be committed,
/// and the document with it.
pub(crate) fn prepare(
    held: &Held,
    change: &NewChange,
    writing: &Writing,
    placement: Option<PlacementRecord>,
) -> Result<(DocCommit, Document), Refused> {
    let bytes = [ByteBuf::from(change.bytes.clone())];
    let Fitting { prepared, refused } = judge(held, &bytes, writing, placement);
    match (prepared, refused.into_iter().next()) {
        (_, Some((_place, detail))) => Err(Refused { detail }),
        (Some(prepared), None) => Ok(prepared),
        (None, None) => Err(Refused { detail: "it is in the document already".to_owned() }),
    }
}

/// What several changes come to.
pub(crate) struct Fitting {
    /// What is to be committed, and the document with it; none if nothing is new.
    pub(crate) prepared: Option<(DocCommit, Document)>,
    /// Those that do not go in, by their place, with why.
    pub(crate) refused: Vec<(usize, String)>,
}

/// The same for changes that were kept aside: those that fit, whatever becomes of others.
pub(crate) fn prepare_fitting(held: &Held, changes: &[Vec<u8>], writing: &Writing) -> Fitting {
    let bytes: Vec<ByteBuf> = changes.iter().cloned().map(ByteBuf::from).collect();
    judge(held, &bytes, writing, None)
}

fn judge(
    held: &Held,
    bytes: &[ByteBuf],
    writing: &Writing,
    placement: Option<PlacementRecord>,
) -> Fitting {
    let Writing { origin, actor, at, limits } = writing;
    let judged = apply::group(&held.document, held.bytes, bytes, *actor, limits);
    let detail = |result| match result {
        ChangeResult::Stored | ChangeResult::Duplicate => None,
        ChangeResult::Rejected { detail, .. } | ChangeResult::Quarantined { detail } => {
            Some(detail)
        }
        ChangeResult::MissingDeps(deps) => {
            Some(format!("{} changes that it builds on are not here", deps.len()))
        }
    };
    let results = judged.results.into_iter().enumerate();
    let refused = results.filter_map(|(place, it)| Some((place, detail(it)?))).collect();
    let prepared = judged.new.map(|NewState { document, changes, state, conflicts, .. }| {
        let commit = DocCommit {
            header: *document.header(),
            expected: held.revision,
            changes,
            heads: document.heads(),
            snapshot: Vec::new(),
            operations: document.operations(),
            conflicts,
            state,
            origin: *origin,
            at: *at,
            placement,
        };
        (commit, document)
    });
    Fitting { prepared, refused }
}

/// Keeps a document loaded after it was committed on top of `before`.
pub(crate) fn keep(app: &App, document: Document, before: u64, snapshot: usize) {
    let org = document.header().org;
    app.outgrown().weigh(&document, snapshot, &app.config().limits);
    app.documents().put(org, document, before + 1, snapshot);
}
