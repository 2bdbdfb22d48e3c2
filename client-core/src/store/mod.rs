//! The phone's SQLite store.
