//! What the office decides in a run, through the calls that its pages make.

use std::collections::BTreeMap;

use client_core::docs::{DocKind, Header};
use client_core::id::{DocId, RecordId};
use client_core::records::Verdict;
use server::office::{
    By, ChangePerson, ChangePersonError, DecideError, Erase, EraseError, MergeError, MoveError,
    PersonError, PlaceCustomer, PlaceError,
};

use super::facts::Facts;
use super::founding::Founded;
use super::ledger::said_of;
use super::script::{Person, Region, Step};
use super::world::{Broken, World, own};

/// Decides. A server that dies over it is nobody's broken promise.
pub fn decide(world: &mut World<'_>, step: Step, facts: &Facts) -> Result<(), Broken> {
    match step {
        Step::Place { customer, owner, with, unit } => {
            place(world, facts, customer, (owner, with, unit))
        }
        Step::Transfer { person, unit } => transfer(world, facts, person, unit),
        Step::Revoke { phone } => {
            let number = usize::from(phone) % world.phones.len();
            let (user, device) = (world.phones[number].user, world.phones[number].device());
            about_person(world, async |registrar| {
                registrar.revoke_device(user, device).await.map(drop)
            })
        }
        Step::Disable { person } => {
            let user = Founded::get().user(person);
            about_person(world, async |registrar| registrar.disable(user).await.map(drop))
        }
        Step::Enable { person } => {
            let user = Founded::get().user(person);
            about_person(world, async |registrar| registrar.enable(user).await.map(drop))
        }
        Step::Decide { case, verdict } => decide_on(world, facts, case, verdict),
        Step::Merge { customer, into } => merge(world, facts, customer, into),
        Step::Part { customer } => part(world, facts, customer),
        Step::MoveVisit { visit, customer } => move_visit(world, facts, visit, customer),
        Step::MoveBack { visit } => move_back(world, facts, visit),
        Step::BeginAnew { doc } => begin_anew(world, facts, doc),
        Step::Erase { customer } => erase(world, facts, customer),
        _ => Ok(()),
    }
}

/// The n-th, round and round.
fn nth<T: Copy>(all: &[T], n: u8) -> Option<T> {
    usize::from(n).checked_rem(all.len()).and_then(|index| all.get(index)).copied()
}

fn decide_on(world: &World<'_>, facts: &Facts, case: u8, verdict: Verdict) -> Result<(), Broken> {
    let open = facts.cases.iter().filter(|case| case.verdict.is_none());
    let open: Vec<RecordId> = open.map(|case| case.id).collect();
    let Some(case) = nth(&open, case) else { return Ok(()) };
    let office = world.server.office();
    let done = world.runtime.block_on(async {
        office.registrar(By::CommandLine).await?.decide(case, verdict, None).await
    });
    match done {
        Ok(_)
        | Err(
            DecideError::Storage(_)
            | DecideError::NobodyElse
            | DecideError::CannotApply { .. }
            | DecideError::InPart { .. },
        ) => Ok(()),
        Err(error) => Err(own("the office cannot decide on late work")(error)),
    }
}

fn merge(world: &World<'_>, facts: &Facts, customer: u8, into: u8) -> Result<(), Broken> {
    let customers = facts.customers();
    let (Some(customer), Some(into)) = (nth(&customers, customer), nth(&customers, into)) else {
        return Ok(());
    };
    let office = world.server.office();
    match world.runtime.block_on(office.merge_customers(customer, into, None)) {
        Err(MergeError::UnknownCustomer { .. }) => Err("a customer is not known".to_owned()),
        // What cannot be merged is not, and says why.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn part(world: &World<'_>, facts: &Facts, customer: u8) -> Result<(), Broken> {
    let merged: Vec<DocId> = facts.aliases.keys().copied().collect();
    let Some(customer) = nth(&merged, customer) else { return Ok(()) };
    let office = world.server.office();
    match world.runtime.block_on(office.part_customers(customer, None)) {
        Ok(_) | Err(MergeError::Storage(_)) => Ok(()),
        Err(error) => Err(own("a merge cannot be taken back")(error)),
    }
}

fn move_visit(world: &World<'_>, facts: &Facts, visit: u8, customer: u8) -> Result<(), Broken> {
    let (visits, customers) = (facts.visits(), facts.customers());
    let (Some(visit), Some(customer)) = (nth(&visits, visit), nth(&customers, customer)) else {
        return Ok(());
    };
    let office = world.server.office();
    match world.runtime.block_on(office.move_visit(visit, customer, None)) {
        Ok(_) | Err(MoveError::AlreadyThere { .. } | MoveError::Storage(_)) => Ok(()),
        Err(error) => Err(own("a visit cannot be moved")(error)),
    }
}

fn move_back(world: &World<'_>, facts: &Facts, visit: u8) -> Result<(), Broken> {
    let moved: Vec<DocId> = facts.moved.keys().copied().collect();
    let Some(visit) = nth(&moved, visit) else { return Ok(()) };
    let office = world.server.office();
    match world.runtime.block_on(office.move_visit_back(visit, None)) {
        Ok(_) | Err(MoveError::Storage(_)) => Ok(()),
        Err(error) => Err(own("a visit cannot be moved back")(error)),
    }
}

fn begin_anew(world: &mut World<'_>, facts: &Facts, doc: u8) -> Result<(), Broken> {
    let docs: Vec<DocId> = facts.headers.keys().copied().collect();
    let Some(doc) = nth(&docs, doc) else { return Ok(()) };
    world.ledger.restarted.insert(doc);
    world.ledger.begin_anew(doc);
    let office = world.server.office();
    match world.runtime.block_on(office.begin_history_anew(doc)) {
        Ok(_) | Err(EraseError::Storage(_)) => Ok(()),
        Err(error) => Err(own("a history cannot start anew")(error)),
    }
}

fn erase(world: &mut World<'_>, facts: &Facts, customer: u8) -> Result<(), Broken> {
    let Some(customer) = nth(&facts.customers(), customer) else { return Ok(()) };
    // What followed it, and the plans that name it, begin anew with it.
    let all = facts.one_with(customer);
    let of = |header: &&Header| {
        let follows = facts.customer_of(header).is_some_and(|followed| all.contains(&followed));
        all.contains(&header.doc) || follows || header.kind == DocKind::Plan
    };
    let touched: Vec<DocId> = facts.headers.values().filter(of).map(|header| header.doc).collect();
    let mut before = BTreeMap::new();
    for doc in &touched {
        let mut words = said_of(world.server.eyes(), *doc)?;
        words.add(world.ledger.lost_words(*doc));
        before.insert(*doc, words);
        world.ledger.begin_anew(*doc);
        if facts.waits(*doc) {
            world.ledger.give_up(*doc);
        }
    }
    world.ledger.erased.extend(touched);
    let (office, ledger) = (world.server.office(), world.server.erasures());
    let erasing = office.erase(Erase::Customer(customer), &ledger, None, false);
    match world.runtime.block_on(erasing) {
        Ok(_) | Err(EraseError::Storage(_) | EraseError::Scoring(_)) => {}
        Err(error) => return Err(own("a customer cannot be erased")(error)),
    }
    // One that was cut off is finished by whoever starts the server again.
    world.server.revive().map_err(own("a killed server does not start"))?;
    let replaying = server::erasures::replay(world.server.app(), &ledger);
    let replayed = world.runtime.block_on(replaying);
    replayed.map_err(own("an erasure cannot be finished"))?;
    world.ledger.note_erased(before, world.server.eyes())
}

fn place(
    world: &World<'_>,
    facts: &Facts,
    customer: u8,
    (owner, with, unit): (Person, Option<Person>, Option<Region>),
) -> Result<(), Broken> {
    let Some(customer) = nth(&facts.customers(), customer) else { return Ok(()) };
    let founded = Founded::get();
    let wanted = PlaceCustomer {
        customer,
        owner: founded.user(owner),
        collaborators: with.map(|person| founded.user(person)).into_iter().collect(),
        unit: unit.map(|region| founded.unit(region)),
        tier: None,
        from: None,
    };
    let office = world.server.office();
    match world.runtime.block_on(office.place_customer(wanted)) {
        Ok(_) | Err(PlaceError::DisabledUser { .. } | PlaceError::Storage(_)) => Ok(()),
        Err(error) => Err(own("the office cannot place a customer")(error)),
    }
}

fn transfer(world: &World<'_>, facts: &Facts, person: Person, unit: Region) -> Result<(), Broken> {
    let founded = Founded::get();
    let id = founded.user(person);
    let Some(user) = facts.users.get(&id) else { return Ok(()) };
    let wanted = ChangePerson {
        name: user.name.clone(),
        role: user.role,
        units: vec![founded.unit(unit)],
        hired_on: user.hired_on,
        locale: user.locale.clone(),
    };
    let office = world.server.office();
    let done = world.runtime.block_on(async {
        office.registrar(By::CommandLine).await?.change_person(id, wanted).await
    });
    match done {
        Ok(_) | Err(ChangePersonError::Storage(_)) => Ok(()),
        Err(error) => Err(own("the office cannot move somebody")(error)),
    }
}

fn about_person(
    world: &World<'_>,
    done: impl AsyncFnOnce(&server::office::Registrar) -> Result<(), PersonError>,
) -> Result<(), Broken> {
    let office = world.server.office();
    let done = world.runtime.block_on(async {
        let registrar = office.registrar(By::CommandLine).await?;
        done(&registrar).await
    });
    match done {
        // A device that never came here since it became one, or since the server went
        // back, is not known.
        Ok(()) | Err(PersonError::Storage(_) | PersonError::UnknownDevice { .. }) => Ok(()),
        Err(error) => Err(own("the office cannot do this to somebody")(error)),
    }
}
