//! F3: are the customers visited as often as their tier asks for?

use serde::{Deserialize, Serialize};

use crate::id::DocId;
use crate::records::Tier;
use crate::rules::policy::RulePeriod;
use crate::rules::units::BasisPoints;
use crate::time::Date;

/// Visit coverage of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// All customers that were the rep's.
    pub total: CoverageFigures,
    /// By tier, A to C; customers without tier last.
    pub tiers: Vec<TierCoverage>,
    /// Customers new to the company.
    pub new: CoverageFigures,
    /// The others.
    pub existing: CoverageFigures,
    /// One row for each customer and frequency rule, by customer then rule.
    pub rows: Vec<CoverageRow>,
}

/// The coverage of a tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierCoverage {
    /// The tier; absent for customers not tiered yet.
    pub tier: Option<Tier>,
    /// Its figures.
    pub figures: CoverageFigures,
}

/// The three numbers of F3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageFigures {
    /// Customers with at least one effective visit ÷ customers.
    pub reach: Share,
    /// Customers that got every required visit ÷ customers that a rule asked visits for.
    pub standard_met: Share,
    /// Visits made, at most the required ones ÷ visits required.
    pub frequency: Share,
}

/// A share with its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Above the line.
    pub numerator: i64,
    /// Below the line.
    pub denominator: i64,
    /// The share, half-even; absent when the denominator is 0.
    pub share: Option<BasisPoints>,
}

/// One customer under one frequency rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageRow {
    /// The customer.
    pub customer: DocId,
    /// The tier the rule is for.
    pub tier: Tier,
    /// Position of the rule in the policy's list.
    pub rule: u32,
    /// Over what the rule counts.
    pub period: RulePeriod,
    /// First day of the first of the rule's periods that end in the card's.
    pub from: Date,
    /// Last day of the last of them.
    pub until: Date,
    /// Visits required, prorated.
    pub required: i64,
    /// Visits that count, uncapped.
    pub actual: i64,
    /// Visits that count, at most what each rule period required.
    pub credited: i64,
    /// Whether every rule period got what it required.
    pub met: bool,
}
