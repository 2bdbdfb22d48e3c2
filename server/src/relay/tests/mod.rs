//! Exchanges between phones and the relay, message by message.

mod feed;
mod golden;
mod push;
mod reassignment;
