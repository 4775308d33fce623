//! What texts mean: they are near each other though they may share no word.
//!
//! The texts that answer are encoded when a generation is built and kept beside its words
//! (`kept`); a question is encoded when it is asked, and held against all of them (`near`).

mod generic;
pub(crate) mod kept;
pub(crate) mod near;
pub(crate) mod passages;

pub(crate) use generic::GENERIC;

use encoder::Encoder;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What encodes texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The encoder that ships with the program.
    #[default]
    Shipped,
    /// The one in a folder, as [`Encoder::open`] takes it.
    Folder(PathBuf),
    /// None: what shares no word with the question is not found.
    Without,
}

impl Encoding {
    /// Whether the encoder can be opened.
    ///
    /// # Errors
    /// [`encoder::Error`] names the place and the mend.
    pub fn check(&self) -> Result<(), encoder::Error> {
        self.open().map(|_| ())
    }

    /// Opens the encoder; `None` for none.
    pub(crate) fn open(&self) -> Result<Option<Encoder>, encoder::Error> {
        Ok(match self {
            Encoding::Shipped => Some(Encoder::shipped()),
            Encoding::Folder(folder) => Some(Encoder::open(folder)?),
            Encoding::Without => None,
        })
    }
}
