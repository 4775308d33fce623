//! Channels and threads.

use super::{Answer, Outcome, Request};
use crate::discord::message::kind;
use crate::discord::refusal::Refusal;
use crate::discord::world::World;
use crate::discord::{
    Channel, ChannelId, ChannelKind, Deed, MessageId, Permissions, UserId, check,
};
use serde_json::{Value, json};

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let channel = world.allowed(request.channel(), Permissions::VIEW_CHANNEL)?;
    Ok(Answer(200, world.channel_json(channel)))
}

pub(super) fn typing(world: &mut World, request: &Request) -> Outcome {
    world.writable(request.channel())?;
    world.deeds.push_back(Deed::Typing(request.channel()));
    Ok(Answer(204, Value::Null))
}

pub(super) fn make_thread(world: &mut World, request: &Request) -> Outcome {
    let known = ["name", "type", "auto_archive_duration", "invitable", "rate_limit_per_user"];
    check::known(world, request, &request.body, &known);
    let parent = request.channel();
    // Without a type a thread is private.
    let (kind, need) = match request.body["type"].as_u64().unwrap_or(12) {
        11 => (ChannelKind::PublicThread, Permissions::CREATE_PUBLIC_THREADS),
        12 => (ChannelKind::PrivateThread, Permissions::CREATE_PRIVATE_THREADS),
        _ => {
            return Err(Refusal::form(
                "type",
                "BASE_TYPE_CHOICES",
                "Value must be one of {11, 12}.",
            ));
        }
    };
    let id = ChannelId(world.snowflake());
    let thread = new_thread(world, request, (id, kind), need)?;
    if kind == ChannelKind::PublicThread {
        let me = world.me;
        let mut line = world.blank(parent, me);
        (line.kind, line.content) = (kind::THREAD_CREATED, world.channel(id).name.clone());
        world.post(line);
    }
    Ok(Answer(201, thread))
}

pub(super) fn make_thread_from_message(world: &mut World, request: &Request) -> Outcome {
    let known = ["name", "auto_archive_duration", "rate_limit_per_user"];
    check::known(world, request, &request.body, &known);
    world.allowed(request.channel(), Permissions::VIEW_CHANNEL)?;
    let message = MessageId(request.number(1));
    world.message(request.channel(), message).ok_or_else(Refusal::unknown_message)?;
    let id = ChannelId(message.0);
    if world.channels.contains_key(&id) {
        let what = "A thread has already been created for this message";
        return Err(Refusal::new(400, 160_004, what));
    }
    let need = Permissions::CREATE_PUBLIC_THREADS;
    let thread = new_thread(world, request, (id, ChannelKind::PublicThread), need)?;
    let me = world.me;
    let mut starter = world.blank(id, me);
    starter.kind = kind::THREAD_STARTER;
    world.post(starter);
    Ok(Answer(201, thread))
}

fn new_thread(
    world: &mut World,
    request: &Request,
    (id, kind): (ChannelId, ChannelKind),
    need: Permissions,
) -> Result<Value, Refusal> {
    let (parent, body, me) = (request.channel(), &request.body, world.me);
    let held = world.allowed(parent, need)?;
    let guild = held.guild;
    if held.kind != ChannelKind::Text {
        return Err(Refusal::new(400, 50024, "Cannot execute action on this channel type"));
    }
    check::text(&body["name"], "name", 1, 100)?;
    let minutes = body["auto_archive_duration"].as_u64().unwrap_or(4320);
    if ![60, 1440, 4320, 10080].contains(&minutes) {
        let what = "Value must be one of {60, 1440, 4320, 10080}.";
        return Err(Refusal::form("auto_archive_duration", "BASE_TYPE_CHOICES", what));
    }
    let mut thread = world.new_channel(kind, body["name"].as_str().unwrap_or_default());
    (thread.id, thread.guild, thread.parent) = (id, guild, Some(parent));
    (thread.owner, thread.archive_minutes) = (Some(me), minutes);
    thread.invitable = body["invitable"].as_bool().unwrap_or(true);
    thread.thread_members.insert(me);
    let shown = world.channel_json(&thread);
    let (thread, name, private) = (thread.clone(), thread.name, kind == ChannelKind::PrivateThread);
    world.channels.insert(id, thread);
    world.tell_channel("THREAD_CREATE", id);
    world.deeds.push_back(Deed::ThreadMade { parent, thread: id, name, private });
    Ok(shown)
}

pub(super) fn edit(world: &mut World, request: &Request) -> Outcome {
    let (id, body) = (request.channel(), &request.body);
    let channel = world.allowed(id, Permissions::VIEW_CHANNEL)?;
    let (owner, archived, locked) = (channel.owner, channel.archived, channel.locked);
    if !channel.kind.is_thread() {
        world.complain(request.route.name, "the peer changes threads alone");
        return Err(Refusal::missing_permissions());
    }
    let known =
        ["name", "archived", "locked", "auto_archive_duration", "invitable", "rate_limit_per_user"];
    check::known(world, request, body, &known);
    let manages = world.permissions(world.me, id).has(Permissions::MANAGE_THREADS);
    let mine = owner == Some(world.me);
    let given = |name: &str| !body[name].is_null();
    let opens = body["archived"] == false;
    // A thread that is open for writing may be woken by whoever may write to it.
    let wakes = opens && body.as_object().is_some_and(|b| b.len() == 1) && !locked;
    if !manages && (given("locked") || locked || !(mine || wakes)) {
        return Err(Refusal::missing_permissions());
    }
    if archived && !opens {
        return Err(Refusal::new(400, 50083, "Thread is archived"));
    }
    if given("name") {
        check::text(&body["name"], "name", 1, 100)?;
    }
    let Some(thread) = world.channels.get_mut(&id) else { return Err(Refusal::unknown_channel()) };
    if let Some(name) = body["name"].as_str() {
        name.clone_into(&mut thread.name);
    }
    thread.archived = body["archived"].as_bool().unwrap_or(thread.archived);
    thread.locked = body["locked"].as_bool().unwrap_or(thread.locked);
    thread.invitable = body["invitable"].as_bool().unwrap_or(thread.invitable);
    let minutes = body["auto_archive_duration"].as_u64();
    thread.archive_minutes = minutes.unwrap_or(thread.archive_minutes);
    let deed = Deed::ThreadChanged {
        thread: id,
        archived: thread.archived,
        locked: thread.locked,
        name: thread.name.clone(),
    };
    world.deeds.push_back(deed);
    world.tell_channel("THREAD_UPDATE", id);
    Ok(Answer(200, world.channel_json(world.channel(id))))
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let id = request.channel();
    let channel = world.allowed(id, Permissions::VIEW_CHANNEL)?;
    let need = match channel.kind {
        ChannelKind::Direct => {
            // It is closed for the bot, and the same again when it is opened.
            return Ok(Answer(200, world.channel_json(channel)));
        }
        ChannelKind::Text => Permissions::MANAGE_CHANNELS,
        ChannelKind::PublicThread | ChannelKind::PrivateThread => Permissions::MANAGE_THREADS,
    };
    let shown = world.channel_json(world.allowed(id, need)?);
    world.remove_channel(id);
    world.deeds.push_back(Deed::ChannelDeleted(id));
    Ok(Answer(200, shown))
}

impl World {
    /// Deletes a channel with its threads.
    pub(crate) fn remove_channel(&mut self, id: ChannelId) {
        let thread = self.channel(id).kind.is_thread();
        self.tell_channel(if thread { "THREAD_DELETE" } else { "CHANNEL_DELETE" }, id);
        self.channels.retain(|held, channel| *held != id && channel.parent != Some(id));
        self.directs.retain(|_, held| *held != id);
    }
}

/// A thread that the bot sees.
fn thread<'w>(world: &'w World, request: &Request) -> Result<&'w Channel, Refusal> {
    let channel = world.allowed(request.channel(), Permissions::VIEW_CHANNEL)?;
    if channel.kind.is_thread() {
        return Ok(channel);
    }
    Err(Refusal::new(400, 50024, "Cannot execute action on this channel type"))
}

pub(super) fn thread_members(world: &mut World, request: &Request) -> Outcome {
    let thread = thread(world, request)?;
    if !world.settings.guild_members {
        return Err(Refusal::missing_access());
    }
    let members = thread.thread_members.iter();
    Ok(Answer(200, members.map(|user| world.thread_member_json(thread, *user)).collect()))
}

pub(super) fn add_thread_member(world: &mut World, request: &Request) -> Outcome {
    let user = request.user(world, 1);
    let held = thread(world, request)?;
    if held.archived {
        return Err(Refusal::new(400, 50083, "Thread is archived"));
    }
    let parent = held.parent.unwrap_or(held.id);
    world.writable(request.channel())?;
    if !world.permissions(user, parent).has(Permissions::VIEW_CHANNEL) {
        return Err(Refusal::missing_access());
    }
    set_member(world, request.channel(), user, true);
    Ok(Answer(204, Value::Null))
}

pub(super) fn remove_thread_member(world: &mut World, request: &Request) -> Outcome {
    let user = request.user(world, 1);
    let held = thread(world, request)?;
    if held.archived {
        return Err(Refusal::new(400, 50083, "Thread is archived"));
    }
    let mine = held.owner == Some(world.me) && held.kind == ChannelKind::PrivateThread;
    if user != world.me && !mine {
        world.allowed(request.channel(), Permissions::MANAGE_THREADS)?;
    }
    set_member(world, request.channel(), user, false);
    Ok(Answer(204, json!(null)))
}

fn set_member(world: &mut World, thread: ChannelId, user: UserId, inside: bool) {
    if let Some(held) = world.channels.get_mut(&thread) {
        if inside {
            held.thread_members.insert(user);
        } else {
            held.thread_members.remove(&user);
        }
    }
    world.deeds.push_back(Deed::ThreadMember { thread, user, inside });
}
