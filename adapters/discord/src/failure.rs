//! What goes wrong on the network, as the driver's next step.

use crate::pace::Wait;
use contract::LinkError;

/// What is said of a token that Discord does not know.
pub(crate) const WRONG_TOKEN: &str = "Discord does not know the bot's token: it was reset, or is not the one of the developer portal; \
     reset it there (Bot, Reset Token) and write the new one into the library's folder";

/// Codes of errors (developers/topics/opcodes-and-status-codes, "JSON").
pub(crate) mod code {
    /// There is no such channel any more.
    pub(crate) const UNKNOWN_CHANNEL: u64 = 10_003;
    /// There is no such message any more.
    pub(crate) const UNKNOWN_MESSAGE: u64 = 10_008;
    /// The token of an interaction is not known, or not any more.
    pub(crate) const UNKNOWN_WEBHOOK: u64 = 10_015;
    /// An interaction was not answered in time.
    pub(crate) const UNKNOWN_INTERACTION: u64 = 10_062;
    /// An interaction was answered already.
    pub(crate) const ALREADY_ANSWERED: u64 = 40_060;
    /// The token of an interaction holds no more.
    pub(crate) const INVALID_WEBHOOK_TOKEN: u64 = 50_027;
    /// A message has a thread already.
    pub(crate) const THREAD_EXISTS: u64 = 160_004;
}

/// Why a call did not do what it was to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// It did not reach Discord, for certain.
    Lost(String),
    /// It may have been carried out.
    Unknown(String),
    /// It is to wait.
    Limited(Wait),
    /// Discord will not do it.
    Refused {
        /// The code of the error; 0 if there was none.
        code: u64,
        /// In Discord's words.
        words: String,
    },
    /// The token is wrong.
    WrongToken,
}

impl Failed {
    /// Whether Discord refuses with this code.
    pub(crate) fn is(&self, code: u64) -> bool {
        matches!(self, Failed::Refused { code: own, .. } if *own == code)
    }

    /// Whether an interaction can be answered no more by its token.
    pub(crate) fn is_over(&self) -> bool {
        self.is(code::UNKNOWN_WEBHOOK)
            || self.is(code::INVALID_WEBHOOK_TOKEN)
            || self.is(code::UNKNOWN_INTERACTION)
            || self.is(code::UNKNOWN_MESSAGE)
    }

    /// What it means for what was to be said. What is to be said waits for a token that holds.
    pub(crate) fn saying(self) -> LinkError {
        match self {
            Failed::Lost(words) => LinkError::Lost(words),
            Failed::Unknown(words) => LinkError::Uncertain(words),
            Failed::Limited(Wait { after, everywhere }) => LinkError::Limited { after, everywhere },
            Failed::Refused { words, .. } => LinkError::Refused(words),
            Failed::WrongToken => LinkError::Lost(WRONG_TOKEN.to_owned()),
        }
    }

    /// What it means where nothing was to be said: nothing is uncertain then.
    pub(crate) fn asking(self) -> LinkError {
        match self.saying() {
            LinkError::Uncertain(words) => LinkError::Lost(words),
            error @ (LinkError::Lost(_) | LinkError::Limited { .. } | LinkError::Refused(_)) => {
                error
            }
        }
    }

    /// What it means while the link begins to listen: a wrong token ends it.
    pub(crate) fn listening(self) -> LinkError {
        match self {
            Failed::WrongToken => LinkError::Refused(WRONG_TOKEN.to_owned()),
            Failed::Lost(_) | Failed::Unknown(_) | Failed::Limited(_) | Failed::Refused { .. } => {
                self.asking()
            }
        }
    }
}
