//! Whatever bytes a file holds, reading it ends, panics nowhere, gives no more than the bytes can
//! hold, and leaves a bad piece's neighbours alone.

#![expect(clippy::unwrap_used, reason = "a test may stop where its own files fail it")]

use knowledge::read::{Format, Item, Part, SourceFile, items};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Every kind of file that is read.
const KINDS: [(Part, Format, &str); 8] = [
    (Part::Faq, Format::Markdown, "a.md"),
    (Part::Faq, Format::Csv, "a.csv"),
    (Part::Faq, Format::JsonLines, "a.jsonl"),
    (Part::Collections, Format::Csv, "b.csv"),
    (Part::Collections, Format::JsonLines, "b.jsonl"),
    (Part::Collections, Format::Marc, "b.mrc"),
    (Part::Collections, Format::Xml, "b.xml"),
    (Part::Pages, Format::Html, "c.html"),
];

/// Reads bytes as a file of a kind: the ids that come in, and how often something is refused.
fn read(folder: &Path, kind: usize, bytes: &[u8], gzip: bool) -> (Vec<String>, usize) {
    let (part, format, name) = KINDS[kind];
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    let file = SourceFile { path, shown: name.to_owned(), part, format, gzip };
    let (mut ids, mut refused, mut held) = (Vec::new(), 0, 0);
    // One item or refusal needs a byte at least, and one refusal stands for the file as a whole.
    let most = bytes.len() + 2;
    for item in items(&file).take(most + 1) {
        match item {
            Ok(Item::Entry(entry)) => {
                held += entry.questions.iter().map(String::len).sum::<usize>();
                ids.push(entry.id);
            }
            Ok(Item::Record(record)) => {
                held += record.title.len() + record.subjects.iter().map(String::len).sum::<usize>();
                ids.push(record.id);
            }
            Ok(Item::Deleted(id)) => ids.push(id),
            Ok(Item::Section(section)) => {
                assert!(section.text.is_char_boundary(section.own) && !section.heading.is_empty());
                held += section.own_text().len();
                ids.push(section.id);
            }
            Err(bad) => {
                assert!(!bad.reason.is_empty() && bad.reason.len() < 2_000, "{bad:?}");
                refused += 1;
            }
        }
    }
    assert!(ids.len() + refused <= most, "more items than bytes");
    // A byte becomes three at most (U+FFFD), and packed ones are a thousand.
    assert!(held <= (bytes.len() + 1) * if gzip { 3_000 } else { 4 }, "more text than bytes");
    (ids, refused)
}

fn marc(id: &str, title: &str) -> Vec<u8> {
    let fields = [
        ("001", id.to_owned()),
        ("245", format!("10\x1Fa{title}")),
        ("650", " 0\x1Fa\u{e9}t\u{e9}".to_owned()),
    ];
    let (mut directory, mut data) = (String::new(), String::new());
    for (tag, text) in fields {
        directory += &format!("{tag}{:04}{:05}", text.len() + 1, data.len());
        data += &format!("{text}\x1E");
    }
    let base = 25 + directory.len();
    let length = base + data.len() + 1;
    format!("{length:05}nam a22{base:05} a 4500{directory}\x1E{data}\x1D").into_bytes()
}

fn xml(id: &str, title: &str) -> String {
    format!(
        "<record><leader>00000nam a2200000 a 4500</leader><controlfield tag=\"001\">{id}</controlfield>\
         <datafield tag=\"245\" ind1=\"1\" ind2=\"0\"><subfield code=\"a\">{title}</subfield></datafield></record>\n"
    )
}

/// A small sound file of each kind.
fn sound(kind: usize) -> Vec<u8> {
    let texts = |texts: &[&str]| texts.concat().into_bytes();
    match kind {
        0 => texts(&[
            "---\nid: a\nquestions:\n  - \"Où?\"\n  - When?\nverified: 2026-01-01\n---\n# Where\n\nHere.\n",
        ]),
        1 => texts(&["id;question;answer\n1;\"Wh\"\"o?\nWhat?\";A\n2;Q?;\"B\"\n3;Où?;\n"]),
        2 => texts(&[
            "{\"id\": \"a\", \"questions\": [\"Q?\"], \"answer\": \"A\"}\n",
            "{\"id\": \"b\", \"question\": \"Où?\"}\n",
        ]),
        3 => texts(&["id,title,author,isbn\n1,\"T, t\",\"A; B\",978\n2,U,,\n3,\"V\nv\",C|D,1\n"]),
        4 => texts(&[
            "{\"id\": \"a\", \"title\": \"T\", \"creator\": [\"A\"]}\n",
            "{\"id\": \"b\", \"title\": \"É\", \"date\": null}\n",
        ]),
        5 => [marc("1", "One"), marc("2", "Été"), marc("3", "Three")].concat(),
        6 => texts(&[
            "<?xml version=\"1.0\"?>\n<OAI-PMH xmlns:oai_dc=\"x\"><ListRecords>\n<record><header><identifier>a</identifier></header>\
             <metadata><oai_dc:dc><dc:title>T &amp; t</dc:title><dc:subject><![CDATA[s]]></dc:subject></oai_dc:dc></metadata></record>\n\
             <record><header status=\"deleted\"><identifier>b</identifier></header></record>\n<record><header><identifier>c</identifier>\
             </header><metadata>",
            &xml("9", "Été"),
            "</metadata></record></ListRecords></OAI-PMH>\n",
        ]),
        _ => texts(&[
            "<!DOCTYPE html><html lang=fr><head><meta charset=\"utf-8\"><title>Où &amp; quand</title>\n<link rel=canonical href=\"https://a.example/b\">",
            "<meta name=verified content=\"2026-01-01\"></head><body><nav><a href=x>Menu</a></nav><main><h1 id=a>Où ?</h1><p>Ici.<p hidden>Non\n",
            "<h2>Quand ?</h2><ul><li>Été<li>Hiver</ul><table><tr><td>9<td>18</table></main><script>if (a<b) {}</script></body></html>\n",
        ]),
    }
}

/// A change to a file.
#[derive(Clone, Debug)]
enum Change {
    Put(usize, u8),
    Insert(usize, Vec<u8>),
    Delete(usize, usize),
    Repeat(usize, usize),
    Cut(usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = 0_usize..2_000;
    let piece = prop_oneof![
        vec(any::<u8>(), 1..8),
        prop::sample::select(vec![
            "\"",
            "\n",
            "<",
            "&",
            "<!--",
            "<h2>",
            "</h2>",
            "<p hidden>",
            "</main>",
            "<meta charset=koi8-r>",
            "]]>",
            "</record>",
            "<record>",
            "\x1D",
            "\x1E",
            "\x1F",
            "\x1B$1",
            "99999",
            "---\n",
            "{",
            "[[[[",
            ",",
            "\u{feff}"
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    let change = prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Change::Put(at, byte)),
        (at.clone(), piece).prop_map(|(at, piece)| Change::Insert(at, piece)),
        (at.clone(), 1_usize..40).prop_map(|(at, count)| Change::Delete(at, count)),
        (at.clone(), 1_usize..200).prop_map(|(at, count)| Change::Repeat(at, count)),
        at.prop_map(Change::Cut),
    ];
    vec(change, 1..6)
}

fn apply(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match change {
            Change::Put(at, byte) => bytes[at % length] = *byte,
            Change::Insert(at, piece) => {
                let at = at % length;
                bytes.splice(at..at, piece.iter().copied());
            }
            Change::Delete(at, count) => {
                let at = at % length;
                bytes.drain(at..(at + count).min(length));
            }
            Change::Repeat(at, count) => {
                let at = at % length;
                let piece = bytes[at..(at + count).min(length)].to_vec();
                bytes.splice(at..at, piece);
            }
            Change::Cut(at) => bytes.truncate(at % length),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_bytes_are_read_to_their_end(bytes in vec(any::<u8>(), 0..1_500), gzip in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        for kind in 0..KINDS.len() {
            read(folder.path(), kind, &bytes, gzip);
        }
    }

    #[test]
    fn any_text_is_read_to_its_end(text in "[ -~\n\"<>&;,{}\\[\\]:|é-]{0,400}") {
        let folder = tempfile::tempdir().unwrap();
        for kind in 0..KINDS.len() {
            read(folder.path(), kind, text.as_bytes(), false);
        }
    }

    #[test]
    fn changed_files_are_read_to_their_end(changes in changes(), packed in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        for kind in 0..KINDS.len() {
            let bytes = if packed {
                let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                gzip.write_all(&sound(kind)).unwrap();
                apply(gzip.finish().unwrap(), &changes)
            } else {
                apply(sound(kind), &changes)
            };
            read(folder.path(), kind, &bytes, packed);
        }
    }

    #[test]
    fn a_bad_marc_record_leaves_its_neighbours_alone(changes in changes()) {
        let folder = tempfile::tempdir().unwrap();
        let mut bad = marc("2", "Two");
        bad.pop();
        let mut bad = apply(bad, &changes);
        bad.retain(|&byte| byte != 0x1D);
        bad.push(0x1D);
        let bytes = [marc("first", "One"), bad, marc("last", "Three")].concat();
        let (ids, _) = read(folder.path(), 5, &bytes, false);
        prop_assert_eq!(ids.first().map(String::as_str), Some("first"));
        prop_assert_eq!(ids.last().map(String::as_str), Some("last"));
    }

    #[test]
    fn a_bad_line_leaves_its_neighbours_alone(bytes in vec(any::<u8>(), 0..200)) {
        let folder = tempfile::tempdir().unwrap();
        let bad: Vec<u8> = bytes.into_iter().filter(|&byte| byte != b'\n').collect();
        let line = |id: &str| format!("\n{{\"id\": \"{id}\", \"title\": \"T\"}}\n").into_bytes();
        let bytes = [line("first"), bad.clone(), line("last")].concat();
        let (ids, _) = read(folder.path(), 4, &bytes, false);
        prop_assert_eq!(ids, ["first", "last"]);
        let without_quotes: Vec<u8> = bad.into_iter().filter(|&byte| byte != b'"').collect();
        let bytes = [b"id,title\nfirst,T\n".to_vec(), without_quotes, b"\nlast,T\n".to_vec()].concat();
        let (ids, _) = read(folder.path(), 3, &bytes, false);
        prop_assert_eq!(ids.first().map(String::as_str), Some("first"));
        prop_assert_eq!(ids.last().map(String::as_str), Some("last"));
    }

    #[test]
    fn a_bad_text_in_xml_leaves_its_neighbours_alone(text in "[ -~é]{0,60}|<[!?/]?[-\\['\"a-z]{0,8}") {
        let folder = tempfile::tempdir().unwrap();
        let bytes = ["<collection>", &xml("first", "One"), &xml("2", &text), &xml("last", "Three"), "</collection>"].concat();
        let (ids, _) = read(folder.path(), 6, bytes.as_bytes(), false);
        prop_assert_eq!(ids.first().map(String::as_str), Some("first"));
        prop_assert_eq!(ids.last().map(String::as_str), Some("last"));
    }
}
