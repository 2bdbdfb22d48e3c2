//! The second listener: figures for whoever watches the server, and nothing else.
//!
//! It has a port of its own, so that a proxy that shows the first one to the world
//! cannot show this one by accident.

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{ProblemResponse, health};
use crate::app::App;
use crate::metrics::{Asked, MEDIA_TYPE};
use crate::storage::Records;

/// Its routes.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/metrics", get(scrape))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .with_state(app)
}

async fn scrape(State(app): State<App>) -> Result<Response, ProblemResponse> {
    let asked = Asked {
        census: app.storage().census().await?,
        cache: app.documents().figures(),
        disk_free: app.storage().room(),
    };
    let mut response = app.metrics().text(&asked).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    Ok(response)
}
