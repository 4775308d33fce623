//! Telegram, beside a bare echo bot on teloxide: the real program and the echo bot before a Bot API
//! server each, in turns.

use crate::deciding::Decider;
use crate::program::{Memory, PROGRAM, memory_after};
use crate::table::{quantile, row};
use bot::{Effect, MessageId, Network, Sending};
use contract::{Arrival, Commit, OutboxState, Sent, Store};
use jiff::Timestamp;
use knowledge::Knowledge;
use peers::telegram::{Deed, Limits};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::SqliteStore;
use tests::beside::Beside;
use tokio::runtime::Runtime;

/// Questions of each, one after the other.
const LONE: usize = 400;
/// Between two questions.
const BREATH: Duration = Duration::from_millis(20);
/// People who all ask at once, for the pace.
const CROWD: usize = 3_000;
/// How long the pace is looked at, after its beginning.
const WARM: Duration = Duration::from_secs(5);
const LOOKED_AT: Duration = Duration::from_secs(30);
/// What Telegram allows a second (core.telegram.org/bots/faq).
const ALLOWED: f64 = 30.0;
/// Messages that wait after an hour.
const WAITING: usize = 5_000;
const HOUR: Duration = Duration::from_secs(60 * 60);
/// Far longer than any of this takes: tells hanging from slow.
const PATIENCE: Duration = Duration::from_secs(600);

const BARE: &str = env!("CARGO_BIN_EXE_bare-telegram");
const QUESTION: &str = "What is a health emergency?";

/// Measures all of it.
pub(crate) fn measure(
    library: &Path,
    scratch: &Path,
    questions: &[String],
    knowledge: Arc<Knowledge>,
) {
    added(library, questions, &knowledge, &Commits::new(&scratch.join("commits.db")));
    drop(knowledge);
    pace(library);
    hour_down(library);
    memory(library);
}

/// What the program takes beyond an echo: the time of its two transactions and of its decision, which
/// take turns with the questions, so that they find the machine as rested as those do.
fn added(library: &Path, questions: &[String], knowledge: &Knowledge, commits: &Commits) {
    let mut ours = Beside::ours(Path::new(PROGRAM), library, Limits::none()).unwrap();
    let mut bare = Beside::bare(Path::new(BARE), Limits::none());
    ours.start().unwrap();
    bare.start().unwrap();
    let both = [&ours, &bare];
    let people = both.map(|bot| bot.people(LONE));
    let mut decider = Decider::new(knowledge);
    let (mut times, mut allowed) = ([Vec::new(), Vec::new()], Vec::new());
    for number in 0..LONE {
        for ((bot, people), times) in both.iter().zip(&people).zip(&mut times) {
            let user = people[number];
            let began = Instant::now();
            bot.peer.say(user, user.chat(), &questions[number % questions.len()]);
            bot.peer.next_sent(PATIENCE).unwrap();
            times.push(began.elapsed());
            // No faster than Telegram lets a bot speak.
            std::thread::sleep(BREATH);
        }
        let (effects, decision) = decider.decide(&questions[number % questions.len()]);
        std::thread::sleep(BREATH);
        allowed.push(decision + commits.both(number as u64 + 1, effects));
        std::thread::sleep(BREATH);
    }
    let allowed_us = quantile(&mut allowed, 0.5);
    let [mut ours, mut bare] = times;
    let (ours, bare) = (quantile(&mut ours, 0.5), quantile(&mut bare, 0.5));
    row("telegram: a question, µs, p50, beside an echo bot", ours, bare, ours / bare, "");
    let added = ours - bare;
    row(
        "… the difference, and 2 commits + decision",
        added,
        allowed_us,
        added / allowed_us,
        "≤ 1.20",
    );
}

/// The two transactions of a question: into the inbox, and its handling.
struct Commits {
    runtime: Runtime,
    store: SqliteStore,
}

impl Commits {
    fn new(path: &Path) -> Commits {
        let runtime = Runtime::new().unwrap();
        let store = runtime.block_on(SqliteStore::open(path)).unwrap();
        Commits { runtime, store }
    }

    fn both(&self, number: u64, effects: Vec<Effect>) -> Duration {
        let network = Network("telegram".to_owned());
        let now = Timestamp::now();
        let arrivals = [Arrival::new(number.to_string(), vec![b'x'; 400])];
        let cursor = number.to_string();
        let commit = handling(number, effects);
        self.runtime.block_on(async {
            let began = Instant::now();
            self.store.accept(now, &network, &arrivals, Some(&cursor)).await.unwrap();
            self.store.commit(now, &commit).await.unwrap();
            let took = began.elapsed();
            let sent = Sent { messages: vec![MessageId(number.to_string())] };
            let said = |sending: &Sending| (sending.send, OutboxState::Said(sent.clone()));
            let said: Vec<_> = commit.send.iter().map(said).collect();
            self.store.settle(now, &said).await.unwrap();
            took
        })
    }
}

/// What handling a question writes.
fn handling(number: u64, effects: Vec<Effect>) -> Commit {
    let handled = vec![contract::InboxId(i64::try_from(number).unwrap())];
    let mut commit = Commit { handled, ..Commit::default() };
    for effect in effects {
        match effect {
            Effect::Save(row) => commit.save.push(row),
            Effect::Send(sending) => commit.send.push(sending),
            other @ (Effect::Change { .. }
            | Effect::Unsend(_)
            | Effect::Forget(_)
            | Effect::ForgetPerson(_)
            | Effect::ForgetBefore(_)) => panic!("a question comes to {other:?}"),
        }
    }
    commit
}

/// Everybody asks at once: how many answers go out a second, and whether Telegram ever has to say no.
fn pace(library: &Path) {
    let mut ours = Beside::ours(Path::new(PROGRAM), library, Limits::default()).unwrap();
    ours.start().unwrap();
    for user in ours.people(CROWD) {
        ours.peer.say(user, user.chat(), QUESTION);
    }
    std::thread::sleep(WARM);
    let sent = |deeds: Vec<Deed>| deeds.iter().filter(|deed| matches!(deed, Deed::Sent(_))).count();
    let refused = ours.peer.answered_with(429);
    ours.peer.read();
    let began = Instant::now();
    std::thread::sleep(LOOKED_AT);
    let said = sent(ours.peer.read());
    let rate = said as f64 / began.elapsed().as_secs_f64();
    row("telegram: messages a second, of those allowed", rate, ALLOWED, rate / ALLOWED, "≥ 0.97");
    let later = ours.peer.answered_with(429) - refused;
    row("… refused with 429 meanwhile, and before", later as f64, refused as f64, f64::NAN, "0");
}

/// An hour away, and thousands of messages waiting.
fn hour_down(library: &Path) {
    let mut ours = Beside::ours(Path::new(PROGRAM), library, Limits::default()).unwrap();
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
        let deeds = ours.peer.read();
        said += deeds.iter().filter(|deed| matches!(deed, Deed::Sent(_))).count();
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

/// What the adapter holds in memory beyond the core.
fn memory(library: &Path) {
    let mut ours = Beside::ours(Path::new(PROGRAM), library, Limits::none()).unwrap();
    ours.start().unwrap();
    for user in ours.people(3) {
        ours.peer.say(user, user.chat(), QUESTION);
        ours.peer.next_sent(PATIENCE).unwrap();
    }
    let with = Memory::of(ours.process().unwrap());
    drop(ours);
    std::fs::write(library.join("pollen.toml"), "name = \"Library\"\nlanguages = [\"en\"]\n")
        .unwrap();
    let without = memory_after(library, &[QUESTION; 3]);
    let name = "telegram: resident memory beside the core's, MB";
    row(name, with.resident, without.resident, f64::NAN, "");
    row("… without the pages of files, MB", with.own, without.own, f64::NAN, "");
    row("… the difference", with.own - without.own, 15.0, f64::NAN, "≤ 15");
}
