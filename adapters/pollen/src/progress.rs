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
    started: Instant,
    bar: Mutex<Option<ProgressBar>>,
}

impl Indexing {
    /// Nothing is shown yet.
    pub(crate) fn new() -> Indexing {
        Indexing { started: Instant::now(), bar: Mutex::new(None) }
    }

    /// Takes note of how far it is.
    pub(crate) fn show(&self, progress: Progress<'_>) {
        if self.started.elapsed() < SHOWN_AFTER || !std::io::stderr().is_terminal() {
            return;
        }
        let Ok(mut bar) = self.bar.lock() else { return };
        let bar = bar.get_or_insert_with(new_bar);
        match progress.encoded {
            Some((done, all)) => {
                bar.set_length(all as u64);
                bar.set_position(done as u64);
                bar.set_message(format!("{done} of {all} new texts are understood"));
            }
            None => {
                bar.set_length(progress.bytes_in_all);
                bar.set_position(progress.bytes);
                bar.set_message(format!("{} · {}", progress.items, progress.file));
            }
        }
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

fn new_bar() -> ProgressBar {
    let bar =
        ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(DRAWN_A_SECOND));
    // The template is checked by the test below.
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style);
    }
    bar
}

const TEMPLATE: &str = "indexing {bar:30} {percent}% {wide_msg}";

#[cfg(test)]
mod tests {
    #[test]
    fn the_bar_can_be_drawn() {
        indicatif::ProgressStyle::with_template(super::TEMPLATE).unwrap();
    }
}
