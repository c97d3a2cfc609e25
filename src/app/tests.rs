//! What no key brings about, whatever the screen.

use chrono::Duration;
use proptest::prelude::*;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::dead_letters::DeadLetterList;
use super::effect::{Effect, Query};
use super::feed::Reply;
use super::keymap::{BINDINGS, Key};
use super::model::Screen;
use super::msg::Msg;
use super::sample::{self, Sitting, dead_letter, minutes, short};
use crate::domain::Role;

/// Every key of the table and those that answer questions, each once.
fn keys() -> Vec<KeyEvent> {
    let event = |key: &Key| {
        let modifiers = if key.control { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        KeyEvent::new(key.code, modifiers)
    };
    let bound = BINDINGS.iter().flat_map(|binding| binding.keys).map(event);
    let answers = "y7fa".chars().map(|letter| KeyEvent::from(KeyCode::Char(letter)));
    let mut keys: Vec<KeyEvent> = Vec::new();
    for key in bound.chain(answers) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// A dashboard that somebody with every right left in some state.
#[derive(Debug, Clone, Copy)]
struct Start {
    screen: Screen,
    /// In Review: the job that is looked at.
    open: Option<i64>,
    away: bool,
    read_only: bool,
}

fn starts(read_only: bool, away: bool) -> impl Iterator<Item = Start> {
    let listed = Screen::ALL.map(|screen| Start { screen, open: None, away, read_only });
    let opened = [10431, 10450].map(|job_id| Start { screen: Screen::Review, open: Some(job_id), away, read_only });
    listed.into_iter().chain(opened)
}

impl Start {
    fn sit(self) -> Sitting {
        let mut sitting = Sitting::connected(Screen::Review, 120, 40);
        sitting.model.session.read_only = self.read_only;
        sitting.model.session.principal.roles = vec![Role::Reviewer, Role::Oncall];
        sitting.answer(sample::list(), sample::backlog());
        if let Some(job_id) = self.open {
            let row = sample::list().waiting.iter().position(|row| row.job_id.0 == job_id).unwrap();
            sitting.press(&"j".repeat(row));
            sitting.press("\n");
            sitting.answer_opening(job_id);
        }
        sitting.model.screen = self.screen;
        sitting.wait(Duration::seconds(1));
        answer_dead_letters(&mut sitting);
        if self.away {
            sitting.send(Msg::ConnectionLost("connection refused".to_owned(), sitting.now));
        }
        sitting.effects.clear();
        sitting
    }
}

fn answer_dead_letters(sitting: &mut Sitting) {
    let asked = sitting.effects.iter().rev().find_map(|effect| match effect {
        Effect::Refresh { generation, query } if matches!(**query, Query::DeadLetters(_)) => Some(*generation),
        _ => None,
    });
    if let Some(generation) = asked {
        let list = DeadLetterList { cells: Vec::new(), jobs: vec![dead_letter(12_019), dead_letter(12_018)] };
        sitting.send(Msg::DeadLettersLoaded(Reply { generation, at: sitting.now, result: Ok(list) }));
    }
}

impl Sitting {
    /// What the database answers when something was to be opened: the lease only where it was asked for.
    fn answer_opening(&mut self, job_id: i64) {
        let claimed = self.effects.iter().any(Effect::changes);
        let mut opened = short(job_id, "Dear customer.");
        opened.conversation.pin = opened.conversation.pin.filter(|_| claimed);
        let ticket = self.ticket();
        self.send(Msg::Opened { ticket, result: Ok(Box::new(opened)), now: self.now });
    }

    fn changes(&self) -> Vec<&Effect> {
        self.effects.iter().filter(|effect| effect.changes()).collect()
    }
}

#[test]
fn read_only_changes_nothing_whatever_key_is_pressed() {
    for start in starts(true, false) {
        for slept in [Duration::zero(), minutes(3)] {
            for first in keys() {
                for second in keys() {
                    let mut sitting = start.sit();
                    sitting.wait(slept);
                    sitting.key(first, 500);
                    sitting.key(second, 500);
                    sitting.press("1y");
                    assert!(sitting.changes().is_empty(), "{start:?} {first:?} {second:?}: {:?}", sitting.changes());
                }
            }
        }
    }
}

/// Giving a lease back is tried all the same: whoever leaves a job does not want to hold it.
#[test]
fn nothing_is_changed_while_the_database_is_away() {
    for start in starts(false, true) {
        for first in keys() {
            for second in keys() {
                let mut sitting = start.sit();
                sitting.key(first, 500);
                sitting.key(second, 500);
                sitting.press("1y");
                let mut changes = sitting.changes();
                changes.retain(|effect| !matches!(effect, Effect::Release { .. }));
                assert!(changes.is_empty(), "{start:?} {first:?} {second:?}: {changes:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn read_only_changes_nothing_on_a_long_walk(
        at in 0..7_usize,
        walk in prop::collection::vec((prop::sample::select(keys()), 0..90_000_i64), 0..60),
    ) {
        let mut sitting = starts(true, false).nth(at).unwrap().sit();
        for (key, after) in walk {
            sitting.key(key, after);
            answer_dead_letters(&mut sitting);
            if matches!(sitting.effects.last(), Some(Effect::Look { .. } | Effect::OpenForReview { .. })) {
                sitting.answer_opening(10431);
            }
            prop_assert!(sitting.changes().is_empty(), "{key:?}: {:?}", sitting.changes());
        }
    }
}

#[test]
fn everything_that_is_tried_here_does_change_something_otherwise() {
    let changed = |screen, open, keys: &str| {
        let mut sitting = Start { screen, open, away: false, read_only: false }.sit();
        sitting.press(keys);
        sitting.changes().len()
    };
    for (screen, open, keys) in [
        (Screen::Review, None, "n"),
        (Screen::Review, None, "u"),
        (Screen::Review, None, "qu"),
        (Screen::Review, Some(10431), "Ay"),
        (Screen::Review, Some(10431), "s1"),
        (Screen::Review, Some(10450), "T"),
        (Screen::DeadLetters, None, "Ry"),
        (Screen::DeadLetters, None, "D1y"),
    ] {
        assert_eq!(changed(screen, open, keys), 1, "{screen:?} {open:?} {keys}");
    }
}
