//! The sync client as a state machine without IO.
//!
//! Phones sync through hotel portals, proxies and lifts. Every way in which an
//! exchange can go wrong is decided here, once, as a list of instructions that a
//! test can read: events go in ([`Event`]), effects come out ([`Effect`]), time
//! and chance are arguments. The engine does the HTTP and the store does the
//! storing; neither decides anything.
//!
//! § Nothing but a well-formed answer of our own server counts as success, and
//! nothing that happens here empties the outbox: only results in a stored answer do.

mod answer;
mod backoff;
mod listen;
mod machine;

pub use answer::{Answer, Fault, TransportFault};
#[cfg(feature = "engine")]
#[cfg(feature = "engine")]
pub(crate) use answer::{json, problem};
pub use backoff::{Backoff, Chance};
pub use listen::{Heard, Listen, Lost, Pace, Step};
pub use machine::{Effect, Ended, Event, Machine, Manifest, Outgoing, Settings, Stored};

#[cfg(test)]
mod tests;
