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
mod characters;
mod classify;
mod columns;
mod cursor;
pub mod diff;
mod emoji;
pub mod facts;
mod findings;
mod grapheme;
mod hosts;
mod language;
mod line;
mod links;
mod marks;
mod opened;
mod parts;
mod rows;
mod scripts;
mod survey;
mod wrap;

use std::fmt;

use build::Builder;
pub use findings::Findings;
pub use language::language;
pub use line::{MarkKind, Run, RunKind, SafeLine};
pub use links::{Deception, Link, links};
pub use marks::{FactKind, Mark, Remark};
pub use opened::OpenedText;
pub use rows::{Place, Rows};
pub use scripts::{MixedWord, mixed_words};
pub use survey::Survey;

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
        bytes.utf8_chunks().for_each(|chunk| builder.judge(chunk.valid()));
        builder.push_bytes(bytes);
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

    #[test]
    fn repeated_marks_are_counted_and_long_rows_of_them_bounded() {
        assert_eq!(shown(&"\u{200B}".repeat(3)), "<U+200B>".repeat(3));
        assert_eq!(shown(&"\u{200B}".repeat(4000)), "<U+200B x 4000>");
        let alternating = "\u{200B}\u{200C}".repeat(100);
        assert_eq!(shown(&alternating), format!("{}<+168 more>", "<U+200B><U+200C>".repeat(16)));
    }

    #[test]
    fn invalid_bytes_are_shown_and_lose_nothing_around_them() {
        let safe = SafeText::from_bytes(b"a\xFFb\xC3\n\xE2\x82c\r\xF0\n\xCC\x81");
        assert_eq!(safe.to_string(), "a<\\xFF>b<\\xC3>\n<\\xE2><\\x82>c<U+000D><\\xF0>\n<U+0301>");
        assert_eq!(safe.findings().hidden, 7);
    }

    #[test]
    fn the_ascii_only_view_spells_letters_out() {
        let safe = SafeText::from_untrusted("p\u{430}y\t5 \u{20AC}\u{202E}");
        assert_eq!(safe.ascii_only().to_string(), "p<U+0430>y>     5 <U+20AC><U+202E>");
        assert_eq!(safe.ascii_only().findings(), safe.findings());
    }

    #[test]
    fn findings_count_what_a_reviewer_would_miss() {
        let text =
            "\u{1B}[0m\u{202E}p\u{430}ypal e\u{301} \u{200B}\u{200B}\u{200B}\u{200B} https://acme.test@evil.test";
        let expected = Findings { hidden: 5, bidi: 1, mixed_script: 1, deceptive_links: 1 };
        assert_eq!(SafeText::from_untrusted(text).findings(), expected);
        assert_eq!(SafeText::from_untrusted("Grüße, 中文 👩\u{200D}🚀\tto you").findings(), Findings::default());
    }

    #[test]
    fn debug_output_keeps_the_words_to_itself() {
        let debug = format!("{:?}", SafeText::from_untrusted("my secret"));
        assert!(!debug.contains("secret"), "{debug}");
    }
}
