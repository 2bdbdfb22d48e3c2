//! What a revoked phone leaves behind.
//!
//! A phone that was revoked must hold nothing of the org any more, and what its rep
//! did in good faith must not be lost with it. So before the phone lets go of its
//! replica, the work that the server has no final answer for is written into a file
//! that the phone itself cannot read again: sealed to a key of the org's, whose
//! other half never leaves the server. Whoever looks after the server opens it.
//!
//! The file holds the changes as they were to be sent, and each document that they
//! belong to as it stood, because a change alone says little to a person.

mod seal;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::docs::Header;
use crate::id::{ActorId, DeviceId, OrgId, ReplicaId, UserId};
use crate::protocol::{AccessStamp, Command};
use crate::time::Timestamp;

pub use seal::{EPHEMERAL, OpenRescueError, RescueKey, RescueSecret};

/// The ending of a rescue file's name.
pub const EXTENSION: &str = "rescue";

/// The layout of the content.
const LAYOUT: u8 = 1;

/// What was saved from a revoked phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescue {
    #[serde(rename = "v")]
    layout: u8,
    /// The org.
    #[serde(rename = "o")]
    pub org: OrgId,
    /// Whose work it is.
    #[serde(rename = "u")]
    pub user: UserId,
    /// Their name, as the phone knew it.
    #[serde(rename = "n")]
    pub user_name: String,
    /// The phone.
    #[serde(rename = "d")]
    pub device: DeviceId,
    /// The actor that wrote the changes.
    #[serde(rename = "a")]
    pub actor: ActorId,
    /// The copy of the data they come from.
    #[serde(rename = "r")]
    pub replica: ReplicaId,
    /// When the file was made, by the phone's clock.
    #[serde(rename = "t")]
    pub at: Timestamp,
    /// The changes, oldest first.
    #[serde(rename = "c")]
    pub changes: Vec<RescuedChange>,
    /// The documents they belong to, with everything in them.
    #[serde(rename = "s")]
    pub documents: Vec<RescuedDocument>,
    /// Requests that were not answered.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
}

/// A change without a final answer, or one that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescuedChange {
    /// The header of its document.
    #[serde(rename = "h")]
    pub header: Header,
    /// The access stamp it was written under.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<AccessStamp>,
    /// Raw change bytes.
    #[serde(rename = "b")]
    pub bytes: ByteBuf,
    /// When it was saved, by the phone's clock.
    #[serde(rename = "t")]
    pub saved_at: Timestamp,
    /// `saved`, `sent`, `quarantined`, `rejected` or `set_aside`.
    #[serde(rename = "w")]
    pub state: String,
    /// Why it was not taken, if the server said so.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A document as the phone held it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RescuedDocument {
    /// Its header.
    #[serde(rename = "h")]
    pub header: Header,
    /// Its whole history.
    #[serde(rename = "b")]
    pub snapshot: ByteBuf,
}

/// Whose file it is and when it was made; see [`Rescue`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RescueOrigin {
    /// The org.
    pub org: OrgId,
    /// Whose work it is.
    pub user: UserId,
    /// Their name.
    pub user_name: String,
    /// The phone.
    pub device: DeviceId,
    /// The actor of the changes.
    pub actor: ActorId,
    /// The copy of the data.
    pub replica: ReplicaId,
    /// Now.
    pub at: Timestamp,
}

impl Rescue {
    /// An empty one.
    pub fn new(origin: RescueOrigin) -> Self {
        let RescueOrigin { org, user, user_name, device, actor, replica, at } = origin;
        Self {
            layout: LAYOUT,
            org,
            user,
            user_name,
            device,
            actor,
            replica,
            at,
            changes: Vec::new(),
            documents: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// Whether there is nothing to save.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.commands.is_empty()
    }

    /// The file: readable with the org's secret and by nobody else, the phone included.
    /// `ephemeral` is random and used once.
    pub fn seal(&self, key: &RescueKey, ephemeral: [u8; EPHEMERAL]) -> Vec<u8> {
        let mut content = Vec::new();
        // Writing to memory cannot fail, and every field has a CBOR form.
        let written = ciborium::into_writer(self, &mut content);
        debug_assert!(written.is_ok());
        seal::seal(&content, self.org, key, ephemeral)
    }

    /// Opens a file.
    ///
    /// # Errors
    /// [`OpenRescueError`], which says whether it is another org's, damaged, or newer.
    pub fn open(file: &[u8], org: OrgId, secret: &RescueSecret) -> Result<Self, OpenRescueError> {
        let content = seal::open(file, org, secret)?;
        let rescue: Self = ciborium::from_reader(content.as_slice())
            .map_err(|error| OpenRescueError::Unreadable { reason: error.to_string() })?;
        if rescue.layout != LAYOUT {
            let reason = format!("it has layout {}, this program knows {LAYOUT}", rescue.layout);
            return Err(OpenRescueError::Unreadable { reason });
        }
        Ok(rescue)
    }
}

#[cfg(test)]
mod tests;
