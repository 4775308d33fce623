//! What the program writes about its own work: to standard error, never what patrons say.

use crate::args::{LogForm, Logs};
use crate::running::READY;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// What other crates may say: their warnings at most; sqlx and notify tell of every statement and
/// every file otherwise. matrix-sdk calls it an error that something ordinary is not there, and what
/// goes wrong in it is told by whoever asked for it.
const OTHERS: &str = "sqlx=error,tantivy=error,notify=error,fluent=error,matrix_sdk=off";

/// Starts the log. `quiet`: warnings alone, unless more is asked for by --verbose or POLLEN_LOG.
pub(crate) fn start(logs: &Logs, quiet: bool) {
    let level = match (logs.verbose, quiet) {
        (true, _) => "debug",
        // That nobody stands at the desk, or a place is empty, is usual where one person talks: the
        // driver's warnings would come in the middle of their sentences.
        (false, true) => "warn,driver=error",
        (false, false) => "info",
    };
    let asked = std::env::var("POLLEN_LOG").ok().filter(|asked| !asked.trim().is_empty());
    let asked = asked.unwrap_or_else(|| format!("{level},{OTHERS}"));
    let filter = EnvFilter::try_new(&asked);
    let unclear = filter.is_err();
    let mut filter = filter.unwrap_or_else(|_| EnvFilter::new(format!("{level},{OTHERS}")));
    // Whoever starts it waits for this line, however little else they want to read.
    if let (false, Ok(ready)) = (quiet, format!("{READY}=info").parse()) {
        filter = filter.add_directive(ready);
    }
    let to = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .with_span_events(FmtSpan::NONE);
    let no_colours = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    match logs.log {
        LogForm::Json => to.json().init(),
        LogForm::Text => to.with_ansi(io::stderr().is_terminal() && !no_colours).init(),
    }
    if unclear {
        tracing::warn!(
            "POLLEN_LOG cannot be read and is passed over; write debug, info, warn or error"
        );
    }
}
