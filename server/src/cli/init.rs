//! `fieldsync init`.

use std::path::PathBuf;

use client_core::records::Role;
use serde_json::json;

use super::answer::Answer;
use super::data::{self, Ground};
use super::failure::{Exit, Failure};
use crate::DATA_FILE;
use crate::office::{CreateOrg, CreateUser, Office, OneTimePassword, PasswordChoice};
use crate::storage::sqlite::SqliteStorage;
use crate::storage::{Accounts, Records};

/// Make a data directory with an org and its first admin.
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The directory: new, or empty.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The org's name.
    #[arg(long, default_value = "fieldsync")]
    org: String,
    /// The IANA zone in which business dates are read.
    #[arg(long, default_value = "Asia/Shanghai")]
    time_zone: String,
    /// The ISO 4217 currency of targets and totals.
    #[arg(long, default_value = "CNY")]
    currency: String,
    /// Language of screens: zh-CN, zh-TW or en.
    #[arg(long, default_value = "zh-CN")]
    locale: String,
    /// First month of the fiscal year.
    #[arg(long, default_value_t = 1)]
    fiscal_start_month: u8,
    /// The first admin's login.
    #[arg(long, default_value = "admin")]
    admin: String,
}

impl Init {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let path = self.data.join(DATA_FILE);
        let storage = match data::ground(&self.data)? {
            Ground::Empty => SqliteStorage::create(&path)?,
            Ground::Ours => SqliteStorage::open(&path)?,
        };
        let app = data::app(storage)?;
        // A first run that was cut off before the admin was written may be repeated.
        let begun = match app.storage().orgs().await?.as_slice() {
            [] => None,
            [org] if app.storage().accounts(org.id).await?.is_empty() => Some(org.id),
            _ => {
                return Err(Failure::new(
                    Exit::Data,
                    format!("{} is initialised already", self.data.display()),
                    "Run `fieldsync serve` on it, or name another directory.",
                ));
            }
        };
        let wanted = CreateOrg {
            name: self.org,
            time_zone: self.time_zone,
            currency: self.currency,
            fiscal_start_month: self.fiscal_start_month,
            locale: self.locale,
        };
        let org = match begun {
            Some(org) => org,
            None => Office::create_org(&app, wanted).await?.id,
        };
        let office = Office::of(app, org);
        let root = office.units().await?.into_values().find(|unit| unit.parent.is_none());
        let admin = CreateUser {
            name: self.admin.clone(),
            login: self.admin,
            role: Role::Admin,
            units: Vec::new(),
            hired_on: None,
            locale: None,
            password: PasswordChoice::OneTime,
        };
        let admin = office.create_user(admin).await?;
        let password = admin.one_time_password.as_ref().map_or("", OneTimePassword::reveal);
        let (dir, login) = (self.data.display().to_string(), &admin.login);
        Ok(Answer::new(
            format!(
                "{dir} is ready.\nSign in as {login} with the one-time password {password}\n\
                 Start the server: fieldsync serve --data {dir}"
            ),
            json!({
                "data": dir,
                "org": org,
                "root_unit": root.map(|root| root.id),
                "admin": login,
                "one_time_password": password,
            }),
        ))
    }
}
