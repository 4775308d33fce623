//! What `pollen doctor` asks of Matrix; nothing is changed by it.
//!
//! It asks with the session that `pollen serve` has made, past the store of the bot's keys, which
//! belongs to the program that runs.

use crate::session::{self, Published};
use crate::settings::{Secret, Settings};
use contract::{Finding, LinkError};
use matrix_sdk::ruma::api::client::membership::joined_rooms;
use matrix_sdk::ruma::api::client::state::get_state_event_for_key;
use matrix_sdk::ruma::api::client::state::get_state_event_for_key::v3::StateEventFormat;
use matrix_sdk::ruma::events::StateEventType;
use matrix_sdk::ruma::{OwnedRoomId, OwnedUserId, RoomId};
use matrix_sdk::{Client, HttpError};
use serde_json::Value;
use std::collections::BTreeSet;

/// Rooms whose encryption is looked at.
const ROOMS_MAX: usize = 50;
/// What the bot must be able to do at the desk to remove what is erased.
const REDACTS_USUALLY: i64 = 50;

/// Looks the bot over: its homeserver, session and device, signing keys, rooms and their encryption,
/// its rights at the desk, and its pace.
pub async fn look(settings: &Settings) -> Vec<Finding> {
    let mut found = Vec::new();
    let client = match session::beside(settings).await {
        Ok(Some(client)) => client,
        Ok(None) => {
            found.push(match session::tried(settings).await {
                Ok(()) => Finding::good(format!(
                    "the homeserver answers, and lets {} log in; the first start of `pollen serve` \
                     makes its device",
                    settings.user
                )),
                Err(error) => Finding::wrong(told(settings, &error)),
            });
            found.push(pace(settings));
            return found;
        }
        Err(error) => return vec![Finding::wrong(told(settings, &error))],
    };
    let who = match client.whoami().await {
        Ok(who) => who,
        Err(error) => {
            return vec![Finding::wrong(told(settings, &crate::failure::listening(&error.into())))];
        }
    };
    let device = who.device_id.map(|device| device.to_string()).unwrap_or_default();
    found.push(Finding::good(format!("logged in as {}, device {device}", who.user_id)));
    found.push(signed(&client).await);
    found.extend(rooms(&client).await);
    if let Some(settled) = &settings.staff_room {
        found.extend(desk(&client, settings, settled.as_str(), &who.user_id).await);
    }
    found.push(pace(settings));
    found
}

fn told(settings: &Settings, error: &LinkError) -> String {
    match error {
        LinkError::Refused(words) => format!(
            "{words}; see that `homeserver` and `user` under [matrix] in pollen.toml and the secret \
             are those of the bot"
        ),
        LinkError::Lost(_) | LinkError::Limited { .. } | LinkError::Uncertain(_) => format!(
            "the homeserver {} cannot be asked ({error}); see that `homeserver` under [matrix] in \
             pollen.toml is its address, and to this machine's way to it",
            settings.homeserver
        ),
    }
}

/// Whether the device is signed by its account, as clients look at it.
async fn signed(client: &Client) -> Finding {
    match session::published(client).await {
        Ok(Published::Signed) => {
            Finding::good("its device is cross-signed: clients show no warning beside it")
        }
        Ok(Published::Unsigned) => Finding::wrong(
            "its device is not cross-signed, so clients warn of it; let it log in with its password, \
             and start `pollen serve` anew",
        ),
        Ok(Published::NoKeys) => Finding::wrong(
            "its device has no keys yet, so it reads nothing in encrypted rooms; start \
             `pollen serve` once",
        ),
        Err(error) => Finding::wrong(format!("its keys cannot be asked for: {error}")),
    }
}

/// In how many rooms it is, and how many of them are encrypted.
async fn rooms(client: &Client) -> Vec<Finding> {
    let rooms = match client.send(joined_rooms::v3::Request::new()).await {
        Ok(rooms) => rooms.joined_rooms,
        Err(error) => {
            return vec![Finding::wrong(format!("its rooms cannot be asked for: {error}"))];
        }
    };
    let mut encrypted = 0;
    for room in rooms.iter().take(ROOMS_MAX) {
        let state = state(client, room, StateEventType::RoomEncryption).await;
        encrypted += usize::from(matches!(state, Ok(Some(_))));
    }
    let of = match rooms.len() {
        count if count > ROOMS_MAX => format!("the first {ROOMS_MAX} of {count} rooms"),
        1 => "1 room".to_owned(),
        count => format!("{count} rooms"),
    };
    vec![Finding::good(format!("it is in {of}, {encrypted} of them encrypted"))]
}

async fn desk(
    client: &Client,
    settings: &Settings,
    settled: &str,
    user: &OwnedUserId,
) -> Vec<Finding> {
    let room = match RoomId::parse(settled) {
        Ok(room) => room,
        Err(_) => match alias(client, settled).await {
            Some(room) => room,
            None => {
                return vec![Finding::wrong(format!(
                    "no room has the address {settled}; see that `staff_room` is that of the staff's \
                     room, or write its id there"
                ))];
            }
        },
    };
    // A room that became another is followed.
    let tombstone = state(client, &room, StateEventType::RoomTombstone).await.ok().flatten();
    let next = tombstone.and_then(|stone| RoomId::parse(stone["replacement_room"].as_str()?).ok());
    let room = next.unwrap_or(room);
    let powers = match state(client, &room, StateEventType::RoomPowerLevels).await {
        Ok(powers) => powers.unwrap_or_default(),
        Err(_) => {
            return vec![Finding::wrong(format!(
                "the bot is not in the staff's room {settled}; invite {user} to it"
            ))];
        }
    };
    let encrypted = state(client, &room, StateEventType::RoomEncryption).await;
    let how = if matches!(encrypted, Ok(Some(_))) { "encrypted" } else { "not encrypted" };
    let mut found = vec![Finding::good(format!("staff work in {settled}, which is {how}"))];
    let creators = creators(client, &room).await;
    let level = |who: &str| match creators.iter().any(|creator| creator == who) {
        true => i64::MAX,
        false => {
            let own = powers["users"][who].as_i64();
            own.or(powers["users_default"].as_i64()).unwrap_or_default()
        }
    };
    let needed = powers["redact"].as_i64().unwrap_or(REDACTS_USUALLY);
    found.push(match level(user.as_str()) >= needed {
        true => Finding::good("it may remove there what is to be forgotten"),
        false => Finding::wrong(format!(
            "it may not remove others' messages in the staff's room, so what staff write about a \
             patron who is forgotten stays; give {user} the power {needed} there (Moderator)"
        )),
    });
    if settings.staff.is_empty() {
        let named = powers["users"].as_object().into_iter().flatten().map(|(who, _)| who);
        let all: BTreeSet<&String> = named.chain(&creators).collect();
        let is_moderator = |who: &&&String| {
            who.as_str() != user.as_str() && level(who.as_str()) >= REDACTS_USUALLY
        };
        found.push(match all.iter().filter(is_moderator).count() {
            0 => Finding::wrong(
                "nobody is staff: `staff` names nobody, and the room has no moderator but the bot; \
                 make those who answer moderators, or name them",
            ),
            1 => Finding::good("1 moderator of the room is staff"),
            count => Finding::good(format!("{count} moderators of the room are staff")),
        });
    }
    found
}

/// Those who made a room, where they have every power in it: from version 12 of rooms on (MSC4289).
async fn creators(client: &Client, room: &RoomId) -> Vec<String> {
    let kind = StateEventType::RoomCreate;
    let mut request =
        get_state_event_for_key::v3::Request::new(room.to_owned(), kind, String::new());
    request.format = StateEventFormat::Event;
    let Ok(event) = client.send(request).await else { return Vec::new() };
    let event: Value = serde_json::from_str(event.event_or_content.get()).unwrap_or_default();
    let content = &event["content"];
    let version = content["room_version"].as_str().and_then(|number| number.parse::<u32>().ok());
    if version.is_none_or(|version| version < 12) {
        return Vec::new();
    }
    let more = content["additional_creators"].as_array().into_iter().flatten();
    let all = std::iter::once(&event["sender"]).chain(more);
    all.filter_map(|creator| creator.as_str().map(str::to_owned)).collect()
}

async fn alias(client: &Client, settled: &str) -> Option<OwnedRoomId> {
    let alias: &matrix_sdk::ruma::RoomAliasId = settled.try_into().ok()?;
    client.resolve_room_alias(alias).await.ok().map(|found| found.room_id)
}

/// The content of a state of a room; `None` if there is none.
async fn state(
    client: &Client,
    room: &RoomId,
    kind: StateEventType,
) -> Result<Option<Value>, HttpError> {
    let request = get_state_event_for_key::v3::Request::new(room.to_owned(), kind, String::new());
    match client.send(request).await {
        Ok(state) => Ok(serde_json::from_str(state.event_or_content.get()).ok()),
        Err(error) => match error.client_api_error_kind() {
            Some(matrix_sdk::ruma::api::error::ErrorKind::NotFound) => Ok(None),
            Some(_) | None => Err(error),
        },
    }
}

fn pace(settings: &Settings) -> Finding {
    let Some(rate) = settings.rate else { return Finding::good("it speaks as fast as it can") };
    let usual = if rate == crate::Rate::USUAL {
        "; a homeserver of your own may allow more, docs/matrix.md says how"
    } else {
        ""
    };
    let seconds = rate.every.as_secs_f64();
    let how = match &settings.secret {
        Secret::Password(_) => "with its password",
        Secret::Token(_) => "with a token",
    };
    Finding::good(format!(
        "it logs in {how}, and sends one event every {seconds} s, {} at once{usual}",
        rate.burst
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::asking;

    #[test]
    fn what_cannot_be_asked_names_the_place_and_the_mend() {
        let settings = Settings {
            homeserver: "http://127.0.0.1:9".parse().unwrap(),
            user: "pollen".to_owned(),
            secret: Secret::Password("x".to_owned()),
            folder: std::env::temp_dir().join("nothing-is-here"),
            staff_room: None,
            staff: std::collections::BTreeMap::new(),
            invites: crate::Invites::default(),
            rate: Some(crate::Rate::USUAL),
        };
        let words = told(&settings, &asking(&matrix_sdk::Error::AuthenticationRequired));
        assert!(words.contains("`homeserver` under [matrix] in pollen.toml"), "{words}");
        assert!(pace(&settings).words.contains("every 5 s, 10 at once"));
    }
}
