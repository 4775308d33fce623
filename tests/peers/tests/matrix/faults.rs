//! What goes wrong on demand.

use crate::client::{
    Client, PATIENCE, message, proxy, room, said, say, send_path, somebody, synapse, sync_path,
};
use peers::matrix::{Limits, Proxy, Synapse};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn requests_fail_and_are_not_carried_out() {
    let (synapse, proxy) = (synapse(), proxy());
    let bot = somebody(synapse);
    let room = room(synapse, &bot, &[]);
    let mut client = Client::of(&proxy, &bot).await;
    let body = json!({"errcode": "M_LIMIT_EXCEEDED", "error": "slowly", "retry_after_ms": 700});
    proxy.fail("/send/", 429, body.clone(), 2);
    proxy.fail("/send/", 403, json!({"errcode": "M_FORBIDDEN"}), 1);
    assert_eq!(proxy.faults_left(), 3);
    client.sync(None, 0).await;
    for _ in 0..2 {
        assert_eq!(client.send(&room, "1", "hello").await, (429, body.clone()));
    }
    assert_eq!(client.send(&room, "1", "hello").await.0, 403);
    assert_eq!(said(synapse, &room, &bot), Vec::<String>::new());
    assert_eq!((client.send(&room, "1", "hello").await.0, proxy.faults_left()), (200, 0));
    assert_eq!(said(synapse, &room, &bot), ["hello"]);
    let line = format!("429 PUT {}", send_path(&room, "1"));
    assert_eq!(proxy.refused(), [line.clone(), line]);
    assert_eq!(proxy.calls("/send/"), 4);
}

#[tokio::test]
async fn answers_are_lost_though_it_was_done() {
    let (synapse, proxy) = (synapse(), proxy());
    let bot = somebody(synapse);
    let room = room(synapse, &bot, &[]);
    let mut client = Client::of(&proxy, &bot).await;
    proxy.lose_answer("/send/", 1);
    assert_eq!(client.send(&room, "1", "hello").await.0, 502);
    assert_eq!(said(synapse, &room, &bot), ["hello"]);
    assert_eq!(client.send(&room, "1", "hello").await.0, 200);
    assert_eq!(said(synapse, &room, &bot), ["hello"], "one key is one message");

    let (next, _) = client.sync(None, 0).await;
    let event = say(synapse, &room, &bot, "lost");
    proxy.lose_answer("/sync", 1);
    assert_eq!(client.call("GET", &sync_path(Some(&next), 0), Value::Null).await.0, 502);
    assert!(!proxy.delivered(&event));
    client.sync_until(&next, &event).await;
    assert!(proxy.delivered(&event));
}

#[tokio::test]
async fn answers_come_late() {
    let (synapse, proxy) = (synapse(), proxy());
    let bot = somebody(synapse);
    let room = room(synapse, &bot, &[]);
    let mut client = Client::of(&proxy, &bot).await;
    let late = Duration::from_millis(1_500);
    proxy.delay("PUT ", late, 1);
    let begun = Instant::now();
    let slow = tokio::spawn({
        let room = room.clone();
        async move { (client.send(&room, "1", "slow").await.0, client) }
    });
    while said(synapse, &room, &bot).is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(begun.elapsed() < late && !slow.is_finished(), "it is done at once");
    let (status, mut client) = slow.await.unwrap();
    assert!(status == 200 && begun.elapsed() >= late);
    let begun = Instant::now();
    client.send(&room, "2", "quick").await;
    assert!(begun.elapsed() < late);
}

#[tokio::test]
async fn a_cut_ends_polls_and_loses_nothing() {
    let (synapse, proxy) = (synapse(), proxy());
    let bot = somebody(synapse);
    let room = room(synapse, &bot, &[]);
    let mut client = Client::of(&proxy, &bot).await;
    let (next, _) = client.sync(None, 0).await;
    let polling = tokio::spawn({
        let path = sync_path(Some(&next), 30_000);
        async move { client.attempt("GET", &path, Value::Null).await }
    });
    while proxy.syncs() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    proxy.cut(true);
    let broken = tokio::time::timeout(PATIENCE, polling).await.unwrap().unwrap();
    assert_eq!(broken, None);
    assert!(proxy.wait_until_left(PATIENCE));
    let event = say(synapse, &room, &bot, "meanwhile");
    let mut client = Client::of(&proxy, &bot).await;
    assert_eq!(client.attempt("PUT", &send_path(&room, "1"), message("cut off")).await, None);
    assert_eq!((proxy.syncs(), proxy.calls("PUT ")), (2, 0));
    proxy.cut(false);
    let mut client = Client::of(&proxy, &bot).await;
    client.sync_until(&next, &event).await;
    assert!(proxy.delivered(&event));
    assert_eq!(said(synapse, &room, &bot), ["meanwhile"]);
}

#[tokio::test]
async fn a_homeserver_that_is_down_is_502_until_it_is_back() {
    let synapse = Synapse::start(Limits::none()).unwrap();
    let bot = somebody(&synapse);
    let room = room(&synapse, &bot, &[]);
    let proxy = Proxy::start(&synapse.address()).unwrap();
    let mut client = Client::of(&proxy, &bot).await;
    let (next, _) = client.sync(None, 0).await;
    let polling = tokio::spawn({
        let path = sync_path(Some(&next), 30_000);
        async move { (client.call("GET", &path, Value::Null).await.0, client) }
    });
    while proxy.syncs() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    synapse.kill();
    let (status, mut client) = tokio::time::timeout(PATIENCE, polling).await.unwrap().unwrap();
    assert_eq!(status, 502);
    assert_eq!(client.send(&room, "1", "down").await.0, 502);
    synapse.restart().unwrap();
    assert_eq!(client.send(&room, "1", "back").await.0, 200);
    client.sync(Some(&next), 0).await;
    assert_eq!(proxy.refused().len(), 2, "{:?}", proxy.refused());
}

#[tokio::test]
async fn the_homeserver_can_be_another_one() {
    let (first, second) = (synapse(), Synapse::start(Limits::none()).unwrap());
    let (bot, proxy) = (somebody(&second), proxy());
    let mut client = Client::of(&proxy, &bot).await;
    let path = "/_matrix/client/v3/account/whoami";
    assert_eq!(client.call("GET", path, Value::Null).await.0, 401, "{}", first.server_name());
    proxy.set_target(&second.address());
    let (status, who) = client.call("GET", path, Value::Null).await;
    assert_eq!((status, &who["user_id"]), (200, &json!(bot.user_id)));
}
