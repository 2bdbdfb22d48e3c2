//! Phones: when each was heard last, what may still be on it, and how its clock goes.

use askama::Template;
use client_core::records::UserRecord;
use client_core::time::Timestamp;

use crate::storage::model::{DeviceRow, DeviceSays};
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// A phone that is not heard within a day may hold work that nobody has seen.
const SILENT_MS: i64 = 24 * 3_600_000;
/// A clock that is off by more makes times of visits doubtful (R13 S-clock).
const OFF_MS: i64 = 10 * 60_000;

/// A phone of somebody whose work the reader sees.
#[derive(Debug, Clone)]
pub struct Phone {
    /// The phone.
    pub device: DeviceRow,
    /// Whose.
    pub user: UserRecord,
    /// Their main unit's name.
    pub unit: String,
    /// The reader may shut it out.
    pub may_revoke: bool,
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "devices.html")]
pub struct Devices {
    frame: Frame,
    message: Option<State>,
    line: String,
    rows: Vec<Row>,
    gone: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    id: String,
    name: String,
    href: Option<String>,
    who: String,
    unit: String,
    heard: String,
    state: State,
    waiting: State,
    clock: State,
    app: String,
    revoke: Option<String>,
    hint: String,
}

impl Devices {
    /// The page; `people` says whether the reader may open people's pages.
    pub fn new(
        frame: Frame,
        f: &Format,
        mut phones: Vec<Phone>,
        people: bool,
        now: Timestamp,
        message: Option<State>,
    ) -> Self {
        phones.sort_by(|a, b| {
            (a.device.seen_at, &a.user.name).cmp(&(b.device.seen_at, &b.user.name))
        });
        let row = |phone: &Phone| row(f, phone, people, now);
        let (used, gone): (Vec<&Phone>, Vec<&Phone>) = phones.iter().partition(|phone| {
            phone.device.revoked_at.is_none() && phone.device.replaced_by().is_none()
        });
        let silent = used.iter().filter(|phone| is_silent(&phone.device, now)).count();
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let line = f.w.count(
            "devices.count",
            count(used.len()),
            &[("n", &format::count(count(used.len()))), ("silent", &format::count(count(silent)))],
        );
        Self {
            message,
            line,
            rows: used.into_iter().map(row).collect(),
            gone: gone.into_iter().rev().map(row).collect(),
            frame,
        }
    }
}

fn is_silent(device: &DeviceRow, now: Timestamp) -> bool {
    now.since(device.seen_at) >= SILENT_MS
}

fn row(f: &Format, phone: &Phone, people: bool, now: Timestamp) -> Row {
    let (w, device, today) = (f.w, &phone.device, f.zone.date(now));
    let state = match device.revoked_at {
        Some(at) => State::new(Tone::Late, w.with("person.revoked", &[("time", &f.moment(at))])),
        None if device.replaced_by().is_some() => {
            State::new(Tone::Neutral, w.say("person.replaced"))
        }
        None if is_silent(device, now) => State::new(Tone::Unknown, w.say("devices.silent")),
        None => State::new(Tone::Good, w.say("devices.heard")),
    };
    let waiting = match device.said {
        None => State::new(Tone::Unknown, w.say("devices.not_said")),
        Some(DeviceSays { waiting: 0, .. }) => {
            State::new(Tone::Good, w.say("devices.nothing_waits"))
        }
        Some(DeviceSays { waiting, .. }) => {
            State::new(Tone::Watch, w.count("devices.waits", waiting.into(), &[("n", &waiting)]))
        }
    };
    let unsent = device.said.map_or(0, |said| said.waiting);
    let hint = match unsent {
        0 => w.say("devices.revoke_hint").to_owned(),
        n => w.count("devices.revoke_unsent", n.into(), &[("n", &n)]),
    };
    Row {
        id: device.device.to_string(),
        name: device.name.clone(),
        href: people.then(|| format!("/people/{}", phone.user.id)),
        who: phone.user.name.clone(),
        unit: phone.unit.clone(),
        heard: f.moment_seen(device.seen_at, today),
        state,
        waiting,
        clock: clock(f, device.said),
        app: format!("{} {}", device.platform, device.app_version),
        revoke: (phone.may_revoke && people && device.revoked_at.is_none())
            .then(|| w.with("devices.revoke_now", &[("name", &device.name)])),
        hint,
    }
}

fn clock(f: &Format, said: Option<DeviceSays>) -> State {
    let Some(said) = said else { return State::new(Tone::Unknown, f.w.say("devices.not_said")) };
    let minutes = said.clock_ahead_ms.abs() / 60_000;
    let key = match said.clock_ahead_ms {
        0 => return State::new(Tone::Good, f.w.say("devices.clock_right")),
        ahead if ahead > 0 => "devices.clock_ahead",
        _ => "devices.clock_behind",
    };
    let off = said.clock_ahead_ms.abs() > OFF_MS;
    let tone = if off { Tone::Late } else { Tone::Neutral };
    State::new(tone, f.w.count(key, minutes, &[("n", &format::count(minutes))]))
}
