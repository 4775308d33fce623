//! What `pollen doctor` asks of Discord; nothing is changed by it.

use crate::event::Id;
use crate::failure::{Failed, WRONG_TOKEN};
use crate::menu::commands;
use crate::rest::Rest;
use crate::settings::Settings;
use contract::Finding;
use serde::Deserialize;
use serde_json::Value;
use serenity::http::Route;
use serenity::model::id::{ApplicationId, ChannelId, GuildId, UserId};

/// Guilds whose channels are looked through.
const GUILDS_MAX: usize = 10;
/// Channels that are named where something is missing.
const NAMED_MAX: usize = 5;

/// What may be done, with Discord's bits of it (developers/topics/permissions) and its words.
const ADMINISTRATOR: u64 = 1 << 3;
const VIEW_CHANNEL: (u64, &str) = (1 << 10, "View Channel");
const SEND_MESSAGES: (u64, &str) = (1 << 11, "Send Messages");
const EMBED_LINKS: (u64, &str) = (1 << 14, "Embed Links");
const READ_HISTORY: (u64, &str) = (1 << 16, "Read Message History");
const MANAGE_THREADS: (u64, &str) = (1 << 34, "Manage Threads");
const PUBLIC_THREADS: (u64, &str) = (1 << 35, "Create Public Threads");
const IN_THREADS: (u64, &str) = (1 << 38, "Send Messages in Threads");
/// What it needs where it answers, and where staff work.
const TO_ANSWER: [(u64, &str); 4] = [VIEW_CHANNEL, SEND_MESSAGES, EMBED_LINKS, READ_HISTORY];
const TO_WORK: [(u64, &str); 7] = [
    VIEW_CHANNEL,
    SEND_MESSAGES,
    EMBED_LINKS,
    READ_HISTORY,
    PUBLIC_THREADS,
    IN_THREADS,
    MANAGE_THREADS,
];
/// That an application may read what people say to each other: granted, or not asked for yet by a bot
/// in few guilds (developers/resources/application, "Application Flags").
const MAY_READ: u64 = 1 << 18 | 1 << 19;

#[derive(Deserialize)]
struct Me {
    id: Id,
    #[serde(default)]
    username: String,
}

#[derive(Deserialize)]
struct Application {
    id: Id,
    #[serde(default)]
    flags: u64,
}

#[derive(Deserialize)]
struct Guild {
    id: Id,
    #[serde(default)]
    name: String,
    #[serde(default)]
    owner_id: Option<Id>,
}

#[derive(Deserialize)]
struct Role {
    id: Id,
    #[serde(default)]
    name: String,
    #[serde(default)]
    permissions: Bits,
}

#[derive(Deserialize)]
struct Member {
    #[serde(default)]
    roles: Vec<Id>,
}

#[derive(Deserialize)]
struct Channel {
    id: Id,
    #[serde(default, rename = "type")]
    kind: u64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    guild_id: Option<Id>,
    #[serde(default)]
    permission_overwrites: Vec<Overwrite>,
}

/// What a channel says of a role or of a member.
#[derive(Deserialize)]
struct Overwrite {
    id: Id,
    #[serde(default)]
    allow: Bits,
    #[serde(default)]
    deny: Bits,
}

/// Rights, which Discord writes as a text.
#[derive(Clone, Copy, Default)]
struct Bits(u64);

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Bits, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let bits = value.as_u64().or_else(|| value.as_str()?.parse().ok());
        Ok(Bits(bits.unwrap_or_default()))
    }
}

/// Looks the bot over: its token, what it may read, its commands, its rights where it answers and where
/// staff work.
pub async fn look(settings: &Settings) -> Vec<Finding> {
    let rest = match Rest::new(settings) {
        Ok(rest) => rest,
        Err(error) => return vec![Finding::wrong(format!("nothing can be asked: {error}"))],
    };
    let me: Me = match rest.get(Route::UserMe).await {
        Ok(me) => me,
        Err(Failed::WrongToken) => return vec![Finding::wrong(WRONG_TOKEN)],
        Err(failed) => {
            let error = failed.asking();
            return vec![Finding::wrong(format!(
                "Discord cannot be asked ({error}); see to this machine's way to the internet"
            ))];
        }
    };
    let checkup = Checkup { rest: &rest, settings, me: me.id };
    let mut found = vec![Finding::good(format!("the token is that of {}", me.username))];
    found.extend(checkup.application().await);
    found.extend(checkup.guilds().await);
    found.extend(checkup.desk().await);
    found
}

struct Checkup<'a> {
    rest: &'a Rest,
    settings: &'a Settings,
    me: Id,
}

/// What a guild says that the bot may do.
struct Rights {
    guild: Guild,
    roles: Vec<Role>,
    own: Vec<Id>,
    me: Id,
}

impl Checkup<'_> {
    async fn application(&self) -> Vec<Finding> {
        let application: Application = match self.rest.get(Route::Oauth2ApplicationCurrent).await {
            Ok(application) => application,
            Err(failed) => return vec![not_asked("the bot's application", failed)],
        };
        vec![self.content(&application), self.commands(&application).await]
    }

    fn content(&self, application: &Application) -> Finding {
        let granted = application.flags & MAY_READ != 0;
        match (self.settings.message_content, granted) {
            (false, false) => Finding::good(
                "it may not read what people say to each other, and needs not: they ask by \
                 commands, by its name and by replies",
            ),
            (false, true) => Finding::wrong(
                "it may read what people say to each other and makes no use of it; switch Message \
                 Content Intent off at the developer portal (Bot, Privileged Gateway Intents), or \
                 write `message_content = true` under [discord]",
            ),
            (true, true) => Finding::good("it may read what people say to each other"),
            (true, false) => Finding::wrong(
                "it may not read what people say to each other, so `serve` will not get in; switch \
                 Message Content Intent on at the developer portal (Bot, Privileged Gateway \
                 Intents), or write `message_content = false` under [discord]",
            ),
        }
    }

    async fn commands(&self, application: &Application) -> Finding {
        let route = Route::Commands { application_id: ApplicationId::new(application.id.0) };
        let known: Vec<Value> = match self.rest.get(route).await {
            Ok(known) => known,
            Err(failed) => return not_asked("its commands", failed),
        };
        let wanted = commands(&self.settings.langs);
        let wanted = wanted.as_array().map(Vec::as_slice).unwrap_or_default();
        let missing: Vec<&str> = wanted
            .iter()
            .filter(|command| !known.iter().any(|known| known["name"] == command["name"]))
            .filter_map(|command| command["name"].as_str())
            .collect();
        match missing.as_slice() {
            [] => Finding::good(format!("its {} commands are there", wanted.len())),
            _ if known.is_empty() => {
                Finding::good("its commands are announced at the next start of serve".to_owned())
            }
            missing => Finding::good(format!(
                "of its commands {} are announced at the next start of serve",
                missing.join(", ")
            )),
        }
    }

    async fn guilds(&self) -> Vec<Finding> {
        let guilds: Vec<Guild> = match self.rest.get(Route::UserMeGuilds).await {
            Ok(guilds) => guilds,
            Err(failed) => return vec![not_asked("its servers", failed)],
        };
        if guilds.is_empty() {
            return vec![Finding::wrong(
                "the bot is on no server; open the link that docs/discord.md shows how to make",
            )];
        }
        let mut found = Vec::new();
        for guild in guilds.into_iter().take(GUILDS_MAX) {
            let name = guild.name.clone();
            found.push(match self.guild(guild.id).await {
                Ok(finding) => finding,
                Err(failed) => not_asked(&format!("what it may do on \"{name}\""), failed),
            });
        }
        found
    }

    /// What it may do in the channels of a guild.
    async fn guild(&self, guild: Id) -> Result<Finding, Failed> {
        let rights = self.rights(guild).await?;
        let route = Route::GuildChannels { guild_id: GuildId::new(guild.0) };
        let channels: Vec<Channel> = self.rest.get(route).await?;
        let texts = channels.iter().filter(|channel| matches!(channel.kind, 0 | 5));
        let seen: Vec<&Channel> =
            texts.filter(|channel| rights.missing(channel, &[VIEW_CHANNEL]).is_empty()).collect();
        let name = &rights.guild.name;
        if seen.is_empty() {
            return Ok(Finding::wrong(format!(
                "on \"{name}\" the bot sees no channel; give it View Channel where it is to answer"
            )));
        }
        let lacking: Vec<String> = seen
            .iter()
            .filter_map(|channel| match rights.missing(channel, &TO_ANSWER).as_slice() {
                [] => None,
                missing => Some(format!("#{} {}", channel.name, missing.join(", "))),
            })
            .collect();
        if lacking.is_empty() {
            let count = seen.len();
            return Ok(Finding::good(format!(
                "on \"{name}\" it can answer in all {count} channels that it sees"
            )));
        }
        let more = lacking.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = lacking.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join("; ");
        Ok(Finding::wrong(format!(
            "on \"{name}\" it lacks rights to answer: give it in {named}{more}"
        )))
    }

    async fn rights(&self, guild: Id) -> Result<Rights, Failed> {
        let guild_id = GuildId::new(guild.0);
        let guild: Guild = self.rest.get(Route::Guild { guild_id }).await?;
        let roles: Vec<Role> = self.rest.get(Route::GuildRoles { guild_id }).await?;
        let user_id = UserId::new(self.me.0);
        let member: Member = self.rest.get(Route::GuildMember { guild_id, user_id }).await?;
        Ok(Rights { guild, roles, own: member.roles, me: self.me })
    }

    async fn desk(&self) -> Vec<Finding> {
        let Some(channel) = self.settings.staff_channel else { return Vec::new() };
        let route = Route::Channel { channel_id: ChannelId::new(channel) };
        let channel: Channel = match self.rest.get(route).await {
            Ok(channel) => channel,
            Err(failed) => {
                let error = failed.asking();
                return vec![Finding::wrong(format!(
                    "the staff's channel {channel} cannot be seen ({error}); give the bot View \
                     Channel there, and see that `staff_channel` is its number"
                ))];
            }
        };
        let Some(guild) = channel.guild_id.filter(|_| channel.kind == 0) else {
            return vec![Finding::wrong(format!(
                "`staff_channel` {} is no text channel of a server; name one that is",
                channel.id
            ))];
        };
        let rights = match self.rights(guild).await {
            Ok(rights) => rights,
            Err(failed) => return vec![not_asked("its rights in the staff's channel", failed)],
        };
        vec![at_desk(&rights, &channel), self.role(&rights)]
    }

    fn role(&self, rights: &Rights) -> Finding {
        let role = self.settings.staff_role.unwrap_or_default();
        match rights.roles.iter().find(|known| known.id.0 == role) {
            Some(role) => Finding::good(format!("whoever has the role \"{}\" is staff", role.name)),
            None => Finding::wrong(format!(
                "there is no role {role} on \"{}\", so nobody is staff; write the number of one as \
                 `staff_role`",
                rights.guild.name
            )),
        }
    }
}

fn at_desk(rights: &Rights, channel: &Channel) -> Finding {
    match rights.missing(channel, &TO_WORK).as_slice() {
        [] => Finding::good(format!("staff work in #{}, a thread a case", channel.name)),
        missing => Finding::wrong(format!(
            "the bot lacks rights in #{}, where staff work: give it {}",
            channel.name,
            missing.join(", ")
        )),
    }
}

impl Rights {
    /// Which of these the bot may not do in a channel, in Discord's words
    /// (developers/topics/permissions, "Permission Overwrites").
    fn missing(&self, channel: &Channel, needed: &[(u64, &'static str)]) -> Vec<&'static str> {
        let has = self.of(channel);
        needed.iter().filter(|(bit, _)| has & bit == 0).map(|(_, name)| *name).collect()
    }

    fn of(&self, channel: &Channel) -> u64 {
        if self.guild.owner_id == Some(self.me) {
            return u64::MAX;
        }
        let everyone = self.guild.id;
        let is_own = |id: Id| id == everyone || self.own.contains(&id);
        let roles = self.roles.iter().filter(|role| is_own(role.id));
        let mut has = roles.fold(0, |has, role| has | role.permissions.0);
        if has & ADMINISTRATOR != 0 {
            return u64::MAX;
        }
        // First what is said of everybody, then of roles together, then of the bot.
        let mut apply = |is: &dyn Fn(Id) -> bool| {
            let (mut allow, mut deny) = (0, 0);
            for overwrite in channel.permission_overwrites.iter().filter(|o| is(o.id)) {
                allow |= overwrite.allow.0;
                deny |= overwrite.deny.0;
            }
            has = (has & !deny) | allow;
        };
        apply(&|id| id == everyone);
        apply(&|id| self.own.contains(&id));
        apply(&|id| id == self.me);
        has
    }
}

fn not_asked(what: &str, failed: Failed) -> Finding {
    Finding::wrong(format!("{what} cannot be asked: {}", failed.asking()))
}
