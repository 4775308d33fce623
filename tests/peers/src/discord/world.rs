//! All that the server holds.

use super::cast::Guild;
use super::description::Description;
use super::faults::Fault;
use super::gateway::Gateway;
use super::interactions::Interaction;
use super::limits::Meter;
use super::refusal::Refusal;
use super::{
    Call, Channel, ChannelId, ChannelKind, Complaint, Deed, GuildId, InteractionId, Message,
    MessageId, Permissions, RoleId, Settings, User, UserId, ids,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) me: UserId,
    pub(crate) users: BTreeMap<UserId, User>,
    pub(crate) guilds: BTreeMap<GuildId, Guild>,
    pub(crate) channels: BTreeMap<ChannelId, Channel>,
    /// The direct chats.
    pub(crate) directs: BTreeMap<UserId, ChannelId>,
    /// Commands by the guild that they are for.
    pub(crate) commands: BTreeMap<Option<GuildId>, Vec<Value>>,
    pub(crate) interactions: BTreeMap<InteractionId, Interaction>,
    pub(crate) gateway: Gateway,
    pub(crate) meter: Meter,
    pub(crate) faults: Vec<Fault>,
    pub(crate) down: bool,
    pub(crate) deeds: VecDeque<Deed>,
    pub(crate) calls: Vec<Call>,
    pub(crate) complaints: Vec<Complaint>,
    /// Messages that were asked for again with the same nonce.
    pub(crate) repeated: Vec<MessageId>,
    pub(crate) description: Option<Description>,
    /// Where the gateway is, once it listens.
    pub(crate) host: String,
    last: u64,
}

impl World {
    pub(crate) fn new(settings: Settings, description: Option<Description>) -> Self {
        let me = UserId(1_100_000_000_000_000_001);
        let mut bot = User::new(&settings.username);
        (bot.id, bot.is_bot) = (me, true);
        Self {
            settings,
            me,
            users: BTreeMap::from([(me, bot)]),
            guilds: BTreeMap::new(),
            channels: BTreeMap::new(),
            directs: BTreeMap::new(),
            commands: BTreeMap::new(),
            interactions: BTreeMap::new(),
            gateway: Gateway::default(),
            meter: Meter::default(),
            faults: Vec::new(),
            down: false,
            deeds: VecDeque::new(),
            calls: Vec::new(),
            complaints: Vec::new(),
            repeated: Vec::new(),
            description,
            host: String::new(),
            last: 0,
        }
    }

    pub(crate) fn now_us(&self) -> i64 {
        self.settings.clock.now().as_microsecond()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now_us() / 1000
    }

    pub(crate) fn snowflake(&mut self) -> u64 {
        self.last = ids::snowflake(self.now_us(), self.last);
        self.last
    }

    pub(crate) fn complain(&mut self, route: &str, what: impl Into<String>) {
        self.complaints.push(Complaint { route: route.to_owned(), what: what.into() });
    }

    pub(crate) fn user_json(&self, id: UserId) -> Value {
        self.users.get(&id).map_or_else(|| json!({"id": id.json()}), User::json)
    }

    pub(crate) fn channel(&self, id: ChannelId) -> &Channel {
        self.channels.get(&id).unwrap_or_else(|| panic!("there is no channel {id}"))
    }

    pub(crate) fn message(&self, channel: ChannelId, id: MessageId) -> Option<&Message> {
        let messages = &self.channels.get(&channel)?.messages;
        messages.iter().rev().find(|m| m.id == id && !m.deleted)
    }

    pub(crate) fn message_mut(
        &mut self,
        channel: ChannelId,
        id: MessageId,
    ) -> Option<&mut Message> {
        let messages = &mut self.channels.get_mut(&channel)?.messages;
        messages.iter_mut().rev().find(|m| m.id == id && !m.deleted)
    }

    /// What somebody may do in a guild as a whole.
    pub(crate) fn base(&self, user: UserId, guild: &Guild) -> Permissions {
        let Some(member) = guild.members.get(&user) else { return Permissions::NONE };
        if guild.owner == user {
            return Permissions::ALL;
        }
        let everyone = RoleId(guild.id.0);
        let roles = member.roles.iter().chain([&everyone]).filter_map(|id| guild.roles.get(id));
        let base = roles.fold(Permissions::NONE, |all, role| all | role.permissions);
        if base.has(Permissions::ADMINISTRATOR) { Permissions::ALL } else { base }
    }

    /// What somebody may do in a channel, a thread or a direct chat; nothing, if they do not see it.
    pub(crate) fn permissions(&self, user: UserId, channel: ChannelId) -> Permissions {
        let Some(channel) = self.channels.get(&channel) else { return Permissions::NONE };
        let Some(guild) = channel.guild.and_then(|id| self.guilds.get(&id)) else {
            let inside = channel.recipient == Some(user) || user == self.me;
            return if inside { Permissions::USUAL } else { Permissions::NONE };
        };
        let mut all = self.base(user, guild);
        if all == Permissions::ALL || all == Permissions::NONE {
            return all;
        }
        let ruling = channel.parent.and_then(|id| self.channels.get(&id)).unwrap_or(channel);
        let member = &guild.members[&user];
        let everyone = ruling.overwrites.get(&guild.id.0).copied().unwrap_or_default();
        all = all & !everyone.1 | everyone.0;
        let of_roles = member.roles.iter().filter_map(|role| ruling.overwrites.get(&role.0));
        let (allow, deny) = of_roles
            .fold((Permissions::NONE, Permissions::NONE), |(allow, deny), rule| {
                (allow | rule.0, deny | rule.1)
            });
        all = all & !deny | allow;
        let own = ruling.overwrites.get(&user.0).copied().unwrap_or_default();
        all = all & !own.1 | own.0;
        let private = channel.kind == ChannelKind::PrivateThread;
        let hidden = private
            && !channel.thread_members.contains(&user)
            && !all.has(Permissions::MANAGE_THREADS);
        if hidden || !all.has(Permissions::VIEW_CHANNEL) { Permissions::NONE } else { all }
    }

    /// Whether somebody can be pinged in a channel; whoever is named in a private thread is brought
    /// into it.
    pub(crate) fn reachable(&self, user: UserId, id: ChannelId) -> bool {
        let channel = self.channels.get(&id);
        let private = channel.filter(|c| c.kind == ChannelKind::PrivateThread);
        let seen = private.and_then(|thread| thread.parent).unwrap_or(id);
        self.permissions(user, seen).has(Permissions::VIEW_CHANNEL)
    }

    /// A channel that the bot sees and may do this in.
    pub(crate) fn allowed(&self, id: ChannelId, need: Permissions) -> Result<&Channel, Refusal> {
        let channel = self.channels.get(&id).ok_or_else(Refusal::unknown_channel)?;
        let may = self.permissions(self.me, id);
        if !may.has(Permissions::VIEW_CHANNEL) {
            return Err(Refusal::missing_access());
        }
        if !may.has(need) {
            return Err(Refusal::missing_permissions());
        }
        Ok(channel)
    }

    /// A channel that the bot may write to, and what it may do there.
    pub(crate) fn writable(&self, id: ChannelId) -> Result<(&Channel, Permissions), Refusal> {
        let send = match self.channels.get(&id).map(|c| c.kind) {
            Some(ChannelKind::PublicThread | ChannelKind::PrivateThread) => {
                Permissions::SEND_MESSAGES_IN_THREADS
            }
            _ => Permissions::SEND_MESSAGES,
        };
        let channel = self.allowed(id, send)?;
        let may = self.permissions(self.me, id);
        if channel.locked && !may.has(Permissions::MANAGE_THREADS) {
            return Err(Refusal::new(403, 160_005, "Thread is locked"));
        }
        if let Some(person) = channel.recipient {
            let shared = self
                .guilds
                .values()
                .any(|g| g.bot_is_in(self.me) && g.members.contains_key(&person));
            let blocked = self.users.get(&person).is_some_and(|u| u.blocks_bot);
            if blocked || !shared {
                return Err(Refusal::new(403, 50007, "Cannot send messages to this user"));
            }
        }
        Ok((channel, may))
    }

    /// Puts a message into its channel and tells of it; a thread wakes, and who is named in a
    /// private one is in it from then on.
    pub(crate) fn post(&mut self, message: Message) -> Message {
        let me = self.me;
        if let Some(channel) = self.channels.get_mut(&message.channel) {
            channel.messages.push(message.clone());
            if channel.kind.is_thread() && message.only_for.is_none() {
                channel.thread_members.extend(message.pings.users.iter());
                channel.thread_members.insert(message.author);
                let woken = std::mem::replace(&mut channel.archived, false);
                if woken {
                    self.tell_channel("THREAD_UPDATE", message.channel);
                }
            }
        }
        // What only one person sees comes with the answer to whoever sent it, and not by the gateway.
        if message.only_for.is_none() || message.author != me {
            self.tell_message("MESSAGE_CREATE", &message);
        }
        message
    }
}
