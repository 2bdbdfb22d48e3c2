//! What managers decide from a program of their own: who holds what, who belongs
//! where, who may sign in, which phones are in use.
//!
//! Everything goes through the registrar, as on the pages, so the same mistakes are
//! refused with the same words, as problem documents.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use client_core::id::{DeviceId, DocId, UnitId, UserId};
use client_core::protocol::ProblemCode;
use client_core::records::{PlacementRecord, Tier, UserRecord};
use client_core::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ProblemResponse, body};
use crate::app::App;
use crate::auth::Signed;
use crate::office::{By, ChangePersonError, Office, PersonError, Place, PlaceError, Registrar};
use crate::storage::placing::PlaceRefusal;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/placements/{doc}", get(placement).post(place))
        .route("/v1/people/{user}/hand_over", post(hand_over))
        .route("/v1/people/{user}/move", post(move_person))
        .route("/v1/people/{user}/disable", post(disable))
        .route("/v1/people/{user}/enable", post(enable))
        .route("/v1/people/{user}/devices/{device}/revoke", post(revoke))
}

/// What is to change in who holds a customer or deal. What is absent stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceBody {
    #[serde(default)]
    owner: Option<UserId>,
    #[serde(default)]
    unit: Option<UnitId>,
    /// Null takes the tier away.
    #[serde(default, deserialize_with = "said")]
    tier: Option<Option<Tier>>,
    #[serde(default)]
    collaborators: Option<Vec<UserId>>,
    #[serde(default)]
    add: Vec<UserId>,
    #[serde(default)]
    remove: Vec<UserId>,
    #[serde(default)]
    from: Option<Timestamp>,
}

/// A value that was there, even if it was null.
fn said<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<Tier>>, D::Error> {
    Option::<Tier>::deserialize(value).map(Some)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HandOverBody {
    to: UserId,
    #[serde(default)]
    unit: Option<UnitId>,
    #[serde(default)]
    from: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct HandedOverBody {
    owned: usize,
    shared: usize,
    /// What stays as it was, and why.
    left: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoveBody {
    /// Main one first.
    units: Vec<UnitId>,
}

async fn office(app: &App, signed: &Signed) -> Result<(Office, UserRecord), ProblemResponse> {
    let office = Office::of(app.clone(), signed.org);
    let user = office.user(signed.user).await?;
    let user = user.ok_or_else(|| {
        ProblemResponse::new(ProblemCode::NotAllowed, "this person is not in the org any more")
    })?;
    Ok((office, user))
}

pub(super) async fn registrar(app: &App, signed: &Signed) -> Result<Registrar, ProblemResponse> {
    let (office, user) = office(app, signed).await?;
    Ok(office.registrar(By::Person(user)).await?)
}

pub(super) fn id<T: std::str::FromStr>(text: &str) -> Result<T, ProblemResponse> {
    text.parse().map_err(|_error| {
        ProblemResponse::new(ProblemCode::NotFound, format!("{text:?} is not an id"))
    })
}

async fn placement(
    State(app): State<App>,
    signed: Signed,
    Path(doc): Path<String>,
) -> Result<Json<PlacementRecord>, ProblemResponse> {
    let doc: DocId = id(&doc)?;
    let registrar = registrar(&app, &signed).await?;
    Ok(Json(registrar.placement(doc).await?))
}

async fn place(
    State(app): State<App>,
    signed: Signed,
    Path(doc): Path<String>,
    request: Body,
) -> Result<Json<PlacementRecord>, ProblemResponse> {
    let doc: DocId = id(&doc)?;
    let PlaceBody { owner, unit, tier, collaborators, add, remove, from } =
        body::json(request).await?;
    let wanted = Place { owner, unit, tier, collaborators, add, remove, from };
    if (Place { from: None, ..wanted.clone() }) == Place::default() {
        let detail = "nothing is to change: name owner, unit, tier, collaborators, add or remove";
        return Err(ProblemResponse::new(ProblemCode::Refused, detail));
    }
    Ok(Json(registrar(&app, &signed).await?.place(doc, wanted).await?))
}

async fn hand_over(
    State(app): State<App>,
    signed: Signed,
    Path(user): Path<String>,
    request: Body,
) -> Result<Json<HandedOverBody>, ProblemResponse> {
    let user: UserId = id(&user)?;
    let HandOverBody { to, unit, from } = body::json(request).await?;
    let wanted = Place { unit, from, ..Place::default() };
    let done = registrar(&app, &signed).await?.hand_over(user, to, wanted).await?;
    let left = done.left.iter().map(ToString::to_string).collect();
    Ok(Json(HandedOverBody { owned: done.owned, shared: done.shared, left }))
}

async fn move_person(
    State(app): State<App>,
    signed: Signed,
    Path(user): Path<String>,
    request: Body,
) -> Result<Json<UserRecord>, ProblemResponse> {
    let user: UserId = id(&user)?;
    let MoveBody { units } = body::json(request).await?;
    Ok(Json(registrar(&app, &signed).await?.move_person(user, units).await?))
}

async fn disable(
    State(app): State<App>,
    signed: Signed,
    Path(user): Path<String>,
) -> Result<Json<UserRecord>, ProblemResponse> {
    let user: UserId = id(&user)?;
    Ok(Json(registrar(&app, &signed).await?.disable(user).await?))
}

async fn enable(
    State(app): State<App>,
    signed: Signed,
    Path(user): Path<String>,
) -> Result<Json<UserRecord>, ProblemResponse> {
    let user: UserId = id(&user)?;
    Ok(Json(registrar(&app, &signed).await?.enable(user).await?))
}

#[derive(Debug, Serialize)]
struct RevokedBody {
    device: DeviceId,
    /// False if it was revoked before.
    revoked_now: bool,
}

async fn revoke(
    State(app): State<App>,
    signed: Signed,
    Path((user, device)): Path<(String, String)>,
) -> Result<Json<RevokedBody>, ProblemResponse> {
    let (user, device): (UserId, DeviceId) = (id(&user)?, id(&device)?);
    let found = registrar(&app, &signed).await?.revoke_device(user, device).await?;
    Ok(Json(RevokedBody { device, revoked_now: found.revoked_at.is_none() }))
}

impl From<PlaceError> for ProblemResponse {
    fn from(error: PlaceError) -> Self {
        let code = match &error {
            PlaceError::Storage(_) => {
                let PlaceError::Storage(error) = error else {
                    return Self::new(ProblemCode::ServerFault, error.to_string());
                };
                return error.into();
            }
            PlaceError::Refused(_) => ProblemCode::NotAllowed,
            PlaceError::Unknown { .. } | PlaceError::Standing(PlaceRefusal::Unknown { .. }) => {
                ProblemCode::NotFound
            }
            _ => ProblemCode::Refused,
        };
        Self::new(code, error.to_string())
    }
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
