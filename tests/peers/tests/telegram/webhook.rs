//! Updates that are brought.

use crate::bot::{Bot, PATIENCE, peer, settings, start};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use peers::telegram::{Limits, Settings, Telegram, User, UserId};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

/// What came to the bot, and what it will answer.
#[derive(Debug, Default)]
struct Desk {
    got: Mutex<Vec<(String, Value)>>,
    statuses: Mutex<VecDeque<u16>>,
    /// How long each answer takes.
    slow: Mutex<Duration>,
    open: Mutex<(usize, usize)>,
}

impl Desk {
    fn texts(&self) -> Vec<String> {
        let got = self.got.lock().unwrap();
        got.iter().map(|(_, u)| u["message"]["text"].as_str().unwrap_or("-").to_owned()).collect()
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let header = request.headers().get("x-telegram-bot-api-secret-token");
        let secret = header.map(|h| h.to_str().unwrap().to_owned()).unwrap_or_default();
        let path = request.uri().path().to_owned();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        {
            let mut open = self.open.lock().unwrap();
            open.0 += 1;
            open.1 = open.1.max(open.0);
        }
        let update = serde_json::from_slice(&body).unwrap();
        self.got.lock().unwrap().push((format!("{path} {secret}"), update));
        let slow = *self.slow.lock().unwrap();
        tokio::time::sleep(slow).await;
        self.open.lock().unwrap().0 -= 1;
        let status = self.statuses.lock().unwrap().pop_front().unwrap_or(200);
        Response::builder().status(status).body(Full::default()).unwrap()
    }
}

/// A bot that listens; its address comes back.
async fn listening() -> (Arc<Desk>, String) {
    let desk = Arc::new(Desk::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn({
        let desk = Arc::clone(&desk);
        async move {
            while let Ok((stream, _)) = listener.accept().await {
                let desk = Arc::clone(&desk);
                let service = service_fn(move |request| {
                    let desk = Arc::clone(&desk);
                    async move { Ok::<_, Infallible>(desk.answer(request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        }
    });
    (desk, address)
}

fn quick() -> Telegram {
    let webhook_retry = Duration::from_millis(30);
    start(Settings { webhook_retry, limits: Limits::none(), ..settings() })
}

fn person(peer: &Telegram, name: &str) -> UserId {
    peer.add_user(User::new(name))
}

async fn eventually(so: impl Fn() -> bool) {
    let all = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("it never came");
}

#[tokio::test]
async fn updates_come_with_the_secret_and_in_order() {
    let peer = quick();
    let ana = person(&peer, "Ana");
    peer.say(ana, ana.chat(), "before");
    let (desk, address) = listening().await;
    let bot = Bot::of(&peer);
    let url = format!("http://{address}/telegram");
    bot.call("setWebhook", json!({"url": url, "secret_token": "s3cret-_"})).await.ok();
    for text in ["a", "b", "c"] {
        peer.say(ana, ana.chat(), text);
    }
    eventually(|| peer.pending() == 0).await;
    assert_eq!(desk.texts(), ["before", "a", "b", "c"]);
    assert!(desk.got.lock().unwrap().iter().all(|(to, _)| to == "/telegram s3cret-_"));
    let info = bot.call("getWebhookInfo", json!({})).await.ok();
    assert_eq!((&info["url"], &info["max_connections"]), (&json!(url), &json!(40)));
    assert_eq!(info["pending_update_count"], 0);
    peer.assert_content();
}

#[tokio::test]
async fn what_is_not_taken_is_brought_again_and_holds_up_its_own_line_alone() {
    let peer = quick();
    let (ana, bo) = (person(&peer, "Ana"), person(&peer, "Bo"));
    let (desk, address) = listening().await;
    desk.statuses.lock().unwrap().extend([500, 503]);
    let bot = Bot::of(&peer);
    peer.say(ana, ana.chat(), "a1");
    peer.say(ana, ana.chat(), "a2");
    let set = json!({"url": format!("http://{address}/"), "max_connections": 1});
    bot.call("setWebhook", set).await.ok();
    eventually(|| !desk.texts().is_empty()).await;
    peer.say(bo, bo.chat(), "b1");
    eventually(|| peer.pending() == 0).await;
    let texts = desk.texts();
    let of_ana: Vec<&String> = texts.iter().filter(|text| text.starts_with('a')).collect();
    assert_eq!(texts.len(), 5, "{texts:?}");
    assert_eq!(of_ana.last().unwrap().as_str(), "a2", "{texts:?}");
    let info = bot.call("getWebhookInfo", json!({})).await.ok();
    assert!(info["last_error_message"].as_str().unwrap().contains("50"), "{info}");
    peer.assert_content();
}

#[tokio::test]
async fn no_more_come_at_once_than_allowed() {
    let peer = quick();
    let (desk, address) = listening().await;
    *desk.slow.lock().unwrap() = Duration::from_millis(60);
    for i in 0..8 {
        let person = person(&peer, &format!("P{i}"));
        peer.say(person, person.chat(), "x");
    }
    let set = json!({"url": format!("http://{address}/"), "max_connections": 3});
    Bot::of(&peer).call("setWebhook", set).await.ok();
    eventually(|| peer.pending() == 0).await;
    assert_eq!(desk.open.lock().unwrap().1, 3);
}

#[tokio::test]
async fn setting_the_same_again_brings_nothing_twice() {
    let peer = quick();
    let (desk, address) = listening().await;
    *desk.slow.lock().unwrap() = Duration::from_millis(150);
    let ana = person(&peer, "Ana");
    peer.say(ana, ana.chat(), "once");
    let bot = Bot::of(&peer);
    let set = json!({"url": format!("http://{address}/"), "max_connections": 3});
    bot.call("setWebhook", set.clone()).await.ok();
    eventually(|| !desk.texts().is_empty()).await;
    bot.call("setWebhook", set).await.ok();
    eventually(|| peer.pending() == 0).await;
    assert_eq!(desk.texts(), ["once"]);
}

#[tokio::test]
async fn a_bot_that_is_down_gets_all_when_it_is_back() {
    let peer = quick();
    let ana = person(&peer, "Ana");
    let bot = Bot::of(&peer);
    peer.lay_route("library.example", "127.0.0.1:9");
    bot.call("setWebhook", json!({"url": "https://library.example/hook"})).await.ok();
    peer.say(ana, ana.chat(), "hello");
    peer.repeat_next(1);
    peer.say(ana, ana.chat(), "twice");
    tokio::time::sleep(Duration::from_millis(100)).await;
    let info = bot.call("getWebhookInfo", json!({})).await.ok();
    assert_eq!(info["pending_update_count"], 2);
    assert!(info["last_error_message"].as_str().unwrap().starts_with("Connection refused"));
    let (desk, address) = listening().await;
    peer.lay_route("library.example", &address);
    eventually(|| peer.pending() == 0).await;
    assert_eq!(desk.texts(), ["hello", "twice", "twice"]);
    assert_eq!(desk.got.lock().unwrap()[0].0, "/hook ");
    peer.assert_content();
}

#[tokio::test]
async fn webhooks_that_cannot_be_are_refused() {
    let peer = peer();
    let bot = Bot::of(&peer);
    for (set, what) in [
        (
            json!({"url": "http://library.example/"}),
            "bad webhook: An HTTPS URL must be provided for webhook",
        ),
        (
            json!({"url": "https://library.example:4430/"}),
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        (
            json!({"url": "https://a.example/", "secret_token": "a b"}),
            "secret token contains unallowed characters",
        ),
        (
            json!({"url": "https://a.example/", "secret_token": "a".repeat(257)}),
            "secret token is too long",
        ),
    ] {
        let (_, said) = bot.call("setWebhook", set).await.refused();
        assert_eq!(said, format!("Bad Request: {what}"));
    }
    let ana = person(&peer, "Ana");
    peer.say(ana, ana.chat(), "x");
    bot.call("deleteWebhook", json!({"drop_pending_updates": true})).await.ok();
    assert_eq!(peer.pending(), 0);
    peer.assert_content();
}
