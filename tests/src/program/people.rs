//! The people of a stage, on whichever network they are.

use super::process::Process;
use super::terminal::{Clients, Written};
use super::web::{Browsers, Deed};
use crate::place::PlaceName;
use crate::stage::{Act, BotLine, StageError};
use jiff::SignedDuration;
use std::collections::BTreeMap;

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Lost {
    /// The connection broke: the program is gone.
    Gone,
    /// Everything else.
    Failed(StageError),
}

/// The people of a stage.
pub(crate) enum People {
    /// In terminals.
    Terminal(Clients),
    /// In browsers.
    Web(Browsers),
}

/// Something that a person does, ready to be done; doing it again does no harm.
pub(crate) enum Prepared {
    Written(PlaceName, String, Written),
    Sent(Deed),
}

impl People {
    /// Those of a network, at a program that runs.
    pub(crate) fn of(network: &str, process: &Process, speaks: BTreeMap<String, String>) -> People {
        match network {
            web::NETWORK => People::Web(Browsers::new(process.address(), speaks)),
            _ => People::Terminal(Clients::new(&process.socket(), speaks)),
        }
    }

    /// Somebody looks at the desk.
    pub(crate) fn watch(&mut self) -> Result<(), Lost> {
        match self {
            People::Terminal(clients) => clients.watch(),
            People::Web(browsers) => browsers.watch(),
        }
    }

    /// Lets a person be in a place.
    pub(crate) fn join(&mut self, place: &PlaceName, who: &str) -> Result<(), Lost> {
        match self {
            People::Terminal(clients) => clients.join(place, who),
            People::Web(browsers) => browsers.join(place, who),
        }
    }

    /// What an act is on this network. The person is there already.
    pub(crate) fn prepare(&mut self, act: Act<'_>) -> Result<Prepared, StageError> {
        Ok(match self {
            People::Terminal(clients) => {
                Prepared::Written(act.place.clone(), act.who.to_owned(), clients.prepare(act)?)
            }
            People::Web(browsers) => Prepared::Sent(browsers.prepare(act)?),
        })
    }

    /// Does it.
    pub(crate) fn carry_out(&mut self, prepared: &Prepared) -> Result<(), Lost> {
        match (self, prepared) {
            (People::Terminal(clients), Prepared::Written(place, who, line)) => {
                clients.say(place, who, line)
            }
            (People::Web(browsers), Prepared::Sent(deed)) => browsers.carry_out(deed),
            (People::Terminal(_), Prepared::Sent(_)) | (People::Web(_), Prepared::Written(..)) => {
                let what = "this was prepared for another network";
                Err(Lost::Failed(StageError(what.to_owned())))
            }
        }
    }

    /// How often somebody must look for what happens meanwhile to be seen, if they must: a session
    /// at the desk's page ends after half a day, and its lines go after as long.
    pub(crate) fn looks_every(&self) -> Option<SignedDuration> {
        match self {
            People::Terminal(_) => None,
            People::Web(_) => Some(SignedDuration::from_hours(6)),
        }
    }

    /// Somebody looks at the desk's page again.
    pub(crate) fn look(&mut self) -> Result<(), Lost> {
        match self {
            People::Terminal(_) => Ok(()),
            People::Web(browsers) => browsers.catch_up_at_desk(),
        }
    }

    /// Whether people can come back while their network is cut: a page is served all the same, what
    /// is done on it is not kept.
    pub(crate) fn come_back_to_cut(&self) -> bool {
        matches!(self, People::Web(_))
    }

    /// Brings everybody back to a program that was started anew.
    pub(crate) fn reconnect(&mut self, process: &Process) -> Result<(), Lost> {
        match self {
            People::Terminal(clients) => clients.reconnect(),
            People::Web(browsers) => browsers.reconnect(process.address()),
        }
    }

    /// What has been shown since this was last asked.
    pub(crate) fn seen(&mut self) -> Result<Vec<BotLine>, Lost> {
        match self {
            People::Terminal(clients) => Ok(clients.seen()),
            People::Web(browsers) => browsers.seen(),
        }
    }
}
