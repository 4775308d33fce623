//! Lines of a bounded length from a stream that may hold anything.

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// A line of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Its bytes, without the line break.
    Whole(Vec<u8>),
    /// It was longer than allowed and has been passed over to its end.
    TooLong,
}

/// Puts lines of at most `max` bytes together from parts, and never holds more than that.
pub(crate) struct Splitter {
    max: usize,
    line: Vec<u8>,
    too_long: bool,
}

impl Splitter {
    pub(crate) fn new(max: usize) -> Splitter {
        Splitter { max, line: Vec::new(), too_long: false }
    }

    /// Takes the next bytes up to a line's end: how many it used, and the line if it ended.
    pub(crate) fn feed(&mut self, some: &[u8]) -> (usize, Option<Line>) {
        let (part, ended, used) = match some.iter().position(|&b| b == b'\n') {
            Some(at) => (&some[..at], true, at + 1),
            None => (some, false, some.len()),
        };
        if self.line.len() + part.len() > self.max {
            self.too_long = true;
            self.line = Vec::new();
        } else if !self.too_long {
            self.line.extend_from_slice(part);
        }
        (used, ended.then(|| self.finished()))
    }

    /// Nothing more comes: an unfinished last line, if there is one.
    pub(crate) fn end(&mut self) -> Option<Line> {
        let nothing = self.line.is_empty() && !self.too_long;
        (!nothing).then(|| self.finished())
    }

    fn finished(&mut self) -> Line {
        let mut line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.too_long) {
            return Line::TooLong;
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Line::Whole(line)
    }
}

/// Lines of an asynchronous stream.
pub(crate) struct Lines<R> {
    from: R,
    splitter: Splitter,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    pub(crate) fn new(from: R, max: usize) -> Lines<R> {
        Lines { from, splitter: Splitter::new(max) }
    }

    /// The next line, also an unfinished last one; `None` at the end. What has been read of a line
    /// is kept if the call is dropped halfway.
    ///
    /// # Errors
    /// Whatever the stream says.
    pub(crate) async fn next(&mut self) -> std::io::Result<Option<Line>> {
        loop {
            let some = self.from.fill_buf().await?;
            if some.is_empty() {
                return Ok(self.splitter.end());
            }
            let (used, line) = self.splitter.feed(some);
            self.from.consume(used);
            if line.is_some() {
                return Ok(line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_too_long_takes_no_neighbour_along() {
        let text = b"one\r\n12345678\n\n123456789\n1234567890123456\ntwo";
        // A buffer smaller than the lines, so that each is put together from parts.
        let mut lines = Lines::new(tokio::io::BufReader::with_capacity(3, &text[..]), 8);
        let whole = |text: &str| Some(Line::Whole(text.as_bytes().to_vec()));
        for expected in
            [whole("one"), whole("12345678"), whole(""), Some(Line::TooLong), Some(Line::TooLong)]
        {
            assert_eq!(lines.next().await.unwrap(), expected);
        }
        assert_eq!(lines.next().await.unwrap(), whole("two"));
        assert_eq!(lines.next().await.unwrap(), None);
    }
}
