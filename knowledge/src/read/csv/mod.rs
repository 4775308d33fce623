//! Entries and records from tables: a header row, then a row an item.

mod columns;
mod entries;
mod records;
mod table;

pub(super) use entries::read as entries;
pub(super) use records::read as records;

/// A header as it is compared: lower case, words joined by `_`, other signs dropped, so that
/// "Review by", "review_by" and "REVIEW-BY" are one.
fn plain(header: &str) -> String {
    let mut out = String::with_capacity(header.len());
    for c in header.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}

/// What is said of a table that lacks a needed column.
fn missing(column: &str, headers: &[String], mend: &str) -> String {
    /// As many as fit a sentence.
    const SHOWN: usize = 20;
    let mut seen: Vec<String> =
        headers.iter().take(SHOWN).map(|header| super::tidy::excerpt(header.trim())).collect();
    if headers.len() > SHOWN {
        seen.push("…".to_owned());
    }
    format!("it has no column {column}; its columns are {}; {mend}", seen.join(", "))
}
