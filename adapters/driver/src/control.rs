//! The control socket: test builds alone are told through it what time it is, and when to die.
//!
//! A Unix socket. Each line is a JSON object with `do`, and is answered by a line with a JSON
//! object, `{"error": ..}` if it could not be done:
//!
//! | `do` | with | answer |
//! |---|---|---|
//! | `now` | | the state |
//! | `set` | `to`: a time | the state; nothing is waited for |
//! | `settle` | `arrived`: at least so many must have been handed in (0) | the state, once nothing is left to do now |
//! | `advance` | `by_s`: seconds | the state; each timer on the way has gone off at its own time |
//! | `cut`, `restore` | `network` | the state; a cut network is not spoken to, and what it hands in is not kept |
//! | `fail_commits` | `times` (1) | the state; so many of the next commits fail |
//! | `die_at` | `step`: a number, counted from 1 since the start; 0: none | the state |
//! | `steps` | | `passed`: how many; `names`: in order |
//! | `stop` | | `ended`: why, once all has stopped |
//!
//! The state is `now`, `wake_at`, `next_send` (times or null), `arrived`, `handled`, `sent` (counts),
//! `paused` (words or null).

use crate::clock::{Clock as _, SetClock};
use crate::shared::lock;
use crate::{Handle, steps};
use bot::Network;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// Listens at `path` until the task is aborted or the program ends; a socket that a program which
/// died has left there is replaced.
///
/// # Errors
/// If nothing can listen there.
pub fn listen(path: &Path, handle: Handle, clock: SetClock) -> io::Result<JoinHandle<()>> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(path)?;
    Ok(tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, handle.clone(), clock.clone()));
        }
    }))
}

async fn talk(stream: UnixStream, handle: Handle, clock: SetClock) {
    let (from, mut to) = stream.into_split();
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = obey(&line, &handle, &clock).await;
        let answer = answer.unwrap_or_else(|error| json!({ "error": error }));
        if to.write_all(format!("{answer}\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn obey(line: &str, handle: &Handle, clock: &SetClock) -> Result<Value, String> {
    let command: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let number = |key: &str, default: u64| command.get(key).map_or(Some(default), Value::as_u64);
    match command.get("do").and_then(Value::as_str).unwrap_or_default() {
        "now" => {}
        "set" => {
            let to = command.get("to").and_then(Value::as_str).unwrap_or_default();
            clock.set(to.parse::<Timestamp>().map_err(|error| error.to_string())?);
        }
        "settle" => {
            handle.settle(number("arrived", 0).ok_or("arrived is no count")?).await;
        }
        "advance" => {
            let by = command.get("by_s").and_then(Value::as_i64).ok_or("by_s is no number")?;
            handle.advance(clock, SignedDuration::from_secs(by)).await;
        }
        "cut" => {
            let network = network(&command)?;
            handle.shared().cuts.send_modify(|cuts| {
                cuts.insert(network);
            });
        }
        "restore" => restore(handle, &network(&command)?).await?,
        "fail_commits" => {
            let times = number("times", 1).ok_or("times is no count")?;
            handle.shared().commits_to_fail.store(times, Ordering::SeqCst);
        }
        "die_at" => steps::die_at(number("step", 0).ok_or("step is no count")?),
        "steps" => {
            let (passed, names) = steps::passed();
            return Ok(json!({ "passed": passed, "names": names }));
        }
        "stop" => return Ok(json!({ "ended": handle.stop().await.to_string() })),
        other => return Err(format!("{other:?} is nothing that can be done")),
    }
    Ok(state(handle, clock))
}

fn network(command: &Value) -> Result<Network, String> {
    let name = command.get("network").and_then(Value::as_str);
    Ok(Network(name.ok_or("network is missing")?.to_owned()))
}

async fn restore(handle: &Handle, network: &Network) -> Result<(), String> {
    let shared = handle.shared();
    shared.cuts.send_modify(|cuts| {
        cuts.remove(network);
    });
    let now = shared.clock.now();
    shared.store.hasten(now, network, None).await.map_err(|error| error.to_string())?;
    shared.outbox.ring();
    Ok(())
}

fn state(handle: &Handle, clock: &SetClock) -> Value {
    let waiting = handle.waiting();
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let counts = handle.counts();
    let shared = handle.shared();
    json!({
        "now": clock.now().to_string(),
        "wake_at": time(waiting.wake_at),
        "next_send": time(waiting.next_send),
        "arrived": counts.arrived,
        "handled": counts.handled,
        "sent": counts.sent,
        "paused": *shared.pause.borrow(),
        "sending": lock(&shared.in_air).len(),
    })
}
