//! The program and a bare echo bot, each before a server of its own that stands in for a network: what the
//! figures and the kill tables of Telegram and Discord are made with.

use crate::program::copy_folder;
use jiff::SignedDuration;
use peers::discord::{self, ChannelId, Discord, GuildId};
use peers::telegram::{self, Clock, Telegram};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A bot, and the server that it talks to, which outlives it.
pub struct Beside<S: Server> {
    /// The server.
    pub peer: S,
    kind: Kind,
    child: Option<Child>,
}

/// A server that stands in for a network.
pub trait Server {
    /// Somebody on it.
    type Person: Copy;

    /// What the program's settings say of it, and the file of the token with what it holds.
    fn settings(&self) -> (String, &'static str, String);

    /// What the echo bot is told of it.
    fn environment(&self) -> Vec<(&'static str, String)>;

    /// How often a bot has begun to listen.
    fn listened(&self) -> usize;

    /// Waits until a bot has begun to listen more often than that.
    fn wait_for_listener(&self, before: usize);

    /// Somebody new, who can be spoken with directly.
    fn somebody(&self, name: &str) -> Self::Person;

    /// Somebody says something to the bot.
    fn says(&self, person: Self::Person, text: &str);

    /// How often the bot has answered somebody.
    fn answers(&self, person: Self::Person) -> usize;

    /// Waits for the next message of the bot's; whether one came.
    fn next_sent(&self, patience: Duration) -> bool;

    /// How many messages the bot has sent since this was last asked.
    fn sent(&self) -> usize;

    /// How often the bot was told that it asks too much.
    fn refused(&self) -> usize;
}

enum Kind {
    /// The program, with a copy of a library of its own.
    Ours { program: PathBuf, library: TempDir },
    /// The echo bot.
    Bare { program: PathBuf },
}

/// Telegram with these limits.
///
/// # Panics
/// If it does not start.
pub fn on_telegram(limits: telegram::Limits) -> Telegram {
    let settings = telegram::Settings { limits, clock: Clock::real(), ..Default::default() };
    Telegram::start(settings).expect("the server starts")
}

impl Server for Telegram {
    type Person = telegram::UserId;

    fn settings(&self) -> (String, &'static str, String) {
        let server = format!("[telegram]\nenabled = true\nserver = \"{}\"\n", self.address());
        (server, "telegram-token", self.token())
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("TELOXIDE_TOKEN", self.token()), ("TELOXIDE_API_URL", self.address())]
    }

    fn listened(&self) -> usize {
        self.calls_of("getUpdates").len()
    }

    fn wait_for_listener(&self, before: usize) {
        self.wait_until(PATIENCE, |peer| peer.listened() > before);
    }

    fn somebody(&self, name: &str) -> telegram::UserId {
        self.add_user(telegram::User::new(name))
    }

    fn says(&self, person: telegram::UserId, text: &str) {
        self.say(person, person.chat(), text);
    }

    fn answers(&self, person: telegram::UserId) -> usize {
        self.from_bot(person.chat()).len()
    }

    fn next_sent(&self, patience: Duration) -> bool {
        Telegram::next_sent(self, patience).is_some()
    }

    fn sent(&self) -> usize {
        self.read().iter().filter(|deed| matches!(deed, telegram::Deed::Sent(_))).count()
    }

    fn refused(&self) -> usize {
        self.answered_with(429)
    }
}

/// Discord, with a guild for people to meet the bot in.
pub struct Guilded {
    /// The server.
    pub peer: Discord,
    /// The guild.
    pub guild: GuildId,
}

/// Discord with these limits.
///
/// # Panics
/// If it does not start.
pub fn on_discord(limits: discord::Limits) -> Guilded {
    let settings = discord::Settings { limits, clock: Clock::real(), ..Default::default() };
    let peer = Discord::start(settings).expect("the server starts");
    let owner = peer.add_user(discord::User::new("owner"));
    let guild = peer.add_guild("Library", owner);
    Guilded { peer, guild }
}

impl Guilded {
    /// Somebody's direct chat with the bot.
    pub fn chat(&self, person: discord::UserId) -> ChannelId {
        self.peer.direct(person)
    }

    /// Lets time pass, for the server alone.
    pub fn advance(&self, by: SignedDuration) {
        self.peer.advance(by);
    }
}

impl Server for Guilded {
    type Person = discord::UserId;

    fn settings(&self) -> (String, &'static str, String) {
        let server = format!("[discord]\nenabled = true\nserver = \"{}\"\n", self.peer.address());
        (server, "discord-token", self.peer.token())
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("DISCORD_TOKEN", self.peer.token()), ("DISCORD_PROXY", self.peer.address())]
    }

    fn listened(&self) -> usize {
        let (begun, resumed) = self.peer.sessions_begun();
        begun + resumed
    }

    fn wait_for_listener(&self, before: usize) {
        let listens = |peer: &Discord| {
            let (begun, resumed) = peer.sessions_begun();
            begun + resumed > before && peer.is_connected()
        };
        self.peer.wait_until(PATIENCE, listens);
    }

    fn somebody(&self, name: &str) -> discord::UserId {
        let user = self.peer.add_user(discord::User::new(name));
        self.peer.join(user, self.guild);
        user
    }

    fn says(&self, person: discord::UserId, text: &str) {
        self.peer.say(person, self.chat(person), text);
    }

    fn answers(&self, person: discord::UserId) -> usize {
        let said = self.peer.from_bot(self.chat(person));
        said.iter().filter(|message| !message.is_thinking()).count()
    }

    fn next_sent(&self, patience: Duration) -> bool {
        self.peer.next_sent(patience).is_some()
    }

    fn sent(&self) -> usize {
        self.peer.read().iter().filter(|deed| matches!(deed, discord::Deed::Sent(_))).count()
    }

    fn refused(&self) -> usize {
        self.peer.answered_with(429)
    }
}

impl<S: Server> Beside<S> {
    /// The program `pollen-staged` with a copy of a library, with settings for its server: it
    /// remembers nothing of another server.
    ///
    /// # Errors
    /// If the copy cannot be made.
    pub fn ours(program: &Path, library: &Path, peer: S) -> std::io::Result<Beside<S>> {
        let copy = TempDir::with_prefix("pollen")?;
        copy_folder(library, copy.path())?;
        let (server, file, token) = peer.settings();
        let settings = format!(
            "name = \"Library\"\nlanguages = [\"en\"]\n[terminal]\nenabled = false\n{server}"
        );
        std::fs::write(copy.path().join("pollen.toml"), settings)?;
        std::fs::write(copy.path().join(file), token)?;
        let kind = Kind::Ours { program: program.to_owned(), library: copy };
        Ok(Beside { peer, kind, child: None })
    }

    /// The echo bot.
    pub fn bare(program: &Path, peer: S) -> Beside<S> {
        Beside { peer, kind: Kind::Bare { program: program.to_owned() }, child: None }
    }

    /// The folder of the library that it serves; the echo bot has none.
    pub fn library(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Ours { library, .. } => Some(library.path()),
            Kind::Bare { .. } => None,
        }
    }

    /// Starts it, and waits until it listens.
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
                command.envs(self.peer.environment());
                command
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let before = self.peer.listened();
        let mut child = command.spawn()?;
        if let Some(stderr) = child.stderr.take() {
            // Read on, so that it never waits for a reader.
            std::thread::spawn(move || {
                BufReader::new(stderr).lines().map_while(Result::ok).for_each(drop);
            });
        }
        self.child = Some(child);
        self.peer.wait_for_listener(before);
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
    pub fn people(&self, count: usize) -> Vec<S::Person> {
        (0..count).map(|number| self.peer.somebody(&format!("P{number}"))).collect()
    }

    /// How often it has answered somebody.
    pub fn answers(&self, person: S::Person) -> usize {
        self.peer.answers(person)
    }
}

/// Far longer than a loaded machine needs: tells hanging from slow.
const PATIENCE: Duration = Duration::from_secs(60);

impl<S: Server> Drop for Beside<S> {
    fn drop(&mut self) {
        // Whether it lives still or not, it is gone afterwards.
        let _ = self.kill();
    }
}
