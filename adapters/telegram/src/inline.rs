//! Inline mode: the bot's name and a few words in any chat, and what the library knows of them can be
//! shared there.
//!
//! What is shared carries the library's own words, their source, and a button that opens a chat with
//! the bot at the same thing.

use crate::menu;
use crate::render::{Form, parts, start_link};
use crate::speak::no_preview;
use bot::{DeepLink, Sentences, Shareable, Shown};
use contract::Intake;
use knowledge::Lang;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use teloxide::Bot;
use teloxide::payloads::AnswerInlineQuerySetters as _;
use teloxide::requests::Requester as _;
use teloxide::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, InlineQueryId, InlineQueryResult,
    InlineQueryResultArticle, InlineQueryResultsButton, InlineQueryResultsButtonKind,
    InputMessageContent, InputMessageContentText, ParseMode,
};

/// Seconds that Telegram may give others the same results: opening hours change with the minute.
const CACHED_S: u32 = 30;
/// Characters of a result's title and of the line below it that clients show.
const LINE_MAX: usize = 120;

/// An inline query, as far as it is looked at.
#[derive(Deserialize)]
pub(crate) struct Asked {
    id: String,
    from: From,
    query: String,
}

#[derive(Deserialize)]
struct From {
    #[serde(default)]
    language_code: Option<String>,
}

/// Answers an inline query with what the library knows.
pub(crate) async fn answer(bot: &Bot, intake: &Intake, name: &str, langs: &[Lang], asked: Asked) {
    let own = langs.first().copied().unwrap_or(Lang::EN);
    let locale = asked.from.language_code.as_deref().and_then(Lang::parse);
    let lang = locale.filter(|lang| langs.contains(lang)).unwrap_or(own);
    let sentences = Sentences::new(lang, menu::texts(lang));
    let words = asked.query.trim();
    let shown = match words {
        "" => Vec::new(),
        words => intake.inside().look(words.to_owned()).await.map_or(Vec::new(), |l| l.shown),
    };
    let form = Form { bot: name, shared: true };
    let share = sentences.say("share-open", &[]);
    let results: Vec<InlineQueryResult> =
        shown.iter().map(|shown| result(shown, &form, &share)).collect();
    let above = if results.is_empty() && !words.is_empty() { "share-nothing" } else { "share-ask" };
    let button = InlineQueryResultsButton {
        text: sentences.say(above, &[]),
        kind: InlineQueryResultsButtonKind::StartParameter("inline".to_owned()),
    };
    // Results are in the language of the words, the button in that of the person.
    let answer = bot
        .answer_inline_query(InlineQueryId(asked.id), results)
        .cache_time(CACHED_S)
        .is_personal(langs.len() > 1)
        .button(button);
    if let Err(error) = answer.await {
        let error = crate::failure::link_error(&error);
        tracing::debug!(network = crate::NETWORK, "an inline query is not answered: {error}");
    }
}

fn result(shown: &Shown, form: &Form<'_>, share: &str) -> InlineQueryResult {
    let html = parts(&shown.reply, form).into_iter().next().map_or(String::new(), |part| part.html);
    let content = InputMessageContentText::new(html)
        .parse_mode(ParseMode::Html)
        .link_preview_options(no_preview());
    let mut article = InlineQueryResultArticle::new(
        id_of(shown),
        cut(&shown.title),
        InputMessageContent::Text(content),
    );
    article.description = Some(cut(&shown.text)).filter(|text| !text.is_empty());
    let link = link_of(&shown.what).and_then(|link| start_link(form.bot, &link));
    article.reply_markup =
        link.map(|url| InlineKeyboardMarkup::new([[InlineKeyboardButton::url(share, url)]]));
    InlineQueryResult::Article(article)
}

/// A result's id: 1 to 64 bytes, the same for the same thing (Bot API, InlineQueryResultArticle).
fn id_of(shown: &Shown) -> String {
    let hash = Sha256::digest(format!("{:?} {} {}", shown.what, shown.title, shown.text));
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn cut(line: &str) -> String {
    if line.chars().count() <= LINE_MAX {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(LINE_MAX - 1).collect();
    short.push('…');
    short
}

/// The word of the address that opens a chat at the same thing.
fn link_of(what: &Shareable) -> Option<String> {
    match what {
        Shareable::Entry(id) => DeepLink::Entry(id.clone()),
        Shareable::Page(id) => DeepLink::Page(id.clone()),
        Shareable::Record(id) => DeepLink::Record(id.clone()),
        Shareable::Fact => DeepLink::Hours,
    }
    .code()
}
