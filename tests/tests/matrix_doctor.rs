//! `pollen doctor` and a bot on Matrix: what it finds at a real homeserver, before the bot first runs,
//! while it runs, and after it was shut out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may as well stop")]

use matrix_sdk::Client;
use matrix_sdk::config::SyncSettings;
use peers::matrix::{Account, Synapse};
use serde_json::{Value, json};
use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tests::http::RUNTIME;
use tests::program::{Ended, MATRIX, Process, Staged, connect_matrix, free_port};

/// What the bot's password is, as `connect_matrix` writes it down.
const PASSWORD: &str = "correct horse battery staple";
/// Longer than anything here takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_pollen-staged"))
}

fn staged() -> &'static Staged {
    static STAGED: OnceLock<Staged> = OnceLock::new();
    STAGED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("matrix-doctor");
        Staged::new(program(), &folder, MATRIX).unwrap()
    })
}

/// What `pollen doctor` says.
struct Findings {
    /// Whether its exit code is that of a library in which nothing is wrong.
    succeeds: bool,
    /// What it found out about Matrix: whether it is in order, and the words.
    matrix: Vec<(bool, String)>,
    all: String,
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
        let of_matrix = found["findings"].as_array().unwrap().iter();
        let of_matrix = of_matrix.filter(|finding| finding["about"] == "matrix");
        let matrix = of_matrix
            .map(|finding| (finding["ok"] == true, finding["words"].as_str().unwrap().to_owned()));
        Findings { succeeds: code == 0, matrix: matrix.collect(), all }
    }

    /// That this is in order.
    #[track_caller]
    fn good(&self, words: &str) {
        let good = self.matrix.iter().any(|(ok, found)| *ok && found.contains(words));
        assert!(good, "{words:?} is not found in order: {self:#?}");
    }

    /// That this is wrong, with what mends it.
    #[track_caller]
    fn wrong(&self, words: &str, mend: &str) {
        let mut found = self.matrix.iter();
        let wrong = found.any(|(ok, found)| !ok && found.contains(words) && found.contains(mend));
        assert!(wrong, "{words:?} with the mend {mend:?} is not found: {self:#?}");
        assert!(!self.succeeds);
    }

    /// That nothing else is wrong.
    #[track_caller]
    fn has_wrongs(&self, count: usize) {
        let wrongs = self.matrix.iter().filter(|(ok, _)| !ok).count();
        assert_eq!(wrongs, count, "{self:#?}");
        assert_eq!(self.succeeds, count == 0, "{}", self.all);
    }
}

impl std::fmt::Debug for Findings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.matrix).finish()
    }
}

/// What the doctor finds once it finds this in order.
#[track_caller]
fn once_good(folder: &Path, words: &str) -> Findings {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = Findings::of(folder);
        if found.matrix.iter().any(|(ok, found)| *ok && found.contains(words)) {
            return found;
        }
        assert!(Instant::now() < deadline, "{words:?} is never in order: {found:#?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A library's folder with the settings of a bot in it; nobody has run it yet.
fn library(homeserver: &str, user: &str) -> TempDir {
    let folder = TempDir::with_prefix("pollen").unwrap();
    Staged::new(program(), folder.path(), MATRIX).unwrap();
    connect(folder.path(), homeserver, user, None).unwrap();
    folder
}

/// Settles a bot in a library's folder, with all closed to others as the documentation asks.
fn connect(
    folder: &Path,
    homeserver: &str,
    user: &str,
    staff_room: Option<&str>,
) -> std::io::Result<()> {
    connect_matrix(folder, homeserver, user, staff_room)?;
    for (name, mode) in [("data", 0o700), ("data/key", 0o600), ("matrix-password", 0o600)] {
        std::fs::set_permissions(folder.join(name), Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// A homeserver with an account for the bot and a librarian.
struct Town {
    synapse: &'static Synapse,
    bot: Account,
    mira: Account,
}

impl Town {
    fn new() -> Town {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let synapse = Synapse::shared().unwrap();
        let account = |who: &str| synapse.register(&format!("{who}.{number}"), PASSWORD, "PHONE");
        Town { synapse, bot: account("pollen").unwrap(), mira: account("mira").unwrap() }
    }

    /// Asks the homeserver, which must do as it is asked.
    #[track_caller]
    fn call(&self, who: &Account, method: &str, path: &str, body: Option<Value>) -> Value {
        let path = format!("/_matrix/client/v3/{path}");
        let (status, answer) =
            self.synapse.call(method, &path, Some(&who.access_token), body).unwrap();
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    /// A room of mira's.
    fn room(&self, settled: Value) -> String {
        let room = self.call(&self.mira, "POST", "createRoom", Some(settled));
        room["room_id"].as_str().unwrap().to_owned()
    }

    fn invites_the_bot(&self, room: &str) {
        let bot = json!({ "user_id": self.bot.user_id });
        self.call(&self.mira, "POST", &format!("rooms/{room}/invite"), Some(bot));
    }

    /// Gives the bot, and others, powers in a room.
    fn gives_powers(&self, room: &str, powers: &[(&str, i64)]) {
        let path = format!("rooms/{room}/state/m.room.power_levels/");
        let mut levels = self.call(&self.mira, "GET", &path, None);
        for (who, power) in powers {
            levels["users"][who] = (*power).into();
        }
        self.call(&self.mira, "PUT", &path, Some(levels));
    }

    /// The devices of the bot's account.
    fn devices(&self) -> Vec<String> {
        let devices = self.call(&self.bot, "GET", "devices", None);
        let devices = devices["devices"].as_array().unwrap().iter();
        devices.map(|device| device["device_id"].as_str().unwrap().to_owned()).collect()
    }

    /// The program with the bot, on a copy of the library.
    fn serves(&self, staff_room: Option<&str>) -> Process {
        let (homeserver, user) = (self.synapse.address(), &self.bot.user_id);
        let prepare = |folder: &Path| connect(folder, &homeserver, user, staff_room);
        Process::start_in_real_time(staged(), prepare).unwrap()
    }

    /// Makes signing keys for the bot's account with another client, as Element does where somebody
    /// has logged in as the bot to give it a picture.
    fn signs_with_another_client(&self) {
        let signed = async {
            let homeserver = self.synapse.address();
            let client = Client::builder().homeserver_url(homeserver).build().await.unwrap();
            let login = client.matrix_auth().login_username(&self.bot.user_id, PASSWORD);
            login.initial_device_display_name("Element").send().await.unwrap();
            let settings = SyncSettings::new().timeout(Duration::ZERO);
            client.sync_once(settings).await.unwrap();
            client.encryption().bootstrap_cross_signing(None).await.unwrap();
        };
        RUNTIME.block_on(signed);
    }

    /// Whether the program's device is signed with the keys that the account has, as others see it.
    fn shows_it_signed(&self, process: &Process) -> bool {
        let (user, device) = (&self.bot.user_id, session(process)["device_id"].clone());
        let asked = json!({ "device_keys": { user: [] } });
        let keys = self.call(&self.mira, "POST", "keys/query", Some(asked));
        let signs = keys["self_signing_keys"][user]["keys"].as_object().unwrap();
        let device = &keys["device_keys"][user][device.as_str().unwrap()];
        let signed = device["signatures"][user].as_object();
        signed.is_some_and(|signed| signs.keys().any(|key| signed.contains_key(key)))
    }

    /// The program with a token in the stead of the password.
    fn serves_with_token(&self) -> Process {
        let (homeserver, user) = (self.synapse.address(), &self.bot.user_id);
        let process = Process::start_in_real_time(staged(), |folder| {
            connect(folder, &homeserver, user, None)?;
            swap(folder, "matrix-password", "matrix-token", &self.bot.access_token)
        });
        process.unwrap()
    }

    /// Lets the bot log in and be signed, and finds nothing wrong in that.
    fn once_signed(&self, process: &Process) -> Findings {
        let found = once_good(process.folder(), "its device is cross-signed");
        found.good(&format!("logged in as {}, device ", self.bot.user_id));
        found
    }
}

/// One secret in the place of another.
fn swap(folder: &Path, old: &str, new: &str, secret: &str) -> std::io::Result<()> {
    std::fs::remove_file(folder.join(old))?;
    std::fs::write(folder.join(new), secret)?;
    std::fs::set_permissions(folder.join(new), Permissions::from_mode(0o600))
}

/// The session that the program keeps.
fn session(process: &Process) -> Value {
    let session = std::fs::read(process.folder().join("data/matrix/session")).unwrap();
    serde_json::from_slice(&session).unwrap()
}

fn restart(process: &mut Process) {
    process.stop().unwrap();
    assert!(matches!(process.wait().unwrap(), Ended::Orderly));
    process.start_again().unwrap();
}

#[test]
fn before_the_first_start_the_password_is_tried_and_nothing_stays_of_it() {
    let town = Town::new();
    let folder = library(&town.synapse.address(), &town.bot.user_id);
    let found = Findings::of(folder.path());
    found.good(&format!("the homeserver answers, and lets {} log in", town.bot.user_id));
    found.good("it logs in with its password, and sends one event every 0.001 s, 1000 at once");
    found.has_wrongs(0);
    assert_eq!(town.devices(), ["PHONE"], "it has logged out again");
    assert!(!folder.path().join("data/matrix").exists(), "it keeps nothing");
}

#[test]
fn a_wrong_password_is_told_with_what_mends_it() {
    let town = Town::new();
    let folder = library(&town.synapse.address(), &town.bot.user_id);
    std::fs::write(folder.path().join("matrix-password"), "another").unwrap();
    let found = Findings::of(folder.path());
    found.wrong("Invalid username or password", "the secret are those of the bot");
    found.has_wrongs(1);
}

#[test]
fn a_password_that_is_missing_or_lies_open_is_told_with_what_mends_it() {
    let town = Town::new();
    let folder = library(&town.synapse.address(), &town.bot.user_id);
    let password = folder.path().join("matrix-password");
    std::fs::set_permissions(&password, Permissions::from_mode(0o644)).unwrap();
    let found = Findings::of(folder.path());
    found.wrong("others on this machine can read", "chmod 600");
    found.good("the homeserver answers");
    found.has_wrongs(1);
    std::fs::remove_file(password).unwrap();
    let found = Findings::of(folder.path());
    found.wrong("Matrix has no password", "POLLEN_MATRIX_PASSWORD");
    found.has_wrongs(1);
}

#[test]
fn a_homeserver_that_is_not_there_or_is_none_is_told_with_what_mends_it() {
    let folder = library(&format!("http://127.0.0.1:{}", free_port()), "@pollen:linden.example");
    let found = Findings::of(folder.path());
    found.wrong("cannot be asked", "`homeserver` under [matrix] in pollen.toml");
    let folder = library(&a_web_server(), "@pollen:linden.example");
    let found = Findings::of(folder.path());
    found.wrong("cannot be asked", "`homeserver` under [matrix] in pollen.toml");
}

/// The address of a web server that knows nothing of Matrix.
fn a_web_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = stream;
            // Whoever goes before the answer is of no account.
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(
                b"HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\nconnection: close\r\n\
                  content-length: 14\r\n\r\n<h1>Gone</h1>\r\n",
            );
        }
    });
    address
}

#[test]
fn while_it_runs_its_session_its_rooms_and_its_rights_are_found() {
    let town = Town::new();
    let desk = town.room(json!({ "preset": "private_chat" }));
    town.invites_the_bot(&desk);
    let process = town.serves(Some(&desk));
    let found = town.once_signed(&process);
    found.good("it is in 1 room, 0 of them encrypted");
    found.good(&format!("staff work in {desk}, which is not encrypted"));
    found.wrong("it may not remove others' messages", &format!("give {}", town.bot.user_id));
    town.gives_powers(&desk, &[(&town.bot.user_id, 50)]);
    let found = Findings::of(process.folder());
    found.good("it may remove there what is to be forgotten");
    town.gives_powers(&desk, &[("@tom:elsewhere.example", 50)]);
    Findings::of(process.folder()).has_wrongs(0);
}

#[test]
fn whoever_made_the_room_is_counted_among_the_staff() {
    let town = Town::new();
    let desk = town.room(json!({ "preset": "private_chat" }));
    town.invites_the_bot(&desk);
    town.gives_powers(&desk, &[(&town.bot.user_id, 50)]);
    let process = town.serves(Some(&desk));
    let found = town.once_signed(&process);
    found.good("1 moderator of the room is staff");
    found.has_wrongs(0);
}

#[test]
fn a_room_whose_staff_are_named_needs_no_moderators_and_an_encrypted_one_is_told() {
    let town = Town::new();
    let encryption = json!([{
        "type": "m.room.encryption",
        "state_key": "",
        "content": { "algorithm": "m.megolm.v1.aes-sha2" },
    }]);
    let desk = town.room(json!({ "preset": "private_chat", "initial_state": encryption }));
    town.invites_the_bot(&desk);
    town.gives_powers(&desk, &[(&town.bot.user_id, 50)]);
    let staff = format!("staff = {{ mira = \"{}\" }}", town.mira.user_id);
    let (homeserver, user) = (town.synapse.address(), &town.bot.user_id);
    let process = Process::start_in_real_time(staged(), |folder| {
        connect(folder, &homeserver, user, Some(&desk))?;
        append(folder, &staff)
    });
    let process = process.unwrap();
    let found = town.once_signed(&process);
    found.good("it is in 1 room, 1 of them encrypted");
    found.good(&format!("staff work in {desk}, which is encrypted"));
    found.has_wrongs(0);
}

/// Writes a line of settings into the last table.
fn append(folder: &Path, line: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::options().append(true).open(folder.join("pollen.toml"))?;
    writeln!(file, "{line}")
}

#[test]
fn a_staff_room_that_it_is_not_in_is_told_with_whom_to_invite() {
    let town = Town::new();
    let desk = town.room(json!({ "preset": "private_chat" }));
    let mut process = town.serves(Some(&desk));
    assert!(process.says(&format!("the bot is not in the staff's room {desk} yet")));
    let found = Findings::of(process.folder());
    found.good(&format!("logged in as {}", town.bot.user_id));
    found.good("it is in 0 rooms");
    let invite = format!("invite {} to it", town.bot.user_id);
    found.wrong(&format!("the bot is not in the staff's room {desk}"), &invite);
    let settings = process.folder().join("pollen.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let address = format!("#nowhere:{}", town.synapse.server_name());
    std::fs::write(&settings, text.replace(&desk, &address)).unwrap();
    let found = Findings::of(process.folder());
    found.wrong(&format!("no room has the address {address}"), "`staff_room`");
}

#[test]
fn an_account_whose_keys_another_client_has_made_is_signed_anew() {
    let town = Town::new();
    town.signs_with_another_client();
    let process = town.serves(None);
    town.once_signed(&process).has_wrongs(0);
    assert!(town.shows_it_signed(&process));
}

#[test]
fn a_session_that_was_ended_is_told_and_a_new_start_mends_it() {
    let town = Town::new();
    let mut process = town.serves(None);
    town.once_signed(&process).has_wrongs(0);
    let old = session(&process);
    let stolen = old["access_token"].as_str().unwrap().to_owned();
    let thief = Account { access_token: stolen, ..town.bot.clone() };
    town.call(&thief, "POST", "logout", Some(json!({})));
    assert!(process.says("a link stays down: the network refuses: the homeserver has logged the"));
    let found = Findings::of(process.folder());
    found.wrong("the homeserver has logged the bot out", "change the account's password");
    found.has_wrongs(1);
    assert!(process.runs(), "other networks go on");
    restart(&mut process);
    town.once_signed(&process).has_wrongs(0);
    assert!(town.shows_it_signed(&process));
    assert_ne!(session(&process)["device_id"], old["device_id"], "it is a new device");
}

#[test]
fn a_token_needs_no_password() {
    let town = Town::new();
    let folder = library(&town.synapse.address(), &town.bot.user_id);
    std::fs::remove_file(folder.path().join("matrix-password")).unwrap();
    let token = folder.path().join("matrix-token");
    std::fs::write(&token, &town.bot.access_token).unwrap();
    std::fs::set_permissions(&token, Permissions::from_mode(0o600)).unwrap();
    let found = Findings::of(folder.path());
    found.good(&format!("logged in as {}, device PHONE", town.bot.user_id));
    found.wrong("its device has no keys yet", "start `pollen serve` once");
    found.good("it logs in with a token");
    found.has_wrongs(1);
    std::fs::write(&token, "syt_nobody").unwrap();
    let found = Findings::of(folder.path());
    found.wrong("the homeserver has logged the bot out", "its token is not good");
    found.has_wrongs(1);
}

#[test]
fn a_device_that_a_token_cannot_sign_is_told() {
    let town = Town::new();
    town.signs_with_another_client();
    let mut process = town.serves_with_token();
    assert!(process.says("the bot's device is not cross-signed"));
    // What it has signed with keys that nobody knows is uploaded some time after.
    for _ in 0..20 {
        let found = Findings::of(process.folder());
        let lies = found.matrix.iter().any(|(ok, words)| *ok && words.contains("cross-signed"));
        assert!(!lies || town.shows_it_signed(&process), "{found:#?}");
        std::thread::sleep(Duration::from_millis(200));
    }
    Findings::of(process.folder()).wrong("is not cross-signed", "log in with its password");
}

#[test]
fn a_device_that_a_token_could_not_sign_is_signed_with_the_password() {
    let town = Town::new();
    town.signs_with_another_client();
    let mut process = town.serves_with_token();
    assert!(process.says("the bot's device is not cross-signed"));
    restart(&mut process);
    assert!(process.says("ready:"));
    std::thread::sleep(Duration::from_secs(2));
    swap(process.folder(), "matrix-token", "matrix-password", PASSWORD).unwrap();
    restart(&mut process);
    let deadline = Instant::now() + PATIENCE / 4;
    while !town.shows_it_signed(&process) {
        assert!(Instant::now() < deadline, "clients warn of it still");
        std::thread::sleep(Duration::from_millis(100));
    }
    Findings::of(process.folder()).has_wrongs(0);
}
