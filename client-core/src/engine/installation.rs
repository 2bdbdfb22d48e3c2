//! Is this the phone that the replica was made on?
//!
//! A phone restored from a backup, or a replica copied to another phone, must not go
//! on as the device it was: the other life may be writing too. So the replica holds a
//! secret that the keystore of its phone holds as well, and that no backup carries
//! along. Where the two differ, the replica becomes a device of its own, without
//! signal and before anything is saved. A keystore that cannot be read now says
//! nothing; a copy put back on the same phone is noticed by the server.

use super::random::id_bytes;
use super::{Config, TokenStore, session};
use crate::faults::{Fault, injected};
use crate::id::{ActorId, DeviceId, ReplicaId};
use crate::store::{self, Identity, Key, Store, StoreError};

/// Bytes of an installation's secret.
pub const INSTALLATION: usize = 16;

/// Recognises the phone, or makes the replica a device of its own.
pub(super) fn recognise(
    config: &Config,
    tokens: &dyn TokenStore,
    store: &Store,
) -> Result<(), StoreError> {
    let own = store.identity();
    let Ok(kept) = tokens.installation(own.org, own.user) else { return Ok(()) };
    let held: Option<[u8; INSTALLATION]> =
        store.read(|conn| store::meta::get(conn, Key::Installation))?;
    let secret = match (held, kept) {
        (Some(held), Some(kept)) if held == kept => return Ok(()),
        (None, Some(kept)) => kept,
        (held, kept) => {
            let secret = kept.unwrap_or_else(|| fresh_secret(config));
            if kept.is_none() && tokens.keep_installation(own.org, own.user, &secret).is_err() {
                // Another time: without it nothing could be told apart.
                return Ok(());
            }
            if held.is_some() && !injected(Fault::SequenceReused) {
                tracing::warn!(
                    "the replica came from another phone: it becomes a device of its own"
                );
                renew(config, store)?;
            }
            secret
        }
    };
    store.write(|tx| store::meta::set(tx, Key::Installation, &secret))
}

/// Makes the replica a device of its own.
pub(super) fn renew(config: &Config, store: &Store) -> Result<(), StoreError> {
    let (own, at, random) = (store.identity(), config.clock.now(), &*config.random);
    let (device, actor, mut replica) = (
        DeviceId::new(at, id_bytes(random)),
        ActorId::new(at, id_bytes(random)),
        ReplicaId::new(at, id_bytes(random)),
    );
    if injected(Fault::ReplicaSkipAfterRestore) {
        replica = own.replica;
    }
    let fresh = Identity { device, actor, replica, ..own };
    store.renew(&fresh)?;
    if session::replace_enrolment(&config.dir, own.device, &fresh).is_err() {
        // A sign-in then asks twice, as the former device and as the new one.
        tracing::warn!("the new device could not be noted beside the replica");
    }
    Ok(())
}

/// The same because the server knows another life of it. From now on this phone knows the
/// replica by another secret, so that an older copy of it is recognised when it is put
/// back: the tokens here are not that one's.
pub(super) fn renew_here(
    config: &Config,
    tokens: &dyn TokenStore,
    store: &Store,
) -> Result<(), StoreError> {
    renew(config, store)?;
    let (own, secret) = (store.identity(), fresh_secret(config));
    if tokens.keep_installation(own.org, own.user, &secret).is_err() {
        return Ok(());
    }
    store.write(|tx| store::meta::set(tx, Key::Installation, &secret))
}

fn fresh_secret(config: &Config) -> [u8; INSTALLATION] {
    let mut secret = [0; INSTALLATION];
    config.random.fill(&mut secret);
    secret
}
