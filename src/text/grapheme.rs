//! Grapheme clusters: how wide they are, and the pieces a cluster is cut into so that each is bounded.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::characters;
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

/// Cells that a cluster takes on a terminal that draws its code points one by one, as many do with joined emoji.
pub(super) fn cells_apart(cluster: &str) -> usize {
    cluster.chars().filter_map(UnicodeWidthChar::width).sum::<usize>().max(cells(cluster))
}

/// More cells than any cluster takes apart: ten code points, of which three at least are joiners.
pub(super) const MOST_CELLS_APART: usize = 16;

/// Cells of a letter or sign of everyday writing that is drawn as it is, and that is a cluster of its own beside any
/// other such one. None for all others, of which the tables have to be asked.
pub(super) fn letter_cells(c: char) -> Option<usize> {
    if matches!(c, ' '..='~') { Some(1) } else { characters::of(c).letter_cells.map(usize::from) }
}

/// The same, for the table.
pub(super) fn cells_of_letter(c: char) -> Option<u8> {
    match c {
        ' '..='~' => Some(1),
        // Latin, Greek, Cyrillic, punctuation.
        '\u{A1}'..='\u{AC}' | '\u{AE}'..='\u{24F}' | '\u{391}'..='\u{3A1}' | '\u{3A3}'..='\u{3C9}' => Some(1),
        '\u{400}'..='\u{482}' | '\u{48A}'..='\u{52F}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{203B}' => Some(1),
        // Hebrew, Arabic without lam and the alefs it joins, Devanagari, Thai: letters, not their vowel signs.
        '\u{5D0}'..='\u{5EA}' | '\u{626}' | '\u{628}'..='\u{643}' | '\u{645}'..='\u{64A}' => Some(1),
        '\u{904}'..='\u{939}' | '\u{E01}'..='\u{E30}' | '\u{E40}'..='\u{E46}' => Some(1),
        // Kana, ideographs, Hangul syllables, full-width forms.
        '\u{3001}'..='\u{3003}' | '\u{3005}'..='\u{3011}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FC}' => {
            Some(2)
        }
        '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{FF01}'..='\u{FF5E}' => Some(2),
        _ => None,
    }
}

/// Cells of text that has been cut into pieces already.
pub(super) fn cells_of_text(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(cells).sum()
}

/// Splits drawable text of `width` cells into parts of which each is as wide as a whole as its clusters are one by one,
/// with their widths.
///
/// ratatui measures both ways, depending on the widget, and `unicode-width` joins some neighbours: an Arabic lam and alef
/// are two cells as clusters, one as a word.
pub(super) fn measurable_parts(text: &str, width: usize) -> Vec<(&str, usize)> {
    if text.is_ascii() || text.width() == width {
        return vec![(text, width)];
    }
    let mut parts: Vec<(&str, usize)> = Vec::new();
    let (mut start, mut part_width) = (0, 0);
    let mut before = "";
    for (at, cluster) in text.grapheme_indices(true) {
        let pair = &text[at - before.len()..at + cluster.len()];
        if pair.width() != cells(before) + cells(cluster) {
            parts.push((&text[start..at], part_width));
            (start, part_width) = (at, 0);
        }
        part_width += cells(cluster);
        before = cluster;
    }
    parts.push((&text[start..], part_width));
    parts
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
            // A terminal would put it onto the cell before, which may be our frame.
            None if classify::is_combining(c) || cells(&cluster[from..to]) == 0 => {
                emit(Piece::Hidden(c, MarkKind::Combining));
            }
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
            && self.is_one_cluster(cluster, to)
    }

    /// Whether the piece is one cluster without what stood before it: whoever draws it sees no more.
    fn is_one_cluster(&self, cluster: &str, to: usize) -> bool {
        self.from == 0 || cluster[self.from..to].graphemes(true).nth(1).is_none()
    }

    fn extend(&mut self, to: usize) {
        self.to = to;
        self.code_points += 1;
    }

    fn close<'a>(self, cluster: &'a str, emit: &mut impl FnMut(Piece<'a>)) {
        let text = &cluster[self.from..self.to];
        let width = cells(text);
        match width {
            1..=MOST_CELLS if width == text.width() => {
                emit(Piece::Shown { text, width, continues: self.continues });
            }
            // A vowel or prefix without the letter it belongs to draws nothing.
            0 => text.chars().for_each(|c| emit(Piece::Hidden(c, MarkKind::Combining))),
            _ => text.chars().for_each(|c| emit(Piece::Hidden(c, MarkKind::TooWide))),
        }
        if self.excess > 0 {
            emit(Piece::Excess(self.excess));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RunKind, SafeText};
    use super::*;

    #[test]
    fn clusters_are_bounded_and_nothing_of_them_is_lost() {
        let cases = [
            ("e\u{301}".to_owned(), "e\u{301}".to_owned()),
            (format!("e{}", "\u{301}".repeat(7)), format!("e{}", "\u{301}".repeat(7))),
            (format!("e{}x", "\u{301}".repeat(9)), format!("e{}<+2 marks>x", "\u{301}".repeat(7))),
            ("\u{301}\u{302}a".to_owned(), "<U+0301><U+0302>a".to_owned()),
            ("a\u{200B}\u{301}".to_owned(), "a<U+200B><U+0301>".to_owned()),
            ("\u{17D8}".to_owned(), "<U+17D8>".to_owned()),
            ("ｶ\u{FF9E}".to_owned(), "ｶ<U+FF9E>".to_owned()),
            (format!("क{}", "\u{93F}".repeat(3)), "क\u{93F}<+2 marks>".to_owned()),
            ("\u{1161}".to_owned(), "<U+1161>".to_owned()),
            ("\u{D4E}a".to_owned(), "<U+0D4E>a".to_owned()),
            ("ក🏻\u{17D2}កក".to_owned(), "ក🏻\u{17D2}កក".to_owned()),
        ];
        for (text, expected) in cases {
            assert_eq!(SafeText::from_untrusted(&text).to_string(), expected);
        }
    }

    #[test]
    fn letters_are_what_the_tables_say_of_them() {
        let letters: Vec<char> = ('\0'..=char::MAX).filter(|c| letter_cells(*c).is_some()).collect();
        let neighbours = ['a', '~', 'é', 'я', 'か', '中', '한', '가', '！', '©', 'ש', 'ب', 'क', 'ก'];
        for &c in &letters {
            assert_eq!(classify::hidden(c), None, "{c:?}");
            assert!(!classify::is_combining(c), "{c:?}");
            for other in neighbours {
                for pair in [String::from_iter([c, other]), String::from_iter([other, c])] {
                    assert_eq!(pair.graphemes(true).count(), 2, "{pair:?}");
                    let cells = letter_cells(c).unwrap() + letter_cells(other).unwrap();
                    assert_eq!(pair.width(), cells, "{pair:?}");
                }
            }
        }
        let all: String = letters.iter().collect();
        assert_eq!(all.graphemes(true).count(), letters.len());
        assert_eq!(all.width(), letters.iter().filter_map(|c| letter_cells(*c)).sum::<usize>());
    }

    #[test]
    fn words_of_many_letters_in_one_cluster_are_drawn_letter_by_letter() {
        for word in ["स्त्री".to_owned(), "\u{1100}".repeat(20)] {
            let safe = SafeText::from_untrusted(&word);
            assert_eq!(safe.to_string(), word);
            assert!(safe.lines()[0].runs().iter().all(|run| run.kind() == RunKind::Text && run.width() <= 2));
        }
    }

    #[test]
    fn a_piece_is_measured_as_it_is_drawn_without_what_stood_before() {
        for text in ["ក🏻\u{17D2}កក", "ក\u{200D}🏻\u{17D2}កក"] {
            let safe = SafeText::from_untrusted(text);
            let drawn = safe.lines()[0].runs().iter().map(|run| cells_of_text(run.text())).sum::<usize>();
            assert_eq!(safe.lines()[0].width(), drawn, "{text:?}");
        }
    }

    #[test]
    fn neighbours_that_would_be_measured_as_one_get_runs_of_their_own() {
        let safe = SafeText::from_untrusted("\u{633}\u{644}\u{627}\u{645}");
        let widths: Vec<_> = safe.lines()[0].runs().iter().map(|run| (run.text(), run.width())).collect();
        assert_eq!(widths, [("\u{633}\u{644}", 2), ("\u{627}\u{645}", 2)]);
    }
}
