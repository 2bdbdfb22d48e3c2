//! People, their invitations, and units.
//!
//! The registrar decides what the reader may do; here forms become its questions
//! and its refusals become words beside the field.

pub(super) mod invite;
pub(super) mod list;
pub(super) mod make;
pub(super) mod person;
pub(super) mod units;

use super::behalf::{self, done, keeper, refused};
use super::visitor::Visitor;
use crate::web::view::State as Shown;

/// The word about what was done, as an address carries it.
fn told(visitor: &Visitor, what: &str) -> Option<Shown> {
    let known =
        ["changed", "created", "disabled", "enabled", "revoked", "unit_changed", "unit_created"];
    behalf::told(visitor, "done", &known, what)
}
