//! `fieldsync user`.

use std::io::Read;

use anyhow::Context;
use clap::Subcommand;
use client_core::records::{Leave, Role, UserStatus};
use client_core::time::Date;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use super::invite::Invite;
use crate::office::{By, CreateUser, OneTimePassword, PasswordChoice};
use crate::storage::Accounts;

/// People who sign in.
#[derive(Debug, clap::Args)]
pub(super) struct User {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a person.
    Add(Add),
    /// Give a person another password and end all their sessions.
    Reset {
        /// The login.
        login: String,
        /// Read the password from standard input instead of drawing one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make a code that brings a person onto a phone.
    Invite(Invite),
    /// Everybody.
    List,
    /// Keep a person from signing in; what they logged stays.
    Disable {
        /// The login.
        login: String,
    },
    /// Let a disabled person sign in again, with what they had.
    Enable {
        /// The login.
        login: String,
    },
    /// Days off, which are no working days of a person. Without --from, those that are known.
    Leave {
        /// The login.
        login: String,
        /// The first day, YYYY-MM-DD.
        #[arg(long)]
        from: Option<Date>,
        /// The last day; the same as the first if absent.
        #[arg(long, requires = "from")]
        until: Option<Date>,
        /// They work on those days after all.
        #[arg(long, requires = "from")]
        cancel: bool,
    },
    /// Move a person to other units. Their plans, targets and cards go with them; their
    /// customers stay where they are until `fieldsync place` moves them.
    Move {
        /// The login.
        login: String,
        /// A unit, by name or id; the first one is the main one.
        #[arg(long, required = true)]
        unit: Vec<String>,
    },
}

#[derive(Debug, clap::Args)]
struct Add {
    /// The login: a to z, 0 to 9 and . _ - @ +
    login: String,
    /// The name to show.
    #[arg(long)]
    name: String,
    /// rep, supervisor, manager, analyst or admin.
    #[arg(long, value_parser = role)]
    role: Role,
    /// A unit, by name or id; the first one is the main one. The top one if absent.
    #[arg(long)]
    unit: Vec<String>,
    /// Hired on, YYYY-MM-DD.
    #[arg(long)]
    hired_on: Option<Date>,
    /// Language of screens, if not the org's.
    #[arg(long)]
    locale: Option<String>,
    /// Read the password from standard input instead of drawing one.
    #[arg(long)]
    password_stdin: bool,
}

fn role(code: &str) -> Result<Role, String> {
    let expected = "expected rep, supervisor, manager, analyst or admin";
    Role::parse(code).ok_or_else(|| expected.to_owned())
}

/// A password on the command line would be read by everybody on the machine.
fn password(from_stdin: bool) -> Result<PasswordChoice, Failure> {
    if !from_stdin {
        return Ok(PasswordChoice::OneTime);
    }
    let mut text = String::new();
    // Four times the longest password there is: more is not one.
    std::io::stdin()
        .take(4096)
        .read_to_string(&mut text)
        .context("the password could not be read from standard input")?;
    Ok(PasswordChoice::Given(text.trim_end_matches(['\r', '\n']).to_owned()))
}

fn with_password(words: String, mut json: Value, one_time: Option<&OneTimePassword>) -> Answer {
    let Some(one_time) = one_time else { return Answer::new(words, json) };
    if let Value::Object(fields) = &mut json {
        fields.insert("one_time_password".to_owned(), one_time.reveal().into());
    }
    Answer::new(format!("{words}\nOne-time password: {}", one_time.reveal()), json)
}

impl User {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        match self.verb {
            Verb::Add(add) => add.run(&self.data).await,
            Verb::Reset { login, password_stdin } => {
                let (_app, office) = self.data.office().await?;
                let person = data::person(&office, &login).await?;
                let registrar = office.registrar(By::CommandLine).await?;
                let one_time =
                    registrar.reset_password(person.id, password(password_stdin)?).await?;
                let words = format!("{login} has another password; every session was ended.");
                Ok(with_password(words, json!({ "login": login }), one_time.as_ref()))
            }
            Verb::Invite(invite) => invite.run(&self.data).await,
            Verb::List => list(&self.data).await,
            Verb::Disable { login } => {
                let (_app, office) = self.data.office().await?;
                let person = data::person(&office, &login).await?;
                let user = office.registrar(By::CommandLine).await?.disable(person.id).await?;
                let json = json!({ "login": login, "user": user.id, "status": user.status });
                Ok(Answer::new(format!("{login} can no longer sign in."), json))
            }
            Verb::Enable { login } => {
                let (_app, office) = self.data.office().await?;
                let person = data::person(&office, &login).await?;
                let user = office.registrar(By::CommandLine).await?.enable(person.id).await?;
                let json = json!({ "login": login, "user": user.id, "status": user.status });
                Ok(Answer::new(format!("{login} can sign in again."), json))
            }
            Verb::Leave { login, from, until, cancel } => {
                let (_app, office) = self.data.office().await?;
                let mut person = data::person(&office, &login).await?;
                if let Some(from) = from {
                    let days = Leave { from, until: until.unwrap_or(from) };
                    let registrar = office.registrar(By::CommandLine).await?;
                    person = match cancel {
                        false => registrar.take_leave(person.id, days).await?,
                        true => registrar.cancel_leave(person.id, days).await?,
                    };
                }
                let rows: Vec<[String; 2]> = person
                    .leave
                    .iter()
                    .map(|leave| [leave.from.to_string(), leave.until.to_string()])
                    .collect();
                let json = json!({ "login": login, "user": person.id, "leave": person.leave });
                Ok(Answer::table(["FROM", "UNTIL"], &rows, json))
            }
            Verb::Move { login, unit } => {
                let (_app, office) = self.data.office().await?;
                let person = data::person(&office, &login).await?;
                let mut units = Vec::new();
                for unit in &unit {
                    units.push(data::unit(&office, unit).await?);
                }
                let registrar = office.registrar(By::CommandLine).await?;
                let user = registrar.move_person(person.id, units).await?;
                let json = json!({ "login": login, "user": user.id, "units": user.units });
                Ok(Answer::new(format!("{login} belongs to {}.", unit.join(", ")), json))
            }
        }
    }
}

impl Add {
    async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let (_app, office) = data.office().await?;
        let mut units = Vec::new();
        for unit in &self.unit {
            units.push(data::unit(&office, unit).await?);
        }
        let wanted = CreateUser {
            login: self.login,
            name: self.name,
            role: self.role,
            units,
            hired_on: self.hired_on,
            locale: self.locale,
            password: password(self.password_stdin)?,
        };
        let made = office.registrar(By::CommandLine).await?.create_person(wanted).await?;
        let json = json!({ "login": made.login, "user": made.user.id });
        let words = format!("{} can sign in.", made.login);
        Ok(with_password(words, json, made.one_time_password.as_ref()))
    }
}

async fn list(data: &DataArg) -> Result<Answer, Failure> {
    let (app, office) = data.office().await?;
    let units = office.units().await?;
    let accounts = app.storage().accounts(office.org()).await?;
    let rows: Vec<[String; 5]> = accounts
        .iter()
        .map(|account| {
            let names = account.user.units.iter().filter_map(|unit| units.get(unit));
            let names: Vec<&str> = names.map(|unit| unit.name.as_str()).collect();
            let status = match account.user.status {
                UserStatus::Active if account.invited() => "active",
                UserStatus::Active => "not invited",
                UserStatus::Disabled => "disabled",
            };
            [
                account.login.clone(),
                account.user.name.clone(),
                account.user.role.as_str().to_owned(),
                names.join(", "),
                status.to_owned(),
            ]
        })
        .collect();
    let json =
        accounts.iter().map(|account| {
        json!({ "login": account.login, "user": account.user, "invited": account.invited() })
    });
    let json = Value::Array(json.collect());
    Ok(Answer::table(["LOGIN", "NAME", "ROLE", "UNITS", "STATUS"], &rows, json))
}
