//! `pollen chat`: a conversation in the terminal.
//!
//! The first on a folder runs the whole program and talks with itself; others, and all while
//! `pollen serve` runs, join the one that runs. If the first leaves while others are connected,
//! it says so and stays until they have left too: nobody is cut off in the middle of a sentence.

use crate::WrongCall;
use crate::args::InLibrary;
use crate::library::Library;
use crate::lock::{Lock, LockError};
use crate::networks::Networks;
use crate::running::{Manner, Page, Running};
use crate::signals::Signals;
use anyhow::Context;
use driver::SystemClock;
use std::io::{IsTerminal as _, Write};
use std::process::ExitCode;
use std::sync::Arc;
use terminal::client::{self, Ended, Options};
use terminal::protocol::{NAME_MAX, Role};

/// What `pollen chat` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
In the conversation, a line that is just the number or the label of a button presses it; /edit TEXT \
changes your last line, /delete takes it back, /quit leaves. Open a second terminal with \
`pollen chat --as staff` for the other side of the desk.\n\
Also from a file or a pipe: echo \"when do you open?\" | pollen chat")]
pub(crate) struct Args {
    #[command(flatten)]
    library: InLibrary,
    /// Who you are: a patron, or staff at the desk
    #[arg(long = "as", value_enum, value_name = "WHO", default_value = "patron")]
    role: As,
    /// Your name; the one you are logged in with if left out
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The place: room-ANYTHING is shared by all who name it; your direct chat if left out
    #[arg(long, value_name = "PLACE")]
    place: Option<String>,
    /// The language of your terminal, en or fr; that of your system if left out
    #[arg(long, value_name = "LANG")]
    lang: Option<String>,
}

/// On which side of the desk somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum As {
    /// Asks
    Patron,
    /// Answers what the program could not
    Staff,
}

impl Args {
    /// A conversation in this folder under the name one is logged in with.
    pub(crate) fn in_folder(folder: std::path::PathBuf, role: As) -> Args {
        Args { library: InLibrary { library: folder }, role, name: None, place: None, lang: None }
    }
}

/// Says what is open.
type Tell = Box<dyn Fn(&Running) -> anyhow::Result<()>>;

/// What is open beside the conversation when it runs the program itself.
pub(crate) struct Beside {
    /// The web page.
    pub(crate) page: Option<Page>,
    /// Says what is open.
    pub(crate) tell: Tell,
    /// Whether to stay without a conversation where nobody types, until asked to stop.
    pub(crate) stays: bool,
}

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    open(args, Beside { page: None, tell: Box::new(|_| Ok(())), stays: false })
}

/// Runs it, with what is open beside it.
pub(crate) fn open(args: Args, beside: Beside) -> anyhow::Result<ExitCode> {
    if let Some(lang) = &args.lang
        && knowledge::Lang::parse(lang).is_none()
    {
        return Err(
            WrongCall(format!("`{lang}` is no language; write --lang en or --lang fr")).into()
        );
    }
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    let done = runtime.block_on(chat(args, beside));
    // The thread that reads what is typed cannot be called off.
    runtime.shutdown_background();
    done
}

async fn chat(args: Args, beside: Beside) -> anyhow::Result<ExitCode> {
    let library = Library::open(&args.library.library)?;
    let data = library.make_data()?;
    let options = options(&args, &library);
    let ended = match Lock::take(&data, &library.shown(), "chat", true) {
        Ok(lock) => alone(library, lock, &options, beside).await?,
        Err(LockError::Held { holder, .. }) if holder.terminal || holder.pid == 0 => {
            client::run(&options).await?
        }
        Err(LockError::Held { holder, folder }) if holder.command == "serve" => anyhow::bail!(
            "the library in {folder} is being run by {holder} without the terminal; set enabled = true under [terminal] in pollen.toml and start it again"
        ),
        Err(error) => return Err(error.into()),
    };
    Ok(match ended {
        Ended::Left => ExitCode::SUCCESS,
        Ended::Unsent(_) | Ended::Refused => ExitCode::FAILURE,
    })
}

/// Runs the program and talks with it.
async fn alone(
    library: Library,
    lock: Lock,
    options: &Options,
    beside: Beside,
) -> anyhow::Result<Ended> {
    let mut signals = Signals::new()?;
    let clock = Arc::new(SystemClock);
    let manner = Manner {
        terminal: true,
        web: beside.page,
        networks: Networks::default(),
        fresh: true,
        clock,
    };
    let running = tokio::select! {
        running = Running::start(library, lock, manner) => running?,
        () = signals.asked() => return Ok(Ended::Left),
    };
    running.say_ready();
    (beside.tell)(&running)?;
    let talks = !beside.stays || std::io::stdin().is_terminal();
    let ended = tokio::select! {
        ended = client::run(options), if talks => ended.context("cannot go on talking"),
        () = signals.asked() => Ok(Ended::Left),
        ended = running.handle.finished() => Err(anyhow::Error::from(ended)),
    };
    if ended.is_ok() {
        wait_for_others(&running, &mut signals).await?;
    }
    running.stop().await;
    ended
}

/// Stays as long as others are connected.
async fn wait_for_others(running: &Running, signals: &mut Signals) -> anyhow::Result<()> {
    let Some(terminal) = &running.terminal else { return Ok(()) };
    let mut clients = terminal.clients();
    // The own connection has just been closed; the server may notice a moment later.
    let own = clients.wait_for(|count| *count == 0);
    if tokio::time::timeout(OWN_LEAVES, own).await.is_ok() {
        return Ok(());
    }
    writeln!(
        std::io::stderr(),
        "Others are still connected. The program stays until they have left; Ctrl-C ends it for \
         all, and nothing is lost."
    )?;
    tokio::select! {
        _ = clients.wait_for(|count| *count == 0) => {}
        () = signals.asked() => {}
    }
    Ok(())
}

/// How long the server may take to notice that the own connection is closed.
const OWN_LEAVES: std::time::Duration = std::time::Duration::from_millis(200);

fn options(args: &Args, library: &Library) -> Options {
    let role = match args.role {
        As::Patron => Role::Patron,
        As::Staff => Role::Staff,
    };
    Options {
        socket: library.socket(),
        name: args.name.clone().unwrap_or_else(login_name),
        place: args.place.clone(),
        role,
        lang: args.lang.clone().or_else(system_language),
    }
}

/// The name that one is logged in with, as far as it can be one here.
fn login_name() -> String {
    let name = std::env::var("USER").or_else(|_| std::env::var("LOGNAME")).unwrap_or_default();
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = name.chars().filter(kept).take(NAME_MAX).collect();
    if name.is_empty() { "guest".to_owned() } else { name }
}

/// The language that the system is set to; `C` and `POSIX` are none.
fn system_language() -> Option<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .filter(|tag| knowledge::Lang::parse(tag.split('.').next().unwrap_or_default()).is_some())
}
