//! What arrived, to events.

use crate::NETWORK;
use crate::line::DESK;
use bot::{Act, CaseId, DeskAct, Event, MessageId, Network, Place, PlaceKind, Said, Speaker, Wish};
use contract::{Pseudonyms, Translate};
use knowledge::Lang;
use serde::{Deserialize, Serialize};

/// What somebody did on a page, as it lies in the inbox. Its form is kept: it may have been written
/// by an earlier version of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Raw {
    /// A patron, in the chat.
    Patron {
        /// Who, by their cookie.
        user: String,
        /// The language of their page.
        lang: String,
        /// What.
        did: ByPatron,
    },
    /// Staff, at the desk.
    Staff {
        /// Who, by their session.
        name: String,
        /// What.
        did: ByStaff,
    },
}

/// What a patron can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ByPatron {
    /// Says something.
    Say {
        /// The line's name.
        id: String,
        /// The words.
        text: String,
        /// The bot's line that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answers: Option<String>,
    },
    /// Says it differently.
    Edit {
        /// The line's name.
        id: String,
        /// The new words.
        text: String,
    },
    /// Takes it back.
    Delete {
        /// The line's name.
        id: String,
    },
    /// Presses a button.
    Press {
        /// Its code, [`Act::code`].
        code: String,
    },
}

/// What staff can do at the desk's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ByStaff {
    /// Writes a word of the desk: `queue`, `show 3`.
    Say(String),
    /// Presses a button.
    Press(String),
    /// Gives a case back.
    Release(u32),
    /// Hands a case on.
    Assign {
        /// Which.
        case: u32,
        /// To whom.
        to: String,
    },
    /// Says what a case is about.
    Topic {
        /// Which.
        case: u32,
        /// The topic.
        topic: String,
    },
    /// Answers.
    Reply {
        /// Which.
        case: u32,
        /// Those ticked.
        also: Vec<u32>,
        /// The words.
        text: String,
    },
    /// Writes something down.
    Note {
        /// Which.
        case: u32,
        /// The words.
        text: String,
    },
}

impl Raw {
    pub(crate) fn encode(&self) -> Vec<u8> {
        // It holds no map whose keys could not be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// The network.
pub(crate) fn network() -> Network {
    Network(NETWORK.to_owned())
}

/// The direct chat of a person.
pub(crate) fn chat(user: &str) -> Place {
    Place::direct(&network(), user)
}

/// The desk.
pub(crate) fn desk() -> Place {
    Place { network: network(), id: DESK.to_owned(), kind: PlaceKind::Desk }
}

/// The pure half of the link.
pub(crate) struct Translator;

impl Translate for Translator {
    fn events(&self, raw: &[u8], pseudonyms: &dyn Pseudonyms) -> Vec<Event> {
        let event = match serde_json::from_slice::<Raw>(raw) {
            Ok(Raw::Patron { user, lang, did }) => by_patron(user, &lang, did, pseudonyms),
            Ok(Raw::Staff { name, did }) => by_staff(name, did),
            Err(_) => None,
        };
        event.into_iter().collect()
    }
}

fn by_patron(
    user: String,
    lang: &str,
    did: ByPatron,
    pseudonyms: &dyn Pseudonyms,
) -> Option<Event> {
    let place = chat(&user);
    let message = |id: &str| MessageId(format!("{user}.{id}"));
    let speaker = Speaker {
        person: pseudonyms.person(&place.network, &user),
        user: user.clone(),
        locale: Lang::parse(lang),
    };
    Some(match did {
        ByPatron::Say { id, text, answers } => Event::Said(Said {
            place,
            speaker,
            message: message(&id),
            replies_to: answers.map(MessageId),
            addressed: true,
            wish: Wish::from_text(&text),
            attachments: Vec::new(),
        }),
        ByPatron::Edit { id, text } => {
            Event::Edited { place, speaker, message: message(&id), text }
        }
        ByPatron::Delete { id } => {
            Event::Deleted { place, person: Some(speaker.person), message: message(&id) }
        }
        ByPatron::Press { code } => {
            let act = Act::parse(&code)?;
            // A patron's page has no button of the desk.
            if DeskAct::of(act).is_some() {
                return None;
            }
            Event::Pressed { place, speaker, act, press: None }
        }
    })
}

fn by_staff(staff: String, did: ByStaff) -> Option<Event> {
    let act = match did {
        ByStaff::Say(text) => DeskAct::parse(&text),
        ByStaff::Press(code) => DeskAct::of(Act::parse(&code)?)?,
        ByStaff::Release(case) => DeskAct::Release(CaseId(case)),
        ByStaff::Assign { case, to } => DeskAct::Assign { case: CaseId(case), to },
        ByStaff::Topic { case, topic } => DeskAct::Topic { case: CaseId(case), topic },
        ByStaff::Reply { case, also, text } => {
            let also = also.into_iter().map(CaseId).collect();
            DeskAct::Reply { case: CaseId(case), also, text }
        }
        ByStaff::Note { case, text } => DeskAct::Note { case: CaseId(case), text },
    };
    Some(Event::Desk { desk: desk(), staff, act })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot::PersonId;

    struct Plain;

    impl Pseudonyms for Plain {
        fn person(&self, network: &Network, user: &str) -> PersonId {
            PersonId(format!("{network}:{user}"))
        }
    }

    fn patron(did: ByPatron) -> Vec<Event> {
        let raw = Raw::Patron { user: "ben".to_owned(), lang: "fr".to_owned(), did };
        Translator.events(&raw.encode(), &Plain)
    }

    #[test]
    fn a_patron_speaks_in_their_own_chat() {
        let said = ByPatron::Say {
            id: "u-1".to_owned(),
            text: "/hours".to_owned(),
            answers: Some("b-7".to_owned()),
        };
        let event = patron(said).remove(0);
        let Event::Said(said) = event else { panic!("{event:?}") };
        assert_eq!(said.place.to_string(), "web/dm-ben");
        assert_eq!(said.message.0, "ben.u-1");
        assert_eq!(said.speaker.locale, Some(Lang::FR));
        assert_eq!(said.replies_to, Some(MessageId("b-7".to_owned())));
        assert!(said.addressed && matches!(said.wish, Wish::Command(_)));
    }

    #[test]
    fn nobody_acts_as_staff_from_in_front_of_the_desk() {
        let press = |code: &str| ByPatron::Press { code: code.to_owned() };
        for code in ["dc.1", "ds.1", "dx.1", "nonsense", ""] {
            assert_eq!(patron(press(code)), [], "{code}");
        }
        assert_eq!(patron(press("p.0")).len(), 1);
        let staff = |did| {
            let raw = Raw::Staff { name: "mira".to_owned(), did };
            Translator.events(&raw.encode(), &Plain)
        };
        assert_eq!(staff(ByStaff::Press("h.1".to_owned())), []);
        let event = staff(ByStaff::Press("dc.4".to_owned())).remove(0);
        let Event::Desk { staff, act, .. } = event else { panic!("{event:?}") };
        assert_eq!((staff.as_str(), act), ("mira", DeskAct::Claim(CaseId(4))));
    }

    #[test]
    fn an_answer_that_begins_like_a_tick_ticks_nothing() {
        let text = "+3 degrees at most.".to_owned();
        let did = ByStaff::Reply { case: 1, also: vec![2], text: text.clone() };
        let raw = Raw::Staff { name: "mira".to_owned(), did };
        let event = Translator.events(&raw.encode(), &Plain).remove(0);
        let Event::Desk { act, .. } = event else { panic!("{event:?}") };
        assert_eq!(act, DeskAct::Reply { case: CaseId(1), also: vec![CaseId(2)], text });
    }

    #[test]
    fn bytes_that_are_nothing_say_nothing() {
        for raw in [&b""[..], b"{}", b"\xff\xfe", b"{\"patron\":1}"] {
            assert_eq!(Translator.events(raw, &Plain), []);
        }
    }
}
