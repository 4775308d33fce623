//! The real program as a stage: its own process, its own store, real clients at its socket, and the
//! control socket for time, rest and death.

mod control;
mod discord;
mod matrix;
mod people;
mod process;
mod telegram;
mod terminal;
mod typing;
mod web;

use crate::place::PlaceName;
use crate::stage::{Act, BotLine, Opening, Stage, StageError};
use bot::PlaceKind;
use jiff::Timestamp;
use people::{Lost, People};
use std::collections::BTreeSet;
use std::path::Path;

pub use discord::{NETWORK as DISCORD, connect as connect_discord};
pub use matrix::{NETWORK as MATRIX, connect as connect_matrix};
pub use process::{Ended, Process, Staged};
pub use telegram::{NETWORK as TELEGRAM, connect as connect_telegram, free_port};
pub use web::PASSWORD;

/// The real program as a stage.
pub struct ProgramStage {
    process: Process,
    people: People,
    now: Timestamp,
    /// The step at which the program is to die, counted from the start of the performance.
    dies_at: Option<u64>,
    /// How many steps were passed by processes that have ended.
    passed: u64,
    cut: BTreeSet<String>,
}

impl ProgramStage {
    /// Starts the program on a fresh copy of the scripts' library. With `dies_at` it dies, as if
    /// its power went, at that step, and is started again.
    ///
    /// # Errors
    /// If the program does not start.
    pub fn new(
        staged: &Staged,
        opening: &Opening,
        dies_at: Option<u64>,
    ) -> Result<ProgramStage, StageError> {
        let (process, people) = People::start(staged, opening, dies_at.is_some())?;
        let mut stage = ProgramStage {
            process,
            people,
            now: opening.now,
            dies_at,
            passed: 0,
            cut: BTreeSet::new(),
        };
        stage.schedule_death()?;
        stage.surviving(|stage| stage.people.watch(&mut stage.process))?;
        stage.settle()?;
        Ok(stage)
    }

    /// Whether it has died at the step it was to die at.
    pub fn has_died(&self) -> bool {
        self.dies_at.is_none()
    }

    /// How many steps have been passed since the performance began.
    ///
    /// # Errors
    /// If the program does not tell.
    pub fn steps(&mut self) -> Result<u64, StageError> {
        let passed = self.surviving(|stage| stage.process.control().steps())?;
        Ok(self.passed + passed)
    }

    /// The lines that may have been said twice because it died, by id: in each place the first after
    /// its death, if it reads like the last one before. Only networks that cannot be told that
    /// something is a repeat have any.
    pub fn repeats(&self) -> &[String] {
        self.people.repeats()
    }

    /// The folder of the library that the program runs.
    pub fn folder(&self) -> &Path {
        self.process.folder()
    }

    fn settle(&mut self) -> Result<(), StageError> {
        self.surviving(|stage| {
            if stage.cut.is_empty() {
                stage.people.are_heard(&mut stage.process)?;
            }
            stage.process.control().settle()
        })
    }

    /// Does something that the program must be alive for. If it has died as it was to die, it is
    /// started again and the thing is done again: each of them does no harm if done twice.
    fn surviving<T>(
        &mut self,
        mut what: impl FnMut(&mut ProgramStage) -> Result<T, Lost>,
    ) -> Result<T, StageError> {
        loop {
            match what(self) {
                Ok(done) => return Ok(done),
                Err(Lost::Failed(error)) => return Err(self.process.explain(error)),
                Err(Lost::Gone) => self.rise()?,
            }
        }
    }

    /// Starts the program again after it has died.
    fn rise(&mut self) -> Result<(), StageError> {
        match self.process.wait()? {
            Ended::Died if self.dies_at.take().is_some() => {}
            ended @ (Ended::Died | Ended::Orderly | Ended::Failed(_)) => {
                return Err(self.process.explain(unexpected(&ended)));
            }
        }
        self.people.lose(true)?;
        self.process.restart(self.now)?;
        self.come_back()
    }

    /// Sets everything up again that lives in the process.
    fn come_back(&mut self) -> Result<(), StageError> {
        self.schedule_death()?;
        for network in self.cut.clone() {
            self.surviving(|stage| stage.process.control().cut(&network))?;
        }
        if self.cut.is_empty() || self.people.come_back_to_cut() {
            self.surviving(|stage| stage.people.reconnect(&mut stage.process))?;
        }
        Ok(())
    }

    fn schedule_death(&mut self) -> Result<(), StageError> {
        let Some(step) = self.dies_at.and_then(|step| step.checked_sub(self.passed)) else {
            return Ok(());
        };
        match self.process.control().die_at(step) {
            // It may pass the step, and be gone, before it says that it will: whoever speaks to it
            // next finds out why.
            Ok(()) | Err(Lost::Gone) => Ok(()),
            Err(Lost::Failed(error)) => Err(error),
        }
    }
}

impl Stage for ProgramStage {
    fn perform(&mut self, act: Act<'_>) -> Result<(), StageError> {
        if !self.cut.is_empty() {
            return Err(StageError("nothing can be said on a network that is cut".to_owned()));
        }
        self.surviving(|stage| stage.people.join(act.place, act.who, &mut stage.process))?;
        let prepared = self.people.prepare(act)?;
        self.surviving(|stage| stage.people.carry_out(&prepared))?;
        self.settle()
    }

    fn seen(&mut self) -> Result<Vec<BotLine>, StageError> {
        self.surviving(|stage| stage.people.seen())
    }

    fn wait(&mut self, until: Timestamp) -> Result<(), StageError> {
        self.surviving(|stage| stage.people.are_answered(&mut stage.process))?;
        while self.now < until {
            let next = match self.people.looks_every() {
                Some(hours) => until.min(self.now.saturating_add(hours).unwrap_or(until)),
                None => until,
            };
            self.surviving(|stage| {
                // Wherever it died on the way, the clock goes on from there.
                stage.now = stage.process.control().advance(next)?;
                Ok(())
            })?;
            self.people.time_is(self.now);
            self.surviving(|stage| stage.people.look())?;
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<(), StageError> {
        let passed = self.surviving(|stage| stage.process.control().steps())?;
        self.process.stop()?;
        let died = match self.process.wait()? {
            Ended::Orderly => false,
            // It died on its way out, as it was to.
            Ended::Died if self.dies_at.take().is_some() => true,
            ended @ (Ended::Died | Ended::Failed(_)) => {
                return Err(self.process.explain(unexpected(&ended)));
            }
        };
        self.people.lose(died)?;
        self.passed += passed;
        self.process.restart(self.now)?;
        self.come_back()?;
        self.settle()
    }

    fn cut(&mut self, network: &str) -> Result<(), StageError> {
        self.surviving(|stage| stage.process.control().cut(network))?;
        self.cut.insert(network.to_owned());
        self.settle()
    }

    fn restore(&mut self, network: &str) -> Result<(), StageError> {
        self.surviving(|stage| stage.process.control().restore(network))?;
        self.cut.remove(network);
        self.surviving(|stage| stage.people.reconnect(&mut stage.process))?;
        self.settle()
    }

    fn refuse(&mut self, place: &PlaceName) -> Result<(), StageError> {
        match place.kind {
            PlaceKind::Direct | PlaceKind::Shared | PlaceKind::Desk => {
                Err(StageError("the program refuses nothing: say `on core reborn`".to_owned()))
            }
        }
    }

    fn explain(&self, error: StageError) -> StageError {
        self.process.explain(error)
    }

    fn end(&mut self) -> Result<(), StageError> {
        if self.cut.is_empty() {
            self.surviving(|stage| stage.people.are_answered(&mut stage.process))?;
        }
        match self.people.complaints() {
            what if what.is_empty() => Ok(()),
            what => Err(self.process.explain(StageError(what.trim_start().to_owned()))),
        }
    }
}

fn unexpected(ended: &Ended) -> StageError {
    StageError(match ended {
        Ended::Orderly => "the program has ended of its own accord".to_owned(),
        Ended::Died => "the program has died and was not to".to_owned(),
        Ended::Failed(how) => format!("the program has ended: {how}"),
    })
}

/// The library's key in all stages: pseudonyms are the same everywhere.
pub const KEY: [u8; 32] = [7; 32];

/// The folder of a library in which everything of the scripts' library lies.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
