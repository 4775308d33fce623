//! Who does something where staff work.

use serde::{Deserialize, Serialize};

/// Who does something at the desk, as the network has it at that moment. Its form is kept: it lies in
/// the inbox, where an earlier version of the program may have put it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Staff, by the name that the desk shows.
    Staff(String),
    /// Somebody else, by what others there see them called.
    Other(String),
}
