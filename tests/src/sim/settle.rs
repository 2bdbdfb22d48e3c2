//! The end of a run: everybody has signal, and syncs until nothing moves.

use client_core::engine::Pending;
use client_core::sync::TransportFault;

use super::phone::Standing;
use super::script::Fate;
use super::world::{Broken, Way, World};

/// Rounds of syncs. Work travels up in one and down in the next; a queue of small
/// requests is one sync all the same.
const ROUNDS: usize = 8;

/// Settles the world.
pub fn settle(world: &mut World<'_>) -> Result<(), Broken> {
    world.network.clear();
    world.server.spare();
    world.phones.iter().for_each(super::phone::SimPhone::spare);
    for number in 0..world.phones.len() {
        world.give_up(number, TransportFault::Offline)?;
    }
    let mut before = Vec::new();
    for _ in 0..ROUNDS {
        world.pass(60_000);
        for number in 0..world.phones.len() {
            world.sync(number, &mut |_message| Way::Carry(Fate::Whole))?;
        }
        let now = traces(world)?;
        if now == before {
            return Ok(());
        }
        before = now;
    }
    Err(format!("phones still find something to sync after {ROUNDS} rounds"))
}

/// What a round would change, if anything.
fn traces(world: &mut World<'_>) -> Result<Vec<(Pending, Vec<u8>)>, Broken> {
    let mut traces = Vec::new();
    for phone in &mut world.phones {
        if phone.standing == Standing::Out {
            // It may sign in with the next round.
            traces.push((Pending::default(), Vec::new()));
            continue;
        }
        let pending = phone.client().pending().map_err(|error| error.to_string())?;
        let cursor =
            phone
                .eyes()
                .query_row("select value from meta where key = 'cursor'", [], |row| row.get(0));
        traces.push((pending, cursor.unwrap_or_default()));
    }
    Ok(traces)
}
