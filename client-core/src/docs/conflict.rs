//! Fields that several people wrote without seeing each other's value.
//!
//! Automerge shows one winner and keeps the others. They are listed for a
//! person to decide; putting the chosen value again settles the conflict.

use automerge::{ObjId, ObjType, ReadDoc, ScalarValue, Value, ValueRef};

use crate::docs::field::shown_key;
use crate::docs::{ChangeHash, Conflict, ConflictValue, Document, cbor, genesis};
use crate::id::ActorId;
use crate::time::Timestamp;

/// Maps inside root maps are looked into, and no deeper: the schema ends there.
const DEPTH: usize = 2;

/// Every conflict in the document, sorted by path.
pub(crate) fn standing(document: &Document) -> Vec<Conflict> {
    let history = document.automerge();
    let mut conflicts = Vec::new();
    let mut maps: Vec<(ObjId, String, usize)> = genesis::roots_of(document.header().kind)
        .iter()
        .map(|root| (root.id(), root.name.to_owned(), 1))
        .collect();
    while let Some((map, path, depth)) = maps.pop() {
        for item in history.map_range(&map, ..) {
            let path = format!("{path}/{}", shown_key(&item.key));
            if item.conflict {
                let values = values(document, &map, &item.key);
                conflicts.push(Conflict { path: path.clone(), values });
            }
            if depth < DEPTH && matches!(item.value, ValueRef::Object(ObjType::Map)) {
                maps.push((item.id(), path, depth + 1));
            }
        }
    }
    conflicts.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    conflicts
}

/// What stands at `path`, and who wrote it.
pub(crate) fn written(document: &Document, path: &str) -> Option<ConflictValue> {
    let history = document.automerge();
    let (root, rest) = path.split_once('/')?;
    let roots = genesis::roots_of(document.header().kind);
    let mut map = roots.iter().find(|known| known.name == root)?.id();
    let mut parts = rest.split('/').peekable();
    while let Some(part) = parts.next() {
        let named = |item: &automerge::iter::MapRangeItem<'_>| shown_key(&item.key) == part;
        let item = history.map_range(&map, ..).find(named)?;
        if parts.peek().is_none() {
            return values(document, &map, &item.key).into_iter().next();
        }
        map = item.id();
    }
    None
}

/// All concurrent values of one key, the winner first: Automerge lists it last.
fn values(document: &Document, map: &ObjId, key: &str) -> Vec<ConflictValue> {
    let history = document.automerge();
    let all = history.get_all(map, key).unwrap_or_default();
    all.into_iter()
        .rev()
        .filter_map(|(value, id)| {
            let ObjId::Id(_, actor, _) = &id else { return None };
            let change = history.hash_for_opid(&id)?;
            let at = history.get_change_meta_by_hash(&change)?.timestamp;
            Some(ConflictValue {
                value: shown(&value),
                actor: ActorId::from_slice(actor.to_bytes())?,
                change: ChangeHash(change.0),
                at: Timestamp::from_millis(at),
            })
        })
        .collect()
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Object(kind) => format!("({kind})"),
        Value::Scalar(scalar) => match scalar.as_ref() {
            ScalarValue::Str(text) => text.to_string(),
            ScalarValue::Bytes(bytes) => cbor::shown(bytes),
            ScalarValue::Timestamp(millis) => Timestamp::from_millis(*millis).to_string(),
            other => other.to_string(),
        },
    }
}
