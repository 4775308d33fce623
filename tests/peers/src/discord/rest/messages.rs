//! Messages: reading, sending, editing, deleting.

use super::{Answer, Outcome, Request};
use crate::discord::message::{EPHEMERAL, kind};
use crate::discord::refusal::Refusal;
use crate::discord::world::World;
use crate::discord::{Deed, Message, MessageId, Permissions, check};
use serde_json::{Value, json};

/// A message as the REST API shows it to the bot.
pub(crate) fn shown(world: &World, message: &Message) -> Value {
    world.message_json(message, world.settings.message_content)
}

pub(super) fn list(world: &mut World, request: &Request) -> Outcome {
    let channel = world.allowed(request.channel(), Permissions::VIEW_CHANNEL)?;
    let limit = request.query_id("limit").unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Refusal::form(
            "limit",
            "NUMBER_TYPE_MAX",
            "int value should be between 1 and 100.",
        ));
    }
    let limit = usize::try_from(limit).unwrap_or(100);
    let bounds = ["after", "before", "around"].map(|name| request.query_id(name));
    if bounds.iter().flatten().count() > 1 {
        let what = "`after`, `before` and `around` exclude each other";
        world.complain(request.route.name, what);
        return Err(Refusal::new(400, 50035, "Invalid Form Body"));
    }
    let may = world.permissions(world.me, channel.id);
    let all = channel.messages.iter().filter(|m| !m.deleted && m.only_for.is_none());
    let all: Vec<&Message> = all.filter(|_| may.has(Permissions::READ_MESSAGE_HISTORY)).collect();
    let [after, before, around] = bounds;
    let mut chosen: Vec<&Message> = if let Some(after) = after {
        all.into_iter().filter(|m| m.id.0 > after).take(limit).collect()
    } else if let Some(around) = around {
        let at = all.iter().position(|m| m.id.0 >= around).unwrap_or(all.len());
        all.into_iter().skip(at.saturating_sub(limit / 2)).take(limit).collect()
    } else {
        let past = all.into_iter().filter(|m| before.is_none_or(|before| m.id.0 < before));
        let past: Vec<_> = past.collect();
        past[past.len().saturating_sub(limit)..].to_vec()
    };
    // The newest first, whatever was asked for.
    chosen.reverse();
    Ok(Answer(200, chosen.into_iter().map(|m| shown(world, m)).collect()))
}

/// A message that the bot sees.
fn seen(world: &World, request: &Request) -> Result<Message, Refusal> {
    world.allowed(request.channel(), Permissions::VIEW_CHANNEL)?;
    let message = world.message(request.channel(), request.message());
    message.filter(|m| m.only_for.is_none()).cloned().ok_or_else(Refusal::unknown_message)
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let message = seen(world, request)?;
    world.allowed(request.channel(), Permissions::READ_MESSAGE_HISTORY)?;
    Ok(Answer(200, shown(world, &message)))
}

pub(super) fn create(world: &mut World, request: &Request) -> Outcome {
    let (channel, body) = (request.channel(), &request.body);
    let may = world.writable(channel)?.1;
    if let Some(known) = repeat(world, request)? {
        world.repeated.push(known.id);
        return Ok(Answer(200, shown(world, &known)));
    }
    let me = world.me;
    let mut message = world.blank(channel, me);
    let nonce = &body["nonce"];
    message.nonce = (!nonce.is_null()).then(|| nonce.clone());
    reply(world, request, &mut message)?;
    check::fill(world, request, body, &mut message)?;
    if body["flags"].as_u64().is_some_and(|flags| flags & EPHEMERAL != 0) {
        world.complain(request.route.name, "only answers to interactions are ephemeral");
    }
    if !message.attachments.is_empty() && !may.has(Permissions::ATTACH_FILES) {
        return Err(Refusal::missing_permissions());
    }
    if !may.has(Permissions::EMBED_LINKS) && !message.embeds.is_empty() {
        if message.content.is_empty() && message.components.is_empty() {
            return Err(Refusal::missing_permissions());
        }
        message.embeds.clear();
    }
    let message = world.post(message);
    world.deeds.push_back(Deed::Sent(message.clone()));
    Ok(Answer(200, shown(world, &message)))
}

/// The message that this one would repeat.
fn repeat(world: &World, request: &Request) -> Result<Option<Message>, Refusal> {
    let nonce = &request.body["nonce"];
    let long = check::chars(nonce) > 25;
    if long || !(nonce.is_null() || nonce.is_string() || nonce.is_i64() || nonce.is_u64()) {
        let what = "Must be 25 or fewer in length.";
        return Err(Refusal::form("nonce", "NONCE_TYPE_TOO_LONG", what));
    }
    if nonce.is_null() || request.body["enforce_nonce"] != true {
        return Ok(None);
    }
    let oldest = world.now_us() - world.settings.nonce_window_ms * 1000;
    let sent = world.channel(request.channel()).messages.iter().rev();
    let mut recent = sent.take_while(|m| m.made_us >= oldest);
    let same = recent.find(|m| m.author == world.me && m.nonce.as_ref() == Some(nonce));
    Ok(same.cloned())
}

/// What a message replies to.
fn reply(world: &World, request: &Request, message: &mut Message) -> Result<(), Refusal> {
    let reference = &request.body["message_reference"];
    if reference.is_null() {
        return Ok(());
    }
    if reference["type"].as_u64().unwrap_or_default() != 0 {
        let what = "The peer has no forwarding.";
        return Err(Refusal::form("message_reference.type", "NOT_MODELLED", what));
    }
    let id = crate::discord::message::id(&reference["message_id"]).map(MessageId);
    let there = id.and_then(|id| world.message(message.channel, id));
    let elsewhere = crate::discord::message::id(&reference["channel_id"])
        .is_some_and(|channel| channel != message.channel.0);
    match there.filter(|_| !elsewhere) {
        Some(there) => {
            world.allowed(message.channel, Permissions::READ_MESSAGE_HISTORY)?;
            (message.reply_to, message.kind) = (Some(there.id), kind::REPLY);
            Ok(())
        }
        None if reference["fail_if_not_exists"] == false => Ok(()),
        None => {
            let what = "Unknown message";
            Err(Refusal::form("message_reference", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", what))
        }
    }
}

pub(super) fn edit(world: &mut World, request: &Request) -> Outcome {
    let message = seen(world, request)?;
    if message.author != world.me {
        return Err(Refusal::new(403, 50005, "Cannot edit a message authored by another user"));
    }
    if world.channel(request.channel()).archived {
        return Err(Refusal::new(400, 50083, "Thread is archived"));
    }
    let message = change(world, request, &request.body, message)?;
    Ok(Answer(200, shown(world, &message)))
}

/// Changes a message of the bot's as a body says.
pub(super) fn change(
    world: &mut World,
    request: &Request,
    body: &Value,
    mut message: Message,
) -> Result<Message, Refusal> {
    check::fill(world, request, body, &mut message)?;
    message.edited = Some(world.settings.clock.now());
    if let Some(held) = world.message_mut(message.channel, message.id) {
        *held = message.clone();
    }
    if message.only_for.is_none() {
        world.tell_message("MESSAGE_UPDATE", &message);
    }
    world.deeds.push_back(Deed::Edited(message.clone()));
    Ok(message)
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let message = seen(world, request)?;
    if message.author != world.me {
        if message.guild.is_none() {
            let what = "Cannot execute action on a DM channel";
            return Err(Refusal::new(403, 50003, what));
        }
        world.allowed(request.channel(), Permissions::MANAGE_MESSAGES)?;
    }
    take_away(world, &message);
    Ok(Answer(204, json!(null)))
}

/// Takes a message away, for the bot.
pub(super) fn take_away(world: &mut World, message: &Message) {
    if let Some(held) = world.message_mut(message.channel, message.id) {
        held.deleted = true;
    }
    if message.only_for.is_none() {
        world.tell_deleted(message);
    }
    let (channel, message) = (message.channel, message.id);
    world.deeds.push_back(Deed::Deleted { channel, message });
}
