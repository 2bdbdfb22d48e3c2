//! The manager's pages.

use axum::Router;

use crate::app::App;

/// Every page.
pub fn router(_app: App) -> Router {
    Router::new()
}
