//! Edits that somebody made on a page.
//!
//! A page is read, left open over lunch and sent. What was not touched on it must
//! not be written back: a phone may have changed it meanwhile. So a revision says
//! what stood in the field when the page was made, and only fields that were
//! really changed are sent here. If somebody changed the same field since, nothing
//! is written at all and whoever sent the page is told what stands there now and
//! whose it is; sending it again, from what stands there now, is a decision.
//! Whatever a phone wrote without having seen this edit stays a conflict in the
//! document, as between two phones.

mod customer;
mod deal;
pub mod text;

use std::sync::{Arc, Mutex, PoisonError};

use client_core::docs::customer::CustomerState;
use client_core::docs::deal::DealState;
use client_core::docs::{ConflictValue, DocKind, Document};
use client_core::id::{DocId, ItemId, UserId};
use client_core::time::Timestamp;

use super::{DocumentError, Hand, Office};
use crate::storage::{Accounts, StorageError};

pub use customer::{CONTACT_FIELDS, read as read_customer, wrong as wrong_in_customer};
pub use deal::{read as read_deal, wrong as wrong_in_deal};

/// A field of a form that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Which field, as the form names it: `name`, `tags.<id>`, `contacts.<id>.email`.
    pub name: String,
    /// What stood there when the form was made.
    pub was: String,
    /// What is to stand there; nothing to empty it.
    pub to: String,
}

/// Why a value cannot stand in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It must not be empty.
    Empty,
    /// It is not one of the choices.
    Choice,
    /// It is no day.
    Day,
    /// It is no amount of money.
    Money,
    /// It is no whole number, or out of its range.
    Number {
        /// The least.
        from: u16,
        /// The most.
        to: u16,
    },
    /// It is longer than a field of a document may be.
    Long,
}

/// A field that somebody else changed since the form was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Which field.
    pub name: String,
    /// What stood there when the form was made.
    pub was: String,
    /// What stands there now.
    pub now: String,
    /// Who wrote that, if it can be told.
    pub by: Option<UserId>,
    /// When, by their clock.
    pub at: Option<Timestamp>,
}

/// What became of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revised {
    /// What was changed is written.
    Saved,
    /// Nothing is written: these fields were changed meanwhile.
    Clashes(Vec<Clash>),
}

/// What an intent may need besides its value.
#[derive(Debug, Clone, Copy)]
struct Pen {
    at: Timestamp,
    by: UserId,
    entry: ItemId,
}

/// A clash as the document tells it: the writer is an actor still.
type Found = (Revision, String, Option<ConflictValue>);

impl Office {
    /// Writes what was changed on the form of a customer.
    pub async fn revise_customer(
        &self,
        hand: &Hand,
        doc: DocId,
        revisions: Vec<Revision>,
    ) -> Result<Revised, DocumentError> {
        let pen = self.pen(hand);
        let slot = Arc::new(Mutex::new(Vec::new()));
        let (found, wanted) = (Arc::clone(&slot), Arc::new(revisions));
        self.edit(hand, doc, DocKind::Customer, move |document, context| {
            let state = CustomerState::read(document).value;
            let clashes =
                clashes(document, &wanted, |name| customer::read(&state, name), customer::path);
            if keep(&found, clashes) {
                return Ok(None);
            }
            document.edit_customer(context, |edit| customer::put(edit, &state, &wanted, pen))
        })
        .await?;
        self.revised(slot).await
    }

    /// Writes what was changed on the form of a deal.
    pub async fn revise_deal(
        &self,
        hand: &Hand,
        doc: DocId,
        revisions: Vec<Revision>,
    ) -> Result<Revised, DocumentError> {
        let pen = self.pen(hand);
        let slot = Arc::new(Mutex::new(Vec::new()));
        let (found, wanted) = (Arc::clone(&slot), Arc::new(revisions));
        self.edit(hand, doc, DocKind::Deal, move |document, context| {
            let state = DealState::read(document).value;
            let clashes = clashes(document, &wanted, |name| deal::read(&state, name), deal::path);
            if keep(&found, clashes) {
                return Ok(None);
            }
            document.edit_deal(context, |edit| deal::put(edit, &state, &wanted, pen))
        })
        .await?;
        self.revised(slot).await
    }

    /// An id for something that a form adds.
    pub fn new_item(&self) -> ItemId {
        self.fresh(ItemId::new)
    }

    fn pen(&self, hand: &Hand) -> Pen {
        Pen { at: self.now(), by: hand.user, entry: self.new_item() }
    }

    async fn revised(&self, slot: Arc<Mutex<Vec<Found>>>) -> Result<Revised, DocumentError> {
        let found = std::mem::take(&mut *slot.lock().unwrap_or_else(PoisonError::into_inner));
        if found.is_empty() {
            return Ok(Revised::Saved);
        }
        let mut clashes = Vec::with_capacity(found.len());
        for (revision, now, written) in found {
            let by = match &written {
                Some(written) => self.app.storage().actor_owner(self.org, written.actor).await?,
                None => None,
            };
            clashes.push(Clash {
                name: revision.name,
                was: revision.was,
                now,
                by: by.map(|device| device.user),
                at: written.map(|written| written.at),
            });
        }
        Ok(Revised::Clashes(clashes))
    }
}

/// Fields that hold something else than the form showed, and not what is wanted
/// either.
fn clashes(
    document: &Document,
    revisions: &[Revision],
    read: impl Fn(&str) -> String,
    path: impl Fn(&str) -> Option<String>,
) -> Vec<Found> {
    let meanwhile = |revision: &&Revision| {
        let now = read(&revision.name);
        let now = now.trim();
        now != revision.was.trim() && now != revision.to
    };
    let told = |revision: &Revision| {
        let written = path(&revision.name).and_then(|path| document.last_written(&path));
        (revision.clone(), read(&revision.name), written)
    };
    revisions.iter().filter(meanwhile).map(told).collect()
}

/// Puts the clashes of this round where they are looked for; whether there are any.
fn keep(slot: &Mutex<Vec<Found>>, clashes: Vec<Found>) -> bool {
    let any = !clashes.is_empty();
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = clashes;
    any
}

impl From<super::HandError> for DocumentError {
    fn from(error: super::HandError) -> Self {
        match error {
            super::HandError::Storage(error) => Self::Storage(error),
            super::HandError::UnknownUser { .. } => {
                Self::Storage(StorageError::Missing { what: "the person who writes" })
            }
        }
    }
}

#[cfg(test)]
mod tests;
