//! The tree of units.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::UnitId;
use client_core::protocol::ProblemCode;
use client_core::records::{UnitKind, UnitRecord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::caller::id;
use super::values::code;
use super::{Answer, Caller, Id};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{ChangeUnit, ChangeUnitError, CreateUnit, CreateUnitError};
use crate::web::queries::people;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, make)).routes(routes!(one, change))
}

/// A unit; those below one follow it in the list.
#[derive(Debug, Serialize, ToSchema)]
struct Unit {
    id: Id,
    name: String,
    /// `region`, `industry`, `product`, `channel` or `team`.
    kind: String,
    parent: Option<Id>,
    /// People in it.
    people: usize,
    /// People in it and below.
    people_below: usize,
    /// Whether the caller looks after people of it.
    reached: bool,
    /// Whether the caller may rename and move it.
    shaped: bool,
}

async fn tree(app: &App, caller: &Caller) -> Result<Vec<Unit>, ProblemResponse> {
    let registrar = caller.looking_after(app).await?;
    let parent = |id: UnitId| {
        caller.base.units.iter().find(|unit| unit.id == id).and_then(|unit| unit.parent)
    };
    let units = people::tree(&caller.base, &registrar).into_iter().map(|unit| Unit {
        id: unit.id.into(),
        name: unit.name,
        kind: code(&unit.kind),
        parent: parent(unit.id).map(Into::into),
        people: unit.people,
        people_below: unit.below,
        reached: unit.reached,
        shaped: unit.shaped,
    });
    Ok(units.collect())
}

/// Every unit, each below the one above it.
#[utoipa::path(get, path = "/v1/units", tag = "people",
    responses((status = 200, body = Vec<Unit>)))]
async fn list(State(app): State<App>, caller: Caller) -> Answer<Vec<Unit>> {
    Ok(Json(tree(&app, &caller).await?))
}

/// One unit.
#[utoipa::path(get, path = "/v1/units/{unit}", tag = "people",
    params(("unit" = String, Path, description = "Its id.")),
    responses((status = 200, body = Unit)))]
async fn one(State(app): State<App>, caller: Caller, Path(unit): Path<String>) -> Answer<Unit> {
    let wanted: UnitId = id(&unit)?;
    let wanted = Id::from(wanted);
    let found = tree(&app, &caller).await?.into_iter().find(|unit| unit.id == wanted);
    Ok(Json(found.ok_or_else(not_found)?))
}

/// What a unit is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUnit {
    /// Unique below its parent.
    name: String,
    /// `region`, `industry`, `product`, `channel` or `team`.
    #[schema(value_type = String)]
    kind: UnitKind,
    /// The unit above; a new one hangs below the top where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    parent: Option<UnitId>,
}

/// A unit as it was written.
#[derive(Debug, Serialize, ToSchema)]
struct WrittenUnit {
    id: Id,
    name: String,
    kind: String,
    parent: Option<Id>,
}

impl From<UnitRecord> for WrittenUnit {
    fn from(unit: UnitRecord) -> Self {
        let (id, parent) = (unit.id.into(), unit.parent.map(Into::into));
        Self { id, kind: code(&unit.kind), name: unit.name, parent }
    }
}

/// Makes a unit.
#[utoipa::path(post, path = "/v1/units", tag = "people", request_body = NewUnit,
    responses((status = 200, body = WrittenUnit)))]
async fn make(State(app): State<App>, caller: Caller, request: Body) -> Answer<WrittenUnit> {
    let registrar = caller.looking_after(&app).await?;
    let NewUnit { name, kind, parent } = body::json(request).await?;
    Ok(Json(registrar.create_unit(CreateUnit { name, kind, parent }).await?.into()))
}

/// Renames a unit, or moves it with all that is below it.
#[utoipa::path(post, path = "/v1/units/{unit}", tag = "people",
    params(("unit" = String, Path, description = "Its id.")), request_body = NewUnit,
    responses((status = 200, body = WrittenUnit)))]
async fn change(
    State(app): State<App>,
    caller: Caller,
    Path(unit): Path<String>,
    request: Body,
) -> Answer<WrittenUnit> {
    let registrar = caller.looking_after(&app).await?;
    let unit: UnitId = id(&unit)?;
    let NewUnit { name, kind, parent } = body::json(request).await?;
    Ok(Json(registrar.change_unit(unit, ChangeUnit { name, kind, parent }).await?.into()))
}

impl From<CreateUnitError> for ProblemResponse {
    fn from(error: CreateUnitError) -> Self {
        match error {
            CreateUnitError::Storage(error) => error.into(),
            CreateUnitError::Refused(refusal) => {
                Self::new(ProblemCode::NotAllowed, refusal.to_string())
            }
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}

impl From<ChangeUnitError> for ProblemResponse {
    fn from(error: ChangeUnitError) -> Self {
        match error {
            ChangeUnitError::Storage(error) => error.into(),
            ChangeUnitError::Refused(refusal) => {
                Self::new(ProblemCode::NotAllowed, refusal.to_string())
            }
            ChangeUnitError::Unknown { .. } => Self::new(ProblemCode::NotFound, error.to_string()),
            error => Self::new(ProblemCode::Refused, error.to_string()),
        }
    }
}
