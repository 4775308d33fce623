//! `pollen demo`: the sample library, to talk with at once, in a browser and in the terminal.

use crate::WrongCall;
use crate::commands::{chat, init};
use crate::password;
use crate::running::{Page, Running};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

/// What `pollen demo` is called with.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Ask when the library is open, how to renew a book, whether it has Middlemarch. Ask what it cannot know, and \
answer it yourself: at the desk in a second tab, or from a second terminal with `pollen demo --as staff`.")]
pub(crate) struct Args {
    /// On which side of the desk you sit in this terminal
    #[arg(long = "as", value_enum, value_name = "WHO", default_value = "patron")]
    role: chat::As,
    /// Where the sample library is kept; made at the first call, in your own data folder if left
    /// out
    #[arg(value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// The page's port, unless something else has it.
const PORT: u16 = 8080;

/// Runs it.
pub(crate) fn run(args: Args) -> anyhow::Result<ExitCode> {
    let folder = match args.dir {
        Some(dir) => dir,
        None => own_data_folder()?.join("pollen").join("demo"),
    };
    if !folder.join("pollen.toml").exists() {
        init::make_library(&folder, false)?;
    }
    let password = password::draw()?;
    let page = Page {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)),
        any_port: true,
        desk_password: Some(password::hash(&password)?),
    };
    let shown = folder.display().to_string();
    let tell = Box::new(move |running: &Running| tell(running, &shown, &password));
    let beside = chat::Beside { page: Some(page), tell, stays: true };
    chat::open(chat::Args::in_folder(folder, args.role), beside)
}

/// Says what is open, and where.
fn tell(running: &Running, folder: &str, password: &str) -> anyhow::Result<()> {
    let address = running.web.as_ref().map(|web| web.address()).unwrap_or_default();
    writeln!(
        std::io::stderr(),
        "The sample library is open. Ctrl-C closes it.\n\n    \
         the chat    {address}/\n    \
         the desk    {address}/desk    any name; the password for this time is {password}\n    \
         its files   {folder}: edit one, and the answer changes\n"
    )?;
    Ok(())
}

/// Where programs keep a user's data (XDG Base Directory Specification 0.8).
fn own_data_folder() -> anyhow::Result<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute())
    };
    let folder = absolute("XDG_DATA_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")));
    folder.ok_or_else(|| {
        WrongCall("HOME is not set; say where to keep the sample: pollen demo DIR".to_owned())
            .into()
    })
}
