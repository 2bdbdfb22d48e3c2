//! What crosses the border: records, never objects.

use crate::drafts::VisitChange;

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Account {
    /// The org's id.
    pub org: String,
    /// The org's name.
    pub org_name: String,
    /// The person's id.
    pub user: String,
    /// The person's name.
    pub user_name: String,
    /// `rep`, `supervisor`, `manager`, `analyst` or `admin`.
    pub role: String,
}

/// The organisation, as its settings say.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OrgRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The IANA zone in which business days are read, for example `Asia/Shanghai`.
    pub time_zone: String,
    /// The currency of targets and totals, an ISO 4217 code such as `CNY`.
    pub currency: String,
    /// Digits after the point that the currency's minor unit is: 2 for CNY, 0 for JPY.
    pub currency_decimals: u32,
    /// First month of the fiscal year, 1 to 12.
    pub fiscal_start_month: u8,
}

/// A customer to be created. Only the name is needed.
#[derive(Debug, Clone, Default, PartialEq, Eq, uniffi::Record)]
pub struct NewCustomer {
    /// The name people use.
    pub name: String,
    /// The company's number, as typed.
    #[uniffi(default = None)]
    pub phone: Option<String>,
    /// Street address.
    #[uniffi(default = None)]
    pub address: Option<String>,
    /// Industry, free text.
    #[uniffi(default = None)]
    pub industry: Option<String>,
    /// Free notes.
    #[uniffi(default = None)]
    pub notes: Option<String>,
}

/// A customer was created.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CreatedCustomer {
    /// Its id, for ever.
    pub id: String,
    /// Customers it may be a duplicate of, likeliest first. A warning, never a refusal.
    pub likely_duplicates: Vec<PossibleDuplicate>,
}

/// A customer that is like another one.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct PossibleDuplicate {
    /// The customer that is here already.
    pub id: String,
    /// Its name.
    pub name: String,
    /// They share a phone number.
    pub same_phone: bool,
}

/// A row of the customer list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CustomerRow {
    /// The customer.
    pub id: String,
    /// Its name; empty if it has none.
    pub name: String,
    /// `a`, `b` or `c`; none until the server placed it.
    pub tier: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// Who holds it, by id.
    pub owner: String,
    /// How far this phone's edits of it have come.
    pub state: ItemState,
}

/// A page of customers.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CustomerPage {
    /// The rows.
    pub rows: Vec<CustomerRow>,
    /// Pass it to get the next page; none at the end.
    pub next: Option<String>,
}

/// A row of the visit list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VisitRow {
    /// The visit.
    pub id: String,
    /// The customer, if the header names one.
    pub customer: Option<String>,
    /// The customer's name at the time.
    pub customer_name: Option<String>,
    /// `onsite`, `phone`, `video`, `wechat`, `email`, `event`.
    pub mode: Option<String>,
    /// When it began, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// What came out: a code as `VisitChange` lists them.
    pub outcome: Option<String>,
    /// Whether it was submitted.
    pub submitted: bool,
    /// How far it has come.
    pub state: ItemState,
}

/// A page of visits, newest first.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct VisitPage {
    /// The rows.
    pub rows: Vec<VisitRow>,
    /// Pass it to get the next page; none at the end.
    pub next: Option<String>,
}

/// What people wrote without seeing each other.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConflictRow {
    /// The document.
    pub doc: String,
    /// `customer`, `visit`, `deal`, `case` or `plan`.
    pub kind: String,
    /// The customer it is about.
    pub customer: Option<String>,
    /// `conflict` for one field, `parallel_update` for several.
    pub label: String,
    /// The field, for example `about/name`.
    pub field: String,
    /// When one of the values was written last, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// The values, the one that shows first.
    pub values: Vec<ConflictChoice>,
}

/// One of the values.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConflictChoice {
    /// The value as text.
    pub value: String,
    /// What to choose it by.
    pub change: String,
    /// Whose device wrote it, by the person's id; none if that device is not known here.
    pub author: Option<String>,
    /// When, by that device's clock, milliseconds since 1970 UTC.
    pub at_ms: i64,
}

/// A page of conflicts, newest first.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ConflictPage {
    /// The rows.
    pub rows: Vec<ConflictRow>,
    /// Pass it to get the next page; none at the end.
    pub next: Option<String>,
}

/// A product on sale.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ProductRow {
    /// The org's code for it; what a deal's line says.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its product line.
    pub line: Option<String>,
    /// List price in minor units: fen, cents.
    pub price_minor: Option<i64>,
    /// Currency of the price.
    pub currency: Option<String>,
}

/// How far something has come on its way to the server.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum ItemState {
    /// Durable on this phone, not sent yet.
    Saved,
    /// Handed to the network, not confirmed.
    Sent,
    /// Committed on the server.
    Stored,
    /// Not taken by the server; kept here.
    NotTaken {
        /// Why.
        reason: String,
    },
    /// The server keeps it until a manager has decided.
    Undecided {
        /// Why.
        reason: String,
    },
    /// Durable on this phone; it cannot go on now, and is sent again by itself.
    Waiting {
        /// For what.
        reason: String,
    },
}

/// A change that the server did not take, or that waits for something.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RefusedRow {
    /// The document that was edited.
    pub doc: String,
    /// What to dismiss it by.
    pub change: String,
    /// What became of it, and why.
    pub state: ItemState,
    /// When it was saved on this phone, milliseconds since 1970 UTC.
    pub saved_at_ms: i64,
}

/// Work that came too late: what waits for a manager, and what was decided.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LateWorkRow {
    /// The case; what deciding takes.
    pub case: String,
    /// The document that was edited.
    pub subject: String,
    /// Its name, if it is on this phone.
    pub name: Option<String>,
    /// Whose work it is, by name.
    pub author: String,
    /// How many changes.
    pub changes: u32,
    /// When the server received it, milliseconds since 1970 UTC.
    pub received_at_ms: i64,
    /// `accepted`, `rejected` or `handed_over`; none while it waits.
    pub verdict: Option<String>,
    /// Who decided, by name; none for the office's command line.
    pub by: Option<String>,
    /// What they said.
    pub note: Option<String>,
    /// Why it waits: `late`, `builds_on`, `came_back` after the server was restored, or for
    /// whoever looks after the server `unreadable` and `not_stored`.
    pub cause: String,
    /// It is the work of whoever is signed in here.
    pub mine: bool,
    /// It waits, and whoever is signed in here may decide.
    pub may_decide: bool,
}

/// A complaint, enquiry or survey in a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CaseRow {
    /// The case's id.
    pub id: String,
    /// The customer's id.
    pub customer: Option<String>,
    /// `complaint`, `enquiry` or `survey`.
    pub kind: Option<String>,
    /// What it is about, in a line.
    pub subject: Option<String>,
    /// When the customer brought it, milliseconds since 1970 UTC.
    pub opened_at_ms: i64,
    /// When it was answered first, milliseconds since 1970 UTC.
    pub first_reply_at_ms: Option<i64>,
    /// When it was resolved, milliseconds since 1970 UTC; open if absent.
    pub resolved_at_ms: Option<i64>,
    /// Whether the customer is satisfied now.
    pub satisfied: Option<bool>,
    /// Answers 0 to 10 that were given.
    pub scores: Vec<u8>,
    /// How far the edits made here have come.
    pub state: ItemState,
}

/// A page of cases.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CasePage {
    /// The rows.
    pub rows: Vec<CaseRow>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// A complaint or enquiry to be noted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct NewCase {
    /// The customer's id.
    pub customer: String,
    /// `complaint` or `enquiry`.
    pub kind: String,
    /// What it is about, in a line.
    pub subject: String,
    /// What the customer said.
    #[uniffi(default = None)]
    pub description: Option<String>,
    /// When the customer brought it, milliseconds since 1970 UTC; now if absent.
    #[uniffi(default = None)]
    pub opened_at_ms: Option<i64>,
}

/// An amount of money in minor units.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Amount {
    /// Minor units: fen, cents.
    pub minor: i64,
    /// An ISO 4217 code such as `CNY`.
    pub currency: String,
}

/// A comment of a leader on a visit.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ReviewRow {
    /// Who commented, by id; none for the office.
    pub by: Option<String>,
    /// When, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// 1 to 5, where the leader said.
    pub rating: Option<u8>,
    /// What they said.
    pub comment: String,
}

/// A position as the phone's location service gave it.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct GpsFix {
    /// Latitude in degrees, WGS-84.
    pub latitude: f64,
    /// Longitude in degrees, WGS-84.
    pub longitude: f64,
    /// Accuracy radius in metres.
    pub accuracy_m: f64,
    /// `gps`, `network`, `fused`, …
    pub provider: String,
    /// The system says a mock provider made it.
    pub is_mock: bool,
    /// Age of the fix in seconds.
    pub age_s: i64,
}

/// A visit to be logged in one go. An open check-in at that customer is closed by it.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct NewVisit {
    /// The customer's id.
    pub customer: String,
    /// `onsite`, `phone`, `video`, `wechat`, `email`, `event`.
    pub mode: String,
    /// What there is to say about it. Its own `mode` is left out; times are now if absent.
    #[uniffi(default)]
    pub said: VisitChange,
    /// A position, if there is one. Saving never waits for it.
    #[uniffi(default = None)]
    pub fix: Option<GpsFix>,
    /// Submit at once: it is complete and read-only from then on.
    #[uniffi(default = true)]
    pub submit: bool,
}

/// What waits on this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct PendingCounts {
    /// Changes saved and not sent.
    pub saved: u64,
    /// Changes sent and not confirmed.
    pub sent: u64,
    /// Requests not answered: reviews, objections, wishes and answers.
    pub requests: u64,
    /// Requests the server refused; see `requests`.
    pub requests_refused: u64,
    /// Changes the server did not take.
    pub not_taken: u64,
    /// Changes that a manager has to decide on.
    pub undecided: u64,
}

/// Where this phone stands: what the sync pill shows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncState {
    /// A sync is running now.
    pub syncing: bool,
    /// Everything of this user's is on this phone; until then no figure is shown.
    pub complete: bool,
    /// What waits.
    pub pending: PendingCounts,
    /// The server's time up to which everything is here, in UTC milliseconds.
    pub known_up_to_ms: Option<i64>,
    /// Why the last sync failed; none if it succeeded.
    pub last_error: Option<SyncFailure>,
    /// When to try again, in UTC milliseconds; none if a person has to act first.
    pub retry_at_ms: Option<i64>,
    /// How far this phone's clock was ahead of the server's when the server last answered
    /// since the app began, in milliseconds.
    pub clock_off_ms: Option<i64>,
    /// Documents in which this phone differs from the server and that are fetched next.
    pub repairing: u64,
    /// What stays wrong, for whoever looks after the server.
    pub faults: Vec<String>,
}

/// Why a sync did not work.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct SyncFailure {
    /// What to do about it.
    pub kind: FailureKind,
    /// What happened, for people who look for a fault and for logs.
    pub detail: String,
}

/// What to do about a sync that did not work: as the errors of the same names say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum FailureKind {
    /// No way to the server now: it is tried again.
    Offline,
    /// The connection is not private: sign in to the network, or set the clock.
    NotPrivate,
    /// Ask for the password.
    SignInAgain,
    /// Show the sign-in screen: the office ended this phone's access.
    DeviceRevoked,
    /// Update the app.
    UpdateRequired,
    /// Make room on this phone.
    StorageFull,
    /// This phone's storage failed.
    Storage,
    /// Unlock the phone.
    Keychain,
    /// The app ended it, paused or closed the client.
    Stopped,
    /// A fault of ours; please report it.
    Internal,
}

/// How far an item has come: saved, sent, stored, counted or not counted.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ItemLadder {
    /// Up to the server.
    pub state: ItemState,
    /// Whether it counts in a score; none where no score looks at it, or where not
    /// everything is on this phone yet.
    pub counts: Option<bool>,
    /// The server's card says the same; otherwise it is provisional.
    pub official: bool,
    /// The indicators it is counted in.
    pub lines: Vec<String>,
    /// Why it is left out or in doubt, as codes such as `visit.too_short`.
    pub reasons: Vec<String>,
}

/// A scorecard as computed on this phone.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ScorecardView {
    /// The period, for example `2026-10`.
    pub period: String,
    /// Total in hundredths of a point; none when nothing was applicable.
    pub total_centipoints: Option<i64>,
    /// One line for each indicator; their points sum to the total.
    pub lines: Vec<ScoreLine>,
    /// Visits of the period that count.
    pub visits_counted: u32,
    /// Visits of the period that do not.
    pub visits_not_counted: u32,
    /// Changes that are not at the server yet: the score is provisional.
    pub waiting_changes: u64,
    /// SHA-256 of the outcome, hexadecimal: equal to the server's for the same facts.
    pub digest: String,
    /// The server's result for the same period was computed from the same facts
    /// and has the same bytes; none where there is no official result yet.
    pub equals_official: Option<bool>,
}

/// A line of a scorecard.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ScoreLine {
    /// The indicator's code, for example `effective_visits`.
    pub indicator: String,
    /// What its value counts: `minor_units` of the org's currency, `count`, `basis_points`
    /// or `hundredths`.
    pub unit: String,
    /// Value in its unit; none where there is nothing to compute it from.
    pub value: Option<i64>,
    /// Target in the same unit.
    pub target: Option<i64>,
    /// Points in hundredths.
    pub centipoints: i64,
    /// False where it could not be applied and its weight went elsewhere.
    pub applicable: bool,
}
