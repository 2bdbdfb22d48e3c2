//! Visits.

use axum::Json;
use axum::extract::{Path, State};
use client_core::docs::visit::{Check, NextStep, VisitState};
use client_core::id::DocId;
use client_core::rules::Verdict;
use client_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Listed, not_found};
use super::caller::id;
use super::query::Query;
use super::values::{Named, code, codes};
use super::{Answer, Caller, Day, Id, Instant, Page};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::web::lists::visits::VisitsQuery;
use crate::web::pages::visit::VisitData;
use crate::web::pages::visits::VisitInList;
use crate::web::queries::visits;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one))
}

/// What the rules say of a visit (F1).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VerdictBody {
    /// `effective`, `not_effective` or `needs_review`.
    verdict: &'static str,
    /// Codes of the reasons.
    reasons: Vec<String>,
    /// Whether it counts, which one under review does where the policy says so.
    counts: bool,
}

impl VerdictBody {
    pub(super) fn new(verdict: &Verdict, counts: bool) -> Self {
        let (verdict, reasons) = match verdict {
            Verdict::Effective => ("effective", Vec::new()),
            Verdict::NotEffective(why) => ("not_effective", why.iter().map(code).collect()),
            Verdict::NeedsReview(why) => ("needs_review", why.iter().map(code).collect()),
        };
        Self { verdict, reasons, counts }
    }
}

/// A visit in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VisitLine {
    id: Id,
    rep: Named,
    customer: Option<Id>,
    /// The customer's name as the visit has it.
    customer_name: Option<String>,
    /// Code of the way of contact.
    mode: Option<String>,
    /// Code of what came out.
    outcome: Option<String>,
    started_at: Option<Instant>,
    ended_at: Option<Instant>,
    /// Absent for a draft.
    submitted_at: Option<Instant>,
    /// Absent where no card has judged it yet.
    verdict: Option<VerdictBody>,
}

impl From<VisitInList> for VisitLine {
    fn from(VisitInList { row, rep, rep_id }: VisitInList) -> Self {
        Self {
            id: row.doc.into(),
            rep: Named::opened(rep_id, rep),
            customer: row.customer.map(Into::into),
            customer_name: row.customer_name,
            mode: row.mode,
            outcome: row.outcome,
            started_at: row.started_at.map(Into::into),
            ended_at: row.ended_at.map(Into::into),
            submitted_at: row.submitted_at.map(Into::into),
            verdict: row.verdict.map(|(verdict, counts)| VerdictBody::new(&verdict, counts)),
        }
    }
}

/// Visits, the latest first; this month's unless `from` or `to` say otherwise.
#[utoipa::path(get, path = "/v1/visits", tag = "visits", params(VisitsQuery),
    responses((status = 200, body = Page<VisitLine>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<VisitsQuery>,
) -> Result<Listed<VisitLine>, ProblemResponse> {
    let ask = query.ask(caller.today())?;
    let page = ask.page;
    let data = visits::list(app.storage(), &caller.base, &caller.reach, ask, caller.now).await?;
    let lines = data.visits.into_iter().map(VisitLine::from).collect();
    Ok(Listed(caller.page(lines, page, &data.found)))
}

/// A visit.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Visit {
    id: Id,
    rep: Named,
    /// The customer, with its name at the time of the visit.
    customer: Named,
    mode: Option<String>,
    purpose: Option<String>,
    objective: Option<String>,
    outcome: Option<String>,
    /// What came out, in words.
    result: Option<String>,
    started_at: Option<Instant>,
    ended_at: Option<Instant>,
    submitted_at: Option<Instant>,
    received_at: Instant,
    check_in: Option<CheckBody>,
    check_out: Option<CheckBody>,
    /// Whether it had been planned.
    planned: bool,
    unplanned_reason: Option<String>,
    co_visitors: Vec<Named>,
    contacts_met: Vec<Named>,
    deals: Vec<Named>,
    needs: Vec<String>,
    objections: Vec<String>,
    competitors: Vec<Competitor>,
    next_step: Option<NextStepBody>,
    help_wanted: Option<Help>,
    verdict: Option<VerdictBody>,
    /// Code of what its position says.
    location: Option<String>,
    amendments: Vec<AmendmentBody>,
    /// What a leader decided about it.
    ruling: Option<RulingBody>,
    /// Parts of the document that could not be read.
    faults: Vec<String>,
    history: Vec<Written>,
    /// The same rep's visit before.
    previous: Option<Id>,
    /// The same rep's visit after.
    next: Option<Id>,
}

/// An arrival or departure.
#[derive(Debug, Serialize, ToSchema)]
struct CheckBody {
    at: Instant,
    position: Option<Position>,
}

/// A position in 10⁻⁷ degree.
#[derive(Debug, Serialize, ToSchema)]
struct Position {
    lat_e7: i64,
    lon_e7: i64,
    accuracy_mm: i64,
    /// The phone says that another program made it.
    is_mock: bool,
}

/// A competitor that was seen.
#[derive(Debug, Serialize, ToSchema)]
struct Competitor {
    name: Option<String>,
    note: Option<String>,
}

/// What follows; nothing where `what` is absent.
#[derive(Debug, Serialize, ToSchema)]
struct NextStepBody {
    what: Option<String>,
    due: Option<Day>,
    who: Option<Named>,
}

/// Help that is wanted from others.
#[derive(Debug, Serialize, ToSchema)]
struct Help {
    kind: Option<String>,
    text: Option<String>,
    asked_of: Option<Id>,
}

/// What was added after it was submitted.
#[derive(Debug, Serialize, ToSchema)]
struct AmendmentBody {
    by: Named,
    at: Instant,
    reason: String,
    text: String,
}

/// What was decided about it, by whom and why.
#[derive(Debug, Serialize, ToSchema)]
struct RulingBody {
    /// `accept`, `reject`, or `void` where it was taken out of the count.
    ruling: String,
    /// Absent where the command line did.
    by: Option<String>,
    at: Instant,
    reason: String,
}

/// A change that wrote a document.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Written {
    /// SHA-256.
    hash: String,
    author: String,
    device: String,
    /// By that device's clock.
    written_at: Option<Instant>,
    received_at: Instant,
}

impl From<crate::web::pages::history::ChangeEntry> for Written {
    fn from(change: crate::web::pages::history::ChangeEntry) -> Self {
        Self {
            hash: change.hash.to_string(),
            author: change.author,
            device: change.device,
            written_at: change.written.map(Into::into),
            received_at: change.received.into(),
        }
    }
}

fn check(check: &Check) -> CheckBody {
    CheckBody {
        at: check.at.at.into(),
        position: check.fix.as_ref().map(|fix| Position {
            lat_e7: fix.point.lat_e7,
            lon_e7: fix.point.lon_e7,
            accuracy_mm: fix.accuracy_mm,
            is_mock: fix.is_mock,
        }),
    }
}

fn body(doc: DocId, data: VisitData) -> Visit {
    let person = |user| {
        let name = data.people.get(&user).cloned();
        Named::of(user, name.unwrap_or_else(|| user.to_string()))
    };
    let instant = |at: Timestamp| Instant::from(at);
    let state: &VisitState = &data.state;
    let name = state.customer_name.clone().or_else(|| data.customer_name.clone());
    Visit {
        id: doc.into(),
        rep: Named::opened(data.rep_seen.then_some(data.rep), data.rep_name.clone()),
        customer: Named::opened(data.customer, name.unwrap_or_default()),
        mode: codes(state.mode.as_ref()),
        purpose: codes(state.purpose.as_ref()),
        objective: state.objective.clone(),
        outcome: codes(state.outcome.as_ref()),
        result: state.result.clone(),
        started_at: state.started_at.as_ref().map(|at| instant(at.at)),
        ended_at: state.ended_at.as_ref().map(|at| instant(at.at)),
        submitted_at: state.submitted_at.as_ref().map(|at| instant(at.at)),
        received_at: data.received_at.into(),
        check_in: state.check_in.as_ref().map(check),
        check_out: state.check_out.as_ref().map(check),
        planned: state.planned.is_some(),
        unplanned_reason: state.unplanned_reason.clone(),
        co_visitors: state.co_visitors.keys().map(|user| person(*user)).collect(),
        contacts_met: state
            .contacts_met
            .keys()
            .map(|met| Named::of(*met, data.contacts.get(met).cloned().unwrap_or_default()))
            .collect(),
        deals: state
            .deals
            .keys()
            .map(|deal| Named::of(*deal, data.deals.get(deal).cloned().unwrap_or_default()))
            .collect(),
        needs: state.needs.values().cloned().collect(),
        objections: state.objections.values().cloned().collect(),
        competitors: state
            .competitors
            .values()
            .map(|seen| Competitor { name: seen.name.clone(), note: seen.note.clone() })
            .collect(),
        next_step: state.next_step.as_ref().map(|next| match next {
            NextStep::None => NextStepBody { what: None, due: None, who: None },
            NextStep::Do { what, due, who } => NextStepBody {
                what: Some(what.clone()),
                due: due.map(Into::into),
                who: who.map(person),
            },
        }),
        help_wanted: state.help_request.as_ref().map(|help| Help {
            kind: help.kind.clone(),
            text: help.text.clone(),
            asked_of: help.asked_of.map(Into::into),
        }),
        verdict: data.judged.as_ref().map(|visit| VerdictBody::new(&visit.verdict, visit.counts)),
        location: data.judged.as_ref().map(|visit| code(&visit.location)),
        amendments: state
            .amendments
            .values()
            .map(|added| AmendmentBody {
                by: person(added.by),
                at: added.at.at.into(),
                reason: added.reason.clone(),
                text: added.text.clone(),
            })
            .collect(),
        ruling: data.ruling.as_ref().map(|ruled| RulingBody {
            ruling: code(&ruled.ruling),
            by: ruled.by.clone(),
            at: ruled.at.into(),
            reason: ruled.reason.clone(),
        }),
        faults: data.faults.clone(),
        previous: data.earlier.map(Into::into),
        next: data.later.map(Into::into),
        history: data.history.into_iter().map(Written::from).collect(),
    }
}

/// A visit: what happened, what the rules say of it, and who wrote it when.
#[utoipa::path(get, path = "/v1/visits/{visit}", tag = "visits",
    params(("visit" = String, Path, description = "Its id.")),
    responses((status = 200, body = Visit)))]
async fn one(State(app): State<App>, caller: Caller, Path(visit): Path<String>) -> Answer<Visit> {
    let doc: DocId = id(&visit)?;
    let data = visits::visit(app.storage(), &caller.base, &caller.reach, doc).await?;
    let data = data.ok_or_else(not_found)?;
    if data.rep != caller.signed.user {
        let since = caller.base.zone().start_of(caller.today());
        caller.office(&app).looked_at(doc, caller.signed.user, since).await?;
    }
    Ok(Json(body(doc, data)))
}
