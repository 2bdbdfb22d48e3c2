//! F5: which customer is due for a visit?
//!
//! A rep plans a route in the morning and wants the order, not a chart. So each
//! customer gets the most urgent status of its frequency rules, from the days
//! since the last visit that counts for the rule, against the rule's interval:
//! nominal days (week 7, month 30, quarter 91) ÷ required visits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::visit::VisitMode;
use crate::id::DocId;
use crate::records::Tier;
use crate::rules::policy::{DuePolicy, FrequencyRule, Policy};
use crate::time::Date;

/// A customer's visit due status. The order is the agenda's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueStatus {
    /// More than the interval has passed.
    Overdue,
    /// Never visited, and known for longer than one interval.
    Never,
    /// The follow-up share of the interval has passed.
    FollowUp,
    /// Nothing to do yet.
    OnTrack,
    /// No frequency rule asks for visits.
    NoRule,
    /// The scope is not complete on this device, so nothing may be derived from
    /// what is missing.
    Unknown,
}

impl DueStatus {
    /// Every status, in the agenda's order.
    pub const ALL: [Self; 6] =
        [Self::Overdue, Self::Never, Self::FollowUp, Self::OnTrack, Self::NoRule, Self::Unknown];

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Never => "never",
            Self::FollowUp => "follow_up",
            Self::OnTrack => "on_track",
            Self::NoRule => "no_rule",
            Self::Unknown => "unknown",
        }
    }

    /// The status with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == code)
    }

    /// What may be said where a phone that may hold visits was not heard: what
    /// follows from a visit stays, what follows from its absence is not known.
    #[must_use]
    pub const fn unheard(self) -> Self {
        match self {
            Self::Overdue | Self::Never | Self::FollowUp => Self::Unknown,
            Self::OnTrack | Self::NoRule | Self::Unknown => self,
        }
    }
}

/// A customer in the agenda.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The customer.
    pub customer: DocId,
    /// Its tier.
    pub tier: Option<Tier>,
    /// The status: the most urgent of its rules'.
    pub status: DueStatus,
    /// The day of the last visit that counts for that rule.
    pub last_visit: Option<Date>,
    /// Days since that visit, or since the customer is known.
    pub days: Option<i64>,
    /// Required visits of that rule per its period.
    pub required: Option<u32>,
    /// Nominal days of that rule's period; the interval is this ÷ `required`.
    pub nominal_days: Option<u32>,
    /// Position of that rule in the policy's list.
    pub rule: Option<u32>,
}

/// What due status is judged from, in days of the org's zone.
pub(super) struct Sighting {
    pub customer: DocId,
    pub tier: Option<Tier>,
    pub known_since: Option<Date>,
    /// The last visit that counts, by mode.
    pub last: BTreeMap<VisitMode, Date>,
}

/// The due status of one customer on `today`.
pub(super) fn due(sighting: &Sighting, policy: &Policy, today: Date) -> Due {
    let blank = Due {
        customer: sighting.customer,
        tier: sighting.tier,
        status: DueStatus::NoRule,
        last_visit: None,
        days: None,
        required: None,
        nominal_days: None,
        rule: None,
    };
    let rules = (0_u32..).zip(&policy.frequency);
    rules
        .filter(|(_index, rule)| Some(rule.tier) == sighting.tier && rule.count > 0)
        .map(|(index, rule)| {
            let last_visit = sighting
                .last
                .iter()
                .filter(|(mode, _date)| rule.takes(mode))
                .map(|(_mode, date)| *date)
                .max();
            let since = last_visit.or(sighting.known_since);
            let days = since.map(|since| today.days_since(since));
            Due {
                status: status(last_visit.is_some(), days, rule, &policy.due),
                last_visit,
                days,
                required: Some(rule.count),
                nominal_days: Some(rule.period.nominal_days()),
                rule: Some(index),
                ..blank.clone()
            }
        })
        .min_by_key(|due| (due.status, std::cmp::Reverse(used(due)), due.rule))
        .unwrap_or(blank)
}

/// Agenda order: status, tier with untiered customers last, most days first, id.
pub(super) fn sort(dues: &mut [Due]) {
    dues.sort_by_key(|due| {
        let days = std::cmp::Reverse(due.days.unwrap_or(i64::MAX));
        (due.status, due.tier.is_none(), due.tier, days, due.customer)
    });
}

/// Days used of the interval, over a denominator common to all rules.
fn used(due: &Due) -> i128 {
    let required = i128::from(due.required.unwrap_or(0));
    // 7 × 30 × 91: a multiple of every rule period's nominal days.
    let common = 19_110 / i128::from(due.nominal_days.unwrap_or(1).max(1));
    i128::from(due.days.unwrap_or(i64::MAX)) * required * common
}

/// The interval is nominal days ÷ count; all comparisons are multiplied out.
fn status(visited: bool, days: Option<i64>, rule: &FrequencyRule, policy: &DuePolicy) -> DueStatus {
    let nominal = i128::from(rule.period.nominal_days());
    let Some(days) = days else {
        return DueStatus::Never;
    };
    let used = i128::from(days) * i128::from(rule.count);
    if used > nominal {
        return if visited { DueStatus::Overdue } else { DueStatus::Never };
    }
    if visited && used * 10_000 >= nominal * i128::from(policy.follow_up.0.0) {
        DueStatus::FollowUp
    } else {
        DueStatus::OnTrack
    }
}

#[cfg(test)]
mod tests;
