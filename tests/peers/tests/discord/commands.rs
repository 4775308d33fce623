//! Registering commands, and using them.

use crate::bot::{Bot, USUAL, cast, peer};
use peers::discord::{Deed, Discord, MessageId};
use serde_json::{Value, json};

fn path(peer: &Discord) -> String {
    format!("/applications/{}/commands", peer.bot())
}

fn commands() -> Value {
    json!([
        {"name": "ask", "description": "Ask the library", "description_localizations": {"de": "Frag die Bibliothek"},
            "name_localizations": {"de": "frage"}, "contexts": [0, 1],
            "options": [{"type": 3, "name": "question", "description": "What", "required": true},
                {"type": 3, "name": "branch", "description": "Where", "autocomplete": true}]},
        {"name": "my", "description": "Mine", "options": [{"type": 1, "name": "settings", "description": "Them"}]},
        {"name": "Ask the library", "type": 3},
    ])
}

#[tokio::test]
async fn commands_are_replaced_and_used() {
    let peer = peer();
    let (ana, guild, help) = cast(&peer);
    let bot = Bot::of(&peer);
    let kept = bot.call("PUT", &path(&peer), commands()).await.ok();
    assert_eq!(kept.as_array().unwrap().len(), 3);
    let again = bot.call("PUT", &path(&peer), commands()).await.ok();
    assert_eq!(kept[0]["id"], again[0]["id"], "one of the same name keeps its number");
    assert_eq!(bot.call("GET", &path(&peer), Value::Null).await.ok(), again);
    assert_eq!(peer.commands(Some(guild)).len(), 3);
    assert!(matches!(&peer.read()[0], Deed::Commands(names) if names[0] == "ask"));
    let mut ears = bot.identify(USUAL).await;
    peer.command(ana, help, "ask", &[("question", json!("hours?"))]);
    let shown = ears.event("INTERACTION_CREATE").await;
    assert_eq!((&shown["type"], &shown["locale"]), (&json!(2), &json!("fr")));
    assert_eq!(shown["data"]["options"][0]["value"], "hours?");
    assert_eq!(shown["member"]["user"]["id"], ana.to_string());
    peer.command(ana, help, "my", &[("settings/", Value::Null)]);
    let shown = ears.event("INTERACTION_CREATE").await;
    assert_eq!(shown["data"]["options"][0]["name"], "settings");
    let said: MessageId = peer.say(ana, help, "Where is the toilet?");
    assert_eq!(ears.event("MESSAGE_CREATE").await["content"], "");
    peer.message_command(ana, help, said, "Ask the library");
    let shown = ears.event("INTERACTION_CREATE").await;
    let messages = &shown["data"]["resolved"]["messages"];
    assert_eq!(messages[said.to_string()]["content"], "Where is the toilet?");
    peer.command(ana, peer.direct(ana), "ask", &[("question", json!("x"))]);
    let shown = ears.event("INTERACTION_CREATE").await;
    assert_eq!((&shown["user"]["id"], &shown["member"]), (&json!(ana.to_string()), &Value::Null));
    assert_eq!(peer.unanswered().len(), 4);
    peer.assert_content();
}

#[tokio::test]
async fn commands_have_their_bounds() {
    let peer = peer();
    let bot = Bot::of(&peer);
    let option = |name: &str| json!({"type": 3, "name": name, "description": "d"});
    let many: Vec<Value> = (0..26).map(|n| option(&format!("o{n}"))).collect();
    let needed = json!({"type": 3, "name": "b", "description": "d", "required": true});
    for wrong in [
        json!([{"name": "Ask", "description": "d"}]),
        json!([{"name": "ask it", "description": "d"}]),
        json!([{"name": "ask"}]),
        json!([{"name": "ask", "description": "x".repeat(101)}]),
        json!([{"name": "ask", "description": "d", "name_localizations": {"xx": "y"}}]),
        json!([{"name": "ask", "description": "d"}, {"name": "ask", "description": "d"}]),
        json!([{"name": "ask", "description": "d", "options": many}]),
        json!([{"name": "ask", "description": "d", "options": [option("a"), needed]}]),
        json!([{"name": "Save", "type": 3, "description": "d"}]),
    ] {
        let answer = bot.call("PUT", &path(&peer), wrong).await;
        assert_eq!(answer.refused(), (400, 50035), "{answer:?}");
    }
    assert!(peer.take_complaints().len() >= 9);
    let others = "/applications/5/commands";
    assert_eq!(bot.call("GET", others, Value::Null).await.refused(), (403, 20012));
    let one = json!({"name": "ask", "description": "d"});
    let guild = peer.add_guild("Library", peer.bot());
    let there = format!("/applications/{}/guilds/{guild}/commands", peer.bot());
    assert_eq!(bot.call("POST", &there, one.clone()).await.status, 201);
    assert_eq!(bot.call("POST", &there, one).await.status, 200);
    assert_eq!(bot.call("GET", &there, Value::Null).await.ok()[0]["guild_id"], guild.to_string());
    assert!(peer.commands(None).is_empty());
    peer.assert_content();
}
