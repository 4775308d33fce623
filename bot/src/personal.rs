//! What concerns one person alone, and is therefore answered to nobody else.

use crate::command::Command;

/// A command whose answer is for its asker alone. To add one: a variant, a place in
/// [`Personal::ALL`], its word and its command.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// `/privacy`.
    Privacy,
    /// `/mydata`.
    MyData,
    /// `/forget`.
    Forget,
    /// `/settings`.
    Settings,
    /// `/link`.
    Link,
}

impl Personal {
    /// All of them.
    pub const ALL: [Personal; 5] =
        [Personal::Privacy, Personal::MyData, Personal::Forget, Personal::Settings, Personal::Link];

    /// The word that stands behind the `/`: lower-case letters alone, so that it fits into a
    /// button's code and into an address that opens a chat with it.
    pub fn word(self) -> &'static str {
        match self {
            Personal::Privacy => "privacy",
            Personal::MyData => "mydata",
            Personal::Forget => "forget",
            Personal::Settings => "settings",
            Personal::Link => "link",
        }
    }

    /// The one with this word.
    pub fn from_word(word: &str) -> Option<Personal> {
        Personal::ALL.into_iter().find(|personal| personal.word() == word)
    }

    /// What it commands.
    pub fn command(self) -> Command {
        match self {
            Personal::Privacy => Command::Privacy,
            Personal::MyData => Command::MyData,
            Personal::Forget => Command::Forget,
            Personal::Settings => Command::Settings(String::new()),
            Personal::Link => Command::Link(String::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, Personal};

    #[test]
    fn each_word_is_that_of_its_command() {
        for personal in Personal::ALL {
            assert_eq!(Personal::from_word(personal.word()), Some(personal));
            let typed = format!("/{}", personal.word());
            assert_eq!(Command::parse(&typed), Some(personal.command()));
        }
        assert_eq!(Personal::from_word("help"), None);
    }
}
