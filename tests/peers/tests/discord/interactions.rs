//! Answers to commands, buttons, menus, forms and to what is typed.

use crate::bot::{Bot, Ears, USUAL, cast, id, peer};
use jiff::SignedDuration;
use peers::discord::{ChannelId, Deed, Discord, MessageId, Reply, User, UserId};
use serde_json::{Value, json};

async fn ready(peer: &Discord) -> (UserId, ChannelId, Bot, Ears) {
    let (ana, _, help) = cast(peer);
    let bot = Bot::of(peer);
    let command = json!([{"name": "ask", "description": "d", "options":
        [{"type": 3, "name": "branch", "description": "d", "autocomplete": true}]}]);
    let path = format!("/applications/{}/commands", peer.bot());
    bot.call("PUT", &path, command).await.ok();
    peer.read();
    let ears = bot.identify(USUAL).await;
    (ana, help, bot, ears)
}

fn button(custom_id: &str) -> Value {
    json!([{"type": 1, "components": [{"type": 2, "style": 1, "label": "a", "custom_id": custom_id}]}])
}

#[tokio::test]
async fn a_deferred_answer_gets_its_words_and_stays_as_hidden() {
    let peer = peer();
    let (ana, help, bot, mut ears) = ready(&peer).await;
    let asked = peer.command(ana, help, "ask", &[]);
    let shown = ears.event("INTERACTION_CREATE").await;
    let early = bot.later("POST", &shown, "", json!({"content": "x"})).await;
    assert_eq!(early.refused(), (404, 10015));
    assert_eq!(peer.take_complaints().len(), 1);
    assert_eq!(bot.respond(&shown, 5, json!({"flags": 64})).await.status, 204);
    let Some(Reply::Deferred(waiting)) = peer.interaction(asked).reply else { panic!() };
    assert!(waiting.is_thinking() && waiting.only_for == Some(ana));
    let original = "/messages/@original";
    let said = bot.later("PATCH", &shown, original, json!({"content": "here"})).await.ok();
    assert_eq!((id(&said["id"]), &said["flags"]), (waiting.id.0, &json!(64)));
    let stands = bot.later("GET", &shown, original, Value::Null).await.ok();
    assert_eq!(stands["content"], "here");
    let more = bot.later("POST", &shown, "", json!({"content": "more", "flags": 64})).await.ok();
    assert_eq!(peer.message(help, MessageId(id(&more["id"]))).unwrap().only_for, Some(ana));
    let at = format!("/messages/{}", id(&more["id"]));
    bot.later("PATCH", &shown, &at, json!({"content": "even more"})).await.ok();
    assert_eq!(bot.later("DELETE", &shown, &at, Value::Null).await.status, 204);
    let list = bot.call("GET", &format!("/channels/{help}/messages"), Value::Null).await.ok();
    assert_eq!(list, json!([]), "what one person sees is in no channel");
    peer.advance(SignedDuration::from_mins(16));
    let late = bot.later("PATCH", &shown, original, json!({"content": "x"})).await;
    assert_eq!(late.refused(), (401, 50027));
    ears.silence().await;
    assert!(peer.unanswered().is_empty());
    peer.assert_content();
}

#[tokio::test]
async fn the_first_follow_up_is_the_deferred_answer() {
    let peer = peer();
    let (ana, help, bot, mut ears) = ready(&peer).await;
    peer.command(ana, help, "ask", &[]);
    let shown = ears.event("INTERACTION_CREATE").await;
    bot.respond(&shown, 5, Value::Null).await;
    let first = bot.later("POST", &shown, "", json!({"content": "one", "flags": 64})).await.ok();
    assert_eq!(peer.take_complaints().len(), 1, "it cannot be hidden any more");
    bot.later("POST", &shown, "", json!({"content": "two"})).await.ok();
    let all = peer.from_bot(help);
    assert_eq!((all.len(), all[0].id.0), (2, id(&first["id"])));
    assert!(all.iter().all(|message| message.only_for.is_none()));
}

#[tokio::test]
async fn answers_come_once_and_in_time() {
    let peer = peer();
    let (ana, help, bot, mut ears) = ready(&peer).await;
    let asked = peer.command(ana, help, "ask", &[]);
    let shown = ears.event("INTERACTION_CREATE").await;
    let said = json!({"content": "x"});
    bot.respond(&shown, 4, said.clone()).await.ok();
    assert_eq!(bot.respond(&shown, 4, said.clone()).await.refused(), (400, 40060));
    ears.event("MESSAGE_CREATE").await;
    assert!(matches!(peer.read()[0], Deed::Responded { interaction, .. } if interaction == asked));
    peer.command(ana, help, "ask", &[]);
    let shown = ears.event("INTERACTION_CREATE").await;
    peer.advance(SignedDuration::from_millis(3_001));
    assert_eq!(bot.respond(&shown, 4, said.clone()).await.refused(), (404, 10062));
    peer.command(ana, help, "ask", &[]);
    let mut shown = ears.event("INTERACTION_CREATE").await;
    for (wrong, data) in [(6, &said), (7, &said), (8, &json!({"choices": []}))] {
        assert_eq!(bot.respond(&shown, wrong, data.clone()).await.refused(), (400, 50035));
    }
    shown["token"] = json!("x");
    assert_eq!(bot.respond(&shown, 4, said).await.refused(), (404, 10062));
    assert_eq!(peer.take_complaints().len(), 6);
    assert_eq!(peer.unanswered().len(), 2);
}

#[tokio::test]
async fn buttons_and_menus_change_their_message() {
    let peer = peer();
    let (ana, help, bot, mut ears) = ready(&peer).await;
    let sent =
        bot.say(help, json!({"content": "Helpful?", "components": button("yes")})).await.ok();
    let message = MessageId(id(&sent["id"]));
    ears.event("MESSAGE_CREATE").await;
    peer.press(ana, help, message, "yes");
    let shown = ears.event("INTERACTION_CREATE").await;
    assert_eq!((&shown["type"], &shown["data"]["custom_id"]), (&json!(3), &json!("yes")));
    assert_eq!(shown["message"]["content"], "Helpful?");
    bot.respond(&shown, 7, json!({"content": "Thanks", "components": []})).await.ok();
    assert_eq!(ears.event("MESSAGE_UPDATE").await["content"], "Thanks");
    assert!(peer.message(help, message).unwrap().controls().is_empty());
    let options = json!([{"label": "North", "value": "n"}, {"label": "South", "value": "s"}]);
    let menu = json!([{"type": 1, "components": [{"type": 3, "custom_id": "branch", "options": options}]}]);
    let sent = bot.say(help, json!({"content": "Where?", "components": menu})).await.ok();
    ears.event("MESSAGE_CREATE").await;
    let message = MessageId(id(&sent["id"]));
    peer.choose(ana, (help, message), "branch", &["s"]);
    let shown = ears.event("INTERACTION_CREATE").await;
    assert_eq!(shown["data"]["values"], json!(["s"]));
    bot.respond(&shown, 6, Value::Null).await.ok();
    bot.later("PATCH", &shown, "/messages/@original", json!({"content": "South"})).await.ok();
    assert_eq!(peer.message(help, message).unwrap().content, "South");
    peer.assert_content();
}

#[tokio::test]
async fn forms_are_filled_in_and_sent() {
    let peer = peer();
    let (ana, help, bot, mut ears) = ready(&peer).await;
    let asked = peer.command(ana, help, "ask", &[]);
    let shown = ears.event("INTERACTION_CREATE").await;
    let field = json!({"type": 4, "custom_id": "question", "label": "Your question", "style": 2});
    let rows = json!([{"type": 1, "components": [field]}]);
    let long = json!({"custom_id": "f", "title": "x".repeat(46), "components": rows});
    assert_eq!(bot.respond(&shown, 9, long).await.refused(), (400, 50035));
    peer.take_complaints();
    let form = json!({"custom_id": "f", "title": "Ask", "components": rows});
    bot.respond(&shown, 9, form).await.ok();
    peer.submit(asked, &[("question", "When do you open?")]);
    let shown = ears.event("INTERACTION_CREATE").await;
    assert_eq!((&shown["type"], &shown["data"]["custom_id"]), (&json!(5), &json!("f")));
    let sent = &shown["data"]["components"][0]["components"][0];
    assert_eq!(sent["value"], "When do you open?");
    bot.respond(&shown, 4, json!({"content": "At nine", "flags": 64})).await.ok();
    peer.assert_content();
}

#[tokio::test]
async fn whoever_types_is_offered_choices() {
    let peer = peer();
    let (ana, help, bot, mut ears) = ready(&peer).await;
    let typed = peer.type_option(ana, help, "ask", ("branch", "No"));
    let shown = ears.event("INTERACTION_CREATE").await;
    assert_eq!(shown["data"]["options"][0]["focused"], true);
    let many: Vec<Value> = (0..26).map(|n| json!({"name": "x", "value": n.to_string()})).collect();
    assert_eq!(bot.respond(&shown, 8, json!({"choices": many})).await.refused(), (400, 50035));
    assert_eq!(bot.respond(&shown, 5, Value::Null).await.refused(), (400, 50035));
    peer.take_complaints();
    bot.respond(&shown, 8, json!({"choices": [{"name": "North", "value": "n"}]})).await.ok();
    assert!(matches!(peer.interaction(typed).reply, Some(Reply::Choices(all)) if all.len() == 1));
    peer.assert_content();
}

#[tokio::test]
#[should_panic(expected = "they do not see the message")]
async fn what_is_for_one_person_is_pressed_by_nobody_else() {
    let peer = peer();
    let (ana, help, bot, mut ears) = ready(&peer).await;
    peer.command(ana, help, "ask", &[]);
    let shown = ears.event("INTERACTION_CREATE").await;
    let hidden = json!({"content": "x", "flags": 64, "components": button("b")});
    bot.respond(&shown, 4, hidden).await.ok();
    let message = peer.from_bot(help)[0].id;
    peer.press(ana, help, message, "b");
    let zoe = peer.add_user(User::new("Zoe"));
    peer.join(zoe, peer.channel(help).unwrap().guild.unwrap());
    peer.press(zoe, help, message, "b");
}
