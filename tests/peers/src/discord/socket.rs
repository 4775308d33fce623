//! One connection to the gateway.

use super::gateway::{DAY_MS, Order, Session, intents};
use super::server::Shared;
use super::world::World;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

/// The largest payload that a client may send, in bytes.
const LARGEST: usize = 4_096;
/// The time that the limit on payloads counts, in milliseconds of real time.
const LIMIT_MS: u64 = 60_000;

/// How a connection ends.
enum End {
    /// Nothing more is said.
    Broken,
    /// The client said goodbye with this code.
    Gone(u16),
    /// The gateway closes.
    Close(u16, &'static str),
}

/// Speaks with a client until either ends it.
pub(crate) async fn run<S>(shared: Arc<Shared>, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let (connection, beat) = {
        let mut world = shared.lock();
        (world.gateway.connect(), world.settings.heartbeat)
    };
    let every = u64::try_from(beat.as_millis()).unwrap_or(u64::MAX);
    let hello = json!({"op": 10, "d": {"heartbeat_interval": every}, "s": null, "t": null});
    shared.lock().gateway.order(connection, Order::Send(hello));
    let end = speak(&shared, &mut socket, connection, beat).await;
    let over = match end {
        End::Broken => false,
        End::Gone(code) => code == 1000 || code == 1001,
        End::Close(code, reason) => {
            let frame = CloseFrame { code: code.into(), reason: reason.into() };
            let _whoever_left = socket.close(Some(frame)).await;
            matches!(code, 4004 | 4010..=4014)
        }
    };
    let mut world = shared.lock();
    let now_ms = world.now_ms();
    world.gateway.ended(connection, over, now_ms);
    drop(world);
    shared.wake();
}

async fn speak<S>(
    shared: &Arc<Shared>,
    socket: &mut WebSocketStream<S>,
    connection: u64,
    beat: std::time::Duration,
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut heard = Instant::now();
    let mut times: Vec<Instant> = Vec::new();
    loop {
        let stirred = shared.stir.notified();
        tokio::pin!(stirred);
        stirred.as_mut().enable();
        loop {
            let next = {
                let mut world = shared.lock();
                if world.down { Some(Order::Break) } else { next(&mut world, connection) }
            };
            match next {
                None => break,
                Some(Order::Break) => return End::Broken,
                Some(Order::Close(code, reason)) => return End::Close(code, reason),
                Some(Order::Send(value)) => {
                    if socket.send(Frame::Text(value.to_string())).await.is_err() {
                        return End::Broken;
                    }
                }
            }
        }
        shared.done.notify_all();
        // Half an interval more than the client is told, for what is slow on the way.
        let deadline = heard + beat + beat / 2;
        let frame = tokio::select! {
            () = stirred => continue,
            () = tokio::time::sleep_until(deadline) => {
                return End::Close(4009, "Session timed out.");
            }
            frame = socket.next() => frame,
        };
        let text = match frame {
            Some(Ok(Frame::Text(text))) => text,
            Some(Ok(Frame::Close(frame))) => {
                return End::Gone(frame.map_or(1005, |frame| frame.code.into()));
            }
            Some(Ok(Frame::Ping(_) | Frame::Pong(_) | Frame::Frame(_))) => continue,
            Some(Ok(Frame::Binary(_))) => return End::Close(4002, "Error while decoding payload."),
            Some(Err(_)) | None => return End::Broken,
        };
        times.retain(|at| at.elapsed().as_millis() < u128::from(LIMIT_MS));
        times.push(Instant::now());
        let most = shared.lock().settings.limits.payloads;
        if most.is_some_and(|most| times.len() > most) {
            shared.lock().complain("gateway", "sent more payloads in a minute than it may");
            return End::Close(4008, "Rate limited.");
        }
        if text.len() > LARGEST {
            shared.lock().complain("gateway", "sent a payload of more than 4096 bytes");
            return End::Close(4002, "Error while decoding payload.");
        }
        let Ok(payload) = serde_json::from_str::<Value>(&text) else {
            return End::Close(4002, "Error while decoding payload.");
        };
        let mut world = shared.lock();
        if payload["op"] == 1 {
            heard = Instant::now();
        }
        let taken = take(&mut world, connection, &payload);
        drop(world);
        shared.wake();
        if let Err((code, reason)) = taken {
            return End::Close(code, reason);
        }
    }
}

/// The next thing that a connection is to do.
fn next(world: &mut World, connection: u64) -> Option<Order> {
    let held = world.gateway.connections.get_mut(&connection)?;
    if let Some(order) = held.orders.pop_front() {
        return Some(order);
    }
    let session = world.gateway.sessions.get_mut(held.session.as_ref()?)?;
    if session.connection != Some(connection) {
        return Some(Order::Break);
    }
    if world.gateway.held {
        return None;
    }
    // Sequences begin at one and leave none out.
    let (seq, event) = session.log.get(usize::try_from(session.sent).ok()?)?;
    session.sent = *seq;
    Some(Order::Send(event.clone()))
}

type Closed = (u16, &'static str);

/// Takes what a client says.
fn take(world: &mut World, connection: u64, payload: &Value) -> Result<(), Closed> {
    let data = &payload["d"];
    let session = world.gateway.connections.get(&connection).and_then(|c| c.session.clone());
    match payload["op"].as_u64() {
        Some(1) => {
            if let Some(session) = session.and_then(|id| world.gateway.sessions.get_mut(&id)) {
                let named = data.as_u64().unwrap_or_default();
                if named > session.sent {
                    world.complain("gateway", "a heartbeat names what was never sent");
                } else {
                    session.beat = session.beat.max(named);
                }
            }
            let ack = json!({"op": 11, "d": null, "s": null, "t": null});
            world.gateway.order(connection, Order::Send(ack));
            Ok(())
        }
        Some(2) if session.is_some() => Err((4005, "Already authenticated.")),
        Some(2) => identify(world, connection, data),
        Some(6) if session.is_some() => Err((4005, "Already authenticated.")),
        Some(6) => resume(world, connection, data),
        _ if session.is_none() => Err((4003, "Not authenticated.")),
        // A presence is nothing to a support bot, and voice is not there.
        Some(3) => Ok(()),
        Some(op) => {
            world.complain("gateway", format!("the peer does not know op {op}"));
            Err((4001, "Unknown opcode."))
        }
        None => Err((4002, "Error while decoding payload.")),
    }
}

fn right_token(world: &World, data: &Value) -> bool {
    let token = data["token"].as_str().unwrap_or_default();
    !world.gateway.token_reset
        && token.strip_prefix("Bot ").unwrap_or(token) == world.settings.token
}

fn identify(world: &mut World, connection: u64, data: &Value) -> Result<(), Closed> {
    let now = world.now_ms();
    let gateway = &mut world.gateway;
    gateway.identifies.retain(|at| now - at < DAY_MS);
    if gateway.identifies.len() >= usize::try_from(world.settings.identifies_a_day).unwrap_or(0) {
        gateway.token_reset = true;
        gateway.sessions.clear();
        gateway.order_all(&Order::Close(4004, "Authentication failed."));
        world.complain("gateway", "identified too often in a day: the token is reset");
    }
    if !right_token(world, data) {
        world.complain("gateway", "identified with a wrong token");
        return Err((4004, "Authentication failed."));
    }
    for field in ["properties", "intents"] {
        if data[field].is_null() {
            world.complain("gateway", format!("IDENTIFY has no `{field}`"));
            return Err((4002, "Error while decoding payload."));
        }
    }
    let at_once = world.gateway.identifies.iter().filter(|at| now - **at < 5_000).count();
    world.gateway.identifies.push_back(now);
    world.gateway.identified += 1;
    if at_once >= usize::try_from(world.settings.max_concurrency).unwrap_or(1) {
        let no = json!({"op": 9, "d": false, "s": null, "t": null});
        world.gateway.order(connection, Order::Send(no));
        return Ok(());
    }
    let asked = data["intents"].as_u64().ok_or((4013, "Invalid intent(s)."))?;
    let privileged = [
        (intents::GUILD_MEMBERS, world.settings.guild_members),
        (intents::GUILD_PRESENCES, world.settings.presences),
        (intents::MESSAGE_CONTENT, world.settings.message_content),
    ];
    if privileged.iter().any(|(bit, may)| asked & bit != 0 && !may) {
        return Err((4014, "Disallowed intent(s)."));
    }
    let shard = match data["shard"].as_array() {
        None => (0, 1),
        Some(pair) => {
            match (pair.first().and_then(Value::as_u64), pair.get(1).and_then(Value::as_u64)) {
                (Some(shard), Some(of)) if shard < of => (shard, of),
                _ => return Err((4010, "Invalid shard.")),
            }
        }
    };
    begin(world, connection, asked, shard);
    Ok(())
}

fn begin(world: &mut World, connection: u64, asked: u64, shard: (u64, u64)) {
    let id = world.gateway.new_id();
    let mut session = Session {
        intents: asked,
        shard,
        seq: 0,
        log: Vec::new(),
        sent: 0,
        beat: 0,
        connection: Some(connection),
        lost_ms: None,
    };
    let mine: Vec<_> = world.guilds.values().filter(|g| g.bot_is_in(world.me)).collect();
    let mine: Vec<_> = mine.into_iter().filter(|g| (g.id.0 >> 22) % shard.1 == shard.0).collect();
    let stubs: Vec<Value> =
        mine.iter().map(|g| json!({"id": g.id.json(), "unavailable": true})).collect();
    let mut me = world.user_json(world.me);
    (me["verified"], me["email"], me["flags"], me["mfa_enabled"]) =
        (json!(true), Value::Null, json!(0), json!(false));
    session.push(
        "READY",
        &json!({"v": 10, "user": me, "guilds": stubs, "session_id": id, "session_type": "normal",
            "resume_gateway_url": world.gateway_address(), "shard": [shard.0, shard.1],
            "application": {"id": world.me.json(), "flags": world.application_flags()},
            "private_channels": [], "relationships": [], "presences": []}),
    );
    if asked & intents::GUILDS != 0 {
        mine.iter().for_each(|guild| session.push("GUILD_CREATE", &world.guild_create(guild)));
    }
    if let Some(connection) = world.gateway.connections.get_mut(&connection) {
        connection.session = Some(id.clone());
    }
    world.gateway.sessions.insert(id, session);
}

fn resume(world: &mut World, connection: u64, data: &Value) -> Result<(), Closed> {
    world.forget_sessions();
    if !right_token(world, data) {
        world.complain("gateway", "resumed with a wrong token");
        return Err((4004, "Authentication failed."));
    }
    let id = data["session_id"].as_str().unwrap_or_default().to_owned();
    let Some(session) = world.gateway.sessions.get_mut(&id) else {
        let no = json!({"op": 9, "d": false, "s": null, "t": null});
        world.gateway.order(connection, Order::Send(no));
        return Ok(());
    };
    let seq = data["seq"].as_u64().unwrap_or_default();
    if seq > session.seq {
        return Err((4007, "Invalid `seq`."));
    }
    // Whoever held the session before is broken off when it looks next.
    (session.connection, session.lost_ms) = (Some(connection), None);
    (session.sent, session.beat) = (seq, session.beat.max(seq));
    session.push("RESUMED", &json!({}));
    world.gateway.resumed += 1;
    if let Some(connection) = world.gateway.connections.get_mut(&connection) {
        connection.session = Some(id);
    }
    Ok(())
}
