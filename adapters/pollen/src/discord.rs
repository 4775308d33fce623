//! The Discord bot of a library: its token, and the link made from its settings.

use crate::library::Library;
use crate::networks::Open;
use crate::secret;
use anyhow::Context;
use contract::Store;
use std::sync::Arc;

/// The environment variable of the token: it counts before the file.
const TOKEN_VARIABLE: &str = "POLLEN_DISCORD_TOKEN";

/// A bot that is to run.
pub(crate) struct Bot {
    #[cfg(feature = "discord")]
    settings: ::discord::Settings,
}

impl Bot {
    /// The bot that a library's settings ask for. `paced` is false only under a test's clock.
    ///
    /// # Errors
    /// If it has no token, or one that is none.
    pub(crate) fn settled(library: &Library, paced: bool) -> anyhow::Result<Option<Bot>> {
        if !library.settings.discord.enabled {
            return Ok(None);
        }
        Bot::of(library, token(library)?, paced).map(Some)
    }
}

#[cfg(not(feature = "discord"))]
impl Bot {
    fn of(_: &Library, _: String, _: bool) -> anyhow::Result<Bot> {
        anyhow::bail!(
            "this program was built without Discord; build it with its usual features, or write \
             `enabled = false` under [discord] in pollen.toml"
        )
    }

    #[expect(clippy::unused_self, reason = "with Discord it is used")]
    pub(crate) fn open(self, _: &Arc<dyn Store>) -> anyhow::Result<Open> {
        anyhow::bail!("this program was built without Discord")
    }

    #[expect(clippy::unused_async, clippy::unused_self, reason = "with Discord it asks")]
    pub(crate) async fn look(&self) -> Vec<contract::Finding> {
        Vec::new()
    }
}

#[cfg(feature = "discord")]
impl Bot {
    #[expect(clippy::unnecessary_wraps, reason = "without Discord there is none")]
    fn of(library: &Library, token: String, paced: bool) -> anyhow::Result<Bot> {
        let settled = &library.settings;
        let discord = settled.discord.clone();
        let settings = ::discord::Settings {
            token,
            server: discord.server,
            langs: settled.languages.clone(),
            desk_lang: settled.desk_language,
            staff_channel: discord.staff_channel,
            staff_role: discord.staff_role,
            message_content: discord.message_content,
            paced,
        };
        Ok(Bot { settings })
    }

    /// Opens the link; nothing is said to the network yet.
    ///
    /// # Errors
    /// If the machine has no way to ask anything.
    pub(crate) fn open(self, store: &Arc<dyn Store>) -> anyhow::Result<Open> {
        let discord = ::discord::Discord::open(self.settings, store.clone());
        let discord = discord.context("cannot set up Discord")?;
        let desk = discord.desk();
        Ok(Open { name: "on Discord", link: Arc::new(discord), desk, routes: None })
    }

    /// Looks it over, for `pollen doctor`.
    pub(crate) async fn look(&self) -> Vec<contract::Finding> {
        ::discord::checkup::look(&self.settings).await
    }
}

/// The token: of the environment, else of the file.
fn token(library: &Library) -> anyhow::Result<String> {
    let path = library.discord_token();
    let mend = format!(
        "write the token of the developer portal into {} or the environment variable \
         {TOKEN_VARIABLE}; docs/discord.md shows how a bot is made",
        path.display()
    );
    let token = secret::read(TOKEN_VARIABLE, &path).with_context(|| mend.clone())?;
    let token = token.with_context(|| format!("Discord has no token; {mend}"))?;
    // Three words of letters, the first the bot's number in letters.
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let words: Vec<&str> = token.split('.').collect();
    let fits = words.len() == 3
        && token.len() >= 50
        && words.iter().all(|word| !word.is_empty() && word.chars().all(letters));
    anyhow::ensure!(fits, "what stands as Discord's token is none; {mend}");
    Ok(token)
}
