//! A proxy between one client and a homeserver, which watches and makes things go wrong.

mod faults;
mod serve;
mod syncs;
mod world;

use super::PeerError;
use super::aside::Aside;
use super::exchange::host;
use faults::{Fault, Trouble};
use serde_json::Value;
use std::io::Read as _;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use world::Shared;

/// How long nothing may have moved until a client that keeps its connections open counts as silent.
const QUIET: Duration = Duration::from_millis(250);

/// The proxy, running until it is dropped.
///
/// It speaks HTTP/1.1 and passes each request on whole, over a connection of its own, and so the
/// answer; long polls wait as long as the homeserver lets them. If the client goes away in the
/// middle, what it only wanted to read is given up, at the homeserver too; what it wanted changed is
/// carried out to its end, as a homeserver does with what has reached it. Where the homeserver gives
/// no answer, the client gets 502.
///
/// Requests are named by one line, `METHOD path`, without the query and with all that is
/// percent-encoded decoded, such as `PUT /_matrix/client/v3/rooms/!abc/send/m.room.message/7`.
///
/// Its methods may be called from anywhere, inside a runtime or not.
pub struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
    _aside: Aside,
}

impl Proxy {
    /// Starts one on a free port of 127.0.0.1, before the server at an address such as
    /// [`Synapse::address`](super::Synapse::address).
    ///
    /// # Errors
    /// [`PeerError::Machine`].
    pub fn start(target: &str) -> Result<Self, PeerError> {
        let shared = Arc::new(Shared::new(host(target)));
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let aside = Aside::new("proxy")?;
        aside.spawn(serve::serve(Arc::clone(&shared), aside.adopt(listener)?));
        Ok(Self { shared, address, _aside: aside })
    }

    /// Where it listens, such as `http://127.0.0.1:40711`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Passes on to another server, or to the same at another address, from the next request on.
    pub fn set_target(&self, address: &str) {
        self.shared.lock().target = host(address);
    }
}

/// What it has seen.
impl Proxy {
    /// Whether an event was in the answer to a `/sync` that the client has got, as far as the proxy
    /// can tell: that it was read is certain only once it is [taken in](Self::taken_in).
    pub fn delivered(&self, event_id: &str) -> bool {
        self.shared.lock().syncs.delivered(event_id)
    }

    /// Whether an event was in the answer to a `/sync`, and the client has asked since that answer or
    /// a later one: it will not ask for this event again.
    pub fn taken_in(&self, event_id: &str) -> bool {
        self.shared.lock().syncs.taken_in(event_id)
    }

    /// Whether an invitation to a room was delivered and taken in, like an event.
    pub fn invited(&self, room_id: &str) -> bool {
        self.shared.lock().syncs.taken_in(room_id)
    }

    /// How many `/sync` requests were begun.
    pub fn syncs(&self) -> usize {
        self.shared.lock().begun_syncs
    }

    /// How many requests were begun whose line contains this.
    pub fn calls(&self, what: &str) -> usize {
        self.shared.lock().calls.iter().filter(|line| line.contains(what)).count()
    }

    /// When the client's messages in a room were taken by the homeserver, in order.
    pub fn said_in(&self, room_id: &str) -> Vec<Instant> {
        self.shared.lock().said.get(room_id).cloned().unwrap_or_default()
    }

    /// The requests that were answered with 429 or 5xx, on demand or not, in order: the status and
    /// the line.
    pub fn refused(&self) -> Vec<String> {
        self.shared.lock().refused.clone()
    }

    /// Waits until something is so, at most so long; whether it is. It is looked at with each
    /// request, each answer and each connection.
    pub fn wait_until(&self, patience: Duration, so: impl Fn(&Self) -> bool) -> bool {
        let until = Instant::now() + patience;
        loop {
            let seen = self.shared.lock().stirs;
            if so(self) {
                return true;
            }
            let mut world = self.shared.lock();
            while world.stirs == seen {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return false;
                }
                let waited = self.shared.stir.wait_timeout(world, left);
                world = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
    }

    /// Waits, after the client has ended, until nothing of it is under way: what it wrote last may
    /// lie unread in a connection when it is gone, or be with the homeserver. Whether that is so
    /// within this time.
    ///
    /// A client that ends without its process leaves connections open; then it is enough that nothing
    /// is under way and nothing has moved for a quarter of a second.
    pub fn wait_until_left(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        // Connections are accepted in their order, so those before this one are counted as open.
        let Ok(mut last) = TcpStream::connect(self.address) else { return false };
        let _cut_off = last
            .set_read_timeout(Some(patience.max(Duration::from_millis(1))))
            .and_then(|()| last.shutdown(Shutdown::Write))
            .and_then(|()| last.read_to_end(&mut Vec::new()));
        let mut world = self.shared.lock();
        let mut moved = (world.stirs, Instant::now());
        loop {
            if world.stirs != moved.0 {
                moved = (world.stirs, Instant::now());
            }
            let quiet = moved.1.elapsed() >= QUIET;
            if world.under_way == 0 && (world.open == 0 || quiet) {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.shared.stir.wait_timeout(world, left.min(QUIET));
            world = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// What goes wrong on demand. Faults wait for their turn in the order in which they were asked for; a
/// request meets the first that means it, and no other.
impl Proxy {
    /// The next so many requests whose line contains this are answered so, and not passed on.
    pub fn fail(&self, what: &str, status: u16, body: Value, times: usize) {
        self.shared.lock().faults.push(Fault::new(what, Trouble::Fail(status, body), times));
    }

    /// The next so many requests whose line contains this are passed on, but their answers are
    /// thrown away: the client gets 502.
    pub fn lose_answer(&self, what: &str, times: usize) {
        self.shared.lock().faults.push(Fault::new(what, Trouble::LoseAnswer, times));
    }

    /// The next so many requests whose line contains this are passed on at once, and answered so much
    /// later.
    pub fn delay(&self, what: &str, time: Duration, times: usize) {
        self.shared.lock().faults.push(Fault::new(what, Trouble::Delay(time), times));
    }

    /// How many faults have not happened yet.
    pub fn faults_left(&self) -> usize {
        self.shared.lock().faults.iter().map(Fault::left).sum()
    }

    /// Cuts the client off, or lets it in again. While it is cut off, its connections are closed, new
    /// ones too; what was passed on before is carried out all the same.
    pub fn cut(&self, off: bool) {
        self.shared.cut.send_replace(off);
        self.shared.stir();
    }
}
