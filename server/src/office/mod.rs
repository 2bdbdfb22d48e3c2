//! What the office decides: the org, its units and people, who holds which
//! customer, targets and the policy.
//!
//! The command line, the demo and the manager's pages all do these things, and
//! each must refuse the same mistakes with the same words. So there is one place
//! that checks and then writes records; nothing here is offered to phones, which
//! only read what it writes. Ids and times come from the app's clock and random
//! source, so a demo with a seed makes the same org twice.

mod asked;
mod calendar;
mod customer;
mod document;
mod erase;
mod grounds;
mod hand;
mod looked;
mod meeting;
mod merge;
mod moved;
mod org;
mod password;
mod policy;
mod product;
mod registrar;
mod revise;
mod target;
pub(crate) mod text;
mod unit;
mod user;
mod void;

use std::collections::BTreeMap;

use client_core::id::{DocId, OrgId, RecordId, UnitId, UserId};
use client_core::records::{CalendarRecord, OrgRecord, Record, RecordKind, UnitRecord, UserRecord};
use client_core::time::{Date, Timestamp};

pub use calendar::{CALENDARS, CalendarError, CalendarFileError, SetCalendarError, calendar};
pub use customer::{Place, PlaceCustomer, PlaceError};
pub(crate) use document::edited;
pub use document::{DocumentError, NewContent, NewDocument};
pub(crate) use erase::written_by_the_server;
pub use erase::{Erase, EraseError, Erased, SERVER};
pub(crate) use hand::Hands;
pub use hand::{Hand, HandError};
pub use meeting::MeetingError;
pub(crate) use meeting::{NewItem, agenda_of};
pub use merge::MergeError;
pub use moved::MoveError;
pub use org::{CreateOrg, CreateOrgError, CreatedOrg};
pub use password::{OneTimePassword, PasswordChoice, PasswordLength};
pub use policy::{SetPolicy, SetPolicyError};
pub(crate) use product::Catalogue;
pub use product::{SetProduct, SetProductError};
pub use registrar::{
    AnswerHelp, AskError, BookError, By, Case, ChangePerson, ChangePersonError, ChangeUnit,
    ChangeUnitError, DecideError, Extent, Handed, HandedMany, HandedOver, Handing, Invited,
    LeaveError, NewStep, PersonError, Refusal, Registrar, Rest, Standing, TargetError,
};
pub use revise::text::{money as write_money, parse_money};
pub use revise::{
    CONTACT_FIELDS, Clash, Revised, Revision, Wrong, read_customer, read_deal, wrong_in_customer,
    wrong_in_deal,
};
pub use target::{Cut, Published, SetTarget, SetTargetError, SplitTargetError};
pub use text::TextError;
pub use unit::{CreateUnit, CreateUnitError};
pub use user::{CreateUser, CreateUserError, CreatedUser, DisableUserError, ResetPasswordError};

pub use void::VoidError;

use crate::app::App;
use crate::edge::random_bytes;
use crate::storage::model::{AuditEntry, RecordRow};
pub(crate) use crate::storage::placing::follow;
use crate::storage::{Invitations, Records, StorageError};

/// The office of one org; cheap to clone.
#[derive(Clone)]
pub struct Office {
    app: App,
    org: OrgId,
}

impl Office {
    /// The office of `org`, which exists.
    pub fn of(app: App, org: OrgId) -> Self {
        Self { app, org }
    }

    /// Whose office it is.
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// The org's settings.
    pub async fn settings(&self) -> Result<OrgRecord, StorageError> {
        let found = self.all(RecordKind::Org, |record| match record {
            Record::Org(org) => Some(org),
            _ => None,
        });
        found.await?.into_iter().next().ok_or(StorageError::Missing { what: "the org's settings" })
    }

    /// The org's calendar.
    pub async fn calendar(&self) -> Result<CalendarRecord, StorageError> {
        let found = self.all(RecordKind::Calendar, |record| match record {
            Record::Calendar(calendar) => Some(calendar),
            _ => None,
        });
        found.await?.into_iter().next().ok_or(StorageError::Missing { what: "the org's calendar" })
    }

    /// Every unit, by id.
    pub async fn units(&self) -> Result<BTreeMap<UnitId, UnitRecord>, StorageError> {
        let units = self.all(RecordKind::Unit, |record| match record {
            Record::Unit(unit) => Some((unit.id, unit)),
            _ => None,
        });
        Ok(units.await?.into_iter().collect())
    }

    /// One person.
    pub async fn user(&self, id: UserId) -> Result<Option<UserRecord>, StorageError> {
        let id = RecordId::from_bytes(*id.as_bytes());
        self.one(RecordKind::User, id, |record| match record {
            Record::User(user) => Some(user),
            _ => None,
        })
        .await
    }

    /// The record of a kind with this id, if `pick` takes it.
    async fn one<T>(
        &self,
        kind: RecordKind,
        id: RecordId,
        pick: impl Fn(Record) -> Option<T>,
    ) -> Result<Option<T>, StorageError> {
        let row = self.app.storage().record(self.org, kind, id).await?;
        row.map_or(Ok(None), |row| read(&row).map(pick))
    }

    /// Every record of a kind that `pick` takes.
    pub(crate) async fn all<T>(
        &self,
        kind: RecordKind,
        pick: impl Fn(Record) -> Option<T>,
    ) -> Result<Vec<T>, StorageError> {
        let rows = self.app.storage().records(self.org, kind).await?;
        let read: Result<Vec<_>, _> = rows.iter().map(|row| read(row).map(&pick)).collect();
        Ok(read?.into_iter().flatten().collect())
    }

    async fn write(&self, record: Record) -> Result<(), StorageError> {
        self.app.storage().write_records(self.org, vec![record], self.now()).await.map(drop)
    }

    /// Writes down who did what to a record.
    async fn note(
        &self,
        what: &str,
        subject: RecordId,
        by: Option<UserId>,
        detail: Option<String>,
    ) -> Result<(), StorageError> {
        let entry = AuditEntry {
            at: self.now(),
            user: by,
            device: None,
            what: what.to_owned(),
            subject: Some(subject),
            detail,
        };
        self.app.storage().note(self.org, entry).await
    }

    /// The same about a document. The detail has ids and no names: what is erased later must
    /// not stay here.
    async fn note_about(
        &self,
        what: &str,
        doc: DocId,
        by: Option<UserId>,
        detail: Option<String>,
    ) -> Result<(), StorageError> {
        self.note(what, RecordId::from_bytes(*doc.as_bytes()), by, detail).await
    }

    fn now(&self) -> Timestamp {
        self.app.clock().now()
    }

    /// Until when what is given out now must be used.
    fn invitation_ends(&self) -> Timestamp {
        self.now().plus_millis(self.app.config().invitation_ms)
    }

    /// Today in the org's zone.
    async fn today(&self) -> Result<Date, StorageError> {
        Ok(self.calendar().await?.zone.date(self.now()))
    }

    /// A new id, such as `self.fresh(UserId::new)`.
    fn fresh<T>(&self, new: impl Fn(Timestamp, [u8; 10]) -> T) -> T {
        fresh(&self.app, new)
    }
}

fn fresh<T>(app: &App, new: impl Fn(Timestamp, [u8; 10]) -> T) -> T {
    new(app.clock().now(), random_bytes(app.random()))
}

fn read(row: &RecordRow) -> Result<Record, StorageError> {
    row.decode()
        .map_err(|error| StorageError::Corrupt { what: "record", reason: error.to_string() })
}

#[cfg(test)]
pub(crate) mod desk;
#[cfg(test)]
mod tests;
