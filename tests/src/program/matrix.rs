//! The people on Matrix: each with a client of their own, at a real homeserver that outlives the program.

mod shown;

use super::people::{Lost, as_scripts_say};
use super::process::Process;
use super::terminal::PATIENCE;
use super::typing::Typing;
use crate::checks::MENTION;
use crate::member::{Member, Privacy};
use crate::place::PlaceName;
use crate::stage::{Act, BotLine, Does, Opening, StageError};
use bot::{CaseId, Command, PlaceKind};
use peers::matrix::{Account, Proxy, Synapse};
use serde_json::{Value, json};
use shown::{PREFIX, Shown};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// The network's name.
pub const NETWORK: &str = ::matrix::NETWORK;

/// How long to wait for the peer between two looks at whether the program lives.
const LOOK: Duration = Duration::from_millis(50);
/// What everybody's password is.
const PASSWORD: &str = "correct horse battery staple";
/// Who keeps the rooms that several share, and reads what is said in them.
const PORTER: &str = "porter";
/// How long a file is that somebody sends, in bytes.
const FILE_BYTES: usize = 2048;

/// All clients of a stage, and the proxy through which the program reaches their homeserver.
pub(crate) struct Homes {
    runtime: Runtime,
    synapse: &'static Synapse,
    proxy: Proxy,
    privacy: Privacy,
    /// What tells the accounts of one performance from those of another.
    number: String,
    bot: Account,
    people: BTreeMap<String, Member>,
    desk: String,
    staff: BTreeSet<String>,
    rooms: BTreeMap<String, String>,
    direct: BTreeMap<String, String>,
    /// What people said, by the keys of the script.
    said: BTreeMap<String, String>,
    /// The reactions that people have put under messages.
    reactions: BTreeMap<(String, String, String), String>,
    /// What people did that the program may not have heard yet.
    unheard: Vec<String>,
    shown: Shown,
    /// How often the program had asked for news when it last ended.
    asked: usize,
    acts: u32,
}

/// Something that a person does, ready to be done.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    who: String,
    room: String,
    /// Doing it again under this key does no harm.
    key: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Sends { kind: &'static str, content: Value, said: Option<String> },
    Attaches { name: String, text: String, said: String },
    Redacts { message: String },
    Reacts { message: String, sign: String },
}

impl Homes {
    /// A homeserver with a room of the staff's in which those who work at the desk are moderators.
    pub(crate) fn new(opening: &Opening, encrypted: bool) -> Result<Homes, StageError> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let synapse = Synapse::shared().map_err(|error| StageError(error.to_string()))?;
        let proxy = Proxy::start(&synapse.address()).map_err(|e| StageError(e.to_string()))?;
        let number = format!("{}x{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| StageError(error.to_string()))?;
        let bot = synapse.register(&format!("pollen.{number}"), PASSWORD, "SETUP");
        let bot = bot.map_err(|error| StageError(error.to_string()))?;
        let mut homes = Homes {
            runtime,
            synapse,
            proxy,
            privacy: if encrypted { Privacy::Encrypted } else { Privacy::Plain },
            number,
            bot,
            people: BTreeMap::new(),
            desk: String::new(),
            staff: opening.staff.clone(),
            rooms: BTreeMap::new(),
            direct: BTreeMap::new(),
            said: BTreeMap::new(),
            reactions: BTreeMap::new(),
            unheard: Vec::new(),
            shown: Shown::default(),
            asked: 0,
            acts: 0,
        };
        homes.open_desk()?;
        Ok(homes)
    }

    fn open_desk(&mut self) -> Result<(), StageError> {
        let staff: Vec<String> = self.staff.iter().cloned().collect();
        let mut powers = BTreeMap::from([(self.bot.user_id.clone(), 50)]);
        for who in &staff {
            powers.insert(self.person(who)?.user().to_owned(), 50);
        }
        // Whoever opens a room has every power in it.
        self.person(PORTER)?;
        let invited: Vec<String> = powers.keys().cloned().collect();
        self.desk = self.open(PORTER, "Desk", &invited, &json!({ "users": powers }))?;
        for who in &staff {
            self.enter(who, &self.desk.clone())?;
        }
        self.shown.is_at(&self.desk.clone(), PlaceName::desk());
        Ok(())
    }

    /// Writes the settings of its bot into a library's folder.
    pub(crate) fn settle(&self, folder: &Path) -> std::io::Result<()> {
        connect(folder, &self.proxy.address(), &self.bot.user_id, Some(&self.desk))
    }

    /// Waits until the program listens and has entered the staff's room.
    pub(crate) fn listening(&mut self, process: &mut Process) -> Result<(), Lost> {
        let asked = self.asked;
        self.wait_for(process, "listen", |proxy| proxy.syncs() > asked)?;
        let desk = self.desk.clone();
        self.bot_enters(process, PORTER, &desk)
    }

    /// The program has ended, perhaps by dying.
    pub(crate) fn ended(&mut self) -> Result<(), StageError> {
        if !self.proxy.wait_until_left(PATIENCE) {
            return Err(StageError("a program that has ended still asks Matrix".to_owned()));
        }
        self.asked = self.proxy.syncs();
        Ok(())
    }

    /// Waits until the program has taken in all that has happened.
    pub(crate) fn taken_in(&mut self, process: &mut Process) -> Result<(), Lost> {
        let unheard = std::mem::take(&mut self.unheard);
        let heard = self.wait_for(process, "take in what was said", |proxy| {
            unheard.iter().all(|event| proxy.taken_in(event))
        });
        if heard.is_err() {
            self.unheard = unheard;
        }
        heard
    }

    fn wait_for(
        &self,
        process: &mut Process,
        what: &str,
        so: impl Fn(&Proxy) -> bool,
    ) -> Result<(), Lost> {
        let deadline = Instant::now() + PATIENCE;
        while !self.proxy.wait_until(LOOK, &so) {
            if !process.runs() {
                return Err(Lost::Gone);
            }
            if Instant::now() > deadline {
                return Err(failed(&format!("the program does not {what}{}", self.complaints())));
            }
        }
        Ok(())
    }

    /// Waits until the bot has entered a room, as somebody in it sees it.
    fn bot_enters(&mut self, process: &mut Process, who: &str, room: &str) -> Result<(), Lost> {
        let deadline = Instant::now() + PATIENCE;
        let path =
            format!("/_matrix/client/v3/rooms/{room}/state/m.room.member/{}", self.bot.user_id);
        loop {
            let token = self.person(who).map_err(Lost::Failed)?.token().to_owned();
            let state = self.synapse.call("GET", &path, Some(&token), None);
            if state.is_ok_and(|(_, state)| state["membership"] == "join") {
                break;
            }
            if !process.runs() {
                return Err(Lost::Gone);
            }
            if Instant::now() > deadline {
                return Err(failed(&format!("the bot does not enter {room}{}", self.complaints())));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.sync(who).map_err(Lost::Failed)
    }

    /// Lets a person be in a place; nothing if they are there already.
    pub(crate) fn join(
        &mut self,
        place: &PlaceName,
        who: &str,
        process: &mut Process,
    ) -> Result<(), Lost> {
        match place.kind {
            PlaceKind::Desk if !self.staff.contains(who) => {
                Err(failed(&format!("{who} is no moderator of the staff's room")))
            }
            PlaceKind::Desk => Ok(()),
            PlaceKind::Direct => {
                let known = self.direct.get(who).cloned();
                let room = match known {
                    Some(room) => room,
                    None => self.open_direct(who).map_err(Lost::Failed)?,
                };
                self.bot_enters(process, who, &room)
            }
            PlaceKind::Shared => {
                let known = self.rooms.get(&place.id).cloned();
                let room = match known {
                    Some(room) => room,
                    None => self.open_shared(place).map_err(Lost::Failed)?,
                };
                self.invite(who, &room).map_err(Lost::Failed)?;
                self.bot_enters(process, PORTER, &room)
            }
        }
    }

    fn person(&mut self, who: &str) -> Result<&mut Member, StageError> {
        if !self.people.contains_key(who) {
            let name = format!("{who}.{}", self.number);
            let account = self.synapse.register(&name, PASSWORD, &who.to_uppercase());
            let account = account.map_err(|error| StageError(error.to_string()))?;
            let path = format!("/_matrix/client/v3/profile/{}/displayname", account.user_id);
            let named = Some(json!({ "displayname": who }));
            let told = self.synapse.call("PUT", &path, Some(&account.access_token), named);
            told.map_err(|error| StageError(error.to_string()))?;
            let homeserver = self.synapse.address();
            let member = self.runtime.block_on(Member::new(&homeserver, &account))?;
            self.people.insert(who.to_owned(), member);
        }
        self.people.get_mut(who).ok_or_else(|| StageError(format!("nobody is called {who}")))
    }

    /// Opens a room; returns its id.
    fn open(
        &mut self,
        who: &str,
        name: &str,
        invited: &[String],
        powers: &Value,
    ) -> Result<String, StageError> {
        let privacy = self.privacy;
        self.person(who)?;
        let member = &self.people[who];
        self.runtime.block_on(member.open(name, invited, powers, privacy))
    }

    fn open_direct(&mut self, who: &str) -> Result<String, StageError> {
        let bot = self.bot.user_id.clone();
        let room = self.open(who, "", &[bot], &Value::Null)?;
        self.is_direct(who, &room);
        Ok(room)
    }

    fn is_direct(&mut self, who: &str, room: &str) {
        let network = Some(NETWORK.to_owned());
        let place = PlaceName { network, id: format!("dm-{who}"), kind: PlaceKind::Direct };
        self.shown.is_at(room, place);
        self.direct.insert(who.to_owned(), room.to_owned());
    }

    fn open_shared(&mut self, place: &PlaceName) -> Result<String, StageError> {
        // Another resident, so that whoever enters is never alone with the bot.
        let resident = self.person("resident")?.user().to_owned();
        let bot = self.bot.user_id.clone();
        let room = self.open(PORTER, &place.id, &[bot, resident], &Value::Null)?;
        self.enter("resident", &room)?;
        self.shown.is_at(&room, place.clone());
        self.rooms.insert(place.id.clone(), room.clone());
        Ok(room)
    }

    fn invite(&mut self, who: &str, room: &str) -> Result<(), StageError> {
        if self.person(who)?.is_in(room) {
            return Ok(());
        }
        let user = self.person(who)?.user().to_owned();
        let porter = &self.people[PORTER];
        self.runtime.block_on(porter.invite(room, &user))?;
        self.enter(who, room)?;
        self.sync(PORTER)
    }

    fn enter(&mut self, who: &str, room: &str) -> Result<(), StageError> {
        self.person(who)?;
        self.runtime.block_on(self.people[who].enter(room))?;
        self.sync(who)
    }

    /// What an act is with a client. The person is there already.
    pub(crate) fn prepare(&mut self, act: Act<'_>) -> Result<Written, StageError> {
        let missing = || StageError(format!("nobody is in {}", act.place));
        let room = match act.place.kind {
            PlaceKind::Desk => Some(&self.desk),
            PlaceKind::Direct => self.direct.get(act.who),
            PlaceKind::Shared => self.rooms.get(&act.place.id),
        };
        let room = room.ok_or_else(missing)?.clone();
        let what = match act.does {
            Does::Says { text, key, answers } => What::Sends {
                kind: "m.room.message",
                content: self.message(act.place, text, answers)?,
                said: Some(key.to_owned()),
            },
            Does::Shares { location, key, answers } => {
                let at = location.coordinates();
                let uri = format!("geo:{},{}", at.latitude, at.longitude);
                let content = json!({ "msgtype": "m.location", "body": "here", "geo_uri": uri });
                let content = self.as_answer(content, answers)?;
                What::Sends { kind: "m.room.message", content, said: Some(key.to_owned()) }
            }
            Does::Attaches { name, text, key } => What::Attaches {
                name: name.to_owned(),
                text: self.addressed(text),
                said: key.to_owned(),
            },
            Does::Edits { key, text } => {
                let old = self.said(key)?;
                let new = self.words(text);
                let mut content = new.clone();
                content["body"] = format!("* {}", new["body"].as_str().unwrap_or_default()).into();
                content["m.new_content"] = new;
                content["m.relates_to"] = json!({ "rel_type": "m.replace", "event_id": old });
                What::Sends { kind: "m.room.message", content, said: None }
            }
            Does::Deletes { key } => What::Redacts { message: self.said(key)? },
            Does::Presses { message, code } => {
                let (message, sign) = self.shown.button(message, code)?;
                What::Reacts { message, sign }
            }
        };
        self.acts += 1;
        let key = format!("act{}", self.acts);
        Ok(Written { who: act.who.to_owned(), room, key, what })
    }

    fn said(&self, key: &str) -> Result<String, StageError> {
        let message = self.said.get(key).cloned();
        message.ok_or_else(|| StageError(format!("no message is called {key}")))
    }

    fn message(
        &self,
        place: &PlaceName,
        text: &str,
        answers: Option<&str>,
    ) -> Result<Value, StageError> {
        if place.kind == PlaceKind::Desk && answers.is_none() {
            return Ok(self.by_staff(text));
        }
        self.as_answer(self.words(text), answers)
    }

    /// The same as an answer to a message of the bot's, if it answers one: in its thread, if it stands
    /// in one.
    fn as_answer(&self, mut content: Value, answers: Option<&str>) -> Result<Value, StageError> {
        let Some(id) = answers else { return Ok(content) };
        let (message, root) = self.shown.message(id)?;
        let mut relates = json!({ "m.in_reply_to": { "event_id": message } });
        if let Some(root) = root {
            relates["rel_type"] = "m.thread".into();
            relates["event_id"] = root.into();
            relates["is_falling_back"] = false.into();
        }
        content["m.relates_to"] = relates;
        // Clients tell whoever is answered.
        content["m.mentions"] = json!({ "user_ids": [self.bot.user_id] });
        Ok(content)
    }

    /// What staff write, as they write it where each case has a thread.
    fn by_staff(&self, text: &str) -> Value {
        let in_thread = |case: CaseId, words: &str, answers: bool| {
            let mut content = self.words(words);
            if let Some(root) = self.shown.thread(case) {
                content["m.relates_to"] = json!({
                    "rel_type": "m.thread",
                    "event_id": root,
                    "is_falling_back": !answers,
                    "m.in_reply_to": { "event_id": root },
                });
                Some(content)
            } else {
                None
            }
        };
        let as_typed = || self.words(text);
        match Typing::of(text) {
            Typing::Answer(case, words) => in_thread(case, &words, true).unwrap_or_else(as_typed),
            Typing::InThread(case, words) => {
                in_thread(case, &words, false).unwrap_or_else(as_typed)
            }
            Typing::AsTyped => as_typed(),
            Typing::ToTheBot => self.words(&format!("{MENTION} {text}")),
        }
    }

    /// Words as a client sends them.
    fn words(&self, text: &str) -> Value {
        let body = self.addressed(text);
        let mut mentions = json!({});
        if text.contains(MENTION) {
            mentions["user_ids"] = json!([self.bot.user_id]);
        }
        json!({ "msgtype": "m.text", "body": body, "m.mentions": mentions })
    }

    /// Words with the bot's own name in the stead of the one that scripts have for it, and commands as
    /// they are typed here.
    fn addressed(&self, text: &str) -> String {
        if Command::parse(text).is_some() {
            let words = text.trim_start().trim_start_matches('/');
            return format!("{PREFIX} {words}");
        }
        text.replace(MENTION, &format!("@pollen.{}", self.number))
    }

    /// Does it.
    pub(crate) fn carry_out(&mut self, written: &Written) -> Result<(), StageError> {
        let Written { who, room, key, what } = written;
        if self.privacy == Privacy::Encrypted {
            self.sync(who)?;
        }
        let member = self.people.get(who).ok_or_else(|| StageError(format!("no {who}")))?;
        let event = match what {
            What::Sends { kind, content, said } => {
                let sent = member.send(room, kind, content.clone(), key);
                let event = self.runtime.block_on(sent)?;
                if let Some(said) = said {
                    self.said.insert(said.clone(), event.clone());
                }
                event
            }
            What::Attaches { name, text, said } => {
                let sent = member.attach(room, name, text, FILE_BYTES, key);
                let event = self.runtime.block_on(sent)?;
                self.said.insert(said.clone(), event.clone());
                event
            }
            What::Redacts { message } => {
                self.runtime.block_on(member.redact(room, message, key))?
            }
            What::Reacts { message, sign } => {
                let which = (who.clone(), message.clone(), sign.clone());
                // One who presses again takes the old reaction away first.
                if let Some(old) = self.reactions.get(&which) {
                    self.runtime.block_on(member.redact(room, old, &format!("{key}.off")))?;
                }
                let event = self.runtime.block_on(member.react(room, message, sign, key))?;
                self.reactions.insert(which, event.clone());
                event
            }
        };
        self.unheard.push(event);
        Ok(())
    }

    /// What has been shown since this was last asked.
    pub(crate) fn seen(&mut self) -> Result<Vec<BotLine>, Lost> {
        // Whoever has no direct chat yet may be invited to one.
        let readers: Vec<String> = self.people.keys().cloned().collect();
        for who in readers {
            self.sync(&who).map_err(Lost::Failed)?;
        }
        let mut seen = self.shown.seen().map_err(Lost::Failed)?;
        for line in &mut seen {
            let users = self.people.iter().map(|(who, one)| (who.as_str(), one.user().to_owned()));
            line.text = as_scripts_say(std::mem::take(&mut line.text), NETWORK, users);
        }
        Ok(seen)
    }

    /// Lets somebody's client see what is new; an invitation of the bot's is accepted.
    fn sync(&mut self, who: &str) -> Result<(), StageError> {
        let bot = self.bot.user_id.clone();
        let Some(member) = self.people.get_mut(who) else { return Ok(()) };
        let news = self.runtime.block_on(member.news(&bot))?;
        for room in news.entered {
            self.is_direct(who, &room);
        }
        for (room, event) in news.events {
            let reads = match self.direct.get(who) {
                Some(own) if *own == room => true,
                Some(_) | None => who == PORTER,
            };
            if reads {
                self.shown.take(&room, &event);
            }
        }
        Ok(())
    }

    /// What was wrong with what the program asked of the homeserver.
    pub(crate) fn complaints(&self) -> String {
        let all = self.proxy.refused();
        all.iter().map(|complaint| format!("\nMatrix refuses: {complaint}")).collect()
    }
}

/// Writes into a library's folder that its bot has this account at this homeserver, and that staff
/// work in this room.
///
/// # Errors
/// If it cannot be written.
pub fn connect(
    folder: &Path,
    homeserver: &str,
    user: &str,
    staff_room: Option<&str>,
) -> std::io::Result<()> {
    use std::io::Write as _;
    std::fs::write(folder.join("matrix-password"), PASSWORD)?;
    let mut file = std::fs::File::options().append(true).open(folder.join("pollen.toml"))?;
    writeln!(file, "[matrix]\nenabled = true\nhomeserver = \"{homeserver}\"\nuser = \"{user}\"")?;
    writeln!(file, "per_second = 1000\nburst = 1000")?;
    if let Some(room) = staff_room {
        writeln!(file, "staff_room = \"{room}\"")?;
    }
    Ok(())
}

fn failed(what: &str) -> Lost {
    Lost::Failed(StageError(what.to_owned()))
}
