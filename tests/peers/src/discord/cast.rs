//! Who is there: people, guilds, channels, roles.

use super::message::time;
use super::world::World;
use super::{ChannelId, Discord, GuildId, Message, Permissions, RoleId, UserId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody, or the bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) locale: String,
    pub(crate) is_bot: bool,
    pub(crate) blocks_bot: bool,
}

impl User {
    /// Somebody who uses Discord in American English.
    pub fn new(name: &str) -> Self {
        let (name, locale) = (name.to_owned(), "en-US".to_owned());
        Self { id: UserId(0), name, locale, is_bot: false, blocks_bot: false }
    }

    /// Uses Discord in another language, such as `de`.
    #[must_use]
    pub fn locale(mut self, locale: &str) -> Self {
        locale.clone_into(&mut self.locale);
        self
    }

    /// Is another bot.
    #[must_use]
    pub fn bot(mut self) -> Self {
        self.is_bot = true;
        self
    }

    pub(crate) fn json(&self) -> Value {
        let tag = if self.is_bot { "0001" } else { "0" };
        json!({"id": self.id.json(), "username": self.name, "discriminator": tag,
            "global_name": if self.is_bot { Value::Null } else { json!(self.name) },
            "avatar": null, "bot": self.is_bot, "public_flags": 0})
    }
}

/// What somebody is in a guild.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) roles: BTreeSet<RoleId>,
    pub(crate) joined_us: i64,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) id: RoleId,
    pub(crate) name: String,
    pub(crate) permissions: Permissions,
    pub(crate) mentionable: bool,
}

impl Role {
    pub(crate) fn json(&self) -> Value {
        json!({"id": self.id.json(), "name": self.name, "color": 0, "hoist": false, "icon": null,
            "unicode_emoji": null, "position": 0, "permissions": self.permissions.0.to_string(),
            "managed": false, "mentionable": self.mentionable, "flags": 0,
            "colors": {"primary_color": 0, "secondary_color": null, "tertiary_color": null}})
    }
}

/// A guild.
#[derive(Clone, Debug)]
pub(crate) struct Guild {
    pub(crate) id: GuildId,
    pub(crate) name: String,
    pub(crate) owner: UserId,
    pub(crate) locale: String,
    pub(crate) roles: BTreeMap<RoleId, Role>,
    pub(crate) members: BTreeMap<UserId, Member>,
}

impl Guild {
    pub(crate) fn bot_is_in(&self, bot: UserId) -> bool {
        self.members.contains_key(&bot)
    }

    pub(crate) fn json(&self) -> Value {
        let roles: Vec<Value> = self.roles.values().map(Role::json).collect();
        json!({"id": self.id.json(), "name": self.name, "icon": null, "splash": null,
            "discovery_splash": null, "owner_id": self.owner.json(), "afk_channel_id": null,
            "afk_timeout": 300, "verification_level": 0, "default_message_notifications": 1,
            "explicit_content_filter": 0, "roles": roles, "emojis": [], "features": [],
            "mfa_level": 0, "application_id": null, "system_channel_id": null,
            "system_channel_flags": 0, "rules_channel_id": null, "max_presences": null,
            "max_members": 500_000, "vanity_url_code": null, "description": null, "banner": null,
            "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": self.locale,
            "public_updates_channel_id": null, "max_video_channel_users": 25,
            "max_stage_video_channel_users": 50, "nsfw_level": 0, "nsfw": false, "stickers": [],
            "premium_progress_bar_enabled": false, "safety_alerts_channel_id": null,
            "home_header": null, "region": "deprecated", "widget_enabled": false,
            "widget_channel_id": null, "incidents_data": null})
    }
}

/// What a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelKind {
    /// For words, in a guild.
    Text,
    /// A direct chat with the bot.
    Direct,
    /// A thread that all see who see its channel.
    PublicThread,
    /// A thread that its members see.
    PrivateThread,
}

impl ChannelKind {
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Direct => 1,
            Self::PublicThread => 11,
            Self::PrivateThread => 12,
        }
    }

    /// Whether this is a thread of either kind.
    pub fn is_thread(self) -> bool {
        matches!(self, Self::PublicThread | Self::PrivateThread)
    }
}

/// A channel, a thread or a direct chat.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its number.
    pub id: ChannelId,
    /// What it is.
    pub kind: ChannelKind,
    /// Its guild.
    pub guild: Option<GuildId>,
    /// The channel of a thread.
    pub parent: Option<ChannelId>,
    /// What it is called.
    pub name: String,
    /// Who made a thread.
    pub owner: Option<UserId>,
    /// With whom a direct chat is.
    pub recipient: Option<UserId>,
    /// Who is in a thread.
    pub thread_members: BTreeSet<UserId>,
    /// A thread that nobody looks at any more; it wakes when somebody writes.
    pub archived: bool,
    /// A thread that only those who manage threads can write to.
    pub locked: bool,
    /// Members of a private thread may bring others.
    pub invitable: bool,
    pub(crate) archive_minutes: u64,
    pub(crate) made_us: i64,
    /// What roles and members may more and less here.
    pub(crate) overwrites: BTreeMap<u64, (Permissions, Permissions)>,
    pub(crate) messages: Vec<Message>,
}

impl World {
    pub(crate) fn new_channel(&mut self, kind: ChannelKind, name: &str) -> Channel {
        Channel {
            id: ChannelId(self.snowflake()),
            kind,
            guild: None,
            parent: None,
            name: name.to_owned(),
            owner: None,
            recipient: None,
            thread_members: BTreeSet::new(),
            archived: false,
            locked: false,
            invitable: true,
            archive_minutes: 4320,
            made_us: self.now_us(),
            overwrites: BTreeMap::new(),
            messages: Vec::new(),
        }
    }

    /// The direct chat with somebody, made where there is none yet.
    pub(crate) fn direct(&mut self, user: UserId) -> ChannelId {
        self.directs.get(&user).copied().unwrap_or_else(|| {
            let mut channel = self.new_channel(ChannelKind::Direct, "");
            channel.recipient = Some(user);
            let id = channel.id;
            self.channels.insert(id, channel);
            self.directs.insert(user, id);
            id
        })
    }

    /// A channel as Discord shows it.
    pub(crate) fn channel_json(&self, channel: &Channel) -> Value {
        let last = channel.messages.iter().rev().find(|m| m.only_for.is_none());
        let mut body = json!({"id": channel.id.json(), "type": channel.kind.number(),
            "last_message_id": last.map(|m| m.id.json()), "flags": 0});
        if let Some(person) = channel.recipient {
            body["recipients"] = json!([self.user_json(person)]);
            return body;
        }
        body["guild_id"] = json!(channel.guild.map(GuildId::json));
        body["name"] = json!(channel.name);
        body["parent_id"] = json!(channel.parent.map(ChannelId::json));
        body["rate_limit_per_user"] = json!(0);
        if !channel.kind.is_thread() {
            let guild = channel.guild.map(|g| g.0);
            let roles = channel.guild.and_then(|id| self.guilds.get(&id)).map(|g| &g.roles);
            let is_role = |id: &u64| {
                guild == Some(*id) || roles.is_some_and(|r| r.contains_key(&RoleId(*id)))
            };
            let rules = channel.overwrites.iter().map(|(id, (allow, deny))| {
                json!({"id": id.to_string(), "type": u8::from(!is_role(id)),
                    "allow": allow.0.to_string(), "deny": deny.0.to_string()})
            });
            body["permission_overwrites"] = rules.collect();
            body["topic"] = Value::Null;
            body["nsfw"] = json!(false);
            body["position"] = json!(0);
            return body;
        }
        body["owner_id"] = json!(channel.owner.map(UserId::json));
        let shown = channel.messages.iter().filter(|m| m.only_for.is_none()).count();
        body["message_count"] = json!(shown);
        body["total_message_sent"] = json!(shown);
        body["member_count"] = json!(channel.thread_members.len());
        body["thread_metadata"] = json!({"archived": channel.archived, "locked": channel.locked,
            "auto_archive_duration": channel.archive_minutes,
            "archive_timestamp": time(channel.made_us), "create_timestamp": time(channel.made_us)});
        if channel.kind == ChannelKind::PrivateThread {
            body["thread_metadata"]["invitable"] = json!(channel.invitable);
        }
        if channel.thread_members.contains(&self.me) {
            body["member"] = self.thread_member_json(channel, self.me);
        }
        body
    }

    pub(crate) fn thread_member_json(&self, channel: &Channel, user: UserId) -> Value {
        json!({"id": channel.id.json(), "user_id": user.json(),
            "join_timestamp": time(channel.made_us), "flags": 0})
    }

    /// What somebody is in a guild, as Discord shows it.
    pub(crate) fn member_json(&self, guild: &Guild, user: UserId) -> Option<Value> {
        let member = guild.members.get(&user)?;
        let roles: Vec<Value> = member.roles.iter().map(|r| r.json()).collect();
        Some(json!({"user": self.user_json(user), "nick": null, "avatar": null, "roles": roles,
            "joined_at": time(member.joined_us), "premium_since": null, "deaf": false, "mute": false,
            "flags": 0, "pending": false, "communication_disabled_until": null}))
    }

    /// A guild as the gateway shows it when it becomes available.
    pub(crate) fn guild_create(&self, guild: &Guild) -> Value {
        let mut body = guild.json();
        let inside = self.channels.values().filter(|c| {
            c.guild == Some(guild.id)
                && self.permissions(self.me, c.id).has(Permissions::VIEW_CHANNEL)
        });
        let (threads, channels): (Vec<_>, Vec<_>) = inside.partition(|c| c.kind.is_thread());
        let shown =
            |all: Vec<&Channel>| all.iter().map(|c| self.channel_json(c)).collect::<Value>();
        body["channels"] = shown(channels);
        body["threads"] = shown(threads.into_iter().filter(|t| !t.archived).collect());
        body["joined_at"] = time(guild.members.get(&self.me).map_or(0, |m| m.joined_us));
        body["large"] = json!(false);
        body["unavailable"] = json!(false);
        body["member_count"] = json!(guild.members.len());
        body["members"] = json!([self.member_json(guild, self.me)]);
        for list in ["voice_states", "presences", "stage_instances", "guild_scheduled_events"] {
            body[list] = json!([]);
        }
        body["soundboard_sounds"] = json!([]);
        body
    }
}

impl Discord {
    /// Somebody new.
    pub fn add_user(&self, user: User) -> UserId {
        let mut world = self.shared.lock();
        let id = UserId(world.snowflake());
        world.users.insert(id, User { id, ..user });
        id
    }

    /// A guild of somebody's that the bot is in, with the permissions of `@everyone` alone.
    ///
    /// # Panics
    /// If there is no such person.
    pub fn add_guild(&self, name: &str, owner: UserId) -> GuildId {
        let mut world = self.shared.lock();
        assert!(world.users.contains_key(&owner), "there is nobody {owner}");
        let (id, me, joined_us) = (GuildId(world.snowflake()), world.me, world.now_us());
        let everyone = Role {
            id: RoleId(id.0),
            name: "@everyone".to_owned(),
            permissions: Permissions::USUAL,
            mentionable: false,
        };
        let member = Member { roles: BTreeSet::new(), joined_us };
        let members = BTreeMap::from([(owner, member.clone()), (me, member)]);
        let roles = BTreeMap::from([(everyone.id, everyone)]);
        let (name, locale) = (name.to_owned(), "en-US".to_owned());
        world.guilds.insert(id, Guild { id, name, owner, locale, roles, members });
        world.tell_guild("GUILD_CREATE", id);
        drop(world);
        self.shared.wake();
        id
    }

    /// A channel for words.
    ///
    /// # Panics
    /// If there is no such guild.
    pub fn add_channel(&self, guild: GuildId, name: &str) -> ChannelId {
        let mut world = self.shared.lock();
        assert!(world.guilds.contains_key(&guild), "there is no guild {guild}");
        let mut channel = world.new_channel(ChannelKind::Text, name);
        channel.guild = Some(guild);
        let id = channel.id;
        world.channels.insert(id, channel);
        world.tell_channel("CHANNEL_CREATE", id);
        drop(world);
        self.shared.wake();
        id
    }

    /// A role with permissions.
    ///
    /// # Panics
    /// If there is no such guild.
    pub fn add_role(&self, guild: GuildId, name: &str, permissions: Permissions) -> RoleId {
        let mut world = self.shared.lock();
        let id = RoleId(world.snowflake());
        let role = Role { id, name: name.to_owned(), permissions, mentionable: false };
        let shown = json!({"guild_id": guild.json(), "role": role.json()});
        world.guilds.get_mut(&guild).expect("the guild exists").roles.insert(id, role);
        world.tell_in_guild("GUILD_ROLE_CREATE", guild, shown);
        drop(world);
        self.shared.wake();
        id
    }

    /// Whether a role may be pinged by everybody.
    ///
    /// # Panics
    /// If there is no such role.
    pub fn set_mentionable(&self, guild: GuildId, role: RoleId, mentionable: bool) {
        let mut world = self.shared.lock();
        let guild = world.guilds.get_mut(&guild).expect("the guild exists");
        guild.roles.get_mut(&role).expect("the role exists").mentionable = mentionable;
    }

    /// Somebody joins a guild; the bot, if it is the bot.
    ///
    /// # Panics
    /// If there is no such guild or person.
    pub fn join(&self, user: UserId, guild: GuildId) {
        let mut world = self.shared.lock();
        let (joined_us, me) = (world.now_us(), world.me);
        assert!(world.users.contains_key(&user), "there is nobody {user}");
        let held = world.guilds.get_mut(&guild).expect("the guild exists");
        held.members.entry(user).or_insert(Member { roles: BTreeSet::new(), joined_us });
        if user == me {
            world.tell_guild("GUILD_CREATE", guild);
        }
        drop(world);
        self.shared.wake();
    }

    /// Somebody leaves a guild, or is thrown out; the bot too.
    ///
    /// # Panics
    /// If there is no such guild.
    pub fn part(&self, user: UserId, guild: GuildId) {
        let mut world = self.shared.lock();
        let me = world.me;
        if user == me {
            let gone = json!({"id": guild.json(), "unavailable": false});
            world.tell_in_guild("GUILD_DELETE", guild, gone);
        }
        world.guilds.get_mut(&guild).expect("the guild exists").members.remove(&user);
        drop(world);
        self.shared.wake();
    }

    /// Gives somebody a role, or takes it away.
    ///
    /// # Panics
    /// If they are not in the guild, or it has no such role.
    pub fn set_role(&self, guild: GuildId, user: UserId, role: RoleId, has: bool) {
        let mut world = self.shared.lock();
        let held = world.guilds.get_mut(&guild).expect("the guild exists");
        assert!(held.roles.contains_key(&role), "there is no role {role}");
        let member = held.members.get_mut(&user).expect("they are in the guild");
        if has {
            member.roles.insert(role);
        } else {
            member.roles.remove(&role);
        }
        world.tell_member(guild, user);
        drop(world);
        self.shared.wake();
    }

    /// What a role or a member may more and less in a channel than elsewhere.
    ///
    /// # Panics
    /// If there is no such channel.
    pub fn set_overwrite(
        &self,
        channel: ChannelId,
        who: u64,
        allow: Permissions,
        deny: Permissions,
    ) {
        let mut world = self.shared.lock();
        let held = world.channels.get_mut(&channel).expect("the channel exists");
        held.overwrites.insert(who, (allow, deny));
        world.tell_channel("CHANNEL_UPDATE", channel);
        drop(world);
        self.shared.wake();
    }

    /// The direct chat of somebody with the bot.
    pub fn direct(&self, user: UserId) -> ChannelId {
        self.shared.lock().direct(user)
    }

    /// Somebody takes no direct messages of the bot any more, or takes them again.
    ///
    /// # Panics
    /// If there is no such person.
    pub fn block(&self, user: UserId, blocks: bool) {
        let mut world = self.shared.lock();
        world.users.get_mut(&user).expect("the person exists").blocks_bot = blocks;
    }
}
