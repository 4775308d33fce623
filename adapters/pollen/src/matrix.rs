//! The Matrix bot of a library: its password or token, and the link made from its settings.

use crate::library::Library;
use crate::networks::Open;
use crate::secret;
use contract::Store;
use driver::Key;
use std::sync::Arc;

/// The environment variables of the password and the token: they count before the files.
const PASSWORD_VARIABLE: &str = "POLLEN_MATRIX_PASSWORD";
const TOKEN_VARIABLE: &str = "POLLEN_MATRIX_TOKEN";

/// A bot that is to run.
pub(crate) struct Bot {
    #[cfg(feature = "matrix")]
    settings: ::matrix::Settings,
}

/// What a bot logs in with.
#[cfg_attr(not(feature = "matrix"), expect(dead_code, reason = "with Matrix it is used"))]
enum Secret {
    Password(String),
    Token(String),
}

impl Bot {
    /// The bot that a library's settings ask for. `paced` is false only under a test's clock.
    ///
    /// # Errors
    /// If it has neither a password nor a token, or settings that cannot be used.
    pub(crate) fn settled(library: &Library, paced: bool) -> anyhow::Result<Option<Bot>> {
        if !library.settings.matrix.enabled {
            return Ok(None);
        }
        Bot::of(library, secret(library)?, paced).map(Some)
    }

    #[cfg(not(feature = "matrix"))]
    fn of(_: &Library, _: Secret, _: bool) -> anyhow::Result<Bot> {
        anyhow::bail!(
            "this program was built without Matrix; build it with its usual features, or write \
             `enabled = false` under [matrix] in pollen.toml"
        )
    }

    #[cfg(not(feature = "matrix"))]
    #[expect(clippy::unused_self, reason = "with Matrix it is used")]
    pub(crate) fn open(self, _: &Arc<dyn Store>, _: &Key) -> anyhow::Result<Open> {
        anyhow::bail!("this program was built without Matrix")
    }

    #[cfg(not(feature = "matrix"))]
    #[expect(clippy::unused_async, clippy::unused_self, reason = "with Matrix it asks")]
    pub(crate) async fn look(&self) -> Vec<contract::Finding> {
        Vec::new()
    }
}

#[cfg(feature = "matrix")]
impl Bot {
    fn of(library: &Library, secret: Secret, paced: bool) -> anyhow::Result<Bot> {
        use anyhow::Context as _;
        let settled = &library.settings;
        let matrix = settled.matrix.clone();
        let wrong = |key: &str| format!("`{key}` under [matrix] in pollen.toml cannot be used");
        let homeserver = matrix.homeserver.unwrap_or_default();
        let homeserver = homeserver.parse().with_context(|| wrong("homeserver"))?;
        let user = matrix.user.unwrap_or_default();
        let staff_room = matrix.staff_room.map(|room| ::matrix::room(&room)).transpose();
        let staff = matrix.staff.into_iter();
        let staff = staff.map(|(name, user)| Ok((name, ::matrix::user(&user)?)));
        let staff: Result<_, ::matrix::NoName> = staff.collect();
        let invites = match matrix.invites {
            Some(invites) => ::matrix::Invites::parse(invites.iter().map(String::as_str)),
            None => Ok(::matrix::Invites::of_own_server()),
        };
        let usual = ::matrix::Rate::USUAL;
        let rate = ::matrix::Rate {
            every: matrix
                .per_second
                .map_or(usual.every, |rate| std::time::Duration::from_secs_f64(1.0 / rate)),
            burst: matrix.burst.unwrap_or(usual.burst),
        };
        let settings = ::matrix::Settings {
            homeserver,
            user,
            secret: match secret {
                Secret::Password(password) => ::matrix::Secret::Password(password),
                Secret::Token(token) => ::matrix::Secret::Token(token),
            },
            folder: library.matrix(),
            staff_room: staff_room.with_context(|| wrong("staff_room"))?,
            staff: staff.with_context(|| wrong("staff"))?,
            invites: invites.with_context(|| wrong("invites"))?,
            rate: paced.then_some(rate),
        };
        Ok(Bot { settings })
    }

    /// Opens the link; nothing is said to the network yet.
    ///
    /// # Errors
    /// None: others may have some.
    #[expect(clippy::unnecessary_wraps, reason = "other networks' settings may not be usable")]
    pub(crate) fn open(self, store: &Arc<dyn Store>, key: &Key) -> anyhow::Result<Open> {
        let key = key.of_link(&bot::Network(::matrix::NETWORK.to_owned()));
        let matrix = ::matrix::Matrix::new(self.settings, store.clone(), &key);
        let desk = matrix.desk();
        Ok(Open { name: "on Matrix", link: Arc::new(matrix), desk, routes: None })
    }

    /// Looks it over, for `pollen doctor`.
    pub(crate) async fn look(&self) -> Vec<contract::Finding> {
        ::matrix::checkup::look(&self.settings).await
    }
}

/// The token or the password: of the environment, else of a file.
fn secret(library: &Library) -> anyhow::Result<Secret> {
    let (password, token) = (library.matrix_password(), library.matrix_token());
    if let Some(token) = secret::read(TOKEN_VARIABLE, &token)? {
        return Ok(Secret::Token(token));
    }
    match secret::read(PASSWORD_VARIABLE, &password)? {
        Some(password) if !password.is_empty() => Ok(Secret::Password(password)),
        Some(_) | None => anyhow::bail!(
            "Matrix has no password; write that of the bot's account into {} or the environment \
             variable {PASSWORD_VARIABLE} (or an access token into {} or {TOKEN_VARIABLE}); \
             docs/matrix.md shows how an account is made",
            password.display(),
            token.display()
        ),
    }
}
