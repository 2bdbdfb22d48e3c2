//! The binding generator, in a crate of its own so that its command-line
//! features never reach the library's dependency graph.

fn main() {
    uniffi::uniffi_bindgen_main();
}
