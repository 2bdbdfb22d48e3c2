//! The edge to the network: routes, limits, and errors in one shape.

mod admission;
pub(crate) mod body;
mod client_addr;
mod described;
mod health;
#[cfg(feature = "simulation")]
mod in_process;
mod inputs;
mod listener;
mod live;
mod metrics;
mod patience;
mod problem;
mod session;
mod shield;
mod sync;
mod tls;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

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
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .merge(crate::api::routes(ways_in(&app)))
        .with_state(app.clone());
    shield::around(api.merge(crate::web::router(app.clone())), app)
}

/// How a session begins and goes on, and what phones do with it.
fn ways_in(app: &App) -> OpenApiRouter<App> {
    let measured = from_fn_with_state(app.clone(), sync::measure);
    OpenApiRouter::new()
        .routes(routes!(sync::post).layer(measured))
        .routes(routes!(live::get))
        .routes(routes!(inputs::post))
        .routes(routes!(session::sign_in))
        .routes(routes!(session::enrol))
        .routes(routes!(session::renew))
        .routes(routes!(session::refresh))
}

#[cfg(test)]
mod tests;
