//! One person: what they are, their phones, and what was done.

use askama::Template;
use client_core::records::UserRecord;
use client_core::time::Timestamp;

use super::wording;
use crate::office::{Refusal, Standing};
use crate::storage::model::DeviceRow;
use crate::web::form::{Choice, Field, Input};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// What the page is given.
#[derive(Debug, Clone)]
pub struct PersonData {
    /// Who.
    pub user: UserRecord,
    /// Their login.
    pub login: String,
    /// Their units' names, main one first.
    pub units: Vec<String>,
    /// How far they have come.
    pub standing: Standing,
    /// Their password was given out.
    pub must_change: bool,
    /// They have a password at all.
    pub has_password: bool,
    /// Their phones, revoked ones too.
    pub phones: Vec<DeviceRow>,
    /// How many customers they hold.
    pub customers: usize,
    /// What was done to them, newest first.
    pub history: Vec<Deed>,
}

/// Something that was done.
#[derive(Debug, Clone)]
pub struct Deed {
    /// When.
    pub at: Timestamp,
    /// Who did it; none for the command line.
    pub by: Option<String>,
    /// What: a code.
    pub what: String,
    /// What exactly.
    pub detail: Option<String>,
}

/// What is entered about a person, on the page of one or to make one.
#[derive(Debug, Clone, Default)]
pub struct PersonForm {
    /// The fields, in order.
    pub fields: Vec<Field>,
    /// Further units.
    pub also: Vec<Choice>,
    /// Further units that stay as they are: others look after them.
    pub fixed: Vec<Choice>,
}

impl PersonForm {
    /// Whether further units are shown at once: somebody has some.
    fn also_is_open(&self) -> bool {
        self.also.iter().any(|unit| unit.chosen)
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "person.html")]
pub struct Person {
    frame: Frame,
    message: Option<State>,
    path: String,
    name: String,
    about: String,
    standing: State,
    form: Option<PersonForm>,
    why_not: Option<String>,
    can_invite: bool,
    invite_label: &'static str,
    invite_hint: &'static str,
    may: bool,
    disabled: bool,
    disable_hint: String,
    phones: Vec<PhoneRow>,
    history: Vec<DeedRow>,
}

#[derive(Debug)]
struct PhoneRow {
    id: String,
    name: String,
    about: String,
    heard: String,
    state: State,
    can_revoke: bool,
}

#[derive(Debug)]
struct DeedRow {
    what: String,
    detail: String,
    by: String,
    when: String,
}

/// What the reader may do here.
#[derive(Debug, Clone)]
pub struct Powers {
    /// Why the reader may not look after this person, if so.
    pub refused: Option<Refusal>,
    /// It is the reader.
    pub oneself: bool,
}

impl Person {
    /// The page.
    pub fn new(
        frame: Frame,
        f: &Format,
        data: &PersonData,
        powers: &Powers,
        form: Option<PersonForm>,
        message: Option<State>,
    ) -> Self {
        let w = f.w;
        let disabled = data.standing == Standing::Disabled;
        let may = powers.refused.is_none();
        let role = wording::role(w, data.user.role);
        let about = [data.login.clone(), role, data.units.join(", ")];
        let first = matches!(data.standing, Standing::NotInvited);
        let customers = i64::try_from(data.customers).unwrap_or(i64::MAX);
        Self {
            message,
            path: format!("/people/{}", data.user.id),
            name: data.user.name.clone(),
            about: about
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
            standing: wording::standing(f, data.standing),
            form,
            why_not: powers
                .refused
                .as_ref()
                .filter(|_| !powers.oneself)
                .map(|refusal| wording::refusal(w, refusal)),
            can_invite: (may || powers.oneself) && !disabled,
            invite_label: if first { "person.invite" } else { "person.invite_again" },
            invite_hint: match (data.has_password, data.must_change) {
                (true, false) => "person.invite_keeps",
                _ => "person.invite_gives",
            },
            may,
            disabled,
            disable_hint: w.count("person.disable_hint", customers, &[("n", &customers)]),
            phones: data
                .phones
                .iter()
                .map(|phone| phone_row(f, phone, may || powers.oneself))
                .collect(),
            history: data.history.iter().map(|deed| deed_row(f, deed)).collect(),
            frame,
        }
    }
}

fn phone_row(f: &Format, phone: &DeviceRow, may: bool) -> PhoneRow {
    let state = match phone.revoked_at {
        Some(at) => State::new(Tone::Late, f.w.with("person.revoked", &[("time", &f.moment(at))])),
        None if phone.replaced_by().is_some() => {
            State::new(Tone::Neutral, f.w.say("person.replaced"))
        }
        None => State::new(Tone::Good, f.w.say("person.enrolled")),
    };
    PhoneRow {
        id: phone.device.to_string(),
        name: phone.name.clone(),
        about: format!("{} · {}", phone.platform, phone.app_version),
        heard: f.moment(phone.seen_at),
        state,
        can_revoke: may && phone.revoked_at.is_none(),
    }
}

fn deed_row(f: &Format, deed: &Deed) -> DeedRow {
    DeedRow {
        what: f.w.code("deed", &deed.what).into_owned(),
        detail: deed.detail.clone().unwrap_or_default(),
        by: deed.by.clone().unwrap_or_else(|| f.w.say("person.command_line").to_owned()),
        when: f.moment(deed.at),
    }
}

/// The page where somebody is made.
#[derive(Debug, Template)]
#[template(path = "person_new.html")]
pub struct NewPerson {
    /// The frame.
    pub frame: Frame,
    /// What went wrong.
    pub message: Option<State>,
    /// What is entered.
    pub form: PersonForm,
}
