//! The lines that go over the socket, and their bounds.

use bot::Reply;
use serde::{Deserialize, Serialize};

/// Bytes of one line, either way: a text of [`TEXT_MAX`] bytes fits even if JSON has to write
/// each of them as `\u0000`.
pub const LINE_MAX: usize = 128 * 1024;

/// Bytes of what is said in one message: four times the longest message of the other networks.
pub const TEXT_MAX: usize = 16 * 1024;

/// Characters of a name or of a room's: a screen line holds it beside what is said.
pub const NAME_MAX: usize = 32;

/// What a client writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromClient {
    /// The first line: who, and where.
    Hello(Hello),
    /// A message.
    Say {
        /// The line's number in this session.
        id: u64,
        /// What is said.
        text: String,
        /// The message that it answers: `b12` for one of the bot's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replies_to: Option<String>,
    },
    /// What was said in the line `message` is now `text`.
    Edit {
        /// The line's number.
        id: u64,
        /// The number of the line that is changed.
        message: u64,
        /// What it says now.
        text: String,
    },
    /// What was said in the line `message` is taken away.
    Delete {
        /// The line's number.
        id: u64,
        /// The number of the line that goes.
        message: u64,
    },
    /// A button was pressed.
    Press {
        /// The line's number.
        id: u64,
        /// The button's code, [`bot::Act::code`].
        code: String,
    },
    /// A show has been printed and flushed.
    Shown(u64),
}

/// Who talks, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Drawn by the client, kept over reconnections.
    pub session: String,
    /// The person's name: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The place; `dm-NAME` or, for staff, `desk` if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Patron or staff.
    #[serde(default)]
    pub role: Role,
    /// The language that the person's terminal is set to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

/// On which side of the desk somebody stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// In front of it.
    #[default]
    Patron,
    /// Behind it.
    Staff,
}

/// What the server writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one at a time, and nearly always a show")]
pub enum FromServer {
    /// The hello was understood.
    Welcome {
        /// The person's name.
        name: String,
        /// The place where they are now.
        place: String,
    },
    /// The line of this number is on disk.
    Kept(u64),
    /// Something to show.
    Show(Show),
    /// Somebody else in the place said something.
    Other {
        /// Who.
        name: String,
        /// What.
        text: String,
    },
    /// A line was not taken.
    Refused {
        /// Its number, where it could be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        /// Why.
        why: Why,
        /// Whether the connection ends with it.
        #[serde(default)]
        closing: bool,
    },
}

/// Something to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Show {
    /// The number to acknowledge; new at each try.
    pub n: u64,
    /// The message's name, the same at each try and when it changes.
    pub message: String,
    /// What it says.
    pub reply: Reply,
    /// The message that it answers, `SESSION.ID`.
    #[serde(default)]
    pub about: Option<String>,
    /// Whether it takes the place of what was shown under this name.
    #[serde(default)]
    pub changed: bool,
    /// The one to whom it is shown, where others are present.
    #[serde(default)]
    pub only_for: Option<String>,
}

/// Why a line was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The text or the line is longer than [`TEXT_MAX`] or [`LINE_MAX`].
    TooLong,
    /// The line is not one of this protocol.
    NotUnderstood,
    /// The name is empty, too long or holds other signs than letters, digits, `-`, `_` and `.`.
    BadName,
    /// The place is neither `dm-` and the own name, nor `room-` and a name, nor the desk; or it is
    /// not open to this role.
    BadPlace,
    /// The name is not among the staff of the settings.
    NotStaff,
    /// As many clients as the program takes are connected.
    Full,
}

impl FromClient {
    /// The line's number; none for a hello and a `shown`.
    pub fn id(&self) -> Option<u64> {
        match self {
            FromClient::Hello(_) | FromClient::Shown(_) => None,
            FromClient::Say { id, .. }
            | FromClient::Edit { id, .. }
            | FromClient::Delete { id, .. }
            | FromClient::Press { id, .. } => Some(*id),
        }
    }

    /// The words in it, if any.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            FromClient::Say { text, .. } | FromClient::Edit { text, .. } => Some(text),
            FromClient::Hello(_)
            | FromClient::Delete { .. }
            | FromClient::Press { .. }
            | FromClient::Shown(_) => None,
        }
    }
}

/// A line as bytes with its newline. Serialising these types cannot fail: they hold no maps with
/// keys other than text.
pub(crate) fn encode<T: Serialize>(line: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(line).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Who somebody is, once their hello has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guest {
    pub(crate) session: String,
    pub(crate) name: String,
    pub(crate) place: String,
    pub(crate) role: Role,
    pub(crate) lang: Option<String>,
}

/// The place of staff.
pub(crate) const DESK: &str = "desk";

/// Checks a hello. `staff` are the names that may stand at the desk; if empty, anybody may who can
/// open the socket.
pub(crate) fn greet(hello: Hello, staff: &[String]) -> Result<Guest, Why> {
    if !(8..=NAME_MAX).contains(&hello.session.len())
        || !hello.session.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        return Err(Why::NotUnderstood);
    }
    if !is_name(&hello.name) {
        return Err(Why::BadName);
    }
    let own = match hello.role {
        Role::Patron => format!("dm-{}", hello.name),
        Role::Staff => DESK.to_owned(),
    };
    let place = hello.place.unwrap_or_else(|| own.clone());
    let room = hello.role == Role::Patron && place.strip_prefix("room-").is_some_and(is_name);
    if place != own && !room {
        return Err(Why::BadPlace);
    }
    if hello.role == Role::Staff && !staff.is_empty() && !staff.contains(&hello.name) {
        return Err(Why::NotStaff);
    }
    let lang = hello.lang.filter(|lang| lang.len() <= NAME_MAX);
    Ok(Guest { session: hello.session, name: hello.name, place, role: hello.role, lang })
}

/// Whether a name is one: it is shown before what its owner says, so nothing in it may look like
/// anything else.
fn is_name(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(name: &str, place: Option<&str>, role: Role) -> Hello {
        Hello {
            session: "abcdefgh".to_owned(),
            name: name.to_owned(),
            place: place.map(str::to_owned),
            role,
            lang: Some("fr".to_owned()),
        }
    }

    fn place(name: &str, place: Option<&str>, role: Role, staff: &[&str]) -> Result<String, Why> {
        let staff: Vec<String> = staff.iter().map(|&name| name.to_owned()).collect();
        greet(hello(name, place, role), &staff).map(|guest| guest.place)
    }

    #[test]
    fn everybody_stands_where_they_may() {
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(place("ben", None, Role::Patron, &[]), ok("dm-ben"));
        assert_eq!(place("ben", Some("room-hall"), Role::Patron, &[]), ok("room-hall"));
        assert_eq!(place("mira", None, Role::Staff, &[]), ok("desk"));
        assert_eq!(place("mira", None, Role::Staff, &["mira"]), ok("desk"));
        assert_eq!(place("ben", None, Role::Staff, &["mira"]), Err(Why::NotStaff));
        for (name, at, role) in [
            ("ben", Some("dm-ann"), Role::Patron),
            ("ben", Some("desk"), Role::Patron),
            ("mira", Some("dm-mira"), Role::Staff),
            ("ben", Some("room-"), Role::Patron),
            ("ben", Some("room-a b"), Role::Patron),
        ] {
            assert_eq!(place(name, at, role, &[]), Err(Why::BadPlace), "{at:?}");
        }
        for name in ["", "a b", "a\u{1b}[2J", "\u{202e}neb", &"x".repeat(33)] {
            assert_eq!(place(name, None, Role::Patron, &[]), Err(Why::BadName), "{name:?}");
        }
    }

    #[test]
    fn lines_read_as_the_documentation_writes_them() {
        let read = |text| serde_json::from_str::<FromClient>(text).unwrap();
        assert_eq!(
            read(r#"{"say":{"id":1,"text":"hi"}}"#),
            FromClient::Say { id: 1, text: "hi".to_owned(), replies_to: None }
        );
        assert_eq!(read(r#"{"shown":1}"#), FromClient::Shown(1));
        assert_eq!(encode(&FromServer::Kept(1)), b"{\"kept\":1}\n");
        assert_eq!(
            encode(&FromServer::Refused { id: Some(5), why: Why::TooLong, closing: false }),
            b"{\"refused\":{\"id\":5,\"why\":\"too_long\",\"closing\":false}}\n"
        );
    }

    #[test]
    fn the_longest_text_fits_a_line_however_it_is_written() {
        let say = FromClient::Say { id: u64::MAX, text: "\0".repeat(TEXT_MAX), replies_to: None };
        assert!(encode(&say).len() <= LINE_MAX);
    }
}
