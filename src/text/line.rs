//! One safe line: runs in order, each of one kind, with its width in cells.

use std::fmt;

use super::View;
use super::build::Builder;
use super::grapheme::cells_of_text;

/// One line without a line break inside. Only this module makes one, so whoever takes it gets nothing else:
///
/// ```compile_fail,E0451
/// use countersign::text::SafeLine;
/// let forged = SafeLine { runs: Vec::new(), ..SafeLine::default() };
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeLine {
    pub(super) runs: Vec<Run>,
    pub(super) width: usize,
    /// Code points that the end of the line stands for: its line break, or the space at which it was wrapped.
    pub(super) end: usize,
    pub(super) view: View,
}

/// A stretch of a line of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    text: Box<str>,
    kind: RunKind,
    width: usize,
    code_points: usize,
}

/// What a run is, so that a style can be chosen for it which no message can produce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunKind {
    /// Text as it was written.
    Text,
    /// Words of ours that stand for something in the text.
    Mark(MarkKind),
    /// A tab, expanded to its stop: a small mark and spaces.
    Tab,
}

/// Why something is not shown as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MarkKind {
    /// C0, DEL, C1, and a carriage return that belongs to no line break.
    Control,
    /// A code point that changes the direction of the text around it.
    Bidi,
    /// Format characters, separators, variation selectors, fillers, tags: nothing to see, and yet there.
    Invisible,
    /// Private use, unassigned, noncharacters: what is seen depends on the font.
    Unassigned,
    /// Combining marks with nothing to stand on, or more of them than a cluster may have.
    Combining,
    /// A byte that is no part of valid UTF-8.
    InvalidByte,
    /// A visible code point in the ASCII-only view.
    NonAscii,
    /// Wider than two cells or than the row, or of a width that terminals do not agree upon.
    TooWide,
    /// The ellipsis of [`SafeLine::fit`]; it accounts for what was cut.
    Cut,
}

impl MarkKind {
    /// Whether the mark stands for something that a reader would not have seen: these a reviewer has to visit.
    pub fn is_hidden(self) -> bool {
        match self {
            MarkKind::Control
            | MarkKind::Bidi
            | MarkKind::Invisible
            | MarkKind::Unassigned
            | MarkKind::Combining
            | MarkKind::InvalidByte => true,
            MarkKind::NonAscii | MarkKind::TooWide | MarkKind::Cut => false,
        }
    }
}

impl Run {
    /// The characters to draw.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn kind(&self) -> RunKind {
        self.kind
    }

    /// Terminal cells.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How many code points of the input the run accounts for.
    pub fn code_points(&self) -> usize {
        self.code_points
    }

    /// Text that [`super::grapheme`] let through, `width` cells wide.
    pub(super) fn text_of_width(text: &str, width: usize) -> Run {
        Run { text: text.into(), kind: RunKind::Text, width, code_points: text.chars().count() }
    }

    /// A mark in printable ASCII, or the ellipsis.
    pub(super) fn mark(text: impl Into<Box<str>>, kind: MarkKind, code_points: usize) -> Run {
        let text = text.into();
        Run { width: text.chars().count(), text, kind: RunKind::Mark(kind), code_points }
    }

    /// A tab that begins at `column`.
    pub(super) fn tab(column: usize, view: View) -> Run {
        let width = TAB_STOP - column % TAB_STOP;
        let mark = match view {
            View::Unicode => '»',
            View::Ascii => '>',
        };
        let text = format!("{mark}{:1$}", "", width - 1).into_boxed_str();
        Run { text, kind: RunKind::Tab, width, code_points: 1 }
    }

    /// The bytes `from..to` of the run, which must be cluster boundaries. The first part accounts for a mark or tab.
    pub(super) fn part(&self, from: usize, to: usize) -> Run {
        if from == 0 && to == self.text.len() {
            return self.clone();
        }
        let text = &self.text[from..to];
        match self.kind {
            RunKind::Text => Run::text_of_width(text, cells_of_text(text)),
            RunKind::Mark(_) | RunKind::Tab => Run {
                text: text.into(),
                kind: self.kind,
                width: text.chars().count(),
                code_points: if from == 0 { self.code_points } else { 0 },
            },
        }
    }
}

/// Cells from one tab stop to the next.
const TAB_STOP: usize = 8;

impl SafeLine {
    /// The program's own words, ids and numbers, made safe all the same. Line breaks become marks.
    pub fn label(value: impl fmt::Display) -> SafeLine {
        let mut builder = Builder::new(View::Unicode);
        builder.push_line(&value.to_string());
        builder.finish_line()
    }

    /// Terminal cells, as ratatui counts them when it draws the runs one by one.
    pub fn width(&self) -> usize {
        self.width
    }

    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many code points of the input the line accounts for, its line break included.
    pub fn code_points(&self) -> usize {
        self.runs.iter().map(Run::code_points).sum::<usize>() + self.end
    }

    /// Whether something in the line is hidden from a reader, so that a reviewer has to look at it.
    pub fn has_hidden(&self) -> bool {
        self.runs.iter().any(|run| matches!(run.kind, RunKind::Mark(kind) if kind.is_hidden()))
    }

    /// Adds another line's runs at the end. The column of its tabs stays as it was.
    pub fn push(&mut self, other: &SafeLine) {
        self.runs.extend(other.runs.iter().cloned());
        self.width += other.width;
        self.end += other.end;
    }

    /// This line followed by another.
    pub fn then(mut self, other: &SafeLine) -> SafeLine {
        self.push(other);
        self
    }

    /// Spaces at the right up to `width` cells; a line that is wider stays as it is.
    pub fn pad(mut self, width: usize) -> SafeLine {
        let missing = width.saturating_sub(self.width);
        self.push(&SafeLine::spaces(missing));
        self
    }

    /// Spaces at the left up to `width` cells, for numbers; a line that is wider stays as it is.
    pub fn pad_left(self, width: usize) -> SafeLine {
        let missing = width.saturating_sub(self.width);
        let view = self.view;
        let mut line = SafeLine { view, ..SafeLine::spaces(missing) };
        line.push(&self);
        line
    }

    /// A line of spaces that account for nothing.
    pub fn spaces(width: usize) -> SafeLine {
        if width == 0 {
            return SafeLine::default();
        }
        let run = Run { text: " ".repeat(width).into(), kind: RunKind::Text, width, code_points: 0 };
        SafeLine { runs: vec![run], width, ..SafeLine::default() }
    }

    /// The line with every non-ASCII code point as a mark.
    pub fn ascii_only(&self) -> SafeLine {
        let mut builder = Builder::new(View::Ascii);
        for run in &self.runs {
            builder.push_run(run);
        }
        SafeLine { end: self.end, ..builder.finish_line() }
    }
}

/// The characters of all runs, for output that has no styles.
impl fmt::Display for SafeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.runs.iter().try_for_each(|run| f.write_str(&run.text))
    }
}
