//! Matrix as the driver knows it.

use crate::arrive::Door;
use crate::desk::Desk;
use crate::failure::asking;
use crate::hear::Ears;
use crate::invite::Inviting;
use crate::kept::Kept;
use crate::pace::Pace;
use crate::render::{Voice, contents};
use crate::session;
use crate::settings::Settings;
use crate::speak::{Speaker, Spot, room_and_event};
use crate::translate::{Translator, desk, network};
use crate::waiting::Waiting;
use crate::words::Names;
use bot::{Capabilities, Network, Place, PlaceKind};
use contract::{Cursor, Intake, Link, LinkError, Parcel, Sent, Store, Translate};
use matrix_sdk::ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, RoomAliasId, RoomId};
use matrix_sdk::{Client, Room, RoomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// How often the threads of cases of which nothing is kept any more are removed.
const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);

/// The link of network `matrix`.
pub struct Matrix {
    settings: Settings,
    /// What closes the store of the bot's keys.
    passphrase: String,
    speaker: Arc<Speaker>,
    /// The staff's room, once it has been looked up.
    staff_id: OnceCell<OwnedRoomId>,
    /// The bot, once it is logged in.
    account: OnceCell<Account>,
}

/// The bot's account.
struct Account {
    client: Client,
    names: Names,
}

impl Matrix {
    /// What Matrix can do.
    pub const CAPABILITIES: Capabilities = Capabilities {
        edits: true,
        ephemeral: false,
        buttons: true,
        opens_direct: true,
        buttons_max: 8,
    };

    /// Sets the bot up; nothing is said to the network yet. `key` is this library's own, for this
    /// use alone.
    pub fn new(settings: Settings, store: Arc<dyn Store>, key: &[u8; 32]) -> Matrix {
        let pace = settings.rate.map(Pace::new);
        Matrix {
            passphrase: key.iter().map(|byte| format!("{byte:02x}")).collect(),
            speaker: Arc::new(Speaker::new(Kept::new(store), pace)),
            settings,
            staff_id: OnceCell::new(),
            account: OnceCell::new(),
        }
    }

    /// The desk, where staff work on Matrix.
    pub fn desk(&self) -> Option<Place> {
        self.settings.staff_room.as_ref().map(|_| desk())
    }

    /// The account, logged in once.
    async fn account(&self) -> Result<&Account, LinkError> {
        let account = self.account.get_or_try_init(|| async {
            let client = session::open(&self.settings, &self.passphrase).await?;
            let user = client.user_id().map(ToString::to_string).unwrap_or_default();
            let display = client.account().get_display_name().await;
            let display = display.map_err(|error| asking(&error))?.unwrap_or_default();
            Ok(Account { client, names: Names { user, display } })
        });
        account.await
    }

    /// The id of the staff's room as it is settled.
    async fn staff_id(&self, client: &Client) -> Result<Option<&RoomId>, LinkError> {
        let Some(settled) = &self.settings.staff_room else { return Ok(None) };
        let id = self.staff_id.get_or_try_init(|| async {
            if let Ok(id) = RoomId::parse(settled.as_str()) {
                return Ok(id);
            }
            let alias: &RoomAliasId = settled.as_str().try_into().map_err(|_| {
                LinkError::Refused(format!("{settled} is neither a room's id nor its address"))
            })?;
            let found = client.resolve_room_alias(alias).await;
            found.map(|found| found.room_id).map_err(|error| asking(&error.into()))
        });
        id.await.map(|id| Some(&**id))
    }

    /// The staff's room, entered if it is not yet; `None` if there is none. While the bot is not
    /// invited to it, what is for the desk waits, and patrons are answered all the same.
    async fn staff_room(&self, client: &Client) -> Result<Option<Room>, LinkError> {
        let Some(id) = self.staff_id(client).await? else { return Ok(None) };
        let now = self.speaker.kept.now_at(id.as_str()).await?;
        let id = OwnedRoomId::try_from(now).unwrap_or_else(|_| id.to_owned());
        if let Some(room) = joined(client, &id) {
            return Ok(Some(room));
        }
        let entered = client.join_room_by_id(&id).await;
        entered.map(Some).map_err(|error| {
            let words = asking(&error).to_string();
            LinkError::Lost(format!(
                "the bot is not in the staff's room {id} yet, invite it there: {words}"
            ))
        })
    }

    /// Removes old threads now and then; what cannot be removed is tried again.
    async fn sweep(&self, client: &Client, intake: &Intake) {
        if self.settings.staff_room.is_none() {
            return std::future::pending().await;
        }
        loop {
            let swept = match self.staff_room(client).await {
                Ok(Some(room)) => {
                    let desk = Desk { speaker: &self.speaker, settings: &self.settings, room };
                    desk.sweep(intake.inside().now()).await
                }
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = swept {
                tracing::warn!(network = crate::NETWORK, "the staff's room is not tidied: {error}");
            }
            tokio::time::sleep(SWEEP_EVERY).await;
        }
    }

    /// Where a parcel goes that is no desk's.
    async fn spot(&self, account: &Account, parcel: &Parcel) -> Result<Spot, LinkError> {
        let to = &parcel.sending.to;
        let about = parcel.sending.about.as_ref().and_then(room_and_event);
        let room = match to.kind {
            PlaceKind::Shared => self.room(&account.client, &to.id).await?,
            PlaceKind::Direct | PlaceKind::Desk => {
                let asked_in = about.as_ref().map(|(room, _)| *room);
                self.direct_room(&account.client, to, asked_in).await?
            }
        };
        let mut spot = Spot::of(room);
        let Some((asked_in, event)) = about else { return Ok(spot) };
        if asked_in != spot.room.room_id() {
            // A room that became another has left its messages behind.
            return Ok(spot);
        }
        let glance = self.speaker.glance(&spot.room, event.as_str(), &account.names).await?;
        let root = glance.as_ref().and_then(|glance| glance.root.clone());
        let begins = glance.as_ref().is_none_or(|glance| glance.begins);
        let shared = to.kind == PlaceKind::Shared;
        spot.root = root.or((shared && begins).then(|| event.clone()));
        spot.answers = spot.root.as_ref().map(|_| event);
        if shared && Voice::of(parcel.reply()) == Voice::Text {
            // Whoever asked is told that a person has answered.
            let asker = glance.and_then(|glance| OwnedUserId::try_from(glance.sender).ok());
            spot.tells.extend(asker.filter(|asker| asker != spot.room.own_user_id()));
        }
        Ok(spot)
    }

    /// A room that is called so, or the one that it has become.
    async fn room(&self, client: &Client, id: &str) -> Result<Room, LinkError> {
        let id = self.speaker.kept.now_at(id).await?;
        let id = OwnedRoomId::try_from(id)
            .map_err(|_| LinkError::Refused("this is no place of Matrix".to_owned()))?;
        joined(client, &id).ok_or_else(|| LinkError::Refused(format!("the bot is not in {id}")))
    }

    /// The room in which somebody is spoken with directly: the one in which they asked, else the one
    /// in which they last wrote, else any that they share with the bot alone, else a new one.
    async fn direct_room(
        &self,
        client: &Client,
        place: &Place,
        asked_in: Option<&str>,
    ) -> Result<Room, LinkError> {
        let wrong = || LinkError::Refused("this is no place of Matrix".to_owned());
        let user = place.id.strip_prefix("dm-").ok_or_else(wrong)?;
        let user = OwnedUserId::try_from(user).map_err(|_| wrong())?;
        if let Some(room) = asked_in.and_then(|room| joined(client, &RoomId::parse(room).ok()?)) {
            return Ok(room);
        }
        let last = self.speaker.kept.direct_room(user.as_str()).await?;
        if let Some(room) = last.and_then(|room| joined(client, &room)) {
            return match self.speaker.company.count(&room).await? {
                0 | 1 => Err(LinkError::Refused(format!("{user} has left the direct chat"))),
                _ => Ok(room),
            };
        }
        if let Some(room) = client.get_dm_room(&user) {
            return Ok(room);
        }
        client.create_dm(&user).await.map_err(|error| asking(&error))
    }
}

fn joined(client: &Client, id: &RoomId) -> Option<Room> {
    client.get_room(id).filter(|room| room.state() == RoomState::Joined)
}

#[async_trait::async_trait]
impl Link for Matrix {
    fn network(&self) -> Network {
        network()
    }

    fn capabilities(&self) -> Capabilities {
        Matrix::CAPABILITIES
    }

    /// Transaction ids, which a homeserver keeps for a device (Client-Server API, "Transaction
    /// identifiers"); Synapse does for a day.
    fn knows_repeats(&self) -> bool {
        true
    }

    fn translator(&self) -> Arc<dyn Translate> {
        Arc::new(Translator)
    }

    async fn listen(&self, intake: Intake, cursor: Option<Cursor>) -> Result<(), LinkError> {
        let Account { client, names } = self.account().await?;
        let staff_id = match self.staff_id(client).await {
            Ok(id) => id.map(ToOwned::to_owned),
            Err(LinkError::Refused(words)) => {
                tracing::warn!(
                    network = crate::NETWORK,
                    "nobody has the desk on Matrix: {words}; see `staff_room` under [matrix]"
                );
                None
            }
            Err(error) => return Err(error),
        };
        if let Err(error) = self.staff_room(client).await {
            tracing::warn!(network = crate::NETWORK, "what is for the desk waits: {error}");
        }
        let (settings, speaker) = (self.settings.clone(), self.speaker.clone());
        let inviting = Inviting::new(
            client.clone(),
            settings.invites.clone(),
            staff_id.clone(),
            speaker.clone(),
            intake.clone(),
        );
        let door = Door::new(settings, speaker, names.clone(), intake.clone(), staff_id);
        let waiting = Waiting::default();
        waiting.load(&door).await?;
        intake.reachable(None).await;
        let ears = Ears { client, door: &door, waiting: &waiting, inviting: &inviting };
        tokio::select! {
            ended = ears.listen(cursor) => ended,
            error = waiting.watch(client, &door) => Err(error),
            () = inviting.run() => Ok(()),
            () = self.speaker.courtesies.run(self.speaker.pace.as_ref()) => Ok(()),
            () = self.sweep(client, &intake) => Ok(()),
            () = session::stays_signed(client, &self.settings) => Ok(()),
            () = intake.closed() => Ok(()),
        }
    }

    async fn send(&self, parcel: &Parcel) -> Result<Sent, LinkError> {
        let account = self.account().await.map_err(not_said)?;
        let reply = parcel.reply();
        if parcel.sending.to.kind == PlaceKind::Desk {
            let room = self.staff_room(&account.client).await.map_err(not_said)?;
            let Some(room) = room else {
                let words = "no `staff_room` is settled under [matrix]";
                return Err(LinkError::Refused(words.to_owned()));
            };
            let desk = Desk { speaker: &self.speaker, settings: &self.settings, room };
            let now = parcel.about_now();
            let messages = desk.say(parcel.sending.case, reply, &parcel.key, now).await?;
            return Ok(Sent { messages });
        }
        let spot = self.spot(account, parcel).await?;
        let contents = contents(reply, Voice::of(reply));
        let messages = self.speaker.say(&spot, contents, &parcel.key).await?;
        Ok(Sent { messages })
    }

    async fn change(&self, sent: &Sent, parcel: &Parcel) -> Result<(), LinkError> {
        let account = self.account().await.map_err(not_said)?;
        let messages: Vec<(&str, OwnedEventId)> =
            sent.messages.iter().filter_map(room_and_event).collect();
        let Some((room, _)) = messages.first() else { return Ok(()) };
        let room = RoomId::parse(*room).ok().and_then(|room| joined(&account.client, &room));
        let Some(room) = room else {
            return Err(LinkError::Refused("the bot is not in the room any more".to_owned()));
        };
        let messages: Vec<OwnedEventId> = messages.into_iter().map(|(_, event)| event).collect();
        let reply = parcel.reply();
        let voice = match parcel.sending.to.kind {
            PlaceKind::Desk if parcel.sending.case.is_some() => Voice::Text,
            PlaceKind::Desk | PlaceKind::Direct | PlaceKind::Shared => Voice::of(reply),
        };
        let contents = contents(reply, voice);
        self.speaker.change(&room, &messages, contents, parcel.maybe_said).await
    }
}

/// Whatever keeps the bot from being logged in, nothing was said, and what is to be said waits.
fn not_said(error: LinkError) -> LinkError {
    match error {
        LinkError::Refused(words) | LinkError::Uncertain(words) => LinkError::Lost(words),
        error @ (LinkError::Lost(_) | LinkError::Limited { .. }) => error,
    }
}
