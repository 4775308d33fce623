//! Reads the third-party samples beside the project, and holds what comes in against counts that
//! were made by other means: `0x1D` bytes, `<record` elements less those nested in OAI-PMH's, lines,
//! and rows as Python's csv module sees them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop where its own files fail it, and says what it passes over"
)]

use knowledge::read::{Format, Item, Part, Refused, SourceFile, files, items};
use knowledge::{Entry, Record};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The folder of the samples; `None`, with the reason printed, where it is absent.
fn data() -> Option<PathBuf> {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data"));
    if data.is_dir() {
        return Some(data.to_owned());
    }
    println!("passed over: {} is absent", data.display());
    None
}

/// All that a file holds.
#[derive(Default)]
struct Holds {
    entries: Vec<Entry>,
    records: Vec<Record>,
    deleted: Vec<String>,
    refused: Vec<Refused>,
}

impl Holds {
    fn counts(&self) -> [usize; 4] {
        [self.entries.len(), self.records.len(), self.deleted.len(), self.refused.len()]
    }
}

fn holds(file: &SourceFile) -> Holds {
    let mut holds = Holds::default();
    for item in items(file) {
        match item {
            Ok(Item::Entry(entry)) => holds.entries.push(entry),
            Ok(Item::Record(record)) => holds.records.push(record),
            Ok(Item::Section(section)) => panic!("{section:?}"),
            Ok(Item::Deleted(id)) => holds.deleted.push(id),
            Err(refused) => holds.refused.push(refused),
        }
    }
    holds
}

/// A library folder with these files linked into `faq/` or `collections/`, and what its files
/// hold, by the path shown.
fn library(faq: &[PathBuf], collections: &[PathBuf]) -> (tempfile::TempDir, Vec<SourceFile>) {
    let library = tempfile::tempdir().unwrap();
    for (folder, sources) in [("faq", faq), ("collections", collections)] {
        fs::create_dir(library.path().join(folder)).unwrap();
        for source in sources {
            let name = source.file_name().unwrap();
            fs::copy(source, library.path().join(folder).join(name)).unwrap();
        }
    }
    let (found, refused) = files(library.path());
    assert_eq!(refused, Vec::new());
    assert_eq!(found.len(), faq.len() + collections.len());
    (library, found)
}

fn listed(folder: &Path, is_wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && is_wanted(&path.to_string_lossy()))
        .collect();
    paths.sort();
    paths
}

/// Holds what each file gives (entries, records, deleted, refused) against a table.
fn check(found: &[SourceFile], expected: &[(&str, [usize; 4])]) {
    let seen: Vec<(&str, [usize; 4])> =
        found.iter().map(|file| (file.shown.as_str(), holds(file).counts())).collect();
    assert_eq!(seen, expected);
}

#[test]
fn marc_samples() {
    let Some(data) = data() else { return };
    let (_library, found) = library(&[], &listed(&data.join("marc_samples"), |_| true));
    let of = |name: &'static str, counts| (name, counts);
    check(
        &found,
        &[
            of("collections/Catmandu-MARC__camel.mrc", [0, 10, 0, 0]),
            of("collections/blacklight-data__test_data.utf8.mrc", [0, 29, 1, 0]),
            of("collections/processing-marc__loc.mrc", [0, 50, 0, 0]),
            of("collections/processing-marc__loc.mrc.xml", [0, 50, 0, 0]),
            of("collections/pymarc__marc.dat", [0, 20, 0, 0]),
            of("collections/pymarc__marc8.dat", [0, 1, 0, 0]),
            of("collections/pymarc__testunimarc.dat", [0, 0, 0, 1]),
            of("collections/traject__one-marc8.mrc", [0, 1, 0, 0]),
            of("collections/traject__test_data.utf8.marc.xml", [0, 29, 1, 0]),
            of("collections/vufindharvest__marc.xml", [0, 100, 0, 0]),
        ],
    );
    let unimarc = found.iter().find(|file| file.shown.ends_with("testunimarc.dat")).unwrap();
    let refused = holds(unimarc).refused;
    assert!(refused[0].reason.contains("as UNIMARC has"), "{refused:?}");
    assert_eq!(refused[0].position, "record 1, byte 0");
}

#[test]
fn binary_and_xml_of_the_same_records_agree() {
    let Some(data) = data() else { return };
    let samples = data.join("marc_samples");
    for (binary, xml) in [
        ("processing-marc__loc.mrc", "processing-marc__loc.mrc.xml"),
        ("blacklight-data__test_data.utf8.mrc", "traject__test_data.utf8.marc.xml"),
    ] {
        let (_library, found) = library(&[], &[samples.join(binary), samples.join(xml)]);
        let records: Vec<_> = found.iter().map(|file| holds(file).records).collect();
        for (a, b) in records[0].iter().zip(&records[1]) {
            assert_eq!(a, b);
        }
    }
}

#[test]
fn marc_8_is_decoded() {
    let Some(data) = data() else { return };
    let samples = data.join("marc_samples");
    let (_library, found) =
        library(&[], &[samples.join("pymarc__marc8.dat"), samples.join("traject__one-marc8.mrc")]);
    let records: Vec<_> = found.iter().map(|file| holds(file).records[0].clone()).collect();
    // As pymarc decodes them.
    let note = "Translation of De la solitude à la communauté.";
    assert_eq!(records[0].summary.as_deref(), Some(note));
    let title = "Por uma outra globalização : do pensamemto único à consciência universal";
    assert_eq!(records[1].title, title);
    assert_eq!(records[1].creator, ["Santos, Mílton"]);
}

#[test]
fn open_library_samples() {
    let Some(data) = data() else { return };
    let (_library, found) = library(&[], &listed(&data.join("marc_samples/openlibrary"), |_| true));
    assert_eq!(found.len(), 49);
    let mut refused = Vec::new();
    for file in &found {
        let holds = holds(file);
        assert_eq!(holds.records.len() + holds.refused.len(), 1, "{}", file.shown);
        refused.extend(holds.refused);
    }
    // It has neither 001 nor 035 nor 010.
    let named: Vec<_> = refused.iter().map(|refused| refused.file.as_str()).collect();
    assert_eq!(named, ["collections/uoft_4351105_1626.mrc"]);
    assert!(refused[0].reason.contains("no id (field 001)"), "{refused:?}");
    // Its length was counted in characters.
    let counted = found.iter().find(|file| file.shown.contains("dasrmischepriv00rein_meta.mrc"));
    assert_eq!(holds(counted.unwrap()).records[0].creator, ["Rein, Wilhelm"]);
}

#[test]
fn oai_pmh_samples() {
    let Some(data) = data() else { return };
    let (_library, found) = library(&[], &listed(&data.join("oai_pmh_samples"), |_| true));
    let of = |name: &'static str, counts| (name, counts);
    check(
        &found,
        &[
            of("collections/vufindharvest__arbitrary_error_response.xml", [0, 0, 0, 1]),
            of("collections/vufindharvest__identify_response.xml", [0, 0, 0, 1]),
            of("collections/vufindharvest__list_records_response.xml", [0, 0, 1, 1]),
            of("collections/vufindharvest__list_records_token_response.xml", [0, 0, 0, 1]),
            of("collections/vufindharvest__list_sets_response.xml", [0, 0, 0, 1]),
            of("collections/vufindharvest__oai_doaj.xml", [0, 100, 0, 0]),
            of("collections/vufindharvest__token_error_response.xml", [0, 0, 0, 1]),
        ],
    );
    let reasons: Vec<_> = found.iter().flat_map(|file| holds(file).refused).collect();
    let expected = [
        "the server answered with the error foo (bar)",
        "it is the answer to Identify",
        "its metadata are `foo`",
        "its metadata are `foo`",
        "it is the answer to ListSets",
        "the server answered with the error badResumptionToken (Invalid or expired resumption token)",
    ];
    assert_eq!(reasons.len(), expected.len());
    for (refused, expected) in reasons.iter().zip(expected) {
        assert!(refused.reason.starts_with(expected), "{refused:?}");
    }
}

#[test]
fn gutenberg_in_every_format() {
    let Some(data) = data() else { return };
    let folder = data.join("catalogue_gutenberg");
    let (_library, found) = library(
        &[],
        &[
            folder.join("gutenberg_catalog.csv.gz"),
            data.join("sets/gutenberg/records.jsonl.gz"),
            folder.join("sample10k.mrc"),
            folder.join("sample10k.oai_dc.xml.gz"),
        ],
    );
    let all: Vec<_> = found.iter().map(holds).collect();
    let counts: Vec<_> = all.iter().map(Holds::counts).collect();
    assert_eq!(
        counts,
        [[0, 82_414, 0, 0], [0, 82_414, 0, 0], [0, 10_000, 0, 0], [0, 10_000, 0, 0]]
    );
    let [table, lines, marc, oai] = all.as_slice() else { panic!("four files") };
    for (a, b) in table.records.iter().zip(&lines.records) {
        assert_eq!((&a.id, &a.title, &a.creator, &a.url), (&b.id, &b.title, &b.creator, &b.url));
    }
    for (a, b) in marc.records.iter().zip(&oai.records) {
        assert_eq!(format!("oai:gutenberg.org:{}", a.id), b.id);
        assert_eq!(a.url, b.url);
    }
}

#[test]
fn catalogue_tables_with_and_without_a_map() {
    let Some(data) = data() else { return };
    let (library, found) = library(
        &[],
        &[
            data.join("catalogue_goodbooks10k/books.csv"),
            data.join("catalogue_nls_film/marc_records.csv"),
            data.join("catalogue_shakespeare_co/SCoData_books_v1.2_2022-01.csv"),
        ],
    );
    let expected = [
        ("collections/SCoData_books_v1.2_2022-01.csv", [0, 6_020, 0, 0]),
        ("collections/books.csv", [0, 10_000, 0, 0]),
        ("collections/marc_records.csv", [0, 6_017, 0, 0]),
    ];
    check(&found, &expected);
    for (name, map) in [
        (
            "books.csv",
            "id = \"book_id\"\ncreator = { columns = \"authors\", split = \", \" }\nidentifiers = [\"isbn13\", \"isbn\"]\n",
        ),
        (
            "marc_records.csv",
            "id = { row = \"film-\" }\ncreator = \"author\"\nsubjects = { columns = \"subjects\", split = \" -- \" }\n",
        ),
    ] {
        fs::write(library.path().join("collections").join(format!("{name}.columns.toml")), map)
            .unwrap();
    }
    check(&found, &expected);
    let books = holds(&found[1]).records;
    assert_eq!(books[1].id, "2");
    assert_eq!(books[1].creator, ["J.K. Rowling", "Mary GrandPré"]);
    assert_eq!(books[1].identifiers, ["9780439554930", "439554934"]);
    let films = holds(&found[2]).records;
    assert_eq!((films[0].id.as_str(), films[6_016].id.as_str()), ("film-1", "film-6017"));
    assert_eq!(films[1].subjects, ["Transport", "Glasgow", "documentary", "amateur"]);
    fs::write(library.path().join("collections/books.csv.columns.toml"), "\ntitel = \"title\"\n")
        .unwrap();
    let refused = holds(&found[1]).refused;
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].reason.starts_with("its column map books.csv.columns.toml, line 2: `titel` is not a field of a record; `title` is"),
        "{refused:?}"
    );
}

#[test]
fn faq_sets() {
    let Some(data) = data() else { return };
    for (set, entries) in
        [("banking77", 50), ("clinc150", 150), ("covid-en", 251), ("covid-fr", 40), ("gavilan", 27)]
    {
        let (_library, found) = library(&[data.join("sets").join(set).join("faq.jsonl")], &[]);
        check(&found, &[("faq/faq.jsonl", [entries, 0, 0, 0])]);
    }
}

/// A record of the kind that JSON lines hold.
fn line(number: usize) -> String {
    format!(
        "{{\"id\": \"{number}\", \"title\": \"Title {number}\", \"subjects\": [\"{}\"]}}\n",
        number * 7919
    )
}

#[test]
fn a_truncated_gz_gives_what_came_before_and_says_how_much() {
    let library = tempfile::tempdir().unwrap();
    let path = library.path().join("records.jsonl.gz");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    for number in 0..10_000 {
        packed.write_all(line(number).as_bytes()).unwrap();
    }
    let packed = packed.finish().unwrap();
    let cut = &packed[..packed.len() / 2];
    // What another reading of the cut file gives.
    let mut plain = Vec::new();
    let _ = flate2::read::MultiGzDecoder::new(cut).read_to_end(&mut plain);
    let whole = plain.iter().filter(|&&byte| byte == b'\n').count();
    assert!(whole > 1_000, "{whole}");
    fs::write(&path, cut).unwrap();
    let file = SourceFile {
        path: path.clone(),
        shown: "collections/records.jsonl.gz".to_owned(),
        part: Part::Collections,
        format: Format::JsonLines,
        gzip: true,
    };
    let found = holds(&file);
    assert_eq!(found.counts(), [0, whole, 0, 1]);
    let refused = &found.refused[0];
    assert_eq!(refused.position, format!("line {}", whole + 1));
    let expected = format!(
        "the file ends early, as if cut off while it was copied; the {whole} items before it are in"
    );
    assert!(refused.reason.starts_with(&expected), "{refused:?}");

    // Two compressed files one after the other are one; what is not compressed behind them is not.
    fs::write(&path, [packed.as_slice(), packed.as_slice()].concat()).unwrap();
    assert_eq!(holds(&file).counts(), [0, 20_000, 0, 0]);
    fs::write(&path, [packed.as_slice(), b"more"].concat()).unwrap();
    assert_eq!(holds(&file).counts(), [0, 10_000, 0, 1]);
    fs::write(&path, line(1)).unwrap();
    let refused = holds(&file).refused;
    assert!(refused[0].reason.contains("take .gz from its name"), "{refused:?}");
    fs::write(&path, "").unwrap();
    assert_eq!(holds(&file).counts()[3], 1);
    fs::remove_file(&path).unwrap();
    assert!(holds(&file).refused[0].reason.contains("cannot be read"));
}
