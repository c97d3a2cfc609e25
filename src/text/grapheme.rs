//! Grapheme clusters: how wide they are, and the pieces a cluster is cut into so that each is bounded.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::classify;
use super::emoji;
use super::line::MarkKind;

/// Code points a cluster may have that is not an emoji sequence.
const MOST_CODE_POINTS: usize = 8;
/// Cells a cluster may have.
const MOST_CELLS: usize = 2;

/// A part of one cluster.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// To be drawn as it is. `continues` when it stands directly behind another drawn piece of the same cluster: then it
    /// needs a run of its own, because in one run the two would be one cluster again.
    Shown { text: &'a str, width: usize, continues: bool },
    /// One code point to be marked.
    Hidden(char, MarkKind),
    /// So many marks more than the piece before may carry.
    Excess(usize),
}

/// Cells that ratatui gives one cluster: `unicode-width` of the whole cluster, and one more for each half-width
/// voiced sound mark, because terminals draw these in a cell of their own.
pub(super) fn cells(cluster: &str) -> usize {
    if cluster.len() == 1 {
        return 1;
    }
    cluster.width() + cluster.chars().filter(|c| matches!(c, '\u{FF9E}' | '\u{FF9F}')).count()
}

/// Cells of text that has been cut into pieces already.
pub(super) fn cells_of_text(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(cells).sum()
}

/// Cuts a cluster into pieces, in order. Looks at each code point a bounded number of times.
pub(super) fn pieces<'a>(cluster: &'a str, mut emit: impl FnMut(Piece<'a>)) {
    let mut open = Open::emoji(cluster);
    let start = open.as_ref().map_or(0, |piece| piece.to);
    for (offset, c) in cluster[start..].char_indices() {
        let from = start + offset;
        let to = from + c.len_utf8();
        if let Some(kind) = classify::hidden(c) {
            if let Some(piece) = open.take() {
                piece.close(cluster, &mut emit);
            }
            emit(Piece::Hidden(c, kind));
            continue;
        }
        match &mut open {
            None if classify::is_combining(c) => emit(Piece::Hidden(c, MarkKind::Combining)),
            None => open = Some(Open::new(from, to, false)),
            Some(piece) if piece.takes(cluster, to) => piece.extend(to),
            Some(piece) if classify::is_combining(c) || cells(&cluster[from..to]) == 0 => {
                piece.excess += 1;
            }
            Some(_) => {
                // A base: conjuncts of several letters and rows of Hangul jamo are words, not floods.
                if let Some(piece) = open.replace(Open::new(from, to, true)) {
                    piece.close(cluster, &mut emit);
                }
            }
        }
    }
    if let Some(piece) = open {
        piece.close(cluster, &mut emit);
    }
}

/// A piece that may still grow.
struct Open {
    from: usize,
    to: usize,
    code_points: usize,
    excess: usize,
    continues: bool,
    complete: bool,
}

impl Open {
    fn new(from: usize, to: usize, continues: bool) -> Open {
        Open { from, to, code_points: 1, excess: 0, continues, complete: false }
    }

    /// The emoji sequence that the cluster begins with. Nothing is added to it.
    fn emoji(cluster: &str) -> Option<Open> {
        let to = emoji::sequence_len(cluster);
        (to > 0).then(|| Open { complete: true, ..Open::new(0, to, false) })
    }

    /// Whether the code point that ends at `to` still fits.
    fn takes(&self, cluster: &str, to: usize) -> bool {
        !self.complete
            && self.excess == 0
            && self.code_points < MOST_CODE_POINTS
            && cells(&cluster[self.from..to]) <= MOST_CELLS
    }

    fn extend(&mut self, to: usize) {
        self.to = to;
        self.code_points += 1;
    }

    fn close<'a>(self, cluster: &'a str, emit: &mut impl FnMut(Piece<'a>)) {
        let text = &cluster[self.from..self.to];
        let width = cells(text);
        match width {
            1..=MOST_CELLS => emit(Piece::Shown { text, width, continues: self.continues }),
            // A vowel or prefix without the letter it belongs to draws nothing.
            0 => text.chars().for_each(|c| emit(Piece::Hidden(c, MarkKind::Combining))),
            _ => text.chars().for_each(|c| emit(Piece::Hidden(c, MarkKind::TooWide))),
        }
        if self.excess > 0 {
            emit(Piece::Excess(self.excess));
        }
    }
}
