//! One network's adapter.

use crate::inside::Inside;
use bot::{Capabilities, CaseId, Event, MessageId, Network, PersonId, Place, Reply, Sending};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// An adapter of one network. It translates and decides nothing: it hands on all that it hears,
/// repeats included, and gives a reply its platform's best form.
#[async_trait::async_trait]
pub trait Link: Send + Sync + 'static {
    /// The network's name, as settings, places and scripts say it.
    fn network(&self) -> Network;

    /// What the network can do.
    fn capabilities(&self) -> Capabilities;

    /// Whether the platform recognises a parcel's key, so that saying it twice shows once.
    fn knows_repeats(&self) -> bool {
        false
    }

    /// The translation of what this link hands in. Called once at start.
    fn translator(&self) -> Arc<dyn Translate>;

    /// Listens until `intake` is closed. Each batch goes to [`Intake::accept`], and only when that
    /// returns may the platform be told that it has arrived. `cursor` is what the last accepted
    /// batch carried. What says nothing (typing, deferral) it does itself, at once.
    ///
    /// # Errors
    /// [`LinkError::Lost`]: the driver starts it again after a pause that grows;
    /// [`LinkError::Refused`]: it stays down, and staff are told.
    async fn listen(&self, intake: Intake, cursor: Option<Cursor>) -> Result<(), LinkError>;

    /// Says something. Called for one place after the other of the same place, for different
    /// places at once.
    ///
    /// # Errors
    /// The variant is what the driver does next.
    async fn send(&self, parcel: &Parcel) -> Result<Sent, LinkError>;

    /// Changes something that was said. Repeating it does no harm.
    ///
    /// # Errors
    /// The variant is what the driver does next.
    async fn change(&self, sent: &Sent, parcel: &Parcel) -> Result<(), LinkError>;
}

/// The pure half of a link: raw bytes to events. Called on the driver's own thread, so it must be
/// quick and must not fail: what it does not understand it leaves out.
pub trait Translate: Send + Sync + 'static {
    /// The events in a raw arrival, in order; none if it says nothing to the bot.
    fn events(&self, raw: &[u8], pseudonyms: &dyn Pseudonyms) -> Vec<Event>;
}

/// Turns a network's user into the library's keyed pseudonym.
pub trait Pseudonyms {
    /// The pseudonym of a user of a network.
    fn person(&self, network: &Network, user: &str) -> PersonId;
}

/// Where a link's stream of arrivals stands: opaque to all but the link.
pub type Cursor = String;

/// One thing that arrived, as the platform sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Unique within the network: what comes twice with the same key is handled once.
    pub key: String,
    /// As it came.
    pub raw: Vec<u8>,
    /// What the link keeps of it for itself, in the same transaction; a repeat changes nothing.
    pub keepsake: Option<Keepsake>,
}

impl Arrival {
    /// An arrival of which the link keeps nothing for itself.
    pub fn new(key: impl Into<String>, raw: impl Into<Vec<u8>>) -> Arrival {
        Arrival { key: key.into(), raw: raw.into(), keepsake: None }
    }
}

/// Something that a link keeps for itself in the library's store, on one of its shelves: a line of
/// a conversation on a network that has no memory of its own, say. A keepsake put again under its
/// key takes the place of the old one and keeps its number.
///
/// A shelf that is called as a place of a person's own is emptied when the person is erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keepsake {
    /// The shelf.
    pub shelf: String,
    /// What it is called there.
    pub key: String,
    /// The cases that it tells of: it goes when one of them is erased with its asker.
    pub cases: Vec<CaseId>,
    /// What is kept.
    pub value: Vec<u8>,
    /// Dropped after this.
    pub keep_until: Timestamp,
}

/// What a link tells the driver.
#[derive(Debug)]
pub enum Heard {
    /// Something arrived.
    Batch(Batch),
    /// A place (or, without one, the whole network) can be reached again: what waits for it is
    /// tried at once.
    Reachable(Network, Option<Place>),
}

/// A batch of arrivals on its way into the inbox.
#[derive(Debug)]
pub struct Batch {
    /// The link's network.
    pub network: Network,
    /// What arrived, in order.
    pub arrivals: Vec<Arrival>,
    /// Where the stream stands after them.
    pub cursor: Option<Cursor>,
    /// Answered once all is on disk.
    pub kept: oneshot::Sender<()>,
}

/// The way into the inbox.
#[derive(Clone)]
pub struct Intake {
    network: Network,
    to: mpsc::Sender<Heard>,
    inside: Arc<dyn Inside>,
}

/// The program is stopping, or the batch could not be kept: nothing may be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing is taken in any more")]
pub struct IntakeClosed;

impl Intake {
    /// The way in for one link.
    pub fn new(network: Network, to: mpsc::Sender<Heard>, inside: Arc<dyn Inside>) -> Intake {
        Intake { network, to, inside }
    }

    /// What can be asked of the library without anything changing.
    pub fn inside(&self) -> &dyn Inside {
        &*self.inside
    }

    /// Hands in a batch and waits until it is on disk, together with `cursor`.
    ///
    /// # Errors
    /// [`IntakeClosed`] if it was not kept: the link does not acknowledge and stops listening.
    pub async fn accept(
        &self,
        arrivals: Vec<Arrival>,
        cursor: Option<Cursor>,
    ) -> Result<(), IntakeClosed> {
        let (kept, wait) = oneshot::channel();
        let batch = Batch { network: self.network.clone(), arrivals, cursor, kept };
        self.to.send(Heard::Batch(batch)).await.map_err(|_| IntakeClosed)?;
        wait.await.map_err(|_| IntakeClosed)
    }

    /// Says that a place (or, without one, the whole network) can be reached again.
    pub async fn reachable(&self, place: Option<Place>) {
        // A driver that is stopping has nothing left to try.
        let _ = self.to.send(Heard::Reachable(self.network.clone(), place)).await;
    }

    /// Waits until nothing is taken in any more: `listen` then returns.
    pub async fn closed(&self) {
        self.to.closed().await;
    }
}

/// How long before it expires a thing is at most put into the outbox.
const EXPIRES_WITHIN: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Something to say, and the key that makes saying it twice harmless where the platform has one.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// What, where and how.
    pub sending: Sending,
    /// At most 25 ASCII characters, the same at each try.
    pub key: String,
    /// Whether an earlier try, before a crash or a broken connection, may have said it.
    pub maybe_said: bool,
}

impl Parcel {
    /// The words.
    pub fn reply(&self) -> &Reply {
        &self.sending.reply
    }

    /// What time it is, within the weeks that a parcel may wait: enough to say how long something
    /// about it is remembered.
    pub fn about_now(&self) -> Timestamp {
        let expires = self.sending.expires;
        expires.saturating_sub(EXPIRES_WITHIN).unwrap_or(expires)
    }
}

/// A mark of something that was said: the platform's ids of its messages, one a part.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sent {
    /// In order; the first is the one that is changed.
    pub messages: Vec<MessageId>,
}

/// What went wrong on a link, as the driver's next step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not delivered, for certain; try again later.
    #[error("the network cannot be reached: {0}")]
    Lost(String),
    /// Not delivered, for certain; try again after this time and not before.
    #[error("the network asks to wait {}s", .after.as_secs())]
    Limited {
        /// How long to wait.
        after: Duration,
        /// Whether everything on this network must wait, not what goes to this place alone.
        everywhere: bool,
    },
    /// Not delivered, and trying again will not help.
    #[error("the network refuses: {0}")]
    Refused(String),
    /// Delivered or not, nobody knows. Tried again: without end where the platform knows repeats,
    /// once elsewhere, since twice said is better than not at all.
    #[error("it may have been delivered: {0}")]
    Uncertain(String),
}
