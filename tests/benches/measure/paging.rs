//! The web page: a question's round trip by HTTP and events beside a bare echo of the same shape, and
//! many patrons who ask steadily.

use crate::program::{Memory, PROGRAM};
use crate::table::{quantile, row};
use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event as Sent, Sse};
use axum::routing::{get, post};
use bot::Settings;
use bytes::Bytes;
use driver::{Driver, DriverParts, Key, SystemClock};
use futures_util::StreamExt as _;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use knowledge::{Knowledge, Lang};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::SqliteStore;
use tests::html;
use tests::http::{self, Events};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use web::Web;

/// Questions of each side, in turn.
const QUESTIONS: usize = 500;
/// Patrons who ask steadily, how often each, and for how long.
const PATRONS: usize = 200;
const EVERY: Duration = Duration::from_secs(2);
const STEADILY: Duration = Duration::from_secs(60);
/// When memory is first looked at: caches are warm by then.
const WARM: Duration = Duration::from_secs(30);
/// An answer that has not come by then is lost.
const LOST: Duration = Duration::from_secs(10);

/// Measures. `lone_us` is what a lone question takes through the driver alone, in the same run.
pub(crate) fn measure(
    path: &Path,
    knowledge: Arc<Knowledge>,
    library: &Path,
    questions: &[String],
    lone_us: f64,
) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(round_trips(path, knowledge, questions, lone_us));
    runtime.block_on(steadily(library, questions));
}

async fn round_trips(path: &Path, knowledge: Arc<Knowledge>, questions: &[String], lone_us: f64) {
    let store = Arc::new(SqliteStore::open(path).await.unwrap());
    let web =
        Arc::new(Web::open(settings(), axum::Router::new(), store.clone(), &[7; 32]).unwrap());
    let parts = DriverParts {
        store,
        core: Arc::new(Settings::new("Library", &[Lang::EN])),
        finder: knowledge,
        links: vec![web.clone()],
        clock: Arc::new(SystemClock),
        key: Key::new([7; 32]),
    };
    let handle = Driver::start(parts).await.unwrap();
    let mut ours = Page::open(&web.listens_at().to_string(), true).await;
    let mut bare = Page::open(&echo().await, false).await;
    let (mut our_times, mut bare_times) = (Vec::new(), Vec::new());
    for question in questions.iter().cycle().take(QUESTIONS) {
        bare_times.push(bare.ask(question).await.unwrap());
        our_times.push(ours.ask(question).await.unwrap());
    }
    let our_us = quantile(&mut our_times, 0.5);
    let other = quantile(&mut bare_times, 0.5) + lone_us;
    row("a question by HTTP and events, µs, p50", our_us, other, our_us / other, "≤ 1.5");
    handle.stop().await;
}

fn settings() -> web::Settings {
    web::Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        address: None,
        proxies: Vec::new(),
        embed: Vec::new(),
        per_person: 100_000,
        per_address: 100_000,
        name: BTreeMap::from([(Lang::EN, "Library".to_owned())]),
        langs: vec![Lang::EN],
        desk_lang: Lang::EN,
        keep: jiff::SignedDuration::from_hours(24),
        desk_password: None,
        staff: Vec::new(),
    }
}

/// A page that is open: a connection for what is asked, another for the events.
struct Page {
    address: String,
    cookie: String,
    token: String,
    sender: SendRequest<Full<Bytes>>,
    events: Events,
}

impl Page {
    /// Opens a page; `person`: whether it belongs to somebody, by cookie and token.
    async fn open(address: &str, person: bool) -> Page {
        let (mut cookie, mut token) = (String::new(), String::new());
        if person {
            let page = http::send(address, http::get(address, "/", &[])).await.unwrap();
            cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
            token = html::attribute(&page.text(), "#say input[name=token]", "value").unwrap();
        }
        let events = http::get(address, "/events", &[("cookie", &cookie)]);
        let response = http::open(address, events).await.unwrap();
        assert_eq!(response.status(), 200);
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let (address, events) = (address.to_owned(), Events::of(response));
        Page { address, cookie, token, sender, events }
    }

    /// Asks, and waits for the answer's event; an error in words if it is refused or does not come.
    async fn ask(&mut self, question: &str) -> Result<Duration, String> {
        let headers = [("cookie", self.cookie.as_str()), ("hx-request", "true")];
        let fields = [("token", self.token.as_str()), ("text", question)];
        let request = http::post(&self.address, "/say", &headers, &fields);
        let began = Instant::now();
        let answer = self.sender.send_request(request).await.map_err(|error| error.to_string())?;
        if answer.status() != 204 {
            return Err(format!("refused with {}", answer.status()));
        }
        let hears = async {
            while let Some(event) = self.events.next().await {
                if event.data.contains("line reply") {
                    return Ok(());
                }
            }
            Err("the stream has ended".to_owned())
        };
        tokio::time::timeout(LOST, hears).await.map_err(|_| "no answer has come".to_owned())??;
        Ok(began.elapsed())
    }
}

/// A server that says what it hears, in the same form, and nothing else.
async fn echo() -> String {
    let (say, _) = broadcast::channel::<String>(16);
    let router = Router::new()
        .route(
            "/say",
            post(async |State(say): State<broadcast::Sender<String>>, text: String| {
                let _ = say.send(format!("<li class=\"line reply\">{text}</li>"));
                axum::http::StatusCode::NO_CONTENT
            }),
        )
        .route(
            "/events",
            get(async |State(say): State<broadcast::Sender<String>>| {
                let lines = futures_util::stream::unfold(say.subscribe(), async |mut hears| {
                    let line = hears.recv().await.ok()?;
                    Some((line, hears))
                });
                let line = |line| Ok::<_, Infallible>(Sent::default().event("line").data(line));
                Sse::new(lines.map(line).boxed())
            }),
        )
        .with_state(say);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Many patrons at the real program.
async fn steadily(library: &Path, questions: &[String]) {
    let settings = "name = \"Library\"\n[terminal]\nenabled = false\n[web]\nenabled = true\n\
                    listen = \"127.0.0.1:0\"\nper_person = 100000\nper_address = 100000\n";
    std::fs::write(library.join("pollen.toml"), settings).unwrap();
    let mut serve = Command::new(PROGRAM)
        .args(["serve", "-L"])
        .arg(library)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(serve.stderr.take().unwrap()).lines().map(Result::unwrap);
    let ready = lines.find(|line| line.contains("ready: ")).unwrap();
    let address = ready.rsplit_once("http://").unwrap().1.trim().to_owned();
    let drain = std::thread::spawn(move || lines.for_each(drop));

    let (asked, lost) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let began = Instant::now();
    let patrons: Vec<_> = (0..PATRONS)
        .map(|number| {
            let (address, questions) = (address.clone(), questions.to_vec());
            let (asked, lost) = (asked.clone(), lost.clone());
            tokio::spawn(async move {
                tokio::time::sleep(EVERY.mul_f64(number as f64 / PATRONS as f64)).await;
                let mut page = Page::open(&address, true).await;
                let mut times = Vec::new();
                for question in questions.iter().cycle().skip(number * 7) {
                    if began.elapsed() > STEADILY {
                        break;
                    }
                    let next = Instant::now() + EVERY;
                    asked.fetch_add(1, Ordering::Relaxed);
                    match page.ask(question).await {
                        Ok(time) => times.push(time),
                        Err(_) => {
                            lost.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    tokio::time::sleep_until(next.into()).await;
                }
                times
            })
        })
        .collect();
    tokio::time::sleep(WARM).await;
    let warm = Memory::of(serve.id()).resident;
    tokio::time::sleep(STEADILY - WARM).await;
    let end = Memory::of(serve.id()).resident;
    let mut times = Vec::new();
    for patron in patrons {
        times.extend(patron.await.unwrap());
    }
    let none = f64::NAN;
    row(
        "200 patrons for 60 s: questions asked",
        asked.load(Ordering::Relaxed) as f64,
        none,
        none,
        "",
    );
    row("  refused, or not answered in 10 s", lost.load(Ordering::Relaxed) as f64, none, none, "0");
    row("  answered after, ms, p50", quantile(&mut times, 0.5) / 1e3, none, none, "");
    row("  answered after, ms, p99", quantile(&mut times, 0.99) / 1e3, none, none, "");
    row("  resident memory at the end and after 30 s, MB", end, warm, end / warm, "flat");
    let stopped = Command::new("kill").arg(serve.id().to_string()).status().unwrap();
    assert!(stopped.success() && serve.wait().unwrap().success(), "serve has not stopped well");
    drain.join().unwrap();
}
