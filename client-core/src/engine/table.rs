//! What cards are computed from, read from the phone's file.
//!
//! A rep's phone computes one card, its leader's phone those of the people led: the same
//! facts lie on both. So one read brings everything together, and each person's facts are
//! picked from it.

use std::collections::BTreeMap;

use super::ReadError;
use super::client::Client;
use crate::docs::deal::DealState;
use crate::docs::{DocKind, Generation, Header, Heads, Hydrated};
use crate::id::{OrgId, UserId};
use crate::money::Currency;
use crate::period::Period;
use crate::records::{
    Aliases, CalendarRecord, Confirms, PlacementRecord, Record, RecordKind, SignalRecord,
    TargetRecord, UserRecord,
};
use crate::rules::facts::{
    CaseFact, CustomerSeen, Decision, PlanFact, Signal, SurveyFact, VisitFact,
};
use crate::rules::{Confirmed, Facts, Inputs, Policy, Row};
use crate::store;
use crate::time::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What one read of the file brings together, for a period.
pub(super) struct Table {
    pub(super) policy: Policy,
    period: Period,
    calendar: CalendarRecord,
    currency: Currency,
    people: BTreeMap<UserId, UserRecord>,
    material: Material,
}

struct Material {
    visits: Vec<VisitFact>,
    customers: Vec<CustomerSeen>,
    deals: Vec<(Header, Heads, Hydrated<DealState>)>,
    placements: Vec<PlacementRecord>,
    targets: Vec<TargetRecord>,
    aliases: Aliases,
    decisions: Vec<Decision>,
    plans: BTreeMap<UserId, Vec<PlanFact>>,
    cases: Vec<CaseFact>,
    surveys: Vec<SurveyFact>,
    signals: Vec<SignalRecord>,
    confirmed: Confirmed,
}

impl Client {
    /// Everything that cards of these people look at in a period.
    pub(super) fn table(&self, period: Period, reps: &[UserId]) -> Result<Table, ReadError> {
        let calendar = self.calendar()?;
        let policy = self.policy_for(period)?;
        let org = self.org()?;
        let (_, end) = period.bounds(&calendar.zone);
        // A day earlier: a visit may be filed by its check-in and count by its start.
        let first = Facts::first_visit(period, &policy, &calendar).plus_millis(-DAY_MS);
        let (material, people) = self.inner.read(|conn, who| {
            let mut material = gather(conn, who.org, org.confirms, first, end)?;
            let (from, until) = Facts::plan_days(period);
            for rep in reps {
                let plans = store::query::plan_facts(conn, who.org, *rep, from, until)?;
                material.plans.insert(*rep, plans);
            }
            let people = store::record::all(conn, RecordKind::User)?.into_iter();
            let people = people.filter_map(|record| match record {
                Record::User(user) if reps.contains(&user.id) => Some((user.id, user)),
                _ => None,
            });
            Ok((material, people.collect()))
        })?;
        Ok(Table { policy, period, calendar, currency: org.currency, people, material })
    }
}

impl Table {
    /// What one person's card is computed from at an instant.
    pub(super) fn facts(&self, rep: UserId, as_of: Timestamp) -> Facts {
        let material = &self.material;
        let calendar = match self.people.get(&rep) {
            Some(person) => self.calendar.of_person(&person.leave),
            None => self.calendar.clone(),
        };
        let deals: Vec<Row<'_, DealState>> = material
            .deals
            .iter()
            .map(|(header, heads, state)| Row { header: *header, heads, state })
            .collect();
        let own = material.signals.iter().filter(|signal| signal.rep == rep);
        let (signals, ruled) = Signal::of(own);
        let decisions: Vec<Decision> = material.decisions.iter().cloned().chain(ruled).collect();
        Facts::for_rep(
            rep,
            self.period,
            Inputs {
                as_of,
                currency: self.currency,
                calendar: &calendar,
                policy: &self.policy,
                visits: &material.visits,
                customers: &material.customers,
                deals: &deals,
                placements: &material.placements,
                targets: &material.targets,
                aliases: &material.aliases,
                decisions: &decisions,
                signals: &signals,
                plans: material.plans.get(&rep).map_or(&[], Vec::as_slice),
                cases: &material.cases,
                surveys: &material.surveys,
                confirmed: &material.confirmed,
            },
        )
    }
}

fn gather(
    conn: &rusqlite::Connection,
    org: OrgId,
    confirms: Confirms,
    from: Timestamp,
    until: Timestamp,
) -> Result<Material, store::StoreError> {
    let deals = store::query::all_deals(conn)?.into_iter().map(|deal| {
        let header = Header {
            doc: deal.doc,
            kind: DocKind::Deal,
            org,
            author: deal.author,
            customer: deal.customer,
            generation: Generation::default(),
        };
        (header, deal.heads, deal.state)
    });
    let placements = store::record::all(conn, RecordKind::Placement)?;
    let targets = store::record::all(conn, RecordKind::Target)?;
    let voids = store::record::all(conn, RecordKind::Void)?;
    let mut business = store::record::all(conn, RecordKind::Order)?;
    business.extend(store::record::all(conn, RecordKind::Contract)?);
    business.extend(store::record::all(conn, RecordKind::Payment)?);
    let signals = store::record::all(conn, RecordKind::Signal)?;
    let (mut cases, mut surveys) = (Vec::new(), Vec::new());
    for case in store::query::all_cases(conn)? {
        let header = Header {
            doc: case.id,
            kind: DocKind::Case,
            org,
            author: case.author,
            customer: case.customer,
            generation: Generation::default(),
        };
        let state = Hydrated { value: case.state, faults: case.faults };
        cases.extend(CaseFact::of(&header, &case.heads, &state));
        surveys.extend(SurveyFact::of(&header, &case.heads, &state));
    }
    Ok(Material {
        visits: store::query::visit_facts(conn, from, until)?,
        customers: store::query::customers_seen(conn)?,
        deals: deals.collect(),
        plans: BTreeMap::new(),
        confirmed: Confirmed::of(confirms, &business),
        cases,
        surveys,
        signals: signals
            .into_iter()
            .filter_map(|record| match record {
                Record::Signal(signal) => Some(signal),
                _ => None,
            })
            .collect(),
        aliases: store::alias::all(conn)?,
        decisions: Decision::of_voids(voids.iter().filter_map(|record| match record {
            Record::Void(void) => Some(void),
            _ => None,
        })),
        placements: placements
            .into_iter()
            .filter_map(|record| match record {
                Record::Placement(placement) => Some(placement),
                _ => None,
            })
            .collect(),
        targets: targets
            .into_iter()
            .filter_map(|record| match record {
                Record::Target(target) => Some(target),
                _ => None,
            })
            .collect(),
    })
}
