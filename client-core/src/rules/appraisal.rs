//! F15: how an appraisal goes on (S2: 自评 → 主管评分 → 经理审核).
//!
//! Fair means that nobody skips anybody and that the figure on the table does not
//! move while it is talked about. So every step names who may take it, a step back
//! needs a reason, and the system's score is frozen when the rep hands in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::records::Role;
use crate::rules::units::CentiPoints;

/// How far an appraisal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppraisalStage {
    /// The rep writes.
    Draft,
    /// The rep handed in; the system's score is frozen.
    SelfSubmitted,
    /// The supervisor rated it.
    SupervisorScored,
    /// The manager looked at it.
    ManagerReviewed,
    /// The rep may read it.
    Published,
    /// The rep does not agree.
    Disputed,
    /// The dispute was settled.
    Resolved,
    /// Done.
    Closed,
}

/// Who takes a step, relative to the one who is appraised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The person appraised.
    Appraised,
    /// Somebody else with this role.
    Other(Role),
}

impl Actor {
    /// What the actor is here, in words.
    const fn is(self, role: Role) -> bool {
        matches!(self, Self::Other(own) if own as u8 == role as u8)
    }
}

/// Why a step cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// That does not follow.
    #[error("an appraisal that is {from:?} does not become {to:?}: next is {next:?}")]
    NotNext {
        /// Where it is.
        from: AppraisalStage,
        /// What was wanted.
        to: AppraisalStage,
        /// What follows, if anything does.
        next: Option<AppraisalStage>,
    },
    /// Somebody else takes this step.
    #[error("{to:?} is for the {allowed} alone")]
    NotTheirs {
        /// What was wanted.
        to: AppraisalStage,
        /// Whose step it is.
        allowed: &'static str,
    },
    /// A step back has a reason.
    #[error("a step back to {to:?} needs a reason")]
    NoReason {
        /// What was wanted.
        to: AppraisalStage,
    },
}

impl AppraisalStage {
    /// What follows on the straight way.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Draft => Some(Self::SelfSubmitted),
            Self::SelfSubmitted => Some(Self::SupervisorScored),
            Self::SupervisorScored => Some(Self::ManagerReviewed),
            Self::ManagerReviewed => Some(Self::Published),
            Self::Published | Self::Resolved => Some(Self::Closed),
            Self::Disputed => Some(Self::Resolved),
            Self::Closed => None,
        }
    }

    /// The one before; there is no way back from a published result but a dispute.
    pub const fn previous(self) -> Option<Self> {
        match self {
            Self::SelfSubmitted => Some(Self::Draft),
            Self::SupervisorScored => Some(Self::SelfSubmitted),
            Self::ManagerReviewed => Some(Self::SupervisorScored),
            _ => None,
        }
    }

    /// Whose step leads here, and how they are called.
    fn actor(self, actor: Actor) -> (bool, &'static str) {
        match self {
            Self::Draft | Self::SelfSubmitted | Self::Disputed => {
                (actor == Actor::Appraised, "person appraised")
            }
            Self::SupervisorScored => (actor.is(Role::Supervisor), "supervisor"),
            Self::ManagerReviewed | Self::Published | Self::Resolved | Self::Closed => {
                (actor.is(Role::Manager), "manager")
            }
        }
    }

    /// Whose step sends an appraisal back from here: whoever has it before them.
    fn sender(self, actor: Actor) -> (bool, &'static str) {
        match self {
            Self::SelfSubmitted => (actor.is(Role::Supervisor), "supervisor"),
            _ => (actor.is(Role::Manager), "manager"),
        }
    }

    /// Takes a step to `to`, or says why not.
    ///
    /// # Errors
    /// See [`StepError`].
    pub fn step(self, to: Self, actor: Actor, reason: Option<&str>) -> Result<Self, StepError> {
        let disputes = self == Self::Published && to == Self::Disputed;
        if Some(to) == self.next() || disputes {
            let (allowed, whose) = to.actor(actor);
            return if allowed { Ok(to) } else { Err(StepError::NotTheirs { to, allowed: whose }) };
        }
        if Some(to) == self.previous() {
            let (allowed, whose) = self.sender(actor);
            if !allowed {
                return Err(StepError::NotTheirs { to, allowed: whose });
            }
            let said = reason.is_some_and(|reason| !reason.trim().is_empty());
            return if said { Ok(to) } else { Err(StepError::NoReason { to }) };
        }
        Err(StepError::NotNext { from: self, to, next: self.next() })
    }
}

/// The system's score as it was when the rep handed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenScore {
    /// The total.
    pub total: Option<CentiPoints>,
    /// SHA-256 of the policy.
    #[serde(with = "serde_bytes")]
    pub policy_hash: [u8; 32],
    /// SHA-256 of the facts: their documents and heads.
    #[serde(with = "serde_bytes")]
    pub inputs_digest: [u8; 32],
}

/// The appraisal's total in hundredths of a point: the frozen score, and ratings from 1
/// to 5 by family (S2 协作, 技能) with the weight that the policy gives them, in percent of
/// the whole. With no weight given the score alone counts, so that 60/40 holds.
///
/// A rating of 5 is 100 points. A family without a rating gives its weight back.
pub fn total(
    score: Option<CentiPoints>,
    ratings: &BTreeMap<String, u8>,
    weights: &BTreeMap<String, u32>,
) -> Option<CentiPoints> {
    let score = i128::from(score?.0);
    let rated: Vec<(i128, i128)> = weights
        .iter()
        .filter_map(|(family, weight)| {
            let rating = ratings.get(family).filter(|rating| (1..=5).contains(*rating))?;
            Some((i128::from(*weight), i128::from(*rating) * 2_000))
        })
        .collect();
    let given: i128 = rated.iter().map(|(weight, _points)| weight).sum::<i128>().min(100);
    let points: i128 = rated.iter().map(|(weight, points)| weight * points).sum();
    crate::rules::rounding::div_half_even(score * (100 - given) + points, 100)
        .map(|units| CentiPoints(crate::rules::rounding::saturate(units)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REP: Actor = Actor::Appraised;
    const SUPERVISOR: Actor = Actor::Other(Role::Supervisor);
    const MANAGER: Actor = Actor::Other(Role::Manager);

    #[test]
    fn an_appraisal_goes_through_every_hand() {
        use AppraisalStage::*;
        let way = [
            (SelfSubmitted, REP),
            (SupervisorScored, SUPERVISOR),
            (ManagerReviewed, MANAGER),
            (Published, MANAGER),
            (Disputed, REP),
            (Resolved, MANAGER),
            (Closed, MANAGER),
        ];
        let end = way.iter().try_fold(Draft, |stage, (to, actor)| stage.step(*to, *actor, None));
        assert_eq!(end, Ok(Closed));
        assert_eq!(Published.step(Closed, MANAGER, None), Ok(Closed), "without a dispute");
    }

    #[test]
    fn nobody_takes_anothers_step_and_nobody_is_skipped() {
        use AppraisalStage::*;
        let refused = SelfSubmitted.step(SupervisorScored, REP, None);
        assert!(matches!(refused, Err(StepError::NotTheirs { allowed: "supervisor", .. })));
        let skipped = SelfSubmitted.step(ManagerReviewed, MANAGER, None).unwrap_err();
        assert!(matches!(skipped, StepError::NotNext { next: Some(SupervisorScored), .. }));
        assert!(SelfSubmitted.step(SupervisorScored, MANAGER, None).is_err());
        assert!(Draft.step(SelfSubmitted, SUPERVISOR, None).is_err());
        assert!(Closed.step(Draft, MANAGER, Some("again")).is_err());
    }

    #[test]
    fn a_step_back_is_one_step_and_has_a_reason() {
        use AppraisalStage::*;
        assert_eq!(SelfSubmitted.step(Draft, SUPERVISOR, Some("incomplete")), Ok(Draft));
        let silent = SupervisorScored.step(SelfSubmitted, MANAGER, Some("  "));
        assert_eq!(silent, Err(StepError::NoReason { to: SelfSubmitted }));
        assert!(SupervisorScored.step(Draft, MANAGER, Some("all of it")).is_err());
        assert!(SelfSubmitted.step(Draft, REP, Some("I want to")).is_err());
    }

    #[test]
    fn ratings_weigh_nothing_unless_the_policy_says_so() {
        let ratings = BTreeMap::from([("teamwork".to_owned(), 5), ("skill".to_owned(), 3)]);
        let score = Some(CentiPoints(9_000));
        assert_eq!(total(score, &ratings, &BTreeMap::new()), score);
        let weights = BTreeMap::from([("teamwork".to_owned(), 10), ("skill".to_owned(), 10)]);
        // 90 × 0.8 + 100 × 0.1 + 60 × 0.1.
        assert_eq!(total(score, &ratings, &weights), Some(CentiPoints(8_800)));
        assert_eq!(total(None, &ratings, &weights), None);
        let one = BTreeMap::from([("teamwork".to_owned(), 5)]);
        assert_eq!(total(score, &one, &weights), Some(CentiPoints(9_100)), "no rating, no weight");
    }
}
