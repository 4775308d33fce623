//! What is done to text before it is indexed or asked.
//!
//! In reading order: words and their one form (`fold`), stems (`stem`), the word lists (`lists`),
//! the language that a text shows (`guess`), the words of an index as it is built (`analyse`), the
//! words of an index and how a misspelt one is corrected (`vocabulary`), what follows a greeting
//! (`greeting`), what is but courtesy (`courtesy`), the questions of a text (`split`), identifiers
//! (`identifier`), and the title (`wanted`) or series (`series`) within a request.

pub(crate) mod analyse;
pub(crate) mod courtesy;
pub(crate) mod fold;
pub(crate) mod greeting;
pub(crate) mod guess;
pub(crate) mod identifier;
pub(crate) mod lists;
pub(crate) mod series;
pub(crate) mod split;
pub(crate) mod stem;
pub(crate) mod vocabulary;
pub(crate) mod wanted;
