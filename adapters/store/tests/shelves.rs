//! What a link remembers on its shelves is there at the next start.

#![expect(clippy::unwrap_used, reason = "what these take for granted is not what they test")]

use bot::CaseId;
use contract::{CaseThreads, Commit, Shelves, Store};
use jiff::SignedDuration;
use std::sync::Arc;
use store::MemoryStore;
use store::suite::sample::{at, case, network};

const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// The threads of cases, as numbers, as they are remembered from a start on; negative ones are of
/// another group.
fn started(store: &MemoryStore) -> (Arc<Shelves>, CaseThreads<i64>) {
    let store: Arc<dyn Store> = Arc::new(store.open_again());
    let shelves = Arc::new(Shelves::new(store, network("net")));
    (shelves.clone(), CaseThreads::new(shelves, "topics", KEPT, |thread| *thread > 0))
}

/// A store with cases 1 and 3; the counters say that the newest is number `last`.
async fn with_cases(last: u32) -> MemoryStore {
    let store = MemoryStore::new();
    let counters = bot::Row::Counters(bot::Counters { send: 1, case: last, swept: None });
    let save = vec![case(1, "ana", "?", None), case(3, "ana", "?", None), counters];
    store.commit(at(0), &Commit { save, ..Commit::default() }).await.unwrap();
    store
}

#[tokio::test]
async fn the_thread_of_a_case_is_known_until_it_is_gone() {
    let store = with_cases(250).await;
    let (_, threads) = started(&store);
    assert_eq!(threads.get(CaseId(3)).await, Ok(None));
    for (case, thread) in [(3, 5), (99, 6), (100, 7), (250, 5)] {
        threads.keep(CaseId(case), Some(&thread), at(0)).await.unwrap();
    }
    threads.keep(CaseId(99), None, at(0)).await.unwrap();
    let (_, again) = started(&store);
    for threads in [threads, again] {
        assert_eq!(threads.get(CaseId(3)).await, Ok(Some(5)));
        assert_eq!(threads.get(CaseId(99)).await, Ok(None));
        let all = threads.all().await.unwrap();
        assert_eq!(all.into_keys().collect::<Vec<_>>(), [3, 100, 250].map(CaseId));
        assert_eq!(threads.find(|thread| *thread == 5).await, Ok(Some(CaseId(3))));
        assert_eq!(threads.find(|thread| *thread == 6).await, Ok(None));
    }
}

#[tokio::test]
async fn threads_lie_by_the_hundred_under_the_numbers_of_their_cases() {
    let store = with_cases(100).await;
    let (shelves, threads) = started(&store);
    threads.keep(CaseId(3), Some(&5), at(0)).await.unwrap();
    threads.keep(CaseId(3), None, at(0)).await.unwrap();
    threads.keep(CaseId(100), Some(&7), at(0)).await.unwrap();
    let line = |key: &str, value: &str| vec![(key.to_owned(), value.as_bytes().to_vec())];
    assert_eq!(shelves.all("topics-0").await, Ok(line("3", "null")));
    assert_eq!(shelves.all("topics-1").await, Ok(line("100", "7")));
}

#[tokio::test]
async fn what_does_not_fit_or_cannot_be_read_is_passed_over() {
    let store = with_cases(4).await;
    let (shelves, threads) = started(&store);
    for (key, value) in [("1", "-5"), ("2", "{}"), ("x", "5"), ("4", "5")] {
        shelves.put_bytes("topics-0", key, value.into(), at(0), KEPT).await.unwrap();
    }
    assert_eq!(threads.all().await.unwrap().into_iter().collect::<Vec<_>>(), [(CaseId(4), 5)]);
}

#[tokio::test]
async fn cases_are_read_beside_the_shelves() {
    let (shelves, _) = started(&with_cases(3).await);
    assert_eq!(shelves.last_case().await, Ok(3));
    assert_eq!(shelves.case(CaseId(3)).await.unwrap().map(|case| case.id), Some(CaseId(3)));
    assert_eq!(shelves.case(CaseId(2)).await, Ok(None));
    let some = [3, 2, 1, 9].map(CaseId);
    assert_eq!(shelves.gone(&some).await, Ok(vec![CaseId(2), CaseId(9)]));
    let (none, _) = started(&MemoryStore::new());
    assert_eq!(none.last_case().await, Ok(0));
}
