//! What people ask for and answer on the phone: queued, sent with the next sync, and
//! answered by records.

use std::collections::BTreeMap;

use super::client::{Client, CommandQueued};
use super::{ReadError, SaveError};
use crate::docs::EditError;
use crate::id::{CommandId, DocId, RecordId, UserId};
use crate::period::Period;
use crate::protocol::{
    AnswerAsked, Ask, AskTarget, AssessSelf, ContestLine, JudgeVisit, Question, ReviewVisit,
    StepAppraisal,
};
use crate::records::{
    AdjustmentRecord, AppraisalRecord, AppraisalState, ContestRecord, Record, RecordKind,
    ReviewRecord, SignalRecord, VoidRecord,
};
use crate::rules::CentiPoints;
use crate::rules::appraisal::{Actor, standing, steps};
use crate::store::{self, RequestEntry, Touched};

/// § Ratings are 1 to 5 everywhere: the server refuses others, and nobody waits for that.
fn rated(field: &str, rating: Option<u8>) -> Result<(), SaveError> {
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

/// An objection to a line of one's own card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewContest {
    /// The card's period.
    pub period: Period,
    /// The line: the indicator's code.
    pub line: String,
    /// SHA-256 of the outcome that was looked at; see
    /// [`Outcome::digest`](crate::rules::Outcome::digest).
    pub outcome_digest: [u8; 32],
    /// The points of the line there, in hundredths.
    pub centipoints: Option<i64>,
    /// Why it is wrong.
    pub reason: String,
    /// Visits, deals, customers or cases that show it.
    pub evidence: Vec<DocId>,
}

/// An appraisal as a screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppraisalEntry {
    /// The record: how far it is, the frozen card, every step.
    pub appraisal: AppraisalRecord,
    /// Where whoever is signed in may take it next: forward first, then back, which needs a
    /// reason.
    pub steps: Vec<AppraisalState>,
    /// The frozen score with the ratings that weigh something.
    pub total: Option<CentiPoints>,
}

impl Client {
    fn ask<A: Ask>(&self, ask: &A) -> Result<CommandQueued, SaveError> {
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

    /// Asks for another value of a target. It holds only once it was approved.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn ask_target(
        &self,
        target: RecordId,
        wanted: i64,
        reason: &str,
    ) -> Result<CommandQueued, SaveError> {
        let known = self.inner.read(|conn, _who| {
            Ok(store::record::get(conn, RecordKind::Target, target)?.is_some())
        })?;
        if !known {
            return Err(SaveError::NotFound { doc: DocId::from_bytes(*target.as_bytes()) });
        }
        let at = self.inner.config.clock.now();
        self.ask(&AskTarget { target, wanted, reason: reason.to_owned(), at })
    }

    /// Objects to a line of one's own card. The answer stays with the figure as it was.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn contest_line(&self, new: NewContest) -> Result<CommandQueued, SaveError> {
        let at = self.inner.config.clock.now();
        let NewContest { period, line, outcome_digest, centipoints, reason, evidence } = new;
        self.ask(&ContestLine { period, line, outcome_digest, centipoints, reason, evidence, at })
    }

    /// Hands in one's own view of a period: the official card is frozen with it.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn assess_self(
        &self,
        period: Period,
        comment: &str,
        ratings: BTreeMap<String, u8>,
    ) -> Result<CommandQueued, SaveError> {
        for (family, rating) in &ratings {
            rated(family, Some(*rating))?;
        }
        let at = self.inner.config.clock.now();
        self.ask(&AssessSelf { period, comment: comment.to_owned(), ratings, at })
    }

    /// Takes a step of an appraisal, one's own or of somebody one leads: who may take which
    /// is [`rules::appraisal`](crate::rules::appraisal). A step back needs a comment.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn step_appraisal(
        &self,
        rep: UserId,
        period: Period,
        to: AppraisalState,
        comment: Option<String>,
        ratings: BTreeMap<String, u8>,
    ) -> Result<CommandQueued, SaveError> {
        for (family, rating) in &ratings {
            rated(family, Some(*rating))?;
        }
        let at = self.inner.config.clock.now();
        self.ask(&StepAppraisal { rep, period, to, comment, ratings, at })
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

    /// Requests for other targets, as far as they are this phone's business; what waits
    /// first, then the newest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn adjustments(&self) -> Result<Vec<AdjustmentRecord>, ReadError> {
        let mut found = self.picked(RecordKind::Adjustment, |record| match record {
            Record::Adjustment(adjustment) => Some(adjustment),
            _ => None,
        })?;
        found.sort_by_key(|one| (one.answer.is_some(), std::cmp::Reverse(one.at), one.id));
        Ok(found)
    }

    /// Objections to lines of cards; what waits first, then the newest.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn contests(&self) -> Result<Vec<ContestRecord>, ReadError> {
        let mut found = self.picked(RecordKind::Contest, |record| match record {
            Record::Contest(contest) => Some(contest),
            _ => None,
        })?;
        found.sort_by_key(|one| (one.answer.is_some(), std::cmp::Reverse(one.at), one.id));
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

    /// The appraisals that are this phone's business, newest period first.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn appraisals(&self) -> Result<Vec<AppraisalRecord>, ReadError> {
        let mut found = self.picked(RecordKind::Appraisal, |record| match record {
            Record::Appraisal(appraisal) => Some(appraisal),
            _ => None,
        })?;
        found.sort_by_key(|one| (std::cmp::Reverse(one.period.first_day()), one.rep));
        Ok(found)
    }

    /// The appraisal of a person for a period, their own included, as far as this phone was
    /// told; none before they handed in. Needs no signal.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn appraisal(
        &self,
        rep: UserId,
        period: Period,
    ) -> Result<Option<AppraisalEntry>, ReadError> {
        let id = AppraisalRecord::id_of(rep, period);
        let (found, me, role) = self.inner.read(|conn, who| {
            let found = store::record::get(conn, RecordKind::Appraisal, id)?;
            let me = RecordId::from_bytes(*who.user.as_bytes());
            let me = store::record::get(conn, RecordKind::User, me)?;
            let role = match me {
                Some(Record::User(user)) => Some(user.role),
                _ => None,
            };
            Ok((found, who.user, role))
        })?;
        let Some(Record::Appraisal(appraisal)) = found else { return Ok(None) };
        let actor = if me == rep { Some(Actor::Appraised) } else { role.map(Actor::Other) };
        let steps = actor.map(|actor| steps(&appraisal.state, actor)).unwrap_or_default();
        let weights = self.policy_for(period)?.appraisal;
        let total = standing(&appraisal, &weights);
        Ok(Some(AppraisalEntry { appraisal, steps, total }))
    }

    /// Disputes one's own published appraisal, with the reason; whoever manages answers it.
    ///
    /// # Errors
    /// [`SaveError`]; nothing was queued then.
    pub fn dispute_appraisal(
        &self,
        period: Period,
        reason: &str,
    ) -> Result<CommandQueued, SaveError> {
        let (who, _store) = self.inner.replica()?;
        let (to, said) = (AppraisalState::Disputed, Some(reason.to_owned()));
        self.step_appraisal(who.user, period, to, said, BTreeMap::new())
    }

    fn picked<T>(
        &self,
        kind: RecordKind,
        pick: impl Fn(Record) -> Option<T>,
    ) -> Result<Vec<T>, ReadError> {
        let records = self.inner.read(|conn, _who| store::record::all(conn, kind))?;
        Ok(records.into_iter().filter_map(pick).collect())
    }
}
