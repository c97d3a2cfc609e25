//! Words that mix scripts: a Cyrillic `а` inside a Latin word looks like the word and is another one.

use std::ops::Range;

use unicode_script::Script;

use super::characters;
use super::classify;
use super::line::SafeLine;

/// A word that mixes scripts which are not written together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixedWord {
    /// The logical line on which it stands, counted from zero.
    pub line: usize,
    pub shown: SafeLine,
}

/// The words of a text that mix scripts, in their order.
pub fn mixed_words(text: &str) -> Vec<MixedWord> {
    if text.is_ascii() {
        return Vec::new();
    }
    let words_of = |(line, text)| mixed_in(text).map(move |word| MixedWord { line, shown: SafeLine::label(word) });
    text.split('\n').enumerate().flat_map(words_of).collect()
}

/// How many words of the text mix scripts.
pub(super) fn count_mixed_words(text: &str) -> usize {
    if text.is_ascii() { 0 } else { mixed_in(text).count() }
}

/// The bytes of the words that mix scripts, in their order.
pub(super) fn mixed_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    let from = |word: &str| word.as_ptr().addr() - text.as_ptr().addr();
    mixed_in(text).map(move |word| from(word)..from(word) + word.len())
}

fn mixed_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !belongs_to_word(c)).filter(|word| is_mixed(word))
}

/// Whether one word, or one label of a host, mixes scripts that are not written together.
///
/// Latin, Han, Kana, Bopomofo and Hangul go together, as do Latin and one other living script: Thai has no spaces
/// around a foreign name. Cyrillic, Greek and Armenian have letters that look Latin, so they go with nothing.
pub(super) fn is_mixed(word: &str) -> bool {
    if word.is_ascii() {
        return false;
    }
    let (mut latin, mut east_asian, mut other) = (false, false, None);
    for c in word.chars() {
        match characters::of(c).script {
            Script::Common | Script::Inherited | Script::Unknown => {}
            Script::Latin => latin = true,
            Script::Han | Script::Hiragana | Script::Katakana | Script::Bopomofo | Script::Hangul => {
                east_asian = true;
            }
            script if other.is_some_and(|other| other != script) => return true,
            script => other = Some(script),
        }
    }
    other.is_some_and(|other| east_asian || latin && !goes_with_latin(other))
}

fn goes_with_latin(script: Script) -> bool {
    script.is_recommended() && !matches!(script, Script::Cyrillic | Script::Greek | Script::Armenian)
}

/// Letters, digits and what stands inside words: marks, and hidden code points, which must not split the word apart.
fn belongs_to_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    characters::of(c).is_alphanumeric || classify::is_combining(c) || classify::is_ignored_in_words(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookalikes_inside_a_word_are_found() {
        for word in ["p\u{430}ypal", "\u{430}cme", "Αpple", "pay\u{200B}p\u{430}l", "\u{561}b", "中\u{430}"] {
            let found = mixed_words(&format!("first\nsee {word}, now"));
            assert_eq!(found, [MixedWord { line: 1, shown: SafeLine::label(word) }]);
        }
        assert_eq!(count_mixed_words("p\u{430}y ok p\u{430}l\np\u{430}"), 3);
    }

    #[test]
    fn words_that_people_write_are_not_flagged() {
        let written = "Привет мир, OK? Straße naïve e\u{301}te\u{301} 東京タワーへ行くTシャツ 한국漢字 ใช้iPhoneได้ שלום 5µm \
            Ελλάδα-EU ①②③ 3月";
        assert_eq!(mixed_words(written), []);
    }
}
