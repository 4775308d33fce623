//! An event of a room, read leniently: what is not as the specification has it counts as not being
//! there, so that nothing anybody sends can stop the link.

use bot::{Attachment, Location};
use serde_json::{Value, json};

/// The field of the bot's own messages in which its buttons stand.
pub(crate) const BUTTONS: &str = "org.pollen.buttons";

/// An event of a room.
#[derive(Clone, Debug)]
pub(crate) struct RoomEvent(Value);

/// What a message that somebody wrote is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Relations<'a> {
    /// The root of the thread that it stands in.
    pub(crate) root: Option<&'a str>,
    /// The message that it answers, if its author means it to: in a thread clients name the last
    /// message for those that know no threads, and that answers nothing.
    pub(crate) answers: Option<&'a str>,
    /// The message whose place it takes.
    pub(crate) replaces: Option<&'a str>,
}

impl RoomEvent {
    /// Reads an event; `None` for what is none.
    pub(crate) fn parse(json: &str) -> Option<RoomEvent> {
        let event = RoomEvent(serde_json::from_str(json).ok()?);
        (event.id().is_some() && event.sender().is_some()).then_some(event)
    }

    /// Its id.
    pub(crate) fn id(&self) -> Option<&str> {
        self.0["event_id"].as_str()
    }

    /// Who sent it.
    pub(crate) fn sender(&self) -> Option<&str> {
        self.0["sender"].as_str()
    }

    /// What kind of event it is.
    pub(crate) fn kind(&self) -> &str {
        self.0["type"].as_str().unwrap_or_default()
    }

    /// Whom or what it is the state of, if it is an event of state.
    pub(crate) fn state_key(&self) -> Option<&str> {
        self.0["state_key"].as_str()
    }

    /// What it holds.
    pub(crate) fn content(&self) -> &Value {
        &self.0["content"]
    }

    /// The same event with what it says now, if its server tells with it that it was changed.
    pub(crate) fn newest(&self) -> &Value {
        let replacement = &self.0["unsigned"]["m.relations"]["m.replace"];
        let by_its_author = replacement["sender"].as_str() == self.sender();
        let content = &replacement["content"]["m.new_content"];
        if by_its_author && content.is_object() { content } else { self.content() }
    }

    /// Whether it is a message that a person may have written: `m.notice` is what programs say, and
    /// is never answered (Client-Server API, "m.notice").
    pub(crate) fn is_written(&self) -> bool {
        self.kind() == "m.sticker"
            || (self.kind() == "m.room.message"
                && self.content()["msgtype"].as_str().is_some_and(|kind| kind != "m.notice"))
    }

    /// What the message is about.
    pub(crate) fn relations(&self) -> Relations<'_> {
        let relates = &self.content()["m.relates_to"];
        let event = relates["event_id"].as_str();
        let in_reply_to = relates["m.in_reply_to"]["event_id"].as_str();
        let kind = relates["rel_type"].as_str();
        let in_thread = kind == Some("m.thread");
        let falls_back = in_thread && relates["is_falling_back"].as_bool().unwrap_or_default();
        Relations {
            root: event.filter(|_| in_thread),
            answers: in_reply_to.filter(|_| !falls_back),
            replaces: event.filter(|_| kind == Some("m.replace")),
        }
    }

    /// Whether it relates to another event in any other way than answering it.
    pub(crate) fn relates(&self) -> bool {
        self.content()["m.relates_to"]["rel_type"].is_string()
    }

    /// The event that a reaction stands under, and the reaction.
    pub(crate) fn reaction(&self) -> Option<(&str, &str)> {
        let relates = &self.content()["m.relates_to"];
        let is = self.kind() == "m.reaction" && relates["rel_type"] == "m.annotation";
        is.then(|| Some((relates["event_id"].as_str()?, relates["key"].as_str()?))).flatten()
    }

    /// The event that a redaction takes away (at its top before version 11 of rooms, in its content
    /// from then on).
    pub(crate) fn redacts(&self) -> Option<&str> {
        let gone = self.content()["redacts"].as_str().or(self.0["redacts"].as_str());
        gone.filter(|_| self.kind() == "m.room.redaction")
    }

    /// What membership it tells of, if it is one.
    pub(crate) fn membership(&self) -> Option<&str> {
        self.content()["membership"].as_str().filter(|_| self.kind() == "m.room.member")
    }

    /// What membership there was before it, if its server tells.
    pub(crate) fn membership_before(&self) -> Option<&str> {
        self.0["unsigned"]["prev_content"]["membership"].as_str()
    }

    /// Those whom the message means to be told of it; `None` if its client does not say.
    pub(crate) fn mentions(&self) -> Option<Vec<&str>> {
        let mentions = self.content()["m.mentions"].as_object()?;
        let people = mentions.get("user_ids").and_then(Value::as_array);
        Some(people.into_iter().flatten().filter_map(Value::as_str).collect())
    }
}

/// What the words of a message are; empty for a file without any.
pub(crate) fn words(content: &Value) -> &str {
    let body = content["body"].as_str().unwrap_or_default();
    match content["msgtype"].as_str() {
        // With a file its body is a caption only if it is not its name (Client-Server API, "Media
        // captions").
        Some("m.image" | "m.file" | "m.audio" | "m.video") => match content["filename"].as_str() {
            Some(name) if name != body => without_fallback(body),
            Some(_) | None => "",
        },
        Some("m.location") => "",
        Some(_) => without_fallback(body),
        None => "",
    }
}

/// The file in a message, by the address under which its server keeps it.
pub(crate) fn attachment(content: &Value) -> Option<Attachment> {
    let kind = content["msgtype"].as_str()?.strip_prefix("m.")?;
    if !matches!(kind, "image" | "file" | "audio" | "video") {
        return None;
    }
    let address = match content["file"].is_object() {
        // The file of an encrypted room: without its key nobody could see it.
        true => content["file"].to_string(),
        false => content["url"].as_str()?.to_owned(),
    };
    if address.len() > ADDRESS_MAX {
        return None;
    }
    let name = content["filename"].as_str().or(content["body"].as_str());
    let name = name.filter(|name| !name.is_empty()).unwrap_or(kind);
    Some(Attachment {
        name: name.chars().take(NAME_MAX).collect(),
        reference: format!("{kind} {address}"),
    })
}

/// The content that shows a file again, by the reference that was kept of it.
pub(crate) fn shown_again(file: &Attachment) -> Option<Value> {
    let (kind, address) = file.reference.split_once(' ')?;
    let mut content = json!({
        "msgtype": format!("m.{kind}"),
        "body": file.name,
        "filename": file.name,
        "m.mentions": {},
    });
    match address.strip_prefix('{') {
        Some(_) => content["file"] = serde_json::from_str(address).ok()?,
        None => content["url"] = address.into(),
    }
    Some(content)
}

/// Characters of a file's name that are kept: as many as file systems take.
const NAME_MAX: usize = 255;
/// Bytes of a file's address: a server's name and an id, and perhaps a key.
const ADDRESS_MAX: usize = 2_048;

/// Where somebody is, in a message that shares it (RFC 5870, "geo:LATITUDE,LONGITUDE").
pub(crate) fn location(content: &Value) -> Option<Location> {
    let is = content["msgtype"] == "m.location";
    let at = content["geo_uri"].as_str().filter(|_| is)?.strip_prefix("geo:")?;
    let mut numbers = at.split(';').next()?.split(',');
    let latitude = numbers.next()?.parse().ok()?;
    let longitude = numbers.next()?.parse().ok()?;
    Location::new(latitude, longitude)
}

/// The words without those that older clients quote before them. Whom a quotation names means
/// nothing: anybody can write anything there.
fn without_fallback(body: &str) -> &str {
    if !body.starts_with("> <") && !body.starts_with("> * <") {
        return body;
    }
    let mut rest = body;
    while rest.starts_with("> ") || rest.starts_with(">\n") {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest.strip_prefix('\n').unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(content: Value) -> RoomEvent {
        let event = json!({
            "event_id": "$a", "sender": "@ben:x", "type": "m.room.message", "content": content,
        });
        RoomEvent::parse(&event.to_string()).unwrap()
    }

    #[test]
    fn what_a_message_is_about_is_read_and_nonsense_is_nothing() {
        let about = |relates: Value| {
            let event = event(json!({ "body": "x", "msgtype": "m.text", "m.relates_to": relates }));
            let Relations { root, answers, replaces } = event.relations();
            [root, answers, replaces].map(|one| one.map(str::to_owned).unwrap_or_default())
        };
        let answer = json!({ "event_id": "$q" });
        let thread = |falls_back| {
            json!({ "rel_type": "m.thread", "event_id": "$r", "is_falling_back": falls_back,
                    "m.in_reply_to": answer })
        };
        assert_eq!(about(json!({ "m.in_reply_to": answer })), ["", "$q", ""]);
        assert_eq!(about(thread(true)), ["$r", "", ""]);
        assert_eq!(about(thread(false)), ["$r", "$q", ""]);
        assert_eq!(about(json!({ "rel_type": "m.replace", "event_id": "$o" })), ["", "", "$o"]);
        for nonsense in [
            json!(7),
            json!("m.thread"),
            json!([]),
            json!({ "rel_type": 1, "event_id": {} }),
            json!({ "rel_type": "m.thread" }),
            json!({ "m.in_reply_to": "$q" }),
            json!({ "rel_type": "org.example", "event_id": "$o" }),
        ] {
            assert_eq!(about(nonsense.clone()), ["", "", ""], "{nonsense}");
        }
    }

    #[test]
    fn a_quotation_before_the_words_is_not_read() {
        for (body, words) in [
            ("> <@pollen:x> staff say: claim 1\n> more\n\nthanks", "thanks"),
            ("> * <@pollen:x> waves\n\nthanks", "thanks"),
            ("> a proverb\nwho wrote it?", "> a proverb\nwho wrote it?"),
            ("> <@pollen:x> nothing else", ""),
            ("a > b", "a > b"),
        ] {
            assert_eq!(super::words(&json!({ "msgtype": "m.text", "body": body })), words);
        }
    }

    #[test]
    fn a_file_has_a_name_and_perhaps_words() {
        let file = |content: Value| {
            let attachment = attachment(&content);
            (attachment.map(|file| file.name), words(&content).to_owned())
        };
        let url = "mxc://x/1";
        let named = Some("a.jpg".to_owned());
        let image = json!({ "msgtype": "m.image", "body": "a.jpg", "url": url });
        assert_eq!(file(image), (named.clone(), String::new()));
        let image = json!({ "msgtype": "m.image", "body": "what is it?", "filename": "a.jpg",
                            "file": { "url": url } });
        assert_eq!(file(image), (named, "what is it?".to_owned()));
        assert_eq!(file(json!({ "msgtype": "m.image", "body": "a.jpg" })).0, None);
        let text = json!({ "msgtype": "m.text", "body": "hello", "url": url });
        assert_eq!(file(text), (None, "hello".to_owned()));
        let plain = json!({ "msgtype": "m.image", "body": "a.jpg", "filename": "a.jpg",
                            "m.mentions": {}, "url": url });
        assert_eq!(shown_again(&attachment(&plain).unwrap()), Some(plain));
        let key = json!({ "url": url, "iv": "x" });
        let closed = json!({ "msgtype": "m.file", "body": "b", "filename": "b",
                             "m.mentions": {}, "file": key });
        assert_eq!(shown_again(&attachment(&closed).unwrap()), Some(closed));
    }

    #[test]
    fn where_somebody_is_is_read_from_its_address() {
        let at = |uri: &str| location(&json!({ "msgtype": "m.location", "geo_uri": uri }));
        assert_eq!(at("geo:51.5,-0.1;u=35"), Location::new(51.5, -0.1));
        assert_eq!(at("geo:51.5,-0.1,12"), Location::new(51.5, -0.1));
        for nonsense in ["geo:", "geo:1", "51.5,-0.1", "geo:x,y", "geo:1000,0"] {
            assert_eq!(at(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn what_is_no_event_is_none() {
        let deep =
            format!("{{\"event_id\":\"$a\",\"sender\":\"@b:x\",\"content\":{}", "[".repeat(500));
        for text in
            ["", "7", "{}", "[]", "{\"event_id\":\"$a\"}", "{\"event_id\":1,\"sender\":2}", &deep]
        {
            assert!(RoomEvent::parse(text).is_none());
        }
    }

    #[test]
    fn only_what_people_write_is_written() {
        let written = |content| event(content).is_written();
        assert!(written(json!({ "msgtype": "m.text", "body": "x" })));
        assert!(written(json!({ "msgtype": "org.example.new", "body": "x" })));
        assert!(!written(json!({ "msgtype": "m.notice", "body": "x" })));
        assert!(!written(json!({})));
    }

    #[test]
    fn the_newest_words_are_those_of_its_own_author() {
        let by = |who: &str| {
            let event = json!({
                "event_id": "$a", "sender": "@bot:x", "type": "m.room.message",
                "content": { "body": "old" },
                "unsigned": { "m.relations": { "m.replace": {
                    "sender": who, "content": { "m.new_content": { "body": "new" } } } } },
            });
            let event = RoomEvent::parse(&event.to_string()).unwrap();
            event.newest()["body"].as_str().unwrap().to_owned()
        };
        assert_eq!(by("@bot:x"), "new");
        assert_eq!(by("@evil:x"), "old");
    }
}
