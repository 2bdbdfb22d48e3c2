//! Conversion between stages, beside the period before (S3 商机转化率对比, F6).

use client_core::rules::policy::Phase;
use client_core::rules::{Conversion, FunnelView, Policy, funnel};

use super::model::{Cell, Section, Table};
use super::sources::Sources;

/// Cohorts of the period and of the one before, read at the same maturity.
pub(super) fn conversion(sources: &Sources) -> Section {
    let policy = sources.policy.as_ref().and_then(|used| Policy::kept(&used.toml).ok());
    let columns = [
        "stage",
        "entered",
        "passed",
        "conversion",
        "entered_before",
        "conversion_before",
        "change",
    ];
    let Some(policy) = policy else {
        let none = Table::of("stages", &columns, Vec::new(), usize::MAX);
        return Section::new("conversion").table(none);
    };
    let period = sources.question.period;
    let view = FunnelView {
        pipeline: &policy.pipeline,
        zone: &sources.zone,
        period,
        compared_with: period.previous(),
        as_of: sources.as_of,
    };
    let found = funnel(sources.deals.iter().map(|one| &one.deal.fact), &view);
    let stages = found.stages.iter().filter(|stage| stage.phase != Phase::Closed);
    let mut rows: Vec<Vec<Cell>> = stages
        .map(|stage| row(Cell::code("stage", stage.stage.clone()), &stage.conversion))
        .collect();
    rows.push(row(Cell::code("report_step", "lead_to_deal"), &found.lead_to_deal));
    rows.push(row(Cell::code("report_step", "deal_to_signing"), &found.deal_to_signing));
    Section::new("conversion").table(Table::of("stages", &columns, rows, usize::MAX))
}

fn row(stage: Cell, step: &Conversion) -> Vec<Cell> {
    vec![
        stage,
        Cell::count(step.now.entered),
        Cell::count(step.now.passed),
        Cell::share(step.now.value),
        Cell::count(step.before.entered),
        Cell::share(step.before.value),
        step.change.map_or(Cell::Empty, |change| Cell::Change { centipoints: change.0 }),
    ]
}
