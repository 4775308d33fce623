//! How much the homeserver lets one do.

use serde_json::{Map, Value, json};

/// So many a second, and so many at once, that no test meets it.
const FREE: u32 = 10_000;

/// How much the homeserver lets one do before it answers with 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    usual: bool,
}

impl Limits {
    /// No limit that a test could meet.
    pub fn none() -> Self {
        Self { usual: false }
    }

    /// What Synapse has where nothing is set: a message every five seconds and ten at once, a room
    /// joined every ten seconds and ten at once, five logins at once. Accounts alone are made as
    /// fast as asked for: it is the tests that make them.
    pub fn usual() -> Self {
        Self { usual: true }
    }

    /// The settings that say so.
    pub(crate) fn settings(self) -> Map<String, Value> {
        let free = || json!({"per_second": FREE, "burst_count": FREE});
        let plain = [
            "rc_3pid_validation",
            "rc_admin_redaction",
            "rc_delayed_event_mgmt",
            "rc_joins_per_room",
            "rc_key_requests",
            "rc_media_create",
            "rc_message",
            "rc_profile",
            "rc_registration",
            "rc_registration_token_validity",
            "rc_reports",
            "rc_room_creation",
            "rc_third_party_invite",
            "rc_user_directory",
        ];
        let grouped: [(&str, &[&str]); 4] = [
            ("rc_invites", &["per_room", "per_user", "per_issuer"]),
            ("rc_joins", &["local", "remote"]),
            ("rc_login", &["address", "account", "failed_attempts"]),
            ("rc_presence", &["per_user"]),
        ];
        if self.usual {
            return Map::from_iter([("rc_registration".to_owned(), free())]);
        }
        let group = |names: &[&str]| -> Value {
            Value::Object(names.iter().map(|name| ((*name).to_owned(), free())).collect())
        };
        let plain = plain.iter().map(|name| ((*name).to_owned(), free()));
        plain.chain(grouped.iter().map(|(name, of)| ((*name).to_owned(), group(of)))).collect()
    }
}
