//! Records from tables.

use super::columns::Columns;
use super::table::Table;
use crate::Record;
use crate::read::input::{Input, Trouble};
use crate::read::{Item, tidy};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Longest column map, in bytes.
const LONGEST_MAP: u64 = 64 * 1024;

/// Streams the records of a table; `path` is the table's own, beside which its column map may
/// stand.
pub(in crate::read) fn read(
    input: Input,
    path: &Path,
) -> impl Iterator<Item = Result<Item, Trouble>> + use<> {
    let (rows, trouble) = match open(input, path) {
        Ok(rows) => (rows, None),
        Err(trouble) => (None, Some(Err(trouble))),
    };
    trouble.into_iter().chain(rows.into_iter().flatten())
}

fn open(input: Input, path: &Path) -> Result<Option<Rows>, Trouble> {
    let map_path = map_path(path);
    let map_name =
        map_path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let of_map = |reason: String| Trouble::file(format!("its column map {map_name}, {reason}"));
    let map = read_map(&map_path).map_err(|error| of_map(format!("cannot be read ({error})")))?;
    let Some((table, headers)) = Table::open(input)? else { return Ok(None) };
    let columns = Columns::find(&headers, map.as_deref()).map_err(|reason| {
        if reason.starts_with("line ") { of_map(reason) } else { Trouble::line(1, reason) }
    })?;
    Ok(Some(Rows { table, columns, rows: 0 }))
}

/// `NAME.csv.columns.toml`, for `NAME.csv` and `NAME.csv.gz`.
fn map_path(path: &Path) -> PathBuf {
    let gzip = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
    let plain = if gzip { path.with_extension("") } else { path.to_owned() };
    let mut name = plain.into_os_string();
    name.push(".columns.toml");
    name.into()
}

fn read_map(path: &Path) -> io::Result<Option<String>> {
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut map = String::new();
    file.take(LONGEST_MAP).read_to_string(&mut map)?;
    Ok(Some(map.trim_start_matches('\u{feff}').to_owned()))
}

struct Rows {
    table: Table,
    columns: Columns,
    /// How many rows there were, for ids that are made of their number.
    rows: u64,
}

impl Iterator for Rows {
    type Item = Result<Item, Trouble>;

    fn next(&mut self) -> Option<Result<Item, Trouble>> {
        let row = self.table.next()?;
        self.rows += 1;
        Some(row.and_then(|line| {
            self.record().map(Item::Record).map_err(|reason| Trouble::line(line, reason))
        }))
    }
}

impl Rows {
    fn record(&self) -> Result<Record, String> {
        let value = |column| self.table.value(column);
        let one = |field| self.columns.one(field, value);
        let all = |field| self.columns.all(field, value);
        let id = match self.columns.row() {
            Some(prefix) => format!("{prefix}{}", self.rows),
            None => one(0).unwrap_or_default(),
        };
        tidy::record(Record {
            id,
            title: one(1).unwrap_or_default(),
            creator: all(2),
            subjects: all(3),
            date: one(4).map(year),
            language: one(5),
            identifiers: all(6),
            summary: one(7),
            url: one(8),
        })
    }
}

/// A date without the `.0` that table programs put after whole numbers.
fn year(date: String) -> String {
    match date.strip_suffix(".0") {
        Some(year) if !year.is_empty() && year.bytes().all(|b| b.is_ascii_digit()) => {
            year.to_owned()
        }
        _ => date,
    }
}
