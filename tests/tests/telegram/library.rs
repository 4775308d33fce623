//! A library with a bot on Telegram, and what its people do.

use crate::{ANSWER, PATIENCE, QUESTION};
use hyper::StatusCode;
use peers::telegram::{
    ChatId, Limits, Membership, Message, Rights, Settings, Telegram, User, UserId,
};
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use tests::http::{self, Answer, RUNTIME};
use tests::program::{Process, Staged, TELEGRAM, connect_telegram, free_port};

/// How updates reach the program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Polled,
    Brought,
}

/// A library with a bot on Telegram and a page on the web.
pub(crate) struct Library {
    pub(crate) peer: Telegram,
    pub(crate) process: Process,
    pub(crate) desk: ChatId,
    pub(crate) mira: UserId,
}

pub(crate) fn staged() -> &'static Staged {
    static STAGED: OnceLock<Staged> = OnceLock::new();
    STAGED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("telegram-bad-input");
        let program = Path::new(env!("CARGO_BIN_EXE_pollen-staged"));
        Staged::new(program, &folder, TELEGRAM).unwrap()
    })
}

/// A server with a staff group that mira administers.
pub(crate) fn peer(settings: Settings) -> (Telegram, ChatId, UserId) {
    let settings = Settings { webhook_retry: Duration::from_millis(200), ..settings };
    let peer = Telegram::start(settings).unwrap();
    let mira = peer.add_user(User::new("mira").username("mira_k"));
    let desk = peer.add_forum("Desk", &[mira]);
    let rights = Rights { manage_topics: true, delete_messages: true, ..Rights::default() };
    peer.bot_is(mira, desk, Membership::Administrator(rights));
    (peer, desk, mira)
}

pub(crate) fn prepare(
    folder: &Path,
    peer: &Telegram,
    desk: ChatId,
    way: Way,
) -> std::io::Result<()> {
    match way {
        Way::Brought => connect_telegram(folder, peer, Some(desk), Some(free_port())),
        Way::Polled => {
            let path = folder.join("pollen.toml");
            let mut file = std::fs::File::options().append(true).open(path)?;
            writeln!(file, "[web]\nenabled = true\nlisten = \"127.0.0.1:0\"")?;
            connect_telegram(folder, peer, Some(desk), None)
        }
    }
}

impl Library {
    pub(crate) fn open(way: Way) -> Library {
        let (peer, desk, mira) = peer(Settings::default());
        let process =
            Process::start_in_real_time(staged(), |folder| prepare(folder, &peer, desk, way));
        Library { process: process.unwrap(), peer, desk, mira }
    }

    /// The same where the program's clock and the peer's stand still, and nobody keeps to limits.
    pub(crate) fn open_with_standing_clock() -> Library {
        let now = "2026-03-10T10:00:00Z".parse().unwrap();
        let clock = peers::telegram::Clock::standing(now);
        let settings = Settings { clock, limits: Limits::none(), ..Settings::default() };
        let (peer, desk, mira) = peer(settings);
        let prepared =
            Process::start_prepared(staged(), now, |f| prepare(f, &peer, desk, Way::Polled));
        Library { process: prepared.unwrap(), peer, desk, mira }
    }

    pub(crate) fn somebody(&self, name: &str) -> UserId {
        self.peer.add_user(User::new(name).username(name))
    }

    /// Says something in the direct chat.
    pub(crate) fn says(&self, who: UserId, text: &str) -> i64 {
        self.peer.say(who, who.chat(), text)
    }

    /// The bot's message with these words in a chat, once it is there.
    pub(crate) fn hears(&self, chat: ChatId, words: &str) -> Message {
        let find = |peer: &Telegram| {
            peer.from_bot(chat).into_iter().rev().find(|message| message.text().contains(words))
        };
        self.peer.wait_until(PATIENCE, |peer| find(peer).is_some());
        find(&self.peer).unwrap_or_else(|| {
            let (there, desk) = (self.texts(chat), self.texts(self.desk));
            panic!("{words:?} is not said there, but: {there:#?}; at the desk: {desk:#?}")
        })
    }

    pub(crate) fn texts(&self, chat: ChatId) -> Vec<String> {
        self.peer.from_bot(chat).iter().map(|message| message.text().to_owned()).collect()
    }

    pub(crate) fn count(&self, chat: ChatId, words: &str) -> usize {
        self.texts(chat).iter().filter(|text| text.contains(words)).count()
    }

    /// Somebody new asks what the FAQ answers, and is answered.
    pub(crate) fn answers(&self) {
        let eva = self.somebody("eva");
        self.says(eva, QUESTION);
        self.hears(eva.chat(), ANSWER);
    }

    /// Somebody asks what nothing answers: the bot's first message in the topic of case 1.
    pub(crate) fn has_case(&self, who: UserId, chat: ChatId, text: &str) -> Message {
        self.peer.say(who, chat, text);
        self.hears(self.desk, "case 1 ·")
    }

    /// The patrons of the page are served.
    pub(crate) fn page_answers(&self) {
        let page = self.get("/");
        assert_eq!(page.status, StatusCode::OK);
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        let address = self.process.address();
        RUNTIME.block_on(http::send(address, http::get(address, path, &[]))).unwrap()
    }

    /// A number of the metrics.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let text = self.get("/metrics").text();
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
        line.and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap()
    }

    /// Waits until all that happened has been taken in.
    pub(crate) fn has_taken_all_in(&self) {
        assert!(self.peer.wait_until(PATIENCE, |peer| peer.pending() == 0), "it takes all in");
    }

    /// Waits until every press has been answered.
    pub(crate) fn has_answered_presses(&self) {
        assert!(self.peer.wait_until(PATIENCE, |peer| peer.unanswered().is_empty()));
    }
}
