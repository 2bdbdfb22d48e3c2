//! The ways in: who asks, in which language, for which page.

mod answer;
mod cookie;
mod door;
mod guard;
mod language;
mod new_password;
mod sections;
mod visitor;

use axum::Router;
use axum::middleware::{from_fn, map_response};
use axum::response::Redirect;
use axum::routing::{get, post};

use super::assets;
use crate::app::App;

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
        .route("/leaderboard", get(sections::leaderboard))
        .route("/scorecards/{rep}/{period}", get(sections::scorecard))
        .route("/scorecards/{rep}/{period}/{indicator}", get(sections::facts))
        .route("/visits/{visit}", get(sections::visit))
        .route("/customers", get(sections::customers))
        .route("/customers/{customer}", get(sections::customer))
        .fallback(answer::nothing_here)
        .layer(from_fn(language::remember))
        .layer(from_fn(guard::same_origin))
        .layer(map_response(guard::seal))
        .route("/assets/{name}", get(assets::serve))
        .with_state(app)
}
