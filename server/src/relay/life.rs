//! Which life of its data a phone is in.
//!
//! A phone that was restored from a copy, or that lives twice, knows less of what its
//! device stored than we do, and does not bring it either. It must not go on as that
//! device: it would use sequence numbers again, and the feed would leave out what its
//! other life wrote. A lost answer looks the same at first, but then the phone brings
//! everything again that it was not told of, or names what it will bring later.

use std::collections::HashSet;

use client_core::docs::ChangeHash;
use client_core::faults::{Fault, injected};
use client_core::protocol::SyncRequest;
use client_core::protocol::hand_back::hash_of;

use super::SyncError;
use crate::app::App;
use crate::auth::SignedDevice;
use crate::storage::Accounts;
use crate::storage::model::Seq;

/// The position of the last thing that the device stored.
pub(super) async fn recognise(
    app: &App,
    from: &SignedDevice,
    request: &SyncRequest,
    same_life: bool,
) -> Result<Option<Seq>, SyncError> {
    let org = from.signed.org;
    let stored = app.storage().stored_up_to(org, from.device).await?;
    let (Some(known), Some(last)) = (request.pushed.map(Seq::from_wire), stored) else {
        return Ok(stored);
    };
    // Numbers of another life of our own data say nothing.
    if known >= last || !same_life || injected(Fault::SequenceReused) {
        return Ok(stored);
    }
    let brought: HashSet<ChangeHash> = request
        .groups
        .iter()
        .flat_map(|group| group.changes.iter().filter_map(|bytes| hash_of(bytes)))
        .collect();
    let untold = app.storage().stored_after(org, from.device, known).await?;
    let named = request.unheard.names();
    if untold.iter().all(|hash| brought.contains(hash) || named.holds(hash)) {
        return Ok(stored);
    }
    tracing::warn!(%org, device = %from.device,
        "a copy of a phone's data is behind what the phone stored: it becomes a device of its own");
    Err(SyncError::Forked)
}
