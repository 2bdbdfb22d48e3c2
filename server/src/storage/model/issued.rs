//! Reports as they were issued.

use client_core::id::{DocId, RecordId, UnitId, UserId};
use client_core::time::Timestamp;

use super::Seq;

/// An issued report without what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedReport {
    /// Which: the beginning of the digest of its facts.
    pub id: RecordId,
    /// Code of its kind.
    pub kind: String,
    /// Of which period.
    pub period: String,
    /// Of which unit and those below it; of the whole org if absent.
    pub unit: Option<UnitId>,
    /// The instant it was looked from.
    pub as_of: Timestamp,
    /// What was stored up to here was known.
    pub feed_position: Seq,
    /// Version of the rule code.
    pub rules_version: u32,
    /// Version of the policy, if one was in force.
    pub policy_version: Option<u32>,
    /// When it was issued, by the server's clock.
    pub issued_at: Timestamp,
    /// By whom; nobody where the command line did.
    pub issued_by: Option<UserId>,
    /// SHA-256 of the facts.
    pub facts_digest: [u8; 32],
    /// SHA-256 of the JSON.
    pub report_digest: [u8; 32],
}

/// What an issued report was computed from and what it says, both packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedBody {
    /// The facts: CBOR inside zstd.
    pub facts: Vec<u8>,
    /// The report: JSON inside zstd.
    pub report: Vec<u8>,
}

/// A deal that was won, as a trend counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WonDeal {
    /// Which.
    pub doc: DocId,
    /// Whose it is.
    pub credit: client_core::rules::Credit,
    /// When it was won.
    pub decided_at: Timestamp,
    /// What it came to.
    pub amount: Option<client_core::money::Money>,
}

/// How many visits of a rep have one verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitCount {
    /// Who logged them.
    pub rep: UserId,
    /// To how many different customers.
    pub customers: u64,
    /// How many were begun.
    pub visits: u64,
    /// How many of them count.
    pub counted: u64,
}
