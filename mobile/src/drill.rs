use crate::error::FieldError;

/// Panics, so that every language can show that it contains one. Only in a library built
/// with the feature `drill`, which no release has.
#[uniffi::export]
#[expect(clippy::panic, reason = "this is what it is for")]
pub fn provoke_panic() -> Result<(), FieldError> {
    panic!("provoked")
}
