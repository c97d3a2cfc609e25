//! The provider's numbers of what was found to have left, asked for job by job: each message has its own.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a provider calls a message is no longer.
const LONGEST: usize = 256;

/// What was typed so far. The job that is asked about is the first one without an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// None: this job is left out.
    given: Vec<Option<String>>,
    text: String,
    /// Where in the set the job is that has this number already.
    pub taken_by: Option<usize>,
}

/// What a key did to the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Every job of the set has its answer, in its order.
    All(Vec<Option<String>>),
    /// The question is closed and nothing happened.
    Left,
    /// The question stays.
    Stays,
}

impl References {
    /// Which job of the set is asked about.
    pub fn at(&self) -> usize {
        self.given.len()
    }

    /// Its number as far as it is typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Passes a key. Of many jobs an empty answer leaves one out, and Backspace in front of it asks about the one before
    /// again.
    pub fn key(&mut self, key: KeyEvent, jobs: usize) -> Typed {
        let taken_by = self.taken_by.take();
        match key.code {
            KeyCode::Esc => return Typed::Left,
            KeyCode::Enter if key.kind != KeyEventKind::Press => self.taken_by = taken_by,
            KeyCode::Enter if self.text.is_empty() && jobs == 1 => {}
            KeyCode::Enter => return self.answer(jobs),
            KeyCode::Backspace if self.text.is_empty() => self.text = self.given.pop().flatten().unwrap_or_default(),
            KeyCode::Backspace => {
                self.text.pop();
            }
            KeyCode::Char(letter)
                if !letter.is_control()
                    && self.text.len() < LONGEST
                    && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
            {
                self.text.push(letter);
            }
            _ => {}
        }
        Typed::Stays
    }

    fn answer(&mut self, jobs: usize) -> Typed {
        let number = Some(std::mem::take(&mut self.text)).filter(|text| !text.is_empty());
        self.taken_by = number.as_ref().and_then(|_| self.given.iter().position(|other| *other == number));
        if self.taken_by.is_some() {
            self.text = number.unwrap_or_default();
            return Typed::Stays;
        }
        self.given.push(number);
        if self.given.len() < jobs { Typed::Stays } else { Typed::All(std::mem::take(&mut self.given)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `⏎` is Enter, `<` is Backspace.
    fn check(jobs: usize, keys: &str, expected: Typed) {
        let mut references = References::default();
        let code = |key| match key {
            '⏎' => KeyCode::Enter,
            '<' => KeyCode::Backspace,
            letter => KeyCode::Char(letter),
        };
        let last = keys.chars().map(|key| references.key(KeyEvent::from(code(key)), jobs)).last();
        assert_eq!(last, Some(expected), "{keys}");
    }

    fn all(numbers: &[&str]) -> Typed {
        Typed::All(numbers.iter().map(|number| (!number.is_empty()).then(|| (*number).to_owned())).collect())
    }

    #[test]
    fn every_job_is_given_a_number_of_its_own() {
        check(1, "m1⏎", all(&["m1"]));
        check(1, "⏎", Typed::Stays);
        check(2, "m1⏎", Typed::Stays);
        check(2, "m1⏎m2⏎", all(&["m1", "m2"]));
        check(2, "m1⏎m1⏎", Typed::Stays);
        check(2, "m1⏎m1⏎<2⏎", all(&["m1", "m2"]));
    }

    #[test]
    fn one_of_many_can_be_left_out_and_the_one_before_asked_about_again() {
        check(3, "m1⏎⏎m3⏎", all(&["m1", "", "m3"]));
        check(2, "⏎⏎", all(&["", ""]));
        check(2, "m1⏎<<2⏎m1⏎", all(&["m2", "m1"]));
    }

    #[test]
    fn a_held_enter_answers_nothing() {
        let mut references = References::default();
        let held = KeyEvent::new_with_kind(KeyCode::Enter, KeyModifiers::NONE, KeyEventKind::Repeat);
        assert_eq!((references.key(held, 2), references.at()), (Typed::Stays, 0));
    }
}
