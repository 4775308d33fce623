//! A library with a bot on Discord, and what its people do.

use crate::{ANSWER, PATIENCE, QUESTION};
use hyper::StatusCode;
use peers::discord::{
    ChannelId, Discord, GuildId, InteractionId, Message, Permissions, Reply, RoleId, Settings,
    User, UserId,
};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tests::http::{self, Answer, RUNTIME};
use tests::program::{DISCORD, Process, Staged, connect_discord};

/// How long to wait before the bot is asked again how much it has taken in, at first and at the most.
const LOOK: Duration = Duration::from_millis(100);
const LOOK_MAX: Duration = Duration::from_secs(2);

/// A server of people with a channel where they talk and one where staff work.
pub(crate) struct Town {
    pub(crate) peer: Discord,
    pub(crate) guild: GuildId,
    pub(crate) role: RoleId,
    pub(crate) desk: ChannelId,
    pub(crate) hall: ChannelId,
    pub(crate) mira: UserId,
    owner: UserId,
    /// Whether the bot may read what people say to each other, and does.
    reads: bool,
}

/// The same with a library's bot among them, which has a page on the web too.
pub(crate) struct Library {
    pub(crate) town: Town,
    pub(crate) process: Process,
}

pub(crate) fn staged() -> &'static Staged {
    static STAGED: OnceLock<Staged> = OnceLock::new();
    STAGED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("discord-bad-input");
        let program = Path::new(env!("CARGO_BIN_EXE_pollen-staged"));
        Staged::new(program, &folder, DISCORD).unwrap()
    })
}

impl Town {
    pub(crate) fn new(settings: Settings) -> Town {
        let reads = settings.message_content;
        let peer = Discord::start(settings).unwrap();
        let owner = peer.add_user(User::new("owner"));
        let guild = peer.add_guild("Linden", owner);
        let bots = peer.add_role(guild, "Library bot", Permissions::MANAGE_THREADS);
        peer.set_role(guild, peer.bot(), bots, true);
        let role = peer.add_role(guild, "Staff", Permissions::NONE);
        let (desk, hall) = (peer.add_channel(guild, "desk"), peer.add_channel(guild, "hall"));
        let mira = peer.add_user(User::new("mira"));
        peer.join(mira, guild);
        peer.set_role(guild, mira, role, true);
        Town { peer, guild, role, desk, hall, mira, owner, reads }
    }

    /// Writes the settings of the bot and of a page on the web into a library's folder.
    pub(crate) fn prepare(&self, folder: &Path, reads: bool) -> std::io::Result<()> {
        let path = folder.join("pollen.toml");
        let mut file = std::fs::File::options().append(true).open(path)?;
        writeln!(file, "[web]\nenabled = true\nlisten = \"127.0.0.1:0\"")?;
        connect_discord(folder, &self.peer, Some((self.desk, self.role)), reads)
    }

    /// Another server that the bot is on, with a channel.
    pub(crate) fn add_annex(&self) -> (GuildId, ChannelId) {
        let annex = self.peer.add_guild("Annex", self.owner);
        (annex, self.peer.add_channel(annex, "yard"))
    }
}

impl Library {
    pub(crate) fn open() -> Library {
        Library::open_with(Settings::default())
    }

    /// The same on a server that differs; the bot reads what people say where it may.
    pub(crate) fn open_with(settings: Settings) -> Library {
        Library::open_in(Town::new(settings), |_| Ok(()))
    }

    /// The same with something done to its folder before it starts.
    pub(crate) fn open_in(town: Town, also: impl FnOnce(&Path) -> std::io::Result<()>) -> Library {
        let process = Process::start_in_real_time(staged(), |folder| {
            also(folder)?;
            town.prepare(folder, town.reads)
        });
        let library = Library { process: process.unwrap(), town };
        library.listens(0);
        // Without its session nothing that is broken off now could be resumed.
        library.has_taken_all_in();
        library
    }

    /// Waits until the bot listens in a session that began or was resumed after so many others.
    pub(crate) fn listens(&self, after: usize) {
        let so = |peer: &Discord| {
            let (begun, resumed) = peer.sessions_begun();
            begun + resumed > after && peer.is_connected() && !peer.commands(None).is_empty()
        };
        assert!(self.peer().wait_until(PATIENCE, so), "it listens");
    }

    /// How often a session has begun or been resumed.
    pub(crate) fn sessions(&self) -> usize {
        let (begun, resumed) = self.peer().sessions_begun();
        begun + resumed
    }

    pub(crate) fn peer(&self) -> &Discord {
        &self.town.peer
    }

    /// Somebody who is where the bot is.
    pub(crate) fn somebody(&self, name: &str) -> UserId {
        self.somebody_who(User::new(name))
    }

    pub(crate) fn somebody_who(&self, user: User) -> UserId {
        let user = self.peer().add_user(user);
        self.peer().join(user, self.town.guild);
        user
    }

    /// Says something in the direct chat.
    pub(crate) fn says(&self, who: UserId, text: &str) {
        self.peer().say(who, self.peer().direct(who), text);
    }

    /// Words behind the bot's name.
    pub(crate) fn called(&self, text: &str) -> String {
        format!("<@{}> {text}", self.peer().bot())
    }

    /// Asks by the command.
    pub(crate) fn asks(&self, who: UserId, channel: ChannelId, text: &str) -> InteractionId {
        self.peer().command(who, channel, "ask", &[("question", text.into())])
    }

    /// The bot's message with these words in a channel, once it is there.
    pub(crate) fn hears(&self, channel: ChannelId, text: &str) -> Message {
        let find = |peer: &Discord| {
            let all = peer.from_bot(channel).into_iter();
            all.rev().find(|message| words(message).contains(text))
        };
        self.peer().wait_until(PATIENCE, |peer| find(peer).is_some());
        find(self.peer()).unwrap_or_else(|| {
            let (there, desk) = (self.texts(channel), self.texts(self.town.desk));
            panic!("{text:?} is not said there, but: {there:#?}; at the desk: {desk:#?}")
        })
    }

    pub(crate) fn texts(&self, channel: ChannelId) -> Vec<String> {
        self.peer().from_bot(channel).iter().map(words).collect()
    }

    pub(crate) fn count(&self, channel: ChannelId, text: &str) -> usize {
        self.texts(channel).iter().filter(|said| said.contains(text)).count()
    }

    /// Somebody new asks in their direct chat what the FAQ answers, and is answered.
    pub(crate) fn answers(&self) {
        let eva = self.somebody("eva");
        self.says(eva, QUESTION);
        self.hears(self.peer().direct(eva), ANSWER);
    }

    /// Somebody asks in their direct chat what nothing answers: the message with which the thread of
    /// its case begins.
    pub(crate) fn has_case(&self, who: UserId, text: &str) -> Message {
        self.says(who, text);
        self.has_thread("case 1 ·")
    }

    /// The message at the desk with these words, once a thread has begun with it.
    pub(crate) fn has_thread(&self, text: &str) -> Message {
        let message = self.hears(self.town.desk, text);
        let begun = |peer: &Discord| peer.channel(thread(&message)).is_some();
        assert!(self.peer().wait_until(PATIENCE, begun), "a thread begins with it");
        message
    }

    /// What a command or a button was answered with at first.
    pub(crate) fn replied(&self, done: InteractionId) -> Reply {
        let answered = |peer: &Discord| peer.interaction(done).reply.is_some();
        assert!(self.peer().wait_until(PATIENCE, answered), "it is answered");
        self.peer().interaction(done).reply.unwrap()
    }

    /// The message that a command or a button was answered with once there were words in it.
    pub(crate) fn answered(&self, done: InteractionId) -> Message {
        self.replied(done);
        let original = |peer: &Discord| {
            let done = peer.interaction(done);
            let message = peer.message(done.channel, done.original?)?;
            (!message.is_thinking()).then_some(message)
        };
        assert!(self.peer().wait_until(PATIENCE, |peer| original(peer).is_some()), "it has words");
        original(self.peer()).unwrap()
    }

    /// Somebody is told something alone by the answer to what they did.
    #[track_caller]
    pub(crate) fn told_alone(&self, done: InteractionId, text: &str) {
        let who = self.peer().interaction(done).user;
        match self.replied(done) {
            Reply::Message(message) => {
                assert_eq!(message.only_for, Some(who), "nobody else sees it");
                assert!(message.content.contains(text), "{:?}", message.content);
                assert_eq!(message.controls(), Vec::<Value>::new());
            }
            other @ (Reply::Deferred(_)
            | Reply::DeferredUpdate
            | Reply::Updated(_)
            | Reply::Choices(_)
            | Reply::Modal(_)) => panic!("{text:?} is not said, but {other:?}"),
        }
    }

    /// The form that somebody gets who presses a button.
    #[track_caller]
    pub(crate) fn form(&self, who: UserId, at: &Message, code: &str) -> (InteractionId, Value) {
        let pressed = self.peer().press(who, at.channel, at.id, code);
        match self.replied(pressed) {
            Reply::Modal(form) => (pressed, form),
            other @ (Reply::Message(_)
            | Reply::Deferred(_)
            | Reply::DeferredUpdate
            | Reply::Updated(_)
            | Reply::Choices(_)) => panic!("there is no form, but {other:?}"),
        }
    }

    /// Somebody presses the button of a form and fills it in.
    pub(crate) fn fills_in(
        &self,
        who: UserId,
        at: &Message,
        code: &str,
        text: &str,
    ) -> InteractionId {
        let (pressed, _) = self.form(who, at, code);
        self.peer().submit(pressed, &[("text", text)])
    }

    /// The patrons of the page are served.
    pub(crate) fn page_answers(&self) {
        assert_eq!(self.get("/").status, StatusCode::OK);
    }

    fn get(&self, path: &str) -> Answer {
        let address = self.process.address();
        RUNTIME.block_on(http::send(address, http::get(address, path, &[]))).unwrap()
    }

    /// A number of the metrics.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let text = self.get("/metrics").text();
        let line = text.lines().find(|line| line.starts_with(&format!("{name} ")));
        line.and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap()
    }

    /// Waits until all that was told has been taken in.
    pub(crate) fn has_taken_all_in(&self) {
        let deadline = Instant::now() + PATIENCE;
        let mut look = LOOK;
        loop {
            self.peer().ask_for_heartbeat();
            if self.peer().wait_until(look, |peer| peer.pending() == 0) {
                return;
            }
            // It may say so much in a minute and no more.
            look = LOOK_MAX.min(look * 2);
            assert!(Instant::now() < deadline, "it takes all in");
        }
    }

    /// Makes sure that Discord has no complaint, and that nothing that the bot said could ping anybody.
    pub(crate) fn assert_content(&self) {
        self.peer().assert_content();
        self.pings_nobody();
    }

    /// Makes sure that nothing that the bot said could ping anybody, but for the word that calls somebody
    /// to their answer, and that one nobody else.
    pub(crate) fn pings_nobody(&self) {
        let mut said = 0;
        for call in self.peer().calls() {
            for body in [&call.body, &call.body["data"]] {
                if body["content"].is_string() || body["embeds"].is_array() {
                    said += 1;
                    let button = body["components"][0]["components"][0]["custom_id"].as_str();
                    let calls = button.is_some_and(|code| code.starts_with("read."));
                    let pings = &body["allowed_mentions"];
                    match calls {
                        true => assert_eq!(pings["users"].as_array().map(Vec::len), Some(1)),
                        false => assert_eq!(*pings, json!({ "parse": [] }), "{call:?}"),
                    }
                }
            }
        }
        assert!(said > 0, "it has said something");
    }
}

/// The thread that begins with a message.
pub(crate) fn thread(message: &Message) -> ChannelId {
    ChannelId(message.id.0)
}

/// What a message says, framed or not.
pub(crate) fn words(message: &Message) -> String {
    let framed = message.embeds.iter().flat_map(|embed| {
        ["title", "description"].into_iter().filter_map(|part| embed[part].as_str())
    });
    [message.content.as_str()].into_iter().chain(framed).collect::<Vec<_>>().join("\n")
}

/// The code of a message's button.
#[track_caller]
pub(crate) fn code(message: &Message, label: &str) -> String {
    let controls = message.controls();
    let button = controls.iter().find(|button| button["label"] == label);
    let button = button.unwrap_or_else(|| panic!("there is no {label:?} among {controls:#?}"));
    button["custom_id"].as_str().unwrap().to_owned()
}
