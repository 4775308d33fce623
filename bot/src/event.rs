//! All that can happen.

use crate::act::Act;
use crate::case::CaseId;
use crate::command::Command;
use crate::effect::SendId;
use crate::nearest::Location;
use crate::place::{MessageId, Network, PersonId, Place, Speaker};

/// Something that happened. Adapters make most of them; the driver makes
/// `Undelivered`, `LinkDown` and `Woke`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody said something.
    Said(Said),
    /// Somebody changed what they had said.
    Edited {
        /// Where.
        place: Place,
        /// Who.
        speaker: Speaker,
        /// Which message.
        message: MessageId,
        /// What it says now.
        text: String,
    },
    /// A message of somebody's is gone.
    Deleted {
        /// Where.
        place: Place,
        /// Who, where the platform tells.
        person: Option<PersonId>,
        /// Which message.
        message: MessageId,
    },
    /// Somebody pressed a button under one of the bot's messages.
    Pressed {
        /// Where.
        place: Place,
        /// Who.
        speaker: Speaker,
        /// What the button stands for.
        act: Act,
        /// What the platform calls the press, where what is said to it must name it: it is shown to
        /// nobody else, say.
        press: Option<MessageId>,
    },
    /// Somebody writes faster than anybody can mean it; what they write now is not handed in.
    Flooded {
        /// Where.
        place: Place,
        /// Who.
        speaker: Speaker,
        /// The first message that is not read.
        message: MessageId,
    },
    /// Somebody wrote something that cannot be read: it is encrypted, and its key has not come.
    Unreadable {
        /// Where.
        place: Place,
        /// Who.
        speaker: Speaker,
        /// Which message.
        message: MessageId,
    },
    /// Staff did something at the desk.
    Desk {
        /// The desk.
        desk: Place,
        /// Who, in the words that the desk shows ("mira").
        staff: String,
        /// What.
        act: DeskAct,
    },
    /// Something that was to be said could not be, and will not be tried again.
    Undelivered {
        /// What.
        send: SendId,
        /// Where it was to go.
        to: Place,
        /// Why not.
        why: Undelivered,
    },
    /// A network will not have the bot any more: nobody is heard or answered there until the program
    /// is started anew.
    LinkDown {
        /// Which.
        network: Network,
    },
    /// The time that the core asked for has come.
    Woke,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Where.
    pub place: Place,
    /// Who.
    pub speaker: Speaker,
    /// What the platform calls it.
    pub message: MessageId,
    /// The platform's message that this one answers, if it says so.
    pub replies_to: Option<MessageId>,
    /// Whether it speaks to the bot: always in a direct chat; in a shared place by mention, reply
    /// or command.
    pub addressed: bool,
    /// What is wanted.
    pub wish: Wish,
    /// Files that came along, by reference.
    pub attachments: Vec<Attachment>,
}

/// What somebody who speaks wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Their own words.
    Words(String),
    /// A command.
    Command(Command),
    /// The branch nearest to where they are.
    Location(Location),
}

impl Wish {
    /// Reads a text: a command if it begins with `/` and one of the bot's words, words otherwise.
    pub fn from_text(text: &str) -> Wish {
        match Command::parse(text) {
            Some(command) => Wish::Command(command),
            None => Wish::Words(text.to_owned()),
        }
    }
}

/// A file that came with a message: never fetched, only pointed to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Attachment {
    /// Its name as given.
    pub name: String,
    /// Where staff can see it, as the platform names it.
    pub reference: String,
}

/// What staff can do at a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskAct {
    /// See what waits.
    Queue,
    /// See what waits of one topic.
    QueueOf(String),
    /// See one case with its conversation.
    Show(CaseId),
    /// Take a case.
    Claim(CaseId),
    /// Give a case back to the queue.
    Release(CaseId),
    /// Hand a case to a colleague.
    Assign {
        /// Which.
        case: CaseId,
        /// To whom.
        to: String,
    },
    /// Answer a case, and those ticked beside it with the same text.
    Reply {
        /// Which.
        case: CaseId,
        /// The cases ticked.
        also: Vec<CaseId>,
        /// The text that the patrons will read.
        text: String,
    },
    /// Write something down that only staff see.
    Note {
        /// Which.
        case: CaseId,
        /// What.
        text: String,
    },
    /// Say what a case is about. Nothing said: see what it can be about; [`DeskAct::NO_TOPIC`]: it
    /// is about none of these.
    Topic {
        /// Which.
        case: CaseId,
        /// The topic.
        topic: String,
    },
    /// Close a case without a further word to the patron.
    Close(CaseId),
    /// See what staff can do.
    Help,
    /// A case was answered with a file, which cannot be passed on: the desk is told so.
    File(CaseId),
    /// Something that could not be read; the desk is told how to say it.
    Unclear(String),
    /// Somebody who is not staff tried: the desk is told, and nothing happens.
    NotStaff {
        /// Who, as the platform shows them.
        who: String,
    },
}

/// Why something could not be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// The platform will not have it: blocked, kicked, gone.
    Refused,
    /// Its time was over before it could be sent.
    Expired,
    /// It may have arrived and may not have; sending again would risk saying it twice.
    Uncertain,
}
