//! Deep links: what `/start` opens when an address leads to the bot with a word behind it.

use crate::command::Command;
use crate::conversation::Offer;
use crate::link_code::LinkCode;

/// The longest word that every network lets an address carry: Telegram's bound.
const CODE_MAX: usize = 64;

/// What an address that leads to the bot opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeepLink {
    /// An entry, by its id.
    Entry(String),
    /// A section of a page, by its id.
    Page(String),
    /// A record, by its id.
    Record(String),
    /// The opening hours.
    Hours,
    /// What `/find` asks.
    Find,
    /// What `/person` asks.
    Person,
    /// What is kept, and how long.
    Privacy,
    /// What is kept of whoever follows it.
    MyData,
    /// The question before everything is erased.
    Forget,
    /// The settings.
    Settings,
    /// A code to link an account with.
    Link,
    /// Asks whether to link with the account that this code was given to.
    LinkWith(LinkCode),
}

impl DeepLink {
    /// The word of an address: at most 64 of `A-Z`, `a-z`, `0-9`, `_` and `-`, so that every
    /// network carries it; `None` for an id that is too long for that.
    pub fn code(&self) -> Option<String> {
        let code = match self {
            DeepLink::Entry(id) => format!("e-{}", escaped(id)),
            DeepLink::Page(id) => format!("p-{}", escaped(id)),
            DeepLink::Record(id) => format!("r-{}", escaped(id)),
            DeepLink::Hours => "hours".to_owned(),
            DeepLink::Find => "find".to_owned(),
            DeepLink::Person => "person".to_owned(),
            DeepLink::Privacy => "privacy".to_owned(),
            DeepLink::MyData => "mydata".to_owned(),
            DeepLink::Forget => "forget".to_owned(),
            DeepLink::Settings => "settings".to_owned(),
            DeepLink::Link => "link".to_owned(),
            DeepLink::LinkWith(code) => format!("link-{code}"),
        };
        (code.len() <= CODE_MAX).then_some(code)
    }

    /// Reads a word; `None` for anything that `code` does not make.
    pub fn parse(code: &str) -> Option<DeepLink> {
        let link = match code.split_once('-') {
            Some(("e", id)) => DeepLink::Entry(unescaped(id)?),
            Some(("p", id)) => DeepLink::Page(unescaped(id)?),
            Some(("r", id)) => DeepLink::Record(unescaped(id)?),
            Some(("link", code)) => DeepLink::LinkWith(LinkCode::parse(code)?),
            Some(_) => return None,
            None => match code {
                "hours" => DeepLink::Hours,
                "find" => DeepLink::Find,
                "person" => DeepLink::Person,
                "privacy" => DeepLink::Privacy,
                "mydata" => DeepLink::MyData,
                "forget" => DeepLink::Forget,
                "settings" => DeepLink::Settings,
                "link" => DeepLink::Link,
                _ => return None,
            },
        };
        // Only the one spelling that `code` makes: others came from elsewhere.
        (link.code().as_deref() == Some(code)).then_some(link)
    }

    /// The command that it stands for; `None` for those that do something else.
    pub(crate) fn command(&self) -> Option<Command> {
        Some(match self {
            DeepLink::Entry(_) | DeepLink::Page(_) | DeepLink::Record(_) => return None,
            // Whoever follows an address has not yet said that the other account is theirs.
            DeepLink::LinkWith(_) => return None,
            DeepLink::Hours => Command::Hours(String::new()),
            DeepLink::Find => Command::Find(String::new()),
            DeepLink::Person => Command::Person(String::new()),
            DeepLink::Privacy => Command::Privacy,
            DeepLink::MyData => Command::MyData,
            DeepLink::Forget => Command::Forget,
            DeepLink::Settings => Command::Settings(String::new()),
            DeepLink::Link => Command::Link(String::new()),
        })
    }

    /// What of the library's it opens.
    pub(crate) fn offer(&self) -> Option<Offer> {
        match self {
            DeepLink::Entry(id) => Some(Offer::Entry(id.clone())),
            DeepLink::Page(id) => Some(Offer::Page(id.clone())),
            DeepLink::Record(id) => Some(Offer::Record(id.clone())),
            DeepLink::Hours
            | DeepLink::Find
            | DeepLink::Person
            | DeepLink::Privacy
            | DeepLink::MyData
            | DeepLink::Forget
            | DeepLink::Settings
            | DeepLink::Link
            | DeepLink::LinkWith(_) => None,
        }
    }
}

/// An id with every byte but letters, digits and hyphens as `_` and two hexadecimal digits.
fn escaped(id: &str) -> String {
    let mut whole = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            whole.push(char::from(byte));
        } else {
            whole.push_str(&format!("_{byte:02x}"));
        }
    }
    whole
}

fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next()?).to_digit(16);
        bytes.push(match byte {
            b'_' => u8::try_from(digit()? * 16 + digit()?).ok()?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok().filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back_and_fit_every_network() {
        let code = LinkCode::parse("VWXY3467").unwrap();
        let links = [
            (DeepLink::Entry("renew-book".to_owned()), "e-renew-book"),
            (DeepLink::Page("rooms.html#fees".to_owned()), "p-rooms_2ehtml_23fees"),
            (DeepLink::Record("oai:x/1_é".to_owned()), "r-oai_3ax_2f1_5f_c3_a9"),
            (DeepLink::Hours, "hours"),
            (DeepLink::Find, "find"),
            (DeepLink::Person, "person"),
            (DeepLink::Privacy, "privacy"),
            (DeepLink::MyData, "mydata"),
            (DeepLink::Forget, "forget"),
            (DeepLink::Settings, "settings"),
            (DeepLink::Link, "link"),
            (DeepLink::LinkWith(code), "link-VWXY3467"),
        ];
        for (link, code) in links {
            assert_eq!(link.code().as_deref(), Some(code));
            assert_eq!(DeepLink::parse(code), Some(link));
            let fits = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
            assert!(code.len() <= CODE_MAX && code.bytes().all(fits), "{code}");
        }
    }

    #[test]
    fn what_code_does_not_make_is_not_read() {
        let wrong = [
            "",
            "e",
            "e-",
            "x-1",
            "hours-",
            "Hours",
            "e-_",
            "e-_2",
            "e-_zz",
            "e-_2E",
            "e-_61",
            "e-a b",
            "e-é",
            "e-_ff",
            "link-",
            "link-VWXY346",
            "link-vwxy3467",
            "settings ",
        ];
        for code in wrong {
            assert_eq!(DeepLink::parse(code), None, "{code}");
        }
    }

    #[test]
    fn an_id_that_is_too_long_has_no_code() {
        assert!(DeepLink::Entry("a".repeat(62)).code().is_some());
        assert_eq!(DeepLink::Entry("a".repeat(63)).code(), None);
        assert_eq!(DeepLink::Record("é".repeat(11)).code(), None);
        assert_eq!(DeepLink::parse(&format!("e-{}", "a".repeat(63))), None);
    }
}
