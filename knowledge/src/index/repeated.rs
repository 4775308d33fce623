//! What stands on most pages of a site is no part of what any of them says: a notice about cookies,
//! "was this page helpful?", where to follow the library, that no mark of the page gives away.
//!
//! Files keep what they say, and it is left out where pages are put into the index and taken out of
//! it: whether a line is repeated changes with the other pages.

use crate::Section;
use rustc_hash::{FxHashMap, FxHashSet};

/// Fewest pages on which a line must stand to count as repeated: fewer may agree by chance.
const PAGES_MIN: usize = 4;

/// The sections without the lines that stand on more than half of the pages of their site, and
/// without those sections that say nothing else.
pub(super) fn without(sections: Vec<Section>) -> Vec<Section> {
    let sites = sites(&sections);
    if sites.values().all(|site| site.repeated.is_empty()) {
        return sections;
    }
    let mut emptied: FxHashMap<String, FxHashSet<String>> = FxHashMap::default();
    for section in &sections {
        let repeated = sites.get(site(section)).map(|site| &site.repeated);
        let is_repeated = |line: &str| repeated.is_some_and(|lines| lines.contains(line));
        if section.own > 0 && own(section).all(is_repeated) {
            let headings = emptied.entry(page(section).to_owned()).or_default();
            headings.insert(section.heading.clone());
        }
    }
    let strip = |section: Section| {
        let Some(site) = sites.get(site(&section)) else { return Some(section) };
        stripped(section, &site.repeated, &emptied)
    };
    sections.into_iter().filter_map(strip).collect()
}

/// A site, as far as its pages are alike.
#[derive(Default)]
struct Site {
    pages: FxHashSet<String>,
    repeated: FxHashSet<String>,
}

/// The sites, with the lines that stand on most of their pages.
fn sites(sections: &[Section]) -> FxHashMap<String, Site> {
    let mut sites: FxHashMap<String, Site> = FxHashMap::default();
    for section in sections {
        let pages = &mut sites.entry(site(section).to_owned()).or_default().pages;
        if !pages.contains(page(section)) {
            pages.insert(page(section).to_owned());
        }
    }
    sites.retain(|_, site| site.pages.len() >= PAGES_MIN);
    // On which pages a line was met.
    let mut met: FxHashMap<(&str, &str), FxHashSet<&str>> = FxHashMap::default();
    for section in sections.iter().filter(|section| sites.contains_key(site(section))) {
        for line in own(section) {
            met.entry((site(section), line)).or_default().insert(page(section));
        }
    }
    for ((name, line), on) in met {
        let Some(site) = sites.get_mut(name) else { continue };
        if on.len() >= PAGES_MIN && on.len() * 2 > site.pages.len() {
            site.repeated.insert(line.to_owned());
        }
    }
    sites
}

fn stripped(
    mut section: Section,
    repeated: &FxHashSet<String>,
    emptied: &FxHashMap<String, FxHashSet<String>>,
) -> Option<Section> {
    let headings = emptied.get(page(&section));
    let is_left = |line: &&str| !repeated.contains(*line);
    let says =
        |line: &&str| is_left(line) && headings.is_none_or(|headings| !headings.contains(*line));
    let own: Vec<&str> = own(&section).filter(is_left).collect();
    let below: Vec<&str> = below(&section).filter(says).collect();
    let (own, below) = (own.join("\n"), below.join("\n"));
    if own.is_empty() && below.is_empty() {
        return None;
    }
    section.own = own.len();
    section.text = match (own.is_empty(), below.is_empty()) {
        (_, true) => own,
        (true, false) => below,
        (false, false) => format!("{own}\n{below}"),
    };
    Some(section)
}

/// The lines that stand directly below a heading.
fn own(section: &Section) -> impl Iterator<Item = &str> {
    section.text.get(..section.own).unwrap_or_default().lines()
}

/// The lines that stand below lower headings, those included.
fn below(section: &Section) -> impl Iterator<Item = &str> {
    let text = section.text.get(section.own..).unwrap_or_default();
    text.lines().filter(|line| !line.is_empty())
}

/// The page that a section stands on.
fn page(section: &Section) -> &str {
    section.id.split('#').next().unwrap_or_default()
}

/// The site that it stands on, by its host; those that do not say are one.
fn site(section: &Section) -> &str {
    let url = section.url.as_deref().unwrap_or_default();
    let host = url.split_once("://").map_or("", |(_, rest)| rest);
    host.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(page: &str, heading: &str, own: &str, below: &str) -> Section {
        let text = if own.is_empty() || below.is_empty() {
            format!("{own}{below}")
        } else {
            format!("{own}\n{below}")
        };
        Section {
            id: format!("pages/{page}.html#{heading}"),
            page: page.to_owned(),
            heading: heading.to_owned(),
            text,
            own: own.len(),
            lang: None,
            url: Some(format!("https://a.example/{page}#{heading}")),
            verified: None,
        }
    }

    fn told(sections: Vec<Section>) -> Vec<(String, String, usize)> {
        let told = without(sections).into_iter();
        told.map(|s| (format!("{} {}", s.page, s.heading), s.text, s.own)).collect()
    }

    /// Pages with a notice, a section that only repeats, and one that has a heading in common.
    fn pages(of: usize) -> Vec<Section> {
        let page = |n: usize| {
            let page = format!("p{n}");
            let below = format!("Cost\nIt costs {n}.\nFollow us\nOn every network.");
            [
                section(&page, "Top", &format!("We use cookies.\nAbout {n}."), &below),
                section(&page, "Cost", &format!("It costs {n}."), ""),
                section(&page, "Follow us", "On every network.", ""),
            ]
        };
        (1..=of).flat_map(page).collect()
    }

    #[test]
    fn what_stands_on_most_pages_is_left_out() {
        let told = told(pages(4));
        assert_eq!(told.len(), 8);
        let expected = ("p1 Top".to_owned(), "About 1.\nCost\nIt costs 1.".to_owned(), 8);
        assert_eq!(told[0], expected);
        assert_eq!(told[1].1, "It costs 1.");
    }

    #[test]
    fn a_few_pages_may_agree_by_chance() {
        let all = pages(3);
        assert_eq!(without(all.clone()), all);
        // Four of nine are not most of them.
        let mut all = pages(4);
        all.extend((5..10).map(|n| section(&format!("q{n}"), "Top", &format!("Own {n}."), "")));
        assert_eq!(without(all.clone()), all);
        // Another site's pages say nothing about these.
        let mut all = pages(4);
        for section in all.iter_mut().take(6) {
            section.url = Some("https://b.example/".to_owned());
        }
        assert_eq!(without(all.clone()), all);
    }

    #[test]
    fn a_section_whose_own_lines_repeat_stays_for_what_stands_below_it() {
        let page = |n: usize| {
            let page = format!("p{n}");
            let below = format!("Cost\nIt costs {n}.");
            section(&page, "Top", "We use cookies.", &below)
        };
        let told = told((1..=5).map(page).collect());
        assert_eq!(told[0], ("p1 Top".to_owned(), "Cost\nIt costs 1.".to_owned(), 0));
    }
}
