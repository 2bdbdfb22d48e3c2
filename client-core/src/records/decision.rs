use serde::{Deserialize, Serialize};

use crate::docs::{ChangeHash, DocKind, LeftOut};
use crate::id::{DeviceId, DocId, RecordId, UnitId, UserId};
use crate::time::Timestamp;

/// Work that was kept aside for a person to decide on, and what was decided.
///
/// A rep edits a customer without signal; weeks later the phone finds a network, and
/// the customer has long been somebody else's. Nobody loses the work: it waits on the
/// server until whoever leads the rep or the customer's unit says what it is worth.
/// The record is the question first and the answer later, so that the author's phone,
/// the leaders' phones and the pages all tell the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// The case.
    pub id: RecordId,
    /// The document that was edited.
    pub subject: DocId,
    /// What it is.
    pub kind: DocKind,
    /// Whose work it is.
    pub author: UserId,
    /// The device it was written on.
    pub device: DeviceId,
    /// The unit that held the document when the work was received.
    pub unit: Option<UnitId>,
    /// The changes, in the order in which they build on each other.
    pub changes: Vec<ChangeHash>,
    /// When the server received the first of them.
    pub received_at: Timestamp,
    /// What was decided; none while it waits.
    pub verdict: Option<Verdict>,
    /// By whom; none while it waits, and for the command line.
    pub by: Option<UserId>,
    /// When, by the server's clock.
    pub at: Option<Timestamp>,
    /// What the decider has to say to the author.
    pub note: Option<String>,
    /// To whom it was handed over.
    pub to: Option<UserId>,
    /// Why it was kept aside.
    #[serde(default, skip_serializing_if = "Cause::is_late")]
    pub cause: Cause,
    /// What of it had no place in the document any more when it was accepted. Changes that
    /// did not go in at all are not told here: they wait on, in a case of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// Why work was kept aside.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It came after the time for it had passed.
    #[default]
    Late,
    /// It builds on work that waits.
    BuildsOn,
    /// The server could not read it, or not what it makes of its document. Nobody did
    /// anything wrong: it is for whoever looks after the server.
    Unreadable,
    /// The server could not store it.
    NotStored,
    /// The server was restored, and it was written before that or on what came back since:
    /// it does not fit into what stands.
    CameBack,
    /// A cause of a newer server.
    #[serde(other)]
    Other,
}

impl Cause {
    /// Whether it was only too late.
    pub const fn is_late(&self) -> bool {
        matches!(self, Self::Late)
    }

    /// Whether it is the server's doing and nobody's decision.
    pub const fn is_technical(self) -> bool {
        matches!(self, Self::Unreadable | Self::NotStored | Self::Other)
    }

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::BuildsOn => "builds_on",
            Self::Unreadable => "unreadable",
            Self::NotStored => "not_stored",
            Self::CameBack => "came_back",
            Self::Other => "other",
        }
    }
}

/// What a person decided about work that was kept aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is in the document, as its author's.
    Accepted,
    /// It stays out. The server keeps the bytes.
    Rejected,
    /// It is in the document, and whoever holds that now was told to look at it.
    HandedOver,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Rejected, Self::HandedOver];

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::HandedOver => "handed_over",
        }
    }

    /// The verdict with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == code)
    }
}
