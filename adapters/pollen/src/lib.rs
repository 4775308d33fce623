//! The program: a library's folder, its settings, and one subcommand a file.
//!
//! In reading order: `args`, what can be called; `commands`, one file each; `library` and
//! `settings`, the folder and what it settles; `running`, a library with its driver, and `networks`, where it
//! answers (`discord`, `telegram`, `matrix`);
//! `watch`, changed files go live; `pages`, the library's own web pages are fetched; `encoders`, the encoder is, too; `lock`, one program a folder; `logs` and `progress`, what it
//! says while it works.
//!
//! Other crates: `include_dir` carries the sample library inside the program, `notify` hears of
//! changed files, `indicatif` draws progress.

mod args;
mod commands;
mod discord;
mod encoders;
mod eval;
mod fresh;
mod library;
mod lock;
mod logs;
mod matrix;
mod networks;
mod output;
mod pages;
mod password;
mod progress;
mod running;
mod secret;
mod settings;
mod signals;
mod telegram;
mod watch;

use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

/// Runs the program with the arguments that it was called with. Exit code 0: done; 1: it could not
/// be done; 2: the call was wrong.
pub fn main() -> ExitCode {
    // Help and wrong arguments end the program here.
    let args = args::Args::parse();
    logs::start(&args.logs, args.command.quiet());
    driver::hush_panics();
    match commands::run(args.command) {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(std::io::stderr(), "pollen: {error:#}");
            let wrong_call = error.downcast_ref::<WrongCall>().is_some();
            ExitCode::from(if wrong_call { 2 } else { 1 })
        }
    }
}

/// The call itself was wrong: the program ends with exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WrongCall(pub(crate) String);
