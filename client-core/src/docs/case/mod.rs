//! The case document: its state, how it is read, and the intents that write it.

mod edit;
pub(crate) mod layout;
mod read;
mod state;

pub use edit::CaseEdit;
pub use state::*;
