//! Dead letters: jobs that nobody tries again by themselves, and what on-call does about them.

use chrono::{DateTime, Utc};
use ratatui::crossterm::event::{KeyEvent, MouseEvent};

use super::cursor::Cursor;
use super::effect::Effect;
use super::feed::Feed;
use super::keymap::{Action, Availability};
use super::model::{Ask, Model};
use super::msg::Failure;
use crate::domain::{DeadLetter, DeadLetterCell, Filter, JobId, Outcome};

/// What the screen shows and where its cursor is.
#[derive(Debug, Default)]
pub struct DeadLettersScreen {
    pub feed: Feed<DeadLetterList>,
    pub filter: Filter,
    pub cursor: Cursor<JobId>,
}

/// The answer to [`super::Query::DeadLetters`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterList {
    pub cells: Vec<DeadLetterCell>,
    pub jobs: Vec<DeadLetter>,
}

/// What on-call can do with a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadLetterAct {
    /// Back into the queue with another attempt.
    Retry {
        /// The person knows that the reply did not reach the customer.
        may_have_left: bool,
    },
    /// Given up.
    Discard,
}

/// New data arrived in the feed.
pub fn loaded(model: &mut Model, _now: DateTime<Utc>) {
    let screen = &mut model.dead_letters;
    let keys: Vec<JobId> =
        screen.feed.data().map_or(Vec::new(), |list| list.jobs.iter().map(|job| job.job_id).collect());
    screen.cursor.follow(&keys);
}

/// The question that is open on this screen; the footer asks.
pub fn asks(_model: &Model) -> Option<Ask> {
    None
}

/// Takes the key when a question of this screen is open. None: no question, the key table decides.
pub fn question_key(_model: &mut Model, _key: KeyEvent) -> Option<Vec<Effect>> {
    None
}

/// Text was pasted while this screen was shown: a question must not take it for an answer.
pub fn pasted(_model: &mut Model) {}

/// Whether an action would do something now.
pub fn availability(_model: &Model, _action: Action) -> Availability {
    Availability::On
}

/// What an action does on this screen.
pub fn act(_model: &mut Model, _action: Action) -> Vec<Effect> {
    Vec::new()
}

/// One row of a retry or discard was answered.
pub fn acted(_model: &mut Model, _job_id: JobId, _act: DeadLetterAct, _result: Result<Outcome, Failure>) {}

/// A click chooses, the wheel scrolls.
pub fn mouse(_model: &mut Model, _event: MouseEvent) -> Vec<Effect> {
    Vec::new()
}
