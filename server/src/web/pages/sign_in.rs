//! The door.

use askama::Template;

use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// Where a password that was given out is replaced.
#[derive(Debug, Template)]
#[template(path = "new_password.html")]
pub struct NewPassword {
    /// The frame.
    pub frame: Frame,
    /// What went wrong.
    pub message: Option<State>,
    /// The login as it was typed.
    pub login: String,
    /// Where to go afterwards: a path of this site.
    pub next: String,
}

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
