//! What a library settles of its bot.

use crate::pace::Rate;
use matrix_sdk::ruma::{OwnedRoomOrAliasId, OwnedServerName, OwnedUserId, UserId};
use std::collections::BTreeMap;
use std::path::PathBuf;
use url::Url;

/// What a library settles of its bot.
#[derive(Clone)]
pub struct Settings {
    /// The homeserver's address.
    pub homeserver: Url,
    /// The bot's account there: `pollen` or `@pollen:example.org`.
    pub user: String,
    /// How it logs in.
    pub secret: Secret,
    /// Where session and keys are kept: nobody else's folder.
    pub folder: PathBuf,
    /// The room where staff work, if they work on Matrix.
    pub staff_room: Option<OwnedRoomOrAliasId>,
    /// Who is staff, by the names that the desk shows; empty: the room's moderators, by their
    /// display names.
    pub staff: BTreeMap<String, OwnedUserId>,
    /// Whose invitations are accepted.
    pub invites: Invites,
    /// How fast the homeserver lets the bot speak; `None` only where a test's clock stands.
    pub rate: Option<Rate>,
}

/// How the bot logs in.
#[derive(Clone)]
pub enum Secret {
    /// With the account's password: the bot makes a device of its own.
    Password(String),
    /// With the access token of a device that was made for it.
    Token(String),
}

/// Whose invitations are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invites {
    /// Everybody's.
    pub everybody: bool,
    /// Those of everybody on the bot's own server.
    pub own_server: bool,
    /// Those of everybody on these servers.
    pub servers: Vec<OwnedServerName>,
    /// Those of these people.
    pub people: Vec<OwnedUserId>,
}

impl Invites {
    /// Reads `*`, `example.org` and `@ana:example.org`.
    ///
    /// # Errors
    /// [`NoName`] of the first that cannot be read.
    pub fn parse<'a>(all: impl IntoIterator<Item = &'a str>) -> Result<Invites, NoName> {
        let mut invites = Invites::default();
        for one in all {
            if one == "*" {
                invites.everybody = true;
            } else if one.starts_with('@') {
                invites.people.push(user(one)?);
            } else {
                let server = OwnedServerName::try_from(one);
                invites.servers.push(server.map_err(|_| NoName(one.to_owned()))?);
            }
        }
        Ok(invites)
    }

    /// Those of everybody on the bot's own server.
    pub fn of_own_server() -> Invites {
        Invites { own_server: true, ..Invites::default() }
    }

    /// Whether an invitation of this person's is accepted by the bot `own`.
    pub(crate) fn accepts(&self, who: &UserId, own: &UserId) -> bool {
        self.everybody
            || (self.own_server && who.server_name() == own.server_name())
            || self.people.iter().any(|known| known == who)
            || self.servers.iter().any(|server| server == who.server_name())
    }
}

/// What is called by no name that there can be on Matrix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name on Matrix")]
pub struct NoName(pub String);

/// Somebody by their whole name, like `@mira:example.org`.
///
/// # Errors
/// [`NoName`].
pub fn user(text: &str) -> Result<OwnedUserId, NoName> {
    OwnedUserId::try_from(text).map_err(|_| NoName(text.to_owned()))
}

/// A room by its id or one of its addresses.
///
/// # Errors
/// [`NoName`].
pub fn room(text: &str) -> Result<OwnedRoomOrAliasId, NoName> {
    OwnedRoomOrAliasId::try_from(text).map_err(|_| NoName(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invitations_are_accepted_from_whom_the_list_names() {
        let invites = Invites::parse(["linden.example", "@ana:other.example"]).unwrap();
        let own = OwnedUserId::try_from("@pollen:own.example").unwrap();
        let accepts = |who: &str| invites.accepts(&OwnedUserId::try_from(who).unwrap(), &own);
        assert!(accepts("@ben:linden.example"));
        assert!(accepts("@ana:other.example"));
        assert!(!accepts("@ben:other.example"));
        assert!(!accepts("@ana:linden.example.evil.example"));
        let all = Invites::parse(["*"]).unwrap();
        assert!(all.accepts(&OwnedUserId::try_from("@x:y.example").unwrap(), &own));
        let neighbour = OwnedUserId::try_from("@ben:own.example").unwrap();
        assert!(Invites::of_own_server().accepts(&neighbour, &own));
        assert!(!invites.accepts(&neighbour, &own));
        assert_eq!(Invites::parse(["not a server"]), Err(NoName("not a server".to_owned())));
        assert_eq!(Invites::parse(["@nobody"]), Err(NoName("@nobody".to_owned())));
    }
}
