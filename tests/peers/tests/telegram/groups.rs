//! Groups: what the bot sees, who is what, and topics.

use crate::bot::{Bot, ana, forget_updates, peer};
use peers::telegram::{Deed, Media, Membership, Rights, Saying, User};
use serde_json::{Value, json};

fn seen(updates: &[Value]) -> Vec<&str> {
    updates.iter().filter_map(|update| update["message"]["text"].as_str()).collect()
}

#[tokio::test]
async fn privacy_mode_shows_only_what_is_meant_for_the_bot() {
    let peer = peer();
    let ana = ana(&peer).await;
    let group = peer.add_supergroup("Readers", &[ana]);
    peer.add_bot(ana, group);
    let bot = Bot::of(&peer);
    let own = bot.say(group.0, "I am here").await["message_id"].as_i64().unwrap();
    forget_updates(&peer).await;
    let chatter = peer.say(ana, group, "lovely weather");
    peer.say(ana, group, "/hours");
    peer.say(ana, group, "/hours@library_test_bot");
    peer.say(ana, group, "/hours@another_bot");
    peer.say(ana, group, "what does @Library_Test_Bot say");
    peer.reply(ana, group, own, "hello there");
    peer.reply(ana, group, chatter, "indeed");
    let expected =
        ["/hours", "/hours@library_test_bot", "what does @Library_Test_Bot say", "hello there"];
    assert_eq!(seen(&bot.updates(0).await), expected);

    forget_updates(&peer).await;
    peer.edit(ana, group, chatter, "awful weather");
    assert_eq!(peer.pending(), 0);
    peer.set_privacy(false);
    peer.say(ana, group, "off");
    peer.set_privacy(true);
    peer.say(ana, group, "on");
    peer.bot_is(ana, group, Membership::Administrator(Rights::default()));
    peer.say(ana, group, "administrator");
    assert_eq!(seen(&bot.updates(1).await), ["off", "administrator"]);
    peer.assert_content();
}

#[tokio::test]
async fn the_bot_hears_what_becomes_of_it() {
    let peer = peer();
    let ana = ana(&peer).await;
    let group = peer.add_group("Readers", &[ana]);
    peer.add_bot(ana, group);
    peer.remove_bot(ana, group);
    peer.say(ana, group, "/hours");
    peer.block(ana);
    let updates = Bot::of(&peer).updates(0).await;
    let status = |i: usize| {
        let member = |which: &str| {
            updates[i]["my_chat_member"][which]["status"].as_str().unwrap_or("-").to_owned()
        };
        (member("old_chat_member"), member("new_chat_member"))
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(status(0), pair("left", "member"));
    assert!(updates[1]["message"]["new_chat_members"].is_array());
    assert_eq!(status(2), pair("member", "kicked"));
    assert!(updates[3]["message"]["left_chat_member"].is_object());
    assert_eq!(status(4), pair("member", "kicked"));
    assert_eq!(updates.len(), 5, "what is said in a group that it left, it does not hear");
    peer.assert_content();
}

#[tokio::test]
async fn members_and_administrators_can_be_asked_for() {
    let peer = peer();
    let ana = ana(&peer).await;
    let (bo, cy) = (peer.add_user(User::new("Bo")), peer.add_user(User::new("Cy")));
    let other = peer.add_user(User::new("Helper").username("helper_bot").bot());
    let group = peer.add_supergroup("Staff", &[ana, bo, other]);
    peer.bot_is(ana, group, Membership::Administrator(Rights::all()));
    peer.member_is(ana, group, other, Membership::Administrator(Rights::default()));
    let bot = Bot::of(&peer);
    for (user, status) in [(ana.0, "creator"), (bo.0, "member"), (cy.0, "left")] {
        let asked = json!({"chat_id": group.0, "user_id": user});
        assert_eq!(bot.call("getChatMember", asked).await.ok()["status"], status);
    }
    let asked = json!({"chat_id": group.0, "user_id": 5});
    assert_eq!(bot.call("getChatMember", asked).await.refused().1, "Bad Request: user not found");
    let all = bot.call("getChatAdministrators", json!({"chat_id": group.0})).await.ok();
    let ids: Vec<i64> =
        all.as_array().unwrap().iter().map(|m| m["user"]["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [ana.0, peer.bot().0], "other bots are not told");
    assert_eq!(all[1]["can_manage_topics"], true);
    let shown = bot.call("getChat", json!({"chat_id": group.0})).await.ok();
    assert_eq!((&shown["title"], &shown["type"]), (&json!("Staff"), &json!("supergroup")));
    bot.call("leaveChat", json!({"chat_id": group.0})).await.ok();
    assert!(peer.read().contains(&Deed::LeftChat(group)));
    let (code, what) =
        bot.call("getChatAdministrators", json!({"chat_id": group.0})).await.refused();
    assert_eq!((code, what.as_str()), (400, "Bad Request: chat not found"));
    peer.assert_content();
}

#[tokio::test]
async fn topics_are_opened_written_in_and_closed() {
    let peer = peer();
    let ana = ana(&peer).await;
    let forum = peer.add_forum("Staff", &[ana]);
    peer.add_bot(ana, forum);
    let bot = Bot::of(&peer);
    let create = json!({"chat_id": forum.0, "name": "case 1 · Ben"});
    let (_, what) = bot.call("createForumTopic", create.clone()).await.refused();
    assert_eq!(what, "Bad Request: not enough rights to create a topic");
    peer.bot_is(ana, forum, Membership::Administrator(Rights::all()));
    forget_updates(&peer).await;
    let topic = bot.call("createForumTopic", create).await.ok();
    let thread = topic["message_thread_id"].as_i64().unwrap();
    assert_eq!(peer.topics(forum)[&thread].name, "case 1 · Ben");
    let said = json!({"chat_id": forum.0, "message_thread_id": thread, "text": "waits"});
    let sent = bot.call("sendMessage", said.clone()).await.ok();
    assert_eq!(
        (&sent["message_thread_id"], &sent["is_topic_message"]),
        (&json!(thread), &json!(true))
    );
    peer.post(ana, forum, Saying::text("I take it").in_topic(thread));
    peer.reply(ana, forum, sent["message_id"].as_i64().unwrap(), "Yes, we do.");
    let updates = bot.updates(0).await;
    assert_eq!(updates[0]["message"]["forum_topic_created"]["name"], "case 1 · Ben");
    let bare = &updates[1]["message"];
    assert_eq!(bare["message_thread_id"], thread);
    assert_eq!(
        bare["reply_to_message"]["message_id"], thread,
        "what replies to nothing replies to the message that opened the topic"
    );
    assert_eq!(updates[2]["message"]["reply_to_message"]["text"], "waits");
    assert!(updates[2]["message"]["reply_to_message"].get("reply_to_message").is_none());

    let at = json!({"chat_id": forum.0, "message_thread_id": thread});
    bot.call("closeForumTopic", at.clone()).await.ok();
    let (_, what) = bot.call("closeForumTopic", at.clone()).await.refused();
    assert_eq!(what, "Bad Request: TOPIC_NOT_MODIFIED");
    bot.call("sendMessage", said.clone()).await.ok();
    peer.bot_is(ana, forum, Membership::Member);
    let (_, what) = bot.call("sendMessage", said.clone()).await.refused();
    assert_eq!(what, "Bad Request: TOPIC_CLOSED");
    peer.bot_is(ana, forum, Membership::Administrator(Rights::all()));
    let renamed =
        json!({"chat_id": forum.0, "message_thread_id": thread, "name": "case 1 · closed"});
    bot.call("editForumTopic", renamed).await.ok();
    bot.call("reopenForumTopic", at).await.ok();
    peer.delete_topic(forum, thread);
    let (_, what) = bot.call("sendMessage", said).await.refused();
    assert_eq!(what, "Bad Request: message thread not found");
    peer.assert_content();
}

#[tokio::test]
async fn a_deleted_topic_takes_what_stood_in_it_along() {
    let peer = peer();
    let ana = ana(&peer).await;
    let forum = peer.add_forum("Staff", &[ana]);
    let topics_alone = Rights { manage_topics: true, ..Rights::default() };
    peer.bot_is(ana, forum, Membership::Administrator(topics_alone));
    let bot = Bot::of(&peer);
    let create = json!({"chat_id": forum.0, "name": "case 1"});
    let topic = bot.call("createForumTopic", create).await.ok();
    let at = json!({"chat_id": forum.0, "message_thread_id": topic["message_thread_id"]});
    let thread = topic["message_thread_id"].as_i64().unwrap();
    peer.post(ana, forum, Saying::text("I take it").in_topic(thread));
    let (_, what) = bot.call("deleteForumTopic", at.clone()).await.refused();
    assert_eq!(what, "Bad Request: not enough rights to delete a topic");
    peer.bot_is(ana, forum, Membership::Administrator(Rights::all()));
    bot.call("deleteForumTopic", at.clone()).await.ok();
    assert!(peer.topics(forum).is_empty());
    assert!(peer.messages(forum).iter().all(|message| message.thread != Some(thread)));
    let (_, what) = bot.call("deleteForumTopic", at).await.refused();
    assert_eq!(what, "Bad Request: message thread not found");
    peer.assert_content();
}

#[tokio::test]
async fn files_places_and_hidden_administrators_come_as_they_are() {
    let peer = peer();
    let ana = ana(&peer).await;
    let group = peer.add_supergroup("Staff", &[ana]);
    peer.bot_is(ana, group, Membership::Administrator(Rights::default()));
    forget_updates(&peer).await;
    let card = Media::document("card.pdf", "application/pdf", 2048).caption("my card");
    peer.post(ana, ana.chat(), Saying::media(card));
    peer.post(ana, ana.chat(), Saying::location(52.5, 13.4));
    peer.post(ana, group, Saying::text("from nobody").anonymously());
    let updates = Bot::of(&peer).updates(0).await;
    assert_eq!(updates[0]["message"]["document"]["file_name"], "card.pdf");
    assert_eq!(updates[0]["message"]["caption"], "my card");
    assert!(updates[0]["message"].get("text").is_none());
    assert_eq!(updates[1]["message"]["location"]["longitude"], 13.4);
    assert_eq!(updates[2]["message"]["from"]["username"], "GroupAnonymousBot");
    assert_eq!(updates[2]["message"]["sender_chat"]["id"], group.0);
    peer.assert_content();
}
