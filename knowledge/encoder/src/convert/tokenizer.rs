//! How text is taken apart, and that it is one of the two ways that `tokens` knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;
use serde::Deserialize;
use serde_json::Value;

use super::charsmap;
use super::{OTHER, need_json};
use crate::error::Error;
use crate::tokens::{MAX_WORD, WORD_START};

/// The file of the vocabulary.
pub(super) const FILE: &str = "tokenizer.json";

/// Rows of the words that stand for no piece of text: begin, end, unknown.
pub(super) const APART: usize = 3;

/// Pieces, at most: four times the largest vocabulary of encoders of these kinds.
const PIECES_MAX: usize = 1_000_000;

/// A vocabulary with the numbers that its makers gave.
#[derive(Debug)]
pub(super) struct Tokenizer {
    /// By their bytes: the number of each, and its score where it has one.
    pieces: Vec<(String, u32, f32)>,
    apart: [u32; APART],
    is_unigram: bool,
}

#[derive(Deserialize)]
struct Written {
    normalizer: Option<Value>,
    pre_tokenizer: Option<Value>,
    post_processor: Option<Value>,
    #[serde(default)]
    added_tokens: Vec<Added>,
    model: Model,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    #[serde(default)]
    special: bool,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: Option<String>,
    unk_token: Option<String>,
    unk_id: Option<u32>,
    continuing_subword_prefix: Option<String>,
    max_input_chars_per_word: Option<usize>,
    #[serde(default)]
    byte_fallback: bool,
    vocab: Vocab,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vocab {
    Scored(Vec<(String, f32)>),
    Numbered(BTreeMap<String, u32>),
}

impl Tokenizer {
    pub(super) fn read(folder: &Path) -> Result<Tokenizer, Error> {
        let (path, written) = need_json::<Written>(folder, FILE)?;
        Tokenizer::of(written).map_err(|met| Error::unfit(&path, met, OTHER))
    }

    fn of(written: Written) -> Result<Tokenizer, String> {
        let Written { normalizer, pre_tokenizer, post_processor, added_tokens, model } = written;
        let (normalizer, pre_tokenizer) = (parts(normalizer), parts(pre_tokenizer));
        let (begin, end) = around(post_processor.as_ref())?;
        let kind = model.kind.as_deref().unwrap_or("of a kind that is not named");
        let (all, unknown, is_unigram) = match (kind, model.vocab) {
            ("WordPiece", Vocab::Numbered(vocab)) => {
                is_berts(&normalizer, &pre_tokenizer)?;
                let prefix = model.continuing_subword_prefix.as_deref();
                if prefix.is_some_and(|prefix| prefix != "##") {
                    return Err("pieces inside a word do not begin with ##".to_owned());
                }
                if model.max_input_chars_per_word.is_some_and(|most| most != MAX_WORD) {
                    return Err(format!("words of {MAX_WORD} characters are not its longest"));
                }
                let unknown = model.unk_token.as_deref().and_then(|piece| vocab.get(piece));
                let unknown = unknown.copied();
                let all: Vec<_> =
                    vocab.into_iter().map(|(piece, number)| (piece, number, 0.0)).collect();
                (all, unknown, false)
            }
            ("Unigram", Vocab::Scored(vocab)) => {
                is_sentence_pieces(&normalizer, &pre_tokenizer)?;
                if model.byte_fallback {
                    return Err("what is unknown is taken apart into bytes".to_owned());
                }
                let numbered = vocab.into_iter().zip(0..);
                let all = numbered.map(|((piece, score), number)| (piece, number, score));
                (all.collect(), model.unk_id, true)
            }
            (other, Vocab::Scored(_) | Vocab::Numbered(_)) => {
                return Err(format!(
                    "its vocabulary is {other}, and only WordPiece and Unigram are known"
                ));
            }
        };
        let unknown = unknown.ok_or("it has no piece for what is unknown")?;
        let apart = [begin, end, unknown];
        let pieces = kept(all, &added_tokens, apart)?;
        Ok(Tokenizer { pieces, apart, is_unigram })
    }

    /// Returns what our files call it.
    pub(super) fn kind(&self) -> &'static str {
        if self.is_unigram { "unigram" } else { "wordpiece" }
    }

    /// Returns the makers' numbers of our rows: of the pieces, then of begin, end and unknown.
    pub(super) fn order(&self) -> Vec<u32> {
        let pieces = self.pieces.iter().map(|(_, number, _)| *number);
        pieces.chain(self.apart).collect()
    }

    /// Returns the pieces, one after another, and where each ends.
    pub(super) fn pieces(&self) -> (Vec<u8>, Vec<u32>) {
        let mut bytes = Vec::new();
        let ends = self.pieces.iter().map(|(piece, ..)| {
            bytes.extend_from_slice(piece.as_bytes());
            bytes.len() as u32
        });
        let ends = ends.collect();
        (bytes, ends)
    }

    /// Returns the pieces' scores, where they have any.
    pub(super) fn scores(&self) -> Option<Vec<f32>> {
        self.is_unigram.then(|| self.pieces.iter().map(|(_, _, score)| *score).collect())
    }
}

/// The pieces that a text can be taken apart into, sorted by their bytes.
fn kept(
    mut all: Vec<(String, u32, f32)>,
    added: &[Added],
    apart: [u32; APART],
) -> Result<Vec<(String, u32, f32)>, String> {
    if all.len() > PIECES_MAX {
        return Err(format!("{} pieces, and {PIECES_MAX} at most are known", all.len()));
    }
    let marks = |text: &str| {
        text.starts_with(['<', '[']) || text.ends_with(['>', ']']) || text.contains("NOTUSED")
    };
    if let Some(word) = added.iter().find(|token| !token.special && !marks(&token.content)) {
        return Err(format!("{:?} is looked for before anything else", word.content));
    }
    let never: BTreeSet<&str> = added.iter().map(|token| token.content.as_str()).collect();
    let ids: BTreeSet<u32> = added.iter().map(|token| token.id).chain(apart).collect();
    all.retain(|(piece, number, _)| {
        !piece.is_empty() && !ids.contains(number) && !never.contains(piece.as_str())
    });
    if let Some((piece, _, score)) = all.iter().find(|(_, _, score)| !score.is_finite()) {
        return Err(format!("{piece:?} has the score {score}"));
    }
    // The bytes of UTF-8 are sorted as the texts are; of two that are alike the first counts.
    all.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.cmp(&other.1)));
    all.dedup_by(|later, first| later.0 == first.0);
    Ok(all)
}

/// The steps of a normalizer or a pre-tokenizer, with those of a sequence one by one.
fn parts(of: Option<Value>) -> Vec<Value> {
    let Some(of) = of.filter(|of| !of.is_null()) else { return Vec::new() };
    if kind(&of) != "Sequence" {
        return vec![of];
    }
    let inside = of.get("normalizers").or_else(|| of.get("pretokenizers"));
    let inside = inside.and_then(Value::as_array).cloned().unwrap_or_default();
    inside.into_iter().flat_map(|part| parts(Some(part))).collect()
}

fn kind(of: &Value) -> &str {
    of.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Whether text is taken apart as BERT's own program without capitals does.
fn is_berts(normalizer: &[Value], pre_tokenizer: &[Value]) -> Result<(), String> {
    let [bert] = normalizer else { return Err("its normalizer is not BERT's".to_owned()) };
    if kind(bert) != "BertNormalizer" {
        return Err(format!("its normalizer is {}, and not BERT's", kind(bert)));
    }
    let set = |key: &str| bert.get(key).and_then(Value::as_bool);
    if set("lowercase") != Some(true) || set("strip_accents") == Some(false) {
        let why = "capitals or accents count in it, and only vocabularies without them are known";
        return Err(why.to_owned());
    }
    if set("clean_text") == Some(false) || set("handle_chinese_chars") == Some(false) {
        return Err("its normalizer leaves out a part of BERT's".to_owned());
    }
    match pre_tokenizer {
        [one] if kind(one) == "BertPreTokenizer" => Ok(()),
        _ => Err("words are not told apart as BERT's are".to_owned()),
    }
}

/// Whether text is taken apart as SentencePiece does in its usual way.
fn is_sentence_pieces(normalizer: &[Value], pre_tokenizer: &[Value]) -> Result<(), String> {
    let mut composed = false;
    for part in normalizer {
        match kind(part) {
            "Precompiled" => {
                let map = part.get("precompiled_charsmap").and_then(Value::as_str);
                let map = base64::engine::general_purpose::STANDARD.decode(map.unwrap_or_default());
                if !map.is_ok_and(|map| charsmap::is_usual(&map)) {
                    return Err("its `precompiled_charsmap` is not the usual one, nmt_nfkc, by \
                                what it makes of some characters"
                        .to_owned());
                }
                composed = true;
            }
            "NFKC" => composed = true,
            "Nmt" | "Strip" => {}
            "Replace" if is_of_spaces(part) => {}
            other => return Err(format!("its normalizer has {other}, which is not known")),
        }
    }
    if !composed {
        return Err("its normalizer does not bring text to its compatible form (NFKC)".to_owned());
    }
    let metaspace = match pre_tokenizer {
        [one] => one,
        [first, one] if kind(first) == "WhitespaceSplit" => one,
        _ => return Err("words are not told apart as SentencePiece's are".to_owned()),
    };
    let said = |key: &str| metaspace.get(key).filter(|value| !value.is_null());
    let usual = kind(metaspace) == "Metaspace"
        && said("replacement").and_then(Value::as_str) == Some(WORD_START.to_string().as_str())
        && said("add_prefix_space").is_none_or(|set| set.as_bool() == Some(true))
        && said("prepend_scheme").is_none_or(|set| set.as_str() == Some("always"))
        && said("split").is_none_or(|set| set.as_bool() == Some(true));
    usual.then_some(()).ok_or_else(|| "words do not begin as SentencePiece's do".to_owned())
}

/// Whether a step only makes spaces of spaces.
fn is_of_spaces(replace: &Value) -> bool {
    let pattern = replace.get("pattern");
    let pattern = pattern.and_then(|of| of.get("Regex").or_else(|| of.get("String")));
    let content = replace.get("content").and_then(Value::as_str);
    pattern.and_then(Value::as_str).is_some_and(|p| matches!(p, " {2,}" | " " | "\n" | "\r" | "\t"))
        && content.is_some_and(|content| matches!(content, " " | "\u{2581}"))
}

/// The numbers of what stands before and behind a text.
fn around(post_processor: Option<&Value>) -> Result<(u32, u32), String> {
    let unknown = || "what stands before and behind a text is not one piece each".to_owned();
    let of = post_processor.ok_or_else(unknown)?;
    let pair = |key: &str| of.get(key)?.get(1)?.as_u64()?.try_into().ok();
    let found = match kind(of) {
        "BertProcessing" | "RobertaProcessing" => pair("cls").zip(pair("sep")),
        "TemplateProcessing" => template(of),
        _ => None,
    };
    found.ok_or_else(unknown)
}

fn template(of: &Value) -> Option<(u32, u32)> {
    let [begin, text, end] = of.get("single")?.as_array()?.as_slice() else { return None };
    text.get("Sequence")?;
    let number = |token: &Value| {
        let name = token.get("SpecialToken")?.get("id")?.as_str()?;
        let [number] = of.get("special_tokens")?.get(name)?.get("ids")?.as_array()?.as_slice()
        else {
            return None;
        };
        number.as_u64()?.try_into().ok()
    };
    Some((number(begin)?, number(end)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::Pieces;
    use crate::tokens::Vocabulary;

    fn tiny(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tiny").join(name)
    }

    /// What `tokenizers` makes of texts, which are chosen to be hard, is what is made of them here.
    fn agrees(name: &str, most: usize) {
        let read = Tokenizer::read(&tiny(name)).unwrap();
        let (bytes, ends) = read.pieces();
        let pieces = Pieces::new(bytes.into(), ends).unwrap();
        let vocabulary = match read.scores() {
            Some(scores) => Vocabulary::unigram(pieces, scores),
            None => Vocabulary::wordpiece(pieces),
        };
        let apart = match read.scores() {
            Some(_) => ["<s>", "</s>", "<unk>"],
            None => ["[CLS]", "[SEP]", "[UNK]"],
        };
        let named: Vec<&str> =
            read.pieces.iter().map(|(piece, ..)| piece.as_str()).chain(apart).collect();
        let golden = std::fs::read_to_string(tiny(name).join("golden.tsv")).unwrap();
        for line in golden.lines() {
            let mut columns = line.split('\t');
            let text: String = serde_json::from_str(columns.next().unwrap()).unwrap();
            let expected: Vec<String> = serde_json::from_str(columns.next().unwrap()).unwrap();
            let found = vocabulary.tokens(&text, most);
            let found: Vec<&str> = found.iter().map(|number| named[*number as usize]).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn word_pieces_are_those_of_their_makers_program() {
        agrees("wordpiece", 40);
    }

    #[test]
    fn pieces_of_a_unigram_vocabulary_are_those_of_their_makers_program() {
        agrees("unigram", 40);
    }

    #[test]
    fn a_map_of_characters_is_the_usual_one_or_another() {
        let map = |name: &str| {
            let text = std::fs::read_to_string(tiny(name)).unwrap();
            base64::engine::general_purpose::STANDARD.decode(text.trim()).unwrap()
        };
        let usual = map("charsmap");
        assert!(charsmap::is_usual(&usual));
        assert!(!charsmap::is_usual(&map("charsmap-folding")));
        for cut in 0..usual.len() {
            charsmap::is_usual(&usual[..cut]);
        }
        assert!(!charsmap::is_usual(b""));
    }
}
