//! Targets across the border, and what people ask for: other targets, another look at a
//! line of their card.

use std::collections::HashMap;

use client_core::engine::{AdjustmentEntry, AskState, Asking, ContestEntry, Reached, TargetEntry};
use client_core::id::RecordId;
use client_core::protocol::Question;
use client_core::records::Approval;
use client_core::rules::{FigureUnit, Pace, PaceSide};

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;

/// A target.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TargetRow {
    /// Its id; what `ask_target` takes.
    pub id: String,
    /// Whose it is: a person's or a unit's name; none for the whole org's.
    pub whose: Option<String>,
    /// It is my own.
    pub mine: bool,
    /// What is counted: `sales_amount`, `effective_visits`, …
    pub metric: String,
    /// For when: `2026-10`, `2026-Q4`, `2026`, …
    pub period: String,
    /// What its value counts: `minor_units` of the org's currency, `count`, `basis_points`
    /// or `hundredths`.
    pub unit: String,
    /// The value to be reached, in its unit.
    pub value: i64,
    /// Its period runs today.
    pub running: bool,
    /// What part of the whole it is for, such as `region` and `East`; empty for all of it.
    pub dimension: HashMap<String, String>,
    /// What is reached so far, in the value's unit. Only of my own whole targets, once
    /// everything is on this phone, for a period that runs now or was asked for.
    pub actual: Option<i64>,
    /// Reached ÷ target in basis points; none where nothing is known to be reached.
    pub attainment_bp: Option<i64>,
    /// Against the working days that have passed; none for what does not grow day by day.
    pub pace: Option<PaceRow>,
}

/// How fast a target is being reached (a pace of 10,000 reaches it on the last day).
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PaceRow {
    /// Reached ÷ (target × working days passed ÷ working days), in basis points; none on a
    /// day before which nothing was to be reached.
    pub pace_bp: Option<i64>,
    /// Working days of the period.
    pub working_days: i64,
    /// Those that have passed, today included.
    pub elapsed_days: i64,
    /// `below` or `above` where the pace lies outside what the policy calls normal.
    pub outside: Option<String>,
    /// It lay outside on the same side a week ago too: a reason to ask for another target.
    pub serious: bool,
}

/// How far something that somebody asked for has come.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum AskedState {
    /// On this phone; the server has not heard of it.
    Waiting,
    /// The server did not take it; `dismiss_request` lets go of it.
    Refused {
        /// Why, in English as the server says it.
        reason: String,
    },
    /// At the server, and nobody has answered.
    Open,
    /// The answer is yes.
    Accepted,
    /// The answer is no.
    Declined,
}

/// A request for another target.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AdjustmentRow {
    /// The request; what `answer_adjustment` takes, and `dismiss_request` where it was
    /// refused.
    pub id: String,
    /// The target.
    pub target: String,
    /// What the target counts; none where the target is not on this phone.
    pub metric: Option<String>,
    /// What the values count, as `TargetRow` says; none where the target is not on this
    /// phone.
    pub unit: Option<String>,
    /// The target's period; none where the target is not on this phone.
    pub period: Option<String>,
    /// The target's value when it was asked, in the metric's unit.
    pub was: i64,
    /// The value asked for, in the metric's unit.
    pub wanted: i64,
    /// Why.
    pub reason: String,
    /// The name of whoever asks; none for the office.
    pub by: Option<String>,
    /// I asked.
    pub mine: bool,
    /// When it was asked, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// How far it has come.
    pub state: AskedState,
    /// What the answer says besides yes or no.
    pub note: Option<String>,
    /// It waits for an answer that I may give.
    pub may_answer: bool,
}

/// An objection to a line of a card.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ContestRow {
    /// The objection; what `answer_contest` takes, and `dismiss_request` where it was refused.
    pub id: String,
    /// The card's period, for example `2026-10`.
    pub period: String,
    /// The line: the indicator's code.
    pub line: String,
    /// The points of the line when it was contested, in hundredths.
    pub centipoints: Option<i64>,
    /// Why it is wrong.
    pub reason: String,
    /// The visits, deals, customers or cases that show it.
    pub evidence: Vec<String>,
    /// The name of whoever objects: it is their card.
    pub by: Option<String>,
    /// It is mine.
    pub mine: bool,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// How far it has come. A yes says that the facts will be put right; no answer changes
    /// a figure by itself.
    pub state: AskedState,
    /// What the answer says besides yes or no.
    pub note: Option<String>,
    /// It waits for an answer that I may give.
    pub may_answer: bool,
}

#[uniffi::export]
impl FieldClient {
    /// The published targets that concern me: my own, my units', the whole, and those of
    /// whom I lead; of one period such as `2026-10`, or of all. My own say how far they are.
    #[uniffi::method(default(period = None))]
    pub fn targets(&self, period: Option<String>) -> Result<Vec<TargetRow>, FieldError> {
        let period = period.as_deref().map(convert::parse).transpose()?;
        Ok(self.client.targets(period)?.into_iter().map(target_row).collect())
    }

    /// Asks for another value of a target, in the metric's unit, also without signal; it
    /// holds once it was approved. `adjustments` says how far that is.
    pub fn ask_target(
        &self,
        target: String,
        wanted: i64,
        reason: String,
    ) -> Result<(), FieldError> {
        self.client.ask_target(convert::parse(&target)?, wanted, &reason)?;
        Ok(())
    }

    /// Requests for other targets: mine from the moment I asked, and those of whom I lead.
    /// What is not answered first, then the newest.
    pub fn adjustments(&self) -> Result<Vec<AdjustmentRow>, FieldError> {
        Ok(self.client.adjustments()?.into_iter().map(adjustment_row).collect())
    }

    /// Answers a request for another target of somebody I lead, also without signal; a yes
    /// changes the target once the server has it.
    #[uniffi::method(default(note = None))]
    pub fn answer_adjustment(
        &self,
        id: String,
        accepted: bool,
        note: Option<String>,
    ) -> Result<(), FieldError> {
        let id: RecordId = convert::parse(&id)?;
        self.client.answer_asked(Question::Adjustment, id, accepted, note)?;
        Ok(())
    }

    /// Objects to a line of my own card as it stands on this phone, with documents that
    /// show why; also without signal. `contests` says what becomes of it.
    #[uniffi::method(default(evidence = []))]
    pub fn contest_line(
        &self,
        period: String,
        line: String,
        reason: String,
        evidence: Vec<String>,
    ) -> Result<(), FieldError> {
        let (period, evidence) = (convert::parse(&period)?, convert::parsed(&evidence)?);
        self.client.contest_line(period, &line, &reason, evidence)?;
        Ok(())
    }

    /// Objections to lines of cards: mine from the moment I made them, and those of whom I
    /// lead. What is not answered first, then the newest.
    pub fn contests(&self) -> Result<Vec<ContestRow>, FieldError> {
        Ok(self.client.contests()?.into_iter().map(contest_row).collect())
    }

    /// Answers an objection of somebody I lead, also without signal. A yes says that the
    /// facts will be put right: no answer changes a figure by itself.
    #[uniffi::method(default(note = None))]
    pub fn answer_contest(
        &self,
        id: String,
        accepted: bool,
        note: Option<String>,
    ) -> Result<(), FieldError> {
        let id: RecordId = convert::parse(&id)?;
        self.client.answer_asked(Question::Contest, id, accepted, note)?;
        Ok(())
    }
}

fn target_row(entry: TargetEntry) -> TargetRow {
    let target = entry.target;
    let (actual, attainment, pace) = match entry.reached {
        Some(Reached { actual, attainment, pace }) => (Some(actual), attainment, pace),
        None => (None, None, None),
    };
    TargetRow {
        id: target.id.to_string(),
        whose: entry.whose,
        mine: entry.mine,
        metric: target.metric.to_string(),
        period: target.period.to_string(),
        unit: FigureUnit::of(&target.metric).as_str().to_owned(),
        value: target.value,
        running: entry.running,
        dimension: target.dimension.into_iter().collect(),
        actual,
        attainment_bp: attainment.map(|share| share.0),
        pace: pace.as_ref().map(pace_row),
    }
}

fn pace_row(pace: &Pace) -> PaceRow {
    PaceRow {
        pace_bp: pace.pace.map(|share| share.0),
        working_days: pace.working_days,
        elapsed_days: pace.elapsed_days,
        outside: pace.outside.map(|side| {
            let side = match side {
                PaceSide::Below => "below",
                PaceSide::Above => "above",
            };
            side.to_owned()
        }),
        serious: pace.serious,
    }
}

fn adjustment_row(entry: AdjustmentEntry) -> AdjustmentRow {
    let AdjustmentEntry { adjustment, target, asking } = entry;
    let Asking { name, mine, state, may_answer } = asking;
    AdjustmentRow {
        id: adjustment.id.to_string(),
        target: adjustment.target.to_string(),
        metric: target.as_ref().map(|target| target.metric.to_string()),
        unit: target.as_ref().map(|target| FigureUnit::of(&target.metric).as_str().to_owned()),
        period: target.as_ref().map(|target| target.period.to_string()),
        was: adjustment.was,
        wanted: adjustment.wanted,
        reason: adjustment.reason,
        by: name,
        mine,
        at_ms: adjustment.at.millis(),
        state: asked_state(state),
        note: note(adjustment.answer),
        may_answer,
    }
}

fn contest_row(entry: ContestEntry) -> ContestRow {
    let ContestEntry { contest, asking } = entry;
    let Asking { name, mine, state, may_answer } = asking;
    ContestRow {
        id: contest.id.to_string(),
        period: contest.period.to_string(),
        line: contest.line,
        centipoints: contest.centipoints,
        reason: contest.reason,
        evidence: contest.evidence.iter().map(ToString::to_string).collect(),
        by: name,
        mine,
        at_ms: contest.at.millis(),
        state: asked_state(state),
        note: note(contest.answer),
        may_answer,
    }
}

fn asked_state(state: AskState) -> AskedState {
    match state {
        AskState::Waiting => AskedState::Waiting,
        AskState::Refused { reason } => AskedState::Refused { reason },
        AskState::Open => AskedState::Open,
        AskState::Accepted => AskedState::Accepted,
        AskState::Declined => AskedState::Declined,
    }
}

fn note(answer: Option<Approval>) -> Option<String> {
    answer.and_then(|answer| answer.note)
}
