//! The HTTP side: one request in, one answer out, or a broken connection.

use super::body;
use super::deeds::Call;
use super::faults::Trouble;
use super::limits::{Limited, Scope};
use super::methods::{self, Method};
use super::parameters::{self, Parameters};
use super::refusal::Refusal;
use super::updates::{self, Asked};
use super::world::World;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What requests, tests and the webhook share.
pub(crate) struct Shared {
    world: Mutex<World>,
    /// Wakes polls and the webhook.
    pub(crate) stir: Notify,
    /// Wakes tests that wait.
    pub(crate) done: Condvar,
    /// How many connections to the server are open.
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

    /// Something has changed.
    pub(crate) fn wake(&self) {
        self.stir.notify_waiters();
        self.done.notify_all();
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.open.load(Ordering::SeqCst)
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
        async move { respond(&shared, request).await }
    });
    // A connection that breaks is the business of whoever broke it.
    let _broken = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(
    shared: &Shared,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, BrokenOff> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| BrokenOff)?.to_bytes();
    let path = head.uri.path().to_owned();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let content_type = head.headers.get("content-type").and_then(|v| v.to_str().ok());
    if shared.lock().down {
        return Err(BrokenOff);
    }
    if let Some(rest) = path.strip_prefix("/file/bot") {
        return Ok(download(&shared.lock(), rest));
    }
    let named = route(&shared.lock(), &path);
    let method = match named {
        Ok(name) => name,
        Err(refusal) => return Ok(refused(&refusal)),
    };
    let Some(method) = methods::named(&method) else {
        return Ok(refused(&unknown(shared, &method)));
    };
    let sent = match body::read(&query, content_type.unwrap_or_default(), &body) {
        Ok(sent) => sent,
        Err(what) => {
            shared.lock().complain(method.name, what);
            return Ok(refused(&Refusal::bad("can't parse the request")));
        }
    };
    let (call, trouble) = {
        let mut world = shared.lock();
        let (method, parameters) = (method.name, Value::Object(sent.fields.clone()));
        let at = world.settings.clock.now();
        world.calls.push(Call { method: method.to_owned(), parameters, at, status: 0 });
        (world.calls.len() - 1, world.trouble(method))
    };
    if trouble == Some(Trouble::DropBefore) {
        shared.wake();
        return Err(BrokenOff);
    }
    let refusal = trouble.as_ref().and_then(|t| shared.lock().refusal(t, method.name));
    let answer = match refusal {
        Some(refusal) => Err(refusal),
        None => carry_out(shared, method, sent).await,
    };
    shared.wake();
    if let Some(Trouble::Delay(time)) = trouble {
        tokio::time::sleep(time).await;
    }
    // What was carried out while the network was cut cannot be answered.
    let unanswerable = shared.lock().down || answer == Ok(Value::Null);
    if trouble == Some(Trouble::DropAfter) || unanswerable {
        return Err(BrokenOff);
    }
    let status = answer.as_ref().err().map_or(200, |refusal| refusal.code);
    if let Some(call) = shared.lock().calls.get_mut(call) {
        call.status = status;
    }
    if trouble == Some(Trouble::BadGatewayPage) {
        let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n</html>\r\n";
        return Ok(response(502, "text/html", page.to_owned()));
    }
    Ok(match answer {
        Ok(result) => {
            let whole = json!({"ok": true, "result": result});
            response(200, "application/json", whole.to_string())
        }
        Err(refusal) => refused(&refusal),
    })
}

/// The method that an address names, if the token is right.
fn route(world: &World, path: &str) -> Result<String, Refusal> {
    let rest = path.strip_prefix("/bot").ok_or_else(Refusal::not_found)?;
    let (token, method) = rest.split_once('/').ok_or_else(Refusal::not_found)?;
    // What does not even look like a token is an address that there is not.
    if token.split_once(':').is_none_or(|(id, _)| id.parse::<u64>().is_err()) {
        return Err(Refusal::not_found());
    }
    if token != world.settings.token {
        return Err(Refusal::new(401, "Unauthorized"));
    }
    Ok(method.to_owned())
}

/// A file that `getFile` has named: as many bytes as it has, all alike.
fn download(world: &World, rest: &str) -> Response<Full<Bytes>> {
    let name = rest.split_once("/files/").filter(|(token, _)| *token == world.settings.token);
    match name.and_then(|(_, name)| world.files.get(name)) {
        None => refused(&Refusal::not_found()),
        Some(media) => {
            let size = usize::try_from(media.size).unwrap_or_default();
            response(200, "application/octet-stream", ".".repeat(size))
        }
    }
}

fn unknown(shared: &Shared, method: &str) -> Refusal {
    let mut world = shared.lock();
    let described = world.description.as_ref().is_some_and(|d| d.has_method(method));
    let what =
        if described { "the peer does not know this method" } else { "there is no such method" };
    world.complain(method, what);
    let at = world.settings.clock.now();
    let (method, parameters) = (method.to_owned(), Value::Null);
    world.calls.push(Call { method, parameters, at, status: 404 });
    drop(world);
    shared.wake();
    Refusal::not_found()
}

async fn carry_out(shared: &Shared, method: &Method, sent: body::Sent) -> Result<Value, Refusal> {
    let parameters = {
        let mut world = shared.lock();
        let parameters = parameters::take(&mut world, method.name, method.takes, sent)?;
        limit(&mut world, method, &parameters)?;
        parameters
    };
    if method.name == "getUpdates" {
        let allowed = parameters.get("allowed_updates").and_then(Value::as_array).cloned();
        let asked = Asked {
            offset: parameters.integer("offset").unwrap_or(0),
            limit: parameters.integer("limit"),
            timeout_s: parameters.integer("timeout").unwrap_or(0),
            allowed,
        };
        return updates::poll(shared, asked).await;
    }
    let mut world = shared.lock();
    let result = (method.act)(&mut world, &parameters)?;
    let wrong = world.description.as_ref().and_then(|d| d.check_result(method.name, &result).err());
    if let Some(what) = wrong {
        let what = format!("its answer to {} is not as described: {what}", method.name);
        world.complain("the peer itself", what);
    }
    Ok(result)
}

/// Refuses what has to wait.
fn limit(world: &mut World, method: &Method, parameters: &Parameters) -> Result<(), Refusal> {
    let now = world.settings.clock.now_us();
    let mut checked = world.meter.held(&Scope::Method(method.name), now);
    if checked.is_ok() && method.sends {
        let chat = parameters.chat(world)?;
        // What cannot arrive costs nothing.
        world.writable_chat(chat)?;
        checked = world.meter.send(&world.settings.limits, now, chat);
    }
    if let Err(Limited { retry_after, early }) = checked {
        if early {
            let what = format!("sent although it has to wait for another {retry_after} s");
            world.complain(method.name, what);
        }
        return Err(Refusal::too_many(retry_after));
    }
    Ok(())
}

fn refused(refusal: &Refusal) -> Response<Full<Bytes>> {
    response(refusal.code, "application/json", refusal.json().to_string())
}

fn response(status: u16, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    let kind = hyper::header::HeaderValue::from_static(kind);
    response.headers_mut().insert(hyper::header::CONTENT_TYPE, kind);
    response
}
