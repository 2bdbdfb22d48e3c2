//! Meetings of a team: opening one, what it decides, what becomes of it (S1, S2 周会).
//!
//! Whoever sees the work of a unit holds its meetings; the caller has proven that. Ids may
//! come from whoever asks, so that asking again after an answer was lost finds what is
//! there.

use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::time::Date;

use super::{Office, TextError, text};
use crate::reports::periodic::Kind;
use crate::storage::model::{ItemKind, MeetingItem, MeetingRow};
use crate::storage::{Meetings, StorageError};

/// What a meeting decides, or gives somebody to do.
#[derive(Debug, Clone)]
pub struct NewItem {
    /// Which it will be.
    pub id: RecordId,
    /// Of which meeting.
    pub meeting: RecordId,
    /// In words.
    pub text: String,
    /// Who does it by when; a decision without it.
    pub action: Option<(UserId, Date)>,
}

/// Why a meeting, or what it decided, was not kept. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum MeetingError {
    /// A meeting looks at a week, month or quarter that has begun.
    #[error("{period} is no week, month or quarter that has begun")]
    Period {
        /// What was given.
        period: Period,
    },
    /// There is no such meeting, or nothing of that id in it.
    #[error("there is no {what} {id}")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// What was given.
        id: RecordId,
    },
    /// The words cannot be kept.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The report that a meeting about this period looks at.
pub(crate) fn agenda_of(period: Period) -> Option<Kind> {
    [Kind::Weekly, Kind::Monthly, Kind::Quarterly].into_iter().find(|kind| kind.is_of(period))
}

impl Office {
    /// Opens a meeting about a period, today.
    pub(crate) async fn hold_meeting(
        &self,
        id: RecordId,
        unit: Option<UnitId>,
        period: Period,
        by: UserId,
    ) -> Result<MeetingRow, MeetingError> {
        let today = self.today().await?;
        if agenda_of(period).is_none() || today < period.first_day() {
            return Err(MeetingError::Period { period });
        }
        let row = MeetingRow {
            id,
            unit,
            period: period.to_string(),
            held_on: today,
            made_at: self.now(),
            made_by: Some(by),
        };
        let storage = self.app.storage();
        storage.hold(self.org, row).await?;
        let found = storage.meeting(self.org, id).await?;
        found.map(|(row, _items)| row).ok_or(MeetingError::Unknown { what: "meeting", id })
    }

    /// Keeps what a meeting decided.
    pub(crate) async fn decide_at(
        &self,
        wanted: NewItem,
        by: UserId,
    ) -> Result<MeetingItem, MeetingError> {
        let NewItem { id, meeting, text, action } = wanted;
        let item = MeetingItem {
            id,
            meeting,
            kind: if action.is_some() { ItemKind::Action } else { ItemKind::Decision },
            text: text::note(text.trim())?,
            owner: action.map(|(owner, _due)| owner),
            due: action.map(|(_owner, due)| due),
            made_at: self.now(),
            made_by: Some(by),
            done_at: None,
        };
        self.app.storage().decide_at_meeting(self.org, item).await?;
        self.item(meeting, id).await
    }

    /// An action was done; or was not, where `done` is false.
    pub(crate) async fn finish_action(
        &self,
        meeting: RecordId,
        item: RecordId,
        done: bool,
        by: UserId,
    ) -> Result<MeetingItem, MeetingError> {
        let standing = self.item(meeting, item).await?;
        if standing.done_at.is_some() == done {
            return Ok(standing);
        }
        if standing.kind != ItemKind::Action {
            return Err(MeetingError::Unknown { what: "action", id: item });
        }
        // Who was faster did the same.
        self.app.storage().finish_action(self.org, item, done, by, self.now()).await?;
        self.item(meeting, item).await
    }

    async fn item(&self, meeting: RecordId, id: RecordId) -> Result<MeetingItem, MeetingError> {
        let found = self.app.storage().meeting(self.org, meeting).await?;
        let items = found.map(|(_row, items)| items).unwrap_or_default();
        let own = items.into_iter().find(|item| item.id == id);
        own.ok_or(MeetingError::Unknown { what: "action", id })
    }
}
