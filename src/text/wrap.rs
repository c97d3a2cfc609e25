//! Lines brought to a width: wrapped into rows, or cut with an ellipsis.

use unicode_segmentation::UnicodeSegmentation;

use super::View;
use super::grapheme::{MOST_CELLS_APART, cells, cells_apart, letter_cells};
use super::line::{MarkKind, Run, RunKind, SafeLine};

impl SafeLine {
    /// Rows of at most `width` cells, broken behind a space or beside a wide cluster where there is one, else at the
    /// edge. At least one row; a width of zero counts as one.
    ///
    /// Nothing is lost: one space at which a row is broken is counted by the row's end, everything else is drawn. A joined
    /// emoji stands only where it fits in its parts too: not every terminal joins them, and the rest of one would lie over
    /// the border. What is too wide for any row is drawn as the mark `?`, which accounts for it.
    pub fn wrap(&self, width: usize) -> Vec<SafeLine> {
        let width = width.max(1);
        if self.fits(width) {
            return vec![self.clone()];
        }
        if width < MOST_CELLS_APART {
            return self.without_wider_clusters(width).rows(width);
        }
        self.rows(width)
    }

    /// The line cut to `width` cells. What is cut is replaced by an ellipsis, `…` or in the ASCII-only view `~`, which
    /// accounts for it. Marks are not shown in part. Nothing fits into a width of zero.
    pub fn fit(&self, width: usize) -> SafeLine {
        if self.fits(width) {
            return self.clone();
        }
        if width == 0 {
            return SafeLine { view: self.view, ..SafeLine::default() };
        }
        let mut fitting = Position::START;
        let mut used = 0;
        for atom in self.atoms(usize::MAX) {
            if used + atom.room > width - 1 {
                break;
            }
            used += atom.width;
            fitting = atom.to;
        }
        let mut line = self.part(Position::START, fitting);
        let cut = self.code_points() - line.code_points();
        line.runs.push(SafeLine::ellipsis(self.view, cut));
        line.width += 1;
        line
    }

    /// Whether the line stays within `width` cells on every terminal.
    fn fits(&self, width: usize) -> bool {
        let mut used = 0;
        self.width <= width
            && (self.width + MOST_CELLS_APART <= width
                || self.atoms(usize::MAX).all(|atom| {
                    let end = used + atom.room;
                    used += atom.width;
                    end <= width
                }))
    }

    /// Cut to `width` cells, or padded to it: a table cell.
    pub fn cell(&self, width: usize) -> SafeLine {
        self.fit(width).pad(width)
    }

    pub(super) fn ellipsis(view: View, code_points: usize) -> Run {
        let mark = match view {
            View::Unicode => "…",
            View::Ascii => "~",
        };
        Run::mark(mark, MarkKind::Cut, code_points)
    }

    /// Greedy rows. An atom is moved to the next row at most once, so the work stays linear.
    fn rows(&self, width: usize) -> Vec<SafeLine> {
        let mut rows = Vec::new();
        let mut row = OpenRow::at(Position::START);
        let mut before = AtomKind::Other;
        for atom in self.atoms(width) {
            if row.used > 0 && may_break(before, atom.kind) {
                row.last_break = Some((atom.from, row.used));
            }
            before = atom.kind;
            if row.used + atom.room > width && atom.kind == AtomKind::Space {
                let mut line = self.part(row.start, atom.from);
                line.end += 1;
                rows.push(line);
                row = OpenRow::at(atom.to);
                continue;
            }
            while row.used + atom.room > width {
                let (at, used) = row.last_break.unwrap_or((atom.from, row.used));
                rows.push(self.part(row.start, at));
                row = OpenRow { used: row.used - used, ..OpenRow::at(at) };
            }
            row.used += atom.width;
        }
        let rest = self.part(row.start, self.end_position());
        match rows.last_mut() {
            Some(last) if rest.is_empty() => last.end += self.end,
            _ => rows.push(SafeLine { end: self.end, ..rest }),
        }
        rows
    }

    fn without_wider_clusters(&self, width: usize) -> SafeLine {
        let mut line = SafeLine { end: self.end, view: self.view, ..SafeLine::default() };
        let mut kept = Position::START;
        for atom in self.atoms(1).filter(|atom| atom.room > width) {
            line.push(&self.part(kept, atom.from));
            let cluster = &self.runs[atom.from.run].text()[atom.from.byte..atom.to.byte];
            line.runs.push(Run::mark("?", MarkKind::TooWide, cluster.chars().count()));
            line.width += 1;
            kept = atom.to;
        }
        line.push(&self.part(kept, self.end_position()));
        line
    }

    /// The runs between two positions, without the line's end.
    fn part(&self, from: Position, to: Position) -> SafeLine {
        let mut line = SafeLine { view: self.view, ..SafeLine::default() };
        for (index, run) in self.runs.iter().enumerate().take(to.run + 1).skip(from.run) {
            let first = if index == from.run { from.byte } else { 0 };
            let last = if index == to.run { to.byte } else { run.text().len() };
            if first < last {
                let part = run.part(first, last);
                line.width += part.width();
                line.runs.push(part);
            }
        }
        line
    }

    fn end_position(&self) -> Position {
        Position { run: self.runs.len(), byte: 0 }
    }

    /// The parts that a line may be broken between. Marks and tabs up to `widest` cells stay whole.
    fn atoms(&self, widest: usize) -> Atoms<'_> {
        Atoms { runs: &self.runs, at: Position::START, widest }
    }
}

/// Whether a row may end between two atoms without tearing a word.
fn may_break(before: AtomKind, next: AtomKind) -> bool {
    matches!(before, AtomKind::Space | AtomKind::Tab | AtomKind::Wide) || matches!(next, AtomKind::Tab | AtomKind::Wide)
}

/// A row that is being filled.
struct OpenRow {
    start: Position,
    used: usize,
    /// The last place where the row may end, and its cells up to there.
    last_break: Option<(Position, usize)>,
}

impl OpenRow {
    fn at(start: Position) -> OpenRow {
        OpenRow { start, used: 0, last_break: None }
    }
}

/// A cluster boundary in a line: a run and a byte in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Position {
    run: usize,
    byte: usize,
}

impl Position {
    const START: Position = Position { run: 0, byte: 0 };
}

/// A cluster, a mark, a tab, or one cell of a mark or tab that is too wide for a row.
#[derive(Debug, Clone, Copy)]
struct Atom {
    from: Position,
    to: Position,
    width: usize,
    /// Cells that a terminal may take which draws every code point on its own.
    room: usize,
    kind: AtomKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AtomKind {
    Space,
    Tab,
    /// A cluster of two cells. Scripts that have them set no spaces.
    Wide,
    Other,
}

struct Atoms<'a> {
    runs: &'a [Run],
    at: Position,
    widest: usize,
}

impl Iterator for Atoms<'_> {
    type Item = Atom;

    fn next(&mut self) -> Option<Atom> {
        let mut run = self.runs.get(self.at.run)?;
        while self.at.byte == run.text().len() {
            self.at = Position { run: self.at.run + 1, byte: 0 };
            run = self.runs.get(self.at.run)?;
        }
        let from = self.at;
        let rest = &run.text()[from.byte..];
        let (len, width, room) = match run.kind() {
            RunKind::Text => first_cluster(rest),
            RunKind::Mark(_) | RunKind::Tab if run.width() <= self.widest => (rest.len(), run.width(), run.width()),
            RunKind::Mark(_) | RunKind::Tab => (rest.chars().next().map_or(0, char::len_utf8), 1, 1),
        };
        let kind = match run.kind() {
            RunKind::Tab => AtomKind::Tab,
            RunKind::Text if rest.as_bytes()[0] == b' ' && len == 1 => AtomKind::Space,
            RunKind::Text if width == 2 => AtomKind::Wide,
            RunKind::Text | RunKind::Mark(_) => AtomKind::Other,
        };
        self.at = Position { run: from.run, byte: from.byte + len };
        Some(Atom { from, to: self.at, width, room, kind })
    }
}

/// Bytes and cells of the first cluster of a text that is not empty, and the cells of its parts.
fn first_cluster(text: &str) -> (usize, usize, usize) {
    let mut chars = text.chars();
    if let Some(first) = chars.next()
        && let Some(cells) = letter_cells(first)
        && chars.next().is_none_or(|next| next.is_ascii() || letter_cells(next).is_some())
    {
        return (first.len_utf8(), cells, cells);
    }
    let cluster = text.graphemes(true).next().unwrap_or_default();
    (cluster.len(), cells(cluster), cells_apart(cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, width: usize) -> Vec<String> {
        SafeLine::label(text).wrap(width).iter().map(SafeLine::to_string).collect()
    }

    #[test]
    fn rows_break_where_a_word_ends() {
        assert_eq!(rows("one two three", 7), ["one two", "three"]);
        assert_eq!(rows("one two three", 8), ["one two ", "three"]);
        assert_eq!(rows("hello ", 5), ["hello"]);
        assert_eq!(rows("a  b", 1), ["a", " ", "b"]);
        assert_eq!(rows("ab 中文中", 4), ["ab ", "中文", "中"]);
        assert_eq!(rows("", 5), [""]);
    }

    #[test]
    fn what_fits_no_row_is_broken_at_the_edge() {
        assert_eq!(rows("to abcdefgh", 5), ["to ", "abcde", "fgh"]);
        assert_eq!(rows("ab\u{202E}", 5), ["ab<U+", "202E>"]);
        assert_eq!(rows("ab\u{202E}", 8), ["ab", "<U+202E>"]);
        assert_eq!(rows("a中b", 1), ["a", "?", "b"]);
        assert_eq!(rows("ab", 0), ["a", "b"]);
    }

    #[test]
    fn joined_emoji_stand_where_their_parts_would_fit() {
        let crew = "👩\u{200D}🚀";
        assert_eq!(rows(&format!("{}{crew}", "x".repeat(16)), 20), [format!("{}{crew}", "x".repeat(16))]);
        assert_eq!(rows(&format!("{}{crew}", "x".repeat(17)), 20), ["x".repeat(17), crew.to_owned()]);
        assert_eq!(rows(&format!("a{crew}b"), 3), ["a?b"]);
        assert_eq!(
            SafeLine::label(format!("{}{crew}", "x".repeat(17))).fit(20).to_string(),
            format!("{}…", "x".repeat(17))
        );
    }

    #[test]
    fn tabs_reach_the_next_stop() {
        assert_eq!(rows("ab\tc\td", 30), ["ab»     c»      d"]);
        assert_eq!(rows("a\tb", 5), ["a»   ", "   b"]);
    }

    #[test]
    fn cut_lines_end_in_an_ellipsis_that_counts() {
        let line = SafeLine::label("abc中\u{202E}d");
        assert_eq!(line.fit(14), line);
        assert_eq!(line.fit(13).to_string(), "abc中…", "marks are not shown in part");
        assert_eq!(line.fit(5).to_string(), "abc…");
        assert_eq!(line.fit(1).to_string(), "…");
        assert_eq!(line.fit(0).to_string(), "");
        assert_eq!(line.fit(5).runs().last().map(Run::code_points), Some(3));
        assert_eq!(line.ascii_only().fit(5).to_string(), "abc~");
        assert_eq!(SafeLine::label("ab").cell(4).to_string(), "ab  ");
    }
}
