//! The ways in: who asks, in which language, for which page.

mod alarms;
mod answer;
mod appraisals;
mod audit;
mod behalf;
mod boards;
mod books;
mod changes;
mod conflicts;
mod cookie;
mod devices;
mod door;
mod edit;
mod fields;
mod guard;
mod judge;
mod language;
mod late;
mod library;
mod lists;
mod live;
mod meetings;
mod merge;
mod merges;
mod moved;
mod new_password;
mod one_visit;
mod people;
mod placement;
mod policy;
mod public_url;
mod query;
mod reports;
mod sections;
mod targets;
mod visitor;
mod void;

use axum::Router;
use axum::middleware::{from_fn, map_response};
use axum::response::Redirect;
use axum::routing::{get, post};

use super::assets;
use crate::app::App;

pub(crate) use merge::decides;

/// Every page.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/board") }))
        .route("/sign-in", get(door::show).post(door::enter))
        .route(
            "/new-password",
            get(|| async { Redirect::to("/sign-in") }).post(new_password::enter),
        )
        .route("/sign-out", post(door::leave))
        .route("/board", get(sections::board))
        .route("/live", get(live::listen))
        .route("/due", get(boards::due))
        .route("/risks", get(boards::risks))
        .route("/map", get(boards::map))
        .route("/trends", get(boards::trends))
        .route("/attainment", get(boards::attainment))
        .route("/leaderboard", get(sections::leaderboard))
        .route("/scorecards/{rep}/{period}", get(sections::scorecard))
        .route("/scorecards/{rep}/{period}/changes", get(changes::show))
        .route("/scorecards/{rep}/{period}/{indicator}", get(sections::facts))
        .route("/visits/{visit}", get(judge::show))
        .route("/funnel", get(lists::funnel))
        .route("/coverage", get(lists::coverage))
        .route("/customers", get(lists::customers))
        .route("/customers.csv", get(lists::customers_csv))
        .route("/customers.xlsx", get(lists::customers_sheet))
        .route("/customers/merges", get(merges::show).post(merges::decide))
        .route("/customers/{customer}", get(sections::customer))
        .route("/customers/{customer}/merge", get(merge::show).post(merge::decide))
        .route("/customers/{customer}/books", get(books::show).post(books::enter))
        .route("/customers/{customer}/books/{kind}/{id}/withdraw", post(books::withdraw))
        .route("/customers/{customer}/books/case/{case}/resolve", post(books::resolve))
        .route("/visits/{visit}/judge", post(judge::decide))
        .route("/visits/{visit}/move", get(moved::show).post(moved::decide))
        .route("/visits/{visit}/void", get(void::show).post(void::decide))
        .route("/conflicts", get(conflicts::show))
        .route("/conflicts/{doc}", post(conflicts::decide))
        .route("/customers/{customer}/edit", get(edit::show).post(edit::save))
        .route("/deals/{deal}/edit", get(edit::show).post(edit::save))
        .route("/people", get(people::list::show))
        .route("/people/new", get(people::make::show).post(people::make::make))
        .route("/people/invite", post(people::invite::many))
        .route("/people/units", get(people::units::show).post(people::units::make))
        .route("/people/units/{unit}", get(people::units::one).post(people::units::change))
        .route("/people/{user}", get(people::person::show).post(people::person::change))
        .route("/people/{user}/invite", post(people::invite::one))
        .route("/people/{user}/password", post(people::person::reset_password))
        .route("/people/{user}/disable", post(people::person::disable))
        .route("/people/{user}/enable", post(people::person::enable))
        .route("/people/{user}/devices/{device}/revoke", post(people::person::revoke))
        .route("/placement", get(placement::show).post(placement::give))
        .route("/placement/preview", post(placement::preview))
        .route("/placement/undo", post(placement::undo))
        .route("/policy", get(policy::show).post(policy::work))
        .route("/devices", get(devices::show))
        .route("/devices/{device}/revoke", post(devices::revoke))
        .route("/audit", get(audit::show))
        .route("/audit.csv", get(audit::csv))
        .route("/audit.xlsx", get(audit::sheet))
        .route("/targets", get(targets::show))
        .route("/targets/new", get(targets::one::blank).post(targets::one::make))
        .route("/targets/publish", post(targets::publish))
        .route("/targets/requests/{request}", post(targets::answer_request))
        .route("/targets/{target}", get(targets::one::show).post(targets::one::change))
        .route("/appraisals", get(appraisals::list))
        .route("/appraisals/{rep}/{period}", get(appraisals::one).post(appraisals::take))
        .route("/alarms", get(alarms::show))
        .route("/alarms/signals/{signal}", post(alarms::decide))
        .route("/cases", get(library::cases))
        .route("/competitors", get(library::competitors))
        .route("/help", get(library::help))
        .route("/help/{request}", post(library::answer_help))
        .route("/meetings", get(meetings::list).post(meetings::hold))
        .route("/meetings/{meeting}", get(meetings::one).post(meetings::decide))
        .route("/meetings/{meeting}/actions/{item}", post(meetings::finish))
        .route("/reports", get(reports::list))
        .route("/reports/issued/{id}", get(reports::issued))
        .route("/reports/issued/{id}/{file}", get(reports::issued_file))
        .route("/reports/{kind}/{period}", get(reports::draft).post(reports::keep))
        .route("/reports/{kind}/{period}/{file}", get(reports::draft_file))
        .route("/quarantine", get(late::show))
        .route("/quarantine/{case}", get(late::one).post(late::decide))
        .route("/visits", get(lists::visits))
        .route("/visits.csv", get(lists::visits_csv))
        .route("/visits.xlsx", get(lists::visits_sheet))
        .route("/deals", get(lists::deals))
        .route("/deals.csv", get(lists::deals_csv))
        .route("/deals.xlsx", get(lists::deals_sheet))
        .route("/deals/{deal}", get(lists::deal))
        .fallback(answer::nothing_here)
        .layer(from_fn(language::remember))
        .layer(from_fn(guard::same_origin))
        .layer(map_response(guard::seal))
        .route("/assets/{name}", get(assets::serve))
        .with_state(app)
}
