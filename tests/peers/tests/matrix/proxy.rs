//! What the proxy passes on, and what it sees.

use crate::client::{
    Client, PATIENCE, join, proxy, room, said, say, send_path, somebody, synapse, sync_path,
};
use peers::matrix::Proxy;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

#[tokio::test]
async fn events_are_taken_in_when_the_next_sync_goes_on_after_them() {
    let (synapse, proxy) = (synapse(), proxy());
    let (ana, bot) = (somebody(synapse), somebody(synapse));
    let mut client = Client::of(&proxy, &bot).await;
    let (start, _) = client.sync(None, 0).await;
    let room = room(synapse, &ana, &[&bot]);
    assert!(!proxy.invited(&room));
    let (_, invited, answer) = client.sync_until(&start, &room).await;
    assert!(answer["rooms"]["invite"].get(&room).is_some(), "{answer}");
    assert!(proxy.delivered(&room) && !proxy.invited(&room));
    client.sync(Some(&invited), 0).await;
    assert!(proxy.invited(&room));

    join(synapse, &room, &bot);
    let (_, joined, answer) = client.sync_until(&invited, &room).await;
    assert!(answer["rooms"]["join"].get(&room).is_some(), "{answer}");
    let hello = say(synapse, &room, &ana, "hello");
    assert!(!proxy.delivered(&hello));
    let (before, next, answer) = client.sync_until(&joined, &hello).await;
    let events = answer["rooms"]["join"][&room]["timeline"]["events"].as_array().unwrap();
    assert_eq!(events[0]["event_id"], json!(hello));
    assert!(proxy.delivered(&hello) && !proxy.taken_in(&hello));
    // Whoever asks the same again has not taken it in.
    let asked = proxy.syncs();
    client.sync(Some(&before), 0).await;
    assert!(!proxy.taken_in(&hello));
    client.sync(Some(&next), 0).await;
    assert!(proxy.taken_in(&hello));
    assert_eq!(proxy.syncs(), asked + 2);
    assert_eq!(proxy.calls("GET /_matrix/client/v3/sync"), asked + 2);
    assert_eq!(proxy.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn long_polls_wait_and_wake_those_who_wait_for_them() {
    let (synapse, proxy) = (synapse(), proxy());
    let (ana, bot) = (somebody(synapse), somebody(synapse));
    let room = room(synapse, &ana, &[&bot]);
    join(synapse, &room, &bot);
    let mut client = Client::of(&proxy, &bot).await;
    let (start, _) = client.sync(None, 0).await;
    let settled = say(synapse, &room, &ana, "settled");
    let (_, next, _) = client.sync_until(&start, &settled).await;
    let asked = proxy.syncs();
    let bot = tokio::spawn(async move {
        let (next, _) = client.sync(Some(&next), 30_000).await;
        client.sync(Some(&next), 1_000).await;
    });
    let proxy = tokio::task::spawn_blocking(move || {
        assert!(proxy.wait_until(PATIENCE, |proxy| proxy.syncs() == asked + 1));
        let (begun, hello) = (Instant::now(), say(synapse, &room, &ana, "hello"));
        assert!(proxy.wait_until(PATIENCE, |proxy| proxy.taken_in(&hello)));
        assert!(begun.elapsed() < PATIENCE / 2, "{:?}", begun.elapsed());
        proxy
    })
    .await
    .unwrap();
    bot.await.unwrap();
    assert_eq!(proxy.syncs(), asked + 2);
}

#[tokio::test]
async fn many_polls_hold_up_nobody() {
    let (synapse, proxy) = (synapse(), proxy());
    let bot = somebody(synapse);
    let room = room(synapse, &bot, &[]);
    let mut client = Client::of(&proxy, &bot).await;
    let (next, _) = client.sync(None, 0).await;
    let mut polls = Vec::new();
    for _ in 0..40 {
        let mut client = Client::of(&proxy, &bot).await;
        let next = next.clone();
        polls.push(tokio::spawn(async move { client.sync(Some(&next), 30_000).await.1 }));
    }
    let proxy = tokio::task::spawn_blocking(move || {
        assert!(proxy.wait_until(PATIENCE, |proxy| proxy.syncs() == 41));
        proxy
    })
    .await
    .unwrap();
    assert_eq!(client.send(&room, "1", "hello").await.0, 200);
    for poll in polls {
        let answer = poll.await.unwrap();
        assert!(answer["rooms"]["join"].get(&room).is_some(), "{answer}");
    }
    assert_eq!(proxy.calls("PUT "), 1);
}

#[tokio::test]
async fn calls_are_named_by_what_they_mean() {
    let (synapse, proxy) = (synapse(), proxy());
    let bot = somebody(synapse);
    let room = room(synapse, &bot, &[]);
    let mut client = Client::of(&proxy, &bot).await;
    let encoded = room.replace('!', "%21").replace(':', "%3A");
    assert_eq!(client.send(&encoded, "one%2F1%", "encoded").await.0, 200);
    assert_eq!(proxy.calls(&format!("PUT {}", send_path(&room, "one/1%"))), 1);
    assert_eq!(said(synapse, &room, &bot), ["encoded"]);
}

#[tokio::test]
async fn a_client_that_goes_gives_its_poll_up() {
    // A server that never answers and tells when it is left.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = Proxy::start(&format!("http://{}", silent.local_addr().unwrap())).unwrap();
    let mut client = raw(&proxy);
    let path = sync_path(None, 30_000);
    write!(client, "GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let (mut asked, _) = silent.accept().unwrap();
    asked.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut head = [0; 1024];
    let length = asked.read(&mut head).unwrap();
    assert!(head[..length].starts_with(format!("GET {path} HTTP/1.1\r\n").as_bytes()));
    assert!(!proxy.wait_until_left(Duration::from_millis(400)), "the poll is still under way");
    drop(client);
    assert_eq!(asked.read(&mut head).unwrap(), 0, "the server is told");
    assert!(proxy.wait_until_left(PATIENCE));
    assert_eq!((proxy.syncs(), proxy.refused()), (1, Vec::new()));
}

#[tokio::test]
async fn what_a_client_wrote_last_is_carried_out() {
    let (synapse, proxy) = (synapse(), proxy());
    let bot = somebody(synapse);
    let room = room(synapse, &bot, &[]);
    for key in 0..20 {
        let mut client = raw(&proxy);
        let body = json!({"msgtype": "m.text", "body": format!("farewell {key}")}).to_string();
        let (path, token) = (send_path(&room, &key.to_string()), &bot.access_token);
        let length = body.len();
        write!(
            client,
            "PUT {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        drop(client);
        assert!(proxy.wait_until_left(PATIENCE));
        assert_eq!(said(synapse, &room, &bot).len(), key + 1, "{:?}", proxy.refused());
    }
}

#[tokio::test]
async fn a_client_that_is_only_silent_has_left_too() {
    let (synapse, proxy) = (synapse(), proxy());
    let bot = somebody(synapse);
    let mut client = Client::of(&proxy, &bot).await;
    client.sync(None, 0).await;
    assert!(proxy.wait_until_left(PATIENCE));
    client.call("GET", "/_matrix/client/versions", Value::Null).await;
}

fn raw(proxy: &Proxy) -> TcpStream {
    TcpStream::connect(proxy.address().strip_prefix("http://").unwrap()).unwrap()
}
