//! `pollen serve`: runs one or several libraries until it is asked to stop.

use crate::encoders;
use crate::library::Library;
use crate::lock::Lock;
use crate::networks::Networks;
use crate::running::{Manner, Page, Running};
use crate::signals::Signals;
use anyhow::Context;
use driver::{Clock, Ended, SystemClock};
use knowledge::index;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::task::JoinSet;

/// What `pollen serve` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Edit a file of the library and the answers change within a second; a broken file is named here with \
its line, and the last good knowledge goes on answering. Only pollen.toml needs a new start.\n\
SIGTERM and Ctrl-C stop it; nothing is lost.")]
pub(crate) struct Args {
    /// A library's folder; give several to run several; the one you stand in if left out
    #[arg(
        short = 'L',
        long = "library",
        value_name = "DIR",
        default_value = ".",
        hide_default_value = true
    )]
    libraries: Vec<PathBuf>,
    /// The control socket of test builds
    #[cfg(feature = "control")]
    #[arg(long, value_name = "PATH", hide = true)]
    control: Option<PathBuf>,
    /// The time at which the clock of --control stands at the start
    #[cfg(feature = "control")]
    #[arg(long, value_name = "TIME", hide = true, default_value = "2026-01-01T00:00:00Z")]
    clock: jiff::Timestamp,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    let done = runtime.block_on(serve(args));
    // A read of the folder that is under way is not waited for.
    runtime.shutdown_background();
    done
}

async fn serve(args: Args) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new()?;
    // All folders are taken before any is started: a wrong call runs nothing.
    let taken: Vec<(Library, Lock)> =
        args.libraries.iter().map(|dir| take(dir)).collect::<anyhow::Result<_>>()?;
    let clock = Clocks::new(&args);
    let mut running = Vec::new();
    for (library, lock) in taken {
        let (shown, terminal) = (library.shown(), library.settings.terminal.enabled);
        let networks = Page::settled(&library)
            .and_then(|web| Ok((web, Networks::settled(&library, clock.runs())?)));
        let (web, networks) = match networks {
            Ok(networks) => networks,
            Err(error) => {
                stop(running).await;
                return Err(error.context(format!("cannot run the library in {shown}")));
            }
        };
        let prepared = tokio::select! {
            prepared = encoders::prepare(&library, &|words| tracing::info!("{words}")) => prepared,
            () = signals.asked() => {
                stop(running).await;
                return Ok(ExitCode::SUCCESS);
            }
        };
        match prepared {
            Ok(()) => {}
            // What was indexed before answers, as it did.
            Err(error) if index::is_built(&library.data()) => {
                tracing::error!("{error:#}; what was indexed before goes on answering");
            }
            Err(error) => {
                stop(running).await;
                return Err(error.context(format!("cannot run the library in {shown}")));
            }
        }
        let manner = Manner { terminal, web, networks, fresh: false, clock: clock.clock() };
        let started = tokio::select! {
            started = Running::start(library, lock, manner) => started,
            () = signals.asked() => {
                stop(running).await;
                return Ok(ExitCode::SUCCESS);
            }
        };
        match started {
            Ok(one) => {
                clock.listen(&one)?;
                one.say_ready();
                running.push(one);
            }
            Err(error) => {
                stop(running).await;
                return Err(error.context(format!("cannot run the library in {shown}")));
            }
        }
    }
    let ended = tokio::select! {
        () = signals.asked() => None,
        ended = first_to_end(&running) => Some(ended),
    };
    tracing::info!("stopping");
    tokio::select! {
        () = stop(running) => {}
        // Whoever asks twice does not want to wait; what was kept is kept.
        () = signals.asked() => {}
    }
    match ended {
        None | Some((_, Ended::Asked)) => Ok(ExitCode::SUCCESS),
        Some((name, ended @ (Ended::Superseded | Ended::Store(_) | Ended::Bug(_)))) => {
            Err(anyhow::Error::from(ended).context(format!("{name} has stopped")))
        }
    }
}

fn take(dir: &Path) -> anyhow::Result<(Library, Lock)> {
    let library = Library::open(dir)?;
    let data = library.make_data()?;
    let terminal = library.settings.terminal.enabled;
    let lock = Lock::take(&data, &library.shown(), "serve", terminal)?;
    Ok((library, lock))
}

/// The first library that ends by itself.
async fn first_to_end(running: &[Running]) -> (String, Ended) {
    let mut all = JoinSet::new();
    for one in running {
        let (name, handle) = (one.told(), one.handle.clone());
        all.spawn(async move { (name, handle.finished().await) });
    }
    match all.join_next().await {
        Some(Ok(first)) => first,
        // The tasks above do nothing that could fail.
        Some(Err(_)) | None => (String::new(), Ended::Bug("the program")),
    }
}

async fn stop(running: Vec<Running>) {
    let mut all = JoinSet::new();
    for one in running {
        all.spawn(one.stop());
    }
    all.join_all().await;
}

/// The system's time, or that of a test.
struct Clocks {
    #[cfg(feature = "control")]
    control: Option<(PathBuf, driver::SetClock)>,
}

#[cfg(not(feature = "control"))]
impl Clocks {
    fn new(_args: &Args) -> Clocks {
        Clocks {}
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    /// Whether the time passes by itself.
    fn runs(&self) -> bool {
        true
    }

    #[expect(clippy::unnecessary_wraps, reason = "listening can fail in test builds")]
    fn listen(&self, _running: &Running) -> anyhow::Result<()> {
        Ok(())
    }
}

#[cfg(feature = "control")]
impl Clocks {
    fn new(args: &Args) -> Clocks {
        let control = args.control.clone();
        Clocks { control: control.map(|path| (path, driver::SetClock::new(args.clock))) }
    }

    fn clock(&self) -> Arc<dyn Clock> {
        match &self.control {
            Some((_, clock)) => Arc::new(clock.clone()),
            None => Arc::new(SystemClock),
        }
    }

    /// Whether the time passes by itself.
    fn runs(&self) -> bool {
        self.control.is_none()
    }

    fn listen(&self, running: &Running) -> anyhow::Result<()> {
        if let Some((path, clock)) = &self.control {
            driver::control::listen(path, running.handle.clone(), clock.clone())
                .with_context(|| format!("cannot listen at {}", path.display()))?;
        }
        Ok(())
    }
}
