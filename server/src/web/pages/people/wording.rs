//! What is said about people, and about what the office refuses.

use client_core::records::{Role, UnitKind};

use crate::office::{Refusal, Standing, TextError};
use crate::web::format::Format;
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// How far somebody has come.
pub fn standing(f: &Format, standing: Standing) -> State {
    match standing {
        Standing::Disabled => State::new(Tone::Late, f.w.say("people.disabled")),
        Standing::NotInvited => State::new(Tone::Unknown, f.w.say("people.not_invited")),
        Standing::Invited { until: None } => State::new(Tone::Neutral, f.w.say("people.invited")),
        Standing::Invited { until: Some(until) } => {
            let word = f.w.with("people.invited_until", &[("time", &f.moment(until))]);
            State::new(Tone::Neutral, word)
        }
        Standing::Active => State::new(Tone::Good, f.w.say("people.active")),
    }
}

/// Why the office refuses something.
pub fn refusal(w: Words, refusal: &Refusal) -> String {
    match refusal {
        Refusal::WholeOrg => w.say("policy.whole_org").to_owned(),
        Refusal::Role => w.say("people.refused_role").to_owned(),
        Refusal::Places => w.say("people.refused_places").to_owned(),
        Refusal::Admin => w.say("people.refused_admin").to_owned(),
        Refusal::OtherUnit { name } => w.with("people.refused_person", &[("name", name)]),
        Refusal::NotYours { name } => w.with("people.refused_unit", &[("name", name)]),
        Refusal::Colleague => w.say("people.refused_colleague").to_owned(),
        Refusal::Oneself => w.say("people.refused_oneself").to_owned(),
        Refusal::LastAdmin => w.say("people.refused_last_admin").to_owned(),
    }
}

/// Why a name or login cannot be taken.
pub fn text(w: Words, error: &TextError) -> String {
    match error {
        TextError::Empty { .. } => w.say("form.empty").to_owned(),
        TextError::TooLong { chars, limit, .. } => {
            w.with("form.too_long", &[("chars", chars), ("limit", limit)])
        }
        TextError::Character { what: "login", found, .. } => {
            w.with("people.login_letter", &[("found", found)])
        }
        TextError::Character { .. } => w.say("form.letter").to_owned(),
    }
}

/// A role in words.
pub fn role(w: Words, role: Role) -> String {
    w.code("role", role.as_str()).into_owned()
}

/// Every kind of unit, with its code.
pub const KINDS: [(UnitKind, &str); 5] = [
    (UnitKind::Region, "region"),
    (UnitKind::Team, "team"),
    (UnitKind::Industry, "industry"),
    (UnitKind::Product, "product"),
    (UnitKind::Channel, "channel"),
];

/// The code of a kind of unit.
pub fn kind_code(kind: UnitKind) -> &'static str {
    KINDS.iter().find(|(each, _)| *each == kind).map_or("team", |(_, code)| code)
}

/// A kind of unit in words.
pub fn kind(w: Words, kind: UnitKind) -> String {
    w.code("unit_kind", kind_code(kind)).into_owned()
}
