//! The people of a stage, on whichever network they are.

use super::discord::{self, Accounts};
use super::matrix::{self, Homes};
use super::process::{Process, Staged};
use super::telegram::{Phones, Typed};
use super::terminal::{Clients, Written};
use super::web::{Browsers, Deed};
use crate::place::PlaceName;
use crate::stage::{Act, BotLine, Opening, StageError};
use bot::Network;
use contract::Pseudonyms as _;
use driver::Key;
use jiff::{SignedDuration, Timestamp};
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
    /// At telephones.
    Telegram(Box<Phones>),
    /// In rooms.
    Matrix(Box<Homes>),
    /// On a server.
    Discord(Box<Accounts>),
}

/// Something that a person does, ready to be done; doing it again does no harm.
pub(crate) enum Prepared {
    Written(PlaceName, String, Written),
    Sent(Deed),
    Typed(Typed),
    InRoom(matrix::Written),
    OnServer(discord::Done),
}

impl People {
    /// Starts the program, and brings the people of its network to it. It is to die, perhaps.
    pub(crate) fn start(
        staged: &Staged,
        opening: &Opening,
        dies: bool,
    ) -> Result<(Process, People), StageError> {
        if staged.network() == super::telegram::NETWORK {
            // Telegram is there before the program is, and after it.
            let phones = Phones::new(opening, staged.is_by_webhook(), dies)?;
            let process =
                Process::start_prepared(staged, opening.now, |folder| phones.settle(folder))?;
            return Ok((process, People::Telegram(Box::new(phones))));
        }
        if staged.network() == matrix::NETWORK {
            let homes = Homes::new(opening, staged.is_encrypted())?;
            let process =
                Process::start_prepared(staged, opening.now, |folder| homes.settle(folder))?;
            return Ok((process, People::Matrix(Box::new(homes))));
        }
        if staged.network() == discord::NETWORK {
            let accounts = Accounts::new(opening, staged.is_reading(), dies)?;
            let process =
                Process::start_prepared(staged, opening.now, |folder| accounts.settle(folder))?;
            return Ok((process, People::Discord(Box::new(accounts))));
        }
        let process = Process::start(staged, opening.now)?;
        let speaks = opening.speaks.iter();
        let speaks: BTreeMap<String, String> =
            speaks.map(|(who, lang)| (who.clone(), lang.to_string())).collect();
        let people = match staged.network() {
            web::NETWORK => People::Web(Browsers::new(process.address(), speaks)),
            _ => People::Terminal(Clients::new(&process.socket(), speaks)),
        };
        Ok((process, people))
    }

    /// Somebody looks at the desk.
    pub(crate) fn watch(&mut self, process: &mut Process) -> Result<(), Lost> {
        match self {
            People::Terminal(clients) => clients.watch(),
            People::Web(browsers) => browsers.watch(),
            People::Telegram(phones) => phones.listening(process),
            People::Matrix(homes) => homes.listening(process),
            People::Discord(accounts) => accounts.listening(process),
        }
    }

    /// Lets a person be in a place.
    pub(crate) fn join(
        &mut self,
        place: &PlaceName,
        who: &str,
        process: &mut Process,
    ) -> Result<(), Lost> {
        match self {
            People::Terminal(clients) => clients.join(place, who),
            People::Web(browsers) => browsers.join(place, who),
            People::Telegram(phones) => phones.join(place, who),
            People::Matrix(homes) => homes.join(place, who, process),
            People::Discord(accounts) => accounts.join(place, who),
        }
    }

    /// What an act is on this network. The person is there already.
    pub(crate) fn prepare(&mut self, act: Act<'_>) -> Result<Prepared, StageError> {
        Ok(match self {
            People::Terminal(clients) => {
                Prepared::Written(act.place.clone(), act.who.to_owned(), clients.prepare(act)?)
            }
            People::Web(browsers) => Prepared::Sent(browsers.prepare(act)?),
            People::Telegram(phones) => Prepared::Typed(phones.prepare(act)?),
            People::Matrix(homes) => Prepared::InRoom(homes.prepare(act)?),
            People::Discord(accounts) => Prepared::OnServer(accounts.prepare(act)?),
        })
    }

    /// Does it.
    pub(crate) fn carry_out(&mut self, prepared: &Prepared) -> Result<(), Lost> {
        match (self, prepared) {
            (People::Terminal(clients), Prepared::Written(place, who, line)) => {
                clients.say(place, who, line)
            }
            (People::Web(browsers), Prepared::Sent(deed)) => browsers.carry_out(deed),
            (People::Telegram(phones), Prepared::Typed(typed)) => {
                phones.carry_out(typed);
                Ok(())
            }
            (People::Matrix(homes), Prepared::InRoom(written)) => {
                homes.carry_out(written).map_err(Lost::Failed)
            }
            (People::Discord(accounts), Prepared::OnServer(done)) => accounts.carry_out(done),
            (
                People::Terminal(_)
                | People::Web(_)
                | People::Telegram(_)
                | People::Matrix(_)
                | People::Discord(_),
                _,
            ) => {
                let what = "this was prepared for another network";
                Err(Lost::Failed(StageError(what.to_owned())))
            }
        }
    }

    /// How often somebody must look for what happens meanwhile to be seen, if they must: a session
    /// at the desk's page ends after half a day, and its lines go after as long.
    pub(crate) fn looks_every(&self) -> Option<SignedDuration> {
        match self {
            People::Terminal(_) | People::Telegram(_) | People::Matrix(_) | People::Discord(_) => {
                None
            }
            People::Web(_) => Some(SignedDuration::from_hours(6)),
        }
    }

    /// Somebody looks at the desk's page again.
    pub(crate) fn look(&mut self) -> Result<(), Lost> {
        match self {
            People::Terminal(_) | People::Telegram(_) | People::Matrix(_) | People::Discord(_) => {
                Ok(())
            }
            People::Web(browsers) => browsers.catch_up_at_desk(),
        }
    }

    /// Waits until the program has heard what people did, where that is not known when it is done.
    pub(crate) fn are_heard(&mut self, process: &mut Process) -> Result<(), Lost> {
        match self {
            People::Terminal(_) | People::Web(_) => Ok(()),
            People::Telegram(phones) => phones.taken_in(process),
            People::Matrix(homes) => homes.taken_in(process),
            People::Discord(accounts) => accounts.taken_in(process),
        }
    }

    /// Waits until nobody waits for the network's own word that a press has been heard: one that
    /// comes too late is refused.
    pub(crate) fn are_answered(&mut self, process: &mut Process) -> Result<(), Lost> {
        match self {
            People::Terminal(_) | People::Web(_) | People::Matrix(_) => Ok(()),
            People::Telegram(phones) => phones.answered(process),
            People::Discord(accounts) => accounts.answered(process),
        }
    }

    /// It is this time now.
    pub(crate) fn time_is(&self, now: Timestamp) {
        match self {
            People::Terminal(_) | People::Web(_) | People::Matrix(_) => {}
            People::Telegram(phones) => phones.time_is(now),
            People::Discord(accounts) => accounts.time_is(now),
        }
    }

    /// The program has ended.
    pub(crate) fn lose(&mut self, died: bool) -> Result<(), StageError> {
        match self {
            People::Terminal(_) | People::Web(_) => Ok(()),
            People::Telegram(phones) => phones.ended(died),
            People::Matrix(homes) => homes.ended(),
            People::Discord(accounts) => accounts.ended(),
        }
    }

    /// The lines that may have been said twice because of a death, by id: networks that know repeats
    /// have none.
    pub(crate) fn repeats(&self) -> &[String] {
        match self {
            People::Terminal(_) | People::Web(_) | People::Matrix(_) | People::Discord(_) => &[],
            People::Telegram(phones) => phones.repeats(),
        }
    }

    /// What was wrong with the program's part in its talk with the network; empty if nothing was.
    pub(crate) fn complaints(&self) -> String {
        match self {
            People::Terminal(_) | People::Web(_) => String::new(),
            People::Telegram(phones) => phones.complaints(),
            People::Matrix(homes) => homes.complaints(),
            People::Discord(accounts) => accounts.complaints(),
        }
    }

    /// Whether people can come back while their network is cut: a page is served all the same, what
    /// is done on it is not kept.
    pub(crate) fn come_back_to_cut(&self) -> bool {
        matches!(self, People::Web(_))
    }

    /// Brings everybody back to a program that was started anew.
    pub(crate) fn reconnect(&mut self, process: &mut Process) -> Result<(), Lost> {
        match self {
            People::Terminal(clients) => clients.reconnect(),
            People::Web(browsers) => browsers.reconnect(process.address()),
            People::Telegram(phones) => phones.listening(process),
            People::Matrix(homes) => homes.listening(process),
            People::Discord(accounts) => accounts.listening(process),
        }
    }

    /// What has been shown since this was last asked.
    pub(crate) fn seen(&mut self) -> Result<Vec<BotLine>, Lost> {
        match self {
            People::Terminal(clients) => Ok(clients.seen()),
            People::Web(browsers) => browsers.seen(),
            People::Telegram(phones) => phones.seen(),
            People::Matrix(homes) => homes.seen(),
            People::Discord(accounts) => accounts.seen(),
        }
    }
}

/// A text with the names that scripts have: each network calls people by names of its own, and the
/// desk tells them apart by pseudonyms made from those. `users` are the scripts' names and the
/// network's.
pub(crate) fn as_scripts_say<'a>(
    text: String,
    here: &str,
    users: impl Iterator<Item = (&'a str, String)>,
) -> String {
    let key = Key::new(super::KEY);
    let short = |network: &str, user: &str| {
        key.person(&Network(network.to_owned()), user).short().to_owned()
    };
    let there = terminal::NETWORK;
    let text = users.fold(text, |text, (who, user)| {
        let (mine, theirs) = (short(here, &user), short(there, who));
        let text = text.replace(&format!("{mine} on {here}"), &format!("{theirs} on {there}"));
        let text = text.replace(&format!("{here} ({mine})"), &format!("{there} ({theirs})"));
        let text = text.replace(&format!("pseudonyme {mine}"), &format!("pseudonyme {theirs}"));
        text.replace(&format!("pseudonym {mine}"), &format!("pseudonym {theirs}"))
    });
    text.replace(&format!(" on {here}."), &format!(" on {there}."))
}
