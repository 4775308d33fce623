//! Chats and their members, as the bot sees them.

use super::{Method, method};
use crate::telegram::deeds::Deed;
use crate::telegram::parameters::{Kind, Parameters, may, need};
use crate::telegram::refusal::Refusal;
use crate::telegram::world::World;
use crate::telegram::{ChatKind, Membership, UserId};
use serde_json::{Value, json};

pub(super) const METHODS: &[Method] = &[
    method("getChat", &[need("chat_id", Kind::Chat)], get_chat),
    method(
        "getChatMember",
        &[need("chat_id", Kind::Chat), need("user_id", Kind::Integer)],
        get_chat_member,
    ),
    method(
        "getChatAdministrators",
        &[need("chat_id", Kind::Chat), may("return_bots", Kind::Boolean)],
        get_chat_administrators,
    ),
    method("leaveChat", &[need("chat_id", Kind::Chat)], leave_chat),
];

fn get_chat(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let id = p.chat(world)?;
    let chat = world.known_chat(id)?;
    if chat.bot == Membership::Kicked {
        return Err(Refusal::forbidden(format!(
            "bot was kicked from the {} chat",
            chat.kind.name()
        )));
    }
    let mut out = world.chat_json(chat);
    out["accent_color_id"] = json!(0);
    out["max_reaction_count"] = json!(11);
    out["accepted_gift_types"] = json!({
        "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false,
        "premium_subscription": false, "gifts_from_channels": false,
    });
    Ok(out)
}

/// The members that the bot may be told of.
fn looked_into<'a>(
    world: &'a World,
    p: &Parameters,
) -> Result<&'a crate::telegram::chats::Chat, Refusal> {
    let id = p.chat(world)?;
    let chat = world.known_chat(id)?;
    let kind = chat.kind.name();
    match (chat.kind, chat.bot) {
        (ChatKind::Private, _) => Ok(chat),
        (_, Membership::Kicked) => {
            Err(Refusal::forbidden(format!("bot was kicked from the {kind} chat")))
        }
        (_, Membership::Left) => {
            Err(Refusal::forbidden(format!("bot is not a member of the {kind} chat")))
        }
        (ChatKind::Channel, bot) if !bot.administers() => {
            Err(Refusal::bad("member list is inaccessible"))
        }
        _ => Ok(chat),
    }
}

fn get_chat_member(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let chat = looked_into(world, p)?;
    let user = UserId(p.integer("user_id").unwrap_or_default());
    let person = world.users.get(&user).ok_or_else(|| Refusal::bad("user not found"))?;
    let is = if user == world.me.id {
        chat.bot
    } else if chat.kind == ChatKind::Private && user.chat() == chat.id {
        Membership::Member
    } else {
        chat.member(user)
    };
    Ok(is.json(person, chat.kind))
}

fn get_chat_administrators(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let chat = looked_into(world, p)?;
    if chat.kind == ChatKind::Private {
        return Err(Refusal::bad("there are no administrators in the private chat"));
    }
    let with_bots = p.flag("return_bots");
    let people = chat.members.iter().filter(|(_, is)| is.administers());
    let mut all: Vec<Value> = people
        .filter_map(|(id, is)| Some((world.users.get(id)?, is)))
        .filter(|(user, _)| with_bots || !user.is_bot)
        .map(|(user, is)| is.json(user, chat.kind))
        .collect();
    if chat.bot.administers() {
        all.push(chat.bot.json(&world.me, chat.kind));
    }
    Ok(json!(all))
}

fn leave_chat(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let id = p.chat(world)?;
    let chat = world.known_chat(id)?;
    if chat.kind == ChatKind::Private {
        return Err(Refusal::bad("chat member status can't be changed in private chats"));
    }
    if !chat.bot.is_in() {
        let kind = chat.kind.name();
        return Err(Refusal::forbidden(format!("bot is not a member of the {kind} chat")));
    }
    world.bot_becomes(id, world.me.id, Membership::Left);
    world.deeds.push_back(Deed::LeftChat(id));
    Ok(json!(true))
}
