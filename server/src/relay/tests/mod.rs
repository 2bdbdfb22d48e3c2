//! Exchanges between phones and the relay, message by message.

mod any_order;
mod containment;
mod access;
mod feed;
mod first_sync;
mod golden;
mod hostile;
mod push;
mod quarantine;
mod reassignment;
mod repair;
