//! The library's own web pages: fetched when they are due, and told of in few words.

use crate::library::Library;
use crate::output::count;
use anyhow::Context;
use jiff::Timestamp;
use sources::{Error, Report};
use std::sync::Arc;
use std::time::Duration;

/// How long another program that fetches is waited for.
const BUSY: Duration = Duration::from_secs(60);

/// How many of what was left are named: the rest is for `pollen index --fetch --json`.
const NAMED_MAX: usize = 5;

/// Makes the folder of the fetched pages, so that it can be watched; takes it away from a library
/// that names no sitemap any more.
///
/// # Errors
/// If that cannot be done.
pub(crate) fn make_or_forget(library: &Library) -> anyhow::Result<()> {
    let data = library.make_data()?;
    if library.settings.pages.sitemap.is_some() {
        let folder = data.join("pages");
        return std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()));
    }
    if sources::forget(&data)? {
        tracing::info!(library = library.shown(), "no sitemap is settled: its pages are taken out");
    }
    Ok(())
}

/// Fetches the pages whenever they are due, until the task is aborted. What changed is then seen by
/// whoever watches the folder.
pub(crate) async fn run(library: Arc<Library>) {
    let Some(settings) = library.settings.pages.for_sources() else { return };
    let data = library.data();
    let mut said = None;
    loop {
        tokio::time::sleep(sources::due(&settings, &data, Timestamp::now())).await;
        let library = library.shown();
        let wrong = match sources::fetch(&settings, &data, &|_| {}).await {
            Ok(report) => {
                tracing::info!(library, "web pages: {}", counted(&report));
                left(&report)
            }
            Err(Error::Busy) => {
                tokio::time::sleep(BUSY).await;
                continue;
            }
            Err(error @ Error::Sitemap { .. }) => Some(error.to_string()),
            Err(error @ Error::Io { .. }) => {
                // Nothing on disk says that a round was tried: the next is not to come at once.
                tokio::time::sleep(BUSY).await;
                Some(format!("{:#}", anyhow::Error::from(error)))
            }
        };
        match &wrong {
            // Said once, and not every day.
            Some(words) if wrong != said => {
                let line = words.trim().replace("\n    ", "; ").replace("\n  ", "; ");
                tracing::warn!(library, "web pages: {line}");
            }
            None if said.is_some() => tracing::info!(library, "web pages: all is read again"),
            Some(_) | None => {}
        }
        said = wrong;
    }
}

/// Fetches the pages now, of a library that names a sitemap.
///
/// # Errors
/// Those of [`sources::fetch`].
pub(crate) fn fetch(settings: &sources::Settings, library: &Library) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    let data = library.make_data()?;
    let progress = crate::progress::Fetching::new();
    let fetched = runtime.block_on(sources::fetch(settings, &data, &|step| progress.show(step)));
    Ok(fetched?)
}

/// What a round came to, and what was left of it.
pub(crate) fn told(report: &Report) -> String {
    format!("{}{}\n", counted(report), left(report).unwrap_or_default())
}

fn counted(report: &Report) -> String {
    let Report { kept, new, changed, gone, missing, .. } = report;
    let pages = count(*kept as u64, "page", "pages");
    let gone = gone.len();
    let mut words = format!("{pages} from the site, {new} new, {changed} changed, {gone} gone");
    if !missing.is_empty() {
        words.push_str(&format!(", {} missing and kept until the next time", missing.len()));
    }
    words
}

/// What was not taken, or not this time.
fn left(report: &Report) -> Option<String> {
    let mut words = String::new();
    for (what, all) in [("not taken", &report.refused), ("not read this time", &report.failed)] {
        if all.is_empty() {
            continue;
        }
        words.push_str(&format!("\n  {what}: {}", all.len()));
        for one in all.iter().take(NAMED_MAX) {
            words.push_str(&format!(
                "\n    {}: {}",
                terminal::line(&one.address),
                terminal::line(&one.reason)
            ));
        }
        if let more @ 1.. = all.len().saturating_sub(NAMED_MAX) {
            words.push_str(&format!(
                "\n    … and {more} more; `pollen index --fetch --json` names all"
            ));
        }
    }
    if let Some(why) = &report.stopped {
        words.push_str(&format!("\n  {} left for the next time: {why}", report.waiting));
    }
    (!words.is_empty()).then_some(words)
}
