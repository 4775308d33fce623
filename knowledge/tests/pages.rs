//! The library's own web pages: what is found of them, beside the entries and after an edit.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own files fail it")]

use flate2::Compression;
use flate2::write::GzEncoder;
use knowledge::index::{self, Rebuild, Report};
use knowledge::{Asked, Encoding, Found, Knowledge, Lang, Passage, Query, Words};
use std::fs;
use std::io::Write;

/// A library in a folder of its own.
struct Library(tempfile::TempDir);

impl Library {
    fn new() -> Library {
        let library = Library(tempfile::tempdir().unwrap());
        for folder in ["faq", "pages"] {
            fs::create_dir(library.0.path().join(folder)).unwrap();
        }
        library
    }

    fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(file), content).unwrap();
    }

    fn build(&self) -> Report {
        index::build(
            self.0.path(),
            &self.0.path().join("data"),
            Rebuild::Changed,
            &Encoding::Without,
            &|_| {},
        )
        .unwrap()
    }

    fn open(&self) -> Knowledge {
        self.build();
        Knowledge::open(self.0.path(), &self.0.path().join("data")).unwrap()
    }
}

fn ask(knowledge: &Knowledge, text: &str) -> Vec<Passage> {
    let text = text.to_owned();
    let findings = knowledge.find(&Query::Words(Words { text, ..Words::default() }));
    findings.parts.into_iter().flat_map(|part| part.passages).collect()
}

fn id(passage: &Passage) -> &str {
    match &passage.found {
        Found::Entry(entry) => &entry.id,
        Found::Page(section) => &section.id,
        Found::Record(record) => &record.id,
        Found::Fact(_) => "fact",
    }
}

fn best(knowledge: &Knowledge, text: &str) -> (String, f32) {
    ask(knowledge, text)
        .first()
        .map_or_else(Default::default, |passage| (id(passage).to_owned(), passage.confidence))
}

const ROOMS: &str = "<html lang=en><link rel=canonical href=https://l.example/rooms><h1>Meeting rooms</h1>\
    <p>Groups of up to twelve can use a room at the Central Library.\
    <h2 id=cost>What it costs</h2><p>A room is free for charities; others pay 10 pounds an hour.\
    <h2>Kitchen</h2><p>There is a kettle, and a sink for washing up.";

fn entry(question: &str, answer: &str) -> String {
    format!("---\nquestions:\n  - {question}\n---\n{answer}\n")
}

/// Entries about other things.
fn faq(library: &Library) {
    for (file, question, answer) in [
        ("renew", "How do I renew a loan?", "At the desk, or in your account."),
        ("card", "Who may have a library card?", "Everybody who lives here."),
        ("print", "Can I print at the library?", "Yes, at every computer."),
    ] {
        library.write(&format!("faq/{file}.md"), entry(question, answer));
    }
}

#[test]
fn a_section_is_found_by_its_heading_by_its_text_and_with_its_pages_title() {
    let library = Library::new();
    faq(&library);
    library.write("pages/rooms.html", ROOMS);
    let report = library.build();
    assert_eq!((report.entries, report.pages, report.refused.clone()), (3, 1, Vec::new()));
    let knowledge = library.open();
    for (asked, expected) in [
        ("meeting rooms", "pages/rooms.html#meeting-rooms"),
        ("what does a meeting room cost?", "pages/rooms.html#cost"),
        ("is there a kettle in the kitchen?", "pages/rooms.html#kitchen"),
        ("how much is a meeting room?", "pages/rooms.html#meeting-rooms"),
        ("is a room free for charities?", "pages/rooms.html#cost"),
        ("how do I renew a loan", "renew"),
        ("who may have a library card?", "card"),
    ] {
        assert_eq!(best(&knowledge, asked).0, expected, "{asked}");
    }
    let section = knowledge.section("pages/rooms.html#cost").unwrap();
    assert_eq!(section.url.as_deref(), Some("https://l.example/rooms#cost"));
    assert_eq!((section.lang, section.page.as_str()), (Some(Lang::EN), "Meeting rooms"));
    let known = Query::Known(vec![Asked::Page("pages/rooms.html#cost".into())]);
    assert!(matches!(&knowledge.find(&known).parts[0].passages[0].found, Found::Page(_)));
}

#[test]
fn an_entry_comes_before_a_page_that_says_the_same() {
    let library = Library::new();
    faq(&library);
    library.write("faq/rooms.md", entry("What does a meeting room cost?", "10 pounds an hour."));
    library.write("pages/rooms.html", "<h1>What does a meeting room cost?</h1>10 pounds an hour.");
    let passages = ask(&library.open(), "what does a meeting room cost");
    assert_eq!(id(&passages[0]), "rooms");
    let page = passages.iter().find(|p| matches!(p.found, Found::Page(_))).unwrap();
    assert!(page.confidence <= passages[0].confidence);
    assert!(page.confidence > 0.5, "{}", page.confidence);
}

#[test]
fn pages_change_nothing_about_the_entries() {
    let (with, without) = (Library::new(), Library::new());
    for library in [&with, &without] {
        faq(library);
    }
    for number in 0..40 {
        let page =
            format!("<title>Page {number}</title><h2>Loans and cards</h2>Renew, print, cost.");
        with.write(&format!("pages/{number}.html"), page);
    }
    let (with, without) = (with.open(), without.open());
    for asked in ["how do I renew a loan", "cost of a card", "printing?", "renew", "library"] {
        let entries = |knowledge| -> Vec<(String, f32)> {
            let passages: Vec<Passage> = ask(knowledge, asked);
            let entries = passages.iter().filter(|p| matches!(p.found, Found::Entry(_)));
            entries.map(|passage| (id(passage).to_owned(), passage.confidence)).collect()
        };
        assert_eq!(entries(&with), entries(&without), "{asked}");
    }
}

#[test]
fn an_edited_page_is_found_and_a_broken_one_keeps_its_last_good_text() {
    let library = Library::new();
    faq(&library);
    library.write("pages/rooms.html", ROOMS);
    let found = |knowledge: &Knowledge| {
        knowledge.section("pages/rooms.html#kitchen").map(|section| section.text.clone())
    };
    assert!(found(&library.open()).unwrap().contains("kettle"));
    library.write("pages/rooms.html", ROOMS.replace("kettle", "samovar"));
    let knowledge = library.open();
    assert!(found(&knowledge).unwrap().contains("samovar"));
    assert_eq!(best(&knowledge, "is there a samovar").0, "pages/rooms.html#kitchen");

    library.write("pages/rooms.html", b"<h1>Rooms</h1>\n\xFF");
    for _ in 0..2 {
        let report = library.build();
        assert_eq!((report.pages, report.refused.len()), (1, 1));
        assert_eq!(report.refused[0].file, "pages/rooms.html");
        assert_eq!(report.refused[0].position, "line 2");
        assert!(found(&library.open()).unwrap().contains("samovar"));
    }
    fs::remove_file(library.0.path().join("pages/rooms.html")).unwrap();
    let report = library.build();
    assert_eq!((report.entries, report.pages, report.refused), (3, 0, Vec::new()));
    assert_eq!(found(&library.open()), None);
}

#[test]
fn a_page_that_is_too_long_costs_only_itself() {
    let library = Library::new();
    faq(&library);
    library.write("pages/huge.html", "<p>word".repeat(50 << 20 >> 3));
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(ROOMS.as_bytes()).unwrap();
    library.write("pages/rooms.html.gz", packed.finish().unwrap());
    let report = library.build();
    assert_eq!((report.entries, report.pages, report.refused.len()), (3, 1, 1), "{report:?}");
    assert_eq!(report.refused[0].file, "pages/huge.html");
    assert!(report.refused[0].reason.contains("longer than 8 MB"), "{report:?}");
    assert_eq!(best(&library.open(), "meeting rooms").0, "pages/rooms.html.gz#meeting-rooms");
}

#[test]
fn what_no_page_is_about_is_not_answered_from_one() {
    /// From here on the core answers outright.
    const SURE: f32 = 0.75;
    let library = Library::new();
    library.write("pages/rooms.html", ROOMS);
    let knowledge = library.open();
    for asked in ["do you lend sewing machines?", "where can I park", "who won the cup in 1998"] {
        assert!(best(&knowledge, asked).1 < SURE, "{asked}: {:?}", best(&knowledge, asked));
    }
}
