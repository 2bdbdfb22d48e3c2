//! On whose behalf a form acts, the way back after it, and what is written down of it.

use axum::response::{IntoResponse, Redirect, Response};
use client_core::id::{DocId, UserId};
use client_core::records::UserRecord;
use client_core::time::Date;

use super::answer::PageError;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{By, Office, Registrar};
use crate::storage::StorageError;
use crate::web::view::{State as Shown, Tone};

/// The office of the reader's org.
pub(super) fn office(app: &App, visitor: &Visitor) -> Office {
    Office::of(app.clone(), visitor.base.org.id)
}

/// The reader, as the org knows them.
pub(super) fn reader(visitor: &Visitor) -> Result<&UserRecord, PageError> {
    let id = visitor.signed.user;
    visitor.base.users.iter().find(|user| user.id == id).ok_or(PageError::NotAllowed)
}

/// The office on behalf of any reader: each step says what it refuses them.
pub(super) async fn anybody(app: &App, visitor: &Visitor) -> Result<Registrar, PageError> {
    let reader = reader(visitor)?.clone();
    Ok(office(app, visitor).registrar(By::Person(reader)).await?)
}

/// For a reader who decides on other people's work.
pub(super) async fn leader(app: &App, visitor: &Visitor) -> Result<Registrar, PageError> {
    if !Registrar::places(visitor.signed.role) {
        return Err(PageError::NotAllowed);
    }
    anybody(app, visitor).await
}

/// For a reader who looks after people and decides for the whole org.
pub(super) async fn keeper(app: &App, visitor: &Visitor) -> Result<Registrar, PageError> {
    if !Registrar::opens_to(visitor.signed.role) {
        return Err(PageError::NotAllowed);
    }
    anybody(app, visitor).await
}

/// Something was done: back to where it shows, with a word about it.
pub(super) fn done(path: &str, what: &str) -> Response {
    let join = if path.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{path}{join}done={what}")).into_response()
}

/// The word about what was done, as an address carries it: one of `known`, which stand in
/// `group` of the catalogue.
pub(super) fn told(visitor: &Visitor, group: &str, known: &[&str], what: &str) -> Option<Shown> {
    let key = known.iter().find(|key| **key == what)?;
    Some(Shown::new(Tone::Good, visitor.f.w.code(group, key).into_owned()))
}

/// Something that was refused, at the head of a page.
pub(super) fn refused(text: impl Into<String>) -> Option<Shown> {
    Some(Shown::new(Tone::Late, text))
}

/// Writes down that the reader took a file with them: its name and how many rows it has.
pub(super) async fn exported(
    app: &App,
    visitor: &Visitor,
    name: &str,
    rows: usize,
) -> Result<(), StorageError> {
    office(app, visitor).exported(format!("{name} ({rows})"), visitor.signed.user).await
}

/// Writes down, once a day, that the reader saw on a map where others were on `day`.
pub(super) async fn looked_at_map(
    app: &App,
    visitor: &Visitor,
    day: Date,
    people: impl Iterator<Item = UserId>,
) -> Result<(), StorageError> {
    let since = visitor.base.zone().start_of(visitor.today());
    office(app, visitor).looked_at_map(day, people, visitor.signed.user, since).await
}

/// Writes down, once a day, that the reader looked at where somebody else was.
pub(super) async fn looked_at(
    app: &App,
    visitor: &Visitor,
    visit: DocId,
) -> Result<(), StorageError> {
    let since = visitor.base.zone().start_of(visitor.today());
    office(app, visitor).looked_at(visit, visitor.signed.user, since).await
}
