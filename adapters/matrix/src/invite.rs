//! Rooms that the bot enters: those that it is invited to by whom the library allows, and those that
//! took the place of rooms it was in.

use crate::settings::Invites;
use crate::speak::Speaker;
use crate::translate::desk;
use contract::Intake;
use matrix_sdk::ruma::OwnedRoomId;
use matrix_sdk::{Client, Room, RoomState};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Invitations that are answered in one go; the others wait for the next.
const AT_ONCE: usize = 10;
/// Between two goes: an entry into a large room is work for two servers.
const PAUSE: Duration = Duration::from_secs(2);
/// How often it is looked for what could not be done before.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Enters rooms, beside all else.
pub(crate) struct Inviting {
    client: Client,
    invites: Invites,
    /// The room that is entered whoever invites to it.
    staff_room: Option<OwnedRoomId>,
    speaker: Arc<Speaker>,
    intake: Intake,
    news: Notify,
}

impl Inviting {
    pub(crate) fn new(
        client: Client,
        invites: Invites,
        staff_room: Option<OwnedRoomId>,
        speaker: Arc<Speaker>,
        intake: Intake,
    ) -> Inviting {
        Inviting { client, invites, staff_room, speaker, intake, news: Notify::new() }
    }

    /// There are invitations.
    pub(crate) fn look(&self) {
        self.news.notify_one();
    }

    /// A room has news: if it is that another one has taken its place, that one is entered.
    pub(crate) fn follow(&self, room: &Room) {
        if room.is_tombstoned() {
            self.news.notify_one();
        }
    }

    /// Answers invitations and follows rooms, until it is dropped.
    pub(crate) async fn run(&self) {
        loop {
            self.follow_all().await;
            let invited = self.client.invited_rooms();
            let more = invited.len() > AT_ONCE;
            for room in invited.into_iter().take(AT_ONCE) {
                self.answer(&room).await;
            }
            let wait = if more { PAUSE } else { LOOK_EVERY };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.news.notified(), if !more => {}
            }
        }
    }

    async fn answer(&self, room: &Room) {
        let inviter = match room.invite_details().await {
            Ok(invite) => invite.inviter_id,
            Err(error) => {
                tracing::warn!("an invitation to {} cannot be read: {error}", room.room_id());
                return;
            }
        };
        let is_staffs = self.staff_room.as_deref() == Some(room.room_id());
        if let Some(pace) = &self.speaker.pace {
            // Memberships are events, too.
            pace.count(Instant::now());
        }
        let done = if is_staffs || self.invites.accepts(&inviter, room.own_user_id()) {
            let joined = room.join().await;
            if is_staffs && joined.is_ok() {
                // What waited for the desk is said now.
                self.intake.reachable(Some(desk())).await;
            }
            joined
        } else {
            tracing::info!(
                "an invitation of {inviter} is turned down; `invites` under [matrix] says whose are \
                 accepted"
            );
            room.leave().await
        };
        if let Err(error) = done {
            tracing::warn!("an invitation of {inviter} is not answered yet: {error}");
        }
    }

    /// Enters the rooms that took the place of others.
    async fn follow_all(&self) {
        for room in self.client.joined_rooms() {
            let Some(next) = room.successor_room() else { continue };
            let entered =
                self.client.get_room(&next.room_id).is_some_and(|r| r.state() == RoomState::Joined);
            let (old, new) = (room.room_id().as_str(), next.room_id.as_str());
            if entered && self.speaker.kept.now_at(old).await.is_ok_and(|now| now != old) {
                continue;
            }
            // An id alone does not say which servers know a room: those of the old one do.
            let via = room.route().await.unwrap_or_default();
            let joined = if entered {
                Ok(())
            } else {
                let join = self.client.join_room_by_id_or_alias((&*next.room_id).into(), &via);
                join.await.map(|_| ())
            };
            let now = self.intake.inside().now();
            match joined {
                Ok(()) => {
                    if let Err(error) = self.speaker.kept.keep_move(old, new, now).await {
                        tracing::warn!("that {old} became {new} is not kept: {error}");
                    }
                }
                Err(error) => tracing::warn!("{new}, which {old} became, is not entered: {error}"),
            }
        }
    }
}
