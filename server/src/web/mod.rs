//! The manager's web: pages made on the server, complete without script.
//!
//! A manager reads these at the end of a day, often on a phone, and argues from
//! them. So every figure leads to what it is made of, every board says how far
//! its data reach, and what is not known yet never looks like zero.
//!
//! The way of a page: [`routes`] prove who reads, [`queries`] read plain values
//! no wider than the reader may see, [`pages`] turn them into text, templates
//! print the text escaped.

pub mod address;
pub mod assets;
pub mod chart;
pub mod curve;
pub mod export;
pub mod filters;
pub mod form;
pub mod format;
pub mod frame;
pub mod lists;
pub mod nav;
pub mod pages;
pub mod plot;
pub mod queries;
pub mod routes;
pub mod view;
pub mod words;

pub use routes::router;
