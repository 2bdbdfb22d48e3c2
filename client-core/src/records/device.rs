use serde::{Deserialize, Serialize};

use crate::id::{ActorId, DeviceId, UserId};
use crate::time::Timestamp;

/// An enrolled installation. Public, because it is what turns the actor of a
/// change into the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRecord {
    /// The device.
    pub id: DeviceId,
    /// Whose it is.
    pub user: UserId,
    /// The actor it writes as.
    pub actor: ActorId,
    /// `ios`, `android`, `office`, …
    pub platform: String,
    /// When the server bound the actor.
    pub enrolled_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl DeviceRecord {
    /// The platform of what the office writes with: no phone, and nobody waits to
    /// hear from it.
    pub const OFFICE: &'static str = "office";
}
