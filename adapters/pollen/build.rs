//! Builds the program anew when a file is added to the sample library that it carries.

fn main() {
    println!("cargo::rerun-if-changed=sample");
}
