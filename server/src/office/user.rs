//! People: who they are, and what they sign in with.

use client_core::id::{UnitId, UserId};
use client_core::records::{Record, RecordKind, Role, UserRecord, UserStatus};
use client_core::time::Date;

use super::password::{Chosen, PasswordLength};
use super::{Office, OneTimePassword, PasswordChoice, Refusal, TextError, text};

use crate::auth::AuthError;
use crate::storage::model::{Account, NO_PASSWORD, NewAccount, NewPassword};
use crate::storage::{Accounts, StorageError};

/// What makes a user.
#[derive(Clone)]
pub struct CreateUser {
    /// The login, unique on this server.
    pub login: String,
    /// The name to show.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The units they belong to or lead, main one first; the top one if empty.
    pub units: Vec<UnitId>,
    /// Hired on.
    pub hired_on: Option<Date>,
    /// Language of screens, if not the org's.
    pub locale: Option<String>,
    /// The password.
    pub password: PasswordChoice,
}

/// A user that was made.
pub struct CreatedUser {
    /// The public record.
    pub user: UserRecord,
    /// The login.
    pub login: String,
    /// The password to be told, if one was drawn.
    pub one_time_password: Option<OneTimePassword>,
}

/// Why a user was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// The login or name cannot be taken.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The password is too short or too long.
    #[error(transparent)]
    Password(#[from] PasswordLength),
    /// Somebody has the login.
    #[error("the login {login:?} is taken")]
    LoginTaken {
        /// The login.
        login: String,
    },
    /// There is no such unit.
    #[error("there is no unit {unit}")]
    UnknownUnit {
        /// What was given.
        unit: UnitId,
    },
    /// The office does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] AuthError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a password was not reset.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// Nobody has the login.
    #[error("nobody has the login {login:?}")]
    UnknownLogin {
        /// The login.
        login: String,
    },
    /// The password is too short or too long.
    #[error(transparent)]
    Password(#[from] PasswordLength),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] AuthError),
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a user was not disabled.
#[derive(Debug, thiserror::Error)]
pub enum DisableUserError {
    /// Nobody has the login.
    #[error("nobody has the login {login:?}")]
    UnknownLogin {
        /// The login.
        login: String,
    },
    /// Then nobody could let anybody in.
    #[error("{login:?} is the last admin who can sign in: make another one first")]
    LastAdmin {
        /// The login.
        login: String,
    },
    /// Below.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Office {
    /// Makes a user.
    pub async fn create_user(&self, wanted: CreateUser) -> Result<CreatedUser, CreateUserError> {
        let login = text::login(&wanted.login)?;
        let name = text::name("name of the user", &wanted.name)?;
        let units = self.units().await?;
        if let Some(unit) = wanted.units.iter().find(|unit| !units.contains_key(*unit)) {
            return Err(CreateUserError::UnknownUnit { unit: *unit });
        }
        if self.app.storage().account_by_login(&login).await?.is_some() {
            return Err(CreateUserError::LoginTaken { login });
        }
        let top = units.values().find(|unit| unit.parent.is_none()).map(|unit| unit.id);
        let belongs =
            if wanted.units.is_empty() { top.into_iter().collect() } else { wanted.units };
        let Chosen { clear, must_change, one_time } = wanted.password.choose(self.app.random())?;
        let user = UserRecord {
            id: self.fresh(UserId::new),
            name,
            role: wanted.role,
            units: belongs,
            hired_on: wanted.hired_on,
            status: UserStatus::Active,
            locale: wanted.locale,
            leave: Vec::new(),
        };
        let account = NewAccount {
            login: login.clone(),
            password: self.hash(clear).await?,
            must_change,
            user: user.clone(),
        };
        match self.app.storage().create_account(self.org, account, self.now()).await {
            Ok(()) => Ok(CreatedUser { user, login, one_time_password: one_time }),
            // Somebody was faster between the look and the write.
            Err(StorageError::Exists { .. }) => Err(CreateUserError::LoginTaken { login }),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives somebody another password and ends all their sessions.
    pub async fn reset_password(
        &self,
        login: &str,
        password: PasswordChoice,
    ) -> Result<Option<OneTimePassword>, ResetPasswordError> {
        let unknown = || ResetPasswordError::UnknownLogin { login: login.to_owned() };
        let account = self.account(login).await?.ok_or_else(unknown)?;
        let Chosen { clear, must_change, one_time } = password.choose(self.app.random())?;
        let hash = self.hash(clear).await?;
        let until = one_time.is_some().then(|| self.invitation_ends());
        let password = NewPassword { hash, must_change, until };
        self.app.storage().set_password(self.org, account.user.id, password, self.now()).await?;
        Ok(one_time)
    }

    async fn hash(&self, clear: Option<String>) -> Result<String, AuthError> {
        match clear {
            Some(clear) => self.app.passwords().hash(&clear, self.app.random()).await,
            None => Ok(NO_PASSWORD.to_owned()),
        }
    }

    /// Keeps somebody from signing in; what they logged stays.
    pub async fn disable_user(&self, login: &str) -> Result<UserRecord, DisableUserError> {
        let unknown = || DisableUserError::UnknownLogin { login: login.to_owned() };
        let mut user = self.account(login).await?.ok_or_else(unknown)?.user;
        let active_admin =
            |one: &UserRecord| one.role == Role::Admin && one.status == UserStatus::Active;
        if active_admin(&user) {
            let admins = self.people().await?.into_iter().filter(active_admin).count();
            if admins <= 1 {
                return Err(DisableUserError::LastAdmin { login: login.to_owned() });
            }
        }
        user.status = UserStatus::Disabled;
        self.write(Record::User(user.clone())).await?;
        Ok(user)
    }

    /// Every person, by id.
    pub async fn people(&self) -> Result<Vec<UserRecord>, StorageError> {
        self.all(RecordKind::User, |record| match record {
            Record::User(user) => Some(user),
            _ => None,
        })
        .await
    }

    /// The account of a login of this org.
    pub async fn account(&self, login: &str) -> Result<Option<Account>, StorageError> {
        let found = self.app.storage().account_by_login(login).await?;
        Ok(found.filter(|account| account.org == self.org))
    }
}
