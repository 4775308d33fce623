//! A library with a bot on Matrix, and what its people do.

use crate::{ANSWER, PATIENCE, QUESTION};
use hyper::StatusCode;
use peers::matrix::{Account, Limits, Proxy, Synapse};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tests::http::{self, RUNTIME};
use tests::member::{Member, Privacy};
use tests::program::{MATRIX, Process, Staged, connect_matrix};

/// What everybody's password is.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Between two looks at what is new.
const LOOK: Duration = Duration::from_millis(100);

/// A homeserver, a library whose bot has an account there, and a room of staff.
pub(crate) struct Library {
    pub(crate) process: Process,
    pub(crate) synapse: Synapse,
    pub(crate) proxy: Proxy,
    pub(crate) bot: Account,
    pub(crate) desk: String,
    mira: RefCell<Option<Somebody>>,
}

/// Somebody who reads what the bot says.
pub(crate) struct Somebody {
    pub(crate) member: Member,
    pub(crate) room: String,
    /// The bot's events so far, with the rooms that they came in.
    pub(crate) heard: Vec<(String, Value)>,
}

/// How a library differs from others.
#[derive(Clone, Default)]
pub(crate) struct Manner {
    /// Lines below `[matrix]`, in the stead of those that tests have.
    pub(crate) settings: Option<String>,
    /// Whether the homeserver limits what an account sends, as it does of itself.
    pub(crate) limited: bool,
    /// Whether the bot is not invited to the staff's room.
    pub(crate) uninvited: bool,
    /// The time at which the program's clock stands, if it does.
    pub(crate) clock: Option<jiff::Timestamp>,
}

fn staged() -> &'static Staged {
    static STAGED: OnceLock<Staged> = OnceLock::new();
    STAGED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("matrix-bad-input");
        let program = Path::new(env!("CARGO_BIN_EXE_pollen-staged"));
        Staged::new(program, &folder, MATRIX).unwrap()
    })
}

impl Library {
    pub(crate) fn open(manner: &Manner) -> Library {
        let limits = if manner.limited { Limits::usual() } else { Limits::none() };
        let synapse = Synapse::start(limits).unwrap();
        let proxy = Proxy::start(&synapse.address()).unwrap();
        let bot = synapse.register("pollen", PASSWORD, "SETUP").unwrap();
        let mut mira = Somebody::new(&synapse, "mira");
        let powers = json!({ "users": { bot.user_id.as_str(): 50 } });
        let mut invited = vec![bot.user_id.clone()];
        invited.retain(|_| !manner.uninvited);
        let desk = mira.member.open("Desk", &invited, &powers, Privacy::Plain);
        let desk = RUNTIME.block_on(desk).unwrap();
        mira.room.clone_from(&desk);
        let prepare = |folder: &Path| {
            let path = folder.join("pollen.toml");
            let mut file = std::fs::File::options().append(true).open(path)?;
            writeln!(file, "[web]\nenabled = true\nlisten = \"127.0.0.1:0\"")?;
            match &manner.settings {
                None => connect_matrix(folder, &proxy.address(), &bot.user_id, Some(&desk)),
                Some(settings) => {
                    std::fs::write(folder.join("matrix-password"), PASSWORD)?;
                    let (address, user) = (proxy.address(), &bot.user_id);
                    writeln!(
                        file,
                        "[matrix]\nenabled = true\nhomeserver = \"{address}\"\nuser = \"{user}\"\n\
                         staff_room = \"{desk}\"\n{settings}"
                    )
                }
            }
        };
        let process = match manner.clock {
            Some(now) => Process::start_prepared(staged(), now, prepare),
            None => Process::start_in_real_time(staged(), prepare),
        };
        let library = Library {
            process: process.unwrap(),
            synapse,
            proxy,
            bot,
            desk,
            mira: RefCell::new(None),
        };
        if !manner.uninvited {
            library.entered(&mira, &library.desk);
        }
        *library.mira.borrow_mut() = Some(mira);
        library
    }

    /// The one who works at the desk; she is given out once.
    pub(crate) fn mira(&self) -> Somebody {
        self.mira.borrow_mut().take().unwrap()
    }

    /// Somebody who is nowhere yet.
    pub(crate) fn newcomer(&self, name: &str) -> Somebody {
        Somebody::new(&self.synapse, name)
    }

    /// Somebody with a direct chat with the bot.
    pub(crate) fn somebody(&self, name: &str) -> Somebody {
        self.somebody_in(name, Privacy::Plain)
    }

    /// The same, encrypted or not.
    pub(crate) fn somebody_in(&self, name: &str, privacy: Privacy) -> Somebody {
        let mut one = Somebody::new(&self.synapse, name);
        let bot = [self.bot.user_id.clone()];
        let room = one.member.open("", &bot, &Value::Null, privacy);
        one.room = RUNTIME.block_on(room).unwrap();
        self.entered(&one, &one.room);
        one.listens(&self.bot.user_id);
        one
    }

    /// A room that these people share with the bot; the first of them opens it.
    pub(crate) fn shared(&self, people: &mut [&mut Somebody]) -> String {
        let users = people.iter().skip(1).map(|one| one.member.user().to_owned());
        let invited: Vec<String> = users.chain([self.bot.user_id.clone()]).collect();
        let room = people[0].member.open("hall", &invited, &Value::Null, Privacy::Plain);
        let room = RUNTIME.block_on(room).unwrap();
        for one in people.iter().skip(1) {
            RUNTIME.block_on(one.member.enter(&room)).unwrap();
        }
        self.entered(people[0], &room);
        for one in people.iter_mut() {
            one.room.clone_from(&room);
            one.listens(&self.bot.user_id);
        }
        room
    }

    /// Invites the bot to where somebody is.
    pub(crate) fn invites(&self, one: &Somebody) {
        RUNTIME.block_on(one.member.invite(&one.room, &self.bot.user_id)).unwrap();
    }

    /// Waits until the bot has entered a room.
    pub(crate) fn entered(&self, who: &Somebody, room: &str) {
        self.waits("enter", || self.membership(who, room) == "join");
    }

    /// What the bot is in a room, as somebody sees it.
    pub(crate) fn membership(&self, who: &Somebody, room: &str) -> String {
        let user = &self.bot.user_id;
        let path = format!("/_matrix/client/v3/rooms/{room}/state/m.room.member/{user}");
        let state = self.synapse.call("GET", &path, Some(who.member.token()), None);
        state.map_or_else(
            |_| String::new(),
            |(_, state)| state["membership"].as_str().unwrap_or_default().to_owned(),
        )
    }

    pub(crate) fn waits(&self, what: &str, mut so: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !so() {
            assert!(Instant::now() < deadline, "it does not {what}: {:?}", self.proxy.refused());
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until an event has been taken in.
    pub(crate) fn takes_in(&self, event: &str) {
        assert!(self.proxy.wait_until(PATIENCE, |proxy| proxy.taken_in(event)), "it takes it in");
    }

    /// The bot says something with these words to somebody.
    pub(crate) fn hears(&self, one: &mut Somebody, words: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            one.listens(&self.bot.user_id);
            if let Some(event) = one.said().rev().find(|event| body(event).contains(words)) {
                return event.clone();
            }
            let heard: Vec<&str> = one.said().map(body).collect();
            assert!(Instant::now() < deadline, "{words:?} is not said, but {heard:#?}");
            std::thread::sleep(LOOK);
        }
    }

    /// Somebody asks what the FAQ answers, and is answered.
    pub(crate) fn answers(&self, one: &mut Somebody) {
        one.listens(&self.bot.user_id);
        let before = one.count(ANSWER);
        one.says(QUESTION);
        self.waits("answer", || {
            one.listens(&self.bot.user_id);
            one.count(ANSWER) > before
        });
    }

    /// The patrons of the page are served.
    pub(crate) fn page_answers(&self) {
        let address = self.process.address();
        let page = RUNTIME.block_on(http::send(address, http::get(address, "/", &[]))).unwrap();
        assert_eq!(page.status, StatusCode::OK);
    }

    /// A number of the metrics.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let address = self.process.address();
        let answer = RUNTIME.block_on(http::send(address, http::get(address, "/metrics", &[])));
        let text = answer.unwrap().text();
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
        line.and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap()
    }

    /// An event as somebody's client would not send it.
    pub(crate) fn sends_raw(
        &self,
        one: &Somebody,
        kind: &str,
        content: &Value,
        key: &str,
    ) -> String {
        let path = format!("/_matrix/client/v3/rooms/{}/send/{kind}/{key}", one.room);
        let sent = self.synapse.call("PUT", &path, Some(one.member.token()), Some(content.clone()));
        let (status, sent) = sent.unwrap();
        assert_eq!(status, 200, "{sent}");
        sent["event_id"].as_str().unwrap().to_owned()
    }
}

impl Somebody {
    pub(crate) fn new(synapse: &Synapse, name: &str) -> Somebody {
        let account = synapse.register(name, PASSWORD, &name.to_uppercase()).unwrap();
        let path = format!("/_matrix/client/v3/profile/{}/displayname", account.user_id);
        let named = Some(json!({ "displayname": name }));
        synapse.call("PUT", &path, Some(&account.access_token), named).unwrap();
        let member = RUNTIME.block_on(Member::new(&synapse.address(), &account)).unwrap();
        Somebody { member, room: String::new(), heard: Vec::new() }
    }

    /// Says something where they are; returns the event's id.
    pub(crate) fn says(&self, text: &str) -> String {
        static KEYS: AtomicU32 = AtomicU32::new(0);
        let number = KEYS.fetch_add(1, Ordering::SeqCst);
        let content = json!({ "msgtype": "m.text", "body": text });
        let key = format!("k{number}");
        let sent = self.member.send(&self.room, "m.room.message", content, &key);
        RUNTIME.block_on(sent).unwrap()
    }

    /// Looks at what is new.
    pub(crate) fn listens(&mut self, bot: &str) {
        let news = RUNTIME.block_on(self.member.news(bot)).unwrap();
        let heard = news.events.into_iter();
        self.heard.extend(heard);
    }

    /// What the bot has said where they are, oldest first.
    pub(crate) fn said(&self) -> impl DoubleEndedIterator<Item = &Value> {
        let here = self.heard.iter().filter(|(room, _)| *room == self.room);
        here.map(|(_, event)| event).filter(|event| event["type"] == "m.room.message")
    }

    /// How many of those have these words.
    pub(crate) fn count(&self, words: &str) -> usize {
        self.said().filter(|event| body(event).contains(words)).count()
    }
}

pub(crate) fn body(event: &Value) -> &str {
    event["content"]["body"].as_str().unwrap_or_default()
}
