//! The chat networks on which a library answers.

use crate::library::Library;
use crate::{discord, matrix, telegram};
use bot::Place;
use contract::{Link, Store};
use driver::Key;
use std::sync::Arc;

/// The networks that are to be opened.
#[derive(Default)]
pub(crate) struct Networks {
    discord: Option<discord::Bot>,
    telegram: Option<telegram::Bot>,
    matrix: Option<matrix::Bot>,
}

/// A network that is open.
pub(crate) struct Open {
    /// What people call it.
    pub(crate) name: &'static str,
    /// Its link.
    pub(crate) link: Arc<dyn Link>,
    /// Where staff work on it.
    pub(crate) desk: Option<Place>,
    /// Where it delivers, for the library's own server.
    pub(crate) routes: Option<web::Router>,
}

impl Networks {
    /// Those that a library's settings ask for. `paced` is false only under a test's clock.
    ///
    /// # Errors
    /// If one of them has no token or password, or one that is none.
    pub(crate) fn settled(library: &Library, paced: bool) -> anyhow::Result<Networks> {
        Ok(Networks {
            discord: discord::Bot::settled(library, paced)?,
            telegram: telegram::Bot::settled(library, paced)?,
            matrix: matrix::Bot::settled(library, paced)?,
        })
    }

    /// Opens them; nothing is said to any of them yet.
    ///
    /// # Errors
    /// If the settings of one of them cannot be used.
    pub(crate) fn open(self, store: &Arc<dyn Store>, key: &Key) -> anyhow::Result<Vec<Open>> {
        let discord = self.discord.map(|bot| bot.open(store)).transpose()?;
        let telegram = self.telegram.map(|bot| bot.open(store, key)).transpose()?;
        let matrix = self.matrix.map(|bot| bot.open(store, key)).transpose()?;
        Ok(discord.into_iter().chain(telegram).chain(matrix).collect())
    }
}
