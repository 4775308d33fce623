//! What a site's robots.txt allows (RFC 9309), and how fast (Crawl-delay).

use std::time::Duration;

/// The name that a robots.txt may call the program by.
pub(crate) const TOKEN: &str = "pollen";

/// So much of a robots.txt is read, in bytes (RFC 9309, 2.5).
pub(crate) const BYTES_MAX: usize = 500 * 1024;

/// Rules that are kept: far above what anybody writes, and an end to what is made to be slow.
const RULES_MAX: usize = 5_000;

/// The longest pause that a Crawl-delay is taken for: of a page a minute a round of an hour still reads sixty.
const DELAY_MAX: Duration = Duration::from_secs(60);

/// What a robots.txt says to the program.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Robots {
    rules: Vec<Rule>,
    /// How long it wants to be left alone between two requests.
    pub(crate) delay: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq)]
struct Rule {
    allows: bool,
    /// As compared, see [`plain`].
    path: String,
}

impl Robots {
    /// Reads a file. The groups that name the program count, or else those of everybody.
    pub(crate) fn read(text: &str) -> Robots {
        let (mut named, mut everybody) = (None, Robots::default());
        let (mut names_us, mut names_all, mut in_names) = (false, false, false);
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !std::mem::replace(&mut in_names, true) {
                    (names_us, names_all) = (false, false);
                }
                names_all |= value == "*";
                names_us |= product(value).eq_ignore_ascii_case(TOKEN);
                // A group without rules allows everything to whom it names.
                if names_us {
                    named.get_or_insert_with(Robots::default);
                }
                continue;
            }
            let groups = named.iter_mut().filter(|_| names_us);
            let groups = groups.chain(names_all.then_some(&mut everybody));
            match key.as_str() {
                "allow" | "disallow" => groups.for_each(|group| group.add(key == "allow", value)),
                "crawl-delay" => groups.for_each(|group| group.delay = delay(value)),
                // Sitemaps and the like belong to no group.
                _ => continue,
            }
            in_names = false;
        }
        named.unwrap_or(everybody)
    }

    fn add(&mut self, allows: bool, path: &str) {
        if (path.starts_with('/') || path.starts_with('*')) && self.rules.len() < RULES_MAX {
            self.rules.push(Rule { allows, path: plain(path) });
        }
    }

    /// Whether a path, with its query, may be asked: the longest rule that fits says so, and of
    /// two as long the one that allows.
    pub(crate) fn allows(&self, path: &str) -> bool {
        let path = plain(path);
        let fitting = self.rules.iter().filter(|rule| fits(&rule.path, &path));
        let says = fitting.max_by_key(|rule| (rule.path.len(), rule.allows));
        says.is_none_or(|rule| rule.allows)
    }
}

/// The name of a product: what stands before a version or anything else.
fn product(value: &str) -> &str {
    let end = value.find(|c: char| !(c.is_ascii_alphabetic() || c == '_' || c == '-'));
    &value[..end.unwrap_or(value.len())]
}

fn delay(value: &str) -> Option<Duration> {
    let seconds = value.parse::<f64>().ok().filter(|seconds| *seconds >= 0.0)?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(DELAY_MAX).min(DELAY_MAX))
}

/// A path as it is compared: escaped letters that need no escaping written plainly, others
/// escaped in capitals.
fn plain(path: &str) -> String {
    let (bytes, mut plain, mut at) = (path.as_bytes(), String::with_capacity(path.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        let escaped = digits.filter(|_| byte == b'%');
        match escaped.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(letter) => {
                match letter.is_ascii_alphanumeric() || b"-._~".contains(&letter) {
                    true => plain.push(char::from(letter)),
                    false => plain += &format!("%{letter:02X}"),
                }
                at += 3;
            }
            None => {
                match byte.is_ascii() {
                    true => plain.push(char::from(byte)),
                    false => plain += &format!("%{byte:02X}"),
                }
                at += 1;
            }
        }
    }
    plain
}

/// Whether a rule fits the beginning of a path; `*` stands for anything, `$` at its end for the
/// path's. Greedy from left to right, so its time grows with the product of both and no more.
fn fits(rule: &str, path: &str) -> bool {
    let (rule, to_end) = match rule.strip_suffix('$') {
        Some(rule) => (rule, true),
        None => (rule, false),
    };
    let mut pieces = rule.split('*');
    let Some(mut rest) = path.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, between)) = pieces.split_last() else { return !to_end || rest.is_empty() };
    for piece in between {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    if to_end { rest.ends_with(last) } else { rest.contains(last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rule_that_fits_decides() {
        let robots = Robots::read(
            "User-agent: *\nDisallow: /staff\nAllow: /staff/hours\nDisallow: /*.pdf$\n\
             Disallow: /search?\nDisallow: /tie\nAllow: /tie\nDisallow:\nDisallow: /a*b*c\n",
        );
        for (path, allowed) in [
            ("/", true),
            ("/staff", false),
            ("/staffing", false),
            ("/staff/hours", true),
            ("/staff/hours/late", true),
            ("/STAFF", true),
            ("/a/b.pdf", false),
            ("/a/b.pdf?x", true),
            ("/search?q=1", false),
            ("/search", true),
            ("/tie", true),
            ("/a-b-c-d", false),
            ("/a-c-b", true),
        ] {
            assert_eq!(robots.allows(path), allowed, "{path}");
        }
    }

    #[test]
    fn a_group_that_names_the_program_counts_alone() {
        let text = "User-agent: *\nDisallow: /\nCrawl-delay: 9\n\n\
                    User-agent: other\nUser-Agent: Pollen/1.0\nDisallow: /private # mine\n\
                    Sitemap: https://a.example/s.xml\nCrawl-delay: 2.5\n\n\
                    User-agent: pollen\nDisallow: /more\n";
        let robots = Robots::read(text);
        assert!(robots.allows("/"));
        assert!(!robots.allows("/private/x"));
        assert!(!robots.allows("/more"));
        assert_eq!(robots.delay, Some(Duration::from_millis(2_500)));
        assert!(!Robots::read("User-agent: *\nDisallow: /\n\nUser-agent: pollenbot\n").allows("/"));
        assert!(Robots::read("User-agent: *\nDisallow: /\n\nUser-agent: POLLEN\n").allows("/"));
    }

    #[test]
    fn what_is_no_robots_file_forbids_nothing() {
        for text in ["", "<html><body>404</body></html>", "Disallow: /", "\u{feff}"] {
            assert!(Robots::read(text).allows("/"), "{text}");
        }
        assert!(!Robots::read("\u{feff}User-agent:*\nDisallow:/x").allows("/x"));
    }

    #[test]
    fn escaped_paths_are_compared_as_what_they_mean() {
        let robots = Robots::read("User-agent: *\nDisallow: /caf%c3%a9\nDisallow: /%7Ejoe\n");
        assert!(!robots.allows("/café"));
        assert!(!robots.allows("/caf%C3%A9/menu"));
        assert!(!robots.allows("/~joe"));
        assert!(robots.allows("/cafe"));
        assert!(Robots::read("User-agent: *\nDisallow: /a%2Fb").allows("/a/b"));
        assert!(!Robots::read("User-agent: *\nDisallow: /100%").allows("/100%"));
    }

    #[test]
    fn delays_have_a_bound() {
        let delay = |text: &str| Robots::read(&format!("User-agent: *\n{text}")).delay;
        assert_eq!(delay("Crawl-delay: 1000000"), Some(DELAY_MAX));
        assert_eq!(delay("Crawl-delay: 1e300"), Some(DELAY_MAX));
        assert_eq!(delay("Crawl-delay: -1"), None);
        assert_eq!(delay("Crawl-delay: NaN"), None);
        assert_eq!(delay("Crawl-delay: soon"), None);
    }

    #[test]
    fn rules_made_to_be_slow_are_not() {
        let rule = "/".to_owned() + &"*a".repeat(1_000) + "b$";
        let started = std::time::Instant::now();
        let robots = Robots::read(&format!("User-agent: *\nDisallow: {rule}\n"));
        assert!(robots.allows(&format!("/{}", "a".repeat(2_000))));
        assert!(started.elapsed().as_secs() < 2);
    }
}
