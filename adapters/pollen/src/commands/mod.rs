//! The commands, one file each.

pub(crate) mod ask;
pub(crate) mod backup;
pub(crate) mod chat;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod find;
pub(crate) mod index;
pub(crate) mod init;
pub(crate) mod restore;
pub(crate) mod serve;

use crate::args::Command;
use std::process::ExitCode;

/// Runs a command.
pub(crate) fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init(args) => init::run(args),
        Command::Demo(args) => demo::run(args),
        Command::Chat(args) => chat::run(args),
        Command::Index(args) => index::run(args),
        Command::Ask(args) => ask::run(args),
        Command::Find(args) => find::run(args),
        Command::Eval(args) => eval::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Backup(args) => backup::run(args),
        Command::Restore(args) => restore::run(args),
    }
}
