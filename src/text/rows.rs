//! The rows of one text at one width: how many there are, and the few that are looked at.
//!
//! The text is cut into [`parts`](super::parts), and of each part only the number of its rows is kept. Plain ASCII is
//! counted at once; of other parts the number is estimated until they are looked at, or until [`Rows::count_on`] gets to
//! them. Rows are made safe and wrapped only around the window, see [`Rows::keep`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::View;
use super::line::SafeLine;
use super::opened::OpenedText;

/// Bytes that are counted as soon as a text is laid out, so that the numbers of an ordinary message are never estimates.
const AT_ONCE: usize = 64 * 1024;

/// A text laid out for one width. Rows are counted from zero; numbers behind an estimated part may still change.
#[derive(Debug, Clone)]
pub struct Rows {
    text: OpenedText,
    width: usize,
    view: View,
    /// The row each part begins with, and behind them the number of all.
    firsts: Vec<usize>,
    /// Parts whose rows were counted, not estimated.
    counted: Vec<bool>,
    /// How many were not.
    uncounted: usize,
    /// The rows of the parts around the window.
    kept: BTreeMap<usize, Vec<SafeLine>>,
}

/// A row by the part in which it stands, which holds when the numbers change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    part: usize,
    row: usize,
}

impl Rows {
    /// Lays a text out. A width of zero counts as one.
    pub fn new(text: OpenedText, width: usize, view: View) -> Rows {
        let parts = text.parts();
        let mut rows = Rows {
            text,
            width: width.max(1),
            view,
            firsts: vec![0; parts + 1],
            counted: vec![true; parts],
            uncounted: 0,
            kept: BTreeMap::new(),
        };
        let mut left = AT_ONCE;
        let mut total = 0;
        for part in 0..parts {
            let bytes = rows.text.part(part);
            total += match plain_rows(bytes, rows.width) {
                Some(count) => count,
                None if left > 0 => {
                    left = left.saturating_sub(bytes.len());
                    rows.lay_out(part).len()
                }
                None => {
                    rows.counted[part] = false;
                    rows.uncounted += 1;
                    estimated_rows(bytes, rows.width)
                }
            };
            rows.firsts[part + 1] = total;
        }
        rows
    }

    /// How many rows there are; at least one.
    pub fn len(&self) -> usize {
        self.firsts[self.firsts.len() - 1]
    }

    /// Never: an empty text has an empty row.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Whether all rows were counted, and none estimated.
    pub fn is_exact(&self) -> bool {
        self.uncounted == 0
    }

    /// Counts further rows, in parts of about so many bytes together. Says whether a number changed.
    pub fn count_on(&mut self, bytes: usize) -> bool {
        if self.is_exact() {
            return false;
        }
        let mut left = bytes;
        let next = self.counted.iter().enumerate().filter(|(_, counted)| !**counted).map(|(part, _)| part);
        let parts: Vec<usize> = next
            .take_while(|part| {
                let goes_on = left > 0;
                left = left.saturating_sub(self.text.part(*part).len());
                goes_on
            })
            .collect();
        self.count(parts)
    }

    /// Counts and keeps the rows of a window, and forgets those of all others. Says whether a number changed; then other
    /// rows stand in the window, and are to be asked for.
    pub fn keep(&mut self, window: Range<usize>) -> bool {
        let parts = self.parts_of(window);
        self.kept.retain(|part, _| parts.contains(part));
        for part in parts.clone() {
            if !self.kept.contains_key(&part) {
                let rows = self.lay_out(part);
                self.kept.insert(part, rows);
            }
        }
        self.count(parts.filter(|part| !self.counted[*part]).collect())
    }

    /// One row, safe to draw; the last one beyond the end.
    pub fn line(&self, row: usize) -> Cow<'_, SafeLine> {
        let Place { part, row } = self.place(row);
        match self.kept.get(&part) {
            Some(rows) => rows.get(row).map_or_else(|| Cow::Owned(SafeLine::default()), Cow::Borrowed),
            None => Cow::Owned(self.lay_out(part).into_iter().nth(row).unwrap_or_default()),
        }
    }

    /// The row in which a code point stands; the last one beyond the end.
    pub fn row_of(&self, code_point: usize) -> usize {
        let part = self.text.part_of(code_point);
        let mut end = self.text.start_of(part);
        let rows = self.part_rows(part);
        let row = rows.iter().position(|row| {
            end += row.code_points();
            code_point < end
        });
        self.number(Place { part, row: row.unwrap_or(usize::MAX) })
    }

    /// The code points that some rows show, their line breaks included.
    pub fn code_points_of(&self, rows: Range<usize>) -> Range<usize> {
        let first = self.place(rows.start);
        let last = self.place(rows.end.saturating_sub(1).max(rows.start));
        let begin = |place: Place| {
            let before = self.part_rows(place.part).iter().take(place.row).map(SafeLine::code_points).sum::<usize>();
            self.text.start_of(place.part) + before
        };
        begin(first)..begin(Place { row: last.row + 1, ..last })
    }

    /// Where a row stands, whatever number it gets.
    pub fn place(&self, row: usize) -> Place {
        let row = row.min(self.len() - 1);
        let part = self.firsts.partition_point(|first| *first <= row) - 1;
        Place { part, row: row - self.firsts[part] }
    }

    /// The number that the row at a place has now.
    pub fn number(&self, place: Place) -> usize {
        self.firsts[place.part].saturating_add(place.row).min(self.firsts[place.part + 1] - 1)
    }

    fn part_rows(&self, part: usize) -> Cow<'_, [SafeLine]> {
        match self.kept.get(&part) {
            Some(rows) => Cow::Borrowed(rows),
            None => Cow::Owned(self.lay_out(part)),
        }
    }

    fn lay_out(&self, part: usize) -> Vec<SafeLine> {
        let safe = self.text.part_lines(part, self.view);
        safe.lines().iter().flat_map(|line| line.wrap(self.width)).collect()
    }

    fn parts_of(&self, window: Range<usize>) -> Range<usize> {
        if window.is_empty() || window.start >= self.len() {
            return 0..0;
        }
        self.place(window.start).part..self.place(window.end - 1).part + 1
    }

    /// Puts counts in the place of estimates. Says whether one differed.
    fn count(&mut self, parts: Vec<usize>) -> bool {
        let Some(&first) = parts.first() else { return false };
        let counts: BTreeMap<usize, usize> = parts.into_iter().map(|part| (part, self.part_rows(part).len())).collect();
        let (mut known, mut next) = (self.firsts[first], self.firsts[first]);
        let mut changed = false;
        for part in first..self.counted.len() {
            let estimate = self.firsts[part + 1] - known;
            known = self.firsts[part + 1];
            let count = counts.get(&part).copied().unwrap_or(estimate);
            changed |= count != estimate;
            next += count;
            self.firsts[part + 1] = next;
        }
        for part in counts.keys() {
            self.counted[*part] = true;
        }
        self.uncounted -= counts.len();
        changed
    }
}

/// The rows of text in plain ASCII, counted without making them: what [`SafeLine::wrap`] would make of it. None for
/// other text.
fn plain_rows(bytes: &[u8], width: usize) -> Option<usize> {
    if !bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')) {
        return None;
    }
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n');
    Some(lines.map(|line| plain_line_rows(line, width)).sum())
}

fn plain_line_rows(line: &[u8], width: usize) -> usize {
    let mut rows = 0;
    let mut rest = line;
    while rest.len() > width {
        rows += 1;
        let row_end = match rest[..width].iter().rposition(|byte| *byte == b' ') {
            // The space at which a row is broken is not drawn.
            _ if rest[width] == b' ' => width + 1,
            Some(space) => space + 1,
            None => width,
        };
        rest = &rest[row_end..];
    }
    if rest.is_empty() && rows > 0 { rows } else { rows + 1 }
}

/// About how many rows a text has: each code point taken for a cell.
fn estimated_rows(bytes: &[u8], width: usize) -> usize {
    let lines = bytes.strip_suffix(b"\n").unwrap_or(bytes).split(|byte| *byte == b'\n');
    let begins = |byte: &&u8| **byte & 0xC0 != 0x80;
    lines.map(|line| line.iter().filter(begins).count().div_ceil(width).max(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, width: usize) -> Rows {
        Rows::new(OpenedText::new(text.as_bytes().to_vec().into()), width, View::Unicode)
    }

    fn shown(rows: &Rows, window: Range<usize>) -> Vec<String> {
        window.map(|row| rows.line(row).to_string()).collect()
    }

    #[test]
    fn plain_text_is_counted_as_it_is_wrapped() {
        let texts = [
            "",
            "\n",
            "a",
            "hello ",
            "one two three",
            "a  b",
            "abcdefghij klm",
            "   x",
            "a\n\nb c d e f\n",
            "          ",
        ];
        for text in texts {
            for width in 1..=12 {
                let wrapped: usize = super::super::SafeText::from_untrusted(text)
                    .lines()
                    .iter()
                    .map(|line| line.wrap(width).len())
                    .sum();
                assert_eq!(plain_rows(text.as_bytes(), width), Some(wrapped), "{text:?} at {width}");
            }
        }
        assert_eq!(plain_rows(b"a\tb", 5), None);
        assert_eq!(plain_rows("\u{E9}".as_bytes(), 5), None);
    }

    #[test]
    fn estimates_become_counts_where_one_looks() {
        let text = "中文字符 ".repeat(40_000);
        let mut rows = rows(&text, 40);
        assert!(!rows.is_exact());
        let last = rows.len() - 1;
        let place = rows.place(last);
        assert!(rows.keep(last - 200..last + 1), "wide letters take more rows than estimated");
        assert!(rows.number(place) > last);
        while !rows.is_exact() {
            rows.count_on(200_000);
        }
        let mut shown = 0;
        for top in (0..rows.len()).step_by(500) {
            let window = top..rows.len().min(top + 500);
            assert!(!rows.keep(window.clone()), "everything was counted");
            let code_points = rows.code_points_of(window);
            assert_eq!(code_points.start, shown);
            shown = code_points.end;
        }
        assert_eq!(shown, text.chars().count());
        assert!(!rows.count_on(usize::MAX));
    }

    #[test]
    fn rows_say_what_they_show_and_where_a_code_point_stands() {
        let rows = rows("one two\nGr\u{FC}\u{DF}e e\u{301}\u{200B}", 8);
        assert_eq!(shown(&rows, 0..4), ["one two", "Gr\u{FC}\u{DF}e ", "e\u{301}", "<U+200B>"]);
        assert_eq!(rows.len(), 4);
        assert_eq!(rows.code_points_of(0..1), 0..8);
        assert_eq!(rows.code_points_of(1..3), 8..16);
        for (code_point, row) in [(0, 0), (7, 0), (8, 1), (13, 1), (14, 2), (15, 2), (16, 3), (99, 3)] {
            assert_eq!(rows.row_of(code_point), row, "{code_point}");
        }
    }

    #[test]
    fn the_last_row_of_a_long_text_is_laid_out_without_the_others() {
        let text = "word ".repeat(100_000) + "the end";
        let mut rows = rows(&text, 60);
        let last = rows.len() - 1;
        assert!(!rows.keep(last..last + 1));
        assert!(rows.line(last).to_string().ends_with("the end"));
        assert_eq!(rows.kept.len(), 1);
        assert_eq!(rows.row_of(text.len() - 1), last);
    }
}
