//! /settings: the language to be answered in, and the linked accounts.

use super::{Deciding, Visit};
use crate::act::Act;
use crate::reply::{Body, Reply};
use knowledge::Lang;

impl Deciding<'_> {
    /// What is settled, with buttons to settle it otherwise; words that name a language settle it.
    pub(super) fn settings(&mut self, visit: &mut Visit, words: &str) -> Reply {
        if let Some(lang) = self.language_named(words) {
            return self.speak(visit, lang);
        }
        let lang = visit.lang;
        let chosen = visit.person.chosen;
        let mut lines = vec![match chosen {
            Some(chosen) => {
                let language = self.say.voice.language(lang, chosen);
                self.say.say(lang, "settings-chosen", &[("language", (&language).into())])
            }
            None => self.say.say(lang, "settings-any", &[]),
        }];
        let linked = self.linked_accounts(&visit.person);
        lines.push(if linked.is_empty() {
            self.say.say(lang, "settings-alone", &[])
        } else {
            let accounts = self.accounts(lang, &linked);
            self.say.say(lang, "settings-linked", &[("accounts", (&accounts).into())])
        });
        let network = &visit.talk.place.network;
        if self.say.settings.networks.get(network).is_some_and(|can| !can.buttons) {
            lines.push(self.say.say(lang, "settings-typed", &[]));
        }
        let langs = self.say.voice.langs().iter().map(|one| Some(*one));
        // A library with one language leaves nothing to choose.
        let several = self.say.voice.langs().len() > 1;
        let other = langs.chain([None]).filter(|one| several && *one != chosen);
        let mut acts: Vec<Act> = other.map(Act::Speak).collect();
        acts.push(Act::Link);
        if !linked.is_empty() {
            acts.push(Act::Unlink);
        }
        self.say.reply(lang, Body::Notice { text: lines.join("\n") }, &acts)
    }

    /// From now on this is the language, or the one that the visitor writes in.
    pub(super) fn speak(&self, visit: &mut Visit, chosen: Option<Lang>) -> Reply {
        // A button can be older than the library's settings.
        let known = chosen.filter(|chosen| self.say.voice.langs().contains(chosen));
        visit.person.chosen = known;
        let heard = [known, visit.person.lang, Some(visit.lang)];
        visit.lang = self.say.voice.pick(heard);
        match known {
            Some(known) => {
                let language = self.say.voice.language(visit.lang, known);
                let args = [("language", (&language).into())];
                self.say.notice(visit.lang, "speak-chosen", &args, &[])
            }
            None => self.say.notice(visit.lang, "speak-any", &[], &[]),
        }
    }

    /// The language that words name, as a button says it or by name or code; `Some(None)` for the
    /// one that one writes in.
    fn language_named(&self, words: &str) -> Option<Option<Lang>> {
        let voice = self.say.voice;
        let words = words.to_lowercase();
        let same = |said: &str| said.to_lowercase() == words;
        let any = |lang: &Lang| same(&voice.say(*lang, "button-speak-any", &[]));
        if voice.langs().iter().any(any) {
            return Some(None);
        }
        let names = |named: Lang| voice.langs().iter().any(|l| same(&voice.language(*l, named)));
        let named = voice.langs().iter().copied().find(|lang| same(lang.as_str()) || names(*lang));
        named.map(Some)
    }
}
