//! Pressed buttons and inline mode.

use crate::bot::{Bot, PATIENCE, ana, peer, settings, start};
use peers::telegram::{Deed, Settings, Telegram, UserId};
use serde_json::{Value, json};
use std::time::Duration;

const TOO_OLD: &str =
    "Bad Request: query is too old and response timeout expired or query ID is invalid";

async fn with_button(peer: &Telegram, ana: UserId) -> i64 {
    let markup = json!({"inline_keyboard": [[{"text": "Ask a person", "callback_data": "ask:1"}]]});
    let asked = json!({"chat_id": ana.0, "text": "Nearly", "reply_markup": markup});
    let sent = Bot::of(peer).call("sendMessage", asked).await.ok();
    peer.read();
    sent["message_id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_pressed_button_is_heard_and_answered_once() {
    let peer = peer();
    let ana = ana(&peer).await;
    let message = with_button(&peer, ana).await;
    let query = peer.press(ana, ana.chat(), message, "Ask a person");
    assert_eq!(peer.unanswered(), [query.as_str()]);
    let bot = Bot::of(&peer);
    let heard = &bot.updates(0).await[0]["callback_query"];
    assert_eq!(heard["data"], "ask:1");
    assert_eq!(heard["from"]["id"], ana.0);
    assert_eq!(heard["message"]["message_id"], message);
    assert!(heard["message"]["reply_markup"].is_object());
    assert!(heard["chat_instance"].is_string());
    let answer = json!({"callback_query_id": query, "text": "Asked", "show_alert": true});
    bot.call("answerCallbackQuery", answer.clone()).await.ok();
    let Some(Deed::Answered(answered)) = peer.next(PATIENCE) else { panic!("no answer") };
    assert_eq!((answered.text.as_str(), answered.alert), ("Asked", true));
    assert_eq!(peer.unanswered(), [""; 0]);
    assert_eq!(bot.call("answerCallbackQuery", answer).await.refused().1, TOO_OLD);
    peer.assert_content();
}

#[tokio::test]
async fn a_press_gets_too_old() {
    let peer = start(Settings { query_age_s: 15, ..settings() });
    let ana = ana(&peer).await;
    let message = with_button(&peer, ana).await;
    let bot = Bot::of(&peer);
    let query = peer.press(ana, ana.chat(), message, "Ask a person");
    peer.advance(Duration::from_secs(16));
    let answer = json!({"callback_query_id": query});
    assert_eq!(bot.call("answerCallbackQuery", answer).await.refused().1, TOO_OLD);
    let query = peer.press_data(ana, ana.chat(), message, "forged");
    assert_eq!(bot.updates(-1).await[0]["callback_query"]["data"], "forged");
    let long = json!({"callback_query_id": query, "text": "x".repeat(201)});
    assert_eq!(
        bot.call("answerCallbackQuery", long).await.refused().1,
        "Bad Request: MESSAGE_TOO_LONG"
    );
    bot.call("answerCallbackQuery", json!({"callback_query_id": query})).await.ok();
    peer.assert_content();
}

fn article(id: &str, text: &str) -> Value {
    json!({"type": "article", "id": id, "title": "Opening hours",
           "input_message_content": {"message_text": text, "parse_mode": "HTML"}})
}

#[tokio::test]
async fn inline_results_are_offered_chosen_and_edited() {
    let peer = start(Settings { inline_feedback: true, ..settings() });
    let ana = ana(&peer).await;
    let group = peer.add_group("Friends", &[ana]);
    let bot = Bot::of(&peer);
    let query = peer.inline(ana, "hours", "");
    let heard = &bot.updates(0).await[0]["inline_query"];
    assert_eq!((&heard["query"], &heard["offset"]), (&json!("hours"), &json!("")));
    let mut result = article("e1", "<b>Open</b> until 8");
    result["reply_markup"] = json!({"inline_keyboard": [[{"text": "More", "callback_data": "m"}]]});
    let answer = json!({"inline_query_id": query, "results": [result], "cache_time": 0,
                        "is_personal": true, "next_offset": "2",
                        "button": {"text": "Ask us", "start_parameter": "ask"}});
    bot.call("answerInlineQuery", answer.clone()).await.ok();
    let Some(Deed::Offered(offered)) = peer.next(PATIENCE) else { panic!("no offer") };
    assert_eq!((offered.results.len(), offered.next_offset.as_str()), (1, "2"));
    let id = peer.choose(ana, &query, "e1", group);
    assert_eq!(peer.message(group, id).unwrap().text(), "Open until 8");
    let told = &bot.updates(-1).await[0]["chosen_inline_result"];
    let inline = told["inline_message_id"].as_str().unwrap().to_owned();
    peer.press(ana, group, id, "More");
    let pressed = &bot.updates(-1).await[0]["callback_query"];
    assert_eq!(pressed["inline_message_id"], inline);
    assert!(pressed.get("message").is_none());
    let edit = json!({"inline_message_id": inline, "text": "Closed now"});
    assert_eq!(bot.call("editMessageText", edit).await.ok(), json!(true));
    assert_eq!(peer.message(group, id).unwrap().text(), "Closed now");
    assert_eq!(bot.call("answerInlineQuery", answer).await.refused().1, TOO_OLD);
    peer.assert_content();
}

#[tokio::test]
async fn inline_results_that_no_client_could_show_are_refused() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let query = peer.inline(ana, "hours", "");
    let many: Vec<Value> = (0..51).map(|i| article(&i.to_string(), "x")).collect();
    for (results, what) in [
        (json!(many), "RESULTS_TOO_MUCH"),
        (json!([article("a", "x"), article("a", "y")]), "RESULT_ID_DUPLICATE"),
        (json!([article(&"a".repeat(65), "x")]), "RESULT_ID_INVALID"),
        (
            json!([article("a", "<p>x</p>")]),
            "can't parse entities: Unsupported start tag \"p\" at byte offset 0",
        ),
    ] {
        let answer = json!({"inline_query_id": query, "results": results});
        let (_, said) = bot.call("answerInlineQuery", answer).await.refused();
        assert_eq!(said, format!("Bad Request: {what}"));
    }
    let fifty = json!({"inline_query_id": query, "results": &many[..50]});
    bot.call("answerInlineQuery", fifty).await.ok();
    peer.assert_content();
}
