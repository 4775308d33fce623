//! Encoders as the model hubs have them are made into ours, and what cannot be is named.

#![expect(clippy::unwrap_used, reason = "a test that fails here says where")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use encoder::{Encoder, Error, Origin, Side, Vector, convert, origin};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What 8 bit may cost an encoder whose few numbers are drawn: the cosine to the vector in 32 bit.
const ALIKE: f32 = 0.995;

const WORDPIECE: &str = "wordpiece";
const UNIGRAM: &str = "unigram";

fn tiny(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny").join(name)
}

/// A copy of one of the tiny encoders, to be changed.
fn copy(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let small = convert::NEEDED.iter().chain(&convert::COUNTED);
    for file in small.chain([&convert::WEIGHTS]).filter(|file| tiny(name).join(file).exists()) {
        let to = folder.path().join(file);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(tiny(name).join(file), to).unwrap();
    }
    folder
}

fn made(from: &Path, name: &str) -> (TempDir, Encoder) {
    let into = tempfile::tempdir().unwrap();
    convert::convert(from, into.path(), name, None, &|_, _| {}).unwrap();
    let encoder = Encoder::open(into.path()).unwrap();
    (into, encoder)
}

#[test]
fn what_is_made_agrees_with_what_their_makers_program_gets() {
    for name in [WORDPIECE, UNIGRAM] {
        let (_folder, encoder) = made(&tiny(name), name);
        let golden = fs::read_to_string(tiny(name).join("golden.tsv")).unwrap();
        for line in golden.lines() {
            let [text, pieces, numbers] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("three columns: {line}")
            };
            let text: String = serde_json::from_str(text).unwrap();
            let pieces: Vec<String> = serde_json::from_str(pieces).unwrap();
            assert_eq!(encoder.count(&text, Side::Passage), pieces.len(), "{text:?}");
            let numbers = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
            let alike = encoder.encode(&text, Side::Passage).similarity(&Vector::new(numbers));
            assert!(alike >= ALIKE, "{name}: {alike} for {text:?}");
        }
    }
}

#[test]
fn the_same_comes_of_32_and_of_16_bit_and_whatever_stands_before_the_names() {
    for (name, before) in [(WORDPIECE, ""), (UNIGRAM, "roberta.")] {
        let expected = made(&tiny(name), name).1;
        let bytes = fs::read(tiny(name).join(convert::WEIGHTS)).unwrap();
        let read = SafeTensors::deserialize(&bytes).unwrap();
        for prefix in ["", "bert.", "roberta.", "0.auto_model."] {
            let wide: BTreeMap<String, (Vec<usize>, Vec<u8>)> = read
                .iter()
                .map(|(name, tensor)| {
                    let name = name.strip_prefix(before).unwrap();
                    let halves = tensor.data().as_chunks().0;
                    let halves = halves.iter().map(|bytes| u16::from_le_bytes(*bytes));
                    let number = |bits: u16| match tensor.dtype() == Dtype::F16 {
                        true => of_half(bits),
                        false => f32::from_bits(u32::from(bits) << 16),
                    };
                    let bytes = halves.flat_map(|bits| number(bits).to_le_bytes()).collect();
                    (format!("{prefix}{name}"), (tensor.shape().to_vec(), bytes))
                })
                .collect();
            let views = wide.iter().map(|(name, (shape, bytes))| {
                (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
            });
            let folder = copy(name);
            let bytes = safetensors::serialize(views, None).unwrap();
            fs::write(folder.path().join(convert::WEIGHTS), bytes).unwrap();
            assert_eq!(made(folder.path(), name).1.identity(), expected.identity());
        }
    }
}

/// A number of 16 bit that is neither too small for an exponent nor infinite.
fn of_half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f32::from(bits & 0x3ff) / 1024.0;
    match exponent {
        0 => sign * fraction * 2.0_f32.powi(-14),
        _ => sign * (1.0 + fraction) * 2.0_f32.powi(exponent - 15),
    }
}

#[test]
fn where_it_comes_from_is_kept_and_progress_goes_to_the_end() {
    let into = tempfile::tempdir().unwrap();
    let from = Origin {
        model: "linden/tiny-e5".to_owned(),
        commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        revisions: vec!["main".to_owned()],
    };
    let told = std::cell::Cell::new((0, 1));
    let progress = |done, of| told.set((done, of));
    let name = "linden/tiny-e5";
    convert::convert(&tiny(UNIGRAM), into.path(), name, Some(from.clone()), &progress).unwrap();
    assert_eq!(told.get().0, told.get().1);
    assert_eq!(origin(into.path()).unwrap(), Some(from.clone()));
    let more = Origin { revisions: vec!["main".to_owned(), "v1".to_owned()], ..from };
    more.clone().write(into.path()).unwrap();
    assert_eq!(origin(into.path()).unwrap(), Some(more));
    assert_eq!(origin(&into.path().join("nothing")).unwrap(), None);
    let encoder = Encoder::open(into.path()).unwrap();
    assert!(encoder.identity().starts_with("linden/tiny-e5@"), "{}", encoder.identity());

    // The family of E5 was taught with a word before each text.
    let plain = made(&tiny(UNIGRAM), "plain").1;
    let asked = encoder.encode("the book", Side::Question);
    assert_eq!(asked, plain.encode("query: the book", Side::Question));
    assert_eq!(
        encoder.encode("the book", Side::Passage),
        plain.encode("passage: the book", Side::Passage)
    );
    // What the makers have written down goes before that.
    let folder = copy(UNIGRAM);
    let prompts = json!({ "prompts": { "query": "ask: ", "document": "" } });
    fs::write(folder.path().join("config_sentence_transformers.json"), prompts.to_string())
        .unwrap();
    let prompted = made(folder.path(), "linden/tiny-e5").1;
    let asked = prompted.encode("the book", Side::Question);
    assert_eq!(asked, plain.encode("ask: the book", Side::Question));
    let passage = prompted.encode("the book", Side::Passage);
    assert_eq!(passage, plain.encode("the book", Side::Passage));

    // A damaged one is not used.
    let file = into.path().join("encoder.safetensors");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    assert!(matches!(Encoder::open(into.path()), Err(Error::Checksum { .. })));
}

#[test]
fn folders_are_told_apart() {
    assert!(convert::is_theirs(&tiny(WORDPIECE)));
    assert!(!convert::is_theirs(made(&tiny(WORDPIECE), "x").0.path()));
    assert!(!convert::is_theirs(&tiny("nothing")));
}

/// Changes a file of JSON in a copy of a tiny encoder and returns what is said of it, by the check where it reads the file
/// and in any case when it is converted.
fn said(name: &str, file: &str, change: impl FnOnce(&mut Value)) -> String {
    let folder = copy(name);
    let path = folder.path().join(file);
    let mut value = fs::read(&path).map_or(Value::Null, |b| serde_json::from_slice(&b).unwrap());
    change(&mut value);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, value.to_string()).unwrap();
    let into = tempfile::tempdir().unwrap();
    let error = convert::convert(folder.path(), into.path(), "x", None, &|_, _| {}).unwrap_err();
    assert!(matches!(&error, Error::Unfit { path: at, .. } if *at == path), "{error}");
    assert_eq!(convert::check(folder.path()).unwrap_err().to_string(), error.to_string());
    assert_eq!(fs::read_dir(into.path()).unwrap().count(), 0, "nothing is left behind");
    let error = error.to_string();
    assert!(error.ends_with("; name another encoder, like intfloat/multilingual-e5-base"));
    error
}

#[test]
fn what_their_program_does_otherwise_is_refused_by_name() {
    type Change = fn(&mut Value);
    let refused: &[(&str, &str, Change, &str)] = &[
        (WORDPIECE, "config.json", |v| v["model_type"] = json!("mpnet"), "`model_type` is mpnet"),
        (WORDPIECE, "config.json", |v| v["hidden_act"] = json!("relu"), "`hidden_act` is relu"),
        (
            WORDPIECE,
            "config.json",
            |v| v["position_embedding_type"] = json!("relative_key"),
            "`position_embedding_type` is relative_key",
        ),
        (WORDPIECE, "config.json", |v| v["num_attention_heads"] = json!(3), "3 heads in a width"),
        (WORDPIECE, "config.json", |v| v["num_attention_heads"] = json!(u64::MAX), "heads in a"),
        (WORDPIECE, "config.json", |v| v["num_hidden_layers"] = json!(0), "0 layers"),
        (WORDPIECE, "config.json", |v| v["max_position_embeddings"] = json!(2), "places for 2"),
        (WORDPIECE, "config.json", |v| v["hidden_size"] = json!("x"), "it cannot be read"),
        (
            WORDPIECE,
            "1_Pooling/config.json",
            |v| v["pooling_mode_cls_token"] = json!(true),
            "its vector is the first piece's (cls), and only the mean",
        ),
        (
            WORDPIECE,
            "modules.json",
            |v| v[2] = json!({ "type": "sentence_transformers.models.Dense", "path": "2_Dense" }),
            "it has a module Dense",
        ),
        (
            UNIGRAM,
            "sentence_bert_config.json",
            |v| *v = json!({ "do_lower_case": true }),
            "texts are brought to lower case",
        ),
        (
            WORDPIECE,
            "tokenizer.json",
            |v| v["normalizer"]["lowercase"] = json!(false),
            "capitals or accents count in it",
        ),
        (
            WORDPIECE,
            "tokenizer.json",
            |v| v["model"]["type"] = json!("BPE"),
            "its vocabulary is BPE",
        ),
        (WORDPIECE, "tokenizer.json", |v| v["post_processor"] = Value::Null, "before and behind"),
        (
            UNIGRAM,
            "tokenizer.json",
            |v| v["normalizer"] = json!({ "type": "Lowercase" }),
            "its normalizer has Lowercase",
        ),
        (
            UNIGRAM,
            "tokenizer.json",
            |v| {
                let map = include_str!("tiny/charsmap-folding").trim();
                v["normalizer"] = json!({ "type": "Precompiled", "precompiled_charsmap": map });
            },
            "is not the usual one, nmt_nfkc",
        ),
        (UNIGRAM, "tokenizer.json", |v| v["model"]["unk_id"] = Value::Null, "no piece for what is"),
        (UNIGRAM, "tokenizer.json", |v| v["pre_tokenizer"] = Value::Null, "words are not told"),
    ];
    for (name, file, change, expected) in refused {
        let found = said(name, file, change);
        assert!(found.contains(expected), "{file}: {found}");
    }
}

#[test]
fn the_usual_map_of_characters_is_taken() {
    let folder = copy(UNIGRAM);
    let path = folder.path().join("tokenizer.json");
    let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let map = include_str!("tiny/charsmap").trim();
    value["normalizer"] = json!({ "type": "Precompiled", "precompiled_charsmap": map });
    fs::write(&path, value.to_string()).unwrap();
    convert::check(folder.path()).unwrap();
}

#[test]
fn weights_that_are_not_those_of_the_network_are_refused_by_name() {
    let attempt = |folder: &Path| {
        let into = tempfile::tempdir().unwrap();
        convert::convert(folder, into.path(), "x", None, &|_, _| {}).unwrap_err().to_string()
    };
    let folder = copy(WORDPIECE);
    let weights = folder.path().join(convert::WEIGHTS);
    let bytes = fs::read(&weights).unwrap();
    for cut in [0, 7, 8, 100, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&weights, &bytes[..cut]).unwrap();
        let error = attempt(folder.path());
        assert!(error.contains("model.safetensors"), "{cut}: {error}");
    }
    fs::write(&weights, [&bytes[..], b"x"].concat()).unwrap();
    let error = attempt(folder.path());
    assert!(error.contains("bytes and says that they are"), "{error}");

    fs::write(&weights, &bytes).unwrap();
    let config = folder.path().join("config.json");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"))
        .unwrap();
    let error = attempt(folder.path());
    assert!(error.contains("no tensor `encoder.layer.2.attention.self.query.weight`"), "{error}");
    fs::write(&config, text.replace("\"intermediate_size\": 64", "\"intermediate_size\": 96"))
        .unwrap();
    let error = attempt(folder.path());
    assert!(error.contains("`encoder.layer.0.intermediate.dense.weight` has 64 rows, not 96"));

    // Not a number stands in it.
    fs::write(&config, text).unwrap();
    let mut broken = bytes.clone();
    let end = broken.len();
    broken[end - 2..].copy_from_slice(&0x7e00_u16.to_le_bytes());
    fs::write(&weights, broken).unwrap();
    assert!(attempt(folder.path()).contains("holds NaN"));
    fs::remove_file(&weights).unwrap();
    assert!(attempt(folder.path()).contains("is it there"));
}
