//! The program and a bare echo bot, each before a Bot API server of its own: what the figures and the
//! kill table of Telegram are made with.

use crate::program::copy_folder;
use peers::telegram::{Clock, Limits, Settings, Telegram, User, UserId};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A bot, and the server that it talks to, which outlives it.
pub struct Beside {
    /// The server.
    pub peer: Telegram,
    kind: Kind,
    child: Option<Child>,
}

enum Kind {
    /// The program, with a copy of a library of its own.
    Ours { program: PathBuf, library: TempDir },
    /// The echo bot.
    Bare { program: PathBuf },
}

/// A server with these limits.
fn peer(limits: Limits) -> Telegram {
    let settings = Settings { limits, clock: Clock::real(), ..Settings::default() };
    Telegram::start(settings).expect("the server starts")
}

impl Beside {
    /// The program `pollen-staged` with a copy of a library, with settings for its server: it
    /// remembers nothing of another server.
    ///
    /// # Errors
    /// If the copy cannot be made.
    pub fn ours(program: &Path, library: &Path, limits: Limits) -> std::io::Result<Beside> {
        let peer = peer(limits);
        let copy = TempDir::with_prefix("pollen")?;
        copy_folder(library, copy.path())?;
        let settings = format!(
            "name = \"Library\"\nlanguages = [\"en\"]\n[terminal]\nenabled = false\n[telegram]\n\
             enabled = true\nserver = \"{}\"\n",
            peer.address()
        );
        std::fs::write(copy.path().join("pollen.toml"), settings)?;
        std::fs::write(copy.path().join("telegram-token"), peer.token())?;
        let kind = Kind::Ours { program: program.to_owned(), library: copy };
        Ok(Beside { peer, kind, child: None })
    }

    /// The echo bot.
    pub fn bare(program: &Path, limits: Limits) -> Beside {
        Beside { peer: peer(limits), kind: Kind::Bare { program: program.to_owned() }, child: None }
    }

    /// The folder of the library that it serves; the echo bot has none.
    pub fn library(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Ours { library, .. } => Some(library.path()),
            Kind::Bare { .. } => None,
        }
    }

    /// Starts it, and waits until it asks for updates.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(&mut self) -> std::io::Result<()> {
        let mut command = match &self.kind {
            Kind::Ours { program, library } => {
                let mut command = Command::new(program);
                command.args(["serve", "-L"]).arg(library.path());
                command
            }
            Kind::Bare { program } => {
                let mut command = Command::new(program);
                command.env("TELOXIDE_TOKEN", self.peer.token());
                command.env("TELOXIDE_API_URL", self.peer.address());
                command
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let polls = self.peer.calls_of("getUpdates").len();
        let mut child = command.spawn()?;
        if let Some(stderr) = child.stderr.take() {
            // Read on, so that it never waits for a reader.
            std::thread::spawn(move || {
                BufReader::new(stderr).lines().map_while(Result::ok).for_each(drop);
            });
        }
        self.child = Some(child);
        self.peer.wait_until(PATIENCE, |peer| peer.calls_of("getUpdates").len() > polls);
        Ok(())
    }

    /// Kills it, as a loss of power would.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub fn kill(&mut self) -> std::io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// The number of its process, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// So many people whom it does not know yet.
    pub fn people(&self, count: usize) -> Vec<UserId> {
        (0..count).map(|number| self.peer.add_user(User::new(&format!("P{number}")))).collect()
    }

    /// How often it has answered somebody.
    pub fn answers(&self, user: UserId) -> usize {
        self.peer.from_bot(user.chat()).len()
    }
}

/// Far longer than a loaded machine needs: tells hanging from slow.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

impl Drop for Beside {
    fn drop(&mut self) {
        // Whether it lives still or not, it is gone afterwards.
        let _ = self.kill();
    }
}
