//! `/appraisals`: who is how far, and taking one's step.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use client_core::id::UserId;
use client_core::period::Period;
use client_core::protocol::AssessSelf;
use client_core::records::{AppraisalRecord, AppraisalState, Role, UserRecord};
use client_core::rules::appraisal::{Actor, StepError, steps};
use client_core::rules::policy::AppraisalPolicy;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::behalf::{done, office, reader, refused};
use super::fields::Fields;
use super::query::Query;
use super::sections::{month, rep_and_month};
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{AskError, By, NewStep, Registrar};
use crate::storage::StorageError;
use crate::web::frame::Section;
use crate::web::lists::given;
use crate::web::pages::appraisals::{
    AppraisalData, AppraisalList, AppraisalPage, ListData, Listed,
};
use crate::web::view::{State as Shown, Tone};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AppraisalsQuery {
    period: String,
    done: String,
}

/// `GET /appraisals`.
pub(super) async fn list(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<AppraisalsQuery>,
) -> Response {
    let page = async {
        let last = Period::month_of(visitor.today()).previous();
        let period = month(given(&query.period)?.unwrap_or(last))?;
        let office = office(&app, &visitor);
        let begun: BTreeMap<UserId, AppraisalRecord> = office
            .appraisals()
            .await?
            .into_iter()
            .filter(|one| one.period == period)
            .map(|one| (one.rep, one))
            .collect();
        let people = visitor.base.reps().filter(|rep| visitor.reach.sees(rep.id));
        let data = ListData {
            period,
            today: visitor.today(),
            own: visitor.signed.role == Role::Rep,
            people: people
                .map(|rep| Listed {
                    rep: rep.id,
                    name: rep.name.clone(),
                    appraisal: begun.get(&rep.id).cloned(),
                })
                .collect(),
            weights: weights(&visitor, period),
        };
        let frame = visitor.frame(Section::Appraisals);
        answer::html(&AppraisalList::new(frame, &visitor.f, &data))
    };
    visitor.answer(page.await)
}

/// `GET /appraisals/{rep}/{period}`.
pub(super) async fn one(
    State(app): State<App>,
    visitor: Visitor,
    Path((rep, period)): Path<(String, String)>,
    Query(query): Query<AppraisalsQuery>,
) -> Response {
    let page = async {
        let (rep, period) = rep_and_month(&visitor, &rep, &period)?;
        sells(rep)?;
        let told = (!query.done.is_empty())
            .then(|| Shown::new(Tone::Good, visitor.f.w.say("appraisals.said")));
        page(&app, &visitor, (rep.id, period), String::new(), told).await
    };
    visitor.answer(page.await)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    (rep, period): (UserId, Period),
    entered: String,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let office = office(app, visitor);
    let found = office.appraisals().await?;
    let appraisal = found.into_iter().find(|one| one.rep == rep && one.period == period);
    let stands = appraisal.as_ref().map_or(&AppraisalState::Draft, |one| &one.state);
    let takers = appraisal.iter().flat_map(|one| &one.steps).filter_map(|step| step.by);
    let data = AppraisalData {
        name: visitor.base.user_name(rep),
        today: visitor.today(),
        steps: match taking_part(visitor, rep) {
            Some(actor) => steps(stands, actor),
            None => Vec::new(),
        },
        weights: weights(visitor, period),
        names: takers.map(|by| (by, visitor.base.user_name(by))).collect(),
        entered,
        rep,
        period,
        appraisal,
    };
    let frame = visitor.frame(Section::Appraisals);
    answer::html(&AppraisalPage::new(frame, &visitor.f, &data, message))
}

/// Only reps have cards, and so appraisals.
fn sells(user: &UserRecord) -> Result<(), PageError> {
    if user.role == Role::Rep { Ok(()) } else { Err(PageError::NotFound) }
}

/// What the reader is to the person appraised.
fn taking_part(visitor: &Visitor, rep: UserId) -> Option<Actor> {
    if visitor.signed.user == rep {
        return Some(Actor::Appraised);
    }
    Registrar::places(visitor.signed.role).then_some(Actor::Other(visitor.signed.role))
}

fn weights(visitor: &Visitor, period: Period) -> AppraisalPolicy {
    let policy = visitor.base.policy_for(period.first_day());
    policy.map(|(_version, policy)| policy.appraisal).unwrap_or_default()
}

/// `POST /appraisals/{rep}/{period}`.
pub(super) async fn take(
    State(app): State<App>,
    visitor: Visitor,
    Path((rep, period)): Path<(String, String)>,
    fields: Fields,
) -> Response {
    let page = async {
        let (rep, period) = rep_and_month(&visitor, &rep, &period)?;
        sells(rep)?;
        let rep = rep.id;
        let to = AppraisalState::from(fields.get("to"));
        if matches!(to, AppraisalState::Unknown(_)) {
            return Err(PageError::Unreadable);
        }
        let comment = fields.get("comment").replace("\r\n", "\n");
        let wanted = Wanted { rep, period, to, comment: comment.clone(), fields: &fields };
        let (why, status) = match wanted.take(&app, &visitor).await {
            Ok(()) => {
                return Ok(done(&format!("/appraisals/{rep}/{period}"), "1"));
            }
            Err(AskError::Storage(error)) => return Err(error.into()),
            Err(AskError::Refused(_) | AskError::Step(StepError::NotTheirs { .. })) => {
                return Err(PageError::NotAllowed);
            }
            Err(AskError::Step(StepError::NoReason { .. })) => {
                ("appraisals.no_reason", StatusCode::UNPROCESSABLE_ENTITY)
            }
            Err(AskError::Text(_)) => ("appraisals.no_comment", StatusCode::UNPROCESSABLE_ENTITY),
            Err(AskError::NoCard { .. }) => ("appraisals.no_card", StatusCode::CONFLICT),
            Err(AskError::NotYet { .. }) => ("appraisals.not_yet", StatusCode::CONFLICT),
            Err(AskError::Rules(error)) => return Err(PageError::Scoring(error)),
            Err(AskError::Busy) => ("appraisals.busy", StatusCode::CONFLICT),
            Err(AskError::Rating { .. } | AskError::TooMany { .. }) => {
                return Err(PageError::Unreadable);
            }
            Err(_) => ("appraisals.wrong_step", StatusCode::CONFLICT),
        };
        let message = refused(visitor.f.w.say(why));
        let mut response = page(&app, &visitor, (rep, period), comment, message).await?;
        *response.status_mut() = status;
        Ok(response)
    };
    visitor.answer(page.await)
}

/// A step as it was asked for.
struct Wanted<'a> {
    rep: UserId,
    period: Period,
    to: AppraisalState,
    comment: String,
    fields: &'a Fields,
}

impl Wanted<'_> {
    async fn take(self, app: &App, visitor: &Visitor) -> Result<(), AskError> {
        let Self { rep, period, to, comment, fields } = self;
        let ratings: BTreeMap<String, u8> = fields
            .starting("rating.")
            .filter(|(_family, rating)| !rating.is_empty())
            .map(|(family, rating)| (family.to_owned(), rating.parse().unwrap_or(0)))
            .collect();
        let reader =
            reader(visitor).map_err(|_gone| StorageError::Missing { what: "the reader" })?;
        let by = By::Person(reader.clone());
        let registrar = office(app, visitor).registrar(by).await?;
        let at = registrar.asked_at();
        if to == AppraisalState::SelfSubmitted && visitor.signed.user == rep {
            let ask = AssessSelf { period, comment, ratings, at };
            return registrar.assess_self(ask).await.map(drop);
        }
        let comment = Some(comment).filter(|said| !said.is_empty());
        registrar.step_appraisal(NewStep { rep, period, to, comment, ratings, at }).await.map(drop)
    }
}
