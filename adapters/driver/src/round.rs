//! What a round is made of, and why it may be given up.

use crate::panics::Panicked;
use bot::{Effect, Event, SendId};
use contract::{InboxId, StoreError};

/// Where an event of a round comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Origin {
    Inbox(InboxId),
    Mishap(SendId),
    /// A network that is down, by its number among those that went down.
    Down(usize),
    Woke,
}

/// What belongs together in a round: all events of an arrival, so that it is handled whole or not
/// at all.
pub(crate) struct Part {
    pub(crate) origin: Origin,
    pub(crate) events: Vec<Event>,
}

/// Why a round was given up. Nothing of it is on disk.
pub(crate) enum Fault {
    Store(StoreError),
    /// An event panicked.
    Bug(Origin),
    /// It changes something that is on its way.
    InAir(Origin, SendId),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        Fault::Store(error)
    }
}

impl Origin {
    pub(crate) fn inbox(self) -> Option<InboxId> {
        match self {
            Origin::Inbox(id) => Some(id),
            Origin::Mishap(_) | Origin::Down(_) | Origin::Woke => None,
        }
    }

    pub(crate) fn mishap(self) -> Option<SendId> {
        match self {
            Origin::Mishap(send) => Some(send),
            Origin::Inbox(_) | Origin::Down(_) | Origin::Woke => None,
        }
    }

    /// The fault of a panic here.
    pub(crate) fn bug(self) -> impl Fn(Panicked) -> Fault {
        move |Panicked| Fault::Bug(self)
    }
}

/// Which thing an effect changes.
pub(crate) fn changed(effect: &Effect) -> Option<SendId> {
    match effect {
        Effect::Change { send, .. } => Some(*send),
        Effect::Send(_)
        | Effect::Unsend(_)
        | Effect::Save(_)
        | Effect::Forget(_)
        | Effect::ForgetPerson(_)
        | Effect::ForgetBefore(_) => None,
    }
}
