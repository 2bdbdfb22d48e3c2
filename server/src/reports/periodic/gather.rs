//! Brings together what a report is computed from.
//!
//! Everything is read by index: deals that moved since the period before, counts of visits,
//! the visits that heard something, the stored cards. So a week's report costs what moved in
//! two weeks, whatever else the org has.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::Heads;
use client_core::docs::deal::DealOutcome;
use client_core::docs::plan::PlanState;
use client_core::id::{DocId, UnitId, UserId};
use client_core::money::{Currency, Money};
use client_core::period::{Days, Period};
use client_core::projection::DocState;
use client_core::records::{Metric, PlacementRecord, Record, RecordKind, TargetLevel};
use client_core::rules::facts::DealFact;
use client_core::rules::policy::CountPolicy;
use client_core::rules::{self, Credit, Policy, TeamDeal, TeamOrder};
use client_core::time::{Date, Timestamp, Zone};

use super::card::CardTold;
use super::sources::{
    ActionTold, DealTold, HelpTold, Kind, Known, MonthSold, PlanTold, PolicyUsed, Question,
    SoldTold, Sources, TierChange, VisitTold, VisitsOf,
};
use crate::reports::{SoldIn, orders, sold_in};
use crate::storage::lists::{DealFilter, Window};
use crate::storage::model::{Row, VisitCount, WonDeal};
use crate::storage::{
    AnyStorage, Boards, Feed, Lists, Meetings, Records, Reports, Scores, StorageError,
};
use crate::web::queries::base::{self, Base};
use crate::web::queries::reach::below;

/// Months of the trend (S3 折线图).
const MONTHS: i32 = 12;
const DAY_MS: i64 = 24 * 3_600_000;

/// Whose work a report is about.
struct Team {
    units: Option<BTreeSet<UnitId>>,
    people: BTreeSet<UserId>,
}

impl Team {
    fn of(base: &Base, unit: Option<UnitId>) -> Self {
        let units = unit.map(|unit| below(&base.units, &[unit]));
        let inside = |units: &BTreeSet<UnitId>, of: &[UnitId]| of.iter().any(|u| units.contains(u));
        let people = base
            .users
            .iter()
            .filter(|user| units.as_ref().is_none_or(|units| inside(units, &user.units)));
        let people = people.map(|user| user.id).collect();
        Self { units, people }
    }

    /// Whether a deal so credited is this team's.
    fn has(&self, credit: &Credit) -> bool {
        match (&self.units, credit.unit) {
            (None, _) => true,
            (Some(units), Some(unit)) => units.contains(&unit),
            (Some(_), None) => self.people.contains(&credit.rep),
        }
    }

    /// Whether this person's work is this team's.
    fn names(&self, user: UserId) -> bool {
        self.units.is_none() || self.people.contains(&user)
    }
}

/// What a report is computed from, as it is known now.
pub async fn gather(
    storage: &AnyStorage,
    base: &Base,
    question: Question,
    now: Timestamp,
) -> Result<Sources, StorageError> {
    let org = base.org.id;
    let (period, zone) = (question.period, base.zone());
    let team = Team::of(base, question.unit);
    let (from, until) = period.bounds(zone);
    let before = period.previous().bounds(zone);
    let feed_position = storage.head(org).await?.get();
    let last = period.last_day().min(zone.date(now));
    let mut sources = Sources {
        question,
        as_of: now,
        feed_position,
        org: base.org.name.clone(),
        unit_name: question.unit.map(|unit| base.unit_name(unit)),
        currency: base.org.currency,
        zone: zone.clone(),
        policy: policy(base, last),
        known: known(base, &team, now),
        people: BTreeMap::new(),
        customers: BTreeMap::new(),
        deals: deals(storage, base, &team, period, now).await?,
        sold: None,
        months: Vec::new(),
        industries: Vec::new(),
        visits: counted(&team, storage.visit_counts(org, from, until).await?),
        visits_before: counted(&team, storage.visit_counts(org, before.0, before.1).await?),
        told: told(&team, zone, storage.telling_visits(org, from, until).await?),
        plans: plans(storage, base, &team, question).await?,
        cards: Vec::new(),
        open_with: Vec::new(),
        tiers: Vec::new(),
        actions: Vec::new(),
    };
    let daily = question.kind == Kind::Daily;
    let sales = Sales::read(storage, base, &team, sold_within(period, last, daily)).await?;
    if let [now, before] = sales.sums(base, &[period, period.previous()], now).as_slice() {
        sources.sold = Some(SoldTold { now: now.clone(), before: before.clone() });
    }
    let policy = sources.policy.as_ref().and_then(|used| Policy::kept(&used.toml).ok());
    let count = policy.map_or(CountPolicy::Claimed, |policy| policy.scorecard.count);
    rules::counted(sources.deals.iter_mut().map(|one| &mut one.deal), &sales.orders, count);
    if !daily {
        sources.months = months(storage, base, &sales, question, (last, now)).await?;
        let units = team.units.as_ref().map(|units| units.iter().copied().collect());
        sources.industries = storage.customers_by_industry(org, units).await?;
        sources.cards = cards(storage, base, &team, period, last).await?;
        let at_risk: BTreeSet<DocId> = sources
            .cards
            .iter()
            .filter(|card| card.period.contains(last))
            .flat_map(|card| card.risks.iter().map(|risk| risk.customer))
            .collect();
        sources.open_with = storage.open_with(org, at_risk.into_iter().collect()).await?;
    }
    if matches!(question.kind, Kind::Weekly | Kind::Monthly) {
        sources.actions = actions(storage, base, &team).await?;
    }
    if question.kind == Kind::Quarterly {
        sources.tiers = tiers(storage, base, &team, period).await?;
    }
    name(storage, base, &mut sources).await?;
    Ok(sources)
}

/// The days whose sales are asked for: those of the period and the one before it and, but for
/// a day's report, of the months of the trend.
fn sold_within(period: Period, last: Date, daily: bool) -> Days {
    let (from, until) = (period.previous().first_day(), period.next_first_day());
    let months = trend(last);
    match (months.first(), months.last()) {
        (Some(first), Some(this)) if !daily => {
            Days { from: from.min(first.first_day()), until: until.max(this.next_first_day()) }
        }
        _ => Days { from, until },
    }
}

fn policy(base: &Base, day: Date) -> Option<PolicyUsed> {
    let month = Period::month_of(day);
    let record = client_core::records::PolicyRecord::for_period(&base.policies, month)?;
    Some(PolicyUsed { version: record.version, toml: record.toml.clone() })
}

fn known(base: &Base, team: &Team, now: Timestamp) -> Known {
    let phones = base.heard_phones(|user| team.names(user));
    let count = |phones: usize| u32::try_from(phones).unwrap_or(u32::MAX);
    Known {
        up_to: phones.iter().max().copied(),
        heard: count(phones.iter().filter(|at| now.since(**at) < DAY_MS).count()),
        phones: count(phones.len()),
    }
}

/// Deals that moved in the period or the one before it, whether since decided or not.
async fn deals(
    storage: &AnyStorage,
    base: &Base,
    team: &Team,
    period: Period,
    now: Timestamp,
) -> Result<Vec<DealTold>, StorageError> {
    let org = base.org.id;
    let zone = base.zone();
    let from = period.previous().bounds(zone).0;
    let until = period.bounds(zone).1.min(now.plus_millis(1));
    let moved = DealFilter { moved: Some((from, until)), ..DealFilter::default() };
    let docs = storage.find_deals(org, moved, Window::ALL).await?.docs;
    let rows = storage.rows(org, docs.clone()).await?;
    let placements = storage.placements_of(org, docs).await?;
    let placements = base::decode(placements, |record| match record {
        Record::Placement(placement) => Some(placement),
        _ => None,
    })?;
    let placed: BTreeMap<DocId, &PlacementRecord> =
        placements.iter().map(|one| (one.subject, one)).collect();
    let mut deals: Vec<DealTold> = rows
        .iter()
        .filter_map(|row| {
            let DocState::Deal(state) = &row.state else { return None };
            let placement = placed.get(&row.header.doc).copied();
            let fact = rules::Row { header: row.header, heads: &row.heads, state };
            let mut deal = TeamDeal::of(&fact, placement);
            deal.fact.customer = deal.fact.customer.map(|customer| base.aliases.resolve(customer));
            Some(DealTold {
                deal,
                name: state.value.name.clone(),
                lost_reason: state.value.lost_reason.clone(),
                review: state.value.loss_review.clone(),
                intent: state.value.intent.clone(),
            })
        })
        .filter(|one| team.has(&one.deal.credit))
        .collect();
    deals.sort_by_key(|one| one.deal.fact.doc);
    Ok(deals)
}

/// What bears on a team's sales of some days.
struct Sales {
    deals: Vec<TeamDeal>,
    orders: Vec<TeamOrder>,
}

impl Sales {
    async fn read(
        storage: &AnyStorage,
        base: &Base,
        team: &Team,
        days: Days,
    ) -> Result<Self, StorageError> {
        let (org, zone) = (base.org.id, base.zone());
        let (from, until) = days.bounds(zone);
        let won = storage.won_between(org, from, until).await?.into_iter();
        let mut deals: Vec<TeamDeal> = won.map(of_won).collect();
        let mut orders = orders(storage, org, zone, days, &deals, &base.aliases).await?;
        deals.retain(|deal| team.has(&deal.credit));
        orders.retain(|one| team.has(&one.credit));
        Ok(Self { deals, orders })
    }

    /// What was sold in each period, summed by currency.
    fn sums(&self, base: &Base, periods: &[Period], now: Timestamp) -> Vec<Vec<Money>> {
        let each = sold_in(base, periods, &self.deals, &self.orders, now).into_iter();
        each.map(|SoldIn { amounts, .. }| {
            let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
            for amount in amounts.into_iter().flatten() {
                let sum = sums.entry(amount.currency).or_default();
                *sum = sum.saturating_add(amount.minor);
            }
            sums.into_iter().map(|(currency, minor)| Money::new(minor, currency)).collect()
        })
        .collect()
    }
}

/// A deal of which only its price is asked for.
fn of_won(won: WonDeal) -> TeamDeal {
    TeamDeal {
        fact: DealFact {
            outcome: Some(DealOutcome::Won),
            decided_at: Some(won.decided_at),
            amount: won.amount,
            ..DealFact::new(won.doc, Heads::default())
        },
        credit: won.credit,
        kind: None,
        lines: Vec::new(),
        taken_back: false,
    }
}

/// The months of the trend, up to the one of `last`.
fn trend(last: Date) -> Vec<Period> {
    let first = Period::month_of(last).first_day().plus_months(1 - MONTHS);
    (0..MONTHS).map(|n| Period::month_of(first.plus_months(n))).collect()
}

async fn months(
    storage: &AnyStorage,
    base: &Base,
    sales: &Sales,
    question: Question,
    (last, now): (Date, Timestamp),
) -> Result<Vec<MonthSold>, StorageError> {
    let level = question.unit.map_or(TargetLevel::Org, TargetLevel::Unit);
    let targets = base::targets(storage, base.org.id).await?;
    let target = |month: Period| {
        let of_month = targets.iter().filter(|target| {
            target.metric == Metric::SalesAmount && target.period == month && target.is_whole()
        });
        let own: Vec<i64> =
            of_month.filter(|target| target.level == level).map(|target| target.value).collect();
        (!own.is_empty()).then(|| own.iter().sum())
    };
    let months = trend(last);
    let won = sales.sums(base, &months, now);
    let each = months.into_iter().zip(won);
    Ok(each.map(|(month, won)| MonthSold { month, won, target: target(month) }).collect())
}

fn counted(team: &Team, counts: Vec<VisitCount>) -> Vec<VisitsOf> {
    let own = counts.into_iter().filter(|count| team.names(count.rep));
    own.map(|count| VisitsOf {
        rep: count.rep,
        visits: count.visits,
        counted: count.counted,
        customers: count.customers,
    })
    .collect()
}

fn told(team: &Team, zone: &Zone, rows: Vec<Row>) -> Vec<VisitTold> {
    let own = rows.into_iter().filter(|row| team.names(row.header.author));
    own.filter_map(|row| {
        let DocState::Visit(state) = row.state else { return None };
        let visit = state.value;
        let at = visit.started_at.as_ref().map_or(row.received_at, |at| at.at);
        let help = visit.help_request.map(|one| HelpTold {
            on: zone.date(at),
            kind: one.kind,
            text: one.text,
        });
        let competitors = visit.competitors.into_values();
        Some(VisitTold {
            doc: row.header.doc,
            heads: row.heads,
            rep: row.header.author,
            customer: row.header.customer,
            needs: visit.needs.into_values().collect(),
            competitors: competitors.filter_map(|seen| Some((seen.name?, seen.note))).collect(),
            help,
        })
    })
    .collect()
}

async fn plans(
    storage: &AnyStorage,
    base: &Base,
    team: &Team,
    question: Question,
) -> Result<Vec<PlanTold>, StorageError> {
    let period = question.period;
    // A quarter's plans are looked at for nothing.
    let (from, until) = match question.kind {
        Kind::Daily | Kind::Weekly => (period.first_day(), period.following().next_first_day()),
        Kind::Monthly => (period.first_day(), period.next_first_day()),
        Kind::Quarterly => return Ok(Vec::new()),
    };
    let rows = storage.plans_between(base.org.id, from, until).await?;
    let own = rows.into_iter().filter(|row| team.names(row.header.author));
    Ok(own
        .filter_map(|row| match row.state {
            DocState::Plan(state) => {
                plan(row.header.doc, row.heads, row.header.author, state.value)
            }
            _ => None,
        })
        .collect())
}

fn plan(doc: DocId, heads: Heads, rep: UserId, plan: PlanState) -> Option<PlanTold> {
    let count = |things: usize| u32::try_from(things).unwrap_or(u32::MAX);
    let tasks = plan.key_tasks.values();
    let help = plan.help_requests.into_values();
    Some(PlanTold {
        doc,
        heads,
        rep,
        date: plan.date?,
        key_tasks: count(plan.key_tasks.len()),
        done: count(tasks.filter(|task| task.done == Some(true)).count()),
        stops: count(plan.stops.len()),
        progress: plan.report.progress,
        obstacles: plan.report.obstacles,
        gap_reason: plan.report.gap_reason,
        submitted: plan.report.submitted_at.is_some(),
        help: help.map(|one| (one.kind, one.text)).collect(),
    })
}

/// The stored cards of the months that the period touches, up to its last day seen.
async fn cards(
    storage: &AnyStorage,
    base: &Base,
    team: &Team,
    period: Period,
    last: Date,
) -> Result<Vec<CardTold>, StorageError> {
    // A week that goes over the end of a month is looked at from its last day.
    let months = match period.months() {
        months if months.is_empty() => vec![Period::month_of(last)],
        months => months.into_iter().filter(|month| month.first_day() <= last).collect(),
    };
    let mut found = Vec::new();
    for month in months {
        let rows = storage.scorecards(base.org.id, month).await?;
        let rows: Vec<_> = rows.into_iter().filter(|row| team.names(row.record.rep)).collect();
        // A thousand cards are more than a millisecond.
        let read = tokio::task::spawn_blocking(move || {
            rows.iter().map(CardTold::read).collect::<Result<Vec<_>, _>>()
        });
        let read = read.await;
        found.extend(
            read.map_err(|error| StorageError::Unavailable { reason: error.to_string() })??,
        );
    }
    found.sort_by_key(|card| (card.period, card.rep));
    Ok(found)
}

/// Tiers that changed in the period, by the day.
async fn tiers(
    storage: &AnyStorage,
    base: &Base,
    team: &Team,
    period: Period,
) -> Result<Vec<TierChange>, StorageError> {
    let rows = storage.records(base.org.id, RecordKind::Placement).await?;
    let placements = base::decode(rows, |record| match record {
        Record::Placement(placement) => Some(placement),
        _ => None,
    })?;
    let mut changes: Vec<TierChange> = Vec::new();
    for placement in
        placements.iter().filter(|one| one.kind == client_core::docs::DocKind::Customer)
    {
        for pair in placement.spans.windows(2) {
            let [before, after] = pair else { continue };
            let on = base.zone().date(after.from);
            let ours = team.units.as_ref().is_none_or(|units| units.contains(&after.unit));
            if before.tier != after.tier && period.contains(on) && ours {
                changes.push(TierChange {
                    customer: placement.subject,
                    owner: after.owner,
                    on,
                    from: before.tier,
                    to: after.tier,
                });
            }
        }
    }
    changes.sort_by_key(|change| (change.on, change.customer));
    Ok(changes)
}

/// What meetings gave these people to do and is not done.
async fn actions(
    storage: &AnyStorage,
    base: &Base,
    team: &Team,
) -> Result<Vec<ActionTold>, StorageError> {
    let open = storage.open_actions(base.org.id).await?;
    let own = open.into_iter().filter(|item| match item.owner {
        Some(owner) => team.names(owner),
        None => team.units.is_none(),
    });
    Ok(own.map(|item| ActionTold { text: item.text, owner: item.owner, due: item.due }).collect())
}

/// What is quoted gets its name.
async fn name(
    storage: &AnyStorage,
    base: &Base,
    sources: &mut Sources,
) -> Result<(), StorageError> {
    let period = sources.question.period;
    let closed = |one: &&DealTold| {
        let fact = &one.deal.fact;
        fact.decided_at.is_some_and(|at| period.contains(sources.zone.date(at)))
    };
    let mut customers: BTreeSet<DocId> =
        sources.deals.iter().filter(closed).filter_map(|one| one.deal.fact.customer).collect();
    for card in &sources.cards {
        customers.extend(card.risks.iter().map(|risk| risk.customer));
        customers.extend(card.tasks.iter().filter_map(|task| task.customer));
    }
    customers.extend(sources.tiers.iter().map(|change| change.customer));
    let rows = storage.customer_rows(base.org.id, customers.into_iter().collect()).await?;
    sources.customers = rows.into_iter().map(|row| (row.doc, row.name)).collect();
    let mut people: BTreeSet<UserId> =
        sources.deals.iter().map(|one| one.deal.credit.rep).collect();
    people.extend(sources.visits.iter().map(|one| one.rep));
    people.extend(sources.visits_before.iter().map(|one| one.rep));
    people.extend(sources.told.iter().map(|one| one.rep));
    people.extend(sources.plans.iter().map(|one| one.rep));
    people.extend(sources.cards.iter().map(|one| one.rep));
    people.extend(sources.tiers.iter().map(|one| one.owner));
    people.extend(sources.actions.iter().filter_map(|one| one.owner));
    let named = base.users.iter().filter(|user| people.contains(&user.id));
    sources.people = named.map(|user| (user.id, user.name.clone())).collect();
    Ok(())
}
