//! Lines from standard input, whatever is in them.

use crate::lines::{Line, Splitter};
use crate::protocol::TEXT_MAX;
use std::io::{self, BufRead};
use tokio::sync::mpsc;

/// Lines that are read ahead: beyond that a pipe waits.
const AHEAD_MAX: usize = 64;

/// What was typed. Once it has ended, the channel is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line; bytes that are no UTF-8 have become U+FFFD.
    Line(String),
    /// A line longer than [`TEXT_MAX`], passed over.
    TooLong,
}

/// Reads standard input on a thread of its own, which nobody waits for: a read from a terminal
/// cannot be called off.
///
/// # Errors
/// The system gives no thread.
pub(super) fn from_stdin() -> io::Result<mpsc::Receiver<Typed>> {
    let (to, typed) = mpsc::channel(AHEAD_MAX);
    std::thread::Builder::new()
        .name("typed".to_owned())
        .spawn(move || read(&mut io::stdin().lock(), &to))?;
    Ok(typed)
}

/// Reads until the end, an error (which ends the input as well) or until nobody listens.
fn read(from: &mut impl BufRead, to: &mpsc::Sender<Typed>) {
    let mut splitter = Splitter::new(TEXT_MAX);
    loop {
        let (used, line) = match from.fill_buf() {
            Ok([]) => break,
            Ok(some) => splitter.feed(some),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        from.consume(used);
        if let Some(line) = line
            && to.blocking_send(typed(line)).is_err()
        {
            return;
        }
    }
    if let Some(line) = splitter.end() {
        // The last line of a file without a line break at its end.
        let _ = to.blocking_send(typed(line));
    }
}

fn typed(line: Line) -> Typed {
    match line {
        Line::Whole(bytes) => Typed::Line(String::from_utf8_lossy(&bytes).into_owned()),
        Line::TooLong => Typed::TooLong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_typed_comes_as_lines() {
        let mut bytes = b"one\r\n\xff\xfe\n".to_vec();
        bytes.extend(b"x".repeat(1 << 20));
        bytes.extend(b"\nlast");
        let (to, mut typed) = mpsc::channel(8);
        read(&mut bytes.as_slice(), &to);
        drop(to);
        let line = |text: &str| Some(Typed::Line(text.to_owned()));
        assert_eq!(typed.blocking_recv(), line("one"));
        assert_eq!(typed.blocking_recv(), line("\u{fffd}\u{fffd}"));
        assert_eq!(typed.blocking_recv(), Some(Typed::TooLong));
        assert_eq!(typed.blocking_recv(), line("last"));
        assert_eq!(typed.blocking_recv(), None);
    }
}
