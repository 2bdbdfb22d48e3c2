//! The messages of `POST /v1/sync`.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::repair::{RepairAnswer, RepairAsk};
use super::scope::ScopeDigest;
use super::{ChangeNames, HandBack, HandBackAnswer, Scope};
use crate::docs::{ChangeHash, Generation, Header};
use crate::id::{CommandId, DocId, RecordId, ReplicaId};
use crate::records::RecordKind;
use crate::time::Timestamp;

/// An opaque, signed position in the feed. Only the server can read or make one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(pub ByteBuf);

/// An opaque, signed statement of what its holder may write, in force when an
/// outbox entry was made. It proves later that the work was allowed at the time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessStamp(pub ByteBuf);

/// What a phone sends. Every part may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncRequest {
    /// Protocol version.
    #[serde(rename = "v")]
    pub version: u16,
    /// This copy of the data; the feed leaves out what it pushed itself.
    #[serde(rename = "r")]
    pub replica: ReplicaId,
    /// Where the last page ended; none at first.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// Bytes of page wanted, before compression.
    #[serde(rename = "b")]
    pub budget: u32,
    /// Changes, grouped by document.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<PushGroup>,
    /// Commands (reviews, requests), answered by records.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
    /// Documents this phone has dropped after a `leave`.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub purged: Vec<DocId>,
    /// The app's version, for the minimum-version answer.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// What does not add up here.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<RepairAsk>,
    /// The feed position of the last thing this device stored, as far as this copy of
    /// the data knows. One that knows less than the server is a copy that was restored.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<u64>,
    /// What this copy of the data wrote and brings later: named where the server took it
    /// for one that was restored.
    #[serde(rename = "u", default, skip_serializing_if = "ChangeNames::is_empty")]
    pub unheard: ChangeNames,
    /// What a server that was restored may lack.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub hand_back: Option<Box<HandBack>>,
    /// What the office wants to know of this phone; left out where nothing is to be told,
    /// so that a sync with nothing to do stays as small as it is.
    #[serde(rename = "z", default, skip_serializing_if = "PhoneSays::is_nothing")]
    pub says: PhoneSays,
}

/// What a phone says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneSays {
    /// How many of its changes and requests still wait there after this one.
    #[serde(rename = "w", default)]
    pub waiting: u32,
    /// By how many whole minutes its clock is ahead of the server's; behind if negative.
    #[serde(rename = "c", default)]
    pub minutes_ahead: i32,
}

impl PhoneSays {
    /// Nothing waits, and the clock is right as far as a line lets anybody tell.
    pub const fn is_nothing(&self) -> bool {
        self.waiting == 0 && self.minutes_ahead == 0
    }
}

/// Changes of one document, in causal order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushGroup {
    /// The document's header; stored at first receipt, compared afterwards.
    #[serde(rename = "h")]
    pub header: Header,
    /// The access stamp in force when these were written.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<AccessStamp>,
    /// Raw change chunks.
    #[serde(rename = "c")]
    pub changes: Vec<ByteBuf>,
}

/// Something the phone wants from the server; idempotent by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The command.
    #[serde(rename = "i")]
    pub id: CommandId,
    /// What kind, for example `review`.
    #[serde(rename = "k")]
    pub kind: String,
    /// Its content, CBOR.
    #[serde(rename = "b")]
    pub body: ByteBuf,
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncResponse {
    /// Protocol version.
    #[serde(rename = "v")]
    pub version: u16,
    /// The server's clock.
    #[serde(rename = "t")]
    pub server_time: Timestamp,
    /// One per pushed group, in order.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<GroupResult>,
    /// One per command, in order.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandResult>,
    /// A page of the feed.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub feed: Vec<FeedEntry>,
    /// Where the page ends. Absent when nothing moved: the phone keeps its own.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// More pages wait.
    #[serde(rename = "n", default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// A new access stamp, when it changed.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<AccessStamp>,
    /// The oldest app version that may pull; older ones may still push.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub minimum_app: Option<String>,
    /// What was asked for repair. To be used after the page.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<RepairAnswer>,
    /// The feed position of the last thing this device stored, if the phone knows another.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<u64>,
    /// The server's signature under what results and page tell of changes.
    #[serde(rename = "y", default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ByteBuf>,
    /// What the server lacks, and whether its data began another life.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub hand_back: Option<Box<HandBackAnswer>>,
}

/// Results of one pushed group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupResult {
    /// The document.
    #[serde(rename = "d")]
    pub doc: DocId,
    /// One per change, in order.
    #[serde(rename = "r")]
    pub changes: Vec<ChangeResult>,
}

/// What became of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeResult {
    /// Committed on the server.
    #[serde(rename = "s")]
    Stored,
    /// Was there already.
    #[serde(rename = "d")]
    Duplicate,
    /// It builds on changes the server lacks; send them first.
    #[serde(rename = "m")]
    MissingDeps(Vec<ChangeHash>),
    /// Not taken, and why. The phone keeps it and shows it.
    #[serde(rename = "r")]
    Rejected {
        /// What an app can act on.
        #[serde(rename = "c")]
        code: RejectCode,
        /// For people.
        #[serde(rename = "t")]
        detail: String,
    },
    /// Kept aside for a person to decide.
    #[serde(rename = "q")]
    Quarantined {
        /// For people.
        #[serde(rename = "t")]
        detail: String,
    },
}

/// Why a change was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RejectCode {
    /// Not a readable raw change.
    Malformed,
    /// Above a limit of the guard.
    TooLarge,
    /// Written as an actor that is not this device's.
    ForeignActor,
    /// The same actor and sequence number with other content.
    ForkedActor,
    /// The header disagrees with the stored one, or names another org or author.
    HeaderMismatch,
    /// The user may not write this document.
    NotAllowed,
    /// An older generation: a reset follows in the feed.
    OldGeneration,
    /// An earlier change of the group was not taken, and this one builds on it.
    DependsOnRejected,
    /// The device or its user brought more than a quota lately. It stays in the outbox
    /// and is sent again.
    QuotaReached,
    /// A person decided against it.
    Declined,
    /// It would have to wait for a person, and no more may wait now.
    QuarantineFull,
    /// A code of a newer server.
    #[serde(other)]
    Other,
}

/// Whether a command was taken; its effect arrives as records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandResult {
    /// The command.
    #[serde(rename = "i")]
    pub id: CommandId,
    /// Refused because; absent when taken.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// One entry of the feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FeedEntry {
    /// A document came into sight, or is sent whole because that is shorter.
    #[serde(rename = "e")]
    Enter {
        /// Its header.
        #[serde(rename = "h")]
        header: Header,
        /// The scopes of the reader's it is in now.
        #[serde(rename = "s")]
        scopes: Vec<Scope>,
        /// The document: uncompressed Automerge save format, or its raw changes one after
        /// another without genesis, or the one followed by the other.
        #[serde(rename = "b")]
        snapshot: ByteBuf,
    },
    /// Changes of a document in sight.
    #[serde(rename = "c")]
    Changes {
        /// The document.
        #[serde(rename = "d")]
        doc: DocId,
        /// Raw change chunks, in causal order.
        #[serde(rename = "c")]
        changes: Vec<ByteBuf>,
    },
    /// A document left a scope; without any scope left it goes out of sight.
    #[serde(rename = "l")]
    Leave {
        /// The document.
        #[serde(rename = "d")]
        doc: DocId,
        /// The scope it left.
        #[serde(rename = "s")]
        scope: Scope,
        /// Why.
        #[serde(rename = "r")]
        reason: LeaveReason,
    },
    /// A record, whole; without a body one that the reader may not see any more.
    #[serde(rename = "r")]
    Record {
        /// Its kind.
        #[serde(rename = "k")]
        kind: RecordKind,
        /// Its id.
        #[serde(rename = "i")]
        id: RecordId,
        /// Its version: the feed position at which it was written, or went out of sight.
        #[serde(rename = "n")]
        version: u64,
        /// Its body; see [`crate::records::Record::decode`]. Empty if it left: a phone
        /// that does not know this yet finds nothing to read in it.
        #[serde(rename = "b")]
        body: ByteBuf,
    },
    /// A document's history starts anew.
    #[serde(rename = "x")]
    Reset {
        /// The document.
        #[serde(rename = "d")]
        doc: DocId,
        /// The generation that begins.
        #[serde(rename = "g")]
        generation: Generation,
        /// Its first state.
        #[serde(rename = "b")]
        snapshot: ByteBuf,
        /// Its header since. Whoever holds the document knows the rest of it; it stands
        /// here for what is signed of this entry.
        #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
        header: Option<Header>,
    },
    /// Everything of this scope has been sent; here is what it should amount to.
    #[serde(rename = "z")]
    Complete(ScopeDigest),
}

/// Why a document left a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// Given to somebody else.
    Reassigned,
    /// The reader's own access ended.
    Revoked,
    /// Erased.
    Erased,
    /// A reason of a newer server.
    #[serde(other)]
    Other,
}
