//! Giving many customers to somebody: the load before and after, and doing it.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use client_core::id::{DocId, UnitId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::values::Named;
use super::{Amount, Answer, Caller, Id};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{Handed, Handing};
use crate::storage::Lists;
use crate::storage::lists::{CustomerFilter, Window};
use crate::web::lists::Unreadable;
use crate::web::queries::placement::{self, ByTier, Load};

/// Customers and deals of one request.
const MOST: usize = 1_000;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(preview)).routes(routes!(give))
}

/// Customers that somebody might get.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PreviewHanding {
    #[schema(value_type = Id)]
    to: UserId,
    #[schema(value_type = Vec<Id>)]
    customers: Vec<DocId>,
}

/// What giving them would mean. Those that the reader may not see are not among them.
#[derive(Debug, Serialize, ToSchema)]
struct HandingPreview {
    customers: usize,
    /// The month that is reckoned with: the next, which is whole.
    month: String,
    /// Whoever gets them first, then whoever gives.
    loads: Vec<HandingLoad>,
    /// Open deals that go along, and what they are worth by currency.
    open_deals: usize,
    worth: Vec<Amount>,
}

/// What somebody is loaded with.
#[derive(Debug, Serialize, ToSchema)]
struct HandingLoad {
    rep: Named,
    before: LoadBody,
    after: LoadBody,
    /// Working days of the month, less their leave.
    working_days: i64,
}

/// Customers by tier, and the visits that they ask for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoadOfRep)]
struct LoadBody {
    a: u64,
    b: u64,
    c: u64,
    no_tier: u64,
    /// Visits of the month, in hundredths.
    visits_hundredths: i64,
}

fn load([a, b, c, no_tier]: ByTier, visits_hundredths: i64) -> LoadBody {
    LoadBody { a, b, c, no_tier, visits_hundredths }
}

impl From<Load> for HandingLoad {
    fn from(one: Load) -> Self {
        Self {
            rep: Named::of(one.user, one.name),
            before: load(one.customers.0, one.visits.0),
            after: load(one.customers.1, one.visits.1),
            working_days: one.days,
        }
    }
}

/// What giving customers to somebody would mean. Nothing changes.
#[utoipa::path(post, path = "/v1/placements/preview", tag = "placements",
    request_body = PreviewHanding, responses((status = 200, body = HandingPreview)))]
async fn preview(State(app): State<App>, caller: Caller, request: Body) -> Answer<HandingPreview> {
    let deals_of = caller.leading(&app).await?.deals_of();
    let PreviewHanding { to, customers } = body::long_json(request).await?;
    if customers.len() > MOST {
        return Err(Unreadable.into());
    }
    let (storage, base) = (app.storage(), &caller.base);
    let to = base.users.iter().find(|user| user.id == to && caller.reach.sees(user.id));
    let to = to.ok_or_else(not_found)?;
    let seen = CustomerFilter {
        within: caller.reach.scopes(),
        only: Some(customers),
        ..CustomerFilter::default()
    };
    let docs = storage.find_customers(base.org.id, seen, Window::ALL).await?.docs;
    let found =
        placement::preview(storage, base, to, docs, (caller.today(), deals_of.as_ref())).await?;
    Ok(Json(HandingPreview {
        customers: found.customers.len(),
        month: found.month.to_string(),
        loads: found.loads.into_iter().map(HandingLoad::from).collect(),
        open_deals: found.deals.0,
        worth: found.deals.1.into_iter().map(Amount::from).collect(),
    }))
}

/// Customers and deals that go to somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HandMany)]
struct GiveBody {
    handings: Vec<HandingBody>,
}

/// One that goes to somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Handing)]
struct HandingBody {
    /// The customer or deal.
    #[schema(value_type = Id)]
    subject: DocId,
    #[schema(value_type = Id)]
    to: UserId,
    /// The receiver's main unit if absent.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    unit: Option<UnitId>,
    /// Only if this person still holds it: for taking back what was done.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    held_by: Option<UserId>,
    /// A customer's open deals stay with whoever holds them.
    #[serde(default)]
    keep_deals: bool,
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HandedMany)]
struct Given {
    done: Vec<GivenOne>,
    /// Theirs already.
    same: Vec<Id>,
    /// They stay: another team's, or somebody else was faster.
    left: Vec<Id>,
}

/// What went to somebody else, with what it was before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Handed)]
struct GivenOne {
    subject: Id,
    /// Absent where it was nobody's.
    was: Option<Was>,
    /// Open deals that went along.
    deals: Vec<DealGiven>,
}

/// Whose something was.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HandedFrom)]
struct Was {
    owner: Id,
    unit: Id,
}

/// A deal that went along.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HandedDeal)]
struct DealGiven {
    deal: Id,
    was: Was,
}

fn was((owner, unit): (UserId, UnitId)) -> Was {
    Was { owner: owner.into(), unit: unit.into() }
}

impl From<Handed> for GivenOne {
    fn from(one: Handed) -> Self {
        let deals = one.deals.into_iter();
        Self {
            subject: one.doc.into(),
            was: one.was.map(was),
            deals: deals
                .map(|along| DealGiven { deal: along.deal.into(), was: was(along.was) })
                .collect(),
        }
    }
}

/// Gives customers and deals to somebody, one by one: what may not be given stays and is
/// told. The same again changes nothing.
#[utoipa::path(post, path = "/v1/placements", tag = "placements", request_body = GiveBody,
    responses((status = 200, body = Given)))]
async fn give(State(app): State<App>, caller: Caller, request: Body) -> Answer<Given> {
    let registrar = caller.leading(&app).await?;
    let GiveBody { handings } = body::long_json(request).await?;
    if handings.len() > MOST {
        return Err(Unreadable.into());
    }
    let wanted: Vec<Handing> = handings
        .into_iter()
        .map(|HandingBody { subject, to, unit, held_by, keep_deals }| Handing {
            doc: subject,
            to,
            unit,
            held_by,
            keep_deals,
        })
        .collect();
    let done = registrar.place_many(&wanted).await.map_err(ProblemResponse::from)?;
    Ok(Json(Given {
        done: done.done.into_iter().map(GivenOne::from).collect(),
        same: done.same.into_iter().map(Into::into).collect(),
        left: done.left.into_iter().map(Into::into).collect(),
    }))
}
