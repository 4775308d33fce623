//! The Telegram bot of a library: its token, and the link made from its settings.

use crate::library::Library;
use crate::networks::Open;
use crate::secret;
use anyhow::Context;
use contract::Store;
use driver::Key;
use std::sync::Arc;

/// The environment variable of the token: it counts before the file.
pub(crate) const TOKEN_VARIABLE: &str = "POLLEN_TELEGRAM_TOKEN";

/// A bot that is to run.
pub(crate) struct Bot {
    #[cfg(feature = "telegram")]
    settings: ::telegram::Settings,
}

impl Bot {
    /// The bot that a library's settings ask for. `paced` is false only under a test's clock.
    ///
    /// # Errors
    /// If it has no token, or one that is none.
    pub(crate) fn settled(library: &Library, paced: bool) -> anyhow::Result<Option<Bot>> {
        if !library.settings.telegram.enabled {
            return Ok(None);
        }
        Bot::of(library, token(library)?, paced).map(Some)
    }

    #[cfg(not(feature = "telegram"))]
    fn of(_: &Library, _: String, _: bool) -> anyhow::Result<Bot> {
        anyhow::bail!(
            "this program was built without Telegram; build it with its usual features, or write \
             `enabled = false` under [telegram] in pollen.toml"
        )
    }

    #[cfg(not(feature = "telegram"))]
    #[expect(clippy::unused_self, reason = "with Telegram it is used")]
    pub(crate) fn open(self, _: &Arc<dyn Store>, _: &Key) -> anyhow::Result<Open> {
        anyhow::bail!("this program was built without Telegram")
    }

    #[cfg(not(feature = "telegram"))]
    #[expect(clippy::unused_async, clippy::unused_self, reason = "with Telegram it asks")]
    pub(crate) async fn look(&self) -> Vec<contract::Finding> {
        Vec::new()
    }
}

#[cfg(feature = "telegram")]
impl Bot {
    fn of(library: &Library, token: String, paced: bool) -> anyhow::Result<Bot> {
        let settled = &library.settings;
        let telegram = settled.telegram.clone();
        // What is no account has been refused when the settings were read.
        let staff = telegram.staff.into_iter();
        let staff =
            staff.filter_map(|(name, text)| Some((name, ::telegram::Account::parse(&text)?)));
        let settings = ::telegram::Settings {
            token,
            server: telegram.server,
            name: settled.name.clone(),
            langs: settled.languages.clone(),
            desk_lang: settled.desk_language,
            staff_group: telegram.staff_group,
            staff: staff.collect(),
            webhook: telegram.webhook,
            paced,
        };
        Ok(Bot { settings })
    }

    /// Opens the link; nothing is said to the network yet.
    ///
    /// # Errors
    /// If the settings cannot be used.
    pub(crate) fn open(self, store: &Arc<dyn Store>, key: &Key) -> anyhow::Result<Open> {
        let key = key.of_link(&bot::Network(::telegram::NETWORK.to_owned()));
        let telegram = ::telegram::Telegram::open(self.settings, store.clone(), &key)
            .context("cannot set up Telegram")?;
        let (desk, routes) = (telegram.desk(), telegram.routes());
        Ok(Open { name: "on Telegram", link: Arc::new(telegram), desk, routes })
    }

    /// Looks it over, for `pollen doctor`.
    pub(crate) async fn look(&self) -> Vec<contract::Finding> {
        ::telegram::checkup::look(&self.settings).await
    }
}

/// The token: of the environment, else of the file.
fn token(library: &Library) -> anyhow::Result<String> {
    let path = library.telegram_token();
    let mend = format!(
        "write the token that @BotFather gave into {} or the environment variable {TOKEN_VARIABLE}; \
         docs/telegram.md shows how a bot is made",
        path.display()
    );
    let token = secret::read(TOKEN_VARIABLE, &path).with_context(|| mend.clone())?;
    let token = token.with_context(|| format!("Telegram has no token; {mend}"))?;
    // core.telegram.org/bots/features, "Obtain your bot token": the bot's number, a colon, letters.
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let fits = token.split_once(':').is_some_and(|(number, secret)| {
        !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
            && secret.len() >= 30
            && secret.chars().all(letters)
    });
    anyhow::ensure!(
        fits,
        "what stands as Telegram's token is none (123456789:AAbbcc… is one); {mend}"
    );
    Ok(token)
}
