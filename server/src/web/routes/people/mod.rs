//! People, their invitations, and units.
//!
//! The registrar decides what the reader may do; here forms become its questions
//! and its refusals become words beside the field.

pub(super) mod invite;
pub(super) mod list;
pub(super) mod make;
pub(super) mod person;
pub(super) mod units;

use axum::response::{IntoResponse, Redirect, Response};
use client_core::records::UserRecord;

use super::answer::PageError;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{By, Office, Registrar};
use crate::web::view::{State as Shown, Tone};

/// The registrar for a reader who looks after people.
async fn registrar(app: &App, visitor: &Visitor) -> Result<Registrar, PageError> {
    let reader = reader(visitor)?;
    if !Registrar::opens_to(reader.role) {
        return Err(PageError::NotAllowed);
    }
    let office = Office::of(app.clone(), visitor.base.org.id);
    Ok(office.registrar(By::Person(reader.clone())).await?)
}

fn reader(visitor: &Visitor) -> Result<&UserRecord, PageError> {
    let id = visitor.signed.user;
    visitor.base.users.iter().find(|user| user.id == id).ok_or(PageError::NotAllowed)
}

/// Something was done: back to where it shows, with a word about it.
fn done(path: &str, what: &str) -> Response {
    Redirect::to(&format!("{path}?done={what}")).into_response()
}

/// The word about what was done, as an address carries it.
fn told(visitor: &Visitor, what: &str) -> Option<Shown> {
    let w = visitor.f.w;
    let key =
        ["changed", "created", "disabled", "enabled", "revoked", "unit_changed", "unit_created"]
            .into_iter()
            .find(|key| *key == what)?;
    Some(Shown::new(Tone::Good, w.code("done", key).into_owned()))
}

/// Something that was refused, at the head of a page.
fn refused(text: impl Into<String>) -> Option<Shown> {
    Some(Shown::new(Tone::Late, text))
}
