//! The program dies at each point around each write, and nobody's question is lost or handled
//! twice.

use crate::fakes::failing::Death;
use crate::fakes::{FakeLink, morning, start};
use driver::SetClock;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::MemoryStore;
use tokio::runtime::{Builder, Runtime};

const SAID: [(&str, &str); 5] = [
    ("ida", "one\ntwo"),
    ("ben", "find three"),
    ("ida", "four"),
    ("ada", "wake 5"),
    ("ben", "six"),
];

/// More points than this scenario passes; reaching it is a failure of the test.
const POINTS_MAX: u64 = 200;

#[test]
fn whatever_dies_when_every_question_is_handled_once_and_answered() {
    let mut points = 0;
    while dies_at(points + 1) {
        points += 1;
        assert!(points < POINTS_MAX);
    }
    assert!(points > 10, "it died at {points} points only");
}

/// Plays the scenario with a death at this point; whether there was one.
fn dies_at(point: u64) -> bool {
    let store = MemoryStore::new();
    let death = Death::at(point);
    let link = FakeLink::new();
    let clock = SetClock::new(morning());
    let died = {
        let runtime = runtime();
        let handles = death.store(store.open_again());
        let alive = runtime.block_on(async {
            let played = async {
                let handle = start(Arc::new(handles), &link, &clock).await;
                play(&link).await;
                handle.settle(SAID.len() as u64).await;
                handle.advance(&clock, SignedDuration::from_secs(10)).await;
            };
            tokio::select! {
                () = played => true,
                () = death.died.notified() => false,
            }
        });
        // Once this returns nothing of the dead program moves any more.
        drop(runtime);
        !alive
    };
    let again = FakeLink::new();
    runtime().block_on(async {
        let handle = start(Arc::new(store.open_again()), &again, &clock).await;
        // The platform hands in again what was never acknowledged, and more.
        play(&again).await;
        handle.settle(SAID.len() as u64).await;
        handle.advance(&clock, SignedDuration::from_secs(10)).await;
        assert_eq!(handle.health().inbox, 0);
    });
    let mut said: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for spoken in link.spoken.lock().unwrap().iter().chain(&*again.spoken.lock().unwrap()) {
        let (number, words) = spoken.words.split_once(' ').unwrap();
        assert_eq!(Some(number), spoken.key.split('.').next(), "a number for each thing");
        let keys = said.entry(words.to_owned()).or_default();
        assert!(keys.is_empty() || spoken.maybe_said, "point {point}: {spoken:?} unforeseen");
        keys.push(spoken.key.clone());
    }
    let words: Vec<&str> = said.keys().map(String::as_str).collect();
    assert_eq!(words, ["find three: 10", "four", "one", "six", "two", "woken"], "point {point}");
    for (words, keys) in said {
        assert!(keys.iter().all(|key| *key == keys[0]), "point {point}: {words} is {keys:?}");
    }
    died
}

async fn play(link: &FakeLink) {
    for (i, (who, words)) in SAID.iter().enumerate() {
        link.hear(&i.to_string(), who, words).await;
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}
