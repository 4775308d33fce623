//! What was said while there was no session: Discord tells nobody of it later, so known direct chats and the
//! threads of cases are read from the last thing that was heard. What was done there with commands and
//! buttons, and what was changed or taken away, is not told to anybody.

use crate::arrive::Door;
use crate::event::{Id, Member};
use crate::failure::Failed;
use crate::speak::messages;
use contract::{Arrival, LinkError};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use serenity::http::Route;
use serenity::model::id::{ChannelId, GuildId, UserId};
use std::collections::HashMap;
use std::time::Duration;

/// Direct chats that are read, those in which somebody wrote last.
const DIRECTS_MAX: usize = 500;
/// Messages of a channel that are read at once, and how often.
const AT_ONCE: usize = 100;
const PAGES_MAX: usize = 10;
/// How far before the last thing that was heard it is looked: what is told by two ways need not come in the
/// order of its numbers. What is known already is known by its number.
const BEFORE: Duration = Duration::from_secs(60);
/// The longest pause that is sat out.
const PAUSE_MAX: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
struct Channel {
    #[serde(default)]
    guild_id: Option<Id>,
}

/// What was said since something was heard, oldest first in each channel. A channel that cannot be read is
/// passed over: what is said from now on counts more.
pub(crate) async fn missed(door: &Door, heard: Id) -> Vec<Arrival> {
    let kept = &door.speaker.kept;
    let mut arrivals = Vec::new();
    let directs = kept.directs(DIRECTS_MAX).await.unwrap_or_else(|error| {
        tracing::warn!(network = crate::NETWORK, "direct chats are not read again: {error}");
        Vec::new()
    });
    let threads = kept.all_threads().await.unwrap_or_default();
    let staffs = door.settings.staff_channel.map(Id);
    let guild = match staffs {
        Some(channel) => guild_of(door, channel).await,
        None => None,
    };
    let threads = threads.into_values().map(|thread| thread.thread).chain(staffs);
    let desks = threads.filter_map(|channel| Some((channel, Some(guild?))));
    let all = directs.into_iter().map(|channel| (channel, None)).chain(desks);
    let since = Id(heard.0.saturating_sub(u64::try_from(BEFORE.as_millis()).unwrap_or(0) << 22));
    for (channel, guild) in all {
        match read(door, channel, guild, since).await {
            Ok(read) => arrivals.extend(read),
            Err(error) => {
                tracing::warn!(network = crate::NETWORK, "{channel} is not read again: {error}");
            }
        }
    }
    arrivals
}

async fn guild_of(door: &Door, channel: Id) -> Option<Id> {
    let route = Route::Channel { channel_id: ChannelId::new(channel.0) };
    door.speaker.rest.get::<Channel>(route).await.ok()?.guild_id
}

/// What was said in a channel since then, as if the gateway had told it.
async fn read(
    door: &Door,
    channel: Id,
    guild: Option<Id>,
    mut since: Id,
) -> Result<Vec<Arrival>, LinkError> {
    let (mut arrivals, mut members) = (Vec::new(), HashMap::new());
    for _ in 0..PAGES_MAX {
        let mut page = page(door, channel, since).await?;
        // They come newest first.
        page.reverse();
        let Some(last) = page.last().and_then(number) else { break };
        let is_last = page.len() < AT_ONCE;
        for mut message in page {
            if let Some(guild) = guild {
                // What the gateway says of its author as a member, nobody is told here.
                let author = number(&message["author"]);
                message["guild_id"] = guild.to_string().into();
                if let Some(author) = author {
                    message["member"] = member(door, guild, author, &mut members).await;
                }
            }
            let Ok(raw) = RawValue::from_string(message.to_string()) else { continue };
            arrivals.extend(door.take("MESSAGE_CREATE", &raw).await?.arrival);
        }
        if is_last {
            break;
        }
        since = last;
    }
    Ok(arrivals)
}

async fn page(door: &Door, channel: Id, since: Id) -> Result<Vec<Value>, LinkError> {
    loop {
        let params = vec![("after", since.to_string()), ("limit", AT_ONCE.to_string())];
        match door.speaker.rest.get_with(messages(channel), params).await {
            Ok(page) => return Ok(page),
            Err(Failed::Limited(wait)) if wait.after <= PAUSE_MAX => {
                tokio::time::sleep(wait.after).await;
            }
            Err(failed) => return Err(failed.asking()),
        }
    }
}

/// What somebody is in a guild, as the gateway would say it; nothing if they are in it no more.
async fn member(door: &Door, guild: Id, user: Id, known: &mut HashMap<Id, Value>) -> Value {
    if let Some(member) = known.get(&user) {
        return member.clone();
    }
    let route =
        Route::GuildMember { guild_id: GuildId::new(guild.0), user_id: UserId::new(user.0) };
    let member = door.speaker.rest.get::<Value>(route).await.unwrap_or_default();
    let is_one = serde_json::from_value::<Member>(member.clone()).is_ok();
    let member = if is_one { member } else { Value::Null };
    known.insert(user, member.clone());
    member
}

fn number(of: &Value) -> Option<Id> {
    of["id"].as_str()?.parse().ok().map(Id)
}
