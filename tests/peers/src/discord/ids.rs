//! Snowflakes: the numbers of everything, which carry the time of their making.

use serde_json::{Value, json};
use std::fmt;

/// Milliseconds from 1970 to the first second of 2015, from which snowflakes count.
const EPOCH_MS: i64 = 1_420_070_400_000;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl $name {
            /// As Discord writes it in JSON: a text.
            pub(crate) fn json(self) -> Value {
                json!(self.0.to_string())
            }
        }
    )*};
}

ids! {
    /// Somebody's number.
    UserId,
    /// A guild's number.
    GuildId,
    /// The number of a channel, a thread or a direct chat.
    ChannelId,
    /// A message's number; of two in a channel the later one's is greater.
    MessageId,
    /// A role's number; that of `@everyone` is its guild's.
    RoleId,
    /// The number of what somebody did with a command, a button, a menu or a form.
    InteractionId,
}

/// The next snowflake after the last one.
pub(crate) fn snowflake(now_us: i64, last: u64) -> u64 {
    let ms = u64::try_from(now_us / 1000 - EPOCH_MS).unwrap_or_default();
    (ms << 22).max(last + 1)
}
