//! Where the team was on a day: planned stops and visits, by region.

use axum::Json;
use axum::extract::State;
use client_core::geo::Point;
use client_core::id::DocId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cards::heard;
use super::query::Query;
use super::values::Named;
use super::visits::VerdictBody;
use super::{Answer, Caller, Day, Id, Instant};
use crate::app::App;
use crate::web::lists::team::TeamQuery;
use crate::web::pages::map::{RegionOf, RepOnMap, Spot};
use crate::web::queries::map;
use crate::web::words::{Lang, Words};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// A day of the team on a map.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TeamMap)]
struct MapBody {
    day: Day,
    /// By name.
    regions: Vec<Region>,
}

/// A region.
#[derive(Debug, Serialize, ToSchema)]
struct Region {
    name: String,
    reps: Vec<RepOfDay>,
    points: Vec<MapPoint>,
}

/// A rep's day in numbers.
#[derive(Debug, Serialize, ToSchema)]
struct RepOfDay {
    rep: Named,
    /// Stops of the plan.
    planned: usize,
    /// Those of them that were visited.
    done: usize,
    /// Visits that no plan named.
    unplanned: usize,
    visits: usize,
    last_visit: Option<Id>,
    /// What is not known after this instant; absent where no phone is enrolled.
    heard_at: Option<Instant>,
}

/// A visit of the day, or a stop that is still planned.
#[derive(Debug, Serialize, ToSchema)]
struct MapPoint {
    /// Absent for a stop that is still planned.
    visit: Option<Id>,
    /// Of a stop that is still planned.
    customer: Option<Id>,
    name: Option<String>,
    rep: String,
    /// When the visit began.
    at: Option<Instant>,
    /// Where it is, if that is known.
    position: Option<Place>,
    /// Absent where no card has judged it yet.
    verdict: Option<VerdictBody>,
}

/// A WGS-84 position in 10⁻⁷ degree.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MapPosition)]
struct Place {
    lat_e7: i64,
    lon_e7: i64,
}

impl From<Point> for Place {
    fn from(point: Point) -> Self {
        Self { lat_e7: point.lat_e7, lon_e7: point.lon_e7 }
    }
}

impl From<Spot> for MapPoint {
    fn from(spot: Spot) -> Self {
        let of = |section: &str| spot.href.strip_prefix(section)?.parse::<DocId>().ok();
        Self {
            visit: of("/visits/").map(Into::into),
            customer: of("/customers/").map(Into::into),
            name: spot.name,
            rep: spot.rep,
            at: spot.at.map(Into::into),
            position: spot.point.map(Into::into),
            verdict: spot.verdict.map(|(verdict, counts)| VerdictBody::new(&verdict, counts)),
        }
    }
}

impl From<RepOnMap> for RepOfDay {
    fn from(rep: RepOnMap) -> Self {
        Self {
            rep: Named::of(rep.rep, rep.name),
            planned: rep.planned,
            done: rep.done,
            unplanned: rep.unplanned,
            visits: rep.visits,
            last_visit: rep.last.map(|(visit, ..)| visit.into()),
            heard_at: heard(rep.heard),
        }
    }
}

impl From<RegionOf> for Region {
    fn from(region: RegionOf) -> Self {
        Self {
            name: region.name,
            reps: region.reps.into_iter().map(RepOfDay::from).collect(),
            points: region.spots.into_iter().map(MapPoint::from).collect(),
        }
    }
}

/// Where everybody was on a day, planned against done. Whose places were given is written
/// down in the audit log.
#[utoipa::path(get, path = "/v1/map", tag = "boards", params(TeamQuery),
    responses((status = 200, body = MapBody)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TeamQuery>,
) -> Answer<MapBody> {
    let ask = query.ask(caller.today())?;
    // The words are for the page's verdicts, which go out as codes here.
    let (w, base, reach) = (Words::new(Lang::En), &caller.base, &caller.reach);
    let data = map::page(app.storage(), w, base, reach, ask).await?;
    let since = caller.base.zone().start_of(caller.today());
    let (office, by) = (caller.office(&app), caller.signed.user);
    office.looked_at_map(data.ask.day, map::shown(&data), by, since).await?;
    Ok(Json(MapBody {
        day: data.ask.day.into(),
        regions: data.regions.into_iter().map(Region::from).collect(),
    }))
}
