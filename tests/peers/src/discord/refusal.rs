//! How Discord says no.

use serde_json::{Value, json};

/// An answer that is no: a status, and a body with a code and words.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{status} {code} {message}")]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: u32,
    pub(crate) message: String,
    errors: Option<Value>,
    /// Seconds to wait, and whether for everything.
    pub(crate) retry: Option<(f64, bool)>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: u32, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), errors: None, retry: None }
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, 0, "404: Not Found")
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, 0, "401: Unauthorized")
    }

    pub(crate) fn unknown_channel() -> Self {
        Self::new(404, 10003, "Unknown Channel")
    }

    pub(crate) fn unknown_message() -> Self {
        Self::new(404, 10008, "Unknown Message")
    }

    pub(crate) fn missing_access() -> Self {
        Self::new(403, 50001, "Missing Access")
    }

    pub(crate) fn missing_permissions() -> Self {
        Self::new(403, 50013, "Missing Permissions")
    }

    /// Something in the body is wrong, at a path such as `embeds.0.title`.
    pub(crate) fn form(path: &str, code: &str, message: &str) -> Self {
        let mut errors = json!({"_errors": [{"code": code, "message": message}]});
        for part in path.split('.').rev().filter(|part| !part.is_empty()) {
            errors = json!({part: errors});
        }
        Self { errors: Some(errors), ..Self::new(400, 50035, "Invalid Form Body") }
    }

    /// A text is too long or too short.
    pub(crate) fn length(path: &str, min: usize, max: usize) -> Self {
        let message = format!("Must be between {min} and {max} in length.");
        Self::form(path, "BASE_TYPE_BAD_LENGTH", &message)
    }

    pub(crate) fn too_many(seconds: f64, global: bool) -> Self {
        let message = "You are being rate limited.";
        Self { retry: Some((seconds, global)), ..Self::new(429, 0, message) }
    }

    /// The body that carries it.
    pub(crate) fn json(&self) -> Value {
        if let Some((seconds, global)) = self.retry {
            return json!({"message": self.message, "retry_after": seconds, "global": global});
        }
        let mut body = json!({"message": self.message, "code": self.code});
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        body
    }
}
