//! How much a bot may send, and what it is told when it sends more.

use super::ChatId;
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// The limits on sending. The platform calls them approximate and does not publish exact ones
/// (core.telegram.org/bots/faq: "avoid sending more than one message per second", "20 messages per
/// minute" to a group, "about 30 messages per second" in all); these keep its round figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages a second to all chats together, lasting; as many may come at once.
    pub overall_per_s: u32,
    /// Messages that may come at once to one chat before one a second holds: "short bursts".
    pub chat_burst: u32,
    /// Messages to one group, supergroup or channel within any 60 seconds.
    pub group_per_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { overall_per_s: 30, chat_burst: 3, group_per_minute: 20 }
    }
}

impl Limits {
    /// Limits that nothing reaches.
    pub fn none() -> Self {
        Self { overall_per_s: u32::MAX, chat_burst: u32::MAX, group_per_minute: u32::MAX }
    }
}

/// Requests that come so soon after a refusal may have been on their way already: they are refused
/// again, but not complained about.
const IN_FLIGHT: Duration = Duration::from_millis(200);

const SECOND_US: i64 = 1_000_000;
const MINUTE_US: i64 = 60 * SECOND_US;

/// Sending that is refused for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limited {
    /// Whole seconds to wait.
    pub(crate) retry_after: i64,
    /// The bot had been told to wait and did not.
    pub(crate) early: bool,
}

/// What has been sent lately, and who has been told to wait.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    overall: Bucket,
    chats: HashMap<ChatId, Bucket>,
    groups: HashMap<ChatId, VecDeque<i64>>,
    holds: HashMap<Scope, Hold>,
}

/// Whom a wait concerns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    /// Everything that is sent.
    All,
    /// What is sent to one chat.
    Chat(ChatId),
    /// One method, in lower case.
    Method(&'static str),
}

#[derive(Debug)]
struct Hold {
    until_us: i64,
    since: Instant,
}

impl Meter {
    /// Takes a message into account, or says how long to wait.
    pub(crate) fn send(
        &mut self,
        limits: &Limits,
        now_us: i64,
        chat: ChatId,
    ) -> Result<(), Limited> {
        if *limits == Limits::none() {
            return Ok(());
        }
        for scope in [Scope::All, Scope::Chat(chat)] {
            self.held(&scope, now_us)?;
        }
        let per_message = SECOND_US / i64::from(limits.overall_per_s.max(1));
        let overall = self.overall.wait(now_us, per_message, limits.overall_per_s);
        if overall > 0 {
            return Err(self.hold(Scope::All, now_us, overall));
        }
        let bucket = self.chats.entry(chat).or_default();
        let in_chat = bucket.wait(now_us, SECOND_US, limits.chat_burst);
        let in_group = if chat.is_shared() {
            let sent = self.groups.entry(chat).or_default();
            while sent.front().is_some_and(|at| now_us - at >= MINUTE_US) {
                sent.pop_front();
            }
            let most = limits.group_per_minute as usize;
            // The oldest of those that must leave the window before one more fits.
            sent.len().checked_sub(most).map_or(0, |i| sent[i] + MINUTE_US - now_us)
        } else {
            0
        };
        let wait = in_chat.max(in_group);
        if wait > 0 {
            return Err(self.hold(Scope::Chat(chat), now_us, wait));
        }
        self.overall.take(now_us, per_message);
        self.chats.entry(chat).or_default().take(now_us, SECOND_US);
        if chat.is_shared() {
            self.groups.entry(chat).or_default().push_back(now_us);
        }
        Ok(())
    }

    /// Refuses what still has to wait.
    pub(crate) fn held(&mut self, scope: &Scope, now_us: i64) -> Result<(), Limited> {
        let Some(hold) = self.holds.get(scope) else { return Ok(()) };
        let wait_us = hold.until_us - now_us;
        if wait_us <= 0 {
            self.holds.remove(scope);
            return Ok(());
        }
        Err(Limited {
            retry_after: whole_seconds(wait_us),
            early: hold.since.elapsed() > IN_FLIGHT,
        })
    }

    /// From now on what `scope` says has to wait.
    pub(crate) fn hold(&mut self, scope: Scope, now_us: i64, wait_us: i64) -> Limited {
        let retry_after = whole_seconds(wait_us);
        let until_us = now_us + retry_after * SECOND_US;
        self.holds.insert(scope, Hold { until_us, since: Instant::now() });
        Limited { retry_after, early: false }
    }
}

fn whole_seconds(us: i64) -> i64 {
    us.div_euclid(SECOND_US) + i64::from(us.rem_euclid(SECOND_US) > 0)
}

/// A rate with a burst, as one number: when the next message would be due if all came evenly.
#[derive(Debug, Default)]
struct Bucket {
    due_us: i64,
}

impl Bucket {
    fn wait(&self, now_us: i64, per_message: i64, burst: u32) -> i64 {
        let tolerance = per_message * i64::from(burst.max(1) - 1);
        (self.due_us - tolerance - now_us).max(0)
    }

    fn take(&mut self, now_us: i64, per_message: i64) {
        self.due_us = self.due_us.max(now_us) + per_message;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIVATE: ChatId = ChatId(1);
    const GROUP: ChatId = ChatId(-1);

    #[test]
    fn a_chat_takes_a_burst_and_then_one_a_second() {
        let (mut meter, limits) = (Meter::default(), Limits::default());
        for _ in 0..3 {
            assert_eq!(meter.send(&limits, SECOND_US, PRIVATE), Ok(()));
        }
        let refused = meter.send(&limits, SECOND_US, PRIVATE).unwrap_err();
        assert_eq!(refused, Limited { retry_after: 1, early: false });
        for i in 2..100 {
            assert_eq!(meter.send(&limits, i * SECOND_US, PRIVATE), Ok(()), "second {i}");
        }
    }

    #[test]
    fn thirty_a_second_go_out_and_no_more() {
        let (mut meter, limits) = (Meter::default(), Limits::default());
        let mut sent = 0;
        // A message a millisecond for ten seconds, each to a chat of its own, waiting when told.
        let mut now = SECOND_US;
        while now < 11 * SECOND_US {
            match meter.send(&limits, now, ChatId(now)) {
                Ok(()) => {
                    sent += 1;
                    now += 1000;
                }
                Err(limited) => now += limited.retry_after * SECOND_US,
            }
        }
        assert!((300..=330).contains(&sent), "{sent} in ten seconds");
    }

    #[test]
    fn a_group_takes_twenty_in_any_minute() {
        let (mut meter, limits) = (Meter::default(), Limits::default());
        let mut now = 0;
        for _ in 0..20 {
            now += SECOND_US;
            assert_eq!(meter.send(&limits, now, GROUP), Ok(()));
        }
        now += SECOND_US;
        let refused = meter.send(&limits, now, GROUP).unwrap_err();
        assert_eq!(refused.retry_after, 40, "the first leaves the minute");
        assert_eq!(meter.send(&limits, now, PRIVATE), Ok(()), "others are not held");
        assert_eq!(meter.send(&limits, now + 40 * SECOND_US, GROUP), Ok(()));
    }

    #[test]
    fn impatience_is_noticed() {
        let (mut meter, limits) = (Meter::default(), Limits::default());
        for _ in 0..3 {
            meter.send(&limits, 0, PRIVATE).unwrap();
        }
        assert!(!meter.send(&limits, 0, PRIVATE).unwrap_err().early);
        assert!(!meter.send(&limits, 0, PRIVATE).unwrap_err().early, "it was on its way");
        std::thread::sleep(IN_FLIGHT + Duration::from_millis(20));
        assert!(meter.send(&limits, 0, PRIVATE).unwrap_err().early);
    }
}
