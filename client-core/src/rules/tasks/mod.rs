//! Reminders: what is to be done by when, so that no customer is missed (S1).
//!
//! A reminder that is ticked off says that somebody ticked. So nothing here can be
//! ticked: a reminder follows from facts and goes when a fact resolves it, a callback
//! when the customer was called after signing. The list is bounded: what was due more
//! than 60 days ago is no reminder any more, and what is due in more than 180 days is
//! none yet.

mod callback;
mod day;
mod deal;
mod follow_up;
mod gate;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use gate::{GateWarning, gates_ahead};

use crate::docs::deal::Priority;
use crate::id::DocId;
use crate::rules::effective_visit::Judged;
use crate::rules::facts::{FactRef, Facts};
use crate::rules::policy::Policy;
use crate::time::{Date, Timestamp};

/// Due longer ago than this, a reminder is forgotten.
const PAST_DAYS: i64 = 60;
/// Due later than this, it is not one yet.
const AHEAD_DAYS: i64 = 180;

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The same for the same thing, whenever and wherever it is computed.
    pub id: String,
    /// What kind of reminder.
    pub kind: TaskKind,
    /// How it stands.
    pub state: TaskState,
    /// The customer it is about.
    pub customer: Option<DocId>,
    /// The deal, visit, case or plan it is about.
    pub subject: Option<DocId>,
    /// It came up on.
    pub opened_on: Date,
    /// The last instant at which it is in time.
    pub due_at: Timestamp,
    /// The day of that.
    pub due_on: Date,
    /// The deal's priority.
    pub priority: Option<Priority>,
    /// What it follows from.
    pub facts: Vec<FactRef>,
    /// What resolved it.
    pub resolved_by: Option<FactRef>,
}

impl Task {
    /// Whether it has come to where whoever leads has to know (S1): a callback or an
    /// answer that is late, a report that is missing, a lead or a deal that stands still.
    pub const fn concerns_leader(&self) -> bool {
        match self.kind {
            TaskKind::Callback | TaskKind::FirstReply | TaskKind::MissingReport => {
                matches!(self.state, TaskState::Overdue)
            }
            TaskKind::StaleLead | TaskKind::StalledDeal => {
                !matches!(self.state, TaskState::Resolved)
            }
            TaskKind::FollowUp | TaskKind::Milestone | TaskKind::Hygiene | TaskKind::KeyTasks => {
                false
            }
        }
    }
}

/// What a reminder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Call back after signing (R10).
    Callback,
    /// A next step that somebody promised.
    FollowUp,
    /// A milestone of an open deal, such as a trial, is to be reached (S3).
    Milestone,
    /// Answer a case for the first time (S3).
    FirstReply,
    /// A lead is older than its grade allows: grade it anew (R7).
    StaleLead,
    /// A deal does not move (R8).
    StalledDeal,
    /// A deal was not touched for long (R11).
    Hygiene,
    /// A day with visits has no report (R12).
    MissingReport,
    /// The day has fewer key tasks than it should (S1).
    KeyTasks,
}

impl TaskKind {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Callback => "callback",
            Self::FollowUp => "follow_up",
            Self::Milestone => "milestone",
            Self::FirstReply => "first_reply",
            Self::StaleLead => "stale_lead",
            Self::StalledDeal => "stalled_deal",
            Self::Hygiene => "hygiene",
            Self::MissingReport => "missing_report",
            Self::KeyTasks => "key_tasks",
        }
    }

    /// Whether it tells how a deal stands, for as long as it does (R7, R8, R11), and not
    /// what was to be done on a day.
    const fn is_state(self) -> bool {
        matches!(self, Self::StaleLead | Self::StalledDeal | Self::Hygiene)
    }

    /// The rule it comes from.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Callback => "R10",
            Self::FollowUp | Self::KeyTasks => "S1",
            Self::Milestone => "S3",
            Self::FirstReply => "F13",
            Self::StaleLead => "R7",
            Self::StalledDeal => "R8",
            Self::Hygiene => "R11",
            Self::MissingReport => "R12",
        }
    }
}

/// How a reminder stands. The order is the one of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Its time is over.
    Overdue,
    /// There is still time.
    Open,
    /// A fact resolved it.
    Resolved,
}

/// What reminders are computed from.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub facts: &'a Facts,
    pub policy: &'a Policy,
    pub judged: &'a [Judged<'a>],
    pub horizon: Timestamp,
    /// The period has not ended at the horizon.
    pub open: bool,
}

impl Desk<'_> {
    pub(super) fn today(&self) -> Date {
        self.facts.calendar.zone.date(self.horizon)
    }

    /// The last instant of a day.
    fn end_of(&self, day: Date) -> Timestamp {
        self.facts.calendar.zone.end_of(day)
    }

    fn state(&self, due_at: Timestamp, resolved: bool) -> TaskState {
        if resolved {
            TaskState::Resolved
        } else if due_at < self.horizon {
            TaskState::Overdue
        } else {
            TaskState::Open
        }
    }

    /// The day that is `count` working days after `day`.
    fn working_days_after(&self, day: Date, count: u32) -> Date {
        let mut found = day;
        let mut left = count;
        // A calendar without working days ends somewhere.
        for _ in 0..3_660 {
            if left == 0 {
                break;
            }
            found = found.next();
            if self.facts.calendar.is_working_day(found) {
                left -= 1;
            }
        }
        found
    }
}

/// Every reminder as seen from the horizon: overdue ones first, then by kind,
/// priority, due time and id.
pub(super) fn tasks(desk: Desk<'_>) -> Vec<Task> {
    let today = desk.today();
    let (first, last) = (today.plus_days(-PAST_DAYS), today.plus_days(AHEAD_DAYS));
    let mut tasks = callback::callbacks(desk);
    tasks.extend(follow_up::follow_ups(desk));
    tasks.extend(follow_up::first_replies(desk));
    tasks.extend(deal::deals(desk));
    tasks.extend(day::reports(desk));
    tasks.extend(day::key_tasks(desk));
    // What is generated for a day ends with time; what a deal is like does not pass.
    tasks.retain(|task| (task.kind.is_state() || first <= task.due_on) && task.due_on <= last);
    tasks.sort_by(|a, b| {
        let key = |task: &Task| {
            (task.state, task.kind, task.priority.is_none(), task.priority.clone(), task.due_at)
        };
        key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
    });
    tasks
}

/// R9: stages that were left too early.
pub(super) fn gates(desk: Desk<'_>) -> Vec<GateWarning> {
    gate::gates(desk)
}

/// A task of `kind` about something, with an id that follows from what it is about.
fn id(kind: TaskKind, subject: impl std::fmt::Display) -> String {
    format!("{}:{subject}", kind.as_str())
}
