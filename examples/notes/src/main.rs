//! The platform with this one module: `cargo run -p notes -- dev`.

use underpin_server::{Build, main_of};

fn main() -> std::process::ExitCode {
    main_of(Build::of(|| underpin::Platform::new(vec![notes::module()])))
}
