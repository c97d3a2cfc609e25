//! Which row of a list is chosen, and from which row on the list is shown. Rows are counted in `usize`.

use std::ops::Range;

use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::keymap::Action;

/// A place in a list whose rows have keys, so that the place survives a refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<K> {
    key: Option<K>,
    index: usize,
    top: usize,
}

impl<K> Default for Cursor<K> {
    fn default() -> Self {
        Cursor { key: None, index: 0, top: 0 }
    }
}

impl<K: Clone + PartialEq> Cursor<K> {
    /// The chosen row.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The key of the chosen row; none in an empty list.
    pub fn key(&self) -> Option<K> {
        self.key.clone()
    }

    /// The list has changed: stays with its key, or at its row when the key is gone.
    pub fn follow(&mut self, keys: &[K]) {
        let found = self.key.as_ref().and_then(|key| keys.iter().position(|other| other == key));
        self.choose(found.unwrap_or(self.index), keys);
    }

    /// Chooses a row; past the end means the last one.
    pub fn choose(&mut self, index: usize, keys: &[K]) {
        self.index = index.min(keys.len().saturating_sub(1));
        self.key = keys.get(self.index).cloned();
    }

    /// Moves by so many rows and stops at the ends.
    pub fn step(&mut self, by: isize, keys: &[K]) {
        self.choose(self.index.saturating_add_signed(by), keys);
    }

    /// Moves as the action says in a list that shows `height` rows, and keeps the chosen row in sight.
    pub fn walk(&mut self, action: Action, height: usize, keys: &[K]) {
        let half = height.div_ceil(2).max(1) as isize;
        match action {
            Action::Down => self.step(1, keys),
            Action::Up => self.step(-1, keys),
            Action::HalfPageDown => self.step(half, keys),
            Action::HalfPageUp => self.step(-half, keys),
            Action::Top => self.choose(0, keys),
            Action::Bottom => self.choose(usize::MAX, keys),
            _ => {}
        }
        self.reveal(height, keys.len());
    }

    /// A click on a row of `area` chooses it, the wheel moves. Says whether a row was clicked.
    pub fn point(&mut self, event: MouseEvent, area: Rect, keys: &[K]) -> bool {
        let height = usize::from(area.height);
        match event.kind {
            MouseEventKind::ScrollDown => self.walk(Action::Down, height, keys),
            MouseEventKind::ScrollUp => self.walk(Action::Up, height, keys),
            MouseEventKind::Down(MouseButton::Left) if area.contains(Position::new(event.column, event.row)) => {
                let at = self.window(height, keys.len()).start + usize::from(event.row - area.y);
                if at < keys.len() {
                    self.choose(at, keys);
                    return true;
                }
            }
            _ => {}
        }
        false
    }

    /// Moves the window so that the chosen row is inside its `height` rows. Call it after every move.
    pub fn reveal(&mut self, height: usize, rows: usize) {
        self.top = self.window(height, rows).start;
    }

    /// The rows to show.
    pub fn window(&self, height: usize, rows: usize) -> Range<usize> {
        let last_top = rows.saturating_sub(height);
        let lowest = (self.index + 1).saturating_sub(height);
        let top = self.top.clamp(lowest, self.index.max(lowest)).min(last_top);
        top..rows.min(top + height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_with_its_row_when_rows_come_before_it() {
        let mut cursor = Cursor::default();
        cursor.follow(&[10, 20, 30]);
        cursor.step(1, &[10, 20, 30]);
        cursor.follow(&[5, 10, 20, 30]);
        assert_eq!((cursor.index(), cursor.key()), (2, Some(20)));
        cursor.follow(&[5, 10, 30]);
        assert_eq!((cursor.index(), cursor.key()), (2, Some(30)));
        cursor.follow(&[]);
        assert_eq!((cursor.index(), cursor.key()), (0, None));
    }

    #[test]
    fn window_always_holds_the_chosen_row() {
        let keys: Vec<usize> = (0..50).collect();
        let mut cursor = Cursor::default();
        for by in [7_isize, 30, -4, -20, 99, -99] {
            cursor.step(by, &keys);
            cursor.reveal(8, keys.len());
            let window = cursor.window(8, keys.len());
            assert!(window.contains(&cursor.index()), "{by}: {window:?}");
            assert_eq!(window.len(), 8);
        }
        assert_eq!(Cursor::<usize>::default().window(8, 0), 0..0);
    }
}
