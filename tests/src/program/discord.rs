//! The people on Discord: each with an account of their own, on a server of the API and the gateway that
//! lives in the stage and outlives the program.

mod shown;

use super::people::{Lost, as_scripts_say};
use super::process::Process;
use super::terminal::PATIENCE;
use super::typing::Typing;
use crate::checks::MENTION;
use crate::place::PlaceName;
use crate::stage::{Act, BotLine, Does, Opening, StageError};
use bot::{CaseId, Command, PlaceKind};
use jiff::Timestamp;
use peers::discord::{
    ChannelId, Discord, GuildId, Limits, MessageId, Permissions, Reply, RoleId, Saying, Settings,
    User, UserId,
};
use peers::telegram::Clock;
use serde_json::Value;
use shown::Shown;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// The network's name.
pub const NETWORK: &str = ::discord::NETWORK;

/// What the peer says of whoever dies between answering an interaction and writing that down, or the
/// other way round: they answer it again or look for their answer, are refused, and nobody sees it.
const OF_THE_DEAD: [&str; 2] =
    ["answered an interaction twice", "no interaction with this token has had an answer"];

/// How long to wait for a heartbeat before it is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(5);

/// How long to wait for the peer between two looks at whether the program lives.
const LOOK: Duration = Duration::from_millis(20);

/// All accounts of a stage, and the server that they are on.
pub(crate) struct Accounts {
    peer: Discord,
    /// Whether the bot may read what people say to each other.
    reads: bool,
    guild: GuildId,
    desk: ChannelId,
    role: RoleId,
    people: BTreeMap<String, UserId>,
    rooms: BTreeMap<String, ChannelId>,
    /// What people said, by the keys of the script.
    said: BTreeMap<String, (ChannelId, MessageId)>,
    shown: Shown,
    /// How often a session had begun or been resumed when the program last ended.
    begun: usize,
    /// Whether every command is answered: one that a death meets halfway is not.
    answers_all: bool,
}

/// Something that a person does, ready to be done.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    who: UserId,
    channel: ChannelId,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Says {
        key: String,
        saying: Saying,
    },
    Commands {
        name: String,
        given: Option<(String, String)>,
    },
    Edits {
        message: MessageId,
        text: String,
    },
    Deletes {
        message: MessageId,
    },
    Presses {
        message: MessageId,
        code: String,
    },
    /// Presses the button of a form, and sends it filled in.
    FillsIn {
        message: MessageId,
        code: String,
        text: String,
    },
}

impl Accounts {
    /// A server with a channel for staff, in which those who work at the desk have its role, and nobody
    /// else.
    pub(crate) fn new(opening: &Opening, reads: bool, dies: bool) -> Result<Accounts, StageError> {
        let settings = Settings {
            clock: Clock::standing(opening.now),
            limits: Limits::none(),
            message_content: reads,
            // Where time stands, nobody can wait for their turn.
            max_concurrency: u32::MAX,
            ..Settings::default()
        };
        let peer = Discord::start(settings).map_err(|e| StageError(format!("{e}: {e:?}")))?;
        let owner = peer.add_user(User::new("owner"));
        let guild = peer.add_guild("Linden", owner);
        let bots = peer.add_role(guild, "Library bot", Permissions::MANAGE_THREADS);
        peer.set_role(guild, peer.bot(), bots, true);
        let role = peer.add_role(guild, "Staff", Permissions::NONE);
        let desk = peer.add_channel(guild, "desk");
        let mut accounts = Accounts {
            peer,
            reads,
            guild,
            desk,
            role,
            people: BTreeMap::new(),
            rooms: BTreeMap::new(),
            said: BTreeMap::new(),
            shown: Shown::new(desk),
            begun: 0,
            answers_all: !dies,
        };
        for who in &opening.staff {
            let user = accounts.person(who);
            accounts.peer.set_role(guild, user, role, true);
        }
        Ok(accounts)
    }

    /// Writes the settings of its bot into a library's folder.
    pub(crate) fn settle(&self, folder: &Path) -> std::io::Result<()> {
        connect(folder, &self.peer, Some((self.desk, self.role)), self.reads)
    }

    /// Waits until the program listens.
    pub(crate) fn listening(&self, process: &mut Process) -> Result<(), Lost> {
        let begun = self.begun;
        self.wait_for(process, "listen", |peer| sessions(peer) > begun && peer.is_connected())
    }

    /// The program has ended.
    pub(crate) fn ended(&mut self) -> Result<(), StageError> {
        // What it asked for last may still be on its way.
        if !self.peer.wait_until_left(PATIENCE) {
            return Err(StageError("a program that has ended still asks Discord".to_owned()));
        }
        self.begun = sessions(&self.peer);
        Ok(())
    }

    /// Waits until the program has taken in all that has happened.
    pub(crate) fn taken_in(&self, process: &mut Process) -> Result<(), Lost> {
        let asked = Cell::new(None::<Instant>);
        self.wait_for(process, "take in what was said", |peer| {
            if peer.pending() == 0 {
                return true;
            }
            if asked.get().is_none_or(|at| at.elapsed() > ASK_AGAIN) {
                asked.set(Some(Instant::now()));
                peer.ask_for_heartbeat();
            }
            false
        })
    }

    /// Waits until each command has been answered, where all are.
    pub(crate) fn answered(&self, process: &mut Process) -> Result<(), Lost> {
        if !self.answers_all {
            return Ok(());
        }
        self.wait_for(process, "answer a command", |peer| peer.unanswered().is_empty())
    }

    fn wait_for(
        &self,
        process: &mut Process,
        what: &str,
        so: impl Fn(&Discord) -> bool,
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
        self.peer.set_time(now);
    }

    /// Lets a person be in a place; nothing if they are there already.
    pub(crate) fn join(&mut self, place: &PlaceName, who: &str) -> Result<(), Lost> {
        match place.kind {
            PlaceKind::Desk if !self.people.contains_key(who) => {
                Err(failed(&format!("{who} has not the role of staff")))
            }
            PlaceKind::Desk => Ok(()),
            PlaceKind::Direct => {
                self.person(who);
                Ok(())
            }
            PlaceKind::Shared => {
                self.person(who);
                if !self.rooms.contains_key(&place.id) {
                    let room = self.peer.add_channel(self.guild, &place.id);
                    self.shown.is_at(room, place.clone());
                    self.rooms.insert(place.id.clone(), room);
                }
                Ok(())
            }
        }
    }

    fn person(&mut self, who: &str) -> UserId {
        if let Some(user) = self.people.get(who) {
            return *user;
        }
        let user = self.peer.add_user(User::new(who));
        // Whoever shares no server with the bot can be told nothing.
        self.peer.join(user, self.guild);
        let id = format!("dm-{who}");
        let place = PlaceName { network: Some(NETWORK.to_owned()), id, kind: PlaceKind::Direct };
        self.shown.is_at(self.peer.direct(user), place);
        self.shown.is_called(user, who);
        self.people.insert(who.to_owned(), user);
        user
    }

    /// What an act is with hands. The person is there already.
    pub(crate) fn prepare(&mut self, act: Act<'_>) -> Result<Done, StageError> {
        let who = self.person(act.who);
        let mut channel = match act.place.kind {
            PlaceKind::Desk => self.desk,
            PlaceKind::Direct => self.peer.direct(who),
            PlaceKind::Shared => {
                let room = self.rooms.get(&act.place.id).copied();
                room.ok_or_else(|| StageError(format!("nobody is in {}", act.place)))?
            }
        };
        let what = match act.does {
            Does::Says { text, key, answers } => match (act.place.kind, answers) {
                (PlaceKind::Desk, None) => return self.by_staff(who, key, text),
                (PlaceKind::Direct | PlaceKind::Shared, None)
                    if let Some(command) = self.command(act.place, text) =>
                {
                    command
                }
                (PlaceKind::Direct | PlaceKind::Shared | PlaceKind::Desk, _) => {
                    let mut saying = Saying::text(&self.addressed(act.place, text));
                    if let Some(id) = answers {
                        let (there, message) = self.shown.message(id)?;
                        channel = there;
                        saying = saying.reply_to(message);
                    }
                    What::Says { key: key.to_owned(), saying }
                }
            },
            Does::Shares { .. } => {
                return Err(StageError("nobody shares where they are on Discord".to_owned()));
            }
            Does::Attaches { name, text, key } => {
                let saying = Saying::text(&self.addressed(act.place, text));
                let saying = saying.attachment(name, "application/octet-stream");
                What::Says { key: key.to_owned(), saying }
            }
            Does::Edits { key, text } => {
                let message = self.known(key)?;
                What::Edits { message, text: self.addressed(act.place, text) }
            }
            Does::Deletes { key } => What::Deletes { message: self.known(key)? },
            Does::Presses { message, code } => {
                let (there, message) = self.shown.message(message)?;
                channel = there;
                What::Presses { message, code: code.to_owned() }
            }
        };
        Ok(Done { who, channel, what })
    }

    fn known(&self, key: &str) -> Result<MessageId, StageError> {
        let known = self.said.get(key).map(|(_, message)| *message);
        known.ok_or_else(|| StageError(format!("no message is called {key}")))
    }

    /// A text as the command that Discord makes of it, if it is one that the bot offers and everything
    /// is given that it needs. `/ask` in a room is asked by the bot's name here: scripts want it to be
    /// answered to everybody, and a command is answered to one.
    fn command(&self, place: &PlaceName, text: &str) -> Option<What> {
        let (word, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let word = word.strip_prefix('/')?;
        Command::parse(text)?;
        if place.kind == PlaceKind::Shared && matches!(Command::parse(text), Some(Command::Ask(_)))
        {
            return None;
        }
        let all = self.peer.commands(Some(self.guild));
        let is = |command: &&Value| {
            let localized = command["name_localizations"].as_object();
            let localized = localized.into_iter().flat_map(serde_json::Map::values);
            command["type"] == 1 && localized.chain([&command["name"]]).any(|name| name == word)
        };
        let command = all.iter().find(is)?;
        let option = command["options"].as_array().and_then(|options| options.first());
        let given = match (option, rest.trim()) {
            (Some(option), "") if option["required"] == true => return None,
            (None, rest) if !rest.is_empty() => return None,
            (_, "") | (None, _) => None,
            (Some(option), rest) => Some((option["name"].as_str()?.to_owned(), rest.to_owned())),
        };
        Some(What::Commands { name: command["name"].as_str()?.to_owned(), given })
    }

    /// What staff write, as they write it where each case has a thread, and the bot may read what they
    /// say to each other or not.
    fn by_staff(&self, who: UserId, key: &str, text: &str) -> Result<Done, StageError> {
        let says = |channel: ChannelId, text: &str, called: bool| {
            let text = match called {
                true => format!("<@{}> {text}", self.peer.bot()),
                false => text.to_owned(),
            };
            let what = What::Says { key: key.to_owned(), saying: Saying::text(&text) };
            Done { who, channel, what }
        };
        Ok(match Typing::of(text) {
            Typing::Answer(case, words) => match self.sheet(case) {
                Some((channel, message)) => {
                    let code = format!("reply.{case}");
                    Done { who, channel, what: What::FillsIn { message, code, text: words } }
                }
                None => says(self.desk, text, !self.reads),
            },
            Typing::InThread(case, words) => match self.thread(case) {
                Some(thread) => says(thread, &words, !self.reads),
                None => says(self.desk, text, !self.reads),
            },
            Typing::AsTyped => says(self.desk, text, !self.reads),
            Typing::ToTheBot => says(self.desk, text, true),
        })
    }

    /// The thread of a case, if it is there still.
    fn thread(&self, case: CaseId) -> Option<ChannelId> {
        let thread = ChannelId(self.shown.sheet(case)?.1.0);
        self.peer.channel(thread).map(|channel| channel.id)
    }

    /// The message with which the thread of a case begins, if it has the button of a form still.
    fn sheet(&self, case: CaseId) -> Option<(ChannelId, MessageId)> {
        let (channel, message) = self.shown.sheet(case)?;
        let there = self.peer.message(channel, message)?;
        there.control(&format!("reply.{case}")).map(|_| (channel, message))
    }

    /// Words with the bot's own name in the stead of the one that scripts have for it. In a room a
    /// command that Discord does not send is written behind the bot's name.
    fn addressed(&self, place: &PlaceName, text: &str) -> String {
        let name = format!("<@{}>", self.peer.bot());
        let text = text.replace(MENTION, &name);
        match place.kind == PlaceKind::Shared && Command::parse(&text).is_some() {
            true => format!("{name} {text}"),
            false => text,
        }
    }

    /// Does it.
    pub(crate) fn carry_out(&mut self, done: &Done) -> Result<(), Lost> {
        let Done { who, channel, what } = done;
        match what {
            What::Says { key, saying } => {
                let message = self.peer.post(*who, *channel, saying.clone());
                self.said.insert(key.clone(), (*channel, message));
            }
            What::Commands { name, given } => {
                let given = given.as_ref();
                let options: Vec<(&str, Value)> = given
                    .map(|(name, text)| (name.as_str(), text.as_str().into()))
                    .into_iter()
                    .collect();
                self.peer.command(*who, *channel, name, &options);
            }
            What::Edits { message, text } => self.peer.edit(*who, *channel, *message, text),
            What::Deletes { message } => {
                if self.peer.message(*channel, *message).is_some() {
                    self.peer.delete(*channel, *message);
                }
            }
            What::Presses { message, code } => {
                self.peer.press(*who, *channel, *message, code);
            }
            What::FillsIn { message, code, text } => {
                let pressed = self.peer.press(*who, *channel, *message, code);
                let shown = |peer: &Discord| {
                    matches!(peer.interaction(pressed).reply, Some(Reply::Modal(_)))
                };
                if !self.peer.wait_until(PATIENCE, shown) {
                    // It has died, or will be found to hang.
                    return Err(Lost::Gone);
                }
                self.peer.submit(pressed, &[("text", text)]);
            }
        }
        Ok(())
    }

    /// What has been shown since this was last asked.
    pub(crate) fn seen(&mut self) -> Result<Vec<BotLine>, Lost> {
        for deed in self.peer.read() {
            self.shown.take(deed);
        }
        let mut seen = self.shown.seen().map_err(Lost::Failed)?;
        for line in &mut seen {
            let users = self.people.iter().map(|(who, user)| (who.as_str(), user.0.to_string()));
            line.text = as_scripts_say(std::mem::take(&mut line.text), NETWORK, users);
        }
        Ok(seen)
    }

    /// What was wrong with what the program asked of the server.
    pub(crate) fn complaints(&self) -> String {
        let all = self.peer.complaints();
        let again = |what: &str| !self.answers_all && OF_THE_DEAD.contains(&what);
        let all = all.iter().filter(|complaint| !again(&complaint.what));
        all.map(|complaint| format!("\nDiscord complains: {complaint}")).collect()
    }
}

/// How often a session has begun or been resumed.
fn sessions(peer: &Discord) -> usize {
    let (begun, resumed) = peer.sessions_begun();
    begun + resumed
}

/// Writes into a library's folder that its bot is at this peer, that those who have a role work in a
/// channel, and whether it may read what people say to each other.
///
/// # Errors
/// If it cannot be written.
pub fn connect(
    folder: &Path,
    peer: &Discord,
    staff: Option<(ChannelId, RoleId)>,
    reads: bool,
) -> std::io::Result<()> {
    std::fs::write(folder.join("discord-token"), peer.token())?;
    let mut file = std::fs::File::options().append(true).open(folder.join("pollen.toml"))?;
    writeln!(file, "[discord]\nenabled = true\nserver = \"{}\"", peer.address())?;
    writeln!(file, "message_content = {reads}")?;
    if let Some((channel, role)) = staff {
        writeln!(file, "staff_channel = {channel}\nstaff_role = {role}")?;
    }
    Ok(())
}

fn failed(what: &str) -> Lost {
    Lost::Failed(StageError(what.to_owned()))
}
