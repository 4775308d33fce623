//! Where a script is performed.

use crate::place::PlaceName;
use bot::{Location, Reply};
use jiff::Timestamp;
use knowledge::Lang;
use std::collections::{BTreeMap, BTreeSet};

/// The zone of the main branch of the scripts' library: scripts tell the time in it.
pub const ZONE: &str = "Europe/London";

/// How a performance begins.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What time it is.
    pub now: Timestamp,
    /// The languages that people's platforms are set to, by their names.
    pub speaks: BTreeMap<String, Lang>,
    /// Those who work at the desk.
    pub staff: BTreeSet<String>,
}

/// Something that a person does, with everything that it refers to found.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// Where.
    pub place: &'a PlaceName,
    /// Who.
    pub who: &'a str,
    /// What.
    pub does: Does<'a>,
}

/// What a person does.
#[derive(Clone, Copy, Debug)]
pub enum Does<'a> {
    /// Says something.
    Says {
        /// The words.
        text: &'a str,
        /// What the message is called from now on.
        key: &'a str,
        /// The bot's message that it answers, by [`BotLine::id`].
        answers: Option<&'a str>,
    },
    /// Changes what they had said under this key.
    Edits {
        /// The message's key.
        key: &'a str,
        /// The new words.
        text: &'a str,
    },
    /// Deletes what they had said under this key.
    Deletes {
        /// The message's key.
        key: &'a str,
    },
    /// Presses a button of the bot's.
    Presses {
        /// The bot's message, by [`BotLine::id`].
        message: &'a str,
        /// The button's code.
        code: &'a str,
    },
    /// Shares where they are.
    Shares {
        /// Where, on the map.
        location: Location,
        /// What the message is called from now on.
        key: &'a str,
        /// The bot's message that it answers, by [`BotLine::id`].
        answers: Option<&'a str>,
    },
    /// Sends a file.
    Attaches {
        /// What the file is called.
        name: &'a str,
        /// The words that come with it; may be empty.
        text: &'a str,
        /// What the message is called from now on.
        key: &'a str,
    },
}

/// A message of the bot's, as a person sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct BotLine {
    /// Where.
    pub place: PlaceName,
    /// What the stage calls the message; a change carries the id of what it changes.
    pub id: String,
    /// Whether it takes the place of what the message said before.
    pub changes: bool,
    /// To whom alone it is shown, in a shared place.
    pub only_for: Option<String>,
    /// The words, without buttons.
    pub text: String,
    /// The buttons, in order.
    pub buttons: Vec<Pressable>,
    /// The reply as a value, on stages that see it.
    pub reply: Option<Reply>,
}

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressable {
    /// What it says.
    pub label: String,
    /// What pressing it sends.
    pub code: String,
}

/// The stage itself failed, or was asked for what it cannot do: the script is not to blame for
/// the difference.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StageError(pub String);

/// Somewhere that a script can be performed. Every method returns only when all that follows at
/// once from it has happened.
pub trait Stage {
    /// Does what a person does.
    ///
    /// # Errors
    /// If the stage fails, or cannot do this.
    fn perform(&mut self, act: Act<'_>) -> Result<(), StageError>;

    /// The messages that people have seen since this was last asked, in the order in which each
    /// place saw them.
    ///
    /// # Errors
    /// If the stage fails.
    fn seen(&mut self) -> Result<Vec<BotLine>, StageError>;

    /// Lets time pass until this moment; what is due happens at its own time.
    ///
    /// # Errors
    /// If the stage fails.
    fn wait(&mut self, until: Timestamp) -> Result<(), StageError>;

    /// Stops the program in the ordinary way and starts it again.
    ///
    /// # Errors
    /// If the stage fails.
    fn restart(&mut self) -> Result<(), StageError>;

    /// Cuts a network: what the bot says on it does not arrive.
    ///
    /// # Errors
    /// If the stage fails, or does not know the network.
    fn cut(&mut self, network: &str) -> Result<(), StageError>;

    /// Restores a network that was cut.
    ///
    /// # Errors
    /// If the stage fails, or does not know the network.
    fn restore(&mut self, network: &str) -> Result<(), StageError>;

    /// From now on the network refuses what the bot says in this place.
    ///
    /// # Errors
    /// If the stage fails, or cannot do this.
    fn refuse(&mut self, place: &PlaceName) -> Result<(), StageError>;

    /// An error with whatever the stage knows of how it came about.
    fn explain(&self, error: StageError) -> StageError {
        error
    }

    /// The performance is over: looks whether anything was wrong that nobody could see.
    ///
    /// # Errors
    /// What was wrong.
    fn end(&mut self) -> Result<(), StageError> {
        Ok(())
    }
}
