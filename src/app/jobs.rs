//! Jobs: any job by filter, and one job with its history, its tree and what blocks it.

mod detail;

use ratatui::crossterm::event::MouseEvent;
use ratatui::layout::{Rect, Size};

pub use detail::{Fact, Line};

use super::cursor::Cursor;
use super::effect::{Effect, Query};
use super::feed::Feed;
use super::keymap::{Action, Availability};
use super::layout::{self, WIDE, below};
use super::model::{Model, Screen};
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
    /// The first line of the detail that is shown.
    pub top: usize,
    /// Where `h` goes back to; none when the person came with a number key.
    pub origin: Option<Origin>,
}

/// The screen that a person came from, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    ForList(Screen),
    ForJob(Screen),
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
    /// What the job came from and what came of it, in the order in which they were born.
    pub tree: Vec<Job>,
    /// What keeps the job from going on, as `queue.why_blocked` says it.
    pub blocked_by: Vec<String>,
}

/// Shows the jobs that this filter means. Other screens come here with it.
pub fn show(model: &mut Model, filter: Filter) {
    model.jobs.origin = match model.jobs.origin {
        _ if model.screen != Screen::Jobs => Some(Origin::ForList(model.screen)),
        Some(Origin::ForJob(screen)) => Some(Origin::ForList(screen)),
        other => other,
    };
    model.screen = Screen::Jobs;
    model.jobs.filter = filter;
    model.jobs.open = None;
    model.jobs.cursor = Cursor::default();
    model.jobs.feed.forget();
}

/// Opens one job. Other screens come here with it.
pub fn open(model: &mut Model, job_id: JobId) {
    if model.screen != Screen::Jobs {
        model.jobs.origin = Some(Origin::ForJob(model.screen));
    }
    model.screen = Screen::Jobs;
    model.jobs.open = Some(job_id);
    model.jobs.detail.forget();
    model.jobs.top = 0;
}

/// Copies a job's id and prints it. The list screens share it.
pub fn copy_id(model: &mut Model, job_id: JobId) -> Vec<Effect> {
    model.say(format!("copied {}", job_id.0));
    vec![Effect::Copy(job_id.0.to_string())]
}

/// The list with its frame.
pub fn list_area(size: Size) -> Rect {
    layout::body(size)
}

/// Where the rows of the list stand, beneath frame and head.
pub fn rows_area(size: Size) -> Rect {
    below(layout::inside(list_area(size), is_boxed(size)), 1)
}

/// Whether frames are boxes.
pub fn is_boxed(size: Size) -> bool {
    size.width >= WIDE
}

/// What the longest fact takes, in its box.
const FACTS_WIDTH: u16 = 60;

/// Where an open job's facts stand, and where its lines scroll. In a narrow terminal the facts scroll with the lines.
pub fn detail_areas(size: Size) -> (Option<Rect>, Rect) {
    let body = layout::body(size);
    if !is_boxed(size) {
        return (None, body);
    }
    let width = (body.width / 2).min(FACTS_WIDTH);
    (Some(Rect { width, ..body }), Rect { x: body.x + width, width: body.width - width, ..body })
}

/// The lines of the open job that scroll.
pub fn lines(model: &Model) -> Vec<Line<'_>> {
    let facts_scroll = detail_areas(model.size).0.is_none();
    model.jobs.detail.data().map_or_else(Vec::new, |detail| detail::lines(detail, facts_scroll))
}

/// What is asked for while the screen is shown.
pub fn question(model: &mut Model) -> Query {
    let rows = model.jobs.cursor.reach(usize::from(model.size.height));
    Query::Jobs(model.jobs.filter.clone(), model.jobs.feed.want(rows))
}

/// New data arrived in the feed.
pub fn loaded(model: &mut Model) {
    let keys = keys(model);
    let height = usize::from(rows_area(model.size).height);
    let cursor = &mut model.jobs.cursor;
    if cursor.index() == 0 {
        // Who has not moved watches what is newest.
        cursor.choose(0, &keys);
    } else {
        cursor.follow(&keys);
    }
    cursor.reveal(height, keys.len());
}

/// Whether an action would do something now.
pub fn availability(model: &Model, action: Action) -> Availability {
    let nothing_chosen = model.jobs.open.is_none() && model.jobs.cursor.key().is_none();
    match action {
        Action::Open | Action::CopyId if nothing_chosen => Availability::Hidden,
        _ => Availability::On,
    }
}

/// What an action does on this screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match (action, model.jobs.open) {
        (Action::Back, _) => back(model),
        (Action::CopyId, Some(job_id)) => return copy_id(model, job_id),
        (Action::Open, Some(_)) => show_conversation(model),
        (_, Some(_)) => scroll(model, action),
        (Action::CopyId, None) => {
            if let Some(job_id) = model.jobs.cursor.key() {
                return copy_id(model, job_id);
            }
        }
        (Action::Open, None) => {
            if let Some(job_id) = model.jobs.cursor.key() {
                open(model, job_id);
            }
        }
        (_, None) => {
            let keys = keys(model);
            let height = usize::from(rows_area(model.size).height);
            model.jobs.cursor.walk(action, height, &keys);
        }
    }
    Vec::new()
}

/// A click chooses, the wheel scrolls.
pub fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    use ratatui::crossterm::event::MouseEventKind::{ScrollDown, ScrollUp};
    match (event.kind, model.jobs.open) {
        (ScrollDown, Some(_)) => scroll(model, Action::Down),
        (ScrollUp, Some(_)) => scroll(model, Action::Up),
        (_, Some(_)) => {}
        (_, None) => {
            let keys = keys(model);
            model.jobs.cursor.point(event, rows_area(model.size), &keys);
        }
    }
    Vec::new()
}

fn keys(model: &Model) -> Vec<JobId> {
    model.jobs.feed.data().map_or_else(Vec::new, |list| list.jobs.iter().map(|job| job.job_id).collect())
}

/// Closes what is open, then clears the filter, then goes back to where the person came from.
fn back(model: &mut Model) {
    let jobs = &mut model.jobs;
    let closed = jobs.open.take().is_some();
    match jobs.origin {
        Some(Origin::ForJob(screen)) if closed => leave(model, screen),
        _ if closed => jobs.detail.forget(),
        _ if !jobs.filter.is_empty() => show(model, Filter::default()),
        Some(Origin::ForList(screen) | Origin::ForJob(screen)) => leave(model, screen),
        None => {}
    }
}

fn leave(model: &mut Model, screen: Screen) {
    model.jobs.origin = None;
    model.screen = screen;
}

/// From one job to all of its conversation.
fn show_conversation(model: &mut Model) {
    let conversation = model.jobs.detail.data().map(|detail| detail.job.correlation_id);
    if conversation.is_some() {
        show(model, Filter { conversation, ..Filter::default() });
    }
}

fn scroll(model: &mut Model, action: Action) {
    let height = usize::from(layout::inside(detail_areas(model.size).1, is_boxed(model.size)).height);
    let last = lines(model).len().saturating_sub(height);
    let top = model.jobs.top.min(last);
    let half = height.div_ceil(2);
    model.jobs.top = match action {
        Action::Down => top + 1,
        Action::Up => top.saturating_sub(1),
        Action::HalfPageDown => top + half,
        Action::HalfPageUp => top.saturating_sub(half),
        Action::Top => 0,
        Action::Bottom => last,
        _ => top,
    }
    .min(last);
}
