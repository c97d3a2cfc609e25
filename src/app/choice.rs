//! A choice among codes: by number, or with the cursor and Enter.

use std::ops::Range;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::confirm;

/// Codes that are offered, and the one under the cursor. There is always at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    codes: Vec<String>,
    chosen: usize,
}

/// What a key did to the choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Picked {
    Code(String),
    /// The choice is closed and nothing happened.
    Left,
    /// The choice stays.
    Stays,
}

impl Choice {
    /// The cursor is on the first. None where nothing is offered.
    pub fn among(codes: &[String]) -> Option<Choice> {
        (!codes.is_empty()).then(|| Choice { codes: codes.to_vec(), chosen: 0 })
    }

    /// In the order of their numbers, the first being 1. Past nine there is only the cursor.
    pub fn codes(&self) -> &[String] {
        &self.codes
    }

    /// The index of the code under the cursor.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// The codes that so many rows show: always the one under the cursor.
    pub fn window(&self, rows: usize) -> Range<usize> {
        let top = (self.chosen + 1).saturating_sub(rows);
        top..self.codes.len().min(top + rows)
    }

    /// Passes a key. A held key moves the cursor and picks nothing.
    pub fn key(&mut self, key: KeyEvent) -> Picked {
        let last = self.codes.len() - 1;
        let pressed = key.kind == KeyEventKind::Press;
        match key.code {
            _ if confirm::leaves(key) => return Picked::Left,
            KeyCode::Char('j') | KeyCode::Down => self.chosen = (self.chosen + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.chosen = self.chosen.saturating_sub(1),
            KeyCode::Enter if pressed => return Picked::Code(self.codes[self.chosen].clone()),
            KeyCode::Char(digit @ '1'..='9') if pressed => {
                let at = usize::from(digit as u8 - b'1');
                if let Some(code) = self.codes.get(at) {
                    return Picked::Code(code.clone());
                }
            }
            _ => {}
        }
        Picked::Stays
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(codes: usize) -> Choice {
        let codes: Vec<String> = (1..=codes).map(|number| format!("code_{number}")).collect();
        Choice::among(&codes).unwrap()
    }

    fn check(codes: usize, keys: &str, expected: Picked) {
        let mut choice = choice(codes);
        let code = |key| if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) };
        let picked = keys.chars().map(|key| choice.key(KeyEvent::from(code(key)))).last();
        assert_eq!(picked, Some(expected), "{keys:?}");
    }

    #[test]
    fn every_code_can_be_picked() {
        let picked = |number: usize| Picked::Code(format!("code_{number}"));
        check(4, "2", picked(2));
        check(4, "\n", picked(1));
        check(4, "jj\n", picked(3));
        check(4, "jjjjjjkk\n", picked(2));
        check(12, "jjjjjjjjjjj\n", picked(12));
        check(4, "5", Picked::Stays);
        check(4, "y", Picked::Stays);
        check(4, "n", Picked::Left);
        assert_eq!(Choice::among(&[]), None);
    }

    #[test]
    fn the_code_under_the_cursor_is_always_shown() {
        let mut choice = choice(5);
        for _ in 0..5 {
            let window = choice.window(2);
            assert!(window.contains(&choice.chosen()) && window.len() == 2, "{window:?}");
            choice.key(KeyEvent::from(KeyCode::Down));
        }
        assert_eq!(choice.window(9), 0..5);
    }

    #[test]
    fn a_held_key_picks_nothing() {
        let held =
            |code| KeyEvent::new_with_kind(code, ratatui::crossterm::event::KeyModifiers::NONE, KeyEventKind::Repeat);
        assert_eq!(choice(3).key(held(KeyCode::Char('2'))), Picked::Stays);
        assert_eq!(choice(3).key(held(KeyCode::Enter)), Picked::Stays);
    }
}
