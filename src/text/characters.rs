//! What is asked of each code point again and again, looked up in the tables of Unicode once.
//!
//! Those tables are made to be small, and each takes a search. A page of code points is looked up when the first of it is
//! asked for, and what is kept grows with the scripts that were met, not with the text.

use std::sync::OnceLock;

use unicode_properties::{EmojiStatus, GeneralCategory, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};

use super::grapheme;

/// Code points of a page.
const PAGE: usize = 256;

static PAGES: [OnceLock<Box<[Character; PAGE]>>; (char::MAX as usize + 1) / PAGE] =
    [const { OnceLock::new() }; (char::MAX as usize + 1) / PAGE];

/// What Unicode says of a code point.
#[derive(Clone, Copy)]
pub(super) struct Character {
    pub(super) category: GeneralCategory,
    pub(super) script: Script,
    /// Whether it is an emoji where nothing follows, or may be one.
    pub(super) is_emoji: bool,
    pub(super) takes_skin_tone: bool,
    /// Whether it is a letter or a digit.
    pub(super) is_alphanumeric: bool,
    /// What [`grapheme::letter_cells`] says.
    pub(super) letter_cells: Option<u8>,
}

pub(super) fn of(c: char) -> Character {
    let number = c as usize;
    PAGES[number / PAGE].get_or_init(|| page(number / PAGE * PAGE))[number % PAGE]
}

fn page(first: usize) -> Box<[Character; PAGE]> {
    Box::new(std::array::from_fn(|at| {
        // Surrogates are no `char`, and nobody asks for them.
        let c = u32::try_from(first + at).ok().and_then(char::from_u32).unwrap_or_default();
        Character {
            category: c.general_category(),
            script: c.script(),
            is_emoji: c.is_emoji_char(),
            takes_skin_tone: matches!(
                c.emoji_status(),
                EmojiStatus::EmojiModifierBase | EmojiStatus::EmojiPresentationAndModifierBase
            ),
            is_alphanumeric: c.is_alphanumeric(),
            letter_cells: grapheme::cells_of_letter(c),
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_point_is_what_unicode_says() {
        for c in '\0'..=char::MAX {
            let Character { category, script, is_emoji, is_alphanumeric, .. } = of(c);
            assert_eq!((category, script), (c.general_category(), c.script()), "{c:?}");
            assert_eq!((is_emoji, is_alphanumeric), (c.is_emoji_char(), c.is_alphanumeric()), "{c:?}");
        }
    }
}
