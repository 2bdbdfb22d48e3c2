//! Who holds a customer or deal: what follows from a decision, and what the server
//! decides by itself.
//!
//! A new customer must belong to somebody before anybody can be scored on it, so
//! the server places it on receipt: with its author, in the author's main unit,
//! without a tier. A deal goes to whoever holds its customer. When a deal is won
//! or lost, the credit freezes to its owner of that moment.
//!
//! Everything later is decided by people. A decision says what is to change, and is
//! put together with what is in force in the transaction that writes it.

use std::collections::BTreeSet;

use client_core::docs::{DocKind, Header};
use client_core::id::{DocId, UnitId, UserId};
use client_core::projection::DocState;
use client_core::records::{Placement, PlacementRecord, Tier, UserRecord};
use client_core::time::Timestamp;

use super::main_unit;

/// What the first placement of a document depends on.
pub(super) struct Newcomer<'a> {
    /// Its header.
    pub header: &'a Header,
    /// Its state.
    pub state: &'a DocState,
    /// Its author.
    pub author: Option<&'a UserRecord>,
    /// The placement of its customer, for a deal.
    pub customer: Option<&'a PlacementRecord>,
    /// Where somebody without a unit belongs.
    pub fallback: Option<UnitId>,
    /// When it was received.
    pub at: Timestamp,
}

/// The first placement of a customer or deal; none for other kinds.
pub(super) fn first(new: &Newcomer<'_>) -> Option<PlacementRecord> {
    let placed = new.customer.and_then(PlacementRecord::current);
    let (owner, unit) = match (new.header.kind, placed) {
        (DocKind::Deal, Some(holder)) => (holder.owner, Some(holder.unit)),
        (DocKind::Customer | DocKind::Deal, _) => {
            (new.header.author, new.author.and_then(main_unit).or(new.fallback))
        }
        (DocKind::Visit | DocKind::Plan | DocKind::Case, _) => return None,
    };
    Some(PlacementRecord {
        subject: new.header.doc,
        kind: new.header.kind,
        spans: vec![Placement {
            from: created(new.state).map_or(new.at, |created| created.min(new.at)),
            until: None,
            owner,
            collaborators: Vec::new(),
            unit: unit?,
            tier: None,
            left_with: None,
        }],
        credit: None,
    })
}

/// When the phone says it was created. The placement begins then and not at
/// receipt: a customer found at nine and visited at ten was the rep's at ten,
/// even if the phone had no signal until six.
fn created(state: &DocState) -> Option<Timestamp> {
    match state {
        DocState::Customer(customer) => customer.value.created_at,
        DocState::Deal(deal) => deal.value.created_at,
        DocState::Visit(_) | DocState::Plan(_) | DocState::Case(_) => None,
    }
}

/// The placement with its credit frozen, if the deal was just decided.
pub(super) fn freeze_credit(
    placement: &PlacementRecord,
    state: &DocState,
) -> Option<PlacementRecord> {
    let DocState::Deal(deal) = state else { return None };
    if deal.value.outcome.is_none() || placement.credit.is_some() {
        return None;
    }
    let owner = placement.current()?.owner;
    Some(PlacementRecord { credit: Some(owner), ..placement.clone() })
}

/// What is to change in who holds a customer or deal. What is not named stays as it
/// is when it is written, so that two managers who change different things at the
/// same time both get what they wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlaceChange {
    /// Who is to own it.
    pub owner: Option<UserId>,
    /// In which unit it is to be.
    pub unit: Option<UnitId>,
    /// The unit it goes to with another owner, unless one is named.
    pub home: Option<UnitId>,
    /// Its tier; `Some(None)` for none.
    pub tier: Option<Option<Tier>>,
    /// Everybody who is to work on it too.
    pub collaborators: Option<BTreeSet<UserId>>,
    /// Who is to work on it besides those who do.
    pub add: BTreeSet<UserId>,
    /// Who is to work on it no longer.
    pub remove: BTreeSet<UserId>,
    /// From when.
    pub from: Timestamp,
    /// Only if this person owns it or works on it at the time.
    pub held_by: Option<UserId>,
    /// The open deals of a customer go with it to another owner, as far as the former one
    /// holds them: a deal belongs to the customer's owner unless somebody decided otherwise
    /// (DESIGN 3). What was won or lost keeps its credit.
    pub with_deals: bool,
    /// Of these only those in one of these units, which whoever decides leads; all if absent.
    pub deals_of: Option<BTreeSet<UnitId>>,
}

/// What is in force after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Who holds it, and who did.
    pub placement: PlacementRecord,
    /// Open deals that went along.
    pub deals: Vec<DealAlong>,
}

/// A deal that went with its customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DealAlong {
    /// Which.
    pub deal: DocId,
    /// Whose it was, and in which unit.
    pub was: (UserId, UnitId),
}

/// Whether an open deal goes with its customer: the customer's former owner holds it, it was
/// never decided, and it is in a unit that whoever decides leads.
pub(crate) fn goes_along(
    deal: &PlacementRecord,
    was: UserId,
    deals_of: Option<&BTreeSet<UnitId>>,
) -> bool {
    let led = |unit: UnitId| deals_of.is_none_or(|units| units.contains(&unit));
    let held = deal.current().is_some_and(|span| span.owner == was && led(span.unit));
    deal.credit.is_none() && held
}

/// How an open deal follows its customer to another owner; none if it stays. One that stood
/// in its customer's unit goes where that goes; one that stood in a unit of its own was put
/// there by somebody, and stays there.
pub(super) fn along(
    deal: &PlacementRecord,
    was: &Placement,
    to: &Placement,
    deals_of: Option<&BTreeSet<UnitId>>,
) -> Option<PlaceChange> {
    let current = deal.current()?;
    goes_along(deal, was.owner, deals_of).then(|| PlaceChange {
        owner: Some(to.owner),
        unit: Some(if current.unit == was.unit { to.unit } else { current.unit }),
        // One that began after the customer went was never anybody else's.
        from: to.from.max(current.from),
        ..PlaceChange::default()
    })
}

/// Why a placement was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlaceRefusal {
    /// There is no such document, or none that anybody holds.
    #[error("there is no customer or deal {doc}")]
    Unknown {
        /// What was given.
        doc: DocId,
    },
    /// Nobody holds it and nobody was named.
    #[error("nobody holds {doc} yet: say who is to own it")]
    NoOwner {
        /// Which.
        doc: DocId,
    },
    /// Deals have neither tiers nor collaborators.
    #[error("{doc} is a deal: only its owner and unit can be set")]
    Deal {
        /// Which.
        doc: DocId,
    },
    /// History would be rewritten.
    #[error(
        "the last placement of {doc} began at {last}: another one cannot begin at {from}; \
         choose a later time"
    )]
    BeforeLast {
        /// Which.
        doc: DocId,
        /// What was given.
        from: Timestamp,
        /// When the last one began.
        last: Timestamp,
    },
    /// It changed hands meanwhile.
    #[error("{doc} is no longer held by {user}")]
    HeldByOther {
        /// Which.
        doc: DocId,
        /// By whom it was to be held.
        user: UserId,
    },
}

/// The placement after a change: what is in force, with what was named changed, as
/// the next span.
pub(crate) fn change(
    before: Option<PlacementRecord>,
    subject: DocId,
    kind: DocKind,
    wanted: &PlaceChange,
) -> Result<PlacementRecord, PlaceRefusal> {
    let current = before.as_ref().and_then(PlacementRecord::current);
    if let Some(user) = wanted.held_by
        && !current.is_some_and(|span| span.owner == user || span.collaborators.contains(&user))
    {
        return Err(PlaceRefusal::HeldByOther { doc: subject, user });
    }
    let owner = wanted.owner.or(current.map(|span| span.owner));
    let owner = owner.ok_or(PlaceRefusal::NoOwner { doc: subject })?;
    let passes_on = current.is_none_or(|span| span.owner != owner);
    let unit = wanted
        .unit
        .or(wanted.home.filter(|_home| passes_on))
        .or(current.map(|span| span.unit))
        .ok_or(PlaceRefusal::NoOwner { doc: subject })?;
    let (mut collaborators, mut tier) = (BTreeSet::new(), None);
    if kind == DocKind::Customer {
        let standing = || current.into_iter().flat_map(|span| span.collaborators.iter().copied());
        collaborators = wanted.collaborators.clone().unwrap_or_else(|| standing().collect());
        collaborators.extend(&wanted.add);
        collaborators.retain(|user| *user != owner && !wanted.remove.contains(user));
        tier = wanted.tier.unwrap_or_else(|| current.and_then(|span| span.tier));
    } else if wanted.tier.flatten().is_some() || !wanted.add.is_empty() {
        return Err(PlaceRefusal::Deal { doc: subject });
    }
    let collaborators = collaborators.into_iter().collect();
    let next = Placement {
        from: wanted.from,
        until: None,
        owner,
        collaborators,
        unit,
        tier,
        left_with: None,
    };
    follow(before, subject, kind, next)
}

/// The placement with `next` as its last span: spans touch and never overlap.
pub(crate) fn follow(
    before: Option<PlacementRecord>,
    subject: DocId,
    kind: DocKind,
    next: Placement,
) -> Result<PlacementRecord, PlaceRefusal> {
    let empty = || PlacementRecord { subject, kind, spans: Vec::new(), credit: None };
    let mut placement = before.unwrap_or_else(empty);
    if let Some(last) = placement.spans.last_mut() {
        if last.from > next.from {
            let (from, last) = (next.from, last.from);
            return Err(PlaceRefusal::BeforeLast { doc: subject, from, last });
        }
        if *last == (Placement { from: last.from, until: last.until, ..next.clone() }) {
            return Ok(placement);
        }
        if last.from == next.from {
            placement.spans.pop();
        } else {
            last.until = Some(next.from);
        }
    }
    placement.spans.push(next);
    Ok(placement)
}

/// Since when two versions of a placement say something else; none if they say the same.
pub(super) fn changed_since(
    before: Option<&PlacementRecord>,
    after: &PlacementRecord,
) -> Option<Timestamp> {
    let earlier = before.map_or(&[][..], |before| &before.spans);
    let same = earlier.iter().zip(&after.spans).take_while(|(old, new)| old == new).count();
    match (earlier.get(same), after.spans.get(same)) {
        (None, None) => None,
        (Some(old), Some(new)) if same_but_end(old, new) => {
            [old.until, new.until].into_iter().flatten().min()
        }
        (Some(old), Some(new)) => Some(old.from.min(new.from)),
        (Some(one), None) | (None, Some(one)) => Some(one.from),
    }
}

/// Whether two spans differ in nothing but when they end and what was left then.
fn same_but_end(old: &Placement, new: &Placement) -> bool {
    let until = (old.until, old.left_with.clone());
    *old == Placement { until: until.0, left_with: until.1, ..new.clone() }
}

/// The span that ended between two versions of a placement, with the people who lose
/// the customer by it; none if everybody keeps it.
pub(super) fn lost_by(before: Option<&PlacementRecord>, after: &PlacementRecord) -> Option<usize> {
    let ended = before?.spans.len().checked_sub(1)?;
    let (old, new) = (before?.spans.get(ended)?, after.spans.get(ended)?);
    let ends = old.until.is_none() && new.until.is_some() && same_but_end(old, new);
    let next = after.spans.get(ended + 1)?;
    (ends && new.people().any(|person| !next.names(person))).then_some(ended)
}

/// What a change of placement was, for whoever reads the audit log: ids, because
/// names are looked up by who shows them.
pub(super) fn difference(before: Option<&PlacementRecord>, after: &PlacementRecord) -> String {
    let old = before.and_then(PlacementRecord::current);
    let Some(new) = after.current() else { return String::new() };
    let with = |span: &Placement| {
        let ids: Vec<String> = span.collaborators.iter().map(ToString::to_string).collect();
        if ids.is_empty() { "–".to_owned() } else { ids.join(", ") }
    };
    let facts = |span: &Placement| {
        let tier = span.tier.map_or("–", Tier::as_str).to_owned();
        [span.owner.to_string(), span.unit.to_string(), tier, with(span)]
    };
    let was = old.map_or_else(|| std::array::from_fn(|_place| "–".to_owned()), facts);
    let told = ["owner", "unit", "tier", "with"].into_iter().zip(was.iter().zip(facts(new)));
    let told = told.filter(|(_what, (was, is))| *was != is);
    let told = told.map(|(what, (was, is))| format!("{what} {was} → {is}"));
    told.chain([format!("from {}", new.from)]).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(kind: DocKind, owner: u8, unit: u8, credit: Option<u8>) -> PlacementRecord {
        let span = Placement {
            from: Timestamp::from_millis(1),
            until: None,
            owner: UserId::from_bytes([owner; 16]),
            collaborators: Vec::new(),
            unit: UnitId::from_bytes([unit; 16]),
            tier: None,
            left_with: None,
        };
        let credit = credit.map(|user| UserId::from_bytes([user; 16]));
        PlacementRecord { subject: DocId::from_bytes([9; 16]), kind, spans: vec![span], credit }
    }

    #[test]
    fn a_deal_goes_along_from_its_customers_unit_or_stays_in_its_own() {
        let customer = |owner, unit| placed(DocKind::Customer, owner, unit, None);
        let (was, to) = (customer(1, 1), customer(2, 2));
        let (was, to) = (was.current().unwrap(), to.current().unwrap());
        let goes = |deal: PlacementRecord, led: Option<&[u8]>| {
            let led = led.map(|led| led.iter().map(|n| UnitId::from_bytes([*n; 16])).collect());
            let change = along(&deal, was, to, led.as_ref())?;
            Some((change.owner?.as_bytes()[0], change.unit?.as_bytes()[0]))
        };
        let deal = |owner, unit, credit| placed(DocKind::Deal, owner, unit, credit);
        assert_eq!(goes(deal(1, 1, None), None), Some((2, 2)), "with its customer");
        assert_eq!(goes(deal(1, 3, None), None), Some((2, 3)), "it has a unit of its own");
        assert_eq!(goes(deal(1, 3, None), Some(&[1, 2])), None, "which nobody here leads");
        assert_eq!(goes(deal(1, 1, None), Some(&[1])), Some((2, 2)));
        assert_eq!(goes(deal(4, 1, None), None), None, "somebody else holds it");
        assert_eq!(goes(deal(1, 1, Some(1)), None), None, "it was decided, and reopened or not");
    }
}
