//! A bot's half of HTTP, and how tests begin.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use peers::telegram::{Clock, Limits, Settings, Telegram, User, UserId};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;

/// Far longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A peer whose clock stands and that limits nothing.
pub(crate) fn peer() -> Telegram {
    start(Settings { limits: Limits::none(), ..settings() })
}

pub(crate) fn settings() -> Settings {
    let at: Timestamp = "2026-03-10T09:00:00Z".parse().unwrap();
    Settings { clock: Clock::standing(at), ..Settings::default() }
}

pub(crate) fn start(settings: Settings) -> Telegram {
    Telegram::start(settings).unwrap()
}

/// Somebody who has begun a chat with the bot, and nothing waits.
pub(crate) async fn ana(peer: &Telegram) -> UserId {
    let ana = peer.add_user(User::new("Ana").username("ana").language("fr"));
    peer.start_chat(ana, "");
    forget_updates(peer).await;
    ana
}

/// Confirms all that waits.
pub(crate) async fn forget_updates(peer: &Telegram) {
    let bot = Bot::of(peer);
    bot.call("setWebhook", json!({"url": "http://127.0.0.1:9/", "drop_pending_updates": true}))
        .await
        .ok();
    bot.call("deleteWebhook", json!({})).await.ok();
    assert_eq!(peer.pending(), 0);
}

#[derive(Clone, Debug)]
pub(crate) struct Bot {
    pub(crate) address: String,
    pub(crate) token: String,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// What came of it; it must have gone well.
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        let body = self.body();
        assert_eq!(body["ok"], true);
        body["result"].clone()
    }

    /// Why not; the status and what is said must agree.
    pub(crate) fn refused(&self) -> (u16, String) {
        let body = self.body();
        assert_eq!(body["ok"], false, "{}", self.text);
        assert_eq!(body["error_code"], self.status);
        (self.status, body["description"].as_str().unwrap().to_owned())
    }
}

impl Bot {
    pub(crate) fn of(peer: &Telegram) -> Self {
        let address = peer.address().strip_prefix("http://").unwrap().to_owned();
        Self { address, token: peer.token() }
    }

    pub(crate) async fn call(&self, method: &str, parameters: Value) -> Answer {
        self.attempt(method, parameters).await.expect("the connection holds")
    }

    /// The same where the connection may break.
    pub(crate) async fn attempt(&self, method: &str, parameters: Value) -> Option<Answer> {
        self.send(method, "application/json", parameters.to_string().into()).await
    }

    pub(crate) async fn send(&self, method: &str, kind: &str, body: Bytes) -> Option<Answer> {
        self.post(&format!("/bot{}/{method}", self.token), kind, body).await
    }

    /// Fetches a file.
    pub(crate) async fn download(&self, path: &str) -> Option<Answer> {
        self.post(&format!("/file/bot{}/{path}", self.token), "", Bytes::new()).await
    }

    async fn post(&self, path: &str, kind: &str, body: Bytes) -> Option<Answer> {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let driven = tokio::spawn(connection);
        let request = Request::post(path)
            .header("host", &self.address)
            .header("content-type", kind)
            .body(Full::new(body))
            .unwrap();
        // If the test gives up, so does the connection.
        let _guard = Abort(driven);
        let response = sender.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.ok()?.to_bytes();
        Some(Answer { status, text: String::from_utf8(bytes.to_vec()).unwrap() })
    }

    /// What waits from an offset on, without waiting long.
    pub(crate) async fn updates(&self, offset: i64) -> Vec<Value> {
        let asked = json!({"offset": offset, "timeout": 0});
        self.call("getUpdates", asked).await.ok().as_array().unwrap().clone()
    }

    /// Sends words; they must arrive. The message comes back.
    pub(crate) async fn say(&self, chat: i64, text: &str) -> Value {
        self.call("sendMessage", json!({"chat_id": chat, "text": text})).await.ok()
    }
}

struct Abort<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
