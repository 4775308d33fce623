//! The program's process on its own copy of the library.

use super::clients::PATIENCE;
use super::control::Control;
use super::{KEY, copy_folder};
use crate::folder;
use crate::stage::StageError;
use jiff::Timestamp;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use tempfile::TempDir;

/// How many of the program's last words are kept to explain a failure.
const WORDS_KEPT: usize = 40;

/// What a stage is made from: the program, and a library with its indexes that is copied for each
/// performance.
#[derive(Clone, Debug)]
pub struct Staged {
    program: PathBuf,
    library: PathBuf,
}

impl Staged {
    /// Makes the library to copy from in `folder`, with its indexes.
    ///
    /// # Errors
    /// If it cannot be written, or a file of it is refused.
    pub fn new(program: &Path, folder: &Path) -> Result<Staged, StageError> {
        if folder.exists() {
            std::fs::remove_dir_all(folder).map_err(failed("remove", folder))?;
        }
        copy_folder(&folder::library(), folder).map_err(failed("make", folder))?;
        let settings = folder.join("pollen.toml");
        if !settings.exists() {
            let text = "name = \"Linden Library\"\nlanguages = [\"en\", \"fr\"]\n";
            std::fs::write(&settings, text).map_err(failed("write", &settings))?;
        }
        let data = folder.join("data");
        std::fs::create_dir_all(&data).map_err(failed("make", &data))?;
        std::fs::write(data.join("key"), KEY).map_err(failed("write", &data))?;
        folder::build(folder, &data).map_err(StageError)?;
        Ok(Staged { program: program.to_owned(), library: folder.to_owned() })
    }
}

/// How a process ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// In order.
    Orderly,
    /// By dying, as if its power went.
    Died,
    /// In any other way, in the system's words.
    Failed(String),
}

/// The program on its own copy of the library. Dropping it ends the program and removes the copy.
pub(crate) struct Process {
    program: PathBuf,
    folder: TempDir,
    child: Child,
    control: Control,
    words: Words,
}

impl Process {
    pub(crate) fn start(staged: &Staged, now: Timestamp) -> Result<Process, StageError> {
        // In the system's own folder: a socket's path must be short.
        let folder =
            TempDir::with_prefix("pollen").map_err(failed("make", Path::new("a folder")))?;
        copy_folder(&staged.library, folder.path()).map_err(failed("copy", &staged.library))?;
        let (child, words) = spawn(&staged.program, folder.path(), now)?;
        let control = connect(folder.path())?;
        Ok(Process { program: staged.program.clone(), folder, child, control, words })
    }

    /// Starts it again, after it has ended.
    pub(crate) fn restart(&mut self, now: Timestamp) -> Result<(), StageError> {
        (self.child, self.words) = spawn(&self.program, self.folder.path(), now)?;
        self.control = connect(self.folder.path())?;
        Ok(())
    }

    pub(crate) fn control(&mut self) -> &mut Control {
        &mut self.control
    }

    /// The library's folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The terminal's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("data/terminal.sock")
    }

    /// Asks it to stop, as the system does.
    pub(crate) fn stop(&self) -> Result<(), StageError> {
        self.signal("-TERM")
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> Result<Ended, StageError> {
        let status = self.child.wait().map_err(failed("wait for", &self.program))?;
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
fn spawn(program: &Path, folder: &Path, now: Timestamp) -> Result<(Child, Words), StageError> {
    let mut command = Command::new(program);
    command.arg("serve").arg("-L").arg(folder);
    command.arg("--control").arg(folder.join(CONTROL)).arg("--clock").arg(now.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed("start", program))?;
    let stderr = child.stderr.take().ok_or_else(|| StageError("it has no voice".to_owned()))?;
    let mut words = Words::listen(stderr);
    if words.wait_for("ready:") {
        return Ok((child, words));
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
    kept: std::cell::RefCell<Vec<String>>,
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
        Words { lines, kept: std::cell::RefCell::default() }
    }

    /// Waits for a line with these words in it; false if the program ends or says nothing.
    fn wait_for(&mut self, words: &str) -> bool {
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            let found = line.contains(words);
            self.kept.borrow_mut().push(line);
            if found {
                return true;
            }
        }
        false
    }

    /// Its last words.
    fn last(&self) -> String {
        let mut kept = self.kept.borrow_mut();
        kept.extend(self.lines.try_iter());
        let from = kept.len().saturating_sub(WORDS_KEPT);
        kept.drain(..from);
        kept.join("\n")
    }
}

fn failed(what: &str, path: &Path) -> impl Fn(std::io::Error) -> StageError {
    let what = format!("cannot {what} {}", path.display());
    move |error| StageError(format!("{what}: {error}"))
}
