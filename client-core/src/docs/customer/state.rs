//! What a customer document says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::code::codes;
use crate::geo::Point;
use crate::id::{ItemId, UserId};
use crate::money::Money;
use crate::records::Tier;
use crate::time::{Date, Timestamp};

/// The state of a customer document. Who owns the customer and its tier are
/// records (`placement`), never fields of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerState {
    /// The name people use.
    pub name: Option<String>,
    /// Other names.
    pub aliases: BTreeMap<ItemId, String>,
    /// Industry, free text.
    pub industry: Option<String>,
    /// Headcount or turnover band, free text.
    pub size_band: Option<String>,
    /// Region as the rep writes it.
    pub region: Option<String>,
    /// Direct, distribution, online.
    pub channel: Option<Channel>,
    /// Street address.
    pub address: Option<String>,
    /// Where it is.
    pub position: Option<CustomerPosition>,
    /// The company's own numbers.
    pub phones: BTreeMap<ItemId, Phone>,
    /// People, with their role in the buying decision.
    pub contacts: BTreeMap<ItemId, Contact>,
    /// Tags, keyed by tag id, so that concurrent additions both stay.
    pub tags: BTreeMap<ItemId, String>,
    /// Needs (S0, S3 customer profile).
    pub needs: BTreeMap<ItemId, String>,
    /// Pains (S0).
    pub pains: BTreeMap<ItemId, String>,
    /// Lifecycle phase now.
    pub lifecycle: Option<Lifecycle>,
    /// Dated lifecycle history (S4).
    pub lifecycle_history: BTreeMap<ItemId, LifecycleChange>,
    /// What a rep proposes as tier; the record decides.
    pub tier_proposal: Option<TierProposal>,
    /// Credit notes (S2, S4).
    pub credit: CreditNotes,
    /// Picked out of tier C to be grown (S3).
    pub nurture: Option<bool>,
    /// Willing to be a reference (S3).
    pub reference: Option<bool>,
    /// The owner marked it "at risk" (R2).
    pub at_risk: Option<bool>,
    /// How it is to be kept (S1: a red customer needs a plan).
    #[serde(skip_serializing_if = "Recovery::is_nothing")]
    pub recovery: Recovery,
    /// Free notes.
    pub notes: Option<String>,
    /// When it was created, by the creating device's clock.
    pub created_at: Option<Timestamp>,
}

/// How a customer in danger is to be kept: what is done, by whom and until when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Recovery {
    /// What is done.
    pub plan: Option<String>,
    /// Who sees to it; the customer's owner if absent.
    pub owner: Option<UserId>,
    /// Until when.
    pub due: Option<Date>,
    /// When it was done; it goes on if absent.
    pub done_on: Option<Date>,
}

impl Recovery {
    /// Whether nobody ever planned anything.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether there is a plan that goes on.
    pub const fn is_underway(&self) -> bool {
        self.plan.is_some() && self.done_on.is_none()
    }
}

codes! {
    /// How the customer is sold to (S1, S4).
    Channel {
        /// Direct sales.
        Direct = "direct",
        /// Through a distributor.
        Distribution = "distribution",
        /// Online.
        Online = "online",
    }
}

codes! {
    /// Customer lifecycle (S4: acquire, grow, convert, retain, repurchase).
    Lifecycle {
        /// Known by name only.
        Lead = "lead",
        /// In contact, nothing bought.
        Prospect = "prospect",
        /// Buys.
        Active = "active",
        /// Bought once, silent now.
        Dormant = "dormant",
        /// Gone.
        Lost = "lost",
    }
}

codes! {
    /// Role in the buying decision (S3 buying centre).
    BuyingRole {
        /// Judges the product.
        Technical = "technical",
        /// Approves the money.
        Financial = "financial",
        /// Decides.
        Decision = "decision",
        /// Uses the product.
        User = "user",
        /// Helps us from inside.
        Coach = "coach",
    }
}

codes! {
    /// A contact's attitude to us.
    Stance {
        /// For us.
        Supporter = "supporter",
        /// Undecided.
        Neutral = "neutral",
        /// Against us.
        Opponent = "opponent",
    }
}

/// A phone number: as typed, and in E.164 where it could be understood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Phone {
    /// As it was typed; never lost.
    pub raw: Option<String>,
    /// `+8613812345678`.
    pub e164: Option<String>,
    /// Office, mobile, …
    pub label: Option<String>,
}

/// A person at the customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Name.
    pub name: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// Role in the buying decision.
    pub buying_role: Option<BuyingRole>,
    /// How much weight the person has, 1 to 5.
    pub influence: Option<u8>,
    /// Attitude.
    pub stance: Option<Stance>,
    /// The person's number.
    pub phone: Phone,
    /// E-mail address.
    pub email: Option<String>,
    /// Birthday.
    pub birthday: Option<Date>,
    /// Notes.
    pub notes: Option<String>,
}

/// Where the customer is, and how we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerPosition {
    /// The point.
    pub point: Point,
    /// Accuracy radius in millimetres, if a fix.
    pub accuracy_mm: Option<i64>,
    /// Where the point comes from.
    pub source: PositionSource,
}

codes! {
    /// Where a customer's position comes from.
    PositionSource {
        /// A rep's accepted check-in.
        CheckIn = "check_in",
        /// Put on the map by hand.
        Manual = "manual",
        /// Imported.
        Import = "import",
    }
}

/// A dated step of the lifecycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleChange {
    /// The phase entered.
    pub to: Lifecycle,
    /// When, by the device's clock.
    pub at: Timestamp,
}

/// What a rep proposes as tier, with the inputs of S3.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TierProposal {
    /// The tier.
    pub tier: Option<Tier>,
    /// Contribution, 0 to 100.
    pub contribution: Option<u8>,
    /// Potential, 0 to 100.
    pub potential: Option<u8>,
    /// Influence in the industry, 0 to 100.
    pub influence: Option<u8>,
    /// Why.
    pub reason: Option<String>,
}

/// Credit notes; the decision is a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreditNotes {
    /// Credit limit.
    pub limit: Option<Money>,
    /// Grade, free text.
    pub grade: Option<String>,
    /// Last reviewed.
    pub reviewed_on: Option<Date>,
    /// Notes.
    pub notes: Option<String>,
}
