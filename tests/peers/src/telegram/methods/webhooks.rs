//! Who the bot is, and how it hears of things.

use super::{Method, method};
use crate::telegram::parameters::{Kind, Parameters, may, need};
use crate::telegram::refusal::Refusal;
use crate::telegram::webhook::{Hook, is_local};
use crate::telegram::world::World;
use serde_json::{Value, json};

/// What the real server takes when `max_connections` is left out.
const CONNECTIONS: i64 = 40;

pub(super) const METHODS: &[Method] = &[
    method("getMe", &[], get_me),
    // Waits, so the server answers it itself.
    method(
        "getUpdates",
        &[
            may("offset", Kind::Integer),
            may("limit", Kind::Integer),
            may("timeout", Kind::Integer),
            may("allowed_updates", Kind::Array),
        ],
        |_, _| Ok(json!([])),
    ),
    method(
        "setWebhook",
        &[
            need("url", Kind::Text),
            may("certificate", Kind::File),
            may("ip_address", Kind::Text),
            may("max_connections", Kind::Integer),
            may("allowed_updates", Kind::Array),
            may("drop_pending_updates", Kind::Boolean),
            may("secret_token", Kind::Text),
        ],
        set_webhook,
    ),
    method("deleteWebhook", &[may("drop_pending_updates", Kind::Boolean)], delete_webhook),
    method("getWebhookInfo", &[], get_webhook_info),
];

fn get_me(world: &mut World, _: &Parameters) -> Result<Value, Refusal> {
    let settings = &world.settings;
    let mut me = world.me.json();
    me["can_join_groups"] = json!(settings.joins_groups);
    me["can_read_all_group_messages"] = json!(!settings.privacy);
    me["supports_inline_queries"] = json!(settings.inline);
    me["can_connect_to_business"] = json!(false);
    me["has_main_web_app"] = json!(false);
    Ok(me)
}

fn set_webhook(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let url = p.text("url");
    if url.is_empty() {
        return delete_webhook(world, p);
    }
    let bad = |what: &str| Refusal::bad(format!("bad webhook: {what}"));
    if let Some(rest) = url.strip_prefix("https://") {
        let host = rest.split('/').next().unwrap_or_default();
        let port = host.rsplit_once(':').map_or("443", |(_, port)| port);
        if !["443", "80", "88", "8443"].contains(&port) {
            return Err(bad("Webhook can be set up only on ports 80, 88, 443 or 8443"));
        }
    } else {
        // Plain HTTP is for a Bot API server of one's own; this one allows it to itself alone.
        let rest = url.strip_prefix("http://").unwrap_or_default();
        if !is_local(rest.split('/').next().unwrap_or_default()) {
            return Err(bad("An HTTPS URL must be provided for webhook"));
        }
    }
    let secret = p.text("secret_token");
    if secret.len() > 256 {
        return Err(Refusal::bad("secret token is too long"));
    }
    if !secret.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return Err(Refusal::bad("secret token contains unallowed characters"));
    }
    let connections = p.integer("max_connections").unwrap_or(CONNECTIONS);
    if !(1..=100).contains(&connections) {
        let what = format!("max_connections {connections} is not between 1 and 100");
        world.complain("setWebhook", what);
    }
    if let Some(names) = p.get("allowed_updates").and_then(Value::as_array) {
        for name in world.updates.allow(names) {
            world.complain("setWebhook", format!("there are no updates `{name}`"));
        }
    }
    let number = world.next_number();
    let mut hook = Hook::new(number, url, secret, connections.clamp(1, 100));
    hook.has_certificate = p.get("certificate").is_some();
    let dropping = p.flag("drop_pending_updates");
    if world.hook.as_ref().is_some_and(|set| set.is_like(&hook)) && !dropping {
        // "Webhook is already set": deliveries on their way go on.
        return Ok(json!(true));
    }
    drop_pending(world, p);
    world.hook = Some(hook);
    world.updates.end_poll();
    Ok(json!(true))
}

fn delete_webhook(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    drop_pending(world, p);
    world.hook = None;
    Ok(json!(true))
}

fn drop_pending(world: &mut World, p: &Parameters) {
    if p.flag("drop_pending_updates") {
        world.updates.queue.clear();
    }
}

fn get_webhook_info(world: &mut World, _: &Parameters) -> Result<Value, Refusal> {
    let now = world.now_s();
    world.updates.expire(now);
    let mut info = json!({
        "url": "",
        "has_custom_certificate": false,
        "pending_update_count": world.updates.queue.len(),
    });
    if !world.updates.allowed.is_empty() {
        info["allowed_updates"] = json!(world.updates.allowed);
    }
    if let Some(hook) = &world.hook {
        info["url"] = json!(hook.url);
        info["has_custom_certificate"] = json!(hook.has_certificate);
        info["max_connections"] = json!(hook.max_connections);
        if let Some((at, what)) = &hook.last_error {
            info["last_error_date"] = json!(at);
            info["last_error_message"] = json!(what);
        }
    }
    Ok(info)
}
