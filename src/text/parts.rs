//! Cuts a text into parts that can be made safe and laid out each on its own, so that no page costs the whole text.
//!
//! A part ends behind a line break, or, in a line that is longer than a part may be, behind a space; there a row ends
//! early, as it does at every wrap. Only where thousands of bytes hold no place to part is a part cut at any code point:
//! marks are then counted on both sides of the cut, and nothing is lost.

use unicode_properties::emoji::is_regional_indicator;
use unicode_segmentation::UnicodeSegmentation;

use super::classify;

/// Bytes of a part.
const MOST_BYTES: usize = 4096;
/// Line breaks in a part: a page may stand at its end, and then all of it is laid out.
const MOST_LINES: usize = 512;
/// How far back from the end of a part a place to cut is searched for, where there is no space.
const LOOK_BACK: usize = 256;

/// Where a part begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) byte: usize,
    /// Counted from the beginning of the text; a byte that is no part of valid UTF-8 counts as one.
    pub(super) code_point: usize,
}

/// The beginnings of the parts, and the end of the text behind them. A text without a byte is one empty part.
pub(super) fn starts(bytes: &[u8]) -> Vec<Start> {
    let mut starts = vec![Start { byte: 0, code_point: 0 }];
    let mut at = Start { byte: 0, code_point: 0 };
    loop {
        let rest = &bytes[at.byte..];
        let len = part_len(rest);
        at = Start { byte: at.byte + len, code_point: at.code_point + code_points(&rest[..len]) };
        starts.push(at);
        if at.byte == bytes.len() {
            return starts;
        }
    }
}

/// How many code points the bytes hold; one that is no part of valid UTF-8 counts as one.
pub(super) fn code_points(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    bytes.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// Bytes of the part that a text begins with.
fn part_len(rest: &[u8]) -> usize {
    let window = &rest[..rest.len().min(MOST_BYTES)];
    let breaks = || window.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    if let Some(end) = breaks().nth(MOST_LINES - 1) {
        return end;
    }
    if rest.len() <= MOST_BYTES {
        return rest.len();
    }
    let last = |wanted: u8| window.iter().rposition(|byte| *byte == wanted).map(|at| at + 1);
    last(b'\n')
        .or_else(|| last(b' ').filter(|end| *end > MOST_BYTES / 2 && is_clean(rest, *end)))
        .or_else(|| (MOST_BYTES - LOOK_BACK..=MOST_BYTES).rev().find(|end| is_clean(rest, *end)))
        .unwrap_or_else(|| any_code_point(rest, MOST_BYTES))
}

/// Whether the text can be parted here without a trace: what stands on either side is drawn the same with and without
/// the other. Says no where a long look back would be needed.
fn is_clean(bytes: &[u8], at: usize) -> bool {
    let (before, after) = (bytes[at - 1], bytes[at]);
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~');
    if is_plain(before) && is_plain(after) {
        return true;
    }
    let (Some(before), Some(after)) = (char_before(bytes, at), char_at(bytes, at)) else { return false };
    let is_drawn = |c: char| classify::hidden(c).is_none() && !classify::is_combining(c);
    // Whether a flag's letter is the first or the second of its pair, only the text before it can tell.
    let stands_alone = is_drawn(before) && is_drawn(after) && !is_regional_indicator(before);
    if !stands_alone && !matches!(after, ' '..='~') {
        return false;
    }
    let pair = &bytes[at - before.len_utf8()..at + after.len_utf8()];
    std::str::from_utf8(pair).is_ok_and(|pair| pair.graphemes(true).count() == 2)
}

/// The last place up to `at` that splits neither a code point nor a carriage return from its line feed.
fn any_code_point(bytes: &[u8], at: usize) -> usize {
    let starts_here = |at: &usize| char_at(bytes, *at).is_some() && !(bytes[at - 1] == b'\r' && bytes[*at] == b'\n');
    (at - 3..=at).rev().find(starts_here).unwrap_or(at)
}

/// The code point that begins here.
fn char_at(bytes: &[u8], at: usize) -> Option<char> {
    let end = bytes.len().min(at + 4);
    bytes[at..end].utf8_chunks().next()?.valid().chars().next()
}

/// The code point that ends here.
fn char_before(bytes: &[u8], at: usize) -> Option<char> {
    let from = (at.saturating_sub(4)..at).rev().find(|from| bytes[*from] & 0xC0 != 0x80)?;
    let mut chars = std::str::from_utf8(&bytes[from..at]).ok()?.chars();
    chars.next().filter(|_| chars.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &[u8]) -> Vec<&[u8]> {
        starts(text).windows(2).map(|pair| &text[pair[0].byte..pair[1].byte]).collect()
    }

    #[test]
    fn short_texts_are_one_part() {
        for text in ["", "a", "one\ntwo\n", "\n"] {
            assert_eq!(parts(text.as_bytes()), [text.as_bytes()]);
        }
    }

    #[test]
    fn parts_end_where_a_line_or_a_word_does() {
        let lines = "a line of words\n".repeat(1000);
        assert!(parts(lines.as_bytes()).iter().all(|part| part.ends_with(b"\n") && part.len() <= MOST_BYTES));
        let words = "word ".repeat(4000);
        assert!(parts(words.as_bytes()).iter().all(|part| part.ends_with(b" ") && part.len() <= MOST_BYTES));
        let breaks = "\n".repeat(10_000);
        assert!(parts(breaks.as_bytes()).iter().all(|part| part.len() <= MOST_LINES));
    }

    #[test]
    fn parts_split_no_cluster_where_there_is_another_place() {
        for unit in ["e\u{301}", "中", "\u{915}\u{94D}\u{937} ", "x👩\u{200D}🚀", "x🇩🇪", "\u{1100}\u{1161}y"]
        {
            let text = unit.repeat(9000 / unit.len());
            let clusters: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).collect();
            let starts = starts(text.as_bytes());
            assert!(starts.len() > 3);
            assert!(starts[..starts.len() - 1].iter().all(|start| clusters.contains(&start.byte)), "{unit:?}");
        }
    }

    #[test]
    fn where_there_is_no_place_no_code_point_and_no_line_break_is_split() {
        let marks = format!("abc{}", "\u{301}".repeat(9000));
        assert!(parts(marks.as_bytes()).iter().all(|part| std::str::from_utf8(part).is_ok()));
        let returns = format!("{}\r\n", "\r".repeat(MOST_BYTES - 1));
        assert_eq!(parts(returns.as_bytes())[1], b"\r\n");
        let broken = vec![0x80; 10_000];
        assert_eq!(parts(&broken).concat(), broken);
    }

    #[test]
    fn code_points_are_counted_up_to_each_part() {
        let mut text = "Grüße, 中文 e\u{301}\r\n".repeat(800).into_bytes();
        text.extend([0xFF, 0xE2, 0x82]);
        for start in starts(&text) {
            assert_eq!(start.code_point, code_points(&text[..start.byte]));
        }
        assert_eq!(starts(&text).last(), Some(&Start { byte: text.len(), code_point: code_points(&text) }));
    }
}
