//! HTTP: one port for the REST API and the gateway.

use super::limits::Verdict;
use super::refusal::Refusal;
use super::rest::{self, Answer, Request};
use super::world::World;
use super::{Call, Trouble, body, socket};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The world and those who wait for it to change.
pub(crate) struct Shared {
    world: Mutex<World>,
    pub(crate) stir: Notify,
    pub(crate) done: Condvar,
    open: AtomicUsize,
}

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        let (stir, done) = (Notify::new(), Condvar::new());
        Self { world: Mutex::new(world), stir, done, open: AtomicUsize::new(0) }
    }

    /// The world; a test that panicked while it held it has left it in order.
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// Something has changed.
    pub(crate) fn wake(&self) {
        self.stir.notify_waiters();
        self.done.notify_all();
    }
}

/// A connection that counts as open while this lives.
struct Open(Arc<Shared>);

impl Open {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
        self.0.done.notify_all();
    }
}

/// The connection is broken off on purpose.
#[derive(Debug, thiserror::Error)]
#[error("broken off on demand")]
struct BrokenOff;

type Reply = Response<Full<Bytes>>;

/// Serves until the runtime ends.
pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(Open::new(&shared), stream));
    }
}

async fn connection(open: Open, stream: TcpStream) {
    let _delays_are_only_slow = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let shared = Arc::clone(&open.0);
        async move { respond(shared, request).await }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the business of whoever broke it.
    let _broken = served.with_upgrades().await;
}

async fn respond(
    shared: Arc<Shared>,
    mut request: hyper::Request<Incoming>,
) -> Result<Reply, BrokenOff> {
    if shared.lock().down {
        return Err(BrokenOff);
    }
    if let Some(key) = request.headers().get("sec-websocket-key").cloned() {
        return upgrade(&shared, &mut request, &key);
    }
    let (head, incoming) = request.into_parts();
    let bytes = incoming.collect().await.map_err(|_| BrokenOff)?.to_bytes();
    let text = |name: &str| {
        head.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    };
    let path = head.uri.path();
    let query = head.uri.query().unwrap_or_default();
    let Some((route, arguments)) = rest::find(head.method.as_str(), path) else {
        let asked = format!("{} {path}", head.method);
        let mut world = shared.lock();
        let what =
            if world.description.as_ref().is_some_and(|d| d.knows(head.method.as_str(), path)) {
                "the peer does not know this route"
            } else {
                "there is no such route"
            };
        world.complain(&asked, what);
        let at = world.settings.clock.now();
        world.calls.push(Call { route: asked, body: Value::Null, at, status: 404 });
        drop(world);
        shared.wake();
        return Ok(refused(&Refusal::not_found()));
    };
    let sent = body::read(&text("content-type"), &bytes);
    let (call, trouble) = {
        let mut world = shared.lock();
        let at = world.settings.clock.now();
        let body = sent.as_ref().map(|s| s.value.clone()).unwrap_or_default();
        world.calls.push(Call { route: route.name.to_owned(), body, at, status: 0 });
        (world.calls.len() - 1, world.trouble(route.name))
    };
    if trouble == Some(Trouble::DropBefore) {
        shared.wake();
        return Err(BrokenOff);
    }
    let mut reply = {
        let mut world = shared.lock();
        let authorized = text("authorization") == format!("Bot {}", world.settings.token);
        let refusal = trouble.as_ref().and_then(|t| world.refusal(t));
        let verdict = match refusal {
            Some(_) => Verdict::default(),
            None => world.limit(route, &arguments),
        };
        let answer = match (sent, refusal) {
            (_, Some(refusal)) => Err(refusal),
            _ if route.authorized && (!authorized || world.gateway.token_reset) => {
                Err(Refusal::unauthorized())
            }
            _ if verdict.refusal.is_some() => {
                Err(verdict.refusal.clone().unwrap_or_else(Refusal::not_found))
            }
            (Err(what), None) => {
                world.complain(route.name, what);
                Err(Refusal::new(400, 50109, "The request body contains invalid JSON."))
            }
            (Ok(sent), None) => {
                let request = Request::new(route, arguments, query, sent);
                carry_out(&mut world, &request)
            }
        };
        let mut reply = match answer {
            Ok(Answer(status, Value::Null)) => response(status, String::new()),
            Ok(Answer(status, value)) => response(status, value.to_string()),
            Err(refusal) => refused(&refusal),
        };
        limited(&mut reply, &verdict);
        reply
    };
    shared.wake();
    if let Some(Trouble::Delay(time)) = trouble {
        tokio::time::sleep(time).await;
    }
    // What was carried out while the network was cut cannot be answered.
    if trouble == Some(Trouble::DropAfter) || shared.lock().down {
        return Err(BrokenOff);
    }
    if let Some(call) = shared.lock().calls.get_mut(call) {
        call.status = reply.status().as_u16();
    }
    shared.wake();
    reply.headers_mut().insert("via", HeaderValue::from_static("1.1 peer"));
    Ok(reply)
}

/// Lets the published description see a request, and carries it out.
fn carry_out(world: &mut World, request: &Request) -> Result<Answer, Refusal> {
    let (route, value) = (request.route, &request.body);
    let wrong = world.description.as_ref().map(|d| d.check(route.method, route.path, value));
    for what in wrong.into_iter().flatten() {
        world.complain(route.name, format!("not as described: {what}"));
    }
    let answer = (route.act)(world, request);
    if let Err(refusal) = &answer
        && refusal.code == 50035
    {
        world.complain(route.name, format!("{refusal}: {}", refusal.json()["errors"]));
    }
    answer
}

fn upgrade(
    shared: &Arc<Shared>,
    request: &mut hyper::Request<Incoming>,
    key: &HeaderValue,
) -> Result<Reply, BrokenOff> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let has = |pair: &str| query.split('&').any(|part| part == pair);
    if !has("v=10") {
        shared.lock().complain("gateway", "connected without v=10");
    }
    if query.contains("encoding=") && !has("encoding=json") || query.contains("compress=") {
        shared.lock().complain("gateway", "asked for an encoding or compression that there is not");
    }
    let upgraded = hyper::upgrade::on(request);
    let open = Open::new(shared);
    tokio::spawn(async move {
        if let Ok(stream) = upgraded.await {
            socket::run(Arc::clone(&open.0), TokioIo::new(stream)).await;
        }
    });
    let mut response = response(101, String::new());
    let accept = derive_accept_key(key.as_bytes());
    let accept = HeaderValue::from_str(&accept).map_err(|_| BrokenOff)?;
    let headers = response.headers_mut();
    headers.remove("content-type");
    headers.insert("connection", HeaderValue::from_static("Upgrade"));
    headers.insert("upgrade", HeaderValue::from_static("websocket"));
    headers.insert("sec-websocket-accept", accept);
    Ok(response)
}

fn refused(refusal: &Refusal) -> Reply {
    let mut reply = response(refusal.status, refusal.json().to_string());
    if let Some((seconds, global)) = refusal.retry {
        header(&mut reply, "retry-after", &format!("{}", seconds.ceil()));
        if global {
            header(&mut reply, "x-ratelimit-global", "true");
        }
        header(&mut reply, "x-ratelimit-scope", if global { "global" } else { "user" });
    }
    reply
}

/// Says how much may still be asked.
fn limited(reply: &mut Reply, verdict: &Verdict) {
    if let Some(left) = &verdict.left {
        header(reply, "x-ratelimit-limit", &left.limit.to_string());
        header(reply, "x-ratelimit-remaining", &left.remaining.to_string());
        header(reply, "x-ratelimit-reset", &format!("{:.3}", left.reset_s));
        header(reply, "x-ratelimit-reset-after", &format!("{:.3}", left.reset_after_s));
        header(reply, "x-ratelimit-bucket", &left.bucket);
    }
}

fn header(reply: &mut Reply, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
}

fn response(status: u16, body: String) -> Reply {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let kind = HeaderValue::from_static("application/json");
    response.headers_mut().insert("content-type", kind);
    response
}
