//! How much may be sent.

use crate::bot::{Bot, ana, peer, settings, start};
use peers::telegram::{Fault, Limits, Trouble, User};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn too_much_is_answered_with_how_long_to_wait() {
    let peer = start(settings());
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    for i in 0..3 {
        bot.say(ana.0, &format!("burst {i}")).await;
    }
    let said = json!({"chat_id": ana.0, "text": "one more"});
    let answer = bot.call("sendMessage", said.clone()).await;
    assert_eq!(answer.refused(), (429, "Too Many Requests: retry after 1".to_owned()));
    assert_eq!(answer.body()["parameters"], json!({"retry_after": 1}));
    peer.assert_content();
    // Not having waited is worse than having sent too much.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(bot.call("sendMessage", said.clone()).await.status, 429);
    assert!(peer.take_complaints()[0].what.contains("wait for another 1 s"));
    peer.advance(Duration::from_secs(1));
    bot.call("sendMessage", said).await.ok();
    assert_eq!(peer.answered_with(429), 2);
    peer.assert_content();
}

#[tokio::test]
async fn a_group_hears_twenty_a_minute() {
    let peer = start(settings());
    let ana = ana(&peer).await;
    let group = peer.add_supergroup("Readers", &[ana]);
    peer.add_bot(ana, group);
    let bot = Bot::of(&peer);
    for i in 0..20 {
        bot.say(group.0, &i.to_string()).await;
        peer.advance(Duration::from_secs(1));
    }
    let answer = bot.call("sendMessage", json!({"chat_id": group.0, "text": "x"})).await;
    assert_eq!(answer.body()["parameters"]["retry_after"], 40);
    bot.say(ana.0, "others are not held").await;
    peer.advance(Duration::from_secs(40));
    bot.say(group.0, "again").await;
    peer.assert_content();
}

#[tokio::test]
async fn all_together_hear_thirty_a_second() {
    let peer = start(settings());
    let people: Vec<_> = (0..31).map(|i| peer.add_user(User::new(&format!("P{i}")))).collect();
    for person in &people {
        peer.start_chat(*person, "");
    }
    let bot = Bot::of(&peer);
    for person in &people[..30] {
        bot.say(person.0, "x").await;
    }
    let said = json!({"chat_id": people[30].0, "text": "x"});
    assert_eq!(bot.call("sendMessage", said.clone()).await.status, 429);
    peer.advance(Duration::from_secs(1));
    bot.call("sendMessage", said).await.ok();
    peer.assert_content();
}

#[tokio::test]
async fn what_cannot_arrive_costs_nothing_and_limits_can_be_lifted() {
    let peer = start(settings());
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    for _ in 0..40 {
        assert_eq!(
            bot.call("sendMessage", json!({"chat_id": 4711, "text": "x"})).await.status,
            400
        );
    }
    bot.say(ana.0, "x").await;
    peer.set_limits(Limits::none());
    for _ in 0..50 {
        bot.say(ana.0, "x").await;
    }
}

#[tokio::test]
async fn a_wait_on_demand_holds_until_it_is_over() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    peer.fault(Fault::new(Trouble::TooMany(7)).on("sendMessage"));
    let said = json!({"chat_id": ana.0, "text": "x"});
    let answer = bot.call("sendMessage", said.clone()).await;
    assert_eq!(answer.body()["parameters"]["retry_after"], 7);
    bot.call("getMe", json!({})).await.ok();
    peer.advance(Duration::from_secs(6));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(bot.call("sendMessage", said.clone()).await.status, 429);
    assert_eq!(peer.take_complaints().len(), 1);
    peer.advance(Duration::from_secs(1));
    bot.call("sendMessage", said).await.ok();
    peer.assert_content();
}
