//! Discord as the driver knows it.

use crate::acknowledge::Reception;
use crate::arrive::Door;
use crate::desk::Desk;
use crate::event::Id;
use crate::failure::Failed;
use crate::hear;
use crate::kept::Kept;
use crate::menu;
use crate::rest::Rest;
use crate::settings::Settings;
use crate::speak::{Saying, Speaker, Spot};
use crate::translate::{Reference, Translator, desk, network};
use bot::{Capabilities, Network, Place, PlaceKind, Sending};
use contract::{Cursor, Flood, Intake, Link, LinkError, Parcel, Sent, Store, Translate};
use serde::Deserialize;
use serenity::http::Route;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How often the threads of cases of which nothing is kept any more are removed.
const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);

/// The link of network `discord`.
pub struct Discord {
    settings: Settings,
    speaker: Arc<Speaker>,
    /// The bot, once it has been asked for.
    account: OnceCell<Account>,
}

/// Why the bot cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The machine's resolver or certificates cannot be used: mend those.
    #[error("nothing can be asked over HTTPS on this machine")]
    Machine(#[from] reqwest::Error),
}

/// The bot's account.
#[derive(Clone, Copy, Debug)]
struct Account {
    bot: Id,
    application: Id,
}

#[derive(Deserialize)]
struct Numbered {
    id: Id,
}

impl Discord {
    /// What Discord can do.
    pub const CAPABILITIES: Capabilities = Capabilities {
        edits: true,
        ephemeral: true,
        buttons: true,
        opens_direct: true,
        buttons_max: 8,
    };

    /// Sets the bot up; nothing is said to the network yet.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(settings: Settings, store: Arc<dyn Store>) -> Result<Discord, OpenError> {
        let rest = Rest::new(&settings)?;
        let kept = Kept::new(store, settings.staff_channel);
        let speaker = Arc::new(Speaker::new(rest, kept));
        Ok(Discord { settings, speaker, account: OnceCell::new() })
    }

    /// The desk, where staff work on Discord.
    pub fn desk(&self) -> Option<Place> {
        self.settings.staff_channel.map(|_| desk())
    }

    fn at_desk(&self) -> Option<Desk<'_>> {
        let channel = Id(self.settings.staff_channel?);
        Some(Desk { speaker: &self.speaker, settings: &self.settings, channel })
    }

    /// The bot's account, asked for once.
    async fn account(&self) -> Result<Account, Failed> {
        let account = self.account.get_or_try_init(|| async {
            let bot: Numbered = self.speaker.rest.get(Route::UserMe).await?;
            let application: Numbered =
                self.speaker.rest.get(Route::Oauth2ApplicationCurrent).await?;
            Ok(Account { bot: bot.id, application: application.id })
        });
        account.await.copied()
    }

    /// Removes old threads now and then; what cannot be removed is tried again.
    async fn sweep(&self, intake: &Intake) {
        let Some(desk) = self.at_desk() else { return std::future::pending().await };
        loop {
            if let Err(error) = desk.sweep(intake.inside().now()).await {
                tracing::warn!(network = crate::NETWORK, "old threads stay for now: {error}");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    /// Where a parcel goes that is no desk's.
    async fn spot(&self, parcel: &Parcel) -> Result<Spot, LinkError> {
        let sending = &parcel.sending;
        let wrong = || LinkError::Refused("this is no place of Discord".to_owned());
        let number = |text: &str| text.parse().ok().filter(|n| *n > 0).map(Id).ok_or_else(wrong);
        let alone = async |user: Id| {
            Ok(Spot::Channel { channel: self.speaker.direct(user).await?, answers: None })
        };
        let about = sending.about.as_ref().and_then(Reference::of);
        if let Some(Reference::Interaction { id, channel, user, hidden }) = about {
            return match self.speaker.kept.token(id).await? {
                Some(token) => Ok(Spot::Interaction { id, channel, user, hidden, token }),
                None if hidden => alone(user).await,
                None => Ok(Spot::Channel { channel, answers: None }),
            };
        }
        match (sending.to.kind, &sending.only_for) {
            (PlaceKind::Direct, _) => {
                alone(number(sending.to.id.strip_prefix("dm-").ok_or_else(wrong)?)?).await
            }
            // What was not asked by a command can be shown to one person in their direct chat alone.
            (PlaceKind::Shared | PlaceKind::Desk, Some(user)) => alone(number(user)?).await,
            (PlaceKind::Shared | PlaceKind::Desk, None) => {
                self.speaker.where_asked(number(&sending.to.id)?, about).await
            }
        }
    }
}

fn saying(parcel: &Parcel) -> Saying<'_> {
    Saying {
        reply: parcel.reply(),
        key: parcel.key.as_str(),
        maybe_said: parcel.maybe_said,
        row: None,
        now: parcel.about_now(),
    }
}

/// Where and to whom the answer to a case goes that nothing else has taken.
fn aside(sending: &Sending) -> Option<(Id, Id)> {
    let shared = sending.to.kind == PlaceKind::Shared && sending.case.is_some();
    let user = sending.only_for.as_ref().filter(|_| shared)?;
    Some((Id(sending.to.id.parse().ok()?), Id(user.parse().ok()?)))
}

#[async_trait::async_trait]
impl Link for Discord {
    fn network(&self) -> Network {
        network()
    }

    fn capabilities(&self) -> Capabilities {
        Discord::CAPABILITIES
    }

    /// Interactions' answers are filled in, messages carry nonces, and what may be older than Discord
    /// remembers is looked for before it is said again.
    fn knows_repeats(&self) -> bool {
        true
    }

    fn translator(&self) -> Arc<dyn Translate> {
        Arc::new(Translator)
    }

    async fn listen(&self, intake: Intake, cursor: Option<Cursor>) -> Result<(), LinkError> {
        let account = self.account().await.map_err(Failed::listening)?;
        let (settings, speaker, bot) = (self.settings.clone(), self.speaker.clone(), account.bot);
        menu::announce(&speaker, &settings, account.application, intake.inside().now()).await;
        intake.reachable(None).await;
        let reception =
            Arc::new(Reception::new(settings.clone(), speaker.clone(), intake.clone(), bot));
        let door = Door {
            settings,
            speaker,
            bot,
            intake: intake.clone(),
            flood: Flood::default(),
            offered: Mutex::default(),
        };
        tokio::select! {
            ended = hear::listen(&door, &reception, cursor) => ended,
            () = self.sweep(&intake) => Ok(()),
            () = intake.closed() => Ok(()),
        }
    }

    async fn send(&self, parcel: &Parcel) -> Result<Sent, LinkError> {
        let mut saying = saying(parcel);
        if parcel.sending.to.kind == PlaceKind::Desk {
            let Some(desk) = self.at_desk() else {
                let words = "no `staff_channel` is settled under [discord]";
                return Err(LinkError::Refused(words.to_owned()));
            };
            let forms = desk.forms(&saying.reply.body);
            saying.row = forms.as_ref();
            let messages = desk.say(parcel.sending.case, saying, parcel.about_now()).await?;
            return Ok(Sent { messages });
        }
        if let Some((channel, user)) = aside(&parcel.sending) {
            let messages = self.speaker.say_aside(channel, user, saying).await?;
            return Ok(Sent { messages });
        }
        let spot = self.spot(parcel).await?;
        Ok(Sent { messages: self.speaker.say(&spot, saying).await? })
    }

    async fn change(&self, sent: &Sent, parcel: &Parcel) -> Result<(), LinkError> {
        let desk = self.at_desk().filter(|_| parcel.sending.to.kind == PlaceKind::Desk);
        let forms = desk.and_then(|desk| desk.forms(&parcel.reply().body));
        let saying = Saying { row: forms.as_ref(), ..saying(parcel) };
        self.speaker.change(&sent.messages, saying).await
    }
}
