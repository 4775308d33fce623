//! Answers to what people do with commands, buttons, menus and forms.

use super::{Answer, Outcome, Request, commands, messages};
use crate::discord::interactions::{Did, Interaction, Reply};
use crate::discord::message::{EPHEMERAL, LOADING, kind};
use crate::discord::refusal::Refusal;
use crate::discord::world::World;
use crate::discord::{Deed, InteractionId, Message, MessageId, check};
use serde_json::{Value, json};

/// How long the first answer may take, in milliseconds.
const FIRST_MS: i64 = 3_000;
/// How long further answers may come, in milliseconds.
const TOKEN_MS: i64 = 15 * 60_000;

pub(super) fn respond(world: &mut World, request: &Request) -> Outcome {
    let unknown = || Refusal::new(404, 10062, "Unknown interaction");
    let id = request.interaction();
    let held = world.interactions.get(&id).filter(|held| held.token == request.text(1));
    let Some(held) = held.cloned() else {
        world.complain(request.route.name, "answered an interaction that there is not");
        return Err(unknown());
    };
    if held.reply.is_some() {
        world.complain(request.route.name, "answered an interaction twice");
        let what = "Interaction has already been acknowledged.";
        return Err(Refusal::new(400, 40060, what));
    }
    let age = world.now_ms() - held.at_ms;
    if age > FIRST_MS {
        world.complain(request.route.name, format!("answered an interaction after {age} ms"));
        return Err(unknown());
    }
    check::known(world, request, &request.body, &["type", "data"]);
    let data = &request.body["data"];
    let reply = first(world, request, &held, data)?;
    let (user, message) = (held.user, reply.message().cloned());
    if let Some(held) = world.interactions.get_mut(&id) {
        held.reply = Some(reply.clone());
        held.original = message.as_ref().map(|m| m.id);
        if matches!(reply, Reply::DeferredUpdate) {
            held.original = held.source.map(|(_, message)| message);
        }
    }
    if let Some(message) = &message {
        // The message names its interaction, which is known now.
        if matches!(reply, Reply::Updated(_)) {
            world.tell_message("MESSAGE_UPDATE", message);
        } else {
            world.post(message.clone());
        }
    }
    world.deeds.push_back(Deed::Responded { interaction: id, user, reply });
    if request.query.get("with_response").is_none_or(|with| with != "true") {
        return Ok(Answer(204, Value::Null));
    }
    let mut body = json!({"interaction": {"id": id.json(), "type": held.kind as u8,
        "response_message_id": message.as_ref().map(|m| m.id.json()),
        "response_message_loading": message.as_ref().is_some_and(Message::is_thinking),
        "response_message_ephemeral": message.as_ref().is_some_and(|m| m.only_for.is_some())}});
    if let Some(message) = &message {
        body["resource"] =
            json!({"type": request.body["type"], "message": messages::shown(world, message)});
    }
    Ok(Answer(200, body))
}

fn first(
    world: &mut World,
    request: &Request,
    held: &Interaction,
    data: &Value,
) -> Result<Reply, Refusal> {
    let typed = held.kind == Did::Typed;
    let component =
        matches!(held.kind, Did::Component) || held.kind == Did::Submitted && held.source.is_some();
    let number = request.body["type"].as_u64().unwrap_or_default();
    match number {
        4 if !typed => {
            let mut message = answer(world, held);
            hide(&mut message, held, data);
            check::fill(world, request, data, &mut message)?;
            Ok(Reply::Message(message))
        }
        5 if !typed => {
            let mut message = answer(world, held);
            hide(&mut message, held, data);
            message.flags |= LOADING;
            Ok(Reply::Deferred(message))
        }
        6 if component => Ok(Reply::DeferredUpdate),
        7 if component => {
            let (channel, id) = held.source.ok_or_else(Refusal::unknown_message)?;
            let mut message =
                world.message(channel, id).cloned().ok_or_else(Refusal::unknown_message)?;
            check::fill(world, request, data, &mut message)?;
            message.edited = Some(world.settings.clock.now());
            if let Some(kept) = world.message_mut(channel, id) {
                *kept = message.clone();
            }
            Ok(Reply::Updated(message))
        }
        8 if typed => {
            let choices = check::list(data, "choices");
            if choices.len() > 25 {
                return Err(Refusal::length("data.choices", 0, 25));
            }
            commands::choice_list(&choices, "data.choices")?;
            Ok(Reply::Choices(choices))
        }
        9 if !typed && held.kind != Did::Submitted => {
            check::modal(data)?;
            Ok(Reply::Modal(data.clone()))
        }
        _ => {
            let what = format!("type {number} does not answer this kind of interaction");
            Err(Refusal::form("type", "INTERACTION_TYPE_INVALID", &what))
        }
    }
}

/// An empty answer to an interaction.
fn answer(world: &mut World, held: &Interaction) -> Message {
    let me = world.me;
    let mut message = world.blank(held.channel, me);
    message.interaction = Some(held.id);
    message.kind = match held.kind {
        Did::Component | Did::Submitted => kind::REPLY,
        Did::Command if held.on_message => kind::CONTEXT_MENU_COMMAND,
        Did::Command | Did::Typed => kind::CHAT_INPUT_COMMAND,
    };
    if held.kind == Did::Component {
        message.reply_to = held.source.map(|(_, message)| message);
    }
    message
}

/// An answer is for one person alone, if it says so.
fn hide(message: &mut Message, held: &Interaction, data: &Value) {
    if data["flags"].as_u64().unwrap_or_default() & EPHEMERAL != 0 {
        (message.flags, message.only_for) = (EPHEMERAL, Some(held.user));
    }
}

/// The interaction that a token opens, while it does.
fn open(world: &mut World, request: &Request) -> Result<Interaction, Refusal> {
    let unknown = || Refusal::new(404, 10015, "Unknown Webhook");
    let token = request.text(1);
    let id = token.rsplit_once('-').and_then(|(_, id)| id.parse().ok()).map(InteractionId);
    let held = id.and_then(|id| world.interactions.get(&id)).filter(|held| held.token == token);
    let held = held.cloned();
    let held = held.filter(|_| request.number(0) == world.me.0);
    let Some(held) = held.filter(|held| held.reply.is_some()) else {
        world.complain(request.route.name, "no interaction with this token has had an answer");
        return Err(unknown());
    };
    if world.now_ms() - held.at_ms > TOKEN_MS {
        return Err(Refusal::new(401, 50027, "Invalid Webhook Token"));
    }
    Ok(held)
}

/// A message of an interaction that is still there.
fn own(world: &World, held: &Interaction, id: Option<MessageId>) -> Result<Message, Refusal> {
    let id = id.ok_or_else(Refusal::unknown_message)?;
    let message = world.message(held.channel, id).ok_or_else(Refusal::unknown_message)?;
    let mine = held.original == Some(id) || message.interaction == Some(held.id);
    if mine { Ok(message.clone()) } else { Err(Refusal::unknown_message()) }
}

pub(super) fn follow_up(world: &mut World, request: &Request) -> Outcome {
    let held = open(world, request)?;
    let data = &request.body;
    let original = held.original.and_then(|id| world.message(held.channel, id)).cloned();
    // The first words after a deferral are the deferred answer, as visible as that was said to be.
    if let Some(waiting) = original.filter(Message::is_thinking) {
        let hidden = data["flags"].as_u64().unwrap_or_default() & EPHEMERAL != 0;
        if hidden != waiting.only_for.is_some() {
            let what = "a deferred answer is as visible as its deferral said";
            world.complain(request.route.name, what);
        }
        let message = fill_in(world, request, waiting)?;
        return Ok(Answer(200, messages::shown(world, &message)));
    }
    let mut message = answer(world, &held);
    hide(&mut message, &held, data);
    (message.kind, message.reply_to) = (kind::REPLY, held.original);
    check::fill(world, request, data, &mut message)?;
    let message = world.post(message);
    world.deeds.push_back(Deed::Sent(message.clone()));
    Ok(Answer(200, messages::shown(world, &message)))
}

/// Puts words into an answer; it is not thinking any more.
fn fill_in(world: &mut World, request: &Request, mut message: Message) -> Result<Message, Refusal> {
    message.flags &= !LOADING;
    messages::change(world, request, &request.body, message)
}

pub(super) fn get_original(world: &mut World, request: &Request) -> Outcome {
    let held = open(world, request)?;
    let message = own(world, &held, held.original)?;
    Ok(Answer(200, messages::shown(world, &message)))
}

pub(super) fn edit_original(world: &mut World, request: &Request) -> Outcome {
    let held = open(world, request)?;
    let message = own(world, &held, held.original)?;
    let message = fill_in(world, request, message)?;
    Ok(Answer(200, messages::shown(world, &message)))
}

pub(super) fn delete_original(world: &mut World, request: &Request) -> Outcome {
    let held = open(world, request)?;
    let message = own(world, &held, held.original)?;
    messages::take_away(world, &message);
    Ok(Answer(204, Value::Null))
}

pub(super) fn get(world: &mut World, request: &Request) -> Outcome {
    let held = open(world, request)?;
    let message = own(world, &held, Some(MessageId(request.number(2))))?;
    Ok(Answer(200, messages::shown(world, &message)))
}

pub(super) fn edit(world: &mut World, request: &Request) -> Outcome {
    let held = open(world, request)?;
    let message = own(world, &held, Some(MessageId(request.number(2))))?;
    let message = fill_in(world, request, message)?;
    Ok(Answer(200, messages::shown(world, &message)))
}

pub(super) fn delete(world: &mut World, request: &Request) -> Outcome {
    let held = open(world, request)?;
    let message = own(world, &held, Some(MessageId(request.number(2))))?;
    messages::take_away(world, &message);
    Ok(Answer(204, Value::Null))
}
