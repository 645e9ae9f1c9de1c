//! The binary carries the console: a console that was built anew makes a new binary.

fn main() {
    println!("cargo::rerun-if-changed=../web/dist");
}
