//! The phone core across the language border, for Kotlin, Swift and Python.
//!
//! Calls are cheap on iOS and expensive on Android (63 ns in Swift, 17–28 µs
//! through JNA), so the surface is coarse: one call saves a visit, one call reads
//! a page of rows, and rows are records, never objects with getters. Lists are
//! pages of 50 to 100. An observer hears that a query is stale and reads again;
//! nothing is ever pushed.
//!
//! Long work is a job owned by Rust with `cancel()` and a `wait()` that may be
//! abandoned: Kotlin drops a cancelled future in mid-await and Swift ignores
//! cancellation, so neither may own the work. Every function that can fail
//! returns a [`FieldError`]; it has few variants, each one something an app can
//! act on. Nothing here decides anything: logic lives in client-core, where every
//! language gets it.

mod appraisals;
mod asked;
mod business;
mod card;
mod cases;
mod client;
mod convert;
mod customers;
mod deals;
mod desk;
mod drafts;
#[cfg(feature = "drill")]
mod drill;
mod error;
mod help;
mod job;
mod log;
mod observe;
mod plans;
mod requests;
mod rows;
mod secrets;
mod visits;

pub use appraisals::{AppraisalStepRow, AppraisalView, FamilyRow};
pub use asked::{AdjustmentRow, AskedState, ContestRow, PaceRow, TargetRow};
pub use business::{
    CaseChange, CaseDetail, DealChange, DealDetail, InstalmentRow, LossReview, MilestoneRow,
    NewMilestone, PaymentRow, ProgressRow, QuoteRow,
};
pub use card::{
    ApartRow, ExplainedCard, ExplainedLine, FactRow, FactsApartView, FigureRow, LeftOutRow,
};
pub use client::{FieldClient, OpenConfig};
pub use customers::{
    ContactRow, CustomerChange, CustomerDetail, NewContact, PhoneRow, TimelineItem,
};
pub use deals::{DealPage, DealRow, GateRow, NewDeal, StageRow};
pub use desk::{
    AgendaRow, ReminderRow, RulingRow, SignalRow, TeamDesk, TeamReminderRow, TeamRiskRow,
};
pub use drafts::{AttachmentKind, Competitor, NewAttachment, VisitChange};
pub use error::FieldError;
pub use help::{HelpAnswer, HelpWanted};
pub use job::{BackgroundReport, LiveJob, LiveState, SyncJob, SyncReport};
pub use log::{LogLevel, LogSink, log_to};
pub use observe::{Observation, StaleObserver, WatchedQuery};
pub use plans::{DailyReport, DayPlan, HelpRow, KeyTaskRow, StopRow};
pub use requests::RequestRow;
pub use rows::{
    Account, CreatedCustomer, CustomerPage, CustomerRow, FailureKind, GpsFix, ItemState,
    NewCustomer, NewVisit, OrgRow, PendingCounts, PossibleDuplicate, ScoreLine, ScorecardView,
    SyncFailure, VisitPage, VisitRow,
};
pub use secrets::{ClockReading, DeviceClock, SecretStore};
pub use visits::{AmendmentRow, AttachmentRow, ExpenseRow, VisitDetail};

uniffi::setup_scaffolding!();
