//! Who is signed in, and which file is theirs.
//!
//! Small files beside the replicas, readable by the owner only: `session.json` says
//! who was last here, so that an app without signal opens that replica;
//! `devices.json` says as which device each login and each code enrols, so that a
//! repeated sign-in is the same device; `server.json` says which server an
//! invitation named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Random;
use super::random::id_bytes;
use super::token::write_private;
use crate::id::{ActorId, DeviceId, OrgId, ReplicaId, UserId};
use crate::protocol::EnrolmentCode;
use crate::records::Role;
use crate::store::Identity;
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

/// As what a login or a code enrols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Enrolment {
    pub device: DeviceId,
    pub actor: ActorId,
    pub replica: ReplicaId,
    /// Shows the server that a code's request is repeated by the same phone. Worth
    /// nothing without the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<[u8; 10]>,
}

/// Under what an enrolment is remembered.
#[derive(Clone, Copy)]
pub(super) enum EnrolledBy<'a> {
    Login(&'a str),
    Code(EnrolmentCode),
}

impl EnrolledBy<'_> {
    /// No login has a colon, and a code is not kept in clear.
    fn key(self) -> String {
        match self {
            Self::Login(login) => login.to_owned(),
            Self::Code(code) => format!("code:{}", HEXLOWER.encode(&code.hash())),
        }
    }
}

impl Enrolment {
    fn fresh(at: Timestamp, random: &dyn Random) -> Self {
        Self {
            device: DeviceId::new(at, id_bytes(random)),
            actor: ActorId::new(at, id_bytes(random)),
            replica: ReplicaId::new(at, id_bytes(random)),
            proof: None,
        }
    }
}

pub(super) fn replica_path(dir: &Path, org: OrgId, user: UserId) -> PathBuf {
    dir.join(format!("{org}_{user}.fieldsync"))
}

/// Whose replicas are here.
pub(super) fn replicas(dir: &Path) -> Vec<(OrgId, UserId)> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let whose = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".fieldsync")?;
        let (org, user) = name.split_once('_')?;
        Some((org.parse().ok()?, user.parse().ok()?))
    };
    entries.filter_map(|entry| whose(entry.ok()?.path())).collect()
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

/// The device this login or code enrols as: the same one every time.
pub(super) fn enrolment(
    dir: &Path,
    by: EnrolledBy<'_>,
    at: Timestamp,
    random: &dyn Random,
) -> std::io::Result<Enrolment> {
    if let Some(enrolment) = devices(dir).get(&by.key()) {
        return Ok(*enrolment);
    }
    let mut fresh = Enrolment::fresh(at, random);
    if matches!(by, EnrolledBy::Code(_)) {
        fresh.proof = Some(id_bytes(random));
    }
    remember_enrolment(dir, by, fresh)?;
    Ok(fresh)
}

/// From now on, this login or code enrols as this device.
pub(super) fn remember_enrolment(
    dir: &Path,
    by: EnrolledBy<'_>,
    enrolment: Enrolment,
) -> std::io::Result<()> {
    let mut known = devices(dir);
    if known.insert(by.key(), enrolment) == Some(enrolment) {
        return Ok(());
    }
    write(&dir.join("devices.json"), &known)
}

/// Whoever enrolled as `former` is this device from now on.
pub(super) fn replace_enrolment(
    dir: &Path,
    former: DeviceId,
    fresh: &Identity,
) -> std::io::Result<()> {
    let mut known = devices(dir);
    for enrolment in known.values_mut().filter(|enrolment| enrolment.device == former) {
        (enrolment.device, enrolment.actor, enrolment.replica) =
            (fresh.device, fresh.actor, fresh.replica);
    }
    write(&dir.join("devices.json"), &known)
}

/// Nobody enrols as this device any more.
pub(super) fn forget_enrolment(dir: &Path, device: DeviceId) -> std::io::Result<()> {
    let mut known = devices(dir);
    known.retain(|_by, enrolment| enrolment.device != device);
    write(&dir.join("devices.json"), &known)
}

/// Every device this phone ever enrolled as, or tried to.
pub(super) fn devices(dir: &Path) -> BTreeMap<String, Enrolment> {
    read(&dir.join("devices.json")).unwrap_or_default()
}

/// The server that an invitation named.
pub(super) fn last_server(dir: &Path) -> Option<String> {
    read::<ServerFile>(&dir.join("server.json")).map(|file| file.server)
}

pub(super) fn remember_server(dir: &Path, server: &str) -> std::io::Result<()> {
    write(&dir.join("server.json"), &ServerFile { server: server.to_owned() })
}

#[derive(Serialize, Deserialize)]
struct ServerFile {
    server: String,
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn write<T: Serialize>(path: &Path, value: &T) -> std::io::Result<()> {
    write_private(path, &serde_json::to_vec(value)?)
}
