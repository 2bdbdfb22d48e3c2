//! The end of a phone's access.
//!
//! Only the server's own word ends it: "this device or user was revoked". Then the
//! phone first brings what was not stored into safety, sealed so that it cannot read
//! it again itself, and lets go of everything else. The tokens go last: a phone that
//! was ended in between asks again, hears the same, and finishes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;

use super::client::{Client, Inner};
use super::session::{self, Enrolment, SignedIn};
use super::token::write_private;
use super::{SignInError, TokenStoreError, WipeError, secrets};
use crate::id::RecordId;
use crate::records::{Record, RecordKind, Role};
use crate::rescue::{EPHEMERAL, EXTENSION, RescueKey, RescueOrigin};
use crate::store::{self, Identity, Key, Store, StoreError};
use crate::time::Timestamp;

impl Client {
    /// Sealed files with work of people whose access ended on this phone before it
    /// was stored, oldest first. Whoever looks after the server reads them with
    /// `fieldsync rescue open`; the app hands them on and may delete them then.
    pub fn rescue_files(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.inner.config.dir) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|found| found == EXTENSION))
            .collect();
        files.sort();
        files
    }
}

impl Client {
    /// Removes the data of whoever is signed in from this phone, and signs them out. What
    /// was not sent is first sealed into a rescue file; see [`Client::rescue_files`].
    /// Running syncs are cancelled. Another person's replica here stays.
    ///
    /// # Errors
    /// [`WipeError`]; but for [`WipeError::Keychain`] nothing was removed then.
    pub fn wipe(&self) -> Result<(), WipeError> {
        let _turn = self.inner.turn();
        let (who, store) = self.inner.replica()?;
        self.inner.driver.cancel();
        let forgotten = let_go(&self.inner, &who, &store, self.inner.config.clock.now())?;
        forgotten.map_err(|TokenStoreError { reason }| WipeError::Keychain { reason })
    }
}

/// Lets go of a person's data on this phone. What was not stored is in a rescue file
/// before anything is removed. Gives what the keychain said, which is asked last.
pub(super) fn let_go(
    inner: &Arc<Inner>,
    who: &SignedIn,
    store: &Store,
    now: Timestamp,
) -> Result<Result<(), TokenStoreError>, StoreError> {
    // Nobody saves into what is being emptied.
    let taken = inner.lock().take_if(|session| session.who == *who);
    let dir = &inner.config.dir;
    let device = store.identity().device;
    if let Err(error) = store.wipe(|conn| rescue(inner, who, store, conn, now)) {
        let mut session = inner.lock();
        if session.is_none() {
            *session = taken;
        }
        return Err(error);
    }
    drop(taken);
    inner.everything_touched();
    let unusable = |error: std::io::Error| StoreError::damaged("file", error);
    for suffix in ["-wal", "-shm", ""] {
        let mut name = store.path().as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unusable(error));
            }
            _ => {}
        }
    }
    if session::last_session(dir).is_some_and(|last| last == *who) {
        session::forget_session(dir).map_err(unusable)?;
    }
    session::forget_enrolment(dir, device).map_err(unusable)?;
    // What opened the file opens nothing more.
    let secrets = secrets::forget(&inner.config, who.org, who.user);
    let tokens = inner.tokens.forget(who.org, who.user);
    let forgotten = secrets.map_err(TokenStoreError::from).and(tokens);
    if let Err(error) = &forgotten {
        tracing::warn!(%error, "a secret of what was wiped could not be forgotten");
    }
    Ok(forgotten)
}

/// Lets go of what stayed here when somebody signed out, once a sign-in says that the
/// device was revoked meanwhile.
pub(super) fn let_go_of(inner: &Arc<Inner>, enrolment: Enrolment) -> Result<(), SignInError> {
    let _turn = inner.turn();
    inner.awake()?;
    let now = inner.config.clock.now();
    for (org, user) in session::replicas(&inner.config.dir) {
        let Enrolment { device, actor, replica, proof: _ } = enrolment;
        let identity = Identity { org, user, device, actor, replica };
        let path = session::replica_path(&inner.config.dir, org, user);
        let store = secrets::open_file(&inner.config, &path, &identity)?;
        if store.identity().device != device {
            continue;
        }
        let (org_name, user_name) = (String::new(), String::new());
        let who = SignedIn { org, org_name, user, user_name, role: Role::Rep };
        // The device is revoked: what the keychain still keeps opens nothing.
        let _forgotten = let_go(inner, &who, &store, now)
            .map_err(|error| SignInError::Keep { reason: error.to_string() })?;
    }
    Ok(())
}

fn rescue(
    inner: &Inner,
    who: &SignedIn,
    store: &Store,
    conn: &rusqlite::Connection,
    now: Timestamp,
) -> Result<(), StoreError> {
    let own = store.identity();
    let origin = RescueOrigin {
        org: who.org,
        user: who.user,
        user_name: name(conn, who)?,
        device: own.device,
        actor: own.actor,
        replica: own.replica,
        at: now,
    };
    let rescue = store::rescue::collect(conn, origin)?;
    if rescue.is_empty() {
        return Ok(());
    }
    let key: Option<[u8; 32]> = store::meta::get(conn, Key::RescueKey)?;
    let Some(key) = key else {
        let reason = "this phone never received the key to which unsent work is sealed";
        return Err(StoreError::damaged("meta", reason));
    };
    let mut ephemeral = [0; EPHEMERAL];
    inner.config.random.fill(&mut ephemeral);
    let file = rescue.seal(&RescueKey::from_bytes(key), ephemeral);
    write_private(&path(&inner.config.dir, who, own.device), &file).map_err(|error| {
        match error.kind() {
            std::io::ErrorKind::StorageFull => StoreError::Full,
            _ => StoreError::damaged("rescue file", error),
        }
    })
}

/// Their name: after a sign-out only the replica's records know it.
fn name(conn: &rusqlite::Connection, who: &SignedIn) -> Result<String, StoreError> {
    if !who.user_name.is_empty() {
        return Ok(who.user_name.clone());
    }
    let id = RecordId::from_bytes(*who.user.as_bytes());
    Ok(match store::record::get(conn, RecordKind::User, id)? {
        Some(Record::User(user)) => user.name,
        _ => String::new(),
    })
}

/// One file for each life of a replica: making it again replaces it.
fn path(dir: &Path, who: &SignedIn, device: crate::id::DeviceId) -> PathBuf {
    dir.join(format!("{}_{}_{device}.{EXTENSION}", who.org, who.user))
}

/// The key from a sign-in's answer.
pub(super) fn rescue_key(text: Option<&str>) -> Option<[u8; 32]> {
    HEXLOWER.decode(text?.as_bytes()).ok()?.try_into().ok()
}
