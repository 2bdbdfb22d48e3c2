//! Where the team was on a day: planned stops and visits, by region.

use std::collections::{BTreeMap, BTreeSet};

use client_core::geo::Point;
use client_core::id::{DocId, UnitId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::UserRecord;
use client_core::rules::{JudgedVisit, Verdict};
use client_core::time::Timestamp;

use super::base::Base;
use super::reach::Reach;
use super::regions::region_of;
use crate::storage::{AnyStorage, Boards, Scores, StorageError};
use crate::web::lists::team::TeamAsk;
use crate::web::pages::customer::start_of;
use crate::web::pages::map::{MapData, RegionOf, RepOnMap, Spot};
use crate::web::pages::wording;
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// A visit of the day.
struct Visit {
    doc: DocId,
    customer: Option<DocId>,
    name: Option<String>,
    at: Timestamp,
    point: Option<Point>,
    state: State,
    verdict: Option<(Verdict, bool)>,
}

/// Whose places the data show.
pub fn shown(data: &MapData) -> impl Iterator<Item = UserId> + '_ {
    let reps = data.regions.iter().flat_map(|region| &region.reps);
    reps.filter(|rep| rep.visits > 0).map(|rep| rep.rep)
}

/// The page's data.
pub async fn page(
    storage: &AnyStorage,
    w: Words,
    base: &Base,
    reach: &Reach,
    ask: TeamAsk,
) -> Result<MapData, StorageError> {
    let org = base.org.id;
    let reps: Vec<&UserRecord> =
        base.reps().filter(|rep| ask.whose.takes(base, reach, rep.id)).collect();
    let ids: BTreeSet<UserId> = reps.iter().map(|rep| rep.id).collect();
    let mut visits = visits(storage, w, base, reach, &ask, &ids).await?;
    let mut stops: BTreeMap<UserId, Vec<(DocId, bool)>> = BTreeMap::new();
    for row in storage.plans_on(org, ask.day).await? {
        let DocState::Plan(plan) = row.state else { continue };
        let each = plan.value.stops.into_values();
        let each = each.filter_map(|stop| Some((stop.customer?, stop.visit.is_some())));
        stops.entry(row.header.author).or_default().extend(each);
    }
    stops.retain(|rep, _stops| ids.contains(rep));
    let places = places(storage, base, &visits, &stops).await?;
    let mut regions: BTreeMap<UnitId, RegionOf> = BTreeMap::new();
    for rep in reps {
        let own = visits.remove(&rep.id).unwrap_or_default();
        let planned = stops.remove(&rep.id).unwrap_or_default();
        let Some(unit) = rep.units.first() else { continue };
        let region = region_of(base, *unit);
        let region = regions.entry(region).or_insert_with(|| RegionOf {
            name: base.unit_name(region),
            spots: Vec::new(),
            reps: Vec::new(),
        });
        add(base, w, region, rep, own, planned, &places);
    }
    let mut regions: Vec<RegionOf> = regions.into_values().collect();
    regions.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(MapData { regions, choices: base.choices(reach), ask })
}

async fn visits(
    storage: &AnyStorage,
    w: Words,
    base: &Base,
    reach: &Reach,
    ask: &TeamAsk,
    ids: &BTreeSet<UserId>,
) -> Result<BTreeMap<UserId, Vec<Visit>>, StorageError> {
    let (org, zone) = (base.org.id, base.zone());
    let (from, until) = (zone.start_of(ask.day), zone.start_of(ask.day.next()));
    let rows = storage.visits_of(org, ids.iter().copied().collect(), from, until).await?;
    let mut cards = storage.card_visits(org, Period::month_of(ask.day)).await?;
    cards.retain(|(rep, _visits)| reach.sees(*rep));
    let judged = cards.iter().flat_map(|(_rep, card)| &card.visits);
    let verdicts: BTreeMap<DocId, &JudgedVisit> =
        judged.map(|visit| (visit.fact.doc, visit)).collect();
    let mut found: BTreeMap<UserId, Vec<Visit>> = BTreeMap::new();
    for row in rows {
        let DocState::Visit(visit) = row.state else { continue };
        let state = &visit.value;
        let Some(at) = start_of(state) else { continue };
        let fix = state.check_in.as_ref().and_then(|check| check.fix.as_ref());
        let judged = verdicts.get(&row.header.doc);
        found.entry(row.header.author).or_default().push(Visit {
            doc: row.header.doc,
            customer: row.header.customer,
            name: state.customer_name.clone(),
            at,
            point: fix.map(|fix| fix.point),
            verdict: judged.map(|judged| (judged.verdict.clone(), judged.counts)),
            state: judged.map_or_else(
                || wording::not_judged(w, state.submitted_at.is_some()),
                |judged| wording::judged(w, judged),
            ),
        });
    }
    for visits in found.values_mut() {
        visits.sort_by_key(|visit| (visit.at, visit.doc));
    }
    Ok(found)
}

/// Names and places of the customers.
async fn places(
    storage: &AnyStorage,
    base: &Base,
    visits: &BTreeMap<UserId, Vec<Visit>>,
    stops: &BTreeMap<UserId, Vec<(DocId, bool)>>,
) -> Result<BTreeMap<DocId, (Option<String>, Option<Point>)>, StorageError> {
    let visited = visits.values().flatten().filter_map(|visit| visit.customer);
    let planned = stops.values().flatten().map(|(customer, _done)| *customer);
    let docs: BTreeSet<DocId> = visited.chain(planned).collect();
    let rows = storage.rows(base.org.id, docs.into_iter().collect()).await?;
    let known = rows.into_iter().filter_map(|row| match row.state {
        DocState::Customer(customer) => {
            let point = customer.value.position.map(|position| position.point);
            Some((row.header.doc, (customer.value.name, point)))
        }
        _ => None,
    });
    Ok(known.collect())
}

fn add(
    base: &Base,
    w: Words,
    region: &mut RegionOf,
    rep: &UserRecord,
    visits: Vec<Visit>,
    planned: Vec<(DocId, bool)>,
    places: &BTreeMap<DocId, (Option<String>, Option<Point>)>,
) {
    let place = |customer: Option<DocId>| customer.and_then(|customer| places.get(&customer));
    let same = |a: DocId, b: DocId| base.aliases.resolve(a) == base.aliases.resolve(b);
    let visited = |customer: DocId| {
        visits.iter().any(|visit| visit.customer.is_some_and(|one| same(one, customer)))
    };
    let done = planned.iter().filter(|(customer, done)| *done || visited(*customer)).count();
    let stops: Vec<DocId> = planned.iter().map(|(customer, _done)| *customer).collect();
    let unplanned = visits
        .iter()
        .filter(|visit| {
            !visit.customer.is_some_and(|one| stops.iter().any(|stop| same(*stop, one)))
        })
        .count();
    for (customer, was_done) in &planned {
        if *was_done || visited(*customer) {
            continue;
        }
        let (name, point) = places.get(customer).cloned().unwrap_or_default();
        region.spots.push(Spot {
            href: format!("/customers/{customer}"),
            name,
            rep: rep.name.clone(),
            at: None,
            point,
            state: State::new(Tone::Neutral, w.say("map.planned")),
            verdict: None,
        });
    }
    for visit in &visits {
        let known = place(visit.customer);
        region.spots.push(Spot {
            href: format!("/visits/{}", visit.doc),
            name: visit.name.clone().or_else(|| known.and_then(|(name, _point)| name.clone())),
            rep: rep.name.clone(),
            at: Some(visit.at),
            // Where the phone was; else where the customer is.
            point: visit.point.or_else(|| known.and_then(|(_name, point)| *point)),
            state: visit.state.clone(),
            verdict: visit.verdict.clone(),
        });
    }
    region.reps.push(RepOnMap {
        rep: rep.id,
        name: rep.name.clone(),
        planned: planned.len(),
        done,
        unplanned,
        visits: visits.len(),
        heard: base.heard(rep.id),
        last: visits
            .last()
            .map(|visit| (visit.doc, visit.name.clone(), visit.at, visit.state.clone())),
    });
}
