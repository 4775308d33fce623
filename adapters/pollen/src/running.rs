//! A library that runs: its knowledge, its store, its driver and its networks.

use crate::encoders::{self, Absent};
use crate::library::Library;
use crate::lock::Lock;
use crate::networks::Networks;
use crate::pages;
use crate::password;
use crate::progress::Indexing;
use crate::watch::{self, Opened};
use anyhow::Context;
use bot::{Network, Place, PlaceKind};
use contract::{Link, Store};
use driver::{Clock, Driver, DriverParts, Ended, Handle, Key};
use knowledge::index::{self, Progress, Rebuild, Report};
use knowledge::{Encoding, Error};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use store::SqliteStore;
use terminal::Terminal;
use tokio::task::{JoinHandle, spawn_blocking};
use web::Web;

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
    /// The web page, where it is open.
    pub(crate) web: Option<Arc<Web>>,
    /// The chat networks that it answers on, as people say it: "on Telegram".
    networks: Vec<&'static str>,
    watch: JoinHandle<()>,
    pages: JoinHandle<()>,
    /// Given back last.
    _lock: Lock,
}

/// How a library is run.
pub(crate) struct Manner {
    /// Whether the terminal is open.
    pub(crate) terminal: bool,
    /// The web page, if it is to be open.
    pub(crate) web: Option<Page>,
    /// The chat networks.
    pub(crate) networks: Networks,
    /// Whether files that changed since the last index are read before the start, or just after.
    pub(crate) fresh: bool,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
}

/// A web page that is to be opened.
pub(crate) struct Page {
    /// Where it listens; at any port of that address, if that one is taken and this says so.
    pub(crate) listen: SocketAddr,
    /// Whether any other port will do.
    pub(crate) any_port: bool,
    /// The desk's password, as its hash.
    pub(crate) desk_password: Option<String>,
}

impl Page {
    /// The page that a library's settings ask for.
    ///
    /// # Errors
    /// If the desk's password cannot be read.
    pub(crate) fn settled(library: &Library) -> anyhow::Result<Option<Page>> {
        if !library.settings.web.enabled {
            return Ok(None);
        }
        let desk_password = password::read(&library.desk_password())?;
        Ok(Some(Page { listen: library.settings.web.listen, any_port: false, desk_password }))
    }
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
        raise_open_files();
        pages::make_or_forget(&library)?;
        let library = Arc::new(library);
        let opened = open_knowledge(library.clone(), manner.fresh).await?;
        let store = SqliteStore::open(&library.store())
            .await
            .with_context(|| format!("cannot open the store {}", library.store().display()))?;
        let key = Key::load_or_make(&library.key())?;
        let store: Arc<dyn Store> = Arc::new(store);
        let terminal = open_terminal(&library, manner.terminal)?;
        let networks = manner.networks.open(&store, &key)?;
        let routes = networks.iter().filter_map(|network| network.routes.clone());
        let routes = routes.fold(web::Router::new(), web::Router::merge);
        let open = |page| open_web(&library, page, routes, store.clone(), &key);
        let web = manner.web.map(open).transpose()?;

        let mut links: Vec<Arc<dyn Link>> = Vec::new();
        links.extend(terminal.iter().map(|terminal| terminal.clone() as Arc<dyn Link>));
        links.extend(web.iter().map(|web| web.clone() as Arc<dyn Link>));
        let mut desks = desks(&links);
        links.extend(networks.iter().map(|network| network.link.clone()));
        desks.extend(networks.iter().filter_map(|network| network.desk.clone()));
        let capabilities: BTreeMap<Network, _> =
            links.iter().map(|link| (link.network(), link.capabilities())).collect();
        let settings = library.settings.for_bot(capabilities, desks);
        let parts = DriverParts {
            store,
            core: Arc::new(settings),
            finder: opened.knowledge.clone(),
            links,
            clock: manner.clock,
            key,
        };
        let handle = Driver::start(parts).await.context("cannot start")?;
        let name = library.settings.own_name().to_owned();
        let shown = library.shown();
        let pages = tokio::spawn(pages::run(library.clone()));
        let watch = tokio::spawn(watch::run(library, handle.clone(), opened));
        let networks = networks.iter().map(|network| network.name).collect();
        Ok(Running { name, shown, handle, terminal, web, networks, watch, pages, _lock: lock })
    }

    /// Tells the log that patrons can come.
    pub(crate) fn say_ready(&self) {
        let mut places = Vec::new();
        places.extend(self.terminal.as_ref().map(|_| "at the terminal".to_owned()));
        places.extend(self.networks.iter().map(|&network| network.to_owned()));
        places.extend(self.web.as_ref().map(|web| format!("at {}", web.address())));
        let at = if places.is_empty() { "on no network".to_owned() } else { places.join(" and ") };
        tracing::info!(target: READY, "ready: {} ({}) answers {at}", self.name, self.shown);
    }

    /// How people are told of the library: its name and folder.
    pub(crate) fn told(&self) -> String {
        format!("{} ({})", self.name, self.shown)
    }

    /// Stops it: what is being handled is brought to disk, what waits stays there.
    pub(crate) async fn stop(self) -> Ended {
        self.watch.abort();
        self.pages.abort();
        self.handle.stop().await
    }
}

/// Lets the program hold as many files and connections as the system allows: a page that listens
/// holds one, and the usual thousand is few.
fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!("the bound of open files stays as it is: {error}");
    }
}

/// The desks of the networks that have one each.
fn desks(links: &[Arc<dyn Link>]) -> Vec<Place> {
    let desk = |link: &Arc<dyn Link>| Place {
        network: link.network(),
        id: "desk".to_owned(),
        kind: PlaceKind::Desk,
    };
    links.iter().map(desk).collect()
}

fn open_web(
    library: &Library,
    page: Page,
    beside: web::Router,
    store: Arc<dyn Store>,
    key: &Key,
) -> anyhow::Result<Arc<Web>> {
    let key = key.of_link(&Network(web::NETWORK.to_owned()));
    let mut settings = library.settings.for_web(page.listen, page.desk_password);
    let opened = match Web::open(settings.clone(), beside.clone(), store.clone(), &key) {
        Err(web::OpenError::Taken(_)) if page.any_port => {
            settings.listen.set_port(0);
            Web::open(settings, beside, store, &key)
        }
        opened => opened,
    };
    Ok(Arc::new(opened.context("cannot open the web page")?))
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
            match build(&library, Rebuild::Changed) {
                Ok(_) => {}
                Err(BuildError::Absent(absent)) if index::is_built(&data) => {
                    tracing::warn!("{absent}; what was indexed before answers");
                }
                Err(error) => return Err(error.into()),
            }
        }
        match Opened::open(dir, &data) {
            Ok(opened) => return Ok(opened),
            Err(error @ Error::Missing { .. }) => tracing::info!("{error}"),
            Err(error @ (Error::Damaged { .. } | Error::OldFormat { .. })) => {
                tracing::warn!("{error}");
            }
            Err(
                error @ (Error::Full { .. }
                | Error::Io { .. }
                | Error::Write { .. }
                | Error::Encoder(_)),
            ) => {
                return Err(error.into());
            }
        }
        tracing::info!(library = library.shown(), "the index is built from the files");
        build(&library, Rebuild::All)?;
        Ok(Opened::open(dir, &data)?)
    };
    spawn_blocking(open).await.context("the index could not be opened")?
}

/// What the texts of the sample library mean: whoever tries the program out does not wait for it.
static SAMPLE_MEANINGS: &[u8] = include_bytes!("../sample-meanings.bin");

/// Builds the index, with a progress bar where somebody looks.
pub(crate) fn build(library: &Library, rebuild: Rebuild) -> Result<Report, BuildError> {
    let progress = Indexing::new();
    let (data, encoding) = (library.data(), encoders::settled(library)?);
    if encoding == Encoding::Shipped && !index::is_built(&data) {
        index::leave_meanings(&data, SAMPLE_MEANINGS)?;
    }
    let show = |step: Progress<'_>| progress.show(step);
    Ok(index::build(&library.dir, &data, rebuild, &encoding, &show)?)
}

/// Why the index of a library could not be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// Its encoder is still to be made ready.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// The index itself.
    #[error(transparent)]
    Index(#[from] Error),
}
