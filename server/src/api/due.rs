//! What is due: reminders of the rule core, kind by kind.

use axum::Json;
use axum::extract::State;
use client_core::id::DocId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::library::HelpBody;
use super::meetings::{Item, item};
use super::query::Query;
use super::values::{Named, code};
use super::{Answer, Caller, Day};
use crate::app::App;
use crate::web::lists::team::TeamQuery;
use crate::web::pages::due::{self, DueKind, DueLine};
use crate::web::queries::due_list;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(agenda))
}

/// Reminders of one kind.
#[derive(Debug, Serialize, ToSchema)]
struct DueOfKind {
    /// Code.
    kind: String,
    /// How many there are.
    all: usize,
    /// How many of them are late.
    overdue: usize,
    /// The first of them; more come with `kind` and `page`.
    items: Vec<DueItem>,
}

/// Something that somebody is to do.
#[derive(Debug, Serialize, ToSchema)]
struct DueItem {
    rep: Named,
    customer: Option<Named>,
    /// The document that it is about, where that is no customer.
    subject: Option<Named>,
    /// Code.
    state: String,
    opened_on: Day,
    due_on: Day,
}

/// Documents are known by where their page is.
fn named(named: due::Named) -> Named {
    let id: Option<DocId> = named.href.rsplit('/').next().and_then(|id| id.parse().ok());
    Named::opened(id, named.name.unwrap_or_default())
}

impl From<DueLine> for DueItem {
    fn from(line: DueLine) -> Self {
        Self {
            rep: Named::of(line.rep, line.rep_name),
            customer: line.customer.map(named),
            subject: line.subject.map(named),
            state: code(&line.state),
            opened_on: line.opened_on.into(),
            due_on: line.due_on.into(),
        }
    }
}

impl From<DueKind> for DueOfKind {
    fn from(kind: DueKind) -> Self {
        Self {
            kind: kind.kind.as_str().to_owned(),
            all: kind.all,
            overdue: kind.overdue,
            items: kind.lines.into_iter().map(DueItem::from).collect(),
        }
    }
}

/// What is due, kind by kind, the most urgent first.
#[utoipa::path(get, path = "/v1/due", tag = "boards", params(TeamQuery),
    responses((status = 200, body = Vec<DueOfKind>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TeamQuery>,
) -> Answer<Vec<DueOfKind>> {
    let ask = query.ask(caller.today())?;
    let data = due_list::page(app.storage(), &caller.base, &caller.reach, ask).await?;
    Ok(Json(data.kinds.into_iter().map(DueOfKind::from).collect()))
}

/// What people gave each other to do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Agenda)]
struct AgendaBody {
    /// Help that was asked for lately, the newest first.
    help: Vec<HelpBody>,
    /// What meetings decided and is not done, the longest due first.
    actions: Vec<Item>,
}

/// What people gave each other to do: help that was asked for, and what meetings decided.
#[utoipa::path(get, path = "/v1/due/agenda", tag = "boards", params(TeamQuery),
    responses((status = 200, body = AgendaBody)))]
async fn agenda(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<TeamQuery>,
) -> Answer<AgendaBody> {
    let (ask, reader) = (query.ask(caller.today())?, caller.signed.user);
    let (base, reach) = (&caller.base, &caller.reach);
    let found = due_list::agenda(app.storage(), base, reach, reader, &ask, usize::MAX).await?;
    let help = found.help.into_iter().map(|(_rep, _asked, one)| HelpBody::new(base, reach, one));
    let actions = found.actions.into_iter().map(|(_owner, one)| item(&caller, one));
    Ok(Json(AgendaBody { help: help.collect(), actions: actions.collect() }))
}
