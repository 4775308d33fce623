//! What is done with sound and unsound MARC files.

use super::read;
use crate::Record;
use crate::read::Item;
use crate::read::input::Trouble;
use std::io::Cursor;

/// A record with these fields (tag, then indicators and subfields with `$` for their delimiter).
fn record(coding: u8, fields: &[(&str, &str)]) -> Vec<u8> {
    let (mut directory, mut data) = (Vec::new(), Vec::new());
    for (tag, text) in fields {
        let text = text.replace('$', "\u{1f}");
        directory.extend(format!("{tag}{:04}{:05}", text.len() + 1, data.len()).bytes());
        data.extend(text.bytes());
        data.push(0x1E);
    }
    directory.push(0x1E);
    data.push(0x1D);
    let base = 24 + directory.len();
    let leader = format!("{:05}nam {}22{base:05}   4500", base + data.len(), char::from(coding));
    let mut leader = leader.into_bytes();
    leader.resize(24, b' ');
    [leader, directory, data].concat()
}

fn simple(id: &str, title: &str) -> Vec<u8> {
    record(b'a', &[("001", id), ("245", &format!("10$a{title} /$cby someone."))])
}

fn all(bytes: Vec<u8>) -> Vec<String> {
    read(Box::new(Cursor::new(bytes)))
        .map(|item| match item {
            Ok(Item::Record(record)) => format!("{}: {}", record.id, record.title),
            Ok(Item::Deleted(id)) => format!("deleted {id}"),
            Ok(other @ (Item::Entry(_) | Item::Section(_))) => panic!("{other:?}"),
            Err(Trouble::Bad { position, reason }) => format!("{position}: {reason}"),
            Err(Trouble::Broken { error, .. }) => error.to_string(),
        })
        .collect()
}

fn only(bytes: Vec<u8>) -> Record {
    match read(Box::new(Cursor::new(bytes))).next() {
        Some(Ok(Item::Record(record))) => record,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_wrong_length_costs_none_of_the_neighbours() {
    for said in ["00010", "00099", "00200", "99999", "0x1ab"] {
        let mut bad = simple("2", "Second");
        bad[..5].copy_from_slice(said.as_bytes());
        let at = simple("1", "First").len();
        let seen = all([simple("1", "First"), bad, simple("3", "Third")].concat());
        assert_eq!(seen.len(), 3, "{seen:?}");
        assert_eq!((seen[0].as_str(), seen[2].as_str()), ("1: First", "3: Third"));
        assert!(seen[1].starts_with(&format!("record 2, byte {at}: ")), "{seen:?}");
    }
}

#[test]
fn a_missing_terminator_costs_the_record_that_misses_it() {
    let mut bad = simple("1", "First");
    bad.pop();
    let length = bad.len();
    let seen = all([bad, simple("2", "Second"), simple("3", "Third")].concat());
    assert!(
        seen[0].starts_with(&format!("record 1, byte 0: {length} bytes stand here")),
        "{seen:?}"
    );
    assert_eq!(seen[1..], ["2: Second", "3: Third"]);
}

#[test]
fn a_length_in_characters_is_understood() {
    let sound = simple("é1", "Été à Orléans");
    let text = String::from_utf8(sound).unwrap();
    let mut counted = text.clone();
    counted.replace_range(..5, &format!("{:05}", text.chars().count()));
    assert_eq!(all(counted.into_bytes()), ["é1: Été à Orléans"]);
}

#[test]
fn a_damaged_directory_is_refused_or_mended_by_the_terminators() {
    let mut bad = simple("1", "First");
    bad[24 + 12 + 3..24 + 12 + 7].copy_from_slice(b"0003");
    assert_eq!(all(bad), ["1: First"]);
    let mut bad = simple("1", "First");
    bad[24..27].copy_from_slice(b"\x1E01");
    let seen = all([bad, simple("2", "Second")].concat());
    assert!(seen[0].contains("directory"), "{seen:?}");
    assert_eq!(seen[1], "2: Second");
}

#[test]
fn padding_between_records_and_an_end_in_the_middle() {
    let mut cut = simple("2", "Second");
    cut.truncate(40);
    let seen = all([simple("1", "First"), b"\r\n\0".to_vec(), cut].concat());
    assert_eq!(seen.len(), 2);
    assert!(seen[1].contains(": the file ends inside this record"), "{seen:?}");
    assert_eq!(all([simple("1", "First"), b"\r\n\x1A".to_vec()].concat()), ["1: First"]);
    assert!(all(Vec::new()).is_empty());
    assert!(all(b"<?xml version=\"1.0\"?>".to_vec())[0].contains("give the file the ending .xml"));
}

#[test]
fn deleted_records_and_records_of_other_kinds() {
    let with = |at: usize, value: u8| {
        let mut record = simple("1", "First");
        record[at] = value;
        all(record)
    };
    assert_eq!(with(5, b'd'), ["deleted 1"]);
    assert!(with(6, b'z')[0].contains("an authority record"));
    assert!(all(record(b'a', &[("001", "1"), ("200", "1 $aTitre")]))[0].contains("UNIMARC"));
    assert!(
        all(record(b'a', &[("001", "1"), ("245", "10$a /")]))[0].contains("no title (field 245)")
    );
    assert!(all(record(b'a', &[("245", "10$aTitle")]))[0].contains("no id (field 001)"));
}

#[test]
fn titles_lose_their_punctuation_and_gain_their_own_script() {
    for (field, expected) in [
        ("10$aWar and peace :$ba novel /$cLeo Tolstoy.", "War and peace : a novel"),
        ("10$aBible.$nPart 2,$pKings.", "Bible. Part 2, Kings"),
        ("00$aTitle$h[electronic resource] :$bsub =$bTitre", "Title : sub = Titre"),
        ("00$aLetters$bsecond series", "Letters : second series"),
        ("00$aA history of Smith & Co.", "A history of Smith & Co."),
        ("00$aPapers,$f1850-1900", "Papers, 1850-1900"),
    ] {
        assert_eq!(only(record(b'a', &[("001", "1"), ("245", field)])).title, expected);
    }
    let record = only(record(
        b'a',
        &[
            ("001", "1"),
            ("100", "1 $6880-01$aTolstoĭ, Lev,$cgraf,$d1828-1910."),
            ("245", "10$6880-02$aVoĭna i mir /$cL. Tolstoĭ."),
            ("880", "1 $6100-01/(N$aТолстой, Лев,"),
            ("880", "10$6245-02/(N$aВойна и мир /"),
        ],
    ));
    assert_eq!(record.title, "Voĭna i mir = Война и мир");
    assert_eq!(record.creator, ["Tolstoĭ, Lev, graf", "Толстой, Лев"]);
}

#[test]
fn every_field_that_a_patron_asks_for() {
    let record = only(record(
        b'a',
        &[
            ("001", " ocm7 "),
            ("008", "850101s1984    enk           000 1 eng d"),
            ("020", "  $a0140449132 (pbk.) :$c£2"),
            ("050", "00$aPR6045.O72$bO7"),
            ("082", "04$a823/.912$221"),
            ("100", "1 $aTolkien, J. R. R.$q(John Ronald Reuel),$d1892-1973."),
            ("245", "10$aTitle."),
            ("260", "  $aLondon :$bPenguin,$c[1985?], c1984."),
            ("490", "1 $aPenguin classics ;$v12"),
            ("520", "  $aFirst.$bMore."),
            ("520", "  $aSecond."),
            ("650", " 0$aWhales$zArctic Ocean$vFiction."),
            ("650", " 7$aWhales$zArctic Ocean$vFiction$2fast"),
            ("653", "  $asea$aships"),
            ("700", "1 $aWoolf, Virginia,$eeditor."),
            ("856", "42$uhttp://example.org/review"),
            ("856", "40$uhttps://example.org/ark:/12345/x1?view"),
        ],
    ));
    let expected = Record {
        id: "ocm7".into(),
        title: "Title".into(),
        creator: vec!["Tolkien, J. R. R. (John Ronald Reuel)".into(), "Woolf, Virginia".into()],
        subjects: ["Whales -- Arctic Ocean -- Fiction", "sea", "ships", "Penguin classics ; 12"]
            .map(str::to_owned)
            .to_vec(),
        date: Some("1985".into()),
        language: Some("eng".into()),
        identifiers: ["0140449132", "PR6045.O72 O7", "823/.912", "ark:/12345/x1"]
            .map(str::to_owned)
            .to_vec(),
        summary: Some("First. More. Second.".into()),
        url: Some("https://example.org/ark:/12345/x1?view".into()),
    };
    assert_eq!(record, expected);
}
