//! Figures of everybody in the file together (F6, F11, F13).

use super::answer::{PlainFlag, PlainIndicator, figure};
use super::read::Material;
use crate::period::{Days, Period};
use crate::rules::alarms::below_benchmark;
use crate::rules::figure::Figure;
use crate::rules::figures::{FigureUnit, NamedFigure};
use crate::rules::funnel::{Cohort, Funnel, FunnelView, funnel};
use crate::rules::outcome::{JudgedVisit, LineState, NotApplicable, RuleId};
use crate::rules::policy::{MilestoneFigure, Policy};
use crate::rules::team_figures::{TeamFacts, milestone_figure, team_figures};
use crate::rules::units::BasisPoints;
use crate::time::Timestamp;

const TEAM: &str = "team";

fn cohorts(material: &Material, policy: &Policy, period: Period, as_of: Timestamp) -> Funnel {
    let view = FunnelView {
        pipeline: &policy.pipeline,
        zone: &material.calendar.zone,
        period,
        compared_with: period.previous(),
        as_of,
    };
    funnel(material.collected.team.iter().map(|deal| &deal.fact), &view)
}

fn of_cohort(cohort: &Cohort) -> Figure {
    let mut facts: Vec<_> = cohort
        .passed_facts
        .iter()
        .chain(&cohort.lost_facts)
        .chain(&cohort.undecided_facts)
        .cloned()
        .collect();
    facts.sort();
    Figure {
        rule: RuleId::F6,
        state: match cohort.value {
            Some(_) => LineState::Applicable,
            None => LineState::NotApplicable(NotApplicable::ZeroDenominator),
        },
        value: cohort.value.map(|value| value.0),
        numerator: i64::from(cohort.passed),
        denominator: i64::from(cohort.entered),
        facts,
        exclusions: cohort.exclusions.clone(),
    }
}

/// `visits` are those of everybody's cards.
pub(super) fn indicators(
    material: &Material,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
    visits: &[JudgedVisit],
) -> Vec<PlainIndicator> {
    use FigureUnit::BasisPoints;
    let mut all: Vec<(String, FigureUnit, Figure)> = Vec::new();
    let seen = cohorts(material, policy, period, as_of);
    for stage in &seen.stages {
        let id = format!("stage_conversion.{}", stage.stage);
        all.push((id.clone(), BasisPoints, of_cohort(&stage.conversion.now)));
        all.push((format!("{id}.previous"), BasisPoints, of_cohort(&stage.conversion.before)));
    }
    all.push(("lead_to_deal".to_owned(), BasisPoints, of_cohort(&seen.lead_to_deal.now)));
    all.push(("deal_to_signing".to_owned(), BasisPoints, of_cohort(&seen.deal_to_signing.now)));

    let mut all: Vec<NamedFigure> =
        all.into_iter().map(|(id, unit, figure)| NamedFigure { id, unit, figure }).collect();
    let zone = &material.calendar.zone;
    all.extend(team_figures(&of_team(material, visits), policy, zone, Days::from(period), as_of));
    all.iter().map(|one| figure(&material.names, one, TEAM)).collect()
}

fn of_team<'a>(material: &'a Material, visits: &'a [JudgedVisit]) -> TeamFacts<'a> {
    TeamFacts {
        deals: &material.collected.team,
        orders: &material.collected.team_orders,
        products: &material.collected.products,
        visits,
        reps: &material.people,
        currency: material.currency,
        market_size: material.market_size,
    }
}

/// The figure that a milestone is of, in some days.
pub(super) fn milestone(
    material: &Material,
    policy: &Policy,
    of: MilestoneFigure,
    days: Days,
    as_of: Timestamp,
) -> Figure {
    let facts = of_team(material, &[]);
    milestone_figure(&facts, policy, of, &material.calendar.zone, days, as_of)
}

/// R6: stages below the benchmarks that the file names.
pub(super) fn below_benchmarks(
    material: &Material,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
) -> Vec<PlainFlag> {
    let seen = cohorts(material, policy, period, as_of);
    let mut flags = Vec::new();
    for stage in &seen.stages {
        let entered = policy.alarms.benchmarks.get(&stage.stage).map(|share| share.0.0);
        let benchmark = material.benchmarks.get(&stage.stage).copied().or(entered);
        let Some(benchmark) = benchmark else { continue };
        let now = &stage.conversion.now;
        let counts = (i64::from(now.passed), i64::from(now.entered));
        if below_benchmark(counts, BasisPoints(benchmark), &policy.alarms) {
            flags.push(PlainFlag {
                rule: "R6".to_owned(),
                kind: "below_benchmark".to_owned(),
                scope: TEAM.to_owned(),
                subject: Some(stage.stage.clone()),
                level: "warning".to_owned(),
                reasons: vec!["below_benchmark".to_owned()],
                facts: super::answer::facts_of(&material.names, &of_cohort(now).facts),
                detail: serde_json::json!({
                    "passed": now.passed,
                    "entered": now.entered,
                    "benchmark": benchmark,
                }),
            });
        }
    }
    flags
}
