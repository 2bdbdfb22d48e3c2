//! A visit's page.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::customer::CustomerState;
use client_core::docs::visit::VisitState;
use client_core::docs::{DocKind, Hydrated};
use client_core::id::{DocId, ItemId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{Record, RecordKind};
use client_core::time::Timestamp;

use super::base::{self, Base};
use super::reach::Reach;
use super::{cards, changes};
use crate::storage::model::{DocRow, Row};
use crate::storage::{AnyStorage, Boards, Documents, Lists, Records, StorageError};
use crate::web::lists::visits::VisitsAsk;
use crate::web::pages::customer::start_of;
use crate::web::pages::visit::{RulingLine, VisitData};
use crate::web::pages::visits::{VisitInList, VisitsData};
use crate::web::view;

/// A page of the visits that the reader may see. Counting and ordering read one
/// index, and only the visits shown are looked up.
pub async fn list(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: VisitsAsk,
    now: Timestamp,
) -> Result<VisitsData, StorageError> {
    let org = base.org.id;
    let found = storage.find_visits(org, ask.filter(base, reach), view::window(ask.page)).await?;
    let rows = storage.visit_rows(org, found.docs.clone()).await?;
    let customer_name = match ask.customer {
        Some(customer) if sees(storage, base, reach, customer).await? => {
            storage.customer_rows(org, vec![customer]).await?.pop().and_then(|row| row.name)
        }
        _ => None,
    };
    let visits = rows.into_iter().map(|row| VisitInList {
        rep: base.user_name(row.rep),
        rep_id: reach.sees(row.rep).then_some(row.rep),
        row,
    });
    Ok(VisitsData {
        visits: visits.collect(),
        found,
        choices: base.choices(reach),
        today: base.zone().date(now),
        customer_name,
        ask,
    })
}

/// The visit, if there is one that the reader may see.
pub async fn visit(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    doc: DocId,
) -> Result<Option<VisitData>, StorageError> {
    let org = base.org.id;
    let Some(row) = storage.row(org, doc).await? else { return Ok(None) };
    let DocState::Visit(visit) = &row.state else { return Ok(None) };
    let sees_customer = match row.header.customer {
        Some(customer) => sees(storage, base, reach, customer).await?,
        None => false,
    };
    if !(reach.sees(row.header.author) || sees_customer) {
        return Ok(None);
    }
    let customer = match row.header.customer {
        Some(customer) => storage.row(org, customer).await?,
        None => None,
    };
    let known = customer.as_ref().and_then(|row| match &row.state {
        DocState::Customer(customer) => Some(&customer.value),
        _ => None,
    });
    let start = start_of(&visit.value).unwrap_or(row.received_at);
    let day = base.zone().date(start);
    let outcome = cards::outcome(storage, org, row.header.author, Period::month_of(day)).await?;
    let judged = outcome
        .as_ref()
        .and_then(|outcome| outcome.visits.iter().find(|visit| visit.fact.doc == doc).cloned());
    let policy = outcome
        .as_ref()
        .and_then(|outcome| base.policy_with(&outcome.policy_hash))
        .or_else(|| base.policy_for(day).map(|(_, policy)| policy));
    let log = storage.log(org, doc).await?;
    let neighbours = storage.visit_neighbours(org, doc).await?;
    let deals = storage.rows(org, visit.value.deals.keys().copied().collect()).await?;
    // The neighbours are the same author's; only who reaches the author may go on to them.
    let walks = reach.sees(row.header.author);
    Ok(Some(VisitData {
        faults: faults(visit),
        rep: row.header.author,
        rep_name: base.user_name(row.header.author),
        rep_seen: walks,
        customer: row.header.customer.filter(|_| sees_customer && customer.is_some()),
        judged,
        policy,
        received_at: row.received_at,
        people: people(base, &row, &visit.value, &log),
        deals: deal_names(&deals),
        history: log.iter().map(|change| changes::entry(base, change)).collect(),
        ruling: ruling(storage, base, doc).await?,
        earlier: neighbours.earlier.filter(|_| walks),
        later: neighbours.later.filter(|_| walks),
        customer_name: known.and_then(|known| known.name.clone()),
        position: known.and_then(|known| known.position.as_ref()).map(|place| place.point),
        contacts: contact_names(known),
        state: visit.value.clone(),
    }))
}

async fn ruling(
    storage: &AnyStorage,
    base: &Base,
    doc: DocId,
) -> Result<Option<RulingLine>, StorageError> {
    let id = client_core::id::RecordId::from_bytes(*doc.as_bytes());
    let row = storage.record(base.org.id, RecordKind::Void, id).await?;
    Ok(match row.map(|row| row.decode()) {
        Some(Ok(Record::Void(void))) if void.in_force() => Some(RulingLine {
            ruling: void.ruling,
            by: void.by.map(|by| base.user_name(by)),
            at: void.at,
            reason: void.reason,
        }),
        _ => None,
    })
}

fn contact_names(customer: Option<&CustomerState>) -> BTreeMap<ItemId, String> {
    let contacts = customer.into_iter().flat_map(|customer| &customer.contacts);
    contacts.filter_map(|(id, contact)| Some((*id, contact.name.clone()?))).collect()
}

/// Whether the reader may see this customer.
pub async fn sees(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    customer: DocId,
) -> Result<bool, StorageError> {
    if *reach == Reach::All {
        return Ok(true);
    }
    let placements = storage.placements_of(base.org.id, vec![customer]).await?;
    let placements = base::decode(placements, |record| match record {
        Record::Placement(placement) => Some(placement),
        _ => None,
    })?;
    Ok(reach.sees_placed(placements.first()))
}

fn faults(visit: &Hydrated<VisitState>) -> Vec<String> {
    visit.faults.iter().map(|fault| fault.path.clone()).collect()
}

fn people(base: &Base, row: &Row, state: &VisitState, log: &[DocRow]) -> BTreeMap<UserId, String> {
    let mut named: BTreeSet<UserId> = BTreeSet::from([row.header.author]);
    named.extend(state.co_visitors.keys());
    named.extend(state.co_visitor_notes.keys());
    named.extend(state.amendments.values().map(|amendment| amendment.by));
    named.extend(log.iter().map(|change| change.user));
    if let Some(client_core::docs::visit::NextStep::Do { who: Some(who), .. }) = &state.next_step {
        named.insert(*who);
    }
    named.into_iter().map(|user| (user, base.user_name(user))).collect()
}

fn deal_names(rows: &[Row]) -> BTreeMap<DocId, String> {
    let named = rows.iter().filter(|row| row.header.kind == DocKind::Deal);
    named
        .filter_map(|row| match &row.state {
            DocState::Deal(deal) => Some((row.header.doc, deal.value.name.clone()?)),
            _ => None,
        })
        .collect()
}
