//! Counting what milestones rest on: each rep's part, and the figures of the teams' deals.
//!
//! Visits are most of what a year holds, and only one metric counts them; without it they
//! are not read. The deals of the whole org are read once for all figures and years.

use std::collections::BTreeMap;
use std::sync::Arc;

use client_core::docs::deal::{DealKind, DealOutcome};
use client_core::id::{UnitId, UserId};
use client_core::period::Days;
use client_core::records::TargetLevel;
use client_core::rules::policy::{MilestoneFigure, MilestoneMetric, MilestoneRule};
use client_core::rules::{Facts, Figure, Policy, TeamDeal, collected, milestone_figure, reached};
use client_core::time::{Date, Timestamp};

use super::{Asked, is_collection};
use crate::reports::TeamMaterial;
use crate::scoring::ScoringError;
use crate::scoring::gather::{Held, Question, Setting};
use crate::scoring::kept::{self, Kept, Key, Until};
use crate::scoring::recompute::as_of;
use crate::storage::model::Bearing;

/// What a rep brings to a milestone.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// So much of a metric.
    Reached(i64),
    /// What was collected of what was owed, and a year before.
    Collected(Figure, Option<Figure>),
    /// Nothing of the rep's own: the milestone is of the deals of a team.
    OfTeam,
}

/// A figure of the deals of each level, and what it was a year before.
pub(super) type OfTeams = BTreeMap<TargetLevel, (Figure, Option<Figure>)>;

/// What everything that is kept was counted with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Basis {
    policy: [u8; 32],
    day: Date,
    rules: Vec<MilestoneRule>,
}

/// What was counted of a year: of each rep and of the teams, a place for each rule.
pub(super) type Counted = kept::Counted<Basis, Vec<Part>, Vec<OfTeams>>;

/// What was counted lately.
#[derive(Debug, Default)]
pub(crate) struct KeptMilestones(Kept<Basis, Vec<Part>, Vec<OfTeams>>);

/// A milestone of a team's figure: where it stands among the rules, and what is asked.
struct OfTeam {
    place: usize,
    figure: MilestoneFigure,
    now: (Days, Timestamp),
    before: Option<(Days, Timestamp)>,
}

/// What of a rep is asked for a rule.
struct OfRep {
    rule: MilestoneRule,
    now: Question,
    before: Option<Question>,
}

impl Asked<'_> {
    /// Everything counted, as far as it moved since it was counted last.
    pub(super) async fn counted(&self) -> Result<Arc<Counted>, ScoringError> {
        let (org, keeper) = (self.office.org(), &self.app.milestones().0);
        let key: Key = (org, self.year);
        let _turn = keeper.turn(key).await;
        let (policy, rules) = (self.policy.hash(), self.rules.clone());
        let basis = Basis { policy, day: self.today, rules };
        let bearing = if self.asks_visits() { Bearing::Visits } else { Bearing::Business };
        let (head, mut counted) =
            keeper.standing(self.app, key, basis, (bearing, self.now)).await?;
        let reps = self.team.reps.iter().map(|user| user.id);
        let unknown: Vec<UserId> = reps.filter(|rep| !counted.reps.contains_key(rep)).collect();
        let own = |rule: &MilestoneRule| {
            matches!(rule.metric, MilestoneMetric::Metric(_)) || is_collection(rule)
        };
        if !unknown.is_empty() && self.rules.iter().any(own) {
            let setting = Setting::read(self.app, org).await?;
            for rep in unknown {
                counted.reps.insert(rep, self.parts(&setting, rep).await?);
            }
        }
        if counted.whole.is_none() {
            counted.whole = Some(self.teams().await?);
        }
        Ok(keeper.keep(key, head, counted))
    }

    /// What a rep brings to each milestone, until something of it comes later today.
    async fn parts(
        &self,
        setting: &Setting,
        rep: UserId,
    ) -> Result<Until<Vec<Part>>, ScoringError> {
        let (app, org, year) = (self.app, self.office.org(), self.year);
        let held = if self.asks_visits() {
            let since = Facts::first_visit(year, &self.policy, &setting.calendar);
            Held::read(app, org, rep, since, setting).await?
        } else {
            Held::of_business(app, org, rep, setting).await?
        };
        let policy = || self.policy.clone();
        let asks = self.rules.iter().map(|rule| {
            let last = year.previous();
            let until = match is_collection(rule) {
                true => self.until(rule.days(year)),
                false => as_of(&setting.calendar, rule.ends(year), self.now),
            };
            let grows = rule.growth.is_some() && is_collection(rule);
            let before = self.until(rule.days(last));
            OfRep {
                rule: rule.clone(),
                now: setting.question(rep, year, until, policy()),
                before: grows.then(|| setting.question(rep, last, before, policy())),
            }
        });
        let asks: Vec<OfRep> = asks.collect();
        let (now, evening) = (self.now, self.zone.end_of(self.today));
        let counted = tokio::task::spawn_blocking(move || {
            let parts = asks.iter().map(|ask| ask.of(&held)).collect();
            Until { what: parts, until: held.next_between(now, evening) }
        });
        counted.await.map_err(|error| ScoringError::Rules { reason: error.to_string() })
    }

    /// The figures of the teams, for each rule that is of one.
    async fn teams(&self) -> Result<Until<Vec<OfTeams>>, ScoringError> {
        let rules = self.rules.iter().enumerate();
        let asks: Vec<OfTeam> =
            rules.filter_map(|(place, rule)| self.of_team(place, rule)).collect();
        let days = asks.iter().flat_map(|ask| std::iter::once(ask.now).chain(ask.before));
        let from = days.clone().map(|(days, _until)| days.from).min();
        let until = days.map(|(days, _until)| days.until).max();
        let Some((from, until)) = from.zip(until) else {
            return Ok(Until { what: vec![OfTeams::new(); self.rules.len()], until: None });
        };
        let mut material = TeamMaterial::read(self.app, self.office, Days { from, until }).await?;
        material.keep_deals(bears);
        let (levels, policy, places) = (self.levels(), self.policy.clone(), self.rules.len());
        let next = material.next_between(self.now, self.zone.end_of(self.today));
        let counted = tokio::task::spawn_blocking(move || {
            figures_of(&material, &levels, &policy, &asks, places)
        });
        let what = counted.await;
        let what = what.map_err(|error| ScoringError::Rules { reason: error.to_string() })?;
        Ok(Until { what, until: next })
    }

    fn of_team(&self, place: usize, rule: &MilestoneRule) -> Option<OfTeam> {
        let MilestoneMetric::Figure(figure) = rule.metric else { return None };
        let span = |year| {
            let days = rule.days(year);
            (days, self.until(days))
        };
        let before = rule.growth.is_some().then(|| span(self.year.previous()));
        let of = OfTeam { place, figure, now: span(self.year), before };
        (!is_collection(rule)).then_some(of)
    }
}

/// Whether a deal bears on a figure of a team: it is a tender, or it was won.
fn bears(deal: &TeamDeal) -> bool {
    deal.kind == Some(DealKind::Tender) || deal.fact.outcome == Some(DealOutcome::Won)
}

fn figures_of(
    material: &TeamMaterial,
    levels: &[(TargetLevel, Option<UnitId>)],
    policy: &Policy,
    asks: &[OfTeam],
    places: usize,
) -> Vec<OfTeams> {
    let mut found = vec![OfTeams::new(); places];
    for (level, unit) in levels {
        material.look(*unit, |facts, zone| {
            for ask in asks {
                let of = |(days, until)| {
                    bare(milestone_figure(facts, policy, ask.figure, zone, days, until))
                };
                if let Some(figures) = found.get_mut(ask.place) {
                    figures.insert(*level, (of(ask.now), ask.before.map(of)));
                }
            }
        });
    }
    found
}

impl OfRep {
    fn of(&self, held: &Held) -> Part {
        let rate = |question: &Question| {
            let (facts, days) = (question.facts(held), self.rule.days(question.period));
            bare(collected(&facts, &question.policy, days, question.as_of))
        };
        match &self.rule.metric {
            MilestoneMetric::Metric(metric) => {
                let Question { policy, period, as_of, .. } = &self.now;
                let facts = self.now.facts(held);
                let until = as_of.plus_millis(1);
                Part::Reached(reached(&facts, policy, metric, *period, until).unwrap_or(0))
            }
            MilestoneMetric::Figure(MilestoneFigure::CollectionRate) => {
                Part::Collected(rate(&self.now), self.before.as_ref().map(rate))
            }
            MilestoneMetric::Figure(_) => Part::OfTeam,
        }
    }
}

/// A figure without what it was made from, which a milestone does not tell.
fn bare(figure: Figure) -> Figure {
    Figure { facts: Vec::new(), exclusions: Vec::new(), ..figure }
}
