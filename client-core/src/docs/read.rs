//! Total reading: whatever stands in a document, a value and faults come out.
//!
//! A root map is read in one pass over its range, and the fields are then taken
//! from memory: about 5 µs for a visit. Nothing here follows the document
//! deeper than its schema goes, because a document may be nested 50,000 deep.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use automerge::iter::MapRangeItem;
use automerge::{Automerge, ObjId, ObjType, ROOT, ReadDoc, ScalarValueRef, ValueRef};

use crate::docs::field::{Field, Key, shown_key};
use crate::docs::genesis::{self, Root};
use crate::docs::straight::{self, Entry, Held, OpId, Straight};
use crate::docs::{Document, Fault, Hydrated, Problem};

/// Reads one document and collects its faults.
pub(crate) struct Reader<'d> {
    source: Source<'d>,
    faults: RefCell<Vec<Fault>>,
}

/// Where the maps are.
#[derive(Clone, Copy)]
enum Source<'d> {
    History(&'d Automerge),
    Straight(&'d Straight<'d>),
}

/// What stands under a key of a map.
struct Item<'d> {
    key: Cow<'d, str>,
    value: Found<'d>,
}

enum Found<'d> {
    Scalar(ScalarValueRef<'d>),
    Map(MapId),
    /// A list or a text: nothing of ours.
    Other,
}

#[derive(Clone, PartialEq, Eq)]
enum MapId {
    History(ObjId),
    Straight(OpId),
}

impl<'d> Source<'d> {
    fn root(self, root: Root) -> MapId {
        match self {
            Self::History(_) => MapId::History(root.id()),
            Self::Straight(_) => MapId::Straight(straight::of_root(root)),
        }
    }

    fn map(self, map: &MapId) -> Vec<Item<'d>> {
        match (self, map) {
            (Self::History(history), MapId::History(map)) => {
                history.map_range(map.clone(), ..).map(Item::of_history).collect()
            }
            (Self::Straight(straight), MapId::Straight(map)) => {
                straight.map(*map).iter().map(Item::of_straight).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl<'d> Item<'d> {
    fn of_history(item: MapRangeItem<'d>) -> Self {
        let value = match &item.value {
            ValueRef::Object(ObjType::Map) => Found::Map(MapId::History(item.id())),
            ValueRef::Object(_) => Found::Other,
            ValueRef::Scalar(scalar) => Found::Scalar(scalar.clone()),
        };
        Self { key: item.key, value }
    }

    fn of_straight(entry: &Entry<'d>) -> Self {
        let value = match &entry.value {
            Held::Scalar(scalar) => Found::Scalar(scalar.clone()),
            Held::Map(map) => Found::Map(MapId::Straight(*map)),
        };
        Self { key: Cow::Borrowed(entry.key), value }
    }
}

impl<'d> Reader<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        let history = document.automerge();
        let reader = Self { source: Source::History(history), faults: RefCell::default() };
        let named = reader.source.map(&MapId::History(ROOT));
        for root in genesis::roots_of(document.header().kind) {
            let stands = named.iter().any(|item| {
                let map = Found::Map(reader.source.root(*root));
                item.key == root.name
                    && matches!((&item.value, &map), (Found::Map(a), Found::Map(b)) if a == b)
            });
            if !stands {
                reader.fault(root.name.to_owned(), Problem::MissingRoot);
            }
        }
        reader
    }

    /// A straight history; nobody but genesis wrote its root, so every map stands.
    pub(crate) fn straight(straight: &'d Straight<'d>) -> Self {
        Self { source: Source::Straight(straight), faults: RefCell::default() }
    }

    pub(crate) fn fault(&self, path: String, problem: Problem) {
        self.faults.borrow_mut().push(Fault { path, problem });
    }

    pub(crate) fn finish<T>(self, value: T) -> Hydrated<T> {
        let mut faults = self.faults.into_inner();
        faults.sort_unstable();
        faults.dedup();
        Hydrated { value, faults }
    }

    /// The fields of a root map.
    pub(crate) fn root(&self, root: Root) -> Fields<'_> {
        self.fields(&self.source.root(root), root.name.to_owned())
    }

    /// A root map read as a record; `None` if nothing in it is set.
    pub(crate) fn optional<T: Record + PartialEq>(&self, root: Root) -> Option<T> {
        let record = T::read(&mut self.root(root));
        (record != T::default()).then_some(record)
    }

    fn fields(&self, map: &MapId, path: String) -> Fields<'_> {
        Fields { reader: self, path, items: self.source.map(map) }
    }

    /// A map of single values.
    pub(crate) fn items<K: Key, T: Field>(&self, root: Root) -> BTreeMap<K, T> {
        self.each(root, |item, path| self.scalar(&item.value, path))
    }

    /// A map of records.
    pub(crate) fn records<K: Key, T: Record>(&self, root: Root) -> BTreeMap<K, T> {
        self.each(root, |item, path| match &item.value {
            Found::Map(map) => Some(T::read(&mut self.fields(map, path()))),
            _ => {
                self.fault(path(), Problem::WrongType { expected: "map".to_owned() });
                None
            }
        })
    }

    fn each<K: Key, T>(
        &self,
        root: Root,
        read: impl Fn(&Item<'_>, &dyn Fn() -> String) -> Option<T>,
    ) -> BTreeMap<K, T> {
        let mut entries = BTreeMap::new();
        for item in self.source.map(&self.source.root(root)) {
            let path = || format!("{}/{}", root.name, shown_key(&item.key));
            match K::from_key(&item.key) {
                Some(key) => {
                    if let Some(value) = read(&item, &path) {
                        entries.insert(key, value);
                    }
                }
                None => self.fault(path(), Problem::BadKey),
            }
        }
        entries
    }

    fn scalar<T: Field>(&self, value: &Found<'_>, path: &dyn Fn() -> String) -> Option<T> {
        let read = match value {
            Found::Scalar(ScalarValueRef::Null) => return None,
            Found::Scalar(scalar) => T::from_scalar(scalar),
            Found::Map(_) | Found::Other => {
                Err(Problem::WrongType { expected: "a single value, not a map or list".to_owned() })
            }
        };
        read.map_err(|problem| self.fault(path(), problem)).ok()
    }
}

/// The fields of one map, taken one by one.
pub(crate) struct Fields<'r> {
    reader: &'r Reader<'r>,
    path: String,
    items: Vec<Item<'r>>,
}

impl<'r> Fields<'r> {
    fn remove(&mut self, key: &str) -> Option<Item<'r>> {
        let at = self.items.iter().position(|item| item.key == key)?;
        Some(self.items.swap_remove(at))
    }

    fn path_of(&self, key: &str) -> String {
        format!("{}/{key}", self.path)
    }

    /// The value of a field, if it is there and readable.
    pub(crate) fn take<T: Field>(&mut self, key: &str) -> Option<T> {
        let item = self.remove(key)?;
        self.reader.scalar(&item.value, &|| self.path_of(key))
    }

    /// The values under keys that begin with `prefix`, by what follows it.
    pub(crate) fn take_keyed<K: Key, T: Field>(&mut self, prefix: &str) -> BTreeMap<K, T> {
        let mut found = BTreeMap::new();
        let items = std::mem::take(&mut self.items);
        for item in items {
            let Some(key) = item.key.strip_prefix(prefix) else {
                self.items.push(item);
                continue;
            };
            match K::from_key(key) {
                Some(key) => {
                    let value = self.reader.scalar(&item.value, &|| self.path_of(&item.key));
                    found.extend(value.map(|value| (key, value)));
                }
                None => self.reader.fault(self.path_of(&item.key), Problem::BadKey),
            }
        }
        found
    }

    /// As [`Fields::take`], and only values in `range` count.
    pub(crate) fn take_within<T: Field + PartialOrd + std::fmt::Debug>(
        &mut self,
        key: &str,
        range: &RangeInclusive<T>,
    ) -> Option<T> {
        let value = self.take(key)?;
        if range.contains(&value) {
            return Some(value);
        }
        let expected = format!("{:?} to {:?}", range.start(), range.end());
        self.reader.fault(self.path_of(key), Problem::OutOfRange { expected });
        None
    }
}

/// A struct whose fields are the keys of one map.
pub(crate) trait Record: Default {
    fn read(fields: &mut Fields<'_>) -> Self;
    fn write(
        &self,
        map: &mut crate::docs::edit::MapWriter<'_, '_>,
    ) -> Result<(), crate::docs::EditError>;
}

/// Declares how a struct of optional fields stands in a map. Every field of the
/// struct must be named, or it does not compile.
macro_rules! record {
    ($name:ident { $($field:ident $(in $range:expr)?),+ $(,)? }) => {
        impl crate::docs::read::Record for $name {
            fn read(fields: &mut crate::docs::read::Fields<'_>) -> Self {
                Self { $($field: crate::docs::read::record!(@read fields, $field $(, $range)?),)+ }
            }

            fn write(
                &self,
                map: &mut crate::docs::edit::MapWriter<'_, '_>,
            ) -> Result<(), crate::docs::EditError> {
                $(crate::docs::read::record!(@write map, self, $field $(, $range)?);)+
                Ok(())
            }
        }
    };
    (@read $fields:ident, $field:ident) => { $fields.take(stringify!($field)) };
    (@read $fields:ident, $field:ident, $range:expr) => {
        $fields.take_within(stringify!($field), &$range)
    };
    (@write $map:ident, $self:ident, $field:ident) => {
        $map.fill(stringify!($field), $self.$field.as_ref())?
    };
    (@write $map:ident, $self:ident, $field:ident, $range:expr) => {
        $map.fill(
            stringify!($field),
            crate::docs::edit::within(stringify!($field), $self.$field, &$range)?.as_ref(),
        )?
    };
}
pub(crate) use record;
