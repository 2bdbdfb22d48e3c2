//! The door.

use askama::Template;

use crate::web::frame::{Frame, Section};
use crate::web::view::{State, Tone};

/// The sign-in page.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// The frame.
    pub frame: Frame,
    /// What went wrong.
    pub message: Option<State>,
    /// The login as it was typed.
    pub login: String,
    /// Where to go afterwards: a path of this site.
    pub next: String,
}
