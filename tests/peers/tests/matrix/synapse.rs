//! The homeserver itself.

use crate::client::{join, message, room, said, say, send_path, somebody, synapse};
use peers::matrix::{Limits, PeerError, Synapse};
use serde_json::json;
use std::path::Path;

#[test]
fn people_register_and_talk() {
    let synapse = synapse();
    let (ana, ben) = (somebody(synapse), somebody(synapse));
    assert!(ana.user_id.ends_with(&format!(":{}", synapse.server_name())), "{}", ana.user_id);
    assert_eq!(ana.device_id, "DEVICE");
    let room = room(synapse, &ana, &[&ben]);
    join(synapse, &room, &ben);
    say(synapse, &room, &ana, "hello");
    say(synapse, &room, &ben, "good day");
    assert_eq!(said(synapse, &room, &ana), ["hello", "good day"]);

    let path = "/_matrix/client/v3/account/whoami";
    let (status, who) = synapse.call("GET", path, Some(&ben.access_token), None).unwrap();
    assert_eq!((status, who["user_id"].as_str()), (200, Some(ben.user_id.as_str())));
    assert_eq!(synapse.call("GET", path, Some("another"), None).unwrap().0, 401);
    assert_eq!(synapse.call("GET", "/health", None, None).unwrap(), (200, json!("OK")));
}

#[test]
fn a_name_is_given_once() {
    let synapse = synapse();
    synapse.register("once", "secret", "A").unwrap();
    match synapse.register("once", "secret", "B") {
        Err(PeerError::Refused { status: 400, body, .. }) => {
            assert_eq!(body["errcode"], "M_USER_IN_USE");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_works_inside_a_runtime_too() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let synapse = synapse();
        somebody(synapse);
    });
}

#[test]
fn what_was_said_outlives_a_kill_and_a_stop() {
    let synapse = Synapse::start(Limits::none()).unwrap();
    let ana = somebody(&synapse);
    let room = room(&synapse, &ana, &[]);
    say(&synapse, &room, &ana, "before the kill");
    let (first, address) = (synapse.process(), synapse.address());
    synapse.kill();
    assert!(!runs(first));
    match synapse.call("GET", "/health", None, None) {
        Err(PeerError::NoAnswer { what, .. }) => assert_eq!(what, "GET /health"),
        other => panic!("{other:?}"),
    }
    synapse.restart().unwrap();
    assert_eq!(synapse.address(), address);
    say(&synapse, &room, &ana, "before the stop");
    let second = synapse.process();
    assert_ne!(first, second);
    synapse.stop();
    synapse.stop();
    assert!(!runs(second));
    synapse.restart().unwrap();
    say(&synapse, &room, &ana, "before the restart");
    synapse.restart().unwrap();
    assert_eq!(
        said(&synapse, &room, &ana),
        ["before the kill", "before the stop", "before the restart"]
    );
    let last = synapse.process();
    drop(synapse);
    assert!(!runs(last));
}

#[test]
fn usual_limits_say_how_long_to_wait() {
    let synapse = Synapse::start(Limits::usual()).unwrap();
    let ana = somebody(&synapse);
    for _ in 0..5 {
        somebody(&synapse);
    }
    let room = room(&synapse, &ana, &[]);
    let token = Some(ana.access_token.as_str());
    let refused = (0..30).find_map(|key| {
        let path = send_path(&room, &format!("fast{key}"));
        let (status, body) = synapse.call("PUT", &path, token, Some(message("x"))).unwrap();
        (status != 200).then_some((key, status, body))
    });
    let (key, status, body) = refused.unwrap();
    assert_eq!((status, &body["errcode"]), (429, &json!("M_LIMIT_EXCEEDED")), "{body}");
    let wait = body["retry_after_ms"].as_u64().unwrap();
    assert!((1..=5_000).contains(&wait) && (5..=12).contains(&key), "{key}: {body}");
}

/// Whether a process is there.
fn runs(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}
