//! The sentences of one Fluent file.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use knowledge::Lang;

/// The sentences of one Fluent file, in one language.
pub struct Sentences {
    bundle: FluentBundle<FluentResource>,
}

/// What is put into a sentence, by name.
pub type Args<'a> = [(&'static str, Arg<'a>)];

/// A text or a number in a sentence; numbers choose between singular and plural.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// A text.
    Text(&'a str),
    /// A number.
    Number(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Arg<'a> {
        Arg::Text(text)
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Arg<'a> {
        Arg::Text(text)
    }
}

impl From<usize> for Arg<'_> {
    fn from(number: usize) -> Self {
        Arg::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<i64> for Arg<'_> {
    fn from(number: i64) -> Self {
        Arg::Number(number)
    }
}

impl Sentences {
    /// The sentences of a file's text. What is wrong in it is left out: the files are part of the
    /// program, and a test asks for [`Sentences::mistakes`].
    pub fn new(lang: Lang, text: &str) -> Sentences {
        let id = lang.as_str().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Marks around inserted values would stand as odd characters in plain text.
        bundle.set_use_isolating(false);
        let (Ok(resource) | Err((resource, _))) = FluentResource::try_new(text.to_owned());
        bundle.add_resource_overriding(resource);
        Sentences { bundle }
    }

    /// What is wrong in a file's text, in Fluent's words.
    pub fn mistakes(text: &str) -> Vec<String> {
        match FluentResource::try_new(text.to_owned()) {
            Ok(_) => Vec::new(),
            Err((_, errors)) => errors.iter().map(ToString::to_string).collect(),
        }
    }

    /// Whether there is a sentence of this name.
    pub fn has(&self, name: &str) -> bool {
        self.bundle.has_message(name)
    }

    /// A sentence; its name if there is none.
    pub fn say(&self, name: &str, args: &Args<'_>) -> String {
        let Some(pattern) = self.bundle.get_message(name).and_then(|message| message.value())
        else {
            return name.to_owned();
        };
        let mut values = FluentArgs::with_capacity(args.len());
        for (key, value) in args {
            values.set(
                *key,
                match value {
                    Arg::Text(text) => FluentValue::from(*text),
                    Arg::Number(number) => FluentValue::from(*number),
                },
            );
        }
        // A value that is missing shows as its name: visible, and no reason to say nothing.
        self.bundle.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }
}
