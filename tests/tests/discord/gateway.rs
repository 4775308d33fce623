//! The gateway: broken off, ended, refused, in words that nobody knows; and a program that dies.

use crate::library::{Library, Town, staged};
use crate::{ANSWER, PATIENCE, QUESTION};
use peers::discord::{Discord, Settings, UserId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use tests::program::{Ended, Process};

/// How long a program that knocked again would have taken to do so.
const SILENT: Duration = Duration::from_secs(4);

/// What the peer says of a command that was answered too late to be seen: nobody can help that.
const LATE: [&str; 2] = ["answered an interaction after", "no interaction with this token has had"];

/// That somebody hears the answer in their direct chat once and not twice.
#[track_caller]
fn hears_once(library: &Library, who: UserId) {
    let direct = library.peer().direct(who);
    library.hears(direct, ANSWER);
    library.has_taken_all_in();
    assert_eq!(library.count(direct, ANSWER), 1);
}

#[test]
fn what_is_said_while_the_connection_is_broken_off_is_answered_once() {
    let library = Library::open();
    let people = ["ana", "ben", "leo"].map(|name| library.somebody(name));
    let [ana, ben, leo] = people;
    library.says(ana, QUESTION);
    library.peer().break_gateway();
    library.says(ben, QUESTION);
    library.listens(1);
    hears_once(&library, ana);
    hears_once(&library, ben);
    // The network is gone for longer than a glance.
    let before = library.sessions();
    library.peer().cut();
    library.says(leo, QUESTION);
    assert!(library.peer().wait_until(PATIENCE, |peer| !peer.is_connected()));
    library.peer().restore();
    library.listens(before);
    people.iter().for_each(|who| hears_once(&library, *who));
    assert_eq!(library.peer().sessions_begun().0, 1, "the session is the same");
    library.assert_content();
}

#[test]
fn a_session_is_resumed_where_discord_asks_for_it() {
    let library = Library::open();
    library.answers();
    let (ben, leo) = (library.somebody("ben"), library.somebody("leo"));
    library.peer().ask_to_reconnect();
    library.says(ben, QUESTION);
    hears_once(&library, ben);
    library.listens(1);
    library.peer().invalidate(true);
    library.says(leo, QUESTION);
    hears_once(&library, leo);
    library.listens(2);
    for code in [4000, 4008] {
        let before = library.sessions();
        library.peer().close_gateway(code);
        library.answers();
        library.listens(before);
    }
    assert_eq!(library.peer().sessions_begun().0, 1, "the session is the same");
    library.assert_content();
}

#[test]
fn a_session_that_is_over_is_followed_by_another() {
    let library = Library::open();
    library.answers();
    for begun in [2, 3] {
        let before = library.sessions();
        library.peer().invalidate(false);
        library.listens(before);
        let ben = library.somebody("ben");
        library.says(ben, QUESTION);
        hears_once(&library, ben);
        assert_eq!(library.peer().sessions_begun().0, begun);
    }
    library.assert_content();
}

/// A bot that is not let in: its link is down, and all else goes on.
fn is_shut_out(town: Town, reads: bool, token: Option<&str>, mend: &str) {
    let started = Process::start_in_real_time(staged(), |folder| {
        town.prepare(folder, reads)?;
        token.map_or(Ok(()), |token| std::fs::write(folder.join("discord-token"), token))
    });
    let mut library = Library { process: started.unwrap(), town };
    stays_shut_out(&mut library, mend);
}

fn stays_shut_out(library: &mut Library, mend: &str) {
    assert!(library.process.says("a link stays down: "));
    assert!(library.process.says(mend), "the log says what mends it");
    library.page_answers();
    assert_eq!(library.metric("pollen_link_up{network=\"discord\"}"), 0);
    assert_eq!(library.metric("pollen_link_up{network=\"web\"}"), 1);
    let asked = |peer: &Discord| (peer.calls_of("gateway_bot").len(), peer.sessions_begun());
    let before = asked(library.peer());
    std::thread::sleep(SILENT);
    assert_eq!(asked(library.peer()), before, "it does not knock again");
    assert!(library.process.runs());
    library.page_answers();
}

#[test]
fn a_right_to_read_that_is_not_granted_stops_discord_alone() {
    let town = Town::new(Settings::default());
    is_shut_out(town, true, None, "switch on Message Content Intent at the developer portal");
}

#[test]
fn a_wrong_token_at_the_start_stops_discord_alone() {
    let wrong = "MTEwMDAwMDAwMDAwMDAwMDAwMQ.Gwrong.of_the_tests_0123456789abcdefghijkl";
    let town = Town::new(Settings::default());
    is_shut_out(town, false, Some(wrong), "Discord does not know the bot's token");
}

#[test]
fn a_token_that_is_reset_stops_discord_alone() {
    let mut library = Library::open();
    library.answers();
    library.peer().reset_token();
    stays_shut_out(&mut library, "(Bot, Reset Token) and write the new one");
}

#[test]
fn what_nobody_knows_of_the_gateway_is_passed_over() {
    let library = Library::open();
    let peer = library.peer();
    for thought in 0..3 {
        peer.tell("TELEPATHY", &json!({ "thought": thought, "from": { "id": "nobody" } }));
        peer.tell("TELEPATHY", &Value::Null);
        peer.tell("TELEPATHY", &json!([1, "two", null]));
    }
    // Those that are known, with what no version had in them.
    let deep = (0..100).fold(json!("x"), |inner, _| json!({ "a": inner }));
    let odd = [
        json!({}),
        json!(7),
        json!({ "id": "soon", "channel_id": 0, "content": ["?"] }),
        json!({ "id": "1", "channel_id": "2", "author": { "id": "3" }, "content": QUESTION,
            "type": 4_000, "telepathy": deep }),
        json!({ "id": "1", "application_id": "1", "type": 99, "token": "t" }),
        json!({ "id": "1", "application_id": "1", "type": 3, "token": "t", "channel_id": "5",
            "user": { "id": "3" }, "data": { "custom_id": 7, "component_type": "x" } }),
    ];
    let kinds = ["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "INTERACTION_CREATE"];
    for kind in kinds.into_iter().chain(["READY_SUPPLEMENTAL", "RESUMED", "GUILD_DELETE"]) {
        odd.iter().for_each(|data| peer.tell(kind, data));
    }
    for payload in [json!({ "op": 99, "d": { "new": true } }), json!({ "op": "x" }), json!([])] {
        peer.say_raw(payload);
    }
    library.answers();
    library.has_taken_all_in();
    assert_eq!(library.sessions(), 1, "it held on to its session");
    library.assert_content();
}

#[test]
fn a_bot_on_ten_thousand_servers_listens() {
    let town = Town::new(Settings::default());
    let owner = town.peer.add_user(peers::discord::User::new("many"));
    for number in 0..10_000 {
        town.peer.add_guild(&format!("Guild {number}"), owner);
    }
    let library = Library::open_in(town, |_| Ok(()));
    library.answers();
    library.peer().break_gateway();
    library.listens(1);
    library.answers();
    library.assert_content();
}

#[test]
fn what_is_said_while_the_program_is_dead_is_answered_once() {
    let mut library = Library::open();
    library.answers();
    let hall = library.town.hall;
    let people = ["ana", "ben", "leo", "eva"].map(|name| library.somebody(name));
    // The first of these may have been heard and the others not.
    people.iter().take(2).for_each(|who| library.says(*who, QUESTION));
    library.process.kill().unwrap();
    assert!(matches!(library.process.wait().unwrap(), Ended::Died));
    assert!(library.peer().wait_until_left(PATIENCE));
    people.iter().skip(2).for_each(|who| library.says(*who, QUESTION));
    let asker = library.somebody("asker");
    library.asks(asker, hall, QUESTION);
    let before = library.sessions();
    library.process.start_again().unwrap();
    library.listens(before);
    people.iter().for_each(|who| hears_once(&library, *who));
    // Whoever used a command waits three seconds; after that they are told in their direct chat.
    let direct = library.peer().direct(asker);
    let told = |_: &Discord| library.count(direct, ANSWER) + library.count(hall, ANSWER);
    assert!(library.peer().wait_until(PATIENCE, |peer| told(peer) > 0));
    library.has_taken_all_in();
    assert_eq!(told(library.peer()), 1);
    assert_eq!(library.peer().sessions_begun().0, 1, "the session is resumed");
    let late = |what: &str| LATE.iter().any(|late| what.starts_with(late));
    let complaints = library.peer().complaints();
    let wrong: Vec<_> = complaints.iter().filter(|complaint| !late(&complaint.what)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    library.pings_nobody();
}

#[test]
fn a_session_that_can_be_resumed_no_more_when_the_program_is_back_is_followed_by_another() {
    let settings = Settings { resume_window_ms: 0, ..Settings::default() };
    let mut library = Library::open_with(settings);
    library.answers();
    library.process.kill().unwrap();
    library.process.wait().unwrap();
    let before = library.sessions();
    library.process.start_again().unwrap();
    library.listens(before);
    library.answers();
    assert_eq!(library.peer().sessions_begun(), (2, 0));
    library.assert_content();
}

/// The addresses, as the system writes them, that a process has connections to or speaks to.
fn connected_to(process: u32) -> BTreeSet<String> {
    let proc = Path::new("/proc").join(process.to_string());
    let open = std::fs::read_dir(proc.join("fd")).unwrap();
    let open = open.filter_map(|fd| std::fs::read_link(fd.ok()?.path()).ok());
    let sockets: BTreeSet<String> = open
        .filter_map(|fd| {
            let inode = fd.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    let mut found = BTreeSet::new();
    for kind in ["tcp", "tcp6", "udp", "udp6"] {
        let table = std::fs::read_to_string(proc.join("net").join(kind)).unwrap_or_default();
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            if sockets.contains(fields[9]) && !fields[2].ends_with(":0000") {
                found.insert(fields[2].to_owned());
            }
        }
    }
    found
}

#[cfg(target_os = "linux")]
#[test]
fn the_program_speaks_to_the_settled_server_and_to_nobody_else() {
    let library = Library::open();
    let ana = library.somebody("ana");
    library.answers();
    library.answered(library.asks(ana, library.town.hall, QUESTION));
    let port: u16 = library.peer().address().rsplit_once(':').unwrap().1.parse().unwrap();
    // 127.0.0.1, its last number first.
    let server = format!("0100007F:{port:04X}");
    let found = connected_to(library.process.id());
    assert_eq!(found, BTreeSet::from([server]), "REST and the gateway are both there");
    library.assert_content();
}
