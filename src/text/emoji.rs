//! Emoji sequences: the only place where joiners, the emoji variation selector and tags are let through.

use super::characters;
use super::grapheme::cells;

/// Code points an emoji sequence may have: a kiss between two people with skin tones has ten.
const MOST_CODE_POINTS: usize = 10;

const ZERO_WIDTH_JOINER: char = '\u{200D}';
const EMOJI_PRESENTATION: char = '\u{FE0F}';
const ENCLOSING_KEYCAP: char = '\u{20E3}';

/// The flags of England, Scotland and Wales. Tags can spell any hidden word, so no other sequence of them passes.
const TAG_FLAGS: [&str; 3] = [
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}",
    "\u{1F3F4}\u{E0067}\u{E0062}\u{E0077}\u{E006C}\u{E0073}\u{E007F}",
];

/// Bytes of the longest well-formed sequence of several code points that the cluster begins with and that is at most
/// two cells wide; zero when there is none.
pub(super) fn sequence_len(cluster: &str) -> usize {
    if let Some(flag) = TAG_FLAGS.iter().find(|flag| cluster.starts_with(**flag)) {
        return flag.len();
    }
    let mut chars = cluster.chars();
    let (first, second, third) = (chars.next(), chars.next(), chars.next());
    match (first, second, third) {
        (Some('0'..='9' | '#' | '*'), Some(EMOJI_PRESENTATION), Some(ENCLOSING_KEYCAP)) => {
            1 + EMOJI_PRESENTATION.len_utf8() + ENCLOSING_KEYCAP.len_utf8()
        }
        (Some(a), Some(b), _) if is_regional_indicator(a) && is_regional_indicator(b) => a.len_utf8() + b.len_utf8(),
        _ => joined_len(cluster),
    }
}

/// Elements joined by joiners; the longest that measures at most two cells.
fn joined_len(cluster: &str) -> usize {
    let mut good = 0;
    let mut end = 0;
    let mut code_points = 0;
    while let Some((bytes, count)) = element(&cluster[end..]) {
        end += bytes;
        code_points += count;
        if code_points > MOST_CODE_POINTS {
            break;
        }
        if code_points > 1 && (1..=2).contains(&cells(&cluster[..end])) {
            good = end;
        }
        if !cluster[end..].starts_with(ZERO_WIDTH_JOINER) {
            break;
        }
        end += ZERO_WIDTH_JOINER.len_utf8();
        code_points += 1;
    }
    good
}

/// One emoji with its skin tone or its variation selector, as bytes and code points.
fn element(text: &str) -> Option<(usize, usize)> {
    let mut chars = text.chars();
    let base = chars.next().filter(|c| is_emoji(*c))?;
    match chars.next() {
        Some(EMOJI_PRESENTATION) => Some((base.len_utf8() + EMOJI_PRESENTATION.len_utf8(), 2)),
        Some(tone) if is_skin_tone(tone) && takes_skin_tone(base) => Some((base.len_utf8() + tone.len_utf8(), 2)),
        _ => Some((base.len_utf8(), 1)),
    }
}

fn is_emoji(c: char) -> bool {
    !c.is_ascii() && characters::of(c).is_emoji && !is_regional_indicator(c)
}

fn is_regional_indicator(c: char) -> bool {
    unicode_properties::emoji::is_regional_indicator(c)
}

fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}')
}

fn takes_skin_tone(c: char) -> bool {
    characters::of(c).takes_skin_tone
}

#[cfg(test)]
mod tests {
    use super::super::SafeText;

    #[test]
    fn well_formed_sequences_stay_whole() {
        let kiss = "👩🏻\u{200D}❤\u{FE0F}\u{200D}💋\u{200D}👩🏼";
        let england = super::TAG_FLAGS[0];
        for sequence in [kiss, england, "1\u{FE0F}\u{20E3}", "🇩🇪", "❤\u{FE0F}", "👍🏽", "👩\u{200D}🚀", "☕\u{FE0F}"]
        {
            let safe = SafeText::from_untrusted(sequence);
            assert_eq!(safe.to_string(), sequence);
            assert!(safe.findings().is_empty());
            assert_eq!(safe.lines()[0].width(), 2, "{sequence}");
        }
    }

    #[test]
    fn what_only_resembles_a_sequence_shows_its_invisible_parts() {
        let cases = [
            ("a\u{200D}b", "a<U+200D>b"),
            ("👩\u{200D}a", "👩<U+200D>a"),
            ("👩\u{200D}", "👩<U+200D>"),
            ("1\u{FE0F}", "1<U+FE0F>"),
            ("❤\u{FE0F}\u{FE0F}", "❤\u{FE0F}<U+FE0F>"),
            ("🇩🇪\u{FE0F}", "🇩🇪<U+FE0F>"),
            ("🏴\u{E0068}\u{E0069}\u{E007F}", "🏴<U+E0068><U+E0069><U+E007F>"),
            ("👩\u{E0068}", "👩<U+E0068>"),
            ("👍🏽\u{301}\u{301}", "👍🏽<+2 marks>"),
        ];
        for (text, expected) in cases {
            assert_eq!(SafeText::from_untrusted(text).to_string(), expected);
        }
    }

    #[test]
    fn a_sequence_ends_at_ten_code_points() {
        let joined = "👩\u{200D}".repeat(5) + "👩";
        let expected = "👩\u{200D}👩\u{200D}👩\u{200D}👩\u{200D}👩<U+200D>👩";
        assert_eq!(SafeText::from_untrusted(&joined).to_string(), expected);
    }
}
