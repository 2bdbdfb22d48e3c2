//! The engine: the replica on a phone, as apps use it.
//!
//! [`Client`] is the whole of it. Everything a rep does works without signal and
//! returns when it is durable; sync is a job beside it that an app may start,
//! cancel and forget. See the crate's page for what a replica is and a typical day.

mod agenda;
mod alone;
mod apart;
mod appraisals;
mod asked;
mod asks;
mod cards;
mod cases;
mod changes;
mod claims;
mod client;
mod clock;
mod config;
mod conflicts;
mod customers;
mod deals;
mod decisions;
mod drafts;
mod driver;
mod enrol;
mod error;
mod exchange;
mod hints;
mod installation;
mod job;
mod ladder;
mod listen;
mod lists;
mod observe;
mod plans;
mod products;
mod random;
mod revoked;
mod scorecard;
mod secrets;
mod session;
mod status;
mod table;
mod targets;
mod team;
mod token;
mod transport;
mod visits;

pub use agenda::AgendaItem;
pub use appraisals::AppraisalEntry;
pub use asked::{AdjustmentEntry, AskState, Asking, ContestEntry};
pub use cases::NewCase;
pub use changes::{CaseChange, DealChange};
pub use client::{Client, CommandQueued};
pub use clock::{Clock, ManualClock, SystemClock};
pub use config::{Config, DeviceInfo};
pub use customers::{Created, LikelyDuplicate, NewContact, NewCustomer};
pub use deals::NewDeal;
pub use decisions::LateWork;
pub use drafts::{AttachmentKind, NewAttachment, VisitChange};
pub use error::{
    ApartError, ClientError, ClockFarOff, CodeRefusal, EnrolError, ReadError, SaveError,
    SignInError, SyncError, WipeError,
};
pub use exchange::{Exchange, Turn};
pub use installation::INSTALLATION;
pub use job::{BackgroundReport, Outcome, SyncJob, SyncReport};
pub use ladder::{Counting, Judgement, Ladder};
pub use listen::{LiveJob, LiveProgress, LiveState};
pub use lists::TimelineItem;
pub use observe::{Observation, Query, Stale};
pub use plans::DailyReportText;
pub use random::{Random, SeededRandom, SystemRandom};
pub use scorecard::{Comparison, OfficialScorecard};
pub use secrets::{SecretStore, SecretStoreError};
pub use session::SignedIn;
pub use status::SyncStatus;
pub use targets::{Reached, TargetEntry};
pub use team::TeamDesk;
pub use token::{TokenFiles, TokenStore, TokenStoreError};
pub use transport::{Carried, Carrier, Outbound};
pub use visits::NewVisit;

pub use crate::store::{
    CaseEntry, CaseQuery, CommandState, ConflictEntry, ConflictQuery, CustomerEntry, CustomerQuery,
    CustomerSort, DealEntry, DealQuery, ItemStatus, Page, PageToken, Pending, PlanEntry,
    RejectedChange, RequestEntry, ScopeTally, VisitEntry, VisitQuery, WrittenValue,
};
