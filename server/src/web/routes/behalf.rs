//! On whose behalf a form acts, the way back after it, and what is written down of it.

use axum::response::{IntoResponse, Redirect, Response};
use client_core::id::{DocId, RecordId};
use client_core::records::UserRecord;

use super::answer::PageError;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{By, Office, Registrar};
use crate::storage::model::AuditEntry;
use crate::storage::{Invitations, StorageError};
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
    let detail = Some(format!("{name} ({rows})"));
    let entry = AuditEntry { detail, ..entry(visitor, "exported", None) };
    app.storage().note(visitor.base.org.id, entry).await
}

/// Writes down, once a day, that the reader looked at where somebody else was.
pub(super) async fn looked_at(
    app: &App,
    visitor: &Visitor,
    visit: DocId,
) -> Result<(), StorageError> {
    let subject = RecordId::from_bytes(*visit.as_bytes());
    let entry = entry(visitor, "visit.read", Some(subject));
    let since = visitor.base.zone().start_of(visitor.today());
    match app.storage().note_once(visitor.base.org.id, entry, since).await {
        // A full disk stops no reading.
        Err(StorageError::Full) => {
            tracing::warn!("the disk is full: who looked at a visit is not written down");
            Ok(())
        }
        written => written,
    }
}

fn entry(visitor: &Visitor, what: &str, subject: Option<RecordId>) -> AuditEntry {
    AuditEntry {
        at: visitor.now,
        user: Some(visitor.signed.user),
        device: None,
        what: what.to_owned(),
        subject,
        detail: None,
    }
}
