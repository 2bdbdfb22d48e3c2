//! What is done to one person: made, changed, kept out, let in again, given
//! another password, parted from a phone.

use client_core::id::{DeviceId, UnitId, UserId};
use client_core::records::{Record, Role, UserRecord, UserStatus};
use client_core::time::Date;

use super::{Refusal, Registrar};
use crate::office::{
    CreateUser, CreateUserError, CreatedUser, OneTimePassword, PasswordChoice, ResetPasswordError,
    TextError, text,
};
use crate::storage::model::{Account, DeviceRow};
use crate::storage::{Accounts, Invitations, StorageError};

/// Languages a person may read screens in.
const LOCALES: [&str; 3] = ["zh-CN", "zh-TW", "en"];

/// Why something was not done to a person. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// There is nobody with this id.
    #[error("there is no person {user}")]
    Unknown {
        /// What was given.
        user: UserId,
    },
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Somebody who may not sign in cannot be invited.
    #[error("{name} is disabled: enable them first")]
    Disabled {
        /// Who.
        name: String,
    },
    /// The device is not this person's.
    #[error("there is no device {device} of this person")]
    UnknownDevice {
        /// What was given.
        device: DeviceId,
    },
    /// The password could not be set.
    #[error(transparent)]
    Password(#[from] ResetPasswordError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a person is to be from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangePerson {
    /// The name to show.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their units, main one first.
    pub units: Vec<UnitId>,
    /// Hired on.
    pub hired_on: Option<Date>,
    /// Language of screens, if not the org's.
    pub locale: Option<String>,
}

/// Why a person was not changed, or not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangePersonError {
    /// There is nobody with this id.
    #[error("there is no person {user}")]
    Unknown {
        /// What was given.
        user: UserId,
    },
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The name cannot be taken.
    #[error(transparent)]
    Name(TextError),
    /// There is no such unit.
    #[error("there is no unit {unit}")]
    UnknownUnit {
        /// What was given.
        unit: UnitId,
    },
    /// Everybody belongs somewhere.
    #[error("a person belongs to at least one unit")]
    NoUnit,
    /// No screens in this language.
    #[error("there are no screens in {locale:?}: expected one of {}", LOCALES.join(", "))]
    Locale {
        /// What was given.
        locale: String,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Registrar {
    /// The account of a person, whoever it is.
    pub async fn account_of(&self, person: UserId) -> Result<Account, PersonError> {
        let found = self.office.app.storage().account(self.office.org, person).await?;
        found.ok_or(PersonError::Unknown { user: person })
    }

    /// Makes a person.
    pub async fn create_person(&self, wanted: CreateUser) -> Result<CreatedUser, CreateUserError> {
        self.puts(wanted.role, &wanted.units)?;
        let made = self.office.create_user(wanted).await?;
        let what = format!("{} · {}", made.login, made.user.role.as_str());
        self.note_person("created", made.user.id, None, Some(what)).await?;
        Ok(made)
    }

    /// Changes what a person is. About themselves, people change name and language.
    pub async fn change_person(
        &self,
        person: UserId,
        wanted: ChangePerson,
    ) -> Result<UserRecord, ChangePersonError> {
        let before = self.office.user(person).await?;
        let before = before.ok_or(ChangePersonError::Unknown { user: person })?;
        let place = (wanted.role, &wanted.units) != (before.role, &before.units);
        if place || wanted.hired_on != before.hired_on || !self.is_oneself(&before) {
            self.looks_after(&before)?;
        }
        let name = text::name("name of the user", &wanted.name).map_err(ChangePersonError::Name)?;
        if let Some(unit) = wanted.units.iter().find(|unit| !self.units.contains_key(*unit)) {
            return Err(ChangePersonError::UnknownUnit { unit: *unit });
        }
        if wanted.units.is_empty() {
            return Err(ChangePersonError::NoUnit);
        }
        if let Some(locale) = wanted.locale.as_ref().filter(|it| !LOCALES.contains(&it.as_str())) {
            return Err(ChangePersonError::Locale { locale: locale.clone() });
        }
        if place {
            self.moves(&before, &wanted).await?;
        }
        let ChangePerson { role, units, hired_on, locale, .. } = wanted;
        let after = UserRecord { name, role, units, hired_on, locale, ..before.clone() };
        if after != before {
            self.office.write(Record::User(after.clone())).await?;
            self.note_person("changed", person, None, Some(self.difference(&before, &after)))
                .await?;
        }
        Ok(after)
    }

    /// Moves a person to other units, main one first; the rest of them stays.
    pub async fn move_person(
        &self,
        person: UserId,
        units: Vec<UnitId>,
    ) -> Result<UserRecord, ChangePersonError> {
        let before = self.office.user(person).await?;
        let before = before.ok_or(ChangePersonError::Unknown { user: person })?;
        let UserRecord { name, role, hired_on, locale, .. } = before;
        let wanted = ChangePerson { name, role, units, hired_on, locale };
        self.change_person(person, wanted).await
    }

    /// Whether somebody may be given another role or other units.
    async fn moves(
        &self,
        before: &UserRecord,
        wanted: &ChangePerson,
    ) -> Result<(), ChangePersonError> {
        // Units outside stay as they are, and are neither given nor taken.
        let touched = |unit: &&UnitId| wanted.units.contains(*unit) != before.units.contains(*unit);
        let mut touching = wanted.units.iter().chain(&before.units).filter(touched);
        if let Some(unit) = touching.find(|unit| !self.reaches(**unit)) {
            return Err(Refusal::NotYours { name: self.unit_name(*unit) }.into());
        }
        self.puts(wanted.role, wanted.units.get(..1).unwrap_or_default())?;
        if before.role == Role::Admin && wanted.role != Role::Admin {
            self.not_the_last_admin(before).await?;
        }
        Ok(())
    }

    async fn not_the_last_admin(&self, person: &UserRecord) -> Result<(), ChangePersonError> {
        let admin = |one: &UserRecord| one.role == Role::Admin && one.status == UserStatus::Active;
        let others =
            self.office.people().await?.into_iter().filter(|one| admin(one) && one.id != person.id);
        if admin(person) && others.count() == 0 {
            return Err(Refusal::LastAdmin.into());
        }
        Ok(())
    }

    /// What changed, for whoever reads the history.
    fn difference(&self, before: &UserRecord, after: &UserRecord) -> String {
        let units = |user: &UserRecord| {
            let names: Vec<String> = user.units.iter().map(|unit| self.unit_name(*unit)).collect();
            names.join(", ")
        };
        let date =
            |date: Option<Date>| date.map_or_else(|| "–".to_owned(), |date| date.to_string());
        let locale = |user: &UserRecord| user.locale.clone().unwrap_or_else(|| "–".to_owned());
        let pairs = [
            (before.name.clone(), after.name.clone()),
            (before.role.as_str().to_owned(), after.role.as_str().to_owned()),
            (units(before), units(after)),
            (date(before.hired_on), date(after.hired_on)),
            (locale(before), locale(after)),
        ];
        let changed = pairs.iter().filter(|(before, after)| before != after);
        let told: Vec<String> =
            changed.map(|(before, after)| format!("{before} → {after}")).collect();
        told.join("; ")
    }

    /// Keeps somebody from signing in; what they logged stays.
    pub async fn disable(&self, person: UserId) -> Result<UserRecord, PersonError> {
        let account = self.account_of(person).await?;
        self.looks_after(&account.user)?;
        self.not_the_last_admin(&account.user).await.map_err(|error| match error {
            ChangePersonError::Storage(error) => PersonError::Storage(error),
            _ => PersonError::Refused(Refusal::LastAdmin),
        })?;
        self.end_codes(person).await?;
        self.set_status(account.user, UserStatus::Disabled, "disabled").await
    }

    /// A code that was given out must not bring anybody in who was just kept out.
    async fn end_codes(&self, person: UserId) -> Result<(), StorageError> {
        let office = &self.office;
        office.app.storage().end_codes(office.org, person, office.now()).await
    }

    /// Lets somebody sign in again, with what they had.
    pub async fn enable(&self, person: UserId) -> Result<UserRecord, PersonError> {
        let account = self.account_of(person).await?;
        self.looks_after(&account.user)?;
        self.set_status(account.user, UserStatus::Active, "enabled").await
    }

    async fn set_status(
        &self,
        before: UserRecord,
        status: UserStatus,
        what: &str,
    ) -> Result<UserRecord, PersonError> {
        if before.status == status {
            return Ok(before);
        }
        let after = UserRecord { status, ..before };
        self.office.write(Record::User(after.clone())).await?;
        self.note_person(what, after.id, None, None).await?;
        Ok(after)
    }

    /// Gives somebody another password and ends all their sessions and unused codes.
    pub async fn reset_password(
        &self,
        person: UserId,
        password: PasswordChoice,
    ) -> Result<Option<OneTimePassword>, PersonError> {
        let account = self.account_of(person).await?;
        self.looks_after(&account.user)?;
        self.end_codes(person).await?;
        let drawn = self.office.reset_password(&account.login, password).await?;
        self.note_person("password_reset", person, None, None).await?;
        Ok(drawn)
    }

    /// Ends a device's sessions and refuses it from now on. One's own may be lost too.
    pub async fn revoke_device(
        &self,
        person: UserId,
        device: DeviceId,
    ) -> Result<DeviceRow, PersonError> {
        let account = self.account_of(person).await?;
        if !self.is_oneself(&account.user) {
            self.looks_after(&account.user)?;
        }
        let (storage, org) = (self.office.app.storage(), self.office.org);
        let found = storage.device(org, device).await?.filter(|found| found.user == person);
        let found = found.ok_or(PersonError::UnknownDevice { device })?;
        if found.revoked_at.is_none() {
            storage.revoke_device(org, device, self.office.now()).await?;
            let name = Some(found.name.clone());
            self.note_person("device_revoked", person, Some(device), name).await?;
        }
        Ok(found)
    }
}
