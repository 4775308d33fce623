//! Who is connected, and what has been shown to whom but not yet acknowledged.

use crate::protocol::{Guest, NAME_MAX};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot, watch};

/// Clients connected at once: more terminals than one machine has people at it, and few enough
/// that their file handles never run the program out of its own.
pub(crate) const CLIENTS_MAX: usize = 64;

/// Lines that wait to be written to one client. A client that is this far behind has stopped
/// reading and is dropped; it gets what it has not acknowledged when it connects again.
pub(crate) const QUEUE_MAX: usize = 256;

/// Everybody connected.
pub(crate) struct Present {
    state: Mutex<State>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    clients: BTreeMap<ClientId, Client>,
    unacknowledged: BTreeMap<u64, Unacknowledged>,
    last_client: u64,
    last_show: u64,
}

/// The number of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientId(u64);

struct Client {
    name: String,
    place: String,
    queue: mpsc::Sender<Arc<[u8]>>,
    /// Dropped with the client: its session then ends, even one that is stuck in a write.
    _gone: oneshot::Sender<()>,
}

struct Unacknowledged {
    by: BTreeSet<ClientId>,
    shown: oneshot::Sender<()>,
}

/// A place among those present.
pub(crate) struct Seat {
    pub(crate) id: ClientId,
    /// What is to be written to the client.
    pub(crate) queue: mpsc::Receiver<Arc<[u8]>>,
    /// For the session's own lines to its client.
    pub(crate) own: mpsc::Sender<Arc<[u8]>>,
    /// Ends when the client has been dropped.
    pub(crate) gone: oneshot::Receiver<()>,
}

impl Present {
    pub(crate) fn new() -> Present {
        Present { state: Mutex::default(), count: watch::Sender::new(0) }
    }

    /// Seats a client; `None` if [`CLIENTS_MAX`] are there.
    pub(crate) fn join(&self, guest: &Guest) -> Option<Seat> {
        debug_assert!(guest.name.chars().count() <= NAME_MAX);
        let mut state = self.state();
        if state.clients.len() >= CLIENTS_MAX {
            return None;
        }
        state.last_client += 1;
        let id = ClientId(state.last_client);
        let (own, queue) = mpsc::channel(QUEUE_MAX);
        let (gone_too, gone) = oneshot::channel();
        let client = Client {
            name: guest.name.clone(),
            place: guest.place.clone(),
            queue: own.clone(),
            _gone: gone_too,
        };
        state.clients.insert(id, client);
        self.count.send_replace(state.clients.len());
        Some(Seat { id, queue, own, gone })
    }

    /// The client is gone; what only it could have acknowledged is lost.
    pub(crate) fn leave(&self, id: ClientId) {
        let mut state = self.state();
        state.drop_client(id);
        self.count.send_replace(state.clients.len());
    }

    /// Shows something to those in a place, or to one of them alone. `line` makes the bytes from
    /// the number to acknowledge. `None` if nobody is there.
    pub(crate) fn show(
        &self,
        place: &str,
        only_for: Option<&str>,
        line: impl FnOnce(u64) -> Vec<u8>,
    ) -> Option<Showing> {
        let mut state = self.state();
        state.last_show += 1;
        let n = state.last_show;
        let bytes: Arc<[u8]> = line(n).into();
        let to: Vec<ClientId> = state
            .clients
            .iter()
            .filter(|(_, client)| client.place == place)
            .filter(|(_, client)| only_for.is_none_or(|name| client.name == name))
            .map(|(&id, _)| id)
            .collect();
        let by: BTreeSet<ClientId> =
            to.into_iter().filter(|&id| state.write(id, bytes.clone())).collect();
        self.count.send_replace(state.clients.len());
        if by.is_empty() {
            return None;
        }
        let (shown, wait) = oneshot::channel();
        state.unacknowledged.insert(n, Unacknowledged { by, shown });
        Some(Showing { n, wait })
    }

    /// A client has shown something. A number that it was not given changes nothing.
    pub(crate) fn shown(&self, id: ClientId, n: u64) {
        let mut state = self.state();
        if state.unacknowledged.get(&n).is_some_and(|one| one.by.contains(&id))
            && let Some(one) = state.unacknowledged.remove(&n)
        {
            // Whoever waited for it may have given up.
            let _ = one.shown.send(());
        }
    }

    /// Nobody has acknowledged it in time: those asked have stopped reading, and are dropped.
    pub(crate) fn give_up(&self, n: u64) {
        let mut state = self.state();
        if let Some(one) = state.unacknowledged.remove(&n) {
            for id in one.by {
                state.drop_client(id);
            }
        }
        self.count.send_replace(state.clients.len());
    }

    /// Writes a line to all others in a client's place.
    pub(crate) fn relay(&self, from: ClientId, place: &str, line: Vec<u8>) {
        let line: Arc<[u8]> = line.into();
        let mut state = self.state();
        let others: Vec<ClientId> = state
            .clients
            .iter()
            .filter(|&(&id, client)| id != from && client.place == place)
            .map(|(&id, _)| id)
            .collect();
        for id in others {
            state.write(id, line.clone());
        }
        self.count.send_replace(state.clients.len());
    }

    /// How many are connected, as it changes.
    pub(crate) fn count(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change above is whole before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that has been written to somebody.
pub(crate) struct Showing {
    pub(crate) n: u64,
    /// Answered by the first acknowledgement; an error once nobody is left who could give it.
    pub(crate) wait: oneshot::Receiver<()>,
}

impl State {
    /// Queues a line; a client whose queue is full is dropped. Says whether it was queued.
    fn write(&mut self, id: ClientId, line: Arc<[u8]>) -> bool {
        let queued =
            self.clients.get(&id).is_some_and(|client| client.queue.try_send(line).is_ok());
        if !queued {
            self.drop_client(id);
        }
        queued
    }

    fn drop_client(&mut self, id: ClientId) {
        if self.clients.remove(&id).is_none() {
            return;
        }
        self.unacknowledged.retain(|_, one| {
            one.by.remove(&id);
            !one.by.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Role;

    fn guest(name: &str, place: &str) -> Guest {
        Guest {
            session: "abcdefgh".to_owned(),
            name: name.to_owned(),
            place: place.to_owned(),
            role: Role::Patron,
            lang: None,
        }
    }

    fn bytes(n: u64) -> Vec<u8> {
        n.to_string().into_bytes()
    }

    #[test]
    fn what_is_for_one_is_shown_to_one() {
        let present = Present::new();
        let mut ann = present.join(&guest("ann", "room-hall")).unwrap();
        let mut ben = present.join(&guest("ben", "room-hall")).unwrap();
        let mut out = present.join(&guest("ben", "room-attic")).unwrap();
        let mut showing = present.show("room-hall", Some("ben"), bytes).unwrap();
        assert!(ben.queue.try_recv().is_ok());
        assert!(ann.queue.try_recv().is_err() && out.queue.try_recv().is_err());
        present.shown(ann.id, showing.n);
        assert!(showing.wait.try_recv().is_err(), "an acknowledgement by one who was not asked");
        present.shown(ben.id, showing.n);
        assert_eq!(showing.wait.try_recv(), Ok(()));
        assert!(present.show("room-hall", Some("cy"), bytes).is_none());
        assert!(present.show("dm-ann", None, bytes).is_none());
    }

    #[test]
    fn one_of_several_is_enough_and_the_last_to_leave_loses_it() {
        let present = Present::new();
        let ann = present.join(&guest("ann", "room-hall")).unwrap();
        let ben = present.join(&guest("ben", "room-hall")).unwrap();
        let mut showing = present.show("room-hall", None, bytes).unwrap();
        present.leave(ann.id);
        assert_eq!(showing.wait.try_recv(), Err(oneshot::error::TryRecvError::Empty));
        present.leave(ben.id);
        assert_eq!(showing.wait.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        assert_eq!(*present.count().borrow(), 0);
    }

    #[test]
    fn who_stops_reading_is_dropped_and_the_others_stay() {
        let present = Present::new();
        let ann = present.join(&guest("ann", "room-hall")).unwrap();
        let mut ben = present.join(&guest("ben", "room-hall")).unwrap();
        for _ in 0..=QUEUE_MAX {
            present.relay(ClientId(0), "room-hall", b"x".to_vec());
            ben.queue.try_recv().unwrap();
        }
        assert_eq!(*present.count().borrow(), 1);
        let mut gone = ann.gone;
        assert_eq!(gone.try_recv(), Err(oneshot::error::TryRecvError::Closed));
        let showing = present.show("room-hall", None, bytes).unwrap();
        present.give_up(showing.n);
        assert_eq!(*present.count().borrow(), 0);
    }

    #[test]
    fn the_house_is_full_at_its_bound() {
        let present = Present::new();
        let seats: Vec<Seat> =
            (0..CLIENTS_MAX).map(|_| present.join(&guest("ann", "dm-ann")).unwrap()).collect();
        assert!(present.join(&guest("ben", "dm-ben")).is_none());
        present.leave(seats[0].id);
        assert!(present.join(&guest("ben", "dm-ben")).is_some());
    }
}
