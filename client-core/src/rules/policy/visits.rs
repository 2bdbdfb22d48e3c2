use serde::{Deserialize, Serialize};

use crate::docs::visit::VisitMode;
use crate::rules::units::Meters;

/// What makes a visit effective (F1), where it must be (F2), and who is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitPolicy {
    /// Radius of the fence around a customer.
    pub fence_m: Meters,
    /// A visit must be submitted on the phone within this time of its end.
    pub submit_within_hours: u32,
    /// Visits under review count until a decision says otherwise.
    pub review_counts: bool,
    /// Whose visit a joint one is.
    pub joint_visits: JointVisits,
    /// A customer is new when it became known in the last so many days of the period.
    pub new_customer_days: u32,
    /// The modes that count, each with what it asks for.
    pub modes: Vec<ModeRule>,
}

/// Whose visit a joint visit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JointVisits {
    /// Its author's alone: once per customer.
    Author,
    /// Every participant's.
    Participants,
}

/// What a mode asks of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModeRule {
    /// The mode.
    pub mode: VisitMode,
    /// What must be there.
    pub requires: Vec<Requirement>,
    /// The least duration, check-in to check-out or start to end.
    #[serde(default)]
    pub min_minutes: u32,
    /// The check-in must not lie outside the fence.
    #[serde(default)]
    pub fence: bool,
}

/// Something a visit must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// Arrival.
    CheckIn,
    /// Departure.
    CheckOut,
    /// A start.
    Start,
    /// An end.
    End,
    /// An outcome code.
    Outcome,
    /// A next step or an explicit "none".
    NextStep,
    /// A result in words.
    Text,
}

impl VisitPolicy {
    /// What `mode` asks for; `None` if it does not count.
    pub fn mode(&self, mode: &VisitMode) -> Option<&ModeRule> {
        self.modes.iter().find(|rule| rule.mode == *mode)
    }
}
