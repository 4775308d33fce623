//! A library that runs: its knowledge, its store, its driver and its networks.

use crate::library::Library;
use crate::lock::Lock;
use crate::progress::Indexing;
use crate::watch::{self, Opened};
use anyhow::Context;
use bot::{Network, Place, PlaceKind};
use contract::Link;
use driver::{Clock, Driver, DriverParts, Ended, Handle, Key};
use knowledge::Error;
use knowledge::index::{self, Rebuild, Report};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::SqliteStore;
use terminal::Terminal;
use tokio::task::{JoinHandle, spawn_blocking};

/// The log's target of the line that says that a library is ready.
pub(crate) const READY: &str = "pollen::ready";

/// A library that runs, until it is stopped.
pub(crate) struct Running {
    /// What the library is called.
    name: String,
    /// Its folder, as people are told it.
    shown: String,
    /// The driver.
    pub(crate) handle: Handle,
    /// The terminal, where it is open.
    pub(crate) terminal: Option<Arc<Terminal>>,
    watch: JoinHandle<()>,
    /// Given back last.
    _lock: Lock,
}

/// How a library is run.
pub(crate) struct Manner {
    /// Whether the terminal is open.
    pub(crate) terminal: bool,
    /// Whether files that changed since the last index are read before the start, or just after.
    pub(crate) fresh: bool,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
}

impl Running {
    /// Starts a library whose folder is locked.
    ///
    /// # Errors
    /// Whatever keeps it from running; nothing has been lost.
    pub(crate) async fn start(
        library: Library,
        lock: Lock,
        manner: Manner,
    ) -> anyhow::Result<Running> {
        let library = Arc::new(library);
        let opened = open_knowledge(library.clone(), manner.fresh).await?;
        let store = SqliteStore::open(&library.store())
            .await
            .with_context(|| format!("cannot open the store {}", library.store().display()))?;
        let key = Key::load_or_make(&library.key())?;
        let terminal = open_terminal(&library, manner.terminal)?;

        let links: Vec<Arc<dyn Link>> =
            terminal.iter().map(|terminal| terminal.clone() as Arc<dyn Link>).collect();
        let networks: BTreeMap<Network, _> =
            links.iter().map(|link| (link.network(), link.capabilities())).collect();
        let settings = library.settings.for_bot(networks, desks(terminal.is_some()));
        let parts = DriverParts {
            store: Arc::new(store),
            core: Arc::new(settings),
            finder: opened.knowledge.clone(),
            links,
            clock: manner.clock,
            key,
        };
        let handle = Driver::start(parts).await.context("cannot start")?;
        let name = library.settings.own_name().to_owned();
        let shown = library.shown();
        let watch = tokio::spawn(watch::run(library, handle.clone(), opened));
        Ok(Running { name, shown, handle, terminal, watch, _lock: lock })
    }

    /// Tells the log that patrons can come.
    pub(crate) fn say_ready(&self) {
        let at = if self.terminal.is_some() { "at the terminal" } else { "on no network" };
        tracing::info!(target: READY, "ready: {} ({}) answers {at}", self.name, self.shown);
    }

    /// How people are told of the library: its name and folder.
    pub(crate) fn told(&self) -> String {
        format!("{} ({})", self.name, self.shown)
    }

    /// Stops it: what is being handled is brought to disk, what waits stays there.
    pub(crate) async fn stop(self) -> Ended {
        self.watch.abort();
        self.handle.stop().await
    }
}

/// The desks that the library's networks have.
fn desks(terminal: bool) -> Vec<Place> {
    let desk = || Place {
        network: Network(terminal::NETWORK.to_owned()),
        id: "desk".to_owned(),
        kind: PlaceKind::Desk,
    };
    if terminal { vec![desk()] } else { Vec::new() }
}

fn open_terminal(library: &Library, open: bool) -> anyhow::Result<Option<Arc<Terminal>>> {
    if !open {
        return Ok(None);
    }
    let terminal = Terminal::open(&library.socket(), &library.settings.terminal.staff)
        .context("cannot open the terminal")?;
    Ok(Some(Arc::new(terminal)))
}

async fn open_knowledge(library: Arc<Library>, fresh: bool) -> anyhow::Result<Opened> {
    let open = move || -> anyhow::Result<Opened> {
        let (dir, data) = (&library.dir, library.data());
        if fresh {
            build(dir, &data, Rebuild::Changed)?;
        }
        match Opened::open(dir, &data) {
            Ok(opened) => return Ok(opened),
            Err(error @ Error::Missing { .. }) => tracing::info!("{error}"),
            Err(error @ (Error::Damaged { .. } | Error::OldFormat { .. })) => {
                tracing::warn!("{error}");
            }
            Err(error @ (Error::Full { .. } | Error::Io { .. } | Error::Write { .. })) => {
                return Err(error.into());
            }
        }
        tracing::info!(library = library.shown(), "the index is built from the files");
        build(dir, &data, Rebuild::All)?;
        Ok(Opened::open(dir, &data)?)
    };
    spawn_blocking(open).await.context("the index could not be opened")?
}

/// Builds the index, with a progress bar where somebody looks.
pub(crate) fn build(dir: &Path, data: &Path, rebuild: Rebuild) -> Result<Report, Error> {
    let progress = Indexing::new();
    index::build(dir, data, rebuild, &|step| progress.show(step))
}
