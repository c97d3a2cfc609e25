//! Overview: how much waits, what is late, what comes next.

use chrono::{DateTime, Utc};
use ratatui::crossterm::event::MouseEvent;

use super::cursor::Cursor;
use super::effect::Effect;
use super::feed::Feed;
use super::keymap::{Action, Availability};
use super::model::Model;
use crate::domain::{Backlog, JobKind, KindPressure};

/// What the Overview shows and where its cursor is.
#[derive(Debug, Default)]
pub struct OverviewScreen {
    pub feed: Feed<OverviewData>,
    pub cursor: Cursor<JobKind>,
}

/// The answer to [`super::Query::Overview`].
#[derive(Debug, Clone, PartialEq)]
pub struct OverviewData {
    pub backlog: Backlog,
    pub pressure: Vec<KindPressure>,
}

/// New data arrived in the feed.
pub fn loaded(model: &mut Model, _now: DateTime<Utc>) {
    model.overview.cursor.follow(&JobKind::ALL);
}

/// Whether an action would do something now.
pub fn availability(_model: &Model, _action: Action) -> Availability {
    Availability::On
}

/// What an action does on this screen.
pub fn act(_model: &mut Model, _action: Action) -> Vec<Effect> {
    Vec::new()
}

/// A click chooses, the wheel scrolls.
pub fn mouse(_model: &mut Model, _event: MouseEvent) -> Vec<Effect> {
    Vec::new()
}
