//! What a request carries, however it is written.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What was sent with a request.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Sent {
    pub(crate) fields: Map<String, Value>,
    /// Uploaded files by the name of their part.
    pub(crate) files: BTreeMap<String, Upload>,
    /// All fields are text, whatever they mean: a form, not JSON.
    pub(crate) all_text: bool,
}

/// An uploaded file, without what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) size: usize,
}

/// Reads the query string and the body of a request.
///
/// # Errors
/// What cannot be read about it.
pub(crate) fn read(query: &str, content_type: &str, body: &[u8]) -> Result<Sent, String> {
    let mut sent = form(query.as_bytes());
    let (kind, details) = content_type.split_once(';').unwrap_or((content_type, ""));
    match kind.trim().to_ascii_lowercase().as_str() {
        "" if body.is_empty() => Ok(sent),
        "application/x-www-form-urlencoded" => {
            sent.fields.extend(form(body).fields);
            Ok(sent)
        }
        "multipart/form-data" => {
            let boundary = details.trim().strip_prefix("boundary=").unwrap_or_default();
            multipart(boundary.trim_matches('"'), body)
        }
        "application/json" if body.is_empty() => Ok(sent),
        "application/json" => match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Sent { fields, ..Sent::default() }),
            // Client libraries send `null` where a method takes nothing.
            Ok(Value::Null) => Ok(Sent::default()),
            Ok(_) => Err("the body is not an object".to_owned()),
            Err(e) => Err(format!("the body is not JSON: {e}")),
        },
        other => Err(format!("the content type `{other}` is not known")),
    }
}

fn form(bytes: &[u8]) -> Sent {
    let pairs = form_urlencoded::parse(bytes);
    let fields = pairs.map(|(key, value)| (key.into_owned(), json!(value))).collect();
    Sent { fields, all_text: true, ..Sent::default() }
}

pub(crate) fn multipart(boundary: &str, body: &[u8]) -> Result<Sent, String> {
    let mut sent = Sent { all_text: true, ..Sent::default() };
    let mark = format!("--{boundary}").into_bytes();
    let mut at = find(body, &mark).filter(|_| !boundary.is_empty()).ok_or("no part begins")?;
    loop {
        at += mark.len();
        if body[at..].starts_with(b"--") {
            return Ok(sent);
        }
        let rest = &body[at..];
        let head_end = find(rest, b"\r\n\r\n").ok_or("a part has no end of its head")?;
        let head = String::from_utf8_lossy(&rest[..head_end]);
        let next = find(&rest[head_end + 4..], &[b"\r\n", &mark[..]].concat())
            .ok_or("a part has no end")?;
        let content = &rest[head_end + 4..head_end + 4 + next];
        let name = attribute(&head, "name").ok_or("a part has no name")?;
        if let Some(file) = attribute(&head, "filename") {
            let lines = head.lines().filter_map(|line| line.split_once(':'));
            let mut kinds = lines.filter(|(key, _)| key.eq_ignore_ascii_case("content-type"));
            let mime = kinds.next().map_or("application/octet-stream", |(_, kind)| kind.trim());
            let (mime, size) = (mime.to_owned(), content.len());
            sent.files.insert(name, Upload { name: file, mime, size });
        } else {
            let text = std::str::from_utf8(content).map_err(|_| "a field is not UTF-8")?;
            sent.fields.insert(name, json!(text));
        }
        at += head_end + 4 + next + 2;
    }
}

fn attribute(head: &str, name: &str) -> Option<String> {
    let mark = format!("; {name}=\"");
    let (_, rest) = head.split_once(&mark)?;
    Some(rest.split('"').next()?.to_owned())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_with_a_file_is_read() {
        let body =
            b"--XX\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\nhttps://a.example\r\n\
            --XX\r\nContent-Disposition: form-data; name=\"certificate\"; filename=\"c.pem\"\r\n\
            Content-Type: text/plain\r\n\r\nab\r\ncd\r\n--XX--\r\n";
        let sent = read("", "multipart/form-data; boundary=XX", body).unwrap();
        assert_eq!(sent.fields["url"], "https://a.example");
        let file = &sent.files["certificate"];
        assert_eq!((file.size, file.mime.as_str(), file.name.as_str()), (6, "text/plain", "c.pem"));
        assert!(read("", "multipart/form-data; boundary=YY", body).is_err());
    }

    #[test]
    fn json_and_queries_are_read() {
        let sent = read("", "application/json; charset=utf-8", b"{\"a\":1}").unwrap();
        assert_eq!(sent.fields["a"], 1);
        let sent = read("timeout=5&offset=-1", "", b"").unwrap();
        assert_eq!((&sent.fields["timeout"], sent.all_text), (&json!("5"), true));
        assert!(read("", "application/json", b"[1]").is_err());
        assert!(read("", "text/plain", b"x").is_err());
    }
}
