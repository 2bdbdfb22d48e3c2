//! What a deal document says. A lead is a deal in phase `lead`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::code::codes;
use crate::id::{ItemId, UserId};
use crate::money::Money;
use crate::time::{Date, Timestamp};

/// The state of a deal document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DealState {
    /// What it is about.
    pub name: Option<String>,
    /// Where the lead came from (S0, S1).
    pub source: Option<LeadSource>,
    /// Lead grade: A closes within 30 days, B in one to three months, C is nurtured (S0).
    pub grade: Option<LeadGrade>,
    /// When it was graded.
    pub graded_at: Option<Timestamp>,
    /// First contact after routing.
    pub first_touch_at: Option<Timestamp>,
    /// The stage now: a code of the org's pipeline.
    pub stage: Option<String>,
    /// Every entry into a stage; F6 reads only this.
    pub stage_history: BTreeMap<ItemId, StageEntry>,
    /// Won, lost or neither.
    pub outcome: Option<DealOutcome>,
    /// When it was decided, by the device's clock.
    pub decided_at: Option<Timestamp>,
    /// Expected or final amount.
    pub amount: Option<Money>,
    /// P1 to P3 (S3).
    pub priority: Option<Priority>,
    /// Intent, free text.
    pub intent: Option<String>,
    /// The customer's budget.
    pub budget: Option<Money>,
    /// How long the customer takes to decide, in days.
    pub decision_cycle_days: Option<u32>,
    /// Expected close.
    pub expected_close: Option<Date>,
    /// Normal or tender (S3).
    pub kind: Option<DealKind>,
    /// Product lines of interest.
    pub products: BTreeMap<ItemId, DealProduct>,
    /// Competitors.
    pub competitors: BTreeMap<ItemId, String>,
    /// Trials and demonstrations (S3 milestones).
    pub milestones: BTreeMap<ItemId, DealMilestone>,
    /// Quotes.
    pub quotes: BTreeMap<ItemId, Quote>,
    /// The signed contract as the rep claims it.
    pub contract: Option<ContractClaim>,
    /// Instalments as claimed.
    pub instalments: BTreeMap<ItemId, InstalmentClaim>,
    /// Payments as claimed.
    pub payments: BTreeMap<ItemId, PaymentClaim>,
    /// What happens next.
    pub next_step: Option<String>,
    /// When it is due.
    pub next_step_due: Option<Date>,
    /// Reason code of a lost deal.
    pub lost_reason: Option<String>,
    /// Loss review (S3: product fit, service response, terms).
    pub loss_review: Option<LossReview>,
    /// Notes.
    pub notes: Option<String>,
    /// When it was created, by the device's clock.
    pub created_at: Option<Timestamp>,
}

codes! {
    /// Lead source (S0, S1).
    LeadSource {
        /// Exhibition.
        Exhibition = "exhibition",
        /// Web form.
        Website = "website",
        /// Partner referral.
        Partner = "partner",
        /// Telephone marketing.
        Telemarketing = "telemarketing",
        /// Social media.
        Social = "social",
        /// Campaign.
        Campaign = "campaign",
        /// Referral by a customer.
        Referral = "referral",
        /// Found by the rep.
        OwnProspecting = "own_prospecting",
    }
}

codes! {
    /// Lead grade (S0). Never the same field as a customer's tier.
    LeadGrade {
        /// Closes within 30 days.
        A = "a",
        /// One to three months.
        B = "b",
        /// Long-term.
        C = "c",
    }
}

codes! {
    /// How it ended.
    DealOutcome {
        /// Won.
        Won = "won",
        /// Lost.
        Lost = "lost",
    }
}

codes! {
    /// Priority (S3).
    Priority {
        /// Highest.
        P1 = "p1",
        /// Middle.
        P2 = "p2",
        /// Lowest.
        P3 = "p3",
    }
}

codes! {
    /// Normal sale or tender (S3).
    DealKind {
        /// Normal.
        Normal = "normal",
        /// Tender.
        Tender = "tender",
    }
}

/// An entry into a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageEntry {
    /// The stage's code.
    pub stage: String,
    /// When, by the device's clock.
    pub at: Timestamp,
    /// Who moved it.
    pub by: Option<UserId>,
}

/// A product in the deal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DealProduct {
    /// Code or name.
    pub product: Option<String>,
    /// Quantity.
    pub quantity: Option<u32>,
    /// Line amount.
    pub amount: Option<Money>,
}

/// A trial, a demonstration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DealMilestone {
    /// What.
    pub what: Option<String>,
    /// Due.
    pub due: Option<Date>,
    /// Done.
    pub done_on: Option<Date>,
    /// Feedback.
    pub feedback: Option<String>,
}

/// A quote; revisions of one quote share its id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quote {
    /// Revision number.
    pub version: Option<u32>,
    /// Amount.
    pub amount: Option<Money>,
    /// Delivery and payment terms.
    pub terms: Option<String>,
    /// Issued.
    pub issued_on: Option<Date>,
    /// Accepted or declined.
    pub accepted: Option<bool>,
    /// Decided.
    pub decided_on: Option<Date>,
}

/// A contract as the rep claims it; the confirmed one is a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContractClaim {
    /// Signed.
    pub signed_on: Option<Date>,
    /// Amount.
    pub amount: Option<Money>,
    /// Number on the paper.
    pub number: Option<String>,
}

/// An instalment as claimed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstalmentClaim {
    /// Due.
    pub due_on: Option<Date>,
    /// Amount.
    pub amount: Option<Money>,
}

/// A payment as claimed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaymentClaim {
    /// Received.
    pub received_on: Option<Date>,
    /// Amount.
    pub amount: Option<Money>,
    /// The instalment it pays, if named.
    pub instalment: Option<ItemId>,
    /// The payment that this one gives back, in whole or in part: a refund is an amount
    /// below zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverses: Option<ItemId>,
}

/// Why it was lost (S3 loss review matrix), 1 to 5 each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LossReview {
    /// Product fit.
    pub product_fit: Option<u8>,
    /// Speed of service.
    pub service_response: Option<u8>,
    /// Commercial terms.
    pub terms: Option<u8>,
    /// Who won it.
    pub competitor: Option<String>,
    /// In words.
    pub reason: Option<String>,
}
