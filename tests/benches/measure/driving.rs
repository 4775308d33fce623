//! Questions through the whole driver: taken in, looked up, handled, committed with
//! `synchronous=FULL`, said and settled. The real store, core and index; a network that says at once.

use crate::table::{quantile, row};
use bot::{Capabilities, Event, MessageId, Network, Place, Said, Settings, Speaker, Wish};
use contract::{
    Arrival, Cursor, Intake, IntakeClosed, Link, LinkError, Parcel, Pseudonyms, Sent, Translate,
};
use driver::{Driver, DriverParts, Key, SystemClock};
use knowledge::{Knowledge, Lang};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::SqliteStore;
use tokio::sync::{Mutex, Notify, mpsc, oneshot};

/// How many patrons ask, in turn.
const PATRONS: u64 = 5_000;
/// How many questions are asked when it is busy.
const QUESTIONS: u64 = 10_000;
/// How many of them a network hands in at once, as a poll of a busy bot brings.
const BATCH: u64 = 50;
/// How many questions are asked one after the other.
const LONE: u64 = 500;

/// Measures; returns what a lone question takes, in microseconds.
pub(crate) fn measure(path: &Path, knowledge: Arc<Knowledge>, questions: &[String]) -> f64 {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run(path, knowledge, questions)).unwrap()
}

async fn run(
    path: &Path,
    knowledge: Arc<Knowledge>,
    questions: &[String],
) -> Result<f64, Box<dyn Error>> {
    let (link, hears) = Null::new();
    let parts = DriverParts {
        store: Arc::new(SqliteStore::open(path).await?),
        core: Arc::new(Settings::new("Library", &[Lang::EN])),
        finder: knowledge,
        links: vec![link.clone()],
        clock: Arc::new(SystemClock),
        key: Key::new([7; 32]),
    };
    let handle = Driver::start(parts).await?;
    let began = Instant::now();
    busy(&hears, &link, questions).await?;
    let rate = QUESTIONS as f64 / began.elapsed().as_secs_f64();
    row("questions a second through the driver, FULL", rate, 1_000.0, f64::NAN, "≥ 1,000");
    let mut times = lone(&hears, &link, questions).await?;
    let p50 = quantile(&mut times, 0.5);
    row("a lone question through the driver, µs, p50", p50, f64::NAN, f64::NAN, "");
    handle.stop().await;
    Ok(p50)
}

/// Everybody asks, batch after batch; returns once every answer was said.
async fn busy(
    hears: &mpsc::Sender<Heard>,
    link: &Null,
    questions: &[String],
) -> Result<(), Box<dyn Error>> {
    let first = link.heard.fetch_add(QUESTIONS, Ordering::SeqCst);
    let mut kept = Vec::new();
    for batch in 0..QUESTIONS / BATCH {
        let from = first + batch * BATCH;
        kept.push(
            hand_in(hears, (from..from + BATCH).map(|number| arrival(number, questions)).collect())
                .await?,
        );
    }
    for kept in kept {
        kept.await??;
    }
    link.said(first + QUESTIONS).await;
    Ok(())
}

/// One question after the other, each when the last is answered.
async fn lone(
    hears: &mpsc::Sender<Heard>,
    link: &Null,
    questions: &[String],
) -> Result<Vec<Duration>, Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..LONE {
        let number = link.heard.fetch_add(1, Ordering::SeqCst);
        let began = Instant::now();
        let _kept = hand_in(hears, vec![arrival(number, questions)]).await?;
        link.said(number + 1).await;
        times.push(began.elapsed());
    }
    Ok(times)
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

fn arrival(number: u64, questions: &[String]) -> Arrival {
    let question = &questions[number as usize % questions.len()];
    let raw = format!("{}|{number}|{question}", number % PATRONS);
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
        let Some((who, rest)) = text.split_once('|') else { return Vec::new() };
        let Some((number, words)) = rest.split_once('|') else { return Vec::new() };
        let network = Network("null".to_owned());
        let said = Said {
            place: Place::direct(&network, who),
            speaker: Speaker {
                person: pseudonyms.person(&network, who),
                user: who.to_owned(),
                locale: Some(Lang::EN),
            },
            message: MessageId(number.to_owned()),
            replies_to: None,
            addressed: true,
            wish: Wish::from_text(words),
            attachments: Vec::new(),
        };
        vec![Event::Said(said)]
    }
}
