//! The library's own key, and what is made from it.

use bot::{Network, PersonId};
use contract::Pseudonyms;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The library's own key: 32 bytes that nobody else has. Pseudonyms are made with it, so whoever
/// sees the store and not the key cannot tell whose they are.
#[derive(Clone)]
pub struct Key {
    /// Keys of their own for each use, so that nothing made for one can stand for another.
    persons: Mac,
    arrivals: Mac,
    seeds: Mac,
    jitter: Mac,
    links: Mac,
}

type Mac = Hmac<Sha256>;

/// What is wrong with a key's file.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file is not a key: put the right one back from a backup. Without it the people of the
    /// store cannot be recognised, so no new one is made in its place.
    #[error("{} is {bytes} bytes long and no key, which has {KEY_BYTES}: restore it from a backup, or remove it and begin anew with everybody a stranger", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How long it is.
        bytes: usize,
    },
    /// The file cannot be read or made: see to its rights.
    #[error("cannot {what} {}", .path.display())]
    Io {
        /// What was being done.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
}

/// The length of a key: as long as the hash, beyond which HMAC gains nothing.
const KEY_BYTES: usize = 32;
/// The length of a pseudonym: 80 bits, so that among a million people two are alike with a
/// probability of 1 in 10^12.
const PSEUDONYM_CHARS: usize = 16;
/// The length of a hashed arrival key: 130 bits, never alike by chance.
const ARRIVAL_CHARS: usize = 26;
/// Base 32 without i, l, o and u: nothing to misread, and no words by accident.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Key {
    /// The key of these bytes.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Key {
        let part = |name: &str| {
            let mut mac = keyed(&bytes);
            mac.update(name.as_bytes());
            keyed(&mac.finalize().into_bytes().into())
        };
        Key {
            persons: part("persons"),
            arrivals: part("arrivals"),
            seeds: part("seeds"),
            jitter: part("jitter"),
            links: part("links"),
        }
    }

    /// Reads the key from a file, or makes one there, readable by its owner alone.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] if the file holds anything but a key; [`KeyError::Io`].
    pub fn load_or_make(path: &Path) -> Result<Key, KeyError> {
        let failed = |what| move |source| KeyError::Io { what, path: path.to_owned(), source };
        match fs::read(path) {
            Ok(bytes) => match <[u8; KEY_BYTES]>::try_from(bytes.as_slice()) {
                Ok(bytes) => Ok(Key::new(bytes)),
                Err(_) => Err(KeyError::Damaged { path: path.to_owned(), bytes: bytes.len() }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(path).map_err(failed("make"))
            }
            Err(error) => Err(failed("read")(error)),
        }
    }

    /// The key of a network's link: what it seals nobody else can make.
    pub fn of_link(&self, network: &Network) -> [u8; KEY_BYTES] {
        hash(&self.links, &[network.0.as_bytes()])
    }

    /// What an arrival's key is called in the inbox: a platform's ids can hold a user's.
    pub(crate) fn arrival(&self, network: &Network, key: &str) -> String {
        letters(&hash(&self.arrivals, &[network.0.as_bytes(), key.as_bytes()]), ARRIVAL_CHARS)
    }

    /// The seed of a moment: different for each event, the same when the same event is handled
    /// again at the same time, and unforeseeable without the key.
    pub(crate) fn seed(&self, of: &str, time: i128) -> u64 {
        number(&hash(&self.seeds, &[of.as_bytes(), &time.to_be_bytes()]))
    }

    /// A number from 0 up to but not 1, the same each time for the same thing.
    pub(crate) fn chance(&self, of: &str, tries: u32) -> f64 {
        let number = number(&hash(&self.jitter, &[of.as_bytes(), &tries.to_be_bytes()]));
        // 53 bits are what a double holds exactly.
        (number >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Pseudonyms for Key {
    fn person(&self, network: &Network, user: &str) -> PersonId {
        let hash = hash(&self.persons, &[network.0.as_bytes(), user.as_bytes()]);
        PersonId(letters(&hash, PSEUDONYM_CHARS))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// Makes a key under another name first, so that a crash leaves a whole key or none.
fn make(path: &Path) -> io::Result<Key> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::from)?;
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    if let Some(folder) = path.parent() {
        File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?
            .sync_all()?;
    }
    Ok(Key::new(bytes))
}

fn keyed(bytes: &[u8; KEY_BYTES]) -> Mac {
    // A block is at least as long as a key, so it goes in as it is, padded with zeros: the same
    // as HMAC's own beginning, which takes any length and so returns a result.
    let mut block = hmac::digest::generic_array::GenericArray::default();
    block[..KEY_BYTES].copy_from_slice(bytes);
    <Mac as hmac::digest::KeyInit>::new(&block)
}

/// The hash of parts, each closed by a NUL so that no two lists of parts run together alike.
fn hash(mac: &Mac, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = mac.clone();
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            mac.update(&[0]);
        }
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn number(hash: &[u8; 32]) -> u64 {
    hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The first `chars` times five bits as letters.
fn letters(hash: &[u8; 32], chars: usize) -> String {
    let five_bits = |i: usize| {
        let at = i * 5;
        let pair = u16::from(hash[at / 8]) << 8 | u16::from(*hash.get(at / 8 + 1).unwrap_or(&0));
        usize::from(pair >> (11 - at % 8) & 31)
    };
    (0..chars).map(|i| char::from(ALPHABET[five_bits(i)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(name: &str) -> Network {
        Network(name.to_owned())
    }

    #[test]
    fn a_pseudonym_is_stable_and_is_not_anothers() {
        let key = Key::new([7; 32]);
        let ben = key.person(&network("telegram"), "ben");
        assert_eq!(ben, Key::new([7; 32]).person(&network("telegram"), "ben"));
        assert_eq!(ben.0.len(), 16);
        assert_ne!(ben, key.person(&network("matrix"), "ben"));
        assert_ne!(ben, key.person(&network("telegram"), "bem"));
        assert_ne!(ben, Key::new([8; 32]).person(&network("telegram"), "ben"));
        assert!(!key.arrival(&network("telegram"), "ben").starts_with(&ben.0));
        assert_ne!(key.person(&network("a"), "bc"), key.person(&network("ab"), "c"));
    }

    #[test]
    fn a_pseudonym_is_the_hmac_of_network_nul_user() {
        let key = Key::new([7; 32]);
        let mut mac = key.persons.clone();
        mac.update(b"telegram\0ben");
        let hash: [u8; 32] = mac.finalize().into_bytes().into();
        assert_eq!(key.person(&network("telegram"), "ben").0, letters(&hash, 16));
        let mut hash = [0; 32];
        hash[0] = 0b0000_1000;
        hash[1] = 0b0111_1110;
        assert_eq!(letters(&hash, 4), "11z0");
    }

    #[test]
    fn a_key_is_made_once_and_read_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let made = Key::load_or_make(&path).unwrap();
        let read = Key::load_or_make(&path).unwrap();
        assert_eq!(made.seed("a", 1), read.seed("a", 1));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, b"short").unwrap();
        let error = Key::load_or_make(&path).unwrap_err();
        assert!(error.to_string().contains("5 bytes"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"short");
    }

    #[test]
    fn chances_lie_between_nought_and_one() {
        let key = Key::new([7; 32]);
        assert!((0..1000).map(|i| key.chance("x", i)).all(|chance| (0.0..1.0).contains(&chance)));
    }
}
