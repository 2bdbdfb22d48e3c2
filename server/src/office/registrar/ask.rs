//! What people ask for and what is answered: comments on visits, other targets,
//! objections to lines of cards, integrity signals, a person's own view of a period.
//!
//! Whoever leads a person answers that person; nobody answers themselves. What is asked
//! has the id of the command that brought it, so asking twice is asking once. An answer
//! is given once: whoever was faster has decided. A yes to another target changes it in
//! the same transaction; no other answer changes a figure by itself.

mod appraise;
mod judge;

use std::collections::BTreeSet;

use client_core::docs::DocKind;
use client_core::id::{DocId, RecordId, UserId};
use client_core::period::Period;
use client_core::protocol::{AskTarget, ContestLine, ReviewVisit};
use client_core::records::{
    AdjustmentRecord, AppraisalState, Approval, ContestRecord, Record, RecordKind, ReviewRecord,
    Role, SignalAnswer, SignalRecord, TargetLevel, TargetRecord, UserRecord,
};
use client_core::rules::appraisal::StepError;
use client_core::time::Timestamp;

pub use appraise::NewStep;

use super::{By, Refusal, Registrar};
use crate::office::{TextError, VoidError, read, text};
use crate::scoring::ScoringError;
use crate::storage::model::Seq;
use crate::storage::{Documents, Records, StorageError, main_unit};

/// Most documents shown as evidence of one objection.
const EVIDENCE: usize = 50;
/// Most families rated in one appraisal.
const FAMILIES: usize = 20;

/// Why something was not asked or answered. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no such thing to answer.
    #[error("there is no {what} {id}")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// What was given.
        id: RecordId,
    },
    /// There is no such visit.
    #[error("there is no visit {visit}")]
    UnknownVisit {
        /// What was given.
        visit: DocId,
    },
    /// Somebody was faster.
    #[error("this was answered before: {}", if *.yes { "yes" } else { "no" })]
    Already {
        /// What stands.
        yes: bool,
        /// Who answered; none for the command line.
        by: Option<UserId>,
    },
    /// Only one's own.
    #[error("a target is asked for by whose it is, or by whoever leads them")]
    NotYourTarget,
    /// What is asked for is what stands.
    #[error("the target is {value} already")]
    SameTarget {
        /// What stands.
        value: i64,
    },
    /// Less than nothing.
    #[error("a target of {value} cannot be: expected 0 or more")]
    NegativeTarget {
        /// What was asked for.
        value: i64,
    },
    /// The target is another one by now.
    #[error("the target is {stands} by now and was {was} when this was asked: ask again")]
    TargetMoved {
        /// What stands.
        stands: i64,
        /// What stood.
        was: i64,
    },
    /// Only reps have cards and appraisals.
    #[error("only reps have cards")]
    NoRep,
    /// There is nothing to freeze yet.
    #[error("there is no card for {period} yet: it comes with the first fact of the period")]
    NoCard {
        /// For when.
        period: Period,
    },
    /// Something that bears on the card happened a few minutes from now, by the clock of
    /// the phone that brought it.
    #[error("the card of {period} waits for a fact of the next minutes: hand it in after that")]
    NotYet {
        /// For when.
        period: Period,
    },
    /// The card cannot be brought up to date.
    #[error(transparent)]
    Rules(ScoringError),
    /// It went on without them.
    #[error("the appraisal of {period} went on already: it is {state}")]
    WentOn {
        /// For when.
        period: Period,
        /// How far it is.
        state: AppraisalState,
    },
    /// There is nothing to look at before the person has handed in.
    #[error("nobody has handed in their own view of {period} yet: it begins with that")]
    NotHandedIn {
        /// For when.
        period: Period,
    },
    /// The appraisal does not go there.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A rating that is none.
    #[error("a rating is 1 to 5, not {rating}")]
    Rating {
        /// What was given.
        rating: u8,
    },
    /// More than anybody looks at.
    #[error("{given} were given, at most {limit} are taken")]
    TooMany {
        /// How many.
        given: usize,
        /// The limit.
        limit: usize,
    },
    /// Somebody wrote it at the same moment.
    #[error("somebody else wrote this at the same moment: look again")]
    Busy,
    /// The visit cannot be settled like this.
    #[error(transparent)]
    Judge(VoidError),
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was said cannot be kept.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ScoringError> for AskError {
    fn from(error: ScoringError) -> Self {
        match error {
            ScoringError::Storage(error) => Self::Storage(error),
            error => Self::Rules(error),
        }
    }
}

/// A record as it was looked at.
type Seen = (RecordKind, RecordId, Seq);

/// A record that stands.
struct Standing {
    seen: Seen,
    record: Record,
}

impl Registrar {
    /// Comments on a visit.
    pub async fn review_visit(
        &self,
        id: RecordId,
        ask: ReviewVisit,
    ) -> Result<ReviewRecord, AskError> {
        let comment = text::note(ask.comment.trim())?;
        rated(ask.rating)?;
        let office = &self.office;
        let held = office.app.storage().document(office.org, ask.visit).await?;
        let held = held.filter(|held| held.header.kind == DocKind::Visit);
        let header = held.ok_or(AskError::UnknownVisit { visit: ask.visit })?.header;
        let author = office.user(header.author).await?;
        self.leads_person(header.author, author.as_ref())?;
        let review = ReviewRecord {
            id,
            visit: ask.visit,
            author: header.author,
            by: self.by_id(),
            at: ask.at,
            rating: ask.rating,
            comment,
        };
        office.write(Record::Review(review.clone())).await?;
        Ok(review)
    }

    /// Asks for another target.
    pub async fn ask_target(
        &self,
        id: RecordId,
        ask: AskTarget,
    ) -> Result<AdjustmentRecord, AskError> {
        if let Some((_seen, standing)) = self.adjustment(id).await? {
            return Ok(standing);
        }
        let reason = text::note(ask.reason.trim())?;
        let (_seen, target) = self.target(ask.target).await?;
        if ask.wanted < 0 {
            return Err(AskError::NegativeTarget { value: ask.wanted });
        }
        if ask.wanted == target.value {
            return Err(AskError::SameTarget { value: target.value });
        }
        let own = matches!((&self.by, target.level),
            (By::Person(by), TargetLevel::Rep(rep)) if by.id == rep);
        if !own {
            self.sets(target.level).await.map_err(|_refusal| AskError::NotYourTarget)?;
        }
        let adjustment = AdjustmentRecord {
            id,
            target: target.id,
            level: target.level,
            was: target.value,
            wanted: ask.wanted,
            reason,
            by: self.by_id(),
            at: ask.at,
            answer: None,
        };
        self.office.write(Record::Adjustment(adjustment.clone())).await?;
        Ok(adjustment)
    }

    /// Answers a request for another target; a yes changes it.
    pub async fn answer_adjustment(
        &self,
        id: RecordId,
        approved: bool,
        note: Option<String>,
    ) -> Result<AdjustmentRecord, AskError> {
        let found = self.adjustment(id).await?;
        let (seen, mut adjustment) = found.ok_or(AskError::Unknown { what: "request", id })?;
        self.sets(adjustment.level).await?;
        if self.by_id().is_some() && self.by_id() == adjustment.by {
            return Err(Refusal::Oneself.into());
        }
        unanswered(adjustment.answer.as_ref())?;
        adjustment.answer = Some(self.approval(approved, note)?);
        let (mut seen, mut records) = (vec![seen], vec![Record::Adjustment(adjustment.clone())]);
        if approved {
            let (at, target) = self.target(adjustment.target).await?;
            seen.push(at);
            if target.value != adjustment.was {
                let (stands, was) = (target.value, adjustment.was);
                return Err(AskError::TargetMoved { stands, was });
            }
            records.push(Record::Target(TargetRecord { value: adjustment.wanted, ..target }));
        }
        self.write_answer(seen, records, "target.answered", approved).await?;
        Ok(adjustment)
    }

    /// Objects to a line of one's own card.
    pub async fn contest_line(
        &self,
        id: RecordId,
        ask: ContestLine,
    ) -> Result<ContestRecord, AskError> {
        let rep = self.rep()?;
        if let Some((_seen, standing)) = self.contest(id).await? {
            return Ok(standing);
        }
        let evidence: BTreeSet<DocId> = ask.evidence.into_iter().collect();
        if evidence.len() > EVIDENCE {
            return Err(AskError::TooMany { given: evidence.len(), limit: EVIDENCE });
        }
        let contest = ContestRecord {
            id,
            rep,
            period: ask.period,
            line: text::name("line", &ask.line)?,
            outcome_digest: ask.outcome_digest,
            centipoints: ask.centipoints,
            reason: text::note(ask.reason.trim())?,
            evidence: evidence.into_iter().collect(),
            at: ask.at,
            answer: None,
        };
        self.office.write(Record::Contest(contest.clone())).await?;
        Ok(contest)
    }

    /// Answers an objection.
    pub async fn answer_contest(
        &self,
        id: RecordId,
        approved: bool,
        note: Option<String>,
    ) -> Result<ContestRecord, AskError> {
        let found = self.contest(id).await?;
        let (seen, mut contest) = found.ok_or(AskError::Unknown { what: "objection", id })?;
        let rep = self.office.user(contest.rep).await?;
        self.leads_person(contest.rep, rep.as_ref())?;
        unanswered(contest.answer.as_ref())?;
        contest.answer = Some(self.approval(approved, note)?);
        let record = Record::Contest(contest.clone());
        self.write_answer(vec![seen], vec![record], "contest.answered", approved).await?;
        Ok(contest)
    }

    /// Decides on a signal, with a note that the rep reads.
    pub async fn answer_signal(
        &self,
        id: RecordId,
        upheld: bool,
        note: &str,
    ) -> Result<SignalRecord, AskError> {
        let (seen, mut signal) = match self.standing(RecordKind::Signal, id).await? {
            Some(Standing { seen, record: Record::Signal(signal) }) => (seen, signal),
            _ => return Err(AskError::Unknown { what: "signal", id }),
        };
        let rep = self.office.user(signal.rep).await?;
        self.leads_person(signal.rep, rep.as_ref())?;
        if let Some(answer) = &signal.answer {
            return Err(AskError::Already { yes: answer.upheld, by: answer.by });
        }
        let note = text::note(note.trim())?;
        signal.answer =
            Some(SignalAnswer { upheld, by: self.by_id(), at: self.office.now(), note });
        let record = Record::Signal(signal.clone());
        self.write_answer(vec![seen], vec![record], "signal.answered", upheld).await?;
        Ok(signal)
    }

    /// Whether this reader leads `person`.
    pub(super) fn leads_person(
        &self,
        person: UserId,
        known: Option<&UserRecord>,
    ) -> Result<(), Refusal> {
        let By::Person(by) = &self.by else { return Ok(()) };
        if by.id == person {
            return Err(Refusal::Oneself);
        }
        if !Self::places(by.role) {
            return Err(Refusal::Places);
        }
        let over = known.and_then(main_unit).is_some_and(|unit| self.led.contains(&unit));
        if self.does_everything() || over {
            return Ok(());
        }
        let name = known.map_or_else(|| person.to_string(), |person| person.name.clone());
        Err(Refusal::OtherUnit { name })
    }

    /// Whether this reader decides on targets of a level. A unit's target is the concern of
    /// whoever leads the unit above; the org's that of whoever leads the top.
    pub(super) async fn sets(&self, level: TargetLevel) -> Result<(), AskError> {
        let By::Person(by) = &self.by else { return Ok(()) };
        if self.does_everything() {
            return Ok(());
        }
        let unit = match level {
            TargetLevel::Rep(rep) => {
                let person = self.office.user(rep).await?;
                return Ok(self.leads_person(rep, person.as_ref())?);
            }
            TargetLevel::Unit(unit) => unit,
            TargetLevel::Org => {
                let top = self.units.values().find(|unit| unit.parent.is_none());
                let top = top.map(|unit| unit.id);
                return match top.filter(|top| self.led.contains(top)) {
                    Some(_) if by.role == Role::Manager => Ok(()),
                    _ => Err(Refusal::Places.into()),
                };
            }
        };
        let own = by.units.contains(&unit) && by.role != Role::Manager;
        if self.led.contains(&unit) && !own {
            return Ok(());
        }
        Err(Refusal::NotYours { name: self.unit_name(unit) }.into())
    }

    /// Whose card it is: the reader's own.
    fn rep(&self) -> Result<UserId, AskError> {
        match &self.by {
            By::Person(by) if by.role == Role::Rep => Ok(by.id),
            _ => Err(AskError::NoRep),
        }
    }

    fn approval(&self, approved: bool, note: Option<String>) -> Result<Approval, AskError> {
        let note = note.as_deref().map(str::trim).filter(|note| !note.is_empty());
        let note = note.map(text::note).transpose()?;
        Ok(Approval { approved, by: self.by_id(), at: self.office.now(), note })
    }

    async fn target(&self, id: RecordId) -> Result<(Seen, TargetRecord), AskError> {
        match self.standing(RecordKind::Target, id).await? {
            Some(Standing { seen, record: Record::Target(target) }) => Ok((seen, target)),
            _ => Err(AskError::Unknown { what: "target", id }),
        }
    }

    async fn adjustment(
        &self,
        id: RecordId,
    ) -> Result<Option<(Seen, AdjustmentRecord)>, StorageError> {
        Ok(match self.standing(RecordKind::Adjustment, id).await? {
            Some(Standing { seen, record: Record::Adjustment(asked) }) => Some((seen, asked)),
            _ => None,
        })
    }

    async fn contest(&self, id: RecordId) -> Result<Option<(Seen, ContestRecord)>, StorageError> {
        Ok(match self.standing(RecordKind::Contest, id).await? {
            Some(Standing { seen, record: Record::Contest(contest) }) => Some((seen, contest)),
            _ => None,
        })
    }

    async fn standing(
        &self,
        kind: RecordKind,
        id: RecordId,
    ) -> Result<Option<Standing>, StorageError> {
        let row = self.office.app.storage().record(self.office.org, kind, id).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Standing { seen: (kind, id, row.version), record: read(&row)? }))
    }

    /// Writes an answer, unless what it was given on is another by now.
    async fn write_answer(
        &self,
        seen: Vec<Seen>,
        records: Vec<Record>,
        what: &str,
        yes: bool,
    ) -> Result<(), AskError> {
        let office = &self.office;
        let id = records.first().map(Record::id);
        let storage = office.app.storage();
        if !storage.write_records_if(office.org, seen, records, office.now()).await? {
            return Err(AskError::Busy);
        }
        let said = if yes { "yes" } else { "no" };
        if let Some(id) = id {
            self.note(what, id, None, Some(said.to_owned())).await?;
        }
        Ok(())
    }

    /// When something was asked on the command line: now.
    pub fn asked_at(&self) -> Timestamp {
        self.office.now()
    }
}

fn unanswered(answer: Option<&Approval>) -> Result<(), AskError> {
    match answer {
        Some(answer) => Err(AskError::Already { yes: answer.approved, by: answer.by }),
        None => Ok(()),
    }
}

fn rated(rating: Option<u8>) -> Result<(), AskError> {
    match rating {
        Some(rating) if !(1..=5).contains(&rating) => Err(AskError::Rating { rating }),
        _ => Ok(()),
    }
}
