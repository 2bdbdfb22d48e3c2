//! How far everybody is: org, units, reps (F12).

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::query::Query;
use super::values::Named;
use super::{Answer, Caller};
use crate::app::App;
use crate::web::lists::team::TeamQuery;
use crate::web::pages::attainment::{Node, Who};
use crate::web::queries::attainment;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// How far everybody is with one figure of a month.
#[derive(Debug, Serialize, ToSchema)]
struct AttainmentTree {
    period: String,
    metric: String,
    /// Every figure that has targets.
    metrics: Vec<String>,
    working_days: i64,
    /// Those that have passed, today included.
    elapsed_days: i64,
    /// Of amounts.
    currency: String,
    /// Each below the one above it.
    nodes: Vec<AttainmentNode>,
}

/// The org, a unit or a rep.
#[derive(Debug, Serialize, ToSchema)]
struct AttainmentNode {
    /// `org`, `unit` or `rep`.
    level: &'static str,
    /// Which; absent for the org.
    of: Option<Named>,
    depth: usize,
    reached: Option<i64>,
    /// The target of its own.
    target: Option<i64>,
    /// What the targets of its parts sum to.
    parts: Option<i64>,
    /// Whether some of it is not known here yet.
    unknown: bool,
}

impl From<Node> for AttainmentNode {
    fn from(node: Node) -> Self {
        let (level, of) = match node.who {
            Who::Org => ("org", None),
            Who::Unit(unit, name) => ("unit", Some(Named::of(unit, name))),
            Who::Rep(rep, name) => ("rep", Some(Named::of(rep, name))),
        };
        Self {
            level,
            of,
            depth: node.depth,
            reached: node.reached,
            target: node.wanted,
            parts: node.parts,
            unknown: node.unknown,
        }
    }
}

/// How far org, units and reps are with a figure.
#[utoipa::path(get, path = "/v1/attainment", tag = "boards", params(TeamQuery),
    responses((status = 200, body = AttainmentTree)))]
async fn show(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TeamQuery>,
) -> Answer<AttainmentTree> {
    let ask = query.ask(caller.today())?;
    let data =
        attainment::page(app.storage(), &caller.base, &caller.reach, ask, caller.now).await?;
    Ok(Json(AttainmentTree {
        period: data.ask.month.to_string(),
        metric: data.metric.to_string(),
        metrics: data.metrics.iter().map(ToString::to_string).collect(),
        working_days: data.progress.working_days,
        elapsed_days: data.progress.elapsed_days,
        currency: data.currency.to_string(),
        nodes: data.nodes.into_iter().map(AttainmentNode::from).collect(),
    }))
}
