//! How fast things are said: as fast as Telegram lets a bot speak, and no faster.
//!
//! The limits are approximate and unpublished but for round figures (core.telegram.org/bots/faq, "My
//! bot is hitting limits"): about 30 messages a second in all, one a second to a chat with short
//! bursts, 20 a minute to a group. Whoever is told to wait waits, and so does what comes behind.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two messages in all: a little under 30 a second, for on the way some bunch up.
const OVERALL: Duration = Duration::from_micros(33_900);
/// Messages that may go at once, to whomever: some that come together are no crowd yet.
const OVERALL_BURST: u32 = 8;
/// Between two messages to one chat, once its burst is over.
pub(crate) const CHAT: Duration = Duration::from_millis(1_010);
/// Messages that may go to a chat at once: an answer in two parts.
const CHAT_BURST: u32 = 2;
/// Messages to a group in any minute.
const GROUP_MAX: usize = 20;
/// That minute, and a little for what is on its way.
const GROUP_WINDOW: Duration = Duration::from_millis(60_300);
/// The longest turn of a chat that is waited for here; for a later one the driver is told when to
/// come back, so that its other places are not held up.
const CHAT_WAITS_MAX: Duration = Duration::from_millis(1_500);
/// The longest turn in all that is waited for: longer than everything takes that the driver says at
/// once, so that only a word of the server's is.
const WAITS_MAX: Duration = Duration::from_secs(8);
/// A second chat that is told to wait within this time shows that all of them are to.
const TOGETHER: Duration = Duration::from_secs(5);
/// Chats that are remembered; those that have been quiet are forgotten first.
const CHATS_MAX: usize = 20_000;

/// Who may speak when.
#[derive(Default)]
pub(crate) struct Pace {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When the next message to anybody would be due if all came evenly.
    due: Option<Instant>,
    /// Nothing goes before this: so the server said.
    held: Option<Instant>,
    chats: HashMap<i64, Chat>,
    /// The last time that a chat was told to wait, and which.
    told: Option<(Instant, i64)>,
}

#[derive(Default)]
struct Chat {
    /// When the next message would be due if all came evenly.
    due: Option<Instant>,
    /// Nothing goes before this: so the server said.
    held: Option<Instant>,
    /// When messages went to it within the last minute, of a group.
    sent: VecDeque<Instant>,
}

impl Pace {
    /// Takes a turn for so many messages at this moment: how long to wait for it. An error is how long
    /// until there may be one; none is taken then.
    pub(crate) fn turn(
        &self,
        chat: i64,
        messages: usize,
        now: Instant,
    ) -> Result<Duration, Duration> {
        let mut state = self.state();
        let in_chat = state.earliest_in(chat, messages, now).saturating_duration_since(now);
        let overall = state.earliest(now).saturating_duration_since(now);
        let wait = in_chat.max(overall);
        if in_chat > CHAT_WAITS_MAX || overall > WAITS_MAX {
            return Err(wait);
        }
        for _ in 0..messages {
            state.take(chat, now, now + wait);
        }
        if state.chats.len() > CHATS_MAX {
            state.chats.retain(|_, chat| !chat.is_quiet(now));
        }
        Ok(wait)
    }

    /// The server has told a chat to wait. Whether everybody is meant shows when it tells another.
    pub(crate) fn hold(&self, chat: i64, wait: Duration, now: Instant) -> bool {
        let mut state = self.state();
        let until = now + wait;
        state.chats.entry(chat).or_default().held = Some(until);
        let others = state.told.replace((now, chat));
        let everybody = others.is_some_and(|(at, other)| {
            other != chat && now.saturating_duration_since(at) < TOGETHER
        });
        if everybody {
            state.held = state.held.max(Some(until));
        }
        everybody
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change above is whole before anything in it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// When something may go to anybody.
    fn earliest(&self, now: Instant) -> Instant {
        let burst = OVERALL * (OVERALL_BURST - 1);
        let due = self.due.and_then(|due| due.checked_sub(burst)).unwrap_or(now);
        now.max(due).max(self.held.unwrap_or(now))
    }

    /// When something may go to this chat, whatever goes to others.
    fn earliest_in(&mut self, id: i64, messages: usize, now: Instant) -> Instant {
        let chat = self.chats.entry(id).or_default();
        let burst = CHAT * (CHAT_BURST - 1);
        let in_chat = chat.due.and_then(|due| due.checked_sub(burst)).unwrap_or(now);
        let held = chat.held.unwrap_or(now);
        let in_group = if is_group(id) { chat.window(messages, now) } else { now };
        now.max(in_chat).max(held).max(in_group)
    }

    /// Takes a turn now that comes at this time: a chat that has to wait holds nobody else up.
    fn take(&mut self, id: i64, now: Instant, at: Instant) {
        self.due = Some(self.due.map_or(now, |due| due.max(now)) + OVERALL);
        let chat = self.chats.entry(id).or_default();
        chat.due = Some(chat.due.map_or(at, |due| due.max(at)) + CHAT);
        if is_group(id) {
            chat.sent.push_back(at);
        }
    }
}

impl Chat {
    /// When the minute has room for so many more; for more than a minute takes, when it is empty.
    fn window(&mut self, messages: usize, now: Instant) -> Instant {
        while self.sent.front().is_some_and(|at| *at + GROUP_WINDOW <= now) {
            self.sent.pop_front();
        }
        let too_many = (self.sent.len() + messages).saturating_sub(GROUP_MAX).min(self.sent.len());
        match too_many.checked_sub(1) {
            Some(last_to_go) => self.sent[last_to_go] + GROUP_WINDOW,
            None => now,
        }
    }

    fn is_quiet(&self, now: Instant) -> bool {
        let over = |at: Option<Instant>| at.is_none_or(|at| at <= now);
        over(self.due)
            && over(self.held)
            && self.sent.back().is_none_or(|at| *at + GROUP_WINDOW <= now)
    }
}

/// Whether several people read a chat: their numbers are below zero.
fn is_group(chat: i64) -> bool {
    chat < 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_chat_takes_two_at_once_and_then_one_a_second() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert_eq!(pace.turn(7, 1, now), Ok(Duration::ZERO));
        assert_eq!(pace.turn(7, 1, now), Ok(Duration::ZERO));
        let third = pace.turn(7, 1, now).unwrap();
        assert!(third > 950 * MS && third < 1_100 * MS, "{third:?}");
        assert!(pace.turn(7, 1, now).is_err(), "the driver is told to come back");
        let other = pace.turn(8, 1, now).unwrap();
        assert!(other < 100 * MS, "others are not held up: {other:?}");
    }

    #[test]
    fn nearly_thirty_a_second_go_out_in_all() {
        let (pace, begin) = (Pace::default(), Instant::now());
        let (mut now, mut sent) = (begin, 0);
        while now < begin + 10 * 1_000 * MS {
            let wait = pace.turn(sent, 1, now).unwrap();
            now += wait;
            sent += 1;
        }
        assert!((292..=305).contains(&sent), "{sent}");
    }

    #[test]
    fn a_group_takes_twenty_in_any_minute() {
        let (pace, begin) = (Pace::default(), Instant::now());
        let mut now = begin;
        for _ in 0..20 {
            now += pace.turn(-5, 1, now).unwrap();
        }
        let wait = pace.turn(-5, 1, now).unwrap_err();
        assert!(pace.turn(-5, 3, now).unwrap_err() > wait, "room for three comes later");
        assert!(now + wait >= begin + GROUP_WINDOW);
        assert_eq!(pace.turn(-5, 1, begin + GROUP_WINDOW), Ok(Duration::ZERO));
    }

    #[test]
    fn who_is_told_to_wait_waits_and_two_mean_everybody() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert!(!pace.hold(7, 3_000 * MS, now));
        assert!(pace.turn(7, 1, now).is_err());
        assert!(pace.turn(8, 1, now).is_ok());
        assert!(pace.hold(8, 3_000 * MS, now + 10 * MS));
        assert!(pace.turn(9, 1, now + 20 * MS).unwrap() > 2_900 * MS);
        assert!(pace.turn(9, 1, now + 4_000 * MS).is_ok());
    }
}
