//! What a request carries: JSON, or JSON with files.

use crate::telegram::body::{Upload, multipart};
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Sent {
    pub(crate) value: Value,
    pub(crate) files: BTreeMap<String, Upload>,
}

/// Reads the body of a request.
///
/// # Errors
/// What cannot be read about it.
pub(crate) fn read(content_type: &str, body: &[u8]) -> Result<Sent, String> {
    let json = |bytes: &[u8]| {
        serde_json::from_slice(bytes).map_err(|e| format!("the body is not JSON: {e}"))
    };
    let (kind, details) = content_type.split_once(';').unwrap_or((content_type, ""));
    match kind.trim() {
        _ if body.is_empty() => Ok(Sent::default()),
        "application/json" => Ok(Sent { value: json(body)?, files: BTreeMap::new() }),
        "multipart/form-data" => {
            let boundary = details.trim().strip_prefix("boundary=").unwrap_or_default();
            let parts = multipart(boundary.trim_matches('"'), body)?;
            let text = parts.fields.get("payload_json").and_then(Value::as_str).unwrap_or("{}");
            Ok(Sent { value: json(text.as_bytes())?, files: parts.files })
        }
        other => Err(format!("the content type `{other}` is not known")),
    }
}
