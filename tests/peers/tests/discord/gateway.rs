//! The gateway: who is told what, and how connections are taken up again.

use crate::bot::{Bot, PATIENCE, USUAL, cast, deny, peer, settings};
use jiff::SignedDuration;
use peers::discord::{Discord, Permissions, Saying, Settings, intents};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_client_identifies_and_hears() {
    let peer = peer();
    let (ana, guild, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let told = bot.call("GET", "/gateway/bot", Value::Null).await.ok();
    assert_eq!(told["session_start_limit"]["remaining"], 1000);
    assert_eq!(told["url"], peer.gateway_address());
    let mut ears = bot.connect().await;
    ears.send(bot.identity(USUAL)).await;
    let ready = ears.event("READY").await;
    assert_eq!(ready["guilds"], json!([{"id": guild.to_string(), "unavailable": true}]));
    let shown = ears.event("GUILD_CREATE").await;
    assert_eq!(shown["channels"][0]["id"], help.to_string());
    let told = bot.call("GET", "/gateway/bot", Value::Null).await.ok();
    assert_eq!(told["session_start_limit"]["remaining"], 999);
    peer.say(ana, help, "Hello");
    assert_eq!(ears.event("MESSAGE_CREATE").await["content"], "", "its content is not for the bot");
    let named = peer.say(ana, help, &format!("<@{}> hello", peer.bot()));
    let heard = ears.event("MESSAGE_CREATE").await;
    assert!(heard["content"].as_str().unwrap().ends_with("hello"));
    assert_eq!(heard["member"]["roles"], json!([]));
    let direct = peer.direct(ana);
    peer.post(ana, direct, Saying::text("here").attachment("a.png", "image/png"));
    let heard = ears.event("MESSAGE_CREATE").await;
    assert_eq!((&heard["content"], &heard["guild_id"]), (&json!("here"), &Value::Null));
    assert_eq!(heard["attachments"][0]["filename"], "a.png");
    peer.edit(ana, help, named, "never mind");
    assert_eq!(ears.event("MESSAGE_UPDATE").await["content"], "");
    peer.delete(help, named);
    assert_eq!(ears.event("MESSAGE_DELETE").await["id"], named.to_string());
    deny(&peer, help, Permissions::VIEW_CHANNEL);
    peer.say(ana, help, "unseen");
    ears.silence().await;
    peer.delete_channel(help);
    peer.part(peer.bot(), guild);
    assert_eq!(ears.event("GUILD_DELETE").await["id"], guild.to_string());
    peer.assert_content();
}

#[tokio::test]
async fn what_was_missed_is_told_after_a_resumption() {
    let peer = peer();
    let (ana, ..) = cast(&peer);
    let direct = peer.direct(ana);
    let bot = Bot::of(&peer);
    let mut ears = bot.connect().await;
    ears.send(bot.identity(USUAL)).await;
    let session = ears.event("READY").await["session_id"].clone();
    ears.event("GUILD_CREATE").await;
    peer.say(ana, direct, "one");
    ears.event("MESSAGE_CREATE").await;
    assert!(peer.pending() > 0, "nothing says yet that it was read");
    peer.ask_for_heartbeat();
    assert_eq!(ears.next().await.unwrap()["op"], 1);
    ears.beat().await;
    assert_eq!((peer.pending(), peer.last_seq_sent(), peer.last_seq_beaten()), (0, 3, 3));
    peer.break_gateway();
    assert_eq!(ears.next().await.unwrap_err(), 0);
    peer.say(ana, direct, "two");
    assert_eq!(peer.undelivered(), 1);
    let seq = ears.seq;
    let mut again = bot.connect().await;
    let resume = json!({"op": 6, "d": {"token": peer.token(), "session_id": session, "seq": seq}});
    again.send(resume.clone()).await;
    assert_eq!(again.event("MESSAGE_CREATE").await["content"], "two");
    again.event("RESUMED").await;
    assert_eq!(peer.sessions_begun(), (1, 1));
    peer.ask_to_reconnect();
    assert_eq!(again.next().await.unwrap()["op"], 7);
    again.close(4000).await;
    assert!(peer.wait_until(PATIENCE, |peer| !peer.is_connected()));
    peer.advance(SignedDuration::from_secs(61));
    let mut late = bot.connect().await;
    late.send(resume).await;
    let no = late.next().await.unwrap();
    assert_eq!((&no["op"], &no["d"]), (&json!(9), &json!(false)));
    peer.assert_content();
}

#[tokio::test]
async fn whoever_says_goodbye_cannot_resume() {
    let peer = peer();
    let (ana, ..) = cast(&peer);
    let bot = Bot::of(&peer);
    let ears = bot.identify(USUAL).await;
    ears.close(1000).await;
    assert!(peer.wait_until(PATIENCE, |peer| !peer.is_connected()));
    peer.say(ana, peer.direct(ana), "lost");
    assert_eq!(peer.pending(), 0, "what nobody can be told is lost");
    peer.advance(SignedDuration::from_secs(6));
    let mut ears = bot.identify(USUAL).await;
    peer.invalidate(true);
    assert_eq!(ears.next().await.unwrap()["d"], true);
    peer.advance(SignedDuration::from_secs(6));
    ears.send(bot.identity(USUAL)).await;
    ears.event("READY").await;
    ears.event("GUILD_CREATE").await;
    peer.close_gateway(4000);
    assert_eq!(ears.next().await.unwrap_err(), 4000);
}

#[tokio::test]
async fn who_does_not_keep_the_rules_is_closed() {
    let quick = Settings { heartbeat: Duration::from_millis(200), ..settings() };
    let peer = Discord::start(quick).unwrap();
    let bot = Bot::of(&peer);
    let mut silent = bot.connect().await;
    assert_eq!(silent.next().await.unwrap_err(), 4009);
    let peer = Discord::start(settings()).unwrap();
    let bot = Bot::of(&peer);
    let mut wrong = bot.connect().await;
    wrong.send(json!({"op": 2, "d": {"token": "x", "intents": 1, "properties": {}}})).await;
    assert_eq!(wrong.next().await.unwrap_err(), 4004);
    let mut curious = bot.connect().await;
    curious.send(bot.identity(USUAL | intents::MESSAGE_CONTENT)).await;
    assert_eq!(curious.next().await.unwrap_err(), 4014);
    let mut hasty = bot.connect().await;
    hasty.send(bot.identity(USUAL)).await;
    assert_eq!(hasty.next().await.unwrap()["op"], 9, "one identify in five seconds");
    peer.advance(SignedDuration::from_secs(6));
    hasty.send(bot.identity(USUAL)).await;
    hasty.event("READY").await;
    hasty.send(json!({"op": 3, "d": {"long": "x".repeat(5000)}})).await;
    assert_eq!(hasty.next().await.unwrap_err(), 4002);
    let mut early = bot.connect().await;
    early.send(json!({"op": 3, "d": {}})).await;
    assert_eq!(early.next().await.unwrap_err(), 4003);
    let mut loud = bot.connect().await;
    for _ in 0..121 {
        loud.send(json!({"op": 1, "d": null})).await;
    }
    let closed = loop {
        if let Err(code) = loud.next().await {
            break code;
        }
    };
    assert_eq!(closed, 4008);
    assert_eq!(peer.complaints().len(), 3);
}

#[tokio::test]
async fn too_many_identifies_cost_the_token() {
    let peer = Discord::start(Settings { identifies_a_day: 2, ..settings() }).unwrap();
    let bot = Bot::of(&peer);
    for _ in 0..2 {
        bot.identify(USUAL).await;
        peer.advance(SignedDuration::from_secs(6));
    }
    let mut ears = bot.connect().await;
    ears.send(bot.identity(USUAL)).await;
    assert_eq!(ears.next().await.unwrap_err(), 4004);
    assert_eq!(bot.call("GET", "/users/@me", Value::Null).await.status, 401);
    assert!(!peer.complaints().is_empty());
}

#[tokio::test]
async fn with_the_intent_all_content_is_shown() {
    let peer = Discord::start(Settings { message_content: true, ..settings() }).unwrap();
    let (ana, _, help) = cast(&peer);
    let mut ears = Bot::of(&peer).identify(USUAL | intents::MESSAGE_CONTENT).await;
    peer.say(ana, help, "Hello");
    assert_eq!(ears.event("MESSAGE_CREATE").await["content"], "Hello");
    peer.assert_content();
}
