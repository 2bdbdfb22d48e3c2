//! The buying centre of a customer (S3 决策链画像): who decides, how much weight they have,
//! which way they lean, and what has been done with them.

use client_core::docs::customer::{BuyingRole, Contact, CustomerState, Phone, Stance};
use client_core::id::ItemId;
use client_core::time::Date;

use super::customer::{VisitEntry, start_of};
use super::wording;
use crate::web::format::Format;
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// Weight is said from 1 to this.
const MOST: u8 = 5;

/// Without these three nothing is bought (S3: technical evaluator, financial approver,
/// decision maker).
static NEEDED: [BuyingRole; 3] =
    [BuyingRole::Decision, BuyingRole::Financial, BuyingRole::Technical];

/// The buying centre, ready to print.
#[derive(Debug)]
pub struct Buying {
    /// Who decides before who merely uses; in each, the most weight first.
    pub people: Vec<PersonView>,
    /// Whom nobody knows there yet.
    pub missing: Option<String>,
}

/// A person at the customer.
#[derive(Debug)]
pub struct PersonView {
    /// The name.
    pub name: String,
    /// Job title.
    pub title: String,
    /// Role in the decision.
    pub role: String,
    /// Weight in words.
    pub influence: String,
    /// Which way they lean.
    pub stance: Option<State>,
    /// How often they were met.
    pub met: String,
    /// The last time: where it is shown, and when.
    pub last: Option<(String, String)>,
    /// The number.
    pub phone: String,
}

/// The buying centre of `state`, with the submitted visits on which each was met.
pub fn centre(f: &Format, state: &CustomerState, visits: &[VisitEntry], today: Date) -> Buying {
    let mut people: Vec<(&ItemId, &Contact)> = state.contacts.iter().collect();
    people.sort_by_key(|(id, one)| {
        let place = one.buying_role.as_ref().map_or(NEEDED.len() + 3, place);
        (place, std::cmp::Reverse(one.influence), one.name.clone(), **id)
    });
    let known =
        |role: &BuyingRole| people.iter().any(|(_, one)| one.buying_role.as_ref() == Some(role));
    let missing: Vec<String> = NEEDED
        .iter()
        .filter(|role| !known(role))
        .map(|role| f.w.code("buying_role", role.as_str()).into_owned())
        .collect();
    let asked = !people.is_empty() && !missing.is_empty();
    Buying {
        missing: asked
            .then(|| f.w.with("customer.roles_missing", &[("roles", &missing.join(", "))])),
        people: people.iter().map(|(id, one)| person(f, **id, one, visits, today)).collect(),
    }
}

/// Who decides first.
fn place(role: &BuyingRole) -> usize {
    let needed = NEEDED.iter().position(|each| each == role);
    needed.unwrap_or(match role {
        BuyingRole::Coach => NEEDED.len(),
        BuyingRole::User => NEEDED.len() + 1,
        _ => NEEDED.len() + 2,
    })
}

fn person(f: &Format, id: ItemId, one: &Contact, visits: &[VisitEntry], today: Date) -> PersonView {
    let met = || visits.iter().filter(|visit| visit.state.contacts_met.contains_key(&id));
    let last = met().max_by_key(|visit| (start_of(&visit.state), visit.doc));
    let count = i64::try_from(met().count()).unwrap_or(i64::MAX);
    let role = one.buying_role.as_ref().map(|role| role.as_str());
    PersonView {
        name: one.name.clone().unwrap_or_else(|| "–".to_owned()),
        title: one.title.clone().unwrap_or_default(),
        role: wording::code(f.w, "buying_role", role),
        influence: one.influence.map_or_else(
            || "–".to_owned(),
            |weight| f.w.with("customer.weight", &[("n", &weight.min(MOST)), ("of", &MOST)]),
        ),
        stance: one.stance.as_ref().map(|stance| leaning(f.w, stance)),
        met: f.w.count("customer.met", count, &[("n", &count)]),
        last: last.map(|visit| {
            let day = start_of(&visit.state).map(|at| f.date_seen(at, today));
            (format!("/visits/{}", visit.doc), day.unwrap_or_else(|| "–".to_owned()))
        }),
        phone: phone(&one.phone),
    }
}

fn leaning(w: Words, stance: &Stance) -> State {
    let tone = match stance {
        Stance::Supporter => Tone::Good,
        Stance::Opponent => Tone::Late,
        _ => Tone::Neutral,
    };
    State::new(tone, w.code("stance", stance.as_str()))
}

/// A number as it was typed.
pub fn phone(phone: &Phone) -> String {
    phone.raw.clone().or_else(|| phone.e164.clone()).unwrap_or_else(|| "–".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::Lang;

    #[test]
    fn who_decides_stands_first_and_who_is_not_known_is_named() {
        let f = Format::new(Words::new(Lang::En), client_core::time::Zone::fixed("UTC", 0));
        let contact = |name: &str, role: BuyingRole, influence: u8| Contact {
            name: Some(name.into()),
            buying_role: Some(role),
            influence: Some(influence),
            ..Contact::default()
        };
        let id = |n: u8| ItemId::from_bytes([n; 16]);
        let mut state = CustomerState::default();
        let today: Date = "2026-10-08".parse().unwrap();
        assert_eq!(centre(&f, &state, &[], today).missing, None, "nobody is no gap in a circle");
        state.contacts.insert(id(1), contact("User", BuyingRole::User, 5));
        state.contacts.insert(id(2), contact("Minor", BuyingRole::Decision, 2));
        state.contacts.insert(id(3), contact("Major", BuyingRole::Decision, 4));
        let found = centre(&f, &state, &[], today);
        let names: Vec<&str> = found.people.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Major", "Minor", "User"]);
        assert_eq!(found.people[0].influence, "4 of 5");
        let missing = found.missing.unwrap();
        assert!(missing.contains("Financial approver") && missing.contains("Technical evaluator"));
        assert!(!missing.contains("Decision maker"));
    }
}
