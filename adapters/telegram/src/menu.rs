//! What Telegram shows of the bot by itself: the menus of its commands, by place and language, and
//! what it can do.

use crate::settings::Settings;
use crate::speak::Speaker;
use bot::Sentences;
use jiff::Timestamp;
use knowledge::Lang;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use teloxide::RequestError;
use teloxide::payloads::{
    SetMyCommandsSetters as _, SetMyDescriptionSetters as _, SetMyShortDescriptionSetters as _,
};
use teloxide::requests::Requester as _;
use teloxide::types::{BotCommand, BotCommandScope, ChatId};

/// The languages that there are sentences in, with their Fluent files.
const TEXTS: [(Lang, &str); 2] =
    [(Lang::EN, include_str!("../texts/en.ftl")), (Lang::FR, include_str!("../texts/fr.ftl"))];

/// The commands in a direct chat, in the order in which one needs them.
const DIRECT: [&str; 9] =
    ["hours", "find", "person", "help", "settings", "link", "privacy", "mydata", "forget"];
/// Those in a group.
const GROUP: [&str; 6] = ["ask", "hours", "find", "person", "help", "privacy"];
/// Those of staff.
const STAFF: [&str; 2] = ["queue", "help"];

/// Characters of "What can this bot do?" and of the line in its profile (Bot API,
/// setMyDescription, setMyShortDescription).
const DESCRIPTION_MAX: usize = 512;
const SHORT_MAX: usize = 120;

/// Where the link remembers what it has announced.
const SHELF: &str = "announced";

/// The sentences of a language; English for one that has none.
pub(crate) fn texts(lang: Lang) -> &'static str {
    TEXTS.iter().find(|(known, _)| *known == lang).map_or(TEXTS[0].1, |(_, text)| text)
}

/// A menu.
struct Menu {
    scope: BotCommandScope,
    lang: Lang,
    /// Whether it is for those whose app is set to the language; else for everybody.
    only: bool,
    commands: Vec<BotCommand>,
}

/// All that is announced.
struct Announced {
    menus: Vec<Menu>,
    /// What it can do, and the line of its profile; without a language for everybody.
    about: Vec<(Option<Lang>, String, String)>,
}

/// Tells Telegram what to show, unless it was told so before: these calls are few a day. What cannot
/// be told is told at the next start, and is no reason not to listen.
pub(crate) async fn announce(speaker: &Speaker, settings: &Settings, bot: &str, now: Timestamp) {
    let all = Announced::of(settings);
    let sum = all.sum(bot);
    match speaker.kept.holds(SHELF, "sum", &sum).await {
        Ok(true) => return,
        Ok(false) => {}
        Err(error) => return tracing::warn!("the bot's menus stay as they were: {error}"),
    }
    match all.tell(speaker).await {
        Ok(true) => {}
        // What is left is told at the next start.
        Ok(false) => return,
        Err(error) => {
            let error = crate::failure::link_error(&error);
            return tracing::warn!(network = crate::NETWORK, "menus stay as they were: {error}");
        }
    }
    if let Err(error) = speaker.kept.note(SHELF, "sum", &sum, now).await {
        tracing::debug!("that the menus were told is not kept: {error}");
    }
}

impl Announced {
    fn of(settings: &Settings) -> Announced {
        let own = settings.langs.first().copied().unwrap_or(Lang::EN);
        let langs = || [(own, false)].into_iter().chain(settings.langs.iter().map(|l| (*l, true)));
        let mut menus = Vec::new();
        for (lang, only) in langs() {
            let mut add = |scope, names: &[&str], of: &str| {
                menus.push(Menu { scope, lang, only, commands: commands(lang, names, of) });
            };
            add(BotCommandScope::AllPrivateChats, &DIRECT, "command");
            add(BotCommandScope::AllGroupChats, &GROUP, "command");
        }
        if let Some(group) = settings.staff_group {
            let scope = BotCommandScope::Chat { chat_id: ChatId(group).into() };
            let lang = settings.desk_lang;
            let commands = commands(lang, &STAFF, "desk-command");
            menus.push(Menu { scope, lang, only: false, commands });
        }
        let about = langs().map(|(lang, only)| {
            let (description, short) = about(lang, &settings.name);
            (only.then_some(lang), description, short)
        });
        Announced { about: about.collect(), menus }
    }

    /// Whether all of it could be told.
    async fn tell(&self, speaker: &Speaker) -> Result<bool, RequestError> {
        let (bot, mut whole) = (&speaker.bot, true);
        for menu in &self.menus {
            let mut call = bot.set_my_commands(menu.commands.clone()).scope(menu.scope.clone());
            call.language_code = menu.only.then(|| menu.lang.to_string());
            match (call.await, &menu.scope) {
                // The bot may not be in the staff's group yet: `pollen doctor` says so.
                (Err(RequestError::Api(_)), BotCommandScope::Chat { .. }) => whole = false,
                (told, _) => {
                    told?;
                }
            }
        }
        for (lang, description, short) in &self.about {
            let mut call = bot.set_my_description().description(description);
            call.language_code = lang.map(|lang| lang.to_string());
            call.await?;
            let mut call = bot.set_my_short_description().short_description(short);
            call.language_code = lang.map(|lang| lang.to_string());
            call.await?;
        }
        Ok(whole)
    }

    /// A sum over all of it: what has the same sum was told before.
    fn sum(&self, bot: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(bot);
        for menu in &self.menus {
            hash.update(format!(
                "{:?} {} {} {:?}\n",
                menu.scope, menu.lang, menu.only, menu.commands
            ));
        }
        for about in &self.about {
            hash.update(format!("{about:?}\n"));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn commands(lang: Lang, names: &[&str], of: &str) -> Vec<BotCommand> {
    let sentences = Sentences::new(lang, texts(lang));
    let what = |name: &str| sentences.say(&format!("{of}-{name}"), &[]);
    names.iter().map(|name| BotCommand::new(*name, what(name))).collect()
}

/// What the bot can do, and the line of its profile.
fn about(lang: Lang, names: &BTreeMap<Lang, String>) -> (String, String) {
    let sentences = Sentences::new(lang, texts(lang));
    let library = names.get(&lang).or_else(|| names.values().next()).map_or("", String::as_str);
    let say = |name: &str, most| {
        let words = sentences.say(name, &[("library", library.into())]);
        words.chars().take(most).collect::<String>()
    };
    (say("about", DESCRIPTION_MAX), say("about-short", SHORT_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bot::{Command, DeskAct};

    #[test]
    fn every_command_is_one_and_is_explained() {
        for lang in [Lang::EN, Lang::FR] {
            for command in commands(lang, &DIRECT, "command") {
                assert!(Command::parse(&format!("/{}", command.command)).is_some(), "{command:?}");
                assert!(!command.description.starts_with("command-"), "{}", command.description);
            }
            for command in commands(lang, &GROUP, "command") {
                assert!(Command::parse(&format!("/{}", command.command)).is_some(), "{command:?}");
                assert!(!command.description.starts_with("command-"), "{}", command.description);
            }
            for command in commands(lang, &STAFF, "desk-command") {
                let act = DeskAct::parse(&format!("/{}", command.command));
                assert!(!matches!(act, DeskAct::Unclear(_)), "{command:?}");
                assert!(!command.description.starts_with("desk-"), "{}", command.description);
            }
        }
    }

    #[test]
    fn what_it_can_do_fits_with_a_long_name() {
        let names =
            BTreeMap::from([(Lang::EN, "The Linden and Riverside Public Library".to_owned())]);
        for lang in [Lang::EN, Lang::FR] {
            let (description, short) = about(lang, &names);
            assert!(description.chars().count() < DESCRIPTION_MAX, "{description}");
            assert!(short.chars().count() < SHORT_MAX, "{short}");
        }
    }
}
