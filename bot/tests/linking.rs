//! What a script cannot tell of linked accounts: codes are one at a time, and rows are wanted until
//! all are there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use bot::{
    Body, Bot, Effect, Event, LinkCode, MessageId, Moment, Network, PersonId, Place, Row, RowKey,
    Said, Settings, Speaker, Wanted, Wish,
};
use jiff::Timestamp;
use knowledge::{Branches, Findings, Lang};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A core that is made anew from its rows for each thing that is said.
#[derive(Default)]
struct Library {
    rows: BTreeMap<RowKey, Row>,
    events: u64,
    second: i64,
}

impl Library {
    /// Somebody writes in their direct chat; what they are told, and which rows were wanted, one
    /// list a round.
    fn says(&mut self, who: &str, text: &str) -> (String, Vec<Vec<Wanted>>) {
        let live = self.rows.values().filter(|row| row.live()).cloned().collect();
        let settings = Settings::new("Linden Library", &[Lang::EN, Lang::FR]);
        let mut bot = Bot::new(settings, Arc::new(Branches::default()), live);
        let place = Place::direct(&Network("net".to_owned()), who);
        let person = PersonId(who.to_owned());
        let event = Event::Said(Said {
            place: place.clone(),
            speaker: Speaker { person, user: who.to_owned(), locale: None },
            message: MessageId("m".to_owned()),
            replies_to: None,
            addressed: true,
            wish: Wish::from_text(text),
            attachments: Vec::new(),
        });
        let rounds = self.bring(&mut bot, &event);
        self.events += 1;
        let time = Timestamp::from_second(1_780_000_000 + self.second).unwrap();
        let moment = Moment { time, seed: self.events };
        let mut told = String::new();
        for effect in bot.handle(moment, event, Findings::default()) {
            match effect {
                Effect::Save(row) => drop(self.rows.insert(row.key(), row)),
                Effect::Forget(key) => drop(self.rows.remove(&key)),
                Effect::Send(sending) if sending.to == place => {
                    let Body::Notice { text } = sending.reply.body else { panic!("no notice") };
                    told = text;
                }
                Effect::Send(_)
                | Effect::Change { .. }
                | Effect::Unsend(_)
                | Effect::ForgetPerson(_)
                | Effect::ForgetBefore(_) => {}
            }
        }
        (told, rounds)
    }

    /// Brings what is wanted, each row once, until nothing new is.
    fn bring(&self, bot: &mut Bot, event: &Event) -> Vec<Vec<Wanted>> {
        let mut rounds: Vec<Vec<Wanted>> = Vec::new();
        loop {
            let is_new = |one: &Wanted| !rounds.iter().flatten().any(|asked| asked == one);
            let wanted: Vec<Wanted> = bot.wanted(event).into_iter().filter(is_new).collect();
            if wanted.is_empty() {
                return rounds;
            }
            let rows = self.rows.values().filter(|row| wanted.iter().any(|one| is(row, one)));
            bot.bring(rows.cloned().collect());
            rounds.push(wanted);
        }
    }

    /// The code that somebody is given.
    fn code(&mut self, who: &str) -> LinkCode {
        let (told, _) = self.says(who, "/link");
        let code = told.split("/link ").nth(1).and_then(|rest| rest.split_whitespace().next());
        LinkCode::parse(code.unwrap()).unwrap()
    }

    /// How somebody is answered who writes this code, as far as it tells.
    fn links(&mut self, who: &str, code: &LinkCode) -> bool {
        let (told, _) = self.says(who, &format!("/link {code}"));
        let linked = told.starts_with("Linked with this account now");
        assert!(linked || told.starts_with("I do not know that code"), "{told}");
        linked
    }

    fn codes(&self) -> usize {
        self.rows.keys().filter(|key| matches!(key, RowKey::Code(_))).count()
    }
}

fn is(row: &Row, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Row(key) => row.key() == *key,
        Wanted::OfPerson(person) => row.person() == Some(person),
        Wanted::InPlace(place) => row.place() == Some(place),
    }
}

fn of_person(who: &str) -> Wanted {
    Wanted::OfPerson(PersonId(who.to_owned()))
}

#[test]
fn a_new_code_takes_the_place_of_the_one_before() {
    let mut library = Library::default();
    let (first, second) = (library.code("ana"), library.code("ana"));
    assert_ne!(first, second);
    assert_eq!(library.codes(), 1);
    assert!(!library.links("ben", &first));
    assert!(library.links("ben", &second));
    assert_eq!(library.codes(), 0);
    assert!(!library.links("cid", &second));
}

#[test]
fn a_code_is_good_for_a_quarter_of_an_hour() {
    let mut library = Library::default();
    let code = library.code("ana");
    library.second = 15 * 60;
    assert!(!library.links("ben", &code));
    let code = library.code("ana");
    library.second += 15 * 60 - 1;
    assert!(library.links("ben", &code));
}

#[test]
fn rows_that_others_name_are_wanted_in_the_next_round() {
    let mut library = Library::default();
    let code = library.code("ana");
    assert!(library.links("ben", &code));
    let code = library.code("ben");
    let (_, rounds) = library.says("cid", &format!("/link {code}"));
    let given = Wanted::Row(RowKey::Code(code));
    let expected = [vec![of_person("cid"), given], vec![of_person("ben")], vec![of_person("ana")]];
    assert_eq!(rounds, expected);
    let (_, rounds) = library.says("ana", "/mydata");
    assert_eq!(rounds, [vec![of_person("ana")], vec![of_person("ben"), of_person("cid")]]);
    let (_, rounds) = library.says("ana", "hello");
    assert_eq!(rounds, [vec![of_person("ana")]]);
}
