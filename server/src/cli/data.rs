//! The data directory, as verbs open it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use client_core::id::{UnitId, UserId};
use client_core::records::UserRecord;
use client_core::rules::Policy;
use client_core::rules::policy::{PRESETS, preset_text};

use super::failure::{Exit, Failure};
use crate::DATA_FILE;
use crate::app::{App, AppConfig};
use crate::edge::{SystemClock, SystemRandom};
use crate::office::Office;
use crate::storage::sqlite::SqliteStorage;
use crate::storage::{AnyStorage, Records};

/// Where the data is.
#[derive(Debug, clap::Args)]
pub(super) struct DataArg {
    // Optional for clap only so that it may stand before or after the verb.
    /// The data directory that `fieldsync init` made.
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
}

/// Storage with the system's clock and randomness.
pub(super) fn app(storage: SqliteStorage) -> Result<App, Failure> {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    Ok(App::new(AnyStorage::Sqlite(storage), clock, random, AppConfig::default())?)
}

impl DataArg {
    /// The directory.
    pub(super) fn dir(&self) -> Result<&Path, Failure> {
        let missing = || Failure::usage("the data directory is missing: say --data DIR");
        self.data.as_deref().ok_or_else(missing)
    }

    /// Whether a directory was named at all.
    pub(super) const fn is_given(&self) -> bool {
        self.data.is_some()
    }

    /// The office of the directory's org.
    pub(super) async fn office(&self) -> Result<(App, Office), Failure> {
        let dir = self.dir()?;
        let app = app(SqliteStorage::open(&dir.join(DATA_FILE))?)?;
        let orgs = app.storage().orgs().await?;
        match orgs.as_slice() {
            [org] => Ok((app.clone(), Office::of(app, org.id))),
            orgs => Err(Failure::new(
                Exit::Data,
                format!("{} holds {} orgs instead of one", dir.display(), orgs.len()),
                "Run `fieldsync init` to finish a directory whose first run was cut off.",
            )),
        }
    }
}

/// A text that somebody wrote into a file.
pub(super) fn text(file: &Path) -> Result<String, Failure> {
    let read = std::fs::read_to_string(file);
    let read = read.with_context(|| format!("{} could not be read", file.display()));
    read.map_err(|error| Failure::usage(format!("{error:#}")))
}

/// The policy in a TOML file, or the one of this name that ships with fieldsync.
pub(super) fn policy(named: &str) -> Result<Policy, Failure> {
    let toml = match preset_text(named) {
        Some(shipped) => shipped.to_owned(),
        None => std::fs::read_to_string(named).map_err(|error| {
            let known = PRESETS.join(", ");
            let happened = format!("the policy {named} could not be read: {error}");
            let advice = format!("Name a TOML file, or one of the policies {known}.");
            Failure::new(Exit::Usage, happened, advice)
        })?,
    };
    Policy::from_toml(&toml).map_err(|error| {
        Failure::new(Exit::Usage, format!("{named}: {error}"), "Correct the policy.")
    })
}

/// What stands where the data directory is to be.
pub(super) enum Ground {
    /// A directory of ours with a data file.
    Ours,
    /// An empty directory, made if there was none.
    Empty,
}

/// Looks at `dir` and makes it if it is missing, for its owner's eyes only.
pub(super) fn ground(dir: &Path) -> Result<Ground, Failure> {
    if !dir.exists() {
        make(dir).with_context(|| format!("{} could not be made", dir.display()))?;
        return Ok(Ground::Empty);
    }
    if !dir.is_dir() {
        return Err(not_ours(dir, "it is a file"));
    }
    if dir.join(DATA_FILE).exists() {
        return Ok(Ground::Ours);
    }
    let mut entries =
        std::fs::read_dir(dir).with_context(|| format!("{} could not be read", dir.display()))?;
    if entries.next().is_some() {
        return Err(not_ours(dir, "it holds other files"));
    }
    close(dir).with_context(|| format!("{} could not be made private", dir.display()))?;
    Ok(Ground::Empty)
}

fn not_ours(dir: &Path, why: &str) -> Failure {
    Failure::new(
        Exit::Data,
        format!("{} is not a fieldsync data directory: {why}", dir.display()),
        "Name an empty directory, or one that does not exist yet.",
    )
}

#[cfg(unix)]
fn make(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(unix)]
fn close(dir: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)
}

#[cfg(not(unix))]
fn close(_dir: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The unit that a person means by its id or its name.
pub(super) async fn unit(office: &Office, named: &str) -> Result<UnitId, Failure> {
    let units = office.units().await?;
    let meant = |id: &UnitId, name: &str| id.to_string() == named || name == named;
    let found: Vec<UnitId> =
        units.values().filter(|unit| meant(&unit.id, &unit.name)).map(|unit| unit.id).collect();
    match found.as_slice() {
        [unit] => Ok(*unit),
        [] => Err(Failure::usage(format!("there is no unit {named:?}"))),
        many => {
            let count = many.len();
            Err(Failure::usage(format!("{count} units are named {named:?}: use the id")))
        }
    }
}

/// The person with this login.
pub(super) async fn person(office: &Office, login: &str) -> Result<UserRecord, Failure> {
    let account = office.account(login).await?;
    let unknown = || Failure::usage(format!("nobody has the login {login:?}"));
    Ok(account.ok_or_else(unknown)?.user)
}

/// Everybody's login.
pub(super) async fn logins(
    app: &App,
    office: &Office,
) -> Result<BTreeMap<UserId, String>, Failure> {
    use crate::storage::Accounts;
    let accounts = app.storage().accounts(office.org()).await?;
    Ok(accounts.into_iter().map(|account| (account.user.id, account.login)).collect())
}
