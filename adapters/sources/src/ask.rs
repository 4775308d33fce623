//! Asks for one address: politely, behind the guard, and only so much.

use crate::Settings;
use crate::guard::{Allowed, Guard, Refusal};
use crate::robots::{self, Robots};
use crate::sitemap;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;
use url::Url;

/// Redirects that are followed for one address.
pub(crate) const REDIRECTS_MAX: usize = 5;

/// How long a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long an answer may take, to its last byte.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// How long a site that says "later" is waited for, if it does not say how long, and at most.
const LATER: Duration = Duration::from_secs(10);
const LATER_MAX: Duration = Duration::from_secs(120);

/// Longest tag, day or kind that is taken from an answer, in bytes.
const HEADER_MAX: usize = 200;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sitemap,
    Page,
}

impl Kind {
    /// So many bytes of it are read.
    fn most(self) -> usize {
        match self {
            Kind::Sitemap => sitemap::BYTES_MAX,
            Kind::Page => PAGE_BYTES_MAX,
        }
    }

    fn accepts(self) -> &'static str {
        match self {
            Kind::Sitemap => "application/xml, text/xml, text/plain;q=0.9, */*;q=0.5",
            Kind::Page => "text/html, application/xhtml+xml",
        }
    }
}

/// Longest page, in bytes: fifty times a usual one.
pub(crate) const PAGE_BYTES_MAX: usize = 4 << 20;

/// What a site said of an answer that it gave before, said back to it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Before<'a> {
    pub(crate) etag: Option<&'a str>,
    pub(crate) modified: Option<&'a str>,
}

/// What came.
#[derive(Debug)]
pub(crate) enum Came {
    /// All of it.
    Whole(Whole),
    /// What came before is still what stands there.
    Unchanged,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Whole {
    /// Where it stands, after redirects.
    pub(crate) url: Url,
    pub(crate) bytes: Vec<u8>,
    /// The encoding that the answer names.
    pub(crate) charset: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) modified: Option<String>,
}

/// Why nothing came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// Nothing stands there.
    Gone(String),
    /// It is not taken, and will not be tomorrow.
    Refused(String),
    /// The site's robots.txt says no.
    Forbidden(String),
    /// Perhaps later.
    Unreachable(String),
    /// The site asks to be left alone for now.
    Later(String),
}

impl Failed {
    pub(crate) fn words(&self) -> &str {
        match self {
            Failed::Gone(words)
            | Failed::Refused(words)
            | Failed::Forbidden(words)
            | Failed::Unreachable(words)
            | Failed::Later(words) => words,
        }
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Failed {
        Failed::Refused(refusal.to_string())
    }
}

/// Asks, one request at a time.
pub(crate) struct Asking {
    client: Client,
    allowed: Allowed,
    pause: Duration,
    /// When the last answer ended.
    last: Option<Instant>,
    /// By scheme, host and port; or why a site's could not be read.
    robots: BTreeMap<String, Result<Robots, Failed>>,
}

/// What makes the connections, behind the guard, as a program of this name.
pub(crate) fn guarded(agent: &str) -> ClientBuilder {
    Client::builder()
        .user_agent(agent)
        .dns_resolver(Arc::new(Guard))
        // A proxy would resolve names behind the guard's back.
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_MAX)
        .pool_max_idle_per_host(1)
}

/// What one request came to.
enum Hop {
    Answer(Response),
    Redirect(Url),
}

impl Asking {
    pub(crate) fn new(settings: &Settings) -> Result<Asking, String> {
        let site = settings.sitemap.origin().ascii_serialization();
        let version = env!("CARGO_PKG_VERSION");
        let agent = format!(
            "{}/{version} (+{site}; this library's own chat bot, which answers from its pages)",
            robots::TOKEN
        );
        let client = guarded(&agent).timeout(ANSWER_MAX).build();
        Ok(Asking {
            client: client.map_err(|error| format!("no connections can be made ({error})"))?,
            allowed: Allowed::by(settings),
            pause: settings.pause,
            last: None,
            robots: BTreeMap::new(),
        })
    }

    /// Whether an address may be asked, as far as it says so itself.
    pub(crate) fn check(&self, url: &Url) -> Result<(), Refusal> {
        self.allowed.check(url, None)
    }

    /// Asks for an address, and follows where it leads.
    pub(crate) async fn ask(
        &mut self,
        url: &Url,
        kind: Kind,
        before: Before<'_>,
    ) -> Result<Came, Failed> {
        let (mut at, mut from) = (url.clone(), None);
        for _ in 0..=REDIRECTS_MAX {
            self.allowed.check(&at, from.as_ref()).map_err(|refusal| led(url, &at, refusal))?;
            self.permitted(&at).await?;
            let mut headers = HeaderMap::new();
            put(&mut headers, ACCEPT, kind.accepts());
            put(&mut headers, IF_NONE_MATCH, before.etag.unwrap_or_default());
            put(&mut headers, IF_MODIFIED_SINCE, before.modified.unwrap_or_default());
            match self.hop(&at, headers).await.map_err(|failed| led_on(url, &at, failed))? {
                Hop::Redirect(to) => from = Some(std::mem::replace(&mut at, to)),
                Hop::Answer(answer) => {
                    let came = taken(answer, at, kind).await;
                    self.last = Some(Instant::now());
                    return came;
                }
            }
        }
        Err(Failed::Refused(format!("it leads on more than {REDIRECTS_MAX} times")))
    }

    /// Whether the site's robots.txt permits an address.
    async fn permitted(&mut self, url: &Url) -> Result<(), Failed> {
        let site = url.origin().ascii_serialization();
        if !self.robots.contains_key(&site) {
            let robots = self.read_robots(url).await;
            self.robots.insert(site.clone(), robots);
        }
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        match self.robots.get(&site) {
            // The guard's word holds for the whole site.
            Some(Err(Failed::Refused(why))) => Err(Failed::Refused(why.clone())),
            Some(Err(failed)) => Err(Failed::Unreachable(format!(
                "{site}/robots.txt, which says what may be read, could not be read itself: {}",
                failed.words()
            ))),
            Some(Ok(robots)) if !robots.allows(path) => Err(Failed::Forbidden(format!(
                "{site}/robots.txt forbids it; let it say `User-agent: {}` and `Allow: {path}`",
                robots::TOKEN
            ))),
            Some(Ok(_)) | None => Ok(()),
        }
    }

    /// Reads a site's robots.txt. One that is not there allows everything, one that cannot be asked
    /// for nothing (RFC 9309, 2.3.1).
    async fn read_robots(&mut self, url: &Url) -> Result<Robots, Failed> {
        let mut at = url.clone();
        at.set_path("/robots.txt");
        at.set_query(None);
        let mut from = None;
        for _ in 0..=REDIRECTS_MAX {
            self.allowed.check(&at, from.as_ref())?;
            match self.hop(&at, HeaderMap::new()).await {
                Ok(Hop::Redirect(to)) => from = Some(std::mem::replace(&mut at, to)),
                Ok(Hop::Answer(mut answer)) => {
                    let bytes = begun(&mut answer, robots::BYTES_MAX).await;
                    self.last = Some(Instant::now());
                    let bytes = bytes.map_err(|error| failed(&error))?;
                    return Ok(Robots::read(&String::from_utf8_lossy(&bytes)));
                }
                Err(Failed::Gone(_)) => return Ok(Robots::default()),
                Err(Failed::Refused(words)) if words.starts_with(NOT_GIVEN) => {
                    return Ok(Robots::default());
                }
                Err(failed) => return Err(failed),
            }
        }
        Ok(Robots::default())
    }

    /// Asks once, after the pause that the site is due.
    async fn hop(&mut self, url: &Url, headers: HeaderMap) -> Result<Hop, Failed> {
        let robots = self.robots.get(&url.origin().ascii_serialization());
        let wanted = robots.and_then(|robots| robots.as_ref().ok()?.delay).unwrap_or_default();
        if let Some(last) = self.last {
            tokio::time::sleep_until(last + self.pause.max(wanted)).await;
        }
        let asked = self.client.get(url.clone()).headers(headers).send().await;
        self.last = Some(Instant::now());
        let answer = asked.map_err(|error| failed(&error))?;
        let status = answer.status();
        if let Some(to) = redirect(&answer, url)? {
            return Ok(Hop::Redirect(to));
        }
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            return Ok(Hop::Answer(answer));
        }
        Err(match status.as_u16() {
            404 | 410 => Failed::Gone(format!("nothing stands there ({})", status.as_u16())),
            429 | 503 => {
                let wait = wait(&answer);
                tokio::time::sleep(wait).await;
                Failed::Later(format!("the site asks to be left alone ({})", status.as_u16()))
            }
            500.. => Failed::Unreachable(format!("the site is in trouble ({})", status.as_u16())),
            other => Failed::Refused(format!("{NOT_GIVEN} ({other})")),
        })
    }
}

/// Where an answer leads on to, if it does.
pub(crate) fn redirect(answer: &Response, from: &Url) -> Result<Option<Url>, Failed> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
    let Some(mut to) = location.and_then(|to| from.join(to).ok()) else {
        return Err(Failed::Refused("it leads on and does not say where".to_owned()));
    };
    to.set_fragment(None);
    Ok(Some(to))
}

/// What is said of answers that are neither a page nor trouble of the site.
const NOT_GIVEN: &str = "the site does not give it to everybody";

/// Where an address led, and why that is not followed.
fn led(asked: &Url, at: &Url, refusal: Refusal) -> Failed {
    led_on(asked, at, refusal.into())
}

fn led_on(asked: &Url, at: &Url, failed: Failed) -> Failed {
    if asked == at {
        return failed;
    }
    let words = |words: String| format!("it leads to {at}: {words}");
    match failed {
        Failed::Gone(why) => Failed::Gone(words(why)),
        Failed::Refused(why) => Failed::Refused(words(why)),
        Failed::Forbidden(why) => Failed::Forbidden(words(why)),
        Failed::Unreachable(why) => Failed::Unreachable(words(why)),
        Failed::Later(why) => Failed::Later(words(why)),
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if value.is_empty() {
        return;
    }
    // A tag that is no header is not said back.
    if let Ok(value) = value.parse() {
        headers.insert(name, value);
    }
}

/// How long a site wants to be left alone.
fn wait(answer: &Response) -> Duration {
    let said = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let seconds = said.and_then(|said| said.parse().ok()).map(Duration::from_secs);
    let until = said.and_then(|said| httpdate::parse_http_date(said).ok());
    let until = until.and_then(|until| until.duration_since(SystemTime::now()).ok());
    seconds.or(until).unwrap_or(LATER).min(LATER_MAX)
}

/// Takes an answer in.
async fn taken(mut answer: Response, url: Url, kind: Kind) -> Result<Came, Failed> {
    if answer.status() == StatusCode::NOT_MODIFIED {
        return Ok(Came::Unchanged);
    }
    if answer.status() != StatusCode::OK {
        let status = answer.status().as_u16();
        return Err(Failed::Refused(format!("it is answered with {status}, which is no page")));
    }
    let of = |name: HeaderName| {
        let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
        value.map(str::trim).filter(|value| value.len() <= HEADER_MAX).map(str::to_owned)
    };
    let (etag, modified) = (of(ETAG), of(LAST_MODIFIED));
    let content = of(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    let essence = content.split(';').next().unwrap_or_default().trim();
    if kind == Kind::Page && !matches!(essence, "text/html" | "application/xhtml+xml") {
        let what = if essence.is_empty() { "says not what it is" } else { "is" };
        let words = format!("it {what} {essence}");
        return Err(Failed::Refused(format!("{}, and only web pages are read", words.trim_end())));
    }
    let most = kind.most();
    let long = || Failed::Refused(format!("it is longer than {} MB", most >> 20));
    if answer.content_length().is_some_and(|length| length > most as u64) {
        return Err(long());
    }
    let bytes = begun(&mut answer, most + 1).await.map_err(|error| failed(&error))?;
    if bytes.len() > most {
        return Err(long());
    }
    // Packed without being asked to.
    let bytes = match kind {
        Kind::Page => sitemap::unpacked(&bytes, most).map_err(Failed::Refused)?.unwrap_or(bytes),
        Kind::Sitemap => bytes,
    };
    let charset = content.split_once("charset=").map(|(_, charset)| {
        charset.split(';').next().unwrap_or_default().trim_matches(['"', '\'', ' ']).to_owned()
    });
    Ok(Came::Whole(Whole { url, bytes, charset, etag, modified }))
}

/// The first bytes of an answer, at most `most`.
pub(crate) async fn begun(answer: &mut Response, most: usize) -> Result<Vec<u8>, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        let room = most - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() == most {
            break;
        }
    }
    Ok(bytes)
}

fn failed(error: &reqwest::Error) -> Failed {
    match refusal(error) {
        Some(refusal) => refusal.clone().into(),
        None => Failed::Unreachable(said(error)),
    }
}

/// The guard's own word, if it was the guard that kept a connection from being made.
pub(crate) fn refusal(error: &reqwest::Error) -> Option<&Refusal> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return Some(refusal);
        }
        source = cause.source();
    }
    None
}

/// What went wrong, in its last words.
fn said(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no whole answer came within {} seconds", ANSWER_MAX.as_secs());
    }
    broken(error)
}

/// What went wrong with a connection, in its last words.
pub(crate) fn broken(error: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    let what = if error.is_connect() { "it cannot be reached" } else { "the answer broke off" };
    format!("{what} ({last})")
}
