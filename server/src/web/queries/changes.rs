//! The changes that wrote a document, with their authors.

use client_core::guard::{Limits, ScreenedChange};

use client_core::period::Period;
use client_core::time::{Date, Timestamp};

use super::base::Base;
use crate::scoring::Since;
use crate::storage::model::DocRow;
use crate::web::lists::{Unreadable, given};
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

/// Since when a card is compared, and a day to go on from: a day means its end, `closed`
/// the closing of the period. Without either a closed month is compared with its closing,
/// a running one with yesterday.
pub fn since(
    base: &Base,
    now: Timestamp,
    period: Period,
    closed: bool,
    wanted: &str,
) -> Result<(Date, Since), Unreadable> {
    let yesterday = base.zone().date(now).plus_days(-1).min(period.last_day());
    if wanted == "closed" || (wanted.is_empty() && closed) {
        return Ok((yesterday, Since::Closed));
    }
    let day = given(wanted)?.unwrap_or(yesterday);
    Ok((day, Since::Instant(base.zone().end_of(day).min(now))))
}
