//! Messages and who may do what with them.

use crate::bot::{Bot, cast, deny, id, peer};
use bytes::Bytes;
use peers::discord::{Deed, MessageId, Permissions, User};
use serde_json::{Value, json};

#[tokio::test]
async fn messages_are_sent_edited_read_and_deleted() {
    let peer = peer();
    let (ana, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let question = peer.say(ana, help, "Is the library open?");
    let row = json!([{"type": 1, "components": [{"type": 2, "style": 1, "label": "Yes", "custom_id": "y"}]}]);
    let sent = bot
        .say(
            help,
            json!({"content": "It is.", "components": row, "nonce": "n1",
            "message_reference": {"message_id": question.to_string()}}),
        )
        .await
        .ok();
    assert_eq!((&sent["type"], &sent["nonce"]), (&json!(19), &json!("n1")));
    assert_eq!(sent["referenced_message"]["content"], "", "the content of others is not shown");
    let path = format!("/channels/{help}/messages/{}", id(&sent["id"]));
    let edited = bot.call("PATCH", &path, json!({"content": "It is not."})).await.ok();
    assert!(edited["edited_timestamp"].is_string());
    assert_eq!(edited["components"], row, "what is left out stays");
    assert_eq!(bot.call("GET", &path, Value::Null).await.ok()["content"], "It is not.");
    let all = bot.call("GET", &format!("/channels/{help}/messages"), Value::Null).await.ok();
    assert_eq!((all.as_array().unwrap().len(), &all[0]["id"]), (2, &sent["id"]), "newest first");
    let after = format!("/channels/{help}/messages?after={question}&limit=1");
    assert_eq!(bot.call("GET", &after, Value::Null).await.ok()[0]["id"], sent["id"]);
    assert_eq!(bot.call("DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(bot.call("GET", &path, Value::Null).await.refused(), (404, 10008));
    let others = format!("/channels/{help}/messages/{question}");
    assert_eq!(bot.call("PATCH", &others, json!({"content": "x"})).await.refused(), (403, 50005));
    assert_eq!(bot.call("DELETE", &others, Value::Null).await.refused(), (403, 50013));
    let deeds = peer.read();
    assert!(
        matches!(&deeds[..], [Deed::Sent(_), Deed::Edited(_), Deed::Deleted { .. }]),
        "{deeds:?}"
    );
    peer.assert_content();
}

#[tokio::test]
async fn channels_permit_or_do_not() {
    let peer = peer();
    let (_, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let said = json!({"content": "x", "embeds": [{"title": "t"}]});
    deny(&peer, help, Permissions::SEND_MESSAGES);
    assert_eq!(bot.say(help, said.clone()).await.refused(), (403, 50013));
    deny(&peer, help, Permissions::VIEW_CHANNEL);
    assert_eq!(bot.say(help, said.clone()).await.refused(), (403, 50001));
    deny(&peer, help, Permissions::EMBED_LINKS | Permissions::READ_MESSAGE_HISTORY);
    assert_eq!(bot.say(help, said).await.ok()["embeds"], json!([]));
    let all = bot.call("GET", &format!("/channels/{help}/messages"), Value::Null).await.ok();
    assert_eq!(all, json!([]));
    assert_eq!(bot.call("GET", "/channels/5", Value::Null).await.refused(), (404, 10003));
    let only = "/guilds/5/emojis";
    assert_eq!(bot.call("GET", only, Value::Null).await.status, 404);
    assert_eq!(peer.take_complaints().len(), 1, "what the peer does not know it refuses loudly");
}

#[tokio::test]
async fn bodies_have_their_bounds() {
    let peer = peer();
    let (_, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let button = |id: &str| json!({"type": 2, "style": 1, "label": "a", "custom_id": id});
    let row = |all: Vec<Value>| json!([{"type": 1, "components": all}]);
    let six = (0..6).map(|n| button(&n.to_string())).collect();
    let options: Vec<Value> =
        (0..26).map(|n| json!({"label": "a", "value": n.to_string()})).collect();
    let long = "x".repeat(3_500);
    for wrong in [
        json!({"content": "x".repeat(2_001)}),
        json!({"content": "x", "nonce": "x".repeat(26)}),
        json!({"embeds": [{"description": long}, {"description": long}]}),
        json!({"embeds": vec![json!({"title": "x"}); 11]}),
        json!({"components": row(six)}),
        json!({"components": row(vec![button("a"), button("a")])}),
        json!({"components": row(vec![button(&"x".repeat(101))])}),
        json!({"components": row(vec![json!({"type": 2, "style": 1, "label": "x".repeat(81), "custom_id": "a"})])}),
        json!({"components": row(vec![json!({"type": 3, "custom_id": "m", "options": options})])}),
        json!({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["5"]}}),
    ] {
        let answer = bot.say(help, wrong).await;
        assert_eq!(answer.refused(), (400, 50035), "{answer:?}");
        assert!(answer.body["errors"].is_object());
    }
    assert!(peer.take_complaints().len() >= 10);
    assert_eq!(bot.say(help, json!({"content": " "})).await.refused(), (400, 50006));
    bot.say(help, json!({"content": "x", "colour": 1})).await.ok();
    assert!(!peer.take_complaints().is_empty(), "unknown fields are complained about");
    assert_eq!(peer.from_bot(help).len(), 1);
}

#[tokio::test]
async fn only_what_is_allowed_is_pinged() {
    let peer = peer();
    let (ana, guild, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let staff = peer.add_role(guild, "staff", Permissions::NONE);
    let text = format!("<@{ana}> <@&{staff}> @everyone");
    let sent = bot.say(help, json!({"content": text})).await.ok();
    let pings = peer.message(help, MessageId(id(&sent["id"]))).unwrap().pings;
    assert!(pings.users.contains(&ana) && pings.roles.is_empty() && !pings.everyone);
    peer.set_mentionable(guild, staff, true);
    let sent = bot.say(help, json!({"content": text})).await.ok();
    assert_eq!(sent["mention_roles"], json!([staff.to_string()]));
    let none =
        bot.say(help, json!({"content": text, "allowed_mentions": {"parse": []}})).await.ok();
    assert_eq!((&none["mentions"], &none["mention_roles"]), (&json!([]), &json!([])));
    peer.assert_content();
}

#[tokio::test]
async fn direct_chats_can_be_closed_to_the_bot() {
    let peer = peer();
    let (ana, guild, _) = cast(&peer);
    let bot = Bot::of(&peer);
    let open = json!({"recipient_id": ana.to_string()});
    let chat = bot.call("POST", "/users/@me/channels", open.clone()).await.ok();
    let direct = peer.direct(ana);
    assert_eq!(id(&chat["id"]), direct.0);
    bot.say(direct, json!({"content": "x"})).await.ok();
    peer.block(ana, true);
    assert_eq!(bot.say(direct, json!({"content": "x"})).await.refused(), (403, 50007));
    bot.call("POST", "/users/@me/channels", open).await.ok();
    peer.block(ana, false);
    peer.part(ana, guild);
    assert_eq!(bot.say(direct, json!({"content": "x"})).await.refused(), (403, 50007));
    let zoe = peer.add_user(User::new("Zoe"));
    assert!(!peer.sees(zoe, direct) && peer.sees(ana, direct));
    peer.assert_content();
}

#[tokio::test]
async fn files_come_in_parts() {
    let peer = peer();
    let (_, _, help) = cast(&peer);
    let body = "--XX\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{\"content\":\"see\"}\r\n\
        --XX\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a.txt\"\r\n\
        Content-Type: text/plain\r\n\r\nabc\r\n--XX--\r\n";
    let (path, kind) = (format!("/channels/{help}/messages"), "multipart/form-data; boundary=XX");
    let sent = Bot::of(&peer).send("POST", &path, kind, Bytes::from(body)).await.unwrap().ok();
    assert_eq!(sent["attachments"][0]["filename"], "a.txt");
    assert_eq!(sent["attachments"][0]["size"], 3);
    peer.assert_content();
}
