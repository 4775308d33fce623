//! Telegram as the driver knows it.

use crate::arrive::Door;
use crate::desk::Desk;
use crate::failure::{listening, told};
use crate::kept::Kept;
use crate::menu;
use crate::pace::Pace;
use crate::poll;
use crate::render::{Form, parts};
use crate::settings::Settings;
use crate::speak::{Speaker, Spot, number_of};
use crate::translate::{Translator, chat_of, desk, network};
use crate::webhook::Hook;
use axum::Router;
use bot::{Capabilities, Network, Place, PlaceKind};
use contract::{Busy, Cursor, Flood, Intake, Link, LinkError, Parcel, Sent, Store, Translate};
use std::sync::Arc;
use std::time::Duration;
use teloxide::requests::Requester as _;
use teloxide::{Bot, RequestError};
use tokio::sync::{OnceCell, Semaphore};

/// How often the topics of cases of which nothing is kept any more are removed.
const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);
/// Inline queries that are looked up at once: each letter that somebody types is one.
const LOOKS_AT_ONCE: usize = 2;

/// The link of network `telegram`.
pub struct Telegram {
    settings: Settings,
    speaker: Arc<Speaker>,
    hook: Hook,
    /// The bot's own name, once it has been asked for.
    name: OnceCell<String>,
}

/// Why the bot cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The server's address cannot be read: write a whole one.
    #[error(
        "`server` under [telegram] in pollen.toml must be a whole address, like \"https://api.telegram.org\""
    )]
    Server,
}

impl Telegram {
    /// What Telegram can do.
    pub const CAPABILITIES: Capabilities = Capabilities {
        edits: true,
        ephemeral: false,
        buttons: true,
        opens_direct: false,
        buttons_max: 8,
    };

    /// Sets the bot up; nothing is said to the network yet. `key` is this library's own, for this
    /// use alone.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        settings: Settings,
        store: Arc<dyn Store>,
        key: &[u8; 32],
    ) -> Result<Telegram, OpenError> {
        let bot = bot(&settings)?;
        let speaker = Speaker {
            bot,
            kept: Arc::new(Kept::new(store, settings.staff_group)),
            busy: Busy::default(),
            pace: settings.paced.then(Pace::default),
        };
        let speaker = Arc::new(speaker);
        Ok(Telegram { settings, speaker, hook: Hook::new(key), name: OnceCell::new() })
    }

    /// The routes at which Telegram delivers, for the library's own web server; `None` if it is
    /// asked.
    pub fn routes(&self) -> Option<Router> {
        self.settings.webhook.as_ref().map(|_| self.hook.routes())
    }

    /// The desk, where staff work on Telegram.
    pub fn desk(&self) -> Option<Place> {
        self.settings.has_desk().then(desk)
    }

    fn at_desk(&self) -> Option<Desk<'_>> {
        let group = self.settings.staff_group?;
        Some(Desk { speaker: &self.speaker, settings: &self.settings, group })
    }

    /// The bot's own name, asked for once.
    async fn name(&self) -> Result<&str, RequestError> {
        let name = self.name.get_or_try_init(|| async {
            let me = self.speaker.bot.get_me().await?;
            Ok(me.username().to_owned())
        });
        name.await.map(String::as_str)
    }

    /// How a parcel is written. Whatever keeps the bot from knowing its own name, nothing was said,
    /// and what is to be said waits.
    async fn form(&self, parcel: &Parcel) -> Result<Form<'_>, LinkError> {
        let bot = self.name().await.map_err(|error| LinkError::Lost(told(&error)))?;
        Ok(Form { bot, shared: parcel.sending.to.kind != PlaceKind::Direct })
    }

    /// Removes old topics now and then; what cannot be removed is tried again.
    async fn sweep(&self, intake: &Intake) {
        let Some(desk) = self.at_desk() else { return std::future::pending().await };
        loop {
            if let Err(error) = desk.sweep(intake.inside().now()).await {
                tracing::warn!(network = crate::NETWORK, "old topics stay for now: {error}");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }
}

/// The bot of these settings.
pub(crate) fn bot(settings: &Settings) -> Result<Bot, OpenError> {
    let bot = Bot::new(settings.token.clone());
    match &settings.server {
        Some(server) => Ok(bot.set_api_url(server.parse().map_err(|_| OpenError::Server)?)),
        None => Ok(bot),
    }
}

#[async_trait::async_trait]
impl Link for Telegram {
    fn network(&self) -> Network {
        network()
    }

    fn capabilities(&self) -> Capabilities {
        Telegram::CAPABILITIES
    }

    fn translator(&self) -> Arc<dyn Translate> {
        Arc::new(Translator)
    }

    async fn listen(&self, intake: Intake, cursor: Option<Cursor>) -> Result<(), LinkError> {
        let name = self.name().await.map_err(|error| listening(&error))?.to_owned();
        menu::announce(&self.speaker, &self.settings, &name, intake.inside().now()).await;
        intake.reachable(None).await;
        let (settings, speaker) = (self.settings.clone(), self.speaker.clone());
        let door = Arc::new(Door {
            settings,
            speaker,
            name,
            intake: intake.clone(),
            flood: Flood::default(),
            looks: Arc::new(Semaphore::new(LOOKS_AT_ONCE)),
        });
        let listens = async {
            match &self.settings.webhook {
                Some(site) => self.hook.listen(door.clone(), site).await,
                None => poll::listen(&door, cursor).await,
            }
        };
        tokio::select! {
            ended = listens => ended,
            () = self.sweep(&intake) => Ok(()),
        }
    }

    async fn send(&self, parcel: &Parcel) -> Result<Sent, LinkError> {
        let form = self.form(parcel).await?;
        let to = &parcel.sending.to;
        let now = parcel.about_now();
        let messages = match to.kind {
            PlaceKind::Desk => {
                let Some(desk) = self.at_desk() else {
                    let words = "no `staff_group` is settled under [telegram]";
                    return Err(LinkError::Refused(words.to_owned()));
                };
                desk.say(parcel.sending.case, parcel.reply(), &form, now).await?
            }
            PlaceKind::Direct | PlaceKind::Shared => {
                let mut spot = spot(to)?;
                let about = parcel.sending.about.as_ref().and_then(number_of);
                spot.about = about.filter(|_| to.kind == PlaceKind::Shared);
                self.speaker.say(spot, parts(parcel.reply(), &form), now).await?
            }
        };
        Ok(Sent { messages })
    }

    async fn change(&self, sent: &Sent, parcel: &Parcel) -> Result<(), LinkError> {
        let form = self.form(parcel).await?;
        let to = &parcel.sending.to;
        let numbers: Vec<i32> = sent.messages.iter().filter_map(number_of).collect();
        let spot = spot(to)?;
        self.speaker.change(spot, &numbers, parts(parcel.reply(), &form)).await
    }
}

fn spot(place: &Place) -> Result<Spot, LinkError> {
    let (chat, thread) = chat_of(place)
        .ok_or_else(|| LinkError::Refused("this is no place of Telegram".to_owned()))?;
    Ok(Spot { chat, thread, about: None })
}
