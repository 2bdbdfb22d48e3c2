//! What use cases take and give: plain rows without behaviour of their own.

use client_core::docs::{ChangeHash, Conflict, DocKind, Header, Heads};
use client_core::id::{ActorId, CommandId, DeviceId, DocId, OrgId, RecordId, ReplicaId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::protocol::{LeaveReason, Scope, ScopeDigest};
use client_core::records::{
    DeviceRecord, PlacementRecord, Record, RecordError, RecordKind, UserRecord,
};
use client_core::time::Timestamp;
use serde_bytes::ByteBuf;

mod card_parts;
mod closed;
mod erased;
mod imported;
mod invited;
pub use card_parts::{CardCalls, CardLines, CardVisits, LineOfCard, LinesOfCard};
pub use closed::{ClosedCard, ScorecardRow};
pub use erased::{ConflictAsk, ConflictRow, ErasedAccount, ErasedKey, NewGeneration, RedactedDoc};
mod aside;
pub use aside::{AsideOutcome, DecideOutcome, Decided, KeptChange, Room, SetAside};
mod histories;
pub use histories::{EndedHistory, Former, RelevantPlace, Unfolded, WholeDoc, WrittenAgain};
pub use imported::{DealHolder, ExternalKey, ExternalKind, ImportBatch, ImportOutcome};
mod issued;
pub use issued::{IssuedBody, IssuedReport, VisitCount, WonDeal};
mod lookalike;
mod meeting;
mod scoring;
pub use invited::{AuditEntry, AuditFilter, CodeHash, CodePhone, CodeRow, CodeUse, NewCode};
pub use lookalike::{CustomerPair, NotSame};
pub use meeting::{ItemKind, MeetingItem, MeetingRow};
pub use scoring::{Bearing, BusinessMoved, Dealings, FactRows};

/// A position in an org's feed: 1 for the first thing that ever happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub(crate) i64);

impl Seq {
    /// Before everything.
    pub const ZERO: Self = Self(0);

    /// The position as the wire carries it.
    pub const fn get(self) -> u64 {
        self.0.unsigned_abs()
    }

    /// The position a wire number names; saturating.
    pub fn from_wire(number: u64) -> Self {
        Self(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// The first eight bytes of a hash over a feed row.
pub type Mark = [u8; 8];

/// An org and its secrets.
#[derive(Clone)]
pub struct OrgRow {
    /// The org.
    pub id: OrgId,
    /// Which life of the data file this is.
    pub epoch: [u8; 8],
    /// Signs cursors and access stamps.
    pub secret: [u8; 32],
}

/// A few counts that somebody who watches the server wants to see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Sessions that are open.
    pub sessions: u64,
    /// Periods of reps that wait to be scored.
    pub dirty: u64,
    /// Changes that wait for a person's decision.
    pub quarantined: u64,
}

/// What makes an org.
pub struct NewOrg {
    /// The org and its secrets.
    pub row: OrgRow,
    /// Its first records: settings, calendar, policy, units.
    pub records: Vec<Record>,
}

/// A stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Its kind.
    pub kind: RecordKind,
    /// Its id.
    pub id: RecordId,
    /// The feed position at which it was written.
    pub version: Seq,
    /// Its body.
    pub body: Vec<u8>,
}

impl RecordRow {
    /// The body, read.
    pub fn decode(&self) -> Result<Record, RecordError> {
        Record::decode(self.kind, self.id, &self.body)
    }
}

/// A person who can sign in.
#[derive(Clone)]
pub struct Account {
    /// The org.
    pub org: OrgId,
    /// The login name.
    pub login: String,
    /// The password hash as a PHC string.
    pub password: String,
    /// The password was given out and should be changed.
    pub must_change: bool,
    /// Until when the password is good; for ever if absent.
    pub password_until: Option<Timestamp>,
    /// The public record.
    pub user: UserRecord,
}

impl Account {
    /// Whether there is a password to sign in with. Somebody who was imported has
    /// none until they are invited.
    pub fn invited(&self) -> bool {
        self.password != NO_PASSWORD
    }
}

/// What stands for the password hash of somebody who has no password yet: the
/// form of no hash, so nothing matches it.
pub const NO_PASSWORD: &str = "!";

/// A password to sign in with from now on.
#[derive(Clone)]
pub struct NewPassword {
    /// Its hash as a PHC string.
    pub hash: String,
    /// It was given out and should be changed.
    pub must_change: bool,
    /// Until when it is good; for ever if absent.
    pub until: Option<Timestamp>,
}

/// What makes an account.
#[derive(Clone)]
pub struct NewAccount {
    /// The login name, unique on this server.
    pub login: String,
    /// The password hash as a PHC string.
    pub password: String,
    /// The password was given out and should be changed.
    pub must_change: bool,
    /// The public record.
    pub user: UserRecord,
}

/// What a device says of itself, and whose it is to be.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// The device.
    pub device: DeviceId,
    /// Its user.
    pub user: UserId,
    /// The actor it writes as.
    pub actor: ActorId,
    /// What people call it.
    pub name: String,
    /// `ios`, `android`, …
    pub platform: String,
    /// The app's version.
    pub app_version: String,
}

/// What became of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolment {
    /// Bound now.
    New,
    /// Was bound to the same user and actor.
    Known,
    /// The device or the actor belongs to somebody else, or the device writes as another actor.
    Taken,
    /// The device was revoked.
    Revoked,
}

/// An enrolled device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// The device.
    pub device: DeviceId,
    /// Its user.
    pub user: UserId,
    /// Its actor.
    pub actor: ActorId,
    /// What people call it.
    pub name: String,
    /// `ios`, `android`, …
    pub platform: String,
    /// The app's version.
    pub app_version: String,
    /// When it enrolled.
    pub enrolled_at: Timestamp,
    /// When the server heard from it last: "known up to".
    pub seen_at: Timestamp,
    /// When it last pushed something new.
    pub pushed_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The device that a copy of its data became, and when.
    pub successor: Option<(DeviceId, Timestamp)>,
    /// What it said of itself when it was heard last; none if it never did.
    pub said: Option<DeviceSays>,
}

/// What a phone says of itself with a sync.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeviceSays {
    /// How many of its changes and requests still wait there after this sync.
    pub waiting: u32,
    /// By how many milliseconds its clock is ahead of the server's; 0 where the two agree
    /// as far as a line lets them.
    pub clock_ahead_ms: i64,
}

impl DeviceRow {
    /// The device that stands in its place: a phone that was restored from a backup goes on
    /// as another one. A clone's former phone lives on, and is heard again.
    pub fn replaced_by(&self) -> Option<DeviceId> {
        let (successor, at) = self.successor?;
        (self.seen_at <= at).then_some(successor)
    }

    /// Whether a person carries it: what the office writes with is no phone.
    pub fn is_phone(&self) -> bool {
        self.platform != DeviceRecord::OFFICE
    }
}

/// One sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 16]);

/// SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Every request of a device.
    Access,
    /// Gets the next pair.
    Refresh,
    /// A browser's cookie.
    Web,
}

impl TokenKind {
    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Web => "web",
        }
    }
}

/// What opens a session.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The session.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// On which device; none for a browser.
    pub device: Option<DeviceId>,
}

/// A token to be stored.
#[derive(Clone)]
pub struct NewToken {
    /// Its hash.
    pub hash: TokenHash,
    /// What for.
    pub kind: TokenKind,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Who holds a token.
#[derive(Debug, Clone)]
pub struct TokenOwner {
    /// The org.
    pub org: OrgId,
    /// The session.
    pub session: SessionId,
    /// The user.
    pub user: UserRecord,
    /// The device; none for a browser.
    pub device: Option<DeviceId>,
    /// The actor of the device.
    pub actor: Option<ActorId>,
    /// What for.
    pub kind: TokenKind,
    /// Which pair of the session it belongs to.
    pub generation: u32,
    /// The newest pair that was ever used.
    pub confirmed: u32,
    /// Until when.
    pub expires_at: Timestamp,
    /// The device was revoked.
    pub revoked: bool,
    /// The session was ended: by a sign-out, a new password, or a spent token that was
    /// used again. Its person may sign in again.
    pub ended: bool,
}

/// What became of a refresh.
#[derive(Debug, Clone)]
pub enum RefreshOutcome {
    /// The new tokens are stored.
    Renewed(OrgId, UserId),
    /// Not a refresh token of ours, or expired.
    Unknown,
    /// The device was revoked.
    Revoked,
    /// The session was ended before.
    Ended,
    /// A spent token was used again; the session is ended now.
    Reused,
}

/// What a user may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Counts changes, from 1.
    pub version: u32,
    /// The scopes, sorted.
    pub scopes: Vec<Scope>,
}

/// A document with what is needed to decide on a push.
#[derive(Debug, Clone)]
pub struct HeldDoc {
    /// Its header.
    pub header: Header,
    /// Commits so far.
    pub revision: u64,
    /// The scopes it is in.
    pub scopes: Vec<Scope>,
}

/// A document as a push meets it.
#[derive(Debug, Clone)]
pub struct LoadedDoc {
    /// Its header.
    pub header: Header,
    /// Commits so far.
    pub revision: u64,
    /// The scopes it is in.
    pub scopes: Vec<Scope>,
    /// Bytes of its history.
    pub bytes: usize,
    /// The whole history; none if the caller has this revision loaded.
    pub snapshot: Option<Vec<u8>>,
    /// Changes of it were kept aside for a person.
    pub aside: bool,
}

/// A document that is not here, as the push meets it that brings it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AwaitedDoc {
    /// The scopes that its customer is in; none if that is not here either.
    pub customer: Vec<Scope>,
    /// Changes of it were kept aside for a person.
    pub aside: bool,
}

/// A document's stored state.
#[derive(Debug, Clone)]
pub struct StoredDoc {
    /// Its header.
    pub header: Header,
    /// Commits so far.
    pub revision: u64,
    /// The whole history.
    pub snapshot: Vec<u8>,
}

/// A change to be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLogChange {
    /// Its hash.
    pub hash: ChangeHash,
    /// Its actor.
    pub actor: ActorId,
    /// Its number within the actor and document.
    pub seq: u64,
    /// Its raw bytes.
    pub bytes: Vec<u8>,
}

/// Who pushed.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    /// The user.
    pub user: UserId,
    /// The device.
    pub device: DeviceId,
    /// The copy of the data.
    pub replica: ReplicaId,
}

impl Origin {
    /// The replica of what was given back after a restore: every reader is told of it.
    pub const GIVEN_BACK: ReplicaId = ReplicaId::from_bytes([0; 16]);
    /// The replica of what an erasure that was done again left of what came back. Phones
    /// that heard of the erasure when it was first done may hold more.
    pub const LEFT_AGAIN: ReplicaId = ReplicaId::from_bytes([1; 16]);
    /// The replica of a history that a former life of the data began and that came back.
    pub const TAKEN_UP: ReplicaId = ReplicaId::from_bytes([2; 16]);
}

/// New changes of one document with the state they lead to.
#[derive(Debug, Clone)]
pub struct DocCommit {
    /// The header.
    pub header: Header,
    /// The revision the state was computed from; 0 for a document that is new.
    pub expected: u64,
    /// The changes, in causal order.
    pub changes: Vec<NewLogChange>,
    /// The heads afterwards.
    pub heads: Heads,
    /// The history to be stored instead of the one there; if empty, the changes are put
    /// behind what is there.
    pub snapshot: Vec<u8>,
    /// Operations afterwards.
    pub operations: u64,
    /// The projection row afterwards.
    pub state: DocState,
    /// Who pushed.
    pub origin: Origin,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// What people wrote in it without seeing each other, afterwards.
    pub conflicts: Vec<Conflict>,
    /// Who is to hold it, where the office says so; without spans nobody does yet.
    /// Absent, the server places what is new and leaves the rest.
    pub placement: Option<PlacementRecord>,
}

impl DocCommit {
    /// Bytes that the changes add to the stored history.
    pub fn added(&self) -> usize {
        self.changes.iter().map(|change| change.bytes.len()).sum()
    }
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitOutcome {
    /// Written at this feed position.
    Committed(Seq),
    /// Somebody else wrote in between: load again and repeat.
    Stale,
    /// This document alone could not be written; the others of the job were.
    Failed,
}

/// A logged change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocRow {
    /// Its hash.
    pub hash: ChangeHash,
    /// Its actor.
    pub actor: ActorId,
    /// Who pushed it.
    pub user: UserId,
    /// From which device.
    pub device: DeviceId,
    /// From which copy of the data.
    pub replica: ReplicaId,
    /// Its feed position.
    pub seq: Seq,
    /// When the server received it.
    pub received_at: Timestamp,
    /// Its raw bytes.
    pub bytes: Vec<u8>,
}

/// A projection row with what surrounds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The header.
    pub header: Header,
    /// The heads it was computed at.
    pub heads: Heads,
    /// When the server received the document first.
    pub received_at: Timestamp,
    /// When it changed last, by the server's clock.
    pub changed_at: Timestamp,
    /// The state.
    pub state: DocState,
}

/// A command to be kept.
#[derive(Debug, Clone)]
pub struct NewCommand {
    /// The command.
    pub id: CommandId,
    /// Whose.
    pub user: UserId,
    /// From which device.
    pub device: DeviceId,
    /// Its kind.
    pub kind: String,
    /// Its content.
    pub body: Vec<u8>,
    /// Why it was refused; none if it was taken.
    pub refused: Option<String>,
}

/// Where a back-fill stands: everything above this was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackfillPlace {
    /// What matters today, before any scope, after this.
    Relevant(RelevantPlace),
    /// Records of a scope after this rank and id.
    Records {
        /// Rank of the last kind sent.
        rank: u8,
        /// The last id sent.
        id: RecordId,
    },
    /// Documents of a scope: this rank, below this first position.
    Documents {
        /// Rank of the kind.
        rank: u8,
        /// Positions below this one are still to come.
        below: Seq,
    },
    /// Documents that left with a scope, after this one.
    Leaving {
        /// The last one told.
        after: DocId,
    },
}

/// What a reader still has to be told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    /// Scopes the reader has gained, in the order they are sent.
    pub gained: Vec<Scope>,
    /// Scopes the reader has lost.
    pub lost: Vec<Scope>,
    /// Index into `gained` followed by `lost`.
    pub index: usize,
    /// Where in that scope; none at its start.
    pub place: Option<BackfillPlace>,
}

/// What a page is asked for.
#[derive(Debug, Clone)]
pub struct FeedQuery {
    /// Every scope the reader holds, sorted.
    pub scopes: Vec<Scope>,
    /// Who asks.
    pub reader: UserId,
    /// When, by the server's clock.
    pub now: Timestamp,
    /// The copy of the data that asks: its own entries are left out.
    pub replica: ReplicaId,
    /// The common position; none for a reader that starts now.
    pub after: Option<Seq>,
    /// The mark at `after` as the reader's cursor holds it.
    pub mark: Option<Mark>,
    /// What is still to be sent of scopes that were gained or lost.
    pub backfill: Option<Backfill>,
    /// Bytes of entries wanted.
    pub budget: usize,
    /// An earlier page said there was more: the end reports every scope.
    pub in_pull: bool,
}

/// One entry of a page.
#[derive(Debug, Clone, PartialEq)]
pub enum PageEntry {
    /// A document, whole.
    Enter {
        /// Its header.
        header: Header,
        /// The reader's scopes it is in.
        scopes: Vec<Scope>,
        /// Its history.
        snapshot: Vec<u8>,
    },
    /// Changes of a document.
    Changes {
        /// The document.
        doc: DocId,
        /// Raw changes.
        changes: Vec<ByteBuf>,
    },
    /// A document left a scope.
    Leave {
        /// The document.
        doc: DocId,
        /// The scope.
        scope: Scope,
        /// Why.
        reason: LeaveReason,
    },
    /// A record.
    Record(RecordRow),
    /// A new generation.
    Reset {
        /// Its header since.
        header: Header,
        /// Its history.
        snapshot: Vec<u8>,
    },
}

/// One page.
#[derive(Debug, Clone)]
pub struct FeedPage {
    /// What happened.
    pub entries: Vec<PageEntry>,
    /// The common position afterwards.
    pub after: Seq,
    /// The mark there.
    pub mark: Mark,
    /// What is left of the back-fill.
    pub backfill: Option<Backfill>,
    /// More pages wait.
    pub more: bool,
    /// Whether anything of the reader's was passed, its own entries included.
    pub moved: bool,
    /// What the scopes amount to, at the end of a pull.
    pub complete: Vec<ScopeDigest>,
    /// The cursor's mark is not this file's: it comes from another life of the data.
    pub forked: bool,
}

/// A rep's period that must be computed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DirtyMark {
    /// The rep.
    pub rep: UserId,
    /// The period.
    pub period: Period,
    /// The feed position when it was marked last.
    pub since: Seq,
}

/// The same rep's visits around one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VisitNeighbours {
    /// The one that began before it.
    pub earlier: Option<DocId>,
    /// The one that began after it.
    pub later: Option<DocId>,
}

/// The rank of a document kind in feeds: its place in [`DocKind::ALL`].
pub fn doc_rank(kind: DocKind) -> u8 {
    rank_in(&DocKind::ALL, kind)
}

/// The rank of a record kind in feeds: its place in [`RecordKind::ALL`].
pub fn record_rank(kind: RecordKind) -> u8 {
    rank_in(&RecordKind::ALL, kind)
}

fn rank_in<T: PartialEq + Copy>(all: &[T], one: T) -> u8 {
    all.iter()
        .position(|each| *each == one)
        .and_then(|place| u8::try_from(place).ok())
        .unwrap_or(u8::MAX)
}
