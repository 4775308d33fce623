//! Who is in a room: what decides whether somebody is alone there with the bot.

use crate::failure::asking;
use contract::LinkError;
use matrix_sdk::ruma::{OwnedRoomId, RoomId};
use matrix_sdk::{Room, RoomMemberships};
use std::collections::HashMap;
use tokio::sync::Mutex;

/// Rooms whose members are remembered at once; others are counted anew.
const ROOMS_MAX: usize = 20_000;

/// How many are in each room, the bot and those invited among them.
///
/// They are counted in the client's own list, and asked for where that has gaps: what a homeserver
/// sums up of a room comes only to clients that have members left out.
#[derive(Default)]
pub(crate) struct Company {
    // Held while members are counted, so that a count from before a change cannot be remembered after.
    counts: Mutex<HashMap<OwnedRoomId, usize>>,
}

impl Company {
    /// How many are in a room, the bot among them.
    ///
    /// # Errors
    /// [`LinkError`] if they had to be asked for and could not.
    pub(crate) async fn count(&self, room: &Room) -> Result<usize, LinkError> {
        let mut counts = self.counts.lock().await;
        if let Some(count) = counts.get(room.room_id()) {
            return Ok(*count);
        }
        room.sync_members().await.map_err(|error| asking(&error))?;
        let members =
            room.client().state_store().get_user_ids(room.room_id(), RoomMemberships::ACTIVE).await;
        let count = members.map_err(|error| LinkError::Lost(error.to_string()))?.len();
        if counts.len() >= ROOMS_MAX {
            counts.clear();
        }
        counts.insert(room.room_id().to_owned(), count);
        Ok(count)
    }

    /// Whether somebody is alone with the bot in a room. A room whose members the homeserver does not
    /// tell may have any number of them: it is taken for one that others read.
    ///
    /// # Errors
    /// [`LinkError`] if the homeserver could not be asked.
    pub(crate) async fn is_alone(&self, room: &Room) -> Result<bool, LinkError> {
        match self.count(room).await {
            Ok(count) => Ok(matches!(count, 1 | 2)),
            Err(LinkError::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Somebody came to a room or left it, or what happened there is not known whole.
    pub(crate) async fn changed(&self, room: &RoomId) {
        self.counts.lock().await.remove(room);
    }
}
