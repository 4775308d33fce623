//! A browser's half of HTTP, as far as tests need it: requests, and events that go on.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

/// What all requests of a process run on.
pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime can be made")
});

/// How long an answer is waited for before the server counts as hanging: far longer than a loaded
/// machine needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How it went.
    pub status: StatusCode,
    /// What it says about itself.
    pub headers: HeaderMap,
    /// All of it.
    pub body: Bytes,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's value; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// The server is not there, or has broken off.
#[derive(Debug, thiserror::Error)]
#[error("the server is gone: {0}")]
pub struct Gone(String);

fn gone(error: impl std::fmt::Display) -> Gone {
    Gone(error.to_string())
}

/// Sends a request over a connection of its own; `address` is a host and a port.
///
/// # Errors
/// [`Gone`], also if nothing comes back for long.
pub async fn send(address: &str, request: Request<Full<Bytes>>) -> Result<Answer, Gone> {
    let whole = async {
        let response = open(address, request).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(gone)?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    };
    tokio::time::timeout(PATIENCE, whole).await.map_err(gone)?
}

/// Sends a request and returns what comes back with its body still to be read.
///
/// # Errors
/// [`Gone`].
pub async fn open(
    address: &str,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, Gone> {
    let stream = TcpStream::connect(address).await.map_err(gone)?;
    stream.set_nodelay(true).map_err(gone)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(gone)?;
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(gone)
}

/// A request for a page.
///
/// # Panics
/// If the path or a header cannot be sent.
pub fn get(address: &str, path: &str, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    request("GET", address, path, headers, String::new())
}

/// A form that is sent.
///
/// # Panics
/// If the path or a header cannot be sent.
pub fn post(
    address: &str,
    path: &str,
    headers: &[(&str, &str)],
    fields: &[(&str, &str)],
) -> Request<Full<Bytes>> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let headers: Vec<(&str, &str)> = [&[kind][..], headers].concat();
    request("POST", address, path, &headers, form.finish())
}

fn request(
    method: &str,
    address: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Request<Full<Bytes>> {
    let mut builder = Request::builder().method(method).uri(path).header("host", address);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Full::new(Bytes::from(body))).expect("a test's request can be sent")
}

/// A server-sent event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its kind.
    pub kind: String,
    /// Its id, where it has one.
    pub id: String,
    /// What it brings.
    pub data: String,
}

/// The events of a stream (HTML, section "Server-sent events").
#[derive(Debug)]
pub struct Events {
    body: Incoming,
    text: Vec<u8>,
}

impl Events {
    /// Those of a response.
    pub fn of(response: Response<Incoming>) -> Events {
        Events { body: response.into_body(), text: Vec::new() }
    }

    /// The next one; `None` once the stream has ended.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(at) = self.text.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.text.drain(..at + 2).collect();
                let event = event(&String::from_utf8_lossy(&block));
                if event != Event::default() {
                    return Some(event);
                }
                continue;
            }
            let frame = self.body.frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                self.text.extend_from_slice(&data);
            }
        }
    }
}

fn event(block: &str) -> Event {
    let mut event = Event::default();
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => event.kind = value.to_owned(),
            "id" => event.id = value.to_owned(),
            "data" => {
                if !event.data.is_empty() {
                    event.data.push('\n');
                }
                event.data.push_str(value);
            }
            _ => {}
        }
    }
    event
}
