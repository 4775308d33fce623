//! The commands that patrons can give, by the same words on every platform.

use crate::deep_link::DeepLink;
use std::borrow::Cow;

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `/help`.
    Help,
    /// `/start`, which platforms send at first contact, with what the address opens that led here;
    /// `None`: nothing in particular.
    Start(Option<DeepLink>),
    /// `/ask …`: words that are meant for the bot in a shared place.
    Ask(String),
    /// `/hours [branch]`.
    Hours(String),
    /// `/find words`: the collections.
    Find(String),
    /// `/person [question]`: a question for staff.
    Person(String),
    /// `/privacy`.
    Privacy,
    /// `/mydata`.
    MyData,
    /// `/forget`.
    Forget,
    /// `/settings`, perhaps with a language to be answered in.
    Settings(String),
    /// `/link`, perhaps with a code that another account was given.
    Link(String),
    /// `/unlink`.
    Unlink,
}

impl Command {
    /// Reads a text as a command: a `/`, one of the words, and perhaps `@name` behind it as some
    /// networks add. `None` for anything else: it is then words like any other.
    pub fn parse(text: &str) -> Option<Command> {
        let text = text.trim();
        let (word, rest) = match text.split_once(char::is_whitespace) {
            Some((word, rest)) => (word, rest.trim()),
            None => (text, ""),
        };
        let name = word.strip_prefix('/')?.split('@').next()?.to_lowercase();
        Some(match name.as_str() {
            "start" => Command::Start(DeepLink::parse(rest)),
            "help" | "aide" => Command::Help,
            "ask" | "demander" => Command::Ask(rest.to_owned()),
            "hours" | "horaires" => Command::Hours(rest.to_owned()),
            "find" | "chercher" => Command::Find(rest.to_owned()),
            "person" | "personne" => Command::Person(rest.to_owned()),
            "privacy" | "confidentialite" => Command::Privacy,
            "mydata" | "mesdonnees" => Command::MyData,
            "forget" | "oublier" => Command::Forget,
            "settings" | "reglages" => Command::Settings(rest.to_owned()),
            "link" | "associer" => Command::Link(rest.to_owned()),
            "unlink" | "dissocier" => Command::Unlink,
            _ => return None,
        })
    }

    /// What is meant: a deep link to a command is that command.
    pub(crate) fn meant(&self) -> Cow<'_, Command> {
        let Command::Start(link) = self else { return Cow::Borrowed(self) };
        let meant = link.as_ref().map_or(Some(Command::Help), DeepLink::command);
        meant.map_or(Cow::Borrowed(self), Cow::Owned)
    }
}
