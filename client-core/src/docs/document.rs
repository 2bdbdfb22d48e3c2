//! One document: an immutable header and an Automerge history.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, Change, LoadOptions, ReadDoc};
use serde::{Deserialize, Serialize};

use crate::docs::case::CaseEdit;
use crate::docs::customer::CustomerEdit;
use crate::docs::deal::DealEdit;
use crate::docs::edit::Writer;
use crate::docs::plan::PlanEdit;
use crate::docs::visit::VisitEdit;
use crate::docs::{
    ChangeHash, DocKind, EditError, Generation, Header, Heads, Rebased, Redaction, Restarted,
    Terms, Things, chunk, conflict, genesis, rebase, restart,
};
use crate::guard::ScreenedChange;
use crate::id::{ActorId, ItemId};
use crate::time::Timestamp;

/// Who writes, and when by the device's clock.
#[derive(Debug, Clone, Copy)]
pub struct EditContext {
    /// The device's actor.
    pub actor: ActorId,
    /// The device's clock.
    pub at: Timestamp,
}

/// A change this device just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// Its raw bytes, uncompressed.
    pub bytes: Vec<u8>,
    /// Its sequence number within the actor.
    pub seq: u64,
}

/// What applying one change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It is part of the document now.
    New,
    /// It was part of it before.
    Duplicate,
    /// It was not applied, because it builds on changes that are not here.
    MissingDeps(Vec<ChangeHash>),
}

/// Why a change could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Automerge refused it.
    #[error("automerge refused change {hash}: {reason}")]
    Refused {
        /// The change.
        hash: ChangeHash,
        /// What Automerge said.
        reason: String,
    },
}

/// Why a snapshot could not be loaded.
#[derive(Debug, thiserror::Error)]
#[error("the {kind} document could not be loaded: {reason}", kind = kind.as_str())]
pub struct LoadError {
    /// Which kind was expected.
    pub kind: DocKind,
    /// What Automerge said.
    pub reason: String,
}

/// What people wrote without seeing each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Whether they wrote one field or several.
    pub label: ConflictLabel,
    /// The field, for example `about/name`.
    pub path: String,
    /// Every concurrent value, the winner first; of a parallel update the one value.
    pub values: Vec<ConflictValue>,
}

/// How two people came to write at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictLabel {
    /// The same field: one value shows, the others are kept, and somebody decides.
    Conflict,
    /// Different fields: all of it stands, and nothing has to be decided.
    ParallelUpdate,
}

impl ConflictLabel {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::ParallelUpdate => "parallel_update",
        }
    }

    /// The label with this code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Conflict, Self::ParallelUpdate].into_iter().find(|label| label.as_str() == code)
    }
}

/// One of the concurrent values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictValue {
    /// The value as text.
    pub value: String,
    /// The actor that wrote it.
    pub actor: ActorId,
    /// The change that wrote it.
    pub change: ChangeHash,
    /// When, by that device's clock.
    pub at: Timestamp,
}

/// A document.
///
/// The actors, their last sequence numbers and the count of operations are kept
/// beside the history, so that applying a change does not walk it. Automerge's own
/// count leaves deletions out, which a document pays for all the same.
#[derive(Debug, Clone)]
pub struct Document {
    header: Header,
    history: Automerge,
    actors: BTreeMap<ActorId, u64>,
    operations: u64,
}

impl Document {
    /// A new document: the genesis of its kind and nothing else.
    pub fn create(header: Header) -> Self {
        let operations = genesis::operations(header.kind);
        let history = genesis::document(header.kind);
        Self { header, history, actors: BTreeMap::new(), operations }
    }

    /// Loads a history as it is stored and sent: what [`Document::snapshot`] gave, or
    /// raw changes one after another, or the one followed by the other.
    pub fn load(header: Header, history: &[u8]) -> Result<Self, LoadError> {
        let refused = |reason: String| LoadError { kind: header.kind, reason };
        let chunks = chunk::chunks(history)
            .ok_or_else(|| refused("it ends in the middle of a chunk".to_owned()))?;
        let (first, changes) = match chunks.split_first() {
            Some((first, changes)) if first.kind != chunk::CHANGE => (Some(first), changes),
            _ => (None, chunks.as_slice()),
        };
        let mut history = match first {
            Some(first) => Automerge::load_with_options(first.bytes, LoadOptions::new())
                .map_err(|error| refused(error.to_string()))?,
            None if changes.is_empty() => return Err(refused("it is empty".to_owned())),
            None => genesis::document(header.kind),
        };
        let mut decoded = Vec::with_capacity(changes.len());
        for change in changes {
            if change.kind != chunk::CHANGE || change.hash().is_none() {
                return Err(refused("a change in it is damaged".to_owned()));
            }
            let change = Change::from_bytes(change.bytes.to_vec())
                .map_err(|error| refused(error.to_string()))?;
            decoded.push(change);
        }
        let hashes: Vec<_> = decoded.iter().map(Change::hash).collect();
        if !decoded.is_empty() {
            history.apply_changes(decoded).map_err(|error| refused(error.to_string()))?;
        }
        if !history.get_missing_deps(&hashes).is_empty() {
            return Err(refused("it builds on changes that are not in it".to_owned()));
        }
        let mut document = Self { header, history, actors: BTreeMap::new(), operations: 0 };
        if !document.contains(&genesis::hash(header.kind)) {
            return Err(refused("it does not start from the genesis of its kind".to_owned()));
        }
        for change in document.history.get_changes_meta(&[]) {
            document.operations += (change.max_op + 1).saturating_sub(change.start_op);
            match ActorId::from_slice(change.actor.to_bytes()) {
                Some(actor) if *actor.as_bytes() == genesis::ACTOR => {}
                Some(actor) => {
                    let last = document.actors.entry(actor).or_default();
                    *last = change.seq.max(*last);
                }
                None => {
                    let length = change.actor.to_bytes().len();
                    return Err(refused(format!("an actor has {length} bytes instead of 16")));
                }
            }
        }
        Ok(document)
    }

    /// The document's header.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The whole history, uncompressed (`save_nocompress`): pages are compressed as a whole.
    pub fn snapshot(&self) -> Vec<u8> {
        self.history.save_nocompress()
    }

    /// The current heads.
    pub fn heads(&self) -> Heads {
        Heads::new(self.history.get_heads().iter().map(|hash| ChangeHash(hash.0)).collect())
    }

    /// Whether a change is part of the document.
    pub fn contains(&self, hash: &ChangeHash) -> bool {
        self.history.get_missing_deps(&[automerge::ChangeHash(hash.0)]).is_empty()
    }

    /// Operations in the whole history, deletions included.
    pub const fn operations(&self) -> u64 {
        self.operations
    }

    /// Actors in the whole history, genesis excluded.
    pub fn actors(&self) -> Vec<ActorId> {
        self.actors.keys().copied().collect()
    }

    /// The last sequence number `actor` used in this document; 0 if none.
    pub fn last_seq(&self, actor: ActorId) -> u64 {
        self.actors.get(&actor).copied().unwrap_or(0)
    }

    /// Applies one screened change. Orphans are reported and never kept inside.
    ///
    /// Automerge trusts what a change says about itself, so four claims are
    /// checked first: its sequence number follows the actor's last one, its
    /// operations are numbered right after those it builds on, every actor it
    /// refers to has written here (an unknown one panics inside Automerge), and it
    /// builds on what its actor wrote: an honest phone does, and who does not could
    /// give a document more heads than a change may name.
    /// Other damage may still panic there: apply to a clone what a stranger sent.
    pub fn apply(&mut self, change: &ScreenedChange) -> Result<Applied, ApplyError> {
        let hash = change.hash();
        let refused = |reason: String| ApplyError::Refused { hash, reason };
        if self.contains(&hash) {
            return Ok(Applied::Duplicate);
        }
        let missing: Vec<_> =
            change.deps().iter().filter(|dep| !self.contains(dep)).copied().collect();
        if !missing.is_empty() {
            return Ok(Applied::MissingDeps(missing));
        }
        let last = self.last_seq(change.actor());
        if last.checked_add(1) != Some(change.seq()) {
            return Err(refused(format!(
                "sequence number {} of an actor whose last one here is {last}",
                change.seq()
            )));
        }
        let decoded = Change::from_bytes(change.bytes().to_vec())
            .map_err(|error| refused(error.to_string()))?;
        self.check_references(&decoded).map_err(refused)?;
        self.history.apply_changes([decoded]).map_err(|error| refused(error.to_string()))?;
        if !self.contains(&hash) {
            return Err(refused("it was not taken into the history".to_owned()));
        }
        self.actors.insert(change.actor(), change.seq());
        self.operations += change.operations();
        Ok(Applied::New)
    }

    fn check_references(&self, change: &Change) -> Result<(), String> {
        for actor in change.other_actor_ids() {
            let bytes = actor.to_bytes();
            let known = bytes == genesis::ACTOR
                || ActorId::from_slice(bytes).is_some_and(|actor| self.actors.contains_key(&actor));
            if !known {
                return Err(format!("it refers to actor {actor}, which has not written here"));
            }
        }
        let actor = change.actor_id();
        let beside = |head: &automerge::ChangeHash| {
            !change.deps().contains(head)
                && self.history.get_change_meta_by_hash(head).is_some_and(|it| *it.actor == *actor)
        };
        if self.history.get_heads().iter().any(beside) {
            return Err("it does not build on what its actor wrote last".to_owned());
        }
        let first = change.start_op().get();
        let below = change
            .deps()
            .iter()
            .filter_map(|dep| self.history.get_change_meta_by_hash(dep))
            .map(|meta| meta.max_op)
            .max()
            .unwrap_or(0);
        // A gap would be kept for ever, and one jump to 2³² ends the document.
        if first != below + 1 {
            return Err(format!("its operations begin at {first} and build on {below}"));
        }
        Ok(())
    }

    /// Raw bytes of every change that is not an ancestor of `have`, in causal
    /// order, genesis excluded.
    pub fn changes_since(&self, have: &Heads) -> Vec<NewChange> {
        let have: Vec<_> = have
            .as_slice()
            .iter()
            .filter(|hash| self.contains(hash))
            .map(|hash| automerge::ChangeHash(hash.0))
            .collect();
        let genesis = genesis::hash(self.header.kind);
        let changes = self.history.get_changes(&have);
        changes.iter().map(NewChange::of).filter(|change| change.hash != genesis).collect()
    }

    /// Whether the history gives back just these changes as what came after `have`.
    ///
    /// Automerge keeps operations, not changes, and writes changes anew from them. An
    /// honest one comes out as it went in. A forged one may not (a deletion of what was
    /// never there leaves no trace), and then the snapshot cannot be loaded any more:
    /// its heads are those of changes that nobody can name.
    pub fn gives_back(&self, have: &Heads, mut changes: Vec<ChangeHash>) -> bool {
        let mut given: Vec<_> =
            self.changes_since(have).into_iter().map(|change| change.hash).collect();
        given.sort_unstable();
        changes.sort_unstable();
        given == changes
    }

    /// Same-field conflicts that stand in the document now.
    pub fn conflicts(&self) -> Vec<Conflict> {
        conflict::standing(self)
    }

    /// Everything that people wrote here without seeing each other: conflicts and
    /// parallel updates, by path. Computed from the history and from nothing else, so
    /// it can be rebuilt.
    pub fn written_concurrently(&self) -> Vec<Conflict> {
        // One person is never at odds with themselves.
        if self.actors.len() < 2 { Vec::new() } else { conflict::all(self) }
    }

    /// Decides a conflict: the value that `choice` wrote stands alone from now on.
    /// `None` if there is nothing to decide.
    pub fn settle_conflict(
        &mut self,
        context: &EditContext,
        path: &str,
        choice: ChangeHash,
    ) -> Result<Option<NewChange>, EditError> {
        let submitted = self.header.kind == DocKind::Visit
            && self.last_written("submit/submitted_at").is_some();
        if submitted {
            return Err(EditError::AlreadySubmitted);
        }
        let found = conflict::choice(self, path, choice);
        let (map, key, value) =
            found.ok_or_else(|| EditError::NoSuchItem { item: format!("value of {path}") })?;
        let mut writer = self.writer(self.header.kind, context)?;
        let outcome = writer.put_raw(&map, &key, value);
        let written = writer.finish(outcome, context)?;
        Ok(self.made(written, context))
    }

    /// What stands, in a fresh history of the next `generation`, without what
    /// `redaction` leaves out.
    pub fn restart(
        &self,
        generation: Generation,
        redaction: Redaction,
        context: &EditContext,
    ) -> Result<Restarted, EditError> {
        restart::restart(self, generation, redaction, context)
    }

    /// Whether the history ever held this contact, even one removed since.
    pub fn mentions(&self, contact: ItemId) -> bool {
        restart::mentions(self, contact)
    }

    /// Writes unsent changes of an older generation, `old`, into this one as `actor`,
    /// oldest first. `acked` is what the server had of the old one.
    pub fn rebase(
        &mut self,
        old: Option<&Self>,
        acked: &Heads,
        unsent: &[Vec<u8>],
        actor: ActorId,
    ) -> Vec<Rebased> {
        let (mut things, terms) = (Things::default(), Terms::default());
        rebase::rebase(old, acked, &mut things, &terms, self, unsent, actor)
    }

    /// Writes changes of a history that is over, of which nothing is left but where its
    /// `things` were, into this one as `actor`, oldest first.
    pub fn write_again(
        &mut self,
        mut things: Things,
        changes: &[Vec<u8>],
        actor: ActorId,
    ) -> Vec<Rebased> {
        self.write_late(&mut things, &Terms::default(), changes, actor)
    }

    /// The same on `terms`; `things` learns of those that the changes made.
    pub fn write_late(
        &mut self,
        things: &mut Things,
        terms: &Terms<'_>,
        changes: &[Vec<u8>],
        actor: ActorId,
    ) -> Vec<Rebased> {
        rebase::rebase(None, &Heads::default(), things, terms, self, changes, actor)
    }

    /// A change of a history that is over, without the values that were erased of the
    /// document since: what a person may keep who decides on it. `None` for bytes that are
    /// no change.
    pub fn without_the_erased(
        &self,
        things: &Things,
        erased: &[Redaction],
        change: &[u8],
    ) -> Option<Vec<u8>> {
        let terms = Terms { erased, beneath: false };
        rebase::without_the_erased(self, things, &terms, change)
    }

    /// Where the things are that stand in this history.
    pub fn things(&self) -> Things {
        Things::of(&self.history, self.header.kind)
    }

    /// What stands in a field, and who wrote it: `path` as conflicts name it, such as
    /// `about/name`. `None` for a field that is empty or unknown.
    pub fn last_written(&self, path: &str) -> Option<ConflictValue> {
        conflict::written(self, path)
    }

    /// Writes intents into a customer. `None` if nothing new was put; an error
    /// of the closure leaves the document as it was.
    pub fn edit_customer(
        &mut self,
        context: &EditContext,
        intents: impl FnOnce(&mut CustomerEdit<'_>) -> Result<(), EditError>,
    ) -> Result<Option<NewChange>, EditError> {
        let written = {
            let mut edit = CustomerEdit::begin(self.writer(DocKind::Customer, context)?);
            let outcome = intents(&mut edit);
            edit.writer.finish(outcome, context)?
        };
        Ok(self.made(written, context))
    }

    /// Writes intents into a visit; see [`Document::edit_customer`].
    pub fn edit_visit(
        &mut self,
        context: &EditContext,
        intents: impl FnOnce(&mut VisitEdit<'_>) -> Result<(), EditError>,
    ) -> Result<Option<NewChange>, EditError> {
        let written = {
            let mut edit = VisitEdit::begin(self.writer(DocKind::Visit, context)?);
            let outcome = intents(&mut edit);
            edit.writer.finish(outcome, context)?
        };
        Ok(self.made(written, context))
    }

    /// Writes intents into a deal; see [`Document::edit_customer`].
    pub fn edit_deal(
        &mut self,
        context: &EditContext,
        intents: impl FnOnce(&mut DealEdit<'_>) -> Result<(), EditError>,
    ) -> Result<Option<NewChange>, EditError> {
        let written = {
            let mut edit = DealEdit::begin(self.writer(DocKind::Deal, context)?);
            let outcome = intents(&mut edit);
            edit.writer.finish(outcome, context)?
        };
        Ok(self.made(written, context))
    }

    /// Writes intents into a day plan; see [`Document::edit_customer`].
    pub fn edit_plan(
        &mut self,
        context: &EditContext,
        intents: impl FnOnce(&mut PlanEdit<'_>) -> Result<(), EditError>,
    ) -> Result<Option<NewChange>, EditError> {
        let written = {
            let mut edit = PlanEdit::begin(self.writer(DocKind::Plan, context)?);
            let outcome = intents(&mut edit);
            edit.writer.finish(outcome, context)?
        };
        Ok(self.made(written, context))
    }

    /// Writes intents into a case; see [`Document::edit_customer`].
    pub fn edit_case(
        &mut self,
        context: &EditContext,
        intents: impl FnOnce(&mut CaseEdit<'_>) -> Result<(), EditError>,
    ) -> Result<Option<NewChange>, EditError> {
        let written = {
            let mut edit = CaseEdit::begin(self.writer(DocKind::Case, context)?);
            let outcome = intents(&mut edit);
            edit.writer.finish(outcome, context)?
        };
        Ok(self.made(written, context))
    }

    fn writer(
        &mut self,
        expected: DocKind,
        context: &EditContext,
    ) -> Result<Writer<'_>, EditError> {
        let found = self.header.kind;
        if found != expected {
            return Err(EditError::WrongKind { expected, found });
        }
        Ok(Writer::begin(&mut self.history, context))
    }

    fn made(&mut self, written: bool, context: &EditContext) -> Option<NewChange> {
        if !written {
            return None;
        }
        let change = self.history.get_last_local_change()?;
        self.operations += change.len() as u64;
        let change = NewChange::of(&change);
        self.actors.insert(context.actor, change.seq);
        Some(change)
    }

    pub(crate) const fn automerge_mut(&mut self) -> &mut Automerge {
        &mut self.history
    }

    /// The change that `actor` committed last.
    pub(crate) fn last_made(&mut self, actor: ActorId) -> Option<NewChange> {
        let change = self.history.get_last_local_change()?;
        self.operations += change.len() as u64;
        let change = NewChange::of(&change);
        self.actors.insert(actor, change.seq);
        Some(change)
    }

    /// Takes a change that was made on a branch of this document.
    pub(crate) fn take_own(
        &mut self,
        change: Change,
        actor: ActorId,
    ) -> Result<NewChange, EditError> {
        let made = NewChange::of(&change);
        let operations = change.len() as u64;
        self.history.apply_changes([change]).map_err(|error| EditError::Refused {
            field: "a change".to_owned(),
            reason: error.to_string(),
        })?;
        self.operations += operations;
        self.actors.insert(actor, made.seq);
        Ok(made)
    }

    /// The document without some changes and without everything that builds on them.
    ///
    /// # Errors
    /// [`LoadError`] if what remains cannot be put together.
    pub fn without(&self, left_out: &BTreeSet<ChangeHash>) -> Result<Self, LoadError> {
        let refused = |reason: String| LoadError { kind: self.header.kind, reason };
        let mut kept = Self::create(self.header);
        for change in self.history.get_changes(&[]) {
            let hash = ChangeHash(change.hash().0);
            let builds_on = change.deps().iter().all(|dep| kept.contains(&ChangeHash(dep.0)));
            if left_out.contains(&hash) || !builds_on || kept.contains(&hash) {
                continue;
            }
            let operations = change.len() as u64;
            let (author, seq) = (ActorId::from_slice(change.actor_id().to_bytes()), change.seq());
            kept.history.apply_changes([change]).map_err(|error| refused(error.to_string()))?;
            kept.operations += operations;
            if let Some(author) = author {
                kept.actors.insert(author, seq);
            }
        }
        Ok(kept)
    }

    pub(crate) const fn automerge(&self) -> &Automerge {
        &self.history
    }
}

impl NewChange {
    /// Whether this actor wrote it.
    pub fn is_by(&self, actor: ActorId) -> bool {
        let limits = crate::guard::Limits::default();
        ScreenedChange::screen(&self.bytes, &limits).is_ok_and(|change| change.actor() == actor)
    }

    fn of(change: &Change) -> Self {
        Self {
            hash: ChangeHash(change.hash().0),
            bytes: change.raw_bytes().to_vec(),
            seq: change.seq(),
        }
    }
}
