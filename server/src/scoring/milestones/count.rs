//! Counting what milestones rest on: each rep's part, and the figures of the teams' deals.
//!
//! Visits are most of what a year holds, and only one metric counts them; without it they
//! are not read. The deals of the whole org are read once for all figures and years.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use client_core::docs::deal::{DealKind, DealOutcome};
use client_core::id::{UnitId, UserId};
use client_core::period::Days;
use client_core::records::TargetLevel;
use client_core::rules::policy::{MilestoneFigure, MilestoneMetric, MilestoneRule};
use client_core::rules::{Facts, Figure, Policy, TeamDeal, collected, milestone_figure, reached};
use client_core::time::Timestamp;

use super::kept::{Basis, Counted, Key, OfTeams, Part};
use super::{Asked, is_collection};
use crate::reports::TeamMaterial;
use crate::scoring::ScoringError;
use crate::scoring::gather::{Held, Question, Setting};
use crate::scoring::recompute::as_of;
use crate::storage::model::BusinessMoved;
use crate::storage::{Feed, Scores};

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
        let (org, keeper) = (self.office.org(), self.app.milestones());
        let key: Key = (org, self.year);
        let _turn = keeper.turn(key).await;
        let (policy, rules) = (self.policy.hash(), self.rules.clone());
        let basis = Basis { policy, day: self.today, rules };
        let reps: Vec<UserId> = self.team.reps.iter().map(|user| user.id).collect();
        let before = keeper.get(key, &basis);
        let moved = match &before {
            Some((upto, _counted)) => {
                let (storage, visits) = (self.app.storage(), self.asks_visits());
                storage.business_moved(org, *upto, reps.clone(), visits).await?
            }
            None => {
                let head = self.app.storage().head(org).await?;
                BusinessMoved { head, any: true, everybody: true, reps: BTreeSet::new() }
            }
        };
        let counted = match before {
            Some((_upto, counted)) if !moved.any && counted.ahead.is_empty() => counted,
            Some((_upto, counted)) if !moved.everybody => {
                let Counted { reps: mut parts, ahead, .. } = Arc::unwrap_or_clone(counted);
                parts.retain(|rep, _parts| !moved.reps.contains(rep) && !ahead.contains(rep));
                Arc::new(self.count(basis, reps, parts).await?)
            }
            _ => Arc::new(self.count(basis, reps, BTreeMap::new()).await?),
        };
        keeper.keep(key, moved.head, Arc::clone(&counted));
        Ok(counted)
    }

    /// The parts of these reps, as far as they are not known, and the figures of the teams.
    async fn count(
        &self,
        basis: Basis,
        reps: Vec<UserId>,
        mut known: BTreeMap<UserId, Vec<Part>>,
    ) -> Result<Counted, ScoringError> {
        let mut ahead = BTreeSet::new();
        let unknown: Vec<UserId> =
            reps.into_iter().filter(|rep| !known.contains_key(rep)).collect();
        let own = |rule: &MilestoneRule| {
            matches!(rule.metric, MilestoneMetric::Metric(_)) || is_collection(rule)
        };
        if !unknown.is_empty() && self.rules.iter().any(own) {
            let setting = Setting::read(self.app, self.office.org()).await?;
            for rep in unknown {
                let (parts, has_ahead) = self.parts(&setting, rep).await?;
                known.insert(rep, parts);
                if has_ahead {
                    ahead.insert(rep);
                }
            }
        }
        Ok(Counted { basis, reps: known, ahead, teams: self.teams().await? })
    }

    /// What a rep brings to each milestone, and whether something of it comes later today.
    async fn parts(
        &self,
        setting: &Setting,
        rep: UserId,
    ) -> Result<(Vec<Part>, bool), ScoringError> {
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
            (parts, held.has_between(now, evening))
        });
        counted.await.map_err(|error| ScoringError::Rules { reason: error.to_string() })
    }

    /// The figures of the teams, for each rule that is of one.
    async fn teams(&self) -> Result<Vec<OfTeams>, ScoringError> {
        let rules = self.rules.iter().enumerate();
        let asks: Vec<OfTeam> =
            rules.filter_map(|(place, rule)| self.of_team(place, rule)).collect();
        let days = asks.iter().flat_map(|ask| std::iter::once(ask.now).chain(ask.before));
        let from = days.clone().map(|(days, _until)| days.from).min();
        let until = days.map(|(days, _until)| days.until).max();
        let Some((from, until)) = from.zip(until) else {
            return Ok(vec![OfTeams::new(); self.rules.len()]);
        };
        let mut material = TeamMaterial::read(self.app, self.office, Days { from, until }).await?;
        material.keep_deals(bears);
        let (levels, policy, places) = (self.levels(), self.policy.clone(), self.rules.len());
        let counted = tokio::task::spawn_blocking(move || {
            figures_of(&material, &levels, &policy, &asks, places)
        });
        counted.await.map_err(|error| ScoringError::Rules { reason: error.to_string() })
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
                Part::Reached(reached(&facts, policy, metric, *period, *as_of).unwrap_or(0))
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
