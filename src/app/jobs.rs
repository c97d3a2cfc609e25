//! Jobs: any job by filter, and one job with its history, its tree and what blocks it.

use chrono::{DateTime, Utc};
use ratatui::crossterm::event::MouseEvent;

use super::cursor::Cursor;
use super::effect::Effect;
use super::feed::Feed;
use super::keymap::{Action, Availability};
use super::model::Model;
use crate::domain::{Activity, Filter, Job, JobId};

/// What the screen shows and where its cursor is.
#[derive(Debug, Default)]
pub struct JobsScreen {
    pub feed: Feed<JobList>,
    pub filter: Filter,
    pub cursor: Cursor<JobId>,
    /// The job whose detail is open, and what is known of it.
    pub open: Option<JobId>,
    pub detail: Feed<Box<JobDetail>>,
}

/// The answer to [`super::Query::Jobs`], newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct JobList {
    pub jobs: Vec<Job>,
}

/// The answer to [`super::Query::Job`].
#[derive(Debug, Clone, PartialEq)]
pub struct JobDetail {
    pub job: Job,
    /// Oldest first.
    pub history: Vec<Activity>,
    /// Every job of the conversation, in the order in which they were born.
    pub tree: Vec<Job>,
    /// What keeps the job from going on, as `queue.why_blocked` says it.
    pub blocked_by: Vec<String>,
}

/// Shows the jobs that this filter means. Other screens come here with it.
pub fn show(model: &mut Model, filter: Filter) {
    model.screen = super::Screen::Jobs;
    model.jobs.filter = filter;
    model.jobs.open = None;
    model.jobs.feed.forget();
}

/// New data arrived in the feed.
pub fn loaded(model: &mut Model, _now: DateTime<Utc>) {
    let screen = &mut model.jobs;
    let keys: Vec<JobId> =
        screen.feed.data().map_or(Vec::new(), |list| list.jobs.iter().map(|job| job.job_id).collect());
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
