//! What an import promises, each on a file small enough to read.

mod bench;
mod books;
mod cases;
mod customers;
mod deals;
mod leads;
mod products;
mod rows;
mod team;
