//! Customers: the list and the page.

use std::collections::BTreeMap;

use client_core::docs::ConflictLabel;
use client_core::docs::customer::CustomerState;
use client_core::id::{ActorId, DocId, UserId};
use client_core::period::Period;
use client_core::projection::DocState;
use client_core::records::{PlacementRecord, Record, RecordKind};
use client_core::time::Timestamp;

use super::base::{self, Base};
use super::reach::Reach;
use super::then::{When, known_by};
use super::{cards, coverage};
use crate::storage::lists::{CustomerFilter, Window};
use crate::storage::model::{ConflictAsk, Row};
use crate::storage::{AnyStorage, Boards, Documents, Erasures, Lists, Records, StorageError};
use crate::web::lists::customers::CustomersAsk;
use crate::web::pages::conflicts::field;
use crate::web::pages::customer::{ConflictEntry, CustomerData, DealEntry, Span, VisitEntry};
use crate::web::pages::customers::{CustomerInList, CustomersData};
use crate::web::pages::timeline::CaseEntry;
use crate::web::view;
use crate::web::words::Words;

/// A page of the customers that the reader may see. Counting and ordering read
/// one index, and only the customers shown are looked up.
pub async fn list(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: CustomersAsk,
    now: Timestamp,
) -> Result<CustomersData, StorageError> {
    let org = base.org.id;
    let filter = filter(storage, base, reach, &ask, now).await?;
    let silent = filter.silent.clone();
    let found = storage.find_customers(org, filter, view::window(ask.page)).await?;
    let rows = storage.customer_rows(org, found.docs.clone()).await?;
    let customers = rows.into_iter().map(|row| CustomerInList {
        owner: row.owner.map(|owner| base.user_name(owner)),
        unit: row.unit.map(|unit| base.unit_name(unit)).unwrap_or_default(),
        unheard: row.owner.filter(|owner| silent.contains(owner)).map(|owner| base.heard(owner)),
        row,
    });
    Ok(CustomersData {
        customers: customers.collect(),
        found,
        choices: base.choices(reach),
        industries: storage.industries(org, reach.scopes()).await?,
        today: base.zone().date(now),
        ask,
    })
}

/// What storage is asked for these customers.
pub async fn filter(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    ask: &CustomersAsk,
    now: Timestamp,
) -> Result<CustomerFilter, StorageError> {
    let mut filter = ask.filter(base, reach);
    filter.silent = base.silent(now);
    filter.only = coverage::customers_behind(storage, base, reach, ask, now).await?;
    Ok(filter)
}

/// The customer, if there is one that the reader may see; of an earlier day as far as it was
/// known then.
pub async fn customer(
    storage: &AnyStorage,
    base: &Base,
    reach: &Reach,
    doc: DocId,
    when: When,
    w: Words,
) -> Result<Option<CustomerData>, StorageError> {
    let (org, now) = (base.org.id, when.now);
    let today = base.zone().date(now);
    let as_of = when.as_of.filter(|day| *day < today);
    let until = as_of.map(|day| base.zone().end_of(day));
    let row = storage.row(org, doc).await?;
    let mut unsure = false;
    let row = match (until, row) {
        (Some(at), Some(row)) => {
            let mut known = known_by(storage, org, vec![row], at).await?;
            unsure |= known.unsure;
            known.rows.pop()
        }
        (_, row) => row,
    };
    let Some(row) = row else { return Ok(None) };
    let DocState::Customer(customer) = &row.state else { return Ok(None) };
    let placements = storage.placements_of(org, vec![doc]).await?;
    let placements = base::decode(placements, |record| match record {
        Record::Placement(placement) => Some(placement),
        _ => None,
    })?;
    let placement = placements.first();
    if !reach.sees_placed(placement) {
        return Ok(None);
    }
    let current = placement.and_then(|placement| match until {
        Some(at) => placement.at(at),
        None => placement.current(),
    });
    let day = as_of.unwrap_or(today);
    let due = match current.filter(|_span| as_of.is_none()) {
        Some(span) => {
            let outcome = cards::outcome(storage, org, span.owner, Period::month_of(day)).await?;
            let due = cards::dues(outcome.as_slice()).get(&doc).map(|due| due.status);
            let silent = base.silent(now).contains(&span.owner);
            due.map(|due| if silent { due.unheard() } else { due })
        }
        None => None,
    };
    let mut following = storage.rows_of_customer(org, doc).await?;
    if let Some(at) = until {
        let known = known_by(storage, org, following, at).await?;
        unsure |= known.unsure;
        following = known.rows;
    }
    let deals = following.iter().filter(|row| matches!(row.state, DocState::Deal(_)));
    let deals = storage.deal_rows(org, deals.map(|row| row.header.doc).collect()).await?;
    let owners: BTreeMap<DocId, UserId> = deals.iter().map(|deal| (deal.doc, deal.owner)).collect();
    let timeline = timeline(base, &following, &owners);
    Ok(Some(CustomerData {
        doc,
        state: customer.value.clone(),
        due,
        owner: current.map(|span| base.user_name(span.owner)),
        collaborators: current
            .map(|span| span.collaborators.iter().map(|user| base.user_name(*user)).collect())
            .unwrap_or_default(),
        tier: current.and_then(|span| span.tier),
        visits: timeline.visits,
        deals: timeline.deals,
        cases: timeline.cases,
        business: business(storage, base, doc, until).await?,
        spans: spans(base, reach, placement, until),
        // What people wrote at the same time is known of what stands now.
        conflicts: match as_of {
            Some(_) => Vec::new(),
            None => conflicts(storage, base, &row, &customer.value, w).await?,
        },
        policy: base.policy_for(day).map(|(_, policy)| policy),
        today: day,
        as_of,
        unsure,
    }))
}

/// What the books confirm of a customer and of those merged into it; at an earlier instant
/// without what was entered or written again since.
async fn business(
    storage: &AnyStorage,
    base: &Base,
    doc: DocId,
    until: Option<Timestamp>,
) -> Result<Vec<Record>, StorageError> {
    const BOOKS: [RecordKind; 3] = [RecordKind::Contract, RecordKind::Order, RecordKind::Payment];
    let mut found = Vec::new();
    for customer in base.aliases.merged_into(doc).chain([doc]) {
        for kind in BOOKS {
            found.extend(storage.records_about(base.org.id, customer, kind).await?);
        }
    }
    if let Some(at) = until {
        let org = base.org.id;
        let since = storage.records_written_since(org, BOOKS.to_vec(), at).await?;
        found.retain(|record| !since.contains(&(record.kind(), record.id())));
    }
    Ok(found)
}

/// What was written about a customer.
#[derive(Default)]
struct Timeline {
    visits: Vec<VisitEntry>,
    deals: Vec<DealEntry>,
    cases: Vec<CaseEntry>,
}

fn timeline(base: &Base, rows: &[Row], owners: &BTreeMap<DocId, UserId>) -> Timeline {
    let mut timeline = Timeline::default();
    for row in rows {
        match &row.state {
            DocState::Visit(visit) => timeline.visits.push(VisitEntry {
                doc: row.header.doc,
                state: visit.value.clone(),
                rep: base.user_name(row.header.author),
            }),
            DocState::Deal(deal) => timeline.deals.push(DealEntry {
                doc: row.header.doc,
                state: deal.value.clone(),
                owner: base.user_name(*owners.get(&row.header.doc).unwrap_or(&row.header.author)),
            }),
            DocState::Case(case) => timeline.cases.push(CaseEntry {
                doc: row.header.doc,
                state: case.value.clone(),
                author: base.user_name(row.header.author),
            }),
            DocState::Customer(_) | DocState::Plan(_) => {}
        }
    }
    timeline
}

fn spans(
    base: &Base,
    reach: &Reach,
    placement: Option<&PlacementRecord>,
    until: Option<Timestamp>,
) -> Vec<Span> {
    let begun = |from: Timestamp| until.is_none_or(|at| from <= at);
    let spans = placement.into_iter().flat_map(|placement| &placement.spans);
    let spans = spans.filter(|span| begun(span.from));
    // One that ended on the day it began, such as a customer made on a phone and
    // given its tier at once, held no day.
    let day = |at: Timestamp| base.zone().date(at);
    let lasted = |until: Option<Timestamp>, from| until.is_none_or(|until| day(until) > day(from));
    spans
        .filter(|span| lasted(span.until, span.from))
        .map(|span| Span {
            from: span.from,
            until: span.until.filter(|end| begun(*end)),
            owner: span.owner,
            name: base.user_name(span.owner),
            tier: span.tier,
            seen: reach.sees(span.owner),
        })
        .collect()
}

/// What stands in the document that was written at the same time, in words: same-field
/// conflicts first.
async fn conflicts(
    storage: &AnyStorage,
    base: &Base,
    row: &Row,
    state: &CustomerState,
    w: Words,
) -> Result<Vec<ConflictEntry>, StorageError> {
    let mut found = Vec::new();
    for label in [ConflictLabel::Conflict, ConflictLabel::ParallelUpdate] {
        let ask = ConflictAsk {
            label,
            within: None,
            doc: Some(row.header.doc),
            kind: None,
            window: Window { limit: 50, offset: 0 },
        };
        found.extend(storage.conflicts(base.org.id, ask).await?);
    }
    let authors: BTreeMap<ActorId, UserId> =
        base.devices.iter().map(|device| (device.actor, device.user)).collect();
    let contact = |part: &str| {
        let contact = part.parse().ok().and_then(|id| state.contacts.get(&id));
        contact.and_then(|contact| contact.name.clone())
    };
    let conflicts = found.into_iter().map(|row| ConflictEntry {
        field: field(w, &row.conflict.path, contact),
        parallel: row.conflict.label == ConflictLabel::ParallelUpdate,
        values: row
            .conflict
            .values
            .into_iter()
            .map(|value| {
                let author = authors.get(&value.actor).map(|user| base.user_name(*user));
                let server = || w.say("conflicts.server").to_owned();
                (value.value, author.unwrap_or_else(server), value.at)
            })
            .collect(),
    });
    Ok(conflicts.collect())
}
