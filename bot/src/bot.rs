//! The core: one plain value that decides.

use crate::act::Act;
use crate::case::Case;
use crate::command::Command;
use crate::compose::Composer;
use crate::conversation::Conversation;
use crate::decide::{Deciding, Reading, case_wakes, offer, read, sweep_at};
use crate::effect::Effect;
use crate::event::{DeskAct, Event, Said, Wish};
use crate::link_code::LinkCode;
use crate::look::Looked;
use crate::memory::Memory;
use crate::moment::Moment;
use crate::place::{Place, Speaker};
use crate::reply::Reply;
use crate::rows::{Row, RowKey, Wanted};
use crate::settings::Settings;
use crate::understand::{self, Saying};
use crate::verdict::LIST_SHOWN;
use crate::voice::Voice;
use jiff::Timestamp;
use knowledge::{Branches, Filter, Findings, Lang, Query, Words};
use std::sync::Arc;

/// The core of one library. For each event, in this order: [`Bot::wanted`] and [`Bot::bring`],
/// [`Bot::ask`], the look-up, [`Bot::handle`]; between events, [`Bot::rest`] now and then.
pub struct Bot {
    settings: Settings,
    voice: Voice,
    branches: Arc<Branches>,
    memory: Memory,
}

impl Bot {
    /// A core with the rows that are live.
    pub fn new(settings: Settings, branches: Arc<Branches>, rows: Vec<Row>) -> Bot {
        let voice = Voice::new(&settings.langs);
        let mut bot = Bot { settings, voice, branches, memory: Memory::default() };
        bot.bring(rows);
        bot
    }

    /// The branches have changed.
    pub fn learn(&mut self, branches: Arc<Branches>) {
        self.branches = branches;
    }

    /// The rows that this event needs and that are not in memory. Rows can name others that are
    /// needed too: once they are brought it is to be asked again, until nothing new is wanted. A
    /// row that there is not is wanted each time.
    pub fn wanted(&self, event: &Event) -> Vec<Wanted> {
        match event {
            Event::Said(Said { addressed: false, .. }) | Event::LinkDown { .. } | Event::Woke => {
                Vec::new()
            }
            Event::Said(said) => match &said.wish {
                Wish::Words(_) | Wish::Location(_) => self.memory.wants(&said.speaker.person),
                Wish::Command(command) => self.wanted_by(&command.meant(), &said.speaker),
            },
            Event::Pressed {
                speaker,
                act: Act::Forget | Act::Link | Act::Unlink | Act::OpenDirect(_),
                ..
            } => self.memory.wants_linked(&speaker.person),
            Event::Edited { speaker, .. }
            | Event::Pressed { speaker, .. }
            | Event::Flooded { speaker, .. }
            | Event::Unreadable { speaker, .. } => self.memory.wants(&speaker.person),
            Event::Deleted { person: Some(person), .. } => self.memory.wants(person),
            Event::Deleted { person: None, place, .. } => vec![Wanted::InPlace(place.clone())],
            Event::Desk { act, .. } => {
                let cases = desk_cases(act).into_iter();
                let missing = cases.filter(|case| self.memory.case(*case).is_none());
                missing.map(|case| Wanted::Row(RowKey::Case(case))).collect()
            }
            // The cases whose answers are on their way are live.
            Event::Undelivered { send, .. } => {
                let case = self.memory.cases().find(|case| case.is_answered_by(*send));
                case.map_or_else(Vec::new, |case| self.memory.wants_linked(&case.asker.person))
            }
        }
    }

    fn wanted_by(&self, command: &Command, speaker: &Speaker) -> Vec<Wanted> {
        match command {
            Command::MyData | Command::Forget | Command::Settings(_) | Command::Unlink => {
                self.memory.wants_linked(&speaker.person)
            }
            Command::Link(words) => {
                let mut wanted = self.memory.wants_linked(&speaker.person);
                let code = LinkCode::parse(&understand::clean(words));
                wanted.extend(code.iter().flat_map(|code| self.memory.wants_code(code)));
                wanted
            }
            Command::Help
            | Command::Start(_)
            | Command::Ask(_)
            | Command::Hours(_)
            | Command::Find(_)
            | Command::Person(_)
            | Command::Privacy => self.memory.wants(&speaker.person),
        }
    }

    /// Takes rows in that were wanted; a row that is in memory already is newer and stays.
    pub fn bring(&mut self, rows: Vec<Row>) {
        for row in rows {
            self.memory.bring(row);
        }
    }

    /// Drops from memory what can be brought back. To be called between events, never between
    /// [`Bot::wanted`] and [`Bot::handle`].
    pub fn rest(&mut self) {
        self.memory.shed();
    }

    /// What must be looked up before the event is handled.
    pub fn ask(&self, event: &Event) -> Option<Query> {
        match event {
            Event::Said(Said { addressed: false, .. }) => None,
            Event::Said(said) => match &said.wish {
                Wish::Words(text) => self.ask_words(&said.place, &said.speaker, text),
                Wish::Command(command) => {
                    self.ask_command(&said.place, &said.speaker, &command.meant())
                }
                // The branches are known here, and how far they are is reckoned.
                Wish::Location(_) => None,
            },
            Event::Edited { place, speaker, text, .. } => self.ask_words(place, speaker, text),
            Event::Pressed { place, speaker, act, .. } => {
                self.ask_press(self.memory.talk(&speaker.person, place)?, speaker, *act)
            }
            Event::Desk { act, .. } => self.ask_act(act),
            Event::Deleted { .. }
            | Event::Flooded { .. }
            | Event::Unreadable { .. }
            | Event::Undelivered { .. }
            | Event::LinkDown { .. }
            | Event::Woke => None,
        }
    }

    fn ask_command(&self, place: &Place, speaker: &Speaker, command: &Command) -> Option<Query> {
        match command {
            Command::Ask(text) => self.ask_words(place, speaker, text),
            Command::Find(words) => self.ask_records(&understand::clean(words), 0, speaker),
            Command::Hours(words) => {
                // A bare branch name is no question yet.
                let text = format!("hours {}", understand::clean(words));
                Some(self.words(text, speaker))
            }
            Command::Start(link) => Some(Query::Known(vec![link.as_ref()?.offer()?.asked()?])),
            Command::Person(question) => self.ask_topics(&understand::clean(question), speaker),
            Command::Help
            | Command::Privacy
            | Command::MyData
            | Command::Forget
            | Command::Settings(_)
            | Command::Link(_)
            | Command::Unlink => None,
        }
    }

    fn ask_words(&self, place: &Place, speaker: &Speaker, text: &str) -> Option<Query> {
        let text = understand::clean(text);
        let talk = self.memory.talk(&speaker.person, place);
        match read(&self.voice, talk, &text) {
            Reading::Question => Some(self.words(text, speaker)),
            Reading::Press(act) => self.ask_press(talk?, speaker, act),
            Reading::ForStaff => self.ask_topics(&text, speaker),
            Reading::Saying(Saying::Person, _) => {
                self.ask_topics(&talk?.turns.last()?.said, speaker)
            }
            Reading::Empty
            | Reading::Wordless
            | Reading::TooLong
            | Reading::NoSuchNumber(_)
            | Reading::Saying(..) => None,
        }
    }

    fn words(&self, text: String, speaker: &Speaker) -> Query {
        Query::Words(Words { text, lang: self.lang(speaker), ..Words::default() })
    }

    /// What a question is about that goes to staff without being looked up.
    fn ask_topics(&self, text: &str, speaker: &Speaker) -> Option<Query> {
        let words = Words { text: text.to_owned(), lang: self.lang(speaker), ..Words::default() };
        understand::has_words(text).then_some(Query::Topics(words))
    }

    /// What a desk act needs: which topics there are, and the words of a case that is to be counted.
    fn ask_act(&self, act: &DeskAct) -> Option<Query> {
        let about = |case: &Case| {
            let (text, lang) = (case.question.clone(), Some(case.lang));
            Query::Topics(Words { text, lang, ..Words::default() })
        };
        match act {
            DeskAct::QueueOf(_) => Some(self.query_topics()),
            DeskAct::Topic { case, .. } => self.memory.case(*case).map(about),
            DeskAct::Reply { case, .. } => {
                let guessed = |case: &&Case| case.topic.as_ref().is_some_and(|t| !t.settled);
                self.memory.case(*case).filter(guessed).map(about)
            }
            DeskAct::Queue
            | DeskAct::Show(_)
            | DeskAct::Claim(_)
            | DeskAct::Release(_)
            | DeskAct::Assign { .. }
            | DeskAct::Note { .. }
            | DeskAct::Close(_)
            | DeskAct::Help
            | DeskAct::File(_)
            | DeskAct::Unclear(_)
            | DeskAct::NotStaff { .. } => None,
        }
    }

    fn ask_records(&self, words: &str, skip: usize, speaker: &Speaker) -> Option<Query> {
        understand::has_words(words).then(|| Query::Records {
            words: words.to_owned(),
            skip,
            limit: LIST_SHOWN,
            filter: Filter::default(),
            lang: self.lang(speaker),
        })
    }

    /// The language in which something is looked up whose own words show none.
    fn lang(&self, speaker: &Speaker) -> Option<Lang> {
        let known = self.memory.person(&speaker.person);
        known.and_then(|person| person.chosen.or(person.lang)).or(speaker.locale)
    }

    fn ask_press(&self, talk: &Conversation, speaker: &Speaker, act: Act) -> Option<Query> {
        match act {
            Act::Choose { turn, number } => {
                let offer = offer(talk.turn(turn).map(|turn| &turn.outcome), number)?;
                Some(Query::Known(vec![offer.asked()?]))
            }
            Act::More(turn) => {
                let search = talk.turn(turn)?.outcome.search()?;
                self.ask_records(&search.words, search.page_after(), speaker)
            }
            Act::Back(turn) => {
                let search = talk.turn(turn)?.outcome.search()?;
                self.ask_records(&search.words, search.page_before(), speaker)
            }
            Act::AskPerson(turn) => self.ask_topics(&talk.turn(turn)?.said, speaker),
            Act::Helpful(_)
            | Act::NotHelpful(_)
            | Act::Withdraw(_)
            | Act::Forget
            | Act::Keep
            | Act::Speak(_)
            | Act::Link
            | Act::Unlink
            | Act::OpenDirect(_)
            | Act::Claim(_)
            | Act::Release(_)
            | Act::Show(_)
            | Act::Close(_) => None,
        }
    }

    /// Decides. `findings` are those of [`Bot::ask`]'s query, or empty.
    pub fn handle(&mut self, moment: Moment, event: Event, findings: Findings) -> Vec<Effect> {
        if self.memory.counters.swept.is_none() {
            // The first event of a library's life starts the clock of sweeping.
            self.memory.counters.swept = Some(moment.time);
            self.memory.keep_counters();
        }
        let say = Composer {
            settings: &self.settings,
            voice: &self.voice,
            branches: &self.branches,
            now: moment.time,
        };
        let seed = moment.seed;
        let (memory, effects) = (&mut self.memory, Vec::new());
        let mut deciding = Deciding { say, seed, memory, findings: &findings, effects };
        deciding.event(event, &findings);
        let mut effects = deciding.effects;
        effects.extend(self.memory.save());
        effects
    }

    /// When the core wants [`Event::Woke`]; `None` if it waits for nothing.
    pub fn wake_at(&self) -> Option<Timestamp> {
        let cases = self.memory.cases().filter_map(case_wakes);
        cases.chain(self.memory.counters.swept.map(sweep_at)).min()
    }

    /// A case as the desk is shown it now. `others` are those that may ask the same.
    pub fn sheet(&self, moment: Moment, case: &Case, others: &[Case]) -> Reply {
        self.composer(moment).sheet(case, others.iter())
    }

    /// What the patron of a case would read if staff answered it with `text`.
    pub fn preview(&self, moment: Moment, case: &Case, staff: &str, text: &str) -> Reply {
        self.composer(moment).case_answer(case, staff, &understand::clean(text))
    }

    /// What to look up for [`Bot::look`].
    pub fn query(&self, text: &str) -> Query {
        Query::Words(Words { text: understand::clean(text), ..Words::default() })
    }

    /// What a patron who asked `text` now would be told, without anything changing. `findings` are
    /// those of [`Bot::query`].
    pub fn look(&self, moment: Moment, text: &str, findings: &Findings) -> Looked {
        let text = understand::clean(text);
        self.composer(moment).look(&text, read(&self.voice, None, &text), findings)
    }

    /// What a case would be about that `question` became, if that can be told. `findings` are those of
    /// [`Bot::query`].
    pub fn topic(&self, question: &str, findings: &Findings) -> Option<String> {
        let question = understand::clean(question);
        self.memory.topics().of(&question, findings, &self.settings)
    }

    /// What to look up for [`Bot::topics`].
    pub fn query_topics(&self) -> Query {
        Query::Topics(Words::default())
    }

    /// The topics that a case can be about, by name. `findings` are those of [`Bot::query_topics`].
    pub fn topics(&self, findings: &Findings) -> Vec<String> {
        self.settings.topics(findings)
    }

    fn composer(&self, moment: Moment) -> Composer<'_> {
        Composer {
            settings: &self.settings,
            voice: &self.voice,
            branches: &self.branches,
            now: moment.time,
        }
    }
}

/// The cases that a desk act is about.
fn desk_cases(act: &DeskAct) -> Vec<crate::case::CaseId> {
    match act {
        DeskAct::Queue
        | DeskAct::QueueOf(_)
        | DeskAct::Help
        | DeskAct::Unclear(_)
        | DeskAct::NotStaff { .. } => Vec::new(),
        DeskAct::Show(case)
        | DeskAct::File(case)
        | DeskAct::Claim(case)
        | DeskAct::Release(case)
        | DeskAct::Close(case) => {
            vec![*case]
        }
        DeskAct::Assign { case, .. } | DeskAct::Note { case, .. } | DeskAct::Topic { case, .. } => {
            vec![*case]
        }
        DeskAct::Reply { case, also, .. } => [&[*case], also.as_slice()].concat(),
    }
}
