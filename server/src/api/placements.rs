//! Who holds a customer or deal, and placing it.
//!
//! Everything goes through the registrar, as on the pages, so the same mistakes are
//! refused with the same words, as problem documents.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::{DocId, UnitId, UserId};
use client_core::protocol::ProblemCode;
use client_core::records::{PlacementRecord, Tier};
use client_core::time::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::id;
use super::values::{self, code};
use super::{Answer, Caller, Id, Instant};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{Place, PlaceError};
use crate::storage::placing::PlaceRefusal;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(placement, place))
}

/// What is to change in who holds a customer or deal. What is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Place)]
struct PlaceBody {
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    owner: Option<UserId>,
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    unit: Option<UnitId>,
    /// `a`, `b` or `c`; null takes the tier away.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>)]
    tier: Option<Option<Tier>>,
    /// Everybody who works along, in the place of those who do now.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Id>>)]
    collaborators: Option<Vec<UserId>>,
    #[serde(default)]
    #[schema(value_type = Vec<Id>)]
    add: Vec<UserId>,
    #[serde(default)]
    #[schema(value_type = Vec<Id>)]
    remove: Vec<UserId>,
    /// Now if absent.
    #[serde(default, deserialize_with = "values::instant")]
    #[schema(value_type = Option<Instant>)]
    from: Option<Timestamp>,
    /// With another owner: the open deals stay with whoever holds them.
    #[serde(default)]
    keep_deals: bool,
}

/// A value that was there, even if it was null.
fn said<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<Tier>>, D::Error> {
    Option::<Tier>::deserialize(value).map(Some)
}

/// Who held it when.
#[derive(Debug, Serialize, ToSchema)]
struct Placement {
    subject: Id,
    /// `customer` or `deal`.
    kind: String,
    /// The earliest first.
    spans: Vec<Span>,
    /// Whose a deal is that was decided.
    credit: Option<Id>,
    /// Open deals that went with a customer to its new owner just now.
    deals_along: Vec<Id>,
}

/// Who held it for a while.
#[derive(Debug, Serialize, ToSchema)]
struct Span {
    from: Instant,
    /// Absent while it lasts.
    until: Option<Instant>,
    owner: Id,
    collaborators: Vec<Id>,
    unit: Id,
    tier: Option<String>,
}

impl From<PlacementRecord> for Placement {
    fn from(record: PlacementRecord) -> Self {
        let spans = record.spans.into_iter().map(|span| Span {
            from: span.from.into(),
            until: span.until.map(Into::into),
            owner: span.owner.into(),
            collaborators: span.collaborators.into_iter().map(Into::into).collect(),
            unit: span.unit.into(),
            tier: span.tier.as_ref().map(code),
        });
        Self {
            subject: record.subject.into(),
            kind: record.kind.as_str().to_owned(),
            spans: spans.collect(),
            credit: record.credit.map(Into::into),
            deals_along: Vec::new(),
        }
    }
}

/// Who holds a customer or deal, and who did.
#[utoipa::path(get, path = "/v1/placements/{subject}", tag = "placements",
    params(("subject" = String, Path, description = "The customer or deal.")),
    responses((status = 200, body = Placement)))]
async fn placement(
    State(app): State<App>,
    caller: Caller,
    Path(subject): Path<String>,
) -> Answer<Placement> {
    let doc: DocId = id(&subject)?;
    Ok(Json(caller.registrar(&app).await?.placement(doc).await?.into()))
}

/// Places a customer or deal.
#[utoipa::path(post, path = "/v1/placements/{subject}", tag = "placements",
    params(("subject" = String, Path, description = "The customer or deal.")),
    request_body = PlaceBody, responses((status = 200, body = Placement)))]
async fn place(
    State(app): State<App>,
    caller: Caller,
    Path(subject): Path<String>,
    request: Body,
) -> Answer<Placement> {
    let doc: DocId = id(&subject)?;
    let PlaceBody { owner, unit, tier, collaborators, add, remove, from, keep_deals } =
        body::json(request).await?;
    let deals_of = None;
    let wanted =
        Place { owner, unit, tier, collaborators, add, remove, from, keep_deals, deals_of };
    if (Place { from: None, keep_deals: false, ..wanted.clone() }) == Place::default() {
        let detail = "nothing is to change: name owner, unit, tier, collaborators, add or remove";
        return Err(ProblemResponse::new(ProblemCode::Refused, detail));
    }
    let placed = caller.registrar(&app).await?.place_with_deals(doc, wanted).await?;
    let deals_along = placed.deals.iter().map(|one| one.deal.into()).collect();
    Ok(Json(Placement { deals_along, ..placed.placement.into() }))
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
