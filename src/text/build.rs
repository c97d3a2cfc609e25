//! Builds safe lines: splits lines, expands tabs, gathers text into runs and repeated marks into counts.

use std::fmt::Write;

use unicode_segmentation::UnicodeSegmentation;

use super::classify;
use super::grapheme::{self, Piece};
use super::line::{MarkKind, Run, RunKind, SafeLine};
use super::links;
use super::scripts;
use super::{Findings, SafeText, View};

/// So many equal marks in a row become one with their count.
const REPEATED: usize = 4;
/// So many marks in a row are spelled out; further ones are counted until text follows.
const SPELLED_OUT: usize = 32;

pub(super) struct Builder {
    view: View,
    lines: Vec<SafeLine>,
    findings: Findings,
    runs: Vec<Run>,
    /// Cells of the closed runs.
    width: usize,
    text: String,
    text_width: usize,
    /// Whether the text has only letters of which each is a cluster of its own, whose widths add up.
    is_plain: bool,
    repeated: Option<Repeated>,
    /// Marks in a row, spelled out so far.
    spelled_out: usize,
    /// Marks that came after those.
    more: usize,
}

/// Equal marks in a row, not yet a run.
struct Repeated {
    unit: Unit,
    kind: MarkKind,
    count: usize,
}

/// What a mark stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    CodePoint(char),
    Byte(u8),
}

impl Builder {
    pub(super) fn new(view: View) -> Builder {
        Builder {
            view,
            lines: Vec::new(),
            findings: Findings::default(),
            runs: Vec::new(),
            width: 0,
            text: String::new(),
            text_width: 0,
            is_plain: true,
            repeated: None,
            spelled_out: 0,
            more: 0,
        }
    }

    /// Adds text of any number of lines, and counts what it is found out to be.
    pub(super) fn push(&mut self, text: &str) {
        self.judge(text);
        self.push_lines(text);
    }

    /// Counts what a stretch of text is found out to be as a whole.
    pub(super) fn judge(&mut self, text: &str) {
        self.findings.mixed_script += scripts::count_mixed_words(text);
        self.findings.deceptive_links += links::count_deceptive(text);
    }

    /// Adds text of any number of lines, of which the hidden code points are counted and no more.
    pub(super) fn push_lines(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find('\n') {
            let line = &rest[..at];
            match line.strip_suffix('\r') {
                Some(line) => {
                    self.push_line(line);
                    self.end_line(2);
                }
                None => {
                    self.push_line(line);
                    self.end_line(1);
                }
            }
            rest = &rest[at + 1..];
        }
        self.push_line(rest);
    }

    /// Adds text to the line; a line break in it becomes a mark.
    pub(super) fn push_line(&mut self, line: &str) {
        let mut rest = line;
        while !rest.is_empty() {
            let (plain, width) = plain(rest, self.view);
            if plain > 0 {
                self.push_plain(&rest[..plain], width);
                rest = &rest[plain..];
                continue;
            }
            for cluster in rest.graphemes(true) {
                rest = &rest[cluster.len()..];
                self.push_cluster(cluster);
                if rest.starts_with(|c| grapheme::letter_cells(c).is_some()) {
                    break;
                }
            }
        }
    }

    /// Adds bytes of any number of lines, of which the hidden code points are counted and no more.
    pub(super) fn push_bytes(&mut self, bytes: &[u8]) {
        for chunk in bytes.utf8_chunks() {
            self.push_lines(chunk.valid());
            chunk.invalid().iter().for_each(|byte| self.invalid_byte(*byte));
        }
    }

    /// Adds a byte that is no part of valid UTF-8.
    fn invalid_byte(&mut self, byte: u8) {
        self.push_mark(Unit::Byte(byte), MarkKind::InvalidByte);
    }

    /// Adds a run of a line that was made safe before.
    pub(super) fn push_run(&mut self, run: &Run) {
        match run.kind() {
            RunKind::Text if run.code_points() == 0 => self.push_closed(run.clone()),
            RunKind::Text => self.push_line(run.text()),
            RunKind::Tab if run.code_points() == 0 => self.push_closed(run.clone()),
            RunKind::Tab => self.push_tab(),
            RunKind::Mark(MarkKind::Cut) => {
                self.push_closed(SafeLine::ellipsis(self.view, run.code_points()));
            }
            RunKind::Mark(_) => self.push_closed(run.clone()),
        }
    }

    pub(super) fn finish(mut self) -> SafeText {
        self.close();
        if !self.runs.is_empty() || self.lines.is_empty() {
            self.end_line(0);
        }
        SafeText { lines: self.lines, findings: self.findings }
    }

    /// The one line of a builder that was given no line breaks but as marks.
    pub(super) fn finish_line(mut self) -> SafeLine {
        self.close();
        SafeLine { runs: self.runs, width: self.width, end: 0, view: self.view }
    }

    fn end_line(&mut self, end: usize) {
        self.close();
        let runs = std::mem::take(&mut self.runs);
        let width = std::mem::take(&mut self.width);
        self.lines.push(SafeLine { runs, width, end, view: self.view });
    }

    fn push_cluster(&mut self, cluster: &str) {
        if cluster == "\t" {
            self.push_tab();
        } else if self.view == View::Ascii {
            cluster.chars().for_each(|c| self.push_ascii_view(c));
        } else {
            grapheme::pieces(cluster, |piece| match piece {
                Piece::Shown { text, width, continues } => {
                    if continues {
                        self.close();
                    }
                    self.push_text(text, width);
                }
                Piece::Hidden(c, kind) => self.push_mark(Unit::CodePoint(c), kind),
                Piece::Excess(count) => self.push_excess(count),
            });
        }
    }

    fn push_ascii_view(&mut self, c: char) {
        match classify::hidden(c) {
            Some(kind) => self.push_mark(Unit::CodePoint(c), kind),
            None if c.is_ascii() => self.push_text(c.encode_utf8(&mut [0; 4]), 1),
            None => self.push_mark(Unit::CodePoint(c), MarkKind::NonAscii),
        }
    }

    /// Adds letters of which each is a cluster of its own.
    fn push_plain(&mut self, text: &str, width: usize) {
        self.close_marks();
        self.text.push_str(text);
        self.text_width += width;
    }

    fn push_text(&mut self, text: &str, width: usize) {
        self.close_marks();
        self.is_plain = false;
        self.text.push_str(text);
        self.text_width += width;
    }

    fn push_tab(&mut self) {
        self.close();
        self.push_closed(Run::tab(self.width, self.view));
    }

    fn push_mark(&mut self, unit: Unit, kind: MarkKind) {
        self.close_text();
        self.findings.add_mark(kind, 1);
        match &mut self.repeated {
            Some(repeated) if repeated.unit == unit => repeated.count += 1,
            _ => {
                self.close_repeated();
                self.repeated = Some(Repeated { unit, kind, count: 1 });
            }
        }
    }

    fn push_excess(&mut self, count: usize) {
        self.close();
        self.findings.add_mark(MarkKind::Combining, count);
        self.push_closed(Run::mark(format!("<+{count} marks>"), MarkKind::Combining, count));
    }

    /// Adds a finished run behind everything that is pending.
    fn push_closed(&mut self, run: Run) {
        self.close();
        self.width += run.width();
        self.runs.push(run);
    }

    fn close(&mut self) {
        self.close_text();
        self.close_marks();
    }

    fn close_text(&mut self) {
        if self.text.is_empty() {
            return;
        }
        self.width += self.text_width;
        if self.is_plain {
            self.runs.push(Run::text_of_width(&self.text, self.text_width));
        } else {
            for (text, width) in grapheme::measurable_parts(&self.text, self.text_width) {
                self.runs.push(Run::text_of_width(text, width));
            }
        }
        self.is_plain = true;
        self.text.clear();
        self.text_width = 0;
    }

    fn close_marks(&mut self) {
        self.close_repeated();
        self.close_more();
        self.spelled_out = 0;
    }

    fn close_repeated(&mut self) {
        let Some(Repeated { unit, kind, count }) = self.repeated.take() else {
            return;
        };
        if kind == MarkKind::NonAscii {
            self.close_more();
            self.spelled_out = 0;
        } else if self.spelled_out >= SPELLED_OUT {
            self.more += count;
            return;
        }
        let (times, code_points) = if count < REPEATED { (count, 1) } else { (1, count) };
        for _ in 0..times {
            let mark = Run::mark(unit.mark(code_points), kind, code_points);
            self.width += mark.width();
            self.runs.push(mark);
        }
        self.spelled_out += times;
    }

    fn close_more(&mut self) {
        if self.more > 0 {
            let mark = Run::mark(format!("<+{} more>", self.more), MarkKind::Invisible, self.more);
            self.width += mark.width();
            self.runs.push(mark);
            self.more = 0;
        }
    }
}

impl Unit {
    fn mark(self, count: usize) -> String {
        let mut mark = String::with_capacity("<U+202E>".len());
        let written = match self {
            Unit::CodePoint('\u{1B}') => mark.write_str("<ESC"),
            Unit::CodePoint(c) => write!(mark, "<U+{:04X}", u32::from(c)),
            Unit::Byte(byte) => write!(mark, "<\\x{byte:02X}"),
        };
        let ended = if count == 1 { mark.write_str(">") } else { write!(mark, " x {count}>") };
        written.and(ended).expect("a string takes whatever is written");
        mark
    }
}

/// Bytes and cells of the letters at the beginning of which each is a cluster of its own: without the last one where
/// something follows that may combine with it.
fn plain(text: &str, view: View) -> (usize, usize) {
    let ascii = text.bytes().position(|byte| !matches!(byte, b' '..=b'~')).unwrap_or(text.len());
    let mut all = (ascii, ascii);
    let mut without_last = (ascii.saturating_sub(1), ascii.saturating_sub(1));
    for c in text[ascii..].chars() {
        match grapheme::letter_cells(c) {
            Some(cells) if view == View::Unicode || c.is_ascii() => {
                without_last = all;
                all = (all.0 + c.len_utf8(), all.1 + cells);
            }
            // A control ends whatever stands before it.
            _ if c.is_ascii() => return all,
            _ => return without_last,
        }
    }
    all
}
