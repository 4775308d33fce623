//! Files of a model, from a hub on this machine.

use crate::site::{Says, Site};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use sources::{Hub, HubError, Model};
use std::path::Path;
use std::sync::Mutex;
use tempfile::TempDir;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const LIST: &str = "/api/models/linden/tiny/revision/main?blobs=true";
const CONFIG: &[u8] = b"{\"model_type\": \"bert\"}";
const NAMES: [&str; 3] = ["config.json", "1_Pooling/config.json", "model.safetensors"];

/// Where a file stands.
fn at(file: &str) -> String {
    format!("/linden/tiny/resolve/{COMMIT}/{file}")
}

fn weights() -> Vec<u8> {
    (0..300_000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hub that has a model, and a folder to fetch it into.
struct Stage {
    site: Site,
    into: TempDir,
}

impl Stage {
    async fn open() -> Stage {
        let site = Site::open().await;
        let blob = Sha1::new_with_prefix(format!("blob {}\0", CONFIG.len())).chain_update(CONFIG);
        let (blob, weights) = (hex(&blob.finalize()), weights());
        let sha256 = hex(&Sha256::digest(&weights));
        let size = weights.len();
        let list = format!(
            "{{\"sha\": \"{COMMIT}\", \"siblings\": [\
             {{\"rfilename\": \"config.json\", \"size\": {0}, \"blobId\": \"{blob}\"}},\
             {{\"rfilename\": \"1_Pooling/config.json\", \"size\": {0}, \"blobId\": \"{blob}\"}},\
             {{\"rfilename\": \"pytorch_model.bin\", \"size\": 9, \"blobId\": \"x\"}},\
             {{\"rfilename\": \"model.safetensors\", \"size\": {size}, \"blobId\": \"x\",\
               \"lfs\": {{\"sha256\": \"{sha256}\", \"size\": {size}, \"pointerSize\": 134}}}}]}}",
            CONFIG.len()
        );
        site.put(LIST, Says::new(200, "application/json", list));
        site.put(&at("config.json"), Says::bytes(CONFIG));
        site.put(&at("1_Pooling/config.json"), Says::bytes(CONFIG));
        // Large files are handed on to another address.
        site.put(&at("model.safetensors"), Says::to(&site.at("/cdn?signature=secret")));
        site.put("/cdn?signature=secret", Says::bytes(weights));
        Stage { site, into: tempfile::tempdir().unwrap() }
    }

    async fn fetch(&self) -> Result<(), HubError> {
        let hub = Hub::new(Some(self.site.address)).unwrap();
        let listed = hub.look_up(&Model::parse("linden/tiny").unwrap()).await?;
        assert_eq!(listed.commit(), COMMIT);
        assert_eq!(listed.size("model.safetensors"), Some(300_000));
        hub.fetch(&listed, &NAMES, self.into.path(), &|_| {}).await
    }

    async fn said(&self) -> String {
        self.fetch().await.unwrap_err().to_string()
    }

    fn has_all(&self) -> bool {
        let read = |name: &str| std::fs::read(self.into.path().join(name)).unwrap_or_default();
        read("config.json") == CONFIG
            && read("1_Pooling/config.json") == CONFIG
            && read("model.safetensors") == weights()
            && !self.part().exists()
    }

    fn part(&self) -> std::path::PathBuf {
        self.into.path().join("model.safetensors.part")
    }

    /// The ranges that were asked for.
    fn ranges(&self) -> Vec<String> {
        let asked = self.site.requests();
        asked.iter().filter_map(|asked| asked.headers.get("range").cloned()).collect()
    }
}

#[tokio::test]
async fn a_model_is_fetched_once_and_checked() {
    let stage = Stage::open().await;
    let hub = Hub::new(Some(stage.site.address)).unwrap();
    let listed = hub.look_up(&Model::parse("linden/tiny").unwrap()).await.unwrap();
    let told = Mutex::new((0, 0));
    let progress = |step: sources::Fetching<'_>| {
        let mut told = told.lock().unwrap();
        assert!(step.file != "model.safetensors" || step.done > told.0);
        *told = (step.done, step.of);
    };
    hub.fetch(&listed, &NAMES, stage.into.path(), &progress).await.unwrap();
    assert!(stage.has_all());
    assert_eq!(*told.lock().unwrap(), (300_000, 300_000));
    let asked = stage.site.requests();
    let agent = &asked[0].headers["user-agent"];
    assert!(agent.starts_with("pollen/"), "{agent}");
    // What lies there is not asked for again, unless somebody has changed it.
    stage.fetch().await.unwrap();
    assert_eq!(stage.site.asked(), [LIST]);
    std::fs::write(stage.into.path().join("config.json"), "{}").unwrap();
    stage.fetch().await.unwrap();
    assert!(stage.has_all());
    assert_eq!(stage.site.asked(), [LIST.to_owned(), at("config.json")]);
}

#[tokio::test]
async fn what_breaks_off_is_gone_on_with() {
    let stage = Stage::open().await;
    // At once, as long as something comes ...
    stage.site.put("/cdn?signature=secret", Says::bytes(weights()).cut(80_000));
    stage.fetch().await.unwrap();
    assert!(stage.has_all());
    assert_eq!(stage.ranges().last().map(String::as_str), Some("bytes=240000-"));
    // ... and by the next who tries.
    std::fs::remove_file(stage.into.path().join("model.safetensors")).unwrap();
    std::fs::write(stage.part(), &weights()[..1_000]).unwrap();
    stage.site.put("/cdn?signature=secret", Says::bytes(weights()).cut(0));
    let said = stage.said().await;
    assert!(said.contains("model.safetensors was not read: "), "{said}");
    assert!(!said.contains("secret"), "{said}");
    assert_eq!(std::fs::read(stage.part()).unwrap(), weights()[..1_000]);
    stage.ranges();
    stage.site.put("/cdn?signature=secret", Says::bytes(weights()));
    stage.fetch().await.unwrap();
    assert!(stage.has_all());
    assert!(stage.ranges().contains(&"bytes=1000-".to_owned()));
}

#[tokio::test]
async fn who_knows_no_ranges_sends_it_from_its_beginning() {
    let stage = Stage::open().await;
    stage.site.put("/cdn?signature=secret", Says::new(200, "application/x", weights()));
    std::fs::write(stage.part(), "something else").unwrap();
    stage.fetch().await.unwrap();
    assert!(stage.has_all());
    // And what is longer than it should be is begun anew.
    std::fs::remove_file(stage.into.path().join("model.safetensors")).unwrap();
    std::fs::write(stage.part(), [weights(), vec![0]].concat()).unwrap();
    stage.fetch().await.unwrap();
    assert!(stage.has_all());
}

#[tokio::test]
async fn what_is_not_what_the_hub_says_is_thrown_away() {
    let stage = Stage::open().await;
    let mut other = weights();
    other[17] ^= 1;
    stage.site.put("/cdn?signature=secret", Says::bytes(other));
    let said = stage.said().await;
    assert!(said.contains("model.safetensors is not what the hub says that it is"), "{said}");
    assert!(said.contains("its sha256 is"), "{said}");
    assert!(!stage.part().exists() && !stage.into.path().join("model.safetensors").exists());
    stage.site.put("/cdn?signature=secret", Says::bytes([weights(), vec![0]].concat()));
    let said = stage.said().await;
    assert!(said.contains("goes on after the 300000 bytes"), "{said}");
    stage.site.put(&at("config.json"), Says::bytes("{\"model_type\": \"BERT\"}"));
    std::fs::remove_file(stage.into.path().join("config.json")).unwrap();
    let said = stage.said().await;
    assert!(said.contains("git's name for it is"), "{said}");
}

#[tokio::test]
async fn a_name_that_the_hub_does_not_know_is_told() {
    let stage = Stage::open().await;
    for status in [401, 404] {
        stage.site.put(LIST, Says::nothing(status));
        let error = stage.fetch().await.unwrap_err();
        assert!(matches!(error, HubError::Unknown { .. }), "{error}");
        let said = error.to_string();
        assert!(said.starts_with("the hub has no linden/tiny for everybody"), "{said}");
    }
    stage.site.put(LIST, Says::nothing(503));
    assert!(matches!(stage.fetch().await, Err(HubError::Unreachable { .. })));
    for answer in
        ["[]", "{\"sha\": \"main\"}", "{\"sha\": \"../../../../../../../../../../../../../x\"}"]
    {
        stage.site.put(LIST, Says::new(200, "application/json", answer));
        assert!(matches!(stage.fetch().await, Err(HubError::Refused { .. })), "{answer}");
    }
}

#[tokio::test]
async fn nothing_but_public_hosts_over_https_is_asked() {
    let stage = Stage::open().await;
    let other = Site::open().await;
    for (to, said) in [
        (other.at("/x"), "it leads to 127.0.0.1: 127.0.0.1 is an address of this machine"),
        ("https://10.0.0.1/x".to_owned(), "10.0.0.1 is an address of a private network"),
        ("https://localhost/x".to_owned(), "localhost is an address of this machine"),
        ("https://169.254.169.254/latest".to_owned(), "secrets"),
        ("http://example.org/x".to_owned(), "example.org is asked in the open"),
        ("https://example.org:8443/x".to_owned(), "the usual port alone, and not at 8443"),
        ("ftp://example.org/x".to_owned(), "only http:// and https:// addresses are asked"),
        ("https://me:pw@example.org/x".to_owned(), "it carries a name or a password"),
    ] {
        stage.site.put(&at("model.safetensors"), Says::to(&to));
        let error = stage.fetch().await.unwrap_err();
        assert!(matches!(error, HubError::Refused { .. }), "{to}: {error}");
        assert!(error.to_string().contains(said), "{to}: {error}");
    }
    assert!(other.requests().is_empty());
    stage.site.put(&at("model.safetensors"), Says::to(&at("model.safetensors")));
    assert!(stage.said().await.contains("it leads on more than 5 times"));
}

#[tokio::test]
async fn a_disk_that_takes_nothing_is_told_with_what_is_needed() {
    let stage = Stage::open().await;
    let nowhere = stage.into.path().join("file");
    std::fs::write(&nowhere, "").unwrap();
    let hub = Hub::new(Some(stage.site.address)).unwrap();
    let listed = hub.look_up(&Model::parse("linden/tiny").unwrap()).await.unwrap();
    let into: &Path = &nowhere.join("folder");
    let error = hub.fetch(&listed, &["model.safetensors"], into, &|_| {}).await.unwrap_err();
    assert!(matches!(error, HubError::Io { .. }), "{error}");
    assert!(error.to_string().contains("0 MB are needed there in all"), "{error}");
}
