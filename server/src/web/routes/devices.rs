//! `/devices`: every phone, what it may still hold, and shutting one out.

use axum::extract::{Path, State};
use axum::response::Response;
use client_core::id::DeviceId;
use serde::Deserialize;

use super::answer::{self, PageError};
use super::behalf::{done, keeper, leader, refused, told};
use super::query::Query;
use super::sections::parse;
use super::visitor::Visitor;
use crate::app::App;
use crate::office::{PersonError, Registrar};
use crate::web::frame::Section;
use crate::web::pages::devices::{Devices, Phone};
use crate::web::view::State as Shown;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DevicesQuery {
    done: String,
}

/// `GET /devices`.
pub(super) async fn show(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query<DevicesQuery>,
) -> Response {
    let page = async {
        let registrar = leader(&app, &visitor).await?;
        page(&visitor, &registrar, told(&visitor, "done", &["revoked"], &query.done))
    };
    visitor.answer(page.await)
}

/// The phones of everybody whose work the reader sees.
fn page(
    visitor: &Visitor,
    registrar: &Registrar,
    message: Option<Shown>,
) -> Result<Response, PageError> {
    let (base, now) = (&visitor.base, visitor.now);
    let phones = base.devices.iter().filter(|device| device.is_phone()).filter_map(|device| {
        let user = base.users.iter().find(|user| user.id == device.user)?;
        visitor.reach.sees(user.id).then(|| Phone {
            device: device.clone(),
            user: user.clone(),
            unit: user.units.first().map(|unit| base.unit_name(*unit)).unwrap_or_default(),
            may_revoke: registrar.looks_after(user).is_ok() || user.id == visitor.signed.user,
        })
    });
    let frame = visitor.frame(Section::Devices);
    let opens = Registrar::opens_to(visitor.signed.role);
    answer::html(&Devices::new(frame, &visitor.f, phones.collect(), opens, now, message))
}

/// `POST /devices/{device}/revoke`.
pub(super) async fn revoke(
    State(app): State<App>,
    visitor: Visitor,
    Path(device): Path<String>,
) -> Response {
    let page = async {
        let registrar = keeper(&app, &visitor).await?;
        let id: DeviceId = parse(&device)?;
        let known = visitor.base.devices.iter().find(|device| device.device == id);
        let user = known.ok_or(PageError::NotFound)?.user;
        match registrar.revoke_device(user, id).await {
            Ok(_) => Ok(done("/devices", "revoked")),
            Err(PersonError::Storage(error)) => Err(error.into()),
            Err(PersonError::Refused(refusal)) => {
                let w = visitor.f.w;
                let why = crate::web::pages::people::wording::refusal(w, &refusal);
                let mut response = page(&visitor, &registrar, refused(why))?;
                *response.status_mut() = axum::http::StatusCode::FORBIDDEN;
                Ok(response)
            }
            Err(_) => Err(PageError::NotFound),
        }
    };
    visitor.answer(page.await)
}
