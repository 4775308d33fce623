//! A message in the outbox as columns.

use super::failure::unreadable;
use crate::times::{NOT_AT_ALL, micros, time};
use bot::{CaseId, MessageId, Place, Reply, SendId, Sending, Urgency};
use contract::{OutboxItem, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Everything about a message but its number and its words. It stays as long as the message can be
/// changed, when its words are long gone.
#[derive(Serialize, Deserialize)]
struct Envelope {
    to: Place,
    about: Option<MessageId>,
    case: Option<CaseId>,
    only_for: Option<String>,
    urgency: Urgency,
    expires: Timestamp,
    changeable_until: Option<Timestamp>,
}

/// A message as one row of the JSON that an `INSERT` reads: number, network, place, case, for whom
/// only, urgency, until when it can be changed, envelope, words.
pub(super) type Columns<'a> = (i64, &'a str, String, u32, &'a str, i64, i64, String, String);

pub(super) fn columns(sending: &Sending) -> Result<Columns<'_>, serde_json::Error> {
    // Taken apart in full, so that a field that is added cannot be forgotten here.
    let Sending { send, to, reply, about, case, only_for, urgency, expires, changeable_until } =
        sending;
    let envelope = Envelope {
        to: to.clone(),
        about: about.clone(),
        case: *case,
        only_for: only_for.clone(),
        urgency: *urgency,
        expires: *expires,
        changeable_until: *changeable_until,
    };
    Ok((
        send.0.cast_signed(),
        &to.network.0,
        to.to_string(),
        case.map_or(0, |case| case.0),
        only_for.as_deref().unwrap_or_default(),
        rank(*urgency),
        changeable_until.map_or(NOT_AT_ALL, micros),
        serde_json::to_string(&envelope)?,
        serde_json::to_string(reply)?,
    ))
}

/// A row with the columns `send, envelope, reply, sent, tries, uncertain, queued`.
pub(super) fn item(row: &SqliteRow) -> Result<OutboxItem, StoreError> {
    let send: i64 = row.try_get(0).map_err(|error| unreadable("a message", error))?;
    decode(row, send).map_err(|error| unreadable(&format!("message {send}"), error))
}

type Unreadable = Box<dyn std::error::Error + Send + Sync>;

fn decode(row: &SqliteRow, send: i64) -> Result<OutboxItem, Unreadable> {
    let envelope: Envelope = serde_json::from_str(row.try_get(1)?)?;
    let reply: Reply = serde_json::from_str(row.try_get(2)?)?;
    let sent = match row.try_get(3)? {
        "" => None,
        marks => Some(serde_json::from_str(marks)?),
    };
    let Envelope { to, about, case, only_for, urgency, expires, changeable_until } = envelope;
    let send = SendId(send.cast_unsigned());
    Ok(OutboxItem {
        sending: Sending {
            send,
            to,
            reply,
            about,
            case,
            only_for,
            urgency,
            expires,
            changeable_until,
        },
        sent,
        tries: row.try_get(4)?,
        uncertain: row.try_get(5)?,
        queued: time(row.try_get(6)?)?,
    })
}

/// The order in which things go, as a number that is stored.
fn rank(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Answer => 0,
        Urgency::News => 1,
        Urgency::Reminder => 2,
    }
}
