//! Answers to pressed buttons and to inline queries.

use super::messages::formatted;
use super::{Method, method};
use crate::telegram::deeds::{Answered, Deed, Offered};
use crate::telegram::parameters::{Kind, Parameters, may, need};
use crate::telegram::refusal::Refusal;
use crate::telegram::world::World;
use crate::telegram::{UserId, keyboard};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The most results of an answer, from the description of `answerInlineQuery`.
const RESULTS: usize = 50;

/// The longest text that a pressed button shows.
const ANSWER_CHARS: usize = 200;

const TOO_OLD: &str = "query is too old and response timeout expired or query ID is invalid";

/// Something that waits for an answer.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) asks: Asks,
    pub(crate) user: UserId,
    pub(crate) at_s: i64,
    pub(crate) answered: bool,
    /// The results that an inline query was answered with.
    pub(crate) offered: Vec<Value>,
}

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// A button was pressed.
    Press,
    /// Somebody types after the bot's name.
    Inline(String),
}

pub(super) const METHODS: &[Method] = &[
    method(
        "answerCallbackQuery",
        &[
            need("callback_query_id", Kind::Text),
            may("text", Kind::Text),
            may("show_alert", Kind::Boolean),
            may("url", Kind::Text),
            may("cache_time", Kind::Integer),
        ],
        answer_callback_query,
    ),
    method(
        "answerInlineQuery",
        &[
            need("inline_query_id", Kind::Text),
            need("results", Kind::Array),
            may("cache_time", Kind::Integer),
            may("is_personal", Kind::Boolean),
            may("next_offset", Kind::Text),
            may("button", Kind::Object),
        ],
        answer_inline_query,
    ),
];

/// Takes the query as answered, unless it is too late for that.
fn answered(world: &mut World, id: &str, press: bool) -> Result<UserId, Refusal> {
    let (now, age) = (world.now_s(), world.settings.query_age_s);
    let query = world.queries.get_mut(id).filter(|q| (q.asks == Asks::Press) == press);
    let query = query.filter(|q| !q.answered && now - q.at_s <= age);
    let query = query.ok_or_else(|| Refusal::bad(TOO_OLD))?;
    query.answered = true;
    Ok(query.user)
}

fn answer_callback_query(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let text = p.text("text").to_owned();
    if text.chars().count() > ANSWER_CHARS {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    let url = p.get("url").and_then(Value::as_str).map(str::to_owned);
    let own = format!("https://t.me/{}?start=", world.settings.username);
    let telegram = format!("t.me/{}?start=", world.settings.username);
    if url.as_ref().is_some_and(|url| !url.starts_with(&own) && !url.starts_with(&telegram)) {
        return Err(Refusal::bad("URL_INVALID"));
    }
    let query = p.text("callback_query_id").to_owned();
    let user = answered(world, &query, true)?;
    let alert = p.flag("show_alert");
    world.deeds.push_back(Deed::Answered(Answered { query, user, text, alert, url }));
    Ok(json!(true))
}

fn answer_inline_query(world: &mut World, p: &Parameters) -> Result<Value, Refusal> {
    let results = p.get("results").and_then(Value::as_array).cloned().unwrap_or_default();
    if results.len() > RESULTS {
        return Err(Refusal::bad("RESULTS_TOO_MUCH"));
    }
    let mut ids = BTreeSet::new();
    for result in &results {
        let id = result["id"].as_str().unwrap_or_default();
        if id.is_empty() || id.len() > 64 {
            return Err(Refusal::bad("RESULT_ID_INVALID"));
        }
        if !ids.insert(id) {
            return Err(Refusal::bad("RESULT_ID_DUPLICATE"));
        }
        check_result(world, result)?;
    }
    let next_offset = p.text("next_offset").to_owned();
    if next_offset.len() > 64 {
        return Err(Refusal::bad("NEXT_OFFSET_INVALID"));
    }
    let button = p.get("button").cloned();
    if let Some(button) = &button {
        let start = button["start_parameter"].as_str().unwrap_or_default();
        if button["text"].as_str().is_none_or(str::is_empty) || !is_start_parameter(start) {
            return Err(Refusal::bad("START_PARAM_INVALID"));
        }
    }
    let query = p.text("inline_query_id").to_owned();
    let user = answered(world, &query, false)?;
    if let Some(query) = world.queries.get_mut(&query) {
        query.offered.clone_from(&results);
    }
    world.deeds.push_back(Deed::Offered(Offered {
        query,
        user,
        results,
        cache_time: p.integer("cache_time").unwrap_or(300),
        personal: p.flag("is_personal"),
        next_offset,
        button,
    }));
    Ok(json!(true))
}

/// What a deep link may carry: 1 to 64 letters, digits, `_` and `-`.
pub(crate) fn is_start_parameter(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=64).contains(&text.len()) && text.chars().all(fits)
}

fn check_result(world: &mut World, result: &Value) -> Result<(), Refusal> {
    let method = "answerInlineQuery";
    let kind = result["type"].as_str().unwrap_or_default();
    if !["article", "location", "venue"].contains(&kind) {
        world.complain(method, format!("the peer does not know results of type `{kind}`"));
        return Err(Refusal::bad("RESULT_TYPE_INVALID"));
    }
    if result["title"].as_str().is_none_or(str::is_empty) {
        return Err(Refusal::bad("ARTICLE_TITLE_EMPTY"));
    }
    let markup = keyboard::read(result.get("reply_markup"), false)?;
    for doubt in markup.doubts {
        world.complain(method, doubt);
    }
    if kind == "article" && !result["input_message_content"].is_object() {
        return Err(Refusal::bad("can't find field \"message_text\""));
    }
    sent_text(world, result).map(|_| ())
}

/// The text that a result puts into the chat, if it is one.
pub(crate) fn sent_text(
    world: &mut World,
    result: &Value,
) -> Result<Option<(String, Vec<crate::telegram::Entity>)>, Refusal> {
    let content = &result["input_message_content"];
    let Some(written) = content["message_text"].as_str() else { return Ok(None) };
    let mode = content["parse_mode"].as_str().unwrap_or_default();
    let given = content.get("entities");
    formatted(world, "answerInlineQuery", written, mode, given, "MESSAGE_TOO_LONG").map(Some)
}
