//! Takes in what links hear: on disk first, acknowledged second.

use crate::health::add;
use crate::shared::{Pauses, Shared, chain, lock};
use crate::steps::step;
use bot::{Network, Place};
use contract::{Arrival, Batch, Heard, InboxItem, StoreError};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

/// How many batches links may have on their way: as many as a busy second brings.
pub(crate) const HEARD_MAX: usize = 1024;
/// How many arrivals are taken in with one transaction, unless one batch is larger: about 1 MiB.
const GROUP_MAX: usize = 512;
/// How many arrivals may wait in the inbox before links have to wait: ten seconds' work.
const INBOX_MAX: u64 = 10_000;

/// Batches of one network that are taken in together.
struct Group {
    network: Network,
    arrivals: Vec<Arrival>,
    cursor: Option<contract::Cursor>,
    kept: Vec<oneshot::Sender<()>>,
}

/// Takes in until everything stops, and then what links have handed in before that.
pub(crate) async fn run(shared: Arc<Shared>, mut heard: mpsc::Receiver<Heard>) {
    let mut cuts = shared.cuts.subscribe();
    loop {
        let first = tokio::select! {
            first = next(&shared, &mut heard) => first,
            () = shared.stopped() => { heard.close(); heard.recv().await }
            Ok(()) = cuts.changed() => {
                shared.intake_busy.store(true, Ordering::SeqCst);
                for batch in back(&shared) {
                    take_in(&shared, Group::new(batch)).await;
                }
                continue;
            }
        };
        let Some(first) = first else { break };
        let mut groups: VecDeque<Group> = VecDeque::new();
        let mut taken = 0;
        let mut following = Some(first);
        while let Some(heard_now) = following {
            match heard_now {
                Heard::Reachable(network, place) => {
                    reachable(&shared, &network, place.as_ref()).await
                }
                Heard::Batch(batch) if shared.is_cut(&batch.network) => {
                    lock(&shared.held).push(batch);
                }
                Heard::Batch(batch) => {
                    taken += batch.arrivals.len();
                    match groups.iter_mut().find(|group| group.network == batch.network) {
                        Some(group) => group.join(batch),
                        None => groups.push_back(Group::new(batch)),
                    }
                }
            }
            following = if taken < GROUP_MAX { heard.try_recv().ok() } else { None };
        }
        for group in groups {
            take_in(&shared, group).await;
        }
    }
    lock(&shared.held).clear();
    shared.intake_busy.store(false, Ordering::SeqCst);
    shared.resting.notify_waiters();
}

/// What was held of networks that are cut no longer.
fn back(shared: &Shared) -> Vec<Batch> {
    let mut held = lock(&shared.held);
    let all = std::mem::take(&mut *held);
    let (back, still) = all.into_iter().partition(|batch| !shared.is_cut(&batch.network));
    *held = still;
    back
}

/// The next thing heard. While it waits here, and only then, intake does not count as busy.
async fn next(shared: &Shared, heard: &mut mpsc::Receiver<Heard>) -> Option<Heard> {
    std::future::poll_fn(|context| {
        shared.intake_busy.store(true, Ordering::SeqCst);
        let polled = heard.poll_recv(context);
        if polled.is_pending() {
            shared.intake_busy.store(false, Ordering::SeqCst);
            shared.resting.notify_waiters();
        }
        polled
    })
    .await
}

impl Group {
    fn new(batch: Batch) -> Group {
        let Batch { network, arrivals, cursor, kept } = batch;
        Group { network, arrivals, cursor, kept: vec![kept] }
    }

    fn join(&mut self, batch: Batch) {
        self.arrivals.extend(batch.arrivals);
        self.cursor = batch.cursor.or(self.cursor.take());
        self.kept.push(batch.kept);
    }
}

/// Keeps a group and answers that it is kept. When everything stops before it could be kept it is
/// dropped, and its links are told so.
async fn take_in(shared: &Shared, group: Group) {
    let Group { network, mut arrivals, cursor, kept } = group;
    for arrival in &mut arrivals {
        arrival.key = shared.key.arrival(&network, &arrival.key);
    }
    let mut pauses = Pauses::default();
    loop {
        if !may_take_in(shared).await {
            return;
        }
        step("before inbox");
        if let [arrival] = arrivals.as_slice() {
            *lock(&shared.coming) = Some((network.clone(), arrival.raw.clone()));
            shared.rounds.ring();
        }
        match accept(shared, &network, &arrivals, cursor.as_ref()).await {
            Ok(new) => {
                step("inbox kept");
                shared.words.intake(None);
                add(&shared.counts.arrived, arrivals.len());
                add(&shared.counts.accepted, new.len());
                shared.counts.inbox.up(new.len());
                lock(&shared.taken_in).add(new);
                break;
            }
            Err(error) => {
                // It may be on disk all the same, and then the next try finds nothing new in it.
                lock(&shared.taken_in).skip();
                shared.trouble(&error, "taking in");
                shared.words.intake(Some(chain(&error)));
                pauses.failed(shared.clock.now());
            }
        }
        if let Some(until) = pauses.until {
            // Whoever waits for an answer of intake sees it wait as the other tasks do.
            shared.intake_busy.store(false, Ordering::SeqCst);
            shared.resting.notify_waiters();
            let mut sleep = shared.clock.sleep_until(until);
            tokio::select! {
                () = &mut sleep => {}
                () = shared.stopped() => return,
            }
            shared.intake_busy.store(true, Ordering::SeqCst);
        }
    }
    *lock(&shared.coming) = None;
    shared.rounds.ring();
    for kept in kept {
        // A link that no longer waits hears of it again from its platform, and it is known then.
        let _ = kept.send(());
    }
    step("inbox acknowledged");
}

async fn accept(
    shared: &Shared,
    network: &Network,
    arrivals: &[Arrival],
    cursor: Option<&contract::Cursor>,
) -> Result<Vec<InboxItem>, StoreError> {
    shared.store.accept(shared.clock.now(), network, arrivals, cursor).await
}

/// Waits until handling does not pause and the inbox has room; false if everything stops first.
async fn may_take_in(shared: &Shared) -> bool {
    let mut pause = shared.pause.subscribe();
    loop {
        if shared.is_stopping() && pause.borrow().is_some() {
            return false;
        }
        if pause.borrow_and_update().is_some() {
            shared.intake_busy.store(false, Ordering::SeqCst);
            shared.resting.notify_waiters();
            tokio::select! {
                _ = pause.changed() => {}
                () = shared.stopped() => return false,
            }
            shared.intake_busy.store(true, Ordering::SeqCst);
        } else if shared.counts.inbox.read() >= INBOX_MAX {
            tokio::select! {
                () = shared.room.notified() => {}
                () = shared.stopped() => return false,
            }
        } else {
            return true;
        }
    }
}

async fn reachable(shared: &Shared, network: &Network, place: Option<&Place>) {
    shared.reached.fetch_add(1, Ordering::SeqCst);
    match shared.store.hasten(shared.clock.now(), network, place).await {
        Ok(()) => step("hastened"),
        // What waits is tried at its own time.
        Err(error) => shared.trouble(&error, "hastening what waits"),
    }
    shared.outbox.ring();
}
