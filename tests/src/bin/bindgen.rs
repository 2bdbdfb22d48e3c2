//! The binding generator, where a test can find it.

fn main() {
    bindgen::main();
}
