//! Parts of a page that belong to its site, and that nothing but their name gives away: websites
//! that were made before `<nav>` and `<aside>` call them by an id or a class.

use super::page::attribute;
use html5gum::StartTag;

/// Names that as an id or a class stand for nothing else.
const NAMES: [&str; 20] = [
    "breadcrumb",
    "breadcrumbs",
    "main-menu",
    "main-nav",
    "main-navigation",
    "navbar",
    "nav-menu",
    "page-sidebar",
    "primary-navigation",
    "screen-reader-shortcut",
    "share-buttons",
    "sidebar",
    "site-footer",
    "site-header",
    "site-navigation",
    "skip-link",
    "skip-nav",
    "skip-to-content",
    "skiplink",
    "social-share",
];

/// Names that stand for it as the id of an element that says nothing else: as classes they style all
/// sorts of things, and a café's page has a section "menu".
const IDS: [&str; 8] =
    ["banner", "colophon", "footer", "header", "masthead", "menu", "nav", "navigation"];

/// What notices about cookies are called, by their site or by the programs that show them; `-` and
/// `_` left out.
const NOTICES: [&str; 16] = [
    "cookiebanner",
    "cookiebar",
    "cookieconsent",
    "cookielaw",
    "cookiemessage",
    "cookiemodal",
    "cookienotice",
    "cookienotification",
    "cookieoverlay",
    "cookiepopup",
    "consentbanner",
    "consentmodal",
    "cybotcookiebot",
    "gdprbanner",
    "onetrust",
    "tarteaucitron",
];

/// Elements that say nothing else.
const PLAIN: [&[u8]; 5] = [b"div", b"ol", b"table", b"td", b"ul"];

/// Elements whose names say what they are, whatever else they are called.
const NEVER: [&[u8]; 10] =
    [b"html", b"body", b"main", b"article", b"h1", b"h2", b"h3", b"h4", b"h5", b"h6"];

/// Whether an element is a menu, a sidebar, a notice about cookies, by what it is called.
pub(super) fn is_furniture(tag: &StartTag<()>) -> bool {
    if NEVER.contains(&tag.name.as_slice()) {
        return false;
    }
    let named = |name: &str| attribute(tag, name).map(|value| value.trim().to_ascii_lowercase());
    let (id, class) = (named("id").unwrap_or_default(), named("class").unwrap_or_default());
    let is_notice = |name: &str| {
        let name: String = name.chars().filter(|c| !matches!(c, '-' | '_')).collect();
        NOTICES.iter().any(|notice| name.starts_with(notice))
    };
    (IDS.contains(&id.as_str()) && PLAIN.contains(&tag.name.as_slice()))
        || std::iter::once(id.as_str())
            .chain(class.split_ascii_whitespace())
            .any(|name| NAMES.contains(&name) || is_notice(name))
}
