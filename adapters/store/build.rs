//! A new migration is noticed although no Rust file has changed.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
