//! What drives store and sync on a phone.
