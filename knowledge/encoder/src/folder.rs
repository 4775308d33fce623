//! Encoders in folders, with a `model.toml`.

use std::fs;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::file::{self, Contents};

/// What `model.toml` says.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The file with the weights, beside `model.toml`.
    pub(crate) file: String,
    /// Its checksum, 64 digits and small letters.
    pub(crate) sha256: String,
    /// What stands before a question, if it is not what the file says.
    pub(crate) question: Option<String>,
    /// What stands before a passage, if it is not what the file says.
    pub(crate) passage: Option<String>,
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
}

/// Reads a folder's encoder.
pub(crate) fn open(folder: &Path) -> Result<(Contents, Settings), Error> {
    let path = folder.join("model.toml");
    let text =
        fs::read_to_string(&path).map_err(|source| Error::Unread { path: path.clone(), source })?;
    let settings = Settings::read(&text).map_err(|source| Error::Settings { path, source })?;
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

/// Returns a checksum in digits and small letters.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
