//! Fields that several people wrote without seeing each other's value.
//!
//! Automerge shows one winner and keeps the others. They are listed for a
//! person to decide; putting the chosen value again settles the conflict.

use std::collections::BTreeSet;

use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::{ObjId, ObjType, ReadDoc, ScalarValue, Value, ValueRef};

use crate::docs::field::{shown_key, stored_key};
use crate::docs::{ChangeHash, Conflict, ConflictLabel, ConflictValue, Document, cbor, genesis};
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
                let label = ConflictLabel::Conflict;
                conflicts.push(Conflict { label, path: path.clone(), values });
            }
            if depth < DEPTH && matches!(item.value, ValueRef::Object(ObjType::Map)) {
                maps.push((item.id(), path, depth + 1));
            }
        }
    }
    conflicts.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    conflicts
}

/// Parallel updates shown of one document: a long offline day writes many fields, and
/// nobody has to decide about any of them.
const PARALLEL: usize = 20;

/// Conflicts, and what was written beside each other in different fields and nobody
/// has written on top of since.
pub(crate) fn all(document: &Document) -> Vec<Conflict> {
    let mut found = standing(document);
    let at_odds: BTreeSet<String> = found.iter().map(|conflict| conflict.path.clone()).collect();
    let mut parallel: Vec<Conflict> = parallel(document)
        .into_iter()
        .filter(|path| !at_odds.contains(path))
        .filter_map(|path| {
            let values = vec![written(document, &path)?];
            Some(Conflict { label: ConflictLabel::ParallelUpdate, path, values })
        })
        .collect();
    parallel.truncate(PARALLEL);
    found.append(&mut parallel);
    found.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The fields written on some branch of the history and not on all.
fn parallel(document: &Document) -> BTreeSet<String> {
    let history = document.automerge();
    let heads = history.get_heads();
    let (mut paths, mut writers) = (BTreeSet::new(), BTreeSet::new());
    if heads.len() < 2 {
        return paths;
    }
    for head in &heads {
        let others: Vec<_> = heads.iter().filter(|other| *other != head).copied().collect();
        for change in history.get_changes(&others) {
            writers.insert(change.actor_id().clone());
            let operations = change.decode().operations;
            paths.extend(operations.iter().filter_map(|operation| path(document, operation)));
        }
    }
    if writers.len() < 2 { BTreeSet::new() } else { paths }
}

/// The field that an operation writes a single value to, as far down as the schema goes.
fn path(document: &Document, operation: &Op) -> Option<String> {
    if !matches!(operation.action, OpType::Put(_)) {
        return None;
    }
    let Key::Map(key) = &operation.key else { return None };
    let ObjectId::Id(id) = &operation.obj else { return None };
    let object = ObjId::Id(id.counter(), id.actor().clone(), 0);
    let roots = genesis::roots_of(document.header().kind);
    if let Some(root) = roots.iter().find(|root| root.id() == object) {
        return Some(format!("{}/{}", root.name, shown_key(key)));
    }
    let mut parts = vec![shown_key(key)];
    for parent in document.automerge().parents(&object).ok()? {
        match parent.prop {
            automerge::Prop::Map(key) => parts.push(shown_key(&key)),
            automerge::Prop::Seq(_) => return None,
        }
    }
    parts.reverse();
    (parts.len() <= DEPTH + 1).then(|| parts.join("/"))
}

/// Where the value that `choice` wrote to `path` would be put, and the value.
pub(crate) fn choice(
    document: &Document,
    path: &str,
    choice: ChangeHash,
) -> Option<(ObjId, String, ScalarValue)> {
    let history = document.automerge();
    let (root, rest) = path.split_once('/')?;
    let roots = genesis::roots_of(document.header().kind);
    let mut map = roots.iter().find(|known| known.name == root)?.id();
    let mut parts = rest.split('/').map(stored_key).peekable();
    while let Some(key) = parts.next() {
        if parts.peek().is_some() {
            map = match history.get(&map, key.as_str()) {
                Ok(Some((Value::Object(ObjType::Map), id))) => id,
                _ => return None,
            };
            continue;
        }
        let all = history.get_all(&map, key.as_str()).ok()?;
        let found = all.into_iter().find_map(|(value, id)| match value {
            Value::Scalar(value) if history.hash_for_opid(&id)?.0 == choice.0 => {
                Some(value.into_owned())
            }
            _ => None,
        });
        return found.map(|value| (map, key, value));
    }
    None
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
