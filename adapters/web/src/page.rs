//! What all pages have around what they show.

use crate::server::{Asset, asset};
use crate::site::Site;
use knowledge::Lang;
use maud::{DOCTYPE, Markup, html};

/// What htmx may do: nothing that the page's policy forbids, and nothing kept in the browser.
const HTMX: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,"historyEnabled":false,"timeout":20000}"#;

/// A page.
pub(crate) struct Page<'a> {
    pub(crate) lang: Lang,
    pub(crate) title: &'a str,
    /// What the page is, for its style: `chat`, `desk`, `plain`.
    pub(crate) kind: &'a str,
    pub(crate) body: Markup,
}

impl Page<'_> {
    pub(crate) fn render(self) -> Markup {
        html! {
            (DOCTYPE)
            html lang=(self.lang) {
                head {
                    meta charset="utf-8";
                    // A keyboard that comes up makes the page lower instead of lying over its box.
                    meta name="viewport"
                        content="width=device-width, initial-scale=1, interactive-widget=resizes-content";
                    meta name="color-scheme" content="light dark";
                    meta name="theme-color" media="(prefers-color-scheme: light)" content="#fffdf8";
                    meta name="theme-color" media="(prefers-color-scheme: dark)" content="#211d15";
                    meta name="htmx-config" content=(HTMX);
                    title { (self.title) }
                    link rel="icon" href=(asset(Asset::Icon)) type="image/svg+xml";
                    link rel="stylesheet" href=(asset(Asset::Style));
                    script src=(asset(Asset::Htmx)) defer {}
                    script src=(asset(Asset::Live)) defer {}
                }
                body class=(self.kind) { (self.body) }
            }
        }
    }
}

/// The library's mark. It says nothing that the words beside it do not.
pub(crate) fn mark() -> Markup {
    html! { img .mark src=(asset(Asset::Icon)) alt="" width="32" height="32"; }
}

/// A page that says one thing, and leads back.
pub(crate) fn sentence(site: &Site, lang: Lang, words: &str) -> Markup {
    let name = site.settings.name(lang);
    let back = site.words.of(lang).say("back-to-chat");
    let body = html! {
        main {
            (mark())
            h1 { (name) }
            p { (words) }
            p { a .on href="/" { (back) } }
        }
    };
    Page { lang, title: name, kind: "plain", body }.render()
}
