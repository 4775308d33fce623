//! The program and a bare echo bot are killed at random moments while people on Matrix ask: the program
//! loses nothing and says nothing twice, for a homeserver knows what it was told before.
//! `KILLS=300 cargo test -p tests --test matrix_kills -- --nocapture` prints the table.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use peers::matrix::{Limits, Synapse};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::at_home::{AtHome, Patron};
use tests::program::Staged;

/// Kills where nothing else is asked for: half a minute.
const KILLS: usize = 5;
/// How many people ask between two kills, at most.
const BETWEEN_MAX: u64 = 12;
/// How long it may live on after they have asked, at most: long enough to answer some and not all.
const LIVES_ON_US: u64 = 400_000;
/// Far longer than a loaded machine needs for an answer: tells a lost one from a slow one.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the echo bot may take for the last answers, when nothing is in its way any more.
const BARE_PATIENCE: Duration = Duration::from_secs(10);
/// How often to look whether all are answered.
const LOOKS_EVERY: Duration = Duration::from_millis(500);
/// People who take turns in asking.
const PATRONS: usize = 60;

const QUESTIONS: [&str; 4] =
    ["is there wifi?", "How do I renew a book?", "are you open tomorrow?", "Middlemarch"];

#[test]
fn nothing_is_lost_or_doubled_however_often_it_is_killed() {
    let kills = std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let scratch = tempfile::tempdir().unwrap();
    let library = scratch.path().join("library");
    let program = Path::new(env!("CARGO_BIN_EXE_pollen-staged"));
    Staged::new(program, &library, terminal::NETWORK).unwrap();
    let synapse = Arc::new(Synapse::start(Limits::none()).unwrap());

    let mut ours = AtHome::ours(&synapse, "pollen", program, &library).unwrap();
    let ours = torment(&mut ours, "ours", kills, PATIENCE);
    let bare = Path::new(env!("CARGO_BIN_EXE_bare-matrix"));
    let mut bare = AtHome::bare(&synapse, "echo", bare).unwrap();
    let bare = torment(&mut bare, "bare", kills, BARE_PATIENCE);
    println!("{:<22} {:>10} {:>10}", "", "program", "echo bot");
    let row = |what: &str, ours: usize, bare: usize| println!("{what:<22} {ours:>10} {bare:>10}");
    row("kills", kills, kills);
    row("messages", ours.asked, bare.asked);
    row("answers missing", ours.missing, bare.missing);
    row("answers too many", ours.too_many, bare.too_many);
    assert_eq!((ours.missing, ours.too_many), (0, 0));
}

/// What came of it.
struct Came {
    asked: usize,
    missing: usize,
    too_many: usize,
}

/// Somebody, and how often they have asked.
struct Asker {
    patron: Patron,
    asked: usize,
    answered: usize,
}

/// People ask, it is killed meanwhile, again and again; at last it may answer in peace.
fn torment(bot: &mut AtHome, name: &str, kills: usize, patience: Duration) -> Came {
    let mut chance = 20_261_128;
    bot.start().unwrap();
    let patrons = bot.patrons(name, PATRONS).unwrap().into_iter();
    let mut askers: Vec<Asker> =
        patrons.map(|patron| Asker { patron, asked: 0, answered: 0 }).collect();
    let mut number = 0;
    for _ in 0..kills {
        for _ in 0..=next(&mut chance) % BETWEEN_MAX {
            let asker = &mut askers[number % PATRONS];
            let question = QUESTIONS[number % QUESTIONS.len()];
            bot.says(&asker.patron, question, &format!("k{number}")).unwrap();
            asker.asked += 1;
            number += 1;
        }
        std::thread::sleep(Duration::from_micros(next(&mut chance) % LIVES_ON_US));
        bot.kill().unwrap();
        bot.start().unwrap();
    }
    let began = Instant::now();
    let mut waiting = true;
    while waiting && began.elapsed() < patience {
        std::thread::sleep(LOOKS_EVERY);
        waiting = false;
        for asker in askers.iter_mut().filter(|asker| asker.answered < asker.asked) {
            asker.answered = bot.answers(&asker.patron).unwrap();
            waiting |= asker.answered < asker.asked;
        }
    }
    // What is said too often may come last.
    std::thread::sleep(Duration::from_secs(2));
    bot.kill().unwrap();
    for asker in &mut askers {
        asker.answered = bot.answers(&asker.patron).unwrap();
    }
    let sum = |of: fn(&Asker) -> usize| askers.iter().map(of).sum();
    Came {
        asked: sum(|asker| asker.asked),
        missing: sum(|asker| asker.asked.saturating_sub(asker.answered)),
        too_many: sum(|asker| asker.answered.saturating_sub(asker.asked)),
    }
}

/// A linear congruential generator (Knuth's MMIX): the same moments in every run, as far as
/// threads allow.
fn next(chance: &mut u64) -> u64 {
    *chance =
        chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *chance >> 33
}
