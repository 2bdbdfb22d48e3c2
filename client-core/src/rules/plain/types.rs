//! The shape of the file.

mod business;

use serde::Deserialize;

pub use business::{
    PlainAnswer, PlainCase, PlainContract, PlainInstalment, PlainOrder, PlainPayment, PlainQuote,
};

/// Facts of one rep or of several.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainFacts {
    /// The org's currency, ISO 4217.
    #[serde(default = "cny")]
    pub currency: String,
    /// The org's time zone, an IANA name.
    #[serde(default = "shanghai")]
    pub time_zone: String,
    /// Days off; those of the zone if absent.
    #[serde(default)]
    pub calendar: Option<PlainCalendar>,
    /// Whom to evaluate; everybody who is named as a rep if empty.
    #[serde(default)]
    pub reps: Vec<String>,
    /// Visits.
    #[serde(default)]
    pub visits: Vec<PlainVisit>,
    /// Reps of whom something is to be known: when they were there, when they were away.
    #[serde(default)]
    pub people: Vec<PlainPerson>,
    /// Customers.
    #[serde(default)]
    pub customers: Vec<PlainCustomer>,
    /// Leads and deals.
    #[serde(default)]
    pub deals: Vec<PlainDeal>,
    /// Quotes; revisions of one quote share its id.
    #[serde(default)]
    pub quotes: Vec<PlainQuote>,
    /// Contracts.
    #[serde(default)]
    pub contracts: Vec<PlainContract>,
    /// What is owed.
    #[serde(default)]
    pub instalments: Vec<PlainInstalment>,
    /// What was paid; a refund is negative.
    #[serde(default)]
    pub payments: Vec<PlainPayment>,
    /// Confirmed orders.
    #[serde(default)]
    pub orders: Vec<PlainOrder>,
    /// Complaints and enquiries.
    #[serde(default)]
    pub cases: Vec<PlainCase>,
    /// Customers' answers, 0 to 10.
    #[serde(default)]
    pub surveys: Vec<PlainAnswer>,
    /// Day plans.
    #[serde(default)]
    pub plans: Vec<PlainPlan>,
    /// Targets.
    #[serde(default)]
    pub targets: Vec<PlainTarget>,
    /// Rulings on visits.
    #[serde(default)]
    pub decisions: Vec<PlainDecision>,
    /// Doubts about visits that the server raised.
    #[serde(default)]
    pub signals: Vec<PlainSignal>,
    /// The catalogue, for the product mix.
    #[serde(default)]
    pub products: Vec<PlainProduct>,
    /// Figures of closed months, for two falling months (R5).
    #[serde(default)]
    pub months: Vec<PlainMonth>,
    /// Churn of regions (R4).
    #[serde(default)]
    pub churn: Vec<PlainChurn>,
    /// By stage code, the benchmark of its conversion in basis points (R6).
    #[serde(default)]
    pub benchmarks: std::collections::BTreeMap<String, i64>,
    /// Size of the market in the period, in minor units, for the market share.
    #[serde(default)]
    pub market_size_minor: Option<i64>,
    /// What the books confirm at all: orders, contracts, payments. What the file holds of
    /// them, of anybody, says so too; where a policy counts confirmed facts alone, a kind
    /// that nothing confirms is not applicable.
    #[serde(default)]
    pub confirms: Vec<String>,
}

/// Days of work and days off.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainCalendar {
    /// Days of the week without work: monday … sunday.
    #[serde(default = "weekend")]
    pub weekend: Vec<String>,
    /// Days off, YYYY-MM-DD.
    #[serde(default)]
    pub holidays: Vec<String>,
    /// Weekend days that are worked (调休).
    #[serde(default)]
    pub adjusted_workdays: Vec<String>,
    /// The day on which weeks begin: monday or sunday; monday if absent.
    #[serde(default)]
    pub week_starts: Option<String>,
}

/// A rep: when they were there, and the days on which they were away.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainPerson {
    /// Who.
    pub rep: String,
    /// The first day; long ago if absent.
    #[serde(default)]
    pub hired_on: Option<String>,
    /// The last day; still there if absent.
    #[serde(default)]
    pub left_on: Option<String>,
    /// Personal leave: it is subtracted from the working days.
    #[serde(default)]
    pub leave: Vec<PlainLeave>,
}

/// Days away, both inside.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainLeave {
    /// The first day.
    pub from: String,
    /// The last day.
    pub until: String,
}

/// A visit.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainVisit {
    /// Its id.
    pub id: String,
    /// Who logged it.
    #[serde(default)]
    pub rep: Option<String>,
    /// Whom it went to.
    #[serde(default)]
    pub customer: Option<String>,
    /// onsite, phone, video, wechat, email, event.
    #[serde(default)]
    pub mode: Option<String>,
    /// Start.
    #[serde(default)]
    pub started_at: Option<String>,
    /// End.
    #[serde(default)]
    pub ended_at: Option<String>,
    /// Arrival.
    #[serde(default)]
    pub check_in: Option<PlainCheck>,
    /// Departure.
    #[serde(default)]
    pub check_out: Option<PlainCheck>,
    /// order, progress, maintained, follow_up, not_met, rejected.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Whether it has a result in words.
    #[serde(default)]
    pub text: bool,
    /// Whether a next step, or an explicit none, was set.
    #[serde(default)]
    pub next_step: bool,
    /// When the next step is due.
    #[serde(default)]
    pub next_step_due: Option<String>,
    /// Handed in; a draft if absent.
    #[serde(default)]
    pub submitted_at: Option<String>,
    /// prospecting, follow_up, discovery, negotiation, after_sales, executive, collection, service.
    #[serde(default)]
    pub purpose: Option<String>,
    /// Colleagues who came along.
    #[serde(default)]
    pub co_visitors: Vec<String>,
    /// Deals spoken about.
    #[serde(default)]
    pub deals: Vec<String>,
    /// The plan whose stop it fulfils …
    #[serde(default)]
    pub plan: Option<String>,
    /// … and the stop.
    #[serde(default)]
    pub stop: Option<String>,
    /// A competitor was seen.
    #[serde(default)]
    pub competitor_seen: bool,
    /// Something was written after submit.
    #[serde(default)]
    pub edited_after_submit: bool,
    /// Names of its photos: the same name is the same photo (R13).
    #[serde(default)]
    pub photos: Vec<String>,
    /// When it was entered, for bursts (R13); submitted_at if absent.
    #[serde(default)]
    pub entered_at: Option<String>,
    /// When its last change was written, by the phone's clock (R13).
    #[serde(default)]
    pub authored_at: Option<String>,
    /// When the server received what it builds on (R13).
    #[serde(default)]
    pub builds_on_received_at: Option<String>,
    /// When the server received it first (R13: what came before it began was written by a
    /// clock that is ahead).
    #[serde(default)]
    pub received_at: Option<String>,
}

/// A check-in or check-out.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainCheck {
    /// When.
    pub at: String,
    /// Latitude in degrees, WGS-84.
    #[serde(default)]
    pub lat: Option<f64>,
    /// Longitude in degrees.
    #[serde(default)]
    pub lon: Option<f64>,
    /// Accuracy radius in metres.
    #[serde(default)]
    pub accuracy_m: Option<f64>,
    /// The system says a mock provider made it.
    #[serde(default)]
    pub mock: bool,
    /// Milliseconds since boot (R13).
    #[serde(default)]
    pub monotonic_ms: Option<i64>,
    /// Which boot (R13).
    #[serde(default)]
    pub boot: Option<String>,
    /// The last server time the phone had seen (R13).
    #[serde(default)]
    pub server_seen_at: Option<String>,
}

/// A customer.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainCustomer {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Whose it is.
    #[serde(default)]
    pub rep: Option<String>,
    /// a, b, c.
    #[serde(default)]
    pub tier: Option<String>,
    /// Known since.
    #[serde(default)]
    pub known_since: Option<String>,
    /// Spans of owners, oldest first; rep and tier for all time if empty.
    #[serde(default)]
    pub owned: Vec<PlainSpan>,
    /// Latitude in degrees, WGS-84.
    #[serde(default)]
    pub lat: Option<f64>,
    /// Longitude in degrees.
    #[serde(default)]
    pub lon: Option<f64>,
    /// lead, prospect, active, dormant, lost.
    #[serde(default)]
    pub lifecycle: Option<String>,
    /// Its owner marked it at risk.
    #[serde(default)]
    pub at_risk: bool,
}

/// A span in which a rep owned a customer.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainSpan {
    /// Who.
    #[serde(default)]
    pub rep: Option<String>,
    /// From, inclusive.
    pub from: String,
    /// Until, exclusive; open if absent.
    #[serde(default)]
    pub until: Option<String>,
    /// a, b, c.
    #[serde(default)]
    pub tier: Option<String>,
}

/// A lead or a deal.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainDeal {
    /// Its id.
    pub id: String,
    /// Whom it is credited to.
    #[serde(default)]
    pub rep: Option<String>,
    /// The customer.
    #[serde(default)]
    pub customer: Option<String>,
    /// Created.
    #[serde(default)]
    pub created_at: Option<String>,
    /// The stage now; the last entry of stages if absent.
    #[serde(default)]
    pub stage: Option<String>,
    /// Entries into stages.
    #[serde(default)]
    pub stages: Vec<PlainStage>,
    /// won or lost; open if absent.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Decided.
    #[serde(default)]
    pub decided_at: Option<String>,
    /// Amount in minor units.
    #[serde(default)]
    pub amount_minor: Option<i64>,
    /// Its currency; the org's if absent.
    #[serde(default)]
    pub currency: Option<String>,
    /// Lead grade: a, b, c.
    #[serde(default)]
    pub grade: Option<String>,
    /// Graded.
    #[serde(default)]
    pub graded_at: Option<String>,
    /// p1, p2, p3.
    #[serde(default)]
    pub priority: Option<String>,
    /// normal or tender.
    #[serde(default)]
    pub kind: Option<String>,
    /// A competitor is in it.
    #[serde(default)]
    pub competitor: bool,
    /// Milestones that were reached or are to be.
    #[serde(default)]
    pub milestones: Vec<PlainMilestone>,
    /// Products in it.
    #[serde(default)]
    pub lines: Vec<PlainLineItem>,
    /// Cancelled or refunded on (R13).
    #[serde(default)]
    pub undone_on: Option<String>,
}

/// An entry into a stage.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainStage {
    /// The stage's code.
    pub stage: String,
    /// When.
    pub at: String,
}

/// A milestone that was reached, or is to be reached by a day.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainMilestone {
    /// What.
    pub what: String,
    /// Reached on; not reached yet if absent.
    #[serde(default)]
    pub done_on: Option<String>,
    /// To be reached by.
    #[serde(default)]
    pub due: Option<String>,
}

/// A product in a deal.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainLineItem {
    /// Code or name.
    pub product: String,
    /// Amount in minor units.
    #[serde(default)]
    pub amount_minor: Option<i64>,
}

/// A rep's day.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainPlan {
    /// Its id.
    pub id: String,
    /// Whose.
    #[serde(default)]
    pub rep: Option<String>,
    /// The day.
    pub date: String,
    /// Planned visits.
    #[serde(default)]
    pub stops: Vec<PlainStop>,
    /// Key tasks named.
    #[serde(default)]
    pub key_tasks: u32,
    /// When the daily report was handed in.
    #[serde(default)]
    pub report_submitted_at: Option<String>,
}

/// A planned visit.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainStop {
    /// Its id, for visits that name it; it is known by what it says if absent.
    #[serde(default)]
    pub id: Option<String>,
    /// Whom.
    #[serde(default)]
    pub customer: Option<String>,
    /// The visit that fulfilled it.
    #[serde(default)]
    pub visit: Option<String>,
    /// Skipped, with a reason.
    #[serde(default)]
    pub skipped: bool,
}

/// A target.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainTarget {
    /// Its id; if absent, whose, of what and for when, as in `rep:anna sales_amount 2026-10`.
    #[serde(default)]
    pub id: Option<String>,
    /// Whose; a unit's or the org's target has a level instead.
    #[serde(default)]
    pub rep: Option<String>,
    /// org, or a unit's name; for sums of targets (R14).
    #[serde(default)]
    pub level: Option<String>,
    /// The target it is split from.
    #[serde(default)]
    pub parent: Option<String>,
    /// Of what: sales_amount, effective_visits, collection_rate, …
    pub metric: String,
    /// For when; the period asked for if absent.
    #[serde(default)]
    pub period: Option<String>,
    /// How much: minor units, a count, basis points or hundredths, as the metric says.
    pub value: i64,
    /// In force for reps from this day on.
    #[serde(default)]
    pub published_on: Option<String>,
    /// For a part only, by keys of the org's own such as region or product; a target for a
    /// part is compared with the whole (R14) and is on no card.
    #[serde(default)]
    pub dimension: std::collections::BTreeMap<String, String>,
}

/// A ruling on a visit.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainDecision {
    /// The visit.
    pub visit: String,
    /// accept, reject or void.
    pub ruling: String,
    /// When.
    #[serde(default)]
    pub at: Option<String>,
}

/// A doubt about a visit.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainSignal {
    /// The visit.
    pub visit: String,
    /// Which.
    pub code: String,
    /// Nobody has settled it yet.
    #[serde(default = "yes")]
    pub open: bool,
}

/// A product of the catalogue.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainProduct {
    /// Its code.
    pub code: String,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// high_end, middle, basic.
    #[serde(default)]
    pub class: Option<String>,
    /// high, normal, low.
    #[serde(default)]
    pub margin: Option<String>,
    /// On sale since, for the share of new products.
    #[serde(default)]
    pub launched_on: Option<String>,
}

/// A figure of a closed month.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainMonth {
    /// Whose: a rep, a unit.
    pub scope: String,
    /// The month, 2026-10.
    pub month: String,
    /// The figure.
    pub value: i64,
}

/// Churn of a region, beside the previous period's.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PlainChurn {
    /// Which region.
    pub scope: String,
    /// Lost in the period.
    pub lost: u32,
    /// Active at its start.
    pub active: u32,
    /// Lost in the previous period.
    pub previous_lost: u32,
    /// Active at its start.
    pub previous_active: u32,
}

fn cny() -> String {
    "CNY".to_owned()
}

fn shanghai() -> String {
    "Asia/Shanghai".to_owned()
}

fn weekend() -> Vec<String> {
    vec!["saturday".to_owned(), "sunday".to_owned()]
}

const fn yes() -> bool {
    true
}
