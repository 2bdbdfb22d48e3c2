//! What the office decides in a run, through the calls that its pages make.

use client_core::docs::DocKind;
use client_core::id::DocId;
use server::office::{By, ChangePerson, ChangePersonError, PersonError, PlaceCustomer, PlaceError};

use super::facts::Facts;
use super::founding::Founded;
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
        _ => Ok(()),
    }
}

fn place(
    world: &World<'_>,
    facts: &Facts,
    customer: u8,
    (owner, with, unit): (Person, Option<Person>, Option<Region>),
) -> Result<(), Broken> {
    let customers: Vec<DocId> = facts
        .headers
        .values()
        .filter(|header| header.kind == DocKind::Customer)
        .map(|header| header.doc)
        .collect();
    let Some(index) = usize::from(customer).checked_rem(customers.len()) else { return Ok(()) };
    let founded = Founded::get();
    let wanted = PlaceCustomer {
        customer: customers[index],
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
        Ok(()) | Err(PersonError::Storage(_)) => Ok(()),
        Err(error) => Err(own("the office cannot do this to somebody")(error)),
    }
}
