//! Exchanges between phones and the relay, message by message.

mod feed;
mod golden;
mod hostile;
mod push;
mod reassignment;
