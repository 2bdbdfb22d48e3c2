//! What a reader sees when a page cannot be shown: what happened, what is safe,
//! what to do.

use askama::Template;

use crate::web::frame::Frame;

/// A problem page.
#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub struct Problem {
    /// The frame.
    pub frame: Frame,
    /// What happened.
    pub title: String,
    /// What is safe and what to do.
    pub detail: String,
    /// The HTTP status.
    pub status: u16,
    /// Where to go from here, and what the way is called in the catalogue.
    pub way_on: (&'static str, &'static str),
    /// The request's number in the log.
    pub reference: Option<String>,
}
