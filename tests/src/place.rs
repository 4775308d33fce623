//! Places, as scripts name them.

use bot::{Network, Place, PlaceKind};
use std::fmt;

/// A place by its name in a script: `desk`, or `NETWORK/dm-WHO`, `NETWORK/room-NAME`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceName {
    /// The network; `None` for the desk, which is wherever a stage has put it.
    pub network: Option<String>,
    /// What the place is called on it.
    pub id: String,
    /// What kind of place it is.
    pub kind: PlaceKind,
}

impl PlaceName {
    /// The desk.
    pub fn desk() -> PlaceName {
        PlaceName { network: None, id: "desk".to_owned(), kind: PlaceKind::Desk }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(name: &str) -> Result<PlaceName, String> {
        if name == "desk" {
            return Ok(PlaceName::desk());
        }
        let wrong = || {
            format!(
                "`{name}` is no place: say `desk`, `any/dm-ben` or `any/room-lobby` (or what a \
                 step is: wait, restart, cut, restore, refuse)"
            )
        };
        let (network, id) = name.split_once('/').ok_or_else(wrong)?;
        let kind = match id.split_once('-') {
            Some(("dm", who)) if !who.is_empty() => PlaceKind::Direct,
            Some(("room", room)) if !room.is_empty() => PlaceKind::Shared,
            _ => return Err(wrong()),
        };
        Ok(PlaceName { network: Some(network.to_owned()), id: id.to_owned(), kind })
    }

    /// The same place with one network in the stead of another.
    #[must_use]
    pub fn swapped(&self, from: &str, to: &str) -> PlaceName {
        let network = self.network.as_deref().map(|name| if name == from { to } else { name });
        PlaceName { network: network.map(str::to_owned), ..self.clone() }
    }

    /// The direct chat of somebody who is in this place.
    pub fn direct(&self, who: &str) -> PlaceName {
        PlaceName {
            network: self.network.clone(),
            id: format!("dm-{who}"),
            kind: PlaceKind::Direct,
        }
    }

    /// The name of a place on a stage.
    pub fn of(place: &Place) -> PlaceName {
        match place.kind {
            PlaceKind::Desk => PlaceName::desk(),
            PlaceKind::Direct | PlaceKind::Shared => PlaceName {
                network: Some(place.network.0.clone()),
                id: place.id.clone(),
                kind: place.kind,
            },
        }
    }

    /// The place itself, `desk` being this one.
    pub fn on(&self, desk: &Place) -> Place {
        match &self.network {
            None => desk.clone(),
            Some(network) => {
                Place { network: Network(network.clone()), id: self.id.clone(), kind: self.kind }
            }
        }
    }
}

impl fmt::Display for PlaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.network {
            None => f.write_str(&self.id),
            Some(network) => write!(f, "{network}/{}", self.id),
        }
    }
}
