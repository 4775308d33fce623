//! The program and a bare echo bot, each with an account at a Matrix homeserver: what the figures and
//! the kill table of Matrix are made with.

use crate::program::copy_folder;
use peers::matrix::{PeerError, Proxy, Synapse};
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// What everybody's password is.
const PASSWORD: &str = "correct horse battery staple";
/// Far longer than a loaded machine needs: tells hanging from slow.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two looks at whether a bot has entered a room.
const LOOK: Duration = Duration::from_millis(20);

/// A bot, and the proxy through which it reaches the homeserver.
pub struct AtHome {
    /// The homeserver.
    pub synapse: Arc<Synapse>,
    /// What sees when the bot says something.
    pub proxy: Proxy,
    user: String,
    kind: Kind,
    child: Option<Child>,
}

enum Kind {
    /// The program, with a copy of a library of its own.
    Ours { program: PathBuf, library: TempDir },
    /// The echo bot, with a store for its client.
    Bare { program: PathBuf, store: TempDir },
}

/// Somebody with a direct chat with a bot.
#[derive(Clone, Debug)]
pub struct Patron {
    token: String,
    /// The chat's room.
    pub room: String,
}

/// The bot, or the machine under it, does not do as it should.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The homeserver or the proxy fails.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// A file or a process does.
    #[error(transparent)]
    Machine(#[from] std::io::Error),
    /// The bot does not do this in time.
    #[error("the bot does not {0}")]
    Late(&'static str),
}

impl AtHome {
    /// The program `pollen-staged` with a copy of a library. `name` is its account's.
    ///
    /// # Errors
    /// If the account or the copy cannot be made.
    pub fn ours(
        synapse: &Arc<Synapse>,
        name: &str,
        program: &Path,
        library: &Path,
    ) -> Result<AtHome, HomeError> {
        let copy = TempDir::with_prefix("pollen")?;
        copy_folder(library, copy.path())?;
        let kind = Kind::Ours { program: program.to_owned(), library: copy };
        let bot = AtHome::new(synapse, name, kind)?;
        if let Kind::Ours { library, .. } = &bot.kind {
            let settings = format!(
                "name = \"Library\"\nlanguages = [\"en\"]\n[terminal]\nenabled = false\n[matrix]\n\
                 enabled = true\nhomeserver = \"{}\"\nuser = \"{}\"\nper_second = 1000\n\
                 burst = 1000\n",
                bot.proxy.address(),
                bot.user
            );
            std::fs::write(library.path().join("pollen.toml"), settings)?;
            std::fs::write(library.path().join("matrix-password"), PASSWORD)?;
        }
        Ok(bot)
    }

    /// The echo bot. `name` is its account's.
    ///
    /// # Errors
    /// If the account or its folder cannot be made.
    pub fn bare(synapse: &Arc<Synapse>, name: &str, program: &Path) -> Result<AtHome, HomeError> {
        let store = TempDir::with_prefix("echo")?;
        AtHome::new(synapse, name, Kind::Bare { program: program.to_owned(), store })
    }

    fn new(synapse: &Arc<Synapse>, name: &str, kind: Kind) -> Result<AtHome, HomeError> {
        let account = synapse.register(name, PASSWORD, "SETUP")?;
        let proxy = Proxy::start(&synapse.address())?;
        let (synapse, user) = (synapse.clone(), account.user_id);
        Ok(AtHome { synapse, proxy, user, kind, child: None })
    }

    /// Starts it, and waits until it asks for news.
    ///
    /// # Errors
    /// If it does not start.
    pub fn start(&mut self) -> Result<(), HomeError> {
        let mut command = match &self.kind {
            Kind::Ours { program, library } => {
                let mut command = Command::new(program);
                command.args(["serve", "-L"]).arg(library.path());
                command
            }
            Kind::Bare { program, store } => {
                let mut command = Command::new(program);
                command.env("MATRIX_HOMESERVER", self.proxy.address());
                command.env("MATRIX_USER", &self.user).env("MATRIX_PASSWORD", PASSWORD);
                command.env("MATRIX_STORE", store.path());
                command
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let syncs = self.proxy.syncs();
        let mut child = command.spawn()?;
        if let Some(stderr) = child.stderr.take() {
            // Read on, so that it never waits for a reader.
            std::thread::spawn(move || {
                BufReader::new(stderr).lines().map_while(Result::ok).for_each(drop);
            });
        }
        self.child = Some(child);
        match self.proxy.wait_until(PATIENCE, |proxy| proxy.syncs() > syncs) {
            true => Ok(()),
            false => Err(HomeError::Late("listen")),
        }
    }

    /// Kills it, as a loss of power would.
    ///
    /// # Errors
    /// If it cannot be killed.
    pub fn kill(&mut self) -> Result<(), HomeError> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// The folder of the library that it serves; the echo bot has none.
    pub fn library(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Ours { library, .. } => Some(library.path()),
            Kind::Bare { .. } => None,
        }
    }

    /// The number of its process, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// So many people with direct chats that the bot, which must run, has entered. `name` is in
    /// front of their accounts' names.
    ///
    /// # Errors
    /// If the homeserver refuses, or the bot does not come.
    pub fn patrons(&self, name: &str, count: usize) -> Result<Vec<Patron>, HomeError> {
        let mut patrons = Vec::with_capacity(count);
        for number in 0..count {
            let account = self.synapse.register(&format!("{name}{number}"), PASSWORD, "P")?;
            let asks = json!({
                "preset": "trusted_private_chat", "is_direct": true, "invite": [self.user],
            });
            let token = account.access_token;
            let path = "/_matrix/client/v3/createRoom";
            let (_, made) = self.synapse.call("POST", path, Some(&token), Some(asks))?;
            let room = made["room_id"].as_str().unwrap_or_default().to_owned();
            patrons.push(Patron { token, room });
        }
        let began = Instant::now();
        for patron in &patrons {
            let (room, user) = (&patron.room, &self.user);
            let path = format!("/_matrix/client/v3/rooms/{room}/state/m.room.member/{user}");
            loop {
                let (_, state) = self.synapse.call("GET", &path, Some(&patron.token), None)?;
                if state["membership"] == "join" {
                    break;
                }
                if began.elapsed() > PATIENCE {
                    return Err(HomeError::Late("enter a room that it is invited to"));
                }
                std::thread::sleep(LOOK);
            }
        }
        Ok(patrons)
    }

    /// Lets somebody say something in their direct chat; `key` is of this message alone.
    ///
    /// # Errors
    /// If the homeserver refuses it.
    pub fn says(&self, patron: &Patron, text: &str, key: &str) -> Result<(), HomeError> {
        let path = format!("/_matrix/client/v3/rooms/{}/send/m.room.message/{key}", patron.room);
        let content = json!({ "msgtype": "m.text", "body": text });
        self.synapse.call("PUT", &path, Some(&patron.token), Some(content))?;
        Ok(())
    }

    /// How often the bot has spoken in somebody's chat, as the homeserver has it.
    ///
    /// # Errors
    /// If the homeserver refuses to tell.
    pub fn answers(&self, patron: &Patron) -> Result<usize, HomeError> {
        let filter = "%7B%22types%22%3A%5B%22m.room.message%22%5D%7D";
        let room = &patron.room;
        let path =
            format!("/_matrix/client/v3/rooms/{room}/messages?dir=b&limit=1000&filter={filter}");
        let (_, all) = self.synapse.call("GET", &path, Some(&patron.token), None)?;
        let chunk = all["chunk"].as_array().into_iter().flatten();
        Ok(chunk.filter(|event| event["sender"] == self.user.as_str()).count())
    }
}

impl Drop for AtHome {
    fn drop(&mut self) {
        // Whether it lives still or not, it is gone afterwards.
        let _ = self.kill();
    }
}
