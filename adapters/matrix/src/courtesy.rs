//! What says nothing and may as well be left out: the reactions that stand for buttons, and that
//! something has been read. It is sent one after the other while all is quiet, so that nobody waits for
//! their answer because of it.

use crate::pace::Pace;
use matrix_sdk::Room;
use matrix_sdk::ruma::api::client::receipt::create_receipt::v3::ReceiptType;
use matrix_sdk::ruma::events::receipt::ReceiptThread;
use matrix_sdk::ruma::{EventId, OwnedEventId, TransactionId};
use serde_json::json;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long nothing has been heard or said when it is quiet.
const QUIET: Duration = Duration::from_millis(300);
/// What has waited longer is of no use any more.
const LASTS: Duration = Duration::from_secs(30);
/// Courtesies that wait at once; the oldest is left out when another comes.
const WAITING_MAX: usize = 500;

/// Something that may be left out.
#[derive(Clone, Debug)]
enum Courtesy {
    /// A reaction under a message of the bot's.
    Reaction {
        room: Room,
        message: OwnedEventId,
        sign: String,
        /// The same sent twice under it shows once.
        key: String,
    },
    /// That everything up to a message has been read.
    Receipt { room: Room, message: OwnedEventId },
}

/// The courtesies that wait.
pub(crate) struct Courtesies {
    waiting: Mutex<VecDeque<(Instant, Courtesy)>>,
    /// When something was last heard or said.
    stirred: Mutex<Instant>,
    news: Notify,
}

impl Default for Courtesies {
    fn default() -> Courtesies {
        Courtesies {
            waiting: Mutex::default(),
            stirred: Mutex::new(Instant::now()),
            news: Notify::new(),
        }
    }
}

impl Courtesies {
    /// Something is heard or said.
    pub(crate) fn stir(&self) {
        *lock(&self.stirred) = Instant::now();
    }

    /// These reactions belong under a message, and no others that wait.
    pub(crate) fn react(&self, room: &Room, message: &EventId, signs: Vec<String>, key: &str) {
        lock(&self.waiting).retain(|(_, courtesy)| !courtesy.is_under(message));
        for (number, sign) in signs.into_iter().enumerate() {
            let (room, message) = (room.clone(), message.to_owned());
            let key = format!("{key}.r{number}");
            self.add(Courtesy::Reaction { room, message, sign, key });
        }
    }

    /// Everything in a room has been read up to this message.
    pub(crate) fn read(&self, room: Room, message: OwnedEventId) {
        lock(&self.waiting).retain(|(_, courtesy)| !courtesy.is_receipt_in(&room));
        self.add(Courtesy::Receipt { room, message });
    }

    fn add(&self, courtesy: Courtesy) {
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= WAITING_MAX {
            waiting.pop_front();
        }
        waiting.push_back((Instant::now(), courtesy));
        self.news.notify_one();
    }

    /// Sends what waits, until it is dropped. What fails is left out.
    pub(crate) async fn run(&self, pace: Option<&Pace>) {
        loop {
            let quiet = lock(&self.stirred).elapsed();
            if quiet < QUIET {
                tokio::time::sleep(QUIET - quiet).await;
                continue;
            }
            let next = lock(&self.waiting).pop_front();
            match next {
                None => self.news.notified().await,
                Some((since, _)) if since.elapsed() > LASTS => {}
                Some((_, courtesy)) => courtesy.send(pace).await,
            }
        }
    }
}

impl Courtesy {
    async fn send(self, pace: Option<&Pace>) {
        match self {
            Courtesy::Reaction { room, message, sign, key } => {
                // The words beside it say the same: it goes only while there is room to spare.
                if pace.is_some_and(|pace| !pace.spare(Instant::now())) {
                    return;
                }
                let relates =
                    json!({ "rel_type": "m.annotation", "event_id": message, "key": sign });
                let key = <&TransactionId>::from(key.as_str());
                let content = json!({ "m.relates_to": relates });
                let _ = room.send_raw("m.reaction", content).with_transaction_id(key).await;
            }
            Courtesy::Receipt { room, message } => {
                let (kind, thread) = (ReceiptType::Read, ReceiptThread::Unthreaded);
                let _ = room.send_single_receipt(kind, thread, message).await;
            }
        }
    }

    fn is_under(&self, this: &EventId) -> bool {
        match self {
            Courtesy::Reaction { message, .. } => message == this,
            Courtesy::Receipt { .. } => false,
        }
    }

    fn is_receipt_in(&self, this: &Room) -> bool {
        match self {
            Courtesy::Receipt { room, .. } => room.room_id() == this.room_id(),
            Courtesy::Reaction { .. } => false,
        }
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change above is whole before anything in it can panic.
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
