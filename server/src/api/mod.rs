//! What the pages show, as JSON under `/v1`, and the decisions that they take.
//!
//! A program of the manager's own reads the same figures as the page and gets the same
//! refusals: every resource is thin over [`crate::web::queries`], which never say more
//! than the reader may see, and over the registrar, which knows what they may decide.
//! Names of fields and codes are stable; no text here is in anybody's language.
//!
//! # To add a resource
//!
//! 1. A query in `web/queries` gives plain values for a [`Caller`]'s reach (pages use it too).
//! 2. A body type with `Serialize` and `ToSchema` says what of them goes out: ids as [`Id`],
//!    times as [`Instant`] and [`Day`], money as [`Amount`], codes as texts.
//! 3. A handler with `#[utoipa::path(get, path = "/v1/…", tag = "…")]` takes [`Caller`] (a
//!    browser's cookie opens nothing here, so no other site can act in a reader's name) and
//!    answers [`Answer`] of a body or of a [`Page`] of them. Errors are problem documents:
//!    [`ProblemResponse`] or [`answer::not_found`].
//! 4. `routes!(handler)` in the module's `routes()`, and the module in [`routes`] below. That
//!    puts the path into the router and into the document at once.
//!
//! Tags, `If-None-Match`, the problem answer of each operation and the bearer token come by
//! themselves. `tests/tests/api.rs` compares the document with the routes and every answer
//! of a sample run with its schema, and the laws ask each page for its counterpart here.
//!
//! [`ProblemResponse`]: crate::http::ProblemResponse

mod alarms;
mod answer;
mod appraisals;
mod asks;
mod attainment;
mod board;
mod books;
mod caller;
mod cards;
mod changes;
mod conflicts;
mod coverage;
mod customers;
mod deals;
mod devices;
mod document;
mod due;
mod funnel;
mod handings;
mod hiring;
mod library;
mod map;
mod meetings;
mod merge;
mod moved;
mod office;
mod people;
mod placements;
mod policy;
mod quarantine;
mod query;
mod reports;
mod risks;
mod suppose;
mod target;
mod targets;
mod team_figures;
mod trends;
mod units;
mod values;
mod visits;
mod void;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

pub(crate) use answer::{Answer, Page};
pub(crate) use caller::Caller;
pub(crate) use values::{Amount, Day, Id, Instant};

/// Everything under `/v1`: the resources, and the ways in and the sync beside them.
pub(crate) fn routes(ways_in: OpenApiRouter<App>) -> Router<App> {
    let resources = OpenApiRouter::new()
        .merge(alarms::routes())
        .merge(appraisals::routes())
        .merge(asks::routes())
        .merge(attainment::routes())
        .merge(board::routes())
        .merge(books::routes())
        .merge(cards::routes())
        .merge(changes::routes())
        .merge(conflicts::routes())
        .merge(coverage::routes())
        .merge(customers::routes())
        .merge(deals::routes())
        .merge(devices::routes())
        .merge(due::routes())
        .merge(funnel::routes())
        .merge(handings::routes())
        .merge(hiring::routes())
        .merge(library::routes())
        .merge(map::routes())
        .merge(meetings::routes())
        .merge(merge::routes())
        .merge(moved::routes())
        .merge(office::routes())
        .merge(people::routes())
        .merge(placements::routes())
        .merge(policy::routes())
        .merge(quarantine::routes())
        .merge(reports::routes())
        .merge(risks::routes())
        .merge(suppose::routes())
        .merge(target::routes())
        .merge(targets::routes())
        .merge(team_figures::routes())
        .merge(trends::routes())
        .merge(units::routes())
        .merge(visits::routes())
        .merge(void::routes())
        .layer(from_fn(answer::tagged));
    let (router, document) = ways_in.merge(resources).split_for_parts();
    let document = document::finished(document);
    router.route(document::PATH, get(|| async move { document }))
}
