//! What documents promise.

mod golden;
mod intents;
