//! Lines of a file of any size, in constant memory.

use std::io::{self, BufRead, ErrorKind};

/// A longer line is skipped to its end and reported.
pub const LONGEST: usize = 16 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// What came before the next line break, without it.
#[derive(Debug, PartialEq, Eq)]
pub enum Line<'b> {
    Whole(&'b [u8]),
    TooLong,
}

/// Reads line by line into one buffer. Numbers count from 1, as editors do.
pub struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    longest: usize,
    /// How many lines were returned.
    pub number: u64,
    /// How many bytes were read, line breaks included.
    pub bytes: u64,
}

impl<R: BufRead> Lines<R> {
    pub fn new(source: R) -> Self {
        Lines { source, buffer: Vec::new(), longest: LONGEST, number: 0, bytes: 0 }
    }

    #[cfg(test)]
    fn at_most(mut self, longest: usize) -> Self {
        self.longest = longest;
        self
    }

    /// The next line, or none at the end of the file.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.buffer.clear();
        let mut is_too_long = false;
        let mut has_begun = false;
        loop {
            let chunk = match self.source.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break;
            }
            has_begun = true;
            let line_break = chunk.iter().position(|byte| *byte == b'\n');
            let text = &chunk[..line_break.unwrap_or(chunk.len())];
            // What is beyond the limit is never kept, so that a file without line breaks cannot fill the memory.
            is_too_long |= self.buffer.len() + text.len() > self.longest;
            if !is_too_long {
                self.buffer.extend_from_slice(text);
            }
            let consumed = text.len() + usize::from(line_break.is_some());
            self.source.consume(consumed);
            self.bytes += consumed as u64;
            if line_break.is_some() {
                break;
            }
        }
        if !has_begun {
            return Ok(None);
        }
        self.number += 1;
        if is_too_long {
            return Ok(Some(Line::TooLong));
        }
        let mut line = self.buffer.as_slice();
        if self.number == 1 {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        }
        Ok(Some(Line::Whole(line.strip_suffix(b"\r").unwrap_or(line))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    /// Reads through a tiny buffer, so that every line crosses its edge.
    fn read(text: &[u8], longest: usize) -> Vec<Option<String>> {
        let mut lines = Lines::new(BufReader::with_capacity(3, text)).at_most(longest);
        let mut found = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            found.push(match line {
                Line::Whole(bytes) => Some(String::from_utf8(bytes.to_vec()).unwrap()),
                Line::TooLong => None,
            });
        }
        assert_eq!(lines.bytes, text.len() as u64);
        assert_eq!(lines.number, found.len() as u64);
        found
    }

    #[test]
    fn lines_end_with_any_line_break_or_with_the_file() {
        let cases: [(&[u8], &[&str]); 6] = [
            (b"", &[]),
            (b"one", &["one"]),
            (b"one\ntwo\n", &["one", "two"]),
            (b"one\r\ntwo\r\n", &["one", "two"]),
            (b"one\n\ntwo", &["one", "", "two"]),
            (b"\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo", &["one", "\u{feff}two"]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = read(text, 100).into_iter().flatten().collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_the_next_one_is_read() {
        let found = read(b"12345\n123456\n12", 5);
        assert_eq!(found, [Some("12345".to_owned()), None, Some("12".to_owned())]);
    }
}
