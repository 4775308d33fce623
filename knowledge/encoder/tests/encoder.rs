//! The shipped encoder against its makers' figures, and what happens to files that are damaged.

#![expect(clippy::unwrap_used, reason = "a test that fails here says where")]

use std::fs;
use std::path::{Path, PathBuf};

use encoder::{Encoder, Error, MAX_TOKENS, Side, Vector};
use sha2::Digest;

/// What 8 and 4 bit may cost: the cosine between a vector and the one in 32 bit.
const ALIKE: f32 = 0.99;

/// What it may cost beside that where a text has pieces that were left out of the vocabulary, so that there are more.
const ALIKE_IN_MORE_PIECES: f32 = 0.98;

#[test]
fn it_agrees_with_its_makers() {
    agrees(&Encoder::shipped(), include_str!("golden-e5-small.tsv"));
}

fn agrees(encoder: &Encoder, golden: &str) {
    for line in golden.lines() {
        let [side, text, pieces, numbers] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("four columns: {line}")
        };
        // Its makers say before each question that it is one; shipped, nothing is said.
        let (text, side) = match side {
            "question" => (format!("query: {text}"), Side::Question),
            _ => (text.to_owned(), Side::Passage),
        };
        let text = text.as_str();
        let numbers = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
        let alike = encoder.encode(text, side).similarity(&Vector::new(numbers));

        let (count, expected) = (encoder.count(text, side), pieces.split(' ').count());
        let least = if count > expected { ALIKE_IN_MORE_PIECES } else { ALIKE };
        assert!(alike >= least, "{alike} for {text:?}");
        assert!(count >= expected, "{count} pieces for {text:?}, not {expected}");
    }
}

#[test]
fn what_means_the_same_lies_near() {
    let encoder = Encoder::shipped();
    for asked in [
        "how long can i borrow books for",
        "combien de temps puis-je emprunter un livre",
        "本はどのくらい借りられますか",
    ] {
        let question = encoder.encode(asked, Side::Question);
        let near = encoder.encode("What is the loan period of a book?", Side::Passage);
        let far = encoder.encode("Where can I park my car?", Side::Passage);
        assert!(question.similarity(&near) > question.similarity(&far) + 0.02, "{asked}");
    }
}

#[test]
fn any_text_has_a_vector_of_length_one() {
    let long = "a very long story about a book ".repeat(10_000);
    let one_word = "x".repeat(100_000);
    let glyphs = "図".repeat(50_000);
    let encoder = Encoder::shipped();
    for text in
        ["", " \t\n", "\0\u{fffd}\u{200b}", "👩‍👩‍👧 ﷽ e\u{301}\u{301}", &long, &one_word, &glyphs]
    {
        for side in [Side::Question, Side::Passage] {
            let vector = encoder.encode(text, side);
            let length = vector.similarity(&vector);
            assert!((length - 1.0).abs() < 1e-4, "{length} for {:?}", text.get(..20));
            assert!((2..=MAX_TOKENS).contains(&encoder.count(text, side)));
        }
    }
    assert_eq!(encoder.count(&long, Side::Question), MAX_TOKENS);
}

#[test]
fn the_same_text_has_the_same_vector_in_every_thread() {
    let text = "Où est l'imprimante ?";
    let expected = Encoder::shipped().encode(text, Side::Question);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(Encoder::shipped().encode(text, Side::Question), expected));
        }
    });
}

#[test]
fn the_shipped_folder_can_be_opened_and_is_what_ships() {
    let (opened, shipped) = (Encoder::open(&shipped()).unwrap(), Encoder::shipped());
    assert_eq!(opened.identity(), shipped.identity());
    let text = "May I bring my dog?";
    assert_eq!(opened.encode(text, Side::Passage), shipped.encode(text, Side::Passage));
}

#[test]
fn a_damaged_folder_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let said = |folder: &Path| Encoder::open(folder).unwrap_err();
    assert!(matches!(said(folder), Error::Unread { path, .. } if path.ends_with("model.toml")));

    fs::write(folder.join("model.toml"), "file = 'x'\nsha256 = 'abc'").unwrap();
    assert!(matches!(said(folder), Error::Settings { .. }));

    let shipped = shipped();
    let bytes = fs::read(shipped.join("model.safetensors")).unwrap();
    let settings = fs::read_to_string(shipped.join("model.toml")).unwrap();
    fs::write(folder.join("model.toml"), &settings).unwrap();
    assert!(
        matches!(said(folder), Error::Unread { path, .. } if path.ends_with("model.safetensors"))
    );

    let cut = &bytes[..bytes.len() / 2];
    fs::write(folder.join("model.safetensors"), cut).unwrap();
    let error = said(folder);
    assert!(matches!(error, Error::Checksum { .. }), "{error}");
    assert!(error.to_string().contains("fetch it again"), "{error}");

    // With a right checksum, what is no encoder is still refused.
    for bytes in [cut, b"", b"{}", b"\x02\0\0\0\0\0\0\0{}"] {
        let checksum = sha2::Sha256::digest(bytes);
        let checksum: String = checksum.iter().map(|byte| format!("{byte:02x}")).collect();
        let settings = format!("file = 'model.safetensors'\nsha256 = '{checksum}'");
        fs::write(folder.join("model.toml"), settings).unwrap();
        fs::write(folder.join("model.safetensors"), bytes).unwrap();
        let error = said(folder);
        assert!(matches!(error, Error::Unknown { .. }), "{error}");
    }
}

#[test]
fn what_ships_fits() {
    let bytes = fs::metadata(shipped().join("model.safetensors")).unwrap().len();
    assert!(bytes < 40_000_000, "{bytes}");
}

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/multilingual-e5-small")
}
