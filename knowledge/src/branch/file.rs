//! Reads `branches/*.toml`: which files there are, and what the keys of one mean.

use super::toml::{Table, Toml};
use super::{Branch, Branches, Closure, Coordinates, Exception};
use crate::read::Refused;
use std::collections::BTreeSet;
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
    sources(library, &|_| None).branches()
}

/// The branches' files, read.
pub(super) struct Sources {
    /// The names of all files without their ending; `None` where the folder cannot be read.
    pub(super) names: Option<BTreeSet<String>>,
    read: Vec<Source>,
    refused: Vec<Refused>,
}

/// The text of a branch's file, and what it says.
pub(super) struct Source {
    /// The file's name without its ending.
    pub(super) name: String,
    pub(super) text: String,
    /// Whether it is an earlier text, because that of the file is broken.
    earlier: bool,
    branch: Branch,
}

impl Sources {
    /// The files in good order.
    pub(super) fn good(&self) -> impl Iterator<Item = &Source> {
        self.read.iter().filter(|source| !source.earlier)
    }

    /// The branches, and what could not be taken in.
    pub(super) fn branches(self) -> (Branches, Vec<Refused>) {
        let mut all: Vec<Branch> = self.read.into_iter().map(|source| source.branch).collect();
        let mut refused = self.refused;
        refused.extend(keep_one_main(&mut all));
        (Branches::new(all), refused)
    }
}

/// Reads the branches' files; in the place of a broken one its `earlier` text, by its name.
pub(super) fn sources(library: &Path, earlier: &dyn Fn(&str) -> Option<String>) -> Sources {
    let mut sources = Sources { names: None, read: Vec::new(), refused: Vec::new() };
    let Some(names) = names(library, &mut sources.refused) else { return sources };
    for name in &names {
        let shown = format!("{FOLDER}/{name}.toml");
        let path = library.join(FOLDER).join(format!("{name}.toml"));
        let read = text(&path)
            .map_err(|reason| {
                vec![Refused { file: shown.clone(), position: String::new(), reason }]
            })
            .and_then(|text| parse(name, &shown, &text).map(|branch| (text, branch)));
        let (read, is_earlier) = match read {
            Ok(read) => (Some(read), false),
            Err(mistakes) => {
                sources.refused.extend(mistakes);
                let good = |text: String| Some((parse(name, &shown, &text).ok()?, text));
                (earlier(name).and_then(good).map(|(branch, text)| (text, branch)), true)
            }
        };
        sources.read.extend(read.map(|(text, branch)| Source {
            name: name.clone(),
            text,
            earlier: is_earlier,
            branch,
        }));
    }
    sources.names = Some(names.into_iter().collect());
    sources
}

/// The names of the branches' files without their endings, sorted; `None` where the folder cannot
/// be read.
fn names(library: &Path, refused: &mut Vec<Refused>) -> Option<Vec<String>> {
    let mut whole = |reason: String| {
        let (file, position) = (FOLDER.to_owned(), String::new());
        refused.push(Refused { file, position, reason });
    };
    let listed = match fs::read_dir(library.join(FOLDER)) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(Vec::new()),
        Err(error) => {
            whole(format!("the folder cannot be read: {error}; check its permissions"));
            return None;
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
    Some(names)
}

/// The text of a branch's file, or why there is none.
pub(super) fn text(path: &Path) -> Result<String, String> {
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

fn exception<'t>(toml: &mut Toml<'t>, table: &Table<'t>) -> Option<Exception> {
    toml.only(table, &["date", "from", "to", "hours", "closed", "reason"]);
    let (from, to) = stretch(toml, table)?;
    let closed = toml.flag(table, "closed").unwrap_or(false);
    let hours = toml.hours(table, "hours");
    if closed == table.has("hours") {
        toml.missing(table, "either hours = \"10:00-13:00\" or closed = true");
    }
    Some(Exception { from, to, hours, reason: toml.by_lang(table, "reason") })
}

fn closure<'t>(toml: &mut Toml<'t>, table: &Table<'t>) -> Option<Closure> {
    toml.only(table, &["date", "from", "to", "reason"]);
    let (from, to) = stretch(toml, table)?;
    Some(Closure { from, to, reason: toml.by_lang(table, "reason") })
}

/// A stretch of days: `date`, or `from` and `to`.
fn stretch<'t>(
    toml: &mut Toml<'t>,
    table: &Table<'t>,
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

fn coordinates<'t>(toml: &mut Toml<'t>, table: &Table<'t>) -> Option<Coordinates> {
    let latitude = toml.number(table, "latitude", 90.0);
    let longitude = toml.number(table, "longitude", 180.0);
    if table.has("latitude") != table.has("longitude") {
        toml.missing(table, "both latitude and longitude, or neither");
    }
    Some(Coordinates { latitude: latitude?, longitude: longitude? })
}

#[cfg(test)]
mod tests {
    use super::{Path, parse};
    use crate::read::Item;
    use crate::{Branch, Lang};
    use jiff::civil::date;
    use proptest::prelude::*;

    const WHOLE: &str = r#"
name = { en = "Central", fr = "Centrale" }
main = true
also_called = ["Main", "the big one"]
time_zone = "America/Toronto"
hours = "Mo-Fr 09:00-18:00; Sa 10:00-16:00"
address = "1 Elm Street, Linden"
phone = "555 0100"
email = "desk@linden.example"
url = "https://linden.example/central"
latitude = 45
longitude = -75.5
verified = 2026-11-02

[[exceptions]]
date = "2026-12-24"
hours = "10:00-13:00"
reason = "Christmas Eve"

[[exceptions]]
from = 2026-12-20
to = 2026-12-30
closed = true

[[closures]]
from = 2027-03-01
to = 2027-03-05
reason = { en = "new lift" }
"#;

    fn read(text: &str) -> Result<Branch, Vec<String>> {
        let mistakes = |all: Vec<crate::read::Refused>| {
            all.iter().map(|r| format!("{}: {}", r.position, r.reason)).collect()
        };
        parse("central", "branches/central.toml", text).map_err(mistakes)
    }

    #[test]
    fn a_whole_file_is_taken_in() {
        let branch = read(WHOLE).unwrap();
        assert_eq!(branch.name.get(Lang::FR), Some("Centrale"));
        assert_eq!(branch.name.get(Lang::parse("de").unwrap()), Some("Central"));
        assert_eq!(branch.zone.iana_name(), Some("America/Toronto"));
        assert_eq!(branch.coordinates.unwrap().latitude, 45.0);
        assert_eq!(branch.verified, Some(date(2026, 11, 2)));
        assert!(
            branch.day(date(2026, 12, 24)).hours_because.is_some(),
            "the shortest stretch counts"
        );
        assert!(branch.day(date(2026, 12, 23)).open.is_empty());
        assert_eq!(branch.closures[0].reason.get(Lang::FR), Some("new lift"));
    }

    #[test]
    fn each_mistake_is_told_with_its_line_and_its_mend() {
        let table = [
            ("", "line 1: something is missing: write name = \"Central Library\""),
            ("nam = 1", "line 1: unknown key `nam`; did you mean `name`?"),
            (
                "\nalso-called = []",
                "line 2: unknown key `also-called`; did you mean `also_called`?",
            ),
            (
                "a = 1\nfrobnicate = 2",
                "line 2: unknown key `frobnicate`; known here are name, main",
            ),
            ("name = 7", "line 1: `name` must be a text in quotation marks"),
            ("name = \"\"", "line 1: `name` is empty"),
            ("name = { english = \"x\" }", "line 1: `english` is not a language"),
            ("main = \"yes\"", "line 1: `main` must be true or false"),
            (
                "time_zone = \"Europe/Lodnon\"",
                "line 1: `Europe/Lodnon` is not a known time zone; did you mean `Europe/London`?",
            ),
            (
                "hours = \"Mo-Fri 9-18\"",
                "line 1: these opening hours cannot be read from `Mo-Fri 9-18` on",
            ),
            ("hours = \"Mo-Fr 09:00-\"", "line 1: these opening hours cannot be read from"),
            ("hours = \"Mo 09:00-18:00; PH off\"", "line 1: `hours` says `PH`"),
            ("verified = 2026-02-30", "line 1: "),
            (
                "verified = \"yesterday\"",
                "line 1: `verified` must be a day that is in the calendar",
            ),
            ("email = \"desk\"", "line 1: `desk` is not an e-mail address"),
            ("url = \"linden.example\"", "line 1: `linden.example` is not a web address"),
            ("latitude = 91", "line 1: `latitude` must be a number of degrees between -90 and 90"),
            ("latitude = 9", "line 1: something is missing: write both latitude and longitude"),
            ("[[closures]]\nto = 2027-01-01", "line 1: something is missing: write either date ="),
            (
                "[[closures]]\nfrom = 2027-01-02\nto = 2027-01-01",
                "line 3: `to` (2027-01-01) is before",
            ),
            (
                "[[exceptions]]\ndate = 2027-01-02",
                "line 1: something is missing: write either hours",
            ),
            (
                "exceptions = 4",
                "line 1: write each of the exceptions as a [[exceptions]] of its own",
            ),
            ("name = \"x\" y", "line 1: "),
            ("name = \"a\"\nname = \"b\"", "line 2: "),
        ];
        for (text, told) in table {
            let mistakes = read(text).unwrap_err();
            assert!(mistakes.iter().any(|m| m.starts_with(told)), "{text:?}: {mistakes:#?}");
        }
    }

    #[test]
    fn a_folder_is_read_whole_and_only_the_broken_file_is_left_out() {
        let library = tempfile::tempdir().unwrap();
        assert_eq!(super::read(library.path()).0.len(), 0);
        let folder = library.path().join("branches");
        std::fs::create_dir(&folder).unwrap();
        let second = "name = 'B'\ntime_zone = 'UTC'\nmain = true";
        let files: [(&str, &[u8]); 6] = [
            ("b.toml", WHOLE.as_bytes()),
            ("c.toml", second.as_bytes()),
            ("a.toml", b"name = \xff"),
            ("d.toml", b"name = 'D'"),
            (".hidden.toml", b"?"),
            ("notes.txt", b"?"),
        ];
        for (name, bytes) in files {
            std::fs::write(folder.join(name), bytes).unwrap();
        }
        let (branches, refused) = super::read(library.path());
        assert_eq!(branches.iter().map(|b| b.id.as_str()).collect::<Vec<_>>(), ["b", "c"]);
        let told: Vec<_> = refused.iter().map(|r| format!("{} {}", r.file, r.reason)).collect();
        assert_eq!(told.len(), 3, "{told:#?}");
        assert!(told[0].starts_with("branches/a.toml is not UTF-8 text"));
        assert!(told[1].starts_with("branches/d.toml something is missing: write time_zone"));
        assert!(told[2].starts_with("branches/c.toml `main = true` stands in branches/b.toml too"));
    }

    #[test]
    fn the_project_s_own_libraries_are_read_whole() {
        for library in ["adapters/pollen/sample", "tests/library"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(library);
            let (branches, mut refused) = super::read(&folder);
            assert_eq!(
                branches.iter().map(|b| b.id.as_str()).collect::<Vec<_>>(),
                ["central", "riverside"]
            );
            let (files, unread) = crate::read::files(&folder);
            refused.extend(unread);
            let mut ids = std::collections::BTreeSet::new();
            for item in files.iter().flat_map(crate::read::items) {
                match item {
                    Ok(Item::Entry(entry)) => assert!(ids.insert(entry.id.clone()), "{}", entry.id),
                    Ok(Item::Record(record)) => {
                        assert!(ids.insert(record.id.clone()), "{}", record.id)
                    }
                    Ok(Item::Section(section)) => {
                        assert!(ids.insert(section.id.clone()), "{}", section.id)
                    }
                    Ok(Item::Deleted(id)) => panic!("{id} is deleted"),
                    Err(mistake) => refused.push(mistake),
                }
            }
            assert_eq!(refused, [], "{library}");
            println!("{library}: {} items", ids.len());
        }
    }

    /// A file of pieces that mean something here, shuffled and cut anywhere.
    fn broken() -> impl Strategy<Value = String> {
        let pieces = WHOLE.lines().map(str::to_owned).collect::<Vec<_>>();
        let line = prop_oneof![prop::sample::select(pieces), "[a-z_]{1,9} = .{0,20}", ".{0,30}"];
        (prop::collection::vec(line, 0..12), any::<prop::sample::Index>()).prop_map(
            |(lines, cut)| {
                let text = lines.join("\n");
                let cut = cut.index(text.chars().count() + 1);
                text.chars().take(cut).collect()
            },
        )
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in broken()) {
            let _ = read(&text);
        }

        #[test]
        fn no_hours_make_a_branch_panic(
            hours in "(Mo|Tu-We|Dec 25|Jan-Mar|week 1-20|easter|2026|sunrise|Su\\[1\\]|12:00|09:00-26:00|24/7|open|off|\"x\"|[-;,:+|/ 0-9]){0,9}",
            day in 0i64..40_000,
        ) {
            let text = format!("name = 'x'\ntime_zone = 'Europe/London'\nhours = '{hours}'");
            if let Ok(branch) = read(&text) {
                let at = jiff::Timestamp::from_second(day * 86_400 * 90).unwrap_or_default();
                let _ = (branch.day(at.to_zoned_datetime(branch.zone.clone()).date()), branch.state(at));
            }
        }
    }
}
