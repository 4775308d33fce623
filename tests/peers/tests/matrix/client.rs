//! A client's half of HTTP, and how tests begin.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use peers::matrix::{Account, Proxy, Synapse};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Far longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The homeserver of all these tests.
pub(crate) fn synapse() -> &'static Synapse {
    Synapse::shared().unwrap()
}

/// A proxy before it.
pub(crate) fn proxy() -> Proxy {
    Proxy::start(&synapse().address()).unwrap()
}

/// Somebody whom no other test knows.
pub(crate) fn somebody(synapse: &Synapse) -> Account {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("reader{}", NUMBER.fetch_add(1, Ordering::SeqCst));
    synapse.register(&name, "a good secret", "DEVICE").unwrap()
}

/// A room of somebody's, with these invited.
pub(crate) fn room(synapse: &Synapse, of: &Account, invite: &[&Account]) -> String {
    let invite: Vec<&str> = invite.iter().map(|account| account.user_id.as_str()).collect();
    let body = json!({"preset": "private_chat", "invite": invite});
    let path = "/_matrix/client/v3/createRoom";
    let (status, made) = synapse.call("POST", path, Some(&of.access_token), Some(body)).unwrap();
    assert_eq!(status, 200, "{made}");
    made["room_id"].as_str().unwrap().to_owned()
}

pub(crate) fn join(synapse: &Synapse, room: &str, account: &Account) {
    let path = format!("/_matrix/client/v3/join/{room}");
    let (status, body) =
        synapse.call("POST", &path, Some(&account.access_token), Some(json!({}))).unwrap();
    assert_eq!(status, 200, "{body}");
}

/// Where a message is put.
pub(crate) fn send_path(room: &str, key: &str) -> String {
    format!("/_matrix/client/v3/rooms/{room}/send/m.room.message/{key}")
}

pub(crate) fn message(words: &str) -> Value {
    json!({"msgtype": "m.text", "body": words})
}

/// Says something, past the proxy; it must arrive. The event's id comes back.
pub(crate) fn say(synapse: &Synapse, room: &str, account: &Account, words: &str) -> String {
    static KEY: AtomicUsize = AtomicUsize::new(0);
    let path = send_path(room, &format!("said{}", KEY.fetch_add(1, Ordering::SeqCst)));
    let token = Some(account.access_token.as_str());
    let (status, body) = synapse.call("PUT", &path, token, Some(message(words))).unwrap();
    assert_eq!(status, 200, "{body}");
    body["event_id"].as_str().unwrap().to_owned()
}

/// What was said in a room, the latest last.
pub(crate) fn said(synapse: &Synapse, room: &str, account: &Account) -> Vec<String> {
    let path = format!("/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=50");
    let (status, body) = synapse.call("GET", &path, Some(&account.access_token), None).unwrap();
    assert_eq!(status, 200, "{body}");
    let events = body["chunk"].as_array().unwrap().iter().rev();
    events.filter_map(|event| event["content"]["body"].as_str()).map(str::to_owned).collect()
}

/// One connection, which lasts until it is dropped or the other side closes it.
pub(crate) struct Client {
    host: String,
    token: String,
    sender: SendRequest<Full<Bytes>>,
    connection: tokio::task::JoinHandle<hyper::Result<()>>,
}

impl Client {
    pub(crate) async fn of(proxy: &Proxy, account: &Account) -> Self {
        let host = proxy.address().strip_prefix("http://").unwrap().to_owned();
        let stream = TcpStream::connect(&host).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let token = account.access_token.clone();
        Self { host, token, sender, connection: tokio::spawn(connection) }
    }

    /// Asks, and has an answer.
    pub(crate) async fn call(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.attempt(method, path, body).await.expect("the connection holds")
    }

    /// The same where the connection may break.
    pub(crate) async fn attempt(
        &mut self,
        method: &str,
        path: &str,
        body: Value,
    ) -> Option<(u16, Value)> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.host)
            .header("authorization", format!("Bearer {}", self.token))
            .header("accept-encoding", "gzip")
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        self.sender.ready().await.ok()?;
        let answer = self.sender.send_request(request).await.ok()?;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status, serde_json::from_slice(&bytes).unwrap()))
    }

    /// All that is new since then, waiting so many milliseconds for something: where to go on, and
    /// the answer.
    pub(crate) async fn sync(&mut self, since: Option<&str>, wait_ms: u32) -> (String, Value) {
        let (status, body) = self.call("GET", &sync_path(since, wait_ms), Value::Null).await;
        assert_eq!(status, 200, "{body}");
        (body["next_batch"].as_str().unwrap().to_owned(), body)
    }

    /// Asks on until an answer names what is sought, by its id: a homeserver shows a moment late
    /// what was just done. The batch after which that answer begins, where to go on, and it.
    pub(crate) async fn sync_until(
        &mut self,
        since: &str,
        sought: &str,
    ) -> (String, String, Value) {
        let begun = Instant::now();
        let mut since = since.to_owned();
        loop {
            let (next, answer) = self.sync(Some(&since), 500).await;
            if answer["rooms"].to_string().contains(sought) {
                return (since, next, answer);
            }
            assert!(begun.elapsed() < PATIENCE, "{sought} never came: {answer}");
            since = next;
        }
    }

    pub(crate) async fn send(&mut self, room: &str, key: &str, words: &str) -> (u16, Value) {
        self.call("PUT", &send_path(room, key), message(words)).await
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

pub(crate) fn sync_path(since: Option<&str>, wait_ms: u32) -> String {
    let since = since.map(|since| format!("&since={since}")).unwrap_or_default();
    format!("/_matrix/client/v3/sync?timeout={wait_ms}{since}")
}
