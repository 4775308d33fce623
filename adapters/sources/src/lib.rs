//! What comes from elsewhere: the pages of the library's own website, by its sitemap, and a text encoder
//! from the hub of models.
//!
//! [`fetch`] reads the sitemap and asks for what it lists, one page after the other, and lays the
//! pages into the library's data folder, from where they are indexed like those that a librarian
//! saved. [`look`] says what is wrong with a sitemap, [`due`] when the next round is.
//!
//! In reading order: which addresses may be asked at all (`guard`), what the site's robots.txt
//! allows (`robots`), how one address is asked (`ask`), what a sitemap lists (`sitemap`), what is
//! kept of a page (`kept`), and a whole round (`round`). Apart from these, [`Hub`] fetches files of a
//! model.

mod guard;
mod robots;

mod ask;
mod sitemap;

mod kept;
mod round;

mod hub;

pub use hub::{Fetching, Hub, HubError, Listed, Model};
pub use round::{Left, Progress, Report, fetch, look};
pub use url::Url;

use jiff::{SignedDuration, Timestamp};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Pages that are read if nothing else is settled: five times a large library's site.
pub const PAGES: usize = 500;

/// Most pages that may be settled: ten thousand of five sections are all that an index holds.
pub const PAGES_MAX: usize = 10_000;

/// How long the site is left alone between two requests, unless its robots.txt wants it longer.
pub const PAUSE: Duration = Duration::from_secs(1);

/// How long a round may take; what it does not reach is the first of the next one.
const ROUND_MAX: Duration = Duration::from_secs(60 * 60);

/// How soon a round that failed is tried again.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// What is settled of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the sitemap stands; a plain list of addresses will do as well.
    pub sitemap: Url,
    /// Hosts that are asked beside the sitemap's own.
    pub hosts: Vec<AlsoHost>,
    /// How many pages are read at most.
    pub most: usize,
    /// How often.
    pub every: SignedDuration,
    /// How long the site is left alone between two requests.
    pub pause: Duration,
    /// How long a round may take.
    pub round: Duration,
    /// The one address that is asked although it is not public. For tests, whose site stands on
    /// the same machine; nothing else sets it.
    pub local: Option<SocketAddr>,
}

impl Settings {
    /// What applies if only a sitemap is settled.
    pub fn new(sitemap: Url) -> Settings {
        Settings {
            sitemap,
            hosts: Vec::new(),
            most: PAGES,
            every: SignedDuration::from_hours(24),
            pause: PAUSE,
            round: ROUND_MAX,
            local: None,
        }
    }
}

/// A host that is asked beside the sitemap's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlsoHost {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

impl AlsoHost {
    /// Reads "www.library.example" or "library.example:8080"; `None` for what is neither.
    pub fn parse(text: &str) -> Option<AlsoHost> {
        if text.contains(['/', '@', '?', '#']) {
            return None;
        }
        // With a scheme whose usual port nobody writes, so that the port that is written stays.
        let url = Url::parse(&format!("https://{text}")).ok()?;
        let port = text.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        Some(AlsoHost { host: url.host_str()?.to_owned(), port: url.port().or(port) })
    }
}

/// Why a round came to nothing; what was there stays.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sitemap could not be read: said with its mend, and tried again in an hour.
    #[error("the sitemap {address} was not read: {reason}; the pages that are there stay")]
    Sitemap {
        /// Where it should be.
        address: String,
        /// Why not, and what can be done.
        reason: String,
    },
    /// Another program is at it: nothing need be done.
    #[error("the pages are being fetched by another program")]
    Busy,
    /// A file cannot be read or written: see to the folder.
    #[error("{} cannot be read or written", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn io(path: &Path, source: io::Error) -> Error {
        Error::Io { path: path.to_path_buf(), source }
    }
}

/// How long it is until the next round is due.
pub fn due(settings: &Settings, data: &Path, now: Timestamp) -> Duration {
    let Ok(kept) = kept::Kept::read(data) else { return Duration::ZERO };
    if kept.sitemap != settings.sitemap.as_str() {
        return Duration::ZERO;
    }
    let wait = if kept.failed { settings.every.min(AGAIN) } else { settings.every };
    let next = kept.tried.and_then(|tried| tried.checked_add(wait).ok());
    let left = next.map_or(SignedDuration::ZERO, |next| next.duration_since(now));
    // A clock that was set back does not put a round off for years.
    left.min(wait).try_into().unwrap_or(Duration::ZERO)
}

/// Takes away what was fetched, of a library that names no sitemap any more. Says whether there
/// was anything.
///
/// # Errors
/// [`Error::Io`].
pub fn forget(data: &Path) -> Result<bool, Error> {
    kept::forget(data)
}
