//! A Bot API server for tests: it behaves as the real one does, and refuses loudly what it does not
//! know.
//!
//! ```no_run
//! use peers::telegram::{Deed, Settings, Telegram, User};
//! use std::time::Duration;
//!
//! let peer = Telegram::start(Settings::default()).unwrap();
//! // The bot: `Bot::new(peer.token()).set_api_url(peer.address().parse().unwrap())`.
//! let ana = peer.add_user(User::new("Ana").username("ana").language("fr"));
//! peer.start_chat(ana, "branch-12");
//! match peer.next(Duration::from_secs(5)) {
//!     Some(Deed::Sent(message)) => assert_eq!(message.chat, ana.chat()),
//!     other => panic!("{other:?}"),
//! }
//! peer.assert_content();
//! ```
//!
//! In reading order: how it is started ([`Settings`]); who is there ([`User`], [`Membership`] and
//! the methods `add_…`); what people do (`say`, `press`, `inline`, …); what the bot did ([`Deed`],
//! [`Message`]); what goes wrong on demand ([`Fault`]); what was wrong ([`Complaint`]).
//!
//! # What is true to the real server
//! Sources: the Bot API's published description at version 10.1 and its documentation
//! (core.telegram.org/bots/api, /bots/faq, /bots/features); for polling, webhooks, how long updates
//! live and which of the bot's own messages it hears of, the server's own source
//! (github.com/tdlib/telegram-bot-api at 025884ae: `Client.cpp`, `WebhookActor.cpp`).
//! - **getUpdates**: an offset confirms what is before it, a negative one counts from the end; 1 to
//!   100 updates; a long poll waits 50 seconds at most; a new poll ends the one that waits with 409,
//!   so does a webhook; while one is set, polling is refused with 409. Who asks the same offset again
//!   within half a second gets one update, and within three seconds waits three (as in `Client.cpp`:
//!   a bot in a crash loop meets it).
//! - **Updates** wait 24 hours, pressed buttons 150 seconds, inline queries 30, chosen results ten
//!   minutes; `chat_member` and reactions come only if asked for. The bot's own messages make no
//!   updates, its own changes of topics do.
//! - **Webhooks**: https on four ports (plain http to 127.0.0.1 alone), a secret in the header, order
//!   within a chat but not across, retries that double, `Retry-After` heeded.
//! - **Messages**: numbers count within each chat; in a topic, what replies to nothing replies to the
//!   message that opened the topic; entities in UTF-16 units; HTML as strict as the server reads it;
//!   1 to 4,096 units after that; data of buttons 1 to 64 bytes; an edit without a keyboard takes the
//!   keyboard away, one that changes nothing is 400.
//! - **Privacy mode**: commands (not those for another bot), mentions, replies to the bot, and service
//!   messages; everything if it is off or the bot is an administrator.
//! - **Errors** in the server's words, with `retry_after` and `migrate_to_chat_id`.
//! - **Limits**: see [`Limits`]. Edits, callback answers and chat actions are not counted: the
//!   platform limits them too, but says nothing about how.
//!
//! # What it complains about
//! Unknown methods and parameters, parameters of the wrong kind, parse modes and button fields that
//! it does not know, a bare `&` or `>` in HTML, formatting inside code, links that lead nowhere,
//! sending before a `retry_after` is over, limits and offsets out of range, unknown kinds of updates.
//! With the published description ([`Settings::description`]) also all that does not fit it, in what
//! the bot sends and in what the peer itself answers.
//!
//! # What is believed, but was not checked against a source
//! The words of the HTML reader and of refusals, as client libraries and reports know them, above
//! all those in capitals (`TOPIC_CLOSED`, `RESULT_ID_DUPLICATE`); that a query can be answered once
//! only; at what age it can no longer be answered (a setting); how many messages a chat takes at
//! once ([`Limits::chat_burst`]); 100 buttons a message and eight a row. Numbers of messages repeat
//! in every chat here; the real server counts direct chats and small groups together, but promises
//! no more than this.
//!
//! # What is not modelled
//! What is in a file (all bytes are alike); formatting below files; albums, videos and other media;
//! polls, payments, stickers, games, business accounts, reactions, pins, joining by request, guest
//! mode, rich messages, topics in direct chats, the General topic's own methods; Markdown; requests
//! in the answer to a webhook delivery; TLS; that a webhook is set at most once a second; limits on
//! edits and on setting names; paid broadcasts; restricted members (a bot can be muted).

mod settings;

mod chats;
mod message;

mod cast;
mod play;
mod queries;

mod deeds;
mod watch;

mod faults;
mod limits;

pub(crate) mod body;
mod clock;
mod description;
mod entities;
mod html;
mod keyboard;
mod methods;
mod parameters;
mod refusal;
mod server;
mod updates;
mod webhook;
mod world;

pub use chats::{ChatId, ChatKind, Membership, Rights, Topic, User, UserId};
pub use clock::Clock;
pub use deeds::{Answered, Call, Complaint, Deed, Offered};
pub use description::DescriptionError;
pub use entities::Entity;
pub use faults::{Fault, Trouble};
pub use keyboard::{Button, Press};
pub use limits::Limits;
pub use message::{Content, Media, MediaKind, Message};
pub use play::Saying;
pub use settings::{DESCRIPTION_VARIABLE, Settings};

use description::Description;
use server::Shared;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Runtime;
use world::World;

/// The server, running until it is dropped.
///
/// Its methods may be called from anywhere, inside a runtime or not: it has one of its own. Those
/// that make people do things panic where a person could not do them: that is the test's mistake.
pub struct Telegram {
    shared: Arc<Shared>,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

/// The server cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The machine gives no port or no thread.
    #[error("nothing can be served on this machine")]
    Machine(#[from] std::io::Error),
    /// The description of the Bot API is not usable.
    #[error("the description of the Bot API is not usable")]
    Description(#[from] DescriptionError),
}

impl Telegram {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// Those of [`StartError`].
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        let description = settings.description.as_deref().map(Description::read).transpose()?;
        let shared = Arc::new(Shared::new(World::new(settings, description)));
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).thread_name("telegram").enable_all().build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        runtime.spawn(server::serve(Arc::clone(&shared), listener));
        runtime.spawn(webhook::deliver(Arc::clone(&shared)));
        Ok(Self { shared, address, runtime: Some(runtime) })
    }

    /// Where it listens, such as `http://127.0.0.1:4711`.
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bot's token.
    pub fn token(&self) -> String {
        self.shared.lock().settings.token.clone()
    }

    /// The bot's own account.
    pub fn bot(&self) -> UserId {
        self.shared.lock().me.id
    }

    /// How many methods it knows.
    pub fn methods() -> usize {
        methods::all().count()
    }

    /// How many methods the published description has; nothing without one.
    pub fn described_methods(&self) -> Option<usize> {
        self.shared.lock().description.as_ref().map(Description::methods)
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for it would not be allowed inside another runtime.
            runtime.shutdown_background();
        }
    }
}
