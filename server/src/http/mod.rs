//! The edge to the network: routes, limits, and errors in one shape.

mod admission;
mod body;
mod client_addr;
mod health;
#[cfg(feature = "simulation")]
mod in_process;
mod late;
mod listener;
mod live;
mod metrics;
mod office;
mod patience;
mod problem;
mod session;
mod shield;
mod sync;
mod tls;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use client_core::protocol::{
    ENROL_PATH, LIVE_PATH, REFRESH_PATH, RENEW_PATH, SIGN_IN_PATH, SYNC_PATH,
};

use crate::app::App;

pub(crate) use admission::Admission;
pub use admission::AdmissionConfig;
pub use client_addr::{ClientAddr, Proxy};
#[cfg(feature = "simulation")]
pub use in_process::InProcess;
pub(crate) use listener::{Limits as ListenerLimits, Secure, serve};
pub(crate) use metrics::router as metrics_router;
pub use problem::ProblemResponse;
pub(crate) use tls::Tls;
pub use tls::{TlsError, TlsFiles};

/// Every route of the server.
pub fn router(app: App) -> Router {
    let api = Router::new()
        .route(SYNC_PATH, post(sync::post).layer(from_fn_with_state(app.clone(), sync::measure)))
        .route(LIVE_PATH, get(live::get))
        .route(SIGN_IN_PATH, post(session::sign_in))
        .route(ENROL_PATH, post(session::enrol))
        .route(RENEW_PATH, post(session::renew))
        .route(REFRESH_PATH, post(session::refresh))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .merge(office::routes())
        .merge(late::routes())
        .with_state(app.clone());
    shield::around(api.merge(crate::web::router(app.clone())), app)
}

#[cfg(test)]
mod tests;
