//! What somebody at the office writes with.
//!
//! A change names an actor, and phones turn actors into people by the device
//! records. So whoever edits in a browser or imports a file has a device too, of
//! the platform `office`: one for each person and server process, with an actor of
//! its own, because two processes that wrote as one actor would use a sequence
//! number twice after a restored backup. It is no phone: nobody waits to hear
//! from it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use client_core::id::{ActorId, DeviceId, OrgId, ReplicaId, UserId};
use client_core::records::DeviceRecord;

use super::Office;
use crate::storage::model::{Enrolment, NewDevice, Origin};
use crate::storage::{Accounts, StorageError};

/// The hand that one person writes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hand {
    /// Who writes.
    pub user: UserId,
    /// The device that stands for the office.
    pub device: DeviceId,
    /// The actor of its changes.
    pub actor: ActorId,
    /// The copy of the data it writes to: none of the phones'.
    pub replica: ReplicaId,
}

impl Hand {
    /// Who pushed, as the change log keeps it.
    pub(crate) const fn origin(&self) -> Origin {
        Origin { user: self.user, device: self.device, replica: self.replica }
    }
}

/// Why somebody has no hand at the office.
#[derive(Debug, thiserror::Error)]
pub enum HandError {
    /// There is no such person.
    #[error("there is no user {user}")]
    UnknownUser {
        /// What was given.
        user: UserId,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The hands of this process.
#[derive(Default)]
pub(crate) struct Hands {
    by_user: Mutex<HashMap<(OrgId, UserId), Known>>,
}

#[derive(Clone, Copy)]
struct Known {
    hand: Hand,
    enrolled: bool,
}

impl Hands {
    /// The hand of a person, the same for all who ask at the same time.
    fn of(&self, org: OrgId, user: UserId, fresh: impl FnOnce() -> Hand) -> Known {
        let mut by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        let known = by_user.entry((org, user));
        *known.or_insert_with(|| Known { hand: fresh(), enrolled: false })
    }

    fn note_enrolled(&self, org: OrgId, user: UserId) {
        let mut by_user = self.by_user.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = by_user.get_mut(&(org, user)) {
            known.enrolled = true;
        }
    }

    fn forget(&self, org: OrgId, user: UserId) {
        self.by_user.lock().unwrap_or_else(PoisonError::into_inner).remove(&(org, user));
    }
}

impl Office {
    /// What `user` writes with in this process; enrolled when it is asked for first.
    pub async fn hand(&self, user: UserId) -> Result<Hand, HandError> {
        let fresh = || Hand {
            user,
            device: self.fresh(DeviceId::new),
            actor: self.fresh(ActorId::new),
            replica: self.fresh(ReplicaId::new),
        };
        let known = self.app.hands().of(self.org, user, fresh);
        if known.enrolled {
            return Ok(known.hand);
        }
        if self.user(user).await?.is_none() {
            self.app.hands().forget(self.org, user);
            return Err(HandError::UnknownUser { user });
        }
        let device = NewDevice {
            device: known.hand.device,
            user,
            actor: known.hand.actor,
            name: "the office".to_owned(),
            platform: DeviceRecord::OFFICE.to_owned(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        match self.app.storage().enrol(self.org, device, self.now()).await? {
            Enrolment::New | Enrolment::Known => {
                self.app.hands().note_enrolled(self.org, user);
                Ok(known.hand)
            }
            Enrolment::Taken | Enrolment::Revoked => {
                self.app.hands().forget(self.org, user);
                let reason = "the office's device of this person was revoked: try again".to_owned();
                Err(StorageError::Unavailable { reason }.into())
            }
        }
    }
}
