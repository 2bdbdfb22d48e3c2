//! Who calls, with what they may see.
//!
//! The same proof as on a page ([`crate::web::routes`]), from a bearer token: a handler
//! that takes a [`Caller`] needs to check nothing more about them, and asks queries that
//! take their reach.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use client_core::id::{RecordId, UnitId, UserId};
use client_core::period::Period;
use client_core::protocol::ProblemCode;
use client_core::records::UserRecord;
use client_core::time::{Date, Timestamp};
use sha2::{Digest, Sha256};

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
    key: Option<String>,
}

/// The header that names a request that makes something: sent again with the same key after
/// its answer was lost, it makes nothing more and is answered with what is there.
pub(crate) const KEY: &str = "idempotency-key";

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

    /// The id of what they are about to make: of the key that they gave the request, which
    /// nobody else's key meets, or a fresh one.
    pub(crate) fn new_record(&self, app: &App) -> RecordId {
        let Some(key) = &self.key else { return self.office(app).fresh_record() };
        let mut hash = Sha256::new();
        hash.update(b"fieldsync idempotency key 1");
        hash.update(self.signed.org.as_bytes());
        hash.update(self.signed.user.as_bytes());
        hash.update(self.uri.path().as_bytes());
        hash.update([0]);
        hash.update(key.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        RecordId::from_bytes(*digest.first_chunk().unwrap_or(&[0; 16]))
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
        let key = parts.headers.get(KEY).and_then(|key| key.to_str().ok()).map(str::to_owned);
        Ok(Self { signed, base, reach, now, user, uri, key })
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
