//! What Discord shows of the bot by itself: its commands, in the languages of the library.

use crate::event::Id;
use crate::settings::Settings;
use crate::speak::Speaker;
use bot::Sentences;
use contract::LinkError;
use jiff::{SignedDuration, Timestamp};
use knowledge::Lang;
use serde_json::{Map, Value, json};
use serenity::http::Route;
use serenity::model::id::ApplicationId;
use sha2::{Digest as _, Sha256};

/// The languages that there are sentences in, with their Fluent files.
const TEXTS: [(Lang, &str); 2] =
    [(Lang::EN, include_str!("../texts/en.ftl")), (Lang::FR, include_str!("../texts/fr.ftl"))];

/// What can be given to a command.
struct Given {
    name: &'static str,
    /// Whether it must be.
    required: bool,
    /// Whether something is offered while it is typed.
    offers: bool,
}

const QUESTION: Given = Given { name: "question", required: true, offers: false };
const WORDS: Given = Given { name: "words", required: true, offers: true };
const BRANCH: Given = Given { name: "branch", required: false, offers: false };
const MAYBE_QUESTION: Given = Given { required: false, ..QUESTION };
const CODE: Given = Given { name: "code", required: false, offers: false };

/// The commands, in the order in which one needs them, each with what can be given to it.
const COMMANDS: [(&str, Option<Given>); 11] = [
    ("ask", Some(QUESTION)),
    ("find", Some(WORDS)),
    ("hours", Some(BRANCH)),
    ("person", Some(MAYBE_QUESTION)),
    ("help", None),
    ("settings", None),
    ("link", Some(CODE)),
    ("unlink", None),
    ("privacy", None),
    ("mydata", None),
    ("forget", None),
];

/// Where commands are offered: in guilds, in the bot's direct chats, and wherever people bring it along;
/// and who can bring it (developers/interactions/application-commands, "Contexts").
const CONTEXTS: [u8; 3] = [0, 1, 2];
const INSTALLED_BY: [u8; 2] = [0, 1];
/// Kinds of commands and of what is given to them.
const TYPED: u8 = 1;
const ON_MESSAGE: u8 = 3;
const TEXT: u8 = 3;
/// The longest that is given: a question that long is told to be too long.
const GIVEN_MAX: u32 = 4_000;

/// Where the link remembers what it has announced, and how long.
const SHELF: &str = "announced";
const KEY: &str = "sum";
const KEPT: SignedDuration = SignedDuration::from_hours(366 * 24);

/// The sentences of a language; English for one that has none.
pub(crate) fn texts(lang: Lang) -> &'static str {
    TEXTS.iter().find(|(known, _)| *known == lang).map_or(TEXTS[0].1, |(_, text)| text)
}

/// Tells Discord which commands there are, unless it was told so before. What cannot be told is told at
/// the next start, and is no reason not to listen.
pub(crate) async fn announce(
    speaker: &Speaker,
    settings: &Settings,
    application: Id,
    now: Timestamp,
) {
    let commands = commands(&settings.langs);
    let sum = sum(application, &commands);
    match is_known(speaker, &sum).await {
        Ok(true) => return,
        Ok(false) => {}
        Err(error) => return tracing::warn!("the bot's commands stay as they were: {error}"),
    }
    let route = Route::Commands { application_id: ApplicationId::new(application.0) };
    if let Err(failed) = speaker.rest.put(route, &commands).await {
        let error = failed.saying();
        return tracing::warn!(network = crate::NETWORK, "commands stay as they were: {error}");
    }
    if let Err(error) = speaker.kept.shelves().put(SHELF, KEY, &sum, now, KEPT).await {
        tracing::debug!("that the commands were told is not kept: {error}");
    }
}

async fn is_known(speaker: &Speaker, sum: &str) -> Result<bool, LinkError> {
    let all = speaker.kept.shelves().all(SHELF).await?;
    let known = all.iter().find(|(key, _)| key == KEY);
    Ok(known
        .is_some_and(|(_, value)| serde_json::from_slice(value).is_ok_and(|v: String| v == sum)))
}

/// A sum over all of it: what has the same sum was told before.
fn sum(application: Id, commands: &Value) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{application} {commands}"));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All commands, as they are registered.
pub(crate) fn commands(langs: &[Lang]) -> Value {
    let words = Words { own: langs.first().copied().unwrap_or(Lang::EN), langs };
    let typed = COMMANDS.iter().map(|(name, given)| {
        let mut command = json!({
            "type": TYPED,
            "name": name,
            "name_localizations": words.localized(&format!("name-{name}")),
            "description": words.own(&format!("command-{name}")),
            "description_localizations": words.localized(&format!("command-{name}")),
            "contexts": CONTEXTS,
            "integration_types": INSTALLED_BY,
        });
        if let Some(Given { name: option, required, offers }) = given {
            command["options"] = json!([{
                "type": TEXT,
                "name": option,
                "name_localizations": words.localized(&format!("option-{option}")),
                "description": words.own(&format!("option-{option}-about")),
                "description_localizations": words.localized(&format!("option-{option}-about")),
                "required": required,
                "autocomplete": offers,
                "max_length": GIVEN_MAX,
            }]);
        }
        command
    });
    let on_message = json!({
        "type": ON_MESSAGE,
        "name": words.own("name-message"),
        "name_localizations": words.localized("name-message"),
        "contexts": CONTEXTS,
        "integration_types": INSTALLED_BY,
    });
    typed.chain([on_message]).collect()
}

/// Sentences in the languages of a library.
struct Words<'a> {
    own: Lang,
    langs: &'a [Lang],
}

impl Words<'_> {
    fn own(&self, name: &str) -> String {
        Sentences::new(self.own, texts(self.own)).say(name, &[])
    }

    /// In each language, by Discord's codes of them (developers/reference, "Locales").
    fn localized(&self, name: &str) -> Value {
        let mut all = Map::new();
        for (lang, text) in TEXTS.iter().filter(|(lang, _)| self.langs.contains(lang)) {
            let words = Sentences::new(*lang, text).say(name, &[]);
            let codes: &[&str] = if *lang == Lang::EN { &["en-US", "en-GB"] } else { &["fr"] };
            for code in codes {
                all.insert((*code).to_owned(), words.as_str().into());
            }
        }
        all.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot::Command;

    #[test]
    fn every_command_is_one_in_each_language_and_is_explained() {
        for command in commands(&[Lang::FR, Lang::EN]).as_array().unwrap() {
            let names = command["name_localizations"].as_object().unwrap();
            assert_eq!(names.len(), 3);
            let all = names.values().chain([&command["name"]]);
            for name in all.map(|name| name.as_str().unwrap()) {
                let known = Command::parse(&format!("/{name} x")).is_some();
                assert!(known || command["type"] == ON_MESSAGE, "{name}");
                assert!(name.chars().count() <= 32, "{name}");
            }
            let Some(about) = command["description"].as_str() else { continue };
            assert!(!about.starts_with("command-") && about.chars().count() <= 100, "{about}");
        }
    }
}
