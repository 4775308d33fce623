//! The folder of a homeserver: its settings, its key, its database, and what it said.

use super::Limits;
use serde_json::{Map, Value, json};
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::path::{Path, PathBuf};

/// How much of what the homeserver wrote is shown when it fails, from the end.
const LAST_LINES: usize = 20;

/// A folder that is removed when this is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes one with a key in it, under the machine's folder for temporary files.
    pub(crate) fn new() -> io::Result<Self> {
        let folder = Self(std::env::temp_dir().join(format!("synapse-{:016x}", random())));
        fs::create_dir(&folder.0)?;
        fs::write(folder.0.join("signing.key"), key())?;
        Ok(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes the settings. The files are called YAML; JSON is YAML too.
    pub(crate) fn set(&self, server_name: &str, port: u16, limits: Limits) -> io::Result<()> {
        let mut all = self.settings(server_name, port);
        all.extend(limits.settings());
        fs::write(self.0.join("homeserver.yaml"), Value::Object(all).to_string())?;
        let line = "%(asctime)s %(levelname)s %(name)s: %(message)s";
        let file = self.0.join("log");
        let log = json!({
            "version": 1,
            "disable_existing_loggers": false,
            "formatters": {"line": {"format": line}},
            "handlers": {
                "file": {"class": "logging.FileHandler", "filename": file, "formatter": "line"},
            },
            "root": {"level": "WARNING", "handlers": ["file"]},
        });
        fs::write(self.0.join("log.yaml"), log.to_string())
    }

    fn settings(&self, server_name: &str, port: u16) -> Map<String, Value> {
        let at = |name: &str| self.0.join(name);
        let off = || json!({"enabled": false});
        let all = [
            ("server_name", json!(server_name)),
            (
                "listeners",
                json!([{
                    "port": port,
                    "type": "http",
                    "bind_addresses": ["127.0.0.1"],
                    "resources": [{"names": ["client"]}],
                }]),
            ),
            ("database", json!({"name": "sqlite3", "args": {"database": at("database")}})),
            ("log_config", json!(at("log.yaml"))),
            ("media_store_path", json!(at("media"))),
            ("pid_file", json!(at("process"))),
            ("signing_key_path", json!(at("signing.key"))),
            ("macaroon_secret_key", json!(server_name)),
            ("form_secret", json!(server_name)),
            ("enable_registration", json!(true)),
            ("enable_registration_without_verification", json!(true)),
            // The least that bcrypt allows: passwords of tests need no guarding.
            ("bcrypt_rounds", json!(4)),
            ("trusted_key_servers", json!([])),
            ("suppress_key_server_warning", json!(true)),
            ("federation_domain_whitelist", json!([])),
            ("send_federation", json!(false)),
            ("report_stats", json!(false)),
            ("allow_guest_access", json!(false)),
            ("enable_search", json!(false)),
            ("enable_room_list_search", json!(false)),
            ("url_preview_enabled", json!(false)),
            // People's clients ask for all that is new; a bot that asks for less gets less.
            ("filter_timeline_limit", json!(-1)),
            ("presence", off()),
            ("push", off()),
            ("stats", off()),
            ("user_directory", off()),
        ];
        all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The end of what the homeserver wrote, as it started and later.
    pub(crate) fn last_words(&self) -> String {
        let mut words = String::new();
        for name in ["said", "log"] {
            let bytes = fs::read(self.0.join(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let lines: Vec<&str> = text.lines().collect();
            for line in lines.iter().skip(lines.len().saturating_sub(LAST_LINES)) {
                words.push_str(line);
                words.push('\n');
            }
        }
        words
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The machine clears its folder for temporary files some time.
        let _left_behind = fs::remove_dir_all(&self.0);
    }
}

/// A number that no other process draws.
pub(crate) fn random() -> u64 {
    // The standard library's only source of chance, seeded by the system.
    RandomState::new().hash_one(std::process::id())
}

/// A signing key as Synapse keeps it: 32 bytes in base64 without padding, so 43 letters, of which
/// the last carries only four bits.
fn key() -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = || {
        let at = usize::try_from(random() % 64).unwrap_or_default();
        LETTERS.get(at).copied().map_or('A', char::from)
    };
    let seed: String = std::iter::repeat_with(letter).take(42).collect();
    format!("ed25519 a_test {seed}A\n")
}
