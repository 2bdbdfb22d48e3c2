//! Everybody whom the reader looks after.

use askama::Template;
use client_core::id::UnitId;
use client_core::records::UserRecord;
use client_core::time::Timestamp;

use super::wording;
use crate::office::Standing;
use crate::web::form::{Field, Input};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::queries::people::Wanted;
use crate::web::view::{Pages, State, Tone};

/// What the page is given.
#[derive(Debug, Clone)]
pub struct PeopleData {
    /// How many match.
    pub all: usize,
    /// Those of this page.
    pub people: Vec<PersonInList>,
    /// How many were never invited, or let the invitation pass.
    pub uninvited: usize,
    /// Units to filter by.
    pub units: Vec<(UnitId, String)>,
}

/// Somebody in the list.
#[derive(Debug, Clone)]
pub struct PersonInList {
    /// Who.
    pub user: UserRecord,
    /// Their login.
    pub login: String,
    /// Their units' names, main one first.
    pub units: Vec<String>,
    /// How far they have come.
    pub standing: Standing,
    /// When one of their phones was heard last.
    pub heard: Option<Timestamp>,
    /// The reader may invite them.
    pub may_invite: bool,
}

/// A filter by how far people have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingFilter {
    /// Never invited, or the invitation passed.
    NotInvited,
    /// Invited and not in yet.
    Invited,
    /// In.
    Active,
    /// Kept out.
    Disabled,
}

impl StandingFilter {
    const ALL: [(Self, &'static str); 4] = [
        (Self::NotInvited, "not_invited"),
        (Self::Invited, "invited"),
        (Self::Active, "active"),
        (Self::Disabled, "disabled"),
    ];

    /// The filter with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, each)| *each == code).map(|(filter, _)| *filter)
    }

    fn code(self) -> &'static str {
        Self::ALL.iter().find(|(filter, _)| *filter == self).map_or("", |(_, code)| code)
    }

    /// Whether somebody of this standing is wanted.
    pub const fn takes(self, standing: Standing) -> bool {
        matches!(
            (self, standing),
            (Self::NotInvited, Standing::NotInvited)
                | (Self::Invited, Standing::Invited { .. })
                | (Self::Active, Standing::Active)
                | (Self::Disabled, Standing::Disabled)
        )
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "people.html")]
pub struct People {
    frame: Frame,
    message: Option<State>,
    count_line: String,
    query: String,
    filters: Vec<Field>,
    rows: Vec<Row>,
    can_select: bool,
    invite_all: Option<String>,
    pages: Option<Pages>,
}

#[derive(Debug)]
struct Row {
    id: String,
    href: String,
    name: String,
    login: String,
    role: String,
    unit: String,
    also: String,
    standing: State,
    heard: String,
    may_invite: bool,
    select: String,
}

impl People {
    /// The page; `path` is the search without its page, `roles` those to filter by.
    pub fn new(
        frame: Frame,
        f: &Format,
        path: &str,
        wanted: &Wanted,
        data: &PeopleData,
        message: Option<State>,
    ) -> Self {
        let all = i64::try_from(data.all).unwrap_or(i64::MAX);
        let left = i64::try_from(data.uninvited).unwrap_or(i64::MAX);
        let rows: Vec<Row> = data.people.iter().map(|person| row(f, person)).collect();
        Self {
            message,
            count_line: f.w.count("people.count", all, &[("n", &all)]),
            query: wanted.text.clone(),
            filters: filters(f, wanted, data),
            can_select: rows.iter().any(|row| row.may_invite),
            invite_all: (left > 0).then(|| f.w.count("people.invite_all", left, &[("n", &left)])),
            pages: Pages::of(f.w, path, wanted.page, data.all),
            rows,
            frame,
        }
    }
}

fn row(f: &Format, person: &PersonInList) -> Row {
    let mut units = person.units.iter();
    Row {
        id: person.user.id.to_string(),
        href: format!("/people/{}", person.user.id),
        name: person.user.name.clone(),
        login: person.login.clone(),
        role: wording::role(f.w, person.user.role),
        unit: units.next().cloned().unwrap_or_else(|| "–".to_owned()),
        also: units.cloned().collect::<Vec<_>>().join(", "),
        standing: wording::standing(f, person.standing),
        heard: person.heard.map_or_else(|| "–".to_owned(), |at| f.moment(at)),
        may_invite: person.may_invite,
        select: f.w.with("people.select", &[("name", &person.user.name)]),
    }
}

fn filters(f: &Format, wanted: &Wanted, data: &PeopleData) -> Vec<Field> {
    let any = |key: &str| (String::new(), f.w.say(key).to_owned());
    let unit = wanted.unit.map(|unit| unit.to_string()).unwrap_or_default();
    let units = data.units.iter().map(|(id, name)| (id.to_string(), name.clone()));
    let roles = ["rep", "supervisor", "manager", "analyst", "admin"]
        .map(|code| (code.to_owned(), f.w.code("role", code).into_owned()));
    let states = StandingFilter::ALL
        .map(|(_, code)| (code.to_owned(), f.w.code("standing", code).into_owned()));
    let role = wanted.role.map_or("", |role| role.as_str());
    let state = wanted.standing.map_or("", StandingFilter::code);
    vec![
        Field::choice(
            "unit",
            f.w.say("word.unit"),
            &unit,
            std::iter::once(any("people.any_unit")).chain(units),
        ),
        Field::choice(
            "role",
            f.w.say("people.role"),
            role,
            std::iter::once(any("people.any_role")).chain(roles),
        ),
        Field::choice(
            "status",
            f.w.say("people.status"),
            state,
            std::iter::once(any("people.any_status")).chain(states),
        ),
    ]
}
