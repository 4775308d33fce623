//! Topics of forums.

use super::{Method, method};
use crate::telegram::chats::{Chat, TOPIC_COLORS};
use crate::telegram::deeds::Deed;
use crate::telegram::parameters::{Kind, Parameter, Parameters, may, need};
use crate::telegram::refusal::Refusal;
use crate::telegram::world::World;
use crate::telegram::{ChatId, Topic};
use serde_json::{Value, json};

/// The longest name, from the description of `createForumTopic`.
const NAME_CHARS: usize = 128;

const CHAT: Parameter = need("chat_id", Kind::Chat);
const THREAD: Parameter = need("message_thread_id", Kind::Integer);

pub(super) const METHODS: &[Method] = &[
    method(
        "createForumTopic",
        &[
            CHAT,
            need("name", Kind::Text),
            may("icon_color", Kind::Integer),
            may("icon_custom_emoji_id", Kind::Text),
        ],
        create,
    ),
    method(
        "editForumTopic",
        &[CHAT, THREAD, may("name", Kind::Text), may("icon_custom_emoji_id", Kind::Text)],
        edit,
    ),
    method("closeForumTopic", &[CHAT, THREAD], |world, p| set_closed(world, p, true)),
    method("reopenForumTopic", &[CHAT, THREAD], |world, p| set_closed(world, p, false)),
    method("deleteForumTopic", &[CHAT, THREAD], delete),
];

/// The forum that a request is about, if the bot may manage its topics.
fn managed<'a>(world: &'a World, p: &Parameters, to: &str) -> Result<&'a Chat, Refusal> {
    let id = p.chat(world)?;
    let chat = world.writable_chat(id)?;
    if !chat.forum {
        return Err(Refusal::bad("the chat is not a forum"));
    }
    if !chat.bot.rights().manage_topics {
        return Err(Refusal::bad(format!("not enough rights to {to} a topic")));
    }
    Ok(chat)
}

fn named(p: &Parameters) -> Result<String, Refusal> {
    let name = p.text("name").trim().to_owned();
    match name.chars().count() {
        0 => Err(Refusal::bad("TOPIC_TITLE_EMPTY")),
        n if n > NAME_CHARS => Err(Refusal::bad("TOPIC_TITLE_TOO_LONG")),
        _ => Ok(name),
    }
}

fn create(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let chat = managed(world, p, "create")?.id;
    let name = named(p)?;
    let icon_color = p.integer("icon_color").unwrap_or(TOPIC_COLORS[0]);
    if !TOPIC_COLORS.contains(&icon_color) {
        return Err(Refusal::bad("invalid icon color specified"));
    }
    let thread = world.open_topic(chat, world.me.id, &name, icon_color);
    world.deeds.push_back(Deed::Topic { chat, thread, what: "created", name: name.clone() });
    Ok(json!({"message_thread_id": thread, "name": name, "icon_color": icon_color}))
}

fn edit(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let chat = managed(world, p, "edit")?.id;
    let rename = p.get("name").map(|_| named(p)).transpose()?;
    let (thread, topic) = topic(world, chat, p)?;
    let Some(name) = rename.filter(|name| *name != topic.name) else {
        return Err(Refusal::bad("TOPIC_NOT_MODIFIED"));
    };
    topic.name.clone_from(&name);
    world.service(chat, Some(thread), world.me.id, json!({"forum_topic_edited": {"name": name}}));
    world.deeds.push_back(Deed::Topic { chat, thread, what: "edited", name });
    Ok(json!(true))
}

fn set_closed(world: &mut World, p: &Parameters, closed: bool) -> Result<Value, Refusal> {
    let (to, what, field) = if closed {
        ("close", "closed", "forum_topic_closed")
    } else {
        ("reopen", "reopened", "forum_topic_reopened")
    };
    let chat = managed(world, p, to)?.id;
    let (thread, topic) = topic(world, chat, p)?;
    if topic.closed == closed {
        return Err(Refusal::bad("TOPIC_NOT_MODIFIED"));
    }
    topic.closed = closed;
    let name = topic.name.clone();
    world.service(chat, Some(thread), world.me.id, json!({field: {}}));
    world.deeds.push_back(Deed::Topic { chat, thread, what, name });
    Ok(json!(true))
}

/// Unlike the others this takes the right to delete messages, as its description says.
fn delete(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let id = p.chat(world)?;
    let chat = world.writable_chat(id)?;
    if !chat.forum {
        return Err(Refusal::bad("the chat is not a forum"));
    }
    if !chat.bot.rights().delete_messages {
        return Err(Refusal::bad("not enough rights to delete a topic"));
    }
    let (thread, topic) = topic(world, id, p)?;
    let name = topic.name.clone();
    world.delete_topic(id, thread);
    world.deeds.push_back(Deed::Topic { chat: id, thread, what: "deleted", name });
    Ok(json!(true))
}

fn topic<'a>(
    world: &'a mut World,
    chat: ChatId,
    p: &Parameters,
) -> Result<(i64, &'a mut Topic), Refusal> {
    let thread = p.integer("message_thread_id").unwrap_or_default();
    let topic = world.chats.get_mut(&chat).and_then(|chat| chat.topics.get_mut(&thread));
    Ok((thread, topic.ok_or_else(|| Refusal::bad("message thread not found"))?))
}
