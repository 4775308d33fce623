//! The program and a bare echo bot are killed at random moments while people on Telegram ask: the
//! program loses nothing, and repeats at most what was in the very act of being sent.
//! `KILLS=1000 cargo test -p tests --test telegram_kills -- --nocapture` prints the table.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use peers::telegram::{Limits, UserId};
use std::path::Path;
use std::time::{Duration, Instant};
use tests::beside::Beside;
use tests::program::Staged;

/// Kills where nothing else is asked for: a few seconds.
const KILLS: usize = 5;
/// How many people ask between two kills, at most.
const BETWEEN_MAX: u64 = 40;
/// How long it may live on after they have asked, at most: long enough to answer some and not all.
const LIVES_ON_US: u64 = 40_000;
/// Far longer than a loaded machine needs for an answer: tells a lost one from a slow one.
const PATIENCE: Duration = Duration::from_secs(60);
/// What a message takes that waits for its turn: Telegram allows 30 a second.
const PER_MESSAGE: Duration = Duration::from_millis(40);
/// Messages that may be on their way when it is killed: as many as go at once. Each of them may be said
/// once more.
const IN_FLIGHT: usize = 8;
/// How often to look whether all are answered.
const LOOKS_EVERY: Duration = Duration::from_millis(250);
/// How long the echo bot may take for the last answers, when nothing is in its way any more.
const BARE_PATIENCE: Duration = Duration::from_secs(5);

const QUESTIONS: [&str; 4] =
    ["is there wifi?", "How do I renew a book?", "are you open tomorrow?", "Middlemarch"];

#[test]
fn nothing_is_lost_however_often_it_is_killed() {
    let kills = std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS);
    let scratch = tempfile::tempdir().unwrap();
    let library = scratch.path().join("library");
    let program = Path::new(env!("CARGO_BIN_EXE_pollen-staged"));
    Staged::new(program, &library, terminal::NETWORK).unwrap();

    let mut ours = Beside::ours(program, &library, Limits::none()).unwrap();
    let ours = torment(&mut ours, kills, PATIENCE);
    let bare = Path::new(env!("CARGO_BIN_EXE_bare-telegram"));
    let bare = torment(&mut Beside::bare(bare, Limits::none()), kills, BARE_PATIENCE);
    println!("{:<22} {:>10} {:>10}", "", "program", "echo bot");
    let row = |what: &str, ours: usize, bare: usize| println!("{what:<22} {ours:>10} {bare:>10}");
    row("kills", kills, kills);
    row("messages", ours.asked, bare.asked);
    row("never answered", ours.lost, bare.lost);
    row("answered twice", ours.twice, bare.twice);
    row("answered more often", ours.more, bare.more);
    row("repeats", ours.repeats, bare.repeats);
    assert_eq!(ours.lost, 0);
    assert!(ours.repeats <= kills * IN_FLIGHT, "{} repeats", ours.repeats);
}

/// What came of it.
struct Came {
    asked: usize,
    lost: usize,
    twice: usize,
    more: usize,
    repeats: usize,
}

/// People ask, it is killed meanwhile, again and again; at last it may answer in peace.
fn torment(bot: &mut Beside, kills: usize, patience: Duration) -> Came {
    let mut chance = 20_261_124;
    let mut people: Vec<UserId> = Vec::new();
    bot.start().unwrap();
    for _ in 0..kills {
        let count = usize::try_from(next(&mut chance) % BETWEEN_MAX + 1).unwrap();
        for user in bot.people(count) {
            bot.peer.say(user, user.chat(), QUESTIONS[people.len() % QUESTIONS.len()]);
            people.push(user);
        }
        std::thread::sleep(Duration::from_micros(next(&mut chance) % LIVES_ON_US));
        bot.kill().unwrap();
        bot.start().unwrap();
    }
    let began = Instant::now();
    // Looked at now and then: looking at thousands keeps the server from its work.
    let patience = patience + PER_MESSAGE * u32::try_from(people.len()).unwrap();
    while began.elapsed() < patience && people.iter().any(|user| bot.answers(*user) == 0) {
        std::thread::sleep(LOOKS_EVERY);
    }
    bot.kill().unwrap();
    let count =
        |is: fn(usize) -> bool| people.iter().filter(|user| is(bot.answers(**user))).count();
    Came {
        asked: people.len(),
        lost: count(|answers| answers == 0),
        twice: count(|answers| answers == 2),
        more: count(|answers| answers > 2),
        repeats: people.iter().map(|user| bot.answers(*user).saturating_sub(1)).sum(),
    }
}

/// A linear congruential generator (Knuth's MMIX): the same moments in every run, as far as
/// threads allow.
fn next(chance: &mut u64) -> u64 {
    *chance =
        chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *chance >> 33
}
