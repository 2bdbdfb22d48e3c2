//! The server's binary under a name that tests of this crate can find: cargo
//! tells a test only where the binaries of its own package are.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main()
}
