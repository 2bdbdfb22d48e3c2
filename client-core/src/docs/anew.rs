//! Writing changes anew as somebody else.
//!
//! A phone that was restored from a copy has used sequence numbers that its lost
//! life used too, so what it did not get across can never be taken as it is; and a
//! history that started anew knows nothing of what a change built on. In both cases
//! the values that a change put are put again, as a change of another actor: at the
//! same place in the history where that is still there, at its end otherwise. So a
//! conflict stays a conflict, nobody's later value is covered by accident, and a
//! value that stands already is not put twice.

use std::collections::BTreeMap;

use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId as Author, Automerge, Change, ObjId, ObjType, ReadDoc, Value};

use crate::docs::{ChangeHash, Document, EditError, NewChange};
use crate::id::ActorId;

/// A change that was written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// What it was.
    pub before: ChangeHash,
    /// What it is now; none if everything it put stands already.
    pub now: Option<NewChange>,
}

impl Document {
    /// Puts what raw changes of another history put, as changes of `actor` that keep
    /// the time of the old ones. They come in causal order; the result is in the same
    /// order. Whatever they create twice (a contact that is here already) is the one
    /// that is here.
    ///
    /// # Errors
    /// [`EditError::Refused`] if a change cannot be read or written; the document is
    /// as it was then.
    pub fn write_anew(
        &mut self,
        changes: &[Vec<u8>],
        actor: ActorId,
    ) -> Result<Vec<Rewritten>, EditError> {
        let mut anew = Anew {
            document: self.clone(),
            author: Author::from(&actor.as_bytes()[..]),
            hashes: BTreeMap::new(),
            objects: BTreeMap::new(),
            last: None,
        };
        let mut rewritten = Vec::with_capacity(changes.len());
        for bytes in changes {
            let change = Change::from_bytes(bytes.clone())
                .map_err(|error| refused("a change", &error.to_string()))?;
            rewritten.push(anew.one(&change, actor)?);
        }
        *self = anew.document;
        Ok(rewritten)
    }
}

struct Anew {
    document: Document,
    author: Author,
    /// What became of the changes written so far: the heads that stand for each.
    hashes: BTreeMap<ChangeHash, Vec<ChangeHash>>,
    /// Maps that the old changes made, and what stands for them.
    objects: BTreeMap<(u64, Vec<u8>), ObjId>,
    /// The last change written: an actor's changes build on one another.
    last: Option<ChangeHash>,
}

impl Anew {
    fn one(&mut self, change: &Change, actor: ActorId) -> Result<Rewritten, EditError> {
        let before = ChangeHash(change.hash().0);
        let base = self.base(change);
        let mut branch = match &base {
            Some(heads) => self
                .document
                .automerge()
                .fork_at(
                    &heads.iter().map(|hash| automerge::ChangeHash(hash.0)).collect::<Vec<_>>(),
                )
                .map_err(|error| refused("a change", &error.to_string()))?,
            None => self.document.automerge().clone(),
        };
        branch.set_actor(self.author.clone());
        if !self.put(change, &mut branch)? {
            let stands_for = base.unwrap_or_else(|| self.document.heads().as_slice().to_vec());
            self.hashes.insert(before, stands_for);
            return Ok(Rewritten { before, now: None });
        }
        let Some(made) = branch.get_last_local_change() else {
            return Err(refused("a change", "it was not kept"));
        };
        let now = self.document.take_own(made, actor)?;
        self.last = Some(now.hash);
        self.hashes.insert(before, vec![now.hash]);
        Ok(Rewritten { before, now: Some(now) })
    }

    /// What the new change builds on: what the old one built on, if all of it is here.
    fn base(&self, change: &Change) -> Option<Vec<ChangeHash>> {
        let mut heads: Vec<ChangeHash> = self.last.into_iter().collect();
        for dep in change.deps() {
            let dep = ChangeHash(dep.0);
            match self.hashes.get(&dep) {
                Some(now) => heads.extend(now),
                None if self.document.contains(&dep) => heads.push(dep),
                None => return None,
            }
        }
        heads.sort_unstable();
        heads.dedup();
        Some(heads)
    }

    /// Puts the values of a change; whether anything was new.
    fn put(&mut self, change: &Change, branch: &mut Automerge) -> Result<bool, EditError> {
        let options = CommitOptions::default().with_time(change.timestamp());
        let mut transaction = branch.transaction();
        let first = change.start_op().get();
        for (operation, number) in change.decode().operations.iter().zip(first..) {
            self.operation(&mut transaction, operation, (number, change.actor_id().to_bytes()))?;
        }
        if transaction.pending_ops() == 0 {
            transaction.rollback();
            return Ok(false);
        }
        Ok(transaction.commit_with(options).0.is_some())
    }

    fn operation(
        &mut self,
        transaction: &mut Transaction<'_>,
        operation: &Op,
        made_as: (u64, &[u8]),
    ) -> Result<(), EditError> {
        // The schema knows maps and single values only; what else a newer app may
        // have written cannot be put by this one.
        let Key::Map(key) = &operation.key else {
            return Err(refused("a list", "this app writes no lists"));
        };
        let map = self.object(&operation.obj);
        let written = match &operation.action {
            OpType::Put(value) => transaction.put(&map, key.as_str(), value.clone()),
            OpType::Delete => transaction.delete(&map, key.as_str()),
            OpType::Increment(by) => transaction.increment(&map, key.as_str(), *by),
            OpType::Make(ObjType::Map) => {
                let standing = transaction.get(&map, key.as_str());
                let standing = standing.map_err(|error| refused(key, &error.to_string()))?;
                let object = match standing {
                    Some((Value::Object(ObjType::Map), object)) => Ok(object),
                    _ => transaction.put_object(&map, key.as_str(), ObjType::Map),
                };
                object.map(|object| {
                    self.objects.insert((made_as.0, made_as.1.to_vec()), object);
                })
            }
            OpType::Make(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_) => {
                return Err(refused(key, "this app writes maps and single values only"));
            }
        };
        written.map_err(|error| refused(key, &error.to_string()))
    }

    fn object(&self, object: &ObjectId) -> ObjId {
        let ObjectId::Id(id) = object else { return automerge::ROOT };
        let known = self.objects.get(&(id.counter(), id.actor().to_bytes().to_vec()));
        known.cloned().unwrap_or_else(|| ObjId::Id(id.counter(), id.actor().clone(), 0))
    }
}

fn refused(field: &str, reason: &str) -> EditError {
    EditError::Refused { field: field.to_owned(), reason: reason.to_owned() }
}
