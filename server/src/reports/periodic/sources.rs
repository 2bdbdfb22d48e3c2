//! What a report is computed from, and nothing else: kept beside an issued report, so that
//! the same bytes can be computed again after everything else has moved on.
//!
//! Sums that no report opens (a month's sales, customers of an industry) are kept as sums;
//! what is quoted is kept with the heads it was read at.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::Heads;
use client_core::docs::deal::LossReview;
use client_core::id::{DocId, UnitId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::Period;
use client_core::records::Tier;
use client_core::rules::TeamDeal;
use client_core::time::{Date, Timestamp, Zone};
use serde::{Deserialize, Serialize};

use super::card::CardTold;

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A day (S3 日报).
    Daily,
    /// A week (S3 周报).
    Weekly,
    /// A month (S3 月度复盘).
    Monthly,
    /// A quarter (S3 季度).
    Quarterly,
}

impl Kind {
    /// Every kind, the shortest first.
    pub const ALL: [Self; 4] = [Self::Daily, Self::Weekly, Self::Monthly, Self::Quarterly];

    /// The stable code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
        }
    }

    /// The kind with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }

    /// Whether such a report is made of this period.
    pub const fn is_of(self, period: Period) -> bool {
        matches!(
            (self, period),
            (Self::Daily, Period::Day(_))
                | (Self::Weekly, Period::Week(_) | Period::SundayWeek(_))
                | (Self::Monthly, Period::Month(_))
                | (Self::Quarterly, Period::Quarter(_) | Period::FiscalQuarter(_))
        )
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which report.
    pub kind: Kind,
    /// Of when.
    pub period: Period,
    /// Of a unit and those below it; of the whole org if absent.
    pub unit: Option<UnitId>,
}

/// Everything a report is computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sources {
    /// What is asked.
    pub question: Question,
    /// The instant looked from, by the server's clock.
    pub as_of: Timestamp,
    /// What was stored up to here was known.
    pub feed_position: u64,
    /// What the org is called.
    pub org: String,
    /// What the unit is called.
    pub unit_name: Option<String>,
    /// The org's currency.
    pub currency: Currency,
    /// The org's zone.
    pub zone: Zone,
    /// The policy of the period.
    pub policy: Option<PolicyUsed>,
    /// How far the data reach.
    pub known: Known,
    /// What people are called.
    pub people: BTreeMap<UserId, String>,
    /// What the customers that are quoted are called.
    pub customers: BTreeMap<DocId, Option<String>>,
    /// Deals that moved in the period or the one before it, by id; those that were won with
    /// the amount that the policy counts of each.
    pub deals: Vec<DealTold>,
    /// What was sold in the period and in the one before it; reports that were issued before
    /// the policy said which money a team counts sum what was claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sold: Option<SoldTold>,
    /// The last months, the oldest first.
    pub months: Vec<MonthSold>,
    /// Customers of each industry; none for those that say none.
    pub industries: Vec<(Option<String>, u64)>,
    /// Visits of the period.
    pub visits: Vec<VisitsOf>,
    /// Visits of the period before.
    pub visits_before: Vec<VisitsOf>,
    /// Visits of the period that heard something.
    pub told: Vec<VisitTold>,
    /// Plans of the period, and of the one after it.
    pub plans: Vec<PlanTold>,
    /// Cards of the period's months, by month and rep.
    pub cards: Vec<CardTold>,
    /// What is open with customers at risk.
    pub open_with: Vec<(DocId, Money)>,
    /// Tiers that changed in the period.
    pub tiers: Vec<TierChange>,
    /// What meetings gave people to do and is not done.
    pub actions: Vec<ActionTold>,
}

/// The policy that was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyUsed {
    /// 1, 2, 3, …
    pub version: u32,
    /// Its text.
    pub toml: String,
}

/// How far the data reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// When a phone of these people was heard last.
    pub up_to: Option<Timestamp>,
    /// Phones heard within the last 24 hours.
    pub heard: u32,
    /// All their phones.
    pub phones: u32,
}

/// A deal with what a report quotes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealTold {
    /// What figures see of it.
    pub deal: TeamDeal,
    /// What it is about.
    pub name: Option<String>,
    /// Why it was lost: a code.
    pub lost_reason: Option<String>,
    /// The review of its loss.
    pub review: Option<LossReview>,
    /// What the customer was after.
    pub intent: Option<String>,
}

/// What was sold, from what the policy counts: one sum for each currency, by its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldTold {
    /// In the period.
    pub now: Vec<Money>,
    /// In the one before it.
    pub before: Vec<Money>,
}

/// What was sold in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthSold {
    /// The month.
    pub month: Period,
    /// One sum for each currency, by its code.
    pub won: Vec<Money>,
    /// The target in minor units of the org's currency.
    pub target: Option<i64>,
}

/// A rep's visits, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitsOf {
    /// Who logged them.
    pub rep: UserId,
    /// How many were begun.
    pub visits: u64,
    /// How many of them count (F1).
    pub counted: u64,
    /// How many customers they went to.
    pub customers: u64,
}

/// A visit that heard something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitTold {
    /// The visit.
    pub doc: DocId,
    /// The heads it was read at.
    pub heads: Heads,
    /// Who logged it.
    pub rep: UserId,
    /// To whom.
    pub customer: Option<DocId>,
    /// Needs heard.
    pub needs: Vec<String>,
    /// Competitors seen, with what was said of them.
    pub competitors: Vec<(String, Option<String>)>,
    /// Help that was asked for on it; reports that were issued before it was read have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<HelpTold>,
}

/// Help that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelpTold {
    /// On which day.
    pub on: Date,
    /// Its code.
    pub kind: Option<String>,
    /// In words.
    pub text: Option<String>,
}

/// A day's plan with the evening's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanTold {
    /// The plan.
    pub doc: DocId,
    /// The heads it was read at.
    pub heads: Heads,
    /// Whose.
    pub rep: UserId,
    /// For which day.
    pub date: Date,
    /// Key tasks.
    pub key_tasks: u32,
    /// Key tasks done.
    pub done: u32,
    /// Planned visits.
    pub stops: u32,
    /// Progress of key projects, in words.
    pub progress: Option<String>,
    /// Obstacles and resources wanted, in words.
    pub obstacles: Option<String>,
    /// Why the day's target was missed, in words.
    pub gap_reason: Option<String>,
    /// The report was handed in.
    pub submitted: bool,
    /// Help wanted: what kind, in words.
    pub help: Vec<(Option<String>, Option<String>)>,
}

/// What a meeting gave somebody to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionTold {
    /// In words.
    pub text: String,
    /// Who does it.
    pub owner: Option<UserId>,
    /// By when.
    pub due: Option<Date>,
}

/// A customer that changed its tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierChange {
    /// Which.
    pub customer: DocId,
    /// Its owner then.
    pub owner: UserId,
    /// On.
    pub on: Date,
    /// From.
    pub from: Option<Tier>,
    /// To.
    pub to: Option<Tier>,
}

impl Sources {
    /// Documents that are quoted, with the heads they were read at, by id.
    pub fn documents(&self) -> BTreeMap<DocId, Heads> {
        let deals = self.deals.iter().map(|one| &one.deal.fact);
        let deals = deals.map(|fact| (fact.doc, fact.heads.clone()));
        let visits = self.told.iter().map(|visit| (visit.doc, visit.heads.clone()));
        let plans = self.plans.iter().map(|plan| (plan.doc, plan.heads.clone()));
        deals.chain(visits).chain(plans).collect()
    }

    /// Ids of everything that the report names or quotes.
    pub fn names(&self) -> BTreeSet<[u8; 16]> {
        let mut names: BTreeSet<[u8; 16]> =
            self.documents().keys().map(|doc| *doc.as_bytes()).collect();
        names.extend(self.customers.keys().map(|doc| *doc.as_bytes()));
        let deals = self.deals.iter().filter_map(|one| one.deal.fact.customer);
        let visited = self.told.iter().filter_map(|visit| visit.customer);
        names.extend(deals.chain(visited).map(|doc| *doc.as_bytes()));
        names.extend(self.people.keys().map(|user| *user.as_bytes()));
        names
    }

    /// What a person is called.
    pub(super) fn person(&self, rep: UserId) -> Option<String> {
        self.people.get(&rep).cloned()
    }

    /// What a customer is called.
    pub(super) fn customer(&self, customer: DocId) -> Option<String> {
        self.customers.get(&customer).cloned().flatten()
    }
}
