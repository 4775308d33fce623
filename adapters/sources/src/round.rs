//! A round: the sitemap, then its pages, one after the other.

use crate::ask::{Asking, Before, Came, Failed, Kind};
use crate::kept::{self, Kept};
use crate::sitemap::{self, Listed, Sitemap};
use crate::{Error, Settings};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use tokio::time::Instant;
use url::Url;

/// Sitemaps that are read for one site: an index names others, and those perhaps others.
const SITEMAPS_MAX: usize = 50;

/// How deep sitemaps may name each other.
const DEEPEST: u32 = 3;

/// Addresses that are alike but for what stands behind their `?`: more are a calendar or a search,
/// which has no end.
const QUERIES_MAX: usize = 10;

/// Rounds in which a page must be missing before it goes: a site that is being rebuilt is not
/// forgotten.
const MISSED_MAX: u32 = 2;

/// Requests that may fail one after the other before the site is left alone.
const FAILED_MAX: u32 = 5;

/// How long a sitemap's word that a page has not changed is taken for it.
const TRUSTED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Pages after which what is known is written: so many are asked again if the program dies.
const WRITTEN_EVERY: usize = 20;

/// What a round came to; the keys are those of `pollen index --fetch --json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Pages that the sitemap lists.
    pub listed: usize,
    /// Pages that are kept.
    pub kept: usize,
    /// Of those, pages that were not there before.
    pub new: usize,
    /// Pages that say something else than before.
    pub changed: usize,
    /// Pages that stand as they did.
    pub unchanged: usize,
    /// Pages that were taken away: they were missing twice, or may not be read any more.
    pub gone: Vec<String>,
    /// Pages that were missing for the first time, and are kept until the next round.
    pub missing: Vec<String>,
    /// What was not taken, and will not be until something is mended.
    pub refused: Vec<Left>,
    /// What could not be read this time; an earlier reading of it stays.
    pub failed: Vec<Left>,
    /// Pages that are left for the next round.
    pub waiting: usize,
    /// Why the round ended before it had asked for every page.
    pub stopped: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// An address, and why it was left.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Left {
    /// The page, or the sitemap.
    pub address: String,
    /// Why, and what can be done.
    pub reason: String,
}

/// How far a round is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What is asked for.
    pub address: &'a str,
    /// How many pages were seen to.
    pub done: usize,
    /// Of how many.
    pub of: usize,
}

/// Fetches the site's pages into the data folder. `tell` hears how far it is.
///
/// What could not be read leaves an earlier reading of it as it is. What was fetched is kept from
/// page to page, so a round that is cut off loses little.
///
/// # Errors
/// [`Error::Sitemap`] where the sitemap itself cannot be read, [`Error::Busy`] where another
/// program is at it, [`Error::Io`].
pub async fn fetch(
    settings: &Settings,
    data: &Path,
    tell: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, Error> {
    let started = Instant::now();
    let _lock = kept::take(data)?;
    let mut kept = Kept::read(data)?;
    let moved = kept.sitemap != settings.sitemap.as_str();
    kept.sitemap = settings.sitemap.to_string();
    kept.sweep(data);
    let mut report = Report::default();
    let site = site(settings, &mut report).await;
    let (asking, pages, whole) = match site {
        Ok(site) => site,
        Err(error) => {
            (kept.tried, kept.failed) = (Some(Timestamp::now()), true);
            kept.write(data)?;
            return Err(error);
        }
    };
    report.listed = pages.len();
    let listed: BTreeSet<String> = pages.iter().map(|page| page.url.to_string()).collect();
    let mut round = Round { settings, data, asking, kept, report, seen: BTreeMap::new() };
    round.known(&pages);
    round.pages(pages, started, tell).await?;
    if whole {
        round.vanished(&listed, moved)?;
    }
    round.kept.tried = Some(Timestamp::now());
    round.kept.failed = round.report.stopped.is_some();
    round.kept.write(data)?;
    let mut report = round.report;
    report.kept = round.kept.pages.len();
    report.refused.sort();
    report.failed.sort();
    report.took_ms = started.elapsed().as_millis() as u64;
    Ok(report)
}

/// Looks a sitemap over and fetches no page: what it lists, or what is wrong, with the mend.
///
/// # Errors
/// What is wrong.
pub async fn look(settings: &Settings) -> Result<String, String> {
    let mut report = Report::default();
    let (_, pages, _) = site(settings, &mut report).await.map_err(|error| match error {
        Error::Sitemap { address, reason } => format!("{address}: {reason}"),
        Error::Busy | Error::Io { .. } => error.to_string(),
    })?;
    let counted = |n: usize| if n == 1 { "1 page".to_owned() } else { format!("{n} pages") };
    match report.refused.iter().chain(&report.failed).next() {
        None => Ok(format!("{} lists {}", settings.sitemap, counted(pages.len()))),
        Some(Left { address, reason }) => {
            let of = report.refused.len() + report.failed.len();
            Err(format!(
                "{} lists {} that may be read, and {of} that may not, the first {address}: {reason}",
                settings.sitemap,
                counted(pages.len())
            ))
        }
    }
}

/// A page that is to be asked for.
#[derive(Clone, Debug)]
struct ToAsk {
    url: Url,
    changed: Option<Timestamp>,
}

/// Reads the sitemap, and those that it names: the pages that may be asked for, and whether all of
/// them were read.
async fn site(
    settings: &Settings,
    report: &mut Report,
) -> Result<(Asking, Vec<ToAsk>, bool), Error> {
    let wrong = |reason: String| Error::Sitemap {
        address: settings.sitemap.to_string(),
        // Something of what the site wrote may stand in it.
        reason: reason.chars().filter(|c| !c.is_control()).collect(),
    };
    let mut asking = Asking::new(settings).map_err(wrong)?;
    let mut waiting = VecDeque::from([(settings.sitemap.clone(), 0)]);
    let mut seen = BTreeSet::from([settings.sitemap.clone()]);
    let (mut listed, mut whole) = (Vec::new(), true);
    while let Some((url, depth)) = waiting.pop_front() {
        let read = match again(&mut asking, &url, Kind::Sitemap, Before::default()).await {
            Ok(Came::Whole(came)) => sitemap::read(&came.bytes).map_err(Failed::Refused),
            Ok(Came::Unchanged) => Ok(Sitemap::Pages(Vec::new())),
            Err(failed) => Err(failed),
        };
        match read {
            Err(failed) if depth == 0 => return Err(wrong(mended(&failed))),
            Err(failed) => {
                whole = false;
                report.failed.push(Left { address: url.into(), reason: mended(&failed) });
            }
            Ok(Sitemap::Pages(pages)) => listed.extend(pages),
            Ok(Sitemap::Index(further)) => {
                for one in further {
                    let Some(further) = address(settings, &one.address) else { continue };
                    if !seen.insert(further.clone()) {
                        continue;
                    }
                    if depth == DEEPEST || seen.len() > SITEMAPS_MAX {
                        whole = false;
                        let reason = format!(
                            "at most {SITEMAPS_MAX} sitemaps are read, {DEEPEST} deep; name a shorter one"
                        );
                        report.refused.push(Left { address: further.into(), reason });
                        break;
                    }
                    waiting.push_back((further, depth + 1));
                }
            }
        }
    }
    if listed.is_empty() && whole {
        return Err(wrong("it lists no page".to_owned()));
    }
    let pages = to_ask(settings, &asking, listed, report);
    Ok((asking, pages, whole))
}

/// What the sitemap's addresses come to, each once, in its order.
fn to_ask(
    settings: &Settings,
    asking: &Asking,
    listed: Vec<Listed>,
    report: &mut Report,
) -> Vec<ToAsk> {
    let (mut pages, mut seen) = (Vec::new(), BTreeSet::new());
    let mut queries: BTreeMap<String, usize> = BTreeMap::new();
    let mut over = 0;
    for Listed { address: written, changed } in listed {
        let mut refuse = |reason: String| {
            let shown: String = written.chars().take(200).collect();
            report.refused.push(Left { address: shown, reason });
        };
        let Some(url) = address(settings, &written) else {
            refuse("it is no whole web address, from https:// on".to_owned());
            continue;
        };
        if !seen.insert(url.clone()) {
            continue;
        }
        if let Err(refusal) = asking.check(&url) {
            refuse(refusal.to_string());
            continue;
        }
        if url.query().is_some() {
            let path = url[..url::Position::AfterPath].to_owned();
            let alike = queries.entry(path).or_default();
            *alike += 1;
            if *alike > QUERIES_MAX {
                if *alike == QUERIES_MAX + 1 {
                    refuse(format!(
                        "more than {QUERIES_MAX} addresses differ from it only behind the `?`; \
                         the others are left out"
                    ));
                }
                continue;
            }
        }
        match pages.len() < settings.most {
            true => pages.push(ToAsk { url, changed }),
            false => over += 1,
        }
    }
    if over > 0 {
        let reason = format!(
            "it lists {over} more pages than the {} that are read; raise `most` under [pages], or \
             name a sitemap that lists the pages patrons ask about",
            settings.most
        );
        report.refused.push(Left { address: settings.sitemap.to_string(), reason });
    }
    pages
}

/// An address of the sitemap as it is asked for: without what stands behind its `#`, and encrypted
/// where the sitemap is.
fn address(settings: &Settings, written: &str) -> Option<Url> {
    let mut url = Url::parse(written).ok()?;
    url.set_fragment(None);
    if settings.sitemap.scheme() == "https" && url.scheme() == "http" && url.port().is_none() {
        url.set_scheme("https").ok()?;
    }
    url.has_host().then_some(url)
}

/// Asks, and once more where the site has asked to be left alone for a while.
async fn again(
    asking: &mut Asking,
    url: &Url,
    kind: Kind,
    before: Before<'_>,
) -> Result<Came, Failed> {
    match asking.ask(url, kind, before).await {
        Err(Failed::Later(_)) => asking.ask(url, kind, before).await,
        came => came,
    }
}

/// Why the sitemap was not read, with the mend.
fn mended(failed: &Failed) -> String {
    let mend = match failed {
        Failed::Gone(_) => "; write its address as it stands in the site's robots.txt",
        Failed::Unreachable(_) => "; see that the address is right and the site is up",
        Failed::Later(_) => "; it is tried again later",
        Failed::Refused(_) | Failed::Forbidden(_) => "",
    };
    format!("{}{mend}", failed.words())
}

struct Round<'a> {
    settings: &'a Settings,
    data: &'a Path,
    asking: Asking,
    kept: Kept,
    report: Report,
    /// Addresses by what stands there, so that a page with two addresses is taken once.
    seen: BTreeMap<String, String>,
}

impl Round<'_> {
    /// Notes what the pages said when they were last read.
    fn known(&mut self, pages: &[ToAsk]) {
        for page in pages {
            if let Some(kept) = self.kept.pages.get(page.url.as_str()) {
                for mark in [&kept.sum, &kept.url] {
                    self.seen.entry(mark.clone()).or_insert_with(|| page.url.to_string());
                }
            }
        }
    }

    /// Asks for the pages, those first that were never read, then those that were read longest ago.
    async fn pages(
        &mut self,
        mut pages: Vec<ToAsk>,
        started: Instant,
        tell: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<(), Error> {
        let read = |url: &Url| self.kept.page(self.data, url.as_str()).map(|page| page.fetched);
        pages.sort_by_cached_key(|page| read(&page.url));
        let (of, mut failed) = (pages.len(), 0);
        for (done, page) in pages.into_iter().enumerate() {
            if started.elapsed() > self.settings.round {
                let minutes = self.settings.round.as_secs() / 60;
                self.stop(of - done, format!("it has taken {minutes} minutes"));
                break;
            }
            tell(Progress { address: page.url.as_str(), done, of });
            let came = self.page(&page).await?;
            failed = match came {
                Some(Failed::Unreachable(_) | Failed::Later(_)) => failed + 1,
                Some(_) | None => 0,
            };
            if matches!(came, Some(Failed::Later(_))) || failed == FAILED_MAX {
                let why = came.as_ref().map(Failed::words).unwrap_or_default().to_owned();
                self.stop(of - done - 1, why);
                break;
            }
            if done % WRITTEN_EVERY == WRITTEN_EVERY - 1 {
                self.kept.write(self.data)?;
            }
        }
        Ok(())
    }

    fn stop(&mut self, waiting: usize, why: String) {
        self.report.waiting = waiting;
        self.report.stopped = Some(why);
    }

    /// Asks for one page; gives why it was not read, if it was not.
    async fn page(&mut self, page: &ToAsk) -> Result<Option<Failed>, Error> {
        let address = page.url.as_str();
        let (now, today): (Timestamp, Date) = (Timestamp::now(), ZonedDateTime::now().date());
        let before = self.kept.page(self.data, address).cloned();
        if let (Some(before), Some(changed)) = (&before, page.changed) {
            let is_fresh = now.duration_since(before.fetched) < TRUSTED;
            if changed < before.fetched && is_fresh && before.missed == 0 {
                self.report.unchanged += 1;
                return Ok(None);
            }
        }
        let said = match &before {
            Some(page) => Before { etag: page.etag.as_deref(), modified: page.modified.as_deref() },
            None => Before::default(),
        };
        let whole = match again(&mut self.asking, &page.url, Kind::Page, said).await {
            Ok(Came::Whole(whole)) => whole,
            Ok(Came::Unchanged) if before.is_some() => {
                self.kept.confirm(self.data, address, now, today)?;
                self.report.unchanged += 1;
                return Ok(None);
            }
            Ok(Came::Unchanged) => {
                return self.fail(address, Failed::Unreachable("it says nothing (304)".to_owned()));
            }
            Err(failed) => return self.fail(address, failed),
        };
        let marks = [kept::sum(&whole.bytes), whole.url.to_string()];
        let other = marks.iter().filter_map(|mark| self.seen.get(mark)).find(|by| *by != address);
        if let Some(other) = other {
            let words = format!("it is the same page as {other}");
            return self.fail(address, Failed::Refused(words));
        }
        self.seen.extend(marks.map(|mark| (mark, address.to_owned())));
        let changed = self.kept.put(self.data, address, whole, now, today)?;
        match (before.is_some(), changed) {
            (false, _) => self.report.new += 1,
            (true, true) => self.report.changed += 1,
            (true, false) => self.report.unchanged += 1,
        }
        Ok(None)
    }

    fn fail(&mut self, address: &str, failed: Failed) -> Result<Option<Failed>, Error> {
        let left = Left { address: address.to_owned(), reason: failed.words().to_owned() };
        match failed {
            Failed::Gone(_) if self.kept.pages.contains_key(address) => {
                self.miss(address, false)?
            }
            Failed::Gone(_) => self.report.refused.push(left),
            Failed::Refused(_) => {
                self.report.refused.push(left);
                self.miss(address, false)?;
            }
            // What may not be read is not kept either.
            Failed::Forbidden(_) => {
                self.report.refused.push(left);
                self.miss(address, true)?;
            }
            Failed::Unreachable(_) | Failed::Later(_) => self.report.failed.push(left),
        }
        Ok(Some(failed))
    }

    /// A page is missing: it goes once it has been so often enough.
    fn miss(&mut self, address: &str, at_once: bool) -> Result<(), Error> {
        let Some(page) = self.kept.pages.get_mut(address) else { return Ok(()) };
        page.missed += 1;
        if at_once || page.missed >= MISSED_MAX {
            self.kept.remove(self.data, address)?;
            self.report.gone.push(address.to_owned());
        } else {
            self.report.missing.push(address.to_owned());
        }
        Ok(())
    }

    /// Sees to the pages that the sitemap lists no more. Those of another sitemap than today's go at
    /// once.
    fn vanished(&mut self, listed: &BTreeSet<String>, moved: bool) -> Result<(), Error> {
        let known = self.kept.pages.keys();
        let vanished: Vec<String> =
            known.filter(|address| !listed.contains(*address)).cloned().collect();
        for address in vanished {
            self.miss(&address, moved)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Refusal;

    fn listed(addresses: &[&str]) -> (Vec<String>, Vec<Left>) {
        let settings =
            Settings { most: 12, ..Settings::new(Url::parse("https://a.example/s.xml").unwrap()) };
        let asking = Asking::new(&settings).unwrap();
        let mut report = Report::default();
        let listed = addresses
            .iter()
            .map(|address| Listed { address: (*address).to_owned(), changed: None })
            .collect();
        let pages = to_ask(&settings, &asking, listed, &mut report);
        (pages.into_iter().map(|page| page.url.to_string()).collect(), report.refused)
    }

    #[test]
    fn addresses_are_asked_once_and_encrypted_where_the_sitemap_is() {
        let (pages, refused) = listed(&[
            "http://a.example/rooms",
            "https://a.example/rooms#cost",
            "https://A.example/rooms/../rooms",
            "/relative",
            "https://b.example/",
        ]);
        assert_eq!(pages, ["https://a.example/rooms"]);
        let said: Vec<_> = refused.iter().map(|left| left.reason.as_str()).collect();
        assert!(said[0].starts_with("it is no whole web address"), "{said:?}");
        assert!(said[1].starts_with("b.example is not the sitemap's own host"), "{said:?}");
    }

    #[test]
    fn a_calendar_without_an_end_is_cut_short() {
        let days: Vec<String> =
            (0..50).map(|day| format!("https://a.example/events?day={day}")).collect();
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        let (pages, refused) = listed(&days);
        assert_eq!((pages.len(), refused.len()), (QUERIES_MAX, 1));
        assert!(refused[0].reason.contains("differ from it only behind the `?`"));
    }

    #[test]
    fn so_many_pages_and_no_more() {
        let pages: Vec<String> = (0..20).map(|n| format!("https://a.example/{n}")).collect();
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        let (pages, refused) = listed(&pages);
        assert_eq!((pages.len(), refused.len()), (12, 1));
        assert!(refused[0].reason.starts_with("it lists 8 more pages than the 12"), "{refused:?}");
    }

    #[test]
    fn a_refusal_says_its_mend() {
        let said = Refusal::OtherHost("b.example".to_owned()).to_string();
        assert!(said.contains("name it in `hosts`"), "{said}");
    }
}
