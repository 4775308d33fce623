//! The bot itself, guilds, members, roles, where the gateway is.

use super::{Answer, Outcome, Request};
use crate::discord::cast::Guild;
use crate::discord::gateway::DAY_MS;
use crate::discord::refusal::Refusal;
use crate::discord::world::World;
use crate::discord::{Permissions, UserId, check};
use serde_json::{Value, json};

impl World {
    /// Where clients connect to.
    pub(crate) fn gateway_address(&self) -> String {
        format!("ws://{}/gateway", self.host)
    }

    /// Which privileged intents the application has, as its flags say it.
    pub(crate) fn application_flags(&self) -> u64 {
        let flag = |has: bool, bit: u32| u64::from(has) << bit;
        let settings = &self.settings;
        flag(settings.presences, 13)
            | flag(settings.guild_members, 15)
            | flag(settings.message_content, 19)
            | 1 << 23
    }
}

pub(super) fn gateway(world: &mut World, _: &Request) -> Outcome {
    Ok(Answer(200, json!({"url": world.gateway_address()})))
}

pub(super) fn gateway_bot(world: &mut World, _: &Request) -> Outcome {
    let now = world.now_ms();
    world.gateway.identifies.retain(|at| now - at < DAY_MS);
    let settings = &world.settings;
    let used = u32::try_from(world.gateway.identifies.len()).unwrap_or(u32::MAX);
    let oldest = world.gateway.identifies.front();
    Ok(Answer(
        200,
        json!({"url": world.gateway_address(), "shards": settings.shards, "session_start_limit": {
            "total": settings.identifies_a_day,
            "remaining": settings.identifies_a_day.saturating_sub(used),
            "reset_after": oldest.map_or(0, |at| at + DAY_MS - now),
            "max_concurrency": settings.max_concurrency}}),
    ))
}

pub(super) fn me(world: &mut World, _: &Request) -> Outcome {
    let mut me = world.user_json(world.me);
    (me["verified"], me["email"], me["flags"]) = (json!(true), Value::Null, json!(0));
    (me["mfa_enabled"], me["locale"]) = (json!(false), json!("en-US"));
    Ok(Answer(200, me))
}

pub(super) fn user(world: &mut World, request: &Request) -> Outcome {
    let user = request.user(world, 0);
    if world.users.contains_key(&user) {
        return Ok(Answer(200, world.user_json(user)));
    }
    Err(Refusal::new(404, 10013, "Unknown User"))
}

pub(super) fn open_direct(world: &mut World, request: &Request) -> Outcome {
    check::known(world, request, &request.body, &["recipient_id"]);
    let user = UserId(request.body_id("recipient_id")?);
    let person = world.users.get(&user).ok_or_else(|| {
        Refusal::form("recipient_id", "INVALID_RECIPIENT", "Invalid Recipient(s)")
    })?;
    if person.is_bot {
        return Err(Refusal::new(400, 50007, "Cannot send messages to this user"));
    }
    let id = world.direct(user);
    Ok(Answer(200, world.channel_json(world.channel(id))))
}

pub(super) fn my_guilds(world: &mut World, _: &Request) -> Outcome {
    let mine = world.guilds.values().filter(|guild| guild.bot_is_in(world.me));
    let shown = mine.map(|guild| {
        json!({"id": guild.id.json(), "name": guild.name, "icon": null, "banner": null,
            "owner": false, "features": [],
            "permissions": world.base(world.me, guild).0.to_string()})
    });
    Ok(Answer(200, shown.collect()))
}

pub(super) fn application(world: &mut World, _: &Request) -> Outcome {
    let (id, name) = (world.me.json(), &world.settings.username);
    let owner = json!({"id": "1", "username": "owner", "discriminator": "0", "avatar": null,
        "global_name": null, "public_flags": 0});
    Ok(Answer(
        200,
        json!({"id": id, "name": name, "icon": null, "description": "", "summary": "", "type": null,
            "bot_public": true, "bot_require_code_grant": false, "verify_key": "00", "team": null,
            "flags": world.application_flags(), "owner": owner, "bot": world.user_json(world.me),
            "redirect_uris": [], "interactions_endpoint_url": null, "hook": true}),
    ))
}

/// A guild that the bot is in.
fn mine<'w>(world: &'w World, request: &Request) -> Result<&'w Guild, Refusal> {
    let guild = world.guilds.get(&request.guild(0));
    let guild = guild.ok_or_else(|| Refusal::new(404, 10004, "Unknown Guild"))?;
    if guild.bot_is_in(world.me) { Ok(guild) } else { Err(Refusal::missing_access()) }
}

pub(super) fn guild(world: &mut World, request: &Request) -> Outcome {
    Ok(Answer(200, mine(world, request)?.json()))
}

pub(super) fn channels(world: &mut World, request: &Request) -> Outcome {
    let guild = mine(world, request)?.id;
    let inside = world.channels.values().filter(|c| c.guild == Some(guild) && !c.kind.is_thread());
    let seen = inside.filter(|c| world.permissions(world.me, c.id).has(Permissions::VIEW_CHANNEL));
    Ok(Answer(200, seen.map(|channel| world.channel_json(channel)).collect()))
}

pub(super) fn roles(world: &mut World, request: &Request) -> Outcome {
    let guild = mine(world, request)?;
    Ok(Answer(200, guild.roles.values().map(super::super::cast::Role::json).collect()))
}

pub(super) fn member(world: &mut World, request: &Request) -> Outcome {
    let guild = mine(world, request)?;
    let member = world.member_json(guild, request.user(world, 1));
    let unknown = || Refusal::new(404, 10007, "Unknown Member");
    Ok(Answer(200, member.ok_or_else(unknown)?))
}

pub(super) fn active_threads(world: &mut World, request: &Request) -> Outcome {
    let guild = mine(world, request)?.id;
    let threads = world.channels.values().filter(|c| {
        let seen = world.permissions(world.me, c.id).has(Permissions::VIEW_CHANNEL);
        c.guild == Some(guild) && c.kind.is_thread() && !c.archived && seen
    });
    let threads: Vec<_> = threads.collect();
    let joined = threads.iter().filter(|c| c.thread_members.contains(&world.me));
    let members: Value = joined.map(|c| world.thread_member_json(c, world.me)).collect();
    let threads: Value = threads.iter().map(|c| world.channel_json(c)).collect();
    Ok(Answer(200, json!({"threads": threads, "members": members})))
}
