//! Boards over a team: what is due, who is in danger, how far everybody is, a year of
//! sales, where everybody was.

use axum::extract::State;
use axum::response::Response;

use super::answer;
use super::query::Query;
use super::sections::REFRESH_S;
use super::visitor::Visitor;
use crate::app::App;
use crate::web::frame::{Frame, Section};
use crate::web::lists::team::TeamQuery;
use crate::web::pages::attainment::AttainmentPage;
use crate::web::pages::due::Due;
use crate::web::pages::map::TeamMap;
use crate::web::pages::risks::Risks;
use crate::web::pages::trends::Trends;
use crate::web::queries::{
    attainment as attainment_queries, due_list as due_queries, map as map_queries,
    risks as risk_queries, trends as trend_queries,
};

fn live(visitor: &Visitor, section: Section) -> Frame {
    Frame { refresh_s: REFRESH_S, ..visitor.frame(section) }
}

/// `GET /due`.
pub(super) async fn due(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let page = async {
        let (base, reach) = (&visitor.base, &visitor.reach);
        let ask = query.ask(visitor.today())?;
        let reader = visitor.signed.user;
        let agenda = due_queries::agenda(app.storage(), base, reach, reader, &ask).await?;
        let data = due_queries::page(app.storage(), base, reach, ask).await?;
        answer::html(&Due::new(live(&visitor, Section::Due), &visitor.f, &data, &agenda))
    };
    visitor.answer(page.await)
}

/// `GET /risks`.
pub(super) async fn risks(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let page = async {
        let (base, reach) = (&visitor.base, &visitor.reach);
        let ask = query.ask(visitor.today())?;
        let data = risk_queries::page(app.storage(), base, reach, ask).await?;
        answer::html(&Risks::new(live(&visitor, Section::Risks), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /attainment`.
pub(super) async fn attainment(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let page = async {
        let (base, reach) = (&visitor.base, &visitor.reach);
        let ask = query.ask(visitor.today())?;
        let data = attainment_queries::page(app.storage(), base, reach, ask).await?;
        let frame = live(&visitor, Section::Attainment);
        answer::html(&AttainmentPage::new(frame, &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /trends`.
pub(super) async fn trends(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let page = async {
        let (base, reach) = (&visitor.base, &visitor.reach);
        let ask = query.ask(visitor.today())?;
        let data = trend_queries::page(app.storage(), base, reach, ask, visitor.now).await?;
        answer::html(&Trends::new(live(&visitor, Section::Trends), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /map`.
pub(super) async fn map(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TeamQuery>,
) -> Response {
    let page = async {
        let (base, reach) = (&visitor.base, &visitor.reach);
        let ask = query.ask(visitor.today())?;
        let data = map_queries::page(app.storage(), visitor.f.w, base, reach, ask).await?;
        answer::html(&TeamMap::new(live(&visitor, Section::Map), &visitor.f, &data))
    };
    visitor.answer(page.await)
}
