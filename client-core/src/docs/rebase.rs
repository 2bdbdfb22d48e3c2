//! Unsent work on a history that started anew.
//!
//! The server no longer takes changes of the old generation, and what a rep wrote
//! offline must not be lost for it. A change is a set of intents: which field got
//! which value. So each unsent change is read as such and written again on the new
//! generation, in the same order and with the same time. A field that stood on the
//! server before and does not any more was taken out on purpose; what was written
//! to it is not brought back, and the rep is told which field it was.
//!
//! A server that was restored does the same with what comes back of a history that is
//! over there, on its own [`Terms`].

use automerge::legacy::{Key, ObjectId, Op};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value};
use serde::{Deserialize, Serialize};

use crate::docs::erasure::{self, Fate};
use crate::docs::field::{Scalar, shown_key, stored_key};
use crate::docs::{
    ChangeHash, DocKind, Document, ERASED, Heads, NewChange, Redaction, Things, genesis, written,
};
use crate::id::ActorId;

/// What became of one unsent change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebased {
    /// The change of the old generation.
    pub old: ChangeHash,
    /// What it came to on the new one; none if nothing new was put.
    pub new: Option<NewChange>,
    /// Fields that were taken out of the document before this was sent.
    pub erased: Vec<String>,
    /// Fields whose writing could not be done again.
    pub impossible: Vec<LeftOut>,
}

/// What was written to a field and has no place any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The field, as conflicts name it: `contacts/<id>/title`.
    pub field: String,
    /// What was written, for people; none where something was made, emptied or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl LeftOut {
    fn of(field: String, operation: &Op) -> Self {
        let is_empty =
            matches!(operation.action, automerge::legacy::OpType::Put(ScalarValue::Null));
        Self { field, value: written::value_of(operation).filter(|_value| !is_empty) }
    }
}

/// On what terms changes are written again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terms<'a> {
    /// What was erased of the document since they were written: it is left out of them.
    pub erased: &'a [Redaction],
    /// They are older than what stands: only what is empty is filled.
    pub beneath: bool,
}

/// A change as erasures leave it, for a person who decides on it: as many operations in the
/// same places, so that what builds on it finds its things, without the values that were
/// erased. What was written to nobody knows which thing may have been written to one of
/// those, so its value goes too. `None` for bytes that are no change.
pub(super) fn without_the_erased(
    fresh: &Document,
    things: &Things,
    terms: &Terms<'_>,
    change: &[u8],
) -> Option<Vec<u8>> {
    use automerge::legacy::OpType;
    let change = Change::from_bytes(change.to_vec()).ok()?;
    let (kind, history) = (fresh.header().kind, fresh.automerge());
    let (mut things, mut left) = (things.clone(), change.decode());
    let all = left.operations.clone();
    for (counter, operation) in (change.start_op().get()..).zip(&mut left.operations) {
        let place = place(kind, None, &things, operation);
        if let (OpType::Make(ObjType::Map), Some(place)) = (&operation.action, &place) {
            things.made(counter, change.actor_id(), place.path.clone());
        }
        let OpType::Put(_) = &operation.action else { continue };
        let kept = place.as_ref().and_then(|place| {
            let left = terms.leave(history, kind, place, operation, &all)?.action;
            // Whose stop of a plan it was cannot be told once the stop is gone.
            let (_field, parents) = place.path.split_last()?;
            let gone = kind == DocKind::Plan && map_at(history, kind, parents).is_none();
            Some(if gone { OpType::Put(ERASED.into()) } else { left })
        });
        operation.action = kept.unwrap_or(OpType::Put(ScalarValue::Null));
    }
    left.message = None;
    left.extra_bytes.clear();
    Some(Change::from(left).raw_bytes().to_vec())
}

/// Where an operation writes.
struct Place {
    /// Root map first, then keys as people read them; the last is the field.
    path: Vec<String>,
}

/// Writes `unsent` changes of `old`, oldest first, into `fresh` as `actor`.
/// `acked` is what the server had of the old generation; `things` are where they were, as
/// far as `old` does not say it.
pub(super) fn rebase(
    old: Option<&Document>,
    acked: &Heads,
    things: &mut Things,
    terms: &Terms<'_>,
    fresh: &mut Document,
    unsent: &[Vec<u8>],
    actor: ActorId,
) -> Vec<Rebased> {
    let before = Old { document: old, acked };
    unsent
        .iter()
        .map(|bytes| match Change::from_bytes(bytes.clone()) {
            Ok(change) => one(&before, things, terms, fresh, &change, actor),
            Err(_damaged) => unreadable(),
        })
        .collect()
}

/// The history that is over, as far as it is here.
struct Old<'a> {
    document: Option<&'a Document>,
    /// What the server had of it.
    acked: &'a Heads,
}

/// What cannot be read cannot be written again; it was damaged on this phone.
fn unreadable() -> Rebased {
    Rebased {
        old: ChangeHash([0; 32]),
        new: None,
        erased: Vec::new(),
        impossible: vec![LeftOut { field: "…".to_owned(), value: None }],
    }
}

fn one(
    old: &Old<'_>,
    things: &mut Things,
    terms: &Terms<'_>,
    fresh: &mut Document,
    change: &Change,
    actor: ActorId,
) -> Rebased {
    let mut rebased = Rebased {
        old: ChangeHash(change.hash().0),
        new: None,
        erased: Vec::new(),
        impossible: Vec::new(),
    };
    let kind = fresh.header().kind;
    let Old { document: old, acked } = *old;
    let before = old.map(|old| Before { document: old, acked: hashes(old, acked) });
    let history = fresh.automerge_mut();
    history.set_actor(automerge::ActorId::from(&actor.as_bytes()[..]));
    let last = history.get_heads();
    let mut transaction = history.transaction();
    let operations = change.decode().operations;
    for (counter, operation) in (change.start_op().get()..).zip(&operations) {
        let Some(place) = place(kind, old, things, operation) else {
            rebased.impossible.push(LeftOut::of(somewhere(operation), operation));
            continue;
        };
        if matches!(operation.action, automerge::legacy::OpType::Make(ObjType::Map)) {
            things.made(counter, change.actor_id(), place.path.clone());
        }
        let shown = place.path.join("/");
        if before.as_ref().is_some_and(|before| before.was_erased(&transaction, kind, &place)) {
            // Taking away what is gone already is done.
            if !matches!(operation.action, automerge::legacy::OpType::Delete) {
                rebased.erased.push(shown);
            }
            continue;
        }
        let Some(left) = terms.leave(&transaction, kind, &place, operation, &operations) else {
            continue;
        };
        if terms.beneath && stands(&transaction, kind, &place) {
            continue;
        }
        if write(&mut transaction, kind, &place, &left).is_none() {
            rebased.impossible.push(LeftOut::of(shown, operation));
        }
    }
    if transaction.pending_ops() == 0 {
        transaction.rollback();
    } else {
        transaction.commit_with(CommitOptions::default().with_time(change.timestamp()));
    }
    rebased.erased.sort_unstable();
    rebased.erased.dedup();
    if fresh.automerge().get_heads() != last {
        rebased.new = fresh.last_made(actor);
    }
    rebased
}

/// The map at `path`, if every step of it stands.
fn map_at(document: &impl ReadDoc, kind: DocKind, path: &[String]) -> Option<ObjId> {
    let (root, rest) = path.split_first()?;
    let mut map = genesis::roots_of(kind).iter().find(|known| known.name == root)?.id();
    for part in rest {
        match document.get(&map, stored_key(part)) {
            Ok(Some((Value::Object(ObjType::Map), id))) => map = id,
            _ => return None,
        }
    }
    Some(map)
}

fn write(
    transaction: &mut automerge::transaction::Transaction<'_>,
    kind: DocKind,
    place: &Place,
    operation: &Op,
) -> Option<()> {
    use automerge::legacy::OpType;
    let (field, parents) = place.path.split_last()?;
    let key = stored_key(field);
    let map = map_at(transaction, kind, parents)?;
    match &operation.action {
        OpType::Make(ObjType::Map) => match transaction.get(&map, key.as_str()) {
            // The thing is there: its fields are filled.
            Ok(Some((Value::Object(ObjType::Map), _))) => Some(()),
            _ => transaction.put_object(&map, key, ObjType::Map).ok().map(drop),
        },
        OpType::Put(value) => transaction.put(&map, key, value.clone()).ok(),
        OpType::Delete => transaction.delete(&map, key).ok(),
        _ => None,
    }
}

/// Whether there is anything at a place.
fn stands(document: &impl ReadDoc, kind: DocKind, place: &Place) -> bool {
    let Some((field, parents)) = place.path.split_last() else { return false };
    map_at(document, kind, parents)
        .is_some_and(|map| matches!(document.get(&map, stored_key(field)), Ok(Some(_))))
}

impl Terms<'_> {
    /// What erasures leave of an operation; none if nothing.
    fn leave(
        &self,
        fresh: &impl ReadDoc,
        kind: DocKind,
        place: &Place,
        operation: &Op,
        all: &[Op],
    ) -> Option<Op> {
        use automerge::legacy::OpType;
        let parts: Vec<&str> = place.path.iter().map(String::as_str).collect();
        let mut left = operation.clone();
        for redaction in self.erased {
            let concerned = concerns(*redaction, fresh, kind, place, operation, all);
            match (redaction.fate(kind, &parts, concerned), &left.action) {
                (Fate::Drop, _) => return None,
                (Fate::Mark, OpType::Put(value)) => {
                    left.action = OpType::Put(erasure::marked(&parts, value)?);
                }
                (Fate::Mark | Fate::Keep, _) => {}
            }
        }
        Some(left)
    }
}

/// Whether an operation writes to a plan's item about an erased customer: as it stands, or
/// as the same change makes it.
fn concerns(
    redaction: Redaction,
    fresh: &impl ReadDoc,
    kind: DocKind,
    place: &Place,
    operation: &Op,
    all: &[Op],
) -> bool {
    use automerge::legacy::OpType;
    const CUSTOMER: &str = "customer";
    let Redaction::Customer(customer) = redaction else { return false };
    if kind != DocKind::Plan {
        return false;
    }
    let erased = customer.to_scalar();
    let made = all.iter().any(|other| {
        let here = matches!(&other.key, Key::Map(key) if key.as_str() == CUSTOMER);
        here && other.obj == operation.obj
            && matches!(&other.action, OpType::Put(value) if *value == erased)
    });
    let Some((_field, parents)) = place.path.split_last() else { return made };
    made || map_at(fresh, kind, parents).is_some_and(|item| {
        matches!(fresh.get(&item, CUSTOMER),
            Ok(Some((Value::Scalar(value), _))) if *value == erased)
    })
}

struct Before<'a> {
    document: &'a Document,
    acked: Vec<automerge::ChangeHash>,
}

fn hashes(document: &Document, heads: &Heads) -> Vec<automerge::ChangeHash> {
    let known = heads.as_slice().iter().filter(|hash| document.contains(hash));
    known.map(|hash| automerge::ChangeHash(hash.0)).collect()
}

impl Before<'_> {
    /// Whether the field, or a thing it is in, stood on the server and was taken out.
    fn was_erased(&self, fresh: &impl ReadDoc, kind: DocKind, place: &Place) -> bool {
        if self.acked.is_empty() {
            return false;
        }
        (2..=place.path.len()).any(|length| {
            let path = place.path.get(..length).unwrap_or_default();
            let Some((field, parents)) = path.split_last() else { return false };
            let stood = self.at(kind, parents).is_some_and(|map| {
                let found = self.document.automerge().get_at(&map, stored_key(field), &self.acked);
                matches!(found, Ok(Some(_)))
            });
            stood && gone(fresh, kind, parents, field)
        })
    }

    /// As [`map_at`], in what the server had.
    fn at(&self, kind: DocKind, path: &[String]) -> Option<ObjId> {
        let (root, rest) = path.split_first()?;
        let mut map = genesis::roots_of(kind).iter().find(|known| known.name == root)?.id();
        for part in rest {
            match self.document.automerge().get_at(&map, stored_key(part), &self.acked) {
                Ok(Some((Value::Object(ObjType::Map), id))) => map = id,
                _ => return None,
            }
        }
        Some(map)
    }
}

fn gone(fresh: &impl ReadDoc, kind: DocKind, parents: &[String], field: &str) -> bool {
    let Some(map) = map_at(fresh, kind, parents) else { return true };
    match fresh.get(&map, stored_key(field)) {
        Ok(None) => true,
        Ok(Some((Value::Scalar(value), _))) => {
            matches!(value.as_ref(), ScalarValue::Str(text) if text == ERASED)
        }
        _ => false,
    }
}

/// A field of a thing of which nobody knows any more which it was.
fn somewhere(operation: &Op) -> String {
    match &operation.key {
        Key::Map(key) => format!("…/{}", shown_key(key)),
        Key::Seq(_) => "…".to_owned(),
    }
}

fn place(kind: DocKind, old: Option<&Document>, things: &Things, operation: &Op) -> Option<Place> {
    let Key::Map(key) = &operation.key else { return None };
    let mut path = vec![shown_key(key)];
    let object = match &operation.obj {
        ObjectId::Root => ROOT,
        ObjectId::Id(id) => ObjId::Id(id.counter(), id.actor().clone(), 0),
    };
    if let Some(root) = genesis::roots_of(kind).iter().find(|root| root.id() == object) {
        path.push(root.name.to_owned());
    } else {
        match old.and_then(|old| parents(old.automerge(), &object)) {
            Some(parents) => path.extend(parents),
            None => path.extend(things.find(&operation.obj)?.iter().rev().cloned()),
        }
    }
    path.reverse();
    (path.len() >= 2).then_some(Place { path })
}

/// The names of the maps an object is in, innermost first.
fn parents(history: &Automerge, object: &ObjId) -> Option<Vec<String>> {
    let parents = history.parents(object).ok()?;
    let names = parents.map(|parent| match parent.prop {
        automerge::Prop::Map(key) => Some(shown_key(&key)),
        automerge::Prop::Seq(_) => None,
    });
    names.collect()
}
