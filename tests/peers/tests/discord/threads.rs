//! Threads, public and private.

use crate::bot::{Bot, USUAL, cast, deny, id, peer};
use peers::discord::{ChannelId, Deed, Permissions};
use serde_json::{Value, json};

#[tokio::test]
async fn private_threads_are_seen_by_whom_they_name() {
    let peer = peer();
    let (ana, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let mut ears = bot.identify(USUAL).await;
    let made = json!({"name": "Case 7", "type": 12, "invitable": false});
    let path = format!("/channels/{help}/threads");
    let thread = bot.call("POST", &path, made.clone()).await.ok();
    let case = ChannelId(id(&thread["id"]));
    assert_eq!(thread["thread_metadata"]["invitable"], false);
    assert_eq!(ears.event("THREAD_CREATE").await["newly_created"], true);
    assert!(!peer.sees(ana, case));
    bot.say(case, json!({"content": format!("<@{ana}> is here")})).await.ok();
    ears.event("MESSAGE_CREATE").await;
    assert!(peer.sees(ana, case));
    let member = format!("/channels/{case}/thread-members/{ana}");
    assert_eq!(bot.call("DELETE", &member, Value::Null).await.status, 204);
    assert!(!peer.sees(ana, case));
    assert_eq!(bot.call("PUT", &member, Value::Null).await.status, 204);
    assert!(peer.sees(ana, case));
    deny(&peer, help, Permissions::CREATE_PRIVATE_THREADS | Permissions::SEND_MESSAGES_IN_THREADS);
    assert_eq!(bot.call("POST", &path, made).await.refused(), (403, 50013));
    assert_eq!(bot.say(case, json!({"content": "x"})).await.refused(), (403, 50013));
    peer.assert_content();
}

#[tokio::test]
async fn threads_are_archived_locked_and_woken() {
    let peer = peer();
    let (ana, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let message = peer.say(ana, help, "How do I renew?");
    let path = format!("/channels/{help}/messages/{message}/threads");
    let thread = bot.call("POST", &path, json!({"name": "Renewing"})).await.ok();
    assert_eq!(id(&thread["id"]), message.0, "a thread has its message's number");
    assert_eq!(bot.call("POST", &path, json!({"name": "x"})).await.refused(), (400, 160_004));
    let thread = ChannelId(message.0);
    let at = format!("/channels/{thread}");
    let sent = bot.say(thread, json!({"content": "Like this."})).await.ok();
    let changed = bot.call("PATCH", &at, json!({"archived": true})).await.ok();
    assert_eq!(changed["thread_metadata"]["archived"], true);
    let edit = format!("/channels/{thread}/messages/{}", id(&sent["id"]));
    assert_eq!(bot.call("PATCH", &edit, json!({"content": "x"})).await.refused(), (400, 50083));
    peer.say(ana, thread, "Thanks");
    assert!(!peer.channel(thread).unwrap().archived, "it wakes when somebody writes");
    let lock = json!({"locked": true, "archived": true});
    assert_eq!(bot.call("PATCH", &at, lock.clone()).await.refused(), (403, 50013));
    let all = Permissions::MANAGE_THREADS;
    peer.set_overwrite(help, peer.bot().0, all, Permissions::NONE);
    bot.call("PATCH", &at, lock).await.ok();
    assert!(peer.channel(thread).unwrap().locked);
    deny(&peer, help, Permissions::NONE);
    assert_eq!(bot.say(thread, json!({"content": "x"})).await.refused(), (403, 160_005));
    let made = peer.read();
    assert!(matches!(&made[0], Deed::ThreadMade { private: false, .. }));
    peer.delete_channel(help);
    assert_eq!(bot.say(thread, json!({"content": "x"})).await.refused(), (404, 10003));
    peer.assert_content();
}
