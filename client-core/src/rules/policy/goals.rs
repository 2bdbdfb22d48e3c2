//! Defaults of the guides that later rules read (DOMAIN C4). They stand in the
//! policy from the start so that a policy entered today stays complete.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rules::policy::clock::WorkingHours;
use crate::rules::units::{BasisPoints, Percent};

/// Goals of the guides for figures beyond the scorecard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoalPolicy {
    /// Formula of the collection rate (F7).
    pub collection_formula: CollectionVariant,
    /// Collection rate to be exceeded (S3 超90%: strictly).
    pub collection_rate_above: Percent,
    /// How satisfaction is measured (D10).
    pub satisfaction_measure: SatisfactionMeasure,
    /// Satisfaction to be reached, in hundredths (S3 ≥ 8 分).
    pub satisfaction_min_hundredths: u32,
    /// Repurchase rate to be reached (S3 不低于70%).
    pub repurchase_min: Percent,
    /// How many months before the period make an old customer (F10).
    #[serde(default = "a_year")]
    pub repurchase_window_months: u32,
    /// New-customer conversion to be reached (S3 15%).
    pub new_customer_conversion_min: Percent,
    /// Tender win rate to be reached (S3 ≥ 60%).
    pub tender_win_min: Percent,
    /// High-margin share of sales to be reached (S3 需达40%).
    pub high_margin_min: Percent,
    /// Growth of products per customer to be reached (S3 +25%).
    pub products_per_customer_growth_min: Percent,
    /// The share of customers, of those that bought most, that are key accounts (S3 Top20%).
    #[serde(default = "a_fifth")]
    pub key_accounts: Percent,
    /// For so many months after its launch a product is new (S4 新产品销售占比; ours).
    #[serde(default = "a_year")]
    pub new_product_months: u32,
    /// Product mix (S3).
    pub mix: MixPolicy,
}

const fn a_year() -> u32 {
    12
}

const fn a_fifth() -> Percent {
    Percent(BasisPoints(2_000))
}

/// Formula of the collection rate (F7, D12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CollectionVariant {
    /// Cash received ÷ (overdue at start + due in the period).
    ReceivedOverDue,
    /// Cash on instalments due in the period ÷ due in the period.
    DueInPeriod,
    /// Cash received ÷ sales booked in the period.
    ReceivedOverBooked,
}

/// How satisfaction is measured (D10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SatisfactionMeasure {
    /// Mean of the answers, 0 to 10.
    Mean,
    /// Net promoter score, −100 to 100.
    Nps,
}

/// Product mix as shares of sales (S3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MixPolicy {
    /// High end.
    pub high_end: Percent,
    /// Middle.
    pub middle: Percent,
    /// Basic.
    pub basic: Percent,
}

impl MixPolicy {
    /// The shares' sum.
    pub const fn sum(&self) -> BasisPoints {
        BasisPoints(self.high_end.0.0 + self.middle.0.0 + self.basic.0.0)
    }
}

/// Close horizons of lead grades (S0, R7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadPolicy {
    /// Grade A is stale when older.
    pub a_days: u32,
    /// Grade B is stale when older.
    pub b_days: u32,
}

/// Alarms (R4 to R6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChurnPolicy {
    /// Churn so much above the previous period's flags (relative).
    pub churn_rise: Percent,
    /// With at least so many customers.
    pub churn_min_base: u32,
    /// Falling figures (R5).
    pub fall: FallPolicy,
    /// A stage's conversion so much below its benchmark flags (relative).
    pub stage_below_benchmark: Percent,
    /// With at least so many deals.
    pub stage_min_deals: u32,
    /// Whether "up 10 %" and "below by 20 %" are shares or percentage points (D13).
    #[serde(default)]
    pub compare: Comparing,
    /// What a stage's conversion is held against (R6, S1 行业均值), by the stage's code: an
    /// average of the industry is nobody's data, so it is entered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub benchmarks: BTreeMap<String, Percent>,
}

/// How a rise or a shortfall is measured (D13).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparing {
    /// As a share of what it is compared with.
    #[default]
    Relative,
    /// In percentage points.
    Points,
}

/// Falling figures (R5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallPolicy {
    /// Closed months in a row.
    pub months: u32,
    /// Compare the figure per working day, so that a short month is no decline.
    #[serde(default)]
    pub per_working_day: bool,
}

/// Callbacks, answers, day plans (R10, D16, S1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReminderPolicy {
    /// Calendar days after signing within which a callback is due.
    pub callback_days: u32,
    /// First answer to a case is due within.
    pub response_hours: u32,
    /// On which clock.
    pub response_clock: SlaClock,
    /// Key tasks of a day plan.
    pub key_tasks: u32,
    /// Whether the callback's days are working days.
    #[serde(default)]
    pub callback_working_days: bool,
    /// The hours of the working clock.
    #[serde(default)]
    pub working_hours: WorkingHours,
    /// A deal without a move or a contact for so many days is stalled (R8); a stage may
    /// say otherwise.
    #[serde(default = "two_weeks")]
    pub stall_days: u32,
    /// An open deal is to be touched within so many working days (R11).
    #[serde(default)]
    pub hygiene: HygienePolicy,
}

const fn two_weeks() -> u32 {
    14
}

/// Working days within which an open deal is touched, by priority (R11; S3 says daily).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HygienePolicy {
    /// P1.
    pub p1: u32,
    /// P2.
    pub p2: u32,
    /// P3, and deals without a priority.
    pub p3: u32,
}

impl Default for HygienePolicy {
    fn default() -> Self {
        Self { p1: 1, p2: 3, p3: 5 }
    }
}

/// Which time an answer's deadline counts (D16).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaClock {
    /// All time.
    Elapsed,
    /// Working time.
    Working,
}
