//! What the office decided: the log of it, and which customers are one.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use client_core::id::DocId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Listed;
use super::query::Query;
use super::values::Named;
use super::{Answer, Caller, Id, Instant, Page};
use crate::app::App;
use crate::http::{ProblemResponse, body};
use crate::web::lists::audit::AuditQuery;
use crate::web::pages::wording;
use crate::web::queries::audit::{self, Deed};
use crate::web::queries::merges::{self, Named as Customer};
use crate::web::view;
use crate::web::words::{Lang, Words};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(log)).routes(routes!(merged, keep_apart))
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
        targets, decisions, meetings, sign_ins, reading or erasures."),
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

/// Customers that are one, and those that may be.
#[derive(Debug, Serialize, ToSchema)]
struct Merges {
    /// The newest first, those taken back too.
    merges: Vec<Merged>,
    /// The likest first.
    suspects: Vec<Suspected>,
    /// How many pairs are alike.
    suspected: usize,
    /// Pairs that are not the same, the newest first.
    apart: Vec<KeptApart>,
}

/// Two customers of which somebody said that they are not the same.
#[derive(Debug, Serialize, ToSchema)]
struct KeptApart {
    one: Named,
    other: Named,
    by: Option<String>,
    at: Instant,
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
    let apart = data.apart.into_iter().map(|two| KeptApart {
        one: customer(two.one),
        other: customer(two.other),
        by: two.by,
        at: two.at.into(),
    });
    Ok(Json(Merges {
        merges: merges.collect(),
        suspects: suspects.collect(),
        suspected: data.all,
        apart: apart.collect(),
    }))
}

/// Whether two customers with names that are alike may be the same.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeepApart {
    #[schema(value_type = Id)]
    one: DocId,
    #[schema(value_type = Id)]
    other: DocId,
    /// True: they are two and are suspected no more; false takes that back.
    apart: bool,
}

/// What stands of a pair.
#[derive(Debug, Serialize, ToSchema)]
struct PairOfCustomers {
    one: Id,
    other: Id,
    apart: bool,
}

/// Says of two customers that they are not the same, or may be after all.
#[utoipa::path(post, path = "/v1/customers/merges", tag = "customers",
    request_body = KeepApart, responses((status = 200, body = PairOfCustomers)))]
async fn keep_apart(
    State(app): State<App>,
    caller: Caller,
    request: Body,
) -> Answer<PairOfCustomers> {
    caller.deciding()?;
    let KeepApart { one, other, apart } = body::json(request).await?;
    let (office, by) = (caller.office(&app), Some(caller.signed.user));
    let stands = if apart {
        office.keep_apart(one, other, by).await?
    } else {
        office.suspect_again(one, other, by).await?
    };
    Ok(Json(PairOfCustomers {
        one: stands.pair.one().into(),
        other: stands.pair.other().into(),
        apart: stands.undone_at.is_none(),
    }))
}
