//! The decision: ask, find and handle, against a bare query over the same entries.

use crate::ROUNDS;
use crate::bare::Bare;
use crate::table::{quantile, row, time};
use bot::{
    Bot, Effect, Event, MessageId, Moment, Network, PersonId, Place, Said, Settings, Speaker, Wish,
};
use knowledge::{Entry, Findings, Knowledge, Lang};
use std::hint::black_box;
use std::time::Duration;

/// How many patrons ask in turn: their conversations stay in memory, as a busy library's do.
const PATRONS: usize = 500;

/// A core that decides about one question after the other.
pub(crate) struct Decider<'a> {
    bot: Bot,
    knowledge: &'a Knowledge,
    number: usize,
}

impl Decider<'_> {
    pub(crate) fn new(knowledge: &Knowledge) -> Decider<'_> {
        let settings = Settings::new("Library", &[Lang::EN]);
        let bot = Bot::new(settings, knowledge.branches(), Vec::new());
        Decider { bot, knowledge, number: 0 }
    }

    /// Decides, looking up included; what comes of it, and how long it took.
    pub(crate) fn decide(&mut self, text: &str) -> (Vec<Effect>, Duration) {
        self.number += 1;
        let event = said(self.number, text);
        let mut effects = Vec::new();
        let took = time(|| effects = decide(&mut self.bot, self.knowledge, event));
        (effects, took)
    }
}

/// Measures.
pub(crate) fn measure(knowledge: &Knowledge, entries: &[Entry], questions: &[String]) {
    let bare = Bare::new(entries);
    let mut decider = Decider::new(knowledge);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for (at, text) in questions.iter().enumerate() {
            let mut run = |first: bool| {
                if first {
                    ours.push(decider.decide(text).1);
                } else {
                    theirs.push(time(|| bare.find(text)));
                }
            };
            run((round + at) % 2 == 0);
            run((round + at) % 2 != 0);
        }
    }
    for (name, share, goal) in [("p50", 0.5, "≤ 1.50"), ("p95", 0.95, "")] {
        let (ours, bare) = (quantile(&mut ours, share), quantile(&mut theirs, share));
        row(&format!("decision (ask, find, handle), µs, {name}"), ours, bare, ours / bare, goal);
    }
}

fn decide(bot: &mut Bot, knowledge: &Knowledge, event: Event) -> Vec<Effect> {
    black_box(bot.wanted(&event));
    let findings = bot.ask(&event).map_or_else(Findings::default, |query| knowledge.find(&query));
    // A moment of the past: nothing here depends on today.
    let moment = Moment { time: jiff::Timestamp::from_second(1_800_000_000).unwrap(), seed: 1 };
    black_box(bot.handle(moment, event, findings))
}

fn said(number: usize, text: &str) -> Event {
    let network = Network("null".to_owned());
    let user = (number % PATRONS).to_string();
    Event::Said(Said {
        place: Place::direct(&network, &user),
        speaker: Speaker { person: PersonId(format!("{user:0>16}")), user, locale: Some(Lang::EN) },
        message: MessageId(number.to_string()),
        replies_to: None,
        addressed: true,
        wish: Wish::from_text(text),
        attachments: Vec::new(),
    })
}
