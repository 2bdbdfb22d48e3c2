//! The evening board.

use axum::Json;
use axum::extract::State;
use client_core::rules::DayFigure;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cards::heard;
use super::query::Query;
use super::values::Named;
use super::visits::VisitLine;
use super::{Answer, Caller, Day, Id, Instant};
use crate::app::App;
use crate::storage::Lists;
use crate::web::lists::given;
use crate::web::pages::board::RepDay;
use crate::web::pages::visits::VisitInList;
use crate::web::queries::board as boards;
use crate::web::words::{Lang, Words};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(board))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct BoardQuery {
    /// The day, or one of the days; today if absent.
    date: String,
    /// How many days: `day`, which is meant if absent, `week` or `month`.
    span: String,
    /// This unit and those below.
    unit: String,
    /// Only deals with products of this line.
    line: String,
}

/// The evening board (S1).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Board)]
struct BoardBody {
    day: Day,
    /// The days: 2026-10-08, 2026-W41 or 2026-10.
    period: String,
    unit: Option<Id>,
    /// Of every amount.
    currency: String,
    reps: Vec<RepBody>,
    /// The latest twenty of the days.
    visits: Vec<VisitLine>,
    /// Effective visits of the working days up to this one.
    trend: Vec<DayCount>,
}

/// A rep's day, or more of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RepDay)]
struct RepBody {
    rep: Named,
    unit: String,
    /// What is not known after this instant; absent where no phone is enrolled.
    heard_at: Option<Instant>,
    /// Drafts included.
    visits_logged: i64,
    effective_visits: FigureBody,
    new_leads: FigureBody,
    new_deals: FigureBody,
    /// In minor units.
    won_amount: FigureBody,
    gap_reason: Option<String>,
}

/// A figure against the part of its target that falls to the days.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DayFigure)]
struct FigureBody {
    actual: i64,
    target_hundredths: Option<i64>,
    /// In basis points.
    attainment: Option<i64>,
}

impl From<DayFigure> for FigureBody {
    fn from(figure: DayFigure) -> Self {
        let DayFigure { actual, target_hundredths, attainment } = figure;
        Self { actual, target_hundredths, attainment: attainment.map(|share| share.0) }
    }
}

/// How many on a day.
#[derive(Debug, Serialize, ToSchema)]
struct DayCount {
    day: Day,
    effective_visits: i64,
}

impl From<RepDay> for RepBody {
    fn from(day: RepDay) -> Self {
        Self {
            rep: Named::of(day.rep, day.name),
            unit: day.unit,
            heard_at: heard(day.heard),
            visits_logged: day.visits_logged,
            effective_visits: day.visits.into(),
            new_leads: day.leads.into(),
            new_deals: day.deals.into(),
            won_amount: day.won.into(),
            gap_reason: day.gap_reason.map(|(_day, reason)| reason),
        }
    }
}

/// A day of the team against its targets.
#[utoipa::path(get, path = "/v1/board", tag = "boards", params(BoardQuery),
    responses((status = 200, body = BoardBody)))]
async fn board(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<BoardQuery>,
) -> Answer<BoardBody> {
    let wanted = boards::Wanted {
        day: given(&query.date)?.unwrap_or_else(|| caller.today()),
        span: boards::Span::parse(&query.span)?,
        unit: given(&query.unit)?,
        line: Some(query.line.as_str()).filter(|line| !line.is_empty()),
        now: caller.now,
    };
    let (base, reach) = (&caller.base, &caller.reach);
    // The words are for the page's verdicts, which go out as codes here.
    let data = boards::board(app.storage(), Words::new(Lang::En), base, reach, wanted).await?;
    let docs = data.visits.iter().map(|visit| visit.doc).collect();
    let rows = app.storage().visit_rows(caller.signed.org, docs).await?;
    let visits = rows.into_iter().map(|row| VisitInList {
        rep: base.user_name(row.rep),
        rep_id: reach.sees(row.rep).then_some(row.rep),
        row,
    });
    Ok(Json(BoardBody {
        day: data.day.into(),
        period: data.period.to_string(),
        unit: data.unit.map(Into::into),
        currency: data.currency.to_string(),
        reps: data.reps.into_iter().map(RepBody::from).collect(),
        visits: visits.map(VisitLine::from).collect(),
        trend: data
            .trend
            .into_iter()
            .map(|(day, effective_visits)| DayCount { day: day.into(), effective_visits })
            .collect(),
    }))
}
