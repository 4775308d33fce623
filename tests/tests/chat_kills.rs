//! The program and a bare echo bot are killed at random moments while people on a network ask: the program
//! loses nothing. On Telegram it repeats at most what was in the very act of being sent, on Discord it
//! repeats nothing.
//! `KILLS=1000 cargo test -p tests --test chat_kills -- --nocapture --test-threads 1` prints the tables.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]
#![expect(clippy::print_stdout, reason = "a table is what many kills are for")]

use jiff::SignedDuration;
use peers::{discord, telegram};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tests::beside::{Beside, Guilded, Server, on_discord, on_telegram};
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
/// Messages that may be on their way when it is killed: as many as go at once. On Telegram each of them
/// may be said once more.
const IN_FLIGHT: usize = 8;
/// How often to look whether all are answered.
const LOOKS_EVERY: Duration = Duration::from_millis(250);
/// How long the echo bot may take for the last answers, when nothing is in its way any more.
const BARE_PATIENCE: Duration = Duration::from_secs(5);
/// How often the echo bot is killed at most: each time it begins a session anew, for which Discord wants
/// five seconds.
const BARE_KILLS_MAX: usize = 20;
/// After so many kills a day passes on Discord, whose days have a thousand sessions.
const A_DAY: usize = 100;

const QUESTIONS: [&str; 4] =
    ["is there wifi?", "How do I renew a book?", "are you open tomorrow?", "Middlemarch"];

#[test]
fn on_telegram_nothing_is_lost_however_often_it_is_killed() {
    let library = Library::new();
    let none = telegram::Limits::none;
    let mut ours = Beside::ours(PROGRAM.as_ref(), &library.path(), on_telegram(none())).unwrap();
    let ours = torment(&mut ours, kills(), PATIENCE, |_, _| {});
    let mut bare = Beside::bare(env!("CARGO_BIN_EXE_bare-telegram").as_ref(), on_telegram(none()));
    let bare = torment(&mut bare, kills(), BARE_PATIENCE, |_, _| {});
    tell("Telegram", &ours, &bare);
    assert_eq!(ours.lost, 0);
    assert!(ours.repeats <= kills() * IN_FLIGHT, "{} repeats", ours.repeats);
}

#[test]
fn on_discord_nothing_is_lost_or_doubled_however_often_it_is_killed() {
    let library = Library::new();
    let none = discord::Limits::none;
    let days = |server: &Guilded, kill: usize| {
        if kill % A_DAY == A_DAY - 1 {
            server.advance(SignedDuration::from_hours(25));
        }
    };
    let mut ours = Beside::ours(PROGRAM.as_ref(), &library.path(), on_discord(none())).unwrap();
    let ours = torment(&mut ours, kills(), PATIENCE, days);
    let mut bare = Beside::bare(env!("CARGO_BIN_EXE_bare-discord").as_ref(), on_discord(none()));
    let bare = torment(&mut bare, kills().min(BARE_KILLS_MAX), BARE_PATIENCE, days);
    tell("Discord", &ours, &bare);
    assert_eq!((ours.lost, ours.repeats), (0, 0));
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_pollen-staged");

/// A library to copy from.
struct Library(tempfile::TempDir);

impl Library {
    fn new() -> Library {
        let scratch = tempfile::tempdir().unwrap();
        let library = scratch.path().join("library");
        Staged::new(Path::new(PROGRAM), &library, terminal::NETWORK).unwrap();
        Library(scratch)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("library")
    }
}

fn kills() -> usize {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

fn tell(network: &str, ours: &Came, bare: &Came) {
    println!("{network:<22} {:>10} {:>10}", "program", "echo bot");
    let row = |what: &str, ours: usize, bare: usize| println!("{what:<22} {ours:>10} {bare:>10}");
    row("kills", ours.kills, bare.kills);
    row("messages", ours.asked, bare.asked);
    row("never answered", ours.lost, bare.lost);
    row("answered twice", ours.twice, bare.twice);
    row("answered more often", ours.more, bare.more);
    row("repeats", ours.repeats, bare.repeats);
}

/// What came of it.
struct Came {
    kills: usize,
    asked: usize,
    lost: usize,
    twice: usize,
    more: usize,
    repeats: usize,
}

/// People ask, it is killed meanwhile, again and again; at last it may answer in peace. `afterwards` is
/// done when it listens again.
fn torment<S: Server>(
    bot: &mut Beside<S>,
    kills: usize,
    patience: Duration,
    afterwards: impl Fn(&S, usize),
) -> Came {
    let mut chance = 20_261_124;
    let mut people: Vec<S::Person> = Vec::new();
    bot.start().unwrap();
    for kill in 0..kills {
        let count = usize::try_from(next(&mut chance) % BETWEEN_MAX + 1).unwrap();
        for person in bot.people(count) {
            bot.peer.says(person, QUESTIONS[people.len() % QUESTIONS.len()]);
            people.push(person);
        }
        std::thread::sleep(Duration::from_micros(next(&mut chance) % LIVES_ON_US));
        bot.kill().unwrap();
        bot.start().unwrap();
        afterwards(&bot.peer, kill);
    }
    let began = Instant::now();
    // Looked at now and then: looking at thousands keeps the server from its work.
    let patience = patience + PER_MESSAGE * u32::try_from(people.len()).unwrap();
    while began.elapsed() < patience && people.iter().any(|person| bot.answers(*person) == 0) {
        std::thread::sleep(LOOKS_EVERY);
    }
    bot.kill().unwrap();
    let count =
        |is: fn(usize) -> bool| people.iter().filter(|person| is(bot.answers(**person))).count();
    Came {
        kills,
        asked: people.len(),
        lost: count(|answers| answers == 0),
        twice: count(|answers| answers == 2),
        more: count(|answers| answers > 2),
        repeats: people.iter().map(|person| bot.answers(*person).saturating_sub(1)).sum(),
    }
}

/// A linear congruential generator (Knuth's MMIX): the same moments in every run, as far as
/// threads allow.
fn next(chance: &mut u64) -> u64 {
    *chance =
        chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *chance >> 33
}
