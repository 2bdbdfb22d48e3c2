//! Inviting: a code for the phone, and a password for the first sign-in in a
//! browser.
//!
//! The password is drawn only for somebody who has none of their own yet. Who
//! chose one keeps it: being invited again, for another phone, must not lock
//! anybody out of what works.

use client_core::id::UserId;
use client_core::protocol::{EnrolmentCode, Invitation};
use client_core::records::{UserRecord, UserStatus};
use client_core::time::Timestamp;

use super::{PersonError, Registrar};
use crate::edge::random_bytes;
use crate::office::{OneTimePassword, PasswordChoice};
use crate::storage::model::{Account, CodeHash, CodeRow, DeviceRow, NewCode};
use crate::storage::{Accounts, Invitations, StorageError};

/// Somebody who was invited. It has no `Debug`, so that it reaches no log.
pub struct Invited {
    /// Who.
    pub user: UserRecord,
    /// Their login.
    pub login: String,
    /// The code for the phone.
    pub code: EnrolmentCode,
    /// Until when code and password are good.
    pub until: Timestamp,
    /// The password for a browser, for somebody without one of their own.
    pub one_time_password: Option<OneTimePassword>,
}

impl Invited {
    /// What the QR code carries.
    pub fn address(&self, server: Option<&str>) -> String {
        Invitation { server: server.map(str::to_owned), code: self.code }.to_string()
    }
}

/// How far somebody has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// May not sign in.
    Disabled,
    /// Has neither a password nor a code that is good.
    NotInvited,
    /// Has a code or a password that nobody used yet.
    Invited {
        /// Until when it is good; for ever if absent.
        until: Option<Timestamp>,
    },
    /// Signed in at least once, or chose a password.
    Active,
}

impl Standing {
    /// Of an account, its newest code and its own phones.
    pub fn of(
        account: &Account,
        code: Option<&CodeRow>,
        phones: &[&DeviceRow],
        now: Timestamp,
    ) -> Self {
        if account.user.status == UserStatus::Disabled {
            return Self::Disabled;
        }
        let has_password = !account.must_change && account.invited();
        if has_password || phones.iter().any(|phone| phone.revoked_at.is_none()) {
            return Self::Active;
        }
        if account.invited() && account.password_until.is_none() {
            return Self::Invited { until: None };
        }
        let code = code.filter(|code| code.used_at.is_none()).map(|code| code.expires_at);
        let password = account.password_until.filter(|_| account.invited());
        let until = code.into_iter().chain(password).filter(|until| *until > now).max();
        until.map_or(Self::NotInvited, |until| Self::Invited { until: Some(until) })
    }
}

impl Registrar {
    /// Invites one person: makes a code, and a password where one is needed. An
    /// earlier code that nobody used is good no longer.
    pub async fn invite(&self, person: UserId) -> Result<Invited, PersonError> {
        let account = self.account_of(person).await?;
        if !self.is_oneself(&account.user) {
            self.looks_after(&account.user)?;
        }
        if account.user.status == UserStatus::Disabled {
            return Err(PersonError::Disabled { name: account.user.name });
        }
        let office = &self.office;
        let (storage, now) = (office.app.storage(), office.now());
        let phones = storage.devices(office.org).await?;
        let has_phone = phones.iter().any(|phone| phone.user == person && phone.is_phone());
        let until = office.invitation_ends();
        let unused = account.must_change && !has_phone;
        let one_time_password = if !account.invited() || unused {
            office.reset_password(&account.login, PasswordChoice::OneTime).await?
        } else {
            None
        };
        let code = EnrolmentCode::from_bytes(random_bytes(office.app.random()));
        let kept = NewCode {
            hash: CodeHash(code.hash()),
            user: person,
            made_by: self.by_id(),
            expires_at: until,
        };
        storage.make_code(office.org, kept, now).await?;
        self.note_person("invited", person, None, None).await?;
        Ok(Invited { user: account.user, login: account.login, code, until, one_time_password })
    }

    /// Everybody whom the registrar looks after and who was never invited, or let
    /// the invitation pass; by name.
    pub async fn uninvited(&self) -> Result<Vec<UserRecord>, StorageError> {
        let storage = self.office.app.storage();
        let (org, now) = (self.office.org, self.office.now());
        let codes = storage.codes(org).await?;
        let devices = storage.devices(org).await?;
        let mut found: Vec<UserRecord> = Vec::new();
        for account in storage.accounts(org).await? {
            let id = account.user.id;
            let code = codes.iter().find(|code| code.user == id);
            let phones: Vec<&DeviceRow> =
                devices.iter().filter(|each| each.user == id && each.is_phone()).collect();
            let standing = Standing::of(&account, code, &phones, now);
            if standing == Standing::NotInvited && self.looks_after(&account.user).is_ok() {
                found.push(account.user);
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }
}
