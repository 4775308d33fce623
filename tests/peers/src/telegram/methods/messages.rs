//! Sending, editing and deleting.

use super::{Method, method, sending};
use crate::telegram::chats::Chat;
use crate::telegram::deeds::Deed;
use crate::telegram::entities::{self, Entity, units};
use crate::telegram::parameters::{Kind, Parameter, Parameters, may, need};
use crate::telegram::refusal::Refusal;
use crate::telegram::world::{World, blank};
use crate::telegram::{ChatId, ChatKind, Content, Message, UserId, html, keyboard};
use serde_json::{Value, json};

/// The longest text, in UTF-16 units after its markup has been read.
const TEXT_UNITS: usize = 4096;

/// How long the bot may delete messages, in seconds: 48 hours.
const DELETABLE_S: i64 = 48 * 3600;

pub(super) const CHAT: Parameter = need("chat_id", Kind::Chat);
pub(super) const THREAD: Parameter = may("message_thread_id", Kind::Integer);
pub(super) const SILENT: Parameter = may("disable_notification", Kind::Boolean);
pub(super) const PROTECT: Parameter = may("protect_content", Kind::Boolean);
pub(super) const REPLY: Parameter = may("reply_parameters", Kind::Object);
pub(super) const MARKUP: Parameter = may("reply_markup", Kind::Object);

pub(super) const METHODS: &[Method] = &[
    sending(
        "sendMessage",
        &[
            CHAT,
            need("text", Kind::Text),
            THREAD,
            may("parse_mode", Kind::Text),
            may("entities", Kind::Array),
            may("link_preview_options", Kind::Object),
            SILENT,
            PROTECT,
            REPLY,
            MARKUP,
        ],
        send_message,
    ),
    sending(
        "sendLocation",
        &[
            CHAT,
            need("latitude", Kind::Float),
            need("longitude", Kind::Float),
            THREAD,
            SILENT,
            PROTECT,
            REPLY,
            MARKUP,
        ],
        send_location,
    ),
    sending(
        "sendVenue",
        &[
            CHAT,
            need("latitude", Kind::Float),
            need("longitude", Kind::Float),
            need("title", Kind::Text),
            need("address", Kind::Text),
            THREAD,
            SILENT,
            PROTECT,
            REPLY,
            MARKUP,
        ],
        send_venue,
    ),
    method(
        "editMessageText",
        &[
            may("chat_id", Kind::Chat),
            may("message_id", Kind::Integer),
            may("inline_message_id", Kind::Text),
            need("text", Kind::Text),
            may("parse_mode", Kind::Text),
            may("entities", Kind::Array),
            may("link_preview_options", Kind::Object),
            MARKUP,
        ],
        edit_message_text,
    ),
    method(
        "editMessageReplyMarkup",
        &[
            may("chat_id", Kind::Chat),
            may("message_id", Kind::Integer),
            may("inline_message_id", Kind::Text),
            MARKUP,
        ],
        edit_message_reply_markup,
    ),
    method("deleteMessage", &[CHAT, need("message_id", Kind::Integer)], delete_message),
    method("sendChatAction", &[CHAT, THREAD, need("action", Kind::Text)], send_chat_action),
];

fn send_message(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let (text, entities) = text(world, "sendMessage", p, "message is too long")?;
    send(world, "sendMessage", p, Content::Text { text, entities })
}

fn send_location(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let (latitude, longitude) = point(p)?;
    send(world, "sendLocation", p, Content::Location { latitude, longitude })
}

fn send_venue(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let (latitude, longitude) = point(p)?;
    let (title, address) = (p.text("title").to_owned(), p.text("address").to_owned());
    if title.trim().is_empty() || address.trim().is_empty() {
        return Err(Refusal::bad("MESSAGE_EMPTY"));
    }
    send(world, "sendVenue", p, Content::Venue { latitude, longitude, title, address })
}

fn point(p: &Parameters) -> Result<(f64, f64), Refusal> {
    let (latitude, longitude) = (p.float("latitude"), p.float("longitude"));
    if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
        return Err(Refusal::bad("invalid location coordinates specified"));
    }
    Ok((latitude, longitude))
}

/// Puts the bot's message where its parameters say.
pub(super) fn send(
    world: &mut World,
    method: &'static str,
    p: &Parameters,
    content: Content,
) -> Result<Value, Refusal> {
    send_as(world, method, p, content, None)
}

/// The same for a message that was another's before.
pub(super) fn send_as(
    world: &mut World,
    method: &'static str,
    p: &Parameters,
    content: Content,
    forwarded: Option<(UserId, i64)>,
) -> Result<Value, Refusal> {
    let id = p.chat(world)?;
    let markup = keyboard::read(p.get("reply_markup"), id.is_shared())?;
    for doubt in markup.doubts {
        world.complain(method, doubt);
    }
    let chat = world.writable_chat(id)?;
    let thread = thread(chat, p)?;
    let reply_to = reply_to(chat, p)?;
    let mut message = blank(id, content);
    message.thread = thread;
    message.reply_to = reply_to;
    message.from = (chat.kind != ChatKind::Channel).then_some(world.me.id);
    message.silent = p.flag("disable_notification");
    message.keyboard = markup.inline;
    message.reply_keyboard = markup.reply;
    message.forwarded = forwarded;
    Ok(post(world, message))
}

/// Puts the bot's message into its chat, and shows it.
fn post(world: &mut World, message: Message) -> Value {
    let message = world.post(message);
    let shown = world.chats.get(&message.chat).map(|chat| world.message_json(chat, &message));
    world.deeds.push_back(Deed::Sent(message));
    shown.unwrap_or_default()
}

/// The topic that a message goes to; it must be there and, for those who do not manage topics,
/// open.
fn thread(chat: &Chat, p: &Parameters) -> Result<Option<i64>, Refusal> {
    let Some(thread) = p.integer("message_thread_id") else { return Ok(None) };
    let topic = chat.topics.get(&thread);
    let topic = topic.ok_or_else(|| Refusal::bad("message thread not found"))?;
    if topic.closed && !chat.bot.rights().manage_topics {
        return Err(Refusal::bad("TOPIC_CLOSED"));
    }
    Ok(Some(thread))
}

fn reply_to(chat: &Chat, p: &Parameters) -> Result<Option<i64>, Refusal> {
    let Some(reply) = p.get("reply_parameters") else { return Ok(None) };
    let wanted = reply["message_id"].as_i64();
    let wanted = wanted.ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    if chat.message(wanted).is_some() {
        return Ok(Some(wanted));
    }
    if reply["allow_sending_without_reply"] == true {
        return Ok(None);
    }
    Err(Refusal::bad("message to be replied not found"))
}

/// The text of a request, its markup read, its white space trimmed, its length checked.
pub(super) fn text(
    world: &mut World,
    method: &'static str,
    p: &Parameters,
    too_long: &str,
) -> Result<(String, Vec<Entity>), Refusal> {
    formatted(world, method, p.text("text"), p.text("parse_mode"), p.get("entities"), too_long)
}

pub(super) fn formatted(
    world: &mut World,
    method: &'static str,
    written: &str,
    parse_mode: &str,
    given: Option<&Value>,
    too_long: &str,
) -> Result<(String, Vec<Entity>), Refusal> {
    let (text, entities) = match (parse_mode.to_ascii_lowercase().as_str(), given) {
        ("", None) => (written.to_owned(), Vec::new()),
        ("", Some(given)) => (written.to_owned(), given_entities(given)?),
        ("html", _) => {
            let parsed = html::parse(written)
                .map_err(|what| Refusal::bad(format!("can't parse entities: {what}")))?;
            for doubt in parsed.doubts {
                world.complain(method, doubt);
            }
            (parsed.text, parsed.entities)
        }
        (other, _) => {
            world.complain(method, format!("the peer does not know the parse mode `{other}`"));
            return Err(Refusal::bad("unsupported parse_mode"));
        }
    };
    let (text, entities) = entities::trimmed(&text, entities);
    if text.is_empty() {
        return Err(Refusal::bad("message text is empty"));
    }
    if units(&text) > TEXT_UNITS {
        return Err(Refusal::bad(too_long));
    }
    let entities = entities::with_found(&text, entities);
    Ok((text, entities))
}

fn given_entities(given: &Value) -> Result<Vec<Entity>, Refusal> {
    let one = |value: &Value| {
        let number = |key: &str| usize::try_from(value[key].as_i64()?).ok();
        let kind = value["type"].as_str()?;
        let mut entity = Entity::new(kind, number("offset")?, number("length")?);
        let detail = ["url", "language", "custom_emoji_id"].iter().find_map(|k| value[*k].as_str());
        entity.detail = detail.map(str::to_owned);
        Some(entity)
    };
    let all: Option<Vec<Entity>> = given.as_array().and_then(|all| all.iter().map(one).collect());
    all.ok_or_else(|| Refusal::bad("can't parse MessageEntity"))
}

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply \
                            markup are exactly the same as a current content and reply markup of \
                            the message";

fn edit_message_text(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let (text, entities) = text(world, "editMessageText", p, "MESSAGE_TOO_LONG")?;
    edit(world, "editMessageText", p, Some(Content::Text { text, entities }))
}

fn edit_message_reply_markup(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    edit(world, "editMessageReplyMarkup", p, None)
}

/// Changes a message of the bot's. Without a keyboard among the parameters, the message has none
/// any more.
fn edit(
    world: &mut World,
    method: &'static str,
    p: &Parameters,
    content: Option<Content>,
) -> Result<Value, Refusal> {
    let (chat, id, inline) = edited(world, p)?;
    let markup = keyboard::read(p.get("reply_markup"), chat.is_shared())?;
    for doubt in markup.doubts {
        world.complain(method, doubt);
    }
    if markup.reply.is_some() {
        return Err(Refusal::bad("object expected as reply markup"));
    }
    let (me, now) = (world.me.id, world.now_s());
    if !inline {
        world.writable_chat(chat)?;
    }
    let held = world.chats.get_mut(&chat).ok_or_else(|| Refusal::bad("chat not found"))?;
    let channel = held.kind == ChatKind::Channel;
    let message = held.message_mut(id).ok_or_else(|| Refusal::bad("message to edit not found"))?;
    if !inline && message.from != Some(me) && !channel {
        return Err(Refusal::bad("message can't be edited"));
    }
    if content.is_some() && !matches!(message.content, Content::Text { .. }) && !inline {
        return Err(Refusal::bad("there is no text in the message to edit"));
    }
    let content = content.unwrap_or_else(|| message.content.clone());
    if message.content == content && message.keyboard == markup.inline {
        return Err(Refusal::bad(NOT_MODIFIED));
    }
    message.content = content;
    message.keyboard = markup.inline;
    message.edited = Some(now);
    let message = message.clone();
    let shown = world.chats.get(&chat).map(|chat| world.message_json(chat, &message));
    world.deeds.push_back(Deed::Edited(message));
    if inline {
        return Ok(json!(true));
    }
    shown.ok_or_else(|| Refusal::bad("chat not found"))
}

/// The message that is to be edited, and whether it was sent through inline mode.
fn edited(world: &World, p: &Parameters) -> Result<(ChatId, i64, bool), Refusal> {
    if let Some(wanted) = p.get("inline_message_id").and_then(Value::as_str) {
        let mut all = world.chats.values().flat_map(|chat| &chat.messages);
        let is = |m: &&Message| m.inline_id.as_deref() == Some(wanted) && !m.deleted;
        let message = all.find(is).ok_or_else(|| Refusal::bad("MESSAGE_ID_INVALID"))?;
        return Ok((message.chat, message.id, true));
    }
    let id = p.integer("message_id");
    let id = id.ok_or_else(|| Refusal::bad("message identifier is not specified"))?;
    Ok((p.chat(world)?, id, false))
}

fn delete_message(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let (id, number) = (p.chat(world)?, p.integer("message_id").unwrap_or_default());
    let (me, now) = (world.me.id, world.now_s());
    let chat = world.known_chat(id)?;
    let message = chat.message(number);
    let message = message.ok_or_else(|| Refusal::bad("message to delete not found"))?;
    let may = message.from == Some(me)
        || chat.kind == ChatKind::Private
        || chat.bot.rights().delete_messages;
    // The bot's administrators delete without an end; all else ends after two days.
    let late = now - message.date > DELETABLE_S && !chat.bot.rights().delete_messages;
    if !may || late {
        return Err(Refusal::bad("message can't be deleted"));
    }
    if let Some(message) = world.chats.get_mut(&id).and_then(|chat| chat.message_mut(number)) {
        message.deleted = true;
    }
    world.deeds.push_back(Deed::Deleted { chat: id, message: number });
    Ok(json!(true))
}

/// The actions that there are, from the description of `sendChatAction`.
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

fn send_chat_action(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let id = p.chat(world)?;
    let action = p.text("action").to_owned();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    let chat = world.writable_chat(id)?;
    if chat.kind == ChatKind::Channel {
        return Err(Refusal::bad("chat actions can't be sent to channels"));
    }
    let thread = thread(chat, p)?;
    world.deeds.push_back(Deed::Acted { chat: id, thread, action });
    Ok(json!(true))
}
