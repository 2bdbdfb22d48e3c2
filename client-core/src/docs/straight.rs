//! Reading a straight history without Automerge.
//!
//! A first sync brings a phone tens of thousands of documents that it only shows.
//! Loading one into Automerge builds indexes for merging, about a tenth of a
//! millisecond; nearly all of them have a history without a fork: each change builds
//! on the one before and nothing was ever written at the same time. There, the last
//! write of a key is its value, and the columns of the raw changes say it directly.
//!
//! Whatever is not as plain as that is left to Automerge: a fork, a value of two
//! writes, lists, text, counters, writes to the root, a late write to a submitted
//! visit, a number out of its order. Declining is always right, so every doubt
//! declines; a test compares the two readings over random histories.

use std::collections::BTreeMap;

use automerge::ScalarValueRef;

use crate::docs::chunk::{self, CHANGE, Chunk};
use crate::docs::genesis::{self, Root};
use crate::docs::visit::layout::{AMENDMENTS, NOTES, SUBMIT};
use crate::docs::{ChangeHash, DocKind, Heads};
use crate::guard::bytes::Cursor;

/// More operations in a change than a phone can make: not worth a second reader.
const OPERATIONS: u64 = 5_000;

/// An operation, and so the object it makes.
pub(crate) type OpId = (u64, [u8; 16]);

/// What stands under a key.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'b> {
    pub(crate) key: &'b str,
    pub(crate) value: Held<'b>,
    operation: OpId,
}

#[derive(Debug, Clone)]
pub(crate) enum Held<'b> {
    Scalar(ScalarValueRef<'b>),
    Map(OpId),
}

/// The maps of a document at the end of a straight history.
#[derive(Debug)]
pub(crate) struct Straight<'b> {
    pub(crate) kind: DocKind,
    maps: BTreeMap<OpId, Vec<Entry<'b>>>,
}

impl<'b> Straight<'b> {
    /// The entries of a map, in no order.
    pub(crate) fn map(&self, map: OpId) -> &[Entry<'b>] {
        self.maps.get(&map).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The object of a root map.
pub(crate) const fn of_root(root: Root) -> OpId {
    (root.operation(), genesis::ACTOR)
}

/// The document that `history` leads to, and its heads; `None` where it is not straight.
pub(crate) fn read(kind: DocKind, history: &[u8]) -> Option<(Heads, Straight<'_>)> {
    let chunks = chunk::chunks(history)?;
    let mut reading = Reading::new(kind);
    for chunk in &chunks {
        reading.change(chunk)?;
    }
    let heads = Heads::new(vec![reading.head]);
    (!chunks.is_empty()).then_some((heads, reading.straight))
}

struct Reading<'b> {
    straight: Straight<'b>,
    head: ChangeHash,
    /// Every change so far.
    read: Vec<ChangeHash>,
    /// The number of the next operation.
    next: u64,
    seqs: BTreeMap<[u8; 16], u64>,
    submitted: bool,
}

impl<'b> Reading<'b> {
    fn new(kind: DocKind) -> Self {
        let roots = genesis::roots_of(kind);
        let maps: BTreeMap<_, _> = roots.iter().map(|root| (of_root(*root), Vec::new())).collect();
        let next = roots.iter().map(|root| root.operation()).max().unwrap_or(1) + 1;
        Self {
            straight: Straight { kind, maps },
            head: genesis::hash(kind),
            read: vec![genesis::hash(kind)],
            next,
            seqs: BTreeMap::new(),
            submitted: false,
        }
    }

    fn change(&mut self, chunk: &Chunk<'b>) -> Option<()> {
        if chunk.kind != CHANGE {
            return None;
        }
        let hash = chunk.hash()?;
        let mut body = Cursor::new(chunk.body);
        // Besides the head, a change names its author's last one, which came before.
        let mut follows = false;
        for _ in 0..body.unsigned().ok().filter(|deps| (1..=2).contains(deps))? {
            let dep = ChangeHash(body.array().ok()?);
            follows |= dep == self.head;
            if !self.read.contains(&dep) {
                return None;
            }
        }
        if !follows {
            return None;
        }
        let author = actor(&mut body)?;
        let (seq, start) = (body.unsigned().ok()?, body.unsigned().ok()?);
        let last = self.seqs.entry(author).or_default();
        if seq != *last + 1 || start != self.next {
            return None;
        }
        *last = seq;
        let _claimed_at = body.signed().ok()?;
        let message = body.unsigned().ok()?;
        body.slice(message).ok()?;
        let mut actors = vec![author];
        for _ in 0..body.unsigned().ok().filter(|others| *others < 256)? {
            actors.push(actor(&mut body)?);
        }
        let mut columns = Columns::read(&mut body)?;
        if !body.rest().is_empty() {
            return None;
        }
        let mut submits = false;
        while let Some(operation) = columns.next(&actors)? {
            submits |= self.operation((self.next, author), operation)?;
            self.next += 1;
        }
        self.submitted |= submits;
        self.head = hash;
        self.read.push(hash);
        Some(())
    }

    /// Takes an operation; whether it writes into the submit map.
    fn operation(&mut self, id: OpId, operation: Operation<'b>) -> Option<bool> {
        let Operation { map, key, action, value, before } = operation;
        let visit = self.straight.kind == DocKind::Visit;
        if self.submitted && visit && map != of_root(AMENDMENTS) && map != of_root(NOTES) {
            return None;
        }
        let entries = self.straight.maps.get_mut(&map)?;
        let at = entries.iter().position(|entry| entry.key == key);
        if at.and_then(|at| entries.get(at)).map(|entry| entry.operation) != before {
            return None;
        }
        let held = match action {
            Action::Set => Some(Held::Scalar(value)),
            Action::MakeMap => Some(Held::Map(id)),
            Action::Delete => None,
        };
        match (held, at) {
            (Some(value), Some(at)) => {
                if let Some(entry) = entries.get_mut(at) {
                    *entry = Entry { key, value, operation: id };
                }
            }
            (Some(value), None) => entries.push(Entry { key, value, operation: id }),
            (None, Some(at)) => drop(entries.swap_remove(at)),
            (None, None) => return None,
        }
        if action == Action::MakeMap {
            self.straight.maps.insert(id, Vec::new());
        }
        Some(visit && map == of_root(SUBMIT))
    }
}

fn actor(body: &mut Cursor<'_>) -> Option<[u8; 16]> {
    if body.unsigned().ok()? != 16 {
        return None;
    }
    body.array().ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    MakeMap,
    Set,
    Delete,
}

/// A write to one key of one map.
struct Operation<'b> {
    map: OpId,
    key: &'b str,
    action: Action,
    value: ScalarValueRef<'b>,
    /// The write that it replaces.
    before: Option<OpId>,
}

/// The columns of a change, read side by side.
struct Columns<'b> {
    left: u64,
    object_actor: Runs<'b, u64>,
    object_counter: Runs<'b, u64>,
    key: Runs<'b, &'b str>,
    action: Runs<'b, u64>,
    meta: Runs<'b, u64>,
    values: Cursor<'b>,
    before_count: Runs<'b, u64>,
    before_actor: Runs<'b, u64>,
    before_counter: Runs<'b, i64>,
    /// The last number of `before_counter`, which holds differences.
    counter: i64,
}

impl<'b> Columns<'b> {
    fn read(body: &mut Cursor<'b>) -> Option<Self> {
        let mut sizes = Vec::new();
        for _ in 0..body.unsigned().ok().filter(|columns| *columns <= 14)? {
            sizes.push((body.unsigned().ok()?, body.unsigned().ok()?));
        }
        let mut found = BTreeMap::new();
        for (column, length) in sizes {
            if found.insert(column, body.slice(length).ok()?).is_some() {
                return None;
            }
        }
        let mut take = |column: u64| found.remove(&column).unwrap_or_default();
        let columns = Self {
            left: 0,
            object_actor: Runs::new(take(1), |cursor| cursor.unsigned().ok()),
            object_counter: Runs::new(take(2), |cursor| cursor.unsigned().ok()),
            key: Runs::new(take(21), text),
            action: Runs::new(take(66), |cursor| cursor.unsigned().ok()),
            meta: Runs::new(take(86), |cursor| cursor.unsigned().ok()),
            values: Cursor::new(take(87)),
            before_count: Runs::new(take(112), |cursor| cursor.unsigned().ok()),
            before_actor: Runs::new(take(113), |cursor| cursor.unsigned().ok()),
            before_counter: Runs::new(take(115), |cursor| cursor.signed().ok()),
            counter: 0,
        };
        // False and nothing else: a run of it, or no column.
        let inserts = take(52);
        let mut insert = Cursor::new(inserts);
        if !inserts.is_empty() && (insert.unsigned().is_err() || !insert.rest().is_empty()) {
            return None;
        }
        // What is left are keys of lists, marks, or what this reader does not know.
        if found.values().any(|column| !column.is_empty()) {
            return None;
        }
        let left = columns.action.clone().count(OPERATIONS)?;
        Some(Self { left, ..columns })
    }

    /// The next operation; none at the end of all columns.
    fn next(&mut self, actors: &[[u8; 16]]) -> Option<Option<Operation<'b>>> {
        if self.left == 0 {
            return self.at_end().then_some(None);
        }
        self.left -= 1;
        let id = |counter: u64, actor: u64| {
            let actor = usize::try_from(actor).ok()?;
            Some((counter, *actors.get(actor)?))
        };
        // Without an object it is the root, which nobody but genesis writes.
        let map = id(self.object_counter.next()??, self.object_actor.next()??)?;
        let key = self.key.next()??;
        let action = match self.action.next()?? {
            0 => Action::MakeMap,
            1 => Action::Set,
            3 => Action::Delete,
            _ => return None,
        };
        let value = self.value()?;
        let before = match self.before_count.next()?.unwrap_or(0) {
            0 => None,
            1 => {
                self.counter = self.counter.checked_add(self.before_counter.next()??)?;
                Some(id(u64::try_from(self.counter).ok()?, self.before_actor.next()??)?)
            }
            _ => return None,
        };
        Some(Some(Operation { map, key, action, value, before }))
    }

    fn value(&mut self) -> Option<ScalarValueRef<'b>> {
        let meta = self.meta.next()?.unwrap_or(0);
        let bytes = self.values.slice(meta >> 4).ok()?;
        let mut number = Cursor::new(bytes);
        let value = match meta & 0x0F {
            0 => ScalarValueRef::Null,
            1 => ScalarValueRef::Boolean(false),
            2 => ScalarValueRef::Boolean(true),
            3 => ScalarValueRef::Uint(number.unsigned().ok()?),
            4 => ScalarValueRef::Int(number.signed().ok()?),
            6 => return Some(ScalarValueRef::Str(std::str::from_utf8(bytes).ok()?.into())),
            7 => return Some(ScalarValueRef::Bytes(bytes.into())),
            9 => ScalarValueRef::Timestamp(number.signed().ok()?),
            _ => return None,
        };
        number.rest().is_empty().then_some(value)
    }

    fn at_end(&self) -> bool {
        self.object_actor.at_end()
            && self.object_counter.at_end()
            && self.key.at_end()
            && self.action.at_end()
            && self.meta.at_end()
            && self.values.rest().is_empty()
            && self.before_count.at_end()
            && self.before_actor.at_end()
            && self.before_counter.at_end()
    }
}

fn text<'b>(cursor: &mut Cursor<'b>) -> Option<&'b str> {
    let length = cursor.unsigned().ok()?;
    std::str::from_utf8(cursor.slice(length).ok()?).ok()
}

/// A run-length column: a positive number repeats one value, a negative one is
/// followed by as many values, zero by the length of a run of nulls.
#[derive(Clone)]
struct Runs<'b, T> {
    rest: Cursor<'b>,
    read: fn(&mut Cursor<'b>) -> Option<T>,
    left: u64,
    run: Run<T>,
}

#[derive(Clone)]
enum Run<T> {
    Same(T),
    Each,
    Nulls,
}

impl<'b, T: Clone> Runs<'b, T> {
    fn new(bytes: &'b [u8], read: fn(&mut Cursor<'b>) -> Option<T>) -> Self {
        Self { rest: Cursor::new(bytes), read, left: 0, run: Run::Nulls }
    }

    /// Begins the next run; `None` where the bytes make no sense.
    fn begin(&mut self) -> Option<()> {
        let length = self.rest.signed().ok()?;
        (self.left, self.run) = match length {
            0 => (self.rest.unsigned().ok()?, Run::Nulls),
            1.. => (length.unsigned_abs(), Run::Same((self.read)(&mut self.rest)?)),
            ..0 => (length.unsigned_abs(), Run::Each),
        };
        (self.left > 0).then_some(())
    }

    /// The next value; null behind the end. `None` where the bytes make no sense.
    fn next(&mut self) -> Option<Option<T>> {
        if self.left == 0 {
            if self.rest.rest().is_empty() {
                return Some(None);
            }
            self.begin()?;
        }
        self.left -= 1;
        match &self.run {
            Run::Same(value) => Some(Some(value.clone())),
            Run::Each => Some(Some((self.read)(&mut self.rest)?)),
            Run::Nulls => Some(None),
        }
    }

    fn at_end(&self) -> bool {
        self.left == 0 && self.rest.rest().is_empty()
    }

    /// How many values it holds; `None` above `limit` or where the bytes make no sense.
    fn count(mut self, limit: u64) -> Option<u64> {
        let mut total = 0_u64;
        while !self.rest.rest().is_empty() {
            self.begin()?;
            total = total.checked_add(self.left).filter(|total| *total <= limit)?;
            if matches!(self.run, Run::Each) {
                for _ in 0..self.left {
                    (self.read)(&mut self.rest)?;
                }
            }
            self.left = 0;
        }
        Some(total)
    }
}
