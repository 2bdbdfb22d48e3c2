//! What people ask for and answer on the phone: queued, sent with the next sync, and
//! answered by records.

use super::client::{Client, CommandQueued};
use super::{ReadError, SaveError};
use crate::docs::EditError;
use crate::id::{CommandId, DocId, RecordId};
use crate::period::Period;
use crate::protocol::{
    AnswerAsked, Ask, AskTarget, ContestLine, JudgeVisit, Question, ReviewVisit,
};
use crate::records::{HelpRecord, Record, RecordKind, ReviewRecord, SignalRecord, VoidRecord};
use crate::store::{self, RequestEntry, Touched};

/// § Ratings are 1 to 5 everywhere: the server refuses others, and nobody waits for that.
pub(super) fn rated(field: &str, rating: Option<u8>) -> Result<(), SaveError> {
    match rating {
        Some(rating) if !(1..=5).contains(&rating) => Err(EditError::OutOfRange {
            field: field.to_owned(),
            value: rating.to_string(),
            expected: "1 to 5".to_owned(),
        }
        .into()),
        _ => Ok(()),
    }
}

/// § Nobody asks, objects or hands in without a word of why: the server refuses that too.
pub(super) fn said(field: &str, text: &str) -> Result<(), SaveError> {
    if text.trim().is_empty() {
        return Err(EditError::OutOfRange {
            field: field.to_owned(),
            value: "empty".to_owned(),
            expected: "a few words".to_owned(),
        }
        .into());
    }
    Ok(())
}

impl Client {
    pub(super) fn ask<A: Ask>(&self, ask: &A) -> Result<CommandQueued, SaveError> {
        self.queue_command(A::KIND, ask.encode())
    }

    /// Comments on a visit of somebody one leads: `rating` is 1 to 5.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn review_visit(
        &self,
        visit: DocId,
        rating: Option<u8>,
        comment: &str,
    ) -> Result<CommandQueued, SaveError> {
        rated("rating", rating)?;
        let at = self.inner.config.clock.now();
        self.ask(&ReviewVisit { visit, rating, comment: comment.to_owned(), at })
    }

    /// Settles a visit under review of somebody one leads: it counts, or it does not. The
    /// rep reads the note; accepting does not supply what a visit lacks.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn judge_visit(
        &self,
        visit: DocId,
        accepted: bool,
        note: &str,
    ) -> Result<CommandQueued, SaveError> {
        self.ask(&JudgeVisit { visit, accepted, note: note.to_owned() })
    }

    /// What a leader decided about a visit, if that stands.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn ruling(&self, visit: DocId) -> Result<Option<VoidRecord>, ReadError> {
        let id = RecordId::from_bytes(*visit.as_bytes());
        let found = self.inner.read(|conn, _who| store::record::get(conn, RecordKind::Void, id))?;
        Ok(match found {
            Some(Record::Void(ruled)) => Some(ruled).filter(VoidRecord::in_force),
            _ => None,
        })
    }

    /// Asks for another value of a target, in the metric's unit. It holds only once it was
    /// approved; [`Client::adjustments`] says how far that is.
    ///
    /// # Errors
    /// [`SaveError::NotFound`] for a target that is not on this phone, and the rest of
    /// [`SaveError`]; nothing was queued then.
    pub fn ask_target(
        &self,
        target: RecordId,
        wanted: i64,
        reason: &str,
    ) -> Result<CommandQueued, SaveError> {
        said("reason", reason)?;
        if wanted < 0 {
            return Err(EditError::OutOfRange {
                field: "wanted".to_owned(),
                value: wanted.to_string(),
                expected: "0 or more".to_owned(),
            }
            .into());
        }
        let known = self.inner.read(|conn, _who| {
            Ok(store::record::get(conn, RecordKind::Target, target)?.is_some())
        })?;
        if !known {
            return Err(SaveError::NotFound { doc: DocId::from_bytes(*target.as_bytes()) });
        }
        let at = self.inner.config.clock.now();
        self.ask(&AskTarget { target, wanted, reason: reason.to_owned(), at })
    }

    /// Objects to a line of one's own card as it stands on this phone: `line` is the
    /// indicator's code, `evidence` are visits, deals, customers or cases that show why it
    /// is wrong. The answer stays with the figure as it was.
    ///
    /// # Errors
    /// [`SaveError::NoLine`] for a line that the card does not have, and the rest of
    /// [`SaveError`]; nothing was queued then.
    pub fn contest_line(
        &self,
        period: Period,
        line: &str,
        reason: &str,
        evidence: Vec<DocId>,
    ) -> Result<CommandQueued, SaveError> {
        said("reason", reason)?;
        let outcome = self.scorecard(period, None)?;
        let lines = &outcome.scorecard.lines;
        let shown = lines.iter().find(|shown| shown.indicator.as_str() == line);
        let shown = shown.ok_or_else(|| SaveError::NoLine { period, line: line.to_owned() })?;
        self.ask(&ContestLine {
            period,
            line: line.to_owned(),
            outcome_digest: outcome.digest(),
            centipoints: Some(shown.points.0),
            reason: reason.to_owned(),
            evidence,
            at: self.inner.config.clock.now(),
        })
    }

    /// Answers a request for another target, an objection, or an integrity signal of
    /// somebody one leads.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn answer_asked(
        &self,
        question: Question,
        id: RecordId,
        yes: bool,
        note: Option<String>,
    ) -> Result<CommandQueued, SaveError> {
        self.ask(&AnswerAsked { question, id, yes, note })
    }

    /// Requests that the server has not taken, oldest first: those that wait, and those
    /// it refused, with the reason.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn requests(&self) -> Result<Vec<RequestEntry>, ReadError> {
        self.inner.read(|conn, _who| store::command::not_taken(conn))
    }

    /// Lets go of a request that was refused, once whoever asked has seen it. True if there
    /// was one; what still waits stays.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn dismiss_request(&self, id: CommandId) -> Result<bool, ReadError> {
        let (_who, store) = self.inner.replica()?;
        let dismissed = store.write(|tx| store::command::dismiss(tx, id))?;
        if dismissed {
            self.inner.touched(&Touched { sync: true, ..Touched::default() });
        }
        Ok(dismissed)
    }

    /// What leaders said about a visit, oldest first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn reviews(&self, visit: DocId) -> Result<Vec<ReviewRecord>, ReadError> {
        let mut reviews = self.picked(RecordKind::Review, |record| match record {
            Record::Review(review) if review.visit == visit => Some(review),
            _ => None,
        })?;
        reviews.sort_by_key(|review| (review.at, review.id));
        Ok(reviews)
    }

    /// What became of help that was asked for, the latest answer first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn help_answers(&self) -> Result<Vec<HelpRecord>, ReadError> {
        let mut found = self.picked(RecordKind::Help, |record| match record {
            Record::Help(help) => Some(help),
            _ => None,
        })?;
        found.sort_by_key(|help| (std::cmp::Reverse(help.at), help.id));
        Ok(found)
    }

    /// What the server noticed; what waits first, then the newest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn signals(&self) -> Result<Vec<SignalRecord>, ReadError> {
        let mut found = self.picked(RecordKind::Signal, |record| match record {
            Record::Signal(signal) => Some(signal),
            _ => None,
        })?;
        found.sort_by_key(|one| (!one.is_open(), std::cmp::Reverse(one.noticed_at), one.id));
        Ok(found)
    }

    pub(super) fn picked<T>(
        &self,
        kind: RecordKind,
        pick: impl Fn(Record) -> Option<T>,
    ) -> Result<Vec<T>, ReadError> {
        let records = self.inner.read(|conn, _who| store::record::all(conn, kind))?;
        Ok(records.into_iter().filter_map(pick).collect())
    }
}
