//! How the bot is logged in: one device that stays, with a store of its own for its keys.
//!
//! The device's name is made and kept before it is used, so that a log-in that breaks off half-way
//! goes on with the same device: another one would be another reader of every encrypted room.

use crate::failure::{self, asking, is_logged_out};
use crate::settings::{Secret, Settings};
use contract::LinkError;
use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::ruma::OwnedDeviceId;
use matrix_sdk::ruma::api::client::keys::get_keys;
use matrix_sdk::ruma::api::client::uiaa::{
    AuthData, MatrixUserIdentifier, Password, UserIdentifier,
};
use matrix_sdk::store::RoomLoadSettings;
use matrix_sdk::{Client, HttpError, SessionMeta, SessionTokens};
use serde_json::Value;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a call may take; a sync may take as much longer as it waits for news.
const CALL_LASTS: Duration = Duration::from_secs(30);
/// What the device is called where its owner sees it.
const DEVICE_NAME: &str = "Pollen";

/// Logs in, or goes on with the session that there is. `passphrase` closes the store of its keys.
pub(crate) async fn open(settings: &Settings, passphrase: &str) -> Result<Client, LinkError> {
    let folder = Folder(settings.folder.clone());
    folder.make().map_err(|error| folder.failed(&error))?;
    if let Some(session) = going_on(settings, &folder).await? {
        let client = client(settings, &folder, session.meta.device_id.as_str(), passphrase).await?;
        restore(&client, session).await?;
        match client.whoami().await.map_err(Into::into) {
            Ok(_) => return Ok(client),
            Err(error) if is_logged_out(&error) => {
                if matches!(settings.secret, Secret::Token(_)) {
                    return Err(LinkError::Refused(failure::LOGGED_OUT.to_owned()));
                }
                // The password makes a new device; the old one's keys are good for nothing.
                tracing::warn!("the bot was logged out; it logs in as a new device");
                folder.forget().map_err(|error| folder.failed(&error))?;
            }
            Err(error) => return Err(asking(&error)),
        }
    }
    let Secret::Password(password) = &settings.secret else {
        // A token always has a session to go on with.
        return Err(LinkError::Refused(failure::LOGGED_OUT.to_owned()));
    };
    let device = folder.device().map_err(|error| folder.failed(&error))?;
    let client = client(settings, &folder, &device, passphrase).await?;
    let login = client.matrix_auth().login_username(&settings.user, password);
    let login = login.device_id(&device).initial_device_display_name(DEVICE_NAME);
    login.send().await.map_err(|error| match asking(&error) {
        LinkError::Refused(words) => LinkError::Refused(format!(
            "the homeserver does not let {} log in with this password: {words}",
            settings.user
        )),
        error @ (LinkError::Lost(_) | LinkError::Limited { .. } | LinkError::Uncertain(_)) => error,
    })?;
    if let Some(session) = client.matrix_auth().session() {
        folder.keep(&session).map_err(|error| folder.failed(&error))?;
    }
    Ok(client)
}

/// The session to go on with: that of the token that is settled, else the one that was kept.
async fn going_on(
    settings: &Settings,
    folder: &Folder,
) -> Result<Option<MatrixSession>, LinkError> {
    let Secret::Token(token) = &settings.secret else {
        let kept = folder.session();
        let Some(other) = kept.as_ref().filter(|kept| !is_called(kept, &settings.user)) else {
            return Ok(kept);
        };
        let (old, new) = (&other.meta.user_id, &settings.user);
        tracing::warn!("the bot was {old} and is {new} now; it logs in anew");
        folder.forget().map_err(|error| folder.failed(&error))?;
        return Ok(None);
    };
    if let Some(kept) = folder.session()
        && kept.tokens.access_token == *token
    {
        return Ok(Some(kept));
    }
    let session = of_token(settings, token).await?;
    folder.keep(&session).map_err(|error| folder.failed(&error))?;
    Ok(Some(session))
}

/// Whether a session is that of this account, named whole or without its server.
fn is_called(session: &MatrixSession, user: &str) -> bool {
    let own = &session.meta.user_id;
    own.as_str() == user || own.localpart() == user
}

/// The session of a token.
async fn of_token(settings: &Settings, token: &str) -> Result<MatrixSession, LinkError> {
    let asks = forgetful(settings).await?;
    let tokens = SessionTokens { access_token: token.to_owned(), refresh_token: None };
    // Who it is does not matter to a question that asks just that.
    let nobody = SessionMeta {
        user_id: matrix_sdk::ruma::owned_user_id!("@nobody:nowhere.invalid"),
        device_id: OwnedDeviceId::from("NONE"),
    };
    let session = MatrixSession { meta: nobody, tokens: tokens.clone() };
    restore(&asks, session).await?;
    let who = asks.whoami().await.map_err(|error| failure::listening(&error.into()))?;
    let Some(device_id) = who.device_id else {
        let words = "the token is no device's; log in with a password, or make one that is";
        return Err(LinkError::Refused(words.to_owned()));
    };
    Ok(MatrixSession { meta: SessionMeta { user_id: who.user_id, device_id }, tokens })
}

/// The session that there is, for asking beside the program that uses it; `None` if there is none.
pub(crate) async fn beside(settings: &Settings) -> Result<Option<Client>, LinkError> {
    let folder = Folder(settings.folder.clone());
    let session = match (&settings.secret, folder.session()) {
        (Secret::Token(token), kept) => {
            let same = kept.filter(|kept| kept.tokens.access_token == *token);
            Some(match same {
                Some(kept) => kept,
                None => of_token(settings, token).await?,
            })
        }
        (Secret::Password(_), kept) => kept.filter(|kept| is_called(kept, &settings.user)),
    };
    let Some(session) = session else { return Ok(None) };
    let client = forgetful(settings).await?;
    restore(&client, session).await?;
    Ok(Some(client))
}

/// Tries to log in, and logs out again.
pub(crate) async fn tried(settings: &Settings) -> Result<(), LinkError> {
    let Secret::Password(password) = &settings.secret else { return Ok(()) };
    let client = forgetful(settings).await?;
    let login = client.matrix_auth().login_username(&settings.user, password);
    login.initial_device_display_name(DEVICE_NAME).send().await.map_err(|error| asking(&error))?;
    client.matrix_auth().logout().await.map_err(|error| asking(&error.into()))?;
    Ok(())
}

/// A client that keeps nothing.
async fn forgetful(settings: &Settings) -> Result<Client, LinkError> {
    let client = Client::builder().homeserver_url(&settings.homeserver).request_config(calls());
    client.build().await.map_err(|error| LinkError::Lost(error.to_string()))
}

async fn restore(client: &Client, session: MatrixSession) -> Result<(), LinkError> {
    let auth = client.matrix_auth();
    let restored = auth.restore_session(session, RoomLoadSettings::default()).await;
    restored.map_err(|error| asking(&error))
}

async fn client(
    settings: &Settings,
    folder: &Folder,
    device: &str,
    passphrase: &str,
) -> Result<Client, LinkError> {
    let builder = Client::builder()
        .homeserver_url(&settings.homeserver)
        .sqlite_store(folder.store(device), Some(passphrase))
        .request_config(calls());
    builder.build().await.map_err(|error| {
        LinkError::Lost(format!("the store of the bot's keys cannot be opened: {error}"))
    })
}

/// Calls are not tried again by the client: the driver knows what waits.
pub(crate) fn calls() -> RequestConfig {
    RequestConfig::new().disable_retry().timeout(CALL_LASTS)
}

/// Sees to it that the device is signed by its own account, so that clients show no warning beside
/// what it says. What cannot be done is told and tried at the next start: the bot answers all the same.
pub(crate) async fn stays_signed(client: &Client, settings: &Settings) {
    if let Err(words) = signed(client, settings).await {
        tracing::warn!(
            network = crate::NETWORK,
            "the bot's device is not cross-signed, so clients warn of it: {words}"
        );
    }
    std::future::pending().await
}

async fn signed(client: &Client, settings: &Settings) -> Result<(), String> {
    let encryption = client.encryption();
    match encryption.bootstrap_cross_signing_if_needed(None).await {
        Ok(()) => {}
        Err(error) => {
            let asked = error.as_uiaa_response().and_then(|asked| asked.session.clone());
            let auth = password(client, settings, asked).ok_or_else(|| error.to_string())?;
            let again = encryption.bootstrap_cross_signing_if_needed(Some(auth)).await;
            again.map_err(|error| error.to_string())?;
        }
    }
    // What counts is what others are shown: keys that lie in the store may never have been published.
    match published(client).await.map_err(|error| error.to_string())? {
        Published::Signed => return Ok(()),
        Published::Unsigned | Published::NoKeys => {}
    }
    // Its keys went with an older device's store: new ones take their place.
    tracing::warn!("the bot's signing keys are gone with an older device; it makes new ones");
    let auth = password(client, settings, None);
    let auth = auth.ok_or("that needs the account's password, and it has a token")?;
    let reset = encryption.reset_cross_signing().await.map_err(|error| error.to_string())?;
    let Some(reset) = reset else { return Ok(()) };
    reset.auth(Some(auth)).await.map_err(|error| error.to_string())
}

/// What others are shown of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Published {
    /// It is signed by its account.
    Signed,
    /// It is not.
    Unsigned,
    /// It has no keys at all yet.
    NoKeys,
}

/// What the homeserver shows others of the device that is logged in.
pub(crate) async fn published(client: &Client) -> Result<Published, HttpError> {
    let (Some(user), Some(device)) = (client.user_id(), client.device_id()) else {
        return Ok(Published::NoKeys);
    };
    let mut request = get_keys::v3::Request::new();
    request.device_keys.insert(user.to_owned(), Vec::new());
    let keys = client.send(request).await?;
    let Some(own) = keys.device_keys.get(user).and_then(|all| all.get(device)) else {
        return Ok(Published::NoKeys);
    };
    let read = |json: &str| serde_json::from_str::<Value>(json).unwrap_or_default();
    let own = read(own.json().get());
    let signing = keys.self_signing_keys.get(user).map(|key| read(key.json().get()));
    let signing = signing.unwrap_or_default();
    let mut signing = signing["keys"].as_object().into_iter().flatten().map(|(id, _)| id);
    let is_signed = signing.any(|id| own["signatures"][user.as_str()][id].is_string());
    Ok(if is_signed { Published::Signed } else { Published::Unsigned })
}

fn password(client: &Client, settings: &Settings, session: Option<String>) -> Option<AuthData> {
    let Secret::Password(password) = &settings.secret else { return None };
    let user = client.user_id()?.localpart().to_owned();
    let user = UserIdentifier::Matrix(MatrixUserIdentifier::new(user));
    let mut auth = Password::new(user, password.clone());
    auth.session = session;
    Some(AuthData::Password(auth))
}

/// The folder of session and keys.
struct Folder(PathBuf);

impl Folder {
    fn make(&self) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0)
    }

    fn failed(&self, error: &io::Error) -> LinkError {
        LinkError::Lost(format!("{} cannot be used: {error}", self.0.display()))
    }

    /// A store belongs to one device: another one's keys would be refused.
    fn store(&self, device: &str) -> PathBuf {
        let plain: String = device.chars().filter(char::is_ascii_alphanumeric).collect();
        self.0.join(format!("keys-{plain}"))
    }

    fn session(&self) -> Option<MatrixSession> {
        let text = fs::read(self.0.join("session")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn keep(&self, session: &MatrixSession) -> io::Result<()> {
        let text = serde_json::to_vec(session).map_err(io::Error::other)?;
        write_closed(&self.0.join("session"), &text)
    }

    /// The name of the device, made when it is first asked for.
    fn device(&self) -> io::Result<String> {
        let path = self.0.join("device");
        if let Ok(known) = fs::read_to_string(&path)
            && !known.trim().is_empty()
        {
            return Ok(known.trim().to_owned());
        }
        let made = matrix_sdk::ruma::DeviceId::new().to_string();
        write_closed(&path, made.as_bytes())?;
        Ok(made)
    }

    /// Forgets the session, its device and its keys.
    fn forget(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            match path.is_dir() {
                true => fs::remove_dir_all(&path)?,
                false => fs::remove_file(&path)?,
            }
        }
        Ok(())
    }
}

/// Writes a file that nobody else can read, whole or not at all.
fn write_closed(path: &Path, text: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let beside = path.with_extension("new");
    let mut file =
        fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}
