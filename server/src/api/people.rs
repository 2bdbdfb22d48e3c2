//! People: who there is, and what is decided about them.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::{DeviceId, UnitId, UserId};
use client_core::protocol::ProblemCode;
use client_core::records::{Role, UserRecord};
use client_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Listed, not_found};
use super::caller::id;
use super::devices::{Device, device};
use super::query::Query;
use super::values::{self, code};
use super::{Answer, Caller, Day, Id, Instant, Page};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{ChangePersonError, PersonError, Place, Standing};
use crate::web::lists::{self, given};
use crate::web::queries::people;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(one))
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

/// A person in a list.
#[derive(Debug, Serialize, ToSchema)]
struct PersonLine {
    person: Person,
    login: String,
    /// `active`, `invited`, `not_invited` or `disabled`.
    standing: &'static str,
    /// When a phone of theirs was heard last.
    heard_at: Option<Instant>,
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Disabled => "disabled",
        Standing::NotInvited => "not_invited",
        Standing::Invited { .. } => "invited",
        Standing::Active => "active",
    }
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct PeopleQuery {
    /// Part of a name or login.
    q: String,
    /// In this unit.
    unit: String,
    /// `rep`, `supervisor`, `manager`, `analyst` or `admin`.
    role: String,
    /// Which page, from 1.
    page: String,
}

/// People whom the caller sees, by name.
#[utoipa::path(get, path = "/v1/people", tag = "people", params(PeopleQuery),
    responses((status = 200, body = Page<PersonLine>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PeopleQuery>,
) -> Result<Listed<PersonLine>, ProblemResponse> {
    let registrar = caller.looking_after(&app).await?;
    let wanted = people::Wanted {
        text: query.q.trim().to_owned(),
        unit: given(&query.unit)?,
        role: lists::code(&query.role, Role::parse)?,
        standing: None,
        page: lists::page(&query.page)?,
    };
    let (base, now) = (&caller.base, caller.now);
    let found = people::list(app.storage(), base, &registrar, &wanted, now).await?;
    let lines = found.people.into_iter().map(|line| PersonLine {
        person: line.user.into(),
        login: line.login,
        standing: standing(line.standing),
        heard_at: line.heard.map(Into::into),
    });
    let all = u64::try_from(found.all).unwrap_or(u64::MAX);
    Ok(Listed(caller.page_counted(lines.collect(), wanted.page, all)))
}

/// A person, their phones, and what was done.
#[derive(Debug, Serialize, ToSchema)]
struct PersonInFull {
    person: Person,
    login: String,
    /// `active`, `invited`, `not_invited` or `disabled`.
    standing: &'static str,
    /// The password was given out and opens nothing until it is replaced.
    must_change_password: bool,
    devices: Vec<Device>,
    /// How many customers they hold.
    customers: usize,
    /// The latest first.
    history: Vec<DeedBody>,
}

/// Something that was done about a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deed)]
struct DeedBody {
    at: Instant,
    /// Absent where the command line did.
    by: Option<String>,
    /// Code.
    what: String,
    detail: Option<String>,
}

/// A person, their phones, and what was done about them.
#[utoipa::path(get, path = "/v1/people/{person}", tag = "people",
    params(("person" = String, Path, description = "Their id.")),
    responses((status = 200, body = PersonInFull)))]
async fn one(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
) -> Answer<PersonInFull> {
    let registrar = caller.looking_after(&app).await?;
    let user: UserId = id(&person)?;
    let (base, now) = (&caller.base, caller.now);
    let found = people::person(app.storage(), base, &registrar, user, now).await?;
    let found = found.ok_or_else(not_found)?;
    let history = found.history.into_iter().map(|deed| DeedBody {
        at: deed.at.into(),
        by: deed.by,
        what: deed.what,
        detail: deed.detail,
    });
    Ok(Json(PersonInFull {
        login: found.login,
        standing: standing(found.standing),
        must_change_password: found.must_change,
        devices: found.phones.iter().map(|row| device(&caller, row)).collect(),
        customers: found.customers,
        history: history.collect(),
        person: found.user.into(),
    }))
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
    #[schema(value_type = Option<Instant>)]
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
    if !caller.base.users.iter().any(|known| known.id == user) {
        return Err(not_found());
    }
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
