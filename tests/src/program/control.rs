//! The program's control socket: what time it is, and when to die.

use super::people::Lost;
use super::terminal::PATIENCE;
use crate::stage::StageError;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// A connection to the control socket; `driver::control` documents what goes over it.
pub(crate) struct Control {
    stream: BufReader<UnixStream>,
}

impl Control {
    /// Connects; `None` while nothing listens there.
    pub(crate) fn connect(path: &Path) -> Option<Control> {
        let stream = UnixStream::connect(path).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        Some(Control { stream: BufReader::new(stream) })
    }

    /// Waits until nothing is left to do now.
    pub(crate) fn settle(&mut self) -> Result<(), Lost> {
        self.ask(&json!({ "do": "settle" })).map(|_| ())
    }

    /// Lets time pass until this moment; each timer goes off at its own time. Returns what time it
    /// is then.
    pub(crate) fn advance(&mut self, until: Timestamp) -> Result<Timestamp, Lost> {
        let state = self.ask(&json!({ "do": "now" }))?;
        let by_s = until.duration_since(time(&state)?).as_secs().max(0);
        time(&self.ask(&json!({ "do": "advance", "by_s": by_s }))?)
    }

    /// Lets the program die at this step, counted since it started.
    pub(crate) fn die_at(&mut self, step: u64) -> Result<(), Lost> {
        self.ask(&json!({ "do": "die_at", "step": step })).map(|_| ())
    }

    pub(crate) fn cut(&mut self, network: &str) -> Result<(), Lost> {
        self.ask(&json!({ "do": "cut", "network": network })).map(|_| ())
    }

    pub(crate) fn restore(&mut self, network: &str) -> Result<(), Lost> {
        self.ask(&json!({ "do": "restore", "network": network })).map(|_| ())
    }

    /// How many steps have been passed since the program started.
    pub(crate) fn steps(&mut self) -> Result<u64, Lost> {
        let answer = self.ask(&json!({ "do": "steps" }))?;
        answer["passed"].as_u64().ok_or_else(|| failed("the control socket counts no steps"))
    }

    fn ask(&mut self, what: &Value) -> Result<Value, Lost> {
        let gone = |_| Lost::Gone;
        self.stream.get_mut().write_all(format!("{what}\n").as_bytes()).map_err(gone)?;
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(0) => return Err(Lost::Gone),
            Ok(_) => {}
            Err(e) if matches!(e.kind(), std::io::ErrorKind::WouldBlock) => {
                return Err(failed(&format!("the program does not come to rest after {what}")));
            }
            Err(_) => return Err(Lost::Gone),
        }
        let answer: Value = serde_json::from_str(&line).map_err(|_| Lost::Gone)?;
        match answer.get("error") {
            Some(error) => Err(failed(&format!("the control socket: {error}"))),
            None => Ok(answer),
        }
    }
}

fn time(state: &Value) -> Result<Timestamp, Lost> {
    let now = state["now"].as_str().and_then(|now| now.parse().ok());
    now.ok_or_else(|| failed("the control socket does not tell the time"))
}

fn failed(what: &str) -> Lost {
    Lost::Failed(StageError(what.to_owned()))
}
