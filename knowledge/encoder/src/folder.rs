//! Encoders in folders, with a `model.toml`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::file::{self, Contents};

/// What `model.toml` says.
#[derive(Debug, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The file with the weights, beside `model.toml`.
    pub(crate) file: String,
    /// Its checksum, 64 digits and small letters.
    pub(crate) sha256: String,
    /// What stands before a question, if it is not what the file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) question: Option<String>,
    /// What stands before a passage, if it is not what the file says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passage: Option<String>,
    /// Where it comes from, if it was made from what a hub has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Origin>,
}

/// Which model of a hub an encoder was made from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Its owner and name, "intfloat/multilingual-e5-base".
    pub model: String,
    /// The commit whose files were read, 40 digits.
    pub commit: String,
    /// The revisions that were asked for and led to that commit: names of branches and tags.
    pub revisions: Vec<String>,
}

/// The file that says what lies in a folder.
pub(crate) const SETTINGS: &str = "model.toml";

/// Returns where the encoder of a folder comes from; `None` if there is no encoder, or it comes from no hub.
///
/// # Errors
///
/// If its `model.toml` is there and can't be read or understood.
pub fn origin(folder: &Path) -> Result<Option<Origin>, Error> {
    match settings(folder) {
        Ok(settings) => Ok(settings.from),
        Err(Error::Unread { source, .. })
            if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

impl Origin {
    /// Writes this down as where the encoder of a folder comes from.
    ///
    /// # Errors
    ///
    /// If its `model.toml` can't be read, understood or written.
    pub fn write(self, folder: &Path) -> Result<(), Error> {
        Settings { from: Some(self), ..settings(folder)? }.write(folder)
    }
}

impl Settings {
    pub(crate) fn read(text: &str) -> Result<Settings, Box<toml::de::Error>> {
        use serde::de::Error as _;

        let settings: Settings = toml::from_str(text)?;
        let is_digit = |digit: u8| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
        if settings.sha256.len() != 64 || !settings.sha256.bytes().all(is_digit) {
            return Err(Box::new(toml::de::Error::custom("`sha256` is not 64 digits from 0 to f")));
        }
        Ok(settings)
    }

    /// Writes it, at once and as a whole.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        let (path, part) = (folder.join(SETTINGS), folder.join(format!("{SETTINGS}.part")));
        let text = toml::to_string(self).map_err(|error| {
            Error::unwritten(&path, std::io::Error::new(ErrorKind::InvalidData, error))
        })?;
        fs::write(&part, text)
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|source| Error::unwritten(&path, source))
    }
}

/// Reads a folder's encoder.
pub(crate) fn open(folder: &Path) -> Result<(Contents, Settings), Error> {
    let settings = settings(folder)?;
    let path = folder.join(&settings.file);
    let bytes = fs::read(&path).map_err(|source| Error::Unread { path: path.clone(), source })?;
    let found = sha256(&bytes);
    if found != settings.sha256 {
        return Err(Error::Checksum { path, expected: settings.sha256, found });
    }
    let contents = file::read_opened(&bytes)
        .map_err(|reason| Error::Unknown { place: path.display().to_string(), reason })?;
    Ok((contents, settings))
}

fn settings(folder: &Path) -> Result<Settings, Error> {
    let path = folder.join(SETTINGS);
    let text =
        fs::read_to_string(&path).map_err(|source| Error::Unread { path: path.clone(), source })?;
    Settings::read(&text).map_err(|source| Error::Settings { path, source })
}

/// Returns a checksum in digits and small letters.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    digits(&Sha256::digest(bytes))
}

/// Returns bytes in digits and small letters.
pub(crate) fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
