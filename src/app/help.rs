//! The help as rows: wrapped, so that no word of it is cut, and scrolled by whole entries.

use ratatui::layout::{Rect, Size};

use super::keymap::{self, Binding, Mode};
use super::layout;
use super::model::Model;
use crate::text::SafeLine;

/// One binding as it is drawn.
#[derive(Debug)]
pub struct Entry {
    pub keys: String,
    /// Beside the keys, or below them where there is no room.
    pub lines: Vec<SafeLine>,
}

/// What keys take, with air.
pub const KEYS_WIDTH: u16 = 20;

/// Below this the words stand under the keys.
const BESIDE: u16 = 60;

/// Where the entries stand.
pub fn area(size: Size) -> Rect {
    layout::shrink(layout::body(size))
}

/// Whether the words have room beside the keys.
pub fn is_beside(size: Size) -> bool {
    area(size).width >= BESIDE
}

/// Every key of the screen under the help.
pub fn entries(model: &Model) -> Vec<Entry> {
    let room = area(model.size).width.saturating_sub(if is_beside(model.size) { KEYS_WIDTH } else { 4 });
    let entry = |binding: &Binding| Entry {
        keys: binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        lines: SafeLine::label(binding.help).wrap(usize::from(room.max(1))),
    };
    let mode = Mode::below_help(model);
    let sign = |(keys, words): &(&str, &str)| Entry {
        keys: (*keys).to_owned(),
        lines: SafeLine::label(words).wrap(usize::from(room.max(1))),
    };
    keymap::of_mode(mode).map(entry).chain(signs(mode).iter().map(sign)).collect()
}

/// What the marks on the screen mean.
pub fn signs(mode: Mode) -> &'static [(&'static str, &'static str)] {
    match mode {
        Mode::ReviewList => &[
            ("!", "this one cannot make its deadline any more"),
            ("0.55!", "the program that classified was not sure"),
            ("2nd", "somebody edited the draft, so somebody else must approve it"),
            ("HELD", "a standing hold covers the channel: what is approved waits"),
            ("(ja)", "a language that you do not read: n passes it by, Enter opens it"),
            ("ESC", "escalated: it is taken over before it is decided"),
            ("bo 2m", "who is reading it, and for how long"),
        ],
        Mode::ReviewPane => &[
            ("?", "beside a line: a fact that occurs nowhere in the conversation; the words are underlined"),
            (
                "!",
                "beside a line: hidden characters, letters of different scripts in one word, or a link that leads elsewhere",
            ),
            ("> w", "the mark that you are looking at"),
            (
                "<U+202E> <ESC>",
                "a character that draws nothing, or does something else than drawing; no message can print it like that",
            ),
            ("▌", "beside every row that somebody else wrote; what has no such bar is said by the program"),
            ("NEW", "the customer wrote this after you began to read"),
            ("de>en!", "the customer writes one language and the draft answers in another"),
            ("- +", "in what changed (d): the line went, the line came"),
        ],
        _ => &[],
    }
}

impl Entry {
    /// Rows that the entry takes.
    pub fn height(&self, beside: bool) -> usize {
        self.lines.len() + usize::from(!beside)
    }
}

/// The first entry when the last one stands at the bottom: scrolling goes no further.
pub fn last_top(model: &Model) -> usize {
    let (entries, beside) = (entries(model), is_beside(model.size));
    let mut room = usize::from(area(model.size).height);
    let mut top = entries.len();
    while let Some(entry) = top.checked_sub(1).map(|at| &entries[at]) {
        match room.checked_sub(entry.height(beside)) {
            Some(rest) => (room, top) = (rest, top - 1),
            None => break,
        }
    }
    top.min(entries.len().saturating_sub(1))
}
