//! The binding generator, in a crate of its own so that its command-line
//! features never reach the library's dependency graph on a phone.

/// Runs uniffi's generator with the process's arguments, for example
/// `generate --language python --out-dir DIR libfieldsync_mobile.so`.
pub fn main() {
    uniffi::uniffi_bindgen_main();
}
