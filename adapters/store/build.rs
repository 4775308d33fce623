//! A new migration is noticed although no Rust file has changed.

#[expect(clippy::print_stdout, reason = "this is how cargo is told")]
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
