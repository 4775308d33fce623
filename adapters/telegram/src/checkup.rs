//! What `pollen doctor` asks of Telegram; nothing is changed by it.

use crate::api::{self, AT_ONCE, Failed};
use crate::link::bot;
use crate::settings::Settings;
use crate::webhook::PATH;
use contract::{Finding, LinkError};
use serde::Deserialize;
use serde_json::json;
use teloxide::Bot;

/// Looks the bot over: its token, how updates come, what it may see, inline mode, and its rights in
/// the staff's group.
pub async fn look(settings: &Settings) -> Vec<Finding> {
    let bot = match bot(settings) {
        Ok(bot) => bot,
        Err(error) => return vec![Finding::wrong(error.to_string())],
    };
    let me = api::call(&bot, "getMe", &json!({}), AT_ONCE).await.map_err(Failed::asking);
    let me: Me = match me {
        Ok(me) => me,
        Err(LinkError::Refused(words)) => return vec![Finding::wrong(words)],
        Err(error) => {
            let words = format!(
                "Telegram cannot be asked ({error}); see to this machine's way to the internet"
            );
            return vec![Finding::wrong(words)];
        }
    };
    let mut found = vec![Finding::good(format!("the token is that of @{}", me.username))];
    found.push(privacy(&me));
    found.push(inline(&me));
    found.push(match ask::<Hook>(&bot, "getWebhookInfo", &json!({})).await {
        Ok(hook) => delivery(settings, &hook),
        Err(error) => Finding::wrong(format!("how updates come cannot be asked: {error}")),
    });
    if let Some(group) = settings.staff_group {
        found.extend(desk(&bot, &me, group).await);
    }
    found
}

#[derive(Deserialize)]
struct Me {
    id: i64,
    username: String,
    #[serde(default)]
    can_join_groups: bool,
    #[serde(default)]
    can_read_all_group_messages: bool,
    #[serde(default)]
    supports_inline_queries: bool,
}

#[derive(Deserialize)]
struct Hook {
    #[serde(default)]
    url: String,
    #[serde(default)]
    pending_update_count: u64,
    #[serde(default)]
    last_error_message: Option<String>,
}

#[derive(Deserialize)]
struct Chat {
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    is_forum: bool,
}

#[derive(Deserialize)]
struct Member {
    status: String,
    #[serde(default)]
    can_manage_topics: bool,
    #[serde(default)]
    can_delete_messages: bool,
}

async fn ask<T: serde::de::DeserializeOwned>(
    bot: &Bot,
    method: &str,
    asks: &serde_json::Value,
) -> Result<T, LinkError> {
    api::call(bot, method, asks, AT_ONCE).await.map_err(Failed::asking)
}

fn privacy(me: &Me) -> Finding {
    if !me.can_join_groups {
        return Finding::wrong(
            "the bot cannot be added to groups; at @BotFather send /setjoingroups, choose it and \
             press Enable",
        );
    }
    if me.can_read_all_group_messages {
        return Finding::wrong(
            "privacy mode is off: the bot is sent everything that is said in its groups, and needs \
             none of it; at @BotFather send /setprivacy, choose it and press Enable, then take the \
             bot out of each group and add it again",
        );
    }
    Finding::good("privacy mode is on: in groups it is sent only what is meant for it")
}

fn inline(me: &Me) -> Finding {
    if me.supports_inline_queries {
        return Finding::good(format!("inline mode is on: type @{} in any chat", me.username));
    }
    Finding::wrong(
        "inline mode is off, so nobody can share what the library knows in other chats; at \
         @BotFather send /setinline, choose the bot and write \"Ask the library …\"",
    )
}

fn delivery(settings: &Settings, hook: &Hook) -> Finding {
    let waiting = match hook.pending_update_count {
        0 => "nothing waits".to_owned(),
        count => format!("{count} waiting"),
    };
    match (&settings.webhook, hook.url.as_str()) {
        (None, "") => Finding::good(format!("updates are asked for; {waiting}")),
        (None, url) => Finding::good(format!(
            "a webhook is set at {url}; `pollen serve` will take it away, since none is settled; \
             {waiting}"
        )),
        (Some(_), "") => {
            Finding::good(format!("the webhook is set at the next start of serve; {waiting}"))
        }
        (Some(site), url) if url == format!("{}{PATH}", site.trim_end_matches('/')) => {
            match &hook.last_error_message {
                // An old trouble that is over leaves nothing waiting.
                Some(error) if hook.pending_update_count > 0 => Finding::wrong(format!(
                    "Telegram could not deliver to {url} ({error}); see that the proxy hands \
                     {PATH} on to `pollen serve`, and that its certificate is good; {waiting}"
                )),
                Some(_) | None => Finding::good(format!("Telegram delivers to {url}; {waiting}")),
            }
        }
        (Some(_), url) => Finding::good(format!(
            "Telegram delivers to {url}, which changes at the next start of serve; {waiting}"
        )),
    }
}

async fn desk(bot: &Bot, me: &Me, group: i64) -> Vec<Finding> {
    let here = json!({ "chat_id": group });
    let chat: Chat = match ask(bot, "getChat", &here).await {
        Ok(chat) => chat,
        Err(error) => {
            return vec![Finding::wrong(format!(
                "the staff's group {group} cannot be seen ({error}); add the bot to it, and see \
                 that `staff_group` is its number"
            ))];
        }
    };
    let mut found = Vec::new();
    let title = &chat.title;
    if chat.r#type == "supergroup" && chat.is_forum {
        found.push(Finding::good(format!("staff work in \"{title}\", a topic a case")));
    } else {
        found.push(Finding::wrong(format!(
            "\"{title}\" has no topics, so all cases run together; in the group's settings switch \
             Topics on"
        )));
    }
    let asked = json!({ "chat_id": group, "user_id": me.id });
    match ask::<Member>(bot, "getChatMember", &asked).await {
        Ok(member) => found.push(rights(title, &member)),
        Err(error) => {
            found.push(Finding::wrong(format!("the bot's rights cannot be asked: {error}")));
        }
    }
    found
}

fn rights(title: &str, member: &Member) -> Finding {
    let mut missing = Vec::new();
    if member.status != "administrator" {
        return Finding::wrong(format!(
            "the bot is no administrator of \"{title}\", so it opens no topics and hears only \
             replies and commands; make it one, with Manage topics and Delete messages"
        ));
    }
    if !member.can_manage_topics {
        missing.push("Manage topics (to open one a case)");
    }
    if !member.can_delete_messages {
        missing.push("Delete messages (to remove the topics of people who are forgotten)");
    }
    match missing.as_slice() {
        [] => Finding::good(format!("it may do at \"{title}\" what it must")),
        missing => Finding::wrong(format!(
            "the bot lacks a right at \"{title}\": give it {}",
            missing.join(" and ")
        )),
    }
}
