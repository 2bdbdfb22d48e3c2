//! What to do next across the border: whom to visit, what is due, what is asked.

use client_core::engine::AgendaItem;
use client_core::id::UserId;
use client_core::protocol::Question;
use client_core::records::{SignalRecord, VoidRecord};
use client_core::rules::{Risk, Task, TaskState};

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;
use crate::rows::{CustomerRow, GpsFix};

/// A customer to visit, and why.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AgendaRow {
    /// The customer.
    pub customer: CustomerRow,
    /// `overdue`, `never`, `follow_up`, `on_track`, `no_rule`, or `unknown` until
    /// everything is on this phone.
    pub status: String,
    /// Every reason to go there, the strongest first: `red`, `promise_overdue`, `overdue`,
    /// `never`, `yellow`, `promise_due`, `follow_up`.
    pub reasons: Vec<String>,
    /// The day of the last visit that counts, `YYYY-MM-DD`.
    pub last_visit: Option<String>,
    /// Days since then, or since the customer is known.
    pub days: Option<i64>,
    /// The danger it is in: `yellow` or `red`.
    pub risk: Option<String>,
    /// The first day on which a callback or a promised step is due, `YYYY-MM-DD`.
    pub promised_on: Option<String>,
    /// How far away, in millimetres, where both places are known.
    pub distance_mm: Option<i64>,
}

/// Something to be done by a day. It goes when a fact resolves it; nothing is ticked.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ReminderRow {
    /// The same for the same thing, whenever it is read.
    pub id: String,
    /// `callback`, `follow_up`, `first_reply`, `stale_lead`, `stalled_deal`, `hygiene`,
    /// `missing_report` or `key_tasks`.
    pub kind: String,
    /// Its time is over.
    pub overdue: bool,
    /// The customer it is about.
    pub customer: Option<String>,
    /// The deal, visit, case or plan it is about.
    pub subject: Option<String>,
    /// The last instant at which it is in time, milliseconds since 1970 UTC.
    pub due_at_ms: i64,
    /// The day of that, `YYYY-MM-DD`.
    pub due_on: String,
}

/// A question about work that looks odd. It changes no score until a leader has upheld
/// it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SignalRow {
    /// The question; what answering takes.
    pub id: String,
    /// `mock`, `travel`, `overlap`, `photo`, …
    pub kind: String,
    /// Whose work it is about, by id.
    pub rep: String,
    /// The visits or deals it is about.
    pub subjects: Vec<String>,
    /// The business day it belongs to, `YYYY-MM-DD`.
    pub on: String,
    /// The figure behind it, such as minutes or a count, as the kind says.
    pub measure: Option<i64>,
    /// The visits do not count; none while it waits.
    pub upheld: Option<bool>,
    /// Why, for the rep to read.
    pub note: Option<String>,
}

#[uniffi::export]
impl FieldClient {
    /// Whom to visit next, most urgent first; of equals the nearest first where the
    /// phone says where it is. Works offline.
    #[uniffi::method(default(limit = 50, here = None))]
    pub fn agenda(&self, limit: u32, here: Option<GpsFix>) -> Result<Vec<AgendaRow>, FieldError> {
        let here = here.as_ref().map(convert::fix).transpose()?.map(|fix| fix.point);
        Ok(self.client.agenda_near(limit, here)?.into_iter().map(agenda_row).collect())
    }

    /// What is to be done by when, overdue first. Empty until everything is on this phone.
    #[uniffi::method(default(limit = 50))]
    pub fn reminders(&self, limit: u32) -> Result<Vec<ReminderRow>, FieldError> {
        Ok(self.client.reminders(limit)?.iter().map(reminder_row).collect())
    }

    /// What of the work of the people I lead waits for me: late callbacks and answers,
    /// missing reports, leads and deals that stand still, customers in danger. Empty for
    /// who leads nobody.
    pub fn team_desk(&self) -> Result<TeamDesk, FieldError> {
        let desk = self.client.team_desk()?;
        Ok(TeamDesk {
            reminders: desk
                .reminders
                .iter()
                .map(|(rep, task)| TeamReminderRow {
                    rep: rep.to_string(),
                    reminder: reminder_row(task),
                })
                .collect(),
            risks: desk.risks.iter().map(|(rep, risk)| team_risk(*rep, risk)).collect(),
            unknown: desk.unknown.iter().map(ToString::to_string).collect(),
        })
    }

    /// Plans how a customer in danger is kept: what is done, by whom (a person's id), and
    /// until when, `YYYY-MM-DD`.
    #[uniffi::method(default(owner = None, due = None))]
    pub fn plan_recovery(
        &self,
        customer: String,
        plan: String,
        owner: Option<String>,
        due: Option<String>,
    ) -> Result<(), FieldError> {
        let owner = owner.as_deref().map(convert::parse).transpose()?;
        let due = due.as_deref().map(convert::parse).transpose()?;
        self.client.plan_recovery(convert::parse(&customer)?, &plan, owner, due)?;
        Ok(())
    }

    /// The plan was carried out, today.
    pub fn finish_recovery(&self, customer: String) -> Result<(), FieldError> {
        self.client.finish_recovery(convert::parse(&customer)?)?;
        Ok(())
    }

    /// What looks odd in my own work and in that of the people I lead, open ones first.
    pub fn signals(&self) -> Result<Vec<SignalRow>, FieldError> {
        Ok(self.client.signals()?.into_iter().map(signal_row).collect())
    }

    /// Answers such a question, also without signal: `upheld` takes what it is about
    /// out of the count. The answer comes with a later sync.
    pub fn answer_signal(&self, id: String, upheld: bool, note: String) -> Result<(), FieldError> {
        self.client.answer_asked(Question::Signal, convert::parse(&id)?, upheld, Some(note))?;
        Ok(())
    }

    /// Settles a visit under review of somebody I lead, also without signal; its rep reads
    /// the note. Accepting does not supply what a visit lacks.
    pub fn judge_visit(
        &self,
        visit: String,
        accepted: bool,
        note: String,
    ) -> Result<(), FieldError> {
        self.client.judge_visit(convert::parse(&visit)?, accepted, &note)?;
        Ok(())
    }

    /// What a leader decided about a visit, if that stands.
    pub fn ruling(&self, visit: String) -> Result<Option<RulingRow>, FieldError> {
        Ok(self.client.ruling(convert::parse(&visit)?)?.map(ruling_row))
    }
}

/// What waits for a leader.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TeamDesk {
    /// What to remind somebody of, overdue first.
    pub reminders: Vec<TeamReminderRow>,
    /// Customers in danger, red first.
    pub risks: Vec<TeamRiskRow>,
    /// People, by id, of whom nothing can be said yet: not everything of their unit is here.
    pub unknown: Vec<String>,
}

/// A reminder and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TeamReminderRow {
    /// Whose, by id.
    pub rep: String,
    /// The reminder.
    pub reminder: ReminderRow,
}

/// A customer in danger and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct TeamRiskRow {
    /// Whose, by id.
    pub rep: String,
    /// The customer, by id.
    pub customer: String,
    /// `yellow` or `red`; red needs a plan.
    pub level: String,
    /// Why: `overdue`, `long_overdue`, `complaints`, `complaint_open`, `no_visit`, `no_order`,
    /// `low_score`, `competitor`, `marked_at_risk`.
    pub reasons: Vec<String>,
    /// Since when, `YYYY-MM-DD`.
    pub since: String,
}

fn team_risk(rep: UserId, risk: &Risk) -> TeamRiskRow {
    TeamRiskRow {
        rep: rep.to_string(),
        customer: risk.customer.to_string(),
        level: risk.level.as_str().to_owned(),
        reasons: risk.reasons.iter().map(|reason| reason.as_str().to_owned()).collect(),
        since: risk.since.to_string(),
    }
}

/// What a leader decided about a visit.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RulingRow {
    /// It counts, as far as it lacks nothing; it does not otherwise.
    pub accepted: bool,
    /// Whose decision it is, by id; none where the server's own administrator took it.
    pub by: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Why, for the rep to read.
    pub note: String,
}

fn agenda_row(item: AgendaItem) -> AgendaRow {
    AgendaRow {
        customer: convert::customer_row(item.customer),
        status: item.due.status.as_str().to_owned(),
        reasons: item.reasons.iter().map(|why| why.as_str().to_owned()).collect(),
        last_visit: item.due.last_visit.map(|day| day.to_string()),
        days: item.due.days,
        risk: item.risk.map(|level| level.as_str().to_owned()),
        promised_on: item.promised_on.map(|day| day.to_string()),
        distance_mm: item.distance_mm,
    }
}

fn reminder_row(task: &Task) -> ReminderRow {
    ReminderRow {
        id: task.id.clone(),
        kind: task.kind.as_str().to_owned(),
        overdue: task.state == TaskState::Overdue,
        customer: task.customer.map(|customer| customer.to_string()),
        subject: task.subject.map(|subject| subject.to_string()),
        due_at_ms: task.due_at.millis(),
        due_on: task.due_on.to_string(),
    }
}

fn ruling_row(ruled: VoidRecord) -> RulingRow {
    RulingRow {
        accepted: !ruled.ruling.is_against(),
        by: ruled.by.map(|by| by.to_string()),
        at_ms: ruled.at.millis(),
        note: ruled.reason,
    }
}

fn signal_row(signal: SignalRecord) -> SignalRow {
    let (upheld, note) = signal.answer.map(|answer| (answer.upheld, answer.note)).unzip();
    SignalRow {
        id: signal.id.to_string(),
        kind: signal.kind.to_string(),
        rep: signal.rep.to_string(),
        subjects: signal.subjects.iter().map(ToString::to_string).collect(),
        on: signal.on.to_string(),
        measure: signal.measure,
        upheld,
        note,
    }
}
