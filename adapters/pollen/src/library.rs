//! A library's folder.

use crate::WrongCall;
use crate::settings::Settings;
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

/// A library's folder and what it settles.
#[derive(Debug)]
pub(crate) struct Library {
    /// The folder, as it was given: a relative path stays short enough for a socket.
    pub(crate) dir: PathBuf,
    /// Its settings.
    pub(crate) settings: Settings,
}

impl Library {
    /// Opens a folder. Without `pollen.toml` a folder is a library if it holds knowledge; then the
    /// settings are those that apply if nothing is written, and the library is called as its
    /// folder.
    pub(crate) fn open(dir: &Path) -> anyhow::Result<Library> {
        let path = dir.join("pollen.toml");
        if !dir.is_dir() {
            let wrong = format!("there is no folder {}; name a library's with -L", dir.display());
            return Err(WrongCall(wrong).into());
        }
        let settings = if path.exists() {
            Settings::read(&path)?
        } else if KNOWLEDGE.iter().any(|folder| dir.join(folder).is_dir()) {
            Settings::unwritten(&folder_name(dir))
        } else {
            let wrong = format!(
                "{} is no library: it has neither pollen.toml nor a folder faq; go into the \
                 library's folder, name it with -L, or make one with `pollen init DIR`",
                shown(dir)
            );
            return Err(WrongCall(wrong).into());
        };
        Ok(Library { dir: dir.to_path_buf(), settings })
    }

    /// The folder of what the program makes; made if it is not there, for its owner alone.
    pub(crate) fn make_data(&self) -> anyhow::Result<PathBuf> {
        use std::os::unix::fs::DirBuilderExt;
        let data = self.data();
        if !data.is_dir() {
            fs::DirBuilder::new()
                .mode(0o700)
                .create(&data)
                .with_context(|| format!("cannot make the folder {}", data.display()))?;
        }
        Ok(data)
    }

    /// The folder of what the program makes.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// The terminal's socket. In the folder one stands in, without the `./` that costs two bytes
    /// of a socket's few.
    pub(crate) fn socket(&self) -> PathBuf {
        let data = self.data();
        data.strip_prefix(".").unwrap_or(&data).join("terminal.sock")
    }

    /// The store's file.
    pub(crate) fn store(&self) -> PathBuf {
        self.data().join("pollen.db")
    }

    /// The key of the library's pseudonyms.
    pub(crate) fn key(&self) -> PathBuf {
        self.data().join("key")
    }

    /// The file of the desk's password, as its hash.
    pub(crate) fn desk_password(&self) -> PathBuf {
        self.dir.join(DESK_PASSWORD)
    }

    /// The file of the Telegram bot's token.
    pub(crate) fn telegram_token(&self) -> PathBuf {
        self.dir.join("telegram-token")
    }

    /// The file of the Discord bot's token.
    pub(crate) fn discord_token(&self) -> PathBuf {
        self.dir.join("discord-token")
    }

    /// The file of the Matrix bot's password.
    pub(crate) fn matrix_password(&self) -> PathBuf {
        self.dir.join("matrix-password")
    }

    /// The file of the Matrix bot's access token.
    pub(crate) fn matrix_token(&self) -> PathBuf {
        self.dir.join("matrix-token")
    }

    /// The folder of the Matrix bot's session and keys.
    #[cfg(feature = "matrix")]
    pub(crate) fn matrix(&self) -> PathBuf {
        self.data().join("matrix")
    }

    /// The folder as people are told it.
    pub(crate) fn shown(&self) -> String {
        shown(&self.dir)
    }
}

/// The file of the desk's password, as its hash, within a library's folder.
pub(crate) const DESK_PASSWORD: &str = "desk-password";

/// The folders that hold knowledge.
pub(crate) const KNOWLEDGE: [&str; 4] = ["branches", "faq", "collections", "pages"];

fn shown(dir: &Path) -> String {
    match dir == Path::new(".") {
        true => "this folder".to_owned(),
        false => dir.display().to_string(),
    }
}

fn folder_name(dir: &Path) -> String {
    let whole = dir.canonicalize().unwrap_or_else(|_| dir.to_path_buf());
    let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "The library".to_owned())
}
