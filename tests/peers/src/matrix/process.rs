//! The homeserver's process.

use super::folder::Folder;
use super::{PeerError, SYNAPSE_VARIABLE};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::net::UnixDatagram;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs Synapse as a child that ends with its parent.
const LAUNCH: &str = include_str!("launch.py");

/// What Synapse says of a port that is another program's.
pub(crate) const PORT_TAKEN: &str = "Failed to listen on TCP port";

/// How long a start may take. It takes one to five seconds where the machine has time for it.
const START_MAX: Duration = Duration::from_secs(120);

/// How long the homeserver may take to end when it is asked to. It takes about a tenth of a second.
const STOP_MAX: Duration = Duration::from_secs(20);

/// How often is looked whether the process has ended.
const GLANCE: Duration = Duration::from_millis(20);

/// A homeserver that runs; it is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    /// A byte asks it to stop; the end, which comes even if this process is killed, ends it too.
    pipe: Option<ChildStdin>,
    /// Where it says that it is ready, and later that it stops: it complains if nobody listens.
    notices: UnixDatagram,
}

impl Running {
    /// Starts it in its folder and waits until it listens.
    pub(crate) fn start(python: &OsStr, folder: &Folder) -> Result<Self, PeerError> {
        // As to systemd, Synapse says to this socket that it is ready. It does so when it has its
        // port, so that what answers there from now on is no other program.
        let socket = folder.path().join("notices");
        let said = File::create(folder.path().join("said"))?;
        if let Err(error) = fs::remove_file(&socket)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error.into());
        }
        let notices = UnixDatagram::bind(&socket)?;
        notices.set_read_timeout(Some(GLANCE))?;
        let mut command = Command::new(python);
        command.arg("-c").arg(LAUNCH).arg(folder.path()).env("NOTIFY_SOCKET", &socket);
        command.stdin(Stdio::piped()).stdout(said.try_clone()?).stderr(said);
        let mut child = command.spawn().map_err(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                return error.into();
            }
            let python = python.to_string_lossy();
            PeerError::NoSynapse { why: format!("there is no program {python}") }
        })?;
        let pipe = child.stdin.take();
        let mut running = Self { child, pipe, notices };
        running.wait_until_ready(folder)?;
        Ok(running)
    }

    fn wait_until_ready(&mut self, folder: &Folder) -> Result<(), PeerError> {
        let until = Instant::now() + START_MAX;
        let mut notice = [0; 256];
        loop {
            match self.notices.recv(&mut notice) {
                Ok(length) if notice.get(..length).is_some_and(|n| n.starts_with(b"READY=1")) => {
                    return Ok(());
                }
                Ok(_) => {}
                Err(error) if is_silence(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if self.child.try_wait()?.is_some() {
                let last_words = folder.last_words();
                if !last_words.contains("No module named 'synapse'") {
                    return Err(PeerError::Ended { last_words });
                }
                let why = format!("the python that {SYNAPSE_VARIABLE} names has no Synapse");
                return Err(PeerError::NoSynapse { why });
            }
            if Instant::now() >= until {
                let last_words = folder.last_words();
                return Err(PeerError::Late { patience: START_MAX, last_words });
            }
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits for that; if it does not, it is killed.
    pub(crate) fn stop(mut self) {
        // If it cannot be asked, it has ended. The pipe must stay open until then, for its end
        // removes the folder.
        let asked = self.pipe.as_mut().is_some_and(|pipe| pipe.write_all(b".").is_ok());
        let until = Instant::now() + STOP_MAX;
        while asked && Instant::now() < until && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(GLANCE);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _has_ended = self.child.kill();
        let _has_ended = self.child.wait();
    }
}

/// Whether nothing was there to read.
fn is_silence(error: &io::Error) -> bool {
    [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut, io::ErrorKind::Interrupted]
        .contains(&error.kind())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Limits;
    use crate::matrix::synapse::python;
    use std::net::TcpListener;

    #[test]
    fn a_port_that_is_taken_is_told_from_other_ends() {
        let others = TcpListener::bind("127.0.0.1:0").unwrap();
        let folder = Folder::new().unwrap();
        let start = |name: &str| {
            folder.set(name, others.local_addr().unwrap().port(), Limits::none()).unwrap();
            match Running::start(&python().unwrap(), &folder) {
                Err(PeerError::Ended { last_words }) => last_words,
                Err(error) => panic!("{error:?}"),
                Ok(_) => panic!("it started"),
            }
        };
        let last_words = start("no name");
        assert!(!last_words.contains(PORT_TAKEN) && last_words.contains("no name"), "{last_words}");
        assert!(start("name.test").contains(PORT_TAKEN));
    }
}
