//! What the suites share: a small company on a real server, real phones, a
//! browser, and processes that can be killed.

pub mod browser;
pub mod company;
pub mod courier;
pub mod evening;
pub mod fleet;
pub mod holding_proxy;
pub mod intruder;
pub mod network;
pub mod pdf;
pub mod phone;
pub mod process;
pub mod program;
pub mod reader;
pub mod schema;
pub mod sim;
pub mod small_disk;
pub mod stage;
pub mod tools;
pub mod wiretap;
