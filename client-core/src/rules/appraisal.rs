//! F15: how an appraisal goes on (S2: 自评 → 主管评分 → 经理审核).
//!
//! Fair means that nobody skips anybody and that the figure on the table does not
//! move while it is talked about. So every step names who may take it, a step back
//! needs a reason, and the system's score is frozen when the rep hands in.

use std::collections::BTreeMap;

use crate::records::{AppraisalRecord, AppraisalState, Role};
use crate::rules::policy::AppraisalPolicy;
use crate::rules::units::CentiPoints;

/// Who takes a step, relative to the one who is appraised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// The person appraised.
    Appraised,
    /// Somebody else with this role.
    Other(Role),
    /// Whoever has the server's machine: stands in for anybody, and skips nobody either.
    CommandLine,
}

/// Why a step cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// That does not follow.
    #[error("an appraisal that is {from} does not become {to}{}", after(next.as_ref()))]
    NotNext {
        /// Where it is.
        from: AppraisalState,
        /// What was wanted.
        to: AppraisalState,
        /// What follows, if anything does.
        next: Option<AppraisalState>,
    },
    /// Somebody else takes this step.
    #[error("{to} is for the {allowed} alone")]
    NotTheirs {
        /// What was wanted.
        to: AppraisalState,
        /// Whose step it is.
        allowed: &'static str,
    },
    /// A step back has a reason.
    #[error("a step back to {to} needs a reason")]
    NoReason {
        /// What was wanted.
        to: AppraisalState,
    },
}

fn after(next: Option<&AppraisalState>) -> String {
    next.map_or_else(String::new, |next| format!(": next is {next}"))
}

/// What follows on the straight way.
pub fn next(state: &AppraisalState) -> Option<AppraisalState> {
    match state {
        AppraisalState::Draft => Some(AppraisalState::SelfSubmitted),
        AppraisalState::SelfSubmitted => Some(AppraisalState::SupervisorScored),
        AppraisalState::SupervisorScored => Some(AppraisalState::ManagerReviewed),
        AppraisalState::ManagerReviewed => Some(AppraisalState::Published),
        AppraisalState::Published | AppraisalState::Resolved => Some(AppraisalState::Closed),
        AppraisalState::Disputed => Some(AppraisalState::Resolved),
        AppraisalState::Closed | AppraisalState::Unknown(_) => None,
    }
}

/// The one before; there is no way back from a published result but a dispute.
pub fn previous(state: &AppraisalState) -> Option<AppraisalState> {
    match state {
        AppraisalState::SelfSubmitted => Some(AppraisalState::Draft),
        AppraisalState::SupervisorScored => Some(AppraisalState::SelfSubmitted),
        AppraisalState::ManagerReviewed => Some(AppraisalState::SupervisorScored),
        _ => None,
    }
}

/// The steps that `actor` may take from `from`: forward first, then back.
pub fn steps(from: &AppraisalState, actor: Actor) -> Vec<AppraisalState> {
    let dispute = (*from == AppraisalState::Published).then_some(AppraisalState::Disputed);
    let ways = next(from).into_iter().chain(dispute).chain(previous(from));
    ways.filter(|to| step(from, to, actor, Some("a reason")).is_ok()).collect()
}

/// Whether `actor` may take an appraisal from `from` to `to`, and why not.
///
/// # Errors
/// See [`StepError`].
pub fn step(
    from: &AppraisalState,
    to: &AppraisalState,
    actor: Actor,
    reason: Option<&str>,
) -> Result<(), StepError> {
    let disputes = (from, to) == (&AppraisalState::Published, &AppraisalState::Disputed);
    if Some(to) == next(from).as_ref() || disputes {
        return theirs(whose(to), actor, to);
    }
    if Some(to) == previous(from).as_ref() {
        // Whoever has it before them sends it back.
        let sender = match from {
            AppraisalState::SelfSubmitted => Whose::Supervisor,
            _ => Whose::Manager,
        };
        theirs(sender, actor, to)?;
        let said = reason.is_some_and(|reason| !reason.trim().is_empty());
        return if said { Ok(()) } else { Err(StepError::NoReason { to: to.clone() }) };
    }
    Err(StepError::NotNext { from: from.clone(), to: to.clone(), next: next(from) })
}

/// Whose step leads somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of the person appraised.
    Appraised,
    /// Of their supervisor.
    Supervisor,
    /// Of their manager.
    Manager,
}

/// Whose step leads to `to` on the way forward.
pub const fn whose(to: &AppraisalState) -> Whose {
    match to {
        AppraisalState::Draft | AppraisalState::SelfSubmitted | AppraisalState::Disputed => {
            Whose::Appraised
        }
        AppraisalState::SupervisorScored => Whose::Supervisor,
        AppraisalState::ManagerReviewed
        | AppraisalState::Published
        | AppraisalState::Resolved
        | AppraisalState::Closed
        | AppraisalState::Unknown(_) => Whose::Manager,
    }
}

fn theirs(whose: Whose, actor: Actor, to: &AppraisalState) -> Result<(), StepError> {
    let (expected, allowed) = match whose {
        Whose::Appraised => (Actor::Appraised, "person appraised"),
        Whose::Supervisor => (Actor::Other(Role::Supervisor), "supervisor"),
        Whose::Manager => (Actor::Other(Role::Manager), "manager"),
    };
    if actor == expected || actor == Actor::CommandLine {
        return Ok(());
    }
    Err(StepError::NotTheirs { to: to.clone(), allowed })
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

/// The total of an appraisal as it stands: of each family the last rating that somebody
/// gave, and never the person's own.
pub fn standing(appraisal: &AppraisalRecord, policy: &AppraisalPolicy) -> Option<CentiPoints> {
    let frozen = appraisal.frozen.as_ref()?.total_centipoints.map(CentiPoints);
    total(frozen, &given(appraisal), &policy.ratings)
}

/// The last rating of each family that somebody else gave the person.
pub fn given(appraisal: &AppraisalRecord) -> BTreeMap<String, u8> {
    let others = appraisal.steps.iter().filter(|step| step.by != Some(appraisal.rep));
    others.flat_map(|step| step.ratings.clone()).collect()
}

/// Families that are rated where the policy names none (S2 团队协作, 销售技能).
const FAMILIES: [&str; 2] = ["skill", "teamwork"];

/// The families that are rated, with what each weighs in percent.
pub fn families(policy: &AppraisalPolicy) -> BTreeMap<String, u32> {
    let known = FAMILIES.into_iter().map(|family| (family.to_owned(), 0));
    known.chain(policy.ratings.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use crate::records::AppraisalState::{
        Closed, Disputed, Draft, ManagerReviewed, Published, Resolved, SelfSubmitted,
        SupervisorScored,
    };
    use crate::records::{AppraisalStep, FrozenScore};
    use crate::time::Timestamp;

    const REP: Actor = Actor::Appraised;
    const SUPERVISOR: Actor = Actor::Other(Role::Supervisor);
    const MANAGER: Actor = Actor::Other(Role::Manager);

    #[test]
    fn an_appraisal_goes_through_every_hand() {
        let way = [
            (SelfSubmitted, REP),
            (SupervisorScored, SUPERVISOR),
            (ManagerReviewed, MANAGER),
            (Published, MANAGER),
            (Disputed, REP),
            (Resolved, MANAGER),
            (Closed, MANAGER),
        ];
        let mut stands = Draft;
        for (to, actor) in way {
            assert_eq!(step(&stands, &to, actor, None), Ok(()), "{stands} to {to}");
            assert!(steps(&stands, actor).contains(&to));
            stands = to;
        }
        assert_eq!(step(&Published, &Closed, MANAGER, None), Ok(()), "without a dispute");
        assert!(steps(&Closed, Actor::CommandLine).is_empty());
    }

    #[test]
    fn nobody_takes_anothers_step_and_nobody_is_skipped() {
        let refused = step(&SelfSubmitted, &SupervisorScored, REP, None);
        assert!(matches!(refused, Err(StepError::NotTheirs { allowed: "supervisor", .. })));
        let skipped = step(&SelfSubmitted, &ManagerReviewed, MANAGER, None).unwrap_err();
        assert!(matches!(skipped, StepError::NotNext { next: Some(SupervisorScored), .. }));
        assert!(skipped.to_string().ends_with("next is supervisor_scored"), "{skipped}");
        assert!(step(&SelfSubmitted, &SupervisorScored, MANAGER, None).is_err());
        assert!(step(&Draft, &SelfSubmitted, SUPERVISOR, None).is_err());
        assert!(step(&Closed, &Draft, MANAGER, Some("again")).is_err());
        assert!(step(&SelfSubmitted, &ManagerReviewed, Actor::CommandLine, None).is_err());
    }

    #[test]
    fn a_step_back_is_one_step_and_has_a_reason() {
        assert_eq!(step(&SelfSubmitted, &Draft, SUPERVISOR, Some("incomplete")), Ok(()));
        let silent = step(&SupervisorScored, &SelfSubmitted, MANAGER, Some("  "));
        assert_eq!(silent, Err(StepError::NoReason { to: SelfSubmitted }));
        assert!(step(&SupervisorScored, &Draft, MANAGER, Some("all of it")).is_err());
        assert!(step(&SelfSubmitted, &Draft, REP, Some("I want to")).is_err());
    }

    #[test]
    fn a_persons_own_ratings_move_nothing_and_the_last_of_others_holds() {
        let rep = UserId::from_bytes([1; 16]);
        let step = |by, rating| AppraisalStep {
            to: SelfSubmitted,
            by,
            at: Timestamp::from_millis(0),
            comment: None,
            ratings: BTreeMap::from([("teamwork".to_owned(), rating)]),
        };
        let lead = Some(UserId::from_bytes([2; 16]));
        let appraisal = AppraisalRecord {
            rep,
            period: "2026-10".parse().unwrap(),
            state: ManagerReviewed,
            frozen: Some(FrozenScore {
                as_of: Timestamp::from_millis(0),
                policy_hash: [0; 32],
                inputs_digest: [0; 32],
                outcome_digest: [0; 32],
                total_centipoints: Some(9_000),
            }),
            steps: vec![step(lead, 2), step(lead, 4), step(Some(rep), 5)],
        };
        let policy = AppraisalPolicy { ratings: BTreeMap::from([("teamwork".to_owned(), 10)]) };
        // 90 × 0.9 + 80 × 0.1.
        assert_eq!(standing(&appraisal, &policy), Some(CentiPoints(8_900)));
        let none = AppraisalPolicy::default();
        assert_eq!(standing(&appraisal, &none), Some(CentiPoints(9_000)));
        assert_eq!(families(&policy).get("teamwork"), Some(&10));
        assert_eq!(families(&none).len(), 2);
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
