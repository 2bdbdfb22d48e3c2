//! The rule core.
