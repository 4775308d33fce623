//! Somebody on Matrix, with a client of their own: the same that the program uses, in memory.

use crate::stage::StageError;
use matrix_sdk::attachment::AttachmentConfig;
use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::config::SyncSettings;
use matrix_sdk::ruma::api::client::filter::FilterDefinition;
use matrix_sdk::ruma::api::client::room::create_room::v3::{Request, RoomPreset};
use matrix_sdk::ruma::api::client::sync::sync_events::v3::Filter;
use matrix_sdk::ruma::events::InitialStateEvent;
use matrix_sdk::ruma::events::room::encryption::RoomEncryptionEventContent;
use matrix_sdk::ruma::events::room::message::TextMessageEventContent;
use matrix_sdk::ruma::serde::Raw;
use matrix_sdk::ruma::{EventId, OwnedUserId, RoomId, TransactionId};
use matrix_sdk::store::RoomLoadSettings;
use matrix_sdk::{Client, Room, RoomState, SessionMeta, SessionTokens};
use peers::matrix::Account;
use serde_json::{Value, json};
use std::time::Duration;

/// More events than happen in a room between two looks.
const EVENTS_MAX: u32 = 1_000;

/// Whether rooms are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// They are not.
    Plain,
    /// They are.
    Encrypted,
}

/// Somebody on Matrix.
pub struct Member {
    client: Client,
    account: Account,
}

/// What is new to somebody.
#[derive(Default)]
pub struct News {
    /// The bot's events, by room.
    pub events: Vec<(String, Value)>,
    /// Rooms that were entered at the bot's invitation.
    pub entered: Vec<String>,
}

#[expect(clippy::missing_errors_doc, reason = "they fail alike: the homeserver does not do it")]
impl Member {
    /// Somebody with this account, new at their device.
    ///
    /// # Errors
    /// If the homeserver does not answer as it should; so of all that follow.
    pub async fn new(homeserver: &str, account: &Account) -> Result<Member, StageError> {
        let client = Client::builder().homeserver_url(homeserver).build().await;
        let client = client.map_err(|error| StageError(error.to_string()))?;
        let user_id = OwnedUserId::try_from(account.user_id.as_str()).map_err(told)?;
        let meta = SessionMeta { user_id, device_id: account.device_id.as_str().into() };
        let tokens =
            SessionTokens { access_token: account.access_token.clone(), refresh_token: None };
        let session = MatrixSession { meta, tokens };
        let auth = client.matrix_auth();
        auth.restore_session(session, RoomLoadSettings::default()).await.map_err(told)?;
        let member = Member { client, account: account.clone() };
        // Whoever is new has keys from their first look on.
        member.look().await?;
        Ok(member)
    }

    /// What the network calls them.
    pub fn user(&self) -> &str {
        &self.account.user_id
    }

    /// Their access token.
    pub fn token(&self) -> &str {
        &self.account.access_token
    }

    async fn look(&self) -> Result<matrix_sdk::sync::SyncResponse, StageError> {
        let mut all = FilterDefinition::default();
        all.room.timeline.limit = Some(EVENTS_MAX.into());
        let filter = Filter::FilterDefinition(all);
        let settings = SyncSettings::new().timeout(Duration::ZERO).filter(filter);
        self.client.sync_once(settings).await.map_err(told)
    }

    /// What is new of the bot's; its invitations are accepted.
    pub async fn news(&self, bot: &str) -> Result<News, StageError> {
        let mut news = News::default();
        loop {
            let response = self.look().await?;
            for (room, update) in response.rooms.joined {
                for event in update.timeline.events {
                    let event: Value =
                        serde_json::from_str(event.raw().json().get()).map_err(told)?;
                    if event["sender"] == bot {
                        news.events.push((room.to_string(), event));
                    }
                }
            }
            let mut entered = false;
            for room in self.client.invited_rooms() {
                let inviter = room.invite_details().await.map_err(told)?.inviter_id;
                if inviter == bot {
                    room.join().await.map_err(told)?;
                    news.entered.push(room.room_id().to_string());
                    entered = true;
                }
            }
            if !entered {
                return Ok(news);
            }
        }
    }

    /// Opens a room; one without a name is a direct chat.
    pub async fn open(
        &self,
        name: &str,
        invited: &[String],
        powers: &Value,
        privacy: Privacy,
    ) -> Result<String, StageError> {
        let mut request = Request::new();
        let own = self.user();
        let invited = invited.iter().filter(|user| *user != own);
        request.invite = invited
            .map(|user| OwnedUserId::try_from(user.as_str()))
            .collect::<Result<_, _>>()
            .map_err(told)?;
        request.is_direct = name.is_empty();
        request.name = Some(name.to_owned()).filter(|name| !name.is_empty());
        request.preset = Some(match name.is_empty() {
            true => RoomPreset::TrustedPrivateChat,
            false => RoomPreset::PrivateChat,
        });
        if privacy == Privacy::Encrypted {
            let how = RoomEncryptionEventContent::with_recommended_defaults();
            request.initial_state = vec![InitialStateEvent::with_empty_state_key(how).to_raw_any()];
        }
        if powers.is_object() {
            request.power_level_content_override =
                Some(Raw::from_json_string(powers.to_string()).map_err(told)?);
        }
        let room = self.client.create_room(request).await.map_err(told)?;
        self.look().await?;
        Ok(room.room_id().to_string())
    }

    /// Whether they are in a room.
    pub fn is_in(&self, room: &str) -> bool {
        self.room(room).is_ok_and(|room| room.state() == RoomState::Joined)
    }

    /// Enters a room that they are invited to.
    pub async fn enter(&self, room: &str) -> Result<(), StageError> {
        let id = RoomId::parse(room).map_err(told)?;
        self.client.join_room_by_id(&id).await.map(|_| ()).map_err(told)
    }

    /// Invites somebody to a room.
    pub async fn invite(&self, room: &str, user: &str) -> Result<(), StageError> {
        let user = OwnedUserId::try_from(user).map_err(told)?;
        self.room(room)?.invite_user_by_id(&user).await.map_err(told)
    }

    /// Sends an event, encrypted where the room is; returns its id. The same under the same key is
    /// sent once.
    pub async fn send(
        &self,
        room: &str,
        kind: &str,
        content: Value,
        key: &str,
    ) -> Result<String, StageError> {
        let room = self.room(room)?;
        let key = <&TransactionId>::from(key);
        let sent = room.send_raw(kind, content).with_transaction_id(key).await.map_err(told)?;
        Ok(sent.response.event_id.to_string())
    }

    /// Puts a reaction under a message.
    pub async fn react(
        &self,
        room: &str,
        message: &str,
        sign: &str,
        key: &str,
    ) -> Result<String, StageError> {
        let relates = json!({ "rel_type": "m.annotation", "event_id": message, "key": sign });
        self.send(room, "m.reaction", json!({ "m.relates_to": relates }), key).await
    }

    /// Sends a file of so many bytes, perhaps with words.
    pub async fn attach(
        &self,
        room: &str,
        name: &str,
        text: &str,
        bytes: usize,
        key: &str,
    ) -> Result<String, StageError> {
        let caption = (!text.is_empty()).then(|| TextMessageEventContent::plain(text));
        let how = AttachmentConfig::new().txn_id(key.into()).caption(caption);
        let kind = "application/octet-stream".parse().map_err(told)?;
        let room = self.room(room)?;
        let sent = room.send_attachment(name, &kind, vec![7; bytes], how).await.map_err(told)?;
        Ok(sent.event_id.to_string())
    }

    /// Takes an event away.
    pub async fn redact(&self, room: &str, message: &str, key: &str) -> Result<String, StageError> {
        let message = EventId::parse(message).map_err(told)?;
        let room = self.room(room)?;
        let gone = room.redact(&message, None, Some(key.into())).await.map_err(told)?;
        Ok(gone.event_id.to_string())
    }

    /// Encrypts what comes next in a room with a new key.
    pub async fn renew_key(&self, room: &str) -> Result<(), StageError> {
        self.room(room)?.discard_room_key().await.map_err(told)
    }

    fn room(&self, room: &str) -> Result<Room, StageError> {
        let id = RoomId::parse(room).map_err(told)?;
        let there = self.client.get_room(&id);
        there.ok_or_else(|| StageError(format!("{} is not in {room}", self.user())))
    }
}

fn told(error: impl std::fmt::Display) -> StageError {
    StageError(error.to_string())
}
