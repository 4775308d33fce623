//! The HTTP side: each request is noted, passed on, and its answer noted and handed back.

use super::faults::Trouble;
use super::world::{Open, Shared, UnderWay};
use crate::matrix::exchange::exchange;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};

/// Headers that are between two ends of one connection, and those that say how long a body is, which
/// hyper says anew. No encodings are asked for, because answers have to be read here.
static NOT_PASSED_ON: [HeaderName; 9] = [
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

type Answering = Pin<Box<dyn Future<Output = io::Result<Response<Full<Bytes>>>> + Send>>;

/// Serves until the runtime ends.
pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(Open::new(&shared), stream));
    }
}

async fn connection(open: Open, stream: TcpStream) {
    let mut cut = open.shared().cut.subscribe();
    let _delays_are_only_slow = stream.set_nodelay(true);
    let service = service_fn(|request: Request<Incoming>| {
        // The request is noted, and begun if it changes something, before anything is waited for: the
        // client may be gone at the next moment, and what waits here goes with it. A task does not.
        let only_read = request.method() == Method::GET;
        let work = respond(Begun::new(open.shared(), &request), request);
        if only_read {
            return Box::pin(work) as Answering;
        }
        let task = tokio::spawn(work);
        Box::pin(async move { task.await.map_err(io::Error::other)? })
    });
    tokio::select! {
        biased;
        _ = cut.wait_for(|cut| *cut) => {}
        // A connection that breaks is the business of whoever broke it.
        _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service) => {}
    }
}

/// A request that has been noted.
struct Begun {
    shared: Arc<Shared>,
    _under_way: UnderWay,
    line: String,
    sync: bool,
    trouble: Option<Trouble>,
}

impl Begun {
    fn new(shared: &Arc<Shared>, request: &Request<Incoming>) -> Self {
        let (method, path) = (request.method(), request.uri().path());
        let line = format!("{method} {}", decoded(path));
        let sync = method == Method::GET
            && path.starts_with("/_matrix/client/")
            && path.ends_with("/sync");
        let query = request.uri().query().unwrap_or_default();
        let mut parameters = form_urlencoded::parse(query.as_bytes());
        let since = parameters.find(|(name, _)| name == "since").map(|(_, batch)| batch);
        let under_way = UnderWay::new(shared);
        let trouble = shared.change(|world| {
            world.calls.push(line.clone());
            if sync {
                world.begun_syncs += 1;
                if let Some(batch) = since {
                    world.syncs.asked_since(&batch);
                }
            }
            world.trouble(&line)
        });
        Self { shared: Arc::clone(shared), _under_way: under_way, line, sync, trouble }
    }
}

async fn respond(begun: Begun, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let answer = match &begun.trouble {
        Some(Trouble::Fail(status, body)) => made_up(*status, body),
        Some(Trouble::LoseAnswer) => {
            pass_on(&begun.shared, request).await?;
            bad_gateway("the answer was lost")
        }
        Some(Trouble::Delay(time)) => {
            let answer = pass_on(&begun.shared, request).await?;
            tokio::time::sleep(*time).await;
            answer
        }
        None => pass_on(&begun.shared, request).await?,
    };
    let status = answer.status();
    let batch = (begun.sync && status == StatusCode::OK)
        .then(|| serde_json::from_slice::<Value>(answer.body()).unwrap_or_default());
    begun.shared.change(|world| {
        if let Some(batch) = batch {
            world.syncs.answer(&batch);
        }
        if status == StatusCode::OK
            && let Some(room) = said_in(&begun.line)
        {
            world.said.entry(room.to_owned()).or_default().push(Instant::now());
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            world.refused.push(format!("{} {}", status.as_u16(), begun.line));
        }
    });
    let (mut head, body) = answer.into_parts();
    head.headers = passed_on(&head.headers);
    Ok(Response::from_parts(head, Full::new(body)))
}

/// The room in which a request says something.
fn said_in(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("PUT /_matrix/client/v3/rooms/")?;
    let (room, what) = rest.split_once("/send/")?;
    let is_message = what.starts_with("m.room.message/") || what.starts_with("m.room.encrypted/");
    is_message.then_some(room)
}

/// Asks the homeserver the same; an error is the client's, who did not send all that it announced.
async fn pass_on(shared: &Shared, request: Request<Incoming>) -> io::Result<Response<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let target = shared.lock().target.clone();
    Ok(match asked(&head, body, &target) {
        Ok(request) => exchange(&target, request).await.unwrap_or_else(|error| {
            bad_gateway(&format!("the homeserver gives no answer: {error}"))
        }),
        Err(error) => bad_gateway(&format!("this cannot be passed on: {error}")),
    })
}

fn asked(head: &Parts, body: Bytes, target: &str) -> hyper::http::Result<Request<Full<Bytes>>> {
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(head.method.clone())
        .uri(path)
        .header(header::HOST, target)
        .body(Full::new(body))?;
    request.headers_mut().extend(passed_on(&head.headers));
    Ok(request)
}

fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter().filter(|(name, _)| !NOT_PASSED_ON.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// An answer of the proxy's own.
fn made_up(status: u16, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn bad_gateway(why: &str) -> Response<Bytes> {
    made_up(502, &json!({"errcode": "M_UNKNOWN", "error": why}))
}

/// A path without percent-encoding.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let encoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(encoded.unwrap_or(*first));
        rest = if encoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
