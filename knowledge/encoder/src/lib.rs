//! Turns a short text into a vector, so that texts that mean the same lie near each other, whatever their words.
//!
//! The one that ships with the program is a small transformer in 4 and 8 bit that runs on one core, offline, without
//! unsafe code of ours. Others are opened from a folder, or made from what the model hubs have. Reading order: [`Encoder`], `network` (the transformer),
//! `matrix` and `lanes` (its arithmetic), `tokens` and `pieces` (from text to numbers), `file` (the format), `convert` (from the hubs' format).

pub mod convert;
mod eighths;
mod error;
mod file;
mod folder;
mod lanes;
mod matrix;
mod network;
mod pieces;
mod tokens;

use std::path::Path;
use std::sync::{Arc, LazyLock};

pub use eighths::products;
pub use error::Error;
pub use folder::{Origin, origin};

/// The pieces of a text that are looked at; what comes after is cut off. A paragraph of about 90 English words: a longer
/// text means so much that its vector means little, and is better taken apart.
pub const MAX_TOKENS: usize = 128;

/// A text encoder. Cloning it copies a pointer; threads may share it.
#[derive(Clone, Debug)]
pub struct Encoder {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    identity: String,
    question: String,
    passage: String,
    vocabulary: tokens::Vocabulary,
    network: network::Network,
}

/// What a text is, for encoders that make a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// What somebody asks.
    Question,
    /// What is found: an entry's phrasing, a passage.
    Passage,
}

/// What a text means: numbers whose squares add up to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector(Vec<f32>);

impl Encoder {
    /// Returns the encoder that ships with the program, multilingual-e5-small. The first call of a
    /// process reads it, in a millisecond or two.
    pub fn shipped() -> Encoder {
        static SHIPPED: LazyLock<Encoder> = LazyLock::new(|| {
            Encoder::from_program(
                include_bytes!("../models/multilingual-e5-small/model.safetensors"),
                include_str!("../models/multilingual-e5-small/model.toml"),
            )
        });
        SHIPPED.clone()
    }

    /// Reads what is part of the program; that this can be done is tested.
    fn from_program(file: &'static [u8], settings: &str) -> Encoder {
        match (file::read_shipped(file), folder::Settings::read(settings)) {
            (Ok(contents), Ok(settings)) => Encoder::new(contents, settings),
            (Err(reason), _) => unreachable!("a shipped encoder can't be read: {reason}"),
            (_, Err(reason)) => {
                unreachable!("a shipped encoder's settings can't be read: {reason}")
            }
        }
    }

    /// Opens the encoder of a folder with a `model.toml`, whose `file` must have the `sha256` that stands there.
    ///
    /// ```toml
    /// file = "model.safetensors"
    /// sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    /// # Where they are to be others than those in the file:
    /// question = "query: "
    /// passage = "passage: "
    /// ```
    ///
    /// # Errors
    ///
    /// If a file is missing, isn't the one that is named, or is no encoder that this program knows.
    pub fn open(folder: &Path) -> Result<Encoder, Error> {
        let (contents, settings) = folder::open(folder)?;
        Ok(Encoder::new(contents, settings))
    }

    fn new(contents: file::Contents, settings: folder::Settings) -> Encoder {
        let file::Contents { name, question, passage, vocabulary, network } = contents;
        let inner = Inner {
            identity: format!("{name}@{}", &settings.sha256[..16]),
            question: settings.question.unwrap_or(question),
            passage: settings.passage.unwrap_or(passage),
            vocabulary,
            network,
        };
        Encoder { inner: Arc::new(inner) }
    }

    /// Returns what names this encoder and no other: its name and the beginning of its file's checksum. Vectors of
    /// encoders with different identities must not be compared.
    pub fn identity(&self) -> &str {
        &self.inner.identity
    }

    /// Returns how many numbers its vectors have.
    pub fn width(&self) -> usize {
        self.inner.network.width()
    }

    /// Returns what a text means; of a long one its first [`MAX_TOKENS`] pieces count. The same text gives the same vector
    /// each time; on another kind of processor the last digits may differ.
    pub fn encode(&self, text: &str, side: Side) -> Vector {
        Vector(self.inner.network.vector(&self.tokens(text, side)))
    }

    /// Returns into how many pieces a text is taken, with what stands before it and after it: what encoding it costs.
    pub fn count(&self, text: &str, side: Side) -> usize {
        self.tokens(text, side).len()
    }

    fn tokens(&self, text: &str, side: Side) -> Vec<u32> {
        let before = match side {
            Side::Question => &self.inner.question,
            Side::Passage => &self.inner.passage,
        };
        let most = MAX_TOKENS.min(self.inner.network.places());
        if before.is_empty() {
            return self.inner.vocabulary.tokens(text, most);
        }
        self.inner.vocabulary.tokens(&format!("{before}{text}"), most)
    }
}

impl Vector {
    /// Takes numbers, as a cache has kept them, and brings them to length 1.
    pub fn new(numbers: Vec<f32>) -> Vector {
        Vector(network::unit(numbers))
    }

    /// Returns what several texts mean together, each as much as the others; `None` of none.
    pub fn together(vectors: &[Vector]) -> Option<Vector> {
        let mut all = vectors.first()?.0.clone();
        for vector in &vectors[1..] {
            all.iter_mut().zip(&vector.0).for_each(|(all, number)| *all += number);
        }
        Some(Vector::new(all))
    }

    /// Returns the numbers.
    pub fn numbers(&self) -> &[f32] {
        &self.0
    }

    /// Returns how alike two meanings are: 1 for the same, about 0 for what has nothing in common. Each encoder has a
    /// scale of its own in between.
    pub fn similarity(&self, other: &Vector) -> f32 {
        self.0.iter().zip(&other.0).map(|(one, other)| one * other).sum()
    }
}
