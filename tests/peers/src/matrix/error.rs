//! What keeps a peer from doing as asked.

use super::SYNAPSE_VARIABLE;
use serde_json::Value;
use std::error::Error;
use std::fmt;
use std::time::Duration;

/// What keeps the homeserver or the proxy from doing as asked.
///
/// `Debug` says the same as `Display`, followed by the causes: this is what a test that unwraps it
/// shows.
#[derive(thiserror::Error)]
pub enum PeerError {
    /// This machine has not been made ready for tests with Synapse.
    #[error(
        "{why}: {variable} must be the path of a python that has matrix-synapse. tests/run installs \
         one and sets it. By hand: python3 -m venv FOLDER; FOLDER/bin/pip install matrix-synapse; \
         export {variable}=FOLDER/bin/python",
        variable = SYNAPSE_VARIABLE
    )]
    NoSynapse {
        /// What is missing.
        why: String,
    },
    /// The machine gives no port, folder, process or thread.
    #[error("this machine gives no port, folder, process or thread")]
    Machine(#[from] std::io::Error),
    /// The homeserver ended while it started.
    #[error("the homeserver ended while it started, and said last:\n{last_words}")]
    Ended {
        /// The end of what it wrote.
        last_words: String,
    },
    /// The homeserver was not ready in time.
    #[error("the homeserver was not ready within {patience:?}, and said last:\n{last_words}")]
    Late {
        /// How long it was waited for.
        patience: Duration,
        /// The end of what it wrote.
        last_words: String,
    },
    /// The homeserver gave no answer; whether it did what was asked is not known.
    #[error("{what}: no answer")]
    NoAnswer {
        /// The request, as method and path.
        what: String,
        /// Why not.
        #[source]
        why: std::io::Error,
    },
    /// The homeserver would not.
    #[error("{what}: refused with {status}: {body}")]
    Refused {
        /// The request, as method and path.
        what: String,
        /// The status of the answer.
        status: u16,
        /// The answer.
        body: Value,
    },
}

impl fmt::Debug for PeerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let mut cause = self.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
