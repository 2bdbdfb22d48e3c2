//! `/scorecards/{rep}/{period}/changes`: why a card is not the earlier one.

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use super::answer;
use super::query::Query;
use super::sections::rep_and_month;
use super::targets::told;
use super::visitor::Visitor;
use crate::app::App;
use crate::scoring::card_changes;
use crate::storage::Scores;
use crate::web::frame::Section;
use crate::web::pages::changes::{ChangesData, ChangesPage};
use crate::web::queries::changes;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChangesQuery {
    since: String,
}

/// `GET /scorecards/{rep}/{period}/changes?since=…`: a day, which means its end, or
/// `closed`. Without it a closed month is compared with its closing, a running one with
/// yesterday.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Path((rep, period)): Path<(String, String)>,
    Query(query): Query<ChangesQuery>,
) -> Response {
    let page = async {
        let (rep, period) = rep_and_month(&visitor, &rep, &period)?;
        let (org, today) = (visitor.base.org.id, visitor.today());
        let closed = app.storage().closed_card(org, rep.id, period).await?.is_some();
        let (day, since) =
            changes::since(&visitor.base, visitor.now, period, closed, &query.since)?;
        let data = ChangesData {
            rep: rep.id,
            name: rep.name.clone(),
            period,
            day,
            today,
            currency: visitor.base.org.currency,
            closed,
            changes: card_changes(&app, org, rep.id, period, since).await.map_err(told)?,
        };
        answer::html(&ChangesPage::new(visitor.frame(Section::Leaderboard), &visitor.f, &data))
    };
    visitor.answer(page.await)
}
