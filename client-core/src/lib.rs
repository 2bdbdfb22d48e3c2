//! fieldsync's core: what runs on a rep's phone and, in its pure parts, on the server.

pub mod docs;
#[cfg(feature = "engine")]
pub mod engine;
pub mod geo;
pub mod guard;
pub mod id;
pub mod money;
pub mod names;
pub mod period;
pub mod projection;
pub mod protocol;
pub mod records;
pub mod rules;
#[cfg(feature = "store")]
pub mod store;
pub mod sync;
pub mod time;
