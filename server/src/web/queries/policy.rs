//! Versions of the rules, and what a draft would change.

use client_core::period::Period;
use client_core::records::PolicyRecord;
use client_core::rules::Policy;
use client_core::rules::policy::{PolicyChange, difference};
use client_core::time::Date;

use super::base::Base;

/// A version of the rules.
#[derive(Debug, Clone)]
pub struct Version {
    /// The record.
    pub record: PolicyRecord,
    /// What it calls itself.
    pub name: String,
    /// SHA-256 of what it says, in hexadecimal.
    pub hash: String,
    /// What it says differently from the version before; none for the first.
    pub changes: Option<Vec<PolicyChange>>,
    /// The present month is scored by it.
    pub in_force: bool,
}

/// Every version, newest first.
pub fn versions(base: &Base, today: Date) -> Vec<Version> {
    let mut all = base.policies.clone();
    all.sort_by_key(|policy| policy.version);
    let now = PolicyRecord::for_period(&all, Period::month_of(today)).map(|policy| policy.version);
    let mut found: Vec<Version> = Vec::with_capacity(all.len());
    let mut before: Option<Policy> = None;
    for record in all {
        let read = Policy::kept(&record.toml).ok();
        let changes = before.as_ref().zip(read.as_ref()).map(|(old, new)| difference(old, new));
        found.push(Version {
            name: read.as_ref().map(|policy| policy.name.clone()).unwrap_or_default(),
            hash: read.as_ref().map(hash).unwrap_or_default(),
            in_force: now == Some(record.version),
            changes,
            record,
        });
        before = read.or(before);
    }
    found.reverse();
    found
}

/// A policy's hash as people compare it.
pub fn hash(policy: &Policy) -> String {
    data_encoding::HEXLOWER.encode(&policy.hash())
}
