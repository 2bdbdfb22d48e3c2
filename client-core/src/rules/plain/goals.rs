//! What the policy's goals say of a figure (DOMAIN D14: the operator is the guide's, and
//! decides at the boundary).

use serde::Serialize;

use crate::records::Metric;
use crate::rules::policy::{CollectionVariant, Policy, SatisfactionMeasure};

/// A goal, and whether it is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlainGoal {
    /// `>` or `>=`.
    pub operator: &'static str,
    /// In the figure's unit.
    pub threshold: i64,
    /// Whether the exact figure, before rounding, meets it; absent where there is none.
    pub met: Option<bool>,
}

/// The goal of the figure `id`, judged by its exact fraction. `scale` units make one.
pub(super) fn goal(
    id: &str,
    policy: &Policy,
    (numerator, denominator): (i64, i64),
) -> Option<PlainGoal> {
    let asked = policy;
    let policy = &asked.goals;
    let collection = match policy.collection_formula {
        CollectionVariant::ReceivedOverDue => "collection_rate.received_over_due",
        CollectionVariant::DueInPeriod => "collection_rate.due_in_period",
        CollectionVariant::ReceivedOverBooked => "collection_rate.received_over_booked",
    };
    // S3's 8 分 is a mean of answers and says nothing of a net promoter score: where that is
    // the measure, what is wanted of it is what the card holds it against.
    let mean = policy.satisfaction_measure == SatisfactionMeasure::Mean;
    let card = asked.scorecard.indicators.iter();
    let of_card = || {
        let mut line = card.clone().filter(|rule| rule.metric == Metric::CustomerSatisfaction);
        line.next().and_then(|rule| rule.default_target)
    };
    let share = |threshold: crate::rules::units::Percent| (threshold.0.0, 10_000);
    let (operator, (threshold, scale)) = match id {
        "collection_rate" => (">", share(policy.collection_rate_above)),
        _ if id == collection => (">", share(policy.collection_rate_above)),
        "customer_satisfaction" | "satisfaction.mean" if mean => {
            (">=", (i64::from(policy.satisfaction_min_hundredths), 100))
        }
        "customer_satisfaction" | "satisfaction.nps" if !mean => (">=", (of_card()?, 10_000)),
        "repurchase_rate" => (">=", share(policy.repurchase_min)),
        "win_rate.tender" => (">=", share(policy.tender_win_min)),
        "high_margin_share" => (">=", share(policy.high_margin_min)),
        _ => return None,
    };
    let (actual, wanted) = (
        i128::from(numerator) * i128::from(scale),
        i128::from(threshold) * i128::from(denominator),
    );
    let met = if operator == ">" { actual > wanted } else { actual >= wanted };
    Some(PlainGoal { operator, threshold, met: (denominator > 0).then_some(met) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_judged_exactly_and_by_its_own_operator() {
        let goals = Policy::preset("guide-standard").unwrap();
        let check = |id: &str, fraction: (i64, i64), met: Option<bool>| {
            let found = goal(id, &goals, fraction).unwrap();
            assert_eq!(found.met, met, "{id} {fraction:?}");
        };
        // S3 超90%: exactly 90 % is not above it, and a hair more is, whatever is shown.
        check("collection_rate", (900, 1_000), Some(false));
        check("collection_rate", (900_001, 1_000_000), Some(true));
        check("collection_rate.received_over_due", (90, 100), Some(false));
        // S3 不低于70%: exactly 70 % is enough.
        check("repurchase_rate", (70, 100), Some(true));
        check("repurchase_rate", (69_999, 100_000), Some(false));
        check("win_rate.tender", (3, 5), Some(true));
        check("win_rate.tender", (0, 0), None);
        check("high_margin_share", (2, 5), Some(true));
        check("high_margin_share", (39, 100), Some(false));
        assert_eq!(goal("sales_amount", &goals, (1, 1)), None);
        let mut strict = goals;
        strict.goals.repurchase_min = "71%".parse().unwrap();
        assert_eq!(goal("repurchase_rate", &strict, (70, 100)).unwrap().met, Some(false));
    }

    #[test]
    fn a_net_promoter_score_is_held_against_what_the_card_wants_of_it() {
        let mut policy = Policy::preset("guide-standard").unwrap();
        assert_eq!(goal("satisfaction.nps", &policy, (1, 4)), None, "the mean is the measure");
        policy.goals.satisfaction_measure = SatisfactionMeasure::Nps;
        let lines = &mut policy.scorecard.indicators;
        let line = lines.iter_mut().find(|rule| rule.metric == Metric::CustomerSatisfaction);
        line.unwrap().default_target = Some(2_500);
        let met = |id: &str, fraction| goal(id, &policy, fraction).unwrap().met;
        assert_eq!(met("satisfaction.nps", (1, 4)), Some(true));
        assert_eq!(met("customer_satisfaction", (24, 100)), Some(false));
        assert_eq!(goal("satisfaction.mean", &policy, (9, 1)), None);
    }
}
