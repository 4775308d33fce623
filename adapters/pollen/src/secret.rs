//! The secrets of networks: of the environment, else of a file beside the settings.

use anyhow::Context;
use std::io::Read as _;
use std::path::Path;

/// Bytes of a secret's file that are read: more than any token or password has.
const BYTES_MAX: u64 = 4_096;

/// A secret, without the space around it; `None` if there is neither the variable nor the file.
///
/// # Errors
/// If the file cannot be read.
pub(crate) fn read(variable: &str, path: &Path) -> anyhow::Result<Option<String>> {
    if let Ok(secret) = std::env::var(variable) {
        return Ok(Some(secret.trim().to_owned()));
    }
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| cannot(path)),
    };
    let mut text = String::new();
    file.take(BYTES_MAX).read_to_string(&mut text).with_context(|| cannot(path))?;
    Ok(Some(text.trim().to_owned()))
}

fn cannot(path: &Path) -> String {
    format!("{} cannot be read", path.display())
}
