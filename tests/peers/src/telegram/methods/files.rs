//! Files, and messages that are passed on.

use super::messages::{CHAT, MARKUP, PROTECT, REPLY, SILENT, THREAD, formatted, send, send_as};
use super::{Method, method, sending};
use crate::telegram::parameters::{Kind, Parameters, may, need};
use crate::telegram::refusal::Refusal;
use crate::telegram::world::World;
use crate::telegram::{Content, Media, MediaKind, Message, UserId};
use serde_json::{Value, json};

/// The longest text below a file, in UTF-16 units.
const CAPTION_UNITS: usize = 1024;

/// The largest file that a bot can fetch: 20 MB.
const FETCH_BYTES: u64 = 20 * 1024 * 1024;

pub(super) const METHODS: &[Method] = &[
    sending(
        "sendDocument",
        &[
            CHAT,
            need("document", Kind::File),
            may("caption", Kind::Text),
            may("parse_mode", Kind::Text),
            may("disable_content_type_detection", Kind::Boolean),
            THREAD,
            SILENT,
            PROTECT,
            REPLY,
            MARKUP,
        ],
        |world, p| send_file(world, "sendDocument", p, "document", MediaKind::Document),
    ),
    sending(
        "sendPhoto",
        &[
            CHAT,
            need("photo", Kind::File),
            may("caption", Kind::Text),
            may("parse_mode", Kind::Text),
            THREAD,
            SILENT,
            PROTECT,
            REPLY,
            MARKUP,
        ],
        |world, p| send_file(world, "sendPhoto", p, "photo", MediaKind::Photo),
    ),
    sending(
        "sendVoice",
        &[
            CHAT,
            need("voice", Kind::File),
            may("caption", Kind::Text),
            may("parse_mode", Kind::Text),
            may("duration", Kind::Integer),
            THREAD,
            SILENT,
            PROTECT,
            REPLY,
            MARKUP,
        ],
        |world, p| send_file(world, "sendVoice", p, "voice", MediaKind::Voice),
    ),
    sending(
        "forwardMessage",
        &[
            CHAT,
            need("from_chat_id", Kind::Chat),
            need("message_id", Kind::Integer),
            THREAD,
            SILENT,
            PROTECT,
        ],
        |world, p| {
            let original = passed_on(world, p, "forward")?;
            let whose = original.from.unwrap_or(UserId(1_087_968_824));
            let forwarded = original.forwarded.or(Some((whose, original.date)));
            send_as(world, "forwardMessage", p, original.content, forwarded)
        },
    ),
    sending(
        "copyMessage",
        &[
            CHAT,
            need("from_chat_id", Kind::Chat),
            need("message_id", Kind::Integer),
            may("caption", Kind::Text),
            may("parse_mode", Kind::Text),
            THREAD,
            SILENT,
            PROTECT,
            REPLY,
            MARKUP,
        ],
        copy_message,
    ),
    method("getFile", &[need("file_id", Kind::Text)], get_file),
];

fn send_file(
    world: &mut World,
    name: &'static str,
    p: &Parameters,
    key: &str,
    kind: MediaKind,
) -> Result<Value, Refusal> {
    let mut media = match p.upload(key) {
        Some(upload) => {
            let size = u64::try_from(upload.size).unwrap_or(u64::MAX);
            Media { kind, ..Media::document(&upload.name, &upload.mime, size) }
        }
        None => known(world, p.text(key))?.clone(),
    };
    if media.size == 0 {
        return Err(Refusal::bad("file must be non-empty"));
    }
    if media.kind != kind {
        return Err(Refusal::bad(format!("can't use file of type {:?} as {kind:?}", media.kind)));
    }
    media.caption = caption(world, name, p)?.unwrap_or_default();
    send(world, name, p, Content::Media(media))
}

/// The file with this name; each size of a photograph has a name of its own.
fn known<'a>(world: &'a World, id: &str) -> Result<&'a Media, Refusal> {
    let file = world.files.get(id.trim_end_matches(['s', 'x']));
    file.ok_or_else(|| Refusal::bad("wrong file identifier/HTTP URL specified"))
}

/// The text below a file, its markup read.
fn caption(
    world: &mut World,
    name: &'static str,
    p: &Parameters,
) -> Result<Option<String>, Refusal> {
    let written = p.text("caption");
    if written.is_empty() {
        return Ok(None);
    }
    let long = "message caption is too long";
    let (text, _) = formatted(world, name, written, p.text("parse_mode"), None, long)?;
    if text.encode_utf16().count() > CAPTION_UNITS {
        return Err(Refusal::bad(long));
    }
    Ok(Some(text))
}

/// The message that is to be passed on.
fn passed_on(world: &World, p: &Parameters, to: &str) -> Result<Message, Refusal> {
    let from = p.chat_named("from_chat_id", world)?;
    let chat = world.known_chat(from)?;
    let message = chat.message(p.integer("message_id").unwrap_or_default());
    let message = message.ok_or_else(|| Refusal::bad(format!("message to {to} not found")))?;
    if matches!(message.content, Content::Service(_)) {
        return Err(Refusal::bad(format!("message can't be {to}ed")));
    }
    Ok(message.clone())
}

fn copy_message(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let mut original = passed_on(world, p, "copy")?;
    let instead = caption(world, "copyMessage", p)?;
    if let (Content::Media(media), Some(text)) = (&mut original.content, instead) {
        media.caption = text;
    }
    let sent = send(world, "copyMessage", p, original.content)?;
    Ok(json!({"message_id": sent["message_id"]}))
}

fn get_file(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let id = p.text("file_id");
    let media = known(world, id).map_err(|_| Refusal::bad("invalid file_id"))?;
    if media.size > FETCH_BYTES {
        return Err(Refusal::bad("file is too big"));
    }
    Ok(json!({
        "file_id": id,
        "file_unique_id": format!("U{id}"),
        "file_size": media.size,
        "file_path": format!("files/{}", media.file),
    }))
}
