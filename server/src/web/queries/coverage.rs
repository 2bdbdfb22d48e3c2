//! Coverage: what the cards of a month say, and the customers behind a figure.
//!
//! Everything comes from the official cards; nothing is judged again here.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::DocId;
use client_core::period::Period;
use client_core::records::Tier;
use client_core::rules::{DueStatus, Outcome};
use client_core::time::Timestamp;

use super::base::Base;
use super::cards;
use super::reach::Reach;
use crate::storage::{AnyStorage, StorageError};
use crate::web::lists::Whose;
use crate::web::lists::coverage::CoverageAsk;
use crate::web::lists::customers::{CellPart, CustomersAsk};
use crate::web::pages::coverage::{CoverageData, RepCoverage, Tally, UnitOf};

/// The end of `period` or `now`, whichever comes first: until when a phone must
/// have been heard for the period to be known.
pub fn known_until(base: &Base, period: Period, now: Timestamp) -> Timestamp {
    period.bounds(base.zone()).1.min(now)
}

/// The customers behind a cell of the coverage page, if one is asked for.
pub async fn customers_behind(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: &CustomersAsk,
    now: Timestamp,
) -> Result<Option<Vec<DocId>>, StorageError> {
    let Some((period, part)) = ask.cell else { return Ok(None) };
    let silent = base.silent(known_until(base, period, now));
    let outcomes = cards::outcomes(storage, base.org.id, reach, period).await?;
    let asked = outcomes.iter().filter(|outcome| ask.whose.takes(base, reach, outcome.rep));
    let found = asked
        .flat_map(|outcome| customers_in(outcome, ask.tier, part, silent.contains(&outcome.rep)));
    // A customer that changed hands in the month stands in two cards.
    let found: BTreeSet<DocId> = found.collect();
    Ok(Some(found.into_iter().collect()))
}

fn customers_in(
    outcome: &Outcome,
    tier: Option<Option<Tier>>,
    part: CellPart,
    silent: bool,
) -> Vec<DocId> {
    let of_tier = |each: Option<Tier>| tier.is_none_or(|tier| tier == each);
    if let CellPart::Due(wanted) = part {
        let due = outcome.due.iter().filter(|due| of_tier(due.tier));
        let due = due.filter(|due| shown(due.status, silent) == wanted);
        return due.map(|due| due.customer).collect();
    }
    let met = met(outcome);
    let covered = outcome.coverage.customers.iter().filter(|each| of_tier(each.tier));
    covered
        .filter(|each| match part {
            CellPart::All | CellPart::Due(_) => true,
            CellPart::Reached => each.reached,
            CellPart::NotReached => !each.reached,
            CellPart::Met => met.get(&each.customer) == Some(&true),
            CellPart::NotMet => met.get(&each.customer) == Some(&false),
            CellPart::New => each.is_new,
            CellPart::Existing => !each.is_new,
        })
        .map(|each| each.customer)
        .collect()
}

/// Whether each customer that a rule asked visits for got them all.
fn met(outcome: &Outcome) -> BTreeMap<DocId, bool> {
    let mut met = BTreeMap::new();
    for row in outcome.coverage.rows.iter().filter(|row| row.required > 0) {
        *met.entry(row.customer).or_insert(true) &= row.met;
    }
    met
}

/// A due status as far as it is known.
pub const fn shown(status: DueStatus, silent: bool) -> DueStatus {
    if silent { status.unheard() } else { status }
}

/// The coverage of a month, by unit and rep.
pub async fn page(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: CoverageAsk,
    now: Timestamp,
) -> Result<CoverageData, StorageError> {
    let silent = base.silent(known_until(base, ask.period, now));
    let outcomes = cards::outcomes(storage, base.org.id, reach, ask.period).await?;
    let whose = Whose { rep: None, unit: ask.unit };
    let mut reps: Vec<RepCoverage> = outcomes
        .iter()
        .filter(|outcome| whose.takes(base, reach, outcome.rep))
        .filter_map(|outcome| {
            let user = base.users.iter().find(|user| user.id == outcome.rep)?;
            let is_silent = silent.contains(&user.id);
            Some(RepCoverage {
                rep: user.id,
                name: user.name.clone(),
                unit: user.units.first().copied(),
                unheard: is_silent.then(|| base.heard(user.id)),
                tally: tally(outcome, is_silent),
            })
        })
        .collect();
    reps.sort_by(|a, b| (&a.name, a.rep).cmp(&(&b.name, b.rep)));
    let tree = base.unit_tree(reach);
    let below = whose.units(base);
    let units = tree
        .into_iter()
        .filter(|(unit, ..)| below.as_ref().is_none_or(|below| below.contains(unit)))
        .map(|(unit, depth, name)| UnitOf {
            members: super::reach::below(&base.units, &[unit]),
            unit,
            depth,
            name,
        });
    let policy = base.policy_for(ask.period.last_day().min(base.zone().date(now)));
    Ok(CoverageData {
        today: base.zone().date(now),
        units: units.collect(),
        reps,
        choices: base.choices(reach),
        policy: policy.map(|(_, policy)| policy),
        ask,
    })
}

fn tally(outcome: &Outcome, silent: bool) -> Tally {
    let mut due: BTreeMap<(Option<Tier>, DueStatus), i64> = BTreeMap::new();
    for each in &outcome.due {
        *due.entry((each.tier, shown(each.status, silent))).or_default() += 1;
    }
    let coverage = &outcome.coverage;
    Tally {
        tiers: coverage.tiers.iter().map(|tier| (tier.tier, tier.figures.clone())).collect(),
        total: coverage.total.clone(),
        new: coverage.new.clone(),
        existing: coverage.existing.clone(),
        due,
    }
}
