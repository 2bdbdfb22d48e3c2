//! Meetings of a team, with what was decided.

use client_core::id::{RecordId, UnitId, UserId};
use client_core::time::{Date, Timestamp};

/// A meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingRow {
    /// Which.
    pub id: RecordId,
    /// Of a unit and those below it; of the whole org if absent.
    pub unit: Option<UnitId>,
    /// The period that it looked at.
    pub period: String,
    /// When it was held.
    pub held_on: Date,
    /// When it was entered.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: Option<UserId>,
}

/// Something that a meeting decided, or gave somebody to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingItem {
    /// Which.
    pub id: RecordId,
    /// Of which meeting.
    pub meeting: RecordId,
    /// What kind.
    pub kind: ItemKind,
    /// In words; empty once who was to do it was erased.
    pub text: String,
    /// Who does it.
    pub owner: Option<UserId>,
    /// By when.
    pub due: Option<Date>,
    /// When it was entered.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: Option<UserId>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

/// What an item of a meeting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// What was agreed.
    Decision,
    /// What somebody does by a day (S2: 会议决议 must be done).
    Action,
}

impl ItemKind {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Action => "action",
        }
    }

    /// The kind with this code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Decision, Self::Action].into_iter().find(|kind| kind.as_str() == code)
    }
}
