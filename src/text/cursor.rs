//! Where in a line a code point stands, and which one stands in a cell: for a cursor over text that is shown.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::grapheme::cells;
use super::line::{Run, RunKind, SafeLine};

impl SafeLine {
    /// The cells of what accounts for this code point of the line: a cluster, a mark, a tab. Behind the last code point
    /// that is shown, the empty range behind the last cell.
    pub fn cells_of(&self, code_point: usize) -> Range<usize> {
        let (mut cell, mut first) = (0, 0);
        for piece in self.pieces() {
            if code_point < first + piece.code_points {
                return cell..cell + piece.width;
            }
            cell += piece.width;
            first += piece.code_points;
        }
        cell..cell
    }

    /// The first code point of what stands in this cell; behind the last cell, how many code points are shown.
    pub fn code_point_at(&self, cell: usize) -> usize {
        let (mut begin, mut first) = (0, 0);
        for piece in self.pieces() {
            if cell < begin + piece.width {
                return first;
            }
            begin += piece.width;
            first += piece.code_points;
        }
        first
    }

    fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.runs().iter().flat_map(|run| {
            let is_text = run.kind() == RunKind::Text;
            let clusters = is_text.then(|| run.text().graphemes(true).map(Piece::of_cluster)).into_iter().flatten();
            clusters.chain((!is_text).then(|| Piece::of_whole(run)))
        })
    }
}

/// What a cursor never stands inside of.
struct Piece {
    width: usize,
    code_points: usize,
}

impl Piece {
    fn of_cluster(cluster: &str) -> Piece {
        Piece { width: cells(cluster), code_points: cluster.chars().count() }
    }

    fn of_whole(run: &Run) -> Piece {
        Piece { width: run.width(), code_points: run.code_points() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SafeText;

    fn line(text: &str) -> SafeLine {
        SafeText::from_untrusted(text).lines()[0].clone()
    }

    #[test]
    fn a_cursor_stands_on_marks_and_clusters_as_a_whole() {
        let line = line("a\u{200B}中e\u{301}\tz");
        let cells: Vec<_> = (0..8).map(|code_point| line.cells_of(code_point)).collect();
        assert_eq!(cells, [0..1, 1..9, 9..11, 11..12, 11..12, 12..16, 16..17, 17..17]);
        let code_points: Vec<_> = [0, 1, 8, 9, 10, 11, 12, 15, 16, 17, 90].map(|cell| line.code_point_at(cell)).into();
        assert_eq!(code_points, [0, 1, 1, 2, 2, 3, 5, 5, 6, 7, 7]);
    }

    #[test]
    fn marks_that_are_counted_together_are_one_place() {
        let line = line(&format!("a{}b", "\u{200B}".repeat(9)));
        assert_eq!(line.cells_of(1), line.cells_of(9));
        assert_eq!(line.code_point_at(line.cells_of(10).start), 10);
    }
}
