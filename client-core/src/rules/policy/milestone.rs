use std::fmt::{Display, Formatter};

use serde::{Deserialize, Serialize};

use crate::period::{Days, Period};
use crate::records::Metric;
use crate::rules::units::Percent;

/// A milestone of the year (R15, S3 季度里程碑): what is to be reached by the end of a
/// quarter. Of a metric it is a share of the year's target; of a figure it is a threshold,
/// or so much more than in the same days of the year before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MilestoneRule {
    /// The quarter, 1 to 4.
    pub quarter: u32,
    /// Of what.
    pub metric: MilestoneMetric,
    /// This share of the year's target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Percent>,
    /// So much more than in the same days of the year before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth: Option<Percent>,
    /// So much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// And not more than so much (S3 Q3: 3-5个).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<Threshold>,
    /// Whether exactly that is enough (DOMAIN D14).
    #[serde(default, skip_serializing_if = "Operator::is_at_least")]
    pub operator: Operator,
    /// Since when it is counted.
    #[serde(default, skip_serializing_if = "Within::is_year")]
    pub within: Within,
}

impl MilestoneRule {
    /// The quarter at whose end it is to be reached, in the year of `year`.
    pub fn ends(&self, year: Period) -> Period {
        let place = usize::try_from(self.quarter.saturating_sub(1)).unwrap_or(usize::MAX);
        year.quarters().get(place).copied().unwrap_or(year)
    }

    /// The days in which it is counted.
    pub fn days(&self, year: Period) -> Days {
        let ends = self.ends(year);
        let from = match self.within {
            Within::Year => year.first_day(),
            Within::Quarter => ends.first_day(),
        };
        Days { from, until: ends.next_first_day() }
    }
}

/// What a milestone is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum MilestoneMetric {
    /// A figure that has no target.
    Figure(MilestoneFigure),
    /// What targets are set for.
    Metric(Metric),
}

impl MilestoneMetric {
    /// The stable code.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Figure(figure) => figure.as_str(),
            Self::Metric(metric) => metric.as_str(),
        }
    }
}

impl Display for MilestoneMetric {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A figure of a team that milestones are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MilestoneFigure {
    /// Products per customer (S3 Q2).
    ProductsPerCustomer,
    /// Tenders that are worked on (S3 Q3).
    Tenders,
    /// Tenders won ÷ decided (S3 Q3).
    TenderWinRate,
    /// The collection rate by the policy's formula (S3 Q4).
    CollectionRate,
}

impl MilestoneFigure {
    /// Every one.
    pub const ALL: [Self; 4] =
        [Self::ProductsPerCustomer, Self::Tenders, Self::TenderWinRate, Self::CollectionRate];

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProductsPerCustomer => "products_per_customer",
            Self::Tenders => "tenders",
            Self::TenderWinRate => "tender_win_rate",
            Self::CollectionRate => "collection_rate",
        }
    }
}

/// How much is to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a count such as 3, or a share such as \"60%\"")]
pub enum Threshold {
    /// So many.
    Count(u32),
    /// Such a share.
    Share(Percent),
}

impl Threshold {
    /// Whether both are counts, or both shares.
    pub const fn is_like(self, other: Self) -> bool {
        matches!((self, other), (Self::Count(_), Self::Count(_)) | (Self::Share(_), Self::Share(_)))
    }

    /// In the units that a milestone of it is told in.
    pub(crate) const fn units(self) -> i64 {
        match self {
            Self::Count(count) => count as i64,
            Self::Share(share) => share.0.0,
        }
    }
}

/// Whether exactly what is asked for is enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operator {
    /// It is (不低于).
    #[default]
    #[serde(rename = ">=")]
    AtLeast,
    /// It is not (超).
    #[serde(rename = ">")]
    Above,
}

impl Operator {
    const fn is_at_least(&self) -> bool {
        matches!(self, Self::AtLeast)
    }

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
        }
    }

    /// Whether `actual` is enough for `wanted`.
    pub fn holds(self, actual: i128, wanted: i128) -> bool {
        match self {
            Self::AtLeast => actual >= wanted,
            Self::Above => actual > wanted,
        }
    }
}

/// Since when a milestone is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// Since the year began.
    #[default]
    Year,
    /// Since the quarter began.
    Quarter,
}

impl Within {
    const fn is_year(&self) -> bool {
        matches!(self, Self::Year)
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::policy::{Policy, preset_text};

    #[test]
    fn a_milestone_says_how_much_in_the_way_that_fits_what_it_is_of() {
        let preset = preset_text("guide-standard").unwrap();
        let refused = |from: &str, to: &str| {
            assert!(preset.contains(from), "the preset says no {from}");
            let read = Policy::from_toml(&preset.replacen(from, to, 1));
            read.expect_err(to).to_string()
        };
        let check = |from: &str, to: &str, told: &str| {
            let error = refused(from, to);
            assert!(error.contains(told), "{to}: {error}");
        };
        check("growth = \"25%\"", "threshold = 3", "growth = \"25%\", and nothing else");
        check("growth = \"25%\"", "growth = \"25%\"\nshare = \"1%\"", "and nothing else");
        check("threshold = 3\n", "threshold = \"60%\"\n", "threshold = 3, and nothing else");
        check("threshold = \"60%\"", "threshold = 3", "threshold = \"60%\", and nothing else");
        check("at_most = 5", "at_most = \"60%\"", "not less than its threshold, and like it");
        check("at_most = 5", "at_most = 2", "not less than its threshold, and like it");
        check("at_most = 5", "at_most = 4294967295", "at most");
        check("growth = \"25%\"", "growth = \"25%\"\nat_most = 5", "beside a threshold");
        check("threshold = \"60%\"", "threshold = [3]", "a count such as 3");
        check("threshold = \"60%\"", "threshold = \"160%\"", "0.01% to 100%");
        check("operator = \">\"", "operator = \"over\"", ">=");
        check("metric = \"tenders\"", "metric = \"bids\"", "products_per_customer, tenders");
        let share = "metric = \"new_customers\"     # S3 Q1: 完成全年新客户目标的30%\n";
        check(share, &format!("within = \"quarter\"\n{share}"), "expected year");
    }
}
