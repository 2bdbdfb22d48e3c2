//! `/targets`: how far they are, what is asked about them, and the milestones of the year.

pub(super) mod one;

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client_core::id::RecordId;
use client_core::period::Period;
use client_core::records::TargetRecord;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::behalf::{anybody, done, leader, office, refused};
use super::fields::Fields;
use super::query::Query;
use super::sections::{month, parse};
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{AskError, Refusal, Registrar, TargetError};
use crate::scoring::{ScoringError, milestones, progress};
use crate::web::frame::Section;
use crate::web::lists::given;
use crate::web::pages::targets::{Target, Targets, TargetsData};
use crate::web::queries::targets;
use crate::web::view::State as Shown;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TargetsQuery {
    period: String,
    done: String,
}

/// `GET /targets`. Everybody sees their own, their units' and the org's (S4 目标公示), as
/// far as they are published.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<TargetsQuery>,
) -> Response {
    let page = async {
        let today = visitor.today();
        let period = month(given(&query.period)?.unwrap_or_else(|| Period::month_of(today)))?;
        page(&app, &visitor, period, one::done_message(&visitor, &query.done)).await
    };
    visitor.answer(page.await)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    period: Period,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let (base, today) = (&visitor.base, visitor.today());
    if today < period.first_day() {
        return Err(PageError::Unreadable);
    }
    let year = Period::year_of(period.first_day());
    let office = office(app, visitor);
    let registrar = anybody(app, visitor).await?;
    let asker = one::asker(visitor, &registrar);
    let all = office.targets().await?;
    let drafts: BTreeSet<RecordId> =
        all.iter().filter(|target| target.draft).map(|target| target.id).collect();
    let whose = |level| targets::whose(base, level);
    let may = |target: &TargetRecord| asker.may_see(base, target);
    let found = progress(app, &office, period, all.clone(), may).await.map_err(told)?;
    let sees = |level, target: Option<&TargetRecord>| match target {
        Some(target) => asker.may_see(base, target),
        None => targets::sees(base, &visitor.reach, visitor.signed.user, level),
    };
    let reached = milestones(app, &office, year, all.clone(), sees).await.map_err(told)?;
    let leads = Registrar::places(visitor.signed.role);
    let waiting = all.iter().filter(|target| target.draft && period.covers(target.period));
    let data = TargetsData {
        period,
        today,
        days: (found.working_days, found.elapsed_days),
        sums: match leads {
            true => targets::sums(&office, base, &asker, &all, year).await?,
            false => Vec::new(),
        },
        requests: targets::requests(&office, base, &visitor.f, &asker, &all, None).await?,
        sets: leads,
        drafts: registrar.leads_all().map_or(0, |()| waiting.count()),
        targets: found
            .targets
            .into_iter()
            .map(|one| Target {
                whose: whose(one.level),
                draft: drafts.contains(&one.target),
                progress: one,
            })
            .collect(),
        year,
        milestones: reached.into_iter().map(|one| (whose(one.level), one)).collect(),
        currency: base.org.currency,
    };
    answer::html(&Targets::new(visitor.frame(Section::Targets), &visitor.f, &data, message))
}

/// `POST /targets/requests/{request}`: a yes changes the target.
pub(super) async fn answer_request(
    State(app): State<App>,
    visitor: Visitor,
    Path(request): Path<String>,
    fields: Fields,
) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        let request: RecordId = parse(&request)?;
        let (approved, what) = match fields.get("verdict") {
            "approve" => (true, "approved"),
            "decline" => (false, "declined"),
            _ => return Err(PageError::Unreadable),
        };
        let note = Some(fields.get("note").replace("\r\n", "\n")).filter(|note| !note.is_empty());
        let (why, status) = match registrar.answer_adjustment(request, approved, note).await {
            Ok(_) => return Ok(done("/targets", what)),
            Err(AskError::Storage(error)) => return Err(error.into()),
            Err(AskError::Refused(Refusal::Oneself)) => ("targets.oneself", StatusCode::FORBIDDEN),
            Err(AskError::Already { .. } | AskError::Busy) => {
                ("targets.already", StatusCode::CONFLICT)
            }
            Err(AskError::TargetMoved { .. }) => ("targets.moved", StatusCode::CONFLICT),
            Err(AskError::Text(_)) => return Err(PageError::Unreadable),
            // Whoever may not decide is told the same as if there were nothing.
            Err(_) => return Err(PageError::NotFound),
        };
        let month = Period::month_of(visitor.today());
        let mut response = page(&app, &visitor, month, refused(visitor.f.w.say(why))).await?;
        *response.status_mut() = status;
        Ok(response)
    };
    visitor.answer(page.await)
}

/// `POST /targets/publish`: the drafts of a month.
pub(super) async fn publish(State(app): State<App>, visitor: Visitor, fields: Fields) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        let period: Period = given(fields.get("period"))?.ok_or(PageError::Unreadable)?;
        match registrar.publish_targets(period, None).await {
            Ok(_) => Ok(done(&format!("/targets?period={}", month(period)?), "published")),
            Err(TargetError::Storage(error)) => Err(error.into()),
            Err(_) => Err(PageError::NotAllowed),
        }
    };
    visitor.answer(page.await)
}

pub(super) fn told(error: ScoringError) -> PageError {
    match error {
        ScoringError::Storage(error) => error.into(),
        error => PageError::Scoring(error),
    }
}
