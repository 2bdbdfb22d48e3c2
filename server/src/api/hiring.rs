//! Hiring, inviting and changing people.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::{UnitId, UserId};
use client_core::protocol::ProblemCode;
use client_core::records::Role;
use client_core::time::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::id;
use super::people::Person;
use super::{Answer, Caller, Day, Id, Instant};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{ChangePerson, CreateUser, CreateUserError, PasswordChoice};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(hire))
        .routes(routes!(change))
        .routes(routes!(invite))
        .routes(routes!(reset_password))
}

/// Somebody to be hired; they sign in once they are invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Hire {
    /// Unique on the server: `a` to `z`, digits and `. _ - @ +`.
    login: String,
    name: String,
    /// `rep`, `supervisor`, `manager`, `analyst` or `admin`.
    #[schema(value_type = String)]
    role: Role,
    /// Main one first; the top one if empty.
    #[serde(default)]
    #[schema(value_type = Vec<Id>)]
    units: Vec<UnitId>,
    #[serde(default)]
    #[schema(value_type = Option<Day>)]
    hired_on: Option<Date>,
    /// `en`, `zh-CN` or `zh-TW`; the org's if absent.
    #[serde(default)]
    locale: Option<String>,
}

/// Hires somebody.
#[utoipa::path(post, path = "/v1/people", tag = "people", request_body = Hire,
    responses((status = 200, body = Person)))]
async fn hire(State(app): State<App>, caller: Caller, request: Body) -> Answer<Person> {
    let registrar = caller.looking_after(&app).await?;
    let Hire { login, name, role, units, hired_on, locale } = body::json(request).await?;
    let password = PasswordChoice::Later;
    let wanted = CreateUser { login, name, role, units, hired_on, locale, password };
    Ok(Json(registrar.create_person(wanted).await?.user.into()))
}

/// What somebody is to be from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangePerson)]
struct Change {
    name: String,
    /// `rep`, `supervisor`, `manager`, `analyst` or `admin`.
    #[schema(value_type = String)]
    role: Role,
    /// Main one first.
    #[schema(value_type = Vec<Id>)]
    units: Vec<UnitId>,
    #[schema(value_type = Option<Day>)]
    hired_on: Option<Date>,
    /// `en`, `zh-CN` or `zh-TW`; the org's if null.
    locale: Option<String>,
}

/// Changes what somebody is; every field is named.
#[utoipa::path(post, path = "/v1/people/{person}", tag = "people",
    params(("person" = String, Path, description = "Their id.")),
    request_body = Change, responses((status = 200, body = Person)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
    request: Body,
) -> Answer<Person> {
    let registrar = caller.looking_after(&app).await?;
    let user: UserId = id(&person)?;
    let Change { name, role, units, hired_on, locale } = body::json(request).await?;
    let wanted = ChangePerson { name, role, units, hired_on, locale };
    Ok(Json(registrar.change_person(user, wanted).await?.into()))
}

/// What somebody comes in with. It is told once.
#[derive(Debug, Serialize, ToSchema)]
struct Invitation {
    login: String,
    /// The code for a phone.
    code: String,
    /// For a browser, where they have no password of their own.
    one_time_password: Option<String>,
    /// Until when both are good.
    until: Instant,
}

/// Invites somebody: whatever they were given before is worth nothing any more.
#[utoipa::path(post, path = "/v1/people/{person}/invite", tag = "people",
    params(("person" = String, Path, description = "Whom.")),
    responses((status = 200, body = Invitation)))]
async fn invite(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
) -> Answer<Invitation> {
    let user: UserId = id(&person)?;
    let invited = caller.looking_after(&app).await?.invite(user).await?;
    Ok(Json(Invitation {
        code: invited.code.to_string(),
        one_time_password: invited.one_time_password.map(|drawn| drawn.reveal().to_owned()),
        until: invited.until.into(),
        login: invited.login,
    }))
}

/// A password to be told once and changed at the first sign-in.
#[derive(Debug, Serialize, ToSchema)]
struct NewPassword {
    one_time_password: Option<String>,
}

/// Gives somebody another password; all their sessions end.
#[utoipa::path(post, path = "/v1/people/{person}/password", tag = "people",
    params(("person" = String, Path, description = "Whose.")),
    responses((status = 200, body = NewPassword)))]
async fn reset_password(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
) -> Answer<NewPassword> {
    let user: UserId = id(&person)?;
    let registrar = caller.looking_after(&app).await?;
    let drawn = registrar.reset_password(user, PasswordChoice::OneTime).await?;
    let one_time_password = drawn.map(|drawn| drawn.reveal().to_owned());
    Ok(Json(NewPassword { one_time_password }))
}

impl From<CreateUserError> for ProblemResponse {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::Storage(error) => error.into(),
            CreateUserError::Hash(error) => error.into(),
            CreateUserError::Refused(refusal) => {
                Self::new(ProblemCode::NotAllowed, refusal.to_string())
            }
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
