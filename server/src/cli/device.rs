//! `fieldsync device`.

use clap::Subcommand;
use client_core::id::DeviceId;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::By;
use crate::storage::Accounts;
use crate::storage::model::DeviceRow;

/// Phones.
#[derive(Debug, clap::Args)]
pub(super) struct Device {
    #[command(flatten)]
    data: DataArg,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Every enrolled device, and up to when the server has heard from it.
    List,
    /// End a device's sessions and refuse it from now on.
    Revoke {
        /// The device.
        id: DeviceId,
    },
}

impl Device {
    pub(super) async fn run(self) -> Result<Answer, Failure> {
        let (app, office) = self.data.office().await?;
        match self.verb {
            Verb::Revoke { id } => {
                let known = app.storage().device(office.org(), id).await?;
                let known =
                    known.ok_or_else(|| Failure::usage(format!("there is no device {id}")))?;
                let registrar = office.registrar(By::CommandLine).await?;
                let found = registrar.revoke_device(known.user, id).await?;
                let revoked = found.revoked_at.is_none();
                let words = if revoked { "is revoked" } else { "was revoked before" };
                let json = json!({ "device": id, "revoked_now": revoked });
                Ok(Answer::new(format!("{id} {words}."), json))
            }
            Verb::List => {
                let logins = data::logins(&app, &office).await?;
                let mut devices = app.storage().devices(office.org()).await?;
                devices.retain(DeviceRow::is_phone);
                let login = |user| logins.get(&user).cloned().unwrap_or_default();
                let rows: Vec<[String; 6]> = devices
                    .iter()
                    .map(|device| {
                        let state = match device.replaced_by() {
                            _ if device.revoked_at.is_some() => "revoked".to_owned(),
                            Some(successor) => format!("replaced by {successor}"),
                            None => "enrolled".to_owned(),
                        };
                        [
                            login(device.user),
                            device.name.clone(),
                            device.platform.clone(),
                            device.seen_at.to_string(),
                            state,
                            device.device.to_string(),
                        ]
                    })
                    .collect();
                let json = devices.iter().map(|device| {
                    json!({
                        "device": device.device,
                        "login": login(device.user),
                        "name": device.name,
                        "platform": device.platform,
                        "app_version": device.app_version,
                        "enrolled_at": device.enrolled_at.to_string(),
                        "known_up_to": device.seen_at.to_string(),
                        "pushed_at": device.pushed_at.map(|at| at.to_string()),
                        "revoked_at": device.revoked_at.map(|at| at.to_string()),
                        "replaced_by": device.replaced_by(),
                    })
                });
                let json = Value::Array(json.collect());
                let header = ["LOGIN", "NAME", "PLATFORM", "KNOWN UP TO", "STATE", "ID"];
                Ok(Answer::table(header, &rows, json))
            }
        }
    }
}
