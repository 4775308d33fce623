//! Shows people that their answer is being looked for, once it takes longer than a glance.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use teloxide::Bot;
use teloxide::requests::Requester as _;
use teloxide::types::{ChatAction, ChatId};

/// An answer within this time needs no announcement.
const GLANCE: Duration = Duration::from_millis(700);
/// Chats that are remembered at once.
const CHATS_MAX: usize = 1_000;

/// The chats in which somebody waits for an answer.
#[derive(Clone, Default)]
pub(crate) struct Busy {
    /// By chat, which question is waited for; one that comes later takes the place of the last.
    waiting: Arc<Mutex<HashMap<i64, u64>>>,
}

impl Busy {
    /// Somebody has asked.
    pub(crate) fn asked(&self, bot: &Bot, chat: i64, update: u64) {
        {
            let mut waiting = self.waiting();
            if waiting.len() >= CHATS_MAX {
                return;
            }
            waiting.insert(chat, update);
        }
        let (bot, busy) = (bot.clone(), self.clone());
        tokio::spawn(async move {
            tokio::time::sleep(GLANCE).await;
            let still = {
                let mut waiting = busy.waiting();
                let still = waiting.get(&chat) == Some(&update);
                if still {
                    waiting.remove(&chat);
                }
                still
            };
            if still {
                // Whether it is seen changes nothing.
                let _ = bot.send_chat_action(ChatId(chat), ChatAction::Typing).await;
            }
        });
    }

    /// Something is said there.
    pub(crate) fn said(&self, chat: i64) {
        self.waiting().remove(&chat);
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<i64, u64>> {
        // Every change above is whole before anything in it can panic.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
