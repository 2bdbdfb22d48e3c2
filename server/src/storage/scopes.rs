//! Who reads what: the rules that turn records into scopes.
//!
//! A document is a member of a few static scopes, written when they change and
//! never computed at read time. These functions are the only place that decides
//! which; a backend calls them inside its transaction.

use std::collections::BTreeSet;

use client_core::docs::{DocKind, Header};
use client_core::id::{UnitId, UserId};
use client_core::protocol::Scope;
use client_core::records::{
    Placement, PlacementRecord, Record, Role, TargetLevel, TargetRecord, UnitRecord, UserRecord,
};
use client_core::time::Timestamp;

/// The scopes a user holds: the org, their own, and for supervisors and
/// managers every unit at or below theirs. Sorted.
pub fn held_by(user: &UserRecord, units: &[UnitRecord]) -> Vec<Scope> {
    let mut scopes = BTreeSet::from([Scope::Org, Scope::User(user.id)]);
    if matches!(user.role, Role::Supervisor | Role::Manager) {
        scopes.extend(at_or_below(&user.units, units).into_iter().map(Scope::Unit));
    }
    scopes.into_iter().collect()
}

/// The units at or below `roots`. A tree with a cycle in it ends all the same.
pub fn at_or_below(roots: &[UnitId], units: &[UnitRecord]) -> BTreeSet<UnitId> {
    let mut found: BTreeSet<UnitId> = roots.iter().copied().collect();
    loop {
        let before = found.len();
        let below: Vec<UnitId> = units
            .iter()
            .filter(|unit| unit.parent.is_some_and(|parent| found.contains(&parent)))
            .map(|unit| unit.id)
            .collect();
        found.extend(below);
        if found.len() == before {
            return found;
        }
    }
}

/// What a document's scopes depend on besides its header.
#[derive(Debug, Default)]
pub struct Surroundings {
    /// The document's own placement (customers and deals).
    pub own: Option<PlacementRecord>,
    /// The placement of the customer it follows.
    pub customer: Option<PlacementRecord>,
    /// Of customers that are one by an alias: the placements of the others for the
    /// customer itself, and that of the one that stands for them for what follows.
    pub merged: Vec<PlacementRecord>,
    /// The units of its author (plans).
    pub author_units: Vec<UnitId>,
}

/// The scopes of a document. A customer follows its placement; a visit or case follows
/// its customer's, and its author keeps it; a deal follows its own, its author and whom
/// it is credited to keep it, and of its customer's holders the owner has it too; a plan
/// is its rep's and the rep's units'.
pub fn of_document(header: &Header, around: &Surroundings) -> BTreeSet<Scope> {
    let mut scopes = BTreeSet::new();
    let placed = |record: &Option<PlacementRecord>, scopes: &mut BTreeSet<Scope>| {
        if let Some(placement) = record.as_ref().and_then(PlacementRecord::current) {
            scopes.extend(of_placement(placement));
        }
    };
    let merged = || around.merged.iter().filter_map(PlacementRecord::current);
    let also = |scopes: &mut BTreeSet<Scope>| scopes.extend(merged().flat_map(of_placement));
    match header.kind {
        DocKind::Customer => {
            placed(&around.own, &mut scopes);
            also(&mut scopes);
            if scopes.is_empty() {
                scopes.insert(Scope::User(header.author));
            }
        }
        DocKind::Visit | DocKind::Case => {
            scopes.insert(Scope::User(header.author));
            placed(&around.customer, &mut scopes);
            also(&mut scopes);
        }
        DocKind::Deal => {
            scopes.insert(Scope::User(header.author));
            placed(&around.own, &mut scopes);
            let credit = around.own.as_ref().and_then(|placement| placement.credit);
            scopes.extend(credit.map(Scope::User));
            // Every account may be worked by many reps: who helps with the customer
            // has nothing to do with the deals of the others.
            let holder = around.customer.as_ref().and_then(PlacementRecord::current);
            scopes.extend(holder.map(|holder| Scope::User(holder.owner)));
            scopes.extend(merged().map(|holder| Scope::User(holder.owner)));
        }
        DocKind::Plan => {
            scopes.insert(Scope::User(header.author));
            scopes.extend(around.author_units.iter().copied().map(Scope::Unit));
        }
    }
    scopes
}

fn of_placement(placement: &Placement) -> impl Iterator<Item = Scope> + '_ {
    std::iter::once(Scope::User(placement.owner))
        .chain(placement.collaborators.iter().copied().map(Scope::User))
        .chain(std::iter::once(Scope::Unit(placement.unit)))
}

/// The user whose units decide a record's scopes, if anybody's do.
pub fn person_of(record: &Record) -> Option<UserId> {
    match record {
        Record::Scorecard(card) => Some(card.rep),
        Record::Decision(decision) => Some(decision.author),
        Record::Signal(signal) => Some(signal.rep),
        Record::Contest(contest) => Some(contest.rep),
        Record::Help(help) => Some(help.rep),
        Record::Appraisal(appraisal) => Some(appraisal.rep),
        Record::Adjustment(adjustment) => match adjustment.level {
            TargetLevel::Rep(rep) => Some(rep),
            TargetLevel::Org | TargetLevel::Unit(_) => adjustment.by,
        },
        Record::Target(target) => match target.level {
            TargetLevel::Rep(rep) => Some(rep),
            TargetLevel::Org | TargetLevel::Unit(_) => None,
        },
        _ => None,
    }
}

/// What a record's readers depend on besides what it says.
#[derive(Debug, Default)]
pub struct Bearings {
    /// The units of [`person_of`] it.
    pub units: Vec<UnitId>,
    /// Who wrote the deal that is placed.
    pub author: Option<UserId>,
    /// Placements that ended before this are with their former holders no longer.
    pub kept_since: Timestamp,
}

/// The scopes of a record.
///
/// What describes the org is everybody's. A placement is told to whoever holds the thing,
/// to whom a deal is credited or who wrote it, because they have the deal; and it stays
/// with whoever held the thing before, for as long as
/// [`placements_kept_from`](client_core::rules::placements_kept_from) says, so that a
/// reassignment does not break last month's score. Unit targets are everybody's: S4 wants
/// them published. An alias goes to whoever holds something of the customers it joins, and
/// the decision that a visit does not count, or was at another customer, to whoever has the
/// visit; business of a customer, and a comment on a visit, to whoever holds those: only the
/// backend can say who that is.
pub fn of_record(record: &Record, bearings: &Bearings) -> BTreeSet<Scope> {
    let person = |user: UserId| {
        let units = bearings.units.iter().copied().map(Scope::Unit);
        std::iter::once(Scope::User(user)).chain(units).collect::<BTreeSet<Scope>>()
    };
    match record {
        Record::Placement(placement) => {
            let last = placement.spans.len().saturating_sub(1);
            let kept = |span: &Placement| span.until.is_none_or(|end| bearings.kept_since <= end);
            let spans = placement.spans.iter().enumerate();
            let told = spans.filter(|(index, span)| *index == last || kept(span));
            let with_the_deal = placement.credit.into_iter().chain(bearings.author);
            told.flat_map(|(_index, span)| of_placement(span))
                .chain(with_the_deal.map(Scope::User))
                .collect()
        }
        Record::Scorecard(card) => person(card.rep),
        Record::Target(target) => of_target(target, &bearings.units),
        Record::Signal(signal) => person(signal.rep),
        Record::Contest(contest) => person(contest.rep),
        Record::Help(help) => person(help.rep),
        Record::Appraisal(appraisal) => person(appraisal.rep),
        // Whose target it is, and who asked, with whoever leads them.
        Record::Adjustment(adjustment) => {
            let mut scopes: BTreeSet<Scope> = adjustment.by.map(Scope::User).into_iter().collect();
            scopes.extend(bearings.units.iter().copied().map(Scope::Unit));
            match adjustment.level {
                TargetLevel::Rep(rep) => scopes.insert(Scope::User(rep)),
                TargetLevel::Unit(unit) => scopes.insert(Scope::Unit(unit)),
                TargetLevel::Org => scopes.insert(Scope::Org),
            };
            scopes
        }
        Record::Alias(_)
        | Record::Void(_)
        | Record::Moved(_)
        | Record::Order(_)
        | Record::Payment(_)
        | Record::Contract(_)
        | Record::Review(_) => BTreeSet::new(),
        // Whoever leads the author or the unit that held the document decides; whom it
        // was handed to has to know.
        Record::Decision(decision) => {
            let mut scopes = person(decision.author);
            scopes.extend(decision.unit.map(Scope::Unit));
            scopes.extend(decision.to.map(Scope::User));
            scopes
        }
        Record::Org(_)
        | Record::Unit(_)
        | Record::User(_)
        | Record::Device(_)
        | Record::Policy(_)
        | Record::Calendar(_)
        | Record::Product(_) => BTreeSet::from([Scope::Org]),
    }
}

/// A published target is read by everybody whom it concerns, those of org and units by
/// all; a draft by whoever leads the unit.
fn of_target(target: &TargetRecord, units: &[UnitId]) -> BTreeSet<Scope> {
    match target.level {
        TargetLevel::Rep(rep) => {
            let own = (!target.draft).then_some(Scope::User(rep));
            units.iter().copied().map(Scope::Unit).chain(own).collect()
        }
        TargetLevel::Unit(unit) if target.draft => BTreeSet::from([Scope::Unit(unit)]),
        TargetLevel::Org if target.draft => BTreeSet::new(),
        TargetLevel::Org | TargetLevel::Unit(_) => BTreeSet::from([Scope::Org]),
    }
}

#[cfg(test)]
mod tests {
    use client_core::docs::Generation;
    use client_core::id::{DocId, OrgId};
    use client_core::records::{UnitKind, UserStatus};

    use super::*;

    fn unit(n: u8, parent: Option<u8>) -> UnitRecord {
        UnitRecord {
            id: UnitId::from_bytes([n; 16]),
            name: format!("unit {n}"),
            kind: UnitKind::Region,
            parent: parent.map(|n| UnitId::from_bytes([n; 16])),
        }
    }

    fn user(role: Role, units: &[u8]) -> UserRecord {
        UserRecord {
            id: UserId::from_bytes([9; 16]),
            name: "Anna".into(),
            role,
            units: units.iter().map(|n| UnitId::from_bytes([*n; 16])).collect(),
            hired_on: None,
            status: UserStatus::Active,
            locale: None,
            leave: Vec::new(),
        }
    }

    #[test]
    fn a_manager_reads_the_units_below_and_a_rep_only_their_own() {
        let units = [unit(1, None), unit(2, Some(1)), unit(3, Some(2)), unit(4, None)];
        let held = held_by(&user(Role::Manager, &[1]), &units);
        for n in 1..=3 {
            assert!(held.contains(&Scope::Unit(UnitId::from_bytes([n; 16]))), "{n}");
        }
        assert!(!held.contains(&Scope::Unit(UnitId::from_bytes([4; 16]))));
        assert_eq!(held_by(&user(Role::Rep, &[2]), &units).len(), 2);
    }

    #[test]
    fn a_deal_is_its_authors_its_holders_and_its_customers_owners() {
        let person = |n: u8| UserId::from_bytes([n; 16]);
        let held = |kind, owner: u8, with: u8, unit: u8| PlacementRecord {
            subject: DocId::from_bytes([owner; 16]),
            kind,
            spans: vec![Placement {
                from: Timestamp::from_millis(0),
                until: None,
                owner: person(owner),
                collaborators: vec![person(with)],
                unit: UnitId::from_bytes([unit; 16]),
                tier: None,
                left_with: None,
            }],
            credit: None,
        };
        let header = Header {
            doc: DocId::from_bytes([1; 16]),
            kind: DocKind::Deal,
            org: OrgId::from_bytes([1; 16]),
            author: person(1),
            customer: Some(DocId::from_bytes([2; 16])),
            generation: Generation(0),
        };
        let around = Surroundings {
            own: Some(held(DocKind::Deal, 2, 3, 20)),
            customer: Some(held(DocKind::Customer, 4, 5, 40)),
            merged: vec![held(DocKind::Customer, 6, 7, 60)],
            author_units: vec![UnitId::from_bytes([10; 16])],
        };
        let expected = [1, 2, 3, 4, 6].map(|n| Scope::User(person(n)));
        let mut expected = BTreeSet::from(expected);
        expected.insert(Scope::Unit(UnitId::from_bytes([20; 16])));
        assert_eq!(of_document(&header, &around), expected);
    }

    #[test]
    fn a_cycle_in_the_tree_does_not_hang() {
        let units = [unit(1, Some(2)), unit(2, Some(1))];
        assert_eq!(at_or_below(&[UnitId::from_bytes([1; 16])], &units).len(), 2);
    }
}
