//! Rows, messages and arrivals to try a store with.

use bot::{
    Address, Asker, Body, Case, CaseId, CaseState, CaseTopic, Closing, Conversation, Counters,
    DayCounts, Erasure, GivenCode, LinkCode, MessageId, Network, Outcome, Person, PersonId, Place,
    PlaceKind, Reply, Row, SendId, Sending, Topics, Turn, Urgency,
};
use contract::{Arrival, Keepsake, Sent};
use jiff::Timestamp;
use knowledge::Lang;

/// A time so many seconds after a certain Friday in 2026.
pub fn at(seconds: i64) -> Timestamp {
    const FRIDAY: i64 = 1_780_000_000;
    // Only a number that no check uses is out of range.
    Timestamp::from_second(FRIDAY + seconds).unwrap_or(Timestamp::MAX)
}

/// A network by name.
pub fn network(name: &str) -> Network {
    Network(name.to_owned())
}

/// An arrival whose raw bytes are these.
pub fn arrival(key: &str, raw: &str) -> Arrival {
    Arrival::new(key, raw.as_bytes().to_vec())
}

/// A keepsake that tells of no case, kept for a hundred seconds.
pub fn keepsake(shelf: &str, key: &str, value: &str) -> Keepsake {
    Keepsake {
        shelf: shelf.to_owned(),
        key: key.to_owned(),
        cases: Vec::new(),
        value: value.as_bytes().to_vec(),
        keep_until: at(100),
    }
}

/// A shared room on `net`.
pub fn room(id: &str) -> Place {
    Place { network: network("net"), id: id.to_owned(), kind: PlaceKind::Shared }
}

/// The direct chat of a person on `net`, where they are called what they are called here.
pub fn direct(name: &str) -> Place {
    Place::direct(&network("net"), name)
}

/// A pseudonym.
pub fn who(name: &str) -> PersonId {
    PersonId(name.to_owned())
}

/// A person, kept for so many seconds.
pub fn person(name: &str, kept: i64) -> Row {
    Row::Person(Person {
        id: who(name),
        addresses: vec![address(name)],
        lang: Some(Lang::FR),
        noticed: true,
        chosen: None,
        linked: Vec::new(),
        wrong_codes: None,
        keep_until: at(kept),
    })
}

/// Where a person is written to.
pub fn address(name: &str) -> Address {
    Address { network: network("net"), user: name.to_owned() }
}

/// A conversation in which one thing was said, kept for so many seconds.
pub fn conversation(name: &str, place: Place, said: &str, kept: i64) -> Row {
    Row::Conversation(Conversation {
        person: who(name),
        place,
        turns: vec![Turn {
            id: 1,
            message: Some(MessageId("m-1".to_owned())),
            said: said.to_owned(),
            lang: Lang::EN,
            outcome: Outcome::Talk,
            reply: Some(SendId(1)),
            at: at(0),
            helpful: None,
            attachments: Vec::new(),
        }],
        last_turn: 1,
        misses: 2,
        asking_staff: false,
        keep_until: at(kept),
    })
}

/// An open case, or a closed one that is kept for so many seconds.
pub fn case(number: u32, name: &str, question: &str, closed: Option<i64>) -> Row {
    Row::Case(Case {
        id: CaseId(number),
        asker: Asker {
            person: who(name),
            user: name.to_owned(),
            place: direct(name),
            message: None,
            turn: 1,
        },
        question: question.to_owned(),
        lang: Lang::EN,
        topic: Some(CaseTopic { name: "rooms".to_owned(), settled: false }),
        state: match closed {
            None => CaseState::Open,
            Some(_) => CaseState::Closed { how: Closing::Quiet },
        },
        opened: at(0),
        log: Vec::new(),
        attachments: Vec::new(),
        reminders: 0,
        remind_at: None,
        sheets: Vec::new(),
        keep_until: closed.map(at),
    })
}

/// The counters.
pub fn counters(send: u64) -> Row {
    Row::Counters(Counters { send, case: 3, swept: None })
}

/// What cases were about: one with this word was about rooms.
pub fn topics(word: &str) -> Row {
    let mut topics = Topics::new();
    topics.learn("rooms", &[word.to_owned()]);
    Row::Topics(topics)
}

/// The counts of the first day of a month of 2026.
pub fn day(month: i8, questions: u64) -> Row {
    let date = jiff::civil::date(2026, month, 1);
    Row::Day(DayCounts { questions, ..DayCounts::new(date) })
}

/// A code that was given to a person and is good for so many seconds.
pub fn code(seed: u64, name: &str, kept: i64) -> Row {
    Row::Code(GivenCode { code: LinkCode::of(seed), person: who(name), keep_until: at(kept) })
}

/// A reply in one sentence.
pub fn reply(text: &str) -> Reply {
    Reply {
        lang: Lang::EN,
        preface: None,
        banner: None,
        body: Body::Notice { text: text.to_owned() },
        buttons: Vec::new(),
    }
}

/// An answer that cannot be changed once it was said; it says its number.
pub fn sending(number: u64, to: Place) -> Sending {
    Sending {
        send: SendId(number),
        to,
        reply: reply(&format!("words {number}")),
        about: Some(MessageId("m-1".to_owned())),
        case: None,
        only_for: None,
        urgency: Urgency::Answer,
        expires: at(3600),
        changeable_until: None,
    }
}

/// The same, but changeable for so many seconds.
pub fn changeable(number: u64, to: Place, until: i64) -> Sending {
    Sending { changeable_until: Some(at(until)), ..sending(number, to) }
}

/// The marks of a message in one part.
pub fn sent(id: &str) -> Sent {
    Sent { messages: vec![MessageId(id.to_owned())] }
}

/// The erasure of a person with their direct chat, as the core asks for it.
pub fn erasure(name: &str) -> Erasure {
    Erasure {
        person: who(name),
        places: vec![direct(name)],
        users: vec![address(name)],
        cases: Vec::new(),
    }
}
