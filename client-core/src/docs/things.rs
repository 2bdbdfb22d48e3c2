//! Where the things of a history are: its contacts, stops, quotes.
//!
//! A change names a thing by the operation that made it, and a history that is over took
//! that with it. What somebody wrote into a contact then says nothing any more, unless it
//! is known which contact that was. So the names of the things that stood go beside the
//! names of its changes when a history ends: ids, and nothing that anybody typed.

use std::collections::BTreeMap;

use automerge::iter::MapRangeItem;
use automerge::legacy::{ObjectId, OpId};
use automerge::{Automerge, ObjId, ObjType, ReadDoc, ValueRef};

use crate::docs::field::shown_key;
use crate::docs::{DocKind, genesis};

/// Things are found as deep as this; the schema ends at two.
const DEPTH: usize = 8;

/// The things of a history by the operations that made them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Things(BTreeMap<(u64, Vec<u8>), Vec<String>>);

impl Things {
    /// Those that stand in a history.
    pub(super) fn of(history: &Automerge, kind: DocKind) -> Self {
        let mut found = Self::default();
        for root in genesis::roots_of(kind) {
            found.within(history, &root.id(), &[root.name.to_owned()]);
        }
        found
    }

    fn within(&mut self, history: &Automerge, map: &ObjId, path: &[String]) {
        let items: Vec<MapRangeItem<'_>> = history.map_range(map, ..).collect();
        for item in items {
            if !matches!(item.value, ValueRef::Object(ObjType::Map)) || path.len() > DEPTH {
                continue;
            }
            let (id, mut path) = (item.id(), path.to_vec());
            path.push(shown_key(&item.key));
            self.within(history, &id, &path);
            if let ObjId::Id(counter, actor, _place) = &id {
                self.0.insert((*counter, actor.to_bytes().to_vec()), path);
            }
        }
    }

    /// The names of the maps that a thing is in, its own last.
    pub(super) fn find(&self, object: &ObjectId) -> Option<&[String]> {
        let ObjectId::Id(OpId(counter, actor)) = object else { return None };
        self.0.get(&(*counter, actor.to_bytes().to_vec())).map(Vec::as_slice)
    }

    /// An operation made a thing.
    pub(super) fn made(&mut self, counter: u64, actor: &automerge::ActorId, path: Vec<String>) {
        self.0.insert((counter, actor.to_bytes().to_vec()), path);
    }

    /// To be kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to memory cannot fail, and what is half written is read as nothing.
        drop(ciborium::into_writer(&self.0.iter().collect::<Vec<_>>(), &mut bytes));
        bytes
    }

    /// As they were kept; none if that cannot be read.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        type Kept = Vec<((u64, Vec<u8>), Vec<String>)>;
        let kept: Option<Kept> = ciborium::from_reader(bytes).ok();
        Self(kept.unwrap_or_default().into_iter().collect())
    }
}
