//! Who calls, with what they may see.
//!
//! The same proof as on a page ([`crate::web::routes`]), from a bearer token: a handler
//! that takes a [`Caller`] needs to check nothing more about them, and asks queries that
//! take their reach.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use client_core::id::{UnitId, UserId};
use client_core::period::Period;
use client_core::protocol::ProblemCode;
use client_core::records::UserRecord;
use client_core::time::{Date, Timestamp};

use super::answer::{Page, not_found};
use crate::app::App;
use crate::auth::Signed;
use crate::http::ProblemResponse;
use crate::office::{By, Office, Registrar};
use crate::storage::StorageError;
use crate::storage::lists::Found;
use crate::web::lists::Unreadable;
use crate::web::queries::base::Base;
use crate::web::queries::reach::Reach;
use crate::web::routes::decides;

/// Somebody signed in who may read what has names in it.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The session.
    pub(crate) signed: Signed,
    /// The org and its people.
    pub(crate) base: Base,
    /// Whose work they may see.
    pub(crate) reach: Reach,
    /// The instant of the request.
    pub(crate) now: Timestamp,
    user: UserRecord,
    uri: Uri,
}

impl Caller {
    /// The day it is in the org.
    pub(crate) fn today(&self) -> Date {
        self.base.zone().date(self.now)
    }

    /// Their main unit.
    pub(crate) fn unit(&self) -> Option<UnitId> {
        crate::storage::main_unit(&self.user)
    }

    /// The office of their org.
    pub(crate) fn office(&self, app: &App) -> Office {
        Office::of(app.clone(), self.signed.org)
    }

    /// What they may decide.
    pub(crate) async fn registrar(&self, app: &App) -> Result<Registrar, StorageError> {
        self.office(app).registrar(By::Person(self.user.clone())).await
    }

    /// The registrar for somebody who decides on the work of others.
    pub(crate) async fn leading(&self, app: &App) -> Result<Registrar, ProblemResponse> {
        if !Registrar::places(self.signed.role) {
            return Err(not_allowed());
        }
        Ok(self.registrar(app).await?)
    }

    /// The registrar for somebody who looks after people.
    pub(crate) async fn looking_after(&self, app: &App) -> Result<Registrar, ProblemResponse> {
        if !Registrar::opens_to(self.signed.role) {
            return Err(not_allowed());
        }
        Ok(self.registrar(app).await?)
    }

    /// Whether they decide for the org: managers and admins do.
    pub(crate) fn deciding(&self) -> Result<(), ProblemResponse> {
        if decides(self.signed.role) { Ok(()) } else { Err(not_allowed()) }
    }

    /// Their own record.
    pub(crate) const fn user(&self) -> &UserRecord {
        &self.user
    }

    /// A person whose work they may see, and a month.
    pub(crate) fn rep_and_month(
        &self,
        rep: &str,
        period: &str,
    ) -> Result<(&UserRecord, Period), ProblemResponse> {
        let rep: UserId = id(rep)?;
        let user = self.base.users.iter().find(|user| user.id == rep);
        let user = user.filter(|user| self.reach.sees(user.id)).ok_or_else(not_found)?;
        Ok((user, month(period.parse().map_err(|_error| Unreadable)?)?))
    }

    /// One page of a list, with the address of the next.
    pub(crate) fn page<T>(&self, items: Vec<T>, page: usize, found: &Found) -> Page<T> {
        Page::new(&self.uri, items, page, (found.matching, found.all))
    }

    /// One page of a list of `all`.
    pub(crate) fn page_counted<T>(&self, items: Vec<T>, page: usize, all: u64) -> Page<T> {
        Page::new(&self.uri, items, page, (all, all))
    }

    /// One page of a list that was made as a whole.
    pub(crate) fn page_of<T>(&self, all: Vec<T>, page: usize) -> Page<T> {
        Page::cut(&self.uri, all, page)
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let signed = Signed::from_request_parts(parts, app).await?;
        let base = Base::read(app.storage(), signed.org).await?;
        let user = base.users.iter().find(|user| user.id == signed.user).cloned();
        let user = user.ok_or_else(not_allowed)?;
        let reach = Reach::of(&user, &base.units, &base.users).ok_or_else(|| {
            let detail = "analysts read pseudonymised figures, and these have names";
            ProblemResponse::new(ProblemCode::NotAllowed, detail)
        })?;
        let (now, uri) = (app.clock().now(), parts.uri.clone());
        Ok(Self { signed, base, reach, now, user, uri })
    }
}

/// An id in an address; what is none leads nowhere.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, ProblemResponse> {
    text.parse().map_err(|_error| {
        ProblemResponse::new(ProblemCode::NotFound, format!("{text:?} is not an id"))
    })
}

/// Only months have cards.
pub(crate) const fn month(period: Period) -> Result<Period, Unreadable> {
    match period {
        Period::Month(_) => Ok(period),
        _ => Err(Unreadable),
    }
}

/// Signed in, and it is not theirs to do.
pub(crate) fn not_allowed() -> ProblemResponse {
    ProblemResponse::new(ProblemCode::NotAllowed, "this is not for your role")
}
