//! What a change says, whoever says it.
//!
//! A phone that became a device of its own writes what it had not brought anew: the
//! same words in another change. So where a change itself is nowhere, what it put has
//! to be somewhere: each value under its name, in the log or still on the phone.

use std::collections::BTreeSet;

use automerge::Change;
use automerge::legacy::{Key, OpType};

/// How texts begin that [`Work`](super::tasks::Work) writes once.
const OF_A_STEP: [&str; 5] = ["Acme ", "客户 ", "deal ", "step ", "amended "];

/// Names of values that no erasure of a customer takes, whatever they stand in.
const STAYS: [&str; 7] =
    ["created_at", "ended_at", "mode", "outcome", "source", "stage", "started_at"];

/// Values that changes put, each with the name it was put under.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(BTreeSet<(String, String)>);

impl Words {
    /// Adds what a raw change puts.
    pub fn hear(&mut self, bytes: &[u8]) {
        let Ok(change) = Change::from_bytes(bytes.to_vec()) else { return };
        self.0.extend(change.decode().operations.into_iter().filter_map(|operation| {
            let Key::Map(name) = operation.key else { return None };
            let OpType::Put(value) = operation.action else { return None };
            Some((name.to_string(), format!("{value:?}")))
        }));
    }

    /// What a raw change puts.
    pub fn of(bytes: &[u8]) -> Self {
        let mut words = Self::default();
        words.hear(bytes);
        words
    }

    /// What of it is not in `other`, as far as nobody would write it again by chance:
    /// texts that name the step at which they were written.
    pub fn gone_from(&self, other: &Self) -> Self {
        let told = |(_name, value): &&(String, String)| {
            OF_A_STEP.iter().any(|beginning| value.starts_with(&format!("Str(\"{beginning}")))
        };
        Self(self.0.difference(&other.0).filter(told).cloned().collect())
    }

    /// One of these that is in `other`.
    pub fn any_in(&self, other: &Self) -> Option<String> {
        self.0.intersection(&other.0).next().map(|(name, value)| format!("{name} = {value}"))
    }

    /// Adds others.
    pub fn add(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// What of it no erasure takes, and what is not in `other`.
    pub fn impersonal_beyond(&self, other: &Self) -> Option<String> {
        let mut stays = self.0.iter().filter(|(name, _value)| STAYS.contains(&name.as_str()));
        let missing = stays.find(|said| !other.0.contains(*said));
        missing.map(|(name, value)| format!("{name} = {value}"))
    }

    /// Something of it that is not in `other`.
    pub fn beyond(&self, other: &Self) -> Option<String> {
        self.0.difference(&other.0).next().map(|(name, value)| format!("{name} = {value}"))
    }

    /// Whether all of it is in `other`.
    pub fn are_in(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }
}
