//! What arrives is handled in order and said in order, whatever the store and the network do.

use crate::fakes::failing::{Fails, Wrapped};
use crate::fakes::{FakeLink, morning, start};
use contract::{LinkError, StoreError};
use driver::{Ended, Handle, SetClock};
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use store::MemoryStore;

async fn begin() -> (Arc<MemoryStore>, Arc<FakeLink>, SetClock, Handle) {
    let (store, link) = (Arc::new(MemoryStore::new()), FakeLink::new());
    let clock = SetClock::new(morning());
    let handle = start(store.clone(), &link, &clock).await;
    (store, link, clock, handle)
}

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn lost() -> LinkError {
    LinkError::Lost("the line is down".to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_person_says_is_answered_in_order_while_others_are_answered_too() {
    let (_store, link, _clock, handle) = begin().await;
    let people = ["ida", "ben", "ada"];
    let mut waits = Vec::new();
    for i in 0..300 {
        let who = people[i % 3];
        // Longer words are found later than shorter ones.
        let words = format!("find {who} {}", "x".repeat(300 - i));
        waits.push(link.begin_to_hear(&i.to_string(), who, &words));
    }
    for wait in waits {
        assert!(wait.await.unwrap());
    }
    handle.settle(300).await;
    for who in people {
        let spoken = link.spoken.lock().unwrap().clone();
        let to = spoken.iter().filter(|spoken| spoken.place == format!("dm-{who}"));
        let lengths: Vec<usize> = to.map(|spoken| spoken.words.matches('x').count()).collect();
        assert_eq!(lengths.len(), 100);
        assert!(lengths.is_sorted_by(|one, next| one > next), "{who}: {lengths:?}");
    }
    assert_eq!(handle.counts().handled, 300);
}

#[tokio::test]
async fn what_comes_twice_is_handled_once() {
    let (_store, link, _clock, handle) = begin().await;
    assert!(link.hear("1", "ida", "hello").await);
    assert!(link.hear("1", "ida", "hello").await);
    handle.settle(2).await;
    assert_eq!(link.words(), ["1 hello"]);
}

#[tokio::test]
async fn several_events_of_one_arrival_are_handled_in_one_round() {
    let (_store, link, _clock, handle) = begin().await;
    assert!(link.hear("1", "ida", "one\nfind two\nthree").await);
    handle.settle(1).await;
    assert_eq!(link.words(), ["1 one", "2 find two: 8", "3 three"]);
    assert_eq!(handle.counts().rounds, 1);
}

#[tokio::test]
async fn nothing_is_said_when_it_cannot_be_kept_and_all_of_it_afterwards() {
    let (store, link, clock, handle) = begin().await;
    handle.settle(0).await;
    store.fail_next(StoreError::Full);
    // The inbox is the first to fail; the link is not told that anything was kept.
    let mut kept = link.begin_to_hear("1", "ida", "hello");
    // Nothing tells when a link has handed something in but the link itself.
    while handle.health().last_error.is_none() {
        tokio::task::yield_now().await;
    }
    assert!(kept.try_recv().is_err());
    assert!(!handle.health().ready);
    handle.advance(&clock, seconds(1)).await;
    assert!(kept.await.unwrap());
    handle.settle(1).await;
    assert_eq!(link.words(), ["1 hello"]);
}

#[tokio::test]
async fn what_was_taken_in_is_handled_though_nobody_heard_that_it_was() {
    let (store, link, clock) = (MemoryStore::new(), FakeLink::new(), SetClock::new(morning()));
    let failing = Wrapped::over(store.open_again(), Fails::AcceptsUnheard, 1);
    let handle = start(Arc::new(failing), &link, &clock).await;
    handle.settle(0).await;
    let kept = link.begin_to_hear("1", "ida", "hello");
    while handle.health().last_error.is_none() {
        tokio::task::yield_now().await;
    }
    handle.advance(&clock, seconds(1)).await;
    assert!(kept.await.unwrap());
    handle.settle(1).await;
    assert_eq!(link.words(), ["1 hello"]);
}

#[tokio::test]
async fn a_core_whose_decision_could_not_be_kept_is_made_anew_from_its_rows() {
    let (store, link, clock, handle) = begin().await;
    link.hear("1", "ida", "one").await;
    handle.settle(1).await;
    let failing = Arc::new(Wrapped::over(store.open_again(), Fails::Commits, 2));
    let second = start(failing, &link, &clock).await;
    // The first is superseded, so its link's ears are free.
    assert_eq!(link_closed(&handle, &link).await, Ended::Superseded);
    link.hear("2", "ida", "two").await;
    second.settle(1).await;
    let health = second.health();
    assert!(health.paused.as_deref().is_some_and(|why| why.contains("full")), "{health:?}");
    assert!(!health.ready);
    assert_eq!(link.words(), ["1 one"]);
    second.advance(&clock, seconds(1)).await;
    assert_eq!(link.words(), ["1 one", "2 two"]);
    assert_eq!(second.counts().commits_failed, 2);
    assert!(second.health().ready);
}

/// A driver that another has taken over from notices at its next write.
async fn link_closed(handle: &Handle, link: &FakeLink) -> Ended {
    assert!(!link.hear("lost", "ida", "lost").await);
    handle.finished().await
}

#[tokio::test]
async fn a_network_that_is_lost_is_tried_again_and_others_are_not_held_up() {
    let (_store, link, clock, handle) = begin().await;
    link.outcomes.lock().unwrap().extend([Err(lost()), Err(lost())]);
    link.hear("1", "ida", "one").await;
    handle.settle(1).await;
    link.hear("2", "ida", "two").await;
    link.hear("3", "ben", "three").await;
    handle.settle(3).await;
    // Ben's first try was lost as well.
    assert!(link.words().is_empty());
    handle.advance(&clock, seconds(5)).await;
    let mut words = link.words();
    words.sort();
    assert_eq!(words, ["1 one", "2 two", "3 three"]);
    let spoken = link.spoken.lock().unwrap().clone();
    let one = spoken.iter().position(|spoken| spoken.key.starts_with("1."));
    assert!(one < spoken.iter().position(|spoken| spoken.key.starts_with("2.")), "{spoken:?}");
}

#[tokio::test]
async fn a_limit_is_kept_to_the_second_and_holds_for_the_whole_network_if_it_says_so() {
    let (_store, link, clock, handle) = begin().await;
    let limited = LinkError::Limited { after: Duration::from_secs(30), everywhere: true };
    link.outcomes.lock().unwrap().push_back(Err(limited));
    link.hear("1", "ida", "one").await;
    handle.settle(1).await;
    link.hear("2", "ben", "two").await;
    let waiting = handle.settle(2).await;
    assert_eq!(waiting.next_send, Some(morning() + seconds(30)));
    handle.advance(&clock, seconds(29)).await;
    assert!(link.words().is_empty());
    handle.advance(&clock, seconds(1)).await;
    assert_eq!(link.words().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_said_is_told_to_the_core() {
    let (_store, link, clock, handle) = begin().await;
    let outcomes = [
        Err(LinkError::Refused("blocked".to_owned())),
        Ok(contract::Sent { messages: Vec::new() }),
        Err(lost()),
        Err(lost()),
        Err(lost()),
    ];
    link.outcomes.lock().unwrap().extend(outcomes);
    link.hear("1", "ida", "one").await;
    handle.settle(1).await;
    assert_eq!(link.words(), ["2 1 refused"]);
    link.hear("2", "ida", "for 3 three").await;
    handle.advance(&clock, seconds(600)).await;
    assert_eq!(link.words(), ["2 1 refused", "4 3 expired"]);
}

#[tokio::test]
async fn what_may_have_been_said_is_repeated_once() {
    let (_store, link, clock, handle) = begin().await;
    let uncertain = || Err(LinkError::Uncertain("it broke off".to_owned()));
    link.outcomes.lock().unwrap().extend([uncertain(), uncertain()]);
    link.hear("1", "ida", "one").await;
    handle.advance(&clock, seconds(600)).await;
    assert_eq!(link.words(), ["1 one", "1 one", "2 1 uncertain"]);
    let maybe: Vec<bool> =
        link.spoken.lock().unwrap().iter().map(|spoken| spoken.maybe_said).collect();
    assert_eq!(maybe, [false, true, false]);
}

#[tokio::test]
async fn what_is_on_its_way_is_changed_once_it_has_arrived() {
    let (_store, link, _clock, handle) = begin().await;
    let gate = link.gate("ida");
    link.hear("1", "ida", "one").await;
    while handle.health().sending == 0 {
        tokio::task::yield_now().await;
    }
    link.hear("2", "ben", "change 1 better").await;
    link.hear("3", "ben", "three").await;
    while handle.counts().accepted < 3 || handle.counts().handled < 1 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(10);
    handle.settle(3).await;
    assert_eq!(link.words(), ["1 one", "1 better", "2 three"]);
}

#[tokio::test]
async fn the_core_is_woken_at_its_time() {
    let (_store, link, clock, handle) = begin().await;
    link.hear("1", "ida", "wake 90").await;
    let waiting = handle.settle(1).await;
    assert_eq!(waiting.wake_at, Some(morning() + seconds(90)));
    handle.advance(&clock, seconds(89)).await;
    assert!(link.words().is_empty());
    handle.advance(&clock, seconds(1)).await;
    assert_eq!(link.words(), ["1 woken"]);
}

#[tokio::test]
async fn an_event_that_panics_is_tried_again_and_then_set_aside_and_kept() {
    let (store, link, clock, handle) = begin().await;
    link.hear("1", "ida", "panic").await;
    link.hear("2", "ida", "one").await;
    link.hear("3", "ida", "panic once").await;
    link.hear("4", "ben", "find panic").await;
    handle.settle(4).await;
    let mut words = link.words();
    words.sort();
    assert_eq!(words.len(), 3, "{words:?}");
    assert!(words.iter().any(|words| words.ends_with(" panic once")), "{words:?}");
    assert!(words.iter().any(|words| words.ends_with(" find panic")), "{words:?}");
    let health = handle.health();
    assert_eq!((health.set_aside, health.inbox, health.counts.finds_failed), (1, 0, 1));
    use contract::Store as _;
    assert_eq!(store.inbox(contract::InboxId(0), 9).await.unwrap().len(), 1);
    // Once nobody's words are kept any longer, it goes.
    handle.advance(&clock, seconds(14 * 86_400)).await;
    assert_eq!(store.inbox(contract::InboxId(0), 9).await.unwrap().len(), 0);
    assert_eq!(handle.health().set_aside, 0);
}

#[tokio::test]
async fn stopping_waits_for_what_is_being_said() {
    let (store, link, clock, handle) = begin().await;
    let gate = link.gate("ida");
    link.hear("1", "ida", "one").await;
    link.hear("2", "ida", "two").await;
    while handle.health().sending == 0 || handle.counts().handled < 2 {
        tokio::task::yield_now().await;
    }
    let stopping = tokio::spawn({
        let handle = handle.clone();
        async move { handle.stop().await }
    });
    while handle.health().ready {
        tokio::task::yield_now().await;
    }
    gate.add_permits(10);
    assert_eq!(stopping.await.unwrap(), Ended::Asked);
    assert_eq!(link.words(), ["1 one"]);
    let again = start(Arc::new(store.open_again()), &link, &clock).await;
    again.settle(0).await;
    assert_eq!(link.words(), ["1 one", "2 two"]);
    assert_eq!(link.cursors.lock().unwrap().as_slice(), [None, Some("2".to_owned())]);
}

#[tokio::test]
async fn looking_changes_nothing() {
    let (_store, link, _clock, handle) = begin().await;
    assert_eq!(handle.look("find four".to_owned()).await.unwrap().confidence, 9.0);
    handle.settle(0).await;
    assert!(link.words().is_empty());
}
