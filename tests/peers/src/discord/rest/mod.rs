//! The routes of the REST API, version 10.

mod channels;
mod commands;
mod guilds;
mod interactions;
mod messages;

use super::body::Sent;
use super::message;
use super::refusal::Refusal;
use super::world::World;
use super::{ChannelId, GuildId, InteractionId, MessageId, UserId};
use crate::telegram::body::Upload;
use serde_json::Value;
use std::collections::BTreeMap;

/// An answer that is yes: a status and a body, `null` for none.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer(pub(crate) u16, pub(crate) Value);

pub(crate) type Outcome = Result<Answer, Refusal>;

pub(crate) use commands::kind as command_kind;

pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// As the published description writes it.
    pub(crate) path: &'static str,
    pub(crate) name: &'static str,
    /// Needs the bot's token.
    pub(crate) authorized: bool,
    /// An endpoint of interactions, which the global limit does not count.
    pub(crate) interaction: bool,
    pub(crate) act: fn(&mut World, &Request) -> Outcome,
}

pub(crate) struct Request {
    pub(crate) route: &'static Route,
    arguments: Vec<String>,
    query: BTreeMap<String, String>,
    pub(crate) body: Value,
    pub(crate) files: BTreeMap<String, Upload>,
}

impl Request {
    pub(crate) fn new(
        route: &'static Route,
        arguments: Vec<String>,
        query: &str,
        sent: Sent,
    ) -> Self {
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Self { route, arguments, query, body: sent.value, files: sent.files }
    }

    fn text(&self, at: usize) -> &str {
        self.arguments.get(at).map_or("", String::as_str)
    }

    fn number(&self, at: usize) -> u64 {
        self.text(at).parse().unwrap_or_default()
    }

    fn channel(&self) -> ChannelId {
        ChannelId(self.number(0))
    }

    fn message(&self) -> MessageId {
        MessageId(self.number(1))
    }

    fn guild(&self, at: usize) -> GuildId {
        GuildId(self.number(at))
    }

    fn user(&self, world: &World, at: usize) -> UserId {
        if self.text(at) == "@me" { world.me } else { UserId(self.number(at)) }
    }

    fn interaction(&self) -> InteractionId {
        InteractionId(self.number(0))
    }

    fn query_id(&self, name: &str) -> Option<u64> {
        self.query.get(name)?.parse().ok()
    }

    fn body_id(&self, name: &str) -> Result<u64, Refusal> {
        message::id(&self.body[name])
            .ok_or_else(|| Refusal::form(name, "NUMBER_TYPE_COERCE", "Value is not snowflake."))
    }
}

macro_rules! routes {
    ($($method:literal $path:literal $name:ident $act:path;)*) => {
        /// Every route that the peer knows.
        pub(crate) const ROUTES: &[Route] = &[$(Route {
            method: $method,
            path: $path,
            name: stringify!($name),
            authorized: !free($path),
            interaction: free($path),
            act: $act,
        },)*];
    };
}

/// Whether a path names an interaction's token, which is all that it needs.
const fn free(path: &str) -> bool {
    let path = path.as_bytes();
    path.len() > 3 && (path[1] == b'w' || path[1] == b'i')
}

routes! {
    "GET" "/gateway" gateway guilds::gateway;
    "GET" "/gateway/bot" gateway_bot guilds::gateway_bot;
    "GET" "/users/@me" me guilds::me;
    "GET" "/users/{user_id}" user guilds::user;
    "POST" "/users/@me/channels" open_direct guilds::open_direct;
    "GET" "/users/@me/guilds" my_guilds guilds::my_guilds;
    "GET" "/applications/@me" application guilds::application;
    "GET" "/oauth2/applications/@me" oauth_application guilds::application;
    "GET" "/guilds/{guild_id}" guild guilds::guild;
    "GET" "/guilds/{guild_id}/channels" guild_channels guilds::channels;
    "GET" "/guilds/{guild_id}/roles" roles guilds::roles;
    "GET" "/guilds/{guild_id}/members/{user_id}" member guilds::member;
    "GET" "/guilds/{guild_id}/threads/active" active_threads guilds::active_threads;
    "GET" "/channels/{channel_id}" channel channels::get;
    "PATCH" "/channels/{channel_id}" edit_channel channels::edit;
    "DELETE" "/channels/{channel_id}" delete_channel channels::delete;
    "POST" "/channels/{channel_id}/typing" typing channels::typing;
    "POST" "/channels/{channel_id}/threads" make_thread channels::make_thread;
    "POST" "/channels/{channel_id}/messages/{message_id}/threads" make_thread_from_message channels::make_thread_from_message;
    "GET" "/channels/{channel_id}/thread-members" thread_members channels::thread_members;
    "PUT" "/channels/{channel_id}/thread-members/{user_id}" add_thread_member channels::add_thread_member;
    "DELETE" "/channels/{channel_id}/thread-members/{user_id}" remove_thread_member channels::remove_thread_member;
    "GET" "/channels/{channel_id}/messages" messages messages::list;
    "POST" "/channels/{channel_id}/messages" create_message messages::create;
    "GET" "/channels/{channel_id}/messages/{message_id}" message messages::get;
    "PATCH" "/channels/{channel_id}/messages/{message_id}" edit_message messages::edit;
    "DELETE" "/channels/{channel_id}/messages/{message_id}" delete_message messages::delete;
    "GET" "/applications/{application_id}/commands" global_commands commands::global;
    "PUT" "/applications/{application_id}/commands" set_global_commands commands::set_global;
    "POST" "/applications/{application_id}/commands" add_global_command commands::add_global;
    "GET" "/applications/{application_id}/guilds/{guild_id}/commands" guild_commands commands::in_guild;
    "PUT" "/applications/{application_id}/guilds/{guild_id}/commands" set_guild_commands commands::set_in_guild;
    "POST" "/applications/{application_id}/guilds/{guild_id}/commands" add_guild_command commands::add_in_guild;
    "POST" "/interactions/{interaction_id}/{interaction_token}/callback" respond interactions::respond;
    "POST" "/webhooks/{webhook_id}/{webhook_token}" follow_up interactions::follow_up;
    "GET" "/webhooks/{webhook_id}/{webhook_token}/messages/@original" original interactions::get_original;
    "PATCH" "/webhooks/{webhook_id}/{webhook_token}/messages/@original" edit_original interactions::edit_original;
    "DELETE" "/webhooks/{webhook_id}/{webhook_token}/messages/@original" delete_original interactions::delete_original;
    "GET" "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}" followup interactions::get;
    "PATCH" "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}" edit_followup interactions::edit;
    "DELETE" "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}" delete_followup interactions::delete;
}

/// The route that a request takes, and what its path names.
pub(crate) fn find(method: &str, path: &str) -> Option<(&'static Route, Vec<String>)> {
    let rest = path.strip_prefix("/api/v10")?;
    let parts: Vec<&str> = rest.split('/').collect();
    ROUTES.iter().filter(|route| route.method == method).find_map(|route| {
        let pattern: Vec<&str> = route.path.split('/').collect();
        if pattern.len() != parts.len() {
            return None;
        }
        let mut arguments = Vec::new();
        for (wanted, part) in pattern.iter().zip(&parts) {
            let id = part.parse::<u64>().is_ok();
            match *wanted {
                "{interaction_token}" | "{webhook_token}" => arguments.push((*part).to_owned()),
                "{user_id}" if *part == "@me" => arguments.push((*part).to_owned()),
                _ if wanted.starts_with('{') && id => arguments.push((*part).to_owned()),
                _ if wanted == part => {}
                _ => return None,
            }
        }
        Some((route, arguments))
    })
}
