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
    keymap::of_mode(Mode::below_help(model)).map(entry).collect()
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
