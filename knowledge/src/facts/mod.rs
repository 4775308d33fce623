//! Recognises a question about a fact: hours, address, telephone, e-mail, which branches there are.

use crate::{Branches, FactAsked, Lang};

/// Recognises questions about facts; prepared once from the library's branches.
#[derive(Debug)]
pub struct Recogniser {}

impl Recogniser {
    /// Prepares the words and the branches' names.
    pub fn new(branches: &Branches) -> Recogniser {
        let _ = branches;
        Recogniser {}
    }

    /// The fact that a text asks for, and how sure that is, 0 to 1; `None` if it asks for none.
    /// `lang` is the language of the text where it is known.
    pub fn recognise(&self, text: &str, lang: Option<Lang>) -> Option<(FactAsked, f32)> {
        let _ = (text, lang);
        None
    }
}
