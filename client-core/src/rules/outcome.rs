//! What an evaluation says, and from what.
//!
//! Results are argued about, so every figure carries its numerator, its
//! denominator, the facts it used and the facts it left out with the reason.
//! Reasons are codes: screens translate them.

use serde::{Deserialize, Serialize};

use crate::id::{DocId, UserId};
use crate::period::Period;
use crate::records::{Metric, Tier};
use crate::rules::coverage::Coverage;
use crate::rules::due::Due;
use crate::rules::facts::FactRef;
use crate::rules::figures::NamedFigure;
use crate::rules::location::LocationVerdict;
use crate::rules::pace::Pace;
use crate::rules::policy::Group;
use crate::rules::risk::Risk;
use crate::rules::tasks::{GateWarning, Task};
use crate::rules::units::{BasisPoints, CentiPoints, Normalised};
use crate::time::Timestamp;

/// The result of the rules for one rep and one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whose.
    pub rep: UserId,
    /// For when.
    pub period: Period,
    /// The instant the rules looked from.
    pub as_of: Timestamp,
    /// Version of the rule code.
    pub rules_version: u32,
    /// SHA-256 of the policy.
    #[serde(with = "serde_bytes")]
    pub policy_hash: [u8; 32],
    /// SHA-256 of the facts.
    #[serde(with = "serde_bytes")]
    pub inputs_digest: [u8; 32],
    /// The score.
    pub scorecard: Scorecard,
    /// Visit coverage (F3).
    pub coverage: Coverage,
    /// Pace of the indicators that have one (F12), by metric.
    pub pace: Vec<Pace>,
    /// The period's visits with their verdict (F1), by document id.
    pub visits: Vec<JudgedVisit>,
    /// Whom to visit next (F5), in agenda order.
    pub due: Vec<Due>,
    /// What may still change.
    pub provisional: Provisional,
    /// Figures beside the card, by id.
    #[serde(default)]
    pub figures: Vec<NamedFigure>,
    /// Customers in danger (R1 to R3), red first.
    #[serde(default)]
    pub risks: Vec<Risk>,
    /// Stages that were left too early (R9), by deal.
    #[serde(default)]
    pub gates: Vec<GateWarning>,
    /// Reminders, overdue ones first.
    #[serde(default)]
    pub tasks: Vec<Task>,
}

impl Outcome {
    /// The outcome as canonical CBOR.
    pub fn to_bytes(&self) -> Vec<u8> {
        super::canonical::bytes(self)
    }

    /// SHA-256 of [`Outcome::to_bytes`], as if nobody had asked about visits that count
    /// all the same: like [`Facts::digest`](super::Facts::digest), it is of what counts.
    pub fn digest(&self) -> [u8; 32] {
        if self.visits.iter().any(JudgedVisit::is_asked_about) {
            let mut bare = self.clone();
            bare.forget_questions();
            return super::canonical::digest(&bare);
        }
        super::canonical::digest(self)
    }

    fn forget_questions(&mut self) {
        for visit in self.visits.iter_mut().filter(|visit| visit.is_asked_about()) {
            let Verdict::NeedsReview(why) = &mut visit.verdict else { continue };
            why.retain(|why| *why != ReviewReason::OpenSignal);
            if why.is_empty() {
                visit.verdict = Verdict::Effective;
                self.provisional.under_review = self.provisional.under_review.saturating_sub(1);
            }
        }
    }
}

/// The scorecard (F14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scorecard {
    /// The total; absent when nothing was applicable.
    pub total: Option<CentiPoints>,
    /// Result and process.
    pub groups: Vec<GroupLine>,
    /// One line for each indicator of the policy, in its order. Their points sum
    /// to the total.
    pub lines: Vec<IndicatorLine>,
}

/// A group's share of the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLine {
    /// Which.
    pub group: Group,
    /// Its weight in the policy, in percent of the total.
    pub weight: u32,
    /// The weight it had here, after redistribution.
    pub weight_in_force: u32,
    /// Its points: the sum of its lines'.
    pub points: CentiPoints,
    /// An indicator's gate was missed, so the group scores 0.
    pub gate_missed: bool,
}

/// An indicator's line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorLine {
    /// Of what.
    pub indicator: Metric,
    /// Result or process.
    pub group: Group,
    /// Which rule computed the value.
    pub rule: RuleId,
    /// Weight inside the policy, in percent of the total.
    pub weight: u32,
    /// Whether it counts, and if not, why.
    pub state: LineState,
    /// The value as shown: minor units, a count, or basis points, as the metric says.
    pub value: Option<i64>,
    /// The value's numerator.
    pub numerator: Option<i64>,
    /// The value's denominator; 1 for a sum or a count.
    pub denominator: Option<i64>,
    /// The target, in the value's unit.
    pub target: Option<i64>,
    /// Actual ÷ target, before cap and floor.
    pub attainment: Option<BasisPoints>,
    /// After cap and floor.
    pub normalised: Option<Normalised>,
    /// What changed the attainment on its way to the normalised value.
    pub limit: Option<Limit>,
    /// Points.
    pub points: CentiPoints,
    /// What it was computed from, by document id.
    pub facts: Vec<FactRef>,
    /// What was left out, by document id.
    pub exclusions: Vec<Exclusion>,
}

/// The rule that computed a figure (DOMAIN A8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RuleId {
    /// Effective visits.
    F1,
    /// Plan adherence.
    F4,
    /// Stage conversion.
    F6,
    /// Collection rate.
    F7,
    /// Quote conversion.
    F8,
    /// New-customer growth.
    F9,
    /// Repurchase.
    F10,
    /// Sales cycle, sales per customer, average order, per head.
    F11,
    /// Attainment.
    F12,
    /// Other rates; satisfaction among them.
    F13,
}

/// Whether an indicator counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "reason")]
pub enum LineState {
    /// It does.
    Applicable,
    /// It does not; its weight goes where the policy says.
    NotApplicable(NotApplicable),
}

/// Why an indicator does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotApplicable {
    /// This version has no rule for it.
    NoRuleYet,
    /// Nothing it could be computed from.
    NoFacts,
    /// Nobody set a target.
    NoTarget,
    /// The target is 0 or less.
    ZeroTarget,
    /// The value's own denominator is 0.
    ZeroDenominator,
    /// The policy counts confirmed facts only and there is no source of confirmation.
    NoConfirmation,
    /// A sum is more than a figure can hold; cut off it would look like one that was counted.
    TooLarge,
}

/// What changed an attainment on its way to its normalised value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Cut at the cap.
    Cap,
    /// Raised to the floor.
    Floor,
    /// Below the threshold: 0.
    Threshold,
}

/// A fact that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Which.
    pub fact: FactRef,
    /// Why.
    pub reasons: Vec<ExclusionReason>,
}

/// Why a fact was left out of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "reason")]
pub enum ExclusionReason {
    /// The visit is not effective.
    Visit(VisitReason),
    /// The visit is under review and the policy does not count those.
    UnderReview(ReviewReason),
    /// The deal has no amount.
    NoAmount,
    /// The amount is in another currency than the target.
    OtherCurrency,
    /// The deal does not say what the figure asks for.
    Deal(DealReason),
    /// The business fact does not say what the figure asks for, or does not count.
    Money(MoneyReason),
    /// The planned visit is not asked for.
    Plan(PlanReason),
}

impl ExclusionReason {
    /// Its stable code, such as `visit.too_short`.
    pub fn code(&self) -> String {
        let (kind, reason) = self.parts();
        reason.map_or_else(|| kind.clone(), |reason| format!("{kind}.{reason}"))
    }

    /// The same without what it is about: `too_short`.
    pub fn short_code(&self) -> String {
        let (kind, reason) = self.parts();
        reason.unwrap_or(kind)
    }

    fn parts(&self) -> (String, Option<String>) {
        // Its JSON has these two texts alone.
        let value = serde_json::to_value(self).unwrap_or_default();
        let part = |name: &str| value.get(name).and_then(|part| part.as_str()).map(str::to_owned);
        (part("kind").unwrap_or_default(), part("reason"))
    }
}

/// Why a quote, an instalment, a payment, an order, a case or an answer was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoneyReason {
    /// It has no amount.
    NoAmount,
    /// Its amount is in another currency than the org's.
    OtherCurrency,
    /// It has no day.
    NoDate,
    /// It is a claim, and only what is confirmed counts here: by the policy, or
    /// because a record of the same account confirms it.
    NotConfirmed,
    /// It was cancelled.
    Cancelled,
    /// It names no deal, and the policy counts what deals claim.
    NoDeal,
    /// Money that there was nothing to pay for.
    PaysNothing,
    /// Money for what is due later: it counts then.
    NotDueYet,
}

/// Why a planned visit is not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanReason {
    /// The customer is lost or closed.
    CustomerLost,
}

/// Why a deal was left out of a team's figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DealReason {
    /// Its history names no stage.
    NoStages,
    /// Its history names a stage that the policy does not know.
    UnknownStage,
    /// It went past this stage without entering it.
    SkippedStage,
    /// It was decided, and nobody wrote down when.
    UndatedDecision,
    /// It was decided in a way that this version does not know.
    UnknownOutcome,
    /// It does not say when it began.
    NoBeginning,
    /// It was decided before it began.
    DecidedBeforeItBegan,
    /// It has no customer.
    NoCustomer,
    /// None of its lines names a product.
    NoProduct,
    /// A line names a product that is not in the catalogue.
    UnknownProduct,
    /// A line's product has no class in the catalogue.
    NoClass,
    /// A line's product has no margin class in the catalogue.
    NoMargin,
    /// It names a product of which nobody said when it was launched.
    NoLaunch,
}

/// A visit with its verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedVisit {
    /// The visit.
    pub fact: FactRef,
    /// Whom it went to.
    pub customer: Option<DocId>,
    /// Its business time.
    pub at: Timestamp,
    /// The customer's tier then.
    pub tier: Option<Tier>,
    /// Where the check-in was.
    pub location: LocationVerdict,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether it counts: effective, or under review where the policy counts that.
    pub counts: bool,
}

impl JudgedVisit {
    /// Somebody asks about it, and it counts until that is answered.
    fn is_asked_about(&self) -> bool {
        let open = ReviewReason::OpenSignal;
        self.counts && matches!(&self.verdict, Verdict::NeedsReview(why) if why.contains(&open))
    }
}

/// Whether a visit is effective (F1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict", content = "reasons")]
pub enum Verdict {
    /// It is.
    Effective,
    /// It is not, for every reason named.
    NotEffective(Vec<VisitReason>),
    /// Nothing speaks against it and something is in doubt.
    NeedsReview(Vec<ReviewReason>),
}

/// Why a visit is not effective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitReason {
    /// Still a draft.
    NotSubmitted,
    /// No customer in its header.
    NoCustomer,
    /// No mode.
    NoMode,
    /// A mode the policy does not count.
    ModeNotCounted,
    /// No check-in.
    NoCheckIn,
    /// No check-out.
    NoCheckOut,
    /// No start.
    NoStart,
    /// No end.
    NoEnd,
    /// Shorter than its mode asks for.
    TooShort,
    /// No outcome code.
    NoOutcome,
    /// Neither a next step nor an explicit "none".
    NoNextStep,
    /// No text.
    NoText,
    /// The check-in lies outside the fence.
    OutOfFence,
    /// Overlaps another visit of the same rep to the same customer with an earlier id.
    Duplicate,
    /// Submitted too long after its end.
    SubmittedLate,
    /// A supervisor rejected it.
    Rejected,
    /// A person decided that it does not count; the reason is beside the visit.
    Voided,
}

/// Why a visit is under review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// The check-in's place cannot be verified.
    Unverifiable,
    /// The server raised a signal that nobody has settled.
    OpenSignal,
    /// Something was written after submit.
    EditedAfterSubmit,
}

/// What may still change about an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisional {
    /// The period had not ended at `as_of`.
    pub period_open: bool,
    /// Visits under review.
    pub under_review: u32,
    /// Visits begun and not submitted.
    pub drafts: u32,
}
