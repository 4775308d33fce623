//! The published description of the REST API, where a machine has one: OpenAPI 3.1, of whose JSON
//! Schema this reads what it uses.

use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How deep schemas may lie in each other.
const DEPTH: usize = 40;

/// The description cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// The file cannot be read.
    #[error("{0} cannot be read")]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// The file is not what it should be.
    #[error("{0} does not describe Discord's API: {1}")]
    Unusable(PathBuf, String),
}

#[derive(Debug)]
pub(crate) struct Description {
    /// What requests carry, by method and path.
    bodies: HashMap<(String, String), Option<Value>>,
    schemas: HashMap<String, Value>,
}

/// Fields that the documentation has and the description leaves out: of commands.
const LEFT_OUT: &[&str] = &["nsfw"];

type Checked = Result<(), String>;

impl Description {
    /// Reads the description.
    ///
    /// # Errors
    /// Those of [`DescriptionError`].
    pub(crate) fn read(path: &Path) -> Result<Self, DescriptionError> {
        let text = std::fs::read_to_string(path)
            .map_err(|e| DescriptionError::Unreadable(path.to_owned(), e))?;
        let unusable = |what: &str| DescriptionError::Unusable(path.to_owned(), what.to_owned());
        let whole: Value = serde_json::from_str(&text).map_err(|e| unusable(&e.to_string()))?;
        let schemas = whole["components"]["schemas"].as_object();
        let schemas = schemas.ok_or_else(|| unusable("no schemas"))?;
        let paths = whole["paths"].as_object().ok_or_else(|| unusable("no paths"))?;
        let mut bodies = HashMap::new();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                let body = &operation["requestBody"]["content"]["application/json"]["schema"];
                let key = (method.to_ascii_uppercase(), path.clone());
                bodies.insert(key, (!body.is_null()).then(|| body.clone()));
            }
        }
        let schemas = schemas.iter().map(|(name, schema)| (name.clone(), schema.clone()));
        Ok(Self { bodies, schemas: schemas.collect() })
    }

    /// Whether a request's path is described.
    pub(crate) fn knows(&self, method: &str, path: &str) -> bool {
        let Some(path) = path.strip_prefix("/api/v10") else { return false };
        let parts: Vec<&str> = path.split('/').collect();
        self.bodies.keys().any(|(known, pattern)| {
            let wanted: Vec<&str> = pattern.split('/').collect();
            let fits = |(wanted, part): (&&str, &&str)| wanted.starts_with('{') || wanted == part;
            known == method && wanted.len() == parts.len() && wanted.iter().zip(&parts).all(fits)
        })
    }

    /// What is wrong with a request's body.
    pub(crate) fn check(&self, method: &str, path: &str, body: &Value) -> Vec<String> {
        let mut key = (method.to_owned(), path.to_owned());
        if !self.bodies.contains_key(&key) {
            // The peer's one route for `@me` and others.
            key.1 = path.replace("{user_id}", "@me");
        }
        match self.bodies.get(&key) {
            None => vec![format!("{method} {path} is not described")],
            Some(None)
                if body.is_null() || body.as_object().is_some_and(serde_json::Map::is_empty) =>
            {
                vec![]
            }
            Some(None) => vec!["it carries a body, and should not".to_owned()],
            Some(Some(schema)) => self.value(schema, body, "body", 0).err().into_iter().collect(),
        }
    }

    fn value(&self, schema: &Value, value: &Value, at: &str, depth: usize) -> Checked {
        if depth > DEPTH {
            return Err(format!("{at}: the schema is too deep"));
        }
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.trim_start_matches("#/components/schemas/");
            let schema = self.schemas.get(name).ok_or_else(|| format!("{at}: no schema {name}"))?;
            return self.value(schema, value, at, depth + 1);
        }
        if let Some(constant) = schema.get("const")
            && constant != value
        {
            return Err(format!("{at}: {value} is not {constant}"));
        }
        if let Some(all) = schema["enum"].as_array()
            && !all.contains(value)
        {
            return Err(format!("{at}: {value} is none of what it may be"));
        }
        kind(schema, value, at)?;
        bounds(schema, value, at)?;
        for alternatives in ["oneOf", "anyOf"] {
            if let Some(all) = schema[alternatives].as_array() {
                self.any(all, value, at, depth)?;
            }
        }
        if let Some(all) = schema["allOf"].as_array() {
            // Parts of a whole: what one does not know another may.
            if schema.get("properties").is_none() && all.len() == 1 {
                self.value(&all[0], value, at, depth + 1)?;
            }
        }
        if let (Some(items), Some(all)) = (schema.get("items"), value.as_array()) {
            for (number, item) in all.iter().enumerate() {
                self.value(items, item, &format!("{at}[{number}]"), depth + 1)?;
            }
        }
        self.fields(schema, value, at, depth)
    }

    fn fields(&self, schema: &Value, value: &Value, at: &str, depth: usize) -> Checked {
        let Some(given) = value.as_object() else { return Ok(()) };
        let known = schema["properties"].as_object();
        let additional = &schema["additionalProperties"];
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            if !given.contains_key(name) {
                return Err(format!("{at}: `{name}` is missing"));
            }
        }
        for (name, inner) in given {
            let inside = format!("{at}.{name}");
            match known.and_then(|known| known.get(name)) {
                Some(schema) => self.value(schema, inner, &inside, depth + 1)?,
                None if additional.is_object() => {
                    self.value(additional, inner, &inside, depth + 1)?
                }
                // Client libraries send what says nothing.
                None if inner.is_null() || inner.as_array().is_some_and(Vec::is_empty) => {}
                None if LEFT_OUT.contains(&name.as_str()) => {}
                None if known.is_some() && additional != true => {
                    return Err(format!("{at}: `{name}` is not described"));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn any(&self, all: &[Value], value: &Value, at: &str, depth: usize) -> Checked {
        let mut nearest = Err(format!("{at}: nothing is described"));
        for schema in all {
            let checked = self.value(schema, value, at, depth + 1);
            if checked.is_ok() {
                return checked;
            }
            // What went wrong deepest inside tells most; what is of another type tells nothing.
            let depth = |checked: &Checked| {
                let what = checked.as_ref().err().filter(|what| !what.contains(".type: "));
                what.map_or(0, |what| 1 + what.matches(['.', '[']).count())
            };
            if depth(&checked) >= depth(&nearest) {
                nearest = checked;
            }
        }
        nearest
    }
}

fn kind(schema: &Value, value: &Value, at: &str) -> Checked {
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    let right = match &schema["type"] {
        Value::String(kind) => is(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).any(is),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => true,
    };
    // Snowflakes may be sent as numbers.
    let snowflake = schema["format"] == "snowflake" && value.is_u64();
    if right || snowflake {
        Ok(())
    } else {
        Err(format!("{at}: {value} is not of type {}", schema["type"]))
    }
}

fn bounds(schema: &Value, value: &Value, at: &str) -> Checked {
    let within = |count: Option<usize>, least: &str, most: &str| {
        let Some(count) = count.and_then(|count| u64::try_from(count).ok()) else { return true };
        schema[least].as_u64().is_none_or(|least| count >= least)
            && schema[most].as_u64().is_none_or(|most| count <= most)
    };
    let text = value.as_str().map(|text| text.chars().count());
    let right = within(text, "minLength", "maxLength")
        && within(value.as_array().map(Vec::len), "minItems", "maxItems")
        && within(value.as_object().map(serde_json::Map::len), "minProperties", "maxProperties")
        && value.as_f64().is_none_or(|number| {
            schema["minimum"].as_f64().is_none_or(|least| number >= least)
                && schema["maximum"].as_f64().is_none_or(|most| number <= most)
        });
    if right { Ok(()) } else { Err(format!("{at}: {value} is out of bounds")) }
}
