//! What comes with a request, checked before anything is done.

use super::ChatId;
use super::body::{Sent, Upload};
use super::refusal::Refusal;
use super::world::World;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What a parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Float,
    Boolean,
    Text,
    /// A number or a public chat's `@username`.
    Chat,
    Object,
    Array,
    File,
}

/// A parameter that a method takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
}

pub(crate) const fn need(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, required: true }
}

pub(crate) const fn may(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind, required: false }
}

/// The parameters of a request, each of the kind that its method says.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    taken: Map<String, Value>,
    files: BTreeMap<String, Upload>,
}

impl Kind {
    fn is(self, value: &Value) -> bool {
        match self {
            Kind::Integer => value.is_i64() || value.is_u64(),
            Kind::Float => value.is_number(),
            Kind::Boolean => value.is_boolean(),
            Kind::Text => value.is_string(),
            Kind::Chat => value.is_i64() || value.is_string(),
            Kind::Object => value.is_object(),
            Kind::Array => value.is_array(),
            Kind::File => value.is_string() || value.is_null(),
        }
    }

    /// What a form's field says, where all is text.
    fn read(self, text: &str) -> Option<Value> {
        match self {
            Kind::Integer => text.parse::<i64>().ok().map(Value::from),
            Kind::Float => text.parse::<f64>().ok().map(Value::from),
            Kind::Boolean => text.parse::<bool>().ok().map(Value::from),
            Kind::Text | Kind::File => Some(json!(text)),
            Kind::Chat => Some(text.parse::<i64>().map_or_else(|_| json!(text), Value::from)),
            Kind::Object | Kind::Array => serde_json::from_str(text).ok(),
        }
    }
}

/// Takes what was sent as the parameters that a method takes. What the method does not take is
/// complained about and left out, as the server leaves it out.
pub(crate) fn take(
    world: &mut World,
    method: &'static str,
    takes: &[Parameter],
    sent: Sent,
) -> Result<Parameters, Refusal> {
    let mut taken = Map::new();
    for (name, value) in sent.fields {
        let Some(parameter) = takes.iter().find(|parameter| parameter.name == name) else {
            if !sent.files.contains_key(&name) {
                world.complain(method, format!("there is no parameter `{name}`"));
            }
            continue;
        };
        let value = match (&value, sent.all_text) {
            (Value::String(text), true) => parameter.kind.read(text),
            _ => Some(value),
        };
        match value.filter(|value| parameter.kind.is(value)) {
            Some(value) => {
                taken.insert(name, value);
            }
            None => {
                world.complain(method, format!("`{name}` is not of the kind {:?}", parameter.kind));
                return Err(Refusal::bad(format!("can't parse the parameter \"{name}\"")));
            }
        }
    }
    for parameter in takes.iter().filter(|p| p.kind == Kind::File) {
        if sent.files.contains_key(parameter.name) {
            taken.entry(parameter.name).or_insert(Value::Null);
        }
    }
    if let Some(missing) = takes.iter().find(|p| p.required && !taken.contains_key(p.name)) {
        world.complain(method, format!("`{}` is missing", missing.name));
        return Err(Refusal::bad(format!("parameter \"{}\" is required", missing.name)));
    }
    if let Some(description) = &world.description {
        let wrong = description.check_call(method, &taken);
        for what in wrong {
            world.complain(method, what);
        }
    }
    Ok(Parameters { taken, files: sent.files })
}

impl Parameters {
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.taken.get(name)
    }

    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    pub(crate) fn float(&self, name: &str) -> f64 {
        self.get(name).and_then(Value::as_f64).unwrap_or_default()
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The file that was uploaded as this parameter, in its own part or in one that it names.
    pub(crate) fn upload(&self, name: &str) -> Option<&Upload> {
        let part = self.text(name).strip_prefix("attach://").unwrap_or(name);
        self.files.get(part)
    }

    /// The chat that `chat_id` names.
    pub(crate) fn chat(&self, world: &World) -> Result<ChatId, Refusal> {
        self.chat_named("chat_id", world)
    }

    /// The chat that a parameter names.
    pub(crate) fn chat_named(&self, parameter: &str, world: &World) -> Result<ChatId, Refusal> {
        let named = self.get(parameter);
        if let Some(id) = named.and_then(Value::as_i64) {
            return Ok(ChatId(id));
        }
        let name = named.and_then(Value::as_str).and_then(|name| name.strip_prefix('@'));
        let is = |chat: &&super::chats::Chat| {
            chat.username.as_deref().zip(name).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        let found = world.chats.values().find(is).map(|chat| chat.id);
        found.ok_or_else(|| Refusal::bad("chat not found"))
    }
}
