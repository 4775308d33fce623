//! The time that a peer goes by: the real one, or one that a test moves.

use jiff::{SignedDuration, Timestamp};

/// A clock that runs with the real time or stands still, and can be moved either way.
///
/// Message dates, ages of queries, the 24 hours that updates are kept and the limits on sending go
/// by it. Long polls and webhook retries wait in real time: nobody could wake them otherwise.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Running { ahead: SignedDuration },
    Standing { at: Timestamp },
}

impl Clock {
    /// The real time; moving it puts it ahead.
    pub fn real() -> Self {
        Self(Kind::Running { ahead: SignedDuration::ZERO })
    }

    /// A time that stands until it is moved.
    pub fn standing(at: Timestamp) -> Self {
        Self(Kind::Standing { at })
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        match self.0 {
            Kind::Running { ahead } => {
                Timestamp::now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
            }
            Kind::Standing { at } => at,
        }
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.now().as_second()
    }

    pub(crate) fn now_us(&self) -> i64 {
        self.now().as_microsecond()
    }

    pub(crate) fn advance(&mut self, by: SignedDuration) {
        match &mut self.0 {
            Kind::Running { ahead } => *ahead += by,
            Kind::Standing { at } => *at = at.saturating_add(by).unwrap_or(Timestamp::MAX),
        }
    }

    pub(crate) fn set(&mut self, to: Timestamp) {
        match &mut self.0 {
            Kind::Running { ahead } => *ahead = to.duration_since(Timestamp::now()),
            Kind::Standing { at } => *at = to,
        }
    }
}
