//! What is kept of the site: `data/pages/`, an .html file a page, and `fetched.json` beside them,
//! which says of each where and when it was fetched.
//!
//! A page's file is what the site said, below one line of our own that says where it stands and on
//! which day it was last seen there; so it is read like every other page.

use crate::Error;
use crate::ask::Whole;
use encoding_rs::{Encoding, UTF_8};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The folder of the fetched pages within the data folder, as the knowledge reads it.
const FOLDER: &str = "pages";

const FETCHED: &str = "fetched.json";

/// The format of `fetched.json`; another one is as good as none, and all is fetched anew.
const FORMAT: u32 = 1;

/// Letters of an address that its file is called by, so that people find it.
const NAME_MAX: usize = 80;

/// What is known of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    format: u32,
    /// The sitemap that it was fetched by.
    pub(crate) sitemap: String,
    /// When the last round ended.
    pub(crate) tried: Option<Timestamp>,
    /// Whether it came to nothing.
    pub(crate) failed: bool,
    /// By address.
    pub(crate) pages: BTreeMap<String, Page>,
}

/// A page that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// Where it stands, after redirects.
    pub(crate) url: String,
    /// When the site last said that this is how it stands.
    pub(crate) fetched: Timestamp,
    /// What the site says of it, so that it need not say all of it again.
    pub(crate) etag: Option<String>,
    pub(crate) modified: Option<String>,
    /// The checksum of its bytes.
    pub(crate) sum: String,
    /// In how many rounds since it was not there.
    pub(crate) missed: u32,
}

impl Kept {
    /// Reads what is kept; nothing where that cannot be understood.
    pub(crate) fn read(data: &Path) -> Result<Kept, Error> {
        let path = data.join(FOLDER).join(FETCHED);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Kept::default()),
            Err(error) => return Err(Error::io(&path, error)),
        };
        let kept: Kept = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(if kept.format == FORMAT { kept } else { Kept::default() })
    }

    /// Writes it: all or nothing, whatever dies when.
    pub(crate) fn write(&mut self, data: &Path) -> Result<(), Error> {
        self.format = FORMAT;
        let bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        write(&data.join(FOLDER).join(FETCHED), &bytes)
    }

    /// The page at an address, if its file is still there.
    pub(crate) fn page(&self, data: &Path, address: &str) -> Option<&Page> {
        self.pages.get(address).filter(|_| file(data, address).is_file())
    }

    /// Keeps a page. Says whether it says anything else than before.
    pub(crate) fn put(
        &mut self,
        data: &Path,
        address: &str,
        whole: Whole,
        now: Timestamp,
        today: Date,
    ) -> Result<bool, Error> {
        let sum = sum(&whole.bytes);
        let before = self.page(data, address);
        let changed = before.is_none_or(|before| before.sum != sum);
        let bytes = [head(whole.url.as_str(), today, &whole), body(&whole)].concat();
        write_if_other(&file(data, address), &bytes)?;
        let Whole { url, etag, modified, .. } = whole;
        let page = Page { url: url.into(), fetched: now, etag, modified, sum, missed: 0 };
        self.pages.insert(address.to_owned(), page);
        Ok(changed)
    }

    /// Notes that a page still stands as it did.
    pub(crate) fn confirm(
        &mut self,
        data: &Path,
        address: &str,
        now: Timestamp,
        today: Date,
    ) -> Result<(), Error> {
        let Some(page) = self.pages.get_mut(address) else { return Ok(()) };
        (page.fetched, page.missed) = (now, 0);
        let path = file(data, address);
        let bytes = fs::read(&path).map_err(|error| Error::io(&path, error))?;
        let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or_default();
        let line = String::from_utf8_lossy(&bytes[..end]);
        let Some((before, after)) = line.split_once(DAY) else { return Ok(()) };
        let rest = after.split_once('"').map_or("", |(_, rest)| rest);
        let line = format!("{before}{DAY}{today}\"{rest}");
        write_if_other(&path, &[line.as_bytes(), &bytes[end..]].concat())
    }

    /// Takes a page away.
    pub(crate) fn remove(&mut self, data: &Path, address: &str) -> Result<(), Error> {
        remove(&file(data, address))?;
        self.pages.remove(address);
        Ok(())
    }

    /// Takes away files that nothing is known of: what a round that died has left.
    pub(crate) fn sweep(&self, data: &Path) {
        let known: Vec<PathBuf> = self.pages.keys().map(|address| file(data, address)).collect();
        let files = fs::read_dir(data.join(FOLDER)).into_iter().flatten().flatten();
        for path in files.map(|file| file.path()) {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let name = name.unwrap_or_default();
            let ours = name.ends_with(".html") || name.ends_with(".new");
            if ours && !known.contains(&path) {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// Takes everything away. Says whether there was anything.
pub(crate) fn forget(data: &Path) -> Result<bool, Error> {
    let folder = data.join(FOLDER);
    match fs::remove_dir_all(&folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::io(&folder, error)),
    }
}

/// Makes the folder, and takes it for this program as long as the file lives.
pub(crate) fn take(data: &Path) -> Result<File, Error> {
    let folder = data.join(FOLDER);
    fs::create_dir_all(&folder).map_err(|error| Error::io(&folder, error))?;
    let path = folder.join(".lock");
    let lock = File::create(&path).map_err(|error| Error::io(&path, error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::Busy),
        Err(TryLockError::Error(error)) => Err(Error::io(&path, error)),
    }
}

/// The file of an address: its letters, and enough of its checksum that no two share one.
pub(crate) fn file(data: &Path, address: &str) -> PathBuf {
    let shown = address.split_once("://").map_or(address, |(_, shown)| shown);
    let mut name = String::new();
    for letter in shown.chars() {
        if name.len() >= NAME_MAX {
            break;
        }
        match letter.is_ascii_alphanumeric() || letter == '.' {
            true => name.push(letter.to_ascii_lowercase()),
            false if !name.ends_with('-') => name.push('-'),
            false => {}
        }
    }
    let name = name.trim_matches(['-', '.']);
    data.join(FOLDER).join(format!("{name}-{}.html", &sum(address.as_bytes())[..12]))
}

pub(crate) fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands before the day.
const DAY: &str = "<meta name=\"fetched\" content=\"";

/// The line above a page: where it stands, and when it was seen there. It comes first, so it comes
/// before what the page says of its own address.
fn head(url: &str, today: Date, whole: &Whole) -> Vec<u8> {
    let url = url.replace('&', "&amp;").replace('"', "%22").replace('<', "%3C");
    let charset = if recoded(whole).is_some() { "<meta charset=\"utf-8\">" } else { "" };
    format!("<!DOCTYPE html><link rel=\"canonical\" href=\"{url}\">{DAY}{today}\">{charset}\n")
        .into_bytes()
}

fn body(whole: &Whole) -> Vec<u8> {
    match recoded(whole) {
        Some(encoding) => encoding.decode(&whole.bytes).0.into_owned().into_bytes(),
        None => whole.bytes.clone(),
    }
}

/// The encoding that a page must be read in and does not say itself, below the line above it.
fn recoded(whole: &Whole) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(&whole.bytes) {
        return Some(encoding);
    }
    let encoding = Encoding::for_label(whole.charset.as_deref()?.as_bytes())?;
    // What is no UTF-8, whatever the server says of all of its pages, may say itself what it is.
    let is_wrong = encoding == UTF_8 && std::str::from_utf8(&whole.bytes).is_err();
    (!is_wrong).then_some(encoding)
}

/// Writes a file unless it says just that: its time is then that of its last change.
fn write_if_other(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    match fs::read(path) {
        Ok(before) if before == bytes => Ok(()),
        Ok(_) | Err(_) => write(path, bytes),
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Hidden, so that nobody reads it meanwhile.
    let new = path.with_file_name(format!(".{name}.new"));
    let write = || {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(|error| Error::io(path, error))
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io(path, error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use url::Url;

    fn whole(bytes: &[u8], charset: Option<&str>) -> Whole {
        Whole {
            url: Url::parse("https://a.example/rooms?a=1&b=\"2\"").unwrap(),
            bytes: bytes.to_vec(),
            charset: charset.map(str::to_owned),
            etag: None,
            modified: None,
        }
    }

    const ADDRESS: &str = "https://a.example/Rooms/Booking?x=1";

    fn put(kept: &mut Kept, data: &Path, whole: Whole) -> bool {
        kept.put(data, ADDRESS, whole, Timestamp::UNIX_EPOCH, date(2026, 3, 4)).unwrap()
    }

    fn text(data: &Path) -> String {
        fs::read_to_string(file(data, ADDRESS)).unwrap()
    }

    #[test]
    fn a_page_is_kept_below_a_line_that_says_where_and_when() {
        let data = tempfile::tempdir().unwrap();
        let _lock = take(data.path()).unwrap();
        let mut kept = Kept::default();
        assert!(put(&mut kept, data.path(), whole(b"<h1>Rooms</h1>", None)));
        assert!(!put(&mut kept, data.path(), whole(b"<h1>Rooms</h1>", None)));
        assert_eq!(
            text(data.path()),
            "<!DOCTYPE html><link rel=\"canonical\" \
             href=\"https://a.example/rooms?a=1&amp;b=%222%22\">\
             <meta name=\"fetched\" content=\"2026-03-04\">\n<h1>Rooms</h1>"
        );
        kept.confirm(data.path(), ADDRESS, Timestamp::UNIX_EPOCH, date(2026, 3, 5)).unwrap();
        assert!(text(data.path()).contains("content=\"2026-03-05\">\n<h1>Rooms</h1>"));
        let name = file(data.path(), ADDRESS);
        let name = name.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("a.example-rooms-booking-x-1-"), "{name}");
        kept.write(data.path()).unwrap();
        assert_eq!(Kept::read(data.path()).unwrap(), kept);
        kept.remove(data.path(), ADDRESS).unwrap();
        assert!(!file(data.path(), ADDRESS).exists());
    }

    #[test]
    fn an_encoding_that_only_the_answer_names_is_undone() {
        let data = tempfile::tempdir().unwrap();
        let _lock = take(data.path()).unwrap();
        let mut kept = Kept::default();
        put(&mut kept, data.path(), whole(b"<h1>Caf\xE9</h1>", Some("iso-8859-1")));
        assert!(text(data.path()).contains("<meta charset=\"utf-8\">\n<h1>Café</h1>"));
        let utf_16 = b"\xFF\xFEh\0i\0";
        put(&mut kept, data.path(), whole(utf_16, None));
        assert!(text(data.path()).ends_with("<meta charset=\"utf-8\">\nhi"));
        // The server says UTF-8 of everything; the page knows better.
        let page = b"<meta charset=latin1>Caf\xE9";
        put(&mut kept, data.path(), whole(page, Some("utf-8")));
        assert!(fs::read(file(data.path(), ADDRESS)).unwrap().ends_with(page));
    }

    #[test]
    fn two_programs_do_not_fetch_at_once() {
        let data = tempfile::tempdir().unwrap();
        let lock = take(data.path()).unwrap();
        assert!(matches!(take(data.path()), Err(Error::Busy)));
        drop(lock);
        take(data.path()).unwrap();
    }

    #[test]
    fn files_that_nothing_is_known_of_go() {
        let data = tempfile::tempdir().unwrap();
        let _lock = take(data.path()).unwrap();
        let mut kept = Kept::default();
        put(&mut kept, data.path(), whole(b"x", None));
        let stray = data.path().join("pages/stray.html");
        fs::write(&stray, "x").unwrap();
        kept.sweep(data.path());
        assert!(!stray.exists() && file(data.path(), ADDRESS).exists());
    }

    #[test]
    fn a_file_that_cannot_be_understood_is_as_good_as_none() {
        let data = tempfile::tempdir().unwrap();
        let _lock = take(data.path()).unwrap();
        for text in ["", "{", "{\"format\":2,\"sitemap\":\"\",\"failed\":false,\"pages\":{}}"] {
            fs::write(data.path().join("pages/fetched.json"), text).unwrap();
            assert_eq!(Kept::read(data.path()).unwrap(), Kept::default());
        }
    }
}
