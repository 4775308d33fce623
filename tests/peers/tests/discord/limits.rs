//! How much may be asked, and that nothing is said twice.

use crate::bot::{Bot, USUAL, cast, peer, settings};
use jiff::SignedDuration;
use peers::discord::{Discord, Limits, Settings};
use serde_json::{Value, json};

#[tokio::test]
async fn a_channel_takes_five_messages_in_five_seconds() {
    let peer = Discord::start(Settings { limits: Limits::default(), ..settings() }).unwrap();
    let (ana, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    for left in (0..5).rev() {
        let answer = bot.say(help, json!({"content": "x"})).await;
        assert_eq!(answer.header("x-ratelimit-remaining"), left.to_string());
        assert_eq!(answer.header("x-ratelimit-limit"), "5");
        assert_eq!(answer.header("x-ratelimit-reset-after"), "5.000");
        assert!(!answer.header("x-ratelimit-bucket").is_empty());
        answer.ok();
    }
    let no = bot.say(help, json!({"content": "x"})).await;
    assert_eq!(
        (no.status, &no.body["retry_after"], &no.body["global"]),
        (429, &json!(5.0), &json!(false))
    );
    assert_eq!((no.header("retry-after"), no.header("x-ratelimit-scope")), ("5", "user"));
    bot.say(peer.direct(ana), json!({"content": "elsewhere"})).await.ok();
    peer.assert_content();
    assert_eq!(bot.say(help, json!({"content": "x"})).await.status, 429);
    assert_eq!(peer.take_complaints().len(), 1, "it was told to wait");
    peer.advance(SignedDuration::from_secs(5));
    bot.say(help, json!({"content": "x"})).await.ok();
    assert_eq!(peer.answered_with(429), 2);
}

#[tokio::test]
async fn fifty_requests_a_second_but_for_interactions() {
    let peer = Discord::start(Settings { limits: Limits::default(), ..settings() }).unwrap();
    let (ana, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let command = json!([{"name": "ask", "description": "d"}]);
    let path = format!("/applications/{}/commands", peer.bot());
    bot.call("PUT", &path, command).await.ok();
    let mut ears = bot.identify(USUAL).await;
    for _ in 0..49 {
        bot.call("GET", "/users/@me", Value::Null).await.ok();
    }
    let no = bot.call("GET", "/users/@me", Value::Null).await;
    assert_eq!((no.status, &no.body["global"]), (429, &json!(true)));
    assert_eq!(no.header("x-ratelimit-global"), "true");
    peer.command(ana, help, "ask", &[]);
    let shown = ears.event("INTERACTION_CREATE").await;
    bot.respond(&shown, 4, json!({"content": "x"})).await.ok();
    peer.advance(SignedDuration::from_secs(1));
    bot.call("GET", "/users/@me", Value::Null).await.ok();
    peer.assert_content();
}

#[tokio::test]
async fn a_nonce_tells_a_repeat() {
    let peer = peer();
    let (ana, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let said = json!({"content": "x", "nonce": "key-1", "enforce_nonce": true});
    let first = bot.say(help, said.clone()).await.ok();
    let second = bot.say(help, said.clone()).await.ok();
    assert_eq!(first["id"], second["id"]);
    assert_eq!((peer.from_bot(help).len(), peer.repeated().len(), peer.read().len()), (1, 1, 1));
    bot.say(peer.direct(ana), said.clone()).await.ok();
    bot.say(help, json!({"content": "x", "nonce": "key-1"})).await.ok();
    assert_eq!(peer.from_bot(help).len(), 2, "only where it is asked for");
    peer.advance(SignedDuration::from_secs(181));
    bot.say(help, said).await.ok();
    assert_eq!(peer.from_bot(help).len(), 3, "it is known for a few minutes");
    peer.assert_content();
}
