//! What is handed to people: a card each, with what brings them in. Shown once.

use askama::Template;

use crate::office::Invited;
use crate::qr::Qr;
use crate::web::format::Format;
use crate::web::frame::Frame;

/// The page.
#[derive(Debug, Template)]
#[template(path = "people_cards.html")]
pub struct Cards {
    frame: Frame,
    title: String,
    back: String,
    server: String,
    cards: Vec<Card>,
}

#[derive(Debug)]
struct Card {
    name: String,
    about: String,
    login: String,
    /// The code, and the square that carries it with the server's address.
    phone: Option<PhonePart>,
    password: Option<String>,
    until: String,
}

#[derive(Debug)]
struct PhonePart {
    code: String,
    address: String,
    qr: Option<Qr>,
    label: String,
}

impl Cards {
    /// Cards for people who were invited; `units` gives the name of somebody's unit.
    pub fn invited(
        frame: Frame,
        f: &Format,
        server: &str,
        invited: &[Invited],
        unit: impl Fn(&Invited) -> String,
    ) -> Self {
        let cards = invited.iter().map(|one| {
            let address = one.address(Some(server));
            Card {
                name: one.user.name.clone(),
                about: Some(unit(one)).filter(|unit| *unit != frame.org).unwrap_or_default(),
                login: one.login.clone(),
                phone: Some(PhonePart {
                    code: one.code.to_string(),
                    qr: Qr::of(&address),
                    address,
                    label: f.w.with("cards.qr", &[("name", &one.user.name)]),
                }),
                password: one.one_time_password.as_ref().map(|it| it.reveal().to_owned()),
                until: f.w.with("cards.until", &[("time", &f.moment(one.until))]),
            }
        });
        let n = i64::try_from(invited.len()).unwrap_or(i64::MAX);
        let (title, back) = match invited {
            [one] => (
                f.w.with("cards.for_one", &[("name", &one.user.name)]),
                format!("/people/{}", one.user.id),
            ),
            _ => (f.w.count("cards.for_many", n, &[("n", &n)]), "/people".to_owned()),
        };
        Self { title, back, server: server.to_owned(), cards: cards.collect(), frame }
    }

    /// A card with a new password alone.
    pub fn password(
        frame: Frame,
        f: &Format,
        server: &str,
        (name, login, back): (&str, &str, &str),
        password: &str,
        until: client_core::time::Timestamp,
    ) -> Self {
        let card = Card {
            name: name.to_owned(),
            about: String::new(),
            login: login.to_owned(),
            phone: None,
            password: Some(password.to_owned()),
            until: f.w.with("cards.until", &[("time", &f.moment(until))]),
        };
        Self {
            title: f.w.with("cards.password_for", &[("name", &name)]),
            back: back.to_owned(),
            server: server.to_owned(),
            cards: vec![card],
            frame,
        }
    }
}
