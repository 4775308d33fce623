//! The hub of models, Hugging Face's: which files a model has, and how they are fetched.
//!
//! A model is named by its owner and name, and a revision of it by a branch, a tag or a commit. What is fetched is that of
//! one commit, and each file is what the hub says that it is: by its sha256 where it is large (LFS), by git's own name for
//! it where it is small. The address is the hub's own or, in tests, one of this machine; the environment names none.
//!
//! What the hub answers: <https://huggingface.co/docs/hub/api>. Files are handed on to machines that change, so any public
//! host is asked, over https, behind the guard at every step. No robots.txt is read: these addresses are for programs.

use crate::ask::{self, Failed, REDIRECTS_MAX, begun, broken, guarded, refusal};
use crate::guard::Allowed;
use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt as _;
use url::Url;

/// Where the hub is.
const ADDRESS: &str = "https://huggingface.co/";

/// How long nothing may come.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Largest file, in bytes: twice the largest encoder that a library's machine would bear.
const FILE_BYTES_MAX: u64 = 4 << 30;

/// Longest list of a model's files, in bytes: hundreds of times a usual one.
const LIST_BYTES_MAX: usize = 8 << 20;

/// Files of one model that are fetched: an encoder is made of seven.
const FILES_MAX: usize = 20;

/// How often a file is gone on with that breaks off, unless something more of it came.
const TRIES_MAX: u32 = 4;

/// How long it is rested after the first break; twice as long after the next.
const REST: Duration = Duration::from_millis(500);

/// Longest owner, name or revision, in bytes: the hub's own bound is 96.
const NAME_MAX: usize = 100;

/// A revision of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    owner: String,
    name: String,
    revision: String,
}

/// The revision that is meant if none is named.
const USUAL_REVISION: &str = "main";

impl Model {
    /// Reads "intfloat/multilingual-e5-base" or "intfloat/multilingual-e5-base@REVISION"; `None` for what is neither.
    pub fn parse(text: &str) -> Option<Model> {
        let (id, revision) = text.split_once('@').unwrap_or((text, USUAL_REVISION));
        let (owner, name) = id.split_once('/')?;
        let plain = |text: &str, more: &[char]| {
            let known =
                |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c) || more.contains(&c);
            (1..=NAME_MAX).contains(&text.len())
                && text.chars().all(known)
                && !text.starts_with(['.', '-', '/'])
                && !text.ends_with(['.', '/'])
                && !text.contains("..")
        };
        // The hub has no name with two dashes, which therefore stand between owner and name in our folders.
        let is_name = |text: &str| plain(text, &[]) && !text.contains("--");
        (is_name(owner) && is_name(name) && plain(revision, &['/'])).then(|| Model {
            owner: owner.to_owned(),
            name: name.to_owned(),
            revision: revision.to_owned(),
        })
    }

    /// Its owner and name: "intfloat/multilingual-e5-base".
    pub fn id(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// The branch, tag or commit that is asked for.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The beginning of the names of its folders: "intfloat--multilingual-e5-base@"; behind it stands the commit.
    pub fn folder(&self) -> String {
        format!("{}--{}@", self.owner, self.name)
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id())?;
        match self.revision == USUAL_REVISION {
            true => Ok(()),
            false => write!(f, "@{}", self.revision),
        }
    }
}

/// What the hub has of a model: one commit and its files.
#[derive(Clone, Debug)]
pub struct Listed {
    model: Model,
    commit: String,
    files: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Answer {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Clone, Debug, Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    #[serde(rename = "blobId")]
    blob: Option<String>,
    lfs: Option<Lfs>,
}

#[derive(Clone, Debug, Deserialize)]
struct Lfs {
    sha256: String,
    size: u64,
}

impl Listed {
    /// The commit, 40 digits.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// How many bytes a file has; `None` if there is none of this name.
    pub fn size(&self, name: &str) -> Option<u64> {
        self.file(name).map(Sibling::bytes)
    }

    /// The names of its files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.rfilename.as_str())
    }

    fn file(&self, name: &str) -> Option<&Sibling> {
        self.files.iter().find(|file| file.rfilename == name)
    }
}

impl Sibling {
    fn bytes(&self) -> u64 {
        self.lfs.as_ref().map(|lfs| lfs.size).or(self.size).unwrap_or_default()
    }
}

/// How far it is with a file.
#[derive(Clone, Copy, Debug)]
pub struct Fetching<'a> {
    /// Its name.
    pub file: &'a str,
    /// Bytes that are there.
    pub done: u64,
    /// Bytes in all.
    pub of: u64,
}

/// Why a model is not there; what came before stays, and is gone on with the next time.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The hub knows no such model, revision or file, or does not give it to everybody: see to the name.
    #[error("the hub has no {what} for everybody ({address} is answered with {status})")]
    Unknown {
        /// What was asked for.
        what: String,
        /// Where it was asked for.
        address: String,
        /// What was answered.
        status: u16,
    },
    /// It cannot be had now: try later.
    #[error("{address} was not read: {reason}")]
    Unreachable {
        /// Where it was asked for.
        address: String,
        /// What went wrong.
        reason: String,
    },
    /// It is not taken, and will not be tomorrow: name another.
    #[error("{address} is not taken: {reason}")]
    Refused {
        /// Where it was asked for.
        address: String,
        /// Why.
        reason: String,
    },
    /// What came is not what the hub says that it is, and has been thrown away: fetch it again.
    #[error(
        "{file} is not what the hub says that it is, and was thrown away: {what} {found}, not {expected}"
    )]
    Damaged {
        /// Which file.
        file: String,
        /// What was looked at.
        what: &'static str,
        /// What the hub says.
        expected: String,
        /// What came.
        found: String,
    },
    /// A file cannot be written: see to the folder, or free some room.
    #[error("{} cannot be written; {} MB are needed there in all", path.display(), needed >> 20)]
    Io {
        /// Which.
        path: PathBuf,
        /// Bytes that it will have.
        needed: u64,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The hub.
pub struct Hub {
    client: Client,
    allowed: Allowed,
    address: Url,
}

impl Hub {
    /// `local`: the one address of this machine that stands in for it, in tests.
    ///
    /// # Errors
    /// [`HubError::Unreachable`] if no connections can be made at all.
    pub fn new(local: Option<SocketAddr>) -> Result<Hub, HubError> {
        let address = local.map_or(ADDRESS.to_owned(), |local| format!("http://{local}/"));
        let failed = |reason: String| HubError::Unreachable { address: address.clone(), reason };
        let agent = concat!("pollen/", env!("CARGO_PKG_VERSION"), " (a library's chat bot)");
        let client = guarded(agent).read_timeout(SILENCE_MAX).build();
        let client =
            client.map_err(|error| failed(format!("no connections can be made ({error})")))?;
        let url = Url::parse(&address).map_err(|error| failed(error.to_string()))?;
        Ok(Hub { client, allowed: Allowed::encrypted(local), address: url })
    }

    /// Asks which commit a model's revision is, and which files it has.
    ///
    /// # Errors
    /// All but [`HubError::Damaged`] and [`HubError::Io`].
    pub async fn look_up(&self, model: &Model) -> Result<Listed, HubError> {
        let (owner, name) = (model.owner.as_str(), model.name.as_str());
        let mut url = self.at(&["api", "models", owner, name, "revision", model.revision.as_str()]);
        url.set_query(Some("blobs=true"));
        let mut answer = self.ask(&url, &model.to_string(), 0).await?;
        let bytes = begun(&mut answer, LIST_BYTES_MAX + 1).await;
        let bytes = bytes.map_err(|error| unreachable(&url, words(&error)))?;
        if bytes.len() > LIST_BYTES_MAX {
            return Err(refused(&url, format!("it is longer than {} MB", LIST_BYTES_MAX >> 20)));
        }
        let Answer { sha, siblings } = serde_json::from_slice(&bytes)
            .map_err(|error| refused(&url, format!("it is no list of files ({error})")))?;
        if sha.len() != 40 || !sha.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(refused(&url, "it names no commit".to_owned()));
        }
        Ok(Listed { model: model.clone(), commit: sha, files: siblings })
    }

    /// Fetches those of some files that there are into a folder, by their names there; what lies there already is not
    /// fetched again. A file is there when it is whole.
    ///
    /// # Errors
    /// All.
    pub async fn fetch(
        &self,
        listed: &Listed,
        names: &[&str],
        into: &Path,
        progress: &(dyn Fn(Fetching<'_>) + Sync),
    ) -> Result<(), HubError> {
        for name in names.iter().take(FILES_MAX) {
            if let Some(file) = listed.file(name) {
                self.fetch_one(listed, file, into, progress).await?;
            }
        }
        Ok(())
    }

    async fn fetch_one(
        &self,
        listed: &Listed,
        file: &Sibling,
        into: &Path,
        progress: &(dyn Fn(Fetching<'_>) + Sync),
    ) -> Result<(), HubError> {
        let (name, size) = (file.rfilename.as_str(), file.bytes());
        let (owner, model) = (listed.model.owner.as_str(), listed.model.name.as_str());
        let mut parts = vec![owner, model, "resolve", listed.commit.as_str()];
        parts.extend(name.split('/'));
        let url = self.at(&parts);
        if size > FILE_BYTES_MAX {
            let most = FILE_BYTES_MAX >> 30;
            return Err(refused(
                &url,
                format!("it has {} MB, and {most} GB at most are fetched", size >> 20),
            ));
        }
        let path = into.join(name);
        if verify(file, &path).await.is_ok() {
            return Ok(());
        }
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let part = PathBuf::from(part);
        let io = |source| HubError::Io { path: part.clone(), needed: size, source };
        if let Some(folder) = part.parent() {
            fs::create_dir_all(folder).await.map_err(io)?;
        }
        let what = format!("{name} of {}", listed.model);
        let mut broken_off = 0;
        loop {
            let have = fs::metadata(&part).await.map_or(0, |meta| meta.len());
            if have == size && have > 0 {
                break;
            }
            let have = if have > size { 0 } else { have };
            let told = |done| progress(Fetching { file: name, done, of: size });
            match self.go_on(&url, &what, &part, have, size, &told).await {
                Ok(()) => break,
                Err(error @ HubError::Unreachable { .. }) => {
                    let more = fs::metadata(&part).await.map_or(0, |meta| meta.len()) > have;
                    broken_off = if more { 1 } else { broken_off + 1 };
                    if broken_off >= TRIES_MAX {
                        return Err(error);
                    }
                    tokio::time::sleep(REST * 2_u32.pow(broken_off - 1)).await;
                }
                Err(
                    error @ (HubError::Unknown { .. }
                    | HubError::Refused { .. }
                    | HubError::Damaged { .. }
                    | HubError::Io { .. }),
                ) => return Err(error),
            }
        }
        if let Err(error) = verify(file, &part).await {
            fs::remove_file(&part).await.map_err(io)?;
            return Err(error);
        }
        fs::rename(&part, &path).await.map_err(io)
    }

    /// Fetches what is missing of a file after its first bytes.
    async fn go_on(
        &self,
        url: &Url,
        what: &str,
        part: &Path,
        have: u64,
        size: u64,
        told: &(dyn Fn(u64) + Sync),
    ) -> Result<(), HubError> {
        let io = |source| HubError::Io { path: part.to_path_buf(), needed: size, source };
        let mut answer = self.ask(url, what, have).await?;
        // Who does not know ranges sends it from its beginning.
        let goes_on =
            answer.status() == StatusCode::PARTIAL_CONTENT && begins(&answer) == Some(have);
        let mut done = if goes_on { have } else { 0 };
        if !goes_on && answer.status() != StatusCode::OK {
            // It is begun anew the next time.
            if have > 0 {
                fs::remove_file(part).await.map_err(io)?;
            }
            let reason = format!("it is answered with {}", answer.status().as_u16());
            return Err(unreachable(url, reason));
        }
        let mut open = OpenOptions::new();
        let open = open.create(true).write(true).append(goes_on).truncate(!goes_on);
        let mut file = open.open(part).await.map_err(io)?;
        loop {
            let chunk = match answer.chunk().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => {
                    kept(file).await.map_err(io)?;
                    return Err(unreachable(url, words(&error)));
                }
            };
            done += chunk.len() as u64;
            if done > size {
                let reason = format!("it goes on after the {size} bytes that it should have");
                return Err(refused(url, reason));
            }
            file.write_all(&chunk).await.map_err(io)?;
            told(done);
        }
        kept(file).await.map_err(io)?;
        match done == size {
            true => Ok(()),
            false => Err(unreachable(url, format!("it broke off after {done} of {size} bytes"))),
        }
    }

    /// Asks for an address, from some byte on, and follows where it leads.
    async fn ask(&self, url: &Url, what: &str, from: u64) -> Result<Response, HubError> {
        let (mut at, mut before) = (url.clone(), None);
        for _ in 0..=REDIRECTS_MAX {
            let led = |reason: String| match at == *url {
                true => reason,
                // The whole address may hold a signature.
                false => format!("it leads to {}: {reason}", at.host_str().unwrap_or_default()),
            };
            self.allowed
                .check(&at, before.as_ref())
                .map_err(|refusal| refused(url, led(refusal.to_string())))?;
            let mut request = self.client.get(at.clone());
            if from > 0 {
                request = request.header(RANGE, format!("bytes={from}-"));
            }
            let answer = request.send().await.map_err(|error| match refusal(&error) {
                Some(refusal) => refused(url, led(refusal.to_string())),
                None => unreachable(url, led(words(&error))),
            })?;
            match ask::redirect(&answer, &at) {
                Ok(Some(to)) => {
                    before = Some(std::mem::replace(&mut at, to));
                    continue;
                }
                Ok(None) => {}
                Err(failed) => return Err(refused(url, Failed::words(&failed).to_owned())),
            }
            let status = answer.status().as_u16();
            return match status {
                200..300 | 416 => Ok(answer),
                // The hub says 401 of what is not there, for it might be somebody's own.
                401 | 403 | 404 | 410 => Err(HubError::Unknown {
                    what: what.to_owned(),
                    address: url.to_string(),
                    status,
                }),
                408 | 429 | 500.. => {
                    Err(unreachable(url, led(format!("it asks to be left alone ({status})"))))
                }
                _ => Err(refused(url, led(format!("it is answered with {status}")))),
            };
        }
        Err(refused(url, format!("it leads on more than {REDIRECTS_MAX} times")))
    }

    fn at(&self, parts: &[&str]) -> Url {
        let mut url = self.address.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        url
    }
}

/// Brings what came to disk, so that it can be gone on with.
async fn kept(mut file: File) -> io::Result<()> {
    file.flush().await?;
    file.sync_all().await
}

/// From which byte on an answer is.
fn begins(answer: &Response) -> Option<u64> {
    let range = answer.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

/// Whether a file is what the hub says that it is.
async fn verify(file: &Sibling, path: &Path) -> Result<(), HubError> {
    let (wanted, at) = (file.clone(), path.to_path_buf());
    let checked = tokio::task::spawn_blocking(move || found(&wanted, &at)).await;
    let checked = checked.unwrap_or_else(|error| Err(io::Error::other(error)));
    let wrong = checked.map_err(|source| HubError::Io {
        path: path.to_path_buf(),
        needed: file.bytes(),
        source,
    })?;
    match wrong {
        None => Ok(()),
        Some((what, found, expected)) => {
            Err(HubError::Damaged { file: file.rfilename.clone(), what, found, expected })
        }
    }
}

/// What of a file is not what it should be: what that is, what was found and what was expected.
fn found(file: &Sibling, path: &Path) -> io::Result<Option<(&'static str, String, String)>> {
    let bytes = std::fs::metadata(path)?.len();
    if bytes != file.bytes() {
        return Ok(Some(("its length is", bytes.to_string(), file.bytes().to_string())));
    }
    let mut read = std::fs::File::open(path)?;
    let (what, found, expected) = match (&file.lfs, &file.blob) {
        (Some(lfs), _) => {
            let mut hasher = Sha256::new();
            io::copy(&mut read, &mut hasher)?;
            ("its sha256 is", digits(&hasher.finalize()), &lfs.sha256)
        }
        (None, Some(blob)) => {
            // Git names a file by this line and its bytes.
            let mut hasher = Sha1::new_with_prefix(format!("blob {bytes}\0"));
            io::copy(&mut read, &mut hasher)?;
            ("git's name for it is", digits(&hasher.finalize()), blob)
        }
        (None, None) => return Ok(None),
    };
    Ok((found != *expected).then(|| (what, found, expected.clone())))
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn words(error: &reqwest::Error) -> String {
    match error.is_timeout() {
        true => format!("nothing came for {} seconds", SILENCE_MAX.as_secs()),
        false => broken(error),
    }
}

fn unreachable(url: &Url, reason: String) -> HubError {
    HubError::Unreachable { address: url.to_string(), reason }
}

fn refused(url: &Url, reason: String) -> HubError {
    HubError::Refused { address: url.to_string(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_read_as_people_write_them() {
        let read = |text: &str| Model::parse(text).map(|model| model.to_string());
        for text in ["intfloat/multilingual-e5-base", "a/b@v1.0", "a/b@refs/pr/1", "A_b/c.d-e"] {
            assert_eq!(read(text).as_deref(), Some(text));
        }
        assert_eq!(read("a/b@main").as_deref(), Some("a/b"));
        let model = Model::parse("a/b@v1").unwrap();
        assert_eq!((model.id().as_str(), model.revision()), ("a/b", "v1"));
        assert_eq!(model.folder(), "a--b@");
        for text in [
            "",
            "a",
            "a/",
            "/b",
            "a/b/c",
            "a/b@",
            "../b",
            "a/..",
            "a/b@../x",
            "a--b/c",
            "a/b c",
            "-a/b",
            "a/b?x",
            "https://huggingface.co/a/b",
            "a/b@x@y",
            "é/b",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
