//! The confirm line: what stands between a key and a decision.

use chrono::{DateTime, Duration, Utc};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::Ask;

/// A question that only a deliberate answer passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    demand: Demand,
    /// How long after the first drawing nobody can have read the line.
    guard: Duration,
    /// From when on the line can have been read; none while it was not drawn.
    open_from: Option<DateTime<Utc>>,
    typed: String,
    /// A key came before the line can have been seen, or was none of the answers.
    pub swallowed: Option<Swallowed>,
}

/// What has to be typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// A lowercase `y`.
    Yes,
    /// These lowercase digits, one after the other, because there is something to be accepted knowingly.
    Digits(String),
}

/// Why a key did nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swallowed {
    TooEarly,
    NoAnswer,
    Pasted,
}

/// What a key did to the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Confirmed,
    /// The question is closed and nothing happened.
    Left,
    /// The question stays.
    Stays,
}

impl Confirm {
    /// Asks. Until the question was [`shown`](Confirm::shown) and `guard` has passed since, only Esc does something.
    pub fn ask(demand: Demand, guard: Duration) -> Confirm {
        Confirm { demand, guard, open_from: None, typed: String::new(), swallowed: None }
    }

    /// The question stands on the screen since `now` or earlier. A clock that stepped back makes nobody wait for longer
    /// than the guard.
    pub fn shown(&mut self, now: DateTime<Utc>) {
        let open_from = now + self.guard;
        self.open_from = Some(self.open_from.map_or(open_from, |before| before.min(open_from)));
    }

    /// The screen is another one: the question has to be shown again before it takes a key.
    pub fn hidden(&mut self) {
        self.open_from = None;
    }

    /// What has to be typed.
    pub fn demand(&self) -> &Demand {
        &self.demand
    }

    /// How the footer calls the answer.
    pub fn asks(&self) -> Ask {
        match self.demand {
            Demand::Yes => Ask::Yes,
            Demand::Digits(_) => Ask::Digits,
        }
    }

    /// What was typed of the digits.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Passes a key. A held key never answers, and none but Esc does before the line can have been read.
    pub fn key(&mut self, key: KeyEvent, now: DateTime<Utc>) -> Answer {
        if key.code == KeyCode::Esc {
            return Answer::Left;
        }
        if self.open_from.is_none_or(|open_from| now < open_from) {
            self.swallowed = Some(Swallowed::TooEarly);
            return Answer::Stays;
        }
        self.swallowed = None;
        let plain = key.modifiers.is_empty() && key.kind == KeyEventKind::Press;
        match (key.code, &self.demand) {
            (KeyCode::Char('n'), _) if plain => return Answer::Left,
            (KeyCode::Char('y'), Demand::Yes) if plain => return Answer::Confirmed,
            (KeyCode::Char(digit), Demand::Digits(digits))
                if plain && digits[self.typed.len()..].starts_with(digit) =>
            {
                self.typed.push(digit);
                if self.typed == *digits {
                    return Answer::Confirmed;
                }
            }
            // A mistyped digit starts over, so that hammering on the keyboard does not get there.
            _ => {
                self.typed.clear();
                self.swallowed = Some(Swallowed::NoAnswer);
            }
        }
        Answer::Stays
    }

    /// Pasted text never answers.
    pub fn pasted(&mut self) {
        self.typed.clear();
        self.swallowed = Some(Swallowed::Pasted);
    }
}

/// Whether the key is one that asks to leave a question, whatever the question.
pub fn leaves(key: KeyEvent) -> bool {
    key.code == KeyCode::Esc || (key.code == KeyCode::Char('n') && key.modifiers == KeyModifiers::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::<Utc>::UNIX_EPOCH + Duration::milliseconds(millis)
    }

    fn check(demand: Demand, keys: &[(KeyCode, i64)], expected: Answer) {
        let mut confirm = Confirm::ask(demand.clone(), Duration::milliseconds(300));
        confirm.shown(at(0));
        let answer = keys.iter().map(|(code, millis)| confirm.key(KeyEvent::from(*code), at(*millis))).last();
        assert_eq!(answer, Some(expected), "{demand:?} {keys:?}");
    }

    #[test]
    fn only_a_deliberate_lowercase_y_confirms() {
        use Answer::*;
        use KeyCode::{Char, Enter, Esc};
        let yes = || Demand::Yes;
        check(yes(), &[(Char('y'), 300)], Confirmed);
        check(yes(), &[(Char('y'), 299)], Stays);
        check(yes(), &[(Char('y'), 10), (Char('y'), 400)], Confirmed);
        check(yes(), &[(Char('Y'), 400)], Stays);
        check(yes(), &[(Char('A'), 400)], Stays);
        check(yes(), &[(Enter, 400)], Stays);
        check(yes(), &[(Char('n'), 400)], Left);
        check(yes(), &[(Esc, 400)], Left);
        check(yes(), &[(Esc, 10)], Left);
    }

    #[test]
    fn the_guard_begins_when_the_line_is_drawn() {
        let yes = KeyEvent::from(KeyCode::Char('y'));
        let mut confirm = Confirm::ask(Demand::Yes, Duration::milliseconds(300));
        assert_eq!(confirm.key(yes, at(60_000)), Answer::Stays);
        confirm.shown(at(60_000));
        confirm.shown(at(60_299));
        assert_eq!(confirm.key(yes, at(60_299)), Answer::Stays);
        assert_eq!(confirm.key(yes, at(60_300)), Answer::Confirmed);
        confirm.hidden();
        assert_eq!(confirm.key(yes, at(99_000)), Answer::Stays);
    }

    #[test]
    fn a_clock_that_steps_back_makes_nobody_wait_for_longer_than_the_guard() {
        let mut confirm = Confirm::ask(Demand::Yes, Duration::milliseconds(300));
        confirm.shown(at(3_600_000));
        assert_eq!(confirm.key(KeyEvent::from(KeyCode::Esc), at(0)), Answer::Left);
        confirm.shown(at(0));
        assert_eq!(confirm.key(KeyEvent::from(KeyCode::Char('y')), at(300)), Answer::Confirmed);
    }

    #[test]
    fn digits_must_be_typed_in_a_row() {
        use Answer::*;
        use KeyCode::Char;
        let digits = || Demand::Digits("7f3a".to_owned());
        let all = [(Char('7'), 400), (Char('f'), 401), (Char('3'), 402), (Char('a'), 403)];
        check(digits(), &all, Confirmed);
        check(digits(), &all[..3], Stays);
        check(digits(), &[(Char('y'), 400)], Stays);
        let slip = [all[0], (Char('x'), 401), all[1], all[2], all[3]];
        check(digits(), &slip, Stays);
    }

    #[test]
    fn a_held_key_and_a_control_key_are_no_answers() {
        let mut confirm = Confirm::ask(Demand::Yes, Duration::zero());
        confirm.shown(at(0));
        let held = KeyEvent::new_with_kind(KeyCode::Char('y'), KeyModifiers::NONE, KeyEventKind::Repeat);
        assert_eq!(confirm.key(held, at(900)), Answer::Stays);
        let control = KeyEvent::new(KeyCode::Char('y'), KeyModifiers::CONTROL);
        assert_eq!(confirm.key(control, at(900)), Answer::Stays);
    }
}
