//! What connections and tests share.

use super::faults::Fault;
use super::syncs::Syncs;
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::watch;

/// All that the proxy knows.
pub(crate) struct World {
    /// Host and port of the homeserver.
    pub(crate) target: String,
    /// How often anything has moved: whoever has seen this number has missed nothing.
    pub(crate) stirs: u64,
    /// How many connections to the proxy are open.
    pub(crate) open: usize,
    /// How many requests are under way.
    pub(crate) under_way: usize,
    /// The line of each request, in order.
    pub(crate) calls: Vec<String>,
    /// Those answered with 429 or 5xx, with the status before them.
    pub(crate) refused: Vec<String>,
    pub(crate) begun_syncs: usize,
    /// When messages were said in each room.
    pub(crate) said: HashMap<String, Vec<Instant>>,
    pub(crate) syncs: Syncs,
    pub(crate) faults: Vec<Fault>,
}

pub(crate) struct Shared {
    world: Mutex<World>,
    /// Wakes tests that wait.
    pub(crate) stir: Condvar,
    /// Whether the client is cut off.
    pub(crate) cut: watch::Sender<bool>,
}

impl Shared {
    pub(crate) fn new(target: String) -> Self {
        let world = World {
            target,
            stirs: 0,
            open: 0,
            under_way: 0,
            calls: Vec::new(),
            refused: Vec::new(),
            begun_syncs: 0,
            said: HashMap::new(),
            syncs: Syncs::default(),
            faults: Vec::new(),
        };
        Self { world: Mutex::new(world), stir: Condvar::new(), cut: watch::Sender::new(false) }
    }

    /// The world; a test that panicked while it held it has left it in order.
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the world and tells tests that wait.
    pub(crate) fn change<T>(&self, how: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.lock();
        world.stirs += 1;
        let outcome = how(&mut world);
        drop(world);
        self.stir.notify_all();
        outcome
    }

    /// Something has moved.
    pub(crate) fn stir(&self) {
        self.change(|_| ());
    }
}

/// A connection that counts as open while this lives.
pub(crate) struct Open(Arc<Shared>);

impl Open {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        shared.change(|world| world.open += 1);
        Self(Arc::clone(shared))
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.change(|world| world.open -= 1);
    }
}

/// A request that is under way while this lives.
pub(crate) struct UnderWay(Arc<Shared>);

impl UnderWay {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        shared.change(|world| world.under_way += 1);
        Self(Arc::clone(shared))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.change(|world| world.under_way -= 1);
    }
}
