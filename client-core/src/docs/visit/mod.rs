//! The visit document: its state, how it is read, and the intents that write it.

mod edit;
mod late;
pub(crate) mod layout;
mod read;
mod state;

pub use edit::VisitEdit;
pub(crate) use late::writes as late_writes;
pub use state::*;
