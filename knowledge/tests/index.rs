//! Indexes over small libraries: what is found after files change, break or vanish, and after the
//! index itself is damaged.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own files fail it")]

use flate2::Compression;
use flate2::write::GzEncoder;
use knowledge::index::{self, Rebuild, Report};
use knowledge::{Encoding, Error, Filter, Findings, Found, Knowledge, Query, Words};
use proptest::prelude::*;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A library in a folder of its own.
struct Library(tempfile::TempDir);

impl Library {
    fn new() -> Library {
        let library = Library(tempfile::tempdir().unwrap());
        for folder in ["faq", "collections", "branches"] {
            fs::create_dir(library.dir().join(folder)).unwrap();
        }
        library
    }

    fn dir(&self) -> &Path {
        self.0.path()
    }

    fn data(&self) -> PathBuf {
        self.dir().join("data")
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::write(self.dir().join(file), content).unwrap();
    }

    fn build(&self, rebuild: Rebuild) -> Report {
        index::build(self.dir(), &self.data(), rebuild, &Encoding::Without, &|_| {}).unwrap()
    }

    fn open(&self) -> Result<Knowledge, Error> {
        Knowledge::open(self.dir(), &self.data())
    }

    /// What is open once the changes are indexed.
    fn changed(&self) -> Knowledge {
        self.build(Rebuild::Changed);
        self.open().unwrap()
    }

    /// A file within the index, the first by path whose name has this ending.
    fn file_of_index(&self, ending: &str) -> PathBuf {
        let mut folders = vec![self.data().join("index")];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_string_lossy().ends_with(ending) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found.swap_remove(0)
    }
}

fn entry(question: &str, answer: &str) -> String {
    format!("---\nquestions:\n  - {question}\n---\n{answer}\n")
}

fn record(id: &str, title: &str, creator: &str) -> String {
    serde_json::json!({"id": id, "title": title, "creator": [creator]}).to_string() + "\n"
}

fn branch(name: &str) -> String {
    format!("name = \"{name}\"\ntime_zone = \"Europe/Paris\"\nphone = \"555 0100\"\n")
}

fn found(passage: &Found) -> String {
    match passage {
        Found::Entry(entry) => entry.id.clone(),
        Found::Page(section) => section.id.clone(),
        Found::Record(record) => record.id.clone(),
        Found::Fact(fact) => format!("{:?}", fact.topic),
    }
}

fn ids(findings: &Findings) -> Vec<String> {
    let passages = findings.parts.iter().flat_map(|part| &part.passages);
    passages.map(|passage| found(&passage.found)).collect()
}

fn ask(knowledge: &Knowledge, text: &str) -> Findings {
    let text = text.to_owned();
    knowledge.find(&Query::Words(Words { text, ..Words::default() }))
}

/// The answer to a question, which an entry gives.
fn answer(knowledge: &Knowledge, text: &str) -> Option<String> {
    match &ask(knowledge, text).parts.first()?.passages.first()?.found {
        Found::Entry(entry) => entry.answer.clone(),
        Found::Page(_) | Found::Record(_) | Found::Fact(_) => None,
    }
}

fn search(knowledge: &Knowledge, words: &str) -> Vec<String> {
    let filter = Filter::default();
    let words = words.to_owned();
    ids(&knowledge.find(&Query::Records { words, skip: 0, limit: 10, filter, lang: None }))
}

/// What was refused of files whose path begins so.
fn refused(report: &Report, file: &str) -> Vec<String> {
    let of_file = report.refused.iter().filter(|refused| refused.file.starts_with(file));
    of_file.map(|refused| format!("{}: {}", refused.position, refused.reason)).collect()
}

const RENEW: &str = "How do I renew a loan?";

#[test]
fn an_edited_entry_is_found_and_a_broken_one_keeps_its_last_good_text() {
    let library = Library::new();
    library.write("faq/renew.md", entry(RENEW, "At the desk."));
    library.write("faq/card.md", entry("What does a card cost?", "Nothing."));
    assert_eq!(answer(&library.changed(), RENEW).as_deref(), Some("At the desk."));
    library.write("faq/renew.md", entry(RENEW, "By carrier pigeon."));
    assert_eq!(answer(&library.changed(), RENEW).as_deref(), Some("By carrier pigeon."));

    library.write("faq/renew.md", "---\nquestions: [How do I\n---\nBroken.\n");
    for _ in 0..2 {
        let report = library.build(Rebuild::Changed);
        assert_eq!((report.entries, refused(&report, "faq/renew.md").len()), (2, 1));
        assert!(refused(&report, "faq/renew.md")[0].starts_with("line "), "{report:?}");
        let knowledge = library.open().unwrap();
        assert_eq!(answer(&knowledge, RENEW).as_deref(), Some("By carrier pigeon."));
    }
    // Another file's edit does not wait for the broken one.
    library.write("faq/card.md", entry("What does a card cost?", "Two coins."));
    let knowledge = library.changed();
    assert_eq!(answer(&knowledge, "What does a card cost?").as_deref(), Some("Two coins."));
    assert_eq!(answer(&knowledge, RENEW).as_deref(), Some("By carrier pigeon."));

    fs::remove_file(library.dir().join("faq/renew.md")).unwrap();
    let report = library.build(Rebuild::Changed);
    assert_eq!((report.entries, report.refused), (1, Vec::new()));
}

#[test]
fn a_broken_branch_stays_as_it_was_known_last() {
    let library = Library::new();
    library.write("branches/a.toml", branch("Central"));
    library.write("branches/b.toml", branch("Harbour"));
    library.write("faq/renew.md", entry(RENEW, "At the desk."));
    let name = |knowledge: &Knowledge, id: &str| {
        let branches = knowledge.branches();
        branches.get(id).and_then(|b| b.name.get(knowledge::Lang::EN).map(str::to_owned))
    };
    library.build(Rebuild::All);

    library.write("branches/b.toml", "name = \"Harbour\ntime_zone = 3\n");
    library.write("faq/renew.md", entry(RENEW, "By carrier pigeon."));
    for rebuild in [Rebuild::Changed, Rebuild::All] {
        let report = library.build(rebuild);
        assert!(!refused(&report, "branches/b.toml").is_empty(), "{report:?}");
        assert_eq!(report.facts, 2);
        let knowledge = library.open().unwrap();
        assert_eq!(name(&knowledge, "b").as_deref(), Some("Harbour"));
        assert_eq!(answer(&knowledge, RENEW).as_deref(), Some("By carrier pigeon."));
    }
    // A text that is no text, and one that nothing good was known of.
    library.write("branches/b.toml", [0xff, 0xfe]);
    library.write("branches/c.toml", "name = 3\n");
    let report = library.build(Rebuild::Changed);
    assert!(!refused(&report, "branches/b.toml").is_empty(), "{report:?}");
    let knowledge = library.open().unwrap();
    assert_eq!((knowledge.branches().len(), name(&knowledge, "c")), (2, None));

    library.write("branches/b.toml", branch("Old Harbour"));
    assert_eq!(name(&library.changed(), "b").as_deref(), Some("Old Harbour"));
    // A branch that is taken out is gone; a broken one of its name later on is another.
    fs::remove_file(library.dir().join("branches/b.toml")).unwrap();
    assert_eq!(name(&library.changed(), "b"), None);
    library.write("branches/b.toml", "name = 3\n");
    assert_eq!(name(&library.changed(), "b"), None);
}

#[test]
fn of_two_entries_with_one_id_the_second_is_refused() {
    let library = Library::new();
    let line = |question: &str| format!("{{\"id\":\"renew\",\"questions\":[\"{question}\"]}}\n");
    library.write("faq/a.jsonl", line(RENEW));
    library.write("faq/b.jsonl", line("May I keep a book for longer?"));
    let report = library.build(Rebuild::All);
    let refusals = refused(&report, "faq/b.jsonl");
    assert_eq!((report.entries, refusals.len()), (1, 1));
    assert!(refusals[0].contains("`renew`") && refusals[0].contains("faq/a.jsonl"), "{refusals:?}");
    assert!(library.open().unwrap().entry("renew").unwrap().questions[0].contains("renew"));
}

#[test]
fn a_truncated_gz_is_indexed_up_to_its_end() {
    let library = Library::new();
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    for number in 0..2_000 {
        let title = format!("Title {} {}", number * 7919, number * 104_729);
        gz.write_all(record(&format!("r{number}"), &title, "Somebody").as_bytes()).unwrap();
    }
    let whole = gz.finish().unwrap();
    library.write("collections/r.jsonl.gz", &whole[..whole.len() / 2]);
    let report = library.build(Rebuild::All);
    assert!(report.records > 100 && report.records < 2_000, "{report:?}");
    let refusals = refused(&report, "collections/r.jsonl.gz");
    assert!(refusals.last().unwrap().contains("ends early"), "{refusals:?}");
    assert!(library.open().unwrap().record("r0").is_some());
    library.write("collections/r.jsonl.gz", &whole);
    let report = library.build(Rebuild::Changed);
    assert_eq!((report.records, report.refused), (2_000, Vec::new()));
}

#[test]
fn a_missing_index_and_one_of_another_format_ask_for_a_build() {
    let library = small();
    assert!(matches!(library.open(), Err(Error::Missing { .. })));
    library.build(Rebuild::Changed);
    library.open().unwrap();
    fs::remove_dir_all(library.data().join("index")).unwrap();
    assert!(matches!(library.open(), Err(Error::Missing { .. })));
    library.build(Rebuild::Changed);

    let current = library.data().join("index/current.json");
    let text = fs::read_to_string(&current).unwrap();
    fs::write(&current, text.replacen("\"format\":4", "\"format\":999", 1)).unwrap();
    assert!(matches!(library.open(), Err(Error::OldFormat { found: 999, .. })));
    library.build(Rebuild::Changed);
    assert_eq!(search(&library.open().unwrap(), "persuasion"), ["p1"]);
}

#[test]
fn a_damaged_index_is_seen_and_a_build_mends_it() {
    /// Does something to the bytes of a file.
    type Harm = fn(&mut Vec<u8>);
    let flip: Harm = |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
    };
    let cut: Harm = |bytes| bytes.truncate(bytes.len() / 2);
    let harms: [Harm; 2] = [flip, cut];
    for ending in ["current.json", "meta.json", ".store", ".term", "words.txt", "ids", ".jsonl"] {
        for (number, harm) in harms.iter().enumerate() {
            let library = small();
            library.build(Rebuild::All);
            let path = library.file_of_index(ending);
            let mut bytes = fs::read(&path).unwrap();
            harm(&mut bytes);
            fs::write(&path, bytes).unwrap();
            let opened = library.open();
            assert!(matches!(opened, Err(Error::Damaged { .. })), "{ending} {number}: {opened:?}");
            library.build(Rebuild::All);
            let knowledge = library.open().unwrap();
            assert_eq!(search(&knowledge, "persuasion"), ["p1"], "{ending} {number}");
            assert!(answer(&knowledge, RENEW).is_some(), "{ending} {number}");
        }
    }
    // A file that is gone; and here a build of what changed is enough.
    let library = small();
    library.build(Rebuild::All);
    fs::remove_file(library.file_of_index(".idx")).unwrap();
    assert!(matches!(library.open(), Err(Error::Damaged { .. })));
    assert_eq!(search(&library.changed(), "persuasion"), ["p1"]);
}

#[test]
fn two_builders_take_turns() {
    let library = small();
    std::thread::scope(|scope| {
        let builders = [Rebuild::All, Rebuild::Changed, Rebuild::All].map(|rebuild| {
            scope.spawn({
                let library = &library;
                move || library.build(rebuild)
            })
        });
        for builder in builders {
            let report = builder.join().unwrap();
            assert_eq!((report.entries, report.records), (1, 4));
        }
    });
    assert_eq!(search(&library.open().unwrap(), "persuasion"), ["p1"]);
}

#[test]
fn a_reader_keeps_its_generation() {
    let library = small();
    let before = library.changed();
    library.write("collections/a.jsonl", record("e1", "Emma", "Austen, Jane, 1775-1817"));
    library.write("faq/renew.md", entry(RENEW, "By carrier pigeon."));
    library.build(Rebuild::Changed);
    library.build(Rebuild::All);
    assert_eq!(search(&before, "persuasion"), ["p1"]);
    assert_eq!(answer(&before, RENEW).as_deref(), Some("At the desk."));
    let after = library.open().unwrap();
    assert!(after.generation() > before.generation());
    assert_eq!(search(&after, "persuasion"), Vec::<String>::new());
    assert_eq!(Knowledge::current_generation(&library.data()).unwrap(), after.generation());
}

#[test]
fn equal_scores_are_ordered_by_id() {
    let library = Library::new();
    let lines = |ids: &[&str]| -> String {
        ids.iter().map(|id| record(id, "Poems", "Anonymous")).collect()
    };
    library.write("collections/a.jsonl", lines(&["d", "b", "f"]));
    library.write("collections/b.jsonl", lines(&["e", "a", "c"]));
    let same = |id: &str| format!("{{\"id\":\"{id}\",\"questions\":[\"{RENEW}\"]}}\n");
    library.write("faq/a.jsonl", ["z", "x", "y"].map(same).concat());
    let knowledge = library.changed();
    assert_eq!(search(&knowledge, "poems"), ["a", "b", "c", "d", "e", "f"]);
    assert_eq!(ids(&ask(&knowledge, RENEW))[..3], ["x", "y", "z"]);
}

#[test]
fn a_later_file_of_an_oai_source_takes_a_record_away() {
    let library = Library::new();
    let response = |records: &str| {
        format!(
            "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\"><ListRecords>{records}\
             </ListRecords></OAI-PMH>"
        )
    };
    let record = |id: &str, title: &str| {
        format!(
            "<record><header><identifier>{id}</identifier></header><metadata><oai_dc:dc \
             xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" \
             xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{title}</dc:title>\
             </oai_dc:dc></metadata></record>"
        )
    };
    let both = record("oai:x:1", "Persuasion") + &record("oai:x:2", "Middlemarch");
    library.write("collections/1.xml", response(&both));
    assert_eq!(search(&library.changed(), "persuasion"), ["oai:x:1"]);
    let deleted = "<record><header status=\"deleted\"><identifier>oai:x:1</identifier></header>\
                   </record>";
    library.write("collections/2.xml", response(deleted));
    for rebuild in [Rebuild::Changed, Rebuild::All] {
        assert_eq!(library.build(rebuild).records, 1);
        let knowledge = library.open().unwrap();
        assert_eq!(search(&knowledge, "persuasion"), Vec::<String>::new());
        assert_eq!(search(&knowledge, "middlemarch"), ["oai:x:2"]);
    }
}

#[test]
fn identifiers_titles_typos_accents_and_elisions_are_found() {
    let knowledge = small().changed();
    for (asked, expected) in [
        ("9780141439587", "i1"),
        ("978-0-14-143958-7", "i1"),
        ("do you have ISBN 0-14-143958-0?", "i1"),
        ("Persuasion", "p1"),
        ("persuation", "p1"),
        ("Les Misérables", "m1"),
        ("les miserables", "m1"),
        ("LES MISÉRABLES", "m1"),
        ("assommoir", "z1"),
        ("l’assommoir", "z1"),
        ("L'Assommoir", "z1"),
        ("avez-vous l'assommoir ?", "z1"),
    ] {
        let found = ids(&ask(&knowledge, asked));
        assert_eq!(found.first().map(String::as_str), Some(expected), "{asked}: {found:?}");
    }
}

#[test]
fn what_somebody_wrote_is_found_by_their_name() {
    let knowledge = small().changed();
    for (asked, expected) in [
        ("something by jane austen", "p1"),
        ("anything by Jane Austen?", "p1"),
        ("do you have anything by jane austen", "p1"),
        ("books by Austen", "p1"),
        ("livres de Victor Hugo", "m1"),
        ("quelque chose de Victor Hugo", "m1"),
        ("avez-vous des livres de Victor Hugo ?", "m1"),
        ("un roman de Zola", "z1"),
    ] {
        let findings = ask(&knowledge, asked);
        let best = findings.parts.first().and_then(|part| part.passages.first());
        let best = best.map(|passage| (found(&passage.found), passage.confidence));
        assert!(
            best.as_ref().is_some_and(|(id, sure)| id == expected && *sure >= 0.5),
            "{asked}: {best:?}"
        );
    }
}

#[test]
fn a_title_is_found_among_words_that_many_records_have() {
    let library = Library::new();
    let words = ["harbour", "winter", "garden", "letters", "history", "sewing"];
    let mut lines = record("x", "Zanzibar Winter Garden Letters", "Somebody");
    for number in 0..400 {
        let (a, b) = (words[number % 6], words[number / 6 % 6]);
        lines += &record(&format!("r{number:03}"), &format!("{a} {b} {number}"), "Nobody");
    }
    library.write("collections/a.jsonl", lines);
    let knowledge = library.changed();
    for asked in [
        "zanzibar winter garden letters",
        "winter garden letters history of zanzibar",
        "letters garden winter zanzibarr",
        "winter garden letters",
    ] {
        let found = ids(&ask(&knowledge, asked));
        assert_eq!(found.first().map(String::as_str), Some("x"), "{asked}: {found:?}");
    }
}

/// One entry and four records.
fn small() -> Library {
    let library = Library::new();
    library.write("faq/renew.md", entry(RENEW, "At the desk."));
    let emma = serde_json::json!({
        "id": "i1", "title": "Emma", "creator": ["Bell, Currer"], "identifiers": ["9780141439587"],
    });
    library.write(
        "collections/a.jsonl",
        [
            record("p1", "Persuasion", "Austen, Jane, 1775-1817"),
            record("m1", "Les Misérables", "Hugo, Victor, 1802-1885"),
            record("z1", "L'Assommoir", "Zola, Émile, 1840-1902"),
            format!("{emma}\n"),
        ]
        .concat(),
    );
    library
}

/// One step of somebody who keeps a library's files.
#[derive(Clone, Debug)]
enum Edit {
    Write { file: usize, items: Vec<(u8, u8)> },
    Break { file: usize },
    Remove { file: usize },
}

const FILES: [&str; 4] =
    ["faq/a.jsonl", "faq/b.jsonl", "collections/a.jsonl", "collections/b.jsonl"];
const WORDS: [&str; 6] = ["harbour", "winter", "garden", "letters", "history", "sewing"];

fn edit() -> impl Strategy<Value = Edit> {
    let items = prop::collection::vec((0_u8..8, 0_u8..36), 1..6);
    prop_oneof![
        4 => (0..FILES.len(), items).prop_map(|(file, items)| Edit::Write { file, items }),
        1 => (0..FILES.len()).prop_map(|file| Edit::Break { file }),
        1 => (0..FILES.len()).prop_map(|file| Edit::Remove { file }),
    ]
}

impl Edit {
    fn apply(&self, library: &Library) {
        match self {
            Edit::Write { file, items } => {
                let line = |(id, words): &(u8, u8)| {
                    let (first, second) = (usize::from(words / 6), usize::from(words % 6));
                    let text = format!("{} {}", WORDS[first], WORDS[second]);
                    if FILES[*file].starts_with("faq") {
                        format!("{{\"id\":\"e{id}\",\"questions\":[\"{text}\"]}}\n")
                    } else {
                        record(&format!("r{id}"), &text, "Somebody")
                    }
                };
                library.write(FILES[*file], items.iter().map(line).collect::<String>());
            }
            Edit::Break { file } => library.write(FILES[*file], "{\"id\": \n"),
            Edit::Remove { file } => {
                let _ = fs::remove_file(library.dir().join(FILES[*file]));
            }
        }
    }
}

/// All that each word finds, with scores.
fn finds(knowledge: &Knowledge) -> Vec<String> {
    let mut all = Vec::new();
    for word in WORDS {
        let filter = Filter::default();
        let records = Query::Records { words: word.into(), skip: 0, limit: 20, filter, lang: None };
        let words = Query::Words(Words { text: word.into(), ..Words::default() });
        for findings in [knowledge.find(&records), knowledge.find(&words)] {
            for passage in findings.parts.iter().flat_map(|part| &part.passages) {
                let (score, sure) = (passage.score, passage.confidence);
                all.push(format!("{word}: {} {score} {sure}", found(&passage.found)));
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn step_by_step_or_at_once_the_same_is_found(edits in prop::collection::vec(edit(), 1..6)) {
        let (steps, once) = (Library::new(), Library::new());
        for edit in &edits {
            edit.apply(&steps);
            steps.build(Rebuild::Changed);
        }
        // What a broken file was last is known to the steps alone.
        let broken = |file: &usize| fs::read(steps.dir().join(FILES[*file])).is_ok_and(|text| text == b"{\"id\": \n");
        for file in (0..FILES.len()).filter(broken) {
            Edit::Write { file, items: vec![(7, 0)] }.apply(&steps);
        }
        let stepped = steps.changed();
        for file in FILES {
            if let Ok(text) = fs::read(steps.dir().join(file)) {
                once.write(file, text);
            }
        }
        once.build(Rebuild::All);
        prop_assert_eq!(finds(&stepped), finds(&once.open().unwrap()));
    }
}
