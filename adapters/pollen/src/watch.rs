//! Changed files go live: the folder is watched, what changed is indexed, and the driver is handed
//! the new knowledge. A file that is broken is named, and the last good knowledge goes on.

use crate::encoders;
use crate::library::{KNOWLEDGE, Library};
use crate::running::BuildError;
use driver::Handle;
use knowledge::index::{self, Rebuild};
use knowledge::read::Refused;
use knowledge::{Error, Knowledge};
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout, timeout_at};

/// How long the files must be at rest before they are read: an editor writes a file in several
/// steps, and half a file is not to be read.
const REST: Duration = Duration::from_millis(150);

/// How long files that never come to rest are waited for.
const REST_MAX: Duration = Duration::from_millis(600);

/// How often the folder is looked at without being told: on network drives nobody tells.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The file whose change says that another program has built a new index.
const CURRENT: &str = "current.json";

/// The file whose change says that web pages were fetched: they come one after the other, and are
/// not indexed one by one.
const FETCHED: &str = "fetched.json";

/// Knowledge, and the files of the branches that it knows: those stand in no index.
pub(crate) struct Opened {
    pub(crate) knowledge: Arc<Knowledge>,
    branches: Vec<(PathBuf, u64, Option<SystemTime>)>,
}

impl Opened {
    /// Opens the current generation.
    ///
    /// # Errors
    /// Those of [`Knowledge::open`].
    pub(crate) fn open(dir: &Path, data: &Path) -> Result<Opened, Error> {
        // Before the branches are read: what changes meanwhile is seen at the next look.
        let branches = stamps(&dir.join("branches"));
        Ok(Opened { knowledge: Arc::new(Knowledge::open(dir, data)?), branches })
    }
}

/// The files of a folder with their lengths and times; none where it cannot be read.
fn stamps(folder: &Path) -> Vec<(PathBuf, u64, Option<SystemTime>)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut stamps: Vec<_> = entries
        .filter_map(|entry| {
            let meta = entry.metadata().ok()?;
            Some((entry.path(), meta.len(), meta.modified().ok()))
        })
        .collect();
    stamps.sort();
    stamps
}

/// Watches a library until the task is aborted.
pub(crate) async fn run(library: Arc<Library>, handle: Handle, opened: Opened) {
    let heard = Arc::new(Heard::default());
    let mut watched = Watched::new(&library, heard.clone());
    let mut live = Live { library, handle, opened, refused: BTreeSet::new(), failed: None };
    // What changed while the program was not running.
    live.refresh().await;
    loop {
        // A missed change is seen at the next look.
        let told = timeout(LOOK_EVERY, heard.bell.notified()).await.is_ok();
        if told {
            rest(&heard.bell).await;
        }
        watched.renew();
        if heard.settings.swap(false, Ordering::Relaxed) {
            tracing::warn!(
                library = live.library.shown(),
                "pollen.toml has changed; it applies once the program is started anew"
            );
        }
        live.refresh().await;
    }
}

/// Returns once nothing has changed for a while.
async fn rest(bell: &Notify) {
    let latest = Instant::now() + REST_MAX;
    while timeout_at(latest.min(Instant::now() + REST), bell.notified()).await.is_ok()
        && Instant::now() < latest
    {}
}

/// What the watcher's own thread has heard.
#[derive(Default)]
struct Heard {
    bell: Notify,
    settings: AtomicBool,
}

/// The folders that are watched: not the one of the data, where the store writes all the time.
struct Watched {
    dir: PathBuf,
    index: PathBuf,
    fetched: PathBuf,
    watcher: Option<RecommendedWatcher>,
    folders: BTreeSet<PathBuf>,
}

impl Watched {
    fn new(library: &Library, heard: Arc<Heard>) -> Watched {
        let hear = move |event: notify::Result<notify::Event>| match event {
            Ok(event) if changes(&event.kind) => hear(&event.paths, &heard),
            Ok(_) => {}
            // Events may have been missed: everything is looked at.
            Err(_) => heard.bell.notify_one(),
        };
        let watcher = notify::recommended_watcher(hear);
        if let Err(error) = &watcher {
            tracing::warn!("changed files are seen only every {}s: {error}", LOOK_EVERY.as_secs());
        }
        let mut watched = Watched {
            dir: library.dir.clone(),
            index: library.data().join("index"),
            fetched: library.data().join("pages"),
            watcher: watcher.ok(),
            folders: BTreeSet::new(),
        };
        watched.renew();
        watched
    }

    /// Watches folders that have been made since; forgets those that are gone.
    fn renew(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        self.folders.retain(|folder| folder.is_dir());
        let knowledge =
            KNOWLEDGE.iter().map(|name| (self.dir.join(name), RecursiveMode::Recursive));
        let others = [&self.dir, &self.index, &self.fetched]
            .map(|dir| (dir.clone(), RecursiveMode::NonRecursive));
        for (folder, mode) in knowledge.chain(others) {
            if !folder.is_dir() || self.folders.contains(&folder) {
                continue;
            }
            match watcher.watch(&folder, mode) {
                Ok(()) => {
                    self.folders.insert(folder);
                }
                Err(error) => tracing::warn!(
                    "changes in {} are seen only every {}s: {error}",
                    folder.display(),
                    LOOK_EVERY.as_secs()
                ),
            }
        }
    }
}

/// Whether an event changes anything: reading does not, and the index is read by being built.
fn changes(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
        EventKind::Access(_) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

fn hear(paths: &[PathBuf], heard: &Heard) {
    let matters = |path: &PathBuf| {
        let within = |folder| path.parent().is_some_and(|parent| parent.ends_with(folder));
        let is = |file| path.file_name().is_some_and(|name| name == file);
        match (within("data/index"), within("data/pages")) {
            (true, _) => is(CURRENT),
            (_, true) => is(FETCHED),
            _ => !path.ends_with("data"),
        }
    };
    if paths.iter().any(|path| path.file_name().is_some_and(|name| name == "pollen.toml")) {
        heard.settings.store(true, Ordering::Relaxed);
    }
    if paths.iter().any(matters) {
        heard.bell.notify_one();
    }
}

/// The knowledge in use, and what was said about its files.
struct Live {
    library: Arc<Library>,
    handle: Handle,
    opened: Opened,
    /// What has been named as broken.
    refused: BTreeSet<Refused>,
    /// The last failure, so that it is told once.
    failed: Option<String>,
}

/// What looking at the files came to.
struct Looked {
    refused: BTreeSet<Refused>,
    opened: Opened,
}

impl Live {
    /// Indexes what changed, and hands the driver what is new.
    async fn refresh(&mut self) {
        let library = self.library.clone();
        let looked = spawn_blocking(move || look(&library)).await;
        match looked {
            Ok(Ok(looked)) => {
                if self.failed.take().is_some() {
                    tracing::info!(library = self.library.shown(), "the index can be built again");
                }
                self.learn(looked);
            }
            Ok(Err(error)) => self.fail(format!("{:#}", anyhow::Error::from(error))),
            // A bug in a reader costs this look alone.
            Err(error) => self.fail(error.to_string()),
        }
    }

    fn learn(&mut self, looked: Looked) {
        let newly_broken = self.tell(&looked.refused);
        self.refused = looked.refused;
        let Opened { knowledge, branches } = &looked.opened;
        let changed = knowledge.generation() != self.opened.knowledge.generation()
            || *branches != self.opened.branches;
        if !changed {
            return;
        }
        let which = if newly_broken { "all other files" } else { "changed files" };
        let (library, generation) = (self.library.shown(), knowledge.generation());
        tracing::info!(library, generation, "{which} are live");
        self.handle.knowledge(knowledge.clone());
        self.opened = looked.opened;
    }

    /// Names what is broken since the last look, and what is in order again.
    /// Says whether any is broken that was not.
    fn tell(&self, refused: &BTreeSet<Refused>) -> bool {
        let mut newly_broken = false;
        for new in refused.difference(&self.refused) {
            newly_broken = true;
            let place = if new.position.is_empty() { "" } else { ", " };
            tracing::warn!(
                "{}{place}{}: {}; the last good version goes on answering",
                new.file,
                new.position,
                new.reason
            );
        }
        let broken: BTreeSet<&str> = refused.iter().map(|one| one.file.as_str()).collect();
        let was: BTreeSet<&str> = self.refused.iter().map(|one| one.file.as_str()).collect();
        for file in was.difference(&broken) {
            tracing::info!("{file} is in order again");
        }
        newly_broken
    }

    fn fail(&mut self, words: String) {
        if self.failed.as_ref() != Some(&words) {
            tracing::error!("{words}; the last good knowledge goes on answering");
        }
        self.failed = Some(words);
    }
}

fn look(library: &Library) -> Result<Looked, BuildError> {
    let (data, encoding) = (library.data(), encoders::settled(library)?);
    let report = index::build(&library.dir, &data, Rebuild::Changed, &encoding, &|_| {})?;
    let opened = Opened::open(&library.dir, &data)?;
    Ok(Looked { refused: report.refused.into_iter().collect(), opened })
}
