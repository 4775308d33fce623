//! What can be called, and the help that says so.

use crate::commands::{ask, backup, chat, demo, doctor, eval, find, index, init, restore, serve};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Answers a library's patrons from the library's own FAQ, facts and collections, and hands to
/// staff what it cannot answer.
#[derive(Debug, Parser)]
#[command(
    name = "pollen",
    version,
    after_help = "To look around: `pollen demo`. To begin: `pollen init mylibrary`, then `cd mylibrary` and `pollen chat`.\n\
                  `pollen help COMMAND` explains a command.",
    disable_help_subcommand = false,
    propagate_version = false
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) logs: Logs,
}

/// What the program writes about its own work.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Logs {
    /// How the program writes about its own work, on standard error; never what patrons say
    #[arg(long, value_enum, value_name = "FORM", default_value = "text", global = true)]
    pub(crate) log: LogForm,
    /// Writes more about its own work; POLLEN_LOG=debug does the same
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// One JSON object a line
    Json,
    /// For people
    Text,
}

/// The library that a command is about.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct InLibrary {
    /// The library's folder; the one you stand in if left out
    #[arg(short = 'L', long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    pub(crate) library: PathBuf,
}

/// The commands, in the order in which one meets them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Makes a library's folder to start from, its settings explained line by line
    Init(init::Args),
    /// Talks with the sample library that ships with the program; no account, nothing to set up
    Demo(demo::Args),
    /// Talks with the library's program in this terminal, as a patron or at the desk
    Chat(chat::Args),
    /// Reads the library's knowledge and builds the indexes; tells what was refused and where
    Index(index::Args),
    /// Says what a patron who asks TEXT would be told, and why
    Ask(ask::Args),
    /// Searches the collections
    Find(find::Args),
    /// Scores the answers against questions whose right answer is known
    Eval(eval::Args),
    /// Runs one or several libraries on every network in their settings
    Serve(serve::Args),
    /// Checks settings, indexes and store; each finding with its mend
    Doctor(doctor::Args),
    /// Writes a whole copy of the store, also while the library is being served
    Backup(backup::Args),
    /// Puts a copy of the store back in its place
    Restore(restore::Args),
}

impl Command {
    /// Whether it is a conversation or a result that log lines would disturb: it logs warnings
    /// alone, unless more is asked for.
    pub(crate) fn quiet(&self) -> bool {
        !matches!(self, Command::Serve(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_fit_together() {
        Args::command().debug_assert();
    }
}
