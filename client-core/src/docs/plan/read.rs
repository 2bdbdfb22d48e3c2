//! Total reading of a plan document.

use super::layout::{ABOUT, HELP_REQUESTS, KEY_TASKS_MAP, REPORT, STOPS};
use super::{DailyReport, KeyTask, PlanState, Stop};
use crate::docs::read::{Reader, Record, record};
use crate::docs::{Document, Hydrated};

impl PlanState {
    /// Reads a plan document. What cannot be read becomes a fault.
    pub fn read(document: &Document) -> Hydrated<Self> {
        Self::read_from(Reader::new(document))
    }

    pub(crate) fn read_from(reader: Reader<'_>) -> Hydrated<Self> {
        let state = Self {
            date: reader.root(ABOUT).take("date"),
            key_tasks: reader.records(KEY_TASKS_MAP),
            stops: reader.records(STOPS),
            report: DailyReport::read(&mut reader.root(REPORT)),
            help_requests: reader.records(HELP_REQUESTS),
        };
        reader.finish(state)
    }
}

record!(KeyTask { text, customer, done, order });
record!(Stop { customer, order, objective, visit, skipped_reason });
record!(DailyReport { progress, obstacles, gap_reason, submitted_at });
