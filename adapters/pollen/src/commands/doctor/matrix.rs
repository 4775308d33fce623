//! What can be wrong with the Matrix bot.

use super::Found;
use super::checks::closed_to_others;
use crate::library::Library;
use crate::matrix::Bot;

/// Looks at the homeserver, the bot's session and device, its signing keys, its rooms and their
/// encryption, its rights at the desk, and its pace.
pub(super) async fn look(library: &Library, found: &mut Found) {
    const ABOUT: &str = "matrix";
    if !library.settings.matrix.enabled {
        return found.good(
            ABOUT,
            "switched off: no `enabled = true` under [matrix] in pollen.toml".to_owned(),
        );
    }
    for path in [library.matrix_password(), library.matrix_token()] {
        if path.exists() {
            // Said if it is so; the bot is asked all the same.
            closed_to_others(ABOUT, &path, found);
        }
    }
    let bot = match Bot::settled(library, true) {
        Ok(Some(bot)) => bot,
        Ok(None) => return,
        Err(error) => return found.wrong(ABOUT, format!("{error:#}")),
    };
    asked(&bot, found).await;
}

#[cfg(feature = "matrix")]
async fn asked(bot: &Bot, found: &mut Found) {
    for finding in bot.look().await {
        found.take("matrix", finding);
    }
}

#[cfg(not(feature = "matrix"))]
#[expect(clippy::unused_async, reason = "with Matrix it waits")]
async fn asked(_: &Bot, _: &mut Found) {}
