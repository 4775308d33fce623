//! The methods that the peer knows, each with what it takes and what it does.

mod chats;
mod files;
mod messages;
mod profile;
mod queries;
mod topics;
mod webhooks;

use super::parameters::{Parameter, Parameters};
use super::refusal::Refusal;
use super::world::World;
use serde_json::Value;

pub(crate) use profile::Profile;
pub(crate) use queries::{Asks, Query, is_start_parameter, sent_text};

/// A method of the Bot API.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) takes: &'static [Parameter],
    /// It puts a message into a chat, so the limits count it.
    pub(crate) sends: bool,
    pub(crate) act: fn(&mut World, &Parameters) -> Result<Value, Refusal>,
}

const fn method(
    name: &'static str,
    takes: &'static [Parameter],
    act: fn(&mut World, &Parameters) -> Result<Value, Refusal>,
) -> Method {
    Method { name, takes, sends: false, act }
}

const fn sending(
    name: &'static str,
    takes: &'static [Parameter],
    act: fn(&mut World, &Parameters) -> Result<Value, Refusal>,
) -> Method {
    Method { name, takes, sends: true, act }
}

/// All methods that the peer knows.
pub(crate) fn all() -> impl Iterator<Item = &'static Method> {
    [
        webhooks::METHODS,
        messages::METHODS,
        files::METHODS,
        queries::METHODS,
        profile::METHODS,
        chats::METHODS,
        topics::METHODS,
    ]
    .into_iter()
    .flatten()
}

/// The method with this name, however it is spelled: names are not case-sensitive.
pub(crate) fn named(name: &str) -> Option<&'static Method> {
    all().find(|method| method.name.eq_ignore_ascii_case(name))
}
