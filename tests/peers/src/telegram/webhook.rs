//! Updates that are brought to the bot instead of being fetched.
//!
//! As in the real server, updates of one chat (or of one person, for queries) go one after the
//! other, others beside them; one that fails is tried again, after a wait that doubles from the
//! second failure on, and holds up only its own line. A `Retry-After` in the answer is heeded.

use super::Telegram;
use super::server::Shared;
use super::world::World;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// The longest that a failed delivery waits, from the real server's source: a minute or two.
const RETRY_MAX: Duration = Duration::from_secs(60);

/// How long the bot may take to answer a delivery.
const PATIENCE: Duration = Duration::from_secs(60);

/// The webhook that is set.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) url: String,
    pub(crate) secret: String,
    pub(crate) max_connections: i64,
    pub(crate) has_certificate: bool,
    pub(crate) last_error: Option<(i64, String)>,
    /// The one that was set before this is another one.
    pub(crate) number: i64,
    in_flight: BTreeMap<i64, (u8, i64)>,
    failed: BTreeMap<i64, Failed>,
}

#[derive(Clone, Copy, Debug)]
struct Failed {
    wait: Duration,
    again_at: Instant,
}

/// A delivery.
#[derive(Debug)]
struct Job {
    hook: i64,
    update: i64,
    body: Value,
    address: String,
    host: String,
    path: String,
    secret: String,
}

impl Hook {
    pub(crate) fn new(number: i64, url: &str, secret: &str, max_connections: i64) -> Self {
        Self {
            url: url.to_owned(),
            secret: secret.to_owned(),
            max_connections,
            has_certificate: false,
            last_error: None,
            number,
            in_flight: BTreeMap::new(),
            failed: BTreeMap::new(),
        }
    }

    /// Whether setting the other one instead would change nothing. A certificate always does.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.url == other.url
            && self.secret == other.secret
            && self.max_connections == other.max_connections
            && !self.has_certificate
            && !other.has_certificate
    }
}

/// Delivers until the runtime ends.
pub(crate) async fn deliver(shared: Arc<Shared>) {
    loop {
        let stirred = shared.stir.notified();
        tokio::pin!(stirred);
        stirred.as_mut().enable();
        let (jobs, next) = shared.lock().due();
        for job in jobs {
            tokio::spawn(bring(Arc::clone(&shared), job));
        }
        let until = next.unwrap_or_else(|| Instant::now() + PATIENCE);
        let _timed_out = tokio::time::timeout_at(until.into(), stirred).await;
    }
}

impl World {
    /// The deliveries that are due, and when the next one will be.
    fn due(&mut self) -> (Vec<Job>, Option<Instant>) {
        let now_s = self.now_s();
        self.updates.expire(now_s);
        let (mut jobs, mut next) = (Vec::new(), None::<Instant>);
        let Some(hook) = self.hook.as_mut().filter(|_| !self.down) else { return (jobs, next) };
        let Some((address, host, path)) = target(&hook.url, &self.routes) else {
            let what = "Connection refused: no route leads to the host".to_owned();
            hook.last_error = Some((now_s, what));
            return (jobs, next);
        };
        let most = usize::try_from(hook.max_connections).unwrap_or(1);
        let mut busy: HashSet<(u8, i64)> = hook.in_flight.values().copied().collect();
        for update in &self.updates.queue {
            if hook.in_flight.len() >= most {
                break;
            }
            if !busy.insert(update.key) {
                continue;
            }
            let waits = hook.failed.get(&update.id).map(|failed| failed.again_at);
            if let Some(at) = waits.filter(|at| *at > Instant::now()) {
                next = Some(next.map_or(at, |next| next.min(at)));
                continue;
            }
            hook.in_flight.insert(update.id, update.key);
            jobs.push(Job {
                hook: hook.number,
                update: update.id,
                body: update.body.clone(),
                address: address.clone(),
                host: host.clone(),
                path: path.clone(),
                secret: hook.secret.clone(),
            });
        }
        (jobs, next)
    }

    /// What became of a delivery: the answer's body, or what went wrong and the wait asked for.
    fn brought(&mut self, job: &Job, outcome: Result<Bytes, (String, Option<u64>)>) {
        let now_s = self.now_s();
        let first_wait = self.settings.webhook_retry;
        let Some(hook) = self.hook.as_mut().filter(|hook| hook.number == job.hook) else { return };
        hook.in_flight.remove(&job.update);
        match outcome {
            Ok(body) => {
                hook.failed.remove(&job.update);
                self.updates.queue.retain_mut(|update| {
                    let again = update.id == job.update && update.repeats > 0;
                    update.repeats -= u32::from(again);
                    update.id != job.update || again
                });
                let answer: Option<Value> = serde_json::from_slice(&body).ok();
                if answer.is_some_and(|answer| answer.get("method").is_some()) {
                    let what =
                        "a request in the answer to a delivery, which the peer does not know";
                    self.complain("webhook", what);
                }
            }
            Err((what, retry_after)) => {
                hook.last_error = Some((now_s, what));
                let before = hook.failed.get(&job.update);
                let doubled = before.map_or(first_wait, |f| (f.wait * 2).min(RETRY_MAX));
                let wait = retry_after.map_or(doubled, Duration::from_secs);
                let failed = Failed { wait: doubled, again_at: Instant::now() + wait };
                hook.failed.insert(job.update, failed);
            }
        }
    }
}

/// Where a webhook's address leads: what to connect to, the host, the path.
///
/// 127.0.0.1 is reached directly; another host only through a route that the test has laid, which
/// stands for DNS and the machine that ends TLS.
fn target(url: &str, routes: &BTreeMap<String, String>) -> Option<(String, String, String)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = if path.is_empty() { "/" } else { path };
    let address = match routes.get(host) {
        Some(address) => address.clone(),
        None if is_local(host) => host.to_owned(),
        None => return None,
    };
    Some((address, host.to_owned(), path.to_owned()))
}

/// Whether a host is this machine, with a port.
pub(crate) fn is_local(host: &str) -> bool {
    host.strip_prefix("127.0.0.1:").is_some_and(|port| port.parse::<u16>().is_ok())
}

async fn bring(shared: Arc<Shared>, job: Job) {
    let outcome = match tokio::time::timeout(PATIENCE, post(&job)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(("Read timeout expired".to_owned(), None)),
    };
    shared.lock().brought(&job, outcome);
    shared.wake();
}

async fn post(job: &Job) -> Result<Bytes, (String, Option<u64>)> {
    let refused = |e: &dyn std::fmt::Display| (format!("Connection refused: {e}"), None);
    let closed = |e: &dyn std::fmt::Display| (format!("Connection closed: {e}"), None);
    let stream = TcpStream::connect(&job.address).await.map_err(|e| refused(&e))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|e| refused(&e))?;
    tokio::spawn(connection);
    let mut request = Request::post(&job.path)
        .header("host", &job.host)
        .header("content-type", "application/json");
    if !job.secret.is_empty() {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", &job.secret);
    }
    let body = Full::new(Bytes::from(job.body.to_string()));
    let request = request.body(body).map_err(|e| refused(&e))?;
    let response = sender.send_request(request).await.map_err(|e| closed(&e))?;
    let status = response.status();
    let wait = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok());
    let body = response.into_body().collect().await.map_err(|e| closed(&e))?.to_bytes();
    if status.is_success() {
        Ok(body)
    } else {
        Err((format!("Wrong response from the webhook: {status}"), wait))
    }
}

impl Telegram {
    /// From now on `host`, as a webhook's address names it, is reached at `address` by plain HTTP,
    /// as behind a machine that ends TLS.
    pub fn lay_route(&self, host: &str, address: &str) {
        self.shared.lock().routes.insert(host.to_owned(), address.to_owned());
        self.shared.wake();
    }
}
