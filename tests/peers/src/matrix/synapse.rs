//! A homeserver, from its start to its end.

use super::aside::Aside;
use super::exchange::{exchange, host};
use super::folder::{Folder, random};
use super::process::{PORT_TAKEN, Running};
use super::{Limits, PeerError};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io;
use std::net::TcpListener;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// The environment variable that names the python which has Synapse.
pub const SYNAPSE_VARIABLE: &str = "SYNAPSE_PYTHON";

/// The ports that are tried. They lie below those that systems hand out by themselves, so that nobody
/// takes one by accident while the homeserver is down between a kill and a restart.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// How often another port is tried where one was taken by others at the same moment.
const TRIES_MAX: usize = 5;

/// How long a call may take: longer than any long poll of a test.
const CALL_MAX: Duration = Duration::from_secs(120);

/// The one that a whole test process shares.
static SHARED: OnceLock<Synapse> = OnceLock::new();

/// A real homeserver in a process of its own, running until this is dropped.
///
/// Its methods may be called from anywhere, inside a runtime or not; they hold the thread up until
/// they are done. The process ends with the test's, even if that is killed, and its folder goes too.
pub struct Synapse {
    // Fields are dropped in this order: the process ends before its folder is removed.
    state: Mutex<State>,
    aside: Aside,
    python: OsString,
    folder: Folder,
    server_name: String,
    port: u16,
}

struct State {
    running: Option<Running>,
    process: u32,
}

/// Somebody's account, with a device that is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The whole id, such as `@ana:s0123456789abcdef.test`.
    pub user_id: String,
    /// What the device shows with each request.
    pub access_token: String,
    /// The device.
    pub device_id: String,
}

impl Synapse {
    /// Starts a homeserver of its own name on a free port of 127.0.0.1, with nobody on it.
    ///
    /// # Errors
    /// Those of [`PeerError`]; where Synapse is missing, the error says how it is installed.
    pub fn start(limits: Limits) -> Result<Self, PeerError> {
        let python = python()?;
        let server_name = format!("s{:016x}.test", random());
        let folder = Folder::new()?;
        let aside = Aside::new("synapse")?;
        let mut tries = 0;
        loop {
            tries += 1;
            let port = free_port()?;
            folder.set(&server_name, port, limits)?;
            match Running::start(&python, &folder) {
                Ok(running) => {
                    let process = running.id();
                    let state = Mutex::new(State { running: Some(running), process });
                    return Ok(Self { state, aside, python, folder, server_name, port });
                }
                Err(PeerError::Ended { last_words })
                    if last_words.contains(PORT_TAKEN) && tries < TRIES_MAX => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The homeserver that all tests of this process share, without limits; the first who asks
    /// starts it. Whoever takes it down takes it from the others too.
    ///
    /// # Errors
    /// Those of [`Synapse::start`].
    pub fn shared() -> Result<&'static Self, PeerError> {
        static STARTING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
        match SHARED.get() {
            Some(shared) => Ok(shared),
            None => {
                let started = Self::start(Limits::none())?;
                Ok(SHARED.get_or_init(|| started))
            }
        }
    }

    /// Where it listens, such as `http://127.0.0.1:24711`.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What stands behind the colon of its people's ids; no other homeserver has the same.
    pub fn server_name(&self) -> &str {
        &self.server_name
    }

    /// Makes an account, and logs a device in.
    ///
    /// # Errors
    /// [`PeerError::Refused`] if there is such an account, or it may not be called so;
    /// [`PeerError::NoAnswer`].
    pub fn register(
        &self,
        localpart: &str,
        password: &str,
        device_id: &str,
    ) -> Result<Account, PeerError> {
        let path = "/_matrix/client/v3/register";
        let asked = json!({
            "auth": {"type": "m.login.dummy"},
            "username": localpart,
            "password": password,
            "device_id": device_id,
        });
        let (status, body) = self.call("POST", path, None, Some(asked))?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        match (text("user_id"), text("access_token"), text("device_id")) {
            (Some(user_id), Some(access_token), Some(device_id)) if status == 200 => {
                Ok(Account { user_id, access_token, device_id })
            }
            _ => Err(PeerError::Refused { what: format!("POST {path}"), status, body }),
        }
    }

    /// Asks it directly, with a device's token and a body of JSON if there are any: status and answer.
    /// An answer that is no JSON comes as one string.
    ///
    /// # Errors
    /// [`PeerError::NoAnswer`] if there is none, for what reason ever.
    pub fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Result<(u16, Value), PeerError> {
        let server = host(&self.address());
        let mut request = Request::builder().method(method).uri(path).header("host", &server);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).map_err(io::Error::other);
        let answer = request.and_then(|request| {
            let asked =
                async move { tokio::time::timeout(CALL_MAX, exchange(&server, request)).await };
            let late = |_| io::Error::from(io::ErrorKind::TimedOut);
            let lost = || io::Error::other("the call went wrong");
            self.aside.wait(asked).ok_or_else(lost)?.map_err(late)?
        });
        let answer =
            answer.map_err(|why| PeerError::NoAnswer { what: format!("{method} {path}"), why });
        answer.map(|answer| read(&answer))
    }

    /// Ends it as a crash would, wherever it is.
    pub fn kill(&self) {
        drop(self.lock().running.take());
    }

    /// Ends it as one should, and waits until it has gone.
    pub fn stop(&self) {
        let running = self.lock().running.take();
        if let Some(running) = running {
            running.stop();
        }
    }

    /// Starts it again, with all that it knew, at the same address; it is stopped before if it runs.
    ///
    /// # Errors
    /// Those of [`PeerError`]; it is down then.
    pub fn restart(&self) -> Result<(), PeerError> {
        let mut state = self.lock();
        if let Some(running) = state.running.take() {
            running.stop();
        }
        let running = Running::start(&self.python, &self.folder)?;
        state.process = running.id();
        state.running = Some(running);
        Ok(())
    }

    /// The id of its process, or of the last one if it is down.
    pub fn process(&self) -> u32 {
        self.lock().process
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(answer: &Response<Bytes>) -> (u16, Value) {
    let text = || Value::String(String::from_utf8_lossy(answer.body()).into_owned());
    let body = serde_json::from_slice(answer.body()).unwrap_or_else(|_| text());
    (answer.status().as_u16(), body)
}

/// The python that has Synapse, if one is named.
pub(crate) fn python() -> Result<OsString, PeerError> {
    let python = std::env::var_os(SYNAPSE_VARIABLE).filter(|python| !python.is_empty());
    python.ok_or_else(|| PeerError::NoSynapse { why: format!("{SYNAPSE_VARIABLE} is not set") })
}

/// A port on which nobody listens.
fn free_port() -> io::Result<u16> {
    let width = u64::from(PORTS.end - PORTS.start);
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in PORTS {
        let port = PORTS.start + u16::try_from(random() % width).unwrap_or_default();
        match TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => return Ok(port),
            Err(error) => last = error,
        }
    }
    Err(last)
}
