//! The desk's password: drawn once, kept as its hash.

use anyhow::Context;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Bytes of the file that are read: a hash is a tenth of it.
const FILE_BYTES_MAX: u64 = 1_024;
/// The shortest password that is taken from a person.
const CHARS_MIN: usize = 8;
/// Letters and digits that nobody misreads: a password is read from a screen and typed.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters of a drawn password, in groups: 80 bits.
const DRAWN: usize = 16;
const GROUP: usize = 4;

/// The hash in a library's file; `None` if there is no file.
///
/// # Errors
/// If the file cannot be read, or holds no text.
pub(crate) fn read(path: &Path) -> anyhow::Result<Option<String>> {
    use std::io::Read as _;
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", path.display()));
        }
    };
    let mut text = String::new();
    file.take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Some(text.trim().to_owned()))
}

/// Writes a password's hash, for the owner of the folder alone.
///
/// # Errors
/// If it cannot be written; the one before stays then.
pub(crate) fn write(path: &Path, password: &str) -> anyhow::Result<()> {
    let hash = hash(password)?;
    let new = path.with_extension("new");
    let cannot = || format!("cannot write {}", path.display());
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&new).with_context(cannot)?;
    file.write_all(format!("{hash}\n").as_bytes()).with_context(cannot)?;
    file.sync_all().with_context(cannot)?;
    std::fs::rename(&new, path).with_context(cannot)
}

/// A password's hash.
///
/// # Errors
/// If the system has no chance to give.
pub(crate) fn hash(password: &str) -> anyhow::Result<String> {
    web::hash_password(password).context("the system has no random numbers to give")
}

/// A password that nobody guesses, `k7qm-x2df-9twa-bz4e` say.
///
/// # Errors
/// If the system has no chance to give.
pub(crate) fn draw() -> anyhow::Result<String> {
    let mut bytes = [0; DRAWN];
    getrandom::fill(&mut bytes)
        .map_err(io::Error::from)
        .context("the system has no random numbers to give")?;
    let letters: Vec<char> =
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let groups: Vec<String> = letters.chunks(GROUP).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// Whether a person's own password is long enough.
pub(crate) fn is_long(password: &str) -> bool {
    password.chars().count() >= CHARS_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_drawn_and_kept_as_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk-password");
        assert_eq!(read(&path).unwrap(), None);
        let password = draw().unwrap();
        assert_eq!(password.len(), 19);
        assert!(is_long(&password) && !is_long("honey"));
        write(&path, &password).unwrap();
        let hash = read(&path).unwrap().unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains(&password));
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
