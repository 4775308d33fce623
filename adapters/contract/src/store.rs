//! Where everything is kept.

use crate::link::{Arrival, Cursor, Keepsake, Sent};
use bot::{Erasure, Network, Place, Reply, Row, RowKey, SendId, Sending, Wanted};
use jiff::Timestamp;
use std::path::Path;

/// The store of one library. One implementation keeps it in SQLite, one in memory; both pass the
/// same contract suite (`store::suite`).
///
/// Every method that writes first checks that the epoch is still this store's own: whoever opened
/// the library last holds it, and an older holder gets [`StoreError::Superseded`].
///
/// A place is known by its network and its id; its kind is not looked at. Times are kept to the
/// microsecond.
#[async_trait::async_trait]
pub trait Store: Send + Sync + 'static {
    /// The epoch that this store holds.
    fn epoch(&self) -> Epoch;

    /// Takes arrivals into the inbox and remembers the cursor, in one transaction. An arrival whose
    /// key this network has brought before is passed over, its keepsake with it. Without a cursor the
    /// last one stays. Returns those that were new, as they lie in the inbox, oldest first.
    async fn accept(
        &self,
        now: Timestamp,
        network: &Network,
        arrivals: &[Arrival],
        cursor: Option<&Cursor>,
    ) -> Result<Vec<InboxItem>, StoreError>;

    /// The cursor that the network's last accepted batch carried.
    async fn cursor(&self, network: &Network) -> Result<Option<Cursor>, StoreError>;

    /// Up to `limit` arrivals that are not handled yet, oldest first, beginning after `after`.
    async fn inbox(&self, after: InboxId, limit: usize) -> Result<Vec<InboxItem>, StoreError>;

    /// Carries out the effects of handled events, in one transaction: all of it or nothing.
    async fn commit(&self, now: Timestamp, commit: &Commit) -> Result<(), StoreError>;

    /// The rows that the core wants at the start.
    async fn live_rows(&self) -> Result<Vec<Row>, StoreError>;

    /// The rows wanted, those that exist, each once.
    async fn rows(&self, wanted: &[Wanted]) -> Result<Vec<Row>, StoreError>;

    /// What waits to be said or changed and is due by `now`, at most one a place, the most urgent
    /// first and of equals the lowest number. Places in `busy` are passed over.
    ///
    /// The same order holds within a place, and nothing overtakes: while the first of a place waits
    /// for its next try, nothing else of that place is due, unless something more urgent comes. What
    /// has expired is given out too, so that it can be dropped and the core be told.
    async fn due(
        &self,
        now: Timestamp,
        busy: &[Place],
        limit: usize,
    ) -> Result<Vec<OutboxItem>, StoreError>;

    /// Makes what waits for a place (or, without one, for the whole network) due now: it can be
    /// reached again.
    async fn hasten(
        &self,
        now: Timestamp,
        network: &Network,
        place: Option<&Place>,
    ) -> Result<(), StoreError>;

    /// When [`Store::due`] gives out the next thing, places in `busy` apart; `None` if nothing
    /// waits.
    async fn next_due(&self, busy: &[Place]) -> Result<Option<Timestamp>, StoreError>;

    /// Marks a thing as said (keeping the platform's ids until its `changeable_until`, or not at
    /// all; its words go), or puts off its next try, or drops it. Several in one transaction, one a
    /// number; what does not wait any more is passed over.
    ///
    /// Whoever says things sees to it that nothing is changed while it is on its way: its new words
    /// would count as said.
    async fn settle(
        &self,
        now: Timestamp,
        states: &[(SendId, OutboxState)],
    ) -> Result<(), StoreError>;

    /// Puts keepsakes on a network's shelves, in one transaction. A shelf holds the newest
    /// [`SHELF_MAX`]: what was put there first goes when another comes.
    async fn keep(&self, network: &Network, keepsakes: &[Keepsake]) -> Result<(), StoreError>;

    /// Up to `limit` keepsakes of a shelf that were put or put again after the version `after`, in
    /// the order of their versions.
    async fn shelf(
        &self,
        network: &Network,
        shelf: &str,
        after: Version,
        limit: usize,
    ) -> Result<Vec<OnShelf>, StoreError>;

    /// The names of up to `limit` of a network's shelves that begin with `prefix`: those on which
    /// something was put last come first.
    async fn shelves(
        &self,
        network: &Network,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError>;

    /// Overwrites what was deleted: after it, no byte of forgotten rows is in the store's files.
    /// Takes long on a large store: for erasing a person, not for every message.
    async fn scrub(&self) -> Result<(), StoreError>;

    /// Whether people or what is past its time were forgotten, or may have been, since the last
    /// scrub at whose beginning nothing waited to be said: a farewell names whoever it is said to.
    async fn unscrubbed(&self) -> Result<bool, StoreError>;

    /// Writes a whole and consistent copy to `to`, while in use, without a byte of what was
    /// deleted. Fails if `to` exists.
    async fn backup(&self, to: &Path) -> Result<(), StoreError>;
}

/// A count of who opened the library: each opening takes the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

/// The number of an arrival in the inbox: rises with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct InboxId(pub i64);

/// An arrival that is not handled yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxItem {
    /// Its number.
    pub id: InboxId,
    /// The network that brought it.
    pub network: Network,
    /// As it came.
    pub raw: Vec<u8>,
    /// When it was taken in.
    pub at: Timestamp,
}

/// The most keepsakes on a shelf: a conversation that long has lost its beginning for its reader too.
pub const SHELF_MAX: usize = 500;

/// Rises each time that something is put on any shelf; 0 comes before all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version(pub i64);

/// A keepsake as it lies on its shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnShelf {
    /// The version at which it was first put there: the order of a shelf.
    pub first: Version,
    /// The version at which it was last put there.
    pub version: Version,
    /// What it is called.
    pub key: String,
    /// What is kept.
    pub value: Vec<u8>,
    /// Dropped after this; it may still lie there a while.
    pub keep_until: Timestamp,
}

/// What handling a number of events comes to, in the order in which it is carried out: first what
/// is forgotten, then what is saved, sent, changed and unsent. Whoever puts the effects of several
/// events into one commit sees to it that nothing which comes before a `forget_people` of the same
/// person or place stands in it: it would outlive them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commit {
    /// Handled arrivals: their raw bytes go, their keys stay for [`Commit::keys_until`].
    pub handled: Vec<InboxId>,
    /// Until when keys of handled arrivals are kept, so that repeats are known; `None`: for good.
    pub keys_until: Option<Timestamp>,
    /// People to erase: their rows; what waits or is marked in their own places, or is for them
    /// only; and what waits about a case of theirs, wherever it would be said; the keepsakes on
    /// shelves called as those places, and those that tell of those cases. Marks of what was said
    /// about a case elsewhere stay, so that it can be changed. What waits in the inbox is not known
    /// by person.
    pub forget_people: Vec<Erasure>,
    /// Rows to drop.
    pub forget: Vec<RowKey>,
    /// Drop rows, marks of what was said, keys of handled arrivals and keepsakes kept until before
    /// this.
    pub forget_before: Option<Timestamp>,
    /// Rows to keep; one a key.
    pub save: Vec<Row>,
    /// Things to say, due at once. A number that is taken is [`StoreError::Damaged`].
    pub send: Vec<Sending>,
    /// Things to say differently; of several for one number the last counts. What waits gets the
    /// new words and keeps its turn; what was said and can be changed waits again; anything else is
    /// passed over.
    pub change: Vec<(SendId, Reply)>,
    /// Things not to say, if no try has said them.
    pub unsend: Vec<SendId>,
}

/// Something that waits to be said, or to be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxItem {
    /// What to say; after a change, the new words.
    pub sending: Sending,
    /// The marks of what was said before, if this is a change of it. `expires` then does not count:
    /// it is the time of the first words.
    pub sent: Option<Sent>,
    /// How often it was tried.
    pub tries: u32,
    /// Whether an earlier try may have delivered it.
    pub uncertain: bool,
    /// When it was put there or last changed.
    pub queued: Timestamp,
}

/// What became of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// Said, or changed.
    Said(Sent),
    /// To be tried again at this time; `uncertain` if this try may have delivered it.
    Later {
        /// When.
        at: Timestamp,
        /// Whether it may have been delivered.
        uncertain: bool,
    },
    /// Given up.
    Dropped,
}

/// What went wrong in the store, as the caller's next step.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another program has opened this library since: stop.
    #[error("another program has taken over this library")]
    Superseded,
    /// Nothing was written and the disk is full: pause intake, say so, try again.
    #[error("the disk is full")]
    Full,
    /// Nothing was written; it may work later.
    #[error("the store is busy or unreachable while it {operation}")]
    Unavailable {
        /// What was being done.
        operation: &'static str,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The files are not what they should be: restore a backup.
    #[error("the store is damaged: {what}")]
    Damaged {
        /// What is wrong.
        what: String,
    },
    /// The store was written by a newer program: update this one.
    #[error("the store is of a newer version of the program")]
    TooNew,
}
