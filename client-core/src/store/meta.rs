//! Who the replica is and how far it has come.

use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{OpenError, StoreError};
use crate::id::{ActorId, DeviceId, OrgId, ReplicaId, UserId};

/// Whose data, on which installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The org.
    pub org: OrgId,
    /// The person.
    pub user: UserId,
    /// The installation.
    pub device: DeviceId,
    /// The actor it writes as; the server binds it to the device.
    pub actor: ActorId,
    /// This copy of the data.
    pub replica: ReplicaId,
}

/// What the replica remembers about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// [`Identity`].
    Identity,
    /// The server's cursor, where the last stored page ended.
    Cursor,
    /// The access stamp in force.
    Stamp,
    /// The last server time seen, a timestamp.
    ServerSeen,
    /// The server time up to which everything was pulled.
    KnownUpTo,
    /// The hash of this device's previous submit.
    PreviousSubmit,
    /// The oldest app version that may pull.
    MinimumApp,
    /// The row format of the projections.
    RowVersion,
    /// The org's key to which unsent work is sealed if this phone is revoked.
    RescueKey,
    /// What the keystore of this phone holds too, and a copy of the file on another
    /// phone does not: a copy is recognised by it.
    Installation,
    /// The server does not know the present device yet.
    Unbound,
    /// Actors this replica wrote as before it became a device of its own.
    FormerActors,
    /// The feed position of the last thing this device stored.
    Pushed,
    /// The last document that was offered to a server that lost something.
    HandBack,
    /// Records of the server's former life are still among those here.
    Stale,
}

impl Key {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Cursor => "cursor",
            Self::Stamp => "stamp",
            Self::ServerSeen => "server_seen",
            Self::KnownUpTo => "known_up_to",
            Self::PreviousSubmit => "previous_submit",
            Self::MinimumApp => "minimum_app",
            Self::RowVersion => "row_version",
            Self::RescueKey => "rescue_key",
            Self::Installation => "installation",
            Self::Unbound => "unbound",
            Self::FormerActors => "former_actors",
            Self::Pushed => "pushed",
            Self::HandBack => "hand_back",
            Self::Stale => "stale",
        }
    }
}

/// Reads a value.
pub(crate) fn get<T: DeserializeOwned>(
    conn: &Connection,
    key: Key,
) -> Result<Option<T>, StoreError> {
    let bytes: Option<Vec<u8>> = conn
        .prepare_cached("select value from meta where key = ?1")?
        .query_row(params![key.as_str()], |row| row.get(0))
        .optional()?;
    bytes
        .map(|bytes| {
            ciborium::from_reader(bytes.as_slice())
                .map_err(|error| StoreError::damaged("meta", format!("{}: {error}", key.as_str())))
        })
        .transpose()
}

/// Writes a value.
pub(crate) fn set<T: Serialize>(conn: &Connection, key: Key, value: &T) -> Result<(), StoreError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes)
        .map_err(|error| StoreError::damaged("meta", format!("{}: {error}", key.as_str())))?;
    conn.prepare_cached(
        "insert into meta (key, value) values (?1, ?2)
         on conflict (key) do update set value = excluded.value",
    )?
    .execute(params![key.as_str(), bytes])?;
    Ok(())
}

/// Forgets a value.
pub(crate) fn clear(conn: &Connection, key: Key) -> Result<(), StoreError> {
    conn.prepare_cached("delete from meta where key = ?1")?.execute(params![key.as_str()])?;
    Ok(())
}

/// The identity of the file: the one it has, or `wanted` if it is new.
pub(super) fn settle_identity(
    writer: &Connection,
    wanted: &Identity,
) -> Result<Identity, OpenError> {
    match get::<Identity>(writer, Key::Identity)? {
        Some(found) if (found.org, found.user) == (wanted.org, wanted.user) => Ok(found),
        Some(_) => {
            Err(OpenError::AnotherUser { path: writer.path().map(Into::into).unwrap_or_default() })
        }
        None => {
            set(writer, Key::Identity, wanted)?;
            Ok(*wanted)
        }
    }
}
