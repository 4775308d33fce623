//! The control socket, as the crash stage speaks to it.

use crate::fakes::{FakeLink, morning, start};
use driver::{SetClock, control};
use serde_json::{Value, json};
use std::sync::Arc;
use store::MemoryStore;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

async fn tell(stream: &mut BufReader<UnixStream>, command: Value) -> Value {
    stream.write_all(format!("{command}\n").as_bytes()).await.unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    serde_json::from_str(&line).unwrap()
}

#[tokio::test]
async fn a_test_is_told_all_that_it_needs_to_play_a_script_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control");
    let (link, clock) = (FakeLink::new(), SetClock::new(morning()));
    let handle = start(Arc::new(MemoryStore::new()), &link, &clock).await;
    // A socket that is left over is no hindrance.
    std::fs::write(&path, "").unwrap();
    control::listen(&path, handle, clock.clone()).unwrap();
    let mut socket = BufReader::new(UnixStream::connect(&path).await.unwrap());

    link.hear("1", "ida", "wake 90").await;
    let state = tell(&mut socket, json!({"do": "settle", "arrived": 1})).await;
    assert_eq!(state["wake_at"], "2026-11-24T09:01:30Z");
    tell(&mut socket, json!({"do": "cut", "network": "net"})).await;
    let kept = link.begin_to_hear("2", "ida", "hello");
    let state = tell(&mut socket, json!({"do": "advance", "by_s": 600})).await;
    assert_eq!((&state["now"], &state["sent"]), (&json!("2026-11-24T09:10:00Z"), &json!(0)));
    let state = tell(&mut socket, json!({"do": "restore", "network": "net"})).await;
    assert_eq!(state["error"], Value::Null);
    assert!(kept.await.unwrap());
    let state = tell(&mut socket, json!({"do": "settle", "arrived": 2})).await;
    assert_eq!((&state["arrived"], &state["sent"]), (&json!(2), &json!(2)), "{state}");
    let mut words = link.words();
    words.sort();
    assert_eq!(words, ["1 woken", "2 hello"]);

    tell(&mut socket, json!({"do": "fail_commits"})).await;
    link.hear("3", "ida", "again").await;
    let state = tell(&mut socket, json!({"do": "settle", "arrived": 3})).await;
    assert!(state["paused"].as_str().is_some_and(|why| why.contains("a test said so")), "{state}");
    let state = tell(&mut socket, json!({"do": "advance", "by_s": 1})).await;
    assert_eq!((&state["paused"], &state["sent"]), (&Value::Null, &json!(3)));

    let passed = tell(&mut socket, json!({"do": "steps"})).await;
    let names = passed["names"].as_array().unwrap();
    assert!(names.len() as u64 <= passed["passed"].as_u64().unwrap());
    for step in ["inbox kept", "handled", "committed", "said", "settled"] {
        assert!(names.contains(&json!(step)), "{step} of {names:?}");
    }
    assert!(tell(&mut socket, json!({"do": "sing"})).await["error"].is_string());
    let ended = tell(&mut socket, json!({"do": "stop"})).await;
    assert_eq!(ended["ended"], "it was asked to stop");
}
