//! A disk that is full while an index is built: the build says so, and what was found goes on being
//! found. The disk is played by the largest size that a process may give a file.
#![cfg(unix)]

mod folder;

use folder::Folder;
use knowledge::Encoding;
use knowledge::Error;
use knowledge::index::{self, Rebuild};
use std::path::Path;
use std::process::Command;

/// Names the library to the child that builds it.
const LIBRARY: &str = "POLLEN_TEST_LIBRARY";

#[test]
fn a_full_disk_is_told_and_what_was_found_goes_on() {
    let library = Folder::new();
    library.entries("faq/a.jsonl", &[("x", "Where are the toilets?", "First floor.")]);
    library.records("collections/a.jsonl", &[("1", "Utopia", "More, Thomas")]);
    library.build();
    let before = library.index_files();
    let titles: Vec<(String, String)> =
        (0..20_000).map(|n| (format!("b{n}"), format!("Book {n} of {}", n * 7919))).collect();
    let rows: Vec<_> = titles.iter().map(|(id, title)| (id.as_str(), &**title, "Many")).collect();
    library.records("collections/b.jsonl", &rows);
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" --exact the_child --nocapture"])
        .arg(std::env::current_exe().unwrap())
        .env(LIBRARY, library.path(""))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    assert!(told.contains("no space left"), "{told}{}", String::from_utf8_lossy(&child.stderr));
    assert_eq!(library.index_files(), before, "nothing is left behind");
    assert_eq!(library.first("where are the toilets"), "x: First floor.");
    assert_eq!(library.build().records, 20_001, "once there is space it is built");
}

/// The child: builds the library that it is told of, and says what came of it.
#[test]
fn the_child() {
    let Some(library) = std::env::var_os(LIBRARY) else { return };
    let library = Path::new(&library);
    match index::build(
        library,
        &library.join("data"),
        Rebuild::Changed,
        &Encoding::Without,
        &|_| {},
    ) {
        Err(error @ Error::Full { .. }) => println!("{error}"),
        other => println!("{other:?}"),
    }
}
