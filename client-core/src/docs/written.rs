//! What one change wrote, for people: paths and values.

use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::{Automerge, ChangeHash as Hash, ObjId, ROOT, ReadDoc, ScalarValue};

use crate::docs::field::shown_key;
use crate::docs::{ChangeHash, DocKind, Document, cbor, genesis};
use crate::time::Timestamp;

impl Document {
    /// The fields that a change of this document wrote, with their values; none where
    /// it removed one. Empty for a change that is not here.
    pub fn fields_of(&self, change: &ChangeHash) -> Vec<(String, Option<String>)> {
        let history = self.automerge();
        let Some(found) = history.get_change_by_hash(&Hash(change.0)) else { return Vec::new() };
        let written = found.decode().operations.into_iter().filter_map(|operation| {
            let value = match &operation.action {
                OpType::Put(value) => Some(shown(value)),
                OpType::Increment(by) => Some(format!("+{by}")),
                OpType::Delete => None,
                // What is put into it is told.
                OpType::Make(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_) => return None,
            };
            Some((path(history, self.header().kind, &operation), value))
        });
        written.collect()
    }
}

/// What an operation puts somewhere, for people; none where it makes or removes something.
pub(super) fn value_of(operation: &Op) -> Option<String> {
    match &operation.action {
        OpType::Put(value) => Some(shown(value)),
        _ => None,
    }
}

fn shown(value: &ScalarValue) -> String {
    match value {
        ScalarValue::Str(text) => text.to_string(),
        ScalarValue::Bytes(bytes) => cbor::shown(bytes),
        ScalarValue::Timestamp(millis) => Timestamp::from_millis(*millis).to_string(),
        other => other.to_string(),
    }
}

/// The object that an operation writes into.
pub(crate) fn object(operation: &Op) -> ObjId {
    match &operation.obj {
        ObjectId::Root => ROOT,
        ObjectId::Id(id) => ObjId::Id(id.counter(), id.actor().clone(), 0),
    }
}

/// Where an operation writes, as conflicts name it: `about/name`.
pub(crate) fn path(history: &Automerge, kind: DocKind, operation: &Op) -> String {
    let object = object(operation);
    let key = match &operation.key {
        Key::Map(key) => shown_key(key),
        Key::Seq(_) => "…".to_owned(),
    };
    let mut parts = vec![key];
    if let Some(root) = genesis::roots_of(kind).iter().find(|root| root.id() == object) {
        parts.push(root.name.to_owned());
    } else if let Ok(parents) = history.parents(&object) {
        parts.extend(parents.map(|parent| match parent.prop {
            automerge::Prop::Map(key) => shown_key(&key),
            automerge::Prop::Seq(index) => index.to_string(),
        }));
    }
    parts.reverse();
    parts.join("/")
}
