//! Customers that are one, the way back, customers that may be one, and those that are two.

use askama::Template;

use super::wording;
use crate::web::format::{self, Format};
use crate::web::frame::Frame;
use crate::web::queries::merges::{Apart, Merge, MergesData, Named, Suspect};
use crate::web::view::{State, Tone};

/// The page.
#[derive(Debug, Template)]
#[template(path = "merges.html")]
pub struct Merges {
    frame: Frame,
    message: Option<State>,
    suspects: Vec<SuspectView>,
    more: Option<String>,
    merges: Vec<MergeView>,
    apart: Vec<ApartView>,
}

#[derive(Debug)]
struct SuspectView {
    one: Link,
    other: Link,
    alike: String,
    compare: String,
    /// The two, as the form sends them.
    pair: String,
}

#[derive(Debug)]
struct ApartView {
    one: Link,
    other: Link,
    by: String,
    at: String,
    pair: String,
}

#[derive(Debug)]
struct Link {
    href: String,
    name: String,
    owner: String,
}

#[derive(Debug)]
struct MergeView {
    from: Link,
    into: Link,
    by: String,
    at: String,
    state: State,
    undo: Option<String>,
}

impl Merges {
    /// The page of `data`.
    pub fn new(frame: Frame, f: &Format, data: &MergesData, message: Option<State>) -> Self {
        let left = data.all.saturating_sub(data.suspects.len());
        Self {
            message,
            suspects: data.suspects.iter().map(|one| suspect(f, one)).collect(),
            more: (left > 0).then(|| f.w.with("policy.more", &[("n", &left)])),
            merges: data.merges.iter().map(|one| merge(f, one)).collect(),
            apart: data.apart.iter().map(|one| apart(f, one)).collect(),
            frame,
        }
    }
}

fn link(f: &Format, one: &Named) -> Link {
    Link {
        href: format!("/customers/{}", one.doc),
        name: wording::customer_name(f.w, one.name.as_deref()),
        owner: one.owner.clone().unwrap_or_else(|| "–".to_owned()),
    }
}

fn suspect(f: &Format, one: &Suspect) -> SuspectView {
    SuspectView {
        compare: format!("/customers/{}/merge?with={}", one.one.doc, one.other.doc),
        one: link(f, &one.one),
        other: link(f, &one.other),
        alike: format::percent(one.alike.into(), 10_000),
        pair: pair(&one.one, &one.other),
    }
}

fn pair(one: &Named, other: &Named) -> String {
    format!("{}/{}", one.doc, other.doc)
}

fn apart(f: &Format, two: &Apart) -> ApartView {
    ApartView {
        pair: pair(&two.one, &two.other),
        one: link(f, &two.one),
        other: link(f, &two.other),
        by: by(f, two.by.as_ref()),
        at: f.moment(two.at),
    }
}

fn by(f: &Format, by: Option<&String>) -> String {
    by.cloned().unwrap_or_else(|| f.w.say("person.command_line").to_owned())
}

fn merge(f: &Format, one: &Merge) -> MergeView {
    MergeView {
        from: link(f, &one.from),
        into: link(f, &one.into),
        by: by(f, one.by.as_ref()),
        at: f.moment(one.at),
        state: match one.undone_at {
            None => State::new(Tone::Good, f.w.say("merges.stands")),
            Some(at) => {
                State::new(Tone::Neutral, f.w.with("merges.undone", &[("day", &f.moment(at))]))
            }
        },
        undo: one.undone_at.is_none().then(|| one.from.doc.to_string()),
    }
}
