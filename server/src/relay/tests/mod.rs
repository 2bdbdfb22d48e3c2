//! Exchanges between phones and the relay, message by message.

mod access;
mod any_order;
mod asks;
mod commands;
mod containment;
mod feed;
mod first_sync;
mod golden;
mod hand_back;
mod heads;
mod hostile;
mod outgrown;
mod push;
mod quarantine;
mod reassignment;
mod repair;
