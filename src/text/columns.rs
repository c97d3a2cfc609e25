//! Where in a row a code point stands, so that a place in a text can be shown on the screen.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::grapheme::cells;
use super::line::{Run, RunKind, SafeLine};

impl SafeLine {
    /// The cells of the clusters to which some of the row's code points belong, both counted from its beginning. Empty where
    /// they stand for nothing that is drawn, as the line break does.
    pub fn columns(&self, code_points: Range<usize>) -> Range<usize> {
        let mut shown: Option<Range<usize>> = None;
        let (mut at, mut cell) = (0, 0);
        let mut take = |count: usize, width: usize| {
            if at < code_points.end && code_points.start < at + count {
                let from = shown.as_ref().map_or(cell, |shown| shown.start);
                shown = Some(from..cell + width);
            }
            at += count;
            cell += width;
        };
        for run in self.runs() {
            match run.kind() {
                RunKind::Text if run.code_points() > 0 => each_cluster(run, &mut take),
                RunKind::Text | RunKind::Mark(_) | RunKind::Tab => take(run.code_points(), run.width()),
            }
        }
        shown.unwrap_or(0..0)
    }
}

fn each_cluster(run: &Run, take: &mut impl FnMut(usize, usize)) {
    for cluster in run.text().graphemes(true) {
        take(cluster.chars().count(), cells(cluster));
    }
}

#[cfg(test)]
mod tests {
    use super::super::SafeText;

    #[test]
    fn code_points_stand_in_the_cells_that_show_them() {
        let text = SafeText::from_untrusted("ab \u{200B}中e\u{301}\tx\n");
        let line = &text.lines()[0];
        assert_eq!(line.to_string(), "ab <U+200B>中e\u{301}» x");
        let cases = [
            (0..2, 0..2),
            (3..4, 3..11),
            (4..5, 11..13),
            (5..6, 13..14),
            (6..7, 13..14),
            (7..8, 14..16),
            (8..9, 16..17),
        ];
        for (code_points, cells) in cases {
            assert_eq!(line.columns(code_points.clone()), cells, "{code_points:?}");
        }
        assert_eq!(line.columns(1..5), 1..13);
        assert_eq!(line.columns(9..10), 0..0, "the line break");
    }
}
