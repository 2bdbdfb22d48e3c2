//! What a leader should look at, as far as the reader sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use client_core::id::{DocId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{Metric, SignalRecord, TargetLevel, TargetRecord};
use client_core::rules::policy::Policy;
use client_core::rules::{ClosedMonth, Risk, below_benchmark, falling};
use client_core::time::Timestamp;

use super::base::Base;
use super::cards;
use super::funnel;
use super::reach::Reach;
use super::regions;
use crate::office::Office;
use crate::storage::lists::Sold;
use crate::storage::model::CardCalls;
use crate::storage::{AnyStorage, Boards, Scores, StorageError};
use crate::web::lists::Whose;
use crate::web::pages::alarms::{
    AlarmsData, Below, Danger, Falling, Restated, SIGNALS, Signal, Sum,
};

/// How much is asked for.
#[derive(Debug, Clone, Copy)]
pub struct AlarmsAsk {
    /// Sums of targets too: they are for whoever decides on them.
    pub sums: bool,
    /// Which page of the questions, from 1.
    pub page: usize,
    /// At most so many customers in danger.
    pub dangers: usize,
}

/// What is looked at for falling months.
const WATCHED: [Metric; 2] = [Metric::SalesAmount, Metric::EffectiveVisits];

/// The page's data.
pub async fn page(
    storage: &AnyStorage,
    office: &Office,
    base: &Base,
    reach: &Reach,
    now: Timestamp,
    ask: AlarmsAsk,
) -> Result<AlarmsData, StorageError> {
    let month = Period::month_of(base.zone().date(now));
    let policy = base.policy_for(month.first_day()).map(|(_version, policy)| policy);
    let mut waiting = office.signals().await?;
    waiting.retain(|signal| signal.is_open() && reach.sees(signal.rep));
    let waiting_count = waiting.len();
    let first = ask.page.saturating_sub(1).saturating_mul(SIGNALS);
    let waiting = waiting.into_iter().skip(first).take(SIGNALS).collect();
    let calls = cards::calls(storage, base.org.id, reach, month).await?;
    let (mut falling, mut losing, mut below) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(policy) = &policy {
        falling = fallen(storage, base, reach, month, policy).await?;
        losing = regions::losing(storage, base, reach, month.previous(), policy).await?;
        below = below_benchmarks(storage, base, reach, month.previous(), now).await?;
    }
    Ok(AlarmsData {
        restated: restated(storage, base, reach, month).await?,
        losing,
        below,
        signals: signals(storage, base, waiting).await?,
        waiting: waiting_count,
        page: ask.page,
        in_danger: calls.iter().map(|(_rep, calls)| calls.risks.len()).sum(),
        dangers: dangers(storage, base, &calls, ask.dangers).await?,
        falling,
        sums: if ask.sums { gaps(office, base).await? } else { Vec::new() },
        currency: base.org.currency,
        policy,
    })
}

async fn signals(
    storage: &AnyStorage,
    base: &Base,
    waiting: Vec<SignalRecord>,
) -> Result<Vec<Signal>, StorageError> {
    let docs = waiting.iter().flat_map(|signal| signal.subjects.iter().copied()).collect();
    let names = names(storage, base, docs).await?;
    let each = waiting.into_iter().map(|signal| Signal {
        rep: base.user_name(signal.rep),
        subjects: signal
            .subjects
            .iter()
            .filter_map(|doc| names.get(doc).cloned())
            .map(|(href, name)| (href, name.unwrap_or_default()))
            .collect(),
        signal,
    });
    Ok(each.collect())
}

async fn dangers(
    storage: &AnyStorage,
    base: &Base,
    calls: &[(UserId, Arc<CardCalls>)],
    most: usize,
) -> Result<Vec<Danger>, StorageError> {
    let mut found: Vec<(UserId, &Risk)> =
        calls.iter().flat_map(|(rep, calls)| calls.risks.iter().map(|risk| (*rep, risk))).collect();
    found.sort_by_key(|(_rep, risk)| {
        (std::cmp::Reverse(risk.level), std::cmp::Reverse(risk.since), risk.customer)
    });
    found.truncate(most);
    let docs = found.iter().map(|(_rep, risk)| risk.customer).collect();
    let names = names(storage, base, docs).await?;
    let each = found.into_iter().map(|(rep, risk)| Danger {
        customer: risk.customer,
        name: names.get(&risk.customer).and_then(|(_href, name)| name.clone()),
        owner: base.user_name(rep),
        level: risk.level,
        reasons: risk.reasons.clone(),
        since: risk.since,
        kept: risk.kept,
    });
    Ok(each.collect())
}

/// Where each document is shown, and what it is called.
pub(super) async fn names(
    storage: &AnyStorage,
    base: &Base,
    docs: Vec<DocId>,
) -> Result<BTreeMap<DocId, (String, Option<String>)>, StorageError> {
    let rows = storage.rows(base.org.id, docs).await?;
    let named = rows.into_iter().filter_map(|row| {
        let doc = row.header.doc;
        let (section, name) = match row.state {
            DocState::Customer(state) => ("customers", state.value.name),
            DocState::Visit(state) => ("visits", state.value.customer_name),
            DocState::Deal(state) => ("deals", state.value.name),
            DocState::Plan(_) | DocState::Case(_) => return None,
        };
        Some((doc, (format!("/{section}/{doc}"), name)))
    });
    Ok(named.collect())
}

/// R5 over the stored cards of closed months.
async fn fallen(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    month: Period,
    policy: &Policy,
) -> Result<Vec<Falling>, StorageError> {
    let mut series: BTreeMap<(UserId, Metric), Vec<ClosedMonth>> = BTreeMap::new();
    let mut closed = month.previous();
    for _ in 0..=policy.alarms.fall.months.min(12) {
        for (rep, card) in cards::lines(storage, base.org.id, reach, closed).await? {
            let lines = card.scorecard.lines.iter();
            for line in lines.filter(|line| WATCHED.contains(&line.indicator)) {
                // A month without a value is none that fell.
                let Some(value) = line.value else { continue };
                let value = ClosedMonth { month: closed, value };
                series.entry((rep, line.indicator.clone())).or_default().push(value);
            }
        }
        closed = closed.previous();
    }
    let down =
        series.into_iter().filter(|(_of, months)| falling(months, &policy.alarms, &base.calendar));
    let each = down.map(|((rep, metric), mut months)| {
        months.sort_by_key(|one| one.month.first_day());
        Falling { rep, name: base.user_name(rep), metric, months }
    });
    Ok(each.collect())
}

/// Cards of the last two months whose total moved after the month had closed.
async fn restated(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    month: Period,
) -> Result<Vec<Restated>, StorageError> {
    let mut found = Vec::new();
    for period in [month.previous(), month.previous().previous()] {
        let cards = cards::lines(storage, base.org.id, reach, period).await?.into_iter();
        let totals: BTreeMap<UserId, Option<i64>> =
            cards.map(|(rep, card)| (rep, card.scorecard.total.map(|total| total.0))).collect();
        for kept in storage.restated_cards(base.org.id, period).await? {
            let (rep, was) = (kept.card.record.rep, kept.card.record.total_centipoints);
            if !reach.sees(rep) {
                continue;
            }
            let is = totals.get(&rep).copied().flatten();
            if is == was {
                // A figure beside the card moved, which its own page tells.
                continue;
            }
            found.push(Restated { rep, name: base.user_name(rep), period, was, is });
        }
    }
    Ok(found)
}

/// R6 over the deals that entered their stages in a month that is over.
async fn below_benchmarks(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    month: Period,
    now: Timestamp,
) -> Result<Vec<Below>, StorageError> {
    let policy = base.policy_for(month.first_day()).map(|(_version, policy)| policy);
    let Some(policy) = policy.filter(|policy| !policy.alarms.benchmarks.is_empty()) else {
        return Ok(Vec::new());
    };
    let of = (Whose::default(), Sold::default());
    let found = funnel::cohorts(storage, base, reach, of, month, now).await?;
    let stages = found.map(|found| found.stages).unwrap_or_default();
    let below = stages.iter().filter_map(|stage| {
        let benchmark = policy.alarms.benchmarks.get(&stage.stage)?.0;
        let seen = &stage.conversion.now;
        let passed = (i64::from(seen.passed), i64::from(seen.entered));
        below_benchmark(passed, benchmark, &policy.alarms).then(|| Below {
            stage: stage.stage.clone(),
            month,
            passed,
            benchmark,
        })
    });
    Ok(below.collect())
}

/// R14: wholes whose parts do not sum to them as the policy asks.
async fn gaps(office: &Office, base: &Base) -> Result<Vec<Sum>, StorageError> {
    let checks = office.check_targets(None).await?;
    let targets: BTreeMap<_, TargetRecord> =
        office.targets().await?.into_iter().map(|target| (target.id, target)).collect();
    let warned = checks.into_iter().filter(|check| check.state.is_warning());
    let each = warned.filter_map(|check| {
        let target = targets.get(&check.parent)?.clone();
        let whose = match target.level {
            TargetLevel::Org => None,
            TargetLevel::Unit(unit) => Some(base.unit_name(unit)),
            TargetLevel::Rep(rep) => Some(base.user_name(rep)),
        };
        Some(Sum { whose, target, check })
    });
    Ok(each.collect())
}
