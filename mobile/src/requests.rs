//! Requests to the server across the border: what waits for an answer, what was refused.

use client_core::engine::{CommandState, RequestEntry};

use crate::client::FieldClient;
use crate::convert;
use crate::error::FieldError;

/// A request that the server has not taken.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RequestRow {
    /// Its id; what `dismiss_request` takes.
    pub id: String,
    /// What is asked: `review_visit`, `judge_visit`, `ask_target`, `contest_line`,
    /// `assess_self`, `step_appraisal`, `answer_asked` or `decide_quarantine`.
    pub kind: String,
    /// When it was asked, milliseconds since 1970 UTC.
    pub asked_at_ms: i64,
    /// Why the server refused it, in English as it says it; none while it waits.
    pub refused: Option<String>,
}

#[uniffi::export]
impl FieldClient {
    /// Requests that the server has not taken, oldest first: those that wait, and those
    /// it refused, with the reason.
    pub fn requests(&self) -> Result<Vec<RequestRow>, FieldError> {
        Ok(self.client.requests()?.into_iter().map(row).collect())
    }

    /// Lets go of a request that was refused, once whoever asked has seen it. True if
    /// there was one; what still waits stays.
    pub fn dismiss_request(&self, id: String) -> Result<bool, FieldError> {
        Ok(self.client.dismiss_request(convert::parse(&id)?)?)
    }
}

fn row(entry: RequestEntry) -> RequestRow {
    RequestRow {
        id: entry.id.to_string(),
        kind: entry.kind,
        asked_at_ms: entry.asked_at.millis(),
        refused: match entry.state {
            CommandState::Refused { reason } => Some(reason),
            CommandState::Saved | CommandState::Taken => None,
        },
    }
}
