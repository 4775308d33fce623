//! Measures what the store does a second: questions from arrival to answer, one by one and in
//! groups, and what links keep, on this machine's disk with `synchronous=FULL`.
//!
//! `cargo run --release -p store --example measure [FOLDER]`; the folder must be on the disk that
//! is to be measured, and is the current one by default.

#![expect(clippy::print_stdout, reason = "it prints a table")]

use bot::{Place, Row, SendId, Sending};
use contract::{Arrival, Commit, InboxId, Keepsake, OutboxState, SHELF_MAX, Store, StoreError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use store::SqliteStore;
use store::suite::sample::{
    at, changeable, conversation, counters, direct, keepsake, network, person, reply, room,
    sending, sent,
};

/// How many patrons ask.
const PATRONS: usize = 2_000;
/// The length of an answer in bytes.
const ANSWER: usize = 700;
/// How much waits when it is looked what is due.
const WAITING: u64 = 5_000;

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let folder = std::env::args_os().nth(1).map_or(PathBuf::from("."), PathBuf::from);
    for (group, groups) in [(64, 150), (8, 400), (1, 1_500)] {
        let path = folder.join(format!("measure-{}.db", std::process::id()));
        let measured = questions(&path, group, groups).await;
        remove(&path);
        let times = measured?;
        let each = times.iter().sum::<Duration>().as_secs_f64() / (group * groups) as f64;
        print!("groups of {group:2}: {:6.0} questions a second", 1.0 / each);
        for (name, time) in ["accept", "rows", "commit", "due", "settle"].iter().zip(times) {
            print!(", {name} {:.0} µs a group", time.as_secs_f64() * 1e6 / groups as f64);
        }
        println!();
    }
    let path = folder.join(format!("measure-{}.db", std::process::id()));
    let measured = waiting(&path).await;
    remove(&path);
    measured?;
    let measured = keeping(&path).await;
    remove(&path);
    measured
}

/// Lets a number of groups of questions through; returns the time of each step over all groups.
async fn questions(path: &Path, group: usize, groups: usize) -> Result<[Duration; 5], StoreError> {
    let store = SqliteStore::open(path).await?;
    let net = network("net");
    let mut times = [Duration::ZERO; 5];
    let mut asked = 0;
    for _ in 0..groups {
        let numbers: Vec<usize> = (asked..asked + group).collect();
        asked += group;
        let arrivals: Vec<Arrival> = numbers.iter().map(|n| question(*n)).collect();
        let cursor = asked.to_string();
        let started = Instant::now();
        store.accept(at(0), &net, &arrivals, Some(&cursor)).await?;
        times[0] += started.elapsed();

        let wanted: Vec<_> = numbers
            .iter()
            .flat_map(|n| {
                let name = name(*n);
                let talk = conversation(&name, direct(&name), "", 0).key();
                [bot::Wanted::Row(person(&name, 0).key()), bot::Wanted::Row(talk)]
            })
            .collect();
        let started = Instant::now();
        store.rows(&wanted).await?;
        times[1] += started.elapsed();

        let items = store.inbox(InboxId::default(), group).await?;
        let commit = Commit {
            handled: items.iter().map(|item| item.id).collect(),
            keys_until: Some(at(1_000)),
            save: numbers.iter().flat_map(|n| rows(*n)).collect(),
            send: numbers.iter().map(|n| answer(*n)).collect(),
            ..Commit::default()
        };
        let started = Instant::now();
        store.commit(at(0), &commit).await?;
        times[2] += started.elapsed();

        let started = Instant::now();
        let due = store.due(at(0), &[], group).await?;
        times[3] += started.elapsed();

        let said: Vec<_> =
            due.iter().map(|item| (item.sending.send, OutboxState::Said(sent("4711")))).collect();
        let started = Instant::now();
        store.settle(at(0), &said).await?;
        times[4] += started.elapsed();
    }
    store.close().await?;
    Ok(times)
}

/// Looks what is due while much waits: in many places, in one, put off, and busy.
async fn waiting(path: &Path) -> Result<(), StoreError> {
    let store = SqliteStore::open(path).await?;
    let many = (1..=WAITING).map(|n| sending(n, room(&n.to_string())));
    let one = (1..=WAITING).map(|n| sending(WAITING + n, room("desk")));
    let send = many.chain(one).collect();
    store.commit(at(0), &Commit { send, ..Commit::default() }).await?;
    let busy: Vec<Place> = (1..=64).map(|n| room(&n.to_string())).collect();
    look(&store, "in many places and as many in one", &busy).await?;
    let later = |n| (SendId(n), OutboxState::Later { at: at(60), uncertain: false });
    let started = Instant::now();
    store.settle(at(0), &(1..=WAITING).map(later).collect::<Vec<_>>()).await?;
    println!("putting off {WAITING}: {:?}", started.elapsed());
    look(&store, "put off", &busy).await?;
    let started = Instant::now();
    store.hasten(at(1), &network("net"), None).await?;
    println!("hastening {WAITING}: {:?}", started.elapsed());
    let started = Instant::now();
    store.scrub().await?;
    println!("scrub with {} messages: {:?}", 2 * WAITING, started.elapsed());
    store.close().await
}

/// Keeps one thing at a time, and takes in a question with and without one, turn by turn so that
/// all meet the same disk: on shelves that are short, and on one that is full.
async fn keeping(path: &Path) -> Result<(), StoreError> {
    const TURNS: usize = 1_000;
    let store = SqliteStore::open(path).await?;
    let net = network("net");
    let line = |shelf: &str, n: usize| keepsake(shelf, &format!("line {n}"), &"x".repeat(ANSWER));
    let full: Vec<Keepsake> = (0..SHELF_MAX).map(|n| line("full", n)).collect();
    store.keep(&net, &full).await?;
    let mut asked = 0;
    for shelf in [None, Some("full")] {
        let mut times = [Duration::ZERO; 3];
        for n in 0..TURNS {
            let short = name(n % 50);
            let shelf = shelf.unwrap_or(&short);
            let with = |key, n| Arrival { keepsake: Some(line(shelf, n)), ..question(key) };
            let started = Instant::now();
            store.accept(at(0), &net, &[question(asked)], None).await?;
            times[0] += started.elapsed();
            let started = Instant::now();
            store.accept(at(0), &net, &[with(asked + 1, SHELF_MAX + 2 * n)], None).await?;
            times[1] += started.elapsed();
            let started = Instant::now();
            store.keep(&net, &[line(shelf, SHELF_MAX + 2 * n + 1)]).await?;
            times[2] += started.elapsed();
            asked += 2;
        }
        let [without, with, keep] = times.map(|time| time.as_secs_f64() * 1e6 / TURNS as f64);
        print!("on {}: keep {keep:.0} µs", shelf.map_or("short shelves", |_| "a full shelf"));
        print!(", accept {without:.0} µs, with a keepsake {with:.0} µs");
        println!(", {:.2} times as long", with / without);
    }
    store.close().await
}

async fn look(store: &SqliteStore, what: &str, busy: &[Place]) -> Result<(), StoreError> {
    const LOOKS: u32 = 50;
    let (mut due, mut next) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..LOOKS {
        let started = Instant::now();
        store.due(at(0), busy, 64).await?;
        due += started.elapsed();
        let started = Instant::now();
        store.next_due(busy).await?;
        next += started.elapsed();
    }
    println!("{WAITING} wait {what}: due {:?}, next due {:?}", due / LOOKS, next / LOOKS);
    Ok(())
}

fn name(n: usize) -> String {
    format!("patron-{}", n.wrapping_mul(7_919) % PATRONS)
}

fn question(n: usize) -> Arrival {
    let raw = format!("{{\"from\": \"{}\", \"text\": \"{}\"}}", name(n), "do you lend ".repeat(30));
    Arrival::new(format!("{n:032x}"), raw.into_bytes())
}

fn rows(n: usize) -> [Row; 3] {
    let name = name(n);
    let said = "do you lend sewing machines? ".repeat(20);
    [person(&name, 99), conversation(&name, direct(&name), &said, 99), counters(n as u64)]
}

fn answer(n: usize) -> Sending {
    let words = "x".repeat(ANSWER);
    // A number starts at 1, and each patron is answered before asking again.
    Sending { reply: reply(&words), ..changeable(n as u64 + 1, direct(&name(n)), 1_000) }
}

fn remove(path: &Path) {
    for end in ["", "-wal", "-shm"] {
        let mut file = path.as_os_str().to_owned();
        file.push(end);
        // After an orderly end only the first is there.
        let _ = std::fs::remove_file(file);
    }
}
