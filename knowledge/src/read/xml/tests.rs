//! What is done with sound and unsound XML.

use super::read;
use crate::Record;
use crate::read::Item;
use crate::read::input::Trouble;
use std::io::{BufReader, Cursor};

fn all(text: &str) -> Vec<String> {
    raw(text.as_bytes())
}

fn raw(bytes: &[u8]) -> Vec<String> {
    let input = BufReader::with_capacity(7, Cursor::new(bytes.to_vec()));
    read(Box::new(input))
        .map(|item| match item {
            Ok(Item::Record(record)) => format!("{}: {}", record.id, record.title),
            Ok(Item::Deleted(id)) => format!("deleted {id}"),
            Ok(other @ (Item::Entry(_) | Item::Section(_))) => panic!("{other:?}"),
            Err(Trouble::Bad { position, reason }) => format!("{position}: {reason}"),
            Err(Trouble::Broken { error, .. }) => error.to_string(),
        })
        .collect()
}

fn marc(id: &str, title: &str) -> String {
    format!(
        "<record><leader>00000nam a2200000 a 4500</leader><controlfield tag=\"001\">{id}</controlfield>\
         <datafield tag=\"245\" ind1=\"1\" ind2=\"0\"><subfield code=\"a\">{title}</subfield></datafield></record>"
    )
}

fn oai(records: &str) -> String {
    format!(
        "<?xml version='1.0'?><OAI-PMH xmlns=\"x\"><ListRecords>{records}</ListRecords></OAI-PMH>"
    )
}

fn dc(id: &str, inner: &str) -> String {
    format!(
        "<record><header><identifier>{id}</identifier></header><metadata><oai_dc:dc>{inner}</oai_dc:dc>\
         </metadata></record>"
    )
}

#[test]
fn marcxml_with_and_without_collection_and_prefix() {
    assert_eq!(all(&marc("1", "One &amp; &#50; &lt;")), ["1: One & 2 <"]);
    let prefixed = marc("1", "One").replace('<', "<marc:").replace("<marc:/", "</marc:");
    let text = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<marc:collection>\n{prefixed}\n</marc:collection>"
    );
    assert_eq!(all(&text), ["1: One"]);
    assert_eq!(
        all(&format!(
            "<collection>{}<!-- --><record/>{}</collection>",
            marc("1", "<![CDATA[A & B]]>"),
            marc("2", "T")
        ))
        .len(),
        3
    );
    assert!(all("<collection/>").is_empty());
}

#[test]
fn oai_records_and_deleted_ones() {
    let text = oai(&format!(
        "{}<record><header status=\"deleted\"><identifier>b</identifier></header></record>{}",
        dc("a", "<dc:title>T</dc:title>"),
        marc("7", "M").replacen(
            "<record>",
            "<record><header><identifier>c</identifier></header><metadata><record>",
            1
        ) + "</metadata></record>",
    ));
    assert_eq!(all(&text), ["a: T", "deleted b", "c: M"]);
}

#[test]
fn dublin_core_is_taken_in_whole() {
    let inner = "<dc:title>Titre</dc:title><dc:title>Title</dc:title><dc:creator>Woolf, Virginia</dc:creator>\
                 <dc:contributor>Bell, Vanessa</dc:contributor><dc:subject>a</dc:subject><dc:subject>b</dc:subject>\
                 <dc:description>D&#xe9;j&#224;.</dc:description><dc:date>1928</dc:date><dc:language>en</dc:language>\
                 <dc:identifier>https://x.org/ark:/1/2?x</dc:identifier><dc:identifier>ISBN 3</dc:identifier><dc:rights>r</dc:rights>";
    let text = oai(&dc("oai:x:1", inner));
    let found = read(Box::new(Cursor::new(text.into_bytes()))).next();
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let expected = Record {
        id: "oai:x:1".into(),
        title: "Titre = Title".into(),
        creator: texts(&["Woolf, Virginia", "Bell, Vanessa"]),
        subjects: texts(&["a", "b"]),
        date: Some("1928".into()),
        language: Some("en".into()),
        identifiers: texts(&["ark:/1/2", "ISBN 3"]),
        summary: Some("Déjà.".into()),
        url: Some("https://x.org/ark:/1/2?x".into()),
    };
    assert_eq!(found.and_then(Result::ok), Some(Item::Record(expected)));
}

#[test]
fn responses_without_records_are_refused_with_what_they_are() {
    let text = "<OAI-PMH><error code=\"badResumptionToken\">It &amp; expired</error></OAI-PMH>";
    assert_eq!(
        all(text),
        [
            "line 1, column 10: the server answered with the error badResumptionToken (It & expired); harvest it again"
        ]
    );
    assert!(
        all("<OAI-PMH>\n<Identify><baseURL/></Identify></OAI-PMH>")[0]
            .starts_with("line 2, column 1: it is the answer to Identify")
    );
    assert!(all("<html><body/></html>")[0].contains("`html` (a web page)"));
    assert!(all("")[0].contains("no XML"));
    assert!(all("plain text")[0].contains("no XML"));
    let text = oai(
        "<record><header><identifier>a</identifier></header><metadata><foo /></metadata></record>",
    );
    assert!(all(&text)[0].contains("its metadata are `foo`"), "{:?}", all(&text));
}

#[test]
fn a_bad_record_costs_none_of_its_neighbours() {
    let (one, two) = (marc("1", "One"), marc("2", "Two"));
    for bad in [
        marc("x", "a & b"),
        marc("x", "&eacute;t&eacute;"),
        marc("x", "<b>bold</i>"),
        marc("x", "One").replace("</subfield>", ""),
        marc("x", "One").replace("</record>", ""),
        marc("x", "One").replace("</datafield></record>", ""),
        marc("x", "One").replacen("tag=\"245\"", "tag=\"245", 1),
        marc("x", "One").replacen("code=\"a\"", "code=a\"", 1),
        marc("x", "<!-- open"),
        marc("x", "<![CDATA[ open"),
        marc("x", "<? open"),
        marc("x", "<"),
        marc("", "One"),
        marc("x", ""),
        marc("x", &"<a>".repeat(200)),
        marc("x", &"long ".repeat(300_000)),
        marc("x", &format!("<a b=\"{}\"/>", "x".repeat(2_000_000))),
        marc("x", &format!("<!--{}-->", "x".repeat(2_000_000))),
        marc("x", &"<subfield code=\"a\"/>".repeat(20_000)),
    ] {
        let seen = all(&format!("<collection>\n{one}\n{bad}\n{two}\n</collection>"));
        let shown = &bad[..bad.len().min(200)];
        assert_eq!(seen.len(), 3, "{shown}\n{seen:?}");
        assert_eq!((seen[0].as_str(), seen[2].as_str()), ("1: One", "2: Two"), "{shown}");
        assert!(seen[1].starts_with("line 3, column 1: "), "{shown}\n{}", seen[1]);
    }
    let bad = marc("x", "\u{1}").replace('\u{1}', "\u{fffd}").into_bytes();
    let bytes = [
        b"<collection>".to_vec(),
        one.into_bytes(),
        bad,
        two.into_bytes(),
        b"</collection>".to_vec(),
    ]
    .concat();
    let latin1: Vec<u8> = bytes
        .windows(3)
        .position(|w| w == "\u{fffd}".as_bytes())
        .map(|at| [&bytes[..at], b"\xE9", &bytes[at + 3..]].concat())
        .unwrap();
    let seen = raw(&latin1);
    assert_eq!((seen.len(), seen[0].as_str(), seen[2].as_str()), (3, "1: One", "2: Two"));
    assert!(seen[1].contains("not UTF-8"), "{seen:?}");
}

#[test]
fn a_bad_oai_record_does_not_leave_its_marc_behind() {
    let inner = |id: &str, header: &str| {
        format!("<record>{header}<metadata>{}</metadata></record>", marc(id, "T"))
    };
    let text = oai(&format!(
        "{}{}",
        inner("1", "<header>&x;<identifier>a</identifier></header>"),
        inner("2", "<header><identifier>b</identifier></header>")
    ));
    let seen = all(&text);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert!(seen[0].contains("`&x;` is not known"), "{seen:?}");
    assert_eq!(seen[1], "b: T");
}

#[test]
fn a_doctype_and_another_encoding_end_the_file() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><collection/>";
    assert!(all(bomb)[0].contains("it has a DOCTYPE"));
    let latin = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><collection/>";
    assert!(all(latin)[0].contains("not UTF-8"));
    assert!(raw(b"\xFF\xFE<\0a\0>\0")[0].contains("not UTF-8"));
}

#[test]
fn a_file_that_ends_in_a_record_gives_what_came_before() {
    let text = format!("<collection>{}{}", marc("1", "One"), &marc("2", "Two")[..60]);
    let seen = all(&text);
    assert_eq!(seen[0], "1: One");
    assert!(seen[1].contains("the file ends inside this record"), "{seen:?}");
    let seen = all(&format!("<collection>{}", marc("1", "One")));
    assert!(seen[1].contains("the file ends inside `collection`"), "{seen:?}");
    assert_eq!(seen.len(), 2);
}
