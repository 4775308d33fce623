//! What the network is like, and what comes before and after it.

use std::path::Path;

use serde::Deserialize;

use super::{OTHER, need_json, read_json};
use crate::error::Error;
use crate::file::MOST_LAYERS;
use crate::matrix::BLOCK;

/// The file of the network.
pub(super) const NETWORK: &str = "config.json";

/// The file that lists the parts of an encoder.
pub(super) const MODULES: &str = "modules.json";

/// The file that says how one vector is made of those of the pieces.
pub(super) const POOLING: &str = "1_Pooling/config.json";

/// The file that says how texts are taken.
pub(super) const TEXTS: &str = "sentence_bert_config.json";

/// The file that says what stands before texts.
pub(super) const PROMPTS: &str = "config_sentence_transformers.json";

/// The shape of the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Config {
    /// Numbers of a piece, and of a vector.
    pub(super) width: usize,
    /// Numbers of a piece in the middle of a layer.
    pub(super) wide: usize,
    pub(super) layers: usize,
    pub(super) heads: usize,
    pub(super) epsilon: f64,
    /// Rows of the positions that stand before that of the first piece: RoBERTa's kind counts from behind the number
    /// of its padding.
    pub(super) before_first_place: usize,
    /// Pieces that there are places for.
    pub(super) places: usize,
}

#[derive(Deserialize)]
struct Written {
    model_type: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    max_position_embeddings: usize,
    layer_norm_eps: Option<f64>,
    pad_token_id: Option<usize>,
    hidden_act: Option<String>,
    position_embedding_type: Option<String>,
    #[serde(default)]
    is_decoder: bool,
    #[serde(default)]
    add_cross_attention: bool,
    embedding_size: Option<usize>,
}

/// Numbers of a piece, at most: twice as many as the largest encoders of these kinds have.
const WIDEST: usize = 8_192;

/// Places, at least: what a question needs, and what the format asks for.
const FEWEST_PLACES: usize = 8;

/// Places, at most: sixteen times as many as encoders of these kinds have.
const MOST_PLACES: usize = 8_192;

impl Config {
    pub(super) fn read(folder: &Path) -> Result<Config, Error> {
        let (path, written) = need_json::<Written>(folder, NETWORK)?;
        Config::of(&written).map_err(|met| Error::unfit(&path, met, OTHER))
    }

    fn of(written: &Written) -> Result<Config, String> {
        let before_first_place = match written.model_type.as_str() {
            "bert" => 0,
            "roberta" | "xlm-roberta" | "camembert" => written.pad_token_id.unwrap_or(1) + 1,
            other => {
                return Err(format!(
                    "`model_type` is {other}, and only networks of BERT's and RoBERTa's kinds \
                     (bert, roberta, xlm-roberta, camembert) are known"
                ));
            }
        };
        let is = |what: &str, said: &Option<String>, known: &str| match said.as_deref() {
            Some(said) if said != known => Err(format!("`{what}` is {said}, and not {known}")),
            Some(_) | None => Ok(()),
        };
        is("hidden_act", &written.hidden_act, "gelu")?;
        is("position_embedding_type", &written.position_embedding_type, "absolute")?;
        if written.is_decoder || written.add_cross_attention {
            return Err("it is one that writes texts, and not one that encodes them".to_owned());
        }
        let Written { hidden_size: width, num_attention_heads: heads, .. } = *written;
        let wide = written.intermediate_size;
        if written.embedding_size.is_some_and(|size| size != width) {
            return Err("`embedding_size` is not `hidden_size`".to_owned());
        }
        if width == 0
            || width > WIDEST
            || !width.is_multiple_of(BLOCK)
            || heads == 0
            || !width.is_multiple_of(heads.saturating_mul(8))
        {
            return Err(format!(
                "{heads} heads in a width of {width}, which must be a multiple of {BLOCK} and of 8 \
                 for each head, and at most {WIDEST}"
            ));
        }
        if wide == 0 || wide > 4 * WIDEST || !wide.is_multiple_of(BLOCK) {
            return Err(format!("`intermediate_size` is {wide}, and no multiple of {BLOCK}"));
        }
        let layers = written.num_hidden_layers;
        if layers == 0 || layers > MOST_LAYERS {
            return Err(format!("{layers} layers, and from 1 to {MOST_LAYERS} are known"));
        }
        let places = written.max_position_embeddings.saturating_sub(before_first_place);
        if !(FEWEST_PLACES..=MOST_PLACES).contains(&places) {
            return Err(format!(
                "places for {places} pieces, and from {FEWEST_PLACES} to {MOST_PLACES} are known"
            ));
        }
        let epsilon = written.layer_norm_eps.unwrap_or(1e-12);
        if !(epsilon > 0.0 && epsilon < 1.0) {
            return Err(format!("`layer_norm_eps` is {epsilon}"));
        }
        Ok(Config { width, wide, layers, heads, epsilon, before_first_place, places })
    }
}

/// What stands around the network.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Around {
    /// Whether texts are brought to lower case before they are taken apart.
    pub(super) lower_case: bool,
    question: Option<String>,
    passage: Option<String>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    path: String,
}

#[derive(Deserialize)]
struct Pooling {
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
    #[serde(default)]
    pooling_mode_max_tokens: bool,
    #[serde(default)]
    pooling_mode_mean_sqrt_len_tokens: bool,
    #[serde(default)]
    pooling_mode_weightedmean_tokens: bool,
    #[serde(default)]
    pooling_mode_lasttoken: bool,
    include_prompt: Option<bool>,
}

#[derive(Deserialize)]
struct Texts {
    #[serde(default)]
    do_lower_case: bool,
}

#[derive(Deserialize)]
struct Prompts {
    #[serde(default)]
    prompts: std::collections::BTreeMap<String, Option<String>>,
}

impl Around {
    pub(super) fn read(folder: &Path) -> Result<Around, Error> {
        if let Some((path, modules)) = read_json::<Vec<Module>>(folder, MODULES)? {
            modules.iter().try_for_each(known).map_err(|met| Error::unfit(&path, met, OTHER))?;
        }
        if let Some((path, pooling)) = read_json::<Pooling>(folder, POOLING)? {
            pooling.is_mean().map_err(|met| Error::unfit(&path, met, OTHER))?;
        }
        let texts = read_json::<Texts>(folder, TEXTS)?;
        let prompts = read_json::<Prompts>(folder, PROMPTS)?;
        let mut prompts = prompts.map(|(_, read)| read.prompts).unwrap_or_default();
        let mut prompt = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| prompts.remove(*name).flatten())
                .filter(|prompt| !prompt.is_empty())
        };
        Ok(Around {
            lower_case: texts.is_some_and(|(_, texts)| texts.do_lower_case),
            question: prompt(&["query", "question"]),
            passage: prompt(&["passage", "document"]),
        })
    }

    /// Returns what stands before a question and before a passage: what the makers wrote down, or, for the family of E5,
    /// which was taught with these words and wrote them down in its papers alone, those.
    pub(super) fn before(&self, name: &str) -> (String, String) {
        let name = name.to_ascii_lowercase();
        // Those that follow instructions have a sentence of the asker's own before a question.
        let (question, passage) = match name.contains("e5") && !name.contains("instruct") {
            true => ("query: ", "passage: "),
            false => ("", ""),
        };
        match (&self.question, &self.passage) {
            (None, None) => (question.to_owned(), passage.to_owned()),
            (question, passage) => {
                (question.clone().unwrap_or_default(), passage.clone().unwrap_or_default())
            }
        }
    }
}

/// Whether a part of an encoder is one that is known, at its usual place.
fn known(module: &Module) -> Result<(), String> {
    let kind = module.kind.rsplit('.').next().unwrap_or_default();
    let place = match kind {
        "Transformer" => "",
        "Pooling" => "1_Pooling",
        "Normalize" => return Ok(()),
        other => {
            return Err(format!(
                "it has a module {other}, and only Transformer, Pooling and Normalize are known"
            ));
        }
    };
    if module.path != place {
        return Err(format!("its {kind} lies in `{}`, and not in `{place}`", module.path));
    }
    Ok(())
}

impl Pooling {
    fn is_mean(&self) -> Result<(), String> {
        let others = [
            ("the first piece's (cls)", self.pooling_mode_cls_token),
            ("the largest of each number (max)", self.pooling_mode_max_tokens),
            ("a mean by the root of the length", self.pooling_mode_mean_sqrt_len_tokens),
            ("a weighted mean", self.pooling_mode_weightedmean_tokens),
            ("the last piece's", self.pooling_mode_lasttoken),
        ];
        if let Some((what, _)) = others.iter().find(|(_, set)| *set) {
            return Err(format!("its vector is {what}, and only the mean of all pieces' is known"));
        }
        if !self.pooling_mode_mean_tokens {
            return Err("it does not say that its vector is the mean of all pieces'".to_owned());
        }
        if self.include_prompt == Some(false) {
            return Err("what stands before a text is left out of its mean".to_owned());
        }
        Ok(())
    }
}
