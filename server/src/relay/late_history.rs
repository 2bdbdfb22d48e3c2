//! What comes back of a history that is over here.
//!
//! A server that was restored may begin a document's history anew, or erase from it, before
//! the phones came that hold what it lost of the former one. No history that stands has room
//! for that. But each change of it was signed here once, and says which field got which
//! value: so it is written again as late work is, on top of the beginning of what stands and
//! beside what was written there since, without what was erased meanwhile. Its name goes beside those that the history held when it ended, so
//! whoever brings it next hears that it is here.
//!
//! Of a history that a former life of the data began, nothing was ever here, and its
//! beginning says all that stood then. Where that differs from what stands, nobody can tell
//! which is the later word: it waits for a person, with what builds on it. So does what is
//! brought of an earlier history than one that came back, and that one does not say: a life
//! that was restored itself may have begun it before it had everything back. Of what was erased
//! nothing waits: what a person reads of such a document is what the erasure leaves of it.

use client_core::docs::{
    Applied, ChangeHash, Document, EditContext, Generation, Header, NewChange, Redaction, Terms,
    Things,
};
use client_core::guard::{Limits, ScreenedChange};
use client_core::id::ActorId;
use client_core::projection::DocState;
use client_core::protocol::{ChangeResult, NameSet, RejectCode, hand_back};
use client_core::records::Cause;

use super::apply::{Beginning, Judged, Kept, NewState};
use super::aside::Known;
use super::judge::{Candidate, Pending, base_of};
use super::taken_up;
use crate::storage::model::{NewLogChange, Origin, WrittenAgain};

/// What is told of work that a person has to look at.
pub(super) const OTHERWISE: &str = "the server was restored, and what comes back of before does \
                                    not fit into what stands now: it waits for your manager's \
                                    decision";

/// Judges a group that is given back of a history that is over; none where it is of none.
pub(super) fn judge(candidate: &Candidate, limits: &Limits, hand: &EditContext) -> Option<Judged> {
    let Pending { group, .. } = &candidate.pending;
    let generation = group.header.generation;
    let stored = candidate.loaded.as_ref()?.header;
    if !taken_up::is_of_another(candidate) || generation >= stored.generation {
        return None;
    }
    let is_of_before = candidate.former.came_back.is_some_and(|later| later > generation);
    let limits = hand_back::limits(limits);
    let screened = group.changes.iter().map(|bytes| ScreenedChange::screen(bytes, &limits).ok());
    let screened: Vec<ScreenedChange> = screened.collect::<Option<_>>()?;
    let (stands, bytes) = base_of(candidate, &stored).ok()?;
    let names: Vec<NameSet> =
        candidate.former.ended.iter().map(|one| one.changes.names()).collect();
    let empty = Document::create(group.header);
    // A history that came back went on here under another number.
    let of_it = |names: &NameSet| {
        screened.iter().any(|change| {
            names.holds(&change.hash()) || change.deps().iter().any(|dep| names.holds(dep))
        })
    };
    let former = || candidate.former.ended.iter().zip(&names);
    let exact = former().find(|(one, _names)| one.generation == generation);
    let over =
        exact.or_else(|| former().find(|(one, names)| one.generation > generation && of_it(names)));
    let unknown = over.is_none_or(|(one, _names)| one.changes.is_empty());
    let began = screened.iter().find(|change| begins(change, &empty)).map(ScreenedChange::actor);
    let redactions: Vec<Redaction> = candidate.missed.iter().map(|one| one.redaction).collect();
    let mut late = Late {
        names: &names,
        empty: &empty,
        known: Known::of(&candidate.kept),
        redactions: &redactions,
        beginner: began.filter(|_actor| unknown),
        is_of_before,
        limits: &limits,
        hand,
        before: &stands,
        branch: beginning(candidate, &stored, &limits)?,
        trial: None,
        document: stands.clone(),
        bytes,
        things: over.map(|(one, _names)| one.things.clone()).unwrap_or_default(),
        taken: Vec::new(),
        new: Vec::new(),
        kept: Vec::new(),
    };
    if is_of_before && late.is_told_by_the_beginning(&screened) {
        late.taken.extend(screened.iter().map(ScreenedChange::hash));
    }
    let results = screened.iter().map(|change| late.one(change)).collect();
    let operations: u64 = screened.iter().map(ScreenedChange::operations).sum();
    Some(late.finish(results, operations, generation))
}

/// The history that stands as it began, with what came back of earlier ones since. What
/// comes back now is written there, beside whatever else was written since and not over it:
/// two values of one field are a conflict that somebody sees.
fn beginning(candidate: &Candidate, stands: &Header, limits: &Limits) -> Option<Document> {
    let mut document = Document::create(*stands);
    let first = candidate.log.first().map(|row| row.seq);
    let early = candidate
        .log
        .iter()
        .filter(|row| Some(row.seq) == first || row.replica == Origin::GIVEN_BACK);
    for row in early {
        // What builds on anything else is not of the beginning, and stays out.
        document.apply(&ScreenedChange::screen(&row.bytes, limits).ok()?).ok()?;
    }
    Some(document)
}

/// Whether a change is the first of a history.
fn begins(change: &ScreenedChange, empty: &Document) -> bool {
    change.deps().iter().all(|dep| empty.contains(dep))
}

struct Late<'a> {
    /// What the histories held that are over.
    names: &'a [NameSet],
    empty: &'a Document,
    known: Known,
    redactions: &'a [Redaction],
    /// Who wrote the beginning of a history of which nothing was ever here.
    beginner: Option<ActorId>,
    /// A later history came back, which says all that its life had of this one.
    is_of_before: bool,
    limits: &'a Limits,
    hand: &'a EditContext,
    before: &'a Document,
    /// What is written onto.
    branch: Document,
    /// Where what waits is tried: what builds on it looks for its things.
    trial: Option<Document>,
    /// What it comes to.
    document: Document,
    bytes: usize,
    things: Things,
    taken: Vec<ChangeHash>,
    new: Vec<NewLogChange>,
    kept: Vec<Kept>,
}

impl Late<'_> {
    fn one(&mut self, change: &ScreenedChange) -> ChangeResult {
        if let Some(answer) = self.known.answer_to(&change.hash()) {
            return answer;
        }
        if self.had(&change.hash()) {
            return ChangeResult::Duplicate;
        }
        let here = |dep: &ChangeHash| self.had(dep) || self.empty.contains(dep);
        let erased = !self.redactions.is_empty();
        if !erased && !change.deps().iter().all(here) {
            return self.keep(change, Cause::BuildsOn);
        }
        if self.is_of_before {
            let otherwise = |than: &Document| self.says_otherwise(change, than);
            if otherwise(&self.document) && otherwise(&self.branch) {
                return self.keep(change, Cause::CameBack);
            }
            self.taken.push(change.hash());
            return ChangeResult::Duplicate;
        }
        let beginning = self.beginner == Some(change.actor());
        if beginning && !erased && self.says_otherwise(change, &self.document) {
            return self.keep(change, Cause::CameBack);
        }
        let operations = self.document.operations().saturating_add(change.operations());
        if self.bytes + change.bytes().len() > self.limits.document_bytes
            || operations > self.limits.document_operations
        {
            return self.keep(change, Cause::CameBack);
        }
        let terms = Terms { erased: self.redactions, beneath: beginning };
        let written = self.branch.write_late(
            &mut self.things,
            &terms,
            &[change.bytes().to_vec()],
            self.hand.actor,
        );
        let mut whole = true;
        for one in written {
            whole &= one.impossible.is_empty();
            if let Some(new) = one.new {
                whole &= self.add(new);
            }
        }
        self.taken.push(change.hash());
        match whole {
            true => ChangeResult::Stored,
            false => self.keep(change, Cause::CameBack),
        }
    }

    /// Puts what was written on the branch into the document; whether it went in.
    fn add(&mut self, new: NewChange) -> bool {
        let screened = ScreenedChange::screen(&new.bytes, self.limits).ok();
        let applied = screened.and_then(|change| self.document.apply(&change).ok());
        if !matches!(applied, Some(Applied::New)) {
            return false;
        }
        self.bytes += new.bytes.len();
        let NewChange { hash, bytes, seq } = new;
        self.new.push(NewLogChange { hash, actor: self.hand.actor, seq, bytes });
        true
    }

    /// Whether a change is in the document, as it was or written again.
    fn had(&self, change: &ChangeHash) -> bool {
        self.names.iter().any(|names| names.holds(change))
            || self.taken.contains(change)
            || self.known.is_accepted(change)
            || self.before.contains(change)
    }

    /// Whether a change says anything else than what stands somewhere.
    fn says_otherwise(&self, change: &ScreenedChange, than: &Document) -> bool {
        let (mut trial, mut things) = (than.clone(), self.things.clone());
        let bytes = [change.bytes().to_vec()];
        let terms = Terms { erased: self.redactions, beneath: false };
        let told = trial.write_late(&mut things, &terms, &bytes, self.hand.actor);
        told.iter().any(|one| one.new.is_some() || !one.impossible.is_empty())
    }

    /// Whether all of the changes together come to what stood at the beginning: a value that
    /// was overwritten before it says nothing.
    fn is_told_by_the_beginning(&self, changes: &[ScreenedChange]) -> bool {
        let (mut trial, mut things) = (self.branch.clone(), self.things.clone());
        let bytes: Vec<Vec<u8>> = changes.iter().map(|one| one.bytes().to_vec()).collect();
        let terms = Terms { erased: self.redactions, beneath: false };
        let told = trial.write_late(&mut things, &terms, &bytes, self.hand.actor);
        told.iter().all(|one| one.impossible.is_empty())
            && DocState::read(&trial) == DocState::read(&self.branch)
    }

    /// Keeps a change for a person.
    fn keep(&mut self, change: &ScreenedChange, cause: Cause) -> ChangeResult {
        let (mut bytes, mut left_of) = (change.bytes().to_vec(), None);
        if !self.redactions.is_empty() {
            // § What was erased waits nowhere: what waits of such a document is without it.
            let left = self.branch.without_the_erased(&self.things, self.redactions, &bytes);
            let Some(left) = left else {
                let detail = "it cannot be read".to_owned();
                return ChangeResult::Rejected { code: RejectCode::Malformed, detail };
            };
            (bytes, left_of) = (left, Some(change.hash()));
        }
        // What it made is found by what builds on it, once that is decided on.
        let trial = self.trial.get_or_insert_with(|| self.branch.clone());
        let terms = Terms { erased: self.redactions, beneath: false };
        let tried = std::slice::from_ref(&bytes);
        trial.write_late(&mut self.things, &terms, tried, self.hand.actor);
        self.known.wait(change.hash(), OTHERWISE);
        self.kept.push(Kept { bytes, left_of, cause, detail: OTHERWISE.to_owned() });
        ChangeResult::Quarantined { detail: OTHERWISE.to_owned() }
    }

    fn finish(self, results: Vec<ChangeResult>, operations: u64, generation: Generation) -> Judged {
        let Self { document, bytes, things, taken: changes, new, kept: quarantined, .. } = self;
        let again = WrittenAgain { generation, changes, things };
        let again = (!again.changes.is_empty() || !quarantined.is_empty()).then_some(again);
        let new = (!new.is_empty()).then(|| NewState {
            state: DocState::read(&document),
            conflicts: document.written_concurrently(),
            document,
            changes: new,
            bytes,
            beginning: Beginning::None,
        });
        Judged { results, new, quarantined, operations, again }
    }
}
