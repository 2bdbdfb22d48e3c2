//! Records: what only the server or a manager online decides.
//!
//! Documents merge, so anybody who may edit one can put anything into it.
//! Authority therefore lives elsewhere: a tier, an owner, a target is a record,
//! a row of the server's with a version number, read-only on the phone. Nobody
//! forges one by merging.

mod adjustment;
mod alias;
mod appraisal;
mod calendar;
mod confirms;
mod contest;
mod contract;
mod decision;
mod device;
mod help;
mod moved;
mod order;
mod org;
mod payment;
mod placement;
mod policy;
mod product;
mod review;
mod scorecard;
mod signal;
mod target;
mod unit;
mod user;
mod void;

use serde::{Deserialize, Serialize};

pub use adjustment::{AdjustmentRecord, Approval};
pub use alias::{AliasRecord, Aliases};
pub use appraisal::{AppraisalRecord, AppraisalState, AppraisalStep, FrozenScore};
pub use calendar::{CalendarRecord, WeekStart};
pub use confirms::Confirms;
pub use contest::ContestRecord;
pub use contract::{ContractRecord, InstalmentTerm};
pub use decision::{Cause, DecisionRecord, Verdict};
pub use device::DeviceRecord;
pub use help::{HelpRecord, HelpState};
pub use moved::MovedRecord;
pub use order::{OrderLine, OrderRecord};
pub use org::OrgRecord;
pub use payment::PaymentRecord;
pub use placement::{LeftWith, Placement, PlacementRecord, Tier};
pub use policy::PolicyRecord;
pub use product::{MarginClass, ProductClass, ProductRecord};
pub use review::ReviewRecord;
pub use scorecard::ScorecardRecord;
pub use signal::{SignalAnswer, SignalKind, SignalRecord};
pub use target::{Metric, TargetLevel, TargetRecord};
pub use unit::{UnitKind, UnitRecord};
pub use user::{Leave, Role, UserRecord, UserStatus};
pub use void::{Ruling, VoidRecord};

use crate::id::RecordId;

/// The kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// The org's settings.
    Org,
    /// A unit of the sales organisation.
    Unit,
    /// A person.
    User,
    /// An enrolled installation.
    Device,
    /// Who owns a customer or deal, dated.
    Placement,
    /// The rules in force from a date.
    Policy,
    /// Working days and the zone.
    Calendar,
    /// A target.
    Target,
    /// An official result.
    Scorecard,
    /// A product of the catalogue.
    Product,
    /// A customer that is another one.
    Alias,
    /// Late work, and what was decided about it.
    Decision,
    /// A visit that does not count.
    Void,
    /// A confirmed order.
    Order,
    /// Money that came in.
    Payment,
    /// A signed contract.
    Contract,
    /// Something a person should look at.
    Signal,
    /// A comment on a visit.
    Review,
    /// A request to change a target.
    Adjustment,
    /// An objection to a line of a card.
    Contest,
    /// An appraisal of a person.
    Appraisal,
    /// A visit that was at another customer.
    Moved,
    /// What became of a request for help.
    Help,
}

impl RecordKind {
    /// Every kind, in the order a first sync sends them. The place in it is stored:
    /// a new kind goes to the end.
    pub const ALL: [Self; 23] = [
        Self::Org,
        Self::Calendar,
        Self::Policy,
        Self::Unit,
        Self::User,
        Self::Device,
        Self::Placement,
        Self::Target,
        Self::Scorecard,
        Self::Product,
        Self::Alias,
        Self::Decision,
        Self::Void,
        Self::Order,
        Self::Payment,
        Self::Contract,
        Self::Signal,
        Self::Review,
        Self::Adjustment,
        Self::Contest,
        Self::Appraisal,
        Self::Moved,
        Self::Help,
    ];

    /// The stable code used in SQL and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Org => "org",
            Self::Unit => "unit",
            Self::User => "user",
            Self::Device => "device",
            Self::Placement => "placement",
            Self::Policy => "policy",
            Self::Calendar => "calendar",
            Self::Target => "target",
            Self::Scorecard => "scorecard",
            Self::Product => "product",
            Self::Alias => "alias",
            Self::Decision => "decision",
            Self::Void => "void",
            Self::Order => "order",
            Self::Payment => "payment",
            Self::Contract => "contract",
            Self::Signal => "signal",
            Self::Review => "review",
            Self::Adjustment => "adjustment",
            Self::Contest => "contest",
            Self::Appraisal => "appraisal",
            Self::Moved => "moved",
            Self::Help => "help",
        }
    }

    /// The kind with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// A record's body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// See [`OrgRecord`].
    Org(OrgRecord),
    /// See [`UnitRecord`].
    Unit(UnitRecord),
    /// See [`UserRecord`].
    User(UserRecord),
    /// See [`DeviceRecord`].
    Device(DeviceRecord),
    /// See [`PlacementRecord`].
    Placement(PlacementRecord),
    /// See [`PolicyRecord`].
    Policy(PolicyRecord),
    /// See [`CalendarRecord`].
    Calendar(CalendarRecord),
    /// See [`TargetRecord`].
    Target(TargetRecord),
    /// See [`ScorecardRecord`].
    Scorecard(ScorecardRecord),
    /// See [`ProductRecord`].
    Product(ProductRecord),
    /// See [`AliasRecord`].
    Alias(AliasRecord),
    /// See [`DecisionRecord`].
    Decision(DecisionRecord),
    /// See [`VoidRecord`].
    Void(VoidRecord),
    /// See [`OrderRecord`].
    Order(OrderRecord),
    /// See [`PaymentRecord`].
    Payment(PaymentRecord),
    /// See [`ContractRecord`].
    Contract(ContractRecord),
    /// See [`SignalRecord`].
    Signal(SignalRecord),
    /// See [`ReviewRecord`].
    Review(ReviewRecord),
    /// See [`AdjustmentRecord`].
    Adjustment(AdjustmentRecord),
    /// See [`ContestRecord`].
    Contest(ContestRecord),
    /// See [`AppraisalRecord`].
    Appraisal(AppraisalRecord),
    /// See [`MovedRecord`].
    Moved(MovedRecord),
    /// See [`HelpRecord`].
    Help(HelpRecord),
}

/// A body that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the {kind} record {id} could not be read: {reason}", kind = kind.as_str())]
pub struct RecordError {
    /// Which kind.
    pub kind: RecordKind,
    /// Which record.
    pub id: RecordId,
    /// What the decoder said.
    pub reason: String,
}

impl Record {
    /// The kind.
    pub const fn kind(&self) -> RecordKind {
        match self {
            Self::Org(_) => RecordKind::Org,
            Self::Unit(_) => RecordKind::Unit,
            Self::User(_) => RecordKind::User,
            Self::Device(_) => RecordKind::Device,
            Self::Placement(_) => RecordKind::Placement,
            Self::Policy(_) => RecordKind::Policy,
            Self::Calendar(_) => RecordKind::Calendar,
            Self::Target(_) => RecordKind::Target,
            Self::Scorecard(_) => RecordKind::Scorecard,
            Self::Product(_) => RecordKind::Product,
            Self::Alias(_) => RecordKind::Alias,
            Self::Decision(_) => RecordKind::Decision,
            Self::Void(_) => RecordKind::Void,
            Self::Order(_) => RecordKind::Order,
            Self::Payment(_) => RecordKind::Payment,
            Self::Contract(_) => RecordKind::Contract,
            Self::Signal(_) => RecordKind::Signal,
            Self::Review(_) => RecordKind::Review,
            Self::Adjustment(_) => RecordKind::Adjustment,
            Self::Contest(_) => RecordKind::Contest,
            Self::Appraisal(_) => RecordKind::Appraisal,
            Self::Moved(_) => RecordKind::Moved,
            Self::Help(_) => RecordKind::Help,
        }
    }

    /// The id: the bytes of the thing it describes, or its own.
    pub fn id(&self) -> RecordId {
        RecordId::from_bytes(match self {
            Self::Org(record) => *record.id.as_bytes(),
            Self::Unit(record) => *record.id.as_bytes(),
            Self::User(record) => *record.id.as_bytes(),
            Self::Device(record) => *record.id.as_bytes(),
            Self::Placement(record) => *record.subject.as_bytes(),
            Self::Policy(record) => *record.id.as_bytes(),
            Self::Calendar(record) => *record.id.as_bytes(),
            Self::Target(record) => *record.id.as_bytes(),
            Self::Scorecard(record) => *record.id().as_bytes(),
            Self::Product(record) => *record.id.as_bytes(),
            Self::Alias(record) => *record.from.as_bytes(),
            Self::Decision(record) => *record.id.as_bytes(),
            Self::Void(record) => *record.visit.as_bytes(),
            Self::Order(record) => *record.id.as_bytes(),
            Self::Payment(record) => *record.id.as_bytes(),
            Self::Contract(record) => *record.id.as_bytes(),
            Self::Signal(record) => *record.id.as_bytes(),
            Self::Review(record) => *record.id.as_bytes(),
            Self::Adjustment(record) => *record.id.as_bytes(),
            Self::Contest(record) => *record.id.as_bytes(),
            Self::Appraisal(record) => *record.id().as_bytes(),
            Self::Moved(record) => *record.visit.as_bytes(),
            Self::Help(record) => *record.id.as_bytes(),
        })
    }

    /// The body as CBOR.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to memory cannot fail, and every field of a record has a CBOR form.
        let written = ciborium::into_writer(self, &mut bytes);
        debug_assert!(written.is_ok());
        bytes
    }

    /// Reads a body and checks that it is of `kind`.
    pub fn decode(kind: RecordKind, id: RecordId, bytes: &[u8]) -> Result<Self, RecordError> {
        let fail = |reason: String| RecordError { kind, id, reason };
        let record: Self = ciborium::from_reader(bytes).map_err(|error| fail(error.to_string()))?;
        if record.kind() == kind {
            Ok(record)
        } else {
            Err(fail(format!("the body is a {} record", record.kind().as_str())))
        }
    }
}

#[cfg(test)]
mod tests;
