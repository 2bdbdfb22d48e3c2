//! Bringing in what other programs exported.

pub mod errors_file;
pub mod source;
