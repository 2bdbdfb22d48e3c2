//! People: who there is, and what is decided about them.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::{DeviceId, UnitId, UserId};
use client_core::protocol::ProblemCode;
use client_core::records::UserRecord;
use client_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::id;
use super::values::{self, code};
use super::{Answer, Caller, Day, Id};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{ChangePersonError, PersonError, Place};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(hand_over))
        .routes(routes!(move_person))
        .routes(routes!(disable))
        .routes(routes!(enable))
        .routes(routes!(revoke))
}

/// A person as the office knows them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Person {
    id: Id,
    name: String,
    /// `rep`, `supervisor`, `manager`, `analyst` or `admin`.
    role: String,
    /// Main one first.
    units: Vec<Id>,
    hired_on: Option<Day>,
    /// `active` or `disabled`.
    status: String,
    /// Language of their pages, where they chose one.
    locale: Option<String>,
    /// Days on which they are away.
    leave: Vec<Away>,
}

/// Days away, both included.
#[derive(Debug, Serialize, ToSchema)]
struct Away {
    from: Day,
    until: Day,
}

impl From<UserRecord> for Person {
    fn from(user: UserRecord) -> Self {
        let away = |days: client_core::records::Leave| Away {
            from: days.from.into(),
            until: days.until.into(),
        };
        Self {
            id: user.id.into(),
            name: user.name,
            role: user.role.as_str().to_owned(),
            units: user.units.into_iter().map(Into::into).collect(),
            hired_on: user.hired_on.map(Into::into),
            status: code(&user.status),
            locale: user.locale,
            leave: user.leave.into_iter().map(away).collect(),
        }
    }
}

/// To whom everything goes that somebody holds.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HandOver)]
struct HandOverBody {
    #[schema(value_type = Id)]
    to: UserId,
    /// The receiver's main unit if absent.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    unit: Option<UnitId>,
    /// Now if absent.
    #[serde(default, deserialize_with = "values::instant")]
    #[schema(value_type = Option<super::Instant>)]
    from: Option<Timestamp>,
}

/// What went over.
#[derive(Debug, Serialize, ToSchema)]
struct HandedOver {
    owned: usize,
    shared: usize,
    /// What stays as it was, and why.
    left: Vec<String>,
}

/// Hands over everything that somebody holds.
#[utoipa::path(post, path = "/v1/people/{person}/hand_over", tag = "people",
    params(("person" = String, Path, description = "Who holds it.")),
    request_body = HandOverBody, responses((status = 200, body = HandedOver)))]
async fn hand_over(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
    request: Body,
) -> Answer<HandedOver> {
    let user: UserId = id(&person)?;
    let HandOverBody { to, unit, from } = body::json(request).await?;
    let wanted = Place { unit, from, ..Place::default() };
    let done = caller.registrar(&app).await?.hand_over(user, to, wanted).await?;
    let left = done.left.iter().map(ToString::to_string).collect();
    Ok(Json(HandedOver { owned: done.owned, shared: done.shared, left }))
}

/// Where somebody belongs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Move)]
struct MoveBody {
    /// Main one first.
    #[schema(value_type = Vec<Id>)]
    units: Vec<UnitId>,
}

/// Moves somebody to other units.
#[utoipa::path(post, path = "/v1/people/{person}/move", tag = "people",
    params(("person" = String, Path, description = "Who moves.")),
    request_body = MoveBody, responses((status = 200, body = Person)))]
async fn move_person(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
    request: Body,
) -> Answer<Person> {
    let user: UserId = id(&person)?;
    let MoveBody { units } = body::json(request).await?;
    Ok(Json(caller.registrar(&app).await?.move_person(user, units).await?.into()))
}

/// Ends every session of somebody and lets none begin.
#[utoipa::path(post, path = "/v1/people/{person}/disable", tag = "people",
    params(("person" = String, Path, description = "Who.")),
    responses((status = 200, body = Person)))]
async fn disable(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
) -> Answer<Person> {
    let user: UserId = id(&person)?;
    Ok(Json(caller.registrar(&app).await?.disable(user).await?.into()))
}

/// Lets somebody sign in again.
#[utoipa::path(post, path = "/v1/people/{person}/enable", tag = "people",
    params(("person" = String, Path, description = "Who.")),
    responses((status = 200, body = Person)))]
async fn enable(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
) -> Answer<Person> {
    let user: UserId = id(&person)?;
    Ok(Json(caller.registrar(&app).await?.enable(user).await?.into()))
}

/// A phone that was shut out.
#[derive(Debug, Serialize, ToSchema)]
struct Revoked {
    device: Id,
    /// False if it was revoked before.
    revoked_now: bool,
}

/// Shuts a phone out: it seals its unsent work, empties itself and forgets its tokens.
#[utoipa::path(post, path = "/v1/people/{person}/devices/{device}/revoke", tag = "people",
    params(("person" = String, Path, description = "Whose."),
        ("device" = String, Path, description = "Which phone.")),
    responses((status = 200, body = Revoked)))]
async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path((person, device)): Path<(String, String)>,
) -> Answer<Revoked> {
    let (user, device): (UserId, DeviceId) = (id(&person)?, id(&device)?);
    let found = caller.registrar(&app).await?.revoke_device(user, device).await?;
    Ok(Json(Revoked { device: device.into(), revoked_now: found.revoked_at.is_none() }))
}

impl From<PersonError> for ProblemResponse {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::Storage(error) => error.into(),
            PersonError::Refused(refusal) => {
                Self::new(ProblemCode::NotAllowed, refusal.to_string())
            }
            PersonError::Unknown { .. } | PersonError::UnknownDevice { .. } => {
                Self::new(ProblemCode::NotFound, error.to_string())
            }
            PersonError::Disabled { .. } | PersonError::Password(_) => {
                Self::new(ProblemCode::Refused, error.to_string())
            }
        }
    }
}

impl From<ChangePersonError> for ProblemResponse {
    fn from(error: ChangePersonError) -> Self {
        match error {
            ChangePersonError::Storage(error) => error.into(),
            ChangePersonError::Refused(refusal) => {
                Self::new(ProblemCode::NotAllowed, refusal.to_string())
            }
            ChangePersonError::Unknown { .. } => {
                Self::new(ProblemCode::NotFound, error.to_string())
            }
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
