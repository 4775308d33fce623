//! What goes wrong on demand.

use crate::bot::{Bot, ana, peer};
use peers::telegram::{Fault, Trouble};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn servers_fail_and_recover() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let said = json!({"chat_id": ana.0, "text": "x"});
    peer.fault(Fault::new(Trouble::BadGateway).on("sendMessage").times(2));
    peer.fault(Fault::new(Trouble::ServerError).on("sendMessage"));
    peer.fault(Fault::new(Trouble::BadGatewayPage).on("sendMessage"));
    peer.fault(Fault::new(Trouble::Conflict).on("getUpdates"));
    assert_eq!(peer.faults_left(), 5);
    for code in [502, 502, 500] {
        assert_eq!(bot.call("sendMessage", said.clone()).await.refused().0, code);
    }
    let page = bot.call("sendMessage", said.clone()).await;
    assert!(page.status == 502 && page.text.starts_with("<html>"), "{page:?}");
    bot.call("sendMessage", said).await.ok();
    assert_eq!(bot.call("getUpdates", json!({})).await.refused().0, 409);
    assert_eq!(peer.messages(ana.chat()).len(), 2, "what failed was not carried out");
    peer.assert_content();
}

#[tokio::test]
async fn connections_break_before_and_after() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let said = json!({"chat_id": ana.0, "text": "x"});
    peer.fault(Fault::new(Trouble::DropBefore).on("sendMessage").after(1));
    bot.call("sendMessage", said.clone()).await.ok();
    assert!(bot.attempt("sendMessage", said.clone()).await.is_none());
    assert_eq!(peer.from_bot(ana.chat()).len(), 1);
    peer.fault(Fault::new(Trouble::DropAfter).on("sendMessage"));
    assert!(bot.attempt("sendMessage", said.clone()).await.is_none());
    assert_eq!(peer.from_bot(ana.chat()).len(), 2, "it was said all the same");
    peer.cut();
    assert!(bot.attempt("sendMessage", said.clone()).await.is_none());
    peer.restore();
    assert_eq!(peer.from_bot(ana.chat()).len(), 2);
    bot.call("sendMessage", said).await.ok();
    let broken = peer.calls_of("sendMessage").iter().filter(|call| call.status == 0).count();
    assert_eq!(broken, 2);
}

#[tokio::test]
async fn a_cut_ends_polls_and_loses_nothing() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    let polling = tokio::spawn({
        let bot = bot.clone();
        async move { bot.attempt("getUpdates", json!({"timeout": 30, "offset": 1})).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    peer.cut();
    assert!(polling.await.unwrap().is_none());
    peer.say(ana, ana.chat(), "meanwhile");
    peer.restore();
    assert_eq!(bot.updates(0).await[0]["message"]["text"], "meanwhile");
}

#[tokio::test]
async fn answers_come_late() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    peer.fault(Fault::new(Trouble::Delay(Duration::from_millis(400))).on("sendMessage"));
    let begun = Instant::now();
    bot.say(ana.0, "slow").await;
    assert!(begun.elapsed() >= Duration::from_millis(400));
}

#[tokio::test]
async fn updates_of_no_known_kind_come_as_they_were_made() {
    let peer = peer();
    peer.tell("message_of_the_future", json!({"id": 1}));
    let updates = Bot::of(&peer).updates(0).await;
    assert_eq!(updates[0]["message_of_the_future"], json!({"id": 1}));
    peer.assert_content();
}
