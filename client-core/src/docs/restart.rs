//! A document's history starts anew.
//!
//! A change can never be taken out of a history, because later ones name it by its
//! hash. So whatever must not be readable any more is left behind with the whole
//! history: what stands is written into a fresh document, of the next generation.
//! The same ends a history that has grown to its limit.

use std::collections::BTreeSet;

use automerge::iter::MapRangeItem;
use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{Automerge, ObjId, ObjType, ReadDoc, ScalarValue, Value, ValueRef};

use crate::docs::erasure::{self, Fate};
use crate::docs::field::{Scalar, shown_key};
use crate::docs::{
    DocKind, Document, EditContext, EditError, Generation, Header, NewChange, Redaction, genesis,
    visit,
};

/// Maps inside maps are copied as deep as this; the schema ends at two.
const DEPTH: usize = 8;

/// A document at the beginning of a generation.
#[derive(Debug)]
pub struct Restarted {
    /// The document.
    pub document: Document,
    /// Its changes: what stands, and what was written to a visit after its submit.
    pub changes: Vec<NewChange>,
}

/// Copies what stands in `old` into a fresh document.
pub(super) fn restart(
    old: &Document,
    generation: Generation,
    redaction: Redaction,
    context: &EditContext,
) -> Result<Restarted, EditError> {
    let header = Header { generation, ..*old.header() };
    let late = match header.kind {
        // What was written after the submit must stay visible as such.
        DocKind::Visit => visit::late_writes(old),
        DocKind::Customer | DocKind::Deal | DocKind::Plan | DocKind::Case => BTreeSet::new(),
    };
    let mut copy = Copy { old: old.automerge(), kind: header.kind, redaction, late: &late };
    let mut fresh = genesis::document(header.kind);
    fresh.set_actor(automerge::ActorId::from(&context.actor.as_bytes()[..]));
    for part in [Part::InTime, Part::Late] {
        let mut transaction = fresh.transaction();
        for root in genesis::roots_of(header.kind) {
            let mut path = vec![root.name.to_owned()];
            copy.map(&mut transaction, &root.id(), &root.id(), &mut path, part, false)?;
        }
        if transaction.pending_ops() == 0 {
            transaction.rollback();
        } else {
            transaction.commit_with(CommitOptions::default().with_time(context.at.millis()));
        }
    }
    let document = Document::load(header, &fresh.save_nocompress()).map_err(|error| {
        EditError::Refused { field: "generation".to_owned(), reason: error.to_string() }
    })?;
    let changes = document.changes_since(&crate::docs::Heads::default());
    Ok(Restarted { document, changes })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    InTime,
    Late,
}

struct Copy<'a> {
    old: &'a Automerge,
    kind: DocKind,
    redaction: Redaction,
    late: &'a BTreeSet<String>,
}

impl Copy<'_> {
    fn map(
        &mut self,
        transaction: &mut Transaction<'_>,
        from: &ObjId,
        to: &ObjId,
        path: &mut Vec<String>,
        part: Part,
        concerned: bool,
    ) -> Result<(), EditError> {
        let items: Vec<MapRangeItem<'_>> = self.old.map_range(from, ..).collect();
        for item in &items {
            let key = item.key.to_string();
            path.push(shown_key(&key));
            let outcome = self.item(transaction, item, &key, (from, to), path, part, concerned);
            path.pop();
            outcome?;
        }
        if part == Part::Late {
            self.deleted_late(transaction, &items, to, path)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one step of a walk over two documents")]
    fn item(
        &mut self,
        transaction: &mut Transaction<'_>,
        item: &MapRangeItem<'_>,
        key: &str,
        (from, to): (&ObjId, &ObjId),
        path: &mut Vec<String>,
        part: Part,
        concerned: bool,
    ) -> Result<(), EditError> {
        let refused = |error: automerge::AutomergeError| EditError::Refused {
            field: path.join("/"),
            reason: error.to_string(),
        };
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        match &item.value {
            ValueRef::Scalar(_) => {
                let late = self.late.contains(&path.join("/"));
                if late != (part == Part::Late) {
                    return Ok(());
                }
                let Ok(Some((Value::Scalar(value), _))) = self.old.get(from, key) else {
                    return Ok(());
                };
                let value = value.into_owned();
                let value = match self.redaction.fate(self.kind, &parts, concerned) {
                    Fate::Keep => Some(value),
                    Fate::Drop => None,
                    Fate::Mark => erasure::marked(&parts, &value),
                };
                match value {
                    Some(value) => transaction.put(to, key, value).map_err(refused),
                    None => Ok(()),
                }
            }
            ValueRef::Object(ObjType::Map) if path.len() < DEPTH => {
                // The fields decide; a record none of whose fields stays is left out.
                let concerned = concerned || self.concerns(&item.id());
                let inner = self.standing(transaction, to, key).map_err(refused)?;
                let made = match inner {
                    Some(id) => id,
                    None if self.keeps_any(&item.id(), path, part, concerned) => {
                        transaction.put_object(to, key, ObjType::Map).map_err(refused)?
                    }
                    None => return Ok(()),
                };
                self.map(transaction, &item.id(), &made, path, part, concerned)
            }
            ValueRef::Object(_) => Ok(()),
        }
    }

    fn standing(
        &self,
        transaction: &Transaction<'_>,
        map: &ObjId,
        key: &str,
    ) -> Result<Option<ObjId>, automerge::AutomergeError> {
        Ok(match transaction.get(map, key)? {
            Some((Value::Object(ObjType::Map), id)) => Some(id),
            _ => None,
        })
    }

    /// Whether anything of a record is copied in this part.
    fn keeps_any(&self, record: &ObjId, path: &[String], part: Part, concerned: bool) -> bool {
        let mut items = self.old.map_range(record, ..).peekable();
        // An empty record is a thing too.
        if items.peek().is_none() {
            return part == Part::InTime && self.stays(path, concerned);
        }
        items.any(|item| {
            let mut inner = path.to_vec();
            inner.push(shown_key(&item.key));
            let late = self.late.contains(&inner.join("/"));
            late == (part == Part::Late) && self.stays(&inner, concerned)
        })
    }

    fn stays(&self, path: &[String], concerned: bool) -> bool {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        self.redaction.fate(self.kind, &parts, concerned) != Fate::Drop
    }

    /// Whether a plan's item is about the erased customer.
    fn concerns(&self, item: &ObjId) -> bool {
        let Redaction::Customer(customer) = self.redaction else { return false };
        self.kind == DocKind::Plan
            && matches!(self.old.get(item, "customer"),
                Ok(Some((Value::Scalar(value), _))) if *value == customer.to_scalar())
    }

    /// What was taken away after the submit is written as nothing, so that it stays
    /// known that somebody wrote there.
    fn deleted_late(
        &self,
        transaction: &mut Transaction<'_>,
        items: &[MapRangeItem<'_>],
        to: &ObjId,
        path: &[String],
    ) -> Result<(), EditError> {
        let prefix = format!("{}/", path.join("/"));
        let gone = self.late.iter().filter_map(|late| late.strip_prefix(&prefix)).filter(|key| {
            !key.contains('/') && !items.iter().any(|item| shown_key(&item.key) == **key)
        });
        for key in gone {
            let key = crate::docs::field::stored_key(key);
            transaction.put(to, key, ScalarValue::Null).map_err(|error| EditError::Refused {
                field: path.join("/"),
                reason: error.to_string(),
            })?;
        }
        Ok(())
    }
}

/// Whether a history ever held a contact, even one that was removed since.
pub(super) fn mentions(document: &Document, contact: crate::id::ItemId) -> bool {
    use crate::docs::field::Key as _;
    let key = contact.to_key();
    document.automerge().get_changes(&[]).iter().any(|change| {
        change.decode().operations.iter().any(|operation| {
            matches!(&operation.key, automerge::legacy::Key::Map(found) if found.as_str() == key)
        })
    })
}
