//! The changes that wrote a document, with their authors.

use client_core::guard::{Limits, ScreenedChange};

use super::base::Base;
use crate::storage::model::DocRow;
use crate::web::pages::history::ChangeEntry;

/// A logged change as a page tells it.
pub fn entry(base: &Base, change: &DocRow) -> ChangeEntry {
    let device = base.devices.iter().find(|device| device.device == change.device);
    // Stored changes passed the guard once; if limits were lowered since, the
    // claimed time is only not shown.
    let screened = ScreenedChange::screen(&change.bytes, &Limits::default()).ok();
    ChangeEntry {
        hash: change.hash,
        author: base.user_name(change.user),
        device: device
            .map(|device| format!("{} · {}", device.name, device.platform))
            .unwrap_or_else(|| change.device.to_string()),
        written: screened.map(|change| change.claimed_at()),
        received: change.received_at,
    }
}
