//! What a library settles of its bot.

use knowledge::Lang;

/// What a library settles of its bot.
#[derive(Clone)]
pub struct Settings {
    /// The token of the developer portal.
    pub token: String,
    /// Where calls go instead of to Discord itself, as `http://127.0.0.1:3000`: a proxy, or a server
    /// of a test.
    pub server: Option<String>,
    /// The languages of the library, its own first.
    pub langs: Vec<Lang>,
    /// The language of the desk.
    pub desk_lang: Lang,
    /// The channel where staff work, if they work on Discord.
    pub staff_channel: Option<u64>,
    /// The role of those who are staff in it.
    pub staff_role: Option<u64>,
    /// Whether the bot may read what people say to each other: the privileged intent, which Discord
    /// grants. Without it everything works by commands, mentions and replies.
    pub message_content: bool,
    /// Whether the link keeps to the pace of real time. Off only where a test's clock stands.
    pub paced: bool,
}
