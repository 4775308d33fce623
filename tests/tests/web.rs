//! The web page and input that is wrong or meant badly: a clear answer each, nothing lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, StatusCode};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tests::html;
use tests::http::{self, Answer, Events, RUNTIME};
use tests::program::{Ended, PASSWORD, Process, Staged};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A question that the library's FAQ answers, and the answer's beginning.
const QUESTION: &str = "How do I renew a book?";
const ANSWER: &str = "Renew a book in your online account";
/// Longer than any answer takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(settings: &str) -> Process {
    static STAGED: OnceLock<Staged> = OnceLock::new();
    let staged = STAGED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("web-bad-input");
        let program = Path::new(env!("CARGO_BIN_EXE_pollen-staged"));
        Staged::new(program, &folder, web::NETWORK).unwrap()
    });
    Process::start_settled(staged, "2026-03-10T10:00:00Z".parse().unwrap(), settings).unwrap()
}

fn send(process: &Process, request: Request<Full<Bytes>>) -> Answer {
    RUNTIME.block_on(http::send(process.address(), request)).unwrap()
}

fn get(process: &Process, path: &str, headers: &[(&str, &str)]) -> Answer {
    send(process, http::get(process.address(), path, headers))
}

fn post(process: &Process, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let headers = [("cookie", cookie), ("hx-request", "true")];
    send(process, http::post(process.address(), path, &headers, fields))
}

/// A person with their page open.
struct Patron {
    cookie: String,
    token: String,
    events: Events,
}

impl Patron {
    fn come(process: &Process) -> Patron {
        let page = get(process, "/", &[]);
        assert_eq!(page.status, 200);
        let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
        let token = html::attribute(&page.text(), "#say input[name=token]", "value").unwrap();
        let request = http::get(process.address(), "/events", &[("cookie", &cookie)]);
        let response = RUNTIME.block_on(http::open(process.address(), request)).unwrap();
        assert_eq!(response.status(), 200);
        Patron { cookie, token, events: Events::of(response) }
    }

    fn says(&self, process: &Process, text: &str) -> Answer {
        post(process, "/say", &self.cookie, &[("token", &self.token), ("text", text)])
    }

    /// Asks what the FAQ answers, and hears it.
    fn is_answered(&mut self, process: &Process) {
        assert_eq!(self.says(process, QUESTION).status, 204);
        assert!(self.hears().contains(ANSWER));
    }

    /// The bot's next words.
    fn hears(&mut self) -> String {
        let next = async {
            while let Some(event) = self.events.next().await {
                let lines = html::lines(&event.data);
                if let Some(line) = lines.into_iter().find(|line| !line.said) {
                    return line.text;
                }
            }
            panic!("the stream has ended");
        };
        RUNTIME.block_on(async { tokio::time::timeout(PATIENCE, next).await }).unwrap()
    }
}

/// A member of staff who is signed in: cookie and form token.
fn sign_in(process: &Process) -> (String, String) {
    let fields = [("name", "mira"), ("password", PASSWORD)];
    let answer = post(process, "/desk/sign-in", "", &fields);
    assert_eq!(answer.status, 303, "{}", answer.text());
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = get(process, "/desk", &[("cookie", &cookie)]);
    let token = html::attribute(&page.text(), "input[name=token]", "value").unwrap();
    (cookie, token)
}

/// How many arrivals have been taken in, as the metrics say.
fn taken_in(process: &Process) -> u64 {
    let text = get(process, "/metrics", &[]).text();
    let line = text.lines().find(|line| line.starts_with("pollen_arrivals_accepted_total "));
    line.and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap()
}

#[test]
fn a_forged_cookie_is_a_strangers() {
    let process = start("");
    let mut ben = Patron::come(&process);
    let (user, seal) = ben.cookie.strip_prefix("pollen=").unwrap().split_once('.').unwrap();
    let flipped = |text: &str| if text.starts_with('0') { '1' } else { '0' };
    let forged = [
        format!("pollen={user}.{}{}", flipped(seal), &seal[1..]),
        format!("pollen={user}"),
        format!("pollen={}{}.{seal}", flipped(user), &user[1..]),
        "pollen=\u{1}".replace('\u{1}', "%00"),
        format!("pollen={}", "a".repeat(6_000)),
    ];
    for cookie in &forged {
        let fields = [("token", ben.token.as_str()), ("text", QUESTION)];
        let answer = post(&process, "/say", cookie, &fields);
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text().contains("Load it again"), "{}", answer.text());
        assert_eq!(get(&process, "/events", &[("cookie", cookie)]).status, 403);
        let page = get(&process, "/", &[("cookie", cookie)]);
        assert_eq!(page.status, 200);
        assert!(page.header("set-cookie").starts_with("pollen="), "somebody new gets their own");
        assert!(!page.header("set-cookie").contains(user));
    }
    assert_eq!(taken_in(&process), 0);
    ben.is_answered(&process);
}

#[test]
fn a_forged_form_token_does_nothing() {
    let process = start("");
    let (mut ben, ana) = (Patron::come(&process), Patron::come(&process));
    let (staff, staff_token) = sign_in(&process);
    for token in ["", "00", ana.token.as_str(), staff_token.as_str()] {
        for path in ["/say", "/edit", "/delete", "/press"] {
            let fields = [("token", token), ("text", "x"), ("line", "u-1"), ("act", "p.0")];
            assert_eq!(post(&process, path, &ben.cookie, &fields).status, 403, "{path}");
        }
    }
    for token in ["", "00", ben.token.as_str()] {
        for path in ["/desk/say", "/desk/press", "/desk/cases/1/reply", "/desk/sign-out"] {
            let fields = [("token", token), ("text", "queue"), ("act", "dc.1")];
            assert_eq!(post(&process, path, &staff, &fields).status, 403, "{path}");
        }
    }
    let fields = [("token", staff_token.as_str()), ("text", "queue"), ("act", "dc.1")];
    for cookie in ["", "pollen-desk=", "pollen-desk=0123456789abcdef", ben.cookie.as_str()] {
        for path in ["/desk/say", "/desk/press", "/desk/cases/1/reply"] {
            let answer = post(&process, path, cookie, &fields);
            assert_eq!(answer.status, 401, "{path}");
            assert!(answer.text().contains("signed out"), "{}", answer.text());
        }
        let page = get(&process, "/desk", &[("cookie", cookie)]);
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/desk/sign-in"));
    }
    assert_eq!(taken_in(&process), 0);
    ben.is_answered(&process);
}

#[test]
fn a_patron_presses_no_button_of_the_desk() {
    let process = start("");
    let mut ben = Patron::come(&process);
    for act in ["dc.1", "ds.1", "dx.1"] {
        let fields = [("token", ben.token.as_str()), ("act", act)];
        assert_eq!(post(&process, "/press", &ben.cookie, &fields).status, 204);
    }
    for act in ["", "nonsense", "h.01", "c.1"] {
        let fields = [("token", ben.token.as_str()), ("act", act)];
        assert_eq!(post(&process, "/press", &ben.cookie, &fields).status, 403, "{act}");
    }
    // The next words are the answer: nothing came of the presses.
    ben.is_answered(&process);
}

#[test]
fn a_body_that_is_too_big_is_refused_and_not_read() {
    let process = start("");
    let mut ben = Patron::come(&process);
    let long = ben.says(&process, &"a".repeat(17 * 1024));
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(long.text().contains("Shorten it"), "{}", long.text());

    let address = process.address().to_owned();
    let reply = RUNTIME.block_on(async {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = format!(
            "POST /say HTTP/1.1\r\nhost: {address}\r\ncookie: {}\r\ncontent-length: 10485760\r\n\r\n",
            ben.cookie
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // It is told before it has sent all, and then nobody listens.
        let body = vec![b'a'; 10 * 1024 * 1024];
        let _ = stream.write_all(&body).await;
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply).await;
        String::from_utf8_lossy(&reply).into_owned()
    });
    // A client that goes on writing may see the connection reset before it reads the answer.
    assert!(reply.is_empty() || reply.starts_with("HTTP/1.1 413"), "{reply}");
    ben.is_answered(&process);
}

#[test]
fn a_slow_client_is_told_and_holds_nobody_up() {
    let process = start("");
    let mut ben = Patron::come(&process);
    let address = process.address().to_owned();
    let started = Instant::now();
    let (body, head) = RUNTIME.block_on(async {
        let slow_body =
            format!("POST /say HTTP/1.1\r\nhost: {address}\r\ncontent-length: 100\r\n\r\ntoken=");
        tokio::join!(trickle(&address, &slow_body), trickle(&address, "GET / HTTP/1.1\r\nho"))
    });
    assert!(body.starts_with("HTTP/1.1 408"), "{body}");
    assert!(body.contains("took too long"), "{body}");
    assert!(head.is_empty() || head.starts_with("HTTP/1.1 408"), "{head}");
    assert!(started.elapsed() > Duration::from_secs(5), "it was given time");
    ben.is_answered(&process);
}

/// Sends some bytes and then nothing; what comes back until the connection ends.
async fn trickle(address: &str, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    let read = stream.read_to_end(&mut reply);
    // A connection that is reset has ended too.
    let _ = tokio::time::timeout(PATIENCE, read).await.expect("the server ends it");
    String::from_utf8_lossy(&reply).into_owned()
}

#[test]
fn a_thousand_streams_are_bounded_and_others_are_served() {
    let process = start("");
    let mut ben = Patron::come(&process);
    let address = process.address().to_owned();
    let (held, refused) = RUNTIME.block_on(async {
        let (mut held, mut refused) = (Vec::new(), Vec::new());
        for _ in 0..1_000 {
            let page = http::send(&address, http::get(&address, "/", &[])).await.unwrap();
            let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
            let events = http::get(&address, "/events", &[("cookie", &cookie)]);
            match http::open(&address, events).await {
                Ok(response) if response.status() == 200 => held.push(response),
                Ok(response) => refused.push(response),
                Err(gone) => panic!("{gone}"),
            }
        }
        (held, refused)
    });
    assert!(held.len() >= 200, "a school's computer room fits: {}", held.len());
    assert!(refused.len() >= 200, "there is a bound: {}", refused.len());
    for response in &refused {
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key("retry-after"));
    }
    ben.is_answered(&process);
    drop(held);
    drop(refused);
    // What is closed makes room again.
    let deadline = Instant::now() + PATIENCE;
    loop {
        let page = get(&process, "/", &[]);
        let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
        let events = http::get(process.address(), "/events", &[("cookie", &cookie)]);
        let response = RUNTIME.block_on(http::open(process.address(), events)).unwrap();
        if response.status() == 200 {
            break;
        }
        assert!(Instant::now() < deadline, "no room is made");
    }
}

#[test]
fn what_people_write_is_never_a_part_of_the_page() {
    const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}\u{202e}";
    let process = start("");
    let mut ben = Patron::come(&process);
    let (staff, token) = sign_in(&process);
    let fields = [("token", ben.token.as_str()), ("text", EVIL), ("key", "one")];
    assert_eq!(post(&process, "/say", &ben.cookie, &fields).status, 204);
    ben.hears();
    let fields = [("token", ben.token.as_str()), ("text", EVIL), ("line", "u-one")];
    assert_eq!(post(&process, "/edit", &ben.cookie, &fields).status, 204);
    for name in ["key", "line"] {
        let fields = [("token", ben.token.as_str()), ("text", "x"), (name, EVIL)];
        let path = if name == "key" { "/say" } else { "/edit" };
        assert_eq!(post(&process, path, &ben.cookie, &fields).status, 403, "{name}");
    }
    let ask = [("token", ben.token.as_str()), ("text", "do you lend quixotic zeppelins?")];
    post(&process, "/say", &ben.cookie, &ask);
    let to_desk = format!("/person {EVIL}");
    let ask = [("token", ben.token.as_str()), ("text", to_desk.as_str())];
    post(&process, "/say", &ben.cookie, &ask);
    let desk = |path: &str, fields: &[(&str, &str)]| {
        let fields: Vec<_> = [&[("token", token.as_str())][..], fields].concat();
        post(&process, path, &staff, &fields)
    };
    assert_eq!(desk("/desk/say", &[("text", EVIL)]).status, 204);
    for path in ["/desk/cases/1/note", "/desk/cases/1/reply", "/desk/cases/1/preview"] {
        let answer = desk(path, &[("text", EVIL)]);
        assert!(answer.status.is_success() || answer.status == 409, "{path}: {}", answer.status);
        is_clean(&answer.text(), path);
    }
    assert_eq!(desk("/desk/cases/1/assign", &[("to", EVIL)]).status, 422);
    let sign_in = post(&process, "/desk/sign-in", "", &[("name", EVIL), ("password", EVIL)]);
    assert_eq!(sign_in.status, 401);
    is_clean(&sign_in.text(), "/desk/sign-in");
    let query: String = form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for path in ["/", "/embed"] {
        let path = format!("{path}?lang={query}&answers={query}&in={query}");
        is_clean(&get(&process, &path, &[("cookie", &ben.cookie)]).text(), &path);
    }
    let of_topic = format!("/desk?topic={query}");
    for path in ["/desk", "/desk/cases/1", "/desk/cases/1/view", "/desk/cases/1/same", &of_topic] {
        let answer = get(&process, path, &[("cookie", &staff)]);
        assert_eq!(answer.status, 200, "{path}");
        is_clean(&answer.text(), path);
    }
}

#[test]
fn the_desk_shows_the_cases_of_a_topic_alone() {
    let process = start("");
    let mut ben = Patron::come(&process);
    let (staff, token) = sign_in(&process);
    for question in ["/person do you lend sewing machines?", "/person can I tune my violin here?"] {
        assert_eq!(ben.says(&process, question).status, 204);
        ben.hears();
    }
    let desk = |path: &str| get(&process, path, &[("cookie", &staff)]).text();
    let shown = |page: &str| [page.contains("sewing"), page.contains("violin")];
    let page = desk("/desk/cases/2");
    assert!(page.contains("<option value=\"rooms\">"), "{page}");
    // Without a script the page is shown again once it is done.
    let says = |topic: &str| {
        let (headers, fields) =
            ([("cookie", staff.as_str())], [("token", token.as_str()), ("topic", topic)]);
        send(&process, http::post(process.address(), "/desk/cases/2/topic", &headers, &fields))
            .status
    };
    assert_eq!(says("rooms"), 303);
    assert!(desk("/desk/cases/2/view").contains("topic: rooms · for mira"));
    assert_eq!(shown(&desk("/desk/queue")), [true, true]);
    assert!(desk("/desk/queue").contains("href=\"/desk?topic=rooms\""));
    assert_eq!(shown(&desk("/desk/queue?topic=rooms")), [false, true]);
    assert!(desk("/desk/queue?topic=rooms").contains("href=\"/desk/cases/2?topic=rooms\""));
    assert_eq!(says(""), 403);
    assert_eq!(says("-"), 303);
    assert_eq!(shown(&desk("/desk/queue?topic=rooms")), [false, false]);
}

/// A page holds its own scripts and pictures, and nothing that people wrote as HTML.
fn is_clean(page: &str, path: &str) {
    assert!(!page.contains("<script>"), "{path}: {page}");
    assert_eq!(html::attribute(page, "img:not([src^='/assets/'])", "src"), None, "{path}");
    assert_eq!(html::attribute(page, "[onerror]", "onerror"), None, "{path}");
    assert_eq!(html::text(page, "script:not([src])"), None, "{path}");
}

#[test]
fn tricks_with_addresses_lead_nowhere() {
    let process = start("");
    let (staff, _) = sign_in(&process);
    let long = format!("/{}", "a".repeat(8_000));
    for path in [
        "/assets/../pollen.toml",
        "/assets/..%2f..%2fpollen.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/%00",
        "/../../etc/passwd",
        "//etc/passwd",
        "/desk-password",
        "/data/pollen.db",
        "/desk/cases/-1",
        "/desk/cases/4294967296",
        "/desk/cases/0",
        "/desk/cases/1%2f..",
        "/c/",
        "/c/a-b",
        "/c/%3Cscript%3E",
        "/c/..%2f..",
        long.as_str(),
    ] {
        let answer = get(&process, path, &[("cookie", &staff)]);
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
        assert!(!answer.text().contains("argon2") && !answer.text().contains("root:"), "{path}");
    }
    for method in ["PUT", "DELETE", "TRACE", "BREW"] {
        let request = Request::builder().method(method).uri("/say");
        let request = request.header("host", process.address()).body(Full::default()).unwrap();
        assert!(send(&process, request).status.is_client_error(), "{method}");
    }
    assert_eq!(get(&process, "/", &[]).status, 200);
}

#[test]
fn who_writes_too_fast_is_asked_to_wait() {
    let process = start("per_person = 3\nper_address = 6\n");
    let ben = Patron::come(&process);
    for _ in 0..3 {
        assert_eq!(ben.says(&process, "hello").status, 204);
    }
    let answer = ben.says(&process, "hello");
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.text().contains("Wait"), "{}", answer.text());
    assert!(answer.header("retry-after").parse::<u64>().unwrap() <= 20);

    // What a stranger says of where they come from changes nothing.
    let refused = (0..20).filter(|n| {
        let ana = Patron::come(&process);
        let address = format!("198.51.100.{n}");
        let headers = [("cookie", ana.cookie.as_str()), ("x-forwarded-for", address.as_str())];
        let fields = [("token", ana.token.as_str()), ("text", "hello")];
        let request = http::post(process.address(), "/say", &headers, &fields);
        send(&process, request).status == 429
    });
    assert!(refused.count() >= 15);
}

#[test]
fn a_proxy_that_is_named_is_believed() {
    let process = start("proxies = [\"127.0.0.1\"]\nper_address = 2\n");
    for n in 0..10 {
        let ana = Patron::come(&process);
        let address = format!("203.0.113.9, 198.51.100.{n}");
        let headers = [("cookie", ana.cookie.as_str()), ("x-forwarded-for", address.as_str())];
        let fields = [("token", ana.token.as_str()), ("text", "hello")];
        let request = http::post(process.address(), "/say", &headers, &fields);
        assert_eq!(send(&process, request).status.as_u16(), 303);
    }
    let elsewhere = [("x-forwarded-for", "198.51.100.1")];
    assert_eq!(get(&process, "/metrics", &elsewhere).status, 404);
}

#[test]
fn whoever_runs_it_can_ask_how_it_is() {
    let process = start("");
    let mut ben = Patron::come(&process);
    ben.is_answered(&process);
    assert_eq!(get(&process, "/health", &[]).text(), "alive\n");
    let ready = get(&process, "/ready", &[]);
    assert_eq!((ready.status.as_u16(), ready.text().as_str()), (200, "ready\n"));
    let metrics = get(&process, "/metrics", &[]);
    assert!(metrics.header("content-type").starts_with("application/openmetrics-text"));
    let text = metrics.text();
    for line in [
        "pollen_ready 1",
        "pollen_link_up{network=\"web\"} 1",
        "pollen_arrivals_handled_total 1",
        "pollen_web_streams 1",
        "# UNIT pollen_commit_seconds seconds",
    ] {
        assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    assert!(!text.contains("renew"), "metrics hold no words of patrons");
}

#[test]
fn a_secret_link_leads_back_and_a_forged_one_nowhere() {
    let process = start("");
    let mut ben = Patron::come(&process);
    ben.says(&process, "do you lend sewing machines?");
    ben.hears();
    let page = get(&process, "/", &[("cookie", &ben.cookie)]).text();
    let link = html::attribute(&page, ".back-link a", "href").unwrap();
    let opened = get(&process, &link, &[]);
    assert_eq!(opened.status, 303);
    assert_eq!(opened.header("set-cookie").split(';').next(), Some(ben.cookie.as_str()));
    // Another conversation is not lost by a click.
    let mut ana = Patron::come(&process);
    ana.is_answered(&process);
    let asked = get(&process, &link, &[("cookie", &ana.cookie)]);
    assert_eq!(asked.status, 200);
    assert!(asked.header("set-cookie").is_empty());
    let taken = post(&process, &link, &ana.cookie, &[]);
    assert_eq!(taken.header("set-cookie").split(';').next(), Some(ben.cookie.as_str()));
    let (user, seal) = link.strip_prefix("/c/").unwrap().split_once('-').unwrap();
    let flipped = if seal.starts_with('0') { '1' } else { '0' };
    for forged in [format!("/c/{user}-{flipped}{}", &seal[1..]), format!("/c/{user}-{}", ben.token)]
    {
        assert_eq!(get(&process, &forged, &[]).status, 404);
    }

    ben.says(&process, "/forget");
    ben.hears();
    let fields = [("token", ben.token.as_str()), ("act", "f")];
    assert_eq!(post(&process, "/press", &ben.cookie, &fields).status, 204);
    ben.hears();
    let page = get(&process, "/", &[("cookie", &ben.cookie)]).text();
    assert!(!page.contains("sewing"), "{page}");
}

#[test]
fn whoever_has_signed_out_hears_nothing_further() {
    let process = start("");
    let mut ben = Patron::come(&process);
    let (staff, token) = sign_in(&process);
    let request = http::get(process.address(), "/desk/events", &[("cookie", &staff)]);
    let response = RUNTIME.block_on(http::open(process.address(), request)).unwrap();
    let mut desk = Events::of(response);
    let next = |desk: &mut Events| {
        RUNTIME.block_on(async { tokio::time::timeout(PATIENCE, desk.next()).await }).unwrap()
    };
    ben.says(&process, "do you lend sewing machines?");
    ben.hears();
    assert!(next(&mut desk).unwrap().data.contains("sewing machines"));
    let out = post(&process, "/desk/sign-out", &staff, &[("token", &token)]);
    assert_eq!(out.status, 303);
    ben.says(&process, "do you lend violins?");
    ben.hears();
    assert_eq!(next(&mut desk), None);
    assert_eq!(get(&process, "/desk", &[("cookie", &staff)]).status, 303);
}

#[test]
fn every_answer_says_how_it_may_be_used() {
    let process = start("");
    let asset = html::attribute(&get(&process, "/", &[]).text(), "link[rel=stylesheet]", "href");
    for path in ["/", "/embed", "/desk/sign-in", "/nothing", "/health", asset.unwrap().as_str()] {
        let answer = get(&process, path, &[]);
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"));
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let framed =
            if path == "/embed" { "frame-ancestors 'self'" } else { "frame-ancestors 'none'" };
        assert!(policy.contains(framed), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let keeps = answer.header("cache-control");
        assert_eq!(keeps.contains("no-store"), !path.starts_with("/assets"), "{path}: {keeps}");
    }
    let packed = get(&process, "/", &[]).text();
    let script = html::attribute(&packed, "script", "src").unwrap();
    let script = get(&process, &script, &[("accept-encoding", "gzip, br")]);
    assert_eq!(script.header("content-encoding"), "gzip");
    assert!(script.body.len() < 20_000);
}

#[test]
fn it_stops_in_order_while_pages_are_open() {
    let mut process = start("");
    let mut patrons: Vec<Patron> = (0..20).map(|_| Patron::come(&process)).collect();
    patrons[0].is_answered(&process);
    let started = Instant::now();
    process.stop().unwrap();
    assert!(matches!(process.wait().unwrap(), Ended::Orderly));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    for patron in &mut patrons {
        let end = async { while patron.events.next().await.is_some() {} };
        RUNTIME.block_on(async { tokio::time::timeout(PATIENCE, end).await }).unwrap();
    }
}
