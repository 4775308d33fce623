//! The encoder that the settings name: where it lies, and how it comes there.
//!
//! One of the hub's is fetched once, made into one of ours and kept in `data/encoders/OWNER--NAME@COMMIT`, where later
//! starts find it, whatever the hub has by then. One that lies in a folder as the hub has them is made into one of ours
//! there, too. Only `pollen index` and `pollen serve` do that; everything else says that it is to be done.

use crate::library::Library;
use crate::output::count;
use crate::progress::Preparing;
use crate::settings::Encoder;
use anyhow::Context;
use encoder::{Origin, convert, origin};
use knowledge::Encoding;
use sources::{Hub, HubError, Listed, Model};
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The encoder is not ready for use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Absent {
    /// It has not been fetched.
    #[error("the encoder {0} is not here yet; run `pollen index`, which fetches it")]
    Unfetched(Model),
    /// It has not been made into one of ours.
    #[error("the encoder in {} is not ready yet; run `pollen index`, which makes it so", .0.display())]
    Unmade(PathBuf),
}

/// How often it is looked whether another program has done with the encoder.
const LOOK: Duration = Duration::from_secs(1);

/// The encoder as it is used.
///
/// # Errors
/// If it is still to be fetched or made.
pub(crate) fn settled(library: &Library) -> Result<Encoding, Absent> {
    match &library.settings.encoder {
        Encoder::Shipped => Ok(Encoding::Shipped),
        Encoder::Without => Ok(Encoding::Without),
        Encoder::Folder(folder) => {
            let folder = library.dir.join(folder);
            if !convert::is_theirs(&folder) {
                return Ok(Encoding::Folder(folder));
            }
            let made = made_of(library, &folder);
            match convert::is_made(&made) {
                true => Ok(Encoding::Folder(made)),
                false => Err(Absent::Unmade(folder)),
            }
        }
        Encoder::Hub(model) => {
            let found = found(library, model).map(Encoding::Folder);
            found.ok_or_else(|| Absent::Unfetched(model.clone()))
        }
    }
}

/// Fetches and makes what is still to be, and mends what is damaged of what was. `say` is told what it comes to, a line
/// at a time.
///
/// # Errors
/// With their mends; what came so far stays, and what was there is unharmed.
pub(crate) async fn prepare(library: &Library, say: &(dyn Fn(&str) + Sync)) -> anyhow::Result<()> {
    if !is_ours(library) || is_ready(library, say) {
        return Ok(());
    }
    let folder = library.make_data()?.join(FOLDER);
    fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let _turn = turn(&folder, say).await?;
    // Another program may have done it.
    if settled(library).is_ok() && is_ready(library, &|_| {}) {
        return Ok(());
    }
    // What is damaged must not be found beside what comes in its place.
    if let Ok(Encoding::Folder(damaged)) = settled(library) {
        convert::discard(&damaged)?;
    }
    match &library.settings.encoder {
        Encoder::Hub(model) => fetch(library, model, &folder, say).await,
        Encoder::Folder(from) => {
            let from = library.dir.join(from);
            let into = made_of(library, &from);
            say(&format!("the encoder in {} is being made ready", from.display()));
            let name = name_of(&from);
            make(from.clone(), into.clone(), name.clone(), None, Arc::new(Preparing::new()))
                .await
                .with_context(|| format!("cannot use the encoder in {}", from.display()))?;
            sweep(&folder, &format!("{name}@"), &into);
            Ok(())
        }
        Encoder::Shipped | Encoder::Without => Ok(()),
    }
}

/// The same for a command that does nothing else meanwhile.
///
/// # Errors
/// As [`prepare`].
pub(crate) fn prepare_now(library: &Library, say: &(dyn Fn(&str) + Sync)) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    runtime.block_on(prepare(library, say))
}

/// The folder of the encoders that are made, within the data folder.
const FOLDER: &str = "encoders";

/// The ending of the folder of what is fetched, until it is made into one of ours.
const FETCHED: &str = ".fetched";

/// Whether the encoder is one that is made here.
fn is_ours(library: &Library) -> bool {
    match &library.settings.encoder {
        Encoder::Hub(_) => true,
        Encoder::Folder(folder) => convert::is_theirs(&library.dir.join(folder)),
        Encoder::Shipped | Encoder::Without => false,
    }
}

/// Whether the encoder is there and whole.
fn is_ready(library: &Library, say: &dyn Fn(&str)) -> bool {
    match settled(library).map(|encoding| encoding.check()) {
        Ok(Ok(())) => true,
        Ok(Err(error)) => {
            say(&format!("{error}; it is made anew"));
            false
        }
        Err(Absent::Unfetched(_) | Absent::Unmade(_)) => false,
    }
}

/// The folder of a model of the hub, whichever commit its revision was when it was fetched.
fn found(library: &Library, model: &Model) -> Option<PathBuf> {
    let mut all: Vec<PathBuf> = folders(&library.data().join(FOLDER), &model.folder()).collect();
    all.sort();
    all.into_iter().find(|folder| {
        let from = origin(folder).ok().flatten();
        from.is_some_and(|from| {
            let revision = model.revision();
            from.commit == revision || from.revisions.iter().any(|known| known == revision)
        })
    })
}

/// Where the encoder is kept that is made of a folder, by the length and the time of its files.
fn made_of(library: &Library, folder: &Path) -> PathBuf {
    let files = convert::NEEDED.iter().chain(&convert::COUNTED).chain([&convert::WEIGHTS]);
    let files = files.filter_map(|file| fs::metadata(folder.join(file)).ok());
    let (bytes, changed) = files.fold((0, (0, 0)), |(bytes, changed), file| {
        (bytes + file.len(), changed.max((file.mtime(), file.mtime_nsec())))
    });
    let stamp = format!("{}@{bytes:x}-{:x}-{:x}", name_of(folder), changed.0, changed.1);
    library.data().join(FOLDER).join(stamp)
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map_or("encoder".into(), |name| name.to_string_lossy()).into_owned()
}

/// The folders whose names begin so.
fn folders(within: &Path, beginning: &str) -> impl Iterator<Item = PathBuf> {
    let all = fs::read_dir(within).into_iter().flatten().flatten();
    all.filter(move |entry| entry.file_name().to_string_lossy().starts_with(beginning))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
}

/// Waits until no other program is at work here; the lock goes when the file is dropped.
async fn turn(folder: &Path, say: &dyn Fn(&str)) -> anyhow::Result<File> {
    let path = folder.join("lock");
    let failed = || format!("cannot lock {}", path.display());
    let lock = File::create(&path).with_context(failed)?;
    let mut told = false;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => {
                if !std::mem::replace(&mut told, true) {
                    say("another program is making the encoder ready, and is waited for");
                }
                tokio::time::sleep(LOOK).await;
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
        }
    }
}

async fn fetch(
    library: &Library,
    model: &Model,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> anyhow::Result<()> {
    say(&format!("the encoder {model} is looked for on the hub"));
    let fetched = fetched(library, model, folder, say).await;
    let (listed, from) = match fetched.map_err(|error| with_mend(error, model, folder))? {
        Came::Here(into) => return note_revision(&into, model),
        Came::Fetched(listed, from) => (listed, from),
    };
    let into = folder.join(format!("{}{}", model.folder(), listed.commit()));
    let origin = Origin {
        model: model.id(),
        commit: listed.commit().to_owned(),
        revisions: vec![model.revision().to_owned()],
    };
    let progress = Arc::new(Preparing::new());
    let made = make(from.clone(), into, model.id(), Some(origin), progress).await;
    // Kept only if it might do the next time, on a disk with more room.
    if !matches!(&made, Err(error) if is_full(error)) {
        fs::remove_dir_all(&from).with_context(|| format!("cannot remove {}", from.display()))?;
    }
    made.with_context(|| format!("cannot use the encoder {model}"))?;
    say(&format!("the encoder {model} is ready, at its commit {}", listed.commit()));
    Ok(())
}

/// What asking the hub came to.
enum Came {
    /// The revision is a commit that is there already.
    Here(PathBuf),
    /// Its files, in a folder of their own.
    Fetched(Listed, PathBuf),
}

/// Why the files are not there.
enum Failed {
    Hub(HubError),
    /// They would be, and could not be used.
    Unfit(encoder::Error),
    /// The model has not what it takes, or the disk has not.
    Lacking(String),
}

async fn fetched(
    library: &Library,
    model: &Model,
    folder: &Path,
    say: &(dyn Fn(&str) + Sync),
) -> Result<Came, Failed> {
    let hub = Hub::new(library.settings.hub).map_err(Failed::Hub)?;
    let listed = hub.look_up(model).await.map_err(Failed::Hub)?;
    let into = folder.join(format!("{}{}", model.folder(), listed.commit()));
    if Encoding::Folder(into.clone()).check().is_ok() {
        return Ok(Came::Here(into));
    }
    let bytes = needed(&listed, folder)?;
    let mut name = into.into_os_string();
    name.push(FETCHED);
    let from = PathBuf::from(name);
    // What was begun of another commit is of no use any more.
    sweep(folder, &model.folder(), &from);
    say(&format!("the encoder {model} is being fetched, {} MB", bytes >> 20));
    let progress = Preparing::new();
    let show = |step: sources::Fetching<'_>| progress.fetching(step);
    let small: Vec<&str> = convert::NEEDED.into_iter().chain(convert::COUNTED).collect();
    hub.fetch(&listed, &small, &from, &show).await.map_err(Failed::Hub)?;
    if let Err(error) = convert::check(&from) {
        // Nothing can be done about a folder that stays; it is small.
        let _ = fs::remove_dir_all(&from);
        return Err(Failed::Unfit(error));
    }
    hub.fetch(&listed, &[convert::WEIGHTS], &from, &show).await.map_err(Failed::Hub)?;
    Ok(Came::Fetched(listed, from))
}

/// How many bytes are to be fetched, of a model that has all files, onto a disk that has the room.
fn needed(listed: &Listed, folder: &Path) -> Result<u64, Failed> {
    for name in convert::NEEDED.into_iter().chain([convert::WEIGHTS]) {
        if listed.size(name).is_none() {
            let files = count(listed.names().count() as u64, "file", "files");
            let words = format!("it has no {name} among its {files}, and without it none is made");
            return Err(Failed::Lacking(words));
        }
    }
    let all = convert::NEEDED.into_iter().chain(convert::COUNTED).chain([convert::WEIGHTS]);
    let bytes: u64 = all.filter_map(|name| listed.size(name)).sum();
    // What is made of it in 8 bit has half as many bytes at most, and lies beside it for a while.
    let room = bytes + bytes / 2;
    let free = rustix::fs::statvfs(folder)
        .map_or(u64::MAX, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    if free < room {
        let (room, free) = (room >> 20, free >> 20);
        return Err(Failed::Lacking(format!(
            "{room} MB are needed to fetch it and make it ready, and {free} MB are free"
        )));
    }
    Ok(bytes)
}

/// Takes note that a commit that is there is also that of this revision.
fn note_revision(folder: &Path, model: &Model) -> anyhow::Result<()> {
    let revision = model.revision().to_owned();
    let from = origin(folder)?.unwrap_or_else(|| {
        let commit = folder.to_string_lossy().rsplit('@').next().unwrap_or_default().to_owned();
        Origin { model: model.id(), commit, revisions: Vec::new() }
    });
    let mut revisions = from.revisions.clone();
    revisions.push(revision);
    Ok(Origin { revisions, ..from }.write(folder)?)
}

/// Makes one of ours.
async fn make(
    from: PathBuf,
    into: PathBuf,
    name: String,
    origin: Option<Origin>,
    progress: Arc<Preparing>,
) -> anyhow::Result<()> {
    let make = move || {
        convert::convert(&from, &into, &name, origin, &|done, of| progress.making(done, of))
    };
    Ok(tokio::task::spawn_blocking(make).await.context("the encoder could not be made")??)
}

fn is_full(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(encoder::Error::Unwritten { .. }))
}

/// Takes away what was made or fetched earlier under names that begin so: what came from the hub only if it was never
/// finished, for a library may go back to it.
fn sweep(folder: &Path, beginning: &str, but: &Path) {
    for old in folders(folder, beginning).filter(|old| old != but) {
        let of_the_hub = !old.to_string_lossy().ends_with(FETCHED)
            && origin(&old).is_ok_and(|from| from.is_some());
        if !of_the_hub && let Err(error) = fs::remove_dir_all(&old) {
            tracing::warn!("cannot remove {}, which is not used any more: {error}", old.display());
        }
    }
}

/// Why a model is not there, with what can be done.
fn with_mend(failed: Failed, model: &Model, folder: &Path) -> anyhow::Error {
    let out = "take `encoder` out of pollen.toml";
    let (error, mend) = match failed {
        Failed::Hub(error) => {
            let mend = match &error {
                HubError::Unreachable { .. } => format!(
                    "try again later, {out}, or copy the folder {}… from a machine that has it",
                    folder.join(model.folder()).display()
                ),
                HubError::Unknown { .. } => format!(
                    "see whether https://huggingface.co/{} is what you mean, or {out}",
                    model.id()
                ),
                HubError::Refused { .. } => format!("name another encoder, or {out}"),
                HubError::Damaged { .. } => format!("try again, or {out}"),
                HubError::Io { .. } => format!("free some room and try again, or {out}"),
            };
            (anyhow::Error::from(error), mend)
        }
        Failed::Unfit(error) => (anyhow::Error::from(error), format!("or {out}")),
        Failed::Lacking(words) => {
            (anyhow::anyhow!(words), format!("free some room, name another encoder, or {out}"))
        }
    };
    anyhow::anyhow!("cannot use the encoder {model}: {error:#}; {mend}")
}
