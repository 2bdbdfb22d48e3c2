//! The visit document: its state, how it is read, and the intents that write it.

mod state;

pub use state::*;
