//! `/reports`: reports of a day, week, month or quarter, as drafts and as they were issued.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use client_core::id::{RecordId, UnitId};
use client_core::period::Period;
use client_core::rules::policy::Policy;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::behalf::office;
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::Registrar;
use crate::reports::periodic::{
    self, Kept, Kind, Question, ReceiptFile, Report, Sources, gather, issue, restated,
};
use crate::storage::Issued;
use crate::storage::model::IssuedReport;
use crate::web::export::report as export;
use crate::web::frame::Section;
use crate::web::lists::given;
use crate::web::pages::report::{Around, ReportPage, ReportPrint, period as period_words};
use crate::web::pages::reports::{Reports, ReportsData};
use crate::web::queries::reach::Reach;

/// Issued reports that the list shows.
const SHOWN: u32 = 200;

const JSON: answer::FileType = ("json", "application/json");

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UnitQuery {
    unit: String,
}

/// `GET /reports`.
pub(super) async fn list(State(app): State<App>, visitor: Visitor) -> Response {
    let page = async {
        leads(&visitor)?;
        let (base, today) = (&visitor.base, visitor.today());
        let running = Kind::ALL.map(|kind| {
            let period = match kind {
                Kind::Daily => Period::Day(today),
                Kind::Weekly => base.calendar.week_of(today),
                Kind::Monthly => Period::month_of(today),
                Kind::Quarterly => Period::quarter_of(today),
            };
            (kind, period)
        });
        let found = app.storage().issued_lately(base.org.id, SHOWN).await?;
        let issued = found.into_iter().filter(|row| sees(&visitor, row.unit)).map(|row| {
            let unit = row.unit.map(|unit| base.unit_name(unit));
            let by = row.issued_by.map(|user| base.user_name(user));
            (row, unit, by)
        });
        let data = ReportsData { today, running: running.to_vec(), issued: issued.collect() };
        answer::html(&Reports::new(visitor.frame(Section::Reports), &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /reports/{kind}/{period}`.
pub(super) async fn draft(
    State(app): State<App>,
    visitor: Visitor,
    Path((kind, period)): Path<(String, String)>,
    Query(query): Query<UnitQuery>,
) -> Response {
    let page = async {
        let question = question(&visitor, &kind, &period, &query.unit)?;
        let sources = gather(app.storage(), &visitor.base, question, visitor.now).await?;
        let around = around_draft(&visitor, question);
        shown(&visitor, sources, around).await
    };
    visitor.answer(page.await)
}

/// `POST /reports/{kind}/{period}`: keeps it as it is now.
pub(super) async fn keep(
    State(app): State<App>,
    visitor: Visitor,
    Path((kind, period)): Path<(String, String)>,
    Query(query): Query<UnitQuery>,
) -> Response {
    let page = async {
        let question = question(&visitor, &kind, &period, &query.unit)?;
        let (org, now) = (visitor.base.org.id, visitor.now);
        let sources = gather(app.storage(), &visitor.base, question, now).await?;
        let by = Some(visitor.signed.user);
        let id = issue(app.storage(), org, &sources, by, now).await?;
        Ok(Redirect::to(&format!("/reports/issued/{id}")).into_response())
    };
    visitor.answer(page.await)
}

/// `GET /reports/{kind}/{period}/{file}`: on paper, or as a file.
pub(super) async fn draft_file(
    State(app): State<App>,
    visitor: Visitor,
    Path((kind, period, file)): Path<(String, String, String)>,
    Query(query): Query<UnitQuery>,
) -> Response {
    let page = async {
        let question = question(&visitor, &kind, &period, &query.unit)?;
        let sources = gather(app.storage(), &visitor.base, question, visitor.now).await?;
        let around = around_draft(&visitor, question);
        as_file(&app, &visitor, &sources, &around, &file, None).await
    };
    visitor.answer(page.await)
}

/// `GET /reports/issued/{id}`.
pub(super) async fn issued(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Response {
    let page = async {
        let kept = kept(&app, &visitor, &id).await?;
        let found = restated(app.storage(), &visitor.base, &kept, visitor.now).await?;
        let mut around = around_issued(&visitor, &kept.row);
        around.restated = found.map(|(restated, _now)| restated);
        let told = kept.told.ok_or(PageError::Erased)?;
        shown(&visitor, told.sources, around).await
    };
    visitor.answer(page.await)
}

/// `GET /reports/issued/{id}/{file}`.
pub(super) async fn issued_file(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Response {
    let page = async {
        let kept = kept(&app, &visitor, &id).await?;
        let around = around_issued(&visitor, &kept.row);
        let told = kept.told.as_ref().ok_or(PageError::Erased)?;
        as_file(&app, &visitor, &told.sources, &around, &file, Some(&kept)).await
    };
    visitor.answer(page.await)
}

/// Reports name everybody of a team: they are for whoever leads one.
pub(super) fn leads(visitor: &Visitor) -> Result<(), PageError> {
    if Registrar::places(visitor.signed.role) { Ok(()) } else { Err(PageError::NotAllowed) }
}

pub(super) fn sees(visitor: &Visitor, unit: Option<UnitId>) -> bool {
    visitor.reach.sees_unit(unit)
}

/// What the address asks for. Whoever sees a part of the org asks for their unit where they
/// name none.
fn question(
    visitor: &Visitor,
    kind: &str,
    period: &str,
    unit: &str,
) -> Result<Question, PageError> {
    leads(visitor)?;
    let kind = Kind::parse(kind).ok_or(PageError::Unreadable)?;
    let period: Period = parse(period)?;
    if !kind.is_of(period) || visitor.today() < period.first_day() {
        return Err(PageError::Unreadable);
    }
    let unit: Option<UnitId> = given(unit)?;
    let unit = match &visitor.reach {
        Reach::All => unit,
        Reach::Some { .. } => Some(unit.or_else(|| own_unit(visitor)).ok_or(PageError::NotFound)?),
    };
    let exists = unit.is_none_or(|unit| visitor.base.units.iter().any(|each| each.id == unit));
    if !exists || !sees(visitor, unit) {
        return Err(PageError::NotFound);
    }
    Ok(Question { kind, period, unit })
}

pub(super) fn own_unit(visitor: &Visitor) -> Option<UnitId> {
    let reader = visitor.base.users.iter().find(|user| user.id == visitor.signed.user)?;
    reader.units.first().copied()
}

async fn kept(app: &App, visitor: &Visitor, id: &str) -> Result<Kept, PageError> {
    leads(visitor)?;
    let id: RecordId = parse(id)?;
    let kept = periodic::kept(app.storage(), visitor.base.org.id, id).await?;
    kept.filter(|kept| sees(visitor, kept.row.unit)).ok_or(PageError::NotFound)
}

fn around_draft(visitor: &Visitor, question: Question) -> Around {
    let (kind, period) = (question.kind, question.period);
    let query = question.unit.map_or_else(String::new, |unit| format!("?unit={unit}"));
    let link = |period: Period| {
        let words = period_words(&visitor.f, Question { period, ..question });
        (format!("/reports/{}/{period}{query}", kind.as_str()), words)
    };
    let next = period.following();
    let all = match visitor.reach {
        Reach::All => Some((String::new(), visitor.f.w.say("reports.no_unit").to_owned(), None)),
        Reach::Some { .. } => None,
    };
    let tree = visitor.base.unit_tree(&visitor.reach).into_iter().map(|(id, depth, name)| {
        (id.to_string(), format!("{}{name}", "\u{2003}".repeat(depth)), Some(id))
    });
    Around {
        here: format!("/reports/{}/{period}", kind.as_str()),
        earlier: Some(link(period.previous())),
        later: (next.first_day() <= visitor.today()).then(|| link(next)),
        units: all
            .into_iter()
            .chain(tree)
            .map(|(value, name, id)| (value, name, id == question.unit))
            .collect(),
        open: visitor.today() <= period.last_day(),
        query,
        ..Around::default()
    }
}

fn around_issued(visitor: &Visitor, row: &IssuedReport) -> Around {
    let by = row.issued_by.map(|user| visitor.base.user_name(user));
    let by = by.unwrap_or_else(|| visitor.f.w.say("reports.command_line").to_owned());
    Around {
        here: format!("/reports/issued/{}", row.id),
        issued: Some((row.issued_at, by)),
        ..Around::default()
    }
}

fn policy(sources: &Sources) -> Option<Policy> {
    Policy::from_toml(&sources.policy.as_ref()?.toml).ok()
}

/// A report's figures are more than a millisecond of work.
async fn computed(sources: Sources) -> Result<(Sources, Report, Option<Policy>), PageError> {
    let done = tokio::task::spawn_blocking(move || {
        let (report, policy) = (Report::of(&sources), policy(&sources));
        (sources, report, policy)
    });
    let unavailable = |error: tokio::task::JoinError| {
        PageError::Storage(crate::storage::StorageError::Unavailable { reason: error.to_string() })
    };
    done.await.map_err(unavailable)
}

async fn shown(visitor: &Visitor, sources: Sources, around: Around) -> Result<Response, PageError> {
    let (_sources, report, policy) = computed(sources).await?;
    let frame = visitor.frame(Section::Reports);
    answer::html(&ReportPage::new(frame, &visitor.f, &report, policy.as_ref(), around))
}

async fn as_file(
    app: &App,
    visitor: &Visitor,
    sources: &Sources,
    around: &Around,
    file: &str,
    kept: Option<&Kept>,
) -> Result<Response, PageError> {
    let (sources, report, policy) = computed(sources.clone()).await?;
    let (f, policy) = (&visitor.f, policy.as_ref());
    let Question { kind, period, .. } = sources.question;
    let version = report.receipt.policy_version.unwrap_or(0);
    let name = format!("{}-report_{period}_policy-v{version}", kind.as_str());
    if file != "print" {
        let taken = format!("{name} {file}");
        office(app, visitor).exported(taken, visitor.signed.user).await?;
    }
    match (file, kept) {
        ("print", _) => {
            let frame = visitor.frame(Section::Reports);
            answer::html(&ReportPrint::new(frame, f, &report, policy, around))
        }
        // As it was issued, byte by byte, whatever this program would write now.
        ("report.json", Some(Kept { told: Some(told), .. })) => {
            Ok(answer::file(&name, JSON, told.json.clone()))
        }
        ("report.json", _) => Ok(answer::file(&name, JSON, report.to_json())),
        ("report.csv", _) => Ok(answer::file(&name, answer::CSV, export::csv(f, &report, policy))),
        ("report.xlsx", _) => {
            let book = export::sheet(f, &report, policy)?;
            Ok(answer::file(&name, answer::XLSX, book))
        }
        ("receipt.json", Some(kept)) => {
            let receipt = ReceiptFile::of(kept).ok_or(PageError::NotFound)?;
            let json = serde_json::to_vec(&receipt).map_err(|error| {
                PageError::Storage(crate::storage::StorageError::Corrupt {
                    what: "receipt",
                    reason: error.to_string(),
                })
            })?;
            Ok(answer::file(&format!("{name}_receipt"), JSON, json))
        }
        _ => Err(PageError::NotFound),
    }
}
