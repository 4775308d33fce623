//! What people press and what they type after the bot's name.

use super::methods::{Asks, Query, sent_text};
use super::updates::{CALLBACK_S, CHOSEN_S, INLINE_S};
use super::world::{World, blank};
use super::{ChatId, Content, Press, Telegram, UserId, keyboard};
use serde_json::{Value, json};

impl World {
    fn ask(&mut self, user: UserId, asks: Asks) -> String {
        let id = format!("{}", 4_300_000_000_000_i64 + self.next_number());
        let at_s = self.now_s();
        let query = Query { asks, user, at_s, answered: false, offered: Vec::new() };
        self.queries.insert(id.clone(), query);
        id
    }

    fn pressed(&mut self, user: UserId, chat: ChatId, message: i64, data: &str) -> String {
        let id = self.ask(user, Asks::Press);
        let held = &self.chats[&chat];
        let on = held.message(message).expect("the message is still there");
        let mut body = json!({
            "id": id,
            "from": self.user_json(user),
            "chat_instance": format!("{}", chat.0.unsigned_abs() * 7919),
            "data": data,
        });
        match &on.inline_id {
            Some(inline) => body["inline_message_id"] = json!(inline),
            None => body["message"] = self.message_json(held, on),
        }
        self.tell("callback_query", body, (3, user.0), CALLBACK_S);
        id
    }
}

impl Telegram {
    /// Somebody presses a button with this label that sends data. The query's number comes back.
    ///
    /// # Panics
    /// If there is no such button there.
    pub fn press(&self, user: UserId, chat: ChatId, message: i64, label: &str) -> String {
        let mut world = self.shared.lock();
        let on = world.held(chat).message(message).expect("the message is still there");
        let button = on.button(label);
        let button = button.unwrap_or_else(|| panic!("no [{label}] among {:?}", on.labels()));
        let Press::Data(data) = button.press.clone() else {
            panic!("[{label}] sends nothing to the bot: {:?}", button.press)
        };
        let id = world.pressed(user, chat, message, &data);
        drop(world);
        self.shared.wake();
        id
    }

    /// Somebody's client sends data that no button there has: an old one, or a forged one.
    ///
    /// # Panics
    /// If the message is not there.
    pub fn press_data(&self, user: UserId, chat: ChatId, message: i64, data: &str) -> String {
        let id = self.shared.lock().pressed(user, chat, message, data);
        self.shared.wake();
        id
    }

    /// Somebody types the bot's name and a query in any chat; `offset` is that of the page, empty
    /// for the first. The query's number comes back.
    ///
    /// # Panics
    /// If inline mode is off, or the query is longer than clients send.
    pub fn inline(&self, user: UserId, query: &str, offset: &str) -> String {
        assert!(query.encode_utf16().count() <= 256, "clients send 256 characters at most");
        let mut world = self.shared.lock();
        assert!(world.settings.inline, "inline mode is off");
        let id = world.ask(user, Asks::Inline(query.to_owned()));
        let body = json!({
            "id": id,
            "from": world.user_json(user),
            "query": query,
            "offset": offset,
            "chat_type": "private",
        });
        world.tell("inline_query", body, (1, user.0), INLINE_S);
        drop(world);
        self.shared.wake();
        id
    }

    /// Somebody sends an inline result into a chat, where it stands as theirs. Its number there
    /// comes back.
    ///
    /// # Panics
    /// If the query was not answered with such a result.
    pub fn choose(&self, user: UserId, query: &str, result: &str, into: ChatId) -> i64 {
        let mut world = self.shared.lock();
        let asked = world.queries.get(query).expect("the query exists").clone();
        let mut offered = asked.offered.iter();
        let chosen = offered.find(|r| r["id"] == result).expect("the result was offered").clone();
        let text = sent_text(&mut world, &chosen).expect("it was read before");
        let content = match text {
            Some((text, entities)) => Content::Text { text, entities },
            None => place(&chosen),
        };
        let markup = keyboard::read(chosen.get("reply_markup"), false).expect("it was read before");
        let mut message = blank(into, content);
        message.from = Some(user);
        message.keyboard = markup.inline;
        // The bot can change the message later only if there is a keyboard below it.
        let number = world.next_number();
        message.inline_id = Some(format!("INLINE{number}"));
        let named = (!message.keyboard.is_empty()).then(|| message.inline_id.clone());
        let id = world.post(message).id;
        if world.settings.inline_feedback {
            let Asks::Inline(words) = asked.asks else { panic!("no inline query: {query}") };
            let mut body =
                json!({"result_id": result, "from": world.user_json(user), "query": words});
            if let Some(Some(inline)) = named {
                body["inline_message_id"] = json!(inline);
            }
            world.tell("chosen_inline_result", body, (2, user.0), CHOSEN_S);
        }
        drop(world);
        self.shared.wake();
        id
    }
}

fn place(result: &Value) -> Content {
    let content = result.get("input_message_content").unwrap_or(result);
    let number = |key: &str| content[key].as_f64().unwrap_or_default();
    Content::Location { latitude: number("latitude"), longitude: number("longitude") }
}
