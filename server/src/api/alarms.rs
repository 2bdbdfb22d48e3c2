//! What a leader should look at, and answering questions about work (R13).

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use client_core::id::{DocId, RecordId};
use client_core::protocol::ProblemCode;
use client_core::records::SignalRecord;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Listed;
use super::caller::id;
use super::query::{PageQuery, Query};
use super::values::{Named, code};
use super::{Answer, Caller, Day, Id, Instant, Page};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::office::{AskError, Refusal};
use crate::web::pages::alarms::{Danger, Losing};
use crate::web::queries::alarms::{self, AlarmsAsk};
use crate::web::routes::decides;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(signals)).routes(routes!(answer))
}

/// What a leader should look at. Open questions are at `/v1/signals`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Alarms)]
struct AlarmsBody {
    /// Open questions about work.
    open_signals: usize,
    risks: Vec<RiskLine>,
    /// People whose months fall one after another (R5).
    falling: Vec<FallingLine>,
    /// Cards that moved after their month had closed.
    restated: Vec<RestatedLine>,
    /// Regions that lose more customers than before (R4).
    losing: Vec<LosingLine>,
    /// Steps of the funnel below their benchmark (R6).
    below_benchmark: Vec<BelowLine>,
    /// Targets whose parts do not sum to them (R14); for whoever decides on them.
    target_sums: Vec<SumLine>,
}

/// A customer in danger.
#[derive(Debug, Serialize, ToSchema)]
struct RiskLine {
    customer: Named,
    owner: String,
    /// `red` or `yellow`.
    level: String,
    /// Codes.
    reasons: Vec<String>,
    since: Day,
    /// The reasons are gone, and nobody has said so yet.
    kept: bool,
}

impl From<Danger> for RiskLine {
    fn from(danger: Danger) -> Self {
        Self {
            customer: Named::of(danger.customer, danger.name.unwrap_or_default()),
            owner: danger.owner,
            level: code(&danger.level),
            reasons: danger.reasons.iter().map(|why| why.as_str().to_owned()).collect(),
            since: danger.since.into(),
            kept: danger.kept,
        }
    }
}

/// Somebody whose months fall.
#[derive(Debug, Serialize, ToSchema)]
struct FallingLine {
    rep: Named,
    metric: String,
    months: Vec<MonthValue>,
}

/// A month's value, in units of the metric.
#[derive(Debug, Serialize, ToSchema)]
struct MonthValue {
    month: String,
    value: i64,
}

/// A card that moved.
#[derive(Debug, Serialize, ToSchema)]
struct RestatedLine {
    rep: Named,
    period: String,
    /// Hundredths of a point.
    was: Option<i64>,
    is: Option<i64>,
}

/// A region that loses customers.
#[derive(Debug, Serialize, ToSchema)]
struct LosingLine {
    region: String,
    month: String,
    lost: u32,
    active: u32,
    lost_before: u32,
    active_before: u32,
    /// In basis points.
    rate: i64,
    previous_rate: i64,
}

impl From<Losing> for LosingLine {
    fn from(losing: Losing) -> Self {
        Self {
            region: losing.region,
            month: losing.month.to_string(),
            lost: losing.now.lost,
            active: losing.now.active,
            lost_before: losing.before.lost,
            active_before: losing.before.active,
            rate: losing.rise.rate.0,
            previous_rate: losing.rise.previous.0,
        }
    }
}

/// A step below its benchmark.
#[derive(Debug, Serialize, ToSchema)]
struct BelowLine {
    /// Code of the stage.
    stage: String,
    month: String,
    passed: i64,
    entered: i64,
    /// In basis points.
    benchmark: i64,
}

/// A target that its parts do not sum to.
#[derive(Debug, Serialize, ToSchema)]
struct SumLine {
    target: Id,
    /// Whose; absent for the org's.
    whose: Option<String>,
    metric: String,
    period: String,
    value: i64,
    sum: i64,
    difference: i64,
    /// `over` or `under`.
    state: String,
}

/// Customers in danger in one answer: red and the newest come first.
const MOST_DANGERS: usize = 200;

/// Risks, falling months, restatements and sums that do not fit.
#[utoipa::path(get, path = "/v1/alarms", tag = "boards",
    responses((status = 200, body = AlarmsBody)))]
async fn show(State(app): State<App>, caller: Caller) -> Answer<AlarmsBody> {
    caller.leading(&app).await?;
    let office = caller.office(&app);
    let sums = decides(caller.signed.role);
    let (base, reach) = (&caller.base, &caller.reach);
    let asked = AlarmsAsk { sums, page: 1, dangers: MOST_DANGERS };
    let data = alarms::page(app.storage(), &office, base, reach, caller.now, asked).await?;
    let falling = data.falling.into_iter().map(|one| FallingLine {
        rep: Named::of(one.rep, one.name),
        metric: one.metric.to_string(),
        months: one
            .months
            .iter()
            .map(|month| MonthValue { month: month.month.to_string(), value: month.value })
            .collect(),
    });
    let restated = data.restated.into_iter().map(|one| RestatedLine {
        rep: Named::of(one.rep, one.name),
        period: one.period.to_string(),
        was: one.was,
        is: one.is,
    });
    let below = data.below.into_iter().map(|one| BelowLine {
        stage: one.stage,
        month: one.month.to_string(),
        passed: one.passed.0,
        entered: one.passed.1,
        benchmark: one.benchmark.0,
    });
    let sums = data.sums.into_iter().map(|one| SumLine {
        target: one.target.id.into(),
        whose: one.whose,
        metric: one.target.metric.to_string(),
        period: one.target.period.to_string(),
        value: one.check.value,
        sum: one.check.sum,
        difference: one.check.difference,
        state: code(&one.check.state),
    });
    Ok(Json(AlarmsBody {
        open_signals: data.waiting,
        risks: data.dangers.into_iter().map(RiskLine::from).collect(),
        falling: falling.collect(),
        restated: restated.collect(),
        losing: data.losing.into_iter().map(LosingLine::from).collect(),
        below_benchmark: below.collect(),
        target_sums: sums.collect(),
    }))
}

/// A question about somebody's work.
#[derive(Debug, Serialize, ToSchema)]
struct Signal {
    id: Id,
    /// Code of what was noticed.
    kind: String,
    rep: Named,
    /// Documents that it is about.
    subjects: Vec<Id>,
    on: Day,
    noticed_at: Instant,
    /// How far, long or often; the unit follows from the kind.
    measure: Option<i64>,
    answer: Option<SignalAnswer>,
}

/// What somebody decided.
#[derive(Debug, Serialize, ToSchema)]
struct SignalAnswer {
    /// Whether something was wrong: what it is about does not count.
    upheld: bool,
    /// Absent where the command line did.
    by: Option<Named>,
    at: Instant,
    note: String,
}

fn signal(caller: &Caller, record: SignalRecord) -> Signal {
    let person = |user| Named::of(user, caller.base.user_name(user));
    Signal {
        id: record.id.into(),
        kind: record.kind.to_string(),
        rep: person(record.rep),
        subjects: record.subjects.into_iter().map(|doc: DocId| doc.into()).collect(),
        on: record.on.into(),
        noticed_at: record.noticed_at.into(),
        measure: record.measure,
        answer: record.answer.map(|answer| SignalAnswer {
            upheld: answer.upheld,
            by: answer.by.map(person),
            at: answer.at.into(),
            note: answer.note,
        }),
    }
}

/// Questions about work, those that are open first.
#[utoipa::path(get, path = "/v1/signals", tag = "decisions", params(PageQuery),
    responses((status = 200, body = Page<Signal>)))]
async fn signals(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Listed<Signal>, ProblemResponse> {
    caller.leading(&app).await?;
    let mut found = caller.office(&app).signals().await?;
    found.retain(|signal| caller.reach.sees(signal.rep));
    found
        .sort_by_key(|signal| (!signal.is_open(), std::cmp::Reverse(signal.noticed_at), signal.id));
    let found = found.into_iter().map(|record| signal(&caller, record)).collect();
    Ok(Listed(caller.page_of(found, query.number()?)))
}

/// An answer to a question about work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerSignal {
    /// Whether something was wrong.
    upheld: bool,
    /// Why, for the rep.
    note: String,
}

/// Answers a question about work, once and for all.
#[utoipa::path(post, path = "/v1/signals/{signal}", tag = "decisions",
    params(("signal" = String, Path, description = "Its id.")),
    request_body = AnswerSignal, responses((status = 200, body = Signal)))]
async fn answer(
    State(app): State<App>,
    caller: Caller,
    Path(signal_id): Path<String>,
    request: Body,
) -> Answer<Signal> {
    let registrar = caller.leading(&app).await?;
    let record: RecordId = id(&signal_id)?;
    let AnswerSignal { upheld, note } = body::json(request).await?;
    let answered = registrar.answer_signal(record, upheld, &note).await?;
    Ok(Json(signal(&caller, answered)))
}

impl From<AskError> for ProblemResponse {
    fn from(error: AskError) -> Self {
        let code = match error {
            AskError::Storage(error) => return error.into(),
            AskError::Rules(error) => return error.into(),
            AskError::Unknown { .. } | AskError::UnknownVisit { .. } => ProblemCode::NotFound,
            // Whoever leads somebody else is told the same as if there were nothing.
            AskError::Refused(Refusal::OtherUnit { .. }) => ProblemCode::NotFound,
            AskError::Refused(_) | AskError::NotYourTarget => ProblemCode::NotAllowed,
            _ => ProblemCode::Refused,
        };
        Self::new(code, error.to_string())
    }
}
