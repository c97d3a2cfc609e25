//! Activity: the audit trail as it happens.

use chrono::{DateTime, Utc};
use ratatui::crossterm::event::MouseEvent;

use super::cursor::Cursor;
use super::effect::Effect;
use super::feed::Feed;
use super::keymap::{Action, Availability};
use super::model::Model;
use crate::domain::{Activity, Filter};

/// What the screen shows and where its cursor is.
#[derive(Debug, Default)]
pub struct ActivityScreen {
    pub feed: Feed<ActivityList>,
    pub filter: Filter,
    /// By `run_id`.
    pub cursor: Cursor<i64>,
}

/// The answer to [`super::Query::Activity`], newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityList {
    pub rows: Vec<Activity>,
}

/// New data arrived in the feed.
pub fn loaded(model: &mut Model, _now: DateTime<Utc>) {
    let screen = &mut model.activity;
    let keys: Vec<i64> = screen.feed.data().map_or(Vec::new(), |list| list.rows.iter().map(|row| row.run_id).collect());
    screen.cursor.follow(&keys);
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
