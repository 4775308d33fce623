//! Raw lines to events.

use crate::NETWORK;
use crate::protocol::{DESK, FromClient, Guest, Role};
use bot::{Act, DeskAct, Event, MessageId, Network, Place, PlaceKind, Said, Speaker, Wish};
use contract::{Pseudonyms, Translate};
use knowledge::Lang;
use serde::{Deserialize, Serialize};

/// A line as it lies in the inbox: what the client wrote, and who it is by the server's own word.
/// Its form is kept: it may have been written by an earlier version of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Raw {
    session: String,
    name: String,
    place: String,
    role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lang: Option<String>,
    line: FromClient,
}

impl Raw {
    pub(crate) fn new(guest: &Guest, line: FromClient) -> Raw {
        Raw {
            session: guest.session.clone(),
            name: guest.name.clone(),
            place: guest.place.clone(),
            role: guest.role,
            lang: guest.lang.clone(),
            line,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        // It holds no map whose keys could not be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// A place by the id that clients use.
pub(crate) fn place(id: &str) -> Place {
    let kind = if id == DESK {
        PlaceKind::Desk
    } else if id.starts_with("dm-") {
        PlaceKind::Direct
    } else {
        PlaceKind::Shared
    };
    Place { network: Network(NETWORK.to_owned()), id: id.to_owned(), kind }
}

/// The pure half of the link.
pub(crate) struct Translator;

impl Translate for Translator {
    fn events(&self, raw: &[u8], pseudonyms: &dyn Pseudonyms) -> Vec<Event> {
        let Ok(raw) = serde_json::from_slice::<Raw>(raw) else { return Vec::new() };
        let event = match raw.role {
            Role::Patron => by_patron(raw, pseudonyms),
            Role::Staff => by_staff(raw),
        };
        event.into_iter().collect()
    }
}

fn by_patron(raw: Raw, pseudonyms: &dyn Pseudonyms) -> Option<Event> {
    let place = place(&raw.place);
    let message = |id: u64| MessageId(format!("{}.{id}", raw.session));
    let speaker = Speaker {
        person: pseudonyms.person(&place.network, &raw.name),
        user: raw.name.clone(),
        locale: raw.lang.as_deref().and_then(Lang::parse),
    };
    Some(match raw.line {
        FromClient::Say { id, text, replies_to } => {
            let heard = Spoken::read(&text, place.kind, replies_to.as_deref());
            Event::Said(Said {
                place,
                speaker,
                message: message(id),
                replies_to: replies_to.map(MessageId),
                addressed: heard.addressed,
                wish: Wish::from_text(heard.text),
                attachments: Vec::new(),
            })
        }
        FromClient::Edit { message: changed, text, .. } => {
            let text = Spoken::read(&text, place.kind, None).text.to_owned();
            Event::Edited { message: message(changed), place, speaker, text }
        }
        FromClient::Delete { message: gone, .. } => {
            Event::Deleted { message: message(gone), place, person: Some(speaker.person) }
        }
        FromClient::Press { code, .. } => {
            let act = Act::parse(&code)?;
            // A patron's client that presses a button of the desk is not one of ours.
            if DeskAct::of(act).is_some() {
                return None;
            }
            Event::Pressed { place, speaker, act, press: None }
        }
        FromClient::Hello(_) | FromClient::Shown(_) => return None,
    })
}

fn by_staff(raw: Raw) -> Option<Event> {
    let act = match raw.line {
        FromClient::Say { text, .. } => DeskAct::parse(&text),
        FromClient::Press { code, .. } => DeskAct::of(Act::parse(&code)?)?,
        // What staff did at the desk is done; a changed line does not undo it.
        FromClient::Edit { .. } | FromClient::Delete { .. } => return None,
        FromClient::Hello(_) | FromClient::Shown(_) => return None,
    };
    Some(Event::Desk { desk: place(DESK), staff: raw.name, act })
}

/// What was said, without the bot's name before it.
pub(crate) struct Spoken<'a> {
    text: &'a str,
    pub(crate) addressed: bool,
}

impl Spoken<'_> {
    pub(crate) fn read<'a>(text: &'a str, kind: PlaceKind, replies_to: Option<&str>) -> Spoken<'a> {
        let named = called(text);
        let addressed = match kind {
            PlaceKind::Direct | PlaceKind::Desk => true,
            PlaceKind::Shared => {
                named.is_some()
                    || text.trim_start().starts_with('/')
                    || replies_to.is_some_and(is_of_bot)
            }
        };
        Spoken { text: named.unwrap_or(text), addressed }
    }
}

/// What stands behind `@pollen` or `pollen,` at the beginning, if that is how it begins.
fn called(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let strip = |name: &str| {
        let head = text.get(..name.len())?;
        head.eq_ignore_ascii_case(name).then(|| &text[name.len()..])
    };
    if let Some(rest) = strip("@pollen") {
        // `@pollenation` is somebody else.
        let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'));
        return ends.then(|| rest.trim_start_matches([',', ':']).trim_start());
    }
    strip("pollen,").or_else(|| strip("pollen:")).map(str::trim_start)
}

/// Whether a message is one of the bot's: those of clients have a `.` in their names.
fn is_of_bot(message: &str) -> bool {
    message
        .strip_prefix('b')
        .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot::{CaseId, Command, PersonId};

    struct Plain;

    impl Pseudonyms for Plain {
        fn person(&self, network: &Network, user: &str) -> PersonId {
            PersonId(format!("{network}:{user}"))
        }
    }

    fn events(place: &str, role: Role, line: FromClient) -> Vec<Event> {
        let guest = Guest {
            session: "s".to_owned(),
            name: "ben".to_owned(),
            place: place.to_owned(),
            role,
            lang: Some("fr_FR.UTF-8".to_owned()),
        };
        Translator.events(&Raw::new(&guest, line).encode(), &Plain)
    }

    fn said(place: &str, text: &str, replies_to: Option<&str>) -> Said {
        let line = FromClient::Say {
            id: 7,
            text: text.to_owned(),
            replies_to: replies_to.map(str::to_owned),
        };
        let event = events(place, Role::Patron, line).remove(0);
        let Event::Said(said) = event else { panic!("{event:?}") };
        said
    }

    fn words(text: &str) -> Wish {
        Wish::Words(text.to_owned())
    }

    #[test]
    fn a_direct_chat_speaks_to_the_bot() {
        let one = said("dm-ben", "do you lend drills?", None);
        assert!(one.addressed);
        assert_eq!(one.wish, words("do you lend drills?"));
        assert_eq!(one.message, MessageId("s.7".to_owned()));
        assert_eq!(one.place, Place::direct(&Network(NETWORK.to_owned()), "ben"));
        assert_eq!(one.speaker.locale, Some(Lang::FR));
        assert_eq!(one.speaker.person, PersonId("terminal:ben".to_owned()));
        assert_eq!(said("dm-ben", "Pollen, what is pollen?", None).wish, words("what is pollen?"));
    }

    #[test]
    fn in_a_room_it_is_spoken_to_by_name_command_or_reply() {
        for (text, addressed, wish) in [
            ("so do I", false, words("so do I")),
            ("@pollen where?", true, words("where?")),
            ("@Pollen: where?", true, words("where?")),
            ("  POLLEN, where?", true, words("where?")),
            ("@pollen", true, words("")),
            ("@pollenation where?", false, words("@pollenation where?")),
            ("pollen is in the air", false, words("pollen is in the air")),
            ("/hours", true, Wish::Command(Command::Hours(String::new()))),
            ("@pollen /hours", true, Wish::Command(Command::Hours(String::new()))),
            ("é", false, words("é")),
        ] {
            let one = said("room-hall", text, None);
            assert_eq!((one.addressed, one.wish), (addressed, wish), "{text}");
        }
        assert!(said("room-hall", "and on Sunday?", Some("b12")).addressed);
        assert!(!said("room-hall", "and on Sunday?", Some("bbbbbbbb.1")).addressed);
        assert!(!said("room-hall", "and on Sunday?", Some("b")).addressed);
    }

    #[test]
    fn what_was_said_can_be_changed_and_taken_back() {
        let edited = FromClient::Edit { id: 8, message: 7, text: "@pollen when?".to_owned() };
        let event = events("room-hall", Role::Patron, edited).remove(0);
        let Event::Edited { message, text, .. } = event else { panic!("{event:?}") };
        assert_eq!((message.0.as_str(), text.as_str()), ("s.7", "when?"));
        let gone = FromClient::Delete { id: 9, message: 7 };
        let event = events("dm-ben", Role::Patron, gone).remove(0);
        let Event::Deleted { message, person, .. } = event else { panic!("{event:?}") };
        assert_eq!(message.0, "s.7");
        assert_eq!(person, Some(PersonId("terminal:ben".to_owned())));
    }

    #[test]
    fn nobody_acts_as_staff_from_in_front_of_the_desk() {
        let press = |code: &str| FromClient::Press { id: 1, code: code.to_owned() };
        for code in ["dc.1", "ds.1", "dx.1", "nonsense"] {
            assert_eq!(events("dm-ben", Role::Patron, press(code)), [], "{code}");
        }
        assert_eq!(events("dm-ben", Role::Patron, press("p.0")).len(), 1);
        let event = events("desk", Role::Staff, press("dc.4")).remove(0);
        let Event::Desk { staff, act, .. } = event else { panic!("{event:?}") };
        assert_eq!((staff.as_str(), act), ("ben", DeskAct::Claim(CaseId(4))));
        assert_eq!(events("desk", Role::Staff, press("h.1")), []);
    }

    #[test]
    fn bytes_that_are_no_line_say_nothing() {
        for raw in [&b""[..], b"{}", b"\xff\xfe", b"{\"name\":1}"] {
            assert_eq!(Translator.events(raw, &Plain), []);
        }
    }
}
