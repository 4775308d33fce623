//! Fetching updates: what counts as received, and who may ask.

use crate::bot::{Bot, PATIENCE, ana, forget_updates, peer};
use peers::telegram::{Fault, Membership, Rights, Trouble, User};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn ids(updates: &[Value]) -> Vec<i64> {
    updates.iter().map(|update| update["update_id"].as_i64().unwrap()).collect()
}

fn texts(updates: &[Value]) -> Vec<&str> {
    updates.iter().map(|update| update["message"]["text"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn an_offset_confirms_what_is_before_it_and_nothing_else_does() {
    let peer = peer();
    let ana = ana(&peer).await;
    for text in ["a", "b", "c"] {
        peer.say(ana, ana.chat(), text);
    }
    let bot = Bot::of(&peer);
    let first = bot.updates(0).await;
    assert_eq!(texts(&first), ["a", "b", "c"]);
    assert!(ids(&first).is_sorted_by(|a, b| b - a == 1), "numbers rise by one");
    let b = ids(&first)[1];
    assert_eq!(peer.pending(), 3, "reading confirms nothing");
    assert_eq!(texts(&bot.updates(b).await), ["b", "c"]);
    assert_eq!(peer.pending(), 2);
    assert_eq!(texts(&bot.updates(b - 1).await), ["b", "c"], "what is confirmed stays so");
    bot.call("getUpdates", json!({"offset": b + 2, "timeout": 0})).await.ok();
    assert_eq!(peer.pending(), 0);
    peer.assert_content();
}

#[tokio::test]
async fn a_negative_offset_counts_from_the_end_and_forgets_the_rest() {
    let peer = peer();
    let ana = ana(&peer).await;
    for text in ["a", "b", "c"] {
        peer.say(ana, ana.chat(), text);
    }
    assert_eq!(texts(&Bot::of(&peer).updates(-2).await), ["b", "c"]);
    assert_eq!(peer.pending(), 2);
}

#[tokio::test]
async fn a_batch_has_at_most_as_many_as_asked_for() {
    let peer = peer();
    let ana = ana(&peer).await;
    for i in 0..120 {
        peer.say(ana, ana.chat(), &i.to_string());
    }
    let bot = Bot::of(&peer);
    let two = bot.call("getUpdates", json!({"limit": 2})).await.ok();
    assert_eq!(texts(two.as_array().unwrap()), ["0", "1"]);
    let next = two[1]["update_id"].as_i64().unwrap() + 1;
    assert_eq!(bot.updates(next).await.len(), 100);
    peer.assert_content();
    bot.call("getUpdates", json!({"limit": 101, "offset": next + 1})).await.ok();
    assert!(peer.take_complaints()[0].what.contains("limit 101"));
}

#[tokio::test]
async fn who_asks_the_same_at_once_gets_one_at_a_time() {
    let peer = peer();
    let ana = ana(&peer).await;
    peer.say(ana, ana.chat(), "a");
    peer.say(ana, ana.chat(), "b");
    let bot = Bot::of(&peer);
    assert_eq!(bot.updates(0).await.len(), 2);
    assert_eq!(texts(&bot.updates(0).await), ["a"]);
}

#[tokio::test]
async fn a_long_poll_waits_for_what_comes_and_no_longer_than_asked() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let begun = Instant::now();
    let empty = bot.call("getUpdates", json!({"timeout": 1, "offset": 1})).await.ok();
    assert_eq!(empty, json!([]));
    assert!(begun.elapsed() >= Duration::from_millis(900), "{:?}", begun.elapsed());

    let polling = tokio::spawn(async move {
        bot.call("getUpdates", json!({"timeout": 30, "offset": 2})).await.ok()
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!polling.is_finished());
    peer.say(ana, ana.chat(), "hello");
    let came = tokio::time::timeout(PATIENCE, polling).await.unwrap().unwrap();
    assert_eq!(texts(came.as_array().unwrap()), ["hello"]);
    peer.assert_content();
}

#[tokio::test]
async fn a_second_poller_ends_the_first_with_409() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let first = tokio::spawn({
        let bot = bot.clone();
        async move { bot.call("getUpdates", json!({"timeout": 30, "offset": 1})).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let second =
        tokio::spawn(
            async move { bot.call("getUpdates", json!({"timeout": 30, "offset": 2})).await },
        );
    let ended = tokio::time::timeout(PATIENCE, first).await.unwrap().unwrap();
    assert_eq!(
        ended.refused(),
        (
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot \
             instance is running"
                .to_owned()
        )
    );
    assert!(!second.is_finished(), "the one that came later goes on");
    peer.say(ana, ana.chat(), "hello");
    let second = tokio::time::timeout(PATIENCE, second).await.unwrap().unwrap();
    assert_eq!(texts(second.ok().as_array().unwrap()), ["hello"]);
}

#[tokio::test]
async fn a_webhook_ends_polling_and_forbids_it() {
    let peer = peer();
    let bot = Bot::of(&peer);
    let polling = tokio::spawn({
        let bot = bot.clone();
        async move { bot.call("getUpdates", json!({"timeout": 30})).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    bot.call("setWebhook", json!({"url": "https://library.example/telegram"})).await.ok();
    let ended = tokio::time::timeout(PATIENCE, polling).await.unwrap().unwrap();
    assert_eq!(ended.refused(), (409, "Conflict: terminated by setWebhook request".to_owned()));
    let (code, what) = bot.call("getUpdates", json!({})).await.refused();
    assert_eq!(code, 409);
    assert!(what.starts_with("Conflict: can't use getUpdates method while webhook is active"));
    bot.call("deleteWebhook", json!({})).await.ok();
    bot.call("getUpdates", json!({"timeout": 0})).await.ok();
    peer.assert_content();
}

#[tokio::test]
async fn a_poller_that_dies_takes_nothing_with_it() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let polling = tokio::spawn({
        let bot = bot.clone();
        async move { bot.call("getUpdates", json!({"timeout": 30, "offset": 1})).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    polling.abort();
    let _died = polling.await;
    peer.say(ana, ana.chat(), "hello");
    assert_eq!(texts(&bot.updates(0).await), ["hello"]);

    // An answer that does not arrive has confirmed nothing either.
    let next = ids(&bot.updates(-1).await)[0] + 1;
    peer.say(ana, ana.chat(), "again");
    peer.fault(Fault::new(Trouble::DropAfter).on("getUpdates"));
    assert!(bot.attempt("getUpdates", json!({"offset": next})).await.is_none());
    assert_eq!(texts(&bot.updates(next).await), ["again"]);
    peer.assert_content();
}

#[tokio::test]
async fn only_what_was_asked_for_comes() {
    let peer = peer();
    let (ana, bo) = (ana(&peer).await, peer.add_user(User::new("Bo")));
    let group = peer.add_supergroup("Readers", &[ana]);
    peer.bot_is(ana, group, Membership::Administrator(Rights::all()));
    forget_updates(&peer).await;
    let kinds = |updates: &[Value]| -> Vec<String> {
        let key = |u: &Value| u.as_object().unwrap().keys().find(|k| *k != "update_id").cloned();
        updates.iter().filter_map(key).collect()
    };
    let bot = Bot::of(&peer);
    peer.join(bo, group);
    assert_eq!(kinds(&bot.updates(0).await), ["message"], "members must be asked for by name");
    let asked = json!({"offset": -1, "allowed_updates": ["chat_member", "callback_query"]});
    bot.call("getUpdates", asked).await.ok();
    peer.say(ana, ana.chat(), "not asked for");
    peer.part(bo, group);
    // The setting holds without being said again.
    assert_eq!(kinds(&bot.updates(1).await), ["message", "chat_member"], "the first was before it");
    bot.call("getUpdates", json!({"offset": 2, "allowed_updates": []})).await.ok();
    peer.say(ana, ana.chat(), "asked for");
    assert_eq!(kinds(&bot.updates(-1).await), ["message"]);
    peer.assert_content();
    bot.call("getUpdates", json!({"offset": 3, "allowed_updates": ["messages"]})).await.ok();
    assert!(peer.take_complaints()[0].what.contains("`messages`"));
}

#[tokio::test]
async fn updates_wait_a_day_and_presses_two_and_a_half_minutes() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let markup = json!({"inline_keyboard": [[{"text": "More", "callback_data": "more"}]]});
    let asked = json!({"chat_id": ana.0, "text": "x", "reply_markup": markup});
    let sent = bot.call("sendMessage", asked).await.ok();
    peer.say(ana, ana.chat(), "hello");
    peer.press(ana, ana.chat(), sent["message_id"].as_i64().unwrap(), "More");
    peer.inline(ana, "tea", "");
    assert_eq!(peer.pending(), 3);
    peer.advance(Duration::from_secs(31));
    assert_eq!(peer.pending(), 2, "nobody waits for inline results any more");
    peer.advance(Duration::from_secs(120));
    assert_eq!(peer.pending(), 1);
    peer.advance(Duration::from_secs(86_400 - 151 - 1));
    assert_eq!(peer.pending(), 1);
    peer.advance(Duration::from_secs(1));
    assert_eq!(peer.pending(), 0);
}

#[tokio::test]
async fn updates_come_twice_on_demand() {
    let peer = peer();
    let ana = ana(&peer).await;
    peer.repeat_next(1);
    peer.say(ana, ana.chat(), "twice");
    peer.say(ana, ana.chat(), "once");
    let bot = Bot::of(&peer);
    let first = bot.updates(0).await;
    assert_eq!(texts(&first), ["twice", "once"]);
    let after = ids(&first)[1] + 1;
    let again = bot.updates(after).await;
    assert_eq!((texts(&again), ids(&again)[0]), (vec!["twice"], ids(&first)[0]));
    bot.call("getUpdates", json!({"offset": after - 1, "timeout": 0})).await.ok();
    assert_eq!(peer.pending(), 0);
}

#[tokio::test]
async fn an_offset_from_the_future_is_not_heeded() {
    let peer = peer();
    let ana = ana(&peer).await;
    peer.say(ana, ana.chat(), "hello");
    let bot = Bot::of(&peer);
    assert_eq!(texts(&bot.updates(1_999_999_999).await), ["hello"]);
    assert!(peer.take_complaints()[0].what.contains("future"));
}
