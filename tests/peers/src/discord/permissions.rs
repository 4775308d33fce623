//! What somebody may do.

use std::ops::{BitAnd, BitOr, Not};

/// Bits of what somebody may do, as roles, channels and interactions carry them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Permissions(pub u64);

impl Permissions {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything, past all denials of channels.
    pub const ADMINISTRATOR: Self = Self(1 << 3);
    /// Channels may be changed and deleted.
    pub const MANAGE_CHANNELS: Self = Self(1 << 4);
    /// A channel and what is in it may be seen.
    pub const VIEW_CHANNEL: Self = Self(1 << 10);
    /// Messages may be sent to channels (not to threads).
    pub const SEND_MESSAGES: Self = Self(1 << 11);
    /// Messages of others may be deleted.
    pub const MANAGE_MESSAGES: Self = Self(1 << 13);
    /// Embeds are shown.
    pub const EMBED_LINKS: Self = Self(1 << 14);
    /// Files may be sent.
    pub const ATTACH_FILES: Self = Self(1 << 15);
    /// What was said before may be read.
    pub const READ_MESSAGE_HISTORY: Self = Self(1 << 16);
    /// `@everyone` and roles that are not mentionable are pinged.
    pub const MENTION_EVERYONE: Self = Self(1 << 17);
    /// Commands may be used.
    pub const USE_APPLICATION_COMMANDS: Self = Self(1 << 31);
    /// Threads may be changed and deleted, and private ones seen.
    pub const MANAGE_THREADS: Self = Self(1 << 34);
    /// Public threads may be made.
    pub const CREATE_PUBLIC_THREADS: Self = Self(1 << 35);
    /// Private threads may be made.
    pub const CREATE_PRIVATE_THREADS: Self = Self(1 << 36);
    /// Messages may be sent to threads.
    pub const SEND_MESSAGES_IN_THREADS: Self = Self(1 << 38);
    /// Everything that there is.
    pub const ALL: Self = Self((1 << 53) - 1);

    /// What `@everyone` of a new guild may.
    pub const USUAL: Self = Self(
        Self::VIEW_CHANNEL.0
            | Self::SEND_MESSAGES.0
            | Self::EMBED_LINKS.0
            | Self::ATTACH_FILES.0
            | Self::READ_MESSAGE_HISTORY.0
            | Self::USE_APPLICATION_COMMANDS.0
            | Self::CREATE_PUBLIC_THREADS.0
            | Self::CREATE_PRIVATE_THREADS.0
            | Self::SEND_MESSAGES_IN_THREADS.0,
    );

    /// Whether all of these are among them.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Permissions {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Permissions {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Not for Permissions {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0)
    }
}
