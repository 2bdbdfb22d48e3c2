//! What visits hear beside needs: competitors, and that somebody wants help.
//!
//! It is thrown by dice of its own, so that visits, deals and scores stay as they are.

use client_core::id::ItemId;
use client_core::time::Timestamp;

use super::chance::Chance;
use super::history::PastVisit;
use super::names;
use super::world::World;

/// A visit in a hundred names a competitor so often.
const COMPETITORS: u32 = 9;
/// And asks for help so often, if it is of the last days.
const HELP: u32 = 7;
/// How many days back somebody still waits for help.
const WAITS_DAYS: i64 = 9;

/// A competitor that a visit saw.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// The item.
    pub id: ItemId,
    /// Who.
    pub name: &'static str,
    /// What was said of them.
    pub note: &'static str,
}

/// Help that a visit asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Its code.
    pub kind: &'static str,
    /// In words.
    pub text: &'static str,
}

/// Lets each of `visits` hear something or nothing.
pub fn hear(world: &World, visits: &mut [PastVisit]) {
    let mut chance = Chance::new(world.seed, 7);
    let waits: Timestamp = world.zone.start_of(world.today.plus_days(-WAITS_DAYS));
    for visit in visits {
        if chance.percent(COMPETITORS) {
            visit.competitor = Some(Seen {
                id: chance.item(visit.start),
                name: chance.word(&names::COMPETITORS),
                note: chance.word(&names::SEEN),
            });
        }
        if chance.percent(HELP) && visit.start >= waits {
            visit.help = chance.pick(&names::HELP).map(|&(kind, text)| Wanted { kind, text });
        }
    }
}
