//! Activity: the audit trail as it happens.

use ratatui::crossterm::event::MouseEvent;
use ratatui::layout::{Rect, Size};

use super::cursor::Cursor;
use super::effect::{Effect, Query};
use super::feed::{Feed, Renewed};
use super::jobs;
use super::keymap::{Action, Availability};
use super::model::Model;
use crate::domain::{Activity, Filter, JobId};

/// What the screen shows and where its cursor is.
#[derive(Debug, Default)]
pub struct ActivityScreen {
    pub feed: Feed<ActivityList>,
    pub filter: Filter,
    /// What the feed was asked for, and how much of it: the Overview shows the newest few of all, whatever the filter here is.
    wanted: (Filter, usize),
    /// By `run_id`.
    pub cursor: Cursor<i64>,
}

/// The answer to [`super::Query::Activity`], newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityList {
    pub rows: Vec<Activity>,
}

/// Why the trail cannot be filtered like this; it knows less than a job does.
pub fn unusable(filter: &Filter) -> Option<String> {
    let usable = Filter {
        job_id: filter.job_id,
        holder: filter.holder.clone(),
        error: filter.error.clone(),
        statuses: filter.statuses.clone(),
        mine: filter.mine,
        ..Filter::default()
    };
    (usable != *filter).then(|| "here id: holder: error: status: and mine work".to_owned())
}

/// The rows as the database filtered them.
pub fn rows(model: &Model) -> &[Activity] {
    model.activity.feed.data().map_or(&[], |list| &list.rows)
}

/// Shows other rows.
pub fn set_filter(model: &mut Model, filter: Filter) {
    model.activity.filter = filter;
    model.activity.cursor = Cursor::default();
}

/// The feed is asked for these rows from now on; what it has of others is forgotten.
pub fn want(model: &mut Model, filter: Filter, at_most: usize) -> Query {
    let ActivityScreen { feed, wanted, .. } = &mut model.activity;
    if wanted.0 != filter {
        feed.forget();
    } else if wanted.1 < at_most {
        feed.hurry();
    }
    *wanted = (filter.clone(), at_most);
    Query::Activity(filter, at_most)
}

/// Where the rows stand, beneath frame and head.
pub fn rows_area(size: Size) -> Rect {
    jobs::rows_area(size)
}

/// New data arrived in the feed.
pub fn loaded(model: &mut Model) {
    let keys = keys(model);
    let height = usize::from(rows_area(model.size).height);
    let cursor = &mut model.activity.cursor;
    if cursor.index() == 0 {
        // Who has not moved watches what happens.
        cursor.choose(0, &keys);
    } else {
        cursor.follow(&keys);
    }
    cursor.reveal(height, keys.len());
}

/// Whether an action would do something now.
pub fn availability(model: &Model, action: Action) -> Availability {
    match action {
        Action::Open | Action::CopyId if chosen_job(model).is_none() => Availability::Hidden,
        _ => Availability::On,
    }
}

/// What an action does on this screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match (action, chosen_job(model)) {
        (Action::Open, Some(job_id)) => jobs::open(model, job_id),
        (Action::CopyId, Some(job_id)) => return jobs::copy_id(model, job_id),
        (Action::Back, _) if !model.activity.filter.is_empty() => set_filter(model, Filter::default()),
        _ => {
            let keys = keys(model);
            let height = usize::from(rows_area(model.size).height);
            model.activity.cursor.walk(action, height, &keys);
        }
    }
    Vec::new()
}

/// A click chooses, the wheel scrolls.
pub fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let keys = keys(model);
    model.activity.cursor.point(event, rows_area(model.size), &keys);
    Vec::new()
}

fn keys(model: &Model) -> Vec<i64> {
    rows(model).iter().map(|row| row.run_id).collect()
}

fn chosen_job(model: &Model) -> Option<JobId> {
    let chosen = model.activity.cursor.key()?;
    rows(model).iter().find(|row| row.run_id == chosen)?.job_id
}
