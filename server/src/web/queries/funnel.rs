//! The funnel: what lies in each stage now, and the cohorts of a period (F6).
//!
//! What lies there now is summed by the index of deals. Cohorts need histories,
//! so the deals that moved between the two periods' beginning and now are
//! decoded, and no others: for a running month those of two months.

use client_core::docs::deal::DealState;
use client_core::id::DocId;
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{PlacementRecord, Record};
use client_core::rules::{
    self, Cohort, Conversion, Credit, Funnel, FunnelView, Policy, TeamDeal, team_deals,
};
use client_core::time::{Timestamp, Zone};

use super::base::{self, Base};
use super::products::{lines, products, sold};
use super::reach::Reach;
use crate::storage::lists::{DealFilter, OutcomeFilter, Sold, Window};
use crate::storage::model::Row;
use crate::storage::{AnyStorage, Boards, Lists, StorageError};
use crate::web::lists::Whose;
use crate::web::lists::deals::DealsAsk;
use crate::web::lists::funnel::{CohortAsk, Ended, FunnelAsk, StepAsk};
use crate::web::pages::deals::DealInList;
use crate::web::pages::funnel::FunnelData;

/// Stalled deals shown on the page.
const STALLED_SHOWN: u32 = 10;

/// The page's data.
pub async fn page(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: FunnelAsk,
    now: Timestamp,
) -> Result<FunnelData, StorageError> {
    let org = base.org.id;
    let sold = sold(storage, base, ask.line.as_deref(), ask.source.as_deref()).await?;
    let deals =
        DealsAsk { whose: ask.whose, outcome: Some(OutcomeFilter::Open), ..DealsAsk::default() };
    let open = DealFilter { sold: sold.clone(), ..deals.filter(base, reach, now) };
    let stalled = DealsAsk { stalled: Some(ask.stalled), ..deals }.stalled_first();
    let stalled = DealFilter { sold: sold.clone(), ..stalled.filter(base, reach, now) };
    let window = Window { limit: STALLED_SHOWN, offset: 0 };
    let found = storage.find_deals(org, stalled, window).await?;
    let rows = storage.deal_rows(org, found.docs).await?;
    let stalled = rows.into_iter().map(|row| DealInList {
        owner: base.user_name(row.owner),
        unit: row.unit.map(|unit| base.unit_name(unit)).unwrap_or_default(),
        row,
    });
    Ok(FunnelData {
        funnel: cohorts(storage, base, reach, (ask.whose, sold), ask.period, now).await?,
        stages: storage.deal_stages(org, open).await?,
        stalled: stalled.collect(),
        stalled_count: found.matching,
        choices: base.choices(reach),
        lines: lines(&products(storage, base).await?),
        policy: policy(base, ask.period, now),
        today: base.zone().date(now),
        ask,
    })
}

/// The policy whose stages the period's deals went through.
fn policy(base: &Base, period: Period, now: Timestamp) -> Option<Policy> {
    let day = period.last_day().min(base.zone().date(now));
    base.policy_for(day).map(|(_, policy)| policy)
}

/// The cohorts of a period beside those of the one before; none without a policy.
pub async fn cohorts(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    (whose, sold): (Whose, Sold),
    period: Period,
    now: Timestamp,
) -> Result<Option<Funnel>, StorageError> {
    let org = base.org.id;
    let Some(policy) = policy(base, period, now) else { return Ok(None) };
    let zone = base.zone().clone();
    let moved = DealFilter {
        within: reach.scopes(),
        sold,
        moved: Some((period.previous().bounds(&zone).0, period.bounds(&zone).1)),
        ..DealFilter::default()
    };
    let docs = storage.find_deals(org, moved, Window::ALL).await?.docs;
    let rows = storage.rows(org, docs.clone()).await?;
    let placements = storage.placements_of(org, docs).await?;
    let placements = base::decode(placements, |record| match record {
        Record::Placement(placement) => Some(placement),
        _ => None,
    })?;
    let (units, people) = (whose.units(base), whose.people(base));
    let takes = move |credit: &Credit| match (whose.rep, &units) {
        (Some(rep), _) => credit.rep == rep,
        (None, Some(units)) => match credit.unit {
            Some(unit) => units.contains(&unit),
            None => people.as_ref().is_some_and(|people| people.contains(&credit.rep)),
        },
        (None, None) => true,
    };
    // Thousands of deals are more than a millisecond.
    let funnel = tokio::task::spawn_blocking(move || {
        compute(&rows, &placements, &policy, &zone, period, now, takes)
    });
    let funnel = funnel.await;
    funnel.map(Some).map_err(|error| StorageError::Unavailable { reason: error.to_string() })
}

fn compute(
    rows: &[Row],
    placements: &[PlacementRecord],
    policy: &Policy,
    zone: &Zone,
    period: Period,
    now: Timestamp,
    takes: impl Fn(&Credit) -> bool,
) -> Funnel {
    let states: Vec<rules::Row<'_, DealState>> = rows
        .iter()
        .filter_map(|row| match &row.state {
            DocState::Deal(state) => {
                Some(rules::Row { header: row.header, heads: &row.heads, state })
            }
            _ => None,
        })
        .collect();
    let deals: Vec<TeamDeal> = team_deals(&states, placements);
    let asked = deals.iter().filter(|deal| takes(&deal.credit)).map(|deal| &deal.fact);
    let view = FunnelView {
        pipeline: &policy.pipeline,
        zone,
        period,
        compared_with: period.previous(),
        as_of: now,
    };
    rules::funnel(asked, &view)
}

/// The deals behind a number of the funnel, if one is asked for.
pub async fn deals_behind(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: &DealsAsk,
    now: Timestamp,
) -> Result<Option<Vec<DocId>>, StorageError> {
    let Some(cohort) = &ask.cohort else { return Ok(None) };
    let sold = sold(storage, base, ask.line.as_deref(), ask.source.as_deref()).await?;
    let of = (ask.whose, sold);
    let funnel = cohorts(storage, base, reach, of, cohort.period, now).await?;
    Ok(Some(funnel.map(|funnel| members(&funnel, cohort)).unwrap_or_default()))
}

fn members(funnel: &Funnel, ask: &CohortAsk) -> Vec<DocId> {
    let conversion: Option<&Conversion> = match &ask.step {
        StepAsk::Lead => Some(&funnel.lead_to_deal),
        StepAsk::Deal => Some(&funnel.deal_to_signing),
        StepAsk::Stage(code) => {
            let stage = funnel.stages.iter().find(|stage| stage.stage == *code);
            stage.map(|stage| &stage.conversion)
        }
    };
    let Some(conversion) = conversion else { return Vec::new() };
    let Cohort { passed_facts, lost_facts, undecided_facts, .. } =
        if ask.before { &conversion.before } else { &conversion.now };
    let parts = match ask.ended {
        Ended::Entered => vec![passed_facts, lost_facts, undecided_facts],
        Ended::Passed => vec![passed_facts],
        Ended::Lost => vec![lost_facts],
        Ended::Undecided => vec![undecided_facts],
    };
    parts.into_iter().flatten().map(|fact| fact.doc).collect()
}
