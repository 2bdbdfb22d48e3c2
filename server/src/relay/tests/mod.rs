//! Exchanges between phones and the relay, message by message.

mod any_order;
mod containment;
mod feed;
mod golden;
mod hostile;
mod push;
mod reassignment;
