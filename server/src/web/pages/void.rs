//! A visit that is taken out of the count.

use askama::Template;
use client_core::id::DocId;

use crate::web::form::{Field, Input};
use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// The page.
#[derive(Debug, Template)]
#[template(path = "void.html")]
pub struct Void {
    /// The frame.
    pub frame: Frame,
    /// What went wrong.
    pub message: Option<State>,
    /// The visit.
    pub id: DocId,
    /// At whom.
    pub customer: String,
    /// Which visit: at whom, by whom, how and when.
    pub visit: String,
    /// Since when it does not count, by whom and why.
    pub standing: Option<String>,
    /// The reason that is entered.
    pub reason: Field,
}
