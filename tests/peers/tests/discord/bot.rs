//! A bot's half of HTTP and of the gateway, and how tests begin.

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use peers::discord::{
    ChannelId, Clock, Discord, GuildId, Limits, Permissions, Settings, User, UserId, intents,
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;

/// Far longer than anything here takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What a support bot without privileged intents asks to be told of.
pub(crate) const USUAL: u64 = intents::GUILDS | intents::GUILD_MESSAGES | intents::DIRECT_MESSAGES;

pub(crate) fn settings() -> Settings {
    let at: Timestamp = "2026-03-10T09:00:00Z".parse().unwrap();
    let limits = Limits { payloads: Limits::default().payloads, ..Limits::none() };
    Settings { clock: Clock::standing(at), limits, ..Settings::default() }
}

/// A peer whose clock stands and that limits nothing.
pub(crate) fn peer() -> Discord {
    Discord::start(settings()).unwrap()
}

/// Ana's guild with one channel.
pub(crate) fn cast(peer: &Discord) -> (UserId, GuildId, ChannelId) {
    let owner = peer.add_user(User::new("Owner"));
    let guild = peer.add_guild("Library", owner);
    let channel = peer.add_channel(guild, "help");
    let ana = peer.add_user(User::new("Ana").locale("fr"));
    peer.join(ana, guild);
    (ana, guild, channel)
}

/// Takes something from the bot in a channel.
pub(crate) fn deny(peer: &Discord, channel: ChannelId, what: Permissions) {
    peer.set_overwrite(channel, peer.bot().0, Permissions::NONE, what);
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: HeaderMap,
}

impl Answer {
    /// What came of it; it must have gone well.
    pub(crate) fn ok(self) -> Value {
        assert!(self.status < 300, "{} {}", self.status, self.body);
        self.body
    }

    /// Why not: status and code.
    pub(crate) fn refused(&self) -> (u16, u64) {
        assert!(self.status >= 400, "{} {}", self.status, self.body);
        (self.status, self.body["code"].as_u64().unwrap_or_default())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A number out of an answer.
pub(crate) fn id(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

#[derive(Clone, Debug)]
pub(crate) struct Bot {
    address: String,
    token: String,
}

impl Bot {
    pub(crate) fn of(peer: &Discord) -> Self {
        let address = peer.address().strip_prefix("http://").unwrap().to_owned();
        Self { address, token: peer.token() }
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.attempt(method, path, body).await.expect("the connection holds")
    }

    pub(crate) async fn attempt(&self, method: &str, path: &str, body: Value) -> Option<Answer> {
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        self.send(method, path, "application/json", bytes).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: Bytes,
    ) -> Option<Answer> {
        let stream = TcpStream::connect(&self.address).await.ok()?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v10{path}"))
            .header("host", &self.address)
            .header("authorization", format!("Bot {}", self.token))
            .header("content-type", kind)
            .body(Full::new(body))
            .unwrap();
        let response = sender.send_request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Some(Answer { status: head.status.as_u16(), body, headers: head.headers })
    }

    pub(crate) async fn say(&self, channel: ChannelId, body: Value) -> Answer {
        self.call("POST", &format!("/channels/{channel}/messages"), body).await
    }

    /// Answers an interaction as the gateway showed it.
    pub(crate) async fn respond(&self, shown: &Value, kind: u64, data: Value) -> Answer {
        let (id, token) = (shown["id"].as_str().unwrap(), shown["token"].as_str().unwrap());
        let path = format!("/interactions/{id}/{token}/callback");
        let body = if data.is_null() {
            json!({"type": kind})
        } else {
            json!({"type": kind, "data": data})
        };
        self.call("POST", &path, body).await
    }

    /// What comes after the first answer; `rest` is empty or `/messages/...`.
    pub(crate) async fn later(
        &self,
        method: &str,
        shown: &Value,
        rest: &str,
        body: Value,
    ) -> Answer {
        let (app, token) = (&shown["application_id"], shown["token"].as_str().unwrap());
        let path = format!("/webhooks/{}/{token}{rest}", app.as_str().unwrap());
        self.call(method, &path, body).await
    }

    pub(crate) async fn connect(&self) -> Ears {
        let stream = TcpStream::connect(&self.address).await.unwrap();
        let address = format!("ws://{}/gateway?v=10&encoding=json", self.address);
        let (socket, _) = tokio_tungstenite::client_async(address, stream).await.unwrap();
        let mut ears = Ears { socket, seq: 0 };
        assert_eq!(ears.next().await.unwrap()["op"], 10);
        ears
    }

    /// Connected and identified; READY and the guilds have been heard.
    pub(crate) async fn identify(&self, intents: u64) -> Ears {
        let mut ears = self.connect().await;
        ears.send(self.identity(intents)).await;
        let ready = ears.event("READY").await;
        for _ in ready["guilds"].as_array().unwrap() {
            ears.event("GUILD_CREATE").await;
        }
        ears
    }

    pub(crate) fn identity(&self, intents: u64) -> Value {
        json!({"op": 2, "d": {"token": self.token, "intents": intents, "properties":
            {"os": "linux", "browser": "peer", "device": "peer"}, "shard": [0, 1]}})
    }
}

/// What is heard of the gateway.
pub(crate) struct Ears {
    socket: WebSocketStream<TcpStream>,
    pub(crate) seq: u64,
}

impl Ears {
    pub(crate) async fn send(&mut self, payload: Value) {
        self.socket.send(Frame::Text(payload.to_string())).await.unwrap();
    }

    pub(crate) async fn beat(&mut self) {
        self.send(json!({"op": 1, "d": self.seq})).await;
        assert_eq!(self.next().await.unwrap()["op"], 11);
    }

    /// The next payload, or the code that the connection was closed with (0: broken off).
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        let frame =
            tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("something comes");
        match frame {
            Some(Ok(Frame::Text(text))) => {
                let payload: Value = serde_json::from_str(&text).unwrap();
                self.seq = payload["s"].as_u64().unwrap_or(self.seq);
                Ok(payload)
            }
            Some(Ok(Frame::Close(frame))) => Err(frame.map_or(0, |frame| frame.code.into())),
            _ => Err(0),
        }
    }

    /// The next event, which must be of this kind.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        let payload = self.next().await.expect("the connection holds");
        assert_eq!(payload["t"], kind, "{payload}");
        payload["d"].clone()
    }

    /// Nothing has been told but what was heard.
    pub(crate) async fn silence(&mut self) {
        self.beat().await;
    }

    pub(crate) async fn close(mut self, code: u16) {
        let frame = tokio_tungstenite::tungstenite::protocol::CloseFrame {
            code: code.into(),
            reason: "".into(),
        };
        self.socket.close(Some(frame)).await.unwrap();
    }
}
