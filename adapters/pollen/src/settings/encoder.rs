//! What is settled of the encoder, which finds answers that share no word with the question.

use sources::Model;
use std::path::PathBuf;

/// Which encoder a library uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Encoder {
    /// The one that ships with the program.
    #[default]
    Shipped,
    /// The one in a folder, within the library's own.
    Folder(PathBuf),
    /// One of the hub's models.
    Hub(Model),
    /// None.
    Without,
}

/// What the settings call an encoder.
pub(super) const SAY: &str = "\"none\", the folder of an encoder, or a model of the hub, like \"hub:intfloat/multilingual-e5-base\"";

/// Reads what is written of it.
pub(super) fn parse(text: &str) -> Option<Encoder> {
    match text.trim() {
        "" => None,
        "none" => Some(Encoder::Without),
        text => match text.strip_prefix("hub:") {
            Some(model) => Model::parse(model.trim()).map(Encoder::Hub),
            None => Some(Encoder::Folder(text.into())),
        },
    }
}
