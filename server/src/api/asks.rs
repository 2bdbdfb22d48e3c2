//! What people say about visits and cards: comments of whoever leads, objections of whoever
//! is scored, and their answers.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::{DocId, RecordId};
use client_core::protocol::{ContestLine, ReviewVisit};
use client_core::records::{ContestRecord, ReviewRecord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Listed, not_found};
use super::caller::{id, not_allowed};
use super::query::{PageQuery, Query};
use super::values::Named;
use super::{Answer, Caller, Id, Instant, Page};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::web::queries::{cards, visits};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(reviews, review))
        .routes(routes!(contests))
        .routes(routes!(contest))
        .routes(routes!(answer))
}

/// A comment on a visit.
#[derive(Debug, Serialize, ToSchema)]
struct Review {
    id: Id,
    visit: Id,
    /// Absent where the command line did.
    by: Option<Named>,
    at: Instant,
    /// 1 to 5.
    rating: Option<u8>,
    comment: String,
}

fn comment(caller: &Caller, record: ReviewRecord) -> Review {
    Review {
        id: record.id.into(),
        visit: record.visit.into(),
        by: record.by.map(|by| Named::of(by, caller.base.user_name(by))),
        at: record.at.into(),
        rating: record.rating,
        comment: record.comment,
    }
}

async fn seen(app: &App, caller: &Caller, visit: &str) -> Result<DocId, ProblemResponse> {
    let doc: DocId = id(visit)?;
    let found = visits::visit(app.storage(), &caller.base, &caller.reach, doc).await?;
    found.map(|_visit| doc).ok_or_else(not_found)
}

/// What was said about a visit, oldest first.
#[utoipa::path(get, path = "/v1/visits/{visit}/reviews", tag = "visits",
    params(("visit" = String, Path, description = "Its id.")),
    responses((status = 200, body = Vec<Review>)))]
async fn reviews(
    State(app): State<App>,
    caller: Caller,
    Path(visit): Path<String>,
) -> Answer<Vec<Review>> {
    let doc = seen(&app, &caller, &visit).await?;
    let said = caller.office(&app).reviews(doc).await?.into_iter();
    Ok(Json(said.map(|one| comment(&caller, one)).collect()))
}

/// What is to be said about a visit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReviewVisit)]
struct NewReview {
    comment: String,
    /// 1 to 5.
    #[serde(default)]
    rating: Option<u8>,
}

/// Comments on the visit of somebody whom the caller leads.
#[utoipa::path(post, path = "/v1/visits/{visit}/reviews", tag = "visits",
    params(("visit" = String, Path, description = "Its id."),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request.")),
    request_body = NewReview, responses((status = 200, body = Review)))]
async fn review(
    State(app): State<App>,
    caller: Caller,
    Path(visit): Path<String>,
    request: Body,
) -> Answer<Review> {
    let registrar = caller.leading(&app).await?;
    let visit = seen(&app, &caller, &visit).await?;
    let NewReview { comment: said, rating } = body::json(request).await?;
    let new = caller.new_record(&app);
    let standing = caller.office(&app).reviews(visit).await?;
    if let Some(standing) = standing.into_iter().find(|one| one.id == new) {
        return Ok(Json(comment(&caller, standing)));
    }
    let ask = ReviewVisit { visit, rating, comment: said, at: registrar.asked_at() };
    Ok(Json(comment(&caller, registrar.review_visit(new, ask).await?)))
}

/// An objection to a line of a card.
#[derive(Debug, Serialize, ToSchema)]
struct Contest {
    id: Id,
    rep: Named,
    period: String,
    /// Code of the indicator.
    line: String,
    /// The line's points on the card that was looked at, in hundredths.
    centipoints: Option<i64>,
    reason: String,
    /// Documents that show it.
    evidence: Vec<Id>,
    at: Instant,
    /// Absent while it waits.
    approved: Option<bool>,
    answered_by: Option<Named>,
    note: Option<String>,
}

fn objection(caller: &Caller, record: ContestRecord) -> Contest {
    let person = |user| Named::of(user, caller.base.user_name(user));
    let answer = record.answer;
    Contest {
        id: record.id.into(),
        rep: person(record.rep),
        period: record.period.to_string(),
        line: record.line,
        centipoints: record.centipoints,
        reason: record.reason,
        evidence: record.evidence.into_iter().map(Into::into).collect(),
        at: record.at.into(),
        approved: answer.as_ref().map(|answer| answer.approved),
        answered_by: answer.as_ref().and_then(|answer| answer.by).map(person),
        note: answer.and_then(|answer| answer.note),
    }
}

/// Objections to cards that the reader may see: what waits first, then the newest.
#[utoipa::path(get, path = "/v1/contests", tag = "scorecards", params(PageQuery),
    responses((status = 200, body = Page<Contest>)))]
async fn contests(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Listed<Contest>, ProblemResponse> {
    let mut found = caller.office(&app).contests().await?;
    found.retain(|one| caller.reach.sees(one.rep));
    let found = found.into_iter().map(|one| objection(&caller, one)).collect();
    Ok(Listed(caller.page_of(found, query.number()?)))
}

/// An objection to a line of one's own card.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContestLine)]
struct NewContest {
    /// Code of the indicator.
    line: String,
    /// Why it is wrong.
    reason: String,
    /// Visits, deals, customers or cases that show it.
    #[serde(default)]
    #[schema(value_type = Vec<Id>)]
    evidence: Vec<DocId>,
}

/// Objects to a line of one's own card as it stands.
#[utoipa::path(post, path = "/v1/scorecards/{rep}/{period}/contests", tag = "scorecards",
    params(("rep" = String, Path, description = "Whose: one's own."),
        ("period" = String, Path, description = "A month, such as `2026-10`."),
        ("Idempotency-Key" = Option<String>, Header, description = "Names the request.")),
    request_body = NewContest, responses((status = 200, body = Contest)))]
async fn contest(
    State(app): State<App>,
    caller: Caller,
    Path((rep, period)): Path<(String, String)>,
    request: Body,
) -> Answer<Contest> {
    let (rep, period) = caller.rep_and_month(&rep, &period)?;
    if rep.id != caller.signed.user {
        return Err(not_allowed());
    }
    let NewContest { line, reason, evidence } = body::json(request).await?;
    let card = cards::outcome(app.storage(), caller.signed.org, rep.id, period).await?;
    let card = card.ok_or_else(not_found)?;
    let stands = card.scorecard.lines.iter().find(|each| each.indicator.as_str() == line);
    let centipoints = Some(stands.ok_or_else(not_found)?.points.0);
    let registrar = caller.registrar(&app).await?;
    let ask = ContestLine {
        period,
        line,
        outcome_digest: card.digest(),
        centipoints,
        reason,
        evidence,
        at: registrar.asked_at(),
    };
    let made = registrar.contest_line(caller.new_record(&app), ask).await?;
    Ok(Json(objection(&caller, made)))
}

/// An answer to an objection.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerContest {
    /// Yes says that the facts will be put right; no figure changes by itself.
    approved: bool,
    /// Why, for whoever objects.
    #[serde(default)]
    note: Option<String>,
}

/// Answers an objection, once and for all.
#[utoipa::path(post, path = "/v1/contests/{contest}", tag = "scorecards",
    params(("contest" = String, Path, description = "Which.")),
    request_body = AnswerContest, responses((status = 200, body = Contest)))]
async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(wanted): Path<String>,
    request: Body,
) -> Answer<Contest> {
    let registrar = caller.leading(&app).await?;
    let wanted: RecordId = id(&wanted)?;
    let AnswerContest { approved, note } = body::json(request).await?;
    let answered = registrar.answer_contest(wanted, approved, note).await?;
    Ok(Json(objection(&caller, answered)))
}
