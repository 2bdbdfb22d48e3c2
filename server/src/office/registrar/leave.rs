//! Days off. They are no working days of the person, so whoever measures pace leaves
//! them out; that is all anybody else learns of them.

use client_core::id::UserId;
use client_core::records::{Leave, Record, UserRecord};
use client_core::time::Date;

use super::{Refusal, Registrar};
use crate::storage::StorageError;

/// Most spans of leave kept for a person: some for each month of twenty years.
const SPANS: usize = 500;

/// Why leave was not noted. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum LeaveError {
    /// There is nobody with this id.
    #[error("there is no person {user}")]
    Unknown {
        /// What was given.
        user: UserId,
    },
    /// It ends before it begins.
    #[error("the leave ends on {until}, before it begins on {from}")]
    Backwards {
        /// The first day.
        from: Date,
        /// The last day.
        until: Date,
    },
    /// More than a working life has.
    #[error("{spans} spans of leave are kept, at most {SPANS} are possible")]
    TooMany {
        /// How many there would be.
        spans: usize,
    },
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Registrar {
    /// Somebody is off on these days; days off that touch become one span.
    pub async fn take_leave(&self, person: UserId, days: Leave) -> Result<UserRecord, LeaveError> {
        self.change_leave(person, days, |leave| joined(leave, days)).await
    }

    /// Somebody works on these days after all; what is left of a span on either side stays.
    pub async fn cancel_leave(
        &self,
        person: UserId,
        days: Leave,
    ) -> Result<UserRecord, LeaveError> {
        self.change_leave(person, days, |leave| without(leave, days)).await
    }

    async fn change_leave(
        &self,
        person: UserId,
        days: Leave,
        change: impl Fn(&[Leave]) -> Vec<Leave>,
    ) -> Result<UserRecord, LeaveError> {
        if days.until < days.from {
            let Leave { from, until } = days;
            return Err(LeaveError::Backwards { from, until });
        }
        let before = self.office.user(person).await?;
        let before = before.ok_or(LeaveError::Unknown { user: person })?;
        self.looks_after(&before)?;
        let leave = change(&before.leave);
        if leave.len() > SPANS {
            return Err(LeaveError::TooMany { spans: leave.len() });
        }
        let after = UserRecord { leave, ..before.clone() };
        if after != before {
            self.office.write(Record::User(after.clone())).await?;
            let detail = format!("{} – {}", days.from, days.until);
            self.note_person("leave", person, None, Some(detail)).await?;
        }
        Ok(after)
    }
}

fn joined(leave: &[Leave], days: Leave) -> Vec<Leave> {
    let mut all = leave.to_vec();
    all.push(days);
    all.sort_unstable();
    let mut joined: Vec<Leave> = Vec::with_capacity(all.len());
    for span in all {
        match joined.last_mut() {
            Some(last) if span.from <= last.until.next() => last.until = last.until.max(span.until),
            _ => joined.push(span),
        }
    }
    joined
}

fn without(leave: &[Leave], days: Leave) -> Vec<Leave> {
    let mut left = Vec::with_capacity(leave.len() + 1);
    for span in leave {
        if span.until < days.from || days.until < span.from {
            left.push(*span);
            continue;
        }
        if span.from < days.from {
            left.push(Leave { until: days.from.plus_days(-1), ..*span });
        }
        if days.until < span.until {
            left.push(Leave { from: days.until.next(), ..*span });
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, until: &str) -> Leave {
        Leave { from: from.parse().unwrap(), until: until.parse().unwrap() }
    }

    #[test]
    fn days_off_that_touch_become_one_span_and_days_taken_back_part_it() {
        let first = joined(&[], span("2026-10-12", "2026-10-14"));
        let longer = joined(&first, span("2026-10-15", "2026-10-16"));
        assert_eq!(longer, [span("2026-10-12", "2026-10-16")]);
        let apart = joined(&longer, span("2026-10-20", "2026-10-20"));
        assert_eq!(apart.len(), 2);
        let parted = without(&apart, span("2026-10-14", "2026-10-14"));
        let expected = [
            span("2026-10-12", "2026-10-13"),
            span("2026-10-15", "2026-10-16"),
            span("2026-10-20", "2026-10-20"),
        ];
        assert_eq!(parted, expected);
        assert_eq!(without(&apart, span("2026-10-01", "2026-10-31")), []);
    }
}
