//! What the link keeps for itself: the thread of each case, the tokens by which interactions are
//! answered, the channel of each direct chat, and the threads in which conversations go on.

use crate::event::{Id, Interaction};
use crate::translate::network;
use bot::{Case, CaseId, Place};
use contract::{CaseThreads, Keepsake, LinkError, Shelves, Store};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// How long a thread is remembered after it was last of use.
const KEPT: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);
/// How long the channel of a direct chat is remembered after somebody last wrote in it.
const DIRECT_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long an answer waits to be read that lies beside the place where it was asked.
const ASIDE_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long the token of an interaction holds (developers/interactions/receiving-and-responding).
const TOKEN_HOLDS: SignedDuration = SignedDuration::from_mins(15);
/// The shelves of what comes in numbers, among which it is spread.
const SPREAD: u64 = 16;
/// What is remembered at once of tokens and of direct chats.
const REMEMBERED_MAX: usize = 10_000;
/// How long it is remembered that a channel's conversation went on in a thread.
const LONGER_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// What the channel of a direct chat is called on the shelf of that chat.
const CHANNEL: &str = "channel";

/// The thread of a case in the staff's channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Thread {
    /// The channel.
    pub(crate) channel: Id,
    /// The thread, and the message of that channel that it begins with: they have one number.
    pub(crate) thread: Id,
    /// What it is called, if that is known: it holds a patron's words, which nothing but the case
    /// keeps.
    #[serde(skip)]
    pub(crate) name: String,
    /// What was said by the message that it begins with, by its key: said again, it is that message.
    #[serde(default)]
    pub(crate) began: String,
    /// The messages in the channel that go on where the first one was full.
    #[serde(default)]
    pub(crate) further: Vec<Id>,
    /// How many of the case's files were shown in it.
    #[serde(default)]
    pub(crate) files: usize,
}

/// What an interaction is answered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token {
    /// The application, which is named beside it.
    pub(crate) application: Id,
    /// The token.
    pub(crate) token: String,
}

/// What the link keeps for itself, in memory as in the store.
pub(crate) struct Kept {
    shelves: Arc<Shelves>,
    pub(crate) threads: CaseThreads<Thread>,
    remembered: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    tokens: HashMap<Id, Token>,
    /// Interactions that came since the program began: nothing has answered them but it.
    fresh: HashSet<Id>,
    /// The channels of direct chats by their users, and the users by their channels.
    channels: HashMap<Id, Id>,
    users: HashMap<Id, Id>,
    /// Whether a conversation of some channel goes on in a thread, by the thread's number.
    longer: HashMap<Id, Option<Longer>>,
}

/// A conversation that goes on in a thread, whose number is that of the message it began from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Longer {
    /// Where the conversation began.
    pub(crate) channel: Id,
    /// Whether the thread is known to be there.
    pub(crate) is_begun: bool,
}

impl Kept {
    pub(crate) fn new(store: Arc<dyn Store>, staff_channel: Option<u64>) -> Kept {
        let shelves = Arc::new(Shelves::new(store, network()));
        let is_staffs = move |thread: &Thread| Some(thread.channel.0) == staff_channel;
        Kept {
            threads: CaseThreads::new(shelves.clone(), "threads", KEPT, is_staffs),
            shelves,
            remembered: Mutex::default(),
        }
    }

    /// The shelves themselves.
    pub(crate) fn shelves(&self) -> &Shelves {
        &self.shelves
    }

    /// A case as it stands now; `None` if nothing is kept of it any more.
    pub(crate) async fn case(&self, id: CaseId) -> Result<Option<Case>, LinkError> {
        self.shelves.case(id).await
    }

    /// The case that a thread is about, if it is about one.
    pub(crate) async fn case_of(&self, thread: Id) -> Result<Option<CaseId>, LinkError> {
        self.threads.find(|known| known.thread == thread).await
    }

    /// All threads, by case.
    pub(crate) async fn all_threads(&self) -> Result<BTreeMap<CaseId, Thread>, LinkError> {
        self.threads.all().await
    }

    /// Remembers by what an interaction is answered; what is to be kept of it with its arrival. A
    /// press under a message that one person is shown renews by what that message is changed.
    pub(crate) fn token_keepsake(&self, interaction: &Interaction, now: Timestamp) -> Keepsake {
        let of = token_of(interaction);
        let token =
            Token { application: interaction.application_id, token: interaction.token.clone() };
        let value = serde_json::to_vec(&token).unwrap_or_default();
        self.with(|remembered| {
            if remembered.tokens.len() >= REMEMBERED_MAX {
                remembered.tokens.clear();
            }
            if remembered.fresh.len() >= REMEMBERED_MAX {
                remembered.fresh.clear();
            }
            remembered.tokens.insert(of, token);
            remembered.fresh.insert(interaction.id);
        });
        Keepsake {
            shelf: tokens_shelf(of),
            key: of.to_string(),
            cases: Vec::new(),
            value,
            keep_until: now.saturating_add(TOKEN_HOLDS).unwrap_or(Timestamp::MAX),
        }
    }

    /// By what an interaction is answered, if that is known still.
    pub(crate) async fn token(&self, interaction: Id) -> Result<Option<Token>, LinkError> {
        let known = self.with(|remembered| remembered.tokens.get(&interaction).cloned());
        if known.is_some() {
            return Ok(known);
        }
        let all = self.shelves.all(&tokens_shelf(interaction)).await?;
        let key = interaction.to_string();
        let found = all.into_iter().find(|(known, _)| *known == key);
        Ok(found.and_then(|(_, value)| serde_json::from_slice(&value).ok()))
    }

    /// Whether an interaction came since the program began.
    pub(crate) fn is_fresh(&self, interaction: Id) -> bool {
        self.with(|remembered| remembered.fresh.contains(&interaction))
    }

    /// Remembers the channel of somebody's direct chat; what is to be kept of it with what they
    /// wrote there, if it is not kept already.
    pub(crate) fn direct_keepsake(
        &self,
        user: Id,
        channel: Id,
        now: Timestamp,
    ) -> Option<Keepsake> {
        if !self.remember_direct(user, channel) {
            return None;
        }
        Some(Keepsake {
            shelf: shelf_of(user),
            key: CHANNEL.to_owned(),
            cases: Vec::new(),
            value: serde_json::to_vec(&channel).unwrap_or_default(),
            keep_until: now.saturating_add(DIRECT_KEPT).unwrap_or(Timestamp::MAX),
        })
    }

    /// Remembers the channel of somebody's direct chat; whether that is new.
    pub(crate) fn remember_direct(&self, user: Id, channel: Id) -> bool {
        self.with(|remembered| {
            if remembered.channels.len() >= REMEMBERED_MAX {
                remembered.channels.clear();
                remembered.users.clear();
            }
            remembered.users.insert(channel, user);
            remembered.channels.insert(user, channel) != Some(channel)
        })
    }

    /// The channel of somebody's direct chat, if they ever wrote in it.
    pub(crate) async fn direct(&self, user: Id) -> Result<Option<Id>, LinkError> {
        let known = self.with(|remembered| remembered.channels.get(&user).copied());
        if known.is_some() {
            return Ok(known);
        }
        self.of(user, CHANNEL).await
    }

    /// The channels of the direct chats in which somebody wrote last, at most so many.
    pub(crate) async fn directs(&self, most: usize) -> Result<Vec<Id>, LinkError> {
        let prefix = Place::direct(&network(), "").id;
        let mut channels = Vec::new();
        for shelf in self.shelves.names(&prefix, most).await? {
            let user = shelf.strip_prefix(&prefix).and_then(|user| user.parse().ok()).map(Id);
            if let Some(user) = user {
                channels.extend(self.direct(user).await?);
            }
        }
        Ok(channels)
    }

    /// Remembers that a conversation goes on in a thread that is to begin from this message; what is
    /// to be kept of that with the message.
    pub(crate) fn longer_keepsake(&self, message: Id, channel: Id, now: Timestamp) -> Keepsake {
        self.remember_longer(message, Some(Longer { channel, is_begun: false }));
        Keepsake {
            shelf: longer_shelf(message),
            key: message.to_string(),
            cases: Vec::new(),
            value: serde_json::to_vec(&channel).unwrap_or_default(),
            keep_until: now.saturating_add(LONGER_KEPT).unwrap_or(Timestamp::MAX),
        }
    }

    /// Remembers of a thread whether a conversation goes on in it.
    pub(crate) fn remember_longer(&self, thread: Id, longer: Option<Longer>) {
        self.with(|remembered| {
            if remembered.longer.len() >= REMEMBERED_MAX {
                remembered.longer.clear();
            }
            remembered.longer.insert(thread, longer);
        });
    }

    /// The conversation that goes on in a thread, or in the one that begins from a message.
    pub(crate) async fn longer(&self, thread: Id) -> Result<Option<Longer>, LinkError> {
        if let Some(known) = self.with(|remembered| remembered.longer.get(&thread).copied()) {
            return Ok(known);
        }
        let all = self.shelves.all(&longer_shelf(thread)).await?;
        let key = thread.to_string();
        let found = all.into_iter().find(|(known, _)| *known == key);
        let channel = found.and_then(|(_, value)| serde_json::from_slice(&value).ok());
        let longer = channel.map(|channel| Longer { channel, is_begun: false });
        self.remember_longer(thread, longer);
        Ok(longer)
    }

    /// Keeps something of one person's, where it goes when they are erased.
    pub(crate) async fn put_for(
        &self,
        user: Id,
        key: &str,
        value: &impl Serialize,
        now: Timestamp,
    ) -> Result<(), LinkError> {
        let shelf = shelf_of(user);
        self.shelves.put(&shelf, key, value, now, ASIDE_KEPT).await
    }

    /// What is kept of one person's.
    pub(crate) async fn of<T: DeserializeOwned>(
        &self,
        user: Id,
        key: &str,
    ) -> Result<Option<T>, LinkError> {
        let shelf = shelf_of(user);
        let all = self.shelves.all(&shelf).await?;
        let found = all.into_iter().find(|(known, _)| known == key);
        Ok(found.and_then(|(_, value)| serde_json::from_slice(&value).ok()))
    }

    /// Whose direct chat a channel is, if somebody wrote in it since the program began.
    pub(crate) fn user_of(&self, channel: Id) -> Option<Id> {
        self.with(|remembered| remembered.users.get(&channel).copied())
    }

    fn with<T>(&self, what: impl FnOnce(&mut Remembered) -> T) -> T {
        // Every change above is whole before anything in it can panic.
        what(&mut self.remembered.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The interaction whose answer a token changes: its own, or the one that the message answers under
/// which it was pressed without more being said.
fn token_of(interaction: &Interaction) -> Id {
    let turns = matches!(
        bot::Act::parse(&interaction.data.custom_id),
        Some(bot::Act::More(_) | bot::Act::Back(_))
    );
    let message = interaction.message.as_ref().filter(|_| turns && interaction.is_hidden());
    let cause = message.and_then(|message| message.interaction_metadata.as_ref());
    cause.map_or(interaction.id, |cause| cause.id)
}

/// The shelf that is emptied when somebody is erased.
fn shelf_of(user: Id) -> String {
    Place::direct(&network(), &user.to_string()).id
}

fn tokens_shelf(interaction: Id) -> String {
    spread("tokens", interaction)
}

fn longer_shelf(thread: Id) -> String {
    spread("longer", thread)
}

fn spread(shelf: &str, id: Id) -> String {
    // The lowest bits count within a millisecond.
    format!("{shelf}-{}", (id.0 >> 22) % SPREAD)
}
