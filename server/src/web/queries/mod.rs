//! What pages read: plain values, never more than the reader may see.
//!
//! Everybody who may sign in here has a reach: a manager the whole org, a
//! supervisor the units below, a rep their own work. Queries take the reach and
//! leave out the rest, so that no page has to remember to.

pub mod alarms;
pub mod attainment;
pub mod audit;
pub mod base;
pub mod board;
pub mod cards;
pub mod changes;
pub mod coverage;
pub mod customers;
pub mod deals;
pub mod due;
pub mod due_list;
pub mod funnel;
pub mod library;
pub mod map;
pub mod merges;
pub mod people;
pub mod placement;
pub mod policy;
pub mod products;
pub mod reach;
pub mod receivables;
pub mod regions;
pub mod risks;
pub mod targets;
mod team;
pub mod then;
pub mod trends;
pub mod visits;
