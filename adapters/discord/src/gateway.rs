//! A connection to the gateway: one session after the other, resumed as long as Discord lets it be
//! (developers/events/gateway).

use crate::event::Interaction;
use crate::failure::WRONG_TOKEN;
use contract::LinkError;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as SocketError, Message as Frame};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// What the bot asks to be told of (developers/events/gateway, "List of Intents").
pub(crate) mod intents {
    /// Guilds and threads.
    pub(crate) const GUILDS: u64 = 1 << 0;
    /// Messages in guilds.
    pub(crate) const GUILD_MESSAGES: u64 = 1 << 9;
    /// Messages in direct chats.
    pub(crate) const DIRECT_MESSAGES: u64 = 1 << 12;
    /// What messages in guilds say; privileged.
    pub(crate) const MESSAGE_CONTENT: u64 = 1 << 15;
}

/// How long a connection may take to come about and to begin.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of an event: READY names every guild.
const EVENT_MAX: usize = 64 << 20;

/// A session, as it is kept: from here it can be resumed, by whatever runs later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// What Discord calls it.
    pub(crate) id: String,
    /// Where it is resumed.
    pub(crate) address: String,
    /// The last event that is on disk, or says nothing.
    pub(crate) seq: u64,
}

/// Something that came, in the order of coming.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) shard: usize,
    pub(crate) seq: u64,
    /// What kind of event.
    pub(crate) kind: String,
    pub(crate) event: Box<RawValue>,
    /// The session that begins with it.
    pub(crate) begins: Option<Session>,
}

/// A shard's way to the gateway.
pub(crate) struct Shard<'a> {
    pub(crate) number: usize,
    pub(crate) of: usize,
    pub(crate) token: &'a str,
    pub(crate) intents: u64,
    /// Where the gateway is.
    pub(crate) address: &'a str,
    /// Where what comes goes.
    pub(crate) tell: mpsc::Sender<Told>,
    /// The last event that is on disk, or says nothing.
    pub(crate) settled: &'a AtomicU64,
}

/// How a connection ended.
enum Ended {
    /// The session is to be resumed.
    Resume,
    /// The session is over.
    Anew,
}

#[derive(Deserialize)]
struct Payload {
    op: u8,
    #[serde(default)]
    d: Option<Box<RawValue>>,
    #[serde(default)]
    s: Option<u64>,
    #[serde(default)]
    t: Option<String>,
}

#[derive(Deserialize)]
struct Hello {
    heartbeat_interval: u64,
}

#[derive(Deserialize)]
struct Ready {
    session_id: String,
    #[serde(default)]
    resume_gateway_url: Option<String>,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Shard<'_> {
    /// Listens until an error or until nobody listens to it any more. `permit` is asked before a new
    /// session is begun, `receive` is told of each interaction at once.
    pub(crate) async fn listen<P: Future<Output = Result<(), LinkError>>>(
        &self,
        mut session: Option<Session>,
        permit: impl Fn() -> P,
        receive: impl Fn(Interaction),
    ) -> Result<(), LinkError> {
        loop {
            match self.connection(&mut session, &permit, &receive).await? {
                Some(Ended::Resume) => {}
                Some(Ended::Anew) => session = None,
                None => return Ok(()),
            }
        }
    }

    /// One connection; `None` if nobody listens to it any more.
    async fn connection<P: Future<Output = Result<(), LinkError>>>(
        &self,
        session: &mut Option<Session>,
        permit: &impl Fn() -> P,
        receive: &impl Fn(Interaction),
    ) -> Result<Option<Ended>, LinkError> {
        let address = session.as_ref().map_or(self.address, |session| session.address.as_str());
        let mut socket = connect(address).await?;
        let every = hello(&mut socket).await?;
        let begins = match session.as_ref() {
            Some(session) => json!({ "op": 6, "d": {
                "token": self.token, "session_id": session.id, "seq": session.seq,
            } }),
            None => {
                permit().await?;
                self.settled.store(0, Ordering::SeqCst);
                self.identify()
            }
        };
        send(&mut socket, &begins).await?;
        let mut beats = interval_at(Instant::now() + every.mul_f64(0.5), every);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut answered = true;
        let mut waiting: Option<Told> = None;
        loop {
            tokio::select! {
                _ = beats.tick() => {
                    if !answered {
                        // The connection is dead, whatever it says.
                        return Ok(Some(resumed(session)));
                    }
                    answered = false;
                    self.beat(&mut socket).await?;
                }
                room = self.tell.reserve(), if waiting.is_some() => {
                    let Ok(room) = room else { return Ok(None) };
                    if let Some(told) = waiting.take() {
                        if let Some(session) = session {
                            session.seq = told.seq;
                        }
                        room.send(told);
                    }
                }
                () = self.tell.closed() => return Ok(None),
                frame = socket.next(), if waiting.is_none() => {
                    let payload = match read(frame)? {
                        Read::Payload(payload) => payload,
                        Read::Nothing => continue,
                        Read::Over => return Ok(Some(resumed(session))),
                        Read::Closed(frame) => return closed(&frame, session).map(Some),
                    };
                    match payload.op {
                        0 => waiting = self.told(payload, session, receive),
                        1 => self.beat(&mut socket).await?,
                        7 => return Ok(Some(resumed(session))),
                        9 => {
                            let again = payload.d.is_some_and(|d| d.get() == "true");
                            return Ok(Some(if again { resumed(session) } else { Ended::Anew }));
                        }
                        11 => answered = true,
                        // There may be others one day.
                        _ => {}
                    }
                }
            }
        }
    }

    /// An event on its way in.
    fn told(
        &self,
        payload: Payload,
        session: &mut Option<Session>,
        receive: &impl Fn(Interaction),
    ) -> Option<Told> {
        let (seq, kind, event) = (payload.s?, payload.t?, payload.d?);
        let mut begins = None;
        if kind == "READY"
            && let Ok(ready) = serde_json::from_str::<Ready>(event.get())
        {
            let address = ready.resume_gateway_url.map(|url| with_version(&url));
            let address = address.unwrap_or_else(|| self.address.to_owned());
            begins = Some(Session { id: ready.session_id, address, seq });
            session.clone_from(&begins);
        }
        if kind == "INTERACTION_CREATE"
            && let Ok(interaction) = serde_json::from_str(event.get())
        {
            receive(interaction);
        }
        Some(Told { shard: self.number, seq, kind, event, begins })
    }

    /// Tells what was taken in: not what has come, but what is on disk.
    async fn beat(&self, socket: &mut Socket) -> Result<(), LinkError> {
        let seq = self.settled.load(Ordering::SeqCst);
        let seq = if seq == 0 { Value::Null } else { seq.into() };
        send(socket, &json!({ "op": 1, "d": seq })).await
    }

    fn identify(&self) -> Value {
        json!({ "op": 2, "d": {
            "token": self.token,
            "intents": self.intents,
            "shard": [self.number, self.of],
            "large_threshold": 50,
            "properties": { "os": std::env::consts::OS, "browser": "pollen", "device": "pollen" },
        } })
    }
}

/// What is done with a session whose connection is lost.
fn resumed(session: &Option<Session>) -> Ended {
    if session.is_some() { Ended::Resume } else { Ended::Anew }
}

/// What Discord means by closing a connection (developers/topics/opcodes-and-status-codes).
fn closed(
    frame: &Option<CloseFrame<'static>>,
    session: &Option<Session>,
) -> Result<Ended, LinkError> {
    let Some(frame) = frame else { return Ok(resumed(session)) };
    let refused = |words: &str| Err(LinkError::Refused(words.to_owned()));
    match u16::from(frame.code) {
        4004 => refused(WRONG_TOKEN),
        4010 | 4011 => refused(
            "Discord wants the bot's guilds to be shared out otherwise; start the program anew",
        ),
        4012 => refused("Discord does not speak this version of its gateway any more"),
        4013 => refused("Discord does not know what the bot asks to be told of"),
        4014 => refused(
            "the bot may not read what people say to each other: switch on Message Content Intent \
             at the developer portal (Bot, Privileged Gateway Intents), or write \
             `message_content = false` under [discord] in pollen.toml",
        ),
        4003 | 4007 | 4009 => Ok(Ended::Anew),
        1000 | 1001 => Ok(Ended::Anew),
        _ => Ok(resumed(session)),
    }
}

async fn connect(address: &str) -> Result<Socket, LinkError> {
    let config = WebSocketConfig {
        max_message_size: Some(EVENT_MAX),
        max_frame_size: Some(EVENT_MAX),
        ..WebSocketConfig::default()
    };
    let connects = connect_async_with_config(address, Some(config), false);
    match tokio::time::timeout(PATIENCE, connects).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(lost(&error)),
        Err(_) => Err(LinkError::Lost("the gateway does not answer".to_owned())),
    }
}

/// Waits for the first word of the gateway: how often it wants to hear that the bot lives.
async fn hello(socket: &mut Socket) -> Result<Duration, LinkError> {
    let silent = || LinkError::Lost("the gateway does not say hello".to_owned());
    let frame = tokio::time::timeout(PATIENCE, socket.next()).await.map_err(|_| silent())?;
    let Read::Payload(payload) = read(frame)? else { return Err(silent()) };
    let hello = payload.d.filter(|_| payload.op == 10);
    let hello = hello.and_then(|d| serde_json::from_str::<Hello>(d.get()).ok());
    let every = hello.ok_or_else(silent)?.heartbeat_interval;
    Ok(Duration::from_millis(every.max(10)))
}

/// What a frame holds.
enum Read {
    Payload(Payload),
    Nothing,
    /// The connection is gone.
    Over,
    Closed(Option<CloseFrame<'static>>),
}

fn read(frame: Option<Result<Frame, SocketError>>) -> Result<Read, LinkError> {
    let text = match frame {
        None => return Ok(Read::Over),
        Some(Ok(Frame::Text(text))) => text,
        Some(Ok(Frame::Close(frame))) => return Ok(Read::Closed(frame)),
        Some(Ok(Frame::Binary(_) | Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_))) => {
            return Ok(Read::Nothing);
        }
        Some(Err(error)) => {
            tracing::debug!(network = crate::NETWORK, "the gateway's connection broke: {error}");
            return Ok(Read::Over);
        }
    };
    match serde_json::from_str(&text) {
        Ok(payload) => Ok(Read::Payload(payload)),
        Err(error) => {
            tracing::warn!(
                network = crate::NETWORK,
                "the gateway says what cannot be read: {error}"
            );
            Ok(Read::Nothing)
        }
    }
}

async fn send(socket: &mut Socket, payload: &Value) -> Result<(), LinkError> {
    socket.send(Frame::Text(payload.to_string())).await.map_err(|error| lost(&error))
}

fn lost(error: &SocketError) -> LinkError {
    LinkError::Lost(format!("the gateway: {error}"))
}

/// The address of a gateway with what is spoken there.
pub(crate) fn with_version(address: &str) -> String {
    format!("{}/?v=10&encoding=json", address.trim_end_matches('/'))
}
