//! Makes an encoder of ours, in 8 bit, out of one that lies in a folder as the model hubs have them.
//!
//! What is read of such a folder (the layout of Hugging Face's `transformers` and `sentence-transformers`):
//!
//! | file | what is taken from it |
//! |---|---|
//! | `config.json` | the network: BERT or (XLM-)RoBERTa, its width, layers, heads and places |
//! | `tokenizer.json` | how text is taken apart: WordPiece or Unigram, its pieces and their scores |
//! | `model.safetensors` | the numbers, in 32 or 16 bit |
//! | `modules.json`, `1_Pooling/config.json` | that the vector is the mean of the pieces', and nothing comes after |
//! | `sentence_bert_config.json` | that texts are taken as they are |
//! | `config_sentence_transformers.json` | what stands before a question and before a passage |
//!
//! The last four may be missing. Whatever is met that this program does not do as their makers' does is refused, for a
//! vector that is almost right finds almost the right thing. Numbers are read and written row by row: a model of a
//! gigabyte needs a few megabytes.

mod charsmap;
mod config;
mod tokenizer;
mod weights;
mod written;

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::folder::{Origin, Settings, digits};
use config::{Around, Config};
use sha2::{Digest, Sha256};
use tokenizer::Tokenizer;
use weights::Weights;
use written::{Form, Writer};

/// The small files that must be there.
pub const NEEDED: [&str; 2] = [config::NETWORK, tokenizer::FILE];

/// The small files that count if they are there.
pub const COUNTED: [&str; 4] = [config::MODULES, config::POOLING, config::TEXTS, config::PROMPTS];

/// The file with the numbers.
pub const WEIGHTS: &str = "model.safetensors";

/// Bytes of a small file that are read: three times the largest vocabulary's.
pub const SMALL_BYTES_MAX: u64 = 64 << 20;

/// Returns whether a folder holds an encoder as the hubs have them, and none of ours.
pub fn is_theirs(folder: &Path) -> bool {
    !folder.join(crate::folder::SETTINGS).exists() && folder.join(config::NETWORK).exists()
}

/// Returns whether an encoder of ours has been made into a folder, and was finished.
pub fn is_made(folder: &Path) -> bool {
    folder.join(crate::folder::SETTINGS).exists()
}

/// Makes an encoder of ours count as not made.
///
/// # Errors
///
/// [`Error::Unwritten`].
pub fn discard(folder: &Path) -> Result<(), Error> {
    let path = folder.join(crate::folder::SETTINGS);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::unwritten(&path, source))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Reads the small files of a folder, so that what cannot be taken is known before its weights are fetched.
///
/// # Errors
///
/// [`Error::Unread`], and [`Error::Unfit`] for what this program does not do as its makers' does.
pub fn check(folder: &Path) -> Result<(), Error> {
    Small::read(folder).map(|_| ())
}

/// Makes the encoder of a folder as the hubs have them into the folder `into`, which is made. It is whole as soon as its
/// `model.toml` is there; what lay there before is replaced. `name` is what it is called, and decides with the makers'
/// own prompts what stands before a question and a passage. `progress` is told how many bytes of how many are written.
///
/// # Errors
///
/// [`Error::Unread`] and [`Error::Unfit`] as [`check`], also for what is wrong with the weights; [`Error::Unwritten`].
pub fn convert(
    from: &Path,
    into: &Path,
    name: &str,
    origin: Option<Origin>,
    progress: &dyn Fn(u64, u64),
) -> Result<(), Error> {
    let small = Small::read(from)?;
    let weights = Weights::open(&from.join(WEIGHTS))?;
    fs::create_dir_all(into).map_err(|source| Error::unwritten(into, source))?;
    let (question, passage) = small.around.before(name);
    let part = into.join(format!("{FILE}.part"));
    let written = write(&small, &weights, &part, [name, &question, &passage], progress);
    if written.is_err() {
        // Nothing can be done about a file that stays; the next time it is overwritten.
        let _ = fs::remove_file(&part);
    }
    written?;
    let sha256 = checksum(&part)?;
    let file = into.join(FILE);
    fs::rename(&part, &file).map_err(|source| Error::unwritten(&file, source))?;
    let (question, passage) = (Some(question), Some(passage));
    Settings { file: FILE.to_owned(), sha256, question, passage, from: origin }.write(into)
}

/// The file that is made, beside its `model.toml`.
const FILE: &str = "encoder.safetensors";

/// What the small files say.
struct Small {
    config: Config,
    around: Around,
    tokenizer: Tokenizer,
    /// Where the tokenizer stands, for what its numbers may be wrong about.
    path: PathBuf,
}

impl Small {
    fn read(folder: &Path) -> Result<Small, Error> {
        let config = Config::read(folder)?;
        let around = Around::read(folder)?;
        let tokenizer = Tokenizer::read(folder)?;
        // A vocabulary of words without capitals does that by itself.
        if around.lower_case && tokenizer.scores().is_some() {
            let met = "texts are brought to lower case before they are taken apart".to_owned();
            return Err(Error::unfit(&folder.join(config::TEXTS), met, OTHER));
        }
        Ok(Small { config, around, tokenizer, path: folder.join(tokenizer::FILE) })
    }
}

fn write(
    small: &Small,
    weights: &Weights,
    path: &Path,
    [name, question, passage]: [&str; 3],
    progress: &dyn Fn(u64, u64),
) -> Result<(), Error> {
    let Small { config, tokenizer, .. } = small;
    let order = tokenizer.order();
    let rows = weights.rows("embeddings.word_embeddings.weight", config.width)?;
    if let Some(number) = order.iter().find(|number| **number as usize >= rows) {
        let met = format!("it gives a piece the number {number}, and the weights have {rows} rows");
        return Err(Error::unfit(&small.path, met, "fetch both from one place"));
    }
    let about = [
        ("name", name),
        ("vocabulary", tokenizer.kind()),
        ("layers", &config.layers.to_string()),
        ("heads", &config.heads.to_string()),
        ("epsilon", &config.epsilon.to_string()),
        ("question", question),
        ("passage", passage),
    ];
    let writer = Writer::create(path, &about, &forms(config, tokenizer), progress)?;
    let (bytes, ends) = tokenizer.pieces();
    writer.write("vocabulary.pieces", &bytes)?;
    writer.write("vocabulary.ends", bytemuck::cast_slice(&ends))?;
    if let Some(scores) = tokenizer.scores() {
        writer.numbers("vocabulary.scores", &scores)?;
    }
    let of_words = order.iter().map(|number| *number as usize);
    let words = "embeddings.word_embeddings.weight";
    writer.matrix("words", &mut weights.some(words, config.width, of_words)?)?;
    let positions = "embeddings.position_embeddings.weight";
    let places = config.before_first_place..config.before_first_place + config.places;
    let places = weights.some(positions, config.width, places)?;
    writer.numbers("positions", &places.collect::<Result<Vec<_>, _>>()?.concat())?;
    let kind = "embeddings.token_type_embeddings.weight";
    let first = weights.some(kind, config.width, 0..1)?;
    writer.numbers("kind", &first.collect::<Result<Vec<_>, _>>()?.concat())?;
    norm(&writer, weights, "norm", "embeddings.LayerNorm", config.width)?;
    (0..config.layers).try_for_each(|at| layer(&writer, weights, config, at))?;
    writer.finish()
}

/// A matrix of a layer, and which of theirs stand in it, one after the other.
struct Dense {
    ours: &'static str,
    theirs: &'static [&'static str],
    rows: usize,
    columns: usize,
}

fn matrices(config: &Config) -> [Dense; 4] {
    let (width, wide) = (config.width, config.wide);
    let three = &["attention.self.query", "attention.self.key", "attention.self.value"];
    let dense = |ours, theirs, rows, columns| Dense { ours, theirs, rows, columns };
    [
        dense("gather", three, 3 * width, width),
        dense("mix", &["attention.output.dense"], width, width),
        dense("widen", &["intermediate.dense"], wide, width),
        dense("narrow", &["output.dense"], width, wide),
    ]
}

/// What follows the matrices of a layer, ours and theirs.
const NORMS: [(&str, &str); 2] =
    [("mixed", "attention.output.LayerNorm"), ("done", "output.LayerNorm")];

fn layer(writer: &Writer<'_>, weights: &Weights, config: &Config, at: usize) -> Result<(), Error> {
    let theirs = format!("encoder.layer.{at}");
    for dense in matrices(config) {
        let ours = format!("{at}.{}", dense.ours);
        let rows = dense.rows / dense.theirs.len();
        let mut shifts = Vec::new();
        let mut parts = Vec::new();
        for part in dense.theirs {
            let name = format!("{theirs}.{part}.weight");
            parts.push(weights.all(&name, rows, dense.columns)?);
            shifts.extend(weights.vector(&format!("{theirs}.{part}.bias"), rows)?);
        }
        writer.matrix(&ours, &mut parts.into_iter().flatten())?;
        writer.numbers(&format!("{ours}.shift"), &shifts)?;
    }
    for (ours, part) in NORMS {
        norm(writer, weights, &format!("{at}.{ours}"), &format!("{theirs}.{part}"), config.width)?;
    }
    Ok(())
}

fn norm(
    writer: &Writer<'_>,
    weights: &Weights,
    ours: &str,
    theirs: &str,
    width: usize,
) -> Result<(), Error> {
    writer
        .numbers(&format!("{ours}.gain"), &weights.vector(&format!("{theirs}.weight"), width)?)?;
    writer.numbers(&format!("{ours}.shift"), &weights.vector(&format!("{theirs}.bias"), width)?)
}

/// All tensors of the file that is made, as [`crate::file`] has them.
fn forms(config: &Config, tokenizer: &Tokenizer) -> Vec<Form> {
    let Config { width, layers, .. } = *config;
    let (bytes, ends) = tokenizer.pieces();
    let mut forms = vec![
        Form::bytes("vocabulary.pieces", bytes.len()),
        Form::counts("vocabulary.ends", ends.len()),
        Form::numbers("positions", config.places * width),
        Form::numbers("kind", width),
    ];
    if tokenizer.scores().is_some() {
        forms.push(Form::numbers("vocabulary.scores", ends.len()));
    }
    forms.extend(Form::matrix("words", ends.len() + tokenizer::APART, width));
    forms.extend(Form::norm("norm", width));
    for at in 0..layers {
        for Dense { ours, rows, columns, .. } in matrices(config) {
            forms.extend(Form::matrix(&format!("{at}.{ours}"), rows, columns));
            forms.push(Form::numbers(&format!("{at}.{ours}.shift"), rows));
        }
        for (ours, _) in NORMS {
            forms.extend(Form::norm(&format!("{at}.{ours}"), width));
        }
    }
    forms
}

/// The checksum of a file, which is read piece by piece.
fn checksum(path: &Path) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    let copied = fs::File::open(path).and_then(|mut file| std::io::copy(&mut file, &mut hasher));
    copied.map_err(|source| Error::Unread { path: path.to_path_buf(), source })?;
    Ok(digits(&hasher.finalize()))
}

/// Reads a small file; `None` if it is not there.
fn read_small(folder: &Path, name: &str) -> Result<Option<(PathBuf, Vec<u8>)>, Error> {
    use std::io::Read as _;
    let path = folder.join(name);
    let mut bytes = Vec::new();
    let read = fs::File::open(&path)
        .and_then(|file| file.take(SMALL_BYTES_MAX + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > SMALL_BYTES_MAX => {
            let met = format!("it is longer than {} MB", SMALL_BYTES_MAX >> 20);
            Err(Error::unfit(&path, met, OTHER))
        }
        Ok(_) => Ok(Some((path, bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Unread { path, source }),
    }
}

/// Reads a small file of JSON; `None` if it is not there.
fn read_json<T: serde::de::DeserializeOwned>(
    folder: &Path,
    name: &str,
) -> Result<Option<(PathBuf, T)>, Error> {
    let Some((path, bytes)) = read_small(folder, name)? else { return Ok(None) };
    match serde_json::from_slice(&bytes) {
        Ok(read) => Ok(Some((path, read))),
        Err(error) => Err(Error::unfit(&path, format!("it cannot be read ({error})"), OTHER)),
    }
}

/// Reads a small file of JSON that must be there.
fn need_json<T: serde::de::DeserializeOwned>(
    folder: &Path,
    name: &str,
) -> Result<(PathBuf, T), Error> {
    read_json(folder, name)?.ok_or_else(|| {
        let met = "it is not there, and without it nothing can be made of the weights".to_owned();
        Error::unfit(&folder.join(name), met, OTHER)
    })
}

/// What mends most of what is not fit.
const OTHER: &str = "name another encoder, like intfloat/multilingual-e5-base";
