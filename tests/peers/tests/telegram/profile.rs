//! What the bot says about itself.

use crate::bot::{Bot, ana, peer, settings, start};
use peers::telegram::{Settings, Telegram, User};
use serde_json::json;

fn command(name: &str, description: &str) -> serde_json::Value {
    json!({"command": name, "description": description})
}

#[tokio::test]
async fn commands_are_shown_by_scope_and_language() {
    let peer = peer();
    let ana = ana(&peer).await;
    let bo = peer.add_user(User::new("Bo").language("de-AT"));
    let group = peer.add_supergroup("Staff", &[ana, bo]);
    peer.add_bot(ana, group);
    let bot = Bot::of(&peer);
    let groups = json!({"type": "all_group_chats"});
    let admins = json!({"type": "chat_administrators", "chat_id": group.0});
    for set in [
        json!({"commands": [command("find", "Find a book")]}),
        json!({"commands": [command("find", "Trouver un livre")], "language_code": "fr"}),
        json!({"commands": [command("hours", "Opening hours")], "scope": groups}),
        json!({"commands": [command("claim", "Take a case")], "scope": admins}),
    ] {
        bot.call("setMyCommands", set).await.ok();
    }
    let said = |menu: Vec<(String, String)>| menu[0].1.clone();
    assert_eq!(said(peer.menu(ana, ana.chat())), "Trouver un livre");
    assert_eq!(said(peer.menu(bo, bo.chat())), "Find a book");
    assert_eq!(said(peer.menu(bo, group)), "Opening hours");
    assert_eq!(said(peer.menu(ana, group)), "Take a case");
    let french = json!({"language_code": "fr"});
    assert_eq!(
        bot.call("getMyCommands", french.clone()).await.ok()[0]["description"],
        "Trouver un livre"
    );
    bot.call("deleteMyCommands", french).await.ok();
    assert_eq!(said(peer.menu(ana, ana.chat())), "Find a book");
    peer.assert_content();
    for (set, what) in [
        (json!({"commands": [command("Find", "x")]}), "BOT_COMMAND_INVALID"),
        (json!({"commands": [command("find", "")]}), "BOT_COMMAND_DESCRIPTION_INVALID"),
        (json!({"commands": [], "language_code": "fra"}), "invalid language code specified"),
        (
            json!({"commands": [], "scope": {"type": "chat_administrators", "chat_id": ana.0}}),
            "can't use specified scope in private chats",
        ),
    ] {
        let (_, said) = bot.call("setMyCommands", set).await.refused();
        assert_eq!(said, format!("Bad Request: {what}"));
    }
}

#[tokio::test]
async fn names_and_descriptions_are_kept_by_language() {
    let peer = peer();
    let bot = Bot::of(&peer);
    let set = json!({"description": "Ask the library"});
    bot.call("setMyDescription", set).await.ok();
    let set = json!({"description": "Demandez", "language_code": "fr"});
    bot.call("setMyDescription", set).await.ok();
    let told = |code: &'static str| {
        let bot = bot.clone();
        async move {
            let asked = json!({"language_code": code});
            bot.call("getMyDescription", asked).await.ok()["description"].clone()
        }
    };
    assert_eq!((told("fr").await, told("de").await), (json!("Demandez"), json!("Ask the library")));
    let long = json!({"description": "x".repeat(513)});
    assert_eq!(bot.call("setMyDescription", long).await.status, 400);
    bot.call("setMyShortDescription", json!({"short_description": "Books"})).await.ok();
    let short = bot.call("getMyShortDescription", json!({})).await.ok();
    assert_eq!(short["short_description"], "Books");
    bot.call("setMyName", json!({"name": "The library"})).await.ok();
    assert_eq!(bot.call("getMyName", json!({})).await.ok()["name"], "The library");
    assert_eq!(bot.call("getMe", json!({})).await.ok()["first_name"], "The library");
    let button = json!({"menu_button": {"type": "commands"}});
    bot.call("setChatMenuButton", button).await.ok();
    assert_eq!(bot.call("getChatMenuButton", json!({})).await.ok()["type"], "commands");
    peer.assert_content();
}

#[tokio::test]
async fn get_me_says_how_the_bot_was_made() {
    let peer = start(Settings { privacy: false, inline: false, ..settings() });
    let me = Bot::of(&peer).call("getMe", json!({})).await.ok();
    assert_eq!((&me["is_bot"], &me["has_main_web_app"]), (&json!(true), &json!(false)));
    assert_eq!(me["can_read_all_group_messages"], true);
    assert_eq!(me["supports_inline_queries"], false);
    assert_eq!(me["id"], peer.bot().0);
}

/// Only where the description is: without it there is nothing to compare.
#[tokio::test]
async fn the_methods_are_the_described_ones() {
    let peer = peer();
    assert!(Telegram::methods() >= 39, "{}", Telegram::methods());
    let Some(described) = peer.described_methods() else { return };
    assert!(described > 150);
    let ana = ana(&peer).await;
    let bot = Bot::of(&peer);
    // A field that the peer's own rules do not look into.
    let asked =
        json!({"chat_id": ana.0, "text": "x", "link_preview_options": {"is_disabld": true}});
    bot.call("sendMessage", asked).await.ok();
    assert!(peer.take_complaints()[0].what.contains("`is_disabld` is not described"));
    bot.call("sendPoll", json!({})).await.refused();
    assert_eq!(peer.take_complaints()[0].what, "the peer does not know this method");
}
