//! What the gateway keeps: sessions with all that they are told, connections, how often clients
//! identify.

use super::world::World;
use super::{ChannelId, Discord, GuildId, Message, Permissions, UserId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// A day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// What a client asks to be told of.
pub mod intents {
    /// Guilds, channels, threads, roles.
    pub const GUILDS: u64 = 1 << 0;
    /// Members; privileged.
    pub const GUILD_MEMBERS: u64 = 1 << 1;
    /// Presences; privileged.
    pub const GUILD_PRESENCES: u64 = 1 << 8;
    /// Messages in guilds.
    pub const GUILD_MESSAGES: u64 = 1 << 9;
    /// Messages in direct chats.
    pub const DIRECT_MESSAGES: u64 = 1 << 12;
    /// What messages in guilds say; privileged.
    pub const MESSAGE_CONTENT: u64 = 1 << 15;
}

#[derive(Debug, Default)]
pub(crate) struct Gateway {
    pub(crate) sessions: BTreeMap<String, Session>,
    pub(crate) connections: BTreeMap<u64, Connection>,
    /// When clients identified, by the peer's clock, in milliseconds.
    pub(crate) identifies: VecDeque<i64>,
    /// Identifies, resumptions that worked, and connections since the beginning.
    pub(crate) identified: usize,
    pub(crate) resumed: usize,
    pub(crate) connected: u64,
    pub(crate) token_reset: bool,
    /// Events are not delivered.
    pub(crate) held: bool,
    next: u64,
}

/// What a client was told since it identified.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) intents: u64,
    pub(crate) shard: (u64, u64),
    pub(crate) seq: u64,
    pub(crate) log: Vec<(u64, Value)>,
    /// The last sequence that was written to a connection.
    pub(crate) sent: u64,
    /// The sequence that the client's last heartbeat or resumption named.
    pub(crate) beat: u64,
    pub(crate) connection: Option<u64>,
    /// When its connection was lost.
    pub(crate) lost_ms: Option<i64>,
}

#[derive(Debug, Default)]
pub(crate) struct Connection {
    pub(crate) session: Option<String>,
    pub(crate) orders: VecDeque<Order>,
}

/// What a connection is to do besides telling.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Send(Value),
    Close(u16, &'static str),
    Break,
}

impl Session {
    pub(crate) fn push(&mut self, kind: &str, data: &Value) {
        self.seq += 1;
        let event = json!({"op": 0, "s": self.seq, "t": kind, "d": data});
        self.log.push((self.seq, event));
    }

    fn covers(&self, guild: Option<GuildId>) -> bool {
        let (shard, of) = self.shard;
        guild.map_or(0, |guild| (guild.0 >> 22) % of.max(1)) == shard
    }
}

impl Gateway {
    pub(crate) fn connect(&mut self) -> u64 {
        self.connected += 1;
        self.connections.insert(self.connected, Connection::default());
        self.connected
    }

    pub(crate) fn order(&mut self, connection: u64, order: Order) {
        if let Some(connection) = self.connections.get_mut(&connection) {
            connection.orders.push_back(order);
        }
    }

    pub(crate) fn order_all(&mut self, order: &Order) {
        let all = self.connections.values_mut();
        all.for_each(|connection| connection.orders.push_back(order.clone()));
    }

    /// The connection has ended; its session can be resumed, or not if the client said goodbye.
    pub(crate) fn ended(&mut self, connection: u64, over: bool, now_ms: i64) {
        let Some(ended) = self.connections.remove(&connection) else { return };
        let Some(id) = ended.session else { return };
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if session.connection == Some(connection) {
            (session.connection, session.lost_ms) = (None, Some(now_ms));
            if over {
                self.sessions.remove(&id);
            }
        }
    }

    /// The newest session of each shard: an older one may live on, and nobody comes back to it.
    fn newest(&self) -> impl Iterator<Item = &Session> {
        // Their names rise with their age.
        let by_shard: BTreeMap<(u64, u64), &Session> =
            self.sessions.values().map(|session| (session.shard, session)).collect();
        by_shard.into_values()
    }

    pub(crate) fn new_id(&mut self) -> String {
        self.next += 1;
        format!("{:032x}", 0x5eed_0000_u64 + self.next)
    }
}

impl World {
    /// Forgets sessions that can no longer be resumed.
    pub(crate) fn forget_sessions(&mut self) {
        let oldest = self.now_ms() - self.settings.resume_window_ms;
        self.gateway.sessions.retain(|_, s| s.lost_ms.is_none_or(|lost| lost >= oldest));
    }

    /// Tells all sessions that cover a guild and asked for such things.
    fn tell(
        &mut self,
        kind: &str,
        guild: Option<GuildId>,
        intent: u64,
        data: impl Fn(u64) -> Value,
    ) {
        self.forget_sessions();
        for session in self.gateway.sessions.values_mut().filter(|s| s.covers(guild)) {
            if session.intents & intent == intent {
                session.push(kind, &data(session.intents));
            }
        }
    }

    pub(crate) fn tell_interaction(&mut self, guild: Option<GuildId>, data: &Value) {
        self.tell("INTERACTION_CREATE", guild, 0, |_| data.clone());
    }

    pub(crate) fn tell_in_guild(&mut self, kind: &str, guild: GuildId, data: Value) {
        if self.guilds.get(&guild).is_some_and(|g| g.bot_is_in(self.me)) {
            self.tell(kind, Some(guild), intents::GUILDS, |_| data.clone());
        }
    }

    pub(crate) fn tell_guild(&mut self, kind: &str, guild: GuildId) {
        let Some(shown) = self.guilds.get(&guild).map(|g| self.guild_create(g)) else { return };
        self.tell_in_guild(kind, guild, shown);
    }

    /// Tells of a channel or a thread in a guild that the bot sees.
    pub(crate) fn tell_channel(&mut self, kind: &str, id: ChannelId) {
        let channel = self.channel(id);
        let Some(guild) = channel.guild else { return };
        if self.permissions(self.me, id).has(Permissions::VIEW_CHANNEL) {
            let mut shown = self.channel_json(channel);
            if kind == "THREAD_CREATE" {
                shown["newly_created"] = json!(true);
            }
            self.tell_in_guild(kind, guild, shown);
        }
    }

    /// Tells of a member that has changed; of the bot itself, whatever was asked for.
    pub(crate) fn tell_member(&mut self, guild: GuildId, user: UserId) {
        let Some(held) = self.guilds.get(&guild).filter(|g| g.bot_is_in(self.me)) else { return };
        let Some(mut shown) = self.member_json(held, user) else { return };
        shown["guild_id"] = guild.json();
        let intent = if user == self.me { intents::GUILDS } else { intents::GUILD_MEMBERS };
        self.tell("GUILD_MEMBER_UPDATE", Some(guild), intent, |_| shown.clone());
    }

    /// Tells of a message, if the bot sees its channel.
    pub(crate) fn tell_message(&mut self, kind: &str, message: &Message) {
        let sees = self.permissions(self.me, message.channel).has(Permissions::VIEW_CHANNEL);
        let blocked = self.channel(message.channel).recipient.is_some_and(|person| {
            message.author == person && self.users.get(&person).is_some_and(|u| u.blocks_bot)
        });
        if !sees || blocked {
            return;
        }
        let shown = |content: bool| {
            let mut shown = self.message_json(message, content);
            if let Some(guild) = message.guild.and_then(|id| self.guilds.get(&id)) {
                shown["guild_id"] = guild.id.json();
                if let Some(mut member) = self.member_json(guild, message.author) {
                    member.as_object_mut().map(|m| m.remove("user"));
                    shown["member"] = member;
                }
            }
            shown["channel_type"] = json!(self.channel(message.channel).kind.number());
            shown
        };
        let (whole, blank) = (shown(true), shown(false));
        let intent = match message.guild {
            Some(_) => intents::GUILD_MESSAGES,
            None => intents::DIRECT_MESSAGES,
        };
        self.tell(kind, message.guild, intent, |has| {
            if has & intents::MESSAGE_CONTENT != 0 { whole.clone() } else { blank.clone() }
        });
    }

    /// Tells that a message is gone.
    pub(crate) fn tell_deleted(&mut self, message: &Message) {
        if !self.permissions(self.me, message.channel).has(Permissions::VIEW_CHANNEL) {
            return;
        }
        let mut gone = json!({"id": message.id.json(), "channel_id": message.channel.json()});
        let mut intent = intents::DIRECT_MESSAGES;
        if let Some(guild) = message.guild {
            gone["guild_id"] = guild.json();
            intent = intents::GUILD_MESSAGES;
        }
        self.tell("MESSAGE_DELETE", message.guild, intent, |_| gone.clone());
    }
}

impl Discord {
    /// Whether a client is connected and has a session.
    pub fn is_connected(&self) -> bool {
        self.shared.lock().gateway.sessions.values().any(|s| s.connection.is_some())
    }

    /// How often a client identified, and how often one resumed.
    pub fn sessions_begun(&self) -> (usize, usize) {
        let world = self.shared.lock();
        (world.gateway.identified, world.gateway.resumed)
    }

    /// The events that are not known to have been taken in: those past the sequence that the
    /// client's last heartbeat (or resumption) named, in the newest session of each shard.
    ///
    /// Discord has no acknowledgement of events. A heartbeat names the last sequence that the
    /// client library has **read**, not what the bot has handled or kept; what lies in a client
    /// that dies after its heartbeat is lost and counts as taken here. An event with no session
    /// to tell it to is lost at once and counts nowhere. [`Self::ask_for_heartbeat`] makes the
    /// client say at once where it stands.
    pub fn pending(&self) -> usize {
        let mut world = self.shared.lock();
        world.forget_sessions();
        let past = |session: &super::gateway::Session| {
            usize::try_from(session.seq - session.beat).unwrap_or(usize::MAX)
        };
        world.gateway.newest().map(past).sum()
    }

    /// The events that have not been written to any connection yet, in the newest session of each
    /// shard.
    pub fn undelivered(&self) -> usize {
        let mut world = self.shared.lock();
        world.forget_sessions();
        let past = |session: &super::gateway::Session| {
            usize::try_from(session.seq - session.sent).unwrap_or(usize::MAX)
        };
        world.gateway.newest().map(past).sum()
    }

    /// The last sequence that was written to a client, of the session that has the most.
    pub fn last_seq_sent(&self) -> u64 {
        self.shared.lock().gateway.sessions.values().map(|s| s.sent).max().unwrap_or_default()
    }

    /// The sequence that a client's last heartbeat or resumption named, of the same session.
    pub fn last_seq_beaten(&self) -> u64 {
        let world = self.shared.lock();
        let sessions = world.gateway.sessions.values();
        sessions.max_by_key(|s| s.sent).map(|s| s.beat).unwrap_or_default()
    }

    /// Delivers no events from now on, though connections hold and heartbeats are answered, or
    /// delivers all that waits and what comes.
    pub fn hold_events(&self, hold: bool) {
        self.shared.lock().gateway.held = hold;
        self.shared.wake();
    }

    fn order(&self, order: &Order) {
        self.shared.lock().gateway.order_all(order);
        self.shared.wake();
    }

    /// Asks all clients for a heartbeat now (op 1).
    pub fn ask_for_heartbeat(&self) {
        self.order(&Order::Send(json!({"op": 1, "d": null, "s": null, "t": null})));
    }

    /// Asks all clients to connect again and resume (op 7).
    pub fn ask_to_reconnect(&self) {
        self.order(&Order::Send(json!({"op": 7, "d": null, "s": null, "t": null})));
    }

    /// Ends all sessions (op 9): they cannot be resumed any more, or they still may be. A client
    /// may identify or resume on the connection that it has.
    pub fn invalidate(&self, resumable: bool) {
        let mut world = self.shared.lock();
        world
            .gateway
            .order_all(&Order::Send(json!({"op": 9, "d": resumable, "s": null, "t": null})));
        let now_ms = world.now_ms();
        world.gateway.connections.values_mut().for_each(|connection| connection.session = None);
        for session in world.gateway.sessions.values_mut() {
            (session.connection, session.lost_ms) = (None, Some(now_ms));
        }
        if !resumable {
            world.gateway.sessions.clear();
        }
        drop(world);
        self.shared.wake();
    }

    /// Tells all sessions of something in Discord's own words, such as a kind of event that nobody knows
    /// yet.
    pub fn tell(&self, kind: &str, data: &Value) {
        self.shared.lock().tell(kind, None, 0, |_| data.clone());
        self.shared.wake();
    }

    /// Says anything at all on all gateway connections, outside of every session.
    pub fn say_raw(&self, payload: Value) {
        self.order(&Order::Send(payload));
    }

    /// The bot's token is reset at the developer portal: nobody knows the old one any more.
    pub fn reset_token(&self) {
        let mut world = self.shared.lock();
        world.gateway.token_reset = true;
        world.gateway.sessions.clear();
        world.gateway.order_all(&Order::Close(4004, "Authentication failed."));
        drop(world);
        self.shared.wake();
    }

    /// Closes all gateway connections with a code, such as 4000.
    pub fn close_gateway(&self, code: u16) {
        self.order(&Order::Close(code, "closed on demand"));
    }

    /// Breaks all gateway connections off without a word; sessions can be resumed.
    pub fn break_gateway(&self) {
        self.order(&Order::Break);
    }
}
