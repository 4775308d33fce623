//! Measures questions through the whole driver: taken in, looked up, handled, committed with
//! `synchronous=FULL`, said and settled. The real store and the real core; a network that says at
//! once, and findings that are there already.
//!
//! `cargo run --release -p driver --example measure [FOLDER]`; the folder must be on the disk that
//! is to be measured, and is the current one by default.

#![expect(clippy::print_stdout, reason = "it prints a table")]

use bot::{Capabilities, Event, MessageId, Network, Place, Said, Settings, Speaker, Wish};
use contract::{
    Arrival, Cursor, Intake, IntakeClosed, Link, LinkError, Parcel, Pseudonyms, Sent, Translate,
};
use driver::{Driver, DriverParts, Finder, Handle, Key, SystemClock};
use knowledge::{Branches, Entry, Findings, Found, Lang, Part, Passage, Query};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::SqliteStore;
use tokio::sync::{Mutex, Notify, mpsc, oneshot};

/// How many patrons ask, in turn.
const PATRONS: u64 = 5_000;
/// How many questions are asked when it is busy.
const QUESTIONS: u64 = 20_000;
/// How many of them a network hands in at once, as a poll of a busy bot brings.
const BATCH: u64 = 50;
/// How many questions are asked one after the other.
const LONE: u64 = 1_000;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or(PathBuf::from("."), PathBuf::from);
    let path = folder.join(format!("measure-{}.db", std::process::id()));
    let measured = measure(&path).await;
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.clone().into_os_string();
        name.push(ending);
        // Not all of them need be there.
        let _ = std::fs::remove_file(name);
    }
    measured
}

async fn measure(path: &Path) -> Result<(), Box<dyn Error>> {
    let (link, hears) = Null::new();
    let parts = DriverParts {
        store: Arc::new(SqliteStore::open(path).await?),
        core: Arc::new(Settings::new("Riverside Library", &[Lang::EN])),
        finder: Arc::new(Canned::new()),
        links: vec![link.clone()],
        clock: Arc::new(SystemClock),
        key: Key::new([7; 32]),
    };
    let handle = Driver::start(parts).await?;
    for round in ["first questions of strangers", "questions of people known"] {
        let began = Instant::now();
        busy(&hears, &link).await?;
        let took = began.elapsed();
        report(round, took, &handle);
    }
    let mut times = lone(&hears, &link).await?;
    times.sort_unstable();
    let of = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    println!("a lone question: p50 {:?}, p99 {:?}", of(50), of(99));
    handle.stop().await;
    Ok(())
}

/// Everybody asks, batch after batch; returns once every answer was said.
async fn busy(hears: &mpsc::Sender<Heard>, link: &Null) -> Result<(), Box<dyn Error>> {
    let first = link.heard.fetch_add(QUESTIONS, Ordering::SeqCst);
    let mut kept = Vec::new();
    for batch in 0..QUESTIONS / BATCH {
        let from = first + batch * BATCH;
        kept.push(hand_in(hears, (from..from + BATCH).map(arrival).collect()).await?);
    }
    for kept in kept {
        kept.await??;
    }
    link.said(first + QUESTIONS).await;
    Ok(())
}

/// One question after the other, each when the last is answered.
async fn lone(hears: &mpsc::Sender<Heard>, link: &Null) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..LONE {
        let number = link.heard.fetch_add(1, Ordering::SeqCst);
        let began = Instant::now();
        let _kept = hand_in(hears, vec![arrival(number)]).await?;
        link.said(number + 1).await;
        times.push(began.elapsed());
    }
    Ok(times)
}

fn report(what: &str, took: Duration, handle: &Handle) {
    let counts = handle.counts();
    println!(
        "{what}: {:.0} a second ({} rounds so far, {:.1} arrivals and {} µs of commit each)",
        QUESTIONS as f64 / took.as_secs_f64(),
        counts.rounds,
        counts.handled as f64 / counts.rounds.max(1) as f64,
        counts.commit_us / counts.rounds.max(1),
    );
}

type Heard = (Vec<Arrival>, oneshot::Sender<Result<(), IntakeClosed>>);

async fn hand_in(
    hears: &mpsc::Sender<Heard>,
    arrivals: Vec<Arrival>,
) -> Result<oneshot::Receiver<Result<(), IntakeClosed>>, Box<dyn Error>> {
    let (kept, wait) = oneshot::channel();
    hears.send((arrivals, kept)).await.map_err(|_| "the link does not listen")?;
    Ok(wait)
}

fn arrival(number: u64) -> Arrival {
    let raw = format!("{}|when are you open on sunday, please? ({number})", number % PATRONS);
    Arrival::new(number.to_string(), raw.into_bytes())
}

/// A network that says everything at once, to nobody.
struct Null {
    listens: Mutex<mpsc::Receiver<Heard>>,
    heard: AtomicU64,
    said: AtomicU64,
    told: Notify,
}

impl Null {
    fn new() -> (Arc<Null>, mpsc::Sender<Heard>) {
        let (hears, listens) = mpsc::channel(4);
        let (heard, said) = (AtomicU64::new(0), AtomicU64::new(0));
        let link = Null { listens: Mutex::new(listens), heard, said, told: Notify::new() };
        (Arc::new(link), hears)
    }

    /// Returns once so many things were said.
    async fn said(&self, count: u64) {
        while self.said.load(Ordering::SeqCst) < count {
            self.told.notified().await;
        }
    }
}

#[async_trait::async_trait]
impl Link for Null {
    fn network(&self) -> Network {
        Network("null".to_owned())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            edits: false,
            ephemeral: false,
            buttons: true,
            opens_direct: true,
            buttons_max: 8,
        }
    }

    fn translator(&self) -> Arc<dyn Translate> {
        Arc::new(Plain)
    }

    async fn listen(&self, intake: Intake, _cursor: Option<Cursor>) -> Result<(), LinkError> {
        let mut listens = self.listens.lock().await;
        loop {
            let (arrivals, kept) = tokio::select! {
                heard = listens.recv() => match heard {
                    Some(heard) => heard,
                    None => return Ok(()),
                },
                () = intake.closed() => return Ok(()),
            };
            let cursor = arrivals.last().map(|arrival| arrival.key.clone());
            // Whoever asked may not wait for it.
            let _ = kept.send(intake.accept(arrivals, cursor).await);
        }
    }

    async fn send(&self, _parcel: &Parcel) -> Result<Sent, LinkError> {
        let said = self.said.fetch_add(1, Ordering::SeqCst);
        self.told.notify_one();
        Ok(Sent { messages: vec![MessageId(said.to_string())] })
    }

    async fn change(&self, _sent: &Sent, _parcel: &Parcel) -> Result<(), LinkError> {
        Ok(())
    }
}

struct Plain;

impl Translate for Plain {
    fn events(&self, raw: &[u8], pseudonyms: &dyn Pseudonyms) -> Vec<Event> {
        let text = String::from_utf8_lossy(raw);
        let Some((who, words)) = text.split_once('|') else { return Vec::new() };
        let network = Network("null".to_owned());
        let said = Said {
            place: Place::direct(&network, who),
            speaker: Speaker {
                person: pseudonyms.person(&network, who),
                user: who.to_owned(),
                locale: Some(Lang::EN),
            },
            message: MessageId(words.to_owned()),
            replies_to: None,
            addressed: true,
            wish: Wish::from_text(words),
            attachments: Vec::new(),
        };
        vec![Event::Said(said)]
    }
}

/// One entry, found whatever is asked.
struct Canned {
    entry: Arc<Entry>,
}

impl Canned {
    fn new() -> Canned {
        let entry = Entry {
            id: "sunday".to_owned(),
            questions: vec!["Are you open on Sundays?".to_owned()],
            answer: Some("The main branch is open on Sundays from 13:00 to 17:00. ".repeat(8)),
            lang: Some(Lang::EN),
            url: Some("https://library.example/hours".to_owned()),
            source: Some("Opening hours, page 1".to_owned()),
            verified: None,
            review_by: None,
            tags: Vec::new(),
        };
        Canned { entry: Arc::new(entry) }
    }
}

impl Finder for Canned {
    fn find(&self, query: &Query) -> Findings {
        let Query::Words(words) = query else { return Findings::default() };
        let found = Found::Entry(self.entry.clone());
        let passages = vec![Passage { found, confidence: 0.95, score: 12.0 }];
        let part = Part { question: words.text.clone(), passages, ..Part::default() };
        Findings { lang: Some(Lang::EN), parts: vec![part] }
    }

    fn branches(&self) -> Arc<Branches> {
        Arc::new(Branches::default())
    }
}
