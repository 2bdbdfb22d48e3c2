//! Boards over a team: what is due, who is in danger, how far everybody is, a year of
//! sales, where everybody was.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::answer::{self, PageError};
use super::behalf;
use super::query::Query;
use super::sections::REFRESH_S;
use super::visitor::Visitor;
use crate::app::App;
use crate::storage::StorageError;
use crate::web::frame::{Frame, Section};
use crate::web::lists::team::{TeamAsk, TeamQuery};
use crate::web::pages::attainment::AttainmentPage;
use crate::web::pages::due::Due;
use crate::web::pages::map::TeamMap;
use crate::web::pages::risks::Risks;
use crate::web::pages::trends::Trends;
use crate::web::queries::{
    attainment as attainment_queries, due_list as due_queries, map as map_queries,
    risks as risk_queries, trends as trend_queries,
};

/// A board from its address: what it asks for is read, and what was found is shown in a
/// frame that refreshes itself.
async fn board<T, P: Template>(
    visitor: &Visitor,
    query: &TeamQuery,
    section: Section,
    read: impl AsyncFnOnce(TeamAsk) -> Result<T, StorageError>,
    show: impl FnOnce(Frame, T) -> P,
) -> Response {
    let page = async {
        let data = read(query.ask(visitor.today())?).await?;
        let frame = Frame { refresh_s: REFRESH_S, ..visitor.frame(section) };
        answer::html(&show(frame, data))
    };
    let page: Result<Response, PageError> = page.await;
    visitor.answer(page)
}

/// `GET /due`.
pub(super) async fn due(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let (storage, base, reach) = (app.storage(), &visitor.base, &visitor.reach);
    let read = async |ask| {
        let (reader, most) = (visitor.signed.user, due_queries::BESIDE);
        let agenda = due_queries::agenda(storage, base, reach, reader, &ask, most).await?;
        Ok((due_queries::page(storage, base, reach, ask).await?, agenda))
    };
    let show = |frame, (data, agenda)| Due::new(frame, &visitor.f, &data, &agenda);
    board(&visitor, &query, Section::Due, read, show).await
}

/// `GET /risks`.
pub(super) async fn risks(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let (storage, base, reach) = (app.storage(), &visitor.base, &visitor.reach);
    let read = async |ask| risk_queries::page(storage, base, reach, ask).await;
    let show = |frame, data| Risks::new(frame, &visitor.f, &data);
    board(&visitor, &query, Section::Risks, read, show).await
}

/// `GET /attainment`.
pub(super) async fn attainment(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let (storage, base, reach) = (app.storage(), &visitor.base, &visitor.reach);
    let read = async |ask| attainment_queries::page(storage, base, reach, ask, visitor.now).await;
    let show = |frame, data| AttainmentPage::new(frame, &visitor.f, &data);
    board(&visitor, &query, Section::Attainment, read, show).await
}

/// `GET /trends`.
pub(super) async fn trends(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let (storage, base, reach) = (app.storage(), &visitor.base, &visitor.reach);
    let read = async |ask| trend_queries::page(storage, base, reach, ask, visitor.now).await;
    let show = |frame, data| Trends::new(frame, &visitor.f, &data);
    board(&visitor, &query, Section::Trends, read, show).await
}

/// `GET /map`. Whose places were shown is written down.
pub(super) async fn map(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let (storage, base, reach) = (app.storage(), &visitor.base, &visitor.reach);
    let read = async |ask| {
        let data = map_queries::page(storage, visitor.f.w, base, reach, ask).await?;
        behalf::looked_at_map(&app, &visitor, data.ask.day, map_queries::shown(&data)).await?;
        Ok(data)
    };
    let show = |frame, data| TeamMap::new(frame, &visitor.f, &data);
    board(&visitor, &query, Section::Map, read, show).await
}
