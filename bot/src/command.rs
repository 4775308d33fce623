//! The commands that patrons can give, by the same words on every platform.

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `/help`, and `/start` where a platform sends it.
    Help,
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
            "start" | "help" | "aide" => Command::Help,
            "ask" | "demander" => Command::Ask(rest.to_owned()),
            "hours" | "horaires" => Command::Hours(rest.to_owned()),
            "find" | "chercher" => Command::Find(rest.to_owned()),
            "person" | "personne" => Command::Person(rest.to_owned()),
            "privacy" | "confidentialite" => Command::Privacy,
            "mydata" | "mesdonnees" => Command::MyData,
            "forget" | "oublier" => Command::Forget,
            _ => return None,
        })
    }
}
