//! `pollen doctor` and a bot on Discord: what it finds of its token, of what it may read, and of its
//! rights where it answers and where staff work.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use peers::discord::{ChannelId, Discord, GuildId, Permissions, RoleId, Settings, User, UserId};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tests::program::{DISCORD, Process, Staged, connect_discord, free_port};

/// Longer than anything here takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is found where the bot reads nothing that is not for it.
const READS_NOTHING: &str = "it may not read what people say to each other, and needs not: they ask by commands, by its name \
     and by replies";

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_pollen-staged"))
}

fn staged() -> &'static Staged {
    static STAGED: OnceLock<Staged> = OnceLock::new();
    STAGED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("discord-doctor");
        Staged::new(program(), &folder, DISCORD).unwrap()
    })
}

/// What `pollen doctor` says.
#[derive(Debug)]
struct Findings {
    /// What it found out about Discord: whether it is in order, and the words.
    discord: Vec<(bool, String)>,
    /// Whether its exit code is that of a library in which nothing is wrong.
    succeeds: bool,
}

impl Findings {
    fn of(folder: &Path) -> Findings {
        let mut doctor = Command::new(program());
        doctor.arg("doctor").arg("--json").arg("-L").arg(folder);
        let told = doctor.output().unwrap();
        let all = String::from_utf8(told.stdout).unwrap();
        let found: Value = serde_json::from_str(&all).unwrap();
        let code = if found["ok"] == true { 0 } else { 1 };
        assert_eq!(told.status.code(), Some(code), "its exit code says what it found: {all}");
        let of_discord = found["findings"].as_array().unwrap().iter();
        let of_discord = of_discord.filter(|finding| finding["about"] == "discord");
        let discord = of_discord
            .map(|finding| (finding["ok"] == true, finding["words"].as_str().unwrap().to_owned()));
        Findings { discord: discord.collect(), succeeds: code == 0 }
    }

    /// That this is in order, in these words.
    #[track_caller]
    fn good(&self, words: &str) {
        assert!(self.discord.contains(&(true, words.to_owned())), "{words:?}: {self:#?}");
    }

    /// That these are wrong, in these words, and nothing else.
    #[track_caller]
    fn wrong(&self, wrongs: &[&str]) {
        let found = self.discord.iter().filter(|(ok, _)| !ok);
        let found: Vec<&str> = found.map(|(_, words)| words.as_str()).collect();
        assert_eq!(found, wrongs);
        assert_eq!(self.succeeds, wrongs.is_empty(), "{self:#?}");
    }
}

/// What the doctor finds once the program has built its index anew, as it does at its first start.
fn once_built(folder: &Path) -> Findings {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = Findings::of(folder);
        if found.succeeds || Instant::now() > deadline {
            return found;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A server with a channel where people talk and one where staff work, and a bot that may all it needs.
struct Town {
    peer: Discord,
    guild: GuildId,
    role: RoleId,
    desk: ChannelId,
    hall: ChannelId,
    bot: UserId,
}

impl Town {
    fn new(settings: Settings) -> Town {
        let peer = Discord::start(settings).unwrap();
        let owner = peer.add_user(User::new("owner"));
        let guild = peer.add_guild("Linden", owner);
        let bots = peer.add_role(guild, "Library bot", Permissions::MANAGE_THREADS);
        let bot = peer.bot();
        peer.set_role(guild, bot, bots, true);
        let role = peer.add_role(guild, "Staff", Permissions::NONE);
        let (desk, hall) = (peer.add_channel(guild, "desk"), peer.add_channel(guild, "hall"));
        Town { peer, guild, role, desk, hall, bot }
    }

    /// Settles the bot in a library's folder, with all closed to others as the documentation asks.
    fn connect(&self, folder: &Path, reads: bool) -> std::io::Result<()> {
        connect_discord(folder, &self.peer, Some((self.desk, self.role)), reads)?;
        for (name, mode) in [("data", 0o700), ("data/key", 0o600), ("discord-token", 0o600)] {
            std::fs::set_permissions(folder.join(name), std::fs::Permissions::from_mode(mode))?;
        }
        Ok(())
    }

    /// A library's folder with the settings of the bot in it; nobody has run it yet.
    fn library(&self) -> TempDir {
        let folder = TempDir::with_prefix("pollen").unwrap();
        Staged::new(program(), folder.path(), DISCORD).unwrap();
        self.connect(folder.path(), false).unwrap();
        folder
    }

    /// Takes rights from the bot in a channel.
    fn denies(&self, channel: ChannelId, rights: Permissions) {
        self.peer.set_overwrite(channel, self.bot.0, Permissions::NONE, rights);
    }
}

/// Writes something else into the settings.
fn settle(folder: &Path, old: &str, new: &str) {
    let path = folder.join("pollen.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{text}");
    std::fs::write(path, text.replace(old, new)).unwrap();
}

#[test]
fn a_bot_in_order_is_found_in_order_before_it_runs_and_while_it_does() {
    let town = Town::new(Settings::default());
    let folder = town.library();
    let found = Findings::of(folder.path());
    found.good("the token is that of Library");
    found.good(READS_NOTHING);
    found.good("its commands are announced at the next start of serve");
    found.good("on \"Linden\" it can answer in all 2 channels that it sees");
    found.good("staff work in #desk, a thread a case");
    found.good("whoever has the role \"Staff\" is staff");
    found.wrong(&[]);
    assert!(town.peer.calls().iter().all(|call| call.body.is_null()), "it changes nothing");
    let process = Process::start_in_real_time(staged(), |folder| town.connect(folder, false));
    let process = process.unwrap();
    let announced = |peer: &Discord| !peer.commands(None).is_empty();
    assert!(town.peer.wait_until(PATIENCE, announced));
    let found = once_built(process.folder());
    found.good("its 12 commands are there");
    found.wrong(&[]);
    town.peer.assert_content();
}

#[test]
fn a_wrong_token_is_told_with_what_mends_it() {
    let town = Town::new(Settings::default());
    let folder = town.library();
    let wrong = "MTEwMDAwMDAwMDAwMDAwMDAwMQ.Gwrong.of_the_tests_0123456789abcdefghijkl";
    std::fs::write(folder.path().join("discord-token"), wrong).unwrap();
    Findings::of(folder.path()).wrong(&[
        "Discord does not know the bot's token: it was reset, or is not the one of the developer \
         portal; reset it there (Bot, Reset Token) and write the new one into the library's folder",
    ]);
}

#[test]
fn a_token_that_is_missing_or_none_or_lies_open_is_told_with_what_mends_it() {
    let town = Town::new(Settings::default());
    let folder = town.library();
    let token = folder.path().join("discord-token");
    let shown = token.display();
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
    let found = Findings::of(folder.path());
    found.good("the token is that of Library");
    found.wrong(&[&format!(
        "others on this machine can read {shown}; close it with `chmod 600 {shown}`"
    )]);
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mend = format!(
        "write the token of the developer portal into {shown} or the environment variable \
         POLLEN_DISCORD_TOKEN; docs/discord.md shows how a bot is made"
    );
    std::fs::write(&token, "the bot's client secret").unwrap();
    let found = Findings::of(folder.path());
    found.wrong(&[&format!("what stands as Discord's token is none; {mend}")]);
    std::fs::remove_file(&token).unwrap();
    Findings::of(folder.path()).wrong(&[&format!("Discord has no token; {mend}")]);
}

#[test]
fn a_network_that_cannot_be_asked_is_told() {
    let town = Town::new(Settings::default());
    let folder = town.library();
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    settle(folder.path(), &town.peer.address(), &nowhere);
    let found = Findings::of(folder.path());
    let (ok, words) = &found.discord[0];
    assert!(!ok && words.starts_with("Discord cannot be asked ("), "{found:#?}");
    assert!(words.ends_with("; see to this machine's way to the internet"), "{found:#?}");
}

#[test]
fn a_right_to_read_that_is_not_used_or_not_granted_is_told() {
    let town = Town::new(Settings { message_content: true, ..Settings::default() });
    let folder = town.library();
    Findings::of(folder.path()).wrong(&[
        "it may read what people say to each other and makes no use of it; switch Message Content \
         Intent off at the developer portal (Bot, Privileged Gateway Intents), or write \
         `message_content = true` under [discord]",
    ]);
    settle(folder.path(), "message_content = false", "message_content = true");
    let found = Findings::of(folder.path());
    found.good("it may read what people say to each other");
    found.wrong(&[]);
    let town = Town::new(Settings::default());
    let folder = town.library();
    settle(folder.path(), "message_content = false", "message_content = true");
    Findings::of(folder.path()).wrong(&[
        "it may not read what people say to each other, so `serve` will not get in; switch Message \
         Content Intent on at the developer portal (Bot, Privileged Gateway Intents), or write \
         `message_content = false` under [discord]",
    ]);
}

#[test]
fn a_staff_channel_that_is_unseen_or_none_is_told() {
    let town = Town::new(Settings::default());
    let folder = town.library();
    town.denies(town.desk, Permissions::VIEW_CHANNEL);
    let found = Findings::of(folder.path());
    found.good("on \"Linden\" it can answer in all 1 channels that it sees");
    found.wrong(&[&format!(
        "the staff's channel {} cannot be seen (the network refuses: Missing Access); give the bot \
         View Channel there, and see that `staff_channel` is its number",
        town.desk
    )]);
    let owner = town.peer.add_user(User::new("ana"));
    town.peer.join(owner, town.guild);
    let direct = town.peer.direct(owner);
    settle(
        folder.path(),
        &format!("staff_channel = {}", town.desk),
        &format!("staff_channel = {direct}"),
    );
    Findings::of(folder.path()).wrong(&[&format!(
        "`staff_channel` {direct} is no text channel of a server; name one that is"
    )]);
}

#[test]
fn a_role_of_staff_that_there_is_not_is_told() {
    let town = Town::new(Settings::default());
    let folder = town.library();
    let (role, other) = (town.role.0, town.role.0 + 1);
    settle(folder.path(), &format!("staff_role = {role}"), &format!("staff_role = {other}"));
    let found = Findings::of(folder.path());
    found.good("staff work in #desk, a thread a case");
    found.wrong(&[&format!(
        "there is no role {other} on \"Linden\", so nobody is staff; write the number of one as \
         `staff_role`"
    )]);
}

#[test]
fn rights_that_are_missing_are_named_with_their_channel() {
    let town = Town::new(Settings::default());
    let folder = town.library();
    let threads = Permissions::CREATE_PUBLIC_THREADS
        | Permissions::SEND_MESSAGES_IN_THREADS
        | Permissions::MANAGE_THREADS;
    town.denies(town.desk, threads);
    let found = Findings::of(folder.path());
    found.good("on \"Linden\" it can answer in all 2 channels that it sees");
    let at_desk = "the bot lacks rights in #desk, where staff work: give it Create Public Threads, \
                   Send Messages in Threads, Manage Threads";
    found.wrong(&[at_desk]);
    town.denies(town.hall, Permissions::EMBED_LINKS | Permissions::READ_MESSAGE_HISTORY);
    let found = Findings::of(folder.path());
    let in_hall = "on \"Linden\" it lacks rights to answer: give it in #hall Embed Links, Read \
                   Message History";
    found.wrong(&[in_hall, at_desk]);
    // A right that is denied to everybody and granted to the bot is one that it has.
    let (none, embeds) = (Permissions::NONE, Permissions::EMBED_LINKS);
    town.peer.set_overwrite(town.hall, town.guild.0, none, embeds);
    town.peer.set_overwrite(town.hall, town.bot.0, embeds, none);
    town.denies(town.desk, none);
    Findings::of(folder.path()).wrong(&[]);
    town.denies(town.hall, Permissions::VIEW_CHANNEL);
    town.denies(town.desk, Permissions::VIEW_CHANNEL);
    let found = Findings::of(folder.path());
    let nowhere =
        "on \"Linden\" the bot sees no channel; give it View Channel where it is to answer";
    assert!(found.discord.contains(&(false, nowhere.to_owned())), "{found:#?}");
}

#[test]
fn a_bot_on_no_server_is_told() {
    let town = Town::new(Settings::default());
    let folder = town.library();
    town.peer.part(town.bot, town.guild);
    let found = Findings::of(folder.path());
    let nowhere =
        "the bot is on no server; open the link that docs/discord.md shows how to make".to_owned();
    assert!(found.discord.contains(&(false, nowhere)), "{found:#?}");
}

#[test]
fn a_bot_that_is_switched_off_is_asked_nothing() {
    let town = Town::new(Settings::default());
    let folder = town.library();
    settle(folder.path(), "[discord]\nenabled = true", "[discord]\nenabled = false");
    let found = Findings::of(folder.path());
    found.good("switched off: no `enabled = true` under [discord] in pollen.toml");
    found.wrong(&[]);
    assert_eq!(town.peer.calls().len(), 0);
}
