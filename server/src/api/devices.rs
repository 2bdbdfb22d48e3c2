//! Phones: which there are, and when each was heard.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer::Listed;
use super::query::{PageQuery, Query};
use super::values::Named;
use super::{Caller, Id, Instant, Page};
use crate::app::App;
use crate::http::ProblemResponse;
use crate::storage::model::DeviceRow;

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list))
}

/// A phone, or a program that signed in as one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Device {
    id: Id,
    person: Named,
    name: String,
    /// `ios`, `android`, `other`.
    platform: String,
    app_version: String,
    enrolled_at: Instant,
    /// When the server heard from it last: what it wrote is known up to then.
    seen_at: Instant,
    /// When it last brought something new.
    pushed_at: Option<Instant>,
    /// How many of its changes and requests waited there when it was heard; absent where
    /// it never said so.
    waiting: Option<u32>,
    /// By how many milliseconds its clock was ahead of the server's then.
    clock_ahead_ms: Option<i64>,
    revoked_at: Option<Instant>,
    /// The device that stands in its place since it was restored.
    replaced_by: Option<Id>,
}

pub(super) fn device(caller: &Caller, row: &DeviceRow) -> Device {
    Device {
        id: row.device.into(),
        person: Named::of(row.user, caller.base.user_name(row.user)),
        name: row.name.clone(),
        platform: row.platform.clone(),
        app_version: row.app_version.clone(),
        enrolled_at: row.enrolled_at.into(),
        seen_at: row.seen_at.into(),
        pushed_at: row.pushed_at.map(Into::into),
        waiting: row.said.map(|said| said.waiting),
        clock_ahead_ms: row.said.map(|said| said.clock_ahead_ms),
        revoked_at: row.revoked_at.map(Into::into),
        replaced_by: row.replaced_by().map(Into::into),
    }
}

/// Phones of the people that the caller looks after, silent ones first.
#[utoipa::path(get, path = "/v1/devices", tag = "people", params(PageQuery),
    responses((status = 200, body = Page<Device>)))]
async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Listed<Device>, ProblemResponse> {
    let registrar = caller.looking_after(&app).await?;
    let sees = |row: &&DeviceRow| {
        let user = caller.base.users.iter().find(|user| user.id == row.user);
        row.is_phone() && user.is_some_and(|user| registrar.sees(user))
    };
    let mut found: Vec<&DeviceRow> = caller.base.devices.iter().filter(sees).collect();
    found.sort_by_key(|row| (row.revoked_at.is_some(), row.seen_at, row.device));
    let devices = found.into_iter().map(|row| device(&caller, row)).collect();
    Ok(Listed(caller.page_of(devices, query.number()?)))
}
