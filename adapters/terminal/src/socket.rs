//! The socket's file: opened for its owner alone, taken over from a dead program, never from a
//! living one.

use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Bytes of a socket's path that every system takes (108 on Linux, 104 on others, with the zero
/// behind it).
const PATH_MAX: usize = 103;

/// Why the terminal cannot be opened; each variant is what to do next.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The path must become shorter.
    #[error(
        "the path {} is {} bytes long and a socket's may have {PATH_MAX}; go into the library's \
         folder and leave -L out, or move the folder to a shorter path",
        path.display(),
        path.as_os_str().len()
    )]
    TooLong {
        /// The socket.
        path: PathBuf,
    },
    /// Another program answers there: it must stop first.
    #[error("another program answers at {}; stop it first", path.display())]
    Taken {
        /// The socket.
        path: PathBuf,
    },
    /// Something else bears the name: it must be moved away.
    #[error("{} is in the way and is not a socket; move it elsewhere", path.display())]
    NotASocket {
        /// What is there.
        path: PathBuf,
    },
    /// The system refuses: see to the folder's rights.
    #[error("cannot open the socket {}; check that the folder exists and is yours", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// A socket that listens; its file goes when it is dropped.
#[derive(Debug)]
pub(crate) struct Socket {
    path: PathBuf,
    listener: UnixListener,
}

impl Socket {
    pub(crate) fn open(path: &Path) -> Result<Socket, OpenError> {
        check_length(path)?;
        clear(path)?;
        let io = |source| OpenError::Io { path: path.to_path_buf(), source };
        let listener = UnixListener::bind(path).map_err(io)?;
        // Between the two calls the umask alone guards it: `Terminal` also asks each connection
        // for its user.
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).map_err(io)?;
        listener.set_nonblocking(true).map_err(io)?;
        Ok(Socket { path: path.to_path_buf(), listener })
    }

    /// The listener, for the runtime that the caller stands in.
    pub(crate) fn listener(&self) -> io::Result<tokio::net::UnixListener> {
        tokio::net::UnixListener::from_std(self.listener.try_clone()?)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // One that stays behind is taken over at the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether a path is short enough for a socket.
pub(crate) fn check_length(path: &Path) -> Result<(), OpenError> {
    if path.as_os_str().len() > PATH_MAX {
        return Err(OpenError::TooLong { path: path.to_path_buf() });
    }
    Ok(())
}

/// Takes away what a dead program left behind.
fn clear(path: &Path) -> Result<(), OpenError> {
    let io = |source| OpenError::Io { path: path.to_path_buf(), source };
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(io(error)),
        Ok(meta) if !meta.file_type().is_socket() => {
            Err(OpenError::NotASocket { path: path.to_path_buf() })
        }
        Ok(_) => match UnixStream::connect(path) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                std::fs::remove_file(path).map_err(io)
            }
            Err(error) => Err(io(error)),
            Ok(_) => Err(OpenError::Taken { path: path.to_path_buf() }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_socket_is_taken_over_and_a_living_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terminal.sock");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "what a killed program leaves behind");

        let living = Socket::open(&path).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(matches!(Socket::open(&path), Err(OpenError::Taken { .. })));
        drop(living);
        assert!(!path.exists());
    }

    #[test]
    fn what_cannot_be_a_socket_is_said_with_its_mend() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("terminal.sock");
        std::fs::write(&path, "a librarian's notes").unwrap();
        let error = Socket::open(&path).unwrap_err();
        assert!(error.to_string().ends_with("is not a socket; move it elsewhere"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a librarian's notes");

        let deep = folder.path().join("x".repeat(120)).join("terminal.sock");
        let error = Socket::open(&deep).unwrap_err().to_string();
        assert!(error.contains("go into the library's folder and leave -L out"), "{error}");

        let nowhere = folder.path().join("gone/terminal.sock");
        assert!(matches!(Socket::open(&nowhere), Err(OpenError::Io { .. })));
    }
}
