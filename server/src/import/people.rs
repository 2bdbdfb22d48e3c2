//! Who a name in a file is.

use std::collections::{BTreeMap, BTreeSet};

use client_core::id::{UnitId, UserId};
use client_core::records::{UserRecord, UserStatus};

use super::ImportError;
use super::session::Session;
use crate::storage::model::{ExternalKey, ExternalKind};
use crate::storage::{Accounts, Imports, StorageError};

/// What keys of managers begin with: one may be a rep of the same name too, and the
/// keys must not be one.
pub(super) const MANAGER: &str = "manager/";

/// Everybody, by what files may call them.
pub(super) struct People {
    users: BTreeMap<UserId, UserRecord>,
    /// What the source calls people.
    pub keys: BTreeMap<String, ExternalKey>,
    by_login: BTreeMap<String, UserId>,
    by_name: BTreeMap<String, BTreeSet<UserId>>,
    /// Where somebody without a unit belongs.
    pub root: UnitId,
}

impl People {
    pub(super) async fn read(session: &Session) -> Result<Self, ImportError> {
        let storage = session.app.storage();
        let known = storage.external_keys_of(session.org, &session.source, ExternalKind::User);
        let keys = known.await?.into_iter().map(|key| (key.key.clone(), key)).collect();
        let units = session.office.units().await?;
        let root = units.values().find(|unit| unit.parent.is_none()).map(|unit| unit.id);
        let root = root.ok_or(StorageError::Missing { what: "the unit at the top" })?;
        let mut people = Self {
            users: BTreeMap::new(),
            keys,
            by_login: BTreeMap::new(),
            by_name: BTreeMap::new(),
            root,
        };
        for account in storage.accounts(session.org).await? {
            people.add(account.login, account.user);
        }
        Ok(people)
    }

    pub(super) fn add(&mut self, login: String, user: UserRecord) {
        self.by_login.insert(login, user.id);
        self.by_name.entry(fold(&user.name)).or_default().insert(user.id);
        self.users.insert(user.id, user);
    }

    /// Somebody's record is another one now.
    pub(super) fn put(&mut self, user: UserRecord) {
        self.users.insert(user.id, user);
    }

    pub(super) fn user(&self, id: UserId) -> Option<&UserRecord> {
        self.users.get(&id)
    }

    pub(super) fn has_login(&self, login: &str) -> bool {
        self.by_login.contains_key(login)
    }

    /// The only person of this name.
    pub(super) fn only_one_named(&self, name: &str) -> Option<&UserRecord> {
        let named = self.by_name.get(&fold(name))?;
        match named.iter().next().filter(|_one| named.len() == 1) {
            Some(one) => self.users.get(one),
            None => None,
        }
    }

    /// The only person of this name, unless the source calls that one something else:
    /// two keys are two people, whatever they are called.
    pub(super) fn adoptable(&self, name: &str) -> Option<&UserRecord> {
        let one = self.only_one_named(name)?;
        let taken = |(key, known): (&String, &ExternalKey)| {
            known.id == *one.id.as_bytes() && !key.starts_with(MANAGER) && fold(key) != fold(name)
        };
        (!self.keys.iter().any(taken)).then_some(one)
    }

    /// Who a file means: by the source's key, the login or the name.
    pub(super) fn meant(&self, said: &str) -> Result<&UserRecord, String> {
        let keyed = self.keys.get(said).map(|key| UserId::from_bytes(key.id));
        let found = keyed.or_else(|| self.by_login.get(said).copied());
        if let Some(user) = found.and_then(|id| self.users.get(&id)) {
            return Ok(user);
        }
        let named = self.by_name.get(&fold(said)).map(BTreeSet::len).unwrap_or_default();
        match (self.only_one_named(said), named) {
            (Some(user), _) => Ok(user),
            (None, 0) => Err(format!("nobody is called {said:?}: import the team first")),
            (None, many) => Err(format!("{many} people are called {said:?}: use the login")),
        }
    }

    /// The same, if they may hold something new.
    pub(super) fn holder(&self, said: &str) -> Result<&UserRecord, String> {
        let user = self.meant(said)?;
        if user.status == UserStatus::Disabled {
            return Err(format!("{said:?} can no longer sign in and cannot hold anything"));
        }
        Ok(user)
    }

    /// The unit that what somebody holds belongs to.
    pub(super) fn unit_of(&self, user: UserId) -> UnitId {
        let unit = self.user(user).and_then(|user| user.units.first().copied());
        unit.unwrap_or(self.root)
    }
}

fn fold(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
