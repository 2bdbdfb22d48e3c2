//! What the office decides for everybody, and the log of it: rules, merges, one target.

use axum::Json;
use axum::extract::{Path, State};
use client_core::id::RecordId;
use client_core::rules::Axis;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::{Listed, not_found};
use super::caller::id;
use super::query::Query;
use super::values::{Named, code};
use super::{Answer, Caller, Day, Id, Instant, Page};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::web::format::Format;
use crate::web::lists::audit::AuditQuery;
use crate::web::pages::wording;
use crate::web::queries::audit::{self, Deed};
use crate::web::queries::merges::{self, Named as Customer};
use crate::web::queries::policy::versions;
use crate::web::queries::targets::{self, Asker};
use crate::web::view;
use crate::web::words::{Lang, Words};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(log))
        .routes(routes!(policy))
        .routes(routes!(merged))
        .routes(routes!(target))
}

/// Something that was done.
#[derive(Debug, Serialize, ToSchema)]
struct AuditEntry {
    at: Instant,
    /// Absent for the command line.
    by: Option<String>,
    /// With which phone.
    device: Option<String>,
    /// A stable code, such as `placed` or `policy.set`.
    what: String,
    /// To whom or what; without a name for what has none.
    subject: Option<Named>,
    /// What exactly, with names in the place of ids.
    detail: String,
}

fn entry(deed: Deed) -> AuditEntry {
    AuditEntry {
        at: deed.at.into(),
        by: deed.by,
        device: deed.device,
        what: deed.what,
        subject: deed
            .subject
            .map(|subject| Named::of(subject.id, subject.name.unwrap_or_default())),
        detail: deed.detail,
    }
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/v1/audit", tag = "office", params(
    ("by" = Option<String>, Query, description = "Done by this person."),
    ("what" = Option<String>, Query, description = "Kind of deeds: placements, people, policy, \
        targets, decisions, sign_ins, reading or erasures."),
    ("subject" = Option<String>, Query, description = "To whom or what."),
    ("from" = Option<String>, Query, description = "The first day."),
    ("to" = Option<String>, Query, description = "The last day."),
    ("page" = Option<String>, Query, description = "Which page, from 1.")),
    responses((status = 200, body = Page<AuditEntry>)))]
async fn log(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Listed<AuditEntry>, ProblemResponse> {
    caller.looking_after(&app).await?;
    let ask = query.ask()?;
    let page = ask.page;
    let window = view::window(page);
    let words = Words::new(Lang::En);
    let data = audit::read(app.storage(), &caller.base, ask, window, words).await?;
    let entries = data.deeds.into_iter().map(entry).collect();
    Ok(Listed(caller.page_counted(entries, page, data.matching)))
}

/// A version of the rules.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyVersion {
    version: u32,
    name: String,
    effective_from: Day,
    /// The present month is scored by it.
    in_force: bool,
    /// SHA-256 of what it says.
    hash: String,
    /// Its text.
    toml: String,
}

/// Every version of the rules, newest first.
#[utoipa::path(get, path = "/v1/policy", tag = "office",
    responses((status = 200, body = Vec<PolicyVersion>)))]
async fn policy(State(app): State<App>, caller: Caller) -> Answer<Vec<PolicyVersion>> {
    caller.looking_after(&app).await?;
    let found = versions(&caller.base, caller.today()).into_iter().map(|one| PolicyVersion {
        version: one.record.version,
        name: one.name,
        effective_from: one.record.effective_from.into(),
        in_force: one.in_force,
        hash: one.hash,
        toml: one.record.toml,
    });
    Ok(Json(found.collect()))
}

/// Customers that are one, and those that may be.
#[derive(Debug, Serialize, ToSchema)]
struct Merges {
    /// The newest first, those taken back too.
    merges: Vec<Merged>,
    /// The likest first.
    suspects: Vec<Suspected>,
    /// How many pairs are alike.
    suspected: usize,
}

/// Two customers that are or were one.
#[derive(Debug, Serialize, ToSchema)]
struct Merged {
    from: Named,
    into: Named,
    by: Option<String>,
    at: Instant,
    undone_at: Option<Instant>,
}

/// Two customers that may be one.
#[derive(Debug, Serialize, ToSchema)]
struct Suspected {
    one: Named,
    other: Named,
    /// How alike their names are, in basis points.
    alike: u16,
}

fn customer(one: Customer) -> Named {
    Named::of(one.doc, wording::customer_name(Words::new(Lang::En), one.name.as_deref()))
}

/// What was merged, and what may have to be.
#[utoipa::path(get, path = "/v1/customers/merges", tag = "customers",
    responses((status = 200, body = Merges)))]
async fn merged(State(app): State<App>, caller: Caller) -> Answer<Merges> {
    caller.deciding()?;
    let data = merges::read(app.storage(), &caller.office(&app), &caller.base).await?;
    let merges = data.merges.into_iter().map(|one| Merged {
        from: customer(one.from),
        into: customer(one.into),
        by: one.by,
        at: one.at.into(),
        undone_at: one.undone_at.map(Into::into),
    });
    let suspects = data.suspects.into_iter().map(|one| Suspected {
        one: customer(one.one),
        other: customer(one.other),
        alike: one.alike,
    });
    Ok(Json(Merges { merges: merges.collect(), suspects: suspects.collect(), suspected: data.all }))
}

/// A target with its parts.
#[derive(Debug, Serialize, ToSchema)]
struct OneTarget {
    id: Id,
    /// Absent for the whole org's.
    whose: Option<String>,
    metric: String,
    period: String,
    value: i64,
    draft: bool,
    published_on: Option<Day>,
    parent: Option<Id>,
    parts: Vec<Part>,
    /// The parts beside the whole, cut by cut (R14).
    sums: Vec<Sum>,
    requests: Vec<Request>,
}

/// A part of a target.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetPart)]
struct Part {
    id: Id,
    whose: Option<String>,
    period: String,
    value: i64,
    draft: bool,
}

/// What the parts of one cut sum to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetSum)]
struct Sum {
    /// `time`, `people`, or a key of the org's own.
    by: String,
    sum: i64,
    /// Parts less whole.
    difference: i64,
    /// `exact`, `allowed`, `over` or `under`.
    state: String,
}

/// A request for another value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetRequest)]
struct Request {
    id: Id,
    was: i64,
    wanted: i64,
    reason: String,
    by: Option<String>,
    at: Instant,
    /// Absent while it waits.
    approved: Option<bool>,
    note: Option<String>,
}

/// One target, as far as the caller may know of it.
#[utoipa::path(get, path = "/v1/targets/{target}", tag = "targets",
    params(("target" = String, Path, description = "Which.")),
    responses((status = 200, body = OneTarget)))]
async fn target(
    State(app): State<App>,
    caller: Caller,
    Path(target): Path<String>,
) -> Answer<OneTarget> {
    let target: RecordId = id(&target)?;
    let (office, registrar) = (caller.office(&app), caller.registrar(&app).await?);
    let (user, role) = (caller.signed.user, caller.signed.role);
    let asker = Asker { reach: &caller.reach, user, role, registrar: &registrar };
    let f = Format::new(Words::new(Lang::En), caller.base.zone().clone());
    let found = targets::one(app.storage(), &office, &caller.base, &f, &asker, target).await?;
    let found = found.ok_or_else(not_found)?;
    let own = found.own.target;
    Ok(Json(OneTarget {
        id: own.id.into(),
        whose: found.own.whose,
        metric: own.metric.as_str().to_owned(),
        period: own.period.to_string(),
        value: own.value,
        draft: own.draft,
        published_on: own.published_on.map(Into::into),
        parent: found.parent.map(|parent| parent.target.id.into()),
        parts: found
            .parts
            .into_iter()
            .map(|part| Part {
                id: part.target.id.into(),
                whose: part.whose,
                period: part.target.period.to_string(),
                value: part.target.value,
                draft: part.target.draft,
            })
            .collect(),
        sums: found
            .sums
            .into_iter()
            .map(|check| Sum {
                by: match check.axis {
                    Axis::Time => "time".to_owned(),
                    Axis::People => "people".to_owned(),
                    Axis::Dimension(key) => key,
                },
                sum: check.sum,
                difference: check.difference,
                state: code(&check.state),
            })
            .collect(),
        requests: found
            .requests
            .into_iter()
            .map(|request| Request {
                id: request.record.id.into(),
                was: request.record.was,
                wanted: request.record.wanted,
                reason: request.record.reason,
                by: request.by,
                at: request.record.at.into(),
                approved: request.record.answer.as_ref().map(|answer| answer.approved),
                note: request.record.answer.and_then(|answer| answer.note),
            })
            .collect(),
    }))
}
