//! The fieldsync server: relay, scoring, reports and the manager's web pages.

mod api;
pub mod app;
pub mod auth;
pub mod backup;
pub mod cli;
#[cfg(feature = "demo")]
pub mod demo;
pub mod edge;
pub mod erasures;
pub mod http;
pub mod import;
pub mod live;
pub mod lock;
mod metrics;
pub mod office;
mod qr;
pub mod relay;
pub mod reports;
pub mod scoring;
mod server;
pub mod storage;
#[cfg(test)]
mod testing;
pub mod web;

pub use server::{DATA_FILE, RunningServer, Server, ServerConfig, StartError};
