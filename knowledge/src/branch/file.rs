//! Reads `branches/*.toml`: which files there are, and what the keys of one mean.

use super::toml::{Table, Toml};
use super::{Branch, Branches, ByLang, Closure, Coordinates, Exception};
use crate::read::Refused;
use std::fs;
use std::path::Path;

/// The folder of the library that holds one file a branch.
const FOLDER: &str = "branches";

/// Bytes of a branch's file: hundreds of closures fit in, a file of another kind does not.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Branches of one library. The largest city systems have a few hundred.
const MAX_BRANCHES: usize = 2_000;

/// Exceptions, and closures, of one branch: each question about hours looks through them.
const MAX_STRETCHES: usize = 500;

/// Other names of one branch.
const MAX_NAMES: usize = 50;

/// The keys of a branch's file.
const KEYS: &[&str] = &[
    "name",
    "main",
    "also_called",
    "time_zone",
    "hours",
    "exceptions",
    "closures",
    "address",
    "phone",
    "email",
    "url",
    "latitude",
    "longitude",
    "verified",
];

/// Reads all branches of the library in this folder, and says what could not be taken in.
///
/// A file that is wrong anywhere is left out as a whole, each of its mistakes with its line; the
/// others go in. A library without the folder `branches` has no branches and no mistakes.
pub fn read(library: &Path) -> (Branches, Vec<Refused>) {
    let mut all = Vec::new();
    let mut refused = Vec::new();
    for name in names(library, &mut refused) {
        let shown = format!("{FOLDER}/{name}.toml");
        let path = library.join(FOLDER).join(format!("{name}.toml"));
        match text(&path) {
            Ok(text) => match parse(&name, &shown, &text) {
                Ok(branch) => all.push(branch),
                Err(mistakes) => refused.extend(mistakes),
            },
            Err(reason) => refused.push(Refused { file: shown, position: String::new(), reason }),
        }
    }
    refused.extend(keep_one_main(&mut all));
    (Branches::new(all), refused)
}

/// The names of the branches' files without their endings, sorted.
fn names(library: &Path, refused: &mut Vec<Refused>) -> Vec<String> {
    let mut whole = |reason: String| {
        let (file, position) = (FOLDER.to_owned(), String::new());
        refused.push(Refused { file, position, reason });
    };
    let listed = match fs::read_dir(library.join(FOLDER)) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            whole(format!("the folder cannot be read: {error}; check its permissions"));
            return Vec::new();
        }
    };
    let mut names: Vec<String> = listed
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    if names.len() > MAX_BRANCHES {
        whole(format!(
            "there are {} branches here and at most {MAX_BRANCHES} are read; the last ones by name are left out",
            names.len()
        ));
        names.truncate(MAX_BRANCHES);
    }
    names
}

fn text(path: &Path) -> Result<String, String> {
    let unreadable =
        |error| format!("cannot be read: {error}; check that it is a file and its permissions");
    let size = fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_FILE_BYTES {
        return Err(format!(
            "has {size} bytes and at most {MAX_FILE_BYTES} are read; a branch's file is a page of text"
        ));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text; save it as UTF-8".to_owned())
}

/// Leaves `main` with the first branch that claims it, and names the others.
fn keep_one_main(all: &mut [Branch]) -> Vec<Refused> {
    let mut main: Option<String> = None;
    let mut refused = Vec::new();
    for branch in all.iter_mut().filter(|branch| branch.main) {
        if let Some(first) = &main {
            branch.main = false;
            refused.push(Refused {
                file: format!("{FOLDER}/{}.toml", branch.id),
                position: String::new(),
                reason: format!(
                    "`main = true` stands in {FOLDER}/{first}.toml too, which is taken as the main branch; take it out of one of them"
                ),
            });
        } else {
            main = Some(branch.id.clone());
        }
    }
    refused
}

/// Reads one branch, or says everything that is wrong with it.
fn parse(id: &str, shown: &str, text: &str) -> Result<Branch, Vec<Refused>> {
    let mut toml = Toml::new(shown, text);
    let Some(table) = toml.table() else { return Err(toml.mistakes()) };
    toml.only(&table, KEYS);
    let name = toml.by_lang(&table, "name");
    let zone = toml.time_zone(&table, "time_zone");
    if name.is_empty() {
        toml.missing(&table, "name = \"Central Library\"");
    }
    if zone.is_none() {
        toml.missing(&table, "time_zone = \"Europe/Paris\"");
    }
    let mut exceptions = Vec::new();
    for each in toml.tables(&table, "exceptions", MAX_STRETCHES) {
        exceptions.extend(exception(&mut toml, &each));
    }
    let mut closures = Vec::new();
    for each in toml.tables(&table, "closures", MAX_STRETCHES) {
        closures.extend(closure(&mut toml, &each));
    }
    // Of several exceptions that hold a day the shortest counts, and of equally short ones the one
    // that is written last.
    exceptions.reverse();
    exceptions.sort_by_key(|e: &Exception| e.to.duration_since(e.from));
    closures.sort_by_key(|closure: &Closure| (closure.from, closure.to));
    let branch = Branch {
        main: toml.flag(&table, "main").unwrap_or(false),
        also_called: toml.texts(&table, "also_called", MAX_NAMES),
        hours: toml.hours(&table, "hours"),
        exceptions,
        closures,
        address: toml.text(&table, "address"),
        phone: toml.text(&table, "phone"),
        email: toml.email(&table, "email"),
        url: toml.url(&table, "url"),
        coordinates: coordinates(&mut toml, &table),
        verified: toml.date(&table, "verified"),
        name,
        ..Branch::new(id, id, zone.unwrap_or(jiff::tz::TimeZone::UTC))
    };
    let mistakes = toml.mistakes();
    if mistakes.is_empty() { Ok(branch) } else { Err(mistakes) }
}

fn exception(toml: &mut Toml<'_>, table: &Table<'_>) -> Option<Exception> {
    toml.only(table, &["date", "from", "to", "hours", "closed", "reason"]);
    let (from, to) = stretch(toml, table)?;
    let closed = toml.flag(table, "closed").unwrap_or(false);
    let hours = toml.hours(table, "hours");
    if closed == table.has("hours") {
        toml.missing(table, "either hours = \"10:00-13:00\" or closed = true");
    }
    Some(Exception { from, to, hours, reason: toml.by_lang(table, "reason") })
}

fn closure(toml: &mut Toml<'_>, table: &Table<'_>) -> Option<Closure> {
    toml.only(table, &["date", "from", "to", "reason"]);
    let (from, to) = stretch(toml, table)?;
    Some(Closure { from, to, reason: toml.by_lang(table, "reason") })
}

/// A stretch of days: `date`, or `from` and `to`.
fn stretch(
    toml: &mut Toml<'_>,
    table: &Table<'_>,
) -> Option<(jiff::civil::Date, jiff::civil::Date)> {
    let date = toml.date(table, "date");
    let from = toml.date(table, "from");
    let to = toml.date(table, "to");
    match (date, from, to) {
        (Some(date), None, None) => Some((date, date)),
        (None, Some(from), Some(to)) if from <= to => Some((from, to)),
        (None, Some(from), Some(to)) => {
            toml.wrong(table, "to", format!("`to` ({to}) is before `from` ({from}); swap them"));
            None
        }
        (_, _, _) => {
            toml.missing(
                table,
                "either date = 2026-12-25, or both from = 2026-12-24 and to = 2027-01-02",
            );
            None
        }
    }
}

fn coordinates(toml: &mut Toml<'_>, table: &Table<'_>) -> Option<Coordinates> {
    let latitude = toml.number(table, "latitude", 90.0);
    let longitude = toml.number(table, "longitude", 180.0);
    if table.has("latitude") != table.has("longitude") {
        toml.missing(table, "both latitude and longitude, or neither");
    }
    Some(Coordinates { latitude: latitude?, longitude: longitude? })
}
