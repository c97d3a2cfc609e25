//! Untrusted text, made visible, complete and bounded.
//!
//! What customers and models write may carry escapes, bidirectional overrides, invisible code points and floods of
//! combining marks. [`SafeText`] is the one way from such text to the screen:
//!
//! - **visible**: a code point that draws nothing, or does something else than drawing, becomes a mark such as
//!   `<U+202E>` or `<ESC>`, in a run of its own that no message can imitate ([`RunKind::Mark`]);
//! - **complete**: every code point of the input is shown or counted, see [`SafeText::code_points`];
//! - **bounded**: no cluster is wider than two cells or longer than ten code points, repeated invisible code points
//!   collapse with their count, and the work is linear in the input.
//!
//! Widths are those of ratatui: a line is as wide as the sum of its grapheme clusters, each measured on its own.
//!
//! Knows nothing of ours and nothing of the terminal library that draws the lines.

mod build;
mod classify;
mod emoji;
mod findings;
mod grapheme;
mod hosts;
mod line;
mod links;
mod scripts;
mod wrap;

use std::fmt;

use build::Builder;
pub use findings::Findings;
pub use line::{MarkKind, Run, RunKind, SafeLine};
pub use links::{Deception, Link, links};

/// What a view of the text may show as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum View {
    /// Letters of every script.
    #[default]
    Unicode,
    /// Printable ASCII only; every other code point is a mark.
    Ascii,
}

/// Logical lines of text that is safe to draw. Untrusted text becomes one only through the constructors here.
///
/// There is always at least one line, and a final line break ends the last line instead of opening an empty one.
/// `Debug` prints counts, never words: the text may be a customer's.
#[derive(Clone, PartialEq, Eq)]
pub struct SafeText {
    lines: Vec<SafeLine>,
    findings: Findings,
}

impl SafeText {
    /// Makes text safe. LF and CRLF break lines; a lone CR does not, it becomes a mark.
    pub fn from_untrusted(text: &str) -> SafeText {
        SafeText::from_untrusted_with(text, View::Unicode)
    }

    /// Makes text safe for one of the views.
    pub fn from_untrusted_with(text: &str, view: View) -> SafeText {
        let mut builder = Builder::new(view);
        builder.push(text);
        builder.finish()
    }

    /// Makes bytes safe. A byte that is no part of valid UTF-8 becomes a mark such as `<\xFF>`.
    pub fn from_bytes(bytes: &[u8]) -> SafeText {
        let mut builder = Builder::new(View::Unicode);
        for chunk in bytes.utf8_chunks() {
            builder.push(chunk.valid());
            for byte in chunk.invalid() {
                builder.invalid_byte(*byte);
            }
        }
        builder.finish()
    }

    /// The same text with every non-ASCII code point as a mark, so that a lookalike letter cannot pass.
    pub fn ascii_only(&self) -> SafeText {
        SafeText { lines: self.lines.iter().map(SafeLine::ascii_only).collect(), findings: self.findings }
    }

    /// The logical lines, unwrapped. Never empty.
    pub fn lines(&self) -> &[SafeLine] {
        &self.lines
    }

    /// What a reviewer has to know about the text before reading it.
    pub fn findings(&self) -> Findings {
        self.findings
    }

    /// How many code points of the input the lines account for, line breaks included; an invalid byte counts as one.
    pub fn code_points(&self) -> usize {
        self.lines.iter().map(SafeLine::code_points).sum()
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.lines.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{line}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SafeText")
            .field("lines", &self.lines.len())
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        SafeText::from_untrusted(text).to_string()
    }

    #[test]
    fn what_draws_nothing_becomes_a_mark() {
        let cases = [
            ("\u{1B}[31mred", "<ESC>[31mred"),
            ("good\rEVIL", "good<U+000D>EVIL"),
            ("a\u{202E}b", "a<U+202E>b"),
            ("a\u{7F}\u{9B}b", "a<U+007F><U+009B>b"),
            ("free\u{200B}of", "free<U+200B>of"),
            ("\u{2028}\u{E000}\u{FFFF}\u{2800}\u{3164}", "<U+2028><U+E000><U+FFFF><U+2800><U+3164>"),
            ("\u{301}a", "<U+0301>a"),
            ("a\u{FE0F}b", "a<U+FE0F>b"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn line_feeds_and_their_windows_form_break_lines() {
        assert_eq!(shown("a\nb\r\nc\n\nd\r\r\n"), "a\nb\nc\n\nd<U+000D>");
        assert_eq!(SafeText::from_untrusted("").lines().len(), 1);
        assert_eq!(SafeText::from_untrusted("a\nb\r\n").code_points(), 5);
    }
}
