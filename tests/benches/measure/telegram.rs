//! Telegram, beside a bare echo bot on teloxide.

use crate::networks::{self, Commits, PATIENCE, QUESTION};
use crate::program::PROGRAM;
use crate::table::row;
use knowledge::Knowledge;
use peers::telegram::{Limits, Telegram};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::beside::{Beside, Server, on_telegram};

/// People who all ask at once, for the pace.
const CROWD: usize = 3_000;
/// What Telegram allows a second (core.telegram.org/bots/faq).
const ALLOWED: f64 = 30.0;
/// Messages that wait after an hour.
const WAITING: usize = 5_000;
const HOUR: Duration = Duration::from_secs(60 * 60);

const BARE: &str = env!("CARGO_BIN_EXE_bare-telegram");

/// Measures all of it.
pub(crate) fn measure(
    library: &Path,
    questions: &[String],
    knowledge: Arc<Knowledge>,
    commits: &Commits,
) {
    let bare = Beside::bare(Path::new(BARE), on_telegram(Limits::none()));
    let lone = ours(library, Limits::none());
    networks::added("telegram", lone, bare, questions, &knowledge, commits);
    drop(knowledge);
    networks::pace("telegram", ours(library, Limits::default()), CROWD, ALLOWED);
    hour_down(library);
    networks::memory("telegram", ours(library, Limits::none()), library, (15.0, "≤ 15"));
}

fn ours(library: &Path, limits: Limits) -> Beside<Telegram> {
    Beside::ours(Path::new(PROGRAM), library, on_telegram(limits)).unwrap()
}

/// An hour away, and thousands of messages waiting.
fn hour_down(library: &Path) {
    let mut ours = ours(library, Limits::default());
    let people = ours.people(WAITING);
    for user in &people {
        ours.peer.say(*user, user.chat(), QUESTION);
    }
    ours.peer.advance(HOUR);
    let began = Instant::now();
    ours.start().unwrap();
    let mut said = 0;
    // Read in large steps: the server is not to be busy with being looked at.
    while said < WAITING && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_secs(1));
        said += ours.peer.sent();
    }
    let took = began.elapsed().as_secs_f64();
    let answered =
        |times: usize| people.iter().filter(|user| ours.answers(**user) == times).count();
    row(
        "telegram: 5,000 after an hour: answered once",
        answered(1) as f64,
        WAITING as f64,
        f64::NAN,
        "5,000",
    );
    row("… never, and after how many seconds all were", answered(0) as f64, took, f64::NAN, "0");
}
