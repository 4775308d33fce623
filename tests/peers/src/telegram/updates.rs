//! The queue of updates: what waits for the bot, and when it counts as received.

use super::Telegram;
use super::refusal::Refusal;
use super::server::Shared;
use serde_json::{Value, json};
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// All kinds of updates that a bot can ask for, from the description of `Update`.
pub(crate) const KINDS: [&str; 25] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "guest_message",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
];

/// Those that must be asked for by name.
const UNASKED: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];

/// How long updates wait: "no longer than 24 hours".
pub(crate) const DAY_S: i64 = 86_400;
/// How long a pressed button, an inline query and a chosen result wait, from the real server's
/// source: one that finds its bot down for longer is never seen by it.
pub(crate) const CALLBACK_S: i64 = 150;
pub(crate) const INLINE_S: i64 = 30;
pub(crate) const CHOSEN_S: i64 = 600;

/// The longest long poll of the real server, in seconds.
const POLL_MAX_S: i64 = 50;

/// How far ahead an offset may point and still be believed.
const AHEAD: i64 = 10;

const TERMINATED: &str =
    "terminated by other getUpdates request; make sure that only one bot instance is running";
const WEBHOOK_ACTIVE: &str = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook \
     first";

/// An update that has not been confirmed.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) id: i64,
    pub(crate) body: Value,
    /// Those with the same key keep their order on a webhook.
    pub(crate) key: (u8, i64),
    expires_s: i64,
    /// How often it is still delivered again although it has been confirmed.
    pub(crate) repeats: u32,
}

#[derive(Debug)]
pub(crate) struct Updates {
    pub(crate) queue: VecDeque<Update>,
    next_id: i64,
    /// What the bot wants to hear of; nothing: all that need not be asked for by name.
    pub(crate) allowed: BTreeSet<String>,
    /// The poll that may wait; each new one ends the one before.
    poll: u64,
    ended_by: &'static str,
    previous: Option<(i64, Instant)>,
    /// How many of the next updates are delivered twice.
    pub(crate) repeat_next: u32,
}

impl Default for Updates {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            // "Start from a certain positive number."
            next_id: 100_000_001,
            allowed: BTreeSet::new(),
            poll: 0,
            ended_by: TERMINATED,
            previous: None,
            repeat_next: 0,
        }
    }
}

impl Updates {
    pub(crate) fn add(
        &mut self,
        kind: &str,
        body: Value,
        key: (u8, i64),
        expires_s: i64,
    ) -> Option<&Value> {
        let wanted = if self.allowed.is_empty() {
            !UNASKED.contains(&kind)
        } else {
            self.allowed.contains(kind) || !KINDS.contains(&kind)
        };
        if !wanted {
            return None;
        }
        let id = self.next_id;
        self.next_id += 1;
        let repeats = u32::from(self.repeat_next > 0);
        self.repeat_next -= repeats;
        self.queue.push_back(Update {
            id,
            body: json!({"update_id": id, kind: body}),
            key,
            expires_s,
            repeats,
        });
        self.queue.back().map(|update| &update.body)
    }

    /// Drops what has waited for too long.
    pub(crate) fn expire(&mut self, now_s: i64) {
        self.queue.retain(|update| update.expires_s > now_s);
    }

    /// Takes an offset: what is before it has been received.
    fn confirm(&mut self, offset: i64) {
        if offset < 0 {
            let keep = usize::try_from(-offset).unwrap_or(usize::MAX);
            let drop = self.queue.len().saturating_sub(keep);
            self.queue.drain(..drop);
        } else if offset <= self.next_id + AHEAD {
            self.queue.retain_mut(|update| {
                let received = update.id < offset;
                let again = received && update.repeats > 0;
                update.repeats -= u32::from(again);
                !received || again
            });
        }
    }

    fn batch(&self, limit: usize) -> Vec<Value> {
        self.queue.iter().take(limit).map(|update| update.body.clone()).collect()
    }

    /// Takes over what the bot wants to hear of; the names that there are not come back.
    pub(crate) fn allow(&mut self, names: &[Value]) -> Vec<String> {
        let names: Vec<String> =
            names.iter().filter_map(|n| Some(n.as_str()?.to_lowercase())).collect();
        let (known, unknown) =
            names.into_iter().partition::<Vec<_>, _>(|name| KINDS.contains(&name.as_str()));
        self.allowed = known.into_iter().collect();
        unknown
    }

    /// Ends the poll that waits, as a webhook does when it is set.
    pub(crate) fn end_poll(&mut self) {
        self.poll += 1;
        self.ended_by = "terminated by setWebhook request";
    }
}

/// A `getUpdates`, as it was asked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) offset: i64,
    pub(crate) limit: Option<i64>,
    pub(crate) timeout_s: i64,
    pub(crate) allowed: Option<Vec<Value>>,
}

/// Answers `getUpdates`, when there is something or the time is up.
pub(crate) async fn poll(shared: &Shared, asked: Asked) -> Result<Value, Refusal> {
    let (ticket, limit, until) = begin(shared, &asked)?;
    // A poll that waited until now hears at once that this one came.
    shared.stir.notify_waiters();
    loop {
        let stirred = shared.stir.notified();
        tokio::pin!(stirred);
        stirred.as_mut().enable();
        {
            let mut world = shared.lock();
            if world.down {
                return Ok(Value::Null);
            }
            if world.updates.poll != ticket {
                return Err(Refusal::conflict(world.updates.ended_by));
            }
            let now = world.now_s();
            world.updates.expire(now);
            let batch = world.updates.batch(limit);
            if !batch.is_empty() || Instant::now() >= until {
                return Ok(Value::Array(batch));
            }
        }
        let _timed_out = tokio::time::timeout_at(until.into(), stirred).await;
    }
}

fn begin(shared: &Shared, asked: &Asked) -> Result<(u64, usize, Instant), Refusal> {
    let mut world = shared.lock();
    if world.hook.is_some() {
        return Err(Refusal::conflict(WEBHOOK_ACTIVE));
    }
    if let Some(limit) = asked.limit
        && !(1..=100).contains(&limit)
    {
        world.complain("getUpdates", format!("limit {limit} is not between 1 and 100"));
    }
    if asked.timeout_s > POLL_MAX_S {
        let what = format!("timeout {} is cut to {POLL_MAX_S}", asked.timeout_s);
        world.complain("getUpdates", what);
    }
    if let Some(names) = &asked.allowed {
        for name in world.updates.allow(names) {
            world.complain("getUpdates", format!("there are no updates `{name}`"));
        }
    }
    if asked.offset > world.updates.next_id + AHEAD {
        let what = format!("offset {} lies in the future and is not heeded", asked.offset);
        world.complain("getUpdates", what);
    }
    let now = world.now_s();
    let updates = &mut world.updates;
    updates.expire(now);
    updates.confirm(asked.offset);
    // The real server slows down those who ask the same again and again.
    let again = updates.previous.filter(|(offset, _)| *offset == asked.offset);
    let since = again.map(|(_, at)| at.elapsed());
    let mut timeout_s = asked.timeout_s.clamp(0, POLL_MAX_S);
    let mut limit = asked.limit.unwrap_or(100).clamp(1, 100);
    if since.is_some_and(|since| since < Duration::from_secs(3)) {
        timeout_s = timeout_s.max(3);
    }
    if since.is_some_and(|since| since < Duration::from_millis(500)) {
        limit = 1;
    }
    updates.previous = Some((asked.offset, Instant::now()));
    updates.poll += 1;
    updates.ended_by = TERMINATED;
    let until = Instant::now() + Duration::from_secs(timeout_s.unsigned_abs());
    Ok((updates.poll, usize::try_from(limit).unwrap_or(1), until))
}

impl Telegram {
    /// How many updates wait to be confirmed.
    pub fn pending(&self) -> usize {
        let mut world = self.shared.lock();
        let now = world.now_s();
        world.updates.expire(now);
        world.updates.queue.len()
    }

    /// The next `count` updates come twice: they are delivered again after they were confirmed.
    pub fn repeat_next(&self, count: u32) {
        self.shared.lock().updates.repeat_next += count;
    }

    /// Tells the bot of something in the platform's own words, such as a kind of update that no
    /// client library knows yet.
    pub fn tell(&self, kind: &str, body: Value) {
        let mut world = self.shared.lock();
        let now = world.now_s();
        world.updates.add(kind, body, (99, 0), now + DAY_S);
        drop(world);
        self.shared.wake();
    }
}
