//! `index`, `ask`, `find` and `eval`: their keys, and what they make of bad input.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use crate::program::{Running, run, sample, text, write_entry};
use serde_json::Value;
use std::fs;
use std::path::Path;

const RENEW: &str = "You can renew an item twice";

/// Runs a command that prints one JSON object and nothing else.
fn json(dir: &Path, args: &[&str]) -> Value {
    let output = run(dir, args, b"");
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert_eq!(printed.lines().count(), 1, "{printed}");
    serde_json::from_str(&printed).unwrap()
}

/// The keys of an object, in the order in which they are printed.
fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// An empty library with these files.
fn library(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("faq")).unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

const HOLDS: &[u8] =
    b"{\"id\": \"holds\", \"questions\": [\"How do I reserve a book?\"], \"answer\": \"At a desk.\"}\n";

#[test]
fn the_keys_of_index_are_those_of_the_contract() {
    let library = library(&[("faq/a.jsonl", HOLDS), ("faq/b.jsonl", b"{\"id\": 3}\n")]);
    let printed = json(library.path(), &["index", "--json"]);
    assert_eq!(keys(&printed), ["entries", "facts", "pages", "records", "refused", "took_ms"]);
    assert_eq!(printed["entries"], 1);
    assert_eq!(keys(&printed["refused"][0]), ["file", "position", "reason"]);
    assert_eq!(printed["refused"][0]["file"], "faq/b.jsonl");
    assert_eq!(printed["refused"][0]["position"], "line 1");
}

const ROOMS: &[u8] =
    b"<link rel=canonical href=https://l.example/rooms><meta name=verified content=2026-02-02>\
    <h1>Rooms</h1><p>For groups.<h2 id=cost>Hire charges</h2><p>Ten pounds an hour.";

#[test]
fn a_page_is_counted_and_told_as_one() {
    let library = library(&[("faq/a.jsonl", HOLDS), ("pages/rooms.html", ROOMS)]);
    let printed = json(library.path(), &["index", "--json"]);
    assert_eq!((&printed["entries"], &printed["pages"]), (&1.into(), &1.into()));
    let printed = json(library.path(), &["ask", "--json", "hire charges"]);
    assert_eq!(printed["outcome"], "answer");
    let best = &printed["passages"][0];
    assert_eq!(
        ["kind", "id", "title", "url", "verified"].map(|key| best[key].as_str().unwrap()),
        [
            "page",
            "pages/rooms.html#cost",
            "Hire charges",
            "https://l.example/rooms#cost",
            "2026-02-02"
        ]
    );
}

#[test]
fn the_keys_of_ask_are_those_of_the_contract() {
    let library = sample();
    let printed = json(library.path(), &["ask", "--json", "How", "do", "I", "renew", "a", "book?"]);
    assert_eq!(
        keys(&printed),
        ["confidence", "lang", "outcome", "parts", "passages", "text", "took_us"]
    );
    assert_eq!(printed["outcome"], "answer");
    assert_eq!(printed["lang"], "en");
    assert!(printed["text"].as_str().unwrap().contains(RENEW), "{printed}");
    assert_eq!(keys(&printed["parts"][0]), ["outcome", "question"]);
    let best = &printed["passages"][0];
    assert_eq!(keys(best), ["confidence", "id", "kind", "title", "url", "verified"]);
    assert_eq!((best["kind"].as_str(), best["id"].as_str()), (Some("entry"), Some("renew")));

    let printed = json(library.path(), &["ask", "--json", "when does central open tomorrow?"]);
    let best = &printed["passages"][0];
    assert_eq!((best["kind"].as_str(), best["id"].as_str()), (Some("fact"), Some("hours:central")));
    assert_eq!(best["title"], "Opening hours: Central Library");

    let printed = json(library.path(), &["ask", "--json", "Où puis-je imprimer ?"]);
    assert_eq!(printed["lang"], "fr");
}

#[test]
fn the_keys_of_find_are_those_of_the_contract() {
    let library = sample();
    let printed = json(library.path(), &["find", "--json", "--limit", "1", "dickens"]);
    assert_eq!(keys(&printed), ["hits", "took_us", "total"]);
    let hits = printed["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 1);
    assert!(printed["total"].as_u64().unwrap() >= 1);
    assert_eq!(keys(&hits[0]), ["creator", "date", "id", "language", "score", "title", "url"]);
    assert!(hits[0]["creator"].is_array());
    for words in ["", "   ", "\u{1F980}", "qqqqzzzzxxxx"] {
        let printed = json(library.path(), &["find", "--json", words]);
        assert_eq!((&printed["total"], &printed["hits"]), (&0.into(), &Vec::<Value>::new().into()));
    }
    let output = run(library.path(), &["find", "--limit", "1001", "dickens"], b"");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_keys_of_eval_are_those_of_the_contract() {
    let library = sample();
    let gold = "{\"text\": \"How do I renew a book?\", \"entry\": \"renew\", \"lang\": \"en\"}\n\
                {\"text\": \"who tunes quixotic zeppelins?\", \"entry\": null}\n\
                {\"text\": \"A Tale of Two Cities\", \"records\": [\"gutenberg-98\"]}\n";
    fs::write(library.path().join("gold.jsonl"), gold).unwrap();
    let printed = json(library.path(), &["eval", "--json", "gold.jsonl"]);
    assert_eq!(
        keys(&printed),
        [
            "answered",
            "auroc",
            "choices",
            "coverage_at_p95",
            "escalated",
            "in_scope",
            "mrr",
            "out_of_scope",
            "p50_us",
            "p99_us",
            "questions",
            "recall3",
            "recall5",
            "top1"
        ]
    );
    assert_eq!(keys(&printed["answered"]), ["out_of_scope", "right", "wrong"]);
    assert_eq!(keys(&printed["choices"]), ["out_of_scope", "with_right", "without"]);
    assert_eq!(keys(&printed["escalated"]), ["in_scope", "out_of_scope"]);
    assert_eq!((&printed["in_scope"], &printed["out_of_scope"]), (&2.into(), &1.into()));
    assert_eq!((&printed["top1"], &printed["auroc"]), (&1.0.into(), &1.0.into()));
    assert_eq!(printed["answered"]["right"], 2);
    assert_eq!(printed["escalated"]["out_of_scope"], 1);

    let output = run(library.path(), &["eval", "gold.jsonl", "gold.jsonl"], b"");
    let table = text(&output.stdout);
    assert!(table.contains("gold.jsonl") && table.contains("\nall"), "{table}");
}

#[test]
fn what_cannot_be_scored_is_named_with_its_line() {
    let library = sample();
    let gold = "{\"text\": \"renew\", \"entry\": \"renew\"}\n\
                {\"text\": \"renew\", \"entry\": \"renwe\"}\n\
                {\"text\": \"renew\"\n\
                {\"text\": \"renew\"}\n\
                {\"text\": \"renew\", \"records\": [\"none-such\"]}\n";
    fs::write(library.path().join("gold.jsonl"), gold).unwrap();
    let output = run(library.path(), &["eval", "--json", "gold.jsonl"], b"");
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("gold.jsonl, line 2: the library has no entry `renwe`"), "{said}");
    assert!(said.contains("gold.jsonl, line 3: "), "{said}");
    assert!(said.contains("gold.jsonl, line 4: it says nothing about the right answer"), "{said}");
    assert!(said.contains("gold.jsonl, line 5: the library has no record none-such"), "{said}");
    let printed: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
    assert_eq!(printed["questions"], 1);
    assert_eq!(printed["auroc"], Value::Null);

    let output = run(library.path(), &["eval", "gone.jsonl"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("cannot read gone.jsonl"), "{output:?}");
}

#[test]
fn any_text_is_answered() {
    let library = sample();
    let long = "renew ".repeat(180_000);
    let texts: [&[u8]; 9] = [
        b"",
        long.as_bytes(),
        "\u{1F980}\u{1F4DA}".as_bytes(),
        "\u{202E}renew a book\u{202C}".as_bytes(),
        b"re\0new a\0 book",
        "r\u{200B}enew\u{200D} a book".as_bytes(),
        b"@everyone <b>renew</b> [a](http://x) *book*",
        b"\xFF\xFE\xFF",
        "متى تفتح المكتبة؟".as_bytes(),
    ];
    for asked in texts {
        let output = run(library.path(), &["ask", "--json", "-"], asked);
        assert!(output.status.success(), "{output:?}");
        let printed: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert!(!printed["text"].as_str().unwrap().is_empty(), "{printed}");
    }
    let printed = json(library.path(), &["ask", "--json", ""]);
    assert_eq!(printed["outcome"], "talk");
}

#[test]
fn an_edited_entry_is_told_at_the_next_question() {
    let library = sample();
    let ask = || text(&run(library.path(), &["ask", "How do I renew a book?"], b"").stdout);
    assert!(ask().contains(RENEW));
    write_entry(
        library.path(),
        "---\nid: renew\nlang: en\nquestions:\n  - How do I renew a book?\n---\nBy carrier pigeon.\n",
    );
    let said = ask();
    assert!(said.contains("carrier pigeon"), "{said}");
    assert!(said.contains("not dated"), "{said}");
}

#[test]
fn an_index_that_is_gone_or_damaged_is_built_anew() {
    let library = sample();
    let ask = || run(library.path(), &["ask", "How do I renew a book?"], b"");
    // None yet, then gone.
    for _ in 0..2 {
        let output = ask();
        assert!(text(&output.stdout).contains(RENEW), "{output:?}");
        assert_eq!(text(&output.stderr), "");
        fs::remove_dir_all(library.path().join("data/index")).unwrap();
    }
    assert!(ask().status.success());
    // Damaged in the list of its files, then in a file of its own.
    fs::write(library.path().join("data/index/current.json"), "{\"format\":").unwrap();
    let output = ask();
    assert!(text(&output.stdout).contains(RENEW), "{output:?}");
    assert!(text(&output.stderr).contains("it is built anew from the files"), "{output:?}");
    for file in files_of(&library.path().join("data/index")) {
        if file.extension().is_some_and(|ending| ending != "json") {
            fs::write(&file, b"damaged").unwrap();
        }
    }
    let output = ask();
    assert!(text(&output.stdout).contains(RENEW), "{output:?}");
    assert!(text(&output.stderr).contains("it is built anew from the files"), "{output:?}");
    assert_eq!(text(&ask().stderr), "", "and whole again");
}

fn files_of(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_of(&path) } else { vec![path] }).collect()
}

#[test]
fn what_is_refused_is_named_and_the_rest_goes_in() {
    let packed = gz("{\"id\": \"a\", \"title\": \"Dracula\"}\n");
    let other = gz("{\"id\": \"b\", \"title\": \"Emma\"}\n");
    let library = library(&[
        ("faq/a.jsonl", HOLDS),
        ("faq/b.jsonl", HOLDS),
        ("collections/whole.jsonl.gz", &packed),
        ("collections/cut.jsonl.gz", &other[..other.len() - 6]),
    ]);
    let output = run(library.path(), &["index"], b"");
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    assert!(
        said.starts_with("In the indexes: 1 entry, 2 records, 0 facts, 0 pages; took "),
        "{said}"
    );
    assert!(said.contains("collections/cut.jsonl.gz"), "{said}");
    assert!(
        said.contains("faq/b.jsonl, ") && said.contains("the id `holds` is taken by"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "no colours in a pipe: {said:?}");
    assert_eq!(text(&output.stderr), "", "no progress in a pipe");
}

fn gz(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[test]
fn settings_with_a_mistake_are_told_with_line_and_mend() {
    let library = sample();
    fs::write(library.path().join("pollen.toml"), "name = \"Linden\"\nlangauges = [\"en\"]\n")
        .unwrap();
    for args in [&["index"][..], &["ask", "renew"], &["find", "x"], &["backup", "b.db"]] {
        let output = run(library.path(), args, b"");
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert_eq!(
            text(&output.stderr),
            "pollen: pollen.toml, line 2: unknown key `langauges`; did you mean `languages`?\n"
        );
    }
    let output = run(library.path(), &["ask", "-L", "nowhere", "renew"], b"");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn everything_works_while_another_process_serves() {
    let library = sample();
    let served = Running::serve(library.path());
    write_entry(
        library.path(),
        "---\nid: renew\nlang: en\nquestions:\n  - How do I renew a book?\n---\nBy carrier pigeon.\n",
    );
    for args in
        [&["index"][..], &["index", "--all"], &["ask", "renew a book"], &["find", "dickens"]]
    {
        let output = run(library.path(), args, b"");
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    }
    served.says("are live");
    let answer = crate::program::Patron::connect(library.path()).ask("How do I renew a book?");
    assert!(answer.contains("carrier pigeon"), "{answer}");
}
