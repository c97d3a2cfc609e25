//! Which code points may be drawn, and what kind of mark the others become.

use unicode_properties::GeneralCategory;

use super::characters;
use super::line::MarkKind;

/// `None` for a code point that may be drawn where a cluster allows it; otherwise the kind of mark it becomes.
///
/// Joiners, variation selectors and tags are hidden here; inside a well-formed emoji they are let through by
/// [`super::emoji`]. Line feed and tab are hidden here too: whoever splits lines and expands tabs does not ask.
pub(super) fn hidden(c: char) -> Option<MarkKind> {
    if matches!(c, ' '..='~') {
        return None;
    }
    if is_bidi_control(c) {
        return Some(MarkKind::Bidi);
    }
    if is_variation_selector(c) || is_filler(c) {
        return Some(MarkKind::Invisible);
    }
    match characters::of(c).category {
        GeneralCategory::Control => Some(MarkKind::Control),
        GeneralCategory::Format | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => {
            Some(MarkKind::Invisible)
        }
        GeneralCategory::PrivateUse | GeneralCategory::Unassigned | GeneralCategory::Surrogate => {
            Some(MarkKind::Unassigned)
        }
        _ => None,
    }
}

/// Whether the code point is a combining mark, which needs a base before it.
pub(super) fn is_combining(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            characters::of(c).category,
            GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark | GeneralCategory::EnclosingMark
        )
}

fn is_bidi_control(c: char) -> bool {
    matches!(
        c,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    )
}

fn is_variation_selector(c: char) -> bool {
    matches!(
        c,
        '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'
    )
}

/// Letters, marks and symbols by their category that draw nothing.
fn is_filler(c: char) -> bool {
    matches!(
        c,
        '\u{034F}' // combining grapheme joiner
            | '\u{115F}' | '\u{1160}' // Hangul fillers
            | '\u{17B4}' | '\u{17B5}' // Khmer inherent vowels
            | '\u{2800}' // Braille pattern blank
            | '\u{3164}' | '\u{FFA0}' // Hangul fillers, compatibility and half width
            | '\u{16FE4}' // Khitan small script filler
            | '\u{1D159}' // musical symbol null notehead
    )
}

/// Whether the code point draws nothing and breaks no word, so that a word goes on behind it.
pub(super) fn is_ignored_in_words(c: char) -> bool {
    matches!(hidden(c), Some(MarkKind::Bidi | MarkKind::Invisible)) && !matches!(c, '\u{2028}' | '\u{2029}')
}
