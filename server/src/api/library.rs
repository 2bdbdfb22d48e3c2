//! What a team learns from its own work: cases, help that was asked for, competitors.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::docs::deal::LossReview;
use client_core::id::RecordId;
use client_core::records::HelpState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::caller::id;
use super::query::Query;
use super::values::Named;
use super::{Amount, Answer, Caller, Day, Id, Instant};
use crate::app::App;
use crate::http::body;
use crate::web::lists::Unreadable;
use crate::web::lists::library::{CasesQuery, WeekQuery};
use crate::web::queries::base::Base;
use crate::web::queries::library::{self, CaseStudy, CompetitorBrief, HelpWanted};
use crate::web::queries::reach::Reach;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(cases))
        .routes(routes!(help))
        .routes(routes!(answer))
        .routes(routes!(competitors))
}

/// A decided deal, told as a case.
#[derive(Debug, Serialize, ToSchema)]
struct CaseBody {
    deal: Id,
    name: Option<String>,
    customer: Option<Id>,
    customer_name: Option<String>,
    industry: Option<String>,
    rep: Named,
    won: bool,
    decided_at: Option<Instant>,
    /// From its beginning.
    days: Option<i64>,
    amount: Option<Amount>,
    background: Option<String>,
    products: Vec<String>,
    /// Of trials and demonstrations.
    feedback: Vec<String>,
    competitors: Vec<String>,
    /// Code.
    lost_reason: Option<String>,
    review: Option<ReviewBody>,
}

/// The review of a lost deal: 1 to 5 each.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CaseReview)]
struct ReviewBody {
    product_fit: Option<u8>,
    service_response: Option<u8>,
    terms: Option<u8>,
    competitor: Option<String>,
    reason: Option<String>,
}

impl From<LossReview> for ReviewBody {
    fn from(review: LossReview) -> Self {
        Self {
            product_fit: review.product_fit,
            service_response: review.service_response,
            terms: review.terms,
            competitor: review.competitor,
            reason: review.reason,
        }
    }
}

impl CaseBody {
    fn new(base: &Base, reach: &Reach, case: CaseStudy) -> Self {
        Self {
            deal: case.doc.into(),
            name: case.name,
            customer: case.customer.map(Into::into),
            customer_name: case.customer_name,
            industry: case.industry,
            rep: person(base, reach, case.rep),
            won: case.won,
            decided_at: case.decided_at.map(Into::into),
            days: case.days,
            amount: case.amount.map(Into::into),
            background: case.background,
            products: case.products,
            feedback: case.feedback,
            competitors: case.competitors,
            lost_reason: case.lost_reason,
            review: case.review.map(Into::into),
        }
    }
}

fn person(base: &Base, reach: &Reach, user: client_core::id::UserId) -> Named {
    Named::opened(reach.sees(user).then_some(user), base.user_name(user))
}

/// Decided deals of the last year as cases, of the org's currency first, the largest first in
/// each; at most 50.
#[utoipa::path(get, path = "/v1/cases", tag = "library", params(CasesQuery),
    responses((status = 200, body = Vec<CaseBody>)))]
async fn cases(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<CasesQuery>,
) -> Answer<Vec<CaseBody>> {
    let (base, reach, ask) = (&caller.base, &caller.reach, query.ask()?);
    let found = library::cases(app.storage(), base, reach, &ask, caller.now).await?;
    Ok(Json(found.cases.into_iter().map(|case| CaseBody::new(base, reach, case)).collect()))
}

/// Somebody asked for help.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HelpBody {
    id: Id,
    on: Day,
    rep: Named,
    /// Code.
    kind: Option<String>,
    text: Option<String>,
    /// Anybody if absent.
    asked_of: Option<Named>,
    /// The visit on which it came up, where the reader may open it.
    visit: Option<Id>,
    /// What became of it; absent while it waits.
    answer: Option<HelpAnswer>,
}

/// What became of a request for help.
#[derive(Debug, Serialize, ToSchema)]
struct HelpAnswer {
    /// `taken`, `done` or `declined`.
    state: String,
    by: Option<Named>,
    at: Instant,
    note: Option<String>,
}

impl HelpBody {
    pub(super) fn new(base: &Base, reach: &Reach, one: HelpWanted) -> Self {
        Self {
            id: one.id.into(),
            answer: one.answer.map(|answer| HelpAnswer {
                state: answer.state.to_string(),
                by: answer.by.map(|by| person(base, reach, by)),
                at: answer.at.into(),
                note: answer.note,
            }),
            on: one.on.into(),
            rep: person(base, reach, one.rep),
            kind: one.kind,
            text: one.text,
            asked_of: one.asked_of.map(|user| person(base, reach, user)),
            visit: one.visit.map(Into::into),
        }
    }
}

/// Help that was asked for in the last 14 days, the newest first.
#[utoipa::path(get, path = "/v1/help", tag = "library",
    responses((status = 200, body = Vec<HelpBody>)))]
async fn help(State(app): State<App>, caller: Caller) -> Answer<Vec<HelpBody>> {
    let (base, reach, today) = (&caller.base, &caller.reach, caller.today());
    let wanted = library::help(app.storage(), base, reach, caller.signed.user, today).await?;
    Ok(Json(wanted.into_iter().map(|one| HelpBody::new(base, reach, one)).collect()))
}

/// How a request for help stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AnswerHelp)]
struct NewHelpAnswer {
    /// `taken`, `done` or `declined`.
    state: String,
    /// What is said to whoever asked.
    #[serde(default)]
    note: String,
}

/// Says how a request for help stands: whoever was asked, or leads whoever asked. The same
/// again is nothing new.
#[utoipa::path(post, path = "/v1/help/{request}", tag = "library",
    params(("request" = String, Path, description = "Which.")),
    request_body = NewHelpAnswer, responses((status = 200, body = HelpBody)))]
async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(request): Path<String>,
    sent: Body,
) -> Answer<HelpBody> {
    let (base, reach, today) = (&caller.base, &caller.reach, caller.today());
    let request: RecordId = id(&request)?;
    let wanted = library::help(app.storage(), base, reach, caller.signed.user, today).await?;
    let found = wanted.into_iter().find(|one| one.id == request).ok_or_else(not_found)?;
    let NewHelpAnswer { state, note } = body::json(sent).await?;
    let state = HelpState::from(state.as_str());
    if !HelpState::KNOWN.contains(&state) {
        return Err(Unreadable.into());
    }
    let registrar = caller.registrar(&app).await?;
    let answered = registrar.answer_help(found.answered(state, note)).await?;
    let found = HelpWanted { answer: Some(answered), ..found };
    Ok(Json(HelpBody::new(base, reach, found)))
}

/// The competitors of a week.
#[derive(Debug, Serialize, ToSchema)]
struct BriefBody {
    week: String,
    competitors: Vec<CompetitorBody>,
}

/// A competitor with where it was seen, newest first.
#[derive(Debug, Serialize, ToSchema)]
struct CompetitorBody {
    name: String,
    seen: Vec<SightingBody>,
}

/// A competitor at a customer's.
#[derive(Debug, Serialize, ToSchema)]
struct SightingBody {
    visit: Id,
    on: Day,
    rep: Named,
    customer_name: Option<String>,
    note: Option<String>,
}

impl CompetitorBody {
    fn new(base: &Base, reach: &Reach, brief: CompetitorBrief) -> Self {
        let seen = brief.seen.into_iter().map(|one| SightingBody {
            visit: one.visit.into(),
            on: one.on.into(),
            rep: person(base, reach, one.rep),
            customer_name: one.customer_name,
            note: one.note,
        });
        Self { name: brief.name, seen: seen.collect() }
    }
}

/// Competitors that visits of a week saw, those seen at most places first.
#[utoipa::path(get, path = "/v1/competitors", tag = "library", params(WeekQuery),
    responses((status = 200, body = BriefBody)))]
async fn competitors(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<WeekQuery>,
) -> Answer<BriefBody> {
    let (base, reach) = (&caller.base, &caller.reach);
    let week = query.ask(base, caller.today())?;
    let found = library::competitors(app.storage(), base, reach, week).await?;
    let competitors = found.into_iter().map(|one| CompetitorBody::new(base, reach, one));
    Ok(Json(BriefBody { week: week.to_string(), competitors: competitors.collect() }))
}
