//! Two customers side by side, to say which of them stays.

use askama::Template;
use client_core::id::DocId;

use crate::web::frame::Frame;
use crate::web::view::{State, Tone};

/// The page.
#[derive(Debug, Template)]
#[template(path = "merge.html")]
pub struct Merge {
    /// The frame.
    pub frame: Frame,
    /// What was done, or went wrong.
    pub message: Option<State>,
    /// The customer.
    pub id: DocId,
    /// Its name.
    pub name: String,
    /// What it is already, if it was merged.
    pub standing: Option<Link>,
    /// What was merged into it.
    pub merged: Vec<Link>,
    /// The other one, if one was picked.
    pub pair: Option<Pair>,
    /// What was searched.
    pub query: String,
    /// Customers to pick from.
    pub candidates: Vec<Link>,
}

/// A customer to go to.
#[derive(Debug)]
pub struct Link {
    /// Which.
    pub id: DocId,
    /// Where.
    pub href: String,
    /// What is read.
    pub line: String,
}

/// Two customers.
#[derive(Debug)]
pub struct Pair {
    /// The other one.
    pub with: DocId,
    /// This one's name.
    pub left: String,
    /// The other one's.
    pub right: String,
    /// The button that keeps this one.
    pub keep_left: String,
    /// The button that keeps the other.
    pub keep_right: String,
    /// What each has.
    pub lines: Vec<PairLine>,
}

/// One line of the comparison.
#[derive(Debug)]
pub struct PairLine {
    /// Of what.
    pub label: String,
    /// This one's.
    pub left: String,
    /// The other one's.
    pub right: String,
}
