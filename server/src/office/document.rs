//! Customers and deals that the office writes to.
//!
//! An edit is a closure of intents, run on the document as it is stored now. If a
//! phone's work arrives between the look and the write, the closure runs again on
//! what is there then: nobody's change is lost and nothing is written over that
//! the office had not seen. The author of the change is the person whose [`Hand`]
//! it is.

use std::sync::Arc;

use client_core::docs::case::CaseEdit;
use client_core::docs::customer::CustomerEdit;
use client_core::docs::deal::DealEdit;
use client_core::docs::{
    ChangeHash, DocKind, Document, EditContext, EditError, Generation, Header, NewChange,
};
use client_core::id::{DocId, UserId};
use client_core::records::PlacementRecord;

use super::{Hand, Office};
use crate::relay::{self, Held, Refused, Writing};
use crate::storage::model::{CommitOutcome, DocCommit, Seq};
use crate::storage::{Documents, StorageError};

/// How often an edit is made again because somebody else wrote the document.
const ROUNDS: usize = 64;
/// New documents of one job: bounds what is held in memory and what one commit writes.
const BATCH: usize = 256;

/// Why the office could not write a document. Nothing of the edit was kept.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// There is no such document.
    #[error("there is no {expected} {doc}", expected = expected.as_str())]
    Unknown {
        /// What was given.
        doc: DocId,
        /// What it should be.
        expected: DocKind,
    },
    /// It is there already.
    #[error("there is a document {doc} already")]
    Exists {
        /// What was given.
        doc: DocId,
    },
    /// An intent was refused; a document of another kind is one of the reasons.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// It would pass a limit of documents or changes.
    #[error("the document {doc} cannot be written: {detail}")]
    Refused {
        /// Which.
        doc: DocId,
        /// Which limit.
        detail: String,
    },
    /// Others wrote it all the time.
    #[error("the document {doc} was written {rounds} times in between: try again")]
    Busy {
        /// Which.
        doc: DocId,
        /// How often.
        rounds: usize,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What is to stand in a new customer.
pub type CustomerContent =
    Box<dyn FnOnce(&mut CustomerEdit<'_>) -> Result<(), EditError> + Send + 'static>;
/// What is to stand in a new deal.
pub type DealContent = Box<dyn FnOnce(&mut DealEdit<'_>) -> Result<(), EditError> + Send + 'static>;

/// What is to stand in a new case.
pub type CaseContent = Box<dyn FnOnce(&mut CaseEdit<'_>) -> Result<(), EditError> + Send + 'static>;

/// The kind of a new document, and what is to stand in it.
pub enum NewContent {
    /// A customer.
    Customer(CustomerContent),
    /// A deal.
    Deal {
        /// Its customer.
        customer: DocId,
        /// What is to stand in it.
        content: DealContent,
    },
    /// A case.
    Case {
        /// Its customer.
        customer: DocId,
        /// What is to stand in it.
        content: CaseContent,
    },
}

/// A document that the office makes.
pub struct NewDocument {
    /// Its id.
    pub doc: DocId,
    /// Whose it is from the start; the change log names the hand all the same.
    pub author: UserId,
    /// What is to stand in it.
    pub content: NewContent,
    /// Who is to hold it; without spans nobody yet. By the server's rule if absent.
    pub placement: Option<PlacementRecord>,
}

impl Office {
    /// Edits a customer. `None` if the intents put nothing new.
    pub async fn edit_customer(
        &self,
        hand: &Hand,
        doc: DocId,
        edit: impl Fn(&mut CustomerEdit<'_>) -> Result<(), EditError> + Send + Sync + 'static,
    ) -> Result<Option<Seq>, DocumentError> {
        let edit = Arc::new(edit);
        self.edit(hand, doc, DocKind::Customer, move |document, context| {
            document.edit_customer(context, |customer| edit(customer))
        })
        .await
    }

    /// Edits a deal. `None` if the intents put nothing new.
    pub async fn edit_deal(
        &self,
        hand: &Hand,
        doc: DocId,
        edit: impl Fn(&mut DealEdit<'_>) -> Result<(), EditError> + Send + Sync + 'static,
    ) -> Result<Option<Seq>, DocumentError> {
        let edit = Arc::new(edit);
        self.edit(hand, doc, DocKind::Deal, move |document, context| {
            document.edit_deal(context, |deal| edit(deal))
        })
        .await
    }

    /// Edits a case. `None` if the intents put nothing new.
    pub async fn edit_case(
        &self,
        hand: &Hand,
        doc: DocId,
        edit: impl Fn(&mut CaseEdit<'_>) -> Result<(), EditError> + Send + Sync + 'static,
    ) -> Result<Option<Seq>, DocumentError> {
        let edit = Arc::new(edit);
        self.edit(hand, doc, DocKind::Case, move |document, context| {
            document.edit_case(context, |case| edit(case))
        })
        .await
    }

    /// Decides a conflict: of the values of `field`, the one that `choice` wrote stands
    /// alone from now on.
    pub async fn settle_conflict(
        &self,
        hand: &Hand,
        doc: DocId,
        kind: DocKind,
        field: &str,
        choice: ChangeHash,
    ) -> Result<Option<Seq>, DocumentError> {
        let field = field.to_owned();
        self.edit(hand, doc, kind, move |document, context| {
            document.settle_conflict(context, &field, choice)
        })
        .await
    }

    pub(super) async fn edit<F>(
        &self,
        hand: &Hand,
        doc: DocId,
        expected: DocKind,
        edit: F,
    ) -> Result<Option<Seq>, DocumentError>
    where
        F: Fn(&mut Document, &EditContext) -> Result<Option<NewChange>, EditError>
            + Clone
            + Send
            + 'static,
    {
        for _round in 0..ROUNDS {
            let held = relay::held(&self.app, self.org, doc).await?;
            let held = held.ok_or(DocumentError::Unknown { doc, expected })?;
            let (writing, edit, base) = (self.writing(hand), edit.clone(), held.bytes);
            let prepared = blocking(move || edited(&held, &writing, None, edit)).await??;
            let Some((commit, document)) = prepared else { return Ok(None) };
            let (before, length) = (commit.expected, base + commit.added());
            match self.app.storage().commit(self.org, commit).await? {
                CommitOutcome::Committed(seq) => {
                    relay::keep(&self.app, document, before, length);
                    return Ok(Some(seq));
                }
                CommitOutcome::Stale => {}
                CommitOutcome::Failed => return Err(not_stored(doc)),
            }
        }
        Err(DocumentError::Busy { doc, rounds: ROUNDS })
    }

    /// Makes documents, each all or nothing; results in order.
    pub async fn create_documents(
        &self,
        hand: &Hand,
        documents: Vec<NewDocument>,
    ) -> Result<Vec<Result<Seq, DocumentError>>, StorageError> {
        let mut results = Vec::with_capacity(documents.len());
        let mut documents = documents.into_iter().peekable();
        while documents.peek().is_some() {
            let batch: Vec<NewDocument> = documents.by_ref().take(BATCH).collect();
            let (org, writing) = (self.org, self.writing(hand));
            let prepared = blocking(move || {
                let make = |new: NewDocument| (new.doc, create(org, &writing, new));
                batch.into_iter().map(make).collect::<Vec<_>>()
            });
            let mut commits = Vec::new();
            let mut slots = Vec::new();
            for (doc, prepared) in prepared.await? {
                slots.push((doc, prepared.map(|commit| commits.push(commit))));
            }
            let mut outcomes = self.app.storage().commit_all(self.org, commits).await?.into_iter();
            for (doc, slot) in slots {
                results.push(slot.and_then(|()| match outcomes.next() {
                    Some(CommitOutcome::Committed(seq)) => Ok(seq),
                    Some(CommitOutcome::Stale) => Err(DocumentError::Exists { doc }),
                    Some(CommitOutcome::Failed) | None => Err(not_stored(doc)),
                }));
            }
        }
        Ok(results)
    }

    pub(crate) fn writing(&self, hand: &Hand) -> Writing {
        Writing {
            origin: hand.origin(),
            actor: hand.actor,
            at: self.now(),
            limits: self.app.config().limits.clone(),
        }
    }
}

/// The commit that makes a document.
pub(crate) fn create(
    org: client_core::id::OrgId,
    writing: &Writing,
    new: NewDocument,
) -> Result<DocCommit, DocumentError> {
    let NewDocument { doc, author, content, placement } = new;
    let header = |kind, customer| Header {
        doc,
        kind,
        org,
        author,
        customer,
        generation: Generation::default(),
    };
    let made = match content {
        NewContent::Customer(content) => {
            let held = Held::new(header(DocKind::Customer, None));
            edited(&held, writing, placement, |document, context| {
                document.edit_customer(context, content)
            })
        }
        NewContent::Deal { customer, content } => {
            let held = Held::new(header(DocKind::Deal, Some(customer)));
            edited(&held, writing, placement, |document, context| {
                document.edit_deal(context, content)
            })
        }
        NewContent::Case { customer, content } => {
            let held = Held::new(header(DocKind::Case, Some(customer)));
            edited(&held, writing, placement, |document, context| {
                document.edit_case(context, content)
            })
        }
    };
    let empty = || DocumentError::Refused { doc, detail: "it is empty".to_owned() };
    made?.map(|(commit, _document)| commit).ok_or_else(empty)
}

/// The commit that an edit of a document comes to; none if it put nothing new.
pub(crate) fn edited(
    held: &Held,
    writing: &Writing,
    placement: Option<PlacementRecord>,
    edit: impl FnOnce(&mut Document, &EditContext) -> Result<Option<NewChange>, EditError>,
) -> Result<Option<(DocCommit, Document)>, DocumentError> {
    let mut copy = held.document.clone();
    let context = EditContext { actor: writing.actor, at: writing.at };
    let Some(change) = edit(&mut copy, &context)? else { return Ok(None) };
    let doc = held.document.header().doc;
    relay::prepare(held, &change, writing, placement)
        .map(Some)
        .map_err(|Refused { detail }| DocumentError::Refused { doc, detail })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StorageError> {
    let failed =
        |error: tokio::task::JoinError| StorageError::Unavailable { reason: error.to_string() };
    tokio::task::spawn_blocking(work).await.map_err(failed)
}

fn not_stored(doc: DocId) -> DocumentError {
    DocumentError::Refused { doc, detail: "the server could not store it".to_owned() }
}

#[cfg(test)]
mod tests;
