//! The bare core as a stage: the bot, the real knowledge and the contract's plain text, all in
//! memory. Time is a value; what the driver and the store do, this does in a page.

use crate::checks;
use crate::place::PlaceName;
use crate::program::KEY;
use crate::stage::{Act, BotLine, Does, Opening, Pressable, Stage, StageError};
use bot::{
    Act as ButtonAct, Attachment, Bot, Capabilities, DeskAct, Effect, Event, MessageId, Network,
    Place, PlaceKind, Reply, Row, RowKey, Said, SendId, Sending, Settings, Speaker, Undelivered,
    Wanted, Wish,
};
use contract::{Pseudonyms as _, plain};
use driver::Key;
use jiff::Timestamp;
use knowledge::{Findings, Knowledge, Lang};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The network that stands for a chat in a terminal.
pub const TERMINAL: &str = terminal::NETWORK;
/// A network that can do nothing but send words: no buttons, no edits, no direct chats.
pub const PLAIN: &str = "plain";

/// A network with buttons on which the bot can write to nobody who has not written to it first.
pub const GUARDED: &str = "guarded";

/// Where the files lie that people send: what staff are shown begins with it.
pub const FILES: &str = "files";

/// How often the core may ask to be woken at one and the same moment before it is taken to spin.
const WOKEN_AT_ONCE: usize = 100;

/// The bare core as a stage.
pub struct CoreStage {
    knowledge: Arc<Knowledge>,
    settings: Settings,
    bot: Bot,
    /// Whether the core is dropped and made again from its rows after everything that happens:
    /// what it remembers anywhere else is then lost.
    forgetful: bool,
    now: Timestamp,
    speaks: BTreeMap<String, Lang>,
    rows: BTreeMap<RowKey, Row>,
    waiting: Vec<Sending>,
    said: BTreeMap<SendId, Sending>,
    seen: Vec<BotLine>,
    happened: VecDeque<Event>,
    cut: BTreeSet<String>,
    refused: BTreeSet<Place>,
    /// The direct chats that somebody has spoken in.
    begun: BTreeSet<Place>,
    events: u64,
    key: Key,
}

impl CoreStage {
    /// A stage with a core that knows nobody yet.
    pub fn new(knowledge: Arc<Knowledge>, opening: &Opening, forgetful: bool) -> CoreStage {
        let settings = settings();
        let bot = Bot::new(settings.clone(), knowledge.branches(), Vec::new());
        CoreStage {
            knowledge,
            settings,
            bot,
            forgetful,
            now: opening.now,
            speaks: opening.speaks.clone(),
            rows: BTreeMap::new(),
            waiting: Vec::new(),
            said: BTreeMap::new(),
            seen: Vec::new(),
            happened: VecDeque::new(),
            cut: BTreeSet::new(),
            refused: BTreeSet::new(),
            begun: BTreeSet::new(),
            events: 0,
            key: Key::new(KEY),
        }
    }
}

/// What the scripts' library has settled.
fn settings() -> Settings {
    let mut settings = Settings::new("Linden Library", &[Lang::EN, Lang::FR]);
    settings.desks = vec![the_desk()];
    settings.topics = [("rooms".to_owned(), vec!["mira".to_owned()])].into();
    let plain = Capabilities {
        edits: false,
        ephemeral: false,
        buttons: false,
        opens_direct: false,
        buttons_max: 0,
    };
    let guarded = Capabilities { buttons: true, buttons_max: 20, ..plain.clone() };
    settings.networks = BTreeMap::from([
        (Network(TERMINAL.to_owned()), terminal::Terminal::CAPABILITIES),
        (Network(PLAIN.to_owned()), plain),
        (Network(GUARDED.to_owned()), guarded),
    ]);
    settings
}

fn the_desk() -> Place {
    Place { network: Network(TERMINAL.to_owned()), id: "desk".to_owned(), kind: PlaceKind::Desk }
}

impl Stage for CoreStage {
    fn perform(&mut self, act: Act<'_>) -> Result<(), StageError> {
        let event = self.event(act)?;
        let place = act.place.on(&the_desk());
        if place.kind == PlaceKind::Direct {
            self.begun.insert(place);
        }
        self.happened.push_back(event);
        self.settle()
    }

    fn seen(&mut self) -> Result<Vec<BotLine>, StageError> {
        Ok(std::mem::take(&mut self.seen))
    }

    fn wait(&mut self, until: Timestamp) -> Result<(), StageError> {
        while let Some(next) = self.next_due().filter(|next| *next <= until) {
            if next <= self.now {
                return Err(StageError("something is due and does not happen".to_owned()));
            }
            self.now = next;
            self.settle()?;
        }
        self.now = until;
        self.settle()
    }

    fn restart(&mut self) -> Result<(), StageError> {
        self.reload();
        self.settle()
    }

    fn cut(&mut self, network: &str) -> Result<(), StageError> {
        self.knows(network)?;
        self.cut.insert(network.to_owned());
        Ok(())
    }

    fn restore(&mut self, network: &str) -> Result<(), StageError> {
        self.knows(network)?;
        self.cut.remove(network);
        self.settle()
    }

    fn refuse(&mut self, place: &PlaceName) -> Result<(), StageError> {
        self.refused.insert(place.on(&the_desk()));
        Ok(())
    }
}

impl CoreStage {
    /// Handles what has happened, says what is to be said, and wakes the core while it is due.
    fn settle(&mut self) -> Result<(), StageError> {
        for _ in 0..WOKEN_AT_ONCE {
            while let Some(event) = self.happened.pop_front() {
                self.handle(event)?;
                self.deliver();
            }
            self.deliver();
            if self.happened.is_empty() {
                match self.bot.wake_at() {
                    Some(due) if due <= self.now => self.happened.push_back(Event::Woke),
                    Some(_) | None => return Ok(()),
                }
            }
        }
        Err(StageError("the core does not come to rest".to_owned()))
    }

    fn handle(&mut self, event: Event) -> Result<(), StageError> {
        self.bring(&event);
        let findings = match self.bot.ask(&event) {
            Some(query) => self.knowledge.find(&query),
            None => Findings::default(),
        };
        self.events += 1;
        let moment = bot::Moment { time: self.now, seed: self.events };
        for effect in self.bot.handle(moment, event, findings) {
            self.carry_out(effect)?;
        }
        if self.forgetful {
            self.reload();
        }
        Ok(())
    }

    /// Brings what the core wants, until it wants nothing that it was not brought already.
    fn bring(&mut self, event: &Event) {
        let mut asked: BTreeSet<Wanted> = BTreeSet::new();
        loop {
            let mut wanted = self.bot.wanted(event);
            wanted.retain(|wanted| asked.insert(wanted.clone()));
            if wanted.is_empty() {
                return;
            }
            let rows = self.rows.values().filter(|row| wanted.iter().any(|w| is_wanted(w, row)));
            self.bot.bring(rows.cloned().collect());
        }
    }

    fn carry_out(&mut self, effect: Effect) -> Result<(), StageError> {
        match effect {
            Effect::Send(sending) => {
                let known = self.said.contains_key(&sending.send)
                    || self.waiting.iter().any(|other| other.send == sending.send);
                if known {
                    return Err(StageError(format!("send {} is used twice", sending.send)));
                }
                self.waiting.push(sending);
            }
            Effect::Change { send, reply } => self.change(send, reply),
            Effect::Unsend(send) => self.waiting.retain(|waiting| waiting.send != send),
            Effect::Save(row) => {
                self.rows.insert(row.key(), row);
            }
            Effect::Forget(key) => {
                self.rows.remove(&key);
            }
            Effect::ForgetPerson(theirs) => {
                self.rows.retain(|_, row| row.person() != Some(&theirs.person));
                let is_theirs = |sending: &Sending| {
                    let alone = theirs.users.iter().any(|address| {
                        address.network == sending.to.network
                            && sending.only_for.as_deref() == Some(address.user.as_str())
                    });
                    let case = sending.case.is_some_and(|case| theirs.cases.contains(&case));
                    theirs.places.contains(&sending.to) || alone || case
                };
                self.waiting.retain(|sending| !is_theirs(sending));
                self.said.retain(|_, sending| !is_theirs(sending));
            }
            Effect::ForgetBefore(time) => {
                self.rows.retain(|_, row| row.keep_until().is_none_or(|until| until >= time));
            }
        }
        Ok(())
    }

    fn change(&mut self, send: SendId, reply: Reply) {
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.send == send) {
            waiting.reply = reply;
            return;
        }
        let Some(sent) = self.said.get_mut(&send) else { return };
        let can = self.settings.networks.get(&sent.to.network).is_some_and(|can| can.edits);
        if can && sent.changeable_until.is_some_and(|until| until >= self.now) {
            sent.reply = reply;
            self.seen.push(shown(sent, true));
        }
    }

    /// Says what waits, the most urgent first; what cannot be said comes back as an event.
    fn deliver(&mut self) {
        self.waiting.sort_by_key(|sending| (sending.urgency, sending.send));
        for sending in std::mem::take(&mut self.waiting) {
            let refused = self.refused.contains(&sending.to) || self.is_closed(&sending.to);
            let mut fails = |why| {
                self.happened.push_back(Event::Undelivered {
                    send: sending.send,
                    to: sending.to.clone(),
                    why,
                });
            };
            if sending.expires <= self.now {
                fails(Undelivered::Expired);
            } else if self.cut.contains(&sending.to.network.0) {
                self.waiting.push(sending);
            } else if refused {
                fails(Undelivered::Refused);
            } else {
                self.seen.push(shown(&sending, false));
                self.said.insert(sending.send, sending);
            }
        }
    }

    /// Whether a place is a direct chat that the bot would have to open and cannot.
    fn is_closed(&self, place: &Place) -> bool {
        place.kind == PlaceKind::Direct
            && !self.begun.contains(place)
            && self.settings.networks.get(&place.network).is_some_and(|can| !can.opens_direct)
    }

    fn next_due(&self) -> Option<Timestamp> {
        let expiries = self.waiting.iter().map(|sending| sending.expires);
        expiries.chain(self.bot.wake_at()).min()
    }

    /// A new core from the rows that are live; everything else must be wanted.
    fn reload(&mut self) {
        let live = self.rows.values().filter(|row| row.live()).cloned().collect();
        self.bot = Bot::new(self.settings.clone(), self.knowledge.branches(), live);
    }

    fn knows(&self, network: &str) -> Result<(), StageError> {
        if self.settings.networks.contains_key(&Network(network.to_owned())) {
            return Ok(());
        }
        Err(StageError(format!("there is no network `{network}` here")))
    }
}

impl CoreStage {
    /// What a person does, as the event that an adapter makes of it.
    fn event(&self, act: Act<'_>) -> Result<Event, StageError> {
        let place = act.place.on(&the_desk());
        let speaker = self.speaker(&place, act.who);
        let at_desk =
            |did: DeskAct| Event::Desk { desk: the_desk(), staff: act.who.to_owned(), act: did };
        Ok(match act.does {
            Does::Says { text, .. } if place.kind == PlaceKind::Desk => {
                at_desk(DeskAct::parse(text))
            }
            Does::Shares { .. } | Does::Attaches { .. } if place.kind == PlaceKind::Desk => {
                return Err(StageError("at the desk there are words alone".to_owned()));
            }
            Does::Says { text, key, answers } => Event::Said(Said {
                addressed: checks::is_addressed(act.place, text, answers.is_some()),
                place,
                speaker,
                message: MessageId(key.to_owned()),
                replies_to: answers.map(|id| MessageId(id.to_owned())),
                wish: Wish::from_text(&without_mention(text)),
                attachments: Vec::new(),
            }),
            Does::Shares { location, key, answers } => Event::Said(Said {
                addressed: checks::is_addressed(act.place, "", answers.is_some()),
                place,
                speaker,
                message: MessageId(key.to_owned()),
                replies_to: answers.map(|id| MessageId(id.to_owned())),
                wish: Wish::Location(location),
                attachments: Vec::new(),
            }),
            Does::Attaches { name, text, key } => Event::Said(Said {
                addressed: checks::is_addressed(act.place, text, false),
                place,
                speaker,
                message: MessageId(key.to_owned()),
                replies_to: None,
                wish: Wish::from_text(&without_mention(text)),
                attachments: vec![Attachment {
                    name: name.to_owned(),
                    reference: format!("{FILES}/{name}"),
                }],
            }),
            Does::Edits { key, text } => Event::Edited {
                place,
                speaker,
                message: MessageId(key.to_owned()),
                text: without_mention(text),
            },
            Does::Deletes { key } => Event::Deleted {
                place,
                person: Some(speaker.person),
                message: MessageId(key.to_owned()),
            },
            Does::Presses { code, .. } => {
                let act = ButtonAct::parse(code)
                    .ok_or_else(|| StageError(format!("`{code}` is no button's code")))?;
                match DeskAct::of(act).filter(|_| place.kind == PlaceKind::Desk) {
                    Some(did) => at_desk(did),
                    None => Event::Pressed { place, speaker, act, press: None },
                }
            }
        })
    }

    fn speaker(&self, place: &Place, who: &str) -> Speaker {
        Speaker {
            person: self.key.person(&place.network, who),
            user: who.to_owned(),
            locale: self.speaks.get(who).copied(),
        }
    }
}

fn without_mention(text: &str) -> String {
    match text.strip_prefix(checks::MENTION) {
        Some(rest) => rest.trim_start_matches([',', ':', ' ']).to_owned(),
        None => text.to_owned(),
    }
}

fn is_wanted(wanted: &Wanted, row: &Row) -> bool {
    match wanted {
        Wanted::Row(key) => row.key() == *key,
        Wanted::OfPerson(person) => row.person() == Some(person),
        Wanted::InPlace(place) => row.place() == Some(place),
    }
}

fn shown(sending: &Sending, changes: bool) -> BotLine {
    let buttons = sending.reply.buttons.iter();
    BotLine {
        place: PlaceName::of(&sending.to),
        id: format!("b{}", sending.send),
        changes,
        only_for: sending.only_for.clone(),
        text: plain::text(&sending.reply),
        buttons: buttons
            .map(|button| Pressable { label: button.label.clone(), code: button.act.code() })
            .collect(),
        reply: Some(sending.reply.clone()),
    }
}
