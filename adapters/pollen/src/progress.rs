//! Progress of work that takes over a second, on a terminal alone.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use knowledge::index::Progress;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Work shorter than this shows no bar: it would only flicker.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

/// How often a bar is drawn a second: enough to be seen moving.
const DRAWN_A_SECOND: u8 = 10;

/// The progress of an index that is being built.
pub(crate) struct Indexing {
    template: &'static str,
    started: Instant,
    bar: Mutex<Option<ProgressBar>>,
}

impl Indexing {
    /// Nothing is shown yet.
    pub(crate) fn new() -> Indexing {
        Indexing::of(INDEXING)
    }

    fn of(template: &'static str) -> Indexing {
        Indexing { template, started: Instant::now(), bar: Mutex::new(None) }
    }

    /// Takes note of how far it is.
    pub(crate) fn show(&self, progress: Progress<'_>) {
        match progress.encoded {
            Some((done, all)) => self
                .draw(done as u64, all as u64, || format!("what {done} of {all} new texts mean")),
            None => self.draw(progress.bytes, progress.bytes_in_all, || {
                format!("{} · {}", progress.items, progress.file)
            }),
        }
    }

    fn draw(&self, done: u64, of: u64, message: impl FnOnce() -> String) {
        if self.started.elapsed() < SHOWN_AFTER || !std::io::stderr().is_terminal() {
            return;
        }
        let Ok(mut bar) = self.bar.lock() else { return };
        let bar = bar.get_or_insert_with(|| new_bar(self.template));
        bar.set_length(of);
        bar.set_position(done);
        bar.set_message(message());
    }
}

impl Drop for Indexing {
    fn drop(&mut self) {
        if let Ok(bar) = self.bar.get_mut()
            && let Some(bar) = bar.take()
        {
            bar.finish_and_clear();
        }
    }
}

/// The progress of pages that are being fetched.
pub(crate) struct Fetching(Indexing);

impl Fetching {
    /// Nothing is shown yet.
    pub(crate) fn new() -> Fetching {
        Fetching(Indexing::of(FETCHING))
    }

    /// Takes note of how far it is.
    pub(crate) fn show(&self, progress: sources::Progress<'_>) {
        self.0.draw(progress.done as u64, progress.of as u64, || {
            format!("{} of {} · {}", progress.done, progress.of, progress.address)
        });
    }
}

/// The progress of an encoder that is fetched, and made into one of ours.
pub(crate) struct Preparing(Indexing);

impl Preparing {
    /// Nothing is shown yet.
    pub(crate) fn new() -> Preparing {
        Preparing(Indexing::of(PREPARING))
    }

    /// Takes note of how far it is with a file.
    pub(crate) fn fetching(&self, step: sources::Fetching<'_>) {
        self.0.draw(step.done, step.of, || {
            format!("{}: {} of {} MB", step.file, step.done >> 20, step.of >> 20)
        });
    }

    /// Takes note of how many bytes of how many are made.
    pub(crate) fn making(&self, done: u64, of: u64) {
        self.0.draw(done, of, || "made ready".to_owned());
    }
}

fn new_bar(template: &str) -> ProgressBar {
    let bar =
        ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(DRAWN_A_SECOND));
    // The template is checked by the test below.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

const INDEXING: &str = "indexing {bar:30} {percent}% {wide_msg}";
const PREPARING: &str = "encoder {bar:30} {percent}% {wide_msg}";
const FETCHING: &str = "fetching {bar:30} {percent}% {wide_msg}";

#[cfg(test)]
mod tests {
    #[test]
    fn the_bars_can_be_drawn() {
        for template in [super::INDEXING, super::FETCHING, super::PREPARING] {
            indicatif::ProgressStyle::with_template(template).unwrap();
        }
    }
}
