//! A page of the library's website: its sections, each a heading and the text below it.
//!
//! html5gum takes the page apart as browsers do, in time and memory that grow with the page alone,
//! and brings no other crate; what a tree of the page would be built for, which elements are open,
//! is kept here (a tree can be made to grow with the square of the page).
//!
//! In reading order: which characters the bytes are (`encoding`), the page as it is read (`page`),
//! which elements are open and which are left out (`open`, `furniture`), where links lead (`links`), the sections that come of it
//! (`sections`).

mod encoding;
mod furniture;
mod links;
mod open;
mod page;
mod sections;

#[cfg(test)]
mod tests;

use super::Item;
use super::input::{Input, Trouble};
use std::io::Read;

/// Longest page, in bytes: a hundred times a usual one, and room for one with its images inside.
const LONGEST_PAGE: u64 = 8 * 1024 * 1024;

/// Reads the sections of a page; `file` is what its ids begin with.
pub(super) fn read(
    input: Input,
    file: String,
) -> impl Iterator<Item = Result<Item, Trouble>> + Send {
    std::iter::once_with(move || items(input, &file)).flatten()
}

fn items(input: Input, file: &str) -> Vec<Result<Item, Trouble>> {
    let read = bytes(input).and_then(|bytes| page::read(&encoding::decode(&bytes)?));
    match read {
        Ok(page) => sections::of(page, file),
        Err(trouble) => vec![Err(trouble)],
    }
}

fn bytes(input: Input) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    if let Err(error) = input.take(LONGEST_PAGE + 1).read_to_end(&mut bytes) {
        return Err(Trouble::Broken { position: String::new(), error });
    }
    if bytes.len() as u64 > LONGEST_PAGE {
        let most = LONGEST_PAGE >> 20;
        let reason = format!("it is longer than {most} MB; save it without images, or in parts");
        return Err(Trouble::file(reason));
    }
    Ok(bytes)
}
