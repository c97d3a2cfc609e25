//! A text as digits, letters and signs, with a window that looks a few tokens ahead and behind.

use std::collections::VecDeque;

use crate::text::classify;

/// How many tokens can be looked ahead. No fact is longer.
const AHEAD: usize = 48;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Digits,
    Letters,
    /// One code point of anything else.
    Sign,
}

/// What stands before a token. Hidden code points are nothing: they stand in words to mislead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    None,
    /// One that does not break, as between the groups of a number.
    Fixed,
    Space,
    Line,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    /// In bytes of the text.
    pub(super) start: usize,
    pub(super) kind: Kind,
    pub(super) gap: Gap,
}

impl Token<'_> {
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is_digits(&self) -> bool {
        self.kind == Kind::Digits
    }

    pub(super) fn is_letters(&self) -> bool {
        self.kind == Kind::Letters
    }

    pub(super) fn is_sign(&self, signs: &str) -> bool {
        self.kind == Kind::Sign && signs.contains(self.text)
    }

    /// Whether nothing stands between this token and the one before.
    pub(super) fn joins(&self) -> bool {
        self.gap == Gap::None
    }

    pub(super) fn is_on_the_line(&self) -> bool {
        self.gap < Gap::Line
    }

    /// The word in lower case; empty for signs, digits, and words that are longer than any we know.
    pub(super) fn word(&self) -> String {
        if self.is_letters() && self.text.len() <= 40 { self.text.to_lowercase() } else { String::new() }
    }

    pub(super) fn is_ascii_letters(&self) -> bool {
        self.is_letters() && self.text.is_ascii()
    }
}

/// The value of a digit, in the scripts that the supported languages write numbers in.
pub(super) fn digit(c: char) -> Option<char> {
    let zero = match c {
        '0'..='9' => return Some(c),
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6F0}'..='\u{6F9}' => 0x6F0,
        '\u{FF10}'..='\u{FF19}' => 0xFF10,
        _ => return None,
    };
    char::from_digit(u32::from(c) - zero, 10)
}

/// Letters that are written without spaces around them.
fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{FF66}'..='\u{FF9F}')
}

#[derive(PartialEq, Clone, Copy)]
enum Class {
    Digit,
    Letter { east_asian: bool },
    Space { fixed: bool },
    LineBreak,
    Nothing,
    Sign,
}

fn class(c: char) -> Class {
    match c {
        '\n' => Class::LineBreak,
        '\u{A0}' | '\u{202F}' | '\u{2009}' => Class::Space { fixed: true },
        c if digit(c).is_some() => Class::Digit,
        c if c.is_alphabetic() || classify::is_combining(c) => Class::Letter { east_asian: is_east_asian(c) },
        c if c.is_whitespace() => Class::Space { fixed: false },
        c if !c.is_ascii() && classify::hidden(c).is_some() => Class::Nothing,
        _ => Class::Sign,
    }
}

/// Reads tokens one after the other; what lies within reach can be looked at without reading it.
pub(super) struct Window<'a> {
    text: &'a str,
    /// How far the text was cut into tokens.
    at: usize,
    ahead: VecDeque<Token<'a>>,
    behind: VecDeque<Token<'a>>,
}

impl<'a> Window<'a> {
    pub(super) fn new(text: &'a str) -> Window<'a> {
        let mut window = Window { text, at: 0, ahead: VecDeque::with_capacity(AHEAD), behind: VecDeque::new() };
        window.fill();
        window
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The token `n` places from here; 0 is the next to be read.
    pub(super) fn get(&self, n: usize) -> Option<Token<'a>> {
        self.ahead.get(n).copied()
    }

    /// The token that was read `n` steps ago; 1 is the last.
    pub(super) fn behind(&self, n: usize) -> Option<Token<'a>> {
        self.behind.len().checked_sub(n).and_then(|at| self.behind.get(at)).copied()
    }

    /// The word directly before here, in lower case, without an apostrophe or full stop behind it.
    pub(super) fn word_before(&self) -> String {
        let step = if self.behind(1).is_some_and(|token| token.is_sign(".'’°º:")) { 2 } else { 1 };
        self.behind(step).map(|token| token.word()).unwrap_or_default()
    }

    /// Goes on behind the byte `end`, and by one token at least.
    pub(super) fn advance_to(&mut self, end: usize) {
        loop {
            if let Some(token) = self.ahead.pop_front() {
                if self.behind.len() == 10 {
                    self.behind.pop_front();
                }
                self.behind.push_back(token);
            }
            if self.ahead.is_empty() {
                self.fill();
            }
            if self.get(0).is_none_or(|next| next.start >= end) {
                break;
            }
        }
        self.fill();
    }

    fn fill(&mut self) {
        while self.ahead.len() < AHEAD {
            let Some(token) = self.cut() else { break };
            self.ahead.push_back(token);
        }
    }

    fn cut(&mut self) -> Option<Token<'a>> {
        let mut gap = Gap::None;
        let mut rest = self.text[self.at..].char_indices();
        let (begin, first) = loop {
            let (at, c) = rest.next()?;
            let between = match class(c) {
                Class::LineBreak => Gap::Line,
                Class::Space { fixed: true } => Gap::Fixed,
                Class::Space { fixed: false } => Gap::Space,
                Class::Nothing => Gap::None,
                class => break (at, class),
            };
            gap = gap.max(between);
        };
        let kind = match first {
            Class::Digit => Kind::Digits,
            Class::Letter { .. } => Kind::Letters,
            _ => Kind::Sign,
        };
        let mut rest = self.text[self.at + begin..].char_indices().skip(1);
        let end = match kind {
            Kind::Sign => rest.next().map(|(at, _)| at),
            _ => rest.find(|(_, c)| class(*c) != first).map(|(at, _)| at),
        };
        let start = self.at + begin;
        self.at = end.map_or(self.text.len(), |end| start + end);
        Some(Token { text: &self.text[start..self.at], start, kind, gap })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_signs_are_told_apart() {
        let mut window = Window::new("注文JP-60012の4,800円\n ٤٢ Kasım'da 1\u{A0}800 49\u{200B}.90");
        let mut cut = Vec::new();
        while let Some(token) = window.get(0) {
            cut.push((token.text, token.gap));
            window.advance_to(0);
        }
        use Gap::{Fixed, Line, None, Space};
        let expected = [
            ("注文", None),
            ("JP", None),
            ("-", None),
            ("60012", None),
            ("の", None),
            ("4", None),
            (",", None),
            ("800", None),
            ("円", None),
            ("٤٢", Line),
            ("Kasım", Space),
            ("'", None),
            ("da", None),
            ("1", Space),
            ("800", Fixed),
            ("49", Space),
            (".", None),
            ("90", None),
        ];
        assert_eq!(cut, expected);
    }
}
