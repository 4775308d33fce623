//! Rules that the whole project keeps, as tests: whoever breaks one sees here which and where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tests::folder;

/// The most lines of a Rust file: longer ones are split by topic.
const LINES_MAX: usize = 600;

/// All that the pure core may stand on.
const BOT_DEPENDENCIES: [&str; 6] =
    ["fluent-bundle", "jiff", "knowledge", "serde", "serde_json", "unic-langid"];

#[test]
fn the_core_stands_on_few_crates() {
    let manifest = read(&project().join("bot/Cargo.toml"));
    let found: Vec<&str> = section(&manifest, "[dependencies]")
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .collect();
    let mut sorted = found.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, BOT_DEPENDENCIES, "bot/Cargo.toml: the core decides, it needs no more");
}

#[test]
fn dependencies_run_one_way() {
    let ours = [
        "bot",
        "contract",
        "driver",
        "knowledge",
        "peers",
        "pollen",
        "sources",
        "store",
        "terminal",
        "tests",
        "web",
    ];
    let may: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("knowledge", &[][..]),
        ("bot", &["knowledge"][..]),
        ("adapters/contract", &["bot", "knowledge"][..]),
        ("adapters/driver", &["bot", "contract", "knowledge", "store"][..]),
        ("adapters/sources", &[][..]),
        ("adapters/store", &["bot", "contract", "knowledge"][..]),
        ("adapters/terminal", &["bot", "contract", "knowledge"][..]),
        ("adapters/web", &["bot", "contract", "knowledge"][..]),
        ("tests/peers", &[][..]),
    ]);
    for (krate, allowed) in may {
        let manifest = read(&project().join(krate).join("Cargo.toml"));
        for line in section(&manifest, "[dependencies]") {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            assert!(
                !ours.contains(&name) || allowed.contains(&name),
                "{krate}/Cargo.toml: it may not depend on {name}"
            );
        }
    }
}

#[test]
fn no_rust_file_is_long() {
    let long: Vec<String> = sources("rs")
        .iter()
        .map(|path| (path, read(path).lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{}: {lines} lines", shown(path)))
        .collect();
    assert!(long.is_empty(), "split these by topic (at most {LINES_MAX} lines): {long:#?}");
}

#[test]
fn every_script_tells_what_it_shows() {
    let scripts = folder::scripts();
    assert!(!scripts.is_empty(), "there are no scripts");
    for path in scripts {
        let text = read(&path);
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("# ") && first.ends_with('.'),
            "{}: the first line must be `# ` and a sentence",
            shown(&path)
        );
    }
}

#[test]
fn no_place_of_one_machine_is_named() {
    // Put together here, so that this file does not name them itself.
    let words = [
        format!("/{}/main", "work"),
        format!("/{}/shared", "work"),
        format!("/{}/", "root"),
        format!("/{}/runner", "home"),
        format!("index.{}.io", "crates"),
        format!("static.{}.io", "crates"),
        format!("{}.org/simple", "pypi"),
        format!("registry.{}.org", "npmjs"),
    ];
    for ending in ["rs", "toml", "md", "txt", "sql", "ftl", "yml", "run"] {
        for path in sources(ending) {
            let text = read(&path);
            for word in &words {
                let line = text.lines().position(|line| line.contains(word));
                assert!(line.is_none(), "{}:{}: names {word}", shown(&path), line.unwrap() + 1);
            }
        }
    }
}

#[test]
fn the_table_of_behaviours_is_whole() {
    let path = folder::root().join("README.md");
    let text = read(&path);
    let (begin, end) = ("<!-- behaviours -->\n", "<!-- /behaviours -->");
    let from =
        text.find(begin).expect("tests/README.md has no `<!-- behaviours -->`") + begin.len();
    let to = text.find(end).expect("tests/README.md has no `<!-- /behaviours -->`");
    let table = behaviours();
    if text[from..to] == table {
        return;
    }
    if tests::updating() {
        std::fs::write(&path, format!("{}{table}{}", &text[..from], &text[to..])).unwrap();
        return;
    }
    panic!("tests/README.md: the table is out of date; UPDATE=1 rewrites it");
}

/// The table: a row a script, a column a stage.
fn behaviours() -> String {
    let stages: Vec<&str> = tests::STAGES.iter().map(|stage| stage.name).collect();
    let mut table = format!("| behaviour | {} | what it shows |\n", stages.join(" | "));
    table.push_str(&format!("|---|{}---|\n", "---|".repeat(stages.len())));
    for path in folder::scripts() {
        let script = folder::read(&path).unwrap_or_else(|what| panic!("{what}"));
        let cells: Vec<&str> = tests::STAGES
            .iter()
            .map(|stage| if stage.performs(&script) { "x" } else { "" })
            .collect();
        table.push_str(&format!(
            "| [{0}](scripts/{0}.txt) | {1} | {2} |\n",
            script.name,
            cells.join(" | "),
            script.about.replace('|', "\\|")
        ));
    }
    table
}

/// The folders that hold sentences, one Fluent file a language.
const TEXTS: [&str; 5] = [
    "bot/texts",
    "adapters/discord/texts",
    "adapters/telegram/texts",
    "adapters/terminal/src/client",
    "adapters/web/texts",
];

/// The Fluent files of a language.
fn texts(lang: &str) -> impl Iterator<Item = PathBuf> + '_ {
    TEXTS.iter().map(move |folder| project().join(folder).join(format!("{lang}.ftl")))
}

#[test]
fn each_language_has_every_sentence() {
    let keys = |text: &str| -> BTreeSet<String> {
        let named = text.lines().filter(|line| !line.starts_with([' ', '#', '}', '*', '[']));
        named.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect()
    };
    for (english, french) in texts("en").zip(texts("fr")) {
        let (here, there) = (keys(&read(&english)), keys(&read(&french)));
        let missing: Vec<&String> = here.difference(&there).collect();
        let extra: Vec<&String> = there.difference(&here).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{}: missing {missing:?}, unknown in English {extra:?}",
            shown(&french)
        );
    }
}

#[test]
fn every_sentence_fills_in_the_same_things() {
    for (english, french) in texts("en").zip(texts("fr")) {
        let (here, there) = (variables(&read(&english)), variables(&read(&french)));
        for (key, names) in &there {
            let known = here.get(key).cloned().unwrap_or_default();
            let unknown: Vec<&String> = names.difference(&known).collect();
            let file = shown(&french);
            assert!(unknown.is_empty(), "{file}: {key} fills in {unknown:?}, English does not");
        }
    }
}

#[test]
fn every_sentence_of_the_pages_is_said() {
    let said: String = sources("rs")
        .iter()
        .filter(|path| path.starts_with(project().join("adapters/web/src")))
        .map(|path| read(path))
        .collect();
    let text = read(&project().join("adapters/web/texts/en.ftl"));
    let keys = text.lines().filter(|line| !line.starts_with([' ', '#', '}', '*', '[']));
    let keys = keys.filter_map(|line| Some(line.split_once(" =")?.0));
    let left: Vec<&str> = keys.filter(|key| !said.contains(&format!("\"{key}\""))).collect();
    assert!(left.is_empty(), "adapters/web/texts: no page says {left:?}");
}

fn variables(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =")
            && !line.starts_with(' ')
        {
            name.clone_into(&mut key);
        }
        for piece in line.split('$').skip(1) {
            let name = piece.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next();
            all.entry(key.clone()).or_default().insert(name.unwrap_or_default().to_owned());
        }
    }
    all
}

#[test]
fn french_is_set_as_french() {
    const NARROW: char = '\u{202f}';
    let mut found = Vec::new();
    for (path, number, words) in all_sentences("fr") {
        let chars: Vec<char> = words.chars().collect();
        for (i, &c) in chars.iter().enumerate() {
            let before = i.checked_sub(1).and_then(|i| chars.get(i)).copied();
            let after = chars.get(i + 1).copied();
            let ends = after.is_none_or(|c| !c.is_alphanumeric() && c != '/');
            let wrong = match c {
                // Times (10:00) and addresses keep their colon close.
                ':' | ';' | '?' | '!' => ends && before != Some(NARROW) && before.is_some(),
                '»' => before != Some(NARROW),
                '«' => after != Some(NARROW),
                '\'' => true,
                _ => false,
            };
            if wrong {
                found.push(format!("{path}:{number}: `{c}` in {words}"));
            }
        }
    }
    assert!(
        found.is_empty(),
        "a narrow no-break space (U+202F) goes before : ; ? ! and inside « », and the apostrophe \
         is ’: {found:#?}"
    );
}

#[test]
fn nobody_is_shouted_at() {
    for (path, number, words) in all_sentences("en").into_iter().chain(all_sentences("fr")) {
        assert!(!words.contains('!'), "{path}:{number}: no exclamation marks: {words}");
    }
}

/// All sentences of a language, with their files and lines.
fn all_sentences(lang: &str) -> Vec<(String, usize, String)> {
    let of = |path: PathBuf| {
        let all = sentences(&path).into_iter();
        all.map(|(line, words)| (shown(&path), line, words)).collect::<Vec<_>>()
    };
    texts(lang).flat_map(of).collect()
}

/// The words of a Fluent file by line: without comments, keys, placeables and selectors.
fn sentences(path: &Path) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (i, line) in read(path).lines().enumerate() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let words = if line.starts_with(' ') {
            line.split_once(']').filter(|_| is_variant(line)).map_or(line, |(_, words)| words)
        } else {
            line.split_once(" =").map_or("", |(_, words)| words)
        };
        found.push((i + 1, without_placeables(words.trim())));
    }
    found
}

fn is_variant(line: &str) -> bool {
    line.trim_start().trim_start_matches('*').starts_with('[')
}

/// Words with each `{ … }` as one letter, so that what stands beside it still does.
fn without_placeables(words: &str) -> String {
    let mut out = String::new();
    let mut depth = 0_usize;
    for c in words.chars() {
        match c {
            '{' => {
                if depth == 0 {
                    out.push('x');
                }
                depth += 1;
            }
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[test]
fn the_commands_of_the_readme_exist() {
    let text = read(&project().join("README.md"));
    let mut paths = Vec::new();
    for line in text.lines().map(str::trim) {
        let word = line.trim_start_matches("$ ").split(' ').next().unwrap_or_default();
        if word.contains('/') && !word.contains("://") && !word.contains(['`', '[', '<', '|']) {
            paths.push(word.trim_start_matches("./").to_owned());
        }
    }
    assert!(paths.iter().any(|path| path == "tests/run"), "README.md must name tests/run");
    for path in paths {
        assert!(project().join(&path).exists(), "README.md: {path} does not exist");
    }
}

// ---

fn project() -> PathBuf {
    folder::root().parent().map(Path::to_owned).unwrap_or_default()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn shown(path: &Path) -> String {
    path.strip_prefix(project()).unwrap_or(path).display().to_string()
}

/// The lines of a manifest's section.
fn section<'a>(manifest: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    manifest
        .lines()
        .skip_while(move |line| *line != name)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
}

/// The project's files with this ending, or of this name.
fn sources(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&project(), ending, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_dir() {
            if !["target", ".git", "data", "screens"].contains(&name.as_str()) {
                walk(&path, ending, found);
            }
        } else if name == ending || path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
}
