//! Meetings: what they looked at, what they decided, who does what by when (S1, S2 周会).

use askama::Template;
use client_core::time::Date;

use super::report_view::SectionView;
use crate::storage::model::{ItemKind, MeetingItem, MeetingRow};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// An item of a meeting with its owner's name.
pub type NamedItem = (MeetingItem, Option<String>);

/// The list of meetings and of what is still to be done.
#[derive(Debug, Template)]
#[template(path = "meetings.html")]
pub struct MeetingsPage {
    frame: Frame,
    week: String,
    units: Vec<(String, String)>,
    meetings: Vec<MeetingView>,
    open: Vec<ItemView>,
}

#[derive(Debug)]
struct MeetingView {
    href: String,
    held_on: String,
    period: String,
    whose: String,
}

#[derive(Debug)]
struct ItemView {
    id: String,
    meeting: String,
    text: String,
    owner: String,
    due: String,
    done: bool,
    state: State,
}

/// One meeting.
#[derive(Debug, Template)]
#[template(path = "meeting.html")]
pub struct MeetingPage {
    frame: Frame,
    here: String,
    held_on: String,
    period: String,
    whose: String,
    report: String,
    /// The report it looks at, as its agenda.
    sections: Vec<SectionView>,
    decisions: Vec<ItemView>,
    actions: Vec<ItemView>,
    people: Vec<(String, String)>,
}

impl MeetingsPage {
    /// The page. `units` are whose a new meeting may be.
    pub fn new(
        frame: Frame,
        f: &Format,
        today: Date,
        week: String,
        units: Vec<(String, String)>,
        meetings: Vec<(MeetingRow, String)>,
        open: &[NamedItem],
    ) -> Self {
        let meetings = meetings.into_iter().map(|(row, whose)| MeetingView {
            href: format!("/meetings/{}", row.id),
            held_on: f.day(row.held_on),
            period: row.period,
            whose,
        });
        Self {
            week,
            units,
            meetings: meetings.collect(),
            open: open.iter().map(|item| view(f, today, item)).collect(),
            frame,
        }
    }
}

impl MeetingPage {
    /// The page. `people` are whom an action may be given.
    pub fn new(
        frame: Frame,
        f: &Format,
        today: Date,
        (row, whose): (MeetingRow, String),
        (report, sections): (String, Vec<SectionView>),
        items: &[NamedItem],
        people: Vec<(String, String)>,
    ) -> Self {
        let of = |kind: ItemKind| {
            let items = items.iter().filter(move |(item, _owner)| item.kind == kind);
            items.map(|item| view(f, today, item)).collect()
        };
        Self {
            here: format!("/meetings/{}", row.id),
            held_on: f.day(row.held_on),
            decisions: of(ItemKind::Decision),
            actions: of(ItemKind::Action),
            period: row.period,
            whose,
            report,
            sections,
            people,
            frame,
        }
    }
}

fn view(f: &Format, today: Date, (item, owner): &NamedItem) -> ItemView {
    let late = item.due.is_some_and(|due| due < today);
    let (tone, key) = match (item.done_at, late) {
        (Some(_), _) => (Tone::Good, "meetings.done"),
        (None, true) => (Tone::Late, "meetings.late"),
        (None, false) => (Tone::Neutral, "meetings.open"),
    };
    ItemView {
        id: item.id.to_string(),
        meeting: item.meeting.to_string(),
        text: match item.text.as_str() {
            "" => f.w.say("meetings.erased").to_owned(),
            text => text.to_owned(),
        },
        owner: owner.clone().unwrap_or_else(|| "–".to_owned()),
        due: item.due.map_or_else(|| "–".to_owned(), |due| f.date_near(due, today)),
        done: item.done_at.is_some(),
        state: State::new(tone, f.w.say(key)),
    }
}
