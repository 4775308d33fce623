//! Raw updates to events.

use crate::NETWORK;
use crate::readable;
use crate::speak::message_id;
use bot::{
    Act, Answered, Attachment, CaseId, DeskAct, Event, Location, Network, Place, PlaceKind, Said,
    Speaker, Wish, Written,
};
use contract::{Pseudonyms, Translate, Who};
use knowledge::Lang;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use teloxide::types::{
    CallbackQuery, Chat, InlineKeyboardButtonKind, MaybeInaccessibleMessage, Message,
    MessageEntityKind, MessageKind, ThreadId, Update, UpdateKind, User,
};

/// An update as it lies in the inbox: as it came, and what was so when it came. Its form is kept: it
/// may have been written by an earlier version of the program.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Raw<'a> {
    /// The bot's own name, for mentions of it.
    pub(crate) bot: &'a str,
    /// Who did it at the desk, if it was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) desk: Option<AtDesk>,
    /// The number that the group had before it became a supergroup: its places go by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) moved: Option<i64>,
    /// Whether it is the first of those that are not read, for whoever wrote it writes too fast.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) flooded: bool,
    /// As it came.
    #[serde(borrow)]
    pub(crate) update: &'a RawValue,
}

/// Something that somebody did at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AtDesk {
    /// The case in whose topic it was done.
    pub(crate) case: Option<u32>,
    /// Who did it.
    pub(crate) who: Who,
}

impl Raw<'_> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        // It holds no map whose keys could not be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The network.
pub(crate) fn network() -> Network {
    Network(NETWORK.to_owned())
}

/// The desk.
pub(crate) fn desk() -> Place {
    Place { network: network(), id: "desk".to_owned(), kind: PlaceKind::Desk }
}

/// A place by its id: `dm-USER`, `CHAT` or `CHAT.THREAD`.
fn place(chat: &Chat, thread: Option<ThreadId>, moved: Option<i64>) -> Place {
    if chat.is_private() {
        // A private chat has the number of the user in it.
        return Place::direct(&network(), &chat.id.to_string());
    }
    let number = moved.unwrap_or(chat.id.0);
    let id = match thread {
        Some(thread) => format!("{number}.{}", thread.0.0),
        None => number.to_string(),
    };
    Place { network: network(), id, kind: PlaceKind::Shared }
}

/// Where a place is on the network: a chat, and a topic of it.
pub(crate) fn chat_of(place: &Place) -> Option<(i64, Option<i32>)> {
    let id = place.id.strip_prefix("dm-").unwrap_or(&place.id);
    match id.split_once('.') {
        Some((chat, thread)) => Some((chat.parse().ok()?, Some(thread.parse().ok()?))),
        None => Some((id.parse().ok()?, None)),
    }
}

/// The pure half of the link.
pub(crate) struct Translator;

impl Translate for Translator {
    fn events(&self, raw: &[u8], pseudonyms: &dyn Pseudonyms) -> Vec<Event> {
        let Ok(raw) = serde_json::from_slice::<Raw<'_>>(raw) else { return Vec::new() };
        let Some(update) = readable::read(raw.update) else { return Vec::new() };
        if raw.flooded {
            return flooded(&update, &raw, pseudonyms).into_iter().collect();
        }
        let event = match &raw.desk {
            Some(at) => at_desk(&update, raw.bot, at),
            None => elsewhere(&update, &raw, pseudonyms),
        };
        event.into_iter().collect()
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else comes was not asked for")]
fn elsewhere(update: &Update, raw: &Raw<'_>, pseudonyms: &dyn Pseudonyms) -> Option<Event> {
    match &update.kind {
        UpdateKind::Message(message) => said(message, raw, pseudonyms),
        UpdateKind::EditedMessage(message) => edited(message, raw, pseudonyms),
        UpdateKind::CallbackQuery(query) => pressed(query, raw, pseudonyms),
        _ => None,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "other updates are nobody's words")]
fn flooded(update: &Update, raw: &Raw<'_>, pseudonyms: &dyn Pseudonyms) -> Option<Event> {
    let message = match &update.kind {
        UpdateKind::Message(message) | UpdateKind::EditedMessage(message) => message,
        _ => return None,
    };
    Some(Event::Flooded {
        place: place(&message.chat, topic(message), raw.moved),
        speaker: speaker(author(message, raw.bot)?, pseudonyms),
        message: message_id(message.chat.id.0, message.id.0),
    })
}

fn at_desk(update: &Update, bot: &str, at: &AtDesk) -> Option<Event> {
    let act = desk_act(update, bot, at.case)?;
    Some(match &at.who {
        Who::Staff(staff) => Event::Desk { desk: desk(), staff: staff.clone(), act },
        Who::Other(who) => {
            let act = DeskAct::NotStaff { who: who.clone() };
            Event::Desk { desk: desk(), staff: who.clone(), act }
        }
    })
}

/// What an update in the staff's group asks for at the desk; `None` for what people say to each
/// other. `case` is the one in whose topic it stands.
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever else comes was not asked for")]
pub(crate) fn desk_act(update: &Update, bot: &str, case: Option<u32>) -> Option<DeskAct> {
    let message = match &update.kind {
        UpdateKind::Message(message) => message,
        UpdateKind::CallbackQuery(query) => {
            return DeskAct::of(Act::parse(query.data.as_deref()?)?);
        }
        _ => return None,
    };
    let files = !attachments(message).is_empty();
    let text = message.text().or_else(|| message.caption());
    let text = text.or(files.then_some(""))?;
    // In a topic whoever answers nothing answers the message that opened it.
    let opened = message.thread_id.map(|thread| thread.0);
    let answered = message.reply_to_message().filter(|reply| Some(reply.id) != opened);
    let answers = match answered.filter(|reply| is_by(reply, bot)) {
        Some(reply) => case_of_buttons(reply).map_or(Answered::Bot, Answered::Case),
        None => Answered::Others,
    };
    DeskAct::written(&Written {
        words: &without_name(text, bot),
        in_thread: case.map(CaseId),
        answers,
        called: mentions(message, bot) || is_command(text, bot),
        files,
    })
}

/// The case that the desk's buttons under a message are about.
#[expect(clippy::wildcard_enum_match_arm, reason = "other buttons carry no code")]
fn case_of_buttons(message: &Message) -> Option<CaseId> {
    let mut buttons = message.reply_markup()?.inline_keyboard.iter().flatten();
    buttons.find_map(|button| match &button.kind {
        InlineKeyboardButtonKind::CallbackData(code) => DeskAct::of(Act::parse(code)?)?.about(),
        _ => None,
    })
}

fn speaker(user: &User, pseudonyms: &dyn Pseudonyms) -> Speaker {
    let id = user.id.to_string();
    Speaker {
        person: pseudonyms.person(&network(), &id),
        user: id,
        locale: user.language_code.as_deref().and_then(Lang::parse),
    }
}

/// Who wrote a message, if a person did and in their own words: what somebody shares through inline
/// mode is the bot's.
fn author<'a>(message: &'a Message, bot: &str) -> Option<&'a User> {
    let own = message.via_bot.as_ref().is_some_and(|via| is_called(via, bot));
    message.from.as_ref().filter(|user| !user.is_bot && !own)
}

fn said(message: &Message, raw: &Raw<'_>, pseudonyms: &dyn Pseudonyms) -> Option<Event> {
    let bot = raw.bot;
    let user = author(message, bot)?;
    let place = place(&message.chat, topic(message), raw.moved);
    let attachments = attachments(message);
    let text = message.text().or_else(|| message.caption()).unwrap_or_default();
    let location = message.location().or(message.venue().map(|venue| &venue.location));
    let location = location.and_then(|at| Location::new(at.latitude, at.longitude));
    // Somebody came or went, a picture was pinned: nothing is said. A sticker in a direct chat says
    // something, and nothing that can be read.
    let speaks = place.kind == PlaceKind::Direct && matches!(message.kind, MessageKind::Common(_));
    if text.is_empty() && attachments.is_empty() && location.is_none() && !speaks {
        return None;
    }
    let replied = message.reply_to_message().filter(|reply| is_by(reply, bot));
    let addressed = place.kind == PlaceKind::Direct
        || replied.is_some()
        || mentions(message, bot)
        || is_command(text, bot);
    Some(Event::Said(Said {
        speaker: speaker(user, pseudonyms),
        message: message_id(message.chat.id.0, message.id.0),
        replies_to: replied.map(|reply| message_id(reply.chat.id.0, reply.id.0)),
        addressed,
        wish: location.map_or_else(|| Wish::from_text(&without_name(text, bot)), Wish::Location),
        attachments,
        place,
    }))
}

fn edited(message: &Message, raw: &Raw<'_>, pseudonyms: &dyn Pseudonyms) -> Option<Event> {
    let user = author(message, raw.bot)?;
    let text = message.text().or_else(|| message.caption())?;
    Some(Event::Edited {
        place: place(&message.chat, topic(message), raw.moved),
        speaker: speaker(user, pseudonyms),
        message: message_id(message.chat.id.0, message.id.0),
        text: without_name(text, raw.bot).into_owned(),
    })
}

fn pressed(query: &CallbackQuery, raw: &Raw<'_>, pseudonyms: &dyn Pseudonyms) -> Option<Event> {
    let act = Act::parse(query.data.as_deref()?)?;
    // A button of the desk does nothing in front of it.
    if DeskAct::of(act).is_some() {
        return None;
    }
    let place = match query.message.as_ref()? {
        MaybeInaccessibleMessage::Regular(message) => {
            place(&message.chat, topic(message), raw.moved)
        }
        MaybeInaccessibleMessage::Inaccessible(message) => place(&message.chat, None, raw.moved),
    };
    Some(Event::Pressed { place, speaker: speaker(&query.from, pseudonyms), act, press: None })
}

/// The topic of a forum in which a message stands; replies in other groups have a thread that is no
/// place of its own.
fn topic(message: &Message) -> Option<ThreadId> {
    message.thread_id.filter(|_| message.is_topic_message)
}

/// Files that came along: what kind, and the name under which the network keeps them.
fn attachments(message: &Message) -> Vec<Attachment> {
    let document = message.document().map(|document| Attachment {
        name: document.file_name.clone().unwrap_or_else(|| "file".to_owned()),
        reference: format!("document {}", document.file.id),
    });
    let largest = message.photo().and_then(|sizes| sizes.last());
    let photo = largest.map(|size| Attachment {
        name: "photo".to_owned(),
        reference: format!("photo {}", size.file.id),
    });
    let voice = message.voice().map(|voice| Attachment {
        name: "voice".to_owned(),
        reference: format!("voice {}", voice.file.id),
    });
    let video = message.video().map(|video| Attachment {
        name: video.file_name.clone().unwrap_or_else(|| "video".to_owned()),
        reference: format!("video {}", video.file.id),
    });
    let audio = message.audio().map(|audio| Attachment {
        name: audio.file_name.clone().unwrap_or_else(|| "audio".to_owned()),
        reference: format!("audio {}", audio.file.id),
    });
    [document, photo, voice, video, audio].into_iter().flatten().collect()
}

/// Whether a message is the bot's own.
fn is_by(message: &Message, bot: &str) -> bool {
    message.from.as_ref().is_some_and(|from| is_called(from, bot))
}

fn is_called(user: &User, bot: &str) -> bool {
    user.is_bot && user.username.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(bot))
}

/// Whether a message calls the bot by its name: before its words or behind them. Named in their
/// midst it is spoken of, and not to.
fn mentions(message: &Message, bot: &str) -> bool {
    let entities = message.parse_entities().or_else(|| message.parse_caption_entities());
    let text = message.text().or_else(|| message.caption()).unwrap_or_default();
    let wordless = |text: &str| !text.contains(char::is_alphanumeric);
    entities.into_iter().flatten().any(|entity| {
        matches!(entity.kind(), MessageEntityKind::Mention)
            && entity.text().strip_prefix('@').is_some_and(|name| name.eq_ignore_ascii_case(bot))
            && (wordless(&text[..entity.start()]) || wordless(&text[entity.end()..]))
    })
}

/// Whether a text is a command for this bot: in groups several bots hear the same.
fn is_command(text: &str, bot: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let for_another = word.split_once('@').is_some_and(|(_, name)| !name.eq_ignore_ascii_case(bot));
    word.starts_with('/') && !for_another
}

/// The words without the bot's name before them, or behind their command.
fn without_name<'a>(text: &'a str, bot: &str) -> Cow<'a, str> {
    let trimmed = text.trim_start();
    if trimmed.starts_with('/') {
        let end = trimmed.find(char::is_whitespace).unwrap_or(trimmed.len());
        return match trimmed[..end].split_once('@') {
            Some((command, name)) if name.eq_ignore_ascii_case(bot) => {
                Cow::Owned(format!("{command}{}", &trimmed[end..]))
            }
            Some(_) | None => Cow::Borrowed(text),
        };
    }
    let Some(rest) = trimmed.strip_prefix('@') else {
        return Cow::Borrowed(without_call(text, bot));
    };
    match rest.get(..bot.len()) {
        Some(name) if name.eq_ignore_ascii_case(bot) => {
            Cow::Borrowed(rest[bot.len()..].trim_start_matches([',', ':']).trim_start())
        }
        Some(_) | None => Cow::Borrowed(text),
    }
}

/// The words without the bot's name behind them.
fn without_call<'a>(text: &'a str, bot: &str) -> &'a str {
    let trimmed = text.trim_end_matches(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
    let Some(at) = trimmed.rfind('@') else { return text };
    match trimmed[at + 1..].eq_ignore_ascii_case(bot) && at > 0 {
        true => text[..at].trim_end().trim_end_matches(','),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot::{Command, PersonId};
    use serde_json::json;

    struct Plain;

    impl Pseudonyms for Plain {
        fn person(&self, network: &Network, user: &str) -> PersonId {
            PersonId(format!("{network}:{user}"))
        }
    }

    fn events(update: &serde_json::Value) -> Vec<Event> {
        let update = RawValue::from_string(update.to_string()).unwrap();
        Translator.events(
            &Raw { bot: "LindenBot", desk: None, moved: None, flooded: false, update: &update }
                .encode(),
            &Plain,
        )
    }

    fn ben() -> serde_json::Value {
        json!({ "id": 7, "is_bot": false, "first_name": "Ben", "language_code": "fr" })
    }

    fn private(text: &str) -> serde_json::Value {
        let chat = json!({ "id": 7, "type": "private", "first_name": "Ben" });
        json!({ "update_id": 1, "message": {
            "message_id": 12, "date": 1_780_000_000, "chat": chat, "from": ben(), "text": text,
        } })
    }

    fn group(text: &str, entities: serde_json::Value) -> serde_json::Value {
        let chat = json!({ "id": -100_123, "type": "supergroup", "title": "Hall" });
        json!({ "update_id": 1, "message": {
            "message_id": 12, "date": 1_780_000_000, "chat": chat, "from": ben(), "text": text,
            "entities": entities,
        } })
    }

    fn said(update: &serde_json::Value) -> Said {
        let event = events(update).remove(0);
        let Event::Said(said) = event else { panic!("{event:?}") };
        said
    }

    #[test]
    fn a_private_chat_speaks_to_the_bot() {
        let one = said(&private("do you lend drills?"));
        assert_eq!(one.place, Place::direct(&network(), "7"));
        assert_eq!(one.message.0, "7.12");
        assert_eq!(one.speaker.locale, Some(Lang::FR));
        assert_eq!(one.speaker.person.0, "telegram:7");
        assert!(one.addressed);
        assert_eq!(one.wish, Wish::Words("do you lend drills?".to_owned()));
        let hours = said(&private("/hours@LindenBot Riverside"));
        assert_eq!(hours.wish, Wish::Command(Command::Hours("Riverside".to_owned())));
    }

    #[test]
    fn in_a_group_it_is_spoken_to_by_name_or_command() {
        let mention = json!([{ "type": "mention", "offset": 0, "length": 10 }]);
        let one = said(&group("@lindenbot where?", mention));
        assert!(one.addressed);
        assert_eq!(one.wish, Wish::Words("where?".to_owned()));
        assert_eq!(one.place.id, "-100123");
        assert!(!said(&group("so do I", json!([]))).addressed);
        let behind = said(&group(
            "where, @LindenBot?",
            json!([{ "type": "mention", "offset": 7, "length": 10 }]),
        ));
        assert!(behind.addressed);
        assert_eq!(behind.wish, Wish::Words("where".to_owned()));
        let amid = json!([{ "type": "mention", "offset": 4, "length": 10 }]);
        assert!(!said(&group("ask @LindenBot, perhaps", amid)).addressed);
        let command = json!([{ "type": "bot_command", "offset": 0, "length": 6 }]);
        assert!(said(&group("/hours", command)).addressed);
        let others = json!([{ "type": "bot_command", "offset": 0, "length": 15 }]);
        assert!(!said(&group("/hours@OtherBot", others)).addressed);
    }

    #[test]
    fn buttons_of_the_desk_do_nothing_in_front_of_it() {
        let press = |data: &str| {
            let chat = json!({ "id": 7, "type": "private", "first_name": "Ben" });
            let message =
                json!({ "message_id": 13, "date": 1_780_000_000, "chat": chat, "text": "x" });
            json!({ "update_id": 2, "callback_query": {
                "id": "q", "from": ben(), "chat_instance": "i", "data": data, "message": message,
            } })
        };
        assert_eq!(events(&press("dc.1")), []);
        assert_eq!(events(&press("nonsense")), []);
        assert!(matches!(
            events(&press("p.0")).remove(0),
            Event::Pressed { act: Act::AskPerson(0), .. }
        ));
    }

    #[test]
    fn a_case_that_is_answered_with_a_file_is_not_answered() {
        let bot = json!({ "id": 9, "is_bot": true, "first_name": "B", "username": "LindenBot" });
        let chat = json!({ "id": -100_123, "type": "supergroup", "title": "Staff" });
        let mut update = group("", json!([]));
        let message = update["message"].as_object_mut().unwrap();
        message.remove("text");
        message.insert(
            "document".to_owned(),
            json!({ "file_id": "F", "file_unique_id": "U", "file_name": "map.pdf" }),
        );
        let act = |update: &serde_json::Value, case| {
            let update = RawValue::from_string(update.to_string()).unwrap();
            desk_act(&readable::read(&update).unwrap(), "LindenBot", case)
        };
        assert_eq!(act(&update, Some(3)), None, "shown to colleagues");
        update["message"]["reply_to_message"] = json!({
            "message_id": 5, "date": 1_780_000_000, "chat": chat, "from": bot, "text": "case 3",
        });
        assert_eq!(act(&update, Some(3)), Some(DeskAct::File(CaseId(3))));
        update["message"]["caption"] = json!("it is on this map");
        assert_eq!(act(&update, Some(3)), Some(DeskAct::File(CaseId(3))), "nothing by halves");
    }

    #[test]
    fn bytes_that_are_no_update_say_nothing() {
        for raw in [&b""[..], b"{}", b"\xff", b"{\"bot\":\"b\",\"update\":{}}"] {
            assert_eq!(Translator.events(raw, &Plain), []);
        }
    }

    #[test]
    fn words_beside_something_unknown_are_read() {
        let mut update = private("x");
        let message = update["message"].as_object_mut().unwrap();
        message.remove("text");
        message.insert("caption".to_owned(), json!("do you print this?"));
        let huge = json!({ "file_id": "F", "file_unique_id": "U", "file_size": 5_000_000_000_u64 });
        message.insert("document".to_owned(), huge);
        assert_eq!(said(&update).wish, Wish::Words("do you print this?".to_owned()));
    }

    #[test]
    fn places_and_messages_read_back() {
        let place =
            |id: &str| Place { network: network(), id: id.to_owned(), kind: PlaceKind::Shared };
        assert_eq!(chat_of(&place("dm-7")), Some((7, None)));
        assert_eq!(chat_of(&place("-100123")), Some((-100_123, None)));
        assert_eq!(chat_of(&place("-100123.5")), Some((-100_123, Some(5))));
        assert_eq!(chat_of(&place("desk")), None);
        assert_eq!(crate::speak::number_of(&message_id(-100_123, 12)), Some(12));
    }
}
