//! What the lists of the manager's pages ask for and get.
//!
//! A list is asked for in two steps: which documents match, in order, and then
//! the rows of those that are shown. So a page costs what it shows, and a whole
//! list can be streamed from the order it had at one instant.

use client_core::id::{DocId, UnitId, UserId};
use client_core::money::Currency;
use client_core::protocol::Scope;
use client_core::records::Tier;
use client_core::rules::{DueStatus, Verdict};
use client_core::time::{Date, Timestamp};

/// Whose documents a reader may see: those in any of these scopes, everything if absent.
pub type Within = Option<Vec<Scope>>;

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many at most.
    pub limit: u32,
    /// How many to pass over.
    pub offset: u64,
}

impl Window {
    /// The whole list, as far as a table can hold it.
    pub const ALL: Self = Self { limit: u32::MAX, offset: 0 };
}

/// The documents that match, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How many the reader may see, whatever the filter.
    pub all: u64,
    /// How many match.
    pub matching: u64,
    /// Those of the window.
    pub docs: Vec<DocId>,
}

/// Which customers.
#[derive(Debug, Clone, Default)]
pub struct CustomerFilter {
    /// Whom the reader may see.
    pub within: Within,
    /// Part of a name, alias, industry or region, pinyin or its initials, or a phone's tail.
    pub text: String,
    /// Held by one of these.
    pub owners: Option<Vec<UserId>>,
    /// In one of these units.
    pub units: Option<Vec<UnitId>>,
    /// Of this tier; `Some(None)` for customers without one.
    pub tier: Option<Option<Tier>>,
    /// Of this industry.
    pub industry: Option<String>,
    /// At this point of its life: a code.
    pub lifecycle: Option<String>,
    /// With this due status.
    pub due: Option<DueStatus>,
    /// Owners whose phones were not heard lately: what their customers lack is not known.
    pub silent: Vec<UserId>,
    /// Of these only.
    pub only: Option<Vec<DocId>>,
    /// In which order.
    pub sort: CustomerSort,
}

/// Orders of customers; equal ones stand by name, then id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CustomerSort {
    /// By name.
    #[default]
    Name,
    /// The most urgent first.
    Due,
    /// The longest without contact first.
    Contact,
}

/// A customer in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// Which.
    pub doc: DocId,
    /// Its name.
    pub name: Option<String>,
    /// Its industry.
    pub industry: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Code of the point of its life.
    pub lifecycle: Option<String>,
    /// Who holds it.
    pub owner: Option<UserId>,
    /// In which unit.
    pub unit: Option<UnitId>,
    /// Its tier.
    pub tier: Option<Tier>,
    /// When its last visit began, whether it counts or not.
    pub last_visit: Option<Timestamp>,
    /// What the owner's card says.
    pub due: Option<DueStatus>,
    /// The last visit that counts towards the standard.
    pub last_counted: Option<Date>,
}

/// Which visits.
#[derive(Debug, Clone, Default)]
pub struct VisitFilter {
    /// Whom the reader may see.
    pub within: Within,
    /// Part of the customer's name, as [`CustomerFilter::text`] finds it.
    pub text: String,
    /// Begun at or after.
    pub from: Option<Timestamp>,
    /// Begun before.
    pub until: Option<Timestamp>,
    /// Logged by one of these.
    pub reps: Option<Vec<UserId>>,
    /// By this mode: a code.
    pub mode: Option<String>,
    /// With this outcome: a code.
    pub outcome: Option<String>,
    /// With this verdict.
    pub verdict: Option<VerdictFilter>,
    /// With this reason among those of the verdict: a code.
    pub reason: Option<String>,
    /// To this customer.
    pub customer: Option<DocId>,
    /// The oldest first.
    pub oldest_first: bool,
}

/// Kinds of verdict that visits are filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerdictFilter {
    /// Effective.
    Effective,
    /// Submitted and not effective.
    NotEffective,
    /// Under review, counted or not.
    NeedsReview,
    /// Begun and not submitted.
    Draft,
    /// No card has judged it yet.
    NotJudged,
}

/// A visit in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitRow {
    /// Which.
    pub doc: DocId,
    /// Who logged it.
    pub rep: UserId,
    /// To which customer.
    pub customer: Option<DocId>,
    /// The customer's name as the visit has it.
    pub customer_name: Option<String>,
    /// Code of the mode.
    pub mode: Option<String>,
    /// Code of the outcome.
    pub outcome: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it was submitted on the phone.
    pub submitted_at: Option<Timestamp>,
    /// What the card says, and whether the visit counts.
    pub verdict: Option<(Verdict, bool)>,
}

/// What deals are about, and where they came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sold {
    /// With any of these products, by code or name as deals write them; any if absent.
    pub products: Option<Vec<String>>,
    /// From this lead source: a code.
    pub source: Option<String>,
}

/// Which deals.
#[derive(Debug, Clone, Default)]
pub struct DealFilter {
    /// Whom the reader may see.
    pub within: Within,
    /// Part of the deal's or the customer's name.
    pub text: String,
    /// Owned by one of these.
    pub owners: Option<Vec<UserId>>,
    /// In one of these units.
    pub units: Option<Vec<UnitId>>,
    /// In this stage: a code; `Some(None)` for deals without one.
    pub stage: Option<Option<String>>,
    /// How it ended, or that it did not.
    pub outcome: Option<OutcomeFilter>,
    /// Amounts in this currency only, in minor units, from and up to.
    pub amount: Option<(Currency, Option<i64>, Option<i64>)>,
    /// Without an amount.
    pub unpriced: bool,
    /// With a customer of one of these industries.
    pub industries: Option<Vec<String>>,
    /// Created at or after, and before.
    pub created: (Option<Timestamp>, Option<Timestamp>),
    /// Decided at or after, and before.
    pub decided: (Option<Timestamp>, Option<Timestamp>),
    /// With this product.
    pub product: Option<String>,
    /// What it is about, and where it came from.
    pub sold: Sold,
    /// With this customer.
    pub customer: Option<DocId>,
    /// Of this priority: a code.
    pub priority: Option<String>,
    /// Open, and neither moved nor in contact since.
    pub stalled_since: Option<Timestamp>,
    /// Created, moved or decided at or after the first instant, and created before
    /// the second: what may stand in a cohort of the days between.
    pub moved: Option<(Timestamp, Timestamp)>,
    /// Of these only.
    pub only: Option<Vec<DocId>>,
    /// In which order.
    pub sort: DealSort,
}

/// How a deal ended, or that it did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeFilter {
    /// Not decided.
    Open,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

/// Orders of deals; equal ones stand by id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DealSort {
    /// The newest first.
    #[default]
    Created,
    /// The last decided first.
    Decided,
    /// The largest first.
    Amount,
    /// P1 first, then those longest without movement.
    Stalled,
}

/// A deal in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealRow {
    /// Which.
    pub doc: DocId,
    /// Its name.
    pub name: Option<String>,
    /// Whose customer it is about.
    pub customer: Option<DocId>,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// Who owns it.
    pub owner: UserId,
    /// In which unit.
    pub unit: Option<UnitId>,
    /// Code of its stage.
    pub stage: Option<String>,
    /// Code of its outcome.
    pub outcome: Option<String>,
    /// In minor units.
    pub amount_minor: Option<i64>,
    /// Of this currency.
    pub currency: Option<Currency>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Code of its priority.
    pub priority: Option<String>,
    /// Codes or names of its products.
    pub products: Vec<String>,
    /// The last movement between stages or contact with the customer.
    pub moved_at: Timestamp,
}

/// What the matching deals amount to in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealTotal {
    /// The currency; absent for deals without an amount.
    pub currency: Option<Currency>,
    /// How many deals.
    pub deals: u64,
    /// Their sum in minor units.
    pub minor: i64,
}

/// What the matching deals of one stage amount to in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageTotal {
    /// Code of the stage; absent for deals without one.
    pub stage: Option<String>,
    /// The deals.
    pub total: DealTotal,
}

/// Customers of one industry that one person holds in one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndustryCount {
    /// Who holds them.
    pub owner: UserId,
    /// In which unit.
    pub unit: UnitId,
    /// The industry; absent where it is not known.
    pub industry: Option<String>,
    /// How many.
    pub customers: u64,
}

/// What a card says of single documents, kept beside them for lists to filter by.
#[derive(Debug, Clone, Default)]
pub struct CardNotes {
    /// Verdicts on the rep's visits, and whether each counts.
    pub visits: Vec<(DocId, Verdict, bool)>,
    /// Due status of the rep's customers, with the last visit that counts for it.
    pub due: Vec<(DocId, DueStatus, Option<Date>)>,
}
