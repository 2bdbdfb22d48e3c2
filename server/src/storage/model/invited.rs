//! Enrolment codes, and what was done to people.

use client_core::id::{DeviceId, RecordId, UserId};
use client_core::protocol::DeviceClaim;
use client_core::time::Timestamp;

use super::Account;

/// SHA-256 of an enrolment code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodeHash(pub [u8; 32]);

/// An enrolment code to be kept.
#[derive(Clone)]
pub struct NewCode {
    /// Its hash.
    pub hash: CodeHash,
    /// Whom it brings in.
    pub user: UserId,
    /// Who made it; none for the command line.
    pub made_by: Option<UserId>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// The newest enrolment code of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeRow {
    /// Whom it brings in.
    pub user: UserId,
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// A phone that shows a code.
#[derive(Debug, Clone)]
pub struct CodePhone {
    /// What it says of itself.
    pub claim: DeviceClaim,
    /// The hash of what it alone knows, if it says anything.
    pub proof: Option<[u8; 32]>,
    /// Devices it enrolled as before.
    pub known: Vec<DeviceId>,
}

/// What became of a code that was shown.
#[derive(Clone)]
pub enum CodeUse {
    /// The phone is enrolled as this device.
    Enrolled(Box<Account>, DeviceId),
    /// There is no such code.
    Unknown,
    /// It is too old.
    Expired,
    /// It enrolled another phone.
    Used,
    /// A newer one was made.
    Replaced,
    /// The person may not sign in.
    Disabled,
    /// The device or the actor belongs to somebody else.
    Taken,
    /// The device was revoked.
    Revoked,
}

/// Something that was done to the org, its people or its devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who; none for the command line.
    pub user: Option<UserId>,
    /// With which device, if any.
    pub device: Option<DeviceId>,
    /// What: a stable code.
    pub what: String,
    /// To whom or what.
    pub subject: Option<RecordId>,
    /// What exactly, for people.
    pub detail: Option<String>,
}

/// Which entries of the audit log are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Written at this time or later.
    pub since: Timestamp,
    /// Written before this time; up to now if absent.
    pub until: Option<Timestamp>,
    /// Done by this person; by anybody, the command line too, if absent.
    pub by: Option<UserId>,
    /// About this person, unit, customer or deal; about anything if absent.
    pub subject: Option<RecordId>,
    /// Of one of these codes; of any if there are none.
    pub whats: Vec<String>,
}
