//! What can be wrong with the Telegram bot.

use super::Found;
use super::checks::closed_to_others;
use crate::library::Library;
use crate::telegram::Bot;

/// Looks at the bot's token, how updates come, what it may see, and its rights at the desk.
pub(super) async fn look(library: &Library, found: &mut Found) {
    const ABOUT: &str = "telegram";
    if !library.settings.telegram.enabled {
        return found.good(
            ABOUT,
            "switched off: no `enabled = true` under [telegram] in pollen.toml".to_owned(),
        );
    }
    let path = library.telegram_token();
    if path.exists() {
        // Said if it is so; the bot is asked all the same.
        closed_to_others(ABOUT, &path, found);
    }
    let bot = match Bot::settled(library, true) {
        Ok(Some(bot)) => bot,
        Ok(None) => return,
        Err(error) => return found.wrong(ABOUT, format!("{error:#}")),
    };
    asked(&bot, found).await;
}

#[cfg(feature = "telegram")]
async fn asked(bot: &Bot, found: &mut Found) {
    for finding in bot.look().await {
        found.take("telegram", finding);
    }
}

#[cfg(not(feature = "telegram"))]
#[expect(clippy::unused_async, reason = "with Telegram it waits")]
async fn asked(_: &Bot, _: &mut Found) {}
