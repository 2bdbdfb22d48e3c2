//! What the rules may look at.
//!
//! A score is disputed when two machines computed it from different things. So
//! the rules read nothing but [`Facts`]: plain values gathered by one builder
//! ([`Facts::for_rep`]) from rows that both the rep's phone and the server hold,
//! sorted and without duplicates. Equal [`Facts::digest`] on both sides means
//! equal outcomes; unequal digests can be explained fact by fact, because each
//! carries its document id and heads.

mod case;
mod contract;
mod customer;
mod deal;
mod decision;
mod instalment;
mod names;
mod order;
mod origin;
mod payment;
mod plan;
mod purchase;
mod quote;
mod signal;
mod survey;
mod target;
mod visit;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use case::{CaseFact, CaseKind};
pub use contract::ContractFact;
pub use customer::{CustomerFact, CustomerSeen, OwnedSpan};
pub use deal::{AwaitedFact, DealFact, MilestoneFact, StageFact};
pub use decision::{Decision, Ruling};
pub use instalment::InstalmentFact;
pub use names::{FactName, FactsApart};
pub use order::OrderFact;
pub use origin::{FactRef, Key, Origin, Source, record_doc};
pub use payment::PaymentFact;
pub use plan::{KeyTaskFact, PlanFact, StopFact};
pub use purchase::PurchaseFact;
pub use quote::QuoteFact;
pub use signal::Signal;
pub use survey::{SurveyFact, SurveyKind};
pub use target::TargetFact;
pub use visit::{CheckFact, VisitFact};

use crate::id::UserId;
use crate::money::Currency;
use crate::period::Period;
use crate::records::{CalendarRecord, Confirms};
use crate::rules::policy::Policy;

/// Everything the rules look at for one rep and one period.
///
/// Made by [`Facts::for_rep`], which documents what is included. The rep's name
/// is not a fact: renaming a person changes no score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Whose.
    pub rep: UserId,
    /// For when.
    pub period: Period,
    /// The org's currency; amounts in another are excluded, never converted.
    pub currency: Currency,
    /// Working days and the zone.
    pub calendar: CalendarRecord,
    /// What the org's books confirm.
    #[serde(default)]
    pub confirms: Confirms,
    /// Visits, by document id.
    pub visits: Vec<VisitFact>,
    /// Customers, by document id.
    pub customers: Vec<CustomerFact>,
    /// Deals credited to the rep, by document id.
    pub deals: Vec<DealFact>,
    /// The rep's targets, by record id.
    pub targets: Vec<TargetFact>,
    /// Rulings on visits, by visit; the latest of each.
    pub decisions: Vec<Decision>,
    /// Signals on visits, by visit and code.
    pub signals: Vec<Signal>,
    /// What the rep's customers bought up to the horizon, by deal.
    #[serde(default)]
    pub purchases: Vec<PurchaseFact>,
    /// Quotes of the rep's deals, by origin.
    #[serde(default)]
    pub quotes: Vec<QuoteFact>,
    /// Contracts of the rep's deals and customers, by origin.
    #[serde(default)]
    pub contracts: Vec<ContractFact>,
    /// What is owed, by origin.
    #[serde(default)]
    pub instalments: Vec<InstalmentFact>,
    /// What was paid, by origin.
    #[serde(default)]
    pub payments: Vec<PaymentFact>,
    /// Confirmed orders, by origin.
    #[serde(default)]
    pub orders: Vec<OrderFact>,
    /// Complaints and enquiries of the rep's customers, by document id.
    #[serde(default)]
    pub cases: Vec<CaseFact>,
    /// Answers of the rep's customers, by document and item.
    #[serde(default)]
    pub surveys: Vec<SurveyFact>,
    /// The rep's days, by date.
    #[serde(default)]
    pub plans: Vec<PlanFact>,
}

impl Facts {
    /// Nothing yet, for a rep and a period.
    pub const fn empty(
        rep: UserId,
        period: Period,
        currency: Currency,
        calendar: CalendarRecord,
    ) -> Self {
        Self {
            rep,
            period,
            currency,
            calendar,
            confirms: Confirms { orders: false, contracts: false, payments: false },
            visits: Vec::new(),
            customers: Vec::new(),
            deals: Vec::new(),
            targets: Vec::new(),
            decisions: Vec::new(),
            signals: Vec::new(),
            purchases: Vec::new(),
            quotes: Vec::new(),
            contracts: Vec::new(),
            instalments: Vec::new(),
            payments: Vec::new(),
            orders: Vec::new(),
            cases: Vec::new(),
            surveys: Vec::new(),
            plans: Vec::new(),
        }
    }

    /// Puts every list into its order, each fact once. Evaluation never depends on
    /// the order in which facts came, and this is why.
    pub fn sort(&mut self) {
        self.visits.sort_by_key(|fact| fact.doc);
        self.visits.dedup_by_key(|fact| fact.doc);
        self.customers.sort_by_key(|fact| fact.doc);
        self.customers.dedup_by_key(|fact| fact.doc);
        self.deals.sort_by_key(|fact| fact.doc);
        self.deals.dedup_by_key(|fact| fact.doc);
        self.targets.sort_by_key(|fact| fact.id);
        self.targets.dedup_by_key(|fact| fact.id);
        self.decisions.sort_by_key(|fact| (fact.visit, fact.at, fact.ruling));
        self.signals.sort_by(|a, b| (a.visit, &a.code, a.open).cmp(&(b.visit, &b.code, b.open)));
        self.signals.dedup();
        self.purchases.sort_by_key(|fact| fact.fact.doc);
        self.purchases.dedup_by_key(|fact| fact.fact.doc);
        self.quotes.sort_by_key(|fact| (fact.origin.key(), fact.issued_on));
        self.quotes.dedup();
        self.contracts.sort_by_key(|fact| fact.origin.key());
        self.contracts.dedup_by_key(|fact| fact.origin.key());
        self.instalments.sort_by_key(|fact| fact.origin.key());
        self.instalments.dedup_by_key(|fact| fact.origin.key());
        self.payments.sort_by_key(|fact| fact.origin.key());
        self.payments.dedup_by_key(|fact| fact.origin.key());
        self.orders.sort_by_key(|fact| fact.origin.key());
        self.orders.dedup_by_key(|fact| fact.origin.key());
        self.cases.sort_by_key(|fact| fact.fact.doc);
        self.cases.dedup_by_key(|fact| fact.fact.doc);
        self.surveys.sort_by_key(|fact| (fact.fact.doc, fact.item));
        self.surveys.dedup_by_key(|fact| (fact.fact.doc, fact.item));
        self.plans.sort_by_key(|fact| (fact.date, fact.fact.doc));
        self.plans.dedup_by_key(|fact| fact.fact.doc);
    }

    /// The facts as canonical CBOR: fields in their declared order, lists sorted.
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::rules::canonical::bytes(self)
    }

    /// SHA-256 of [`Facts::to_bytes`], without the questions about work that move no
    /// figure by `policy`: a phone that hears of one a moment before the card was looked
    /// at again would say that its facts are others. Only a visit that the policy does not
    /// count while it is asked about is moved by a question, and an answer is a ruling.
    pub fn digest(&self, policy: &Policy) -> [u8; 32] {
        if self.signals.is_empty() {
            return Sha256::digest(self.to_bytes()).into();
        }
        let mut bare = self.clone();
        bare.signals.retain(|signal| signal.open && !policy.visits.review_counts);
        Sha256::digest(bare.to_bytes()).into()
    }
}
