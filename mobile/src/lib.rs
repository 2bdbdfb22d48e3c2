//! The uniffi facade.
