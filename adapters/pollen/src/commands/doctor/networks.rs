//! What can be wrong with the bots on the chat networks.

use super::Found;
use super::checks::closed_to_others;
use crate::library::Library;
use crate::{discord, matrix, telegram};
use std::path::PathBuf;

/// Asks each network that is switched on what it has to say of the bot: its account, what it may see and
/// do, and its rights where staff work.
pub(super) async fn look(library: &Library, found: &mut Found) {
    let settled = &library.settings;
    let discord = Looking {
        about: "discord",
        enabled: settled.discord.enabled,
        secrets: vec![library.discord_token()],
    };
    if let Some(bot) = discord.bot(|| discord::Bot::settled(library, true), found) {
        found.take(discord.about, bot.look().await);
    }
    let telegram = Looking {
        about: "telegram",
        enabled: settled.telegram.enabled,
        secrets: vec![library.telegram_token()],
    };
    if let Some(bot) = telegram.bot(|| telegram::Bot::settled(library, true), found) {
        found.take(telegram.about, bot.look().await);
    }
    let matrix = Looking {
        about: "matrix",
        enabled: settled.matrix.enabled,
        secrets: vec![library.matrix_password(), library.matrix_token()],
    };
    if let Some(bot) = matrix.bot(|| matrix::Bot::settled(library, true), found) {
        found.take(matrix.about, bot.look().await);
    }
}

/// A network as its settings have it.
struct Looking {
    /// What its table is called.
    about: &'static str,
    enabled: bool,
    /// The files that nobody else may read.
    secrets: Vec<PathBuf>,
}

impl Looking {
    /// The bot, if there is to be one and it can be; what is wrong with that is said.
    fn bot<Bot>(
        &self,
        settled: impl FnOnce() -> anyhow::Result<Option<Bot>>,
        found: &mut Found,
    ) -> Option<Bot> {
        let about = self.about;
        if !self.enabled {
            let words = format!("switched off: no `enabled = true` under [{about}] in pollen.toml");
            found.good(about, words);
            return None;
        }
        for path in self.secrets.iter().filter(|path| path.exists()) {
            // Said if it is so; the bot is asked all the same.
            closed_to_others(about, path, found);
        }
        settled().unwrap_or_else(|error| {
            found.wrong(about, format!("{error:#}"));
            None
        })
    }
}
