//! See the library.

fn main() {
    bindgen::main();
}
