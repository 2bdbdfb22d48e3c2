//! How far everybody is towards a figure of a month: from the stored cards, so that a
//! unit's figure is the sum of what its reps' cards say and nothing is computed anew.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{UnitId, UserId};
use client_core::records::{Metric, TargetLevel, TargetRecord, UserRecord};
use client_core::rules::{Outcome, Progress};
use client_core::time::Timestamp;

use super::base::{self, Base};
use super::cards;
use super::reach::{Reach, below};
use crate::storage::{AnyStorage, StorageError};
use crate::web::lists::team::TeamAsk;
use crate::web::pages::attainment::{AttainmentData, Node, Who};

/// The page's data.
pub async fn page(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: TeamAsk,
    now: Timestamp,
) -> Result<AttainmentData, StorageError> {
    let outcomes = cards::outcomes(storage, base.org.id, reach, ask.month).await?;
    let targets: Vec<TargetRecord> = base::targets(storage, base.org.id)
        .await?
        .into_iter()
        .filter(|one| one.period == ask.month && one.is_whole() && one.metric.is_additive())
        .collect();
    let metrics: BTreeSet<Metric> = targets.iter().map(|target| target.metric.clone()).collect();
    let asked = ask.metric.clone().filter(Metric::is_additive);
    let metric = asked.or_else(|| metrics.first().cloned()).unwrap_or(Metric::SalesAmount);
    let today = ask.today.min(ask.month.last_day());
    let until = now.min(base.zone().end_of(ask.month.last_day()));
    let silent = base.silent(until).into_iter().collect();
    let tree = Tree::new(base, reach, &outcomes, &targets, &metric, (&ask, silent));
    Ok(AttainmentData {
        nodes: tree.nodes(),
        metric,
        metrics: metrics.into_iter().collect(),
        progress: Progress::on(ask.month, today, &base.calendar),
        policy: base.policy_for(today).map(|(_version, policy)| policy),
        currency: base.org.currency,
        choices: base.choices(reach),
        ask,
    })
}

struct Tree<'a> {
    base: &'a Base,
    reach: &'a Reach,
    ask: &'a TeamAsk,
    reps: Vec<&'a UserRecord>,
    reached: BTreeMap<UserId, i64>,
    wanted: BTreeMap<TargetLevel, i64>,
    /// Whose phones may hold work that is not known here.
    silent: BTreeSet<UserId>,
}

impl<'a> Tree<'a> {
    fn new(
        base: &'a Base,
        reach: &'a Reach,
        outcomes: &[Outcome],
        targets: &[TargetRecord],
        metric: &Metric,
        (ask, silent): (&'a TeamAsk, BTreeSet<UserId>),
    ) -> Self {
        let own = targets.iter().filter(|target| target.metric == *metric);
        Self {
            base,
            reach,
            ask,
            reps: base.reps().filter(|rep| ask.whose.takes(base, reach, rep.id)).collect(),
            reached: outcomes
                .iter()
                .filter_map(|one| Some((one.rep, reached(one, metric)?)))
                .collect(),
            wanted: own.map(|target| (target.level, target.value)).collect(),
            silent,
        }
    }

    /// The org, each unit below its parent, and in each unit its reps.
    fn nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        let whole = *self.reach == Reach::All && self.ask.whose.unit.is_none();
        let shift = usize::from(whole && self.ask.whose.rep.is_none());
        if shift == 1 {
            let all: Vec<UserId> = self.reps.iter().map(|rep| rep.id).collect();
            nodes.push(self.sum(Who::Org, 0, TargetLevel::Org, &all));
        }
        let mut listed: BTreeSet<UserId> = BTreeSet::new();
        for (unit, depth, name) in self.base.unit_tree(self.reach) {
            let members = below(&self.base.units, &[unit]);
            let inside: Vec<UserId> = self.in_units(&members);
            if inside.is_empty() {
                continue;
            }
            let who = Who::Unit(unit, name);
            if self.ask.whose.rep.is_none() {
                nodes.push(self.sum(who, depth + shift, TargetLevel::Unit(unit), &inside));
            }
            for rep in self.reps.iter().filter(|rep| rep.units.first() == Some(&unit)) {
                listed.insert(rep.id);
                nodes.push(self.rep(rep, depth + shift + 1));
            }
        }
        // Who is in no unit that the reader sees: a rep who looks at their own.
        let others = self.reps.iter().filter(|rep| !listed.contains(&rep.id));
        nodes.extend(others.map(|rep| self.rep(rep, shift)));
        nodes
    }

    fn in_units(&self, units: &BTreeSet<UnitId>) -> Vec<UserId> {
        let inside =
            |rep: &&&UserRecord| rep.units.first().is_some_and(|unit| units.contains(unit));
        self.reps.iter().filter(inside).map(|rep| rep.id).collect()
    }

    fn rep(&self, rep: &UserRecord, depth: usize) -> Node {
        Node {
            who: Who::Rep(rep.id, rep.name.clone()),
            depth,
            reached: self.reached.get(&rep.id).copied(),
            wanted: self.wanted.get(&TargetLevel::Rep(rep.id)).copied(),
            parts: None,
            unknown: self.silent.contains(&rep.id),
        }
    }

    fn sum(&self, who: Who, depth: usize, level: TargetLevel, reps: &[UserId]) -> Node {
        let known = reps.iter().filter_map(|rep| self.reached.get(rep));
        let parts = reps.iter().filter_map(|rep| self.wanted.get(&TargetLevel::Rep(*rep)));
        let parts =
            parts.fold(None, |sum: Option<i64>, one| Some(sum.unwrap_or(0).saturating_add(*one)));
        Node {
            who,
            depth,
            reached: known
                .fold(None, |sum: Option<i64>, one| Some(sum.unwrap_or(0).saturating_add(*one))),
            wanted: self.wanted.get(&level).copied(),
            parts,
            unknown: false,
        }
    }
}

/// What a card says was reached.
fn reached(outcome: &Outcome, metric: &Metric) -> Option<i64> {
    let pace = outcome.pace.iter().find(|pace| pace.metric == *metric).map(|pace| pace.actual);
    let lines = &outcome.scorecard.lines;
    pace.or_else(|| lines.iter().find(|line| line.indicator == *metric).and_then(|line| line.value))
}
