//! The published description of the Bot API, where a machine has one: what methods take, what
//! types look like.
//!
//! The file is JSON: `methods` and `types` by name; a method has `fields` (`name`, `types`,
//! `required`) and `returns`, a type has `fields` or `subtypes`.

use serde_json::{Map, Value};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The description cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// The file cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// The file is not what it should be.
    #[error("{0} does not describe the Bot API: {1}")]
    Unusable(PathBuf, String),
}

#[derive(Debug)]
pub(crate) struct Description {
    methods: HashMap<String, Shape>,
    types: HashMap<String, Shape>,
}

#[derive(Debug, Default)]
struct Shape {
    fields: HashMap<String, Field>,
    subtypes: Vec<String>,
    returns: Vec<String>,
}

#[derive(Debug)]
struct Field {
    types: Vec<String>,
    required: bool,
}

impl Description {
    /// Reads the description.
    ///
    /// # Errors
    /// Those of [`DescriptionError`].
    pub(crate) fn read(path: &Path) -> Result<Self, DescriptionError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| DescriptionError::Unreadable(path.to_owned(), e))?;
        let unusable = |what: String| DescriptionError::Unusable(path.to_owned(), what);
        let whole: Value = serde_json::from_str(&text).map_err(|e| unusable(e.to_string()))?;
        let part = |name: &str| -> Result<HashMap<String, Shape>, DescriptionError> {
            let all = whole[name].as_object().ok_or_else(|| unusable(format!("no {name}")))?;
            Ok(all.iter().map(|(name, value)| (name.clone(), shape(value))).collect())
        };
        Ok(Self { methods: part("methods")?, types: part("types")? })
    }

    /// How many methods are described.
    pub(crate) fn methods(&self) -> usize {
        self.methods.len()
    }

    /// Whether a method is described, however it is spelled.
    pub(crate) fn has_method(&self, name: &str) -> bool {
        self.methods.keys().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// What is wrong with a request.
    pub(crate) fn check_call(&self, method: &str, parameters: &Map<String, Value>) -> Vec<String> {
        match self.methods.get(method) {
            None => vec!["the method is not described".to_owned()],
            Some(shape) => self.check_fields(shape, parameters, method),
        }
    }

    /// Whether an answer is what a method returns.
    ///
    /// # Errors
    /// Where it is not.
    pub(crate) fn check_result(&self, method: &str, result: &Value) -> Result<(), String> {
        match self.methods.get(method) {
            None => Err("the method is not described".to_owned()),
            Some(shape) => self.check_any(&shape.returns, result, "result"),
        }
    }

    /// Whether a value is of a type.
    ///
    /// # Errors
    /// Where it is not.
    pub(crate) fn check(&self, kind: &str, value: &Value) -> Result<(), String> {
        self.check_one(kind, value, kind)
    }

    fn check_any(&self, kinds: &[String], value: &Value, at: &str) -> Result<(), String> {
        let mut nearest = Err(format!("{at}: no type is described"));
        for kind in kinds {
            let checked = self.check_one(kind, value, at);
            if checked.is_ok() {
                return checked;
            }
            // What went wrong deepest inside tells most.
            let depth = |r: &Result<(), String>| {
                r.as_ref().err().map_or(0, |what| what.matches(['.', '[']).count())
            };
            if nearest.is_ok() || depth(&checked) >= depth(&nearest) {
                nearest = checked;
            }
        }
        nearest
    }

    fn check_one(&self, kind: &str, value: &Value, at: &str) -> Result<(), String> {
        let is = |right: bool| {
            if right { Ok(()) } else { Err(format!("{at}: {value} is not of type {kind}")) }
        };
        if let Some(inner) = kind.strip_prefix("Array of ") {
            let Some(items) = value.as_array() else { return is(false) };
            return items.iter().enumerate().try_for_each(|(i, item)| {
                self.check_any(&[inner.to_owned()], item, &format!("{at}[{i}]"))
            });
        }
        match kind {
            "Integer" => return is(value.is_i64() || value.is_u64()),
            "Float" | "Float number" => return is(value.is_number()),
            "String" => return is(value.is_string()),
            "Boolean" => return is(value.is_boolean()),
            "True" => return is(*value == Value::Bool(true)),
            // A file is a part of the request itself, or a name of one.
            "InputFile" => return is(value.is_string() || value.is_null()),
            _ => {}
        }
        let shape = self.types.get(kind).ok_or_else(|| format!("{at}: no type {kind}"))?;
        if !shape.subtypes.is_empty() {
            return self.check_any(&shape.subtypes, value, at);
        }
        let Some(object) = value.as_object() else { return is(false) };
        match self.check_fields(shape, object, at).into_iter().next() {
            None => Ok(()),
            Some(what) => Err(what),
        }
    }

    fn check_fields(&self, shape: &Shape, object: &Map<String, Value>, at: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, value) in object {
            match shape.fields.get(name) {
                None => wrong.push(format!("{at}: `{name}` is not described")),
                Some(field) => {
                    let inside = format!("{at}.{name}");
                    wrong.extend(self.check_any(&field.types, value, &inside).err());
                }
            }
        }
        let missing = |(name, field): &(&String, &Field)| {
            field.required && !object.contains_key(name.as_str())
        };
        let mut gone: Vec<String> = shape
            .fields
            .iter()
            .filter(missing)
            .map(|(name, _)| format!("{at}: `{name}` is missing"))
            .collect();
        gone.sort();
        wrong.extend(gone);
        wrong
    }
}

fn shape(value: &Value) -> Shape {
    let words = |value: &Value| -> Vec<String> {
        let all = value.as_array().into_iter().flatten();
        all.filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    let fields = value["fields"].as_array().into_iter().flatten().filter_map(|field| {
        let required = field["required"].as_bool().unwrap_or_default();
        Some((
            field["name"].as_str()?.to_owned(),
            Field { types: words(&field["types"]), required },
        ))
    });
    Shape {
        fields: fields.collect(),
        subtypes: words(&value["subtypes"]),
        returns: words(&value["returns"]),
    }
}
