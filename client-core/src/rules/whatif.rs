//! What another policy would make of the same facts.
//!
//! Before the weights move from 60/40 to 50/50, or an A customer is to be seen twice a
//! week instead of twice a month, somebody asks: who gains, who loses, and why? Rules are
//! a pure function and facts are kept, so the answer is two runs and their difference,
//! line by line. A line's reasons are what the two runs saw differently, never a guess.

use serde::{Deserialize, Serialize};

use crate::records::Metric;
use crate::rules::outcome::{IndicatorLine, Limit, LineState, NotApplicable, Outcome, Scorecard};
use crate::rules::policy::Group;
use crate::rules::rounding::{div_half_even, saturate};
use crate::rules::units::{CentiPoints, Normalised};

/// One rep's card under two policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardChange {
    /// The total under the policy in force; none where nothing was applicable.
    pub before: Option<CentiPoints>,
    /// The total under the other.
    pub after: Option<CentiPoints>,
    /// After less before; a card without a total counts as 0.
    pub difference: CentiPoints,
    /// The lines of either, those of the policy in force first.
    pub lines: Vec<LineChange>,
}

/// One line under two policies. The differences of all lines sum to the card's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineChange {
    /// Of what.
    pub indicator: Metric,
    /// Points under the policy in force; none where it has no such line.
    pub before: Option<CentiPoints>,
    /// Points under the other.
    pub after: Option<CentiPoints>,
    /// After less before.
    pub difference: CentiPoints,
    /// What the two saw differently; empty for a line that is the same.
    pub reasons: Vec<ChangeReason>,
}

/// Why a line has other points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum ChangeReason {
    /// Only the other policy has this line.
    Added,
    /// Only the policy in force has it.
    Removed,
    /// It applies now, and did not for this reason.
    Applies {
        /// Why it did not.
        before: NotApplicable,
    },
    /// It applies no more.
    AppliesNoMore {
        /// Why it does not.
        after: NotApplicable,
    },
    /// Full attainment is worth other points: its weight, its group's, or what lines that
    /// do not apply leave to it.
    Weight {
        /// Points at full attainment before.
        before: CentiPoints,
        /// And after.
        after: CentiPoints,
    },
    /// The figure itself is another one: other visits, deals or money count.
    Value {
        /// Before.
        before: Option<i64>,
        /// After.
        after: Option<i64>,
    },
    /// It is held against another target.
    Target {
        /// Before.
        before: Option<i64>,
        /// After.
        after: Option<i64>,
    },
    /// The same attainment counts as another one: cap, floor, threshold or direction.
    Counting {
        /// What counted before.
        before: Option<Normalised>,
        /// What limited it.
        before_limit: Option<Limit>,
        /// What counts after.
        after: Option<Normalised>,
        /// What limits it.
        after_limit: Option<Limit>,
    },
    /// A gate of its group is missed, or is missed no more.
    Gate {
        /// Whether it is missed after.
        missed: bool,
    },
}

/// What `after` makes of the facts that `before` was made of.
pub fn card_change(before: &Outcome, after: &Outcome) -> CardChange {
    let (old, new) = (&before.scorecard, &after.scorecard);
    let known = old.lines.iter().map(|line| &line.indicator);
    let added = new.lines.iter().map(|line| &line.indicator);
    let added = added.filter(|metric| line_of(old, metric).is_none());
    let lines = known.chain(added).map(|metric| line_change(metric, old, new)).collect();
    CardChange {
        before: old.total,
        after: new.total,
        difference: less(new.total, old.total),
        lines,
    }
}

fn line_of<'a>(card: &'a Scorecard, metric: &Metric) -> Option<&'a IndicatorLine> {
    card.lines.iter().find(|line| line.indicator == *metric)
}

fn less(after: Option<CentiPoints>, before: Option<CentiPoints>) -> CentiPoints {
    let points = |points: Option<CentiPoints>| points.map_or(0, |points| points.0);
    CentiPoints(points(after).saturating_sub(points(before)))
}

fn line_change(metric: &Metric, old: &Scorecard, new: &Scorecard) -> LineChange {
    let (before, after) = (line_of(old, metric), line_of(new, metric));
    let points = |line: Option<&IndicatorLine>| line.map(|line| line.points);
    LineChange {
        indicator: metric.clone(),
        before: points(before),
        after: points(after),
        difference: less(points(after), points(before)),
        reasons: match (before, after) {
            (Some(before), Some(after)) => reasons(before, old, after, new),
            (Some(_), None) => vec![ChangeReason::Removed],
            (None, _) => vec![ChangeReason::Added],
        },
    }
}

fn reasons(
    before: &IndicatorLine,
    old: &Scorecard,
    after: &IndicatorLine,
    new: &Scorecard,
) -> Vec<ChangeReason> {
    let mut reasons = Vec::new();
    match (before.state, after.state) {
        (LineState::NotApplicable(before), LineState::Applicable) => {
            reasons.push(ChangeReason::Applies { before });
        }
        (LineState::Applicable, LineState::NotApplicable(after)) => {
            reasons.push(ChangeReason::AppliesNoMore { after });
        }
        (LineState::NotApplicable(_), LineState::NotApplicable(_)) => return reasons,
        (LineState::Applicable, LineState::Applicable) => {
            let (full, other) = (worth(before, old), worth(after, new));
            if full != other {
                reasons.push(ChangeReason::Weight { before: full, after: other });
            }
        }
    }
    let mut counted = true;
    if before.value != after.value {
        reasons.push(ChangeReason::Value { before: before.value, after: after.value });
        counted = false;
    }
    if before.target != after.target {
        reasons.push(ChangeReason::Target { before: before.target, after: after.target });
        counted = false;
    }
    let limited = before.limit != after.limit;
    if before.normalised != after.normalised && (counted || limited) {
        reasons.push(ChangeReason::Counting {
            before: before.normalised,
            before_limit: before.limit,
            after: after.normalised,
            after_limit: after.limit,
        });
    }
    let (missed, misses) = (gate(old, before.group), gate(new, after.group));
    if missed != misses {
        reasons.push(ChangeReason::Gate { missed: misses });
    }
    reasons
}

fn gate(card: &Scorecard, group: Group) -> bool {
    card.groups.iter().any(|line| line.group == group && line.gate_missed)
}

/// What a line is worth at full attainment: its part of its group's weight in force.
fn worth(line: &IndicatorLine, card: &Scorecard) -> CentiPoints {
    let group = card.groups.iter().find(|one| one.group == line.group);
    let in_force = group.map_or(0, |group| i128::from(group.weight_in_force));
    let own = card.lines.iter().filter(|one| one.group == line.group);
    let applicable = own.filter(|one| one.state == LineState::Applicable);
    let sum: i128 = applicable.map(|one| i128::from(one.weight)).sum();
    let exact = 100 * in_force * i128::from(line.weight);
    CentiPoints(div_half_even(exact, sum).map_or(0, saturate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Tier;
    use crate::rules::evaluate;
    use crate::rules::facts::Facts;
    use crate::rules::fixture::*;
    use crate::rules::policy::{Policy, preset_text};

    /// Two onsite visits of nine and twelve minutes, and a target of two.
    fn october() -> Facts {
        Facts {
            visits: vec![
                onsite(1, 100, "2026-10-08 09:00", 9),
                onsite(2, 100, "2026-10-09 09:00", 12),
            ],
            customers: vec![customer(100, Some(Tier::A))],
            targets: vec![target_fact(1, Metric::EffectiveVisits, "2026-10", 2)],
            ..facts("2026-10")
        }
    }

    fn change(from: &str, to: &str) -> CardChange {
        let text = preset_text("guide-standard").unwrap();
        let draft = text.replacen(from, to, 1);
        assert_ne!(text, draft, "{from}");
        let (before, after) =
            (Policy::from_toml(text).unwrap(), Policy::from_toml(&draft).unwrap());
        let run = |policy: &Policy| {
            evaluate(&october(), policy, period("2026-10"), at("2026-11-05 09:00"))
        };
        card_change(&run(&before), &run(&after))
    }

    fn visits(change: &CardChange) -> &LineChange {
        change.lines.iter().find(|line| line.indicator == Metric::EffectiveVisits).unwrap()
    }

    #[test]
    fn a_shorter_visit_that_counts_now_is_told_as_another_value() {
        let change = change("min_minutes = 10 ", "min_minutes = 9 ");
        let line = visits(&change);
        assert_eq!(line.reasons, [ChangeReason::Value { before: Some(1), after: Some(2) }]);
        assert!(change.difference > CentiPoints(0), "the rep gains");
        assert_eq!(line.difference, change.difference);
    }

    #[test]
    fn a_lower_cap_and_another_weight_are_told_as_such() {
        let lower = change("cap = \"120%\"", "cap = \"40%\"");
        let reasons = &visits(&lower).reasons;
        assert!(
            matches!(
                reasons.as_slice(),
                [ChangeReason::Counting { before_limit: None, after_limit: Some(Limit::Cap), .. }]
            ),
            "{reasons:?}"
        );
        let text = preset_text("guide-standard").unwrap();
        let example = crate::rules::policy::Example::find("weights-50-50").unwrap();
        let (before, after) = (policy(), Policy::from_toml(&example.put_into(text)).unwrap());
        let run = |policy: &Policy| {
            evaluate(&october(), policy, period("2026-10"), at("2026-11-05 09:00"))
        };
        let change = card_change(&run(&before), &run(&after));
        let sum: i64 = change.lines.iter().map(|line| line.difference.0).sum();
        assert_eq!(sum, change.difference.0, "lines sum to the card");
    }

    #[test]
    fn a_line_that_only_one_policy_has_is_added_or_removed() {
        let text = preset_text("guide-standard").unwrap();
        let draft = text
            .replacen("metric = \"effective_visits\"", "metric = \"new_deals\"", 1)
            .replacen(
                "\"scorecard.indicators.effective_visits\"",
                "\"scorecard.indicators.new_deals\"",
                1,
            )
            .replacen("indicators.effective_visits.weight\"", "indicators.new_deals.weight\"", 1);
        let run = |text: &str| {
            let policy = Policy::from_toml(text).unwrap();
            evaluate(&october(), &policy, period("2026-10"), at("2026-11-05 09:00"))
        };
        let change = card_change(&run(text), &run(&draft));
        assert_eq!(visits(&change).reasons, [ChangeReason::Removed]);
        let new = change.lines.iter().find(|line| line.indicator == Metric::NewDeals).unwrap();
        assert_eq!(new.reasons, [ChangeReason::Added]);
        let same = card_change(&run(text), &run(text));
        assert!(same.lines.iter().all(|line| line.reasons.is_empty()));
        assert_eq!(same.difference, CentiPoints(0));
    }
}
