//! Sending, editing and deleting, and how the server says no.

use crate::bot::{Bot, PATIENCE, ana, peer};
use peers::telegram::{Deed, Membership, Press, Rights, Telegram, User};
use serde_json::{Value, json};
use std::time::Duration;

async fn refused(peer: &Telegram, method: &str, parameters: Value) -> (u16, String) {
    Bot::of(peer).call(method, parameters).await.refused()
}

fn bad(what: &str) -> (u16, String) {
    (400, format!("Bad Request: {what}"))
}

#[tokio::test]
async fn what_the_bot_sends_is_read_in_order_and_shown_as_the_bot_api_shows_it() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let sent = bot
        .call(
            "SendMessage",
            json!({
                "chat_id": ana.0, "text": " <b>Hours</b> &amp; /map\n", "parse_mode": "HTML",
                "reply_markup": {"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]},
                "reply_parameters": {"message_id": 1},
            }),
        )
        .await
        .ok();
    assert_eq!(sent["text"], "Hours & /map", "white space around it goes");
    assert_eq!(
        sent["entities"],
        json!([{"type": "bold", "offset": 0, "length": 5},
               {"type": "bot_command", "offset": 8, "length": 4}])
    );
    assert_eq!(sent["from"]["is_bot"], true);
    assert_eq!(sent["message_id"], 2, "numbers count within the chat");
    assert_eq!(sent["reply_to_message"]["text"], "/start");
    assert_eq!(sent["reply_markup"]["inline_keyboard"][0][0]["callback_data"], "m");
    bot.say(ana.0, "second").await;
    let first = peer.next_sent(PATIENCE).unwrap();
    assert_eq!(first.labels(), [["More"]]);
    assert_eq!(first.button("More").unwrap().press, Press::Data("m".to_owned()));
    assert_eq!(first.entities()[0].of(first.text()), "Hours");
    assert_eq!(peer.next_sent(PATIENCE).unwrap().text(), "second");
    assert_eq!(peer.next(Duration::ZERO), None);
    assert_eq!(peer.from_bot(ana.chat()).len(), 2);
    peer.assert_content();
}

#[tokio::test]
async fn a_persons_words_come_with_all_that_belongs_to_them() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let said = bot.say(ana.0, "yes?").await["message_id"].as_i64().unwrap();
    let id = peer.reply(ana, ana.chat(), said, "/find@library_test_bot 😀 tea");
    peer.edit(ana, ana.chat(), id, "/find coffee");
    let updates = bot.updates(0).await;
    let message = &updates[0]["message"];
    assert_eq!(
        message["from"],
        json!({"id": ana.0, "is_bot": false, "first_name": "Ana", "username": "ana",
               "language_code": "fr"})
    );
    assert_eq!(message["chat"]["type"], "private");
    assert_eq!(message["entities"][0]["length"], 22);
    assert_eq!(message["reply_to_message"]["message_id"], said);
    assert_eq!(message["date"], 1_773_133_200);
    assert_eq!(updates[1]["edited_message"]["text"], "/find coffee");
    assert_eq!(updates[1]["edited_message"]["edit_date"], 1_773_133_200);
    peer.assert_content();
}

#[tokio::test]
async fn texts_are_1_to_4096_units_after_their_markup() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let said = |text: String| json!({"chat_id": ana.0, "text": text, "parse_mode": "HTML"});
    bot.call("sendMessage", said(format!("<b>{}</b>", "a".repeat(4096)))).await.ok();
    bot.call("sendMessage", said("😀".repeat(2048))).await.ok();
    for (text, what) in [
        ("a".repeat(4097), "message is too long"),
        ("😀".repeat(2049), "message is too long"),
        (" \n ".to_owned(), "message text is empty"),
        ("<b> </b>".to_owned(), "message text is empty"),
        (
            "<b>x".to_owned(),
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        ("2 <3".to_owned(), "can't parse entities: Unclosed start tag at byte offset 2"),
    ] {
        assert_eq!(refused(&peer, "sendMessage", said(text)).await, bad(what));
    }
    peer.assert_content();
    bot.call("sendMessage", said("a & b".to_owned())).await.ok();
    assert!(peer.take_complaints()[0].what.contains("bare &"));
    let markdown = json!({"chat_id": ana.0, "text": "*x*", "parse_mode": "MarkdownV2"});
    assert_eq!(refused(&peer, "sendMessage", markdown).await, bad("unsupported parse_mode"));
    assert_eq!(peer.take_complaints().len(), 1);
}

#[tokio::test]
async fn edits_stay_in_place_and_must_change_something() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let keyboard = json!({"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]});
    let asked = json!({"chat_id": ana.0, "text": "one", "reply_markup": keyboard});
    let id = bot.call("sendMessage", asked).await.ok()["message_id"].clone();
    let edit = |text: &str| json!({"chat_id": ana.0, "message_id": id, "text": text});
    let mut same = edit("one");
    same["reply_markup"] = keyboard;
    let (code, what) = refused(&peer, "editMessageText", same).await;
    assert_eq!(code, 400);
    assert!(what.starts_with("Bad Request: message is not modified: specified new message"));
    let edited = bot.call("editMessageText", edit("two")).await.ok();
    assert_eq!((&edited["text"], &edited["message_id"]), (&json!("two"), &id));
    assert!(edited.get("reply_markup").is_none(), "no keyboard said is no keyboard kept");
    assert!(edited["edit_date"].is_i64());
    let (_, what) = refused(&peer, "editMessageText", edit(&"a".repeat(4097))).await;
    assert_eq!(what, "Bad Request: MESSAGE_TOO_LONG");
    let gone = json!({"chat_id": ana.0, "message_id": 99, "text": "x"});
    assert_eq!(refused(&peer, "editMessageText", gone).await, bad("message to edit not found"));
    let others = json!({"chat_id": ana.0, "message_id": 1, "text": "x"});
    assert_eq!(refused(&peer, "editMessageText", others).await, bad("message can't be edited"));
    let keys = json!({"chat_id": ana.0, "message_id": id,
                      "reply_markup": {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}});
    bot.call("editMessageReplyMarkup", keys).await.ok();
    assert_eq!(peer.from_bot(ana.chat())[0].labels(), [["A"]]);
    let deeds = peer.read();
    assert!(matches!(deeds[..], [Deed::Sent(_), Deed::Edited(_), Deed::Edited(_)]), "{deeds:?}");
    peer.assert_content();
}

#[tokio::test]
async fn messages_are_deleted_within_two_days() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let id = bot.say(ana.0, "x").await["message_id"].clone();
    let delete = json!({"chat_id": ana.0, "message_id": id});
    bot.call("deleteMessage", delete.clone()).await.ok();
    assert_eq!(refused(&peer, "deleteMessage", delete).await, bad("message to delete not found"));
    let id = bot.say(ana.0, "y").await["message_id"].clone();
    assert_eq!(id, 3, "a number is never used twice");
    peer.advance(Duration::from_secs(48 * 3600 + 1));
    let delete = json!({"chat_id": ana.0, "message_id": id});
    assert_eq!(refused(&peer, "deleteMessage", delete).await, bad("message can't be deleted"));
}

#[tokio::test]
async fn nobody_is_reached_who_cannot_be() {
    let peer = peer();
    let ana = ana(&peer).await;
    let said = |chat: i64| json!({"chat_id": chat, "text": "x"});
    let forbidden = |what: &str| (403, format!("Forbidden: {what}"));
    let (bo, cy) = (peer.add_user(User::new("Bo")), peer.add_user(User::new("Cy")));
    let group = peer.add_group("Readers", &[bo, cy]);
    peer.add_bot(bo, group);
    for (chat, expected) in [
        (4711, bad("chat not found")),
        (cy.0, bad("chat not found")),
        (bo.0, forbidden("bot can't initiate conversation with a user")),
    ] {
        assert_eq!(refused(&peer, "sendMessage", said(chat)).await, expected);
    }
    peer.block(ana);
    let blocked = forbidden("bot was blocked by the user");
    assert_eq!(refused(&peer, "sendMessage", said(ana.0)).await, blocked);
    peer.unblock(ana);
    Bot::of(&peer).say(ana.0, "x").await;
    peer.deactivate(ana);
    let gone = forbidden("user is deactivated");
    assert_eq!(refused(&peer, "sendMessage", said(ana.0)).await, gone);
    peer.mute_bot(group, true);
    let muted = bad("not enough rights to send text messages to the chat");
    assert_eq!(refused(&peer, "sendMessage", said(group.0)).await, muted);
    peer.remove_bot(bo, group);
    let kicked = forbidden("bot was kicked from the group chat");
    assert_eq!(refused(&peer, "sendMessage", said(group.0)).await, kicked);
    let channel = peer.add_channel("News", &[bo]);
    peer.make_public(channel, "library_news");
    let named = json!({"chat_id": "@library_news", "text": "x"});
    let not_in = forbidden("bot is not a member of the channel chat");
    assert_eq!(refused(&peer, "sendMessage", named.clone()).await, not_in);
    peer.bot_is(bo, channel, Membership::Administrator(Rights::default()));
    let no_right = bad("need administrator rights in the channel chat");
    assert_eq!(refused(&peer, "sendMessage", named.clone()).await, no_right);
    peer.bot_is(bo, channel, Membership::Administrator(Rights::all()));
    let posted = Bot::of(&peer).call("sendMessage", named).await.ok();
    assert_eq!(posted["sender_chat"]["type"], "channel");
    peer.assert_content();
}

#[tokio::test]
async fn a_migrated_group_says_where_it_went() {
    let peer = peer();
    let ana = ana(&peer).await;
    let group = peer.add_group("Readers", &[ana]);
    peer.add_bot(ana, group);
    let new = peer.migrate(group);
    let said = json!({"chat_id": group.0, "text": "x"});
    let answer = Bot::of(&peer).call("sendMessage", said).await;
    assert_eq!(answer.refused(), bad("group chat was upgraded to a supergroup chat"));
    assert_eq!(answer.body()["parameters"]["migrate_to_chat_id"], new.0);
    Bot::of(&peer).say(new.0, "x").await;
    let updates = Bot::of(&peer).updates(0).await;
    let told = |key: &str| updates.iter().find(|u| u["message"].get(key).is_some()).unwrap();
    assert_eq!(told("migrate_to_chat_id")["message"]["chat"]["id"], group.0);
    assert_eq!(told("migrate_from_chat_id")["message"]["chat"]["id"], new.0);
    peer.assert_content();
}

#[tokio::test]
async fn strangers_and_unknown_methods_are_turned_away() {
    let peer = peer();
    let mut bot = Bot::of(&peer);
    assert_eq!(bot.call("GETME", json!({})).await.ok()["username"], "library_test_bot");
    assert_eq!(bot.call("sendPigeon", json!({})).await.refused(), (404, "Not Found".to_owned()));
    assert_eq!(peer.take_complaints()[0].to_string(), "sendPigeon: there is no such method");
    let old = peer.token();
    peer.revoke_token();
    assert_eq!(bot.call("getMe", json!({})).await.refused(), (401, "Unauthorized".to_owned()));
    assert_ne!(peer.token(), old);
    "nonsense".clone_into(&mut bot.token);
    assert_eq!(bot.call("getMe", json!({})).await.status, 404);
    peer.assert_content();
}

#[tokio::test]
async fn parameters_are_checked() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let complaint = || peer.take_complaints().first().map(ToString::to_string).unwrap_or_default();
    bot.call("sendMessage", json!({"chat_id": ana.0, "text": "x", "colour": "red"})).await.ok();
    assert_eq!(complaint(), "sendMessage: there is no parameter `colour`");
    let (code, _) = bot.call("sendMessage", json!({"chat_id": ana.0})).await.refused();
    assert_eq!((code, complaint().as_str()), (400, "sendMessage: `text` is missing"));
    let wrong = json!({"chat_id": ana.0, "text": "x", "disable_notification": "yes"});
    assert_eq!(bot.call("sendMessage", wrong).await.status, 400);
    assert!(complaint().contains("Boolean"));
    let long = json!({"inline_keyboard": [[{"text": "x", "callback_data": "a".repeat(65)}]]});
    let asked = json!({"chat_id": ana.0, "text": "x", "reply_markup": long});
    let (_, what) = bot.call("sendMessage", asked).await.refused();
    assert_eq!(what, "Bad Request: BUTTON_DATA_INVALID");
    let reply = json!({"chat_id": ana.0, "text": "x", "reply_parameters": {"message_id": 99}});
    let (_, what) = bot.call("sendMessage", reply).await.refused();
    assert_eq!(what, "Bad Request: message to be replied not found");
    peer.take_complaints();
}

#[tokio::test]
async fn forms_are_as_good_as_json() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let form = format!("chat_id={}&text=a%20form&disable_notification=true", ana.0);
    let kind = "application/x-www-form-urlencoded";
    bot.send("sendMessage", kind, form.into()).await.unwrap().ok();
    assert!(peer.next_sent(PATIENCE).unwrap().silent);
    let part = |name: &str, value: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body =
        format!("{}{}--XX--\r\n", part("chat_id", &ana.0.to_string()), part("text", "parts"));
    let kind = "multipart/form-data; boundary=XX";
    bot.send("sendMessage", kind, body.into()).await.unwrap().ok();
    assert_eq!(peer.next_sent(PATIENCE).unwrap().text(), "parts");
    peer.assert_content();
}

#[tokio::test]
async fn places_and_actions_are_sent() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let venue = json!({"chat_id": ana.0, "latitude": 52.5, "longitude": 13.4,
                       "title": "Riverside", "address": "1 Quay"});
    assert_eq!(bot.call("sendVenue", venue).await.ok()["venue"]["title"], "Riverside");
    let place = json!({"chat_id": ana.0, "latitude": 52.5, "longitude": 13.4});
    assert_eq!(bot.call("sendLocation", place).await.ok()["location"]["latitude"], 52.5);
    let nowhere = json!({"chat_id": ana.0, "latitude": 152.5, "longitude": 13.4});
    assert_eq!(bot.call("sendLocation", nowhere).await.status, 400);
    let typing = json!({"chat_id": ana.0, "action": "typing"});
    bot.call("sendChatAction", typing).await.ok();
    let acted = Deed::Acted { chat: ana.chat(), thread: None, action: "typing".to_owned() };
    assert_eq!(peer.read().pop(), Some(acted));
    peer.assert_content();
}
