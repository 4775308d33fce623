//! Bodies are checked against a description of the API, where there is one.

use crate::bot::{Bot, cast, settings};
use peers::discord::{Discord, Settings, StartError};
use serde_json::{Value, json};

/// A small description of our own.
fn description() -> Value {
    let text = json!({"type": ["string", "null"], "maxLength": 3});
    json!({"paths": {
        "/channels/{channel_id}/messages": {"post": {"requestBody": {"content": {"application/json":
            {"schema": {"$ref": "#/components/schemas/Message"}}}}}, "get": {}},
        "/users/@me": {"get": {}},
    }, "components": {"schemas": {"Message": {"type": "object", "required": ["content"], "properties": {
        "content": text,
        "nonce": {"oneOf": [{"type": "null"}, {"type": "integer", "minimum": 1, "maximum": 9}]},
        "embeds": {"type": "array", "minItems": 1, "items": {"type": "object", "properties":
            {"title": {"type": "string", "enum": ["a", "b"]}}}},
    }}}}})
}

#[tokio::test]
async fn what_does_not_fit_the_description_is_complained_about() {
    let file =
        std::env::temp_dir().join(format!("discord-description-{}.json", std::process::id()));
    std::fs::write(&file, description().to_string()).unwrap();
    let peer = Discord::start(Settings { description: Some(file.clone()), ..settings() }).unwrap();
    std::fs::remove_file(&file).unwrap();
    let (_, _, help) = cast(&peer);
    let bot = Bot::of(&peer);
    bot.say(help, json!({"content": "abc", "nonce": 9, "flags": null, "embeds": [{"title": "a"}]}))
        .await
        .ok();
    bot.call("GET", "/users/@me", Value::Null).await.ok();
    peer.assert_content();
    for wrong in [
        json!({"embeds": [{"title": "a"}]}),
        json!({"content": "abcd"}),
        json!({"content": "abc", "nonce": 10}),
        json!({"content": "abc", "embeds": [{"title": "c"}]}),
        json!({"content": "abc", "embeds": []}),
        json!({"content": "abc", "tts": false}),
    ] {
        bot.say(help, wrong.clone()).await.ok();
        assert_eq!(peer.take_complaints().len(), 1, "{wrong}");
    }
    bot.call("GET", &format!("/channels/{help}/threads"), Value::Null).await.refused();
    assert_eq!(peer.take_complaints()[0].what, "there is no such route");
}

#[test]
fn a_description_must_be_one() {
    let missing = Settings { description: Some("/nowhere/at/all.json".into()), ..settings() };
    assert!(matches!(Discord::start(missing), Err(StartError::Description(_))));
}
