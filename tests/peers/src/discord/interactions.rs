//! What people do with commands, buttons, menus and forms.

use super::rest::command_kind;
use super::world::World;
use super::{ChannelId, Discord, GuildId, InteractionId, Message, MessageId, Permissions, UserId};
use serde_json::{Value, json};

/// What kind of thing somebody did, with Discord's number of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// Used a command.
    Command = 2,
    /// Pressed a button or chose from a menu.
    Component = 3,
    /// Is typing an option, and waits for what is offered.
    Typed = 4,
    /// Sent a form.
    Submitted = 5,
}

/// Something that somebody did, and what has become of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Interaction {
    /// Its number.
    pub id: InteractionId,
    /// What kind of thing.
    pub kind: Did,
    /// Who.
    pub user: UserId,
    /// Where.
    pub channel: ChannelId,
    /// The first answer, if there was one.
    pub reply: Option<Reply>,
    /// The message that `@original` names now.
    pub original: Option<MessageId>,
    /// The message whose button or menu it was.
    pub source: Option<(ChannelId, MessageId)>,
    pub(crate) token: String,
    pub(crate) at_ms: i64,
    pub(crate) on_message: bool,
}

/// How an interaction was answered first.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// By a message.
    Message(Message),
    /// Later: it says that the bot is thinking.
    Deferred(Message),
    /// The message with the button stays as it is, or is changed later.
    DeferredUpdate,
    /// By changing the message with the button.
    Updated(Message),
    /// By what is offered to somebody who types.
    Choices(Vec<Value>),
    /// By a form, as it was sent.
    Modal(Value),
}

impl Reply {
    /// The message in it.
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Message(message) | Self::Deferred(message) | Self::Updated(message) => {
                Some(message)
            }
            Self::DeferredUpdate | Self::Choices(_) | Self::Modal(_) => None,
        }
    }
}

impl World {
    /// Tells the bot of an interaction.
    fn interact(
        &mut self,
        (user, channel): (UserId, ChannelId),
        kind: Did,
        data: &Value,
        source: Option<(ChannelId, MessageId)>,
    ) -> InteractionId {
        assert!(self.users.contains_key(&user), "there is nobody {user}");
        let may = self.permissions(user, channel);
        assert!(may.has(Permissions::VIEW_CHANNEL), "they do not see the channel");
        let id = InteractionId(self.snowflake());
        let token = format!("aW50ZXJhY3Rpb24-{id}");
        let (held, locale) = (self.channel(channel), self.users[&user].locale.clone());
        let guild = held.guild;
        let me = self.permissions(self.me, channel);
        let context = if guild.is_some() { 0 } else { 1 };
        let owner = guild.map_or("0".to_owned(), |guild| guild.to_string());
        let mut shown_channel = self.channel_json(held);
        shown_channel["permissions"] = json!(may.0.to_string());
        let mut body = json!({"id": id.json(), "application_id": self.me.json(), "type": kind as u8,
            "data": data, "channel_id": channel.json(), "channel": shown_channel, "token": token,
            "version": 1, "app_permissions": me.0.to_string(), "locale": locale, "entitlements": [],
            "authorizing_integration_owners": {"0": owner}, "context": context,
            "attachment_size_limit": 10_485_760});
        match guild.and_then(|id| self.guilds.get(&id)) {
            Some(guild) => {
                let mut member = self.member_json(guild, user).unwrap_or_default();
                member["permissions"] = json!(may.0.to_string());
                body["member"] = member;
                body["guild_id"] = guild.id.json();
                body["guild_locale"] = json!(guild.locale);
                body["guild"] =
                    json!({"id": guild.id.json(), "locale": guild.locale, "features": []});
            }
            None => body["user"] = self.user_json(user),
        }
        if let Some(message) = source.and_then(|(channel, id)| self.message(channel, id)) {
            body["message"] = self.message_json(message, true);
        }
        let (at_ms, on_message) = (self.now_ms(), data["target_id"].is_string());
        let interaction = Interaction {
            id,
            kind,
            user,
            channel,
            reply: None,
            original: None,
            source,
            token,
            at_ms,
            on_message,
        };
        self.interactions.insert(id, interaction);
        self.tell_interaction(guild, &body);
        id
    }

    /// A command that is offered in a channel.
    fn command(&self, channel: ChannelId, name: &str, kind: u64) -> Value {
        let guild: Option<GuildId> = self.channel(channel).guild;
        let own = self.commands.get(&guild).filter(|_| guild.is_some());
        let all = own.into_iter().chain(self.commands.get(&None)).flatten();
        let mut named = all.filter(|c| c["name"] == name && command_kind(c) == kind);
        let found = named.next().unwrap_or_else(|| panic!("no command `{name}` is offered here"));
        let direct = found["dm_permission"] != false
            && found["contexts"].as_array().is_none_or(|all| all.contains(&json!(1)));
        assert!(guild.is_some() || direct, "`{name}` is not offered in direct chats");
        found.clone()
    }
}

/// The options of a command that somebody gives, `sub/name` for those of a subcommand.
fn given(command: &Value, options: &[(&str, Value)], focused: Option<&str>) -> Value {
    let mut all: Vec<Value> = Vec::new();
    let known = command["options"].as_array().map(Vec::as_slice).unwrap_or_default();
    for (name, value) in options {
        if let Some((sub, name)) = name.split_once('/') {
            let inner = known.iter().find(|o| o["name"] == sub).expect("the subcommand exists");
            let inside = |other: &str| other.split_once('/').is_some_and(|(s, _)| s == sub);
            if all.is_empty() {
                let same: Vec<(&str, Value)> = options
                    .iter()
                    .filter(|(other, _)| inside(other))
                    .filter_map(|(other, value)| Some((other.split_once('/')?.1, value.clone())))
                    .filter(|(other, _)| !other.is_empty())
                    .collect();
                let options = given(
                    inner,
                    &same,
                    focused.map(|f| f.trim_start_matches(sub).trim_start_matches('/')),
                );
                all.push(json!({"name": sub, "type": inner["type"], "options": options}));
            }
            assert!(inside(&format!("{sub}/{name}")), "one subcommand at a time");
            continue;
        }
        let option = known.iter().find(|o| o["name"] == *name);
        let option = option.unwrap_or_else(|| panic!("the command has no option `{name}`"));
        let mut shown = json!({"name": name, "type": option["type"], "value": value});
        if focused == Some(*name) {
            assert_eq!(option["autocomplete"], true, "`{name}` offers nothing while it is typed");
            shown["focused"] = json!(true);
        }
        all.push(shown);
    }
    let needed = known.iter().filter(|o| o["required"] == true && focused.is_none());
    for option in needed {
        let there = all.iter().any(|given| given["name"] == option["name"]);
        assert!(there, "the command needs {}", option["name"]);
    }
    json!(all)
}

impl Discord {
    /// Somebody uses a slash command, with values by the names of its options (`sub/name` for
    /// those of a subcommand, `sub/` for a subcommand without any).
    ///
    /// # Panics
    /// If the bot offers no such command there, or it does not take these options.
    pub fn command(
        &self,
        user: UserId,
        channel: ChannelId,
        name: &str,
        options: &[(&str, Value)],
    ) -> InteractionId {
        let mut world = self.shared.lock();
        let command = world.command(channel, name, 1);
        let mut data = json!({"id": command["id"], "name": name, "type": 1,
            "options": given(&command, options, None)});
        if let Some(guild) = command.get("guild_id") {
            data["guild_id"] = guild.clone();
        }
        let id = world.interact((user, channel), Did::Command, &data, None);
        drop(world);
        self.shared.wake();
        id
    }

    /// Somebody has typed so much of an option, and waits for what is offered.
    ///
    /// # Panics
    /// If the bot offers no such command there, or the option offers nothing.
    pub fn type_option(
        &self,
        user: UserId,
        channel: ChannelId,
        name: &str,
        (option, typed): (&str, &str),
    ) -> InteractionId {
        let mut world = self.shared.lock();
        let command = world.command(channel, name, 1);
        let options = given(&command, &[(option, json!(typed))], Some(option));
        let data = json!({"id": command["id"], "name": name, "type": 1, "options": options});
        let id = world.interact((user, channel), Did::Typed, &data, None);
        drop(world);
        self.shared.wake();
        id
    }

    /// Somebody uses a command from a message's menu. The bot is shown the whole message.
    ///
    /// # Panics
    /// If the bot offers no such command there, or there is no such message.
    pub fn message_command(
        &self,
        user: UserId,
        channel: ChannelId,
        message: MessageId,
        name: &str,
    ) -> InteractionId {
        let mut world = self.shared.lock();
        let command = world.command(channel, name, 3);
        let target = world.message(channel, message).expect("the message is still there");
        let shown = world.message_json(target, true);
        let data = json!({"id": command["id"], "name": name, "type": 3, "target_id": message.json(),
            "resolved": {"messages": {message.to_string(): shown}}});
        let id = world.interact((user, channel), Did::Command, &data, None);
        drop(world);
        self.shared.wake();
        id
    }

    fn use_control(
        &self,
        user: UserId,
        (channel, message): (ChannelId, MessageId),
        custom_id: &str,
        values: Option<&[&str]>,
    ) -> InteractionId {
        let mut world = self.shared.lock();
        let held = world.message(channel, message).expect("the message is still there");
        let seen = held.only_for.is_none_or(|only| only == user);
        assert!(seen, "they do not see the message");
        let control = held.control(custom_id);
        let control = control.unwrap_or_else(|| panic!("the message has no `{custom_id}`"));
        assert_ne!(control["disabled"], true, "`{custom_id}` is disabled");
        let mut data = json!({"custom_id": custom_id, "component_type": control["type"], "id": 1});
        assert_eq!(
            control["type"] == 2,
            values.is_none(),
            "buttons are pressed, menus chosen from"
        );
        if let Some(values) = values {
            let options = control["options"].as_array().cloned().unwrap_or_default();
            let known = |value: &&str| options.iter().any(|option| option["value"] == **value);
            assert!(values.iter().all(known), "the menu does not have all of {values:?}");
            data["values"] = json!(values);
        }
        let id = world.interact((user, channel), Did::Component, &data, Some((channel, message)));
        drop(world);
        self.shared.wake();
        id
    }

    /// Somebody presses a button.
    ///
    /// # Panics
    /// If there is no such message or button, or they do not see it.
    pub fn press(
        &self,
        user: UserId,
        channel: ChannelId,
        message: MessageId,
        custom_id: &str,
    ) -> InteractionId {
        self.use_control(user, (channel, message), custom_id, None)
    }

    /// Somebody presses a button that the message does not have as far as the peer knows: one of an
    /// earlier version of the bot's, or one that nobody made.
    ///
    /// # Panics
    /// If there is no such message.
    pub fn press_code(
        &self,
        user: UserId,
        channel: ChannelId,
        message: MessageId,
        custom_id: &str,
    ) -> InteractionId {
        let mut world = self.shared.lock();
        assert!(world.message(channel, message).is_some(), "the message is still there");
        let data = json!({"custom_id": custom_id, "component_type": 2, "id": 1});
        let id = world.interact((user, channel), Did::Component, &data, Some((channel, message)));
        drop(world);
        self.shared.wake();
        id
    }

    /// Somebody chooses from a menu.
    ///
    /// # Panics
    /// If there is no such message or menu, or it does not have these values.
    pub fn choose(
        &self,
        user: UserId,
        (channel, message): (ChannelId, MessageId),
        custom_id: &str,
        values: &[&str],
    ) -> InteractionId {
        self.use_control(user, (channel, message), custom_id, Some(values))
    }

    /// Somebody fills in and sends the form that an interaction of theirs was answered with, with
    /// texts by the fields' `custom_id`; those that are left out keep what the form said.
    ///
    /// # Panics
    /// If there was no form, or it has no such field, or a field's rules are broken.
    pub fn submit(&self, interaction: InteractionId, fields: &[(&str, &str)]) -> InteractionId {
        let mut world = self.shared.lock();
        let held = world.interactions[&interaction].clone();
        let Some(Reply::Modal(form)) = &held.reply else { panic!("there is no form to send") };
        let mut rows = Vec::new();
        let shown = form["components"].as_array().cloned().unwrap_or_default();
        for field in shown.iter().map(|row| &row["components"][0]) {
            let id = &field["custom_id"];
            let filled = fields.iter().find(|(name, _)| *id == *name).map(|(_, text)| *text);
            let text = filled.or(field["value"].as_str()).unwrap_or_default();
            let count = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            let needed = field["required"] != false;
            assert!(!needed || count > 0, "the field {id} must be filled in");
            let most = field["max_length"].as_u64().unwrap_or(4_000);
            assert!(count <= most, "the field {id} takes {most} characters");
            let least = field["min_length"].as_u64().unwrap_or_default();
            assert!(count == 0 || count >= least, "the field {id} wants {least} characters");
            rows.push(json!({"type": 1, "components":
                [{"type": 4, "custom_id": id, "value": text}]}));
        }
        let known = |name: &str| shown.iter().any(|r| r["components"][0]["custom_id"] == name);
        assert!(fields.iter().all(|(name, _)| known(name)), "the form does not have all fields");
        let data = json!({"custom_id": form["custom_id"], "components": rows});
        let at = (held.user, held.channel);
        let id = world.interact(at, Did::Submitted, &data, held.source);
        drop(world);
        self.shared.wake();
        id
    }
}
