//! Shows people that their answer is being looked for, once it takes longer than a glance.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// An answer within this time needs no announcement.
const GLANCE: Duration = Duration::from_millis(700);
/// Places that are remembered at once.
const PLACES_MAX: usize = 1_000;

/// The places, by a link's own names for them, in which somebody waits for an answer.
pub struct Busy<P> {
    waiting: Arc<Mutex<Waiting<P>>>,
}

struct Waiting<P> {
    /// By place, which question is waited for; one that comes later takes the place of the last.
    questions: HashMap<P, u64>,
    asked: u64,
    /// Where it has been shown that an answer is being looked for.
    shown: HashSet<P>,
}

impl<P> Default for Busy<P> {
    fn default() -> Busy<P> {
        let waiting = Waiting { questions: HashMap::new(), asked: 0, shown: HashSet::new() };
        Busy { waiting: Arc::new(Mutex::new(waiting)) }
    }
}

impl<P> Clone for Busy<P> {
    fn clone(&self) -> Busy<P> {
        Busy { waiting: self.waiting.clone() }
    }
}

impl<P: Clone + Eq + Hash + Send + 'static> Busy<P> {
    /// Somebody has asked: `show` is done if nothing has been said there a glance later. Called
    /// inside a tokio runtime.
    pub fn asked(&self, place: P, show: impl Future<Output = ()> + Send + 'static) {
        let question = {
            let mut waiting = self.waiting();
            if waiting.questions.len() >= PLACES_MAX {
                return;
            }
            if waiting.shown.len() >= PLACES_MAX {
                waiting.shown.clear();
            }
            waiting.asked += 1;
            let question = waiting.asked;
            waiting.questions.insert(place.clone(), question);
            question
        };
        let busy = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(GLANCE).await;
            let still = {
                let mut waiting = busy.waiting();
                let still = waiting.questions.get(&place) == Some(&question);
                if still {
                    waiting.questions.remove(&place);
                    waiting.shown.insert(place);
                }
                still
            };
            if still {
                show.await;
            }
        });
    }

    /// Something is said there. Whether it had been shown that somebody waits.
    pub fn said(&self, place: &P) -> bool {
        let mut waiting = self.waiting();
        waiting.questions.remove(place);
        waiting.shown.remove(place)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<P>> {
        // Every change above is whole before anything in it can panic.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
