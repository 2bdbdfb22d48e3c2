use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::period::Period;
use crate::time::Date;

/// The rules in force from a date until the next policy record begins.
///
/// The TOML is kept as it was entered, comments and guide references included:
/// it is what the explanation screen quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRecord {
    /// The record.
    pub id: RecordId,
    /// 1, 2, 3, …
    pub version: u32,
    /// In force from the start of this day.
    pub effective_from: Date,
    /// The policy's text; see `rules::Policy`.
    pub toml: String,
}

impl PolicyRecord {
    /// The policy that a period is scored by, on phone and server alike: the one
    /// in force on the period's first day, so that the rules never change in
    /// mid-period; for a period that began before any policy, the first there
    /// was. Of two from the same day the higher version holds.
    pub fn for_period(all: &[Self], period: Period) -> Option<&Self> {
        let first_day = period.first_day();
        let begins = |policy: &&Self| (policy.effective_from, policy.version);
        let in_force = all.iter().filter(|policy| policy.effective_from <= first_day);
        let earliest = all.iter().map(|policy| policy.effective_from).min();
        let first = all.iter().filter(|policy| Some(policy.effective_from) == earliest);
        in_force.max_by_key(begins).or_else(|| first.max_by_key(begins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_keeps_the_policy_of_its_first_day() {
        let policy = |version: u32, from: &str| PolicyRecord {
            id: RecordId::from_bytes([1; 16]),
            version,
            effective_from: from.parse().unwrap(),
            toml: String::new(),
        };
        let all = [
            policy(3, "2026-11-01"),
            policy(1, "2026-09-01"),
            policy(2, "2026-10-15"),
            policy(4, "2026-11-01"),
        ];
        let check = |period: &str, version: u32| {
            let found = PolicyRecord::for_period(&all, period.parse().unwrap()).unwrap();
            assert_eq!(found.version, version, "{period}");
        };
        check("2026-09", 1);
        check("2026-10", 1);
        check("2026-11", 4);
        check("2026-12", 4);
        check("2026-05", 1);
        check("2026-W43", 2);
        assert!(
            PolicyRecord::for_period(&[], Period::month_of("2026-09-01".parse().unwrap()))
                .is_none()
        );
    }
}
