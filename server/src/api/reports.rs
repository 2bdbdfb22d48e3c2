//! Reports of a day, week, month or quarter, as drafts and as they were issued.
//!
//! An issued report is answered byte by byte as it was issued, so that its receipt can be
//! checked against what a program received.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use client_core::id::{RecordId, UnitId};
use client_core::period::Period;
use client_core::protocol::ProblemCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::not_found;
use super::caller::id;
use super::query::Query;
use super::{Answer, Caller, Id, Instant};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::reports::periodic::{self, Kept, Kind, Question, ReceiptFile, Report, gather, issue};
use crate::storage::Issued;
use crate::storage::model::IssuedReport;
use crate::web::lists::Unreadable;
use crate::web::lists::given;
use crate::web::queries::reach::Reach;

/// Issued reports that are listed.
const LISTED: u32 = 200;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(draft, keep))
        .routes(routes!(issued))
        .routes(routes!(receipt))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// This unit and those below; whoever sees a part of the org gets their own if absent.
    unit: String,
}

/// A report. Values say what they count: `{"minor", "currency"}` is an amount,
/// `{"basis_points"}` a share, a bare number a count.
#[derive(Debug, ToSchema)]
#[schema(as = Report)]
#[expect(dead_code, reason = "says in the document what the report's own JSON is")]
struct ReportBody {
    receipt: ReceiptBody,
    org: String,
    unit_name: Option<String>,
    known: KnownBody,
    sections: Vec<SectionBody>,
}

/// What a report can be computed from again.
#[derive(Debug, ToSchema)]
#[schema(as = ReportReceipt)]
#[expect(dead_code, reason = "says in the document what the report's own JSON is")]
struct ReceiptBody {
    format: u32,
    #[schema(format = "uuid")]
    id: String,
    kind: String,
    period: String,
    unit: Option<String>,
    /// In milliseconds after 1970.
    as_of: i64,
    feed_position: u64,
    policy_version: Option<u32>,
    policy_hash: Option<String>,
    rules_version: u32,
    facts_sha256: String,
    /// How many are quoted.
    documents: u64,
    heads_sha256: String,
    cards_sha256: String,
}

/// How far the data reached.
#[derive(Debug, ToSchema)]
#[schema(as = ReportKnown)]
#[expect(dead_code, reason = "says in the document what the report's own JSON is")]
struct KnownBody {
    /// In milliseconds after 1970; absent where no phone was heard.
    up_to: Option<i64>,
    /// Phones heard within a day.
    heard: u32,
    phones: u32,
}

/// A part of a report.
#[derive(Debug, ToSchema)]
#[schema(as = ReportSection)]
#[expect(dead_code, reason = "says in the document what the report's own JSON is")]
struct SectionBody {
    code: String,
    figures: Vec<ReportFigure>,
    tables: Vec<TableBody>,
}

/// A number beside what it is held against.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "says in the document what the report's own JSON is")]
struct ReportFigure {
    code: String,
    value: serde_json::Value,
    /// The same of the period before.
    #[schema(required = false)]
    before: Option<serde_json::Value>,
    #[schema(required = false)]
    target: Option<serde_json::Value>,
}

/// Rows of cells under the codes of their columns.
#[derive(Debug, ToSchema)]
#[schema(as = ReportTable)]
#[expect(dead_code, reason = "says in the document what the report's own JSON is")]
struct TableBody {
    code: String,
    columns: Vec<String>,
    rows: Vec<Vec<serde_json::Value>>,
    /// Rows that there are besides.
    left_out: u64,
}

/// The receipt of an issued report, with every document and card that its facts rest on.
#[derive(Debug, ToSchema)]
#[schema(as = ReportReceiptFile)]
#[expect(dead_code, reason = "says in the document what the receipt's own JSON is")]
struct ReceiptFileBody {
    receipt: ReceiptBody,
    /// In milliseconds after 1970.
    issued_at: i64,
    /// SHA-256 of the report's JSON.
    report_sha256: String,
    /// Heads of each document, by its id.
    documents: std::collections::BTreeMap<String, serde_json::Value>,
    /// Month, rep, digest of the facts, digest of the outcome of each card.
    cards: Vec<Vec<String>>,
}

/// An issued report without what it says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IssuedReport)]
struct IssuedBody {
    id: Id,
    kind: String,
    period: String,
    unit: Option<Id>,
    as_of: Instant,
    feed_position: u64,
    rules_version: u32,
    policy_version: Option<u32>,
    issued_at: Instant,
    issued_by: Option<Id>,
    /// SHA-256 of the report's JSON.
    report_sha256: String,
}

impl From<IssuedReport> for IssuedBody {
    fn from(row: IssuedReport) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind,
            period: row.period,
            unit: row.unit.map(Into::into),
            as_of: row.as_of.into(),
            feed_position: row.feed_position.get(),
            rules_version: row.rules_version,
            policy_version: row.policy_version,
            issued_at: row.issued_at.into(),
            issued_by: row.issued_by.map(Into::into),
            report_sha256: data_encoding::HEXLOWER.encode(&row.report_digest),
        }
    }
}

async fn question(
    app: &App,
    caller: &Caller,
    (kind, period): (&str, &str),
    unit: &str,
) -> Result<Question, ProblemResponse> {
    caller.leading(app).await?;
    let kind = Kind::parse(kind).ok_or(Unreadable)?;
    let period: Period = period.parse().map_err(|_error| Unreadable)?;
    if !kind.is_of(period) || caller.today() < period.first_day() {
        return Err(Unreadable.into());
    }
    let unit: Option<UnitId> = given(unit)?;
    let unit = match caller.reach {
        Reach::All => unit,
        Reach::Some { .. } => unit.or_else(|| caller.unit()),
    };
    let exists = unit.is_none_or(|unit| caller.base.units.iter().any(|each| each.id == unit));
    if !exists || !caller.reach.sees_unit(unit) {
        return Err(not_found());
    }
    Ok(Question { kind, period, unit })
}

fn as_json(bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// Reports that were issued last, newest first.
#[utoipa::path(get, path = "/v1/reports", tag = "reports",
    responses((status = 200, body = Vec<IssuedBody>)))]
async fn list(State(app): State<App>, caller: Caller) -> Answer<Vec<IssuedBody>> {
    caller.leading(&app).await?;
    let found = app.storage().issued_lately(caller.signed.org, LISTED).await?;
    let seen = found.into_iter().filter(|row| caller.reach.sees_unit(row.unit));
    Ok(Json(seen.map(IssuedBody::from).collect()))
}

/// A report as it would be issued now.
#[utoipa::path(get, path = "/v1/reports/{kind}/{period}", tag = "reports",
    params(("kind" = String, Path, description = "`daily`, `weekly`, `monthly` or `quarterly`"),
           ("period" = String, Path, description = "such as 2026-W41"), ReportQuery),
    responses((status = 200, body = ReportBody)))]
async fn draft(
    State(app): State<App>,
    caller: Caller,
    Path((kind, period)): Path<(String, String)>,
    Query(query): Query<ReportQuery>,
) -> Result<Response, ProblemResponse> {
    let question = question(&app, &caller, (&kind, &period), &query.unit).await?;
    let sources = gather(app.storage(), &caller.base, question, caller.now).await?;
    let json = tokio::task::spawn_blocking(move || Report::of(&sources).to_json());
    let broken =
        |_error| ProblemResponse::new(ProblemCode::ServerFault, "the report could not be computed");
    Ok(as_json(json.await.map_err(broken)?))
}

/// Issues a report: keeps it with its facts.
#[utoipa::path(post, path = "/v1/reports/{kind}/{period}", tag = "reports",
    params(("kind" = String, Path, description = "`daily`, `weekly`, `monthly` or `quarterly`"),
           ("period" = String, Path, description = "such as 2026-W41"), ReportQuery),
    responses((status = 200, body = IssuedBody)))]
async fn keep(
    State(app): State<App>,
    caller: Caller,
    Path((kind, period)): Path<(String, String)>,
    Query(query): Query<ReportQuery>,
) -> Answer<IssuedBody> {
    let question = question(&app, &caller, (&kind, &period), &query.unit).await?;
    let (storage, org) = (app.storage(), caller.signed.org);
    let sources = gather(storage, &caller.base, question, caller.now).await?;
    let kept = issue(storage, org, &sources, Some(caller.signed.user), caller.now).await?;
    let row = storage.issued(org, kept).await?.ok_or_else(not_found)?;
    Ok(Json(row.0.into()))
}

/// An issued report, byte by byte as it was issued.
#[utoipa::path(get, path = "/v1/reports/issued/{report}", tag = "reports",
    params(("report" = String, Path, description = "the receipt's id")),
    responses((status = 200, body = ReportBody)))]
async fn issued(
    State(app): State<App>,
    caller: Caller,
    Path(report): Path<String>,
) -> Result<Response, ProblemResponse> {
    let kept = told(&app, &caller, &report).await?;
    let told = kept.told.ok_or_else(not_found)?;
    Ok(as_json(told.json))
}

/// What an issued report can be computed from again.
#[utoipa::path(get, path = "/v1/reports/issued/{report}/receipt", tag = "reports",
    params(("report" = String, Path, description = "the receipt's id")),
    responses((status = 200, body = ReceiptFileBody)))]
async fn receipt(
    State(app): State<App>,
    caller: Caller,
    Path(report): Path<String>,
) -> Result<Response, ProblemResponse> {
    let kept = told(&app, &caller, &report).await?;
    let receipt = ReceiptFile::of(&kept).ok_or_else(not_found)?;
    Ok(Json(receipt).into_response())
}

/// An issued report that the caller may see.
async fn told(app: &App, caller: &Caller, report: &str) -> Result<Kept, ProblemResponse> {
    caller.leading(app).await?;
    let wanted: RecordId = id(report)?;
    let kept = periodic::kept(app.storage(), caller.signed.org, wanted).await?;
    kept.filter(|kept| caller.reach.sees_unit(kept.row.unit)).ok_or_else(not_found)
}
