//! How fast things are said: as fast as the homeserver lets one account speak, and no faster.
//!
//! Synapse lets an account send 0.2 events a second with a burst of 10, if its operator has settled
//! nothing else (its `rc_message`), and a reaction is an event like an answer. Whoever is told to wait
//! waits, and so does everything else.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The longest turn that is waited for here; for a later one the driver is told when to come back.
const WAITS_MAX: Duration = Duration::from_secs(2);

/// How fast an account may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Between two events, once the burst is over.
    pub every: Duration,
    /// How many may go at once; at least one.
    pub burst: u32,
}

impl Rate {
    /// What a Synapse of which nothing is settled allows.
    pub const USUAL: Rate = Rate { every: Duration::from_secs(5), burst: 10 };
}

/// Who may speak when.
pub(crate) struct Pace {
    rate: Rate,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When the next event would be due if all came evenly.
    due: Option<Instant>,
    /// Nothing goes before this: so the server said.
    held: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(rate: Rate) -> Pace {
        Pace { rate, state: Mutex::default() }
    }

    /// Takes a turn for so many events at this moment: how long to wait for it. An error is how long
    /// until there may be one; none is taken then.
    pub(crate) fn turn(&self, events: u32, now: Instant) -> Result<Duration, Duration> {
        let mut state = self.state();
        // More than a burst never fits at once: it waits for as much room as there can be.
        let wait = self.wait(&state, events.min(self.rate.burst), now);
        if wait > WAITS_MAX {
            return Err(wait);
        }
        let from = state.due.map_or(now, |due| due.max(now));
        state.due = Some(from + self.rate.every * events);
        Ok(wait)
    }

    /// Takes a turn for something that may as well be left out: only while more than half of the burst
    /// is free, so that answers never wait for it.
    pub(crate) fn spare(&self, now: Instant) -> bool {
        let mut state = self.state();
        let spare = self.rate.burst / 2 + 1;
        if self.rate.burst < 2 || !self.wait(&state, spare, now).is_zero() {
            return false;
        }
        let from = state.due.map_or(now, |due| due.max(now));
        state.due = Some(from + self.rate.every);
        true
    }

    /// Something was sent that could not wait for a turn: the entry into a room, say.
    pub(crate) fn count(&self, now: Instant) {
        let mut state = self.state();
        state.due = Some(state.due.map_or(now, |due| due.max(now)) + self.rate.every);
    }

    /// The server has told the account to wait: whatever was reckoned here, its burst is over.
    pub(crate) fn hold(&self, wait: Duration, now: Instant) {
        let mut state = self.state();
        state.held = state.held.max(Some(now + wait));
        state.due = state.due.max(Some(now + self.rate.every * self.rate.burst));
    }

    fn wait(&self, state: &State, events: u32, now: Instant) -> Duration {
        let room = self.rate.every * self.rate.burst.saturating_sub(events);
        let due = state.due.and_then(|due| due.checked_sub(room)).unwrap_or(now);
        due.max(state.held.unwrap_or(now)).saturating_duration_since(now)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change above is whole before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_burst_goes_at_once_and_the_rest_evenly() {
        let pace = Pace::new(Rate { every: SECOND, burst: 3 });
        let now = Instant::now();
        for _ in 0..3 {
            assert_eq!(pace.turn(1, now), Ok(Duration::ZERO));
        }
        assert_eq!(pace.turn(1, now), Ok(SECOND));
        assert_eq!(pace.turn(1, now), Ok(2 * SECOND));
        assert_eq!(pace.turn(1, now), Err(3 * SECOND), "the driver comes back");
        assert_eq!(pace.turn(1, now + 6 * SECOND), Ok(Duration::ZERO));
    }

    #[test]
    fn what_may_be_left_out_takes_no_turn_from_answers() {
        let pace = Pace::new(Rate { every: SECOND, burst: 10 });
        let now = Instant::now();
        let taken = (0..20).filter(|_| pace.spare(now)).count();
        assert_eq!(taken, 5);
        for _ in 0..5 {
            assert_eq!(pace.turn(1, now), Ok(Duration::ZERO));
        }
        assert!(!pace.spare(now + 3 * SECOND));
        assert!(pace.spare(now + 6 * SECOND));
    }

    #[test]
    fn whoever_is_told_to_wait_waits() {
        let pace = Pace::new(Rate { every: SECOND, burst: 10 });
        let now = Instant::now();
        pace.hold(5 * SECOND, now);
        assert_eq!(pace.turn(1, now), Err(5 * SECOND));
        assert!(!pace.spare(now));
        assert!(!pace.spare(now + 5 * SECOND), "its burst is over, too");
        assert_eq!(pace.turn(1, now + 5 * SECOND), Ok(Duration::ZERO));
    }
}
