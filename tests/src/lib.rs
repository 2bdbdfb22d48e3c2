//! The test harness.

pub mod browser;
pub mod evening;
