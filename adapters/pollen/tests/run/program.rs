//! The program as a child, for the tests beside this folder.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use terminal::protocol::{FromClient, FromServer, Hello, Role, Show};

/// How long something is waited for before the program counts as hanging: far longer than a
/// loaded machine needs.
const PATIENCE: Duration = Duration::from_secs(240);

/// The program, called in a folder and an environment of the test's own.
pub(crate) fn pollen(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pollen"));
    command.current_dir(dir).args(args);
    for name in ["POLLEN_LOG", "LC_ALL", "LC_MESSAGES"] {
        command.env_remove(name);
    }
    command.env("USER", "ben").env("LANG", "en_US.UTF-8");
    command
}

/// Runs it to its end with this on standard input.
pub(crate) fn run(dir: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut command = pollen(dir, args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that does not read must not keep the test from reading what it says.
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // It may have ended before it read everything.
    let _ = writing.join().unwrap();
    output
}

/// A text that the program printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A sample library in a folder that is removed afterwards.
pub(crate) fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = run(folder.path(), &["init", "."], b"");
    assert!(made.status.success(), "{}", text(&made.stderr));
    // Tests run at once, so each page takes a port that is free.
    let settings = folder.path().join("pollen.toml");
    let written = std::fs::read_to_string(&settings).unwrap();
    let usual = "# listen = \"127.0.0.1:8080\"";
    assert!(written.contains(usual));
    std::fs::write(&settings, written.replace(usual, "listen = \"127.0.0.1:0\"")).unwrap();
    folder
}

/// Writes the entry about renewals.
pub(crate) fn write_entry(library: &Path, text: &str) {
    std::fs::write(library.join("faq/renew.md"), text).unwrap();
}

/// A program that runs beside the test; killed if the test fails.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
}

impl Running {
    /// Starts it; standard input stays open.
    pub(crate) fn start(dir: &Path, args: &[&str]) -> Running {
        let mut command = pollen(dir, args);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (tell, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Running { child, lines }
    }

    /// Starts to serve the library in a folder, and waits until it is ready.
    pub(crate) fn serve(dir: &Path) -> Running {
        let running = Running::start(dir, &["serve"]);
        running.says("ready: ");
        running
    }

    /// Waits for a line of the log that holds this, and returns it.
    pub(crate) fn says(&self, what: &str) -> String {
        let mut before = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(what) => return line,
                Ok(line) => before.push(line),
                Err(error) => panic!("{what:?} was never said ({error}), but {before:#?}"),
            }
        }
    }

    /// All further lines of the log, until the program ends.
    pub(crate) fn rest(&self) -> Vec<String> {
        std::iter::from_fn(|| self.lines.recv_timeout(PATIENCE).ok()).collect()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, waits for the end and returns the exit code.
    pub(crate) fn stop(mut self, signal: rustix::process::Signal) -> Option<i32> {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal)
            .unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

static SESSIONS: AtomicU64 = AtomicU64::new(0);

/// A patron at the socket of a program that runs.
pub(crate) struct Patron {
    session: String,
    write: UnixStream,
    read: BufReader<UnixStream>,
    last_id: u64,
}

impl Patron {
    pub(crate) fn connect(dir: &Path) -> Patron {
        let write = UnixStream::connect(dir.join("data/terminal.sock")).unwrap();
        write.set_read_timeout(Some(PATIENCE)).unwrap();
        let read = BufReader::new(write.try_clone().unwrap());
        // Lines of one session are handled once, also by a program that was started anew.
        let session = format!("patron{:06}", SESSIONS.fetch_add(1, Ordering::Relaxed));
        let mut patron = Patron { session: session.clone(), write, read, last_id: 0 };
        patron.write(&FromClient::Hello(Hello {
            session,
            name: "ann".to_owned(),
            place: None,
            role: Role::Patron,
            lang: Some("en".to_owned()),
        }));
        assert!(matches!(patron.next(), FromServer::Welcome { .. }));
        patron
    }

    /// Asks, and returns the whole answer as plain text.
    pub(crate) fn ask(&mut self, question: &str) -> String {
        self.last_id += 1;
        let id = self.last_id;
        self.write(&FromClient::Say { id, text: question.to_owned(), replies_to: None });
        let about = format!("{}.{id}", self.session);
        loop {
            if let FromServer::Show(Show { n, reply, about: of, .. }) = self.next() {
                self.write(&FromClient::Shown(n));
                if of.as_deref() == Some(&about) {
                    return contract::plain::text(&reply);
                }
            }
        }
    }

    fn next(&mut self) -> FromServer {
        let mut line = String::new();
        self.read.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn write(&mut self, line: &FromClient) {
        let mut bytes = serde_json::to_vec(line).unwrap();
        bytes.push(b'\n');
        self.write.write_all(&bytes).unwrap();
    }
}
