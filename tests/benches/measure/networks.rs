//! A network's bot beside a bare echo bot on its client library: the real program and the echo bot before a
//! server each, in turns.

use crate::deciding::Decider;
use crate::program::{Memory, memory_after};
use crate::table::{quantile, row};
use bot::{Effect, MessageId, Network, Sending};
use contract::{Arrival, Commit, OutboxState, Sent, Store};
use jiff::Timestamp;
use knowledge::Knowledge;
use std::path::Path;
use std::time::{Duration, Instant};
use store::SqliteStore;
use tests::beside::{Beside, Server};
use tokio::runtime::Runtime;

/// Questions of each, one after the other.
const LONE: usize = 400;
/// Between two questions.
const BREATH: Duration = Duration::from_millis(20);
/// How long the pace is looked at, after its beginning.
const WARM: Duration = Duration::from_secs(5);
const LOOKED_AT: Duration = Duration::from_secs(30);
/// Far longer than any of this takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) const QUESTION: &str = "What is a health emergency?";

/// What the program takes beyond an echo: the time of its two transactions and of its decision, which
/// take turns with the questions, so that they find the machine as rested as those do.
pub(crate) fn added<S: Server>(
    network: &str,
    mut ours: Beside<S>,
    mut bare: Beside<S>,
    questions: &[String],
    knowledge: &Knowledge,
    commits: &Commits,
) {
    ours.start().unwrap();
    bare.start().unwrap();
    let both = [&ours, &bare];
    let people = both.map(|bot| bot.people(LONE));
    let mut decider = Decider::new(knowledge);
    let (mut times, mut allowed) = ([Vec::new(), Vec::new()], Vec::new());
    for number in 0..LONE {
        for ((bot, people), times) in both.iter().zip(&people).zip(&mut times) {
            let began = Instant::now();
            bot.peer.says(people[number], &questions[number % questions.len()]);
            assert!(bot.peer.next_sent(PATIENCE), "no answer has come");
            times.push(began.elapsed());
            // No faster than networks let a bot speak.
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
    let name = format!("{network}: a question, µs, p50, beside an echo bot");
    row(&name, ours, bare, ours / bare, "");
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
pub(crate) struct Commits {
    runtime: Runtime,
    store: SqliteStore,
}

impl Commits {
    pub(crate) fn new(path: &Path) -> Commits {
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

/// So many ask at once: how many answers go out a second of those that the network allows, and whether it
/// ever has to say no.
pub(crate) fn pace<S: Server>(network: &str, mut ours: Beside<S>, crowd: usize, allowed: f64) {
    ours.start().unwrap();
    for person in ours.people(crowd) {
        ours.peer.says(person, QUESTION);
    }
    std::thread::sleep(WARM);
    let refused = ours.peer.refused();
    ours.peer.sent();
    let began = Instant::now();
    std::thread::sleep(LOOKED_AT);
    let said = ours.peer.sent();
    let rate = said as f64 / began.elapsed().as_secs_f64();
    let name = format!("{network}: messages a second, of those allowed");
    row(&name, rate, allowed, rate / allowed, "≥ 0.97");
    let later = ours.peer.refused() - refused;
    row("… refused with 429 meanwhile, and before", later as f64, refused as f64, f64::NAN, "0");
}

/// What the adapter holds in memory beyond the core, which may be so many MB.
pub(crate) fn memory<S: Server>(
    network: &str,
    mut ours: Beside<S>,
    library: &Path,
    (most, goal): (f64, &str),
) {
    ours.start().unwrap();
    for person in ours.people(3) {
        ours.peer.says(person, QUESTION);
        assert!(ours.peer.next_sent(PATIENCE), "no answer has come");
    }
    let with = Memory::of(ours.process().unwrap());
    drop(ours);
    std::fs::write(library.join("pollen.toml"), "name = \"Library\"\nlanguages = [\"en\"]\n")
        .unwrap();
    let without = memory_after(library, &[QUESTION; 3]);
    let name = format!("{network}: resident memory beside the core's, MB");
    row(&name, with.resident, without.resident, f64::NAN, "");
    row("… without the pages of files, MB", with.own, without.own, f64::NAN, "");
    row("… the difference", with.own - without.own, most, f64::NAN, goal);
}
