//! Finds: what a library knows, the indexes over it, and how sure an answer is.
//!
//! In reading order: what is known ([`Entry`], [`Section`], [`Record`], [`Branch`]), how it is read from files
//! ([`read`]), how it is indexed ([`index`]), how it is asked ([`Query`]) and what comes back
//! ([`Findings`]). Everything here is local and repeatable: the same knowledge and the same query
//! give the same findings.

pub mod branch;
mod entry;
pub mod facts;
mod feast;
mod findings;
mod lang;
mod query;
mod record;
mod section;
mod several;

pub mod read;

mod meaning;

pub mod index;

mod error;
mod find;
mod text;

pub use branch::{Branch, Branches, ByLang, Closure, Coordinates, Day, Exception, Span, State};
pub use entry::Entry;
pub use error::Error;
pub use feast::Feast;
pub use find::Knowledge;
#[doc(hidden)]
pub use find::Signals;
pub use findings::{FactAsked, Findings, Found, Part, PartOfDay, Passage, Topic, TopicShare, When};
pub use lang::Lang;
pub use meaning::Encoding;
pub use query::{Asked, Filter, Query, Words};
pub use record::Record;
pub use section::Section;
