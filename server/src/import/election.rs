//! Who holds the customers that no file gives an owner.
//!
//! Real accounts are worked by many reps across regions. A customer that nobody
//! holds goes to the rep with most of its deals, ties by name; the others work on it
//! too. It is elected once: a person's choice is never overturned, a later file only
//! adds reps that are new to the customer. The file is read for it before its deals
//! are written, because a deal is told to its customer's owner, and doing it the
//! other way round would move every deal twice.

use std::collections::{BTreeMap, BTreeSet};

use client_core::docs::DocKind;
use client_core::id::{DocId, UserId};
use client_core::records::{Placement, PlacementRecord, Record, Tier};
use client_core::time::Timestamp;

use super::ImportError;
use super::deals::{Deals, Owner};
use super::entry::{Entry, Fields};
use super::map::Mapping;
use super::session::{Made, Session, Work};
use crate::storage::Imports;
use crate::storage::model::{ExternalKey, ExternalKind};

/// The field in which an import remembers whom it gave a customer to.
const HELD: &str = "@held";

/// The deals of the file, counted by customer and rep.
#[derive(Default)]
pub(super) struct Election {
    by_customer: BTreeMap<DocId, Votes>,
}

#[derive(Default)]
struct Votes {
    deals: BTreeMap<UserId, u64>,
    first_day: Option<Timestamp>,
}

impl Votes {
    fn add(&mut self, rep: UserId, day: Option<Timestamp>) {
        *self.deals.entry(rep).or_default() += 1;
        self.first_day = self.first_day.into_iter().chain(day).min();
    }
}

impl Election {
    /// Counts rows that can be taken.
    pub(super) fn count(
        &mut self,
        session: &Session,
        mapping: &Mapping,
        deals: &Deals,
        entries: &[Entry],
    ) {
        for entry in entries {
            let (Some(customer), Ok(deal)) =
                (deals.customer(entry), deals.said(session, mapping, entry, Owner::Takes))
            else {
                continue;
            };
            let votes = self.by_customer.entry(customer).or_default();
            votes.add(deal.owner, deal.first_day());
        }
    }

    /// What the election writes.
    pub(super) async fn decide(
        self,
        session: &Session,
        deals: &Deals,
    ) -> Result<Vec<Work>, ImportError> {
        let storage = session.app.storage();
        let mut works = Vec::new();
        for (customer, mut votes) in self.by_customer {
            let kind = ExternalKind::Customer;
            let known = storage.external_keys_for(session.org, kind, *customer.as_bytes()).await?;
            // Deals may name it by its name, which need not be its key. A customer that
            // people made is theirs to give.
            let Some(known) = known.into_iter().next() else { continue };
            let held = session.office.placement(customer).await?;
            let current = held.as_ref().and_then(PlacementRecord::current).cloned();
            let work = match (held, current) {
                (Some(mut held), Some(span)) => {
                    if known.fields.get(HELD) != Some(&remembered(&span)) {
                        continue;
                    }
                    let mut with: BTreeSet<UserId> = span.collaborators.iter().copied().collect();
                    let before = with.len();
                    with.extend(votes.deals.keys().filter(|rep| **rep != span.owner));
                    if with.len() == before {
                        continue;
                    }
                    let Some(last) = held.spans.last_mut() else { continue };
                    last.collaborators = with.into_iter().collect();
                    work_of(known, held, "customers_with_more_reps")
                }
                _ => {
                    let rest = storage.deal_holders(session.org, &session.source, customer);
                    for deal in rest.await? {
                        votes.add(deal.owner, deal.at);
                    }
                    let Some(held) = elected(session, deals, customer, &votes, &known.fields)
                    else {
                        continue;
                    };
                    work_of(known, held, "customers_given_an_owner")
                }
            };
            works.push(work);
        }
        Ok(works)
    }
}

fn elected(
    session: &Session,
    deals: &Deals,
    customer: DocId,
    votes: &Votes,
    fields: &Fields,
) -> Option<PlacementRecord> {
    let people = deals.people();
    let name = |rep: UserId| people.user(rep).map(|user| user.name.clone()).unwrap_or_default();
    let most = votes.deals.values().max()?;
    let tied = votes.deals.iter().filter(|(_rep, count)| *count == most);
    let owner = tied.map(|(rep, _count)| *rep).min_by_key(|rep| (name(*rep), *rep))?;
    let now = session.now();
    let span = Placement {
        from: votes.first_day.map_or(now, |day| day.min(now)),
        until: None,
        owner,
        collaborators: votes.deals.keys().copied().filter(|rep| *rep != owner).collect(),
        unit: people.unit_of(owner),
        tier: fields.get("tier").and_then(|tier| Tier::parse(&tier.to_lowercase())),
        left_with: None,
    };
    let kind = DocKind::Customer;
    Some(PlacementRecord { subject: customer, kind, spans: vec![span], credit: None })
}

fn work_of(known: ExternalKey, held: PlacementRecord, what: &'static str) -> Work {
    let mut work = Work::new(0, Made::Beside(what));
    let mut known = known;
    if let Some(span) = held.current() {
        known.fields.insert(HELD.to_owned(), remembered(span));
    }
    work.keys.push(known);
    work.records.push(Record::Placement(held));
    work
}

/// The holders of a span as they are remembered.
fn remembered(span: &Placement) -> String {
    let mut with: Vec<UserId> = span.collaborators.clone();
    with.sort_unstable();
    let all = std::iter::once(span.owner).chain(with);
    all.map(|user| user.to_string()).collect::<Vec<_>>().join(" ")
}
