//! `fieldsync user invite`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use client_core::protocol::Invitation;
use serde_json::{Value, json};

use super::answer::Answer;
use super::data::{self, DataArg};
use super::failure::Failure;
use crate::office::{By, Invited};
use crate::qr::Qr;

/// Make a code that brings a person onto a phone, and a one-time password for
/// somebody who has none of their own.
#[derive(Debug, clap::Args)]
pub(super) struct Invite {
    /// The login.
    #[arg(required_unless_present = "all_uninvited", conflicts_with = "all_uninvited")]
    login: Option<String>,
    /// Everybody who was never invited, or let the invitation pass.
    #[arg(long)]
    all_uninvited: bool,
    /// Where phones reach the server, such as https://sales.example.com; without it
    /// the app has to know.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Write the QR code of the one person into this file.
    #[arg(long, value_name = "FILE.svg", conflicts_with = "all_uninvited")]
    qr: Option<PathBuf>,
}

impl Invite {
    pub(super) async fn run(self, data: &DataArg) -> Result<Answer, Failure> {
        let server = self.public_url.as_deref().map(server).transpose()?;
        let server = server.as_deref();
        let (_app, office) = data.office().await?;
        let registrar = office.registrar(By::CommandLine).await?;
        let Some(login) = &self.login else {
            let mut invited = Vec::new();
            for user in registrar.uninvited().await? {
                invited.push(registrar.invite(user.id).await?);
            }
            let rows: Vec<[String; 4]> = invited.iter().map(row).collect();
            let json = Value::Array(invited.iter().map(|one| as_json(one, server)).collect());
            return Ok(Answer::table(["LOGIN", "NAME", "CODE", "ONE-TIME PASSWORD"], &rows, json));
        };
        let person = data::person(&office, login).await?;
        let invited = registrar.invite(person.id).await?;
        let address = invited.address(server);
        if let Some(path) = &self.qr {
            draw(&address, path)?;
        }
        let mut words = format!(
            "{} is invited until {}.\nCode:    {}\nQR code: {address}",
            invited.login, invited.until, invited.code
        );
        if let Some(password) = &invited.one_time_password {
            words.push_str(&format!("\nOne-time password: {}", password.reveal()));
        }
        Ok(Answer::new(words, as_json(&invited, server)))
    }
}

/// The address of a server as a person typed it.
pub(super) fn server(text: &str) -> Result<String, Failure> {
    Invitation::server_address(text).map_err(|_error| {
        Failure::usage(format!("{text:?} is no address such as https://sales.example.com"))
    })
}

fn row(invited: &Invited) -> [String; 4] {
    let password = invited.one_time_password.as_ref();
    [
        invited.login.clone(),
        invited.user.name.clone(),
        invited.code.to_string(),
        password.map(|password| password.reveal().to_owned()).unwrap_or_default(),
    ]
}

fn as_json(invited: &Invited, server: Option<&str>) -> Value {
    json!({
        "login": invited.login,
        "user": invited.user.id,
        "name": invited.user.name,
        "code": invited.code.to_string(),
        "uri": invited.address(server),
        "until": invited.until.to_string(),
        "one_time_password": invited.one_time_password.as_ref().map(|it| it.reveal().to_owned()),
    })
}

/// Writes the drawing for its owner's eyes: it lets somebody in.
fn draw(address: &str, path: &Path) -> Result<(), Failure> {
    let qr = Qr::of(address).context("the address is too long for a QR code")?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(path)
        .and_then(|mut file| std::io::Write::write_all(&mut file, qr.to_svg().as_bytes()));
    Ok(written.with_context(|| {
        format!("the invitation was made, and {} could not be written", path.display())
    })?)
}
