//! The real program: from its start to the first answer, and its memory at rest.

use crate::ROUNDS;
use crate::table::{median, row, time};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The real program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_pollen-staged");

pub(crate) fn measure(library: &Path) {
    let ask = || {
        let done = Command::new(PROGRAM)
            .args(["ask", "--json", "What is a health emergency?", "-L"])
            .arg(library)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| time(ask)).collect();
    let ms = median(&mut times).as_secs_f64() * 1e3;
    row("start to first answer, ms", ms, 300.0, f64::NAN, "≤ 300");
    memory(library);
}

/// Resident memory of `pollen serve`, after a question for an entry and one for a record.
fn memory(library: &Path) {
    let asked = ["What is a health emergency?", "Utopia More, Thomas"];
    let Memory { resident, .. } = memory_after(library, &asked);
    row("resident memory of serve with this index, MB", resident, 60.0, f64::NAN, "≤ 60");
}

/// Memory of `pollen serve`, after these were asked in the terminal.
pub(crate) fn memory_after(library: &Path, questions: &[&str]) -> Memory {
    let mut serve = Command::new(PROGRAM)
        .args(["serve", "-L"])
        .arg(library)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(serve.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("ready")), "serve has not become ready");
    // Its later lines are read on, so that it never waits for a reader.
    let drain = std::thread::spawn(move || lines.for_each(drop));
    for question in questions {
        let mut chat = Command::new(PROGRAM)
            .args(["chat", "--name", "ben", "-L"])
            .arg(library)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut chat.stdin.take().unwrap(), question.as_bytes()).unwrap();
        chat.wait().unwrap();
    }
    let memory = Memory::of(serve.id());
    let stopped = Command::new("kill").arg(serve.id().to_string()).status().unwrap();
    assert!(stopped.success() && serve.wait().unwrap().success(), "serve has not stopped well");
    drain.join().unwrap();
    memory
}

/// What a process has in memory, in MB.
pub(crate) struct Memory {
    /// All of it.
    pub(crate) resident: f64,
    /// What is its own: without the pages of files, the index's above all, of which the system shows
    /// it more or fewer as it likes.
    pub(crate) own: f64,
}

impl Memory {
    /// Of a process that runs.
    pub(crate) fn of(process: u32) -> Memory {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let mb = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            let kb: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
            kb / 1024.0
        };
        Memory { resident: mb("VmRSS:"), own: mb("RssAnon:") }
    }
}
