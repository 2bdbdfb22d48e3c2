//! The fieldsync server: relay, scoring, reports and the manager's web pages.

pub mod app;
pub mod edge;
pub mod storage;
pub mod web;
