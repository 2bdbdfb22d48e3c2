use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::code::codes;
use crate::id::{RecordId, UnitId, UserId};
use crate::period::Period;
use crate::time::Date;

/// A target of the cascade org → unit → rep (S4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// The record.
    pub id: RecordId,
    /// Whose.
    pub level: TargetLevel,
    /// Of what.
    pub metric: Metric,
    /// For when.
    pub period: Period,
    /// How much: minor units of the org's currency, a count, or basis points,
    /// as the metric says.
    pub value: i64,
    /// The target it is split from.
    pub parent: Option<RecordId>,
    /// Visible to reps from this day on (S4 target publication).
    pub published_on: Option<Date>,
    /// What part of the whole it is for, by keys of the org's own: region, channel,
    /// product line, industry, customer type (S1, S3, S4, DOMAIN D15). Empty for all of
    /// it; only such a target is held against a card.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimension: BTreeMap<String, String>,
    /// Not published yet: only whoever leads the unit reads it, and it counts nowhere.
    #[serde(default, skip_serializing_if = "is_false")]
    pub draft: bool,
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl TargetRecord {
    /// Whether it is for the whole of its metric, as a card counts it, and in force for
    /// those whom it concerns.
    pub fn is_whole(&self) -> bool {
        self.dimension.is_empty() && !self.draft
    }

    /// Whether reps may see it on `today`.
    pub fn is_published(&self, today: Date) -> bool {
        !self.draft && self.published_on.is_none_or(|from| from <= today)
    }
}

/// Whose target it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetLevel {
    /// The whole org.
    Org,
    /// A unit and those below it.
    Unit(UnitId),
    /// A rep.
    Rep(UserId),
}

codes! {
    /// What is counted.
    Metric {
        /// Won amount in minor units (S1 销售额).
        SalesAmount = "sales_amount",
        /// Collection rate in basis points (S1 回款率).
        CollectionRate = "collection_rate",
        /// New-customer growth in basis points (S1 新客户增长率).
        NewCustomerGrowth = "new_customer_growth",
        /// Effective visits, a count (S1 有效拜访量).
        EffectiveVisits = "effective_visits",
        /// Quote conversion in basis points (S1 报价转化率).
        QuoteConversion = "quote_conversion",
        /// Mean satisfaction in hundredths (S1 客户满意度).
        CustomerSatisfaction = "customer_satisfaction",
        /// New leads, a count (S1 evening board).
        NewLeads = "new_leads",
        /// New deals, a count (S3 daily report).
        NewDeals = "new_deals",
        /// New customers, a count (S4 客户新增数).
        NewCustomers = "new_customers",
    }
}

impl Metric {
    /// Whether a whole is the sum of its parts: amounts and counts are, shares are not.
    pub const fn is_additive(&self) -> bool {
        matches!(
            self,
            Self::SalesAmount
                | Self::EffectiveVisits
                | Self::NewLeads
                | Self::NewDeals
                | Self::NewCustomers
        )
    }
}
