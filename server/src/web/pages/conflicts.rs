//! What people wrote without seeing each other, and where a manager decides.

use askama::Template;
use client_core::docs::{Conflict, ConflictLabel, DocKind};
use client_core::id::DocId;

use crate::web::form::{Field, Input};
use crate::web::format::Format;
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};
use crate::web::words::Words;

/// The page.
#[derive(Debug, Template)]
#[template(path = "conflicts.html")]
pub struct Conflicts {
    /// The frame.
    pub frame: Frame,
    /// What was done, or went wrong.
    pub message: Option<State>,
    /// What this list is.
    pub how: String,
    /// What it is filtered by.
    pub filters: Vec<Field>,
    /// The conflicts.
    pub rows: Vec<ConflictView>,
    /// The page before.
    pub earlier: Option<String>,
    /// The page after.
    pub later: Option<String>,
}

/// One field that was written twice.
#[derive(Debug)]
pub struct ConflictView {
    /// The document.
    pub doc: DocId,
    /// Its page, if it has one.
    pub href: Option<String>,
    /// What it is.
    pub title: String,
    /// The field in words.
    pub field: String,
    /// The field as it is sent back.
    pub path: String,
    /// Somebody may decide.
    pub open: bool,
    /// The values, the shown one first.
    pub values: Vec<ValueView>,
}

/// One of the values.
#[derive(Debug)]
pub struct ValueView {
    /// The value in words.
    pub value: String,
    /// It is the one that shows.
    pub shown: bool,
    /// What it is chosen by.
    pub change: String,
    /// Who wrote it, and when.
    pub by: String,
}

impl ConflictView {
    /// A conflict of a document with this title; `who` names authors.
    pub fn new(
        f: &Format,
        (doc, kind, title): (DocId, DocKind, String),
        conflict: &Conflict,
        who: impl Fn(client_core::id::ActorId) -> Option<String>,
    ) -> Self {
        let open = conflict.label == ConflictLabel::Conflict;
        let by = |actor, at| {
            let name = who(actor).unwrap_or_else(|| f.w.say("conflicts.server").to_owned());
            f.w.with("conflicts.by", &[("name", &name), ("when", &f.moment(at))])
        };
        let values = conflict.values.iter().enumerate().map(|(place, value)| ValueView {
            value: readable(&value.value),
            shown: place == 0 && open,
            change: value.change.to_string(),
            by: by(value.actor, value.at),
        });
        Self {
            doc,
            href: match kind {
                DocKind::Customer => Some(format!("/customers/{doc}")),
                DocKind::Visit => Some(format!("/visits/{doc}")),
                DocKind::Deal => Some(format!("/deals/{doc}")),
                DocKind::Plan | DocKind::Case => None,
            },
            title,
            field: field(f.w, &conflict.path, |_id| None),
            path: conflict.path.clone(),
            open,
            values: values.collect(),
        }
    }
}

/// A field's path in words: `contacts/<id>/phone` as "Contact / Liu / Phone". The map
/// of a document's own fields goes without saying.
pub fn field(w: Words, path: &str, named: impl Fn(&str) -> Option<String>) -> String {
    let parts = path.split('/').filter(|part| *part != "about");
    let words: Vec<String> = parts
        .filter_map(|part| {
            if part.parse::<DocId>().is_ok() {
                return named(part);
            }
            Some(w.code("field", part).into_owned())
        })
        .collect();
    words.join(" / ")
}

/// A value as people read it: of a number what was typed, of a text the text.
pub fn readable(value: &str) -> String {
    let parsed: Option<serde_json::Value> =
        value.starts_with('{').then(|| serde_json::from_str(value).ok()).flatten();
    let Some(serde_json::Value::Object(fields)) = parsed else { return value.to_owned() };
    let text = |key: &str| fields.get(key).and_then(|each| each.as_str()).map(str::to_owned);
    text("raw").or_else(|| text("e164")).unwrap_or_else(|| {
        let parts = fields.iter().filter(|(_key, value)| !value.is_null());
        parts.map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", ")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::words::Lang;

    #[test]
    fn a_field_is_named_in_words_and_a_number_as_it_was_typed() {
        let id = DocId::from_bytes([7; 16]).to_string();
        let w = Words::new(Lang::En);
        let named = |part: &str| (part == id).then(|| "Liu".to_owned());
        assert_eq!(field(w, "about/name", named), "Name");
        assert_eq!(field(w, &format!("contacts/{id}/phone"), named), "Contact / Liu / Phone");
        assert_eq!(field(w, "about/of_a_newer_app", named), "of_a_newer_app");
        assert_eq!(readable("{\"raw\":\"138 1234\",\"e164\":null}"), "138 1234");
        assert_eq!(readable("{\"due\":\"2026-10-08\",\"who\":null}"), "due: \"2026-10-08\"");
        assert_eq!(readable("{ is no object"), "{ is no object");
    }
}
