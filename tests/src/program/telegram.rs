//! The people on Telegram: each with a client of their own, at a server of the Bot API that lives in
//! the stage and outlives the program.

mod shown;

use super::people::{Lost, as_scripts_say};
use super::process::Process;
use super::terminal::PATIENCE;
use super::typing::Typing;
use crate::checks::MENTION;
use crate::place::PlaceName;
use crate::stage::{Act, BotLine, Does, Opening, StageError};
use bot::PlaceKind;
use jiff::Timestamp;
use peers::telegram::{
    ChatId, Clock, Limits, Media, Membership, Rights, Saying, Settings, Telegram, User, UserId,
};
use shown::Shown;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

/// The network's name.
pub const NETWORK: &str = ::telegram::NETWORK;

/// How long to wait for the peer between two looks at whether the program lives.
const LOOK: Duration = Duration::from_millis(50);
/// How long a file is that somebody sends, in bytes.
const FILE_BYTES: u64 = 2048;
/// How soon a delivery to the webhook is tried again: a program that starts takes less than it.
const RETRY: Duration = Duration::from_millis(20);

/// All clients of a stage, and the server that they are at.
pub(crate) struct Phones {
    peer: Telegram,
    username: String,
    /// The port of the page that updates are brought to, where they are.
    webhook: Option<u16>,
    desk: ChatId,
    people: BTreeMap<String, UserId>,
    rooms: BTreeMap<String, ChatId>,
    speaks: BTreeMap<String, String>,
    /// What people said, by the keys of the script.
    said: BTreeMap<String, i64>,
    shown: Shown,
    /// How often the program had asked for updates, or to be brought them, when it last ended.
    asked: usize,
    /// Whether every press is answered: one that a death meets halfway is not.
    answers_all: bool,
}

/// Something that a person does, ready to be done.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    who: UserId,
    chat: ChatId,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Says { key: String, saying: Saying },
    Edits { message: i64, text: String },
    Presses { message: i64, label: String },
}

impl Phones {
    /// A server with a staff group in which those who work at the desk are administrators, and
    /// nobody else.
    pub(crate) fn new(
        opening: &Opening,
        by_webhook: bool,
        dies: bool,
    ) -> Result<Phones, StageError> {
        let settings = Settings {
            clock: Clock::standing(opening.now),
            limits: Limits::none(),
            webhook_retry: RETRY,
            ..Settings::default()
        };
        let username = settings.username.clone();
        let peer = Telegram::start(settings).map_err(|e| StageError(format!("{e}: {e:?}")))?;
        let speaks = opening.speaks.iter();
        let mut phones = Phones {
            desk: peer.add_forum("Desk", &[]),
            peer,
            username,
            webhook: by_webhook.then(free_port),
            people: BTreeMap::new(),
            rooms: BTreeMap::new(),
            speaks: speaks.map(|(who, lang)| (who.clone(), lang.to_string())).collect(),
            said: BTreeMap::new(),
            shown: Shown::default(),
            asked: 0,
            answers_all: !dies,
        };
        phones.shown.is_desk(phones.desk);
        let rights = Rights { manage_topics: true, delete_messages: true, ..Rights::default() };
        for who in &opening.staff {
            let user = phones.person(who);
            let boss = Membership::Administrator(Rights::all());
            phones.peer.member_is(user, phones.desk, user, boss);
        }
        let by = phones.people.values().next().copied().unwrap_or(phones.peer.bot());
        phones.peer.bot_is(by, phones.desk, Membership::Administrator(rights));
        Ok(phones)
    }

    /// Writes the settings of its bot into a library's folder.
    pub(crate) fn settle(&self, folder: &Path) -> std::io::Result<()> {
        connect(folder, &self.peer, Some(self.desk), self.webhook)
    }

    /// Waits until the program listens.
    pub(crate) fn listening(&self, process: &mut Process) -> Result<(), Lost> {
        let asked = self.asked;
        self.wait_for(process, "listen", |peer| asks(peer) > asked)
    }

    /// The program has ended, perhaps by dying.
    pub(crate) fn ended(&mut self, died: bool) -> Result<(), StageError> {
        // What it asked for last may still be on its way.
        if !self.peer.wait_until_left(PATIENCE) {
            return Err(StageError("a program that has ended still asks Telegram".to_owned()));
        }
        self.asked = asks(&self.peer);
        if died {
            self.read();
            self.shown.died();
        }
        Ok(())
    }

    /// Waits until the program has taken in all that has happened.
    pub(crate) fn taken_in(&self, process: &mut Process) -> Result<(), Lost> {
        self.wait_for(process, "take in what was said", |peer| peer.pending() == 0)
    }

    /// Waits until each press has been answered, where all are.
    pub(crate) fn answered(&self, process: &mut Process) -> Result<(), Lost> {
        if !self.answers_all {
            return Ok(());
        }
        self.wait_for(process, "answer a press", |peer| peer.unanswered().is_empty())
    }

    fn wait_for(
        &self,
        process: &mut Process,
        what: &str,
        so: impl Fn(&Telegram) -> bool,
    ) -> Result<(), Lost> {
        let deadline = Instant::now() + PATIENCE;
        while !self.peer.wait_until(LOOK, &so) {
            if !process.runs() {
                return Err(Lost::Gone);
            }
            if Instant::now() > deadline {
                return Err(failed(&format!("the program does not {what}{}", self.complaints())));
            }
        }
        Ok(())
    }

    /// Tells the server what time it is.
    pub(crate) fn time_is(&self, now: Timestamp) {
        self.peer.set_clock(now);
    }

    /// Lets a person be in a place; nothing if they are there already.
    pub(crate) fn join(&mut self, place: &PlaceName, who: &str) -> Result<(), Lost> {
        match place.kind {
            PlaceKind::Desk if !self.people.contains_key(who) => {
                Err(failed(&format!("{who} is no administrator of the staff group")))
            }
            PlaceKind::Desk => Ok(()),
            PlaceKind::Direct => {
                self.person(who);
                Ok(())
            }
            PlaceKind::Shared => {
                self.enter(place, who);
                Ok(())
            }
        }
    }

    fn person(&mut self, who: &str) -> UserId {
        if let Some(user) = self.people.get(who) {
            return *user;
        }
        let lang = self.speaks.get(who).map_or("en", String::as_str);
        let user = self.peer.add_user(User::new(who).username(who).language(lang));
        self.shown.is_direct(user.chat(), who);
        self.people.insert(who.to_owned(), user);
        user
    }

    fn enter(&mut self, place: &PlaceName, who: &str) {
        let user = self.person(who);
        match self.rooms.get(&place.id) {
            None => {
                let room = self.peer.add_supergroup(&place.id, &[user]);
                self.peer.add_bot(user, room);
                self.shown.is_room(room, place);
                self.rooms.insert(place.id.clone(), room);
            }
            Some(room) => {
                let there = self.peer.member_of(*room, user);
                if !matches!(there, Membership::Creator | Membership::Member) {
                    self.peer.join(user, *room);
                }
            }
        }
    }

    /// What an act is with thumbs. The person is there already.
    pub(crate) fn prepare(&mut self, act: Act<'_>) -> Result<Typed, StageError> {
        let who = self.person(act.who);
        let chat = match act.place.kind {
            PlaceKind::Desk => self.desk,
            PlaceKind::Direct => who.chat(),
            PlaceKind::Shared => {
                let room = self.rooms.get(&act.place.id).copied();
                room.ok_or_else(|| StageError(format!("nobody is in {}", act.place)))?
            }
        };
        let what = match act.does {
            Does::Says { text, key, answers } => {
                let key = key.to_owned();
                What::Says { key, saying: self.saying(act.place, chat, text, answers)? }
            }
            Does::Shares { location, key, answers } => {
                let at = location.coordinates();
                let saying = Saying::location(at.latitude, at.longitude);
                What::Says { key: key.to_owned(), saying: self.as_answer(saying, chat, answers)? }
            }
            Does::Attaches { name, text, key } => {
                let file = Media::document(name, "application/octet-stream", FILE_BYTES);
                let saying = Saying::media(file.caption(&self.addressed(text)));
                What::Says { key: key.to_owned(), saying }
            }
            Does::Edits { key, text } => {
                let message = self.said.get(key).copied();
                let message =
                    message.ok_or_else(|| StageError(format!("no message is called {key}")))?;
                What::Edits { message, text: self.addressed(text) }
            }
            Does::Deletes { .. } => {
                return Err(StageError("Telegram tells no bot that a message is gone".to_owned()));
            }
            Does::Presses { message, code } => {
                let (message, label) = self.shown.button(message, code)?;
                What::Presses { message, label }
            }
        };
        Ok(Typed { who, chat, what })
    }

    fn saying(
        &self,
        place: &PlaceName,
        chat: ChatId,
        text: &str,
        answers: Option<&str>,
    ) -> Result<Saying, StageError> {
        match place.kind {
            PlaceKind::Desk if answers.is_none() => Ok(self.by_staff(text)),
            PlaceKind::Desk | PlaceKind::Direct | PlaceKind::Shared => {
                self.as_answer(Saying::text(&self.addressed(text)), chat, answers)
            }
        }
    }

    /// The same as a reply to a message of the bot's, if it answers one.
    fn as_answer(
        &self,
        saying: Saying,
        chat: ChatId,
        answers: Option<&str>,
    ) -> Result<Saying, StageError> {
        let Some(id) = answers else { return Ok(saying) };
        let message = self.shown.message(id)?;
        let saying = saying.reply_to(message);
        let thread = self.peer.message(chat, message).and_then(|message| message.thread);
        Ok(match thread {
            Some(thread) => saying.in_topic(thread),
            None => saying,
        })
    }

    /// What staff write, as they write it where each case has a topic.
    fn by_staff(&self, text: &str) -> Saying {
        let as_typed = || Saying::text(text);
        match Typing::of(text) {
            Typing::Answer(case, words) => match self.topic(case) {
                Some((thread, first)) => Saying::text(&words).reply_to(first).in_topic(thread),
                None => as_typed(),
            },
            Typing::InThread(case, words) => match self.topic(case) {
                Some((thread, _)) => Saying::text(&words).in_topic(thread),
                None => as_typed(),
            },
            Typing::AsTyped => as_typed(),
            Typing::ToTheBot => Saying::text(&format!("@{} {text}", self.username)),
        }
    }

    /// The topic of a case and the bot's first message in it, if both are there still.
    fn topic(&self, case: bot::CaseId) -> Option<(i64, i64)> {
        let (thread, first) = self.shown.topic(case)?;
        let there = self.peer.topics(self.desk).contains_key(&thread)
            && self.peer.message(self.desk, first).is_some();
        there.then_some((thread, first))
    }

    /// Words with the bot's own name in the stead of the one that scripts have for it.
    fn addressed(&self, text: &str) -> String {
        text.replace(MENTION, &format!("@{}", self.username))
    }

    /// Does it.
    pub(crate) fn carry_out(&mut self, typed: &Typed) {
        let Typed { who, chat, what } = typed;
        match what {
            What::Says { key, saying } => {
                let message = self.peer.post(*who, *chat, saying.clone());
                self.said.insert(key.clone(), message);
            }
            What::Edits { message, text } => self.peer.edit(*who, *chat, *message, text),
            What::Presses { message, label } => {
                self.peer.press(*who, *chat, *message, label);
            }
        }
    }

    /// What has been shown since this was last asked.
    pub(crate) fn seen(&mut self) -> Result<Vec<BotLine>, Lost> {
        self.read();
        let mut seen = self.shown.seen().map_err(Lost::Failed)?;
        for line in &mut seen {
            let users = self.people.iter().map(|(who, user)| (who.as_str(), user.0.to_string()));
            line.text = as_scripts_say(std::mem::take(&mut line.text), NETWORK, users);
        }
        Ok(seen)
    }

    /// The lines that may have been said again because of a death.
    pub(crate) fn repeats(&self) -> &[String] {
        self.shown.repeats()
    }

    fn read(&mut self) {
        for deed in self.peer.read() {
            self.shown.take(deed);
        }
    }

    /// What was wrong with what the program asked of the server.
    pub(crate) fn complaints(&self) -> String {
        let all = self.peer.complaints();
        all.iter().map(|complaint| format!("\nTelegram complains: {complaint}")).collect()
    }
}

/// How often a program has asked for updates, or to be brought them.
fn asks(peer: &Telegram) -> usize {
    peer.calls_of("getUpdates").len() + peer.calls_of("setWebhook").len()
}

/// Writes into a library's folder that its bot is at this peer, that staff work in this group, and,
/// with a port, that updates are brought to the page that listens there.
///
/// # Errors
/// If it cannot be written.
pub fn connect(
    folder: &Path,
    peer: &Telegram,
    staff_group: Option<ChatId>,
    webhook: Option<u16>,
) -> std::io::Result<()> {
    std::fs::write(folder.join("telegram-token"), peer.token())?;
    let mut file = std::fs::File::options().append(true).open(folder.join("pollen.toml"))?;
    if let Some(port) = webhook {
        writeln!(file, "[web]\nenabled = true\nlisten = \"127.0.0.1:{port}\"")?;
    }
    writeln!(file, "[telegram]\nenabled = true\nserver = \"{}\"", peer.address())?;
    if let Some(group) = staff_group {
        writeln!(file, "staff_group = {}", group.0)?;
    }
    if let Some(port) = webhook {
        writeln!(file, "webhook = \"http://127.0.0.1:{port}\"")?;
    }
    Ok(())
}

/// Below the ports that the system gives to connections, so that none of those takes it between two
/// starts of a program.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A port that nobody listens at.
///
/// # Panics
/// If there is none.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let count = PORTS.end - PORTS.start;
    let from = u16::try_from(std::process::id() % u32::from(count)).unwrap_or_default();
    let ports = (0..count).map(|_| {
        let next = NEXT.fetch_add(1, Ordering::SeqCst) % count;
        PORTS.start + (from + next) % count
    });
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.into_iter().find(free).expect("a port is free")
}

fn failed(what: &str) -> Lost {
    Lost::Failed(StageError(what.to_owned()))
}
