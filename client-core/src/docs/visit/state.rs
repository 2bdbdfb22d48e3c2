//! What a visit document says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::docs::ChangeHash;
use crate::docs::code::codes;
use crate::geo::Point;
use crate::id::{DocId, ItemId, UserId};
use crate::money::Money;
use crate::time::{CapturedAt, Date, Timestamp};

/// The state of a visit document. Its rep and its customer are in the header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VisitState {
    /// The customer's name at the time, so that a later reassignment does not
    /// leave last month's score without names.
    pub customer_name: Option<String>,
    /// The plan stop this visit fulfils; none if unplanned.
    pub planned: Option<PlannedRef>,
    /// Why an unplanned visit happened.
    pub unplanned_reason: Option<String>,
    /// Colleagues who came along.
    pub co_visitors: BTreeMap<UserId, Timestamp>,
    /// Contacts of the customer who were met.
    pub contacts_met: BTreeMap<ItemId, Timestamp>,
    /// Deals that were spoken about.
    pub deals: BTreeMap<DocId, Timestamp>,
    /// What for.
    pub purpose: Option<Purpose>,
    /// Objective set before the visit.
    pub objective: Option<String>,
    /// How contact was made.
    pub mode: Option<VisitMode>,
    /// Start.
    pub started_at: Option<CapturedAt>,
    /// End.
    pub ended_at: Option<CapturedAt>,
    /// Arrival, with position and clock evidence.
    pub check_in: Option<Check>,
    /// Departure.
    pub check_out: Option<Check>,
    /// Photos: bytes travel elsewhere, the document holds what identifies them.
    pub photos: BTreeMap<ItemId, Attachment>,
    /// Voice notes, same form.
    pub voice_notes: BTreeMap<ItemId, Attachment>,
    /// Signature image, if one was taken.
    pub signature: Option<Attachment>,
    /// Answers of the step list, by question code.
    pub form_answers: BTreeMap<String, String>,
    /// Products shown or left as samples.
    pub products: BTreeMap<ItemId, ProductShown>,
    /// Needs heard.
    pub needs: BTreeMap<ItemId, String>,
    /// Objections heard.
    pub objections: BTreeMap<ItemId, String>,
    /// Competitors seen.
    pub competitors: BTreeMap<ItemId, CompetitorSeen>,
    /// What the visit cost (S2 费用).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub expenses: BTreeMap<ItemId, Expense>,
    /// Outcome code.
    pub outcome: Option<Outcome>,
    /// Result in words.
    pub result: Option<String>,
    /// What happens next, or an explicit "none".
    pub next_step: Option<NextStep>,
    /// Help wanted from others (S3 需协调资源).
    pub help_request: Option<HelpRequest>,
    /// Notes of co-visitors, one each, written by them alone.
    pub co_visitor_notes: BTreeMap<UserId, String>,
    /// When the rep submitted it, by the phone's clock. Read-only from then on.
    pub submitted_at: Option<CapturedAt>,
    /// Links into this device's journal, made at submit.
    pub journal: Option<JournalLink>,
    /// Additions after submit, each with its reason.
    pub amendments: BTreeMap<ItemId, Amendment>,
}

codes! {
    /// How contact was made.
    VisitMode {
        /// At the customer's place.
        Onsite = "onsite",
        /// By phone.
        Phone = "phone",
        /// By video.
        Video = "video",
        /// By WeChat.
        Wechat = "wechat",
        /// By e-mail.
        Email = "email",
        /// At an event.
        Event = "event",
    }
}

codes! {
    /// What the visit was for.
    Purpose {
        /// First contact.
        Prospecting = "prospecting",
        /// Regular care.
        FollowUp = "follow_up",
        /// Needs discussion.
        Discovery = "discovery",
        /// Proposal or price.
        Negotiation = "negotiation",
        /// After signing.
        AfterSales = "after_sales",
        /// Between executives (S3).
        Executive = "executive",
        /// Collecting money.
        Collection = "collection",
        /// Complaint or service.
        Service = "service",
    }
}

codes! {
    /// What came out of the visit.
    Outcome {
        /// An order or a signature.
        Order = "order",
        /// The deal moved on.
        Progress = "progress",
        /// Relationship kept, nothing moved.
        Maintained = "maintained",
        /// Needs another visit.
        FollowUp = "follow_up",
        /// Nobody was there.
        NotMet = "not_met",
        /// Refused.
        Rejected = "rejected",
    }
}

/// The stop of a day plan that a visit fulfils.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRef {
    /// The plan.
    pub plan: DocId,
    /// The stop in it.
    pub stop: ItemId,
}

/// A check-in or check-out: a time, its evidence, and a position if there was one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The wall clock.
    pub at: CapturedAt,
    /// What else the device knew about time.
    pub clock: ClockEvidence,
    /// The position fix; saving never waits for one.
    pub fix: Option<Fix>,
}

/// Evidence against a wrong or changed wall clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockEvidence {
    /// Milliseconds since boot.
    pub monotonic_ms: Option<i64>,
    /// Which boot.
    pub boot_id: Option<String>,
    /// The last server time this device had seen.
    pub server_seen_at: Option<Timestamp>,
}

/// A position as the phone's location service gave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// The point.
    pub point: Point,
    /// Accuracy radius in millimetres.
    pub accuracy_mm: i64,
    /// `gps`, `network`, `fused`, …
    pub provider: String,
    /// The system says a mock provider made it.
    pub is_mock: bool,
    /// Age of the fix in seconds.
    pub age_s: i64,
}

/// A file that belongs to the visit; content-addressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// SHA-256 of the bytes.
    pub hash: ChangeHash,
    /// Length in bytes.
    pub length: u64,
    /// Media type.
    pub media_type: String,
    /// When it was taken.
    pub taken_at: CapturedAt,
}

/// A product shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductShown {
    /// Product code or name.
    pub product: Option<String>,
    /// Samples left.
    pub samples: Option<u32>,
}

/// A competitor seen at the customer's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CompetitorSeen {
    /// Who.
    pub name: Option<String>,
    /// Price, new product, opinion.
    pub note: Option<String>,
}

codes! {
    /// What money was spent on (S2).
    ExpenseKind {
        /// Getting there.
        Travel = "travel",
        /// Eating with the customer.
        Meal = "meal",
        /// A night away.
        Lodging = "lodging",
        /// A present.
        Gift = "gift",
        /// Samples and printed matter.
        Material = "material",
        /// Anything else.
        Other = "other",
    }
}

/// Money spent on a visit, and the photo that proves it (S2 vouchers).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expense {
    /// On what.
    pub kind: ExpenseKind,
    /// How much.
    pub amount: Money,
    /// SHA-256 of the voucher's photo; the bytes travel elsewhere.
    pub voucher: Option<ChangeHash>,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    /// The rep said explicitly that nothing follows.
    None,
    /// Something is to be done.
    Do {
        /// What.
        what: String,
        /// By when.
        due: Option<Date>,
        /// Who; the rep if absent.
        who: Option<UserId>,
    },
}

/// A request for help.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HelpRequest {
    /// Quote, delivery, invoice, technical, … (S1 support day).
    pub kind: Option<String>,
    /// In words.
    pub text: Option<String>,
    /// Who is asked.
    pub asked_of: Option<UserId>,
}

/// What ties a submitted visit to its device's history: 16-byte prefixes, because
/// separate documents share no causality and a link not made now cannot be made later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalLink {
    /// Of the hash of this device's previous submit; zero for its first.
    #[serde(with = "serde_bytes")]
    pub previous: [u8; 16],
    /// Of the customer's heads as this device knew them.
    #[serde(with = "serde_bytes")]
    pub customer_heads: [u8; 16],
}

/// An addition to a submitted visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: CapturedAt,
    /// Why.
    pub reason: String,
    /// What is added.
    pub text: String,
}
