//! The tree of units.

use askama::Template;
use client_core::id::UnitId;
use client_core::records::UnitKind;

use super::wording;
use crate::web::form::{Field, Input};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// A unit, where it stands.
#[derive(Debug, Clone)]
pub struct UnitInTree {
    /// Which.
    pub id: UnitId,
    /// Its name.
    pub name: String,
    /// What it is organised by.
    pub kind: UnitKind,
    /// How many units are above it.
    pub depth: usize,
    /// People in it.
    pub people: usize,
    /// People in it and in what is below it.
    pub below: usize,
    /// The reader looks after it.
    pub reached: bool,
    /// The reader may rename and move it.
    pub shaped: bool,
}

/// The page of the tree.
#[derive(Debug, Template)]
#[template(path = "units.html")]
pub struct Units {
    frame: Frame,
    message: Option<State>,
    rows: Vec<Row>,
    form: Vec<Field>,
}

#[derive(Debug)]
struct Row {
    name: String,
    kind: String,
    depth: usize,
    people: String,
    below: String,
    href: Option<String>,
    people_href: String,
}

impl Units {
    /// The page, with a form that makes a unit.
    pub fn new(
        frame: Frame,
        f: &Format,
        tree: &[UnitInTree],
        form: Vec<Field>,
        message: Option<State>,
    ) -> Self {
        let show = |n: usize| crate::web::format::count(i64::try_from(n).unwrap_or(i64::MAX));
        let rows = tree.iter().map(|unit| Row {
            name: unit.name.clone(),
            kind: wording::kind(f.w, unit.kind),
            depth: unit.depth.min(8),
            people: show(unit.people),
            below: show(unit.below),
            href: unit.shaped.then(|| format!("/people/units/{}", unit.id)),
            people_href: format!("/people?unit={}", unit.id),
        });
        Self { message, rows: rows.collect(), form, frame }
    }
}

/// The page of one unit.
#[derive(Debug, Template)]
#[template(path = "unit.html")]
pub struct Unit {
    /// The frame.
    pub frame: Frame,
    /// What went wrong.
    pub message: Option<State>,
    /// Its name.
    pub name: String,
    /// Where the form goes.
    pub path: String,
    /// What is entered.
    pub form: Vec<Field>,
}

/// The fields of a unit; `above` are the units it may hang below.
pub fn fields(
    f: &Format,
    (name, kind, parent): (&str, &str, &str),
    above: impl IntoIterator<Item = (String, String)>,
) -> Vec<Field> {
    let kinds = wording::KINDS.map(|(each, code)| (code.to_owned(), wording::kind(f.w, each)));
    vec![
        Field::line("name", f.w.say("units.name"), name).required(),
        Field::choice("kind", f.w.say("units.kind"), kind, kinds),
        Field::choice("parent", f.w.say("units.parent"), parent, above),
    ]
}
