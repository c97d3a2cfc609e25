//! Which row of a list is chosen, from which row on the list is shown, and how much of it is asked for. Rows are counted in
//! `usize`.

use std::ops::Range;

use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::keymap::Action;

/// No list has more rows; the rest is found by narrowing the filter.
pub const LIST_LIMIT: usize = 500;

/// As many rows more or less are asked for at a time. What a list was cut to is a multiple of it.
const STEP: usize = 50;

/// A place in a list whose rows have keys, so that the place survives a refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<K> {
    key: Option<K>,
    index: usize,
    top: usize,
    /// The way to the end of a list that was cut after so many rows.
    to_end: Option<usize>,
}

impl<K> Default for Cursor<K> {
    fn default() -> Self {
        Cursor { key: None, index: 0, top: 0, to_end: None }
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

    /// How many rows to ask for where `height` are shown: as much again to scroll on, and not all of a long list, because all
    /// that is asked for is read again with every change.
    pub fn reach(&self, height: usize) -> usize {
        let needed = if self.to_end.is_some() { LIST_LIMIT } else { self.index + 1 + 2 * height };
        needed.next_multiple_of(STEP).min(LIST_LIMIT)
    }

    /// The list has changed: stays with its key, or at its row when the key is gone. Who went to the end goes on where there
    /// is more of the list now.
    pub fn follow(&mut self, keys: &[K]) {
        if self.to_end.is_some_and(|rows| keys.len() > rows) {
            return self.choose(usize::MAX, keys);
        }
        let to_end = self.to_end;
        let found = self.key.as_ref().and_then(|key| keys.iter().position(|other| other == key));
        self.choose(found.unwrap_or(self.index), keys);
        self.to_end = to_end;
    }

    /// Chooses a row; past the end means the last one.
    pub fn choose(&mut self, index: usize, keys: &[K]) {
        self.index = index.min(keys.len().saturating_sub(1));
        self.key = keys.get(self.index).cloned();
        self.to_end = None;
    }

    /// Chooses the last row, also of what there is more of than was asked for.
    pub fn go_to_end(&mut self, keys: &[K]) {
        self.choose(usize::MAX, keys);
        let was_cut = !keys.is_empty() && keys.len().is_multiple_of(STEP) && keys.len() < LIST_LIMIT;
        self.to_end = was_cut.then_some(keys.len());
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
            Action::Bottom => self.go_to_end(keys),
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
    fn no_more_is_asked_for_than_is_shown_and_as_much_again() {
        let keys: Vec<usize> = (0..500).collect();
        let mut cursor = Cursor::default();
        cursor.follow(&keys[..100]);
        assert_eq!(cursor.reach(40), 100);
        cursor.step(30, &keys[..100]);
        assert_eq!(cursor.reach(40), 150);
        cursor.choose(499, &keys);
        assert_eq!(cursor.reach(40), LIST_LIMIT);
    }

    #[test]
    fn the_end_of_a_list_that_was_cut_is_where_the_whole_list_ends() {
        let keys: Vec<usize> = (0..500).collect();
        let mut cursor = Cursor::default();
        cursor.follow(&keys[..100]);
        cursor.walk(Action::Bottom, 40, &keys[..100]);
        assert_eq!((cursor.index(), cursor.reach(40)), (99, LIST_LIMIT));
        cursor.follow(&keys[..100]);
        cursor.follow(&keys[..480]);
        assert_eq!(cursor.index(), 479);
        cursor.follow(&keys);
        assert_eq!(cursor.index(), 479, "it has arrived and stays with its row");
        cursor.walk(Action::Bottom, 40, &keys[..100]);
        cursor.walk(Action::Up, 40, &keys[..100]);
        cursor.follow(&keys);
        assert_eq!(cursor.index(), 98, "who turned back does not go on");
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
