//! The thread that reads and checks, a bounded distance ahead of the database.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use tokio::sync::mpsc;

use super::fault::Fault;
use super::format::Conversation;
use super::lines::{Line, Lines};
use crate::commands::{Failure, output};

/// A chunk ends with whichever comes first.
const MOST_LINES: usize = 500;
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Some lines, by their number in the file.
pub struct Chunk {
    pub lines: Vec<(u64, Result<Conversation, Fault>)>,
    /// How far into the file this is.
    pub bytes_read: u64,
}

/// Opens the file, or standard input for `-`, and begins to read. Returns the file's size where it has one.
pub fn start(path: &Path) -> Result<(mpsc::Receiver<io::Result<Chunk>>, Option<u64>), Failure> {
    if path == Path::new("-") {
        return Ok((read_ahead(BufReader::new(io::stdin())), None));
    }
    let cannot_open = |error: io::Error| {
        let name = output::safe_line(&path.display().to_string());
        Failure::refused(format!("cannot open {name}: {error}"))
    };
    let file = File::open(path).map_err(cannot_open)?;
    let metadata = file.metadata().map_err(cannot_open)?;
    // A directory can be opened, and only reading it fails.
    if metadata.is_dir() {
        return Err(cannot_open(io::ErrorKind::IsADirectory.into()));
    }
    let size = metadata.is_file().then_some(metadata.len());
    Ok((read_ahead(BufReader::with_capacity(256 * 1024, file)), size))
}

fn read_ahead(source: impl BufRead + Send + 'static) -> mpsc::Receiver<io::Result<Chunk>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut lines = Lines::new(source);
        loop {
            let chunk = read(&mut lines);
            let is_last = !matches!(&chunk, Ok(chunk) if !chunk.lines.is_empty());
            // Nobody listens any more when the import failed.
            if sender.blocking_send(chunk).is_err() || is_last {
                break;
            }
        }
    });
    receiver
}

/// The next chunk; empty at the end of the file. Blank lines are no lines.
fn read(lines: &mut Lines<impl BufRead>) -> io::Result<Chunk> {
    let mut found = Vec::new();
    let mut bytes = 0;
    while found.len() < MOST_LINES && bytes < MOST_BYTES {
        let parsed = match lines.next_line()? {
            None => break,
            Some(Line::TooLong) => Err(Fault::TooLong),
            Some(Line::Whole(line)) if line.trim_ascii().is_empty() => continue,
            Some(Line::Whole(line)) => Conversation::parse(line),
        };
        bytes += parsed.as_ref().map_or(0, Conversation::body_bytes);
        found.push((lines.number, parsed));
    }
    Ok(Chunk { lines: found, bytes_read: lines.bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"agency":"a","customer_ref":"c","channel_kind":"sms","messages":[{"direction":"inbound","at":"2026-11-20T09:12:00Z","body":"BODY"}]}"#;

    #[test]
    fn a_chunk_is_bounded_by_lines_and_by_bytes() {
        let many = format!("{LINE}\n").repeat(MOST_LINES + 1);
        let chunk = read(&mut Lines::new(many.as_bytes())).unwrap();
        assert_eq!(chunk.lines.len(), MOST_LINES);

        let large = format!("{}\n", LINE.replace("BODY", &"x".repeat(3 * 1024 * 1024))).repeat(5);
        let chunk = read(&mut Lines::new(large.as_bytes())).unwrap();
        assert_eq!(chunk.lines.len(), 3);
    }

    #[test]
    fn a_directory_is_refused_by_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let failure = start(directory.path()).unwrap_err().to_string();
        assert!(failure.contains(&directory.path().display().to_string()), "{failure}");
    }

    #[test]
    fn blank_lines_are_skipped_and_still_numbered() {
        let chunk = read(&mut Lines::new(format!("\n  \r\n{LINE}\n\nnonsense").as_bytes())).unwrap();
        let numbers: Vec<_> = chunk.lines.iter().map(|(number, line)| (*number, line.is_ok())).collect();
        assert_eq!(numbers, [(3, true), (5, false)]);
    }
}
