//! Who is signed in, and which file is theirs.
//!
//! Two small files beside the replicas: `session.json` says who was last here, so
//! that an app without signal opens that replica; `devices.json` says as which
//! device each login enrols, so that a repeated sign-in is the same device. Neither
//! holds a secret.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Random;
use super::random::id_bytes;
use super::token::write_private;
use crate::id::{ActorId, DeviceId, OrgId, ReplicaId, UserId};
use crate::records::Role;
use crate::time::Timestamp;

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// The org.
    pub org: OrgId,
    /// Its name.
    pub org_name: String,
    /// The person.
    pub user: UserId,
    /// Their name.
    pub user_name: String,
    /// What they may do.
    pub role: Role,
}

/// As what a login enrols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Enrolment {
    pub device: DeviceId,
    pub actor: ActorId,
    pub replica: ReplicaId,
}

impl Enrolment {
    fn fresh(at: Timestamp, random: &dyn Random) -> Self {
        Self {
            device: DeviceId::new(at, id_bytes(random)),
            actor: ActorId::new(at, id_bytes(random)),
            replica: ReplicaId::new(at, id_bytes(random)),
        }
    }
}

pub(super) fn replica_path(dir: &Path, org: OrgId, user: UserId) -> PathBuf {
    dir.join(format!("{org}_{user}.fieldsync"))
}

pub(super) fn last_session(dir: &Path) -> Option<SignedIn> {
    read(&dir.join("session.json"))
}

pub(super) fn remember_session(dir: &Path, session: &SignedIn) -> std::io::Result<()> {
    write(&dir.join("session.json"), session)
}

pub(super) fn forget_session(dir: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(dir.join("session.json")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The device this login enrols as: the same one every time.
pub(super) fn enrolment(
    dir: &Path,
    login: &str,
    at: Timestamp,
    random: &dyn Random,
) -> std::io::Result<Enrolment> {
    let path = dir.join("devices.json");
    let mut known: BTreeMap<String, Enrolment> = read(&path).unwrap_or_default();
    if let Some(enrolment) = known.get(login) {
        return Ok(*enrolment);
    }
    let fresh = Enrolment::fresh(at, random);
    known.insert(login.to_owned(), fresh);
    write(&path, &known)?;
    Ok(fresh)
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn write<T: Serialize>(path: &Path, value: &T) -> std::io::Result<()> {
    write_private(path, &serde_json::to_vec(value)?)
}
