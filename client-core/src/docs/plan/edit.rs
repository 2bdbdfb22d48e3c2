//! The intents that write a plan document.

use super::layout::{ABOUT, HELP_REQUESTS, KEY_TASKS_MAP, REPORT, STOPS};
use super::{KeyTask, Stop};
use crate::docs::EditError;
use crate::docs::edit::{Writer, record_items, setters};
use crate::docs::field::Key;
use crate::docs::visit::HelpRequest;
use crate::id::{DocId, ItemId, UserId};
use crate::time::{CapturedAt, Date};

/// Key tasks of a day (S1: three each morning). Two devices that add tasks
/// without seeing each other can still pass it; the screen shows them all.
pub const KEY_TASKS: usize = 3;

/// Intents on one day plan, inside [`Document::edit_plan`](crate::docs::Document::edit_plan).
pub struct PlanEdit<'d> {
    pub(crate) writer: Writer<'d>,
}

impl<'d> PlanEdit<'d> {
    pub(crate) const fn begin(writer: Writer<'d>) -> Self {
        Self { writer }
    }

    #[expect(clippy::unnecessary_wraps, reason = "the setters also serve visits, which close")]
    const fn open(&mut self) -> Result<&mut Writer<'d>, EditError> {
        Ok(&mut self.writer)
    }

    setters! {
        ABOUT {
            set_date: "date" Date;
        }
        REPORT {
            set_report_progress: "progress" &str;
            set_report_obstacles: "obstacles" &str;
            set_report_gap_reason: "gap_reason" &str;
        }
    }

    record_items! {
        KEY_TASKS_MAP { remove remove_key_task, KeyTask {
            set_key_task_text: "text" &str;
            set_key_task_customer: "customer" DocId;
            set_key_task_done: "done" bool;
            set_key_task_order: "order" i64;
        } }
        STOPS { add add_stop, remove remove_stop, Stop {
            set_stop_customer: "customer" DocId;
            set_stop_order: "order" i64;
            set_stop_objective: "objective" &str;
            set_stop_visit: "visit" DocId;
            set_stop_skipped_reason: "skipped_reason" &str;
        } }
        HELP_REQUESTS { add add_help_request, remove remove_help_request, HelpRequest {
            set_help_request_kind: "kind" &str;
            set_help_request_text: "text" &str;
            set_help_request_asked_of: "asked_of" UserId;
        } }
    }

    /// Adds a key task; a day has three.
    pub fn add_key_task(&mut self, id: ItemId, task: &KeyTask) -> Result<(), EditError> {
        let map = self.writer.root(KEY_TASKS_MAP);
        if map.len() >= KEY_TASKS && !map.has(&id.to_key()) {
            return Err(EditError::TooManyKeyTasks { limit: KEY_TASKS });
        }
        self.writer.add(KEY_TASKS_MAP, &id, task)
    }

    /// The stop was fulfilled by a visit.
    pub fn stop_done(&mut self, stop: ItemId, visit: DocId) -> Result<(), EditError> {
        self.set_stop_skipped_reason(stop, None)?;
        self.set_stop_visit(stop, Some(visit))
    }

    /// The stop did not happen.
    pub fn stop_skipped(&mut self, stop: ItemId, reason: &str) -> Result<(), EditError> {
        self.set_stop_skipped_reason(stop, Some(reason))
    }

    /// Submits the evening's report; submitting again moves the time.
    pub fn submit_report(&mut self, at: &CapturedAt) -> Result<(), EditError> {
        self.writer.root(REPORT).set("submitted_at", Some(at))
    }
}
