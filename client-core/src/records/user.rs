use serde::{Deserialize, Serialize};

use crate::id::{UnitId, UserId};
use crate::time::Date;

/// A person, as everybody in the org may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRecord {
    /// The person.
    pub id: UserId,
    /// The name to show.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The units they belong to (a rep) or lead (supervisor, manager); the first is the main one.
    pub units: Vec<UnitId>,
    /// Hired on.
    pub hired_on: Option<Date>,
    /// Whether they may sign in.
    pub status: UserStatus,
    /// Language of screens.
    pub locale: Option<String>,
    /// Days off, in order: they are no working days of this person. Only when, not why:
    /// everybody in the org may see it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave: Vec<Leave>,
}

/// Days off, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Leave {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
}

impl UserRecord {
    /// Whether this person is away on `day`.
    pub fn is_away(&self, day: Date) -> bool {
        self.leave.iter().any(|leave| leave.from <= day && day <= leave.until)
    }
}

/// What a person may do (S1, S2, S4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Own and shared customers.
    Rep,
    /// A team.
    Supervisor,
    /// Units below, and the policy.
    Manager,
    /// Reads, pseudonymised.
    Analyst,
    /// Users and devices.
    Admin,
}

impl Role {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rep => "rep",
            Self::Supervisor => "supervisor",
            Self::Manager => "manager",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }

    /// The role with this code.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Rep, Self::Supervisor, Self::Manager, Self::Analyst, Self::Admin]
            .into_iter()
            .find(|role| role.as_str() == code)
    }
}

/// Whether a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// May sign in.
    Active,
    /// May not.
    Disabled,
}
