//! An echo bot on serenity, used the obvious way: what the figures of Discord are measured beside.
//! `DISCORD_TOKEN` and `DISCORD_PROXY` say whose and where.

use serenity::all::{Context, EventHandler, GatewayIntents, Message};
use serenity::client::ClientBuilder;
use serenity::http::HttpBuilder;

struct Echo;

#[serenity::async_trait]
impl EventHandler for Echo {
    async fn message(&self, context: Context, message: Message) {
        if !message.author.bot {
            // One that is not said is what this bot loses.
            let _ = message.channel_id.say(&context.http, &message.content).await;
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (token, proxy) = (std::env::var("DISCORD_TOKEN")?, std::env::var("DISCORD_PROXY")?);
    let http = HttpBuilder::new(token).proxy(&proxy).ratelimiter_disabled(true).build();
    let intents = GatewayIntents::DIRECT_MESSAGES | GatewayIntents::GUILDS;
    let mut client = ClientBuilder::new_with_http(http, intents).event_handler(Echo).await?;
    // serenity goes to Discord itself where it is not told of a gateway.
    let gateway = client.ws_url.lock().await.clone();
    if !gateway.starts_with("ws://127.0.0.1") {
        return Err(format!("{gateway} is not the test's").into());
    }
    client.start().await?;
    Ok(())
}
