//! Figures of everybody in the file together (F6, F11, F13).

use super::answer::{PlainFlag, PlainIndicator, figure};
use super::read::Material;
use crate::docs::deal::DealKind;
use crate::period::{Days, Period};
use crate::rules::alarms::below_benchmark;
use crate::rules::figure::{Figure, TeamView};
use crate::rules::figures::{FigureUnit, NamedFigure};
use crate::rules::funnel::{Cohort, Funnel, FunnelView, funnel};
use crate::rules::outcome::{LineState, NotApplicable, RuleId};
use crate::rules::policy::Policy;
use crate::rules::units::BasisPoints;
use crate::rules::{
    Catalogue, concentration, product_mix, products_per_customer, sales, sales_cycle, win_rate,
};
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

pub(super) fn indicators(
    material: &Material,
    policy: &Policy,
    period: Period,
    as_of: Timestamp,
) -> Vec<PlainIndicator> {
    use FigureUnit::{BasisPoints, HalfDays, Hundredths, HundredthsOfDays, MinorUnits};
    let mut all: Vec<(String, FigureUnit, Figure)> = Vec::new();
    let seen = cohorts(material, policy, period, as_of);
    for stage in &seen.stages {
        let id = format!("stage_conversion.{}", stage.stage);
        all.push((id.clone(), BasisPoints, of_cohort(&stage.conversion.now)));
        all.push((format!("{id}.previous"), BasisPoints, of_cohort(&stage.conversion.before)));
    }
    all.push(("lead_to_deal".to_owned(), BasisPoints, of_cohort(&seen.lead_to_deal.now)));
    all.push(("deal_to_signing".to_owned(), BasisPoints, of_cohort(&seen.deal_to_signing.now)));

    let days = Days::from(period);
    let view = TeamView::new(&material.collected.team, &material.calendar.zone, days, as_of);
    let catalogue = Catalogue::of(&material.collected.products);
    let cycle = sales_cycle(&view);
    all.push(("sales_cycle.median".to_owned(), HalfDays, cycle.median));
    all.push(("sales_cycle.mean".to_owned(), HundredthsOfDays, cycle.mean));
    all.push(("win_rate".to_owned(), BasisPoints, win_rate(&view, None)));
    let tender = win_rate(&view, Some(&DealKind::Tender));
    all.push(("win_rate.tender".to_owned(), BasisPoints, tender));
    let products = products_per_customer(&view, &catalogue);
    all.push(("products_per_customer".to_owned(), Hundredths, products));
    // Of several currencies each has its own; the org's has no suffix.
    let named = |id: &str, currency| {
        if currency == material.currency { id.to_owned() } else { format!("{id}.{currency}") }
    };
    for one in sales(&view) {
        if one.currency == material.currency
            && let Some(size) = material.market_size
        {
            let mut share = one.amount.clone();
            let exact =
                crate::rules::rounding::basis_points(i128::from(share.numerator), i128::from(size));
            share.rule = RuleId::F13;
            share.value = exact.map(|share| share.0);
            share.denominator = size;
            if exact.is_none() {
                share.state = LineState::NotApplicable(NotApplicable::ZeroDenominator);
            }
            all.push(("market_share".to_owned(), BasisPoints, share));
        }
        all.push((named("won_amount", one.currency), MinorUnits, one.amount));
        all.push((named("sales_per_customer", one.currency), MinorUnits, one.per_customer));
        all.push((named("average_order_value", one.currency), MinorUnits, one.average_order));
    }
    for one in concentration(&view) {
        all.push((named("concentration.top_1", one.currency), BasisPoints, one.top_1));
        all.push((named("concentration.top_5", one.currency), BasisPoints, one.top_5));
    }
    for one in product_mix(&view, &catalogue, &policy.goals.mix) {
        for class in one.classes {
            let id = named(&format!("mix.{}", class.class), one.currency);
            all.push((id, BasisPoints, class.share));
        }
        all.push((named("high_margin_share", one.currency), BasisPoints, one.high_margin));
    }
    all.into_iter()
        .map(|(id, unit, one)| {
            figure(&material.names, &NamedFigure { id, unit, figure: one }, TEAM)
        })
        .collect()
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
