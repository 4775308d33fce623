//! What somebody means: whether they speak to the bot, and what they say to it.

use bot::Command;
use std::borrow::Cow;

/// What commands begin with, in rooms and in direct chats.
pub(crate) const PREFIX: &str = "!pollen";

/// What the bot is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Names {
    /// Its whole name: `@pollen:example.org`.
    pub(crate) user: String,
    /// What clients show.
    #[serde(default)]
    pub(crate) display: String,
}

impl Names {
    /// All that it may be called by, the longest first, so that none hides another.
    fn all(&self) -> Vec<&str> {
        let local = self.user.strip_prefix('@').and_then(|name| name.split(':').next());
        let mut all: Vec<&str> = [Some(self.user.as_str()), Some(&self.display), local]
            .into_iter()
            .flatten()
            .filter(|name| !name.is_empty())
            .collect();
        all.sort_by_key(|name| std::cmp::Reverse(name.len()));
        all
    }

    /// What is left of a text that begins with one of the bot's names: with an `@` before it or a
    /// colon behind it, unless the client says that it is meant.
    fn before<'a>(&self, text: &'a str, meant: bool) -> Option<&'a str> {
        let called = |text: &'a str, sure: bool| {
            self.all().into_iter().find_map(|name| {
                let rest = text.get(name.len()..)?;
                let is = lower(&text[..name.len()]) == lower(name);
                let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || "_-./".contains(c));
                let sure = sure || name.starts_with('@') || rest.starts_with([':', ',']);
                (is && ends && sure).then_some(rest)
            })
        };
        let text = text.trim_start();
        let rest = called(text, meant).or_else(|| called(text.strip_prefix('@')?, true))?;
        Some(rest.trim_start_matches([':', ',']).trim_start())
    }

    /// Whether one of the names stands anywhere in a text.
    fn stand_in(&self, text: &str) -> bool {
        let text = lower(text);
        self.all().into_iter().any(|name| text.contains(&lower(name)))
    }

    /// What is left of a text that ends with one of the bot's names behind an `@`.
    fn behind<'a>(&self, text: &'a str) -> Option<&'a str> {
        let end = text.trim_end_matches(|c: char| !c.is_alphanumeric());
        self.all().into_iter().find_map(|name| {
            let at = end.len().checked_sub(name.len()).filter(|at| end.is_char_boundary(*at))?;
            if lower(&end[at..]) != lower(name) {
                return None;
            }
            let rest =
                if name.starts_with('@') { &end[..at] } else { end[..at].strip_suffix('@')? };
            (!rest.ends_with(char::is_alphanumeric)).then(|| rest.trim_end())
        })
    }
}

fn lower(text: &str) -> String {
    text.to_lowercase()
}

/// What somebody means by a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Meant<'a> {
    /// Whether the text itself says that it is for the bot.
    pub(crate) called: bool,
    /// The words for it, a command as the core reads it.
    pub(crate) words: Cow<'a, str>,
}

impl<'a> Meant<'a> {
    /// Reads a text; `mentioned`: whether its client says that the bot is to be told of it.
    pub(crate) fn read(text: &'a str, names: &Names, mentioned: bool) -> Meant<'a> {
        if let Some(rest) = behind_prefix(text) {
            return Meant { called: true, words: as_command(rest) };
        }
        if let Some(rest) = names.before(text, mentioned) {
            let words = behind_prefix(rest).map_or(Cow::Borrowed(rest), as_command);
            return Meant { called: true, words: with_sign(words) };
        }
        if Command::parse(text).is_some() {
            return Meant { called: true, words: Cow::Borrowed(text.trim()) };
        }
        if let Some(rest) = names.behind(text) {
            return Meant { called: true, words: Cow::Borrowed(rest) };
        }
        // A client may say so without a word of it: where a button answers with a mention, say.
        let called = mentioned && !names.stand_in(text);
        Meant { called, words: with_sign(Cow::Borrowed(text)) }
    }
}

/// What comes behind `!pollen`.
pub(crate) fn behind_prefix(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let rest = text.get(PREFIX.len()..)?;
    let is = text[..PREFIX.len()].eq_ignore_ascii_case(PREFIX);
    (is && !rest.starts_with(|c: char| c.is_alphanumeric())).then(|| rest.trim())
}

/// Words behind `!pollen`: one of the bot's commands, or a question; nothing is a call for help.
fn as_command(words: &str) -> Cow<'_, str> {
    if words.is_empty() {
        return Cow::Borrowed("/help");
    }
    let command = format!("/{}", words.trim_start_matches(['/', '!']));
    if Command::parse(&command).is_some() { Cow::Owned(command) } else { Cow::Borrowed(words) }
}

/// `!hours` as the core reads it; words are left as they are.
fn with_sign(words: Cow<'_, str>) -> Cow<'_, str> {
    let command = words.trim_start().strip_prefix('!').map(|rest| format!("/{rest}"));
    match command {
        Some(command) if Command::parse(&command).is_some() => Cow::Owned(command),
        Some(_) | None => words,
    }
}

/// A sentence of the bot's with its commands as they are typed here: many clients keep what begins
/// with `/` for themselves.
pub(crate) fn typed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('/') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end =
            from[1..].find(|c: char| !c.is_ascii_alphabetic()).map_or(from.len(), |end| end + 1);
        let free = !out.ends_with(|c: char| c.is_alphanumeric() || "/:.".contains(c));
        match free && Command::parse(&from[..end]).is_some() {
            true => out.push_str(&format!("{PREFIX} {}", &from[1..end])),
            false => out.push_str(&from[..end]),
        }
        rest = &from[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names { user: "@pollen:linden.example".to_owned(), display: "Linden Library".to_owned() }
    }

    #[test]
    fn it_is_spoken_to_before_or_behind_the_words_and_of_in_their_midst() {
        for (text, called, words) in [
            ("is there wifi?", false, "is there wifi?"),
            ("@pollen is there wifi?", true, "is there wifi?"),
            ("pollen: is there wifi?", true, "is there wifi?"),
            ("Linden Library: is there wifi?", true, "is there wifi?"),
            ("@pollen:linden.example is there wifi?", true, "is there wifi?"),
            ("LINDEN LIBRARY, is there wifi?", true, "is there wifi?"),
            ("is there wifi, @pollen?", true, "is there wifi,"),
            ("is there wifi? @pollen:linden.example", true, "is there wifi?"),
            ("ask @pollen, perhaps", false, "ask @pollen, perhaps"),
            ("pollination is on shelf 5", false, "pollination is on shelf 5"),
            ("I like pollen", false, "I like pollen"),
            ("Pollen is lovely this year", false, "Pollen is lovely this year"),
            ("@pollen", true, ""),
            ("pollen-free tissues?", false, "pollen-free tissues?"),
            ("a@pollen", false, "a@pollen"),
            ("", false, ""),
        ] {
            let meant = Meant::read(text, &names(), false);
            assert_eq!((meant.called, meant.words.as_ref()), (called, words), "{text}");
        }
    }

    #[test]
    fn what_a_client_says_of_a_mention_decides_where_the_words_do_not() {
        for (text, called, words) in [
            ("Linden Library is there wifi?", true, "is there wifi?"),
            ("ask Linden Library, perhaps", false, "ask Linden Library, perhaps"),
            ("is there wifi?", true, "is there wifi?"),
        ] {
            let meant = Meant::read(text, &names(), true);
            assert_eq!((meant.called, meant.words.as_ref()), (called, words), "{text}");
        }
    }

    #[test]
    fn commands_are_given_in_every_way_that_people_try() {
        for (text, called, words) in [
            ("!pollen hours Riverside", true, "/hours Riverside"),
            ("!Pollen", true, "/help"),
            ("!pollen is there wifi?", true, "is there wifi?"),
            ("!pollen /hours", true, "/hours"),
            ("@pollen !hours", true, "/hours"),
            ("@pollen /hours", true, "/hours"),
            ("/ask where?", true, "/ask where?"),
            ("!hours", false, "/hours"),
            ("!unknown", false, "!unknown"),
            ("!pollenate", false, "!pollenate"),
        ] {
            let meant = Meant::read(text, &names(), false);
            assert_eq!((meant.called, meant.words.as_ref()), (called, words), "{text}");
        }
    }

    #[test]
    fn sentences_name_commands_as_they_are_typed() {
        for (text, typed) in [
            ("/privacy says more.", "!pollen privacy says more."),
            ("write there: /link ABC", "write there: !pollen link ABC"),
            ("“/mydata” or (/forget)", "“!pollen mydata” or (!pollen forget)"),
            (
                "and/or, https://a.example/privacy, /unknown, 1/2 /",
                "and/or, https://a.example/privacy, /unknown, 1/2 /",
            ),
        ] {
            assert_eq!(super::typed(text), typed);
        }
    }
}
