//! The checks, one a function.

use super::Found;
use crate::commands::index::place;
use crate::encoders;
use crate::library::{KNOWLEDGE, Library};
use crate::lock::{Lock, LockError};
use crate::output::count;
use contract::StoreError;
use driver::Key;
use knowledge::read::{self, Item, Refused, SourceFile};
use knowledge::{Encoding, Knowledge, branch};
use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Refusals that are named: the rest is for `pollen index`.
const NAMED_MAX: usize = 20;

/// Refusals that are counted: more tell nothing more.
const REFUSED_MAX: usize = 10_000;

/// Bytes of a socket's path that every system takes (108 on Linux, 104 on others, with the zero
/// behind it); the terminal refuses a longer one.
const SOCKET_BYTES_MAX: usize = 103;

/// Free bytes under which a disk counts as nearly full: a new generation of a large catalogue's
/// index lies beside the old one for a while.
const FREE_BYTES_MIN: u64 = 256 << 20;

/// The folders: there, and closed to others where the program writes.
pub(super) fn data(library: &Library, found: &mut Found) {
    if !KNOWLEDGE.iter().any(|name| library.dir.join(name).is_dir()) {
        let shown = library.shown();
        found.wrong("folder", format!("{shown} has no faq, branches or collections; make at least faq and put entries into it"));
    }
    let data = library.data();
    let Ok(meta) = fs::metadata(&data) else {
        return found.good("data", "not there yet; made at the first start".to_owned());
    };
    let shown = shown(&data);
    if meta.permissions().mode() & 0o077 != 0 {
        return found.wrong(
            "data",
            format!(
                "others on this machine can look into {shown}; close it with `chmod 700 {shown}`"
            ),
        );
    }
    match rustix::fs::access(&data, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK) {
        Ok(()) => found.good("data", format!("{shown} is yours alone")),
        Err(_) => found
            .wrong("data", format!("{shown} cannot be written to; make it your own with `chown`")),
    }
}

/// Every file of the library, as the index would read it.
pub(super) fn files(library: &Library, found: &mut Found) {
    let (branches, mut refused) = branch::read(&library.dir);
    let (files, unread) = all_files(library);
    refused.extend(unread);
    let (mut items, mut taken, mut ids) = (0, 0, HashSet::new());
    for file in &files {
        for item in read::items(file) {
            match item {
                Ok(item) => {
                    items += 1;
                    taken +=
                        u64::from(id(&item).is_some_and(|id| !ids.insert(hash((file.part, id)))));
                }
                Err(bad) if refused.len() < REFUSED_MAX => refused.push(bad),
                Err(_) => {}
            }
        }
    }
    let read = format!(
        "{} in {}, {}",
        count(items, "entry, record or section", "entries, records and sections"),
        count(files.len() as u64, "file", "files"),
        count(branches.len() as u64, "branch", "branches")
    );
    if taken > 0 {
        let have = if taken == 1 { "has an id" } else { "have ids" };
        let are = if taken == 1 { "is" } else { "are" };
        found.wrong(
            "ids",
            format!("{taken} of the entries and records {have} that another has, and {are} left out; `pollen index` names them, give each its own"),
        );
    }
    if refused.is_empty() {
        return found.good("files", read);
    }
    found.wrong("files", format!("{read}; {}", refusals(&refused)));
}

/// What finds answers that share no word with the question, where the settings name one.
pub(super) fn encoder(library: &Library, found: &mut Found) {
    match encoders::settled(library) {
        Err(absent) => {
            found.wrong("encoder", format!("{absent}, or take `encoder` out of pollen.toml"))
        }
        Ok(Encoding::Shipped) => {}
        Ok(Encoding::Without) => {
            found
                .good("encoder", "none: what shares no word with the question is not found".into());
        }
        Ok(Encoding::Folder(folder)) => match Encoding::Folder(folder.clone()).check() {
            Ok(()) => found.good("encoder", format!("the one in {}", shown(&folder))),
            Err(error) => {
                found.wrong("encoder", format!("{error}; or take `encoder` out of pollen.toml"))
            }
        },
    }
}

/// The library's files, and those that were fetched for it.
fn all_files(library: &Library) -> (Vec<SourceFile>, Vec<Refused>) {
    let (mut files, mut unread) = read::files(&library.dir);
    let (fetched, unread_too) = read::fetched(&library.data());
    files.extend(fetched);
    unread.extend(unread_too);
    (files, unread)
}

/// The id of what goes into an index.
fn id(item: &Item) -> Option<&str> {
    match item {
        Item::Entry(entry) => Some(&entry.id),
        Item::Section(section) => Some(&section.id),
        Item::Record(record) => Some(&record.id),
        Item::Deleted(_) => None,
    }
}

/// Eight bytes an id: a catalogue of millions is looked over in little memory, and two ids of a
/// million look alike with a probability of one in thirty million.
fn hash(id: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

fn refusals(refused: &[Refused]) -> String {
    let number = refused.len() as u64;
    let mut words =
        format!("{} refused, mend and they are taken in:", count(number, "piece is", "pieces are"));
    for one in refused.iter().take(NAMED_MAX) {
        words.push_str(&format!("\n         {}", place(one)));
    }
    if let more @ 1.. = refused.len().saturating_sub(NAMED_MAX) {
        words.push_str(&format!(
            "\n         … and {more} more; `pollen index --json` names all of them"
        ));
    }
    words
}

/// The index: whole, of this program's format, and not older than the files.
pub(super) fn index(library: &Library, found: &mut Found) {
    let data = library.data();
    let knowledge = match Knowledge::open(&library.dir, &data) {
        Ok(knowledge) => knowledge,
        Err(error) => return found.wrong("index", format!("{:#}", anyhow::Error::from(error))),
    };
    let built = modified(&data.join("index/current.json"));
    let (files, _) = all_files(library);
    let newer = files.iter().find(|file| modified(&file.path) > built);
    match newer {
        Some(file) => found.wrong("index", format!(
            "it is older than {}; build it with `pollen index`, or start `pollen serve`, which does so by itself",
            file.shown
        )),
        None => found.good("index", format!("generation {} is whole and up to date", knowledge.generation())),
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// The store.
pub(super) async fn store(library: &Library, found: &mut Found) {
    let path = library.store();
    if !path.exists() {
        return found.good("store", "not there yet; made at the first start".to_owned());
    }
    let shown = shown(&path);
    match store::check(&path).await {
        Ok(condition) => found.good(
            "store",
            format!(
                "{shown} is whole: {} open, {} waiting to be handled, {} waiting to be sent",
                count(condition.cases_open, "case", "cases"),
                count(condition.arrivals_waiting, "message", "messages"),
                count(condition.messages_waiting, "message", "messages"),
            ),
        ),
        Err(error) => {
            let mend = match &error {
                StoreError::Damaged { .. } => "put a copy back with `pollen restore FILE`",
                StoreError::TooNew => "update the program",
                StoreError::Full => "free some room on the disk",
                StoreError::Unavailable { .. } | StoreError::Superseded => {
                    "check whose file it is and what its rights are"
                }
            };
            found.wrong("store", format!("{shown}: {:#}; {mend}", anyhow::Error::from(error)));
        }
    }
    closed_to_others("store", &path, found);
}

/// The key of the pseudonyms.
pub(super) fn key(library: &Library, found: &mut Found) {
    let path = library.key();
    let shown = shown(&path);
    if !path.exists() {
        return match library.store().exists() {
            true => found.wrong("key", format!(
                "{shown} is missing, so that nobody in the store is known any more; put it back from a backup (FILE.key) before the next start"
            )),
            false => found.good("key", "not there yet; made at the first start".to_owned()),
        };
    }
    match Key::load_or_make(&path) {
        Ok(_) => {
            if closed_to_others("key", &path, found) {
                found.good("key", format!("{shown} is yours alone"));
            }
        }
        Err(error) => found.wrong("key", format!("{:#}", anyhow::Error::from(error))),
    }
}

/// Sees that nobody else can read a file.
pub(super) fn closed_to_others(about: &'static str, path: &Path, found: &mut Found) -> bool {
    let open = fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0);
    if open {
        let shown = shown(path);
        found.wrong(
            about,
            format!("others on this machine can read {shown}; close it with `chmod 600 {shown}`"),
        );
    }
    !open
}

/// The terminal's socket.
pub(super) fn socket(library: &Library, found: &mut Found) {
    if !library.settings.terminal.enabled {
        return found.good("terminal", "switched off for `pollen serve` in pollen.toml".to_owned());
    }
    let socket = library.socket();
    let bytes = socket.as_os_str().len();
    match bytes > SOCKET_BYTES_MAX {
        true => found.wrong("terminal", format!(
            "the path {} is {bytes} bytes long and a socket's may have {SOCKET_BYTES_MAX}; go into the library's folder and leave -L out, or move the folder to a shorter path",
            socket.display()
        )),
        false => found.good("terminal", format!("opens at {}", socket.display())),
    }
}

/// Who runs the library now.
pub(super) fn lock(library: &Library, found: &mut Found) {
    let data = library.data();
    if !data.join("lock").exists() {
        return found.good("running", "nobody".to_owned());
    }
    // Held for an instant and given back at once.
    match Lock::take(&data, &library.shown(), "doctor", false) {
        Ok(_) => found.good("running", "nobody".to_owned()),
        Err(LockError::Held { holder, .. }) => found.good("running", holder.to_string()),
        Err(error @ LockError::Io { .. }) => {
            let words = format!("{:#}; check whose file it is", anyhow::Error::from(error));
            found.wrong("running", words);
        }
    }
}

/// Room on the disk.
pub(super) fn room(library: &Library, found: &mut Found) {
    let on: PathBuf = if library.data().is_dir() { library.data() } else { library.dir.clone() };
    match rustix::fs::statvfs(&on) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let megabytes = free >> 20;
            match free < FREE_BYTES_MIN {
                true => found.wrong("disk", format!(
                    "{megabytes} MB are free, and a new index or a backup may need {} MB; free some room",
                    FREE_BYTES_MIN >> 20
                )),
                false => found.good("disk", format!("{megabytes} MB are free")),
            }
        }
        Err(error) => found
            .wrong("disk", format!("cannot tell how much room there is ({error}); check the disk")),
    }
}

/// A path as people type it from where they stand.
fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}
