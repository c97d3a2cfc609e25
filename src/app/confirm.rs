//! The confirm line: what stands between a key and a decision.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::model::Ask;
use super::sight::Sight;

/// A question that only a deliberate answer passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirm {
    demand: Demand,
    typed: String,
    /// The last key came before the line can have been read, or was none of the answers.
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
    /// Nobody can have read the line before it was typed.
    TooEarly,
    /// It is held, or came in one burst with other keys.
    NotAlone,
    /// It would have been an answer in lowercase.
    Capital,
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
    /// Asks.
    pub fn ask(demand: Demand) -> Confirm {
        Confirm { demand, typed: String::new(), swallowed: None }
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

    /// Passes a key. None but Esc does anything before the line can have been read, and a key that did not come alone never
    /// answers.
    pub fn key(&mut self, key: KeyEvent, sight: Sight) -> Answer {
        if key.code == KeyCode::Esc {
            return Answer::Left;
        }
        if sight != Sight::Readable {
            return self.swallow(Swallowed::TooEarly);
        }
        if key.kind != KeyEventKind::Press {
            return self.swallow(Swallowed::NotAlone);
        }
        let letter = match key.code {
            KeyCode::Char(letter) if (key.modifiers - KeyModifiers::SHIFT).is_empty() => letter,
            _ => return self.swallow(Swallowed::NoAnswer),
        };
        let awaited = match &self.demand {
            Demand::Yes => 'y',
            Demand::Digits(digits) => digits[self.typed.len()..].chars().next().expect("not all digits are typed yet"),
        };
        match letter {
            'n' => Answer::Left,
            letter if letter == awaited => {
                self.swallowed = None;
                self.typed.push(letter);
                let all = match &self.demand {
                    Demand::Yes => true,
                    Demand::Digits(digits) => self.typed == *digits,
                };
                if all { Answer::Confirmed } else { Answer::Stays }
            }
            letter if letter.is_ascii_uppercase() && letter.to_ascii_lowercase() == awaited => {
                self.swallow(Swallowed::Capital)
            }
            _ => self.swallow(Swallowed::NoAnswer),
        }
    }

    /// Pasted text never answers.
    pub fn pasted(&mut self) {
        self.swallow(Swallowed::Pasted);
    }

    /// A mistyped digit starts over, so that hammering on the keyboard does not get there.
    fn swallow(&mut self, why: Swallowed) -> Answer {
        self.typed.clear();
        self.swallowed = Some(why);
        Answer::Stays
    }
}

/// Whether the key is one that asks to leave a question, whatever the question.
pub fn leaves(key: KeyEvent) -> bool {
    key.code == KeyCode::Esc || (key.code == KeyCode::Char('n') && key.modifiers == KeyModifiers::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    use Answer::{Confirmed, Left, Stays};
    use KeyCode::{Char, Enter, Esc};
    use Sight::{Drawn, Readable};

    fn check(demand: Demand, keys: &[(KeyCode, Sight)], expected: (Answer, Option<Swallowed>)) {
        let mut confirm = Confirm::ask(demand.clone());
        let answer = keys.iter().map(|(code, sight)| confirm.key(KeyEvent::from(*code), *sight)).last();
        assert_eq!((answer.unwrap(), confirm.swallowed), expected, "{demand:?} {keys:?}");
    }

    #[test]
    fn only_a_deliberate_lowercase_y_confirms() {
        let yes = || Demand::Yes;
        check(yes(), &[(Char('y'), Readable)], (Confirmed, None));
        check(yes(), &[(Char('y'), Drawn)], (Stays, Some(Swallowed::TooEarly)));
        check(yes(), &[(Char('y'), Sight::Unseen { hasty: false })], (Stays, Some(Swallowed::TooEarly)));
        check(yes(), &[(Char('y'), Drawn), (Char('y'), Readable)], (Confirmed, None));
        check(yes(), &[(Char('Y'), Readable)], (Stays, Some(Swallowed::Capital)));
        check(yes(), &[(Char('A'), Readable)], (Stays, Some(Swallowed::NoAnswer)));
        check(yes(), &[(Enter, Readable)], (Stays, Some(Swallowed::NoAnswer)));
        check(yes(), &[(Char('n'), Readable)], (Left, None));
        check(yes(), &[(Esc, Readable)], (Left, None));
        check(yes(), &[(Esc, Drawn)], (Left, None));
    }

    #[test]
    fn digits_must_be_typed_in_a_row() {
        let digits = || Demand::Digits("7f3a".to_owned());
        let keys = |text: &str| text.chars().map(|letter| (Char(letter), Readable)).collect::<Vec<_>>();
        check(digits(), &keys("7f3a"), (Confirmed, None));
        check(digits(), &keys("7f3"), (Stays, None));
        check(digits(), &keys("y"), (Stays, Some(Swallowed::NoAnswer)));
        check(digits(), &keys("7fxf3a"), (Stays, Some(Swallowed::NoAnswer)));
        check(digits(), &keys("7F"), (Stays, Some(Swallowed::Capital)));
        check(digits(), &keys("7fx7f3a"), (Confirmed, None));
    }

    #[test]
    fn a_key_that_did_not_come_alone_and_a_control_key_are_no_answers() {
        let mut confirm = Confirm::ask(Demand::Yes);
        let held = KeyEvent::new_with_kind(Char('y'), KeyModifiers::NONE, KeyEventKind::Repeat);
        assert_eq!((confirm.key(held, Readable), confirm.swallowed), (Stays, Some(Swallowed::NotAlone)));
        for modifiers in [KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SUPER] {
            assert_eq!(confirm.key(KeyEvent::new(Char('y'), modifiers), Readable), Stays);
            assert_eq!(confirm.swallowed, Some(Swallowed::NoAnswer));
        }
    }
}
