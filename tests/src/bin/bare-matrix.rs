//! An echo bot on matrix-sdk, used the obvious way: what the figures of Matrix are measured beside. Only
//! `Client::sync` is not, for it waits for a second between two looks.
//! `MATRIX_HOMESERVER`, `MATRIX_USER`, `MATRIX_PASSWORD` and `MATRIX_STORE` say whose and where.

use matrix_sdk::config::SyncSettings;
use matrix_sdk::ruma::OwnedUserId;
use matrix_sdk::ruma::events::room::member::StrippedRoomMemberEvent;
use matrix_sdk::ruma::events::room::message::{
    MessageType, OriginalSyncRoomMessageEvent, RoomMessageEventContent,
};
use matrix_sdk::{Client, Room, RoomState};
use std::time::Duration;

/// How long the homeserver may wait for news.
const WAITS: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let setting = |name: &str| std::env::var(name);
    let client = Client::builder()
        .homeserver_url(setting("MATRIX_HOMESERVER")?)
        .sqlite_store(setting("MATRIX_STORE")?, None)
        .build()
        .await?;
    let (user, password) = (setting("MATRIX_USER")?, setting("MATRIX_PASSWORD")?);
    // The same device each time, as its store is the same.
    client.matrix_auth().login_username(&user, &password).device_id("ECHO").send().await?;
    client.add_event_handler(enter);
    client.add_event_handler(echo);
    loop {
        client.sync_once(SyncSettings::default().timeout(WAITS)).await?;
    }
}

async fn enter(member: StrippedRoomMemberEvent, client: Client, room: Room) {
    let own: Option<OwnedUserId> = client.user_id().map(ToOwned::to_owned);
    if own.is_some_and(|own| member.state_key == own) {
        let _ = room.join().await;
    }
}

async fn echo(message: OriginalSyncRoomMessageEvent, room: Room) {
    if room.state() != RoomState::Joined {
        return;
    }
    if let MessageType::Text(text) = message.content.msgtype {
        let _ = room.send(RoomMessageEventContent::notice_plain(text.body)).await;
    }
}
