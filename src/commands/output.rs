//! What commands print: aligned text that no value can break out of, and JSON in ASCII.

use std::fmt::Write as _;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::Failure;
use crate::text::SafeText;

/// Columns of text, each as wide as its widest value. The last one is not padded.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(heads: &[&str]) -> Self {
        Table { rows: vec![heads.iter().map(|head| (*head).to_owned()).collect()] }
    }

    /// Adds a row. Values are made safe here, so nothing that lies in the database can move the cursor.
    pub fn row<const N: usize>(&mut self, values: [String; N]) {
        self.rows.push(values.iter().map(|value| safe_line(value)).collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|value| value.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (value, width) in row.iter().zip(&widths) {
                write!(line, "{value:width$}  ")?;
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// One line of safe text; what would break the line becomes a blank.
pub fn safe_line(value: &str) -> String {
    SafeText::from_untrusted(value).to_string().replace('\n', " ")
}

/// A value that may be absent.
pub fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// An absolute time with its zone.
pub fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

pub fn optional_time(at: Option<DateTime<Utc>>) -> String {
    or_dash(at.map(time))
}

/// How far away a time is: `in 12 m`, `3 h ago`, in the largest unit that says something.
pub fn distance(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (at - now).num_seconds();
    if seconds == 0 {
        return "now".to_owned();
    }
    let amount = match seconds.unsigned_abs() {
        left @ 0..=119 => format!("{left} s"),
        left @ 120..=7_199 => format!("{} m", left / 60),
        left @ 7_200..=172_799 => format!("{} h", left / 3_600),
        left => format!("{} d", left / 86_400),
    };
    if seconds > 0 { format!("in {amount}") } else { format!("{amount} ago") }
}

/// One JSON document and a line break. Everything outside ASCII is escaped: the same value for a program, and harmless
/// where it meets a terminal.
pub fn json<T: Serialize>(value: &T) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, AsciiOnly)).map_err(Failure::refused)?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(Failure::refused)
}

/// Writes to standard output. A reader that went away, such as `head`, has what it wanted.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

struct AsciiOnly;

impl Formatter for AsciiOnly {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for character in fragment.chars() {
            if character.is_ascii() && character != '\u{7f}' {
                writer.write_all(&[character as u8])?;
            } else {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Duration;

    #[test]
    fn columns_line_up_and_no_value_breaks_out() {
        let mut table = Table::new(&["job", "who", "state"]);
        table.row(["#1".into(), "ada".into(), "fine".into()]);
        table.row(["#1042".into(), "b\n\u{1b}[31m".into(), String::new()]);
        let text = table.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0].find("who"), lines[1].find("ada"));
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn json_is_ascii_and_means_the_same() {
        let value = "Grüße \u{202e}\u{9b}31m 🙂\u{7f} \"x\"\n";
        let text = json(&value).unwrap();
        assert!(text.is_ascii() && !text.contains('\u{7f}'));
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), value);
    }

    #[test]
    fn distances_are_said_in_the_unit_that_fits() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let cases = [
            (0, "now"),
            (1, "in 1 s"),
            (-1, "1 s ago"),
            (119, "in 119 s"),
            (120, "in 2 m"),
            (-90, "90 s ago"),
            (-7200, "2 h ago"),
            (172_800, "in 2 d"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(distance(now + Duration::seconds(seconds), now), expected);
        }
    }
}
