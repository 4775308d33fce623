//! An echo bot on teloxide, used the obvious way: what the figures of Telegram are measured beside.
//! `TELOXIDE_TOKEN` and `TELOXIDE_API_URL` say whose and where.

use teloxide::dispatching::{Dispatcher, UpdateFilterExt as _};
use teloxide::requests::{Requester as _, ResponseResult};
use teloxide::types::{Message, Update};
use teloxide::{Bot, dptree};

#[tokio::main]
async fn main() {
    let echoes = Update::filter_message().endpoint(echo);
    let mut dispatcher =
        Dispatcher::builder(Bot::from_env(), echoes).dependencies(dptree::deps![]).build();
    dispatcher.dispatch().await;
}

async fn echo(bot: Bot, message: Message) -> ResponseResult<()> {
    if let Some(text) = message.text() {
        bot.send_message(message.chat.id, text).await?;
    }
    Ok(())
}
