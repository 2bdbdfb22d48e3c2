//! What an import promises, each on a file small enough to read.

mod bench;
mod customers;
mod deals;
mod products;
mod rows;
mod team;
