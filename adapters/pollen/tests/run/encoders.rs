//! Encoders that the settings name: of the hub, and of folders as the hub has them.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use crate::program::{Patron, Running, run, sample, text};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const MODEL: &str = "linden/tiny-e5";
const LIST: &str = "/api/models/linden/tiny-e5/revision/main?blobs=true";
const QUESTION: &str = "How do I renew a book?";

/// The tiny encoders of the encoder's own tests, as the hub has them.
fn tiny(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../knowledge/encoder/tests/tiny")
        .join(name)
        .canonicalize()
        .unwrap()
}

const FILES: [&str; 5] =
    ["config.json", "tokenizer.json", "modules.json", "1_Pooling/config.json", "model.safetensors"];

/// A hub on this machine.
struct Hub {
    address: SocketAddr,
    says: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Hub {
    /// One that has a model of these files.
    fn open(files: &[(&str, Vec<u8>)]) -> Hub {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let hub = Hub { address, says: Arc::default(), asked: Arc::default() };
        let siblings: Vec<Value> = files
            .iter()
            .map(|(name, bytes)| {
                let mut file = json!({ "rfilename": name, "size": bytes.len() });
                if *name == "model.safetensors" {
                    let sha256: String =
                        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                    file["lfs"] = json!({ "sha256": sha256, "size": bytes.len() });
                }
                file
            })
            .collect();
        hub.put(LIST, json!({ "sha": COMMIT, "siblings": siblings }).to_string().into_bytes());
        for (name, bytes) in files {
            hub.put(&at(name), bytes.clone());
        }
        let (says, asked) = (hub.says.clone(), hub.asked.clone());
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let first = lines.next().and_then(Result::ok).unwrap_or_default();
                let _head = lines.map_while(Result::ok).find(|line| line.is_empty());
                let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                let body = says.lock().unwrap().get(&path).cloned();
                let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
                let body = body.unwrap_or_default();
                let head = format!(
                    "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                asked.lock().unwrap().push(path);
                let _ = stream.write_all(&[head.as_bytes(), &body].concat());
            }
        });
        hub
    }

    /// One that has one of the tiny encoders.
    fn of(name: &str) -> Hub {
        Hub::open(&files(name))
    }

    fn put(&self, path: &str, body: Vec<u8>) {
        self.says.lock().unwrap().insert(path.to_owned(), body);
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn settle(&self, library: &Path, encoder: &str) {
        settle(library, &format!("encoder = \"{encoder}\"\nserver = \"{}\"", self.address));
    }
}

fn at(name: &str) -> String {
    format!("/{MODEL}/resolve/{COMMIT}/{name}")
}

fn files(name: &str) -> Vec<(&'static str, Vec<u8>)> {
    let read = |file: &&'static str| Some((*file, fs::read(tiny(name).join(file)).ok()?));
    FILES.iter().filter_map(read).collect()
}

/// Writes lines about the encoder into a library's settings.
fn settle(library: &Path, lines: &str) {
    let path = library.join("pollen.toml");
    let settings = fs::read_to_string(&path).unwrap();
    let usual = "# encoder = \"none\"\n";
    assert!(settings.contains(usual));
    fs::write(path, settings.replace(usual, &format!("{lines}\n"))).unwrap();
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "lock").collect();
    names.sort();
    names
}

/// The doctor's line about the encoder.
fn doctor(library: &Path) -> String {
    let words = text(&run(library, &["doctor"], b"").stdout);
    words.lines().find(|line| line.contains("encoder  ")).unwrap_or_default().to_owned()
}

#[test]
fn a_model_of_the_hub_is_fetched_once_checked_and_used() {
    let (library, hub) = (sample(), Hub::of("unigram"));
    let dir = library.path();
    hub.settle(dir, "hub:linden/tiny-e5");
    // What looks and ends fetches nothing.
    let first = "the encoder linden/tiny-e5 is not here yet; run `pollen index`, which fetches it";
    let output = run(dir, &["ask", QUESTION], b"");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), format!("pollen: {first}\n"));
    let said = doctor(dir);
    assert!(said.starts_with("WRONG") && said.contains(first), "{said}");
    assert!(hub.asked().is_empty());

    let output = run(dir, &["index", "--json"], b"");
    assert!(output.status.success(), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["refused"].as_array().map(Vec::len), Some(0), "{printed}");
    let said = text(&output.stderr);
    assert!(said.contains("the encoder linden/tiny-e5 is being fetched, 0 MB\n"), "{said}");
    assert!(said.ends_with(&format!("is ready, at its commit {COMMIT}\n")), "{said}");
    assert!(!said.contains('\u{1b}'), "no progress in a pipe: {said:?}");
    // The weights come last, when all else is known to be in order.
    let asked = hub.asked();
    assert_eq!(asked.first().map(String::as_str), Some(LIST));
    assert_eq!(asked.last(), Some(&at("model.safetensors")));
    let folder = dir.join("data/encoders");
    let name = format!("linden--tiny-e5@{COMMIT}");
    assert_eq!(entries(&folder), [name.as_str()]);
    assert_eq!(entries(&folder.join(&name)), ["encoder.safetensors", "model.toml"]);
    let about = fs::read_to_string(folder.join(&name).join("model.toml")).unwrap();
    assert!(about.contains("question = \"query: \"") && about.contains(COMMIT), "{about}");

    // Later nothing is asked.
    let output = run(dir, &["index"], b"");
    assert_eq!(text(&output.stderr), "");
    let output = run(dir, &["ask", QUESTION], b"");
    assert!(output.status.success() && text(&output.stderr).is_empty(), "{output:?}");
    let said = doctor(dir);
    assert!(said.starts_with("ok") && said.contains(&name), "{said}");
    assert!(hub.asked().is_empty());

    // Another revision of the same commit needs no more than its name.
    let settings = fs::read_to_string(dir.join("pollen.toml")).unwrap();
    fs::write(dir.join("pollen.toml"), settings.replace("tiny-e5\"", "tiny-e5@v1\"")).unwrap();
    assert!(doctor(dir).contains("linden/tiny-e5@v1 is not here yet"));
    let of_v1 = LIST.replace("main", "v1");
    let list = hub.says.lock().unwrap()[LIST].clone();
    hub.put(&of_v1, list);
    assert!(run(dir, &["index"], b"").status.success());
    assert_eq!(hub.asked(), [of_v1]);
    assert!(doctor(dir).starts_with("ok"));
    assert_eq!(text(&run(dir, &["index"], b"").stderr), "");

    // One that has been damaged is fetched again.
    let file = folder.join(&name).join("encoder.safetensors");
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    assert!(doctor(dir).contains("is damaged"));
    let output = run(dir, &["index"], b"");
    assert!(output.status.success(), "{output:?}");
    assert!(text(&output.stderr).contains("it is made anew"), "{output:?}");
    assert!(doctor(dir).starts_with("ok"));
    assert_eq!(fs::read(&file).unwrap(), bytes);
}

#[test]
fn what_cannot_be_had_is_told_with_its_mends_and_what_was_there_goes_on() {
    let library = sample();
    let dir = library.path();
    assert!(run(dir, &["index"], b"").status.success());
    let mut wrong = files("wordpiece");
    let pooling = json!({ "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false });
    wrong[3].1 = pooling.to_string().into_bytes();
    let hub = Hub::open(&wrong);
    hub.settle(dir, "hub:linden/tiny-e5");
    let said = |dir: &Path| {
        let output = run(dir, &["index"], b"");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(text(&output.stdout), "");
        text(&output.stderr)
    };
    let error = said(dir);
    assert!(
        error.contains("1_Pooling/config.json cannot be used: its vector is the first piece's")
    );
    assert!(error.contains("name another encoder"), "{error}");
    assert!(!hub.asked().contains(&at("model.safetensors")), "it is known before they are fetched");
    assert_eq!(entries(&dir.join("data/encoders")), [""; 0]);

    // Its weights are not those that it lists.
    hub.put(&at("1_Pooling/config.json"), files("wordpiece")[3].1.clone());
    let mut bytes = files("wordpiece")[4].1.clone();
    *bytes.last_mut().unwrap() ^= 1;
    let list = json!({ "sha": COMMIT, "siblings": files("wordpiece").iter().map(|(name, bytes)| {
        let mut file = json!({ "rfilename": name, "size": bytes.len() });
        if *name == "model.safetensors" {
            file["lfs"] = json!({ "sha256": "0".repeat(64), "size": bytes.len() });
        }
        file
    }).collect::<Vec<_>>() });
    hub.put(LIST, list.to_string().into_bytes());
    hub.put(&at("model.safetensors"), bytes);
    let error = said(dir);
    assert!(error.contains("model.safetensors is not what the hub says that it is"), "{error}");
    assert!(error.contains("; try again, or take `encoder` out of pollen.toml"), "{error}");

    // It has none.
    let list = json!({ "sha": COMMIT, "siblings": [{ "rfilename": "pytorch_model.bin" }] });
    hub.put(LIST, list.to_string().into_bytes());
    let error = said(dir);
    assert!(error.contains("it has no config.json among its 1 file"), "{error}");

    // Nobody knows it.
    hub.says.lock().unwrap().clear();
    let error = said(dir);
    assert!(error.contains("the hub has no linden/tiny-e5 for everybody"), "{error}");
    assert!(error.contains("see whether https://huggingface.co/linden/tiny-e5 is what you mean"));

    // Nobody is there.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let path = dir.join("pollen.toml");
    let settings = fs::read_to_string(&path).unwrap();
    fs::write(&path, settings.replace(&hub.address.to_string(), &nobody.to_string())).unwrap();
    let error = said(dir);
    assert!(error.contains(&format!("http://{nobody}/api/models/linden/tiny-e5")), "{error}");
    assert!(
        error.contains("try again later, take `encoder` out of pollen.toml, or copy the folder")
    );
    let output = run(dir, &["ask", QUESTION], b"");
    assert!(output.status.success(), "{output:?}");
    assert!(text(&output.stderr).contains("what was indexed before answers"), "{output:?}");
    let served = Running::start(dir, &["serve"]);
    served.says("what was indexed before goes on answering");
    served.says("ready: ");
    assert!(!Patron::connect(dir).ask(QUESTION).is_empty());

    // Without an index there is nothing to go on with.
    drop(served);
    fs::remove_dir_all(dir.join("data/index")).unwrap();
    let output = run(dir, &["serve"], b"");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output.stderr).contains("try again later"), "{output:?}");
}

#[test]
fn a_served_library_fetches_its_encoder_before_it_answers() {
    let (library, hub) = (sample(), Hub::of("wordpiece"));
    hub.settle(library.path(), "hub:linden/tiny-e5");
    let served = Running::start(library.path(), &["serve"]);
    served.says(&format!("the encoder linden/tiny-e5 is ready, at its commit {COMMIT}"));
    served.says("ready: ");
    assert!(!Patron::connect(library.path()).ask(QUESTION).is_empty());
}

#[test]
fn a_folder_as_the_hub_has_it_is_made_ready_once_and_again_when_it_changes() {
    let library = sample();
    let dir = library.path();
    let folder = dir.join("models/tiny");
    for (name, bytes) in files("wordpiece") {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    settle(dir, "encoder = \"models/tiny\"");
    let said = doctor(dir);
    assert!(said.contains("models/tiny is not ready yet; run `pollen index`"), "{said}");
    let output = run(dir, &["index"], b"");
    assert!(output.status.success(), "{output:?}");
    assert!(text(&output.stderr).contains("models/tiny is being made ready"), "{output:?}");
    let made = entries(&dir.join("data/encoders"));
    assert!(made.len() == 1 && made[0].starts_with("tiny@"), "{made:?}");
    assert!(folder.join("model.safetensors").exists(), "it is not ours to remove");
    assert_eq!(text(&run(dir, &["index"], b"").stderr), "");
    assert!(run(dir, &["ask", QUESTION], b"").status.success());
    assert!(doctor(dir).starts_with("ok"));

    let config = fs::read_to_string(folder.join("config.json")).unwrap();
    fs::write(folder.join("config.json"), format!("{config}\n")).unwrap();
    assert!(doctor(dir).contains("is not ready yet"));
    assert!(run(dir, &["index"], b"").status.success());
    let again = entries(&dir.join("data/encoders"));
    assert!(again.len() == 1 && again != made, "{again:?}");

    fs::write(folder.join("config.json"), "{\"model_type\": \"t5\"}").unwrap();
    let output = run(dir, &["index"], b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("models/tiny/config.json cannot be used"), "{output:?}");
}
