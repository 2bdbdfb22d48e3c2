//! Writing intents: one closure, one transaction, one change.
//!
//! `Document::edit_visit` opens a transaction, hands a `VisitEdit` to the
//! closure and commits what it put. If the closure fails, nothing of it stays.
//! If it put nothing new, there is no change: a phone must not push
//! "set the phone number to what it is".

use std::ops::RangeInclusive;

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{Automerge, AutomergeError, ObjId, ObjType, ReadDoc, ScalarValue, Value};

use crate::docs::field::{Key, Scalar, shown_key};
use crate::docs::genesis::Root;
use crate::docs::read::Record;
use crate::docs::{DocKind, EditContext};

/// The longest text of one field, in bytes (DESIGN 6).
pub const TEXT_LIMIT: usize = 16 * 1024;

/// What one edit may write in all, in bytes of keys and values. Its change must pass
/// the screen of every other device (64 KiB), and is better refused before it is saved
/// than after; a quarter is left for what the change says about each operation.
pub const EDIT_LIMIT: usize = 48 * 1024;

/// Why an intent was refused. Nothing of its edit was kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// A text or a compound value is longer than a field may be.
    #[error("{field} is {bytes} bytes long, the limit is {limit}")]
    TextTooLong {
        /// The field.
        field: String,
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// More in one edit than one change may hold.
    #[error("this edit writes {bytes} bytes, the limit is {limit}: save it in parts")]
    TooMuchAtOnce {
        /// What it would write.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// A number outside its range.
    #[error("{field} is {value}, possible is {expected}")]
    OutOfRange {
        /// The field.
        field: String,
        /// What was given.
        value: String,
        /// What is possible.
        expected: String,
    },
    /// A field of a thing that is not in the document (any more).
    #[error("there is no {item} in this document")]
    NoSuchItem {
        /// For example `contacts/0192f0c1-…`.
        item: String,
    },
    /// A submitted visit is read-only; amend it.
    #[error("the visit was submitted: add an amendment instead")]
    AlreadySubmitted,
    /// Only a submitted visit can be amended; others are simply edited.
    #[error("the visit was not submitted yet: edit it instead of amending it")]
    NotSubmitted,
    /// A day has three key tasks (S1).
    #[error("the day has {limit} key tasks already")]
    TooManyKeyTasks {
        /// How many a day has.
        limit: usize,
    },
    /// The intent belongs to another kind of document.
    #[error("this is a {} document, not a {}", found.as_str(), expected.as_str())]
    WrongKind {
        /// What the intent writes.
        expected: DocKind,
        /// What the document is.
        found: DocKind,
    },
    /// Automerge refused a put: the document is damaged where the intent writes.
    #[error("automerge refused to write {field}: {reason}")]
    Refused {
        /// Where.
        field: String,
        /// What it said.
        reason: String,
    },
}

/// The transaction behind an edit.
pub(crate) struct Writer<'d> {
    transaction: Transaction<'d>,
    /// Bytes put so far.
    written: usize,
}

impl<'d> Writer<'d> {
    pub(crate) fn begin(document: &'d mut Automerge, context: &EditContext) -> Self {
        document.set_actor(automerge::ActorId::from(&context.actor.as_bytes()[..]));
        Self { transaction: document.transaction(), written: 0 }
    }

    /// Commits if `outcome` is good and something was put; otherwise rolls back.
    pub(crate) fn finish(
        self,
        outcome: Result<(), EditError>,
        context: &EditContext,
    ) -> Result<bool, EditError> {
        if let Err(error) = outcome {
            self.transaction.rollback();
            return Err(error);
        }
        if self.transaction.pending_ops() == 0 {
            self.transaction.rollback();
            return Ok(false);
        }
        let options = CommitOptions::default().with_time(context.at.millis());
        let (hash, _patches) = self.transaction.commit_with(options);
        Ok(hash.is_some())
    }

    /// Puts a value that stands in the document already, as it stands.
    pub(crate) fn put_raw(
        &mut self,
        map: &ObjId,
        key: &str,
        value: ScalarValue,
    ) -> Result<(), EditError> {
        self.transaction.put(map, key, value).map_err(|error| refused(key, &error))
    }

    /// A root map to write in.
    pub(crate) fn root(&mut self, root: Root) -> MapWriter<'_, 'd> {
        let Self { transaction, written } = self;
        MapWriter { transaction, written, map: root.id(), path: root.name.to_owned() }
    }

    /// The existing record under `key`.
    pub(crate) fn item<K: Key>(
        &mut self,
        root: Root,
        key: &K,
    ) -> Result<MapWriter<'_, 'd>, EditError> {
        let map = self.root(root);
        let key = key.to_key();
        let path = map.path_of(&shown_key(&key));
        match map.object(&key)? {
            Some(id) => {
                let Self { transaction, written } = self;
                Ok(MapWriter { transaction, written, map: id, path })
            }
            None => Err(EditError::NoSuchItem { item: path }),
        }
    }

    /// Adds a record, or fills the fields that are given into the existing one.
    pub(crate) fn add<K: Key, T: Record>(
        &mut self,
        root: Root,
        key: &K,
        record: &T,
    ) -> Result<(), EditError> {
        let map = self.root(root);
        let key = key.to_key();
        let path = map.path_of(&shown_key(&key));
        let id = match map.object(&key)? {
            Some(id) => id,
            None => map
                .transaction
                .put_object(&map.map, key, ObjType::Map)
                .map_err(|error| refused(&path, &error))?,
        };
        let Self { transaction, written } = self;
        record.write(&mut MapWriter { transaction, written, map: id, path })
    }
}

/// One map of the document.
pub(crate) struct MapWriter<'w, 'd> {
    transaction: &'w mut Transaction<'d>,
    written: &'w mut usize,
    map: ObjId,
    path: String,
}

impl MapWriter<'_, '_> {
    fn path_of(&self, key: &str) -> String {
        format!("{}/{key}", self.path)
    }

    fn object(&self, key: &str) -> Result<Option<ObjId>, EditError> {
        match self.transaction.get(&self.map, key) {
            Ok(Some((Value::Object(ObjType::Map), id))) => Ok(Some(id)),
            Ok(_) => Ok(None),
            Err(error) => Err(refused(&self.path_of(key), &error)),
        }
    }

    /// Whether anything stands under `key`.
    pub(crate) fn has(&self, key: &str) -> bool {
        matches!(self.transaction.get(&self.map, key), Ok(Some(_)))
    }

    /// Things in the map.
    pub(crate) fn len(&self) -> usize {
        self.transaction.length(&self.map)
    }

    /// Puts a value, or deletes the key for `None`.
    ///
    /// Automerge itself skips a put of the only value that stands there and a
    /// delete of nothing. Putting one of several concurrent values is written,
    /// because that is how a person decides a conflict.
    pub(crate) fn set<T: Scalar>(&mut self, key: &str, value: Option<T>) -> Result<(), EditError> {
        let written = match value {
            None => self.transaction.delete(&self.map, key),
            Some(value) => {
                let scalar = value.to_scalar();
                self.bounded(key, &scalar)?;
                self.transaction.put(&self.map, key, scalar)
            }
        };
        written.map_err(|error| refused(&self.path_of(key), &error))
    }

    /// Puts a value if there is one; never deletes.
    pub(crate) fn fill<T: Scalar>(&mut self, key: &str, value: Option<T>) -> Result<(), EditError> {
        if value.is_some() { self.set(key, value) } else { Ok(()) }
    }

    /// Puts a value under an id.
    pub(crate) fn put<K: Key, T: Scalar>(&mut self, key: &K, value: T) -> Result<(), EditError> {
        self.set(&key.to_key(), Some(value))
    }

    /// Removes what stands under an id, if anything.
    pub(crate) fn remove<K: Key>(&mut self, key: &K) -> Result<(), EditError> {
        self.set::<&str>(&key.to_key(), None)
    }

    fn bounded(&mut self, key: &str, scalar: &ScalarValue) -> Result<(), EditError> {
        let bytes = match scalar {
            ScalarValue::Str(text) => text.len(),
            ScalarValue::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        *self.written += bytes + key.len();
        let bytes = bytes.max(key.len());
        if bytes > TEXT_LIMIT {
            let field = self.path_of(&shown_key(key));
            return Err(EditError::TextTooLong { field, bytes, limit: TEXT_LIMIT });
        }
        if *self.written > EDIT_LIMIT {
            return Err(EditError::TooMuchAtOnce { bytes: *self.written, limit: EDIT_LIMIT });
        }
        Ok(())
    }
}

fn refused(field: &str, error: &AutomergeError) -> EditError {
    EditError::Refused { field: field.to_owned(), reason: error.to_string() }
}

/// The value, if it lies in `range`.
pub(crate) fn within<T: PartialOrd + std::fmt::Debug>(
    field: &str,
    value: Option<T>,
    range: &RangeInclusive<T>,
) -> Result<Option<T>, EditError> {
    match value {
        Some(value) if !range.contains(&value) => Err(EditError::OutOfRange {
            field: field.to_owned(),
            value: format!("{value:?}"),
            expected: format!("{:?} to {:?}", range.start(), range.end()),
        }),
        value => Ok(value),
    }
}

/// Setters of single fields in root maps. `open` of the edit decides whether
/// content may be written at all.
macro_rules! setters {
    ($($root:ident { $($name:ident: $key:literal $ty:ty $(, in $range:expr)?;)+ })+) => {$($(
        #[doc = concat!("Sets `", $key, "`; `None` removes it.")]
        pub fn $name(&mut self, value: Option<$ty>) -> Result<(), crate::docs::EditError> {
            $(let value = crate::docs::edit::within($key, value, &$range)?;)?
            self.open()?.root($root).set($key, value)
        }
    )+)+};
}

/// Maps whose things are single values.
macro_rules! scalar_items {
    ($($root:ident { $add:ident, $remove:ident, $key:ty => $ty:ty })+) => {$(
        #[doc = concat!("Puts one of `", stringify!($root), "`, or replaces it.")]
        pub fn $add(&mut self, id: $key, value: $ty) -> Result<(), crate::docs::EditError> {
            self.open()?.root($root).put(&id, value)
        }

        #[doc = concat!("Removes one of `", stringify!($root), "`.")]
        pub fn $remove(&mut self, id: $key) -> Result<(), crate::docs::EditError> {
            self.open()?.root($root).remove(&id)
        }
    )+};
}

/// Maps whose things have fields of their own.
macro_rules! record_items {
    ($($root:ident { $(add $add:ident,)? remove $remove:ident, $record:ty {
        $($name:ident: $key:literal $ty:ty $(, in $range:expr)?;)+
    } })+) => {$(
        $(
            #[doc = concat!("Adds one of `", stringify!($root), "` with the fields that are given.")]
            pub fn $add(
                &mut self,
                id: crate::id::ItemId,
                value: &$record,
            ) -> Result<(), crate::docs::EditError> {
                self.open()?.add($root, &id, value)
            }
        )?

        #[doc = concat!("Removes one of `", stringify!($root), "`.")]
        pub fn $remove(&mut self, id: crate::id::ItemId) -> Result<(), crate::docs::EditError> {
            self.open()?.root($root).remove(&id)
        }

        $(
            #[doc = concat!(
                "Sets `", $key, "` of one of `", stringify!($root), "`; `None` removes it."
            )]
            pub fn $name(
                &mut self,
                id: crate::id::ItemId,
                value: Option<$ty>,
            ) -> Result<(), crate::docs::EditError> {
                $(let value = crate::docs::edit::within($key, value, &$range)?;)?
                self.open()?.item($root, &id)?.set($key, value)
            }
        )+
    )+};
}

pub(crate) use {record_items, scalar_items, setters};
