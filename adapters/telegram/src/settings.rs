//! What a library settles of its bot.

use knowledge::Lang;
use std::collections::BTreeMap;
use std::fmt;

/// What a library settles of its bot.
#[derive(Clone)]
pub struct Settings {
    /// The token that BotFather gave.
    pub token: String,
    /// The server of the Bot API; Telegram's own if there is none.
    pub server: Option<String>,
    /// The library's name, by language.
    pub name: BTreeMap<Lang, String>,
    /// The languages of the library, its own first.
    pub langs: Vec<Lang>,
    /// The language of the desk.
    pub desk_lang: Lang,
    /// The supergroup with topics where staff work, if they work on Telegram.
    pub staff_group: Option<i64>,
    /// Who is staff, by the names that the desk shows; empty: the group's administrators, by their
    /// first names.
    pub staff: BTreeMap<String, Account>,
    /// The site at which Telegram delivers; without one it is asked.
    pub webhook: Option<String>,
    /// Whether the link keeps to the pace that Telegram allows. Off only where a test's clock stands.
    pub paced: bool,
}

impl Settings {
    /// Whether staff work on Telegram.
    pub fn has_desk(&self) -> bool {
        self.staff_group.is_some()
    }
}

/// Somebody on Telegram, as a settings file names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// By username, without the `@`.
    Username(String),
    /// By number, for those who have no username.
    Number(u64),
}

impl Account {
    /// Reads `@mira_k` or `123456789`.
    pub fn parse(text: &str) -> Option<Account> {
        if let Some(name) = text.strip_prefix('@') {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
            // core.telegram.org/method/account.updateUsername: 5 to 32; shorter ones were auctioned.
            let named = (4..=32).contains(&name.len()) && name.chars().all(fits);
            return named.then(|| Account::Username(name.to_owned()));
        }
        text.parse().ok().filter(|number| *number > 0).map(Account::Number)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Account::Username(name) => write!(f, "@{name}"),
            Account::Number(number) => write!(f, "{number}"),
        }
    }
}
