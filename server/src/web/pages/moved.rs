//! A visit that was logged at the wrong customer.

use askama::Template;
use client_core::id::DocId;

use super::merge::Link;
use crate::web::frame::Frame;

/// The page.
#[derive(Debug, Template)]
#[template(path = "moved.html")]
pub struct Moved {
    /// The frame.
    pub frame: Frame,
    /// The visit.
    pub id: DocId,
    /// At whom.
    pub customer: String,
    /// Which visit: at whom, by whom, how and when.
    pub visit: String,
    /// Since when it is moved, and by whom.
    pub standing: Option<String>,
    /// What was searched.
    pub query: String,
    /// Customers to pick from.
    pub candidates: Vec<Link>,
}
