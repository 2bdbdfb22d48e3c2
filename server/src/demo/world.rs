//! The demo's org as a plan: units, people, customers, who holds what.
//!
//! Ids of units and people are placeholders until the office has founded them.
//! Nothing here touches a server. The plan is made from a seed alone, so that a
//! screenshot, a test and a user who types the same seed see the same company.

use client_core::geo::Point;
use client_core::id::{ActorId, DeviceId, DocId, ItemId, UnitId, UserId};
use client_core::records::Tier;
use client_core::time::{Date, Timestamp, Zone};

use super::chance::Chance;
use super::names::{self, Region};

/// The demo's people, units and customers.
#[derive(Debug, Clone)]
pub struct World {
    /// The seed it was made from.
    pub seed: u64,
    /// The day that is played.
    pub today: Date,
    /// The first day of the history.
    pub first_day: Date,
    /// The org's zone.
    pub zone: Zone,
    /// The regions.
    pub units: Vec<Unit>,
    /// Manager and supervisors.
    pub office: Vec<Person>,
    /// The reps.
    pub reps: Vec<Rep>,
    /// The customers.
    pub customers: Vec<Customer>,
}

/// A region.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The unit.
    pub id: UnitId,
    /// Its name.
    pub name: &'static str,
}

/// Somebody who signs in on the web.
#[derive(Debug, Clone)]
pub struct Person {
    /// The person.
    pub id: UserId,
    /// Shown.
    pub name: &'static str,
    /// Typed.
    pub login: &'static str,
    /// Index of the region a supervisor leads; none for the manager of everything.
    pub region: Option<usize>,
}

/// A rep, with the device that wrote the history.
#[derive(Debug, Clone)]
pub struct Rep {
    /// The person.
    pub id: UserId,
    /// Shown.
    pub name: &'static str,
    /// Typed.
    pub login: &'static str,
    /// Index of the rep's region.
    pub region: usize,
    /// The device of the history.
    pub past_device: DeviceId,
    /// The actor of the history.
    pub past_actor: ActorId,
    /// How diligent the rep is: visits a day, low and high.
    pub visits_a_day: (i64, i64),
}

/// A customer.
#[derive(Debug, Clone)]
pub struct Customer {
    /// The document.
    pub id: DocId,
    /// The name.
    pub name: String,
    /// The industry.
    pub industry: &'static str,
    /// The address.
    pub address: String,
    /// The switchboard as typed.
    pub phone: String,
    /// Its map key.
    pub phone_item: ItemId,
    /// Where it is.
    pub position: Point,
    /// The tier.
    pub tier: Tier,
    /// Index of the owner in [`World::reps`].
    pub owner: usize,
    /// Index of a collaborator, for shared customers.
    pub shared_with: Option<usize>,
    /// Contacts: id, name, title.
    pub contacts: Vec<(ItemId, String, &'static str)>,
    /// When it came into the books.
    pub created_at: Timestamp,
}

/// How large a world to make.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Reps, 3 to 24.
    pub reps: usize,
    /// Days of history.
    pub days: u32,
}

/// Customers per rep, so that twelve reps have about three hundred.
const CUSTOMERS_PER_REP: usize = 25;

impl World {
    /// The world of a seed.
    pub fn new(seed: u64, size: Size, today: Date, zone: Zone) -> Self {
        let mut chance = Chance::new(seed, 1);
        let first_day = today.plus_days(-i64::from(size.days));
        let start = zone.start_of(first_day);
        let units: Vec<Unit> = names::REGIONS
            .iter()
            .map(|region| Unit { id: chance.unit(start), name: region.unit })
            .collect();
        let office = office(&mut chance, start);
        let reps = reps(&mut chance, start, size.reps);
        let mut world =
            Self { seed, today, first_day, zone, units, office, reps, customers: Vec::new() };
        world.customers = customers(&mut chance, &world);
        world
    }

    /// The customers a rep owns, by index.
    pub fn owned_by(&self, rep: usize) -> Vec<usize> {
        (0..self.customers.len())
            .filter(|index| self.customers.get(*index).is_some_and(|one| one.owner == rep))
            .collect()
    }

    /// A rep by index.
    pub fn rep(&self, index: usize) -> anyhow::Result<&Rep> {
        self.reps.get(index).ok_or_else(|| anyhow::anyhow!("there is no rep {index}"))
    }

    /// A customer by index.
    pub fn customer(&self, index: usize) -> anyhow::Result<&Customer> {
        self.customers.get(index).ok_or_else(|| anyhow::anyhow!("there is no customer {index}"))
    }

    /// Customers that more than one rep works on.
    pub fn shared(&self) -> impl Iterator<Item = &Customer> {
        self.customers.iter().filter(|customer| customer.shared_with.is_some())
    }
}

fn office(chance: &mut Chance, at: Timestamp) -> Vec<Person> {
    let manager =
        Person { id: chance.user(at), name: "何雅婷 (Manager)", login: "manager", region: None };
    let supervisors = names::SUPERVISORS.iter().enumerate().map(|(region, (name, login))| Person {
        id: chance.user(at),
        name,
        login,
        region: Some(region),
    });
    std::iter::once(manager).chain(supervisors).collect()
}

fn reps(chance: &mut Chance, at: Timestamp, count: usize) -> Vec<Rep> {
    names::REPS
        .iter()
        .take(count)
        .enumerate()
        .map(|(index, (name, login))| {
            let low = chance.between(2, 4);
            Rep {
                id: chance.user(at),
                name,
                login,
                region: index % names::REGIONS.len(),
                past_device: chance.device(at),
                past_actor: chance.actor(at),
                visits_a_day: (low, low + chance.between(1, 3)),
            }
        })
        .collect()
}

fn customers(chance: &mut Chance, world: &World) -> Vec<Customer> {
    let mut taken = std::collections::BTreeSet::new();
    let mut customers = Vec::new();
    for (owner, rep) in world.reps.iter().enumerate() {
        let Some(region) = names::REGIONS.get(rep.region) else { continue };
        for number in 0..CUSTOMERS_PER_REP {
            let (name, industry) = company(chance, region, &mut taken);
            let at = world
                .zone
                .start_of(world.first_day)
                .plus_millis(chance.between(0, 6) * 86_400_000 + 9 * 3_600_000);
            // One in eight is worked on by a colleague of the same region too.
            let shared_with = (number % 8 == 0)
                .then(|| (owner + world.units.len()) % world.reps.len().max(1))
                .filter(|other| *other != owner);
            customers.push(Customer {
                id: chance.doc(at),
                name,
                industry,
                address: format!(
                    "{}{}{}号",
                    region.city,
                    chance.word(&names::STREETS),
                    chance.between(1, 888)
                ),
                phone: format!("0{}-{}", region.area_code, chance.between(50_000_000, 89_999_999)),
                phone_item: chance.item(at),
                position: position(chance, region),
                tier: match number % 10 {
                    0 | 1 => Tier::A,
                    2..=4 => Tier::B,
                    _ => Tier::C,
                },
                owner,
                shared_with,
                contacts: contacts(chance, at),
                created_at: at,
            });
        }
    }
    customers
}

fn company(
    chance: &mut Chance,
    region: &Region,
    taken: &mut std::collections::BTreeSet<String>,
) -> (String, &'static str) {
    loop {
        let (name, industry) = if chance.percent(35) {
            let (trade, industry) =
                chance.pick(&names::EN_TRADES).copied().unwrap_or(("Trading", "贸易"));
            let suffix = chance.word(&["Ltd", "Co", "Group", "Asia"]);
            (format!("{} {trade} {suffix}", chance.word(&names::EN_BRANDS)), industry)
        } else {
            let (trade, industry) =
                chance.pick(&names::ZH_TRADES).copied().unwrap_or(("商贸", "贸易"));
            let brand = chance.word(&names::ZH_BRANDS);
            (format!("{}{brand}{trade}有限公司", region.city), industry)
        };
        if taken.insert(name.clone()) {
            return (name, industry);
        }
        // The lists are finite; a number keeps the loop finite too.
        let numbered = format!("{name} {}", taken.len());
        if taken.insert(numbered.clone()) {
            return (numbered, industry);
        }
    }
}

fn position(chance: &mut Chance, region: &Region) -> Point {
    let lat_e7 = region.lat_e7 + chance.between(-900_000, 900_000);
    let lon_e7 = region.lon_e7 + chance.between(-1_100_000, 1_100_000);
    Point { lat_e7, lon_e7, datum: client_core::geo::Datum::Wgs84 }
}

fn contacts(chance: &mut Chance, at: Timestamp) -> Vec<(ItemId, String, &'static str)> {
    (0..chance.between(1, 3))
        .map(|_| {
            let name = format!(
                "{}{}",
                chance.word(&names::CONTACT_SURNAMES),
                chance.word(&names::CONTACT_GIVEN)
            );
            (chance.item(at), name, chance.word(&names::TITLES))
        })
        .collect()
}
