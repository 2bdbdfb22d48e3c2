//! What the server keeps.
//!
//! Handlers and jobs know traits of use cases, each method one transaction; a
//! backend is one implementation with its own SQL, because every project that
//! shared SQL text between two databases regrets it. The org comes first,
//! ids and times are arguments, a lookup that finds nothing is `None`.
//!
//! The change log is the truth. Documents, projection rows, memberships and
//! digests are written in the same transaction and can be rebuilt from it.
//!
//! The traits are split by room so that each implementation fits a screen or
//! two; [`AnyStorage`] implements them all by choosing the backend.

#[cfg(test)]
mod conformance;
pub mod doctor;
pub mod lists;
pub mod model;
pub mod onlooker;
pub(crate) mod placing;
pub mod scopes;
pub mod sqlite;
pub(crate) mod times;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use client_core::docs::{ChangeHash, DocKind, Generation, Header, Heads, Things};
use client_core::id::{ActorId, CommandId, DeviceId, DocId, OrgId, RecordId, UnitId, UserId};
use client_core::money::Money;
use client_core::period::Period;
use client_core::protocol::{ChangeNames, ListedDoc, Offer, Scope};
use client_core::records::{PlacementRecord, Record, RecordKind, UserRecord};
use client_core::rules::TeamDeal;
use client_core::time::{Date, Timestamp};

use lists::{
    CardNotes, CustomerFilter, CustomerRow, DealFilter, DealRow, DealTotal, Found, IndustryCount,
    StageTotal, VisitFilter, VisitRow, Window, Within,
};
use model::{
    Access, Account, AsideOutcome, AuditEntry, AuditFilter, AwaitedDoc, Bearing, BusinessMoved,
    CardCalls, CardLines, CardVisits, Census, ClosedCard, CodeHash, CodePhone, CodeRow, CodeUse,
    CommitOutcome, ConflictAsk, ConflictRow, DealHolder, Dealings, DecideOutcome, Decided,
    DeviceRow, DeviceSays, DirtyMark, DocCommit, DocRow, Enrolment, ErasedAccount, ErasedKey,
    ExternalKey, ExternalKind, FactRows, FeedPage, FeedQuery, Former, HeldDoc, ImportBatch,
    ImportOutcome, IssuedBody, IssuedReport, KeptChange, LoadedDoc, MeetingItem, MeetingRow,
    NewAccount, NewCode, NewCommand, NewDevice, NewGeneration, NewOrg, NewPassword, NewSession,
    NewToken, NotSame, OrgRow, RecordRow, RedactedDoc, RefreshOutcome, Row, ScorecardRow, Seq,
    SessionId, SetAside, StoredDoc, TokenHash, TokenOwner, Unfolded, VisitCount, VisitNeighbours,
    WholeDoc, WonDeal, WrittenAgain,
};
use placing::{PlaceChange, PlaceRefusal, Placed};
use sqlite::SqliteStorage;

/// What can go wrong below a use case.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// SQLite said no.
    #[error("sqlite: {0}")]
    Sqlite(#[source] rusqlite::Error),
    /// No room for what should be written. Nothing of it was, and reading goes on.
    #[error("the disk is full")]
    Full,
    /// A stored row does not have the shape it was written in.
    #[error("a stored {what} could not be read: {reason}")]
    Corrupt {
        /// What it should be.
        what: &'static str,
        /// Why not.
        reason: String,
    },
    /// The writer or the readers are gone or did not answer.
    #[error("the database is not available: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
    },
    /// Something with this key is there already.
    #[error("{what} exists already")]
    Exists {
        /// What.
        what: &'static str,
    },
    /// Something the use case needs is not there.
    #[error("{what} does not exist")]
    Missing {
        /// What.
        what: &'static str,
    },
}

/// Declares a trait of use cases and implements it for [`AnyStorage`].
macro_rules! use_cases {
    ($(#[$doc:meta])* trait $trait:ident {
        $($(#[$mdoc:meta])* fn $name:ident(&self $(, $arg:ident: $ty:ty)* $(,)?) -> $ret:ty;)+
    }) => {
        $(#[$doc])*
        pub trait $trait: Send + Sync {
            $($(#[$mdoc])* fn $name(&self $(, $arg: $ty)*)
                -> impl Future<Output = Result<$ret, StorageError>> + Send;)+
        }

        impl $trait for AnyStorage {
            $(async fn $name(&self $(, $arg: $ty)*) -> Result<$ret, StorageError> {
                match self {
                    Self::Sqlite(backend) => backend.$name($($arg),*).await,
                }
            })+
        }
    };
}

/// The backend that the configuration chose.
#[derive(Debug)]
pub enum AnyStorage {
    /// One file.
    Sqlite(SqliteStorage),
}

impl AnyStorage {
    /// From now on, `onlooker` hears of every commit. The first one stays.
    pub fn tell(&self, onlooker: Arc<dyn onlooker::Onlooker>) {
        match self {
            Self::Sqlite(backend) => backend.tell(onlooker),
        }
    }

    /// How many reads there were.
    #[cfg(test)]
    pub(crate) fn reads(&self) -> u64 {
        match self {
            Self::Sqlite(backend) => backend.reads(),
        }
    }

    /// Bytes that may still be written where the data is, if that can be told.
    pub fn room(&self) -> Option<u64> {
        match self {
            Self::Sqlite(backend) => backend.room(),
        }
    }
}

use_cases! {
    /// Orgs and records: what only the office decides.
    trait Records {
        /// Every org of this server.
        fn orgs(&self) -> Vec<OrgRow>;
        /// Makes an org with its first records.
        fn create_org(&self, org: NewOrg, at: Timestamp) -> ();
        /// Writes records, gives each the next version, and feeds them to their scopes. Placements
        /// move the documents that follow them; users and units move access. A record that is
        /// stored already with the same body is left alone and keeps its version.
        fn write_records(&self, org: OrgId, records: Vec<Record>, at: Timestamp) -> Vec<Seq>;
        /// The same, if every record of `seen` still has that version, or still is not there where
        /// it is zero; false if one has another, and then nothing is written.
        fn write_records_if(&self, org: OrgId, seen: Vec<(RecordKind, RecordId, Seq)>, records: Vec<Record>, at: Timestamp) -> bool;
        /// One record.
        fn record(&self, org: OrgId, kind: RecordKind, id: RecordId) -> Option<RecordRow>;
        /// The records of a kind that are about a document: orders, payments and contracts of a
        /// customer or deal, comments on a visit. By id.
        fn records_about(&self, org: OrgId, doc: DocId, kind: RecordKind) -> Vec<Record>;
        /// Every record of a kind, by id.
        fn records(&self, org: OrgId, kind: RecordKind) -> Vec<RecordRow>;
        /// The records of these kinds that were written, first or again, after an instant.
        fn records_written_since(&self, org: OrgId, kinds: Vec<RecordKind>, since: Timestamp) -> BTreeSet<(RecordKind, RecordId)>;
        /// Notes in an org's settings what its books confirm, from the records that are there
        /// already: books that were brought in by a program that did not note it yet.
        fn note_confirms(&self, org: OrgId, at: Timestamp) -> ();
        /// Counts over all orgs.
        fn census(&self) -> Census;
        /// A successful write and read: what `/readyz` asks.
        fn probe(&self) -> ();
    }
}

use_cases! {
    /// Who holds what, over time.
    trait Placing {
        /// Changes who holds customers and deals, each from what is in force when it is written,
        /// and writes down who did it.
        fn place(&self, org: OrgId, changes: Vec<(DocId, PlaceChange)>, by: Option<UserId>, at: Timestamp) -> Vec<Result<Placed, PlaceRefusal>>;
        /// Takes placements that ended before `since` from their former holders: no card that is
        /// still open looks at them. Does nothing if that was done already.
        fn let_go(&self, org: OrgId, since: Timestamp, at: Timestamp) -> ();
        /// The placements that name a person in their last span, as owner or beside the owner.
        fn held_by(&self, org: OrgId, user: UserId) -> Vec<PlacementRecord>;
        /// When a user who was at `version` of their access lost sight of a document: by its
        /// move, or by their own. None if they never had it, or never lost it.
        fn access_ended(&self, org: OrgId, user: UserId, doc: DocId, version: u32) -> Option<Timestamp>;
        /// What was done, newest first.
        fn audit(&self, org: OrgId, filter: AuditFilter, window: Window) -> Vec<AuditEntry>;
        /// How much was done.
        fn audit_count(&self, org: OrgId, filter: AuditFilter) -> u64;
    }
}

use_cases! {
    /// People, devices, sessions and tokens.
    trait Accounts {
        /// Adds a person: login, password hash and public record.
        fn create_account(&self, org: OrgId, account: NewAccount, at: Timestamp) -> ();
        /// The account with this login, whatever its status.
        fn account_by_login(&self, login: &str) -> Option<Account>;
        /// The account of a user.
        fn account(&self, org: OrgId, user: UserId) -> Option<Account>;
        /// Every account, by login.
        fn accounts(&self, org: OrgId) -> Vec<Account>;
        /// Replaces the password hash and ends every session of the user.
        fn set_password(&self, org: OrgId, user: UserId, password: NewPassword, at: Timestamp) -> ();
        /// Binds device, actor and user, or renews what is bound already.
        fn enrol(&self, org: OrgId, device: NewDevice, at: Timestamp) -> Enrolment;
        /// One device.
        fn device(&self, org: OrgId, device: DeviceId) -> Option<DeviceRow>;
        /// Every device.
        fn devices(&self, org: OrgId) -> Vec<DeviceRow>;
        /// Ends a device's sessions and refuses it from now on.
        fn revoke_device(&self, org: OrgId, device: DeviceId, at: Timestamp) -> bool;
        /// Notes that a copy of a device's data became another device.
        fn replaced(&self, org: OrgId, device: DeviceId, successor: DeviceId, at: Timestamp) -> ();
        /// The feed position of the last thing that a device stored.
        fn stored_up_to(&self, org: OrgId, device: DeviceId) -> Option<Seq>;
        /// The changes that a device stored after a position.
        fn stored_after(&self, org: OrgId, device: DeviceId, after: Seq) -> Vec<ChangeHash>;
        /// Whose actor it is.
        fn actor_owner(&self, org: OrgId, actor: ActorId) -> Option<DeviceRow>;
        /// Opens a session with its first tokens.
        fn open_session(&self, org: OrgId, session: NewSession, tokens: Vec<NewToken>, at: Timestamp) -> ();
        /// Who holds a token, if it is ours; spent, expired and revoked ones included.
        fn token_owner(&self, hash: TokenHash) -> Option<TokenOwner>;
        /// Records the first use of a token generation: refresh tokens before it are spent.
        fn confirm_tokens(&self, org: OrgId, session: SessionId, generation: u32) -> ();
        /// Adds the next generation of tokens for a refresh token, or ends the session because
        /// a spent one was used again.
        fn refresh(&self, hash: TokenHash, tokens: Vec<NewToken>, at: Timestamp) -> RefreshOutcome;
        /// Ends a session.
        fn close_session(&self, org: OrgId, session: SessionId, why: &'static str, at: Timestamp) -> ();
        /// What a user may read now.
        fn access(&self, org: OrgId, user: UserId) -> Option<Access>;
        /// What a user could read at versions `from..=to`, oldest first.
        fn access_between(&self, org: OrgId, user: UserId, from: u32, to: u32) -> Vec<Access>;
    }
}

use_cases! {
    /// Enrolment codes, and who did what.
    trait Invitations {
        /// Keeps a code; the same person's codes that nobody used are replaced by it.
        fn make_code(&self, org: OrgId, code: NewCode, at: Timestamp) -> ();
        /// Ends a person's codes that nobody used.
        fn end_codes(&self, org: OrgId, user: UserId, at: Timestamp) -> ();
        /// The newest code of each person who ever had one.
        fn codes(&self, org: OrgId) -> Vec<CodeRow>;
        /// Uses a code: binds the phone to the person, once. The same phone may repeat it
        /// as long as the code lives.
        fn use_code(&self, hash: CodeHash, phone: CodePhone, at: Timestamp) -> CodeUse;
        /// Writes down what was done.
        fn note(&self, org: OrgId, entry: AuditEntry) -> ();
        /// Writes down each of what was done, unless the same person did the same to the same at
        /// `since` or later.
        fn note_once(&self, org: OrgId, entries: Vec<AuditEntry>, since: Timestamp) -> ();
        /// What was done to somebody or something, newest first.
        fn audit_of(&self, org: OrgId, subject: RecordId, limit: u32) -> Vec<AuditEntry>;
    }
}

use_cases! {
    /// Documents and their changes.
    trait Documents {
        /// A document with what is needed to decide on a push.
        fn document(&self, org: OrgId, doc: DocId) -> Option<HeldDoc>;
        /// The stored state of a document, whole.
        fn load(&self, org: OrgId, doc: DocId) -> Option<StoredDoc>;
        /// Several documents, in order; histories only of those whose revision differs from the
        /// one the caller has.
        fn load_all(&self, org: OrgId, wanted: Vec<(DocId, Option<u64>)>) -> Vec<Option<LoadedDoc>>;
        /// Writes changes and everything that follows from them, if nobody else wrote meanwhile.
        /// A device that wrote was heard from: that is noted in the same transaction.
        fn commit(&self, org: OrgId, commit: DocCommit) -> CommitOutcome;
        /// Writes several documents in one job, each all or nothing; outcomes in order.
        fn commit_all(&self, org: OrgId, commits: Vec<DocCommit>) -> Vec<CommitOutcome>;
        /// The hash of the change that an actor stored under a sequence number.
        fn stored_change(&self, org: OrgId, doc: DocId, generation: u32, actor: ActorId, seq: u64) -> Option<ChangeHash>;
        /// The headers of these documents; unknown ones are left out.
        fn headers(&self, org: OrgId, docs: Vec<DocId>) -> BTreeMap<DocId, Header>;
        /// Which of these documents a phone knows more of than is stored here, with what is; of
        /// one in none of the scopes that it holds, as if nothing were stored.
        fn lacking(&self, org: OrgId, held: Vec<Scope>, offers: Vec<Offer>) -> Vec<Offer>;
        /// A document's projection row.
        fn row(&self, org: OrgId, doc: DocId) -> Option<Row>;
        /// Projection rows of the documents that follow a customer, or one merged into it.
        fn rows_of_customer(&self, org: OrgId, customer: DocId) -> Vec<Row>;
        /// The log of one document, oldest first.
        fn log(&self, org: OrgId, doc: DocId) -> Vec<DocRow>;
        /// The logs of several documents, each oldest first; one that is unknown has none.
        fn logs(&self, org: OrgId, docs: Vec<DocId>) -> BTreeMap<DocId, Vec<DocRow>>;
        /// Keeps a command; false if it was there already.
        fn keep_command(&self, org: OrgId, command: NewCommand, at: Timestamp) -> bool;
        /// What a stored command was answered: `Some(None)` means taken.
        fn command_answer(&self, org: OrgId, id: CommandId) -> Option<Option<String>>;
        /// Notes that a device was heard from.
        fn heard_from(&self, org: OrgId, device: DeviceId, pushed: bool, at: Timestamp) -> ();
        /// Keeps what a device says of itself.
        fn device_says(&self, org: OrgId, device: DeviceId, says: DeviceSays) -> ();
    }
}

use_cases! {
    /// Work that waits for a person.
    trait Quarantine {
        /// Keeps changes aside, once, and opens or extends their case.
        fn set_aside(&self, org: OrgId, aside: SetAside, at: Timestamp) -> AsideOutcome;
        /// What is known of documents that are not here, by their ids and customers.
        fn awaited(&self, org: OrgId, docs: Vec<(DocId, Option<DocId>)>) -> Vec<AwaitedDoc>;
        /// A document's changes that were ever kept aside, oldest first.
        fn kept_of(&self, org: OrgId, doc: DocId) -> Vec<KeptChange>;
        /// The changes of a case, oldest first.
        fn kept_in(&self, org: OrgId, case: RecordId) -> Vec<KeptChange>;
        /// Writes a decision, with what it puts into the document: all of it or nothing.
        fn decide(&self, org: OrgId, decided: Decided, at: Timestamp) -> DecideOutcome;
    }
}

use_cases! {
    /// The feed.
    trait Feed {
        /// One page, read in one transaction.
        fn page(&self, org: OrgId, query: FeedQuery) -> FeedPage;
        /// The last position given out.
        fn head(&self, org: OrgId) -> Seq;
    }
}

use_cases! {
    /// Stored histories, and what a phone that counts differently is told.
    trait Histories {
        /// Documents that were written several times since their history was saved as a whole.
        fn unfolded(&self, org: OrgId, limit: u32) -> Vec<Unfolded>;
        /// The history as the log has it.
        fn logged(&self, org: OrgId, doc: DocId) -> Vec<u8>;
        /// Stores a history in another form, if nobody wrote since that revision. The
        /// caller has made sure that it leads to the same heads.
        fn fold(&self, org: OrgId, doc: DocId, revision: u64, history: Vec<u8>, unfolded: u32) -> bool;
        /// The documents of a scope by id, behind `after`.
        fn listed(&self, org: OrgId, scope: Scope, after: Option<DocId>, limit: u32) -> Vec<ListedDoc>;
        /// These documents whole, as far as one of these scopes holds them, until `budget`
        /// bytes are reached; at least one.
        fn whole(&self, org: OrgId, scopes: Vec<Scope>, docs: Vec<DocId>, budget: usize) -> Vec<WholeDoc>;
    }
}

use_cases! {
    /// What scoring reads and writes.
    trait Scores {
        /// Marks that wait, oldest first.
        fn dirty(&self, org: OrgId, limit: u32) -> Vec<DirtyMark>;
        /// Marks a rep's period by hand.
        fn mark_dirty(&self, org: OrgId, rep: UserId, period: Period) -> ();
        /// Takes a mark away if nothing set it again since.
        fn clear_dirty(&self, org: OrgId, mark: DirtyMark) -> ();
        /// Everything that bears on one rep's figures: the rows of the documents in the rep's own
        /// scope, which is exactly what the rep's phone holds.
        fn rows_for_rep(&self, org: OrgId, rep: UserId) -> Vec<Row>;
        /// Those of them that were written after an instant.
        fn rows_changed(&self, org: OrgId, rep: UserId, since: Timestamp) -> Vec<Row>;
        /// The same documents as the rules see them; of visits only those that began at `since` or
        /// later, or do not say when.
        fn facts_for_rep(&self, org: OrgId, rep: UserId, since: Timestamp) -> FactRows;
        /// Their customers and deals alone: what money and new customers are counted from.
        fn business_for_rep(&self, org: OrgId, rep: UserId) -> FactRows;
        /// Whose business moved after a position of the feed; with visits or without.
        fn business_moved(&self, org: OrgId, after: Seq, reps: Vec<UserId>, bearing: Bearing) -> BusinessMoved;
        /// The placement records of whatever the rep ever held. Those that ended long ago have
        /// left the rep's phone; a card of that time is still computed with them.
        fn placements_for_rep(&self, org: OrgId, rep: UserId) -> Vec<RecordRow>;
        /// The records of these kinds in the rep's own scope, by kind and id: what the rep's phone
        /// holds of them.
        fn records_for_rep(&self, org: OrgId, rep: UserId, kinds: Vec<RecordKind>) -> Vec<RecordRow>;
        /// The stored card.
        fn scorecard(&self, org: OrgId, rep: UserId, period: Period) -> Option<ScorecardRow>;
        /// Every card of a period.
        fn scorecards(&self, org: OrgId, period: Period) -> Vec<ScorecardRow>;
        /// What each card of a period came to.
        fn card_lines(&self, org: OrgId, period: Period) -> Vec<(UserId, Arc<CardLines>)>;
        /// What each card of a period asks somebody to do.
        fn card_calls(&self, org: OrgId, period: Period) -> Vec<(UserId, Arc<CardCalls>)>;
        /// How each card of a period judges visits.
        fn card_visits(&self, org: OrgId, period: Period) -> Vec<(UserId, Arc<CardVisits>)>;
        /// Stores a card, publishes its record, and notes what it says beside the documents.
        fn publish_scorecard(&self, org: OrgId, card: ScorecardRow, notes: CardNotes, at: Timestamp) -> Seq;
        /// The periods that have cards which were not kept as closed.
        fn periods_not_closed(&self, org: OrgId) -> Vec<Period>;
        /// Keeps the cards of a period that look from its end, as they stand: what comes later
        /// does not move them. Those that were kept already stay. Gives how many were kept.
        fn close_cards(&self, org: OrgId, period: Period, end: Timestamp, at: Timestamp) -> usize;
        /// A rep's card as it was when the period closed.
        fn closed_card(&self, org: OrgId, rep: UserId, period: Period) -> Option<ClosedCard>;
        /// The closed cards of a period that later facts moved.
        fn restated_cards(&self, org: OrgId, period: Period) -> Vec<ClosedCard>;
    }
}

use_cases! {
    /// What the manager's pages read.
    trait Boards {
        /// The visits of these reps that began in `[from, until)`.
        fn visits_of(&self, org: OrgId, reps: Vec<UserId>, from: Timestamp, until: Timestamp) -> Vec<Row>;
        /// Visits of any time that show a photo of these, or were at the point of one at
        /// another customer; without these themselves.
        fn visits_alike(&self, org: OrgId, visits: Vec<DocId>) -> Vec<DocId>;
        /// Deals that a phone has written to since.
        fn deals_changed_since(&self, org: OrgId, from: Timestamp) -> Vec<Row>;
        /// Every rep's plan of a day.
        fn plans_on(&self, org: OrgId, date: Date) -> Vec<Row>;
        /// The projection rows of these documents; unknown ones are left out.
        fn rows(&self, org: OrgId, docs: Vec<DocId>) -> Vec<Row>;
        /// The placement records of these customers and deals.
        fn placements_of(&self, org: OrgId, docs: Vec<DocId>) -> Vec<RecordRow>;
        /// The contracts, payments and deals of these customers, in this order.
        fn dealings_of(&self, org: OrgId, customers: Vec<DocId>) -> Vec<Dealings>;
        /// The same rep's visits before and after one.
        fn visit_neighbours(&self, org: OrgId, visit: DocId) -> VisitNeighbours;
    }
}

use_cases! {
    /// Lists with filters.
    trait Lists {
        /// The customers that match, in order.
        fn find_customers(&self, org: OrgId, filter: CustomerFilter, window: Window) -> Found;
        /// The rows of these customers, in this order; unknown ones are left out.
        fn customer_rows(&self, org: OrgId, docs: Vec<DocId>) -> Vec<CustomerRow>;
        /// The industries of the customers that the reader may see.
        fn industries(&self, org: OrgId, within: Within) -> Vec<String>;
        /// How many customers of each industry everybody holds.
        fn customer_industries(&self, org: OrgId) -> Vec<IndustryCount>;
        /// The visits that match, in order.
        fn find_visits(&self, org: OrgId, filter: VisitFilter, window: Window) -> Found;
        /// The rows of these visits, in this order; unknown ones are left out.
        fn visit_rows(&self, org: OrgId, docs: Vec<DocId>) -> Vec<VisitRow>;
        /// The deals that match, in order.
        fn find_deals(&self, org: OrgId, filter: DealFilter, window: Window) -> Found;
        /// The rows of these deals, in this order; unknown ones are left out.
        fn deal_rows(&self, org: OrgId, docs: Vec<DocId>) -> Vec<DealRow>;
        /// What the matching deals amount to, by currency.
        fn deal_totals(&self, org: OrgId, filter: DealFilter) -> Vec<DealTotal>;
        /// The same by stage.
        fn deal_stages(&self, org: OrgId, filter: DealFilter) -> Vec<StageTotal>;
        /// The products of the deals that the reader may see.
        fn deal_products(&self, org: OrgId, within: Within) -> Vec<String>;
    }
}

use_cases! {
    /// What imports read and write.
    trait Imports {
        /// What a source calls these things; unknown keys are left out.
        fn external_keys(&self, org: OrgId, source: &str, kind: ExternalKind, keys: Vec<String>) -> Vec<ExternalKey>;
        /// Everything of a kind that a source named.
        fn external_keys_of(&self, org: OrgId, source: &str, kind: ExternalKind) -> Vec<ExternalKey>;
        /// What sources, whichever, call one thing.
        fn external_keys_for(&self, org: OrgId, kind: ExternalKind, id: [u8; 16]) -> Vec<ExternalKey>;
        /// Customers with exactly these names.
        fn customers_named(&self, org: OrgId, names: Vec<String>) -> Vec<(String, DocId)>;
        /// The deals of a customer that `source` does not know, with who holds them.
        fn deal_holders(&self, org: OrgId, source: &str, customer: DocId) -> Vec<DealHolder>;
        /// Writes a batch: all of it with its keys, or nothing.
        fn write_import(&self, org: OrgId, batch: ImportBatch) -> ImportOutcome;
    }
}

use_cases! {
    /// What reports and funnels read: deals with whose they are.
    trait Reports {
        /// Deals decided in `[from, until)`, and open ones created in it.
        fn deals_between(&self, org: OrgId, from: Timestamp, until: Timestamp) -> Vec<TeamDeal>;
        /// Deals that existed before `until` and were not decided before `from`: what may
        /// have been in a stage in `[from, until)`. Undated ones are among them.
        fn deals_alive(&self, org: OrgId, from: Timestamp, until: Timestamp) -> Vec<TeamDeal>;
        /// How many deals belong to no time: open ones without creation, decided ones without
        /// the decision's time.
        fn undated_deals(&self, org: OrgId) -> u64;
        /// What was won in `[from, until)`, read without the deals themselves.
        fn won_between(&self, org: OrgId, from: Timestamp, until: Timestamp) -> Vec<WonDeal>;
        /// Visits begun in `[from, until)`, counted for each rep.
        fn visit_counts(&self, org: OrgId, from: Timestamp, until: Timestamp) -> Vec<VisitCount>;
        /// Visits begun in `[from, until)` that heard of a need or a competitor, or ask for help.
        fn telling_visits(&self, org: OrgId, from: Timestamp, until: Timestamp) -> Vec<Row>;
        /// How many customers of each industry are held in these units, or anywhere.
        fn customers_by_industry(&self, org: OrgId, units: Option<Vec<UnitId>>) -> Vec<(Option<String>, u64)>;
        /// What is open with these customers, in minor units of each currency.
        fn open_with(&self, org: OrgId, customers: Vec<DocId>) -> Vec<(DocId, Money)>;
        /// Orders that were made or called off in `[from, until)`, and those of these deals, by id.
        fn orders_bearing(&self, org: OrgId, from: Date, until: Date, deals: Vec<DocId>) -> Vec<RecordRow>;
        /// Plans of the days `[from, until)`.
        fn plans_between(&self, org: OrgId, from: Date, until: Date) -> Vec<Row>;
    }
}

use_cases! {
    /// Reports as they were issued.
    trait Issued {
        /// Keeps a report with what it names; one with the same facts stays as it was.
        fn issue(&self, org: OrgId, report: IssuedReport, body: IssuedBody, names: Vec<[u8; 16]>) -> ();
        /// A report; without what it says where something that it names was erased.
        fn issued(&self, org: OrgId, id: RecordId) -> Option<(IssuedReport, Option<IssuedBody>)>;
        /// The reports that were issued last, newest first.
        fn issued_lately(&self, org: OrgId, limit: u32) -> Vec<IssuedReport>;
    }
}

use_cases! {
    /// Meetings of teams, and what they decided.
    trait Meetings {
        /// Enters a meeting, and writes down who did; the same one again changes nothing.
        fn hold(&self, org: OrgId, meeting: MeetingRow) -> ();
        /// A meeting with its items, in the order in which they were entered.
        fn meeting(&self, org: OrgId, id: RecordId) -> Option<(MeetingRow, Vec<MeetingItem>)>;
        /// The meetings held last, newest first.
        fn meetings(&self, org: OrgId, limit: u32) -> Vec<MeetingRow>;
        /// Enters what a meeting decided, and writes down who did; the same item again changes
        /// nothing.
        fn decide_at_meeting(&self, org: OrgId, item: MeetingItem) -> ();
        /// Marks an action as done, or as not done, and writes down who did; false if it is
        /// neither there nor to be changed.
        fn finish_action(&self, org: OrgId, item: RecordId, done: bool, by: UserId, at: Timestamp) -> bool;
        /// Actions that are not done, by the day they are due.
        fn open_actions(&self, org: OrgId) -> Vec<MeetingItem>;
    }
}

use_cases! {
    /// Customers that look alike.
    trait Lookalikes {
        /// The names of all customers, without those that were merged into others.
        fn customer_names(&self, org: OrgId) -> Vec<(DocId, String)>;
        /// Writes down that two customers are not the same, or that they may be again.
        fn set_apart(&self, org: OrgId, pair: NotSame) -> ();
        /// The pairs of which somebody said so, the newest first, those taken back too.
        fn not_same(&self, org: OrgId) -> Vec<NotSame>;
    }
}

use_cases! {
    /// What must not be readable any more, and what people wrote beside each other.
    trait Erasures {
        /// Begins a document's next generation: the old history goes with everything that was
        /// computed from it or kept beside it, and readers are told.
        fn restart(&self, org: OrgId, generation: NewGeneration) -> CommitOutcome;
        /// Every document of a kind, by id.
        fn documents_of(&self, org: OrgId, kind: DocKind) -> Vec<DocId>;
        /// What there was of a document's history that began anew since, by name.
        fn ended(&self, org: OrgId, doc: DocId, generation: Generation) -> ChangeNames;
        /// Every history of a document that is over.
        fn former(&self, org: OrgId, doc: DocId) -> Former;
        /// Remembers of a history that is over what is written again on the one that stands, and
        /// writes that with it; none where it comes to nothing new.
        fn write_again(&self, org: OrgId, doc: DocId, again: WrittenAgain, commit: Option<DocCommit>) -> Option<CommitOutcome>;
        /// Where the things of that history were when it ended.
        fn things(&self, org: OrgId, doc: DocId, generation: Generation) -> Things;
        /// Replaces what names a user, and drops sessions, codes, device names and texts of the
        /// audit log about them.
        fn erase_account(&self, org: OrgId, account: ErasedAccount, at: Timestamp) -> ();
        /// What files call these documents and people, hashed: what an import may bring again.
        fn keys_to_erase(&self, org: OrgId, docs: Vec<DocId>, users: Vec<UserId>) -> Vec<ErasedKey>;
        /// Remembers what was erased: by what files call it, and by document.
        fn remember_erased(&self, org: OrgId, keys: Vec<ErasedKey>, docs: Vec<RedactedDoc>) -> ();
        /// Documents of which something was erased, also those that are not here.
        fn redacted(&self, org: OrgId) -> Vec<RedactedDoc>;
        /// Which of these names or keys of a source are of something that was erased.
        fn erased_among(&self, org: OrgId, source: &str, kind: ExternalKind, keys: Vec<String>) -> BTreeSet<String>;
        /// Conflicts or parallel updates, newest first.
        fn conflicts(&self, org: OrgId, ask: ConflictAsk) -> Vec<ConflictRow>;
        /// Leaves nothing in the files of what was deleted. Others wait meanwhile.
        fn compact(&self) -> ();
    }
}

/// All rooms together.
pub trait Storage:
    Records
    + Accounts
    + Invitations
    + Documents
    + Feed
    + Histories
    + Placing
    + Quarantine
    + Scores
    + Boards
    + Imports
    + Lists
    + Reports
    + Issued
    + Meetings
    + Lookalikes
    + Erasures
{
}
impl<S> Storage for S where
    S: Records
        + Placing
        + Accounts
        + Invitations
        + Documents
        + Quarantine
        + Feed
        + Histories
        + Scores
        + Boards
        + Imports
        + Lists
        + Reports
        + Issued
        + Meetings
        + Lookalikes
        + Erasures
{
}

/// The digest term of a document; see [`client_core::protocol::ScopeDigest::term`].
pub(crate) fn term(doc: DocId, generation: u32, heads: &Heads) -> u128 {
    client_core::protocol::ScopeDigest::term(doc, Generation(generation), heads)
}

/// The unit a user's new things belong to.
pub(crate) fn main_unit(user: &UserRecord) -> Option<UnitId> {
    user.units.first().copied()
}
