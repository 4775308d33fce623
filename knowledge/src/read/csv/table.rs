//! The rows of a table.
//!
//! The parser is the csv crate's own (csv-core), fed one line at a time: a row that does not end
//! with its line goes on with the next, and where its open quotation mark turns out never to be
//! closed, the row's first line is refused and the others are read again as rows of their own.

use crate::read::input::{Input, LONGEST_LINE, Line, Lines, NOT_UTF8, Trouble, too_long};
use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use std::collections::VecDeque;

/// Most lines that one row may take: longer than any summary with paragraphs, and what an unclosed
/// quotation mark can hold up at most.
const MOST_LINES: usize = 1_000;

/// Most columns of a table.
const MOST_COLUMNS: usize = 1_000;

/// A table that is read row by row.
pub(super) struct Table {
    lines: Lines,
    /// Lines that are to be read again, with their numbers.
    again: VecDeque<(u64, Vec<u8>)>,
    /// The last line that is read again: its row must have just the header's columns, as it may
    /// be the middle of a text.
    doubtful: u64,
    /// What is to be said once those lines are read.
    later: Option<Trouble>,
    parser: Reader,
    line: Vec<u8>,
    row: Vec<u8>,
    values: Vec<u8>,
    ends: Vec<usize>,
    columns: usize,
}

impl Table {
    /// Reads a table's header: finds out what stands between its columns (comma, semicolon or tab)
    /// and what they are called. `None` for a file without a line.
    pub(super) fn open(input: Input) -> Result<Option<(Table, Vec<String>)>, Trouble> {
        let mut table = Table {
            lines: Lines::new(input),
            again: VecDeque::new(),
            doubtful: 0,
            later: None,
            parser: parser(b','),
            line: Vec::new(),
            row: Vec::new(),
            values: Vec::new(),
            ends: Vec::new(),
            columns: MOST_COLUMNS,
        };
        let Some(mut number) = table.next_line()? else { return Ok(None) };
        if table.line.starts_with(b"\xFF\xFE") || table.line.starts_with(b"\xFE\xFF") {
            return Err(Trouble::file(NOT_UTF8));
        }
        let delimiter = match said_delimiter(&table.line) {
            Some(said) => {
                let Some(next) = table.next_line()? else { return Ok(None) };
                number = next;
                said
            }
            None => likely_delimiter(&table.line),
        };
        table.parser = parser(delimiter);
        table.again.push_front((number, std::mem::take(&mut table.line)));
        let headers = match table.next() {
            Some(Ok(_)) => table.values().map(str::to_owned).collect::<Vec<_>>(),
            Some(Err(Trouble::Bad { position, reason })) => {
                let reason = format!("the header row cannot be read: {reason}");
                return Err(Trouble::Bad { position, reason });
            }
            Some(Err(trouble)) => return Err(trouble),
            None => return Ok(None),
        };
        table.columns = headers.len();
        Ok(Some((table, headers)))
    }

    /// Reads the next row that is not blank, and returns the number of its first line.
    pub(super) fn next(&mut self) -> Option<Result<u64, Trouble>> {
        loop {
            let first = match self.next_line() {
                Ok(first) => first?,
                Err(trouble) => return Some(Err(trouble)),
            };
            match self.row(first) {
                Ok(()) if self.values().all(|value| value.trim().is_empty()) => continue,
                Ok(()) => return Some(Ok(first)),
                Err(trouble) => return Some(Err(trouble)),
            }
        }
    }

    /// The values of the row that was read last, in the columns' order.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|column| self.value(column))
    }

    /// The value in a column of the row that was read last; empty where the row has none.
    pub(super) fn value(&self, column: usize) -> &str {
        let start = if column == 0 { Some(0) } else { self.ends.get(column - 1).copied() };
        let (Some(start), Some(&end)) = (start, self.ends.get(column)) else { return "" };
        self.values.get(start..end).and_then(|value| std::str::from_utf8(value).ok()).unwrap_or("")
    }

    /// Parses the row that begins with the line that was read last.
    fn row(&mut self, first: u64) -> Result<(), Trouble> {
        self.row.clear();
        self.values.clear();
        self.ends.clear();
        self.parser.reset();
        let mut held: Vec<Vec<u8>> = Vec::new();
        loop {
            self.line.push(b'\n');
            self.row.extend_from_slice(&self.line);
            let fed = self.feed();
            self.line.pop();
            match fed {
                Fed::Whole => break,
                Fed::TooWide => return Err(Trouble::line(first, too_wide(self.columns))),
                Fed::Open => held.push(std::mem::take(&mut self.line)),
            }
            if self.row.len() > LONGEST_LINE || held.len() == MOST_LINES {
                return Err(self.unclosed(first, held));
            }
            match self.next_raw_line() {
                Ok(Some(_)) => {}
                Ok(None) => return Err(self.unclosed(first, held)),
                Err(trouble @ Trouble::Broken { .. }) => return Err(trouble),
                Err(trouble @ Trouble::Bad { .. }) => {
                    self.later = Some(trouble);
                    return Err(self.unclosed(first, held));
                }
            }
        }
        if std::str::from_utf8(&self.row).is_err() {
            return Err(Trouble::line(first, NOT_UTF8));
        }
        if first <= self.doubtful && self.ends.len() != self.columns {
            let reason = "it seems to belong to the line above whose quotation mark is not closed";
            return Err(Trouble::line(first, reason));
        }
        let extra = self.values().skip(self.columns).any(|value| !value.trim().is_empty());
        if extra { Err(Trouble::line(first, too_wide(self.columns))) } else { Ok(()) }
    }

    /// Gives up a row whose quotation mark is not closed: its first line is lost, the others are
    /// read again.
    fn unclosed(&mut self, first: u64, held: Vec<Vec<u8>>) -> Trouble {
        let numbered = (first..).zip(held).skip(1).collect::<Vec<_>>();
        self.doubtful = numbered.last().map_or(self.doubtful, |&(number, _)| number);
        for line in numbered.into_iter().rev() {
            self.again.push_front(line);
        }
        let reason = "a quotation mark (\") is opened in this line and not closed; close it, or \
                      write it twice (\"\") where it belongs to the text";
        Trouble::line(first, reason)
    }

    /// Gives the line to the parser.
    fn feed(&mut self) -> Fed {
        let mut input: &[u8] = &self.line;
        let (mut written, mut ended) = (self.values.len(), self.ends.len());
        // Values are never longer than the text they stand in.
        self.values.resize(written + input.len() + 1, 0);
        self.ends.resize(ended + input.len().min(MOST_COLUMNS) + 1, 0);
        let fed = loop {
            let (result, read, wrote, ends) = self.parser.read_record(
                input,
                &mut self.values[written..],
                &mut self.ends[ended..],
            );
            input = &input[read..];
            written += wrote;
            ended += ends;
            match result {
                ReadRecordResult::Record | ReadRecordResult::End => break Fed::Whole,
                ReadRecordResult::InputEmpty => break Fed::Open,
                ReadRecordResult::OutputFull => self.values.resize(written + input.len() + 1, 0),
                ReadRecordResult::OutputEndsFull => break Fed::TooWide,
            }
            if input.is_empty() {
                break Fed::Open;
            }
        };
        self.values.truncate(written);
        self.ends.truncate(ended);
        if ended > MOST_COLUMNS { Fed::TooWide } else { fed }
    }

    /// The next line that is not blank.
    fn next_line(&mut self) -> Result<Option<u64>, Trouble> {
        loop {
            match self.next_raw_line()? {
                Some(_) if self.line.iter().all(u8::is_ascii_whitespace) => continue,
                found => return Ok(found),
            }
        }
    }

    fn next_raw_line(&mut self) -> Result<Option<u64>, Trouble> {
        if let Some((number, line)) = self.again.pop_front() {
            self.line = line;
            return Ok(Some(number));
        }
        if let Some(trouble) = self.later.take() {
            return Err(trouble);
        }
        match self.lines.next(&mut self.line)? {
            None => Ok(None),
            Some(Line::Whole) => Ok(Some(self.lines.number())),
            Some(Line::TooLong) => Err(Trouble::line(self.lines.number(), too_long())),
        }
    }
}

/// What became of a line that the parser was given.
enum Fed {
    /// The row ended with it.
    Whole,
    /// A quotation mark is open at its end.
    Open,
    /// It has more than [`MOST_COLUMNS`] values.
    TooWide,
}

fn parser(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build()
}

fn too_wide(columns: usize) -> String {
    format!(
        "it has more values than the header row has columns ({columns}); put a value that holds \
         the separator between quotation marks"
    )
}

/// The separator that a spreadsheet's `sep=;` line names.
fn said_delimiter(line: &[u8]) -> Option<u8> {
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter @ (b',' | b';' | b'\t' | b'|')] => {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// The separator that stands most often between a header row's names; of two that stand equally
/// often the one that names hold more rarely.
fn likely_delimiter(header: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b';', 0), (b',', 0), (b'\t', 0)];
    for &byte in header {
        quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += u32::from(!quoted && byte == *delimiter);
        }
    }
    match counts.iter().max_by_key(|(_, count)| *count) {
        Some(&(delimiter, count)) if count > 0 => delimiter,
        _ => b',',
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_LINES, Table};
    use crate::read::input::Trouble;
    use std::io::Cursor;

    fn rows(text: &[u8]) -> Vec<String> {
        let opened = Table::open(Box::new(Cursor::new(text.to_vec())));
        let (mut table, headers) = match opened {
            Ok(Some(opened)) => opened,
            Ok(None) => return vec!["nothing".to_owned()],
            Err(trouble) => return vec![said(trouble)],
        };
        let mut seen = vec![headers.join("|")];
        while let Some(row) = table.next() {
            seen.push(match row {
                Ok(line) => format!("{line}: {}", table.values().collect::<Vec<_>>().join("|")),
                Err(trouble) => said(trouble),
            });
        }
        seen
    }

    fn said(trouble: Trouble) -> String {
        match trouble {
            Trouble::Bad { position, reason } => {
                format!("{position} {}", reason.split([';', '(']).next().unwrap().trim())
            }
            Trouble::Broken { error, .. } => error.to_string(),
        }
    }

    #[test]
    fn comma_semicolon_and_tab_are_told_apart() {
        for text in [
            "\u{feff}id,\"a;b;c\",title\r\n1,x,\"y, z\"\r\n",
            "id;\"a;b;c\";title\n1;x;y, z",
            "id\ta;b;c\ttitle\n\n1\tx\ty, z\n,,\n",
            "sep=;\nid;\"a;b;c\";title\n1;x;y, z",
        ] {
            let seen = rows(text.as_bytes());
            assert_eq!(seen[0], "id|a;b;c|title", "{text}");
            assert!(seen[1].ends_with(": 1|x|y, z"), "{seen:?}");
        }
        assert_eq!(rows(b""), ["nothing"]);
        assert_eq!(rows(b"only\n"), ["only"]);
    }

    #[test]
    fn a_row_may_take_several_lines() {
        assert_eq!(
            rows(b"id,text\n1,\"a \"\"b\"\"\n\nc\"\n2,d\n,\n3,e"),
            ["id|text", "2: 1|a \"b\"\n\nc", "5: 2|d", "7: 3|e"]
        );
    }

    #[test]
    fn an_unclosed_quotation_mark_costs_its_own_line() {
        let mark = "a quotation mark";
        assert_eq!(
            rows(b"id,text\n1,\"open\n2,b\n3,c\n"),
            ["id|text".to_owned(), format!("line 2 {mark}"), "3: 2|b".into(), "4: 3|c".into()]
        );
        let many = format!("id,text\n1,\"open\n{}9,\"closed\"\n", "2,b\n".repeat(2 * MOST_LINES));
        let seen = rows(many.as_bytes());
        assert_eq!(seen.len(), 2 * MOST_LINES + 3);
        assert_eq!(seen[1], format!("line 2 {mark}"));
        assert_eq!(seen[2], "3: 2|b");
        assert_eq!(seen[seen.len() - 1], format!("{}: 9|closed", 2 * MOST_LINES + 3));
    }

    #[test]
    fn a_bad_row_is_named_by_its_line_and_the_next_one_is_read() {
        assert_eq!(
            rows(b"id,text\n1,a,b\n2,\xE9\n3,c,\n4\n"),
            [
                "id|text",
                "line 2 it has more values than the header row has columns",
                "line 3 it is not UTF-8 text",
                "4: 3|c|",
                "5: 4",
            ]
        );
        let wide = format!("id\n{}\n2\n", ",".repeat(5_000));
        assert_eq!(rows(wide.as_bytes())[2], "3: 2");
    }
}
