//! The program's process on its own copy of the library.

use super::control::Control;
use super::terminal::PATIENCE;
use super::{KEY, copy_folder, discord, matrix, telegram, web};
use crate::folder;
use crate::stage::StageError;
use jiff::Timestamp;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many of the program's last lines explain a failure.
const LAST_WORDS: usize = 40;

/// What a stage is made from: the program, and a library with its indexes that is copied for each
/// performance.
#[derive(Clone, Debug)]
pub struct Staged {
    program: PathBuf,
    library: PathBuf,
    network: String,
    by_webhook: bool,
    encrypted: bool,
    reads: bool,
}

impl Staged {
    /// The same with updates that are brought to the program, where its network can do so.
    #[must_use]
    pub fn by_webhook(self) -> Staged {
        Staged { by_webhook: true, ..self }
    }

    /// Whether updates are brought to the program.
    pub(crate) fn is_by_webhook(&self) -> bool {
        self.by_webhook
    }

    /// The same with rooms that are encrypted, where its network knows such.
    #[must_use]
    pub fn encrypted(self) -> Staged {
        Staged { encrypted: true, ..self }
    }

    /// Whether rooms are encrypted.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// The same with a bot that may read what people say to each other, where its network asks.
    #[must_use]
    pub fn reading(self) -> Staged {
        Staged { reads: true, ..self }
    }

    /// Whether the bot may read what people say to each other.
    pub(crate) fn is_reading(&self) -> bool {
        self.reads
    }

    /// The network that people are on.
    pub(crate) fn network(&self) -> &str {
        &self.network
    }

    /// Makes the library to copy from in `folder`, with its indexes; people are on this network.
    ///
    /// # Errors
    /// If it cannot be written, or a file of it is refused.
    pub fn new(program: &Path, folder: &Path, network: &str) -> Result<Staged, StageError> {
        if folder.exists() {
            std::fs::remove_dir_all(folder).map_err(failed("remove", folder))?;
        }
        copy_folder(&folder::library(), folder).map_err(failed("make", folder))?;
        let settings = folder.join("pollen.toml");
        let mut text = "name = \"Linden Library\"\nlanguages = [\"en\", \"fr\"]\n".to_owned();
        text.push_str(TOPICS);
        if network == ::web::NETWORK {
            text.push_str(web::SETTINGS);
            let password = folder.join("desk-password");
            std::fs::write(&password, web::password_hash()).map_err(failed("write", &password))?;
        }
        if [discord::NETWORK, telegram::NETWORK, matrix::NETWORK].contains(&network) {
            text.push_str("[terminal]\nenabled = false\n");
        }
        std::fs::write(&settings, text).map_err(failed("write", &settings))?;
        let data = folder.join("data");
        std::fs::create_dir_all(&data).map_err(failed("make", &data))?;
        std::fs::write(data.join("key"), KEY).map_err(failed("write", &data))?;
        folder::build(folder, &data).map_err(StageError)?;
        let (program, library) = (program.to_owned(), folder.to_owned());
        Ok(Staged {
            program,
            library,
            network: network.to_owned(),
            by_webhook: false,
            encrypted: false,
            reads: false,
        })
    }
}

/// Who works at which topics.
const TOPICS: &str = "[desk.topics]\nrooms = [\"mira\"]\n";

/// How a process ended.
#[derive(Debug)]
pub enum Ended {
    /// In order.
    Orderly,
    /// By dying, as if its power went.
    Died,
    /// In any other way, in the system's words.
    Failed(String),
}

/// The program on its own copy of the library. Dropping it ends the program and removes the copy.
pub struct Process {
    program: PathBuf,
    folder: TempDir,
    child: Child,
    /// None where it goes by the real time.
    control: Option<Control>,
    words: Words,
    address: String,
}

impl Process {
    /// Starts it at this time on a copy of the library.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(staged: &Staged, now: Timestamp) -> Result<Process, StageError> {
        Process::start_settled(staged, now, "")
    }

    /// Starts it with these lines of settings in the last of its tables, in the stead of those that
    /// are called the same.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start_settled(
        staged: &Staged,
        now: Timestamp,
        settings: &str,
    ) -> Result<Process, StageError> {
        Process::start_prepared(staged, now, |folder| {
            let path = folder.join("pollen.toml");
            let text = std::fs::read_to_string(&path)?;
            let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
            let new: Vec<String> = settings.lines().map(key).collect();
            let old = text.lines().filter(|line| !new.contains(&key(line)));
            let text: String = old.chain(settings.lines()).flat_map(|line| [line, "\n"]).collect();
            std::fs::write(&path, text)
        })
    }

    /// Starts it on a copy of the library to which this has been done.
    ///
    /// # Errors
    /// If that cannot be done, or it does not start.
    pub fn start_prepared(
        staged: &Staged,
        now: Timestamp,
        prepare: impl FnOnce(&Path) -> std::io::Result<()>,
    ) -> Result<Process, StageError> {
        Process::start_at(staged, Some(now), prepare)
    }

    /// The same in real time, without a control socket.
    ///
    /// # Errors
    /// As [`Process::start_prepared`].
    pub fn start_in_real_time(
        staged: &Staged,
        prepare: impl FnOnce(&Path) -> std::io::Result<()>,
    ) -> Result<Process, StageError> {
        Process::start_at(staged, None, prepare)
    }

    fn start_at(
        staged: &Staged,
        now: Option<Timestamp>,
        prepare: impl FnOnce(&Path) -> std::io::Result<()>,
    ) -> Result<Process, StageError> {
        // In the system's own folder: a socket's path must be short.
        let folder =
            TempDir::with_prefix("pollen").map_err(failed("make", Path::new("a folder")))?;
        copy_folder(&staged.library, folder.path()).map_err(failed("copy", &staged.library))?;
        prepare(folder.path()).map_err(failed("prepare", folder.path()))?;
        let (child, words, address) = spawn(&staged.program, folder.path(), now)?;
        let control = now.map(|_| connect(folder.path())).transpose()?;
        Ok(Process { program: staged.program.clone(), folder, child, control, words, address })
    }

    /// Starts it again, after it has ended.
    pub(crate) fn restart(&mut self, now: Timestamp) -> Result<(), StageError> {
        (self.child, self.words, self.address) =
            spawn(&self.program, self.folder.path(), Some(now))?;
        self.control = Some(connect(self.folder.path())?);
        Ok(())
    }

    /// Its control socket. Nobody asks for it where there is none.
    pub(crate) fn control(&mut self) -> &mut Control {
        self.control.as_mut().expect("it goes by a set clock")
    }

    /// Waits until it has said something with these words in it about its work since its start;
    /// false if it ends or falls silent before.
    pub fn says(&mut self, words: &str) -> bool {
        self.words.wait_for(words).is_some()
    }

    /// Lets the time of its set clock pass until this moment.
    ///
    /// # Errors
    /// If it is not there any more.
    pub fn advance(&mut self, until: Timestamp) -> Result<Timestamp, StageError> {
        self.control().advance(until).map_err(|lost| StageError(format!("{lost:?}")))
    }

    /// Starts it again in real time, after it has ended.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start_again(&mut self) -> Result<(), StageError> {
        (self.child, self.words, self.address) = spawn(&self.program, self.folder.path(), None)?;
        Ok(())
    }

    /// The library's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the web page is, as host and port; empty if there is none.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The terminal's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("data/terminal.sock")
    }

    /// Whether it has not ended yet.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to stop, as the system does.
    ///
    /// # Errors
    /// If it cannot be asked.
    pub fn stop(&self) -> Result<(), StageError> {
        self.signal("-TERM")
    }

    /// Ends it at once, as if its power went; it can be waited for.
    ///
    /// # Errors
    /// If it cannot be ended.
    pub fn kill(&self) -> Result<(), StageError> {
        self.signal("-KILL")
    }

    /// The number that the system has given it.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub fn wait(&mut self) -> Result<Ended, StageError> {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().map_err(failed("wait for", &self.program))? {
                Some(status) => break status,
                None if Instant::now() > deadline => {
                    return Err(StageError("the program is to end and does not".to_owned()));
                }
                None => std::thread::sleep(ENDING_LOOK),
            }
        };
        Ok(match (status.success(), status.signal()) {
            (true, _) => Ended::Orderly,
            (false, Some(ABORTED | KILLED)) => Ended::Died,
            (false, _) => Ended::Failed(status.to_string()),
        })
    }

    /// The error with the program's own last words behind it.
    pub(crate) fn explain(&self, error: StageError) -> StageError {
        let words = self.words.last();
        if words.is_empty() { error } else { StageError(format!("{error}\nit said:\n{words}")) }
    }

    fn signal(&self, signal: &str) -> Result<(), StageError> {
        let id = self.child.id().to_string();
        let done = Command::new("kill").arg(signal).arg(id).status();
        done.map_err(failed("signal", &self.program)).map(|_| ())
    }
}

/// How often to look whether it has ended.
const ENDING_LOOK: Duration = Duration::from_millis(2);

/// The signal of a program that aborts itself.
const ABORTED: i32 = 6;
/// The signal of a program that is killed.
const KILLED: i32 = 9;

impl Drop for Process {
    fn drop(&mut self) {
        // Whether it lives still or not, it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the program and waits until it says that it is ready.
fn spawn(
    program: &Path,
    folder: &Path,
    now: Option<Timestamp>,
) -> Result<(Child, Words, String), StageError> {
    let mut command = Command::new(program);
    command.arg("serve").arg("-L").arg(folder);
    if let Some(now) = now {
        command.arg("--control").arg(folder.join(CONTROL)).arg("--clock").arg(now.to_string());
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed("start", program))?;
    let stderr = child.stderr.take().ok_or_else(|| StageError("it has no voice".to_owned()))?;
    let mut words = Words::listen(stderr);
    if let Some(ready) = words.wait_for("ready:") {
        let address = ready.rsplit_once("http://").map_or("", |(_, address)| address);
        return Ok((child, words, address.trim().to_owned()));
    }
    // It is not wanted any more, however it goes.
    let _ = child.kill();
    let _ = child.wait();
    Err(StageError(format!("the program does not start:\n{}", words.last())))
}

const CONTROL: &str = "data/control.sock";

fn connect(folder: &Path) -> Result<Control, StageError> {
    let path = folder.join(CONTROL);
    Control::connect(&path).ok_or_else(|| StageError(format!("nothing is at {}", path.display())))
}

/// What the program writes about its work.
struct Words {
    lines: Receiver<String>,
    heard: std::cell::RefCell<Vec<String>>,
}

impl Words {
    /// Reads on a thread of its own, so that the program never waits to be read.
    fn listen(from: ChildStderr) -> Words {
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        });
        Words { lines, heard: std::cell::RefCell::default() }
    }

    /// Waits for a line with these words in it, unless there has been one; `None` if the program
    /// ends or says nothing.
    fn wait_for(&mut self, words: &str) -> Option<String> {
        let heard = self.heard.get_mut();
        if let Some(line) = heard.iter().find(|line| line.contains(words)) {
            return Some(line.clone());
        }
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            heard.push(line.clone());
            if line.contains(words) {
                return Some(line);
            }
        }
        None
    }

    /// Its last words.
    fn last(&self) -> String {
        let mut heard = self.heard.borrow_mut();
        heard.extend(self.lines.try_iter());
        heard[heard.len().saturating_sub(LAST_WORDS)..].join("\n")
    }
}

fn failed(what: &str, path: &Path) -> impl Fn(std::io::Error) -> StageError {
    let what = format!("cannot {what} {}", path.display());
    move |error| StageError(format!("{what}: {error}"))
}
