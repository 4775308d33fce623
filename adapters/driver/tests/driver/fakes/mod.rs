//! A network, a core and findings that do what a test says.

pub(crate) mod failing;

use bot::{
    Body, Capabilities, Case, Counters, Effect, Event, Looked, LookedOutcome, MessageId, Moment,
    Network, Place, Reply, Row, Said, SendId, Sending, Speaker, Undelivered, Urgency, Wanted, Wish,
};
use contract::{
    Arrival, Cursor, Intake, Link, LinkError, Parcel, Pseudonyms, Sent, Store, Translate,
};
use driver::{Core, Driver, DriverParts, Finder, Handle, Key, MakeCore, SetClock};
use jiff::{SignedDuration, Timestamp};
use knowledge::{Branches, Findings, Lang, Part, Query, Words};
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// The network of all tests.
pub(crate) fn network() -> Network {
    Network("net".to_owned())
}

/// When all tests begin.
pub(crate) fn morning() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

/// One thing that reached the network: the place's id, the parcel's key, the words, and whether it
/// was said to be perhaps a repeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) place: String,
    pub(crate) key: String,
    pub(crate) words: String,
    pub(crate) maybe_said: bool,
}

type Heard = (Arrival, oneshot::Sender<bool>);

/// A network whose answers a test writes down beforehand. Without any, it says everything.
pub(crate) struct FakeLink {
    to_listen: mpsc::UnboundedSender<Heard>,
    listens: tokio::sync::Mutex<mpsc::UnboundedReceiver<Heard>>,
    pub(crate) outcomes: Mutex<VecDeque<Result<Sent, LinkError>>>,
    pub(crate) spoken: Mutex<Vec<Spoken>>,
    pub(crate) cursors: Mutex<Vec<Option<Cursor>>>,
    /// Places whose messages wait for a permit.
    pub(crate) gates: Mutex<BTreeMap<String, Arc<Semaphore>>>,
}

impl FakeLink {
    pub(crate) fn new() -> Arc<FakeLink> {
        let (to_listen, listens) = mpsc::unbounded_channel();
        Arc::new(FakeLink {
            to_listen,
            listens: tokio::sync::Mutex::new(listens),
            outcomes: Mutex::default(),
            spoken: Mutex::default(),
            cursors: Mutex::default(),
            gates: Mutex::default(),
        })
    }

    /// Somebody says something; returns whether it was kept. A line of `words` is an event.
    pub(crate) async fn hear(&self, key: &str, who: &str, words: &str) -> bool {
        self.begin_to_hear(key, who, words).await.unwrap_or(false)
    }

    /// The same, without waiting.
    pub(crate) fn begin_to_hear(
        &self,
        key: &str,
        who: &str,
        words: &str,
    ) -> oneshot::Receiver<bool> {
        let raw = words.lines().map(|line| format!("{who}|{line}\n")).collect::<String>();
        let (kept, wait) = oneshot::channel();
        let arrival = Arrival::new(key, raw.into_bytes());
        let _ = self.to_listen.send((arrival, kept));
        wait
    }

    /// The words that were said, in order.
    pub(crate) fn words(&self) -> Vec<String> {
        self.spoken.lock().unwrap().iter().map(|spoken| spoken.words.clone()).collect()
    }

    /// What is said to this person waits from now on for permits of the semaphore.
    pub(crate) fn gate(&self, who: &str) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.gates.lock().unwrap().insert(format!("dm-{who}"), gate.clone());
        gate
    }

    async fn say(&self, parcel: &Parcel, sent: Sent) -> Result<Sent, LinkError> {
        let place = parcel.sending.to.id.clone();
        let gate = self.gates.lock().unwrap().get(&place).cloned();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        let outcome = self.outcomes.lock().unwrap().pop_front().unwrap_or(Ok(sent));
        if matches!(outcome, Ok(_) | Err(LinkError::Uncertain(_))) {
            let words = words_of(parcel.reply());
            let (key, maybe_said) = (parcel.key.clone(), parcel.maybe_said);
            self.spoken.lock().unwrap().push(Spoken { place, key, words, maybe_said });
        }
        outcome
    }
}

#[async_trait::async_trait]
impl Link for FakeLink {
    fn network(&self) -> Network {
        network()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            edits: true,
            ephemeral: false,
            buttons: true,
            opens_direct: true,
            buttons_max: 8,
        }
    }

    fn translator(&self) -> Arc<dyn Translate> {
        Arc::new(FakeTranslator)
    }

    async fn listen(&self, intake: Intake, cursor: Option<Cursor>) -> Result<(), LinkError> {
        self.cursors.lock().unwrap().push(cursor);
        let mut listens = self.listens.lock().await;
        loop {
            let (arrival, kept) = tokio::select! {
                heard = listens.recv() => heard.unwrap(),
                () = intake.closed() => return Ok(()),
            };
            let cursor = arrival.key.clone();
            let accepted = intake.accept(vec![arrival], Some(cursor)).await;
            let _ = kept.send(accepted.is_ok());
        }
    }

    async fn send(&self, parcel: &Parcel) -> Result<Sent, LinkError> {
        self.say(parcel, Sent { messages: vec![MessageId(parcel.key.clone())] }).await
    }

    async fn change(&self, sent: &Sent, parcel: &Parcel) -> Result<(), LinkError> {
        self.say(parcel, sent.clone()).await.map(|_| ())
    }
}

struct FakeTranslator;

impl Translate for FakeTranslator {
    fn events(&self, raw: &[u8], pseudonyms: &dyn Pseudonyms) -> Vec<Event> {
        let text = std::str::from_utf8(raw).unwrap();
        let event = |(who, words): (&str, &str)| {
            Event::Said(Said {
                place: Place::direct(&network(), who),
                speaker: Speaker {
                    person: pseudonyms.person(&network(), who),
                    user: who.to_owned(),
                    locale: None,
                },
                message: MessageId("m".to_owned()),
                replies_to: None,
                addressed: true,
                wish: Wish::Words(words.to_owned()),
                attachments: Vec::new(),
            })
        };
        text.lines().filter_map(|line| line.split_once('|')).map(event).collect()
    }
}

/// A core that says back what it hears, numbered as it was handled. Some words do more:
/// `panic`; `wake N` (seconds; it then says `woken`); `change N words`; `for N words` (its use is
/// over after N seconds).
#[derive(Debug)]
pub(crate) struct Echo {
    counters: Counters,
    /// How often it was asked to panic once (`panic once`), over all cores of a test.
    panicked: Arc<AtomicBool>,
}

/// Makes [`Echo`]s.
#[derive(Clone, Debug, Default)]
pub(crate) struct Echoes {
    panicked: Arc<AtomicBool>,
}

impl MakeCore for Echoes {
    fn make(&self, _branches: Arc<Branches>, rows: Vec<Row>) -> Box<dyn Core> {
        let mut echo = Echo { counters: Counters::default(), panicked: self.panicked.clone() };
        for row in rows {
            if let Row::Counters(counters) = row {
                echo.counters = counters;
            }
        }
        Box::new(echo)
    }
}

impl Echo {
    fn say(&mut self, moment: Moment, to: &Place, words: &str, use_s: i64) -> Vec<Effect> {
        self.counters.send += 1;
        let send = SendId(self.counters.send);
        let later = |seconds| moment.time + SignedDuration::from_secs(seconds);
        let sending = Sending {
            send,
            to: to.clone(),
            reply: notice(&format!("{send} {words}")),
            about: None,
            case: None,
            only_for: None,
            urgency: Urgency::Answer,
            expires: later(use_s),
            changeable_until: Some(later(86_400)),
        };
        vec![Effect::Save(Row::Counters(self.counters.clone())), Effect::Send(sending)]
    }

    fn said(&mut self, moment: Moment, said: &Said, findings: &Findings) -> Vec<Effect> {
        let Wish::Words(words) = &said.wish else { return Vec::new() };
        let words = words.as_str();
        let day = 86_400;
        if words == "panic"
            || (words == "panic once" && !self.panicked.swap(true, Ordering::SeqCst))
        {
            panic!("it was asked to");
        }
        if let Some(seconds) = words.strip_prefix("wake ") {
            let wait = SignedDuration::from_secs(seconds.parse().unwrap());
            self.counters.swept = Some(moment.time + wait);
            return vec![Effect::Save(Row::Counters(self.counters.clone()))];
        }
        if let Some((send, words)) = words.strip_prefix("change ").and_then(|it| it.split_once(' '))
        {
            let send = SendId(send.parse().unwrap());
            return vec![Effect::Change { send, reply: notice(&format!("{send} {words}")) }];
        }
        if let Some((seconds, words)) = words.strip_prefix("for ").and_then(|it| it.split_once(' '))
        {
            return self.say(moment, &said.place, words, seconds.parse().unwrap());
        }
        let found = findings.total();
        let words = if found > 0 { format!("{words}: {found}") } else { words.to_owned() };
        self.say(moment, &said.place, &words, day)
    }
}

impl Core for Echo {
    fn learn(&mut self, _branches: Arc<Branches>) {}

    fn wanted(&self, _event: &Event) -> Vec<Wanted> {
        vec![Wanted::Row(bot::RowKey::Case(bot::CaseId(1)))]
    }

    fn bring(&mut self, _rows: Vec<Row>) {}

    fn ask(&self, event: &Event) -> Option<Query> {
        let Event::Said(said) = event else { return None };
        let Wish::Words(words) = &said.wish else { return None };
        words.starts_with("find").then(|| self.query(words))
    }

    fn handle(&mut self, moment: Moment, event: Event, findings: Findings) -> Vec<Effect> {
        match event {
            Event::Said(said) => self.said(moment, &said, &findings),
            Event::Woke => {
                self.counters.swept = None;
                self.say(moment, &Place::direct(&network(), "waker"), "woken", 86_400)
            }
            Event::Undelivered { send, to, why } => {
                assert_ne!(to.id, "dm-desk", "{send}");
                let words = format!("{send} {}", why_words(why));
                self.say(moment, &Place::direct(&network(), "desk"), &words, 86_400)
            }
            Event::Edited { .. }
            | Event::Deleted { .. }
            | Event::Pressed { .. }
            | Event::Flooded { .. }
            | Event::Unreadable { .. }
            | Event::LinkDown { .. }
            | Event::Desk { .. } => Vec::new(),
        }
    }

    fn rest(&mut self) {}

    fn wake_at(&self) -> Option<Timestamp> {
        self.counters.swept
    }

    fn query(&self, text: &str) -> Query {
        Query::Words(Words { text: text.to_owned(), ..Words::default() })
    }

    fn query_topics(&self) -> Query {
        Query::Topics(Words::default())
    }

    fn topics(&self, _findings: &Findings) -> Vec<String> {
        Vec::new()
    }

    fn sheet(&self, _moment: Moment, case: &Case, _others: &[Case]) -> Reply {
        notice(&case.question)
    }

    fn preview(&self, _moment: Moment, _case: &Case, _staff: &str, text: &str) -> Reply {
        notice(text)
    }

    fn look(&self, _moment: Moment, text: &str, findings: &Findings) -> Looked {
        Looked {
            outcome: LookedOutcome::Talk,
            confidence: findings.total() as f32,
            lang: Lang::EN,
            reply: notice(text),
            parts: Vec::new(),
            passages: Vec::new(),
            shown: Vec::new(),
        }
    }
}

/// Finds as many things as the words are long; panics on `find panic`.
pub(crate) struct FakeFinder;

impl Finder for FakeFinder {
    fn find(&self, query: &Query) -> Findings {
        let Query::Words(words) = query else { return Findings::default() };
        assert_ne!(words.text, "find panic");
        let part = Part { total: words.text.len(), ..Part::default() };
        Findings { parts: vec![part], ..Findings::default() }
    }

    fn branches(&self) -> Arc<Branches> {
        Arc::new(Branches::default())
    }
}

pub(crate) fn words_of(reply: &Reply) -> String {
    let Body::Notice { text } = &reply.body else { panic!("it says only notices") };
    text.clone()
}

fn notice(words: &str) -> Reply {
    Reply {
        lang: Lang::EN,
        preface: None,
        banner: None,
        body: Body::Notice { text: words.to_owned() },
        buttons: Vec::new(),
    }
}

fn why_words(why: Undelivered) -> &'static str {
    match why {
        Undelivered::Refused => "refused",
        Undelivered::Expired => "expired",
        Undelivered::Uncertain => "uncertain",
    }
}

/// Starts a driver over this store.
pub(crate) async fn start(store: Arc<dyn Store>, link: &Arc<FakeLink>, clock: &SetClock) -> Handle {
    let parts = DriverParts {
        store,
        core: Arc::new(Echoes::default()),
        finder: Arc::new(FakeFinder),
        links: vec![link.clone()],
        clock: Arc::new(clock.clone()),
        key: Key::new([7; 32]),
    };
    Driver::start(parts).await.unwrap()
}
