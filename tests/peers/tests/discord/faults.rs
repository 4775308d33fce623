//! What goes wrong on demand.

use crate::bot::{Bot, USUAL, cast, peer};
use jiff::SignedDuration;
use peers::discord::{Fault, Trouble};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn answers_are_lost_late_or_no() {
    let peer = peer();
    let (_, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let said = json!({"content": "x"});
    peer.fault(Fault::new(Trouble::ServerError).on("create_message").times(2));
    peer.fault(Fault::new(Trouble::Refuse(403, 50013, "Missing Permissions".to_owned())).after(1));
    assert_eq!(peer.faults_left(), 3);
    assert_eq!(bot.say(help, said.clone()).await.status, 500);
    assert_eq!(bot.say(help, said.clone()).await.status, 500);
    bot.say(help, said.clone()).await.ok();
    assert_eq!(bot.say(help, said.clone()).await.refused(), (403, 50013));
    peer.fault(Fault::new(Trouble::DropBefore));
    peer.fault(Fault::new(Trouble::DropAfter).on("create_message").after(1));
    let path = format!("/channels/{help}/messages");
    assert!(bot.attempt("POST", &path, said.clone()).await.is_none());
    assert_eq!(peer.from_bot(help).len(), 1);
    bot.say(help, said.clone()).await.ok();
    assert!(bot.attempt("POST", &path, said.clone()).await.is_none());
    assert_eq!(peer.from_bot(help).len(), 3, "it was said all the same");
    peer.fault(Fault::new(Trouble::Delay(Duration::from_millis(200))));
    let began = Instant::now();
    bot.say(help, said.clone()).await.ok();
    assert!(began.elapsed() >= Duration::from_millis(200));
    let wait = Trouble::TooMany { retry_after_ms: 1_500, global: true };
    peer.fault(Fault::new(wait));
    let no = bot.say(help, said.clone()).await;
    assert_eq!((no.status, &no.body["retry_after"]), (429, &json!(1.5)));
    peer.assert_content();
    assert_eq!(bot.call("GET", "/users/@me", Value::Null).await.status, 429);
    assert_eq!(peer.take_complaints().len(), 1);
    peer.advance(SignedDuration::from_millis(1_500));
    bot.say(help, said).await.ok();
    assert_eq!(peer.calls_of("create_message").iter().filter(|call| call.status == 0).count(), 2);
    peer.assert_content();
}

#[tokio::test]
async fn the_network_is_cut_and_comes_back() {
    let peer = peer();
    let (_, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let mut ears = bot.identify(USUAL).await;
    peer.cut();
    assert_eq!(ears.next().await.unwrap_err(), 0);
    let path = format!("/channels/{help}/messages");
    assert!(bot.attempt("POST", &path, json!({"content": "x"})).await.is_none());
    peer.restore();
    bot.say(help, json!({"content": "x"})).await.ok();
    assert_eq!(peer.undelivered(), 1, "the session can still be resumed");
    peer.assert_content();
}

#[tokio::test]
async fn events_wait_where_they_are_held() {
    let peer = peer();
    let (ana, ..) = cast(&peer);
    let mut ears = Bot::of(&peer).identify(USUAL).await;
    peer.hold_events(true);
    peer.say(ana, peer.direct(ana), "one");
    peer.say(ana, peer.direct(ana), "two");
    ears.silence().await;
    assert_eq!((peer.undelivered(), peer.pending()), (2, 2));
    peer.hold_events(false);
    ears.event("MESSAGE_CREATE").await;
    assert_eq!(ears.event("MESSAGE_CREATE").await["content"], "two");
    drop(ears);
    assert!(peer.wait_until_left(Duration::from_secs(10)));
    peer.assert_content();
}
