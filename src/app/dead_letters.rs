//! Dead letters: jobs that nobody tries again by themselves, and what on-call does about them.
//!
//! [`acts`] holds the question that stands before an act, the frozen set it is about, and what came of it row by row;
//! [`references`] the numbers that a person types for what was found to have left.

pub mod acts;
mod references;

use std::collections::BTreeSet;

use ratatui::crossterm::event::{KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect, Size};

use super::confirm::Confirm;
use super::cursor::Cursor;
use super::effect::Effect;
use super::feed::Feed;
use super::jobs;
use super::keymap::{Action, Availability};
use super::layout::{self, WIDE, below, first};
use super::model::{Ask, Model};
use super::msg::Failure;
use crate::domain::{DeadLetter, DeadLetterCell, Filter, JobId, JobKind, Outcome};
use acts::{Question, Report, Step};

/// What the screen shows and where its cursors are.
#[derive(Debug, Default)]
pub struct DeadLettersScreen {
    pub feed: Feed<DeadLetterList>,
    pub filter: Filter,
    /// In the list of jobs.
    pub cursor: Cursor<JobId>,
    /// In the grid of errors.
    pub cell: Cursor<CellKey>,
    /// Whether the keys move in the grid; else they move in the list.
    pub in_grid: bool,
    /// What the next act is about. Only a key puts a job in; a refresh only takes out what is no longer listed.
    pub marked: BTreeSet<JobId>,
    pub question: Option<Question>,
    /// What came of the last act.
    pub report: Option<Report>,
}

/// What a row of the grid is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellKey {
    pub error_code: String,
    pub job_kind: JobKind,
    pub channel_kind: String,
}

/// The answer to [`super::Query::DeadLetters`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterList {
    pub cells: Vec<DeadLetterCell>,
    pub jobs: Vec<DeadLetter>,
}

/// What on-call can do with a dead letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DeadLetterAct {
    /// Back into the queue with another attempt.
    Retry {
        /// The person knows that the reply did not reach the customer.
        may_have_left: bool,
        /// Why it should end otherwise this time; needed for what people retried often.
        reason: Option<String>,
        /// So many of the set become claimable in a minute; none: all at once.
        per_minute: Option<i32>,
    },
    /// Given up, for a registered reason.
    Discard { reason: String },
    /// Found to have reached the customer, under this number of the provider. No other message has it.
    ConfirmSent { provider_ref: String },
}

/// The parts of the screen, each with its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeadLettersLayout {
    pub boxed: bool,
    /// Too narrow for all columns, too low for heads.
    pub plain: bool,
    pub grid: Rect,
    pub list: Rect,
    /// The question, or the report, or why the keys are off.
    pub foot: Rect,
}

/// Where things are now.
pub fn layout(model: &Model) -> DeadLettersLayout {
    let cells = model.dead_letters.feed.data().map_or(0, |list| list.cells.len());
    arrange(model.size, cells, acts::foot_rows(model))
}

fn arrange(size: Size, cells: usize, foot: u16) -> DeadLettersLayout {
    let body = layout::body(size);
    let foot = foot.min(body.height / 2);
    let (plain, boxed) = (body.width < 76 || body.height < 16, body.width >= WIDE && body.height >= 20);
    let frame = if boxed { 3 } else { 2 - u16::from(plain) };
    let above = first(body, body.height - foot);
    let cells = u16::try_from(cells).unwrap_or(u16::MAX);
    let grid = first(above, cells.min(body.height / 3).max(1) + frame);
    DeadLettersLayout {
        boxed,
        plain,
        grid,
        list: below(above, grid.height),
        foot: Rect { y: above.bottom(), height: foot, ..body },
    }
}

impl DeadLettersLayout {
    /// The grid's rows, beneath frame and head.
    pub fn grid_rows(&self) -> Rect {
        self.rows_of(self.grid)
    }

    /// The list's rows, beneath frame and head.
    pub fn list_rows(&self) -> Rect {
        self.rows_of(self.list)
    }

    fn rows_of(&self, area: Rect) -> Rect {
        below(layout::inside(area, self.boxed), u16::from(!self.plain))
    }
}

/// Why dead letters cannot be filtered like this.
pub fn unusable(filter: &Filter) -> Option<String> {
    let usable = Filter {
        kinds: filter.kinds.first().copied().into_iter().collect(),
        channel: filter.channel.clone(),
        error: filter.error.clone(),
        ..Filter::default()
    };
    (usable != *filter).then(|| "here one kind:, channel: and error: work; 5 Jobs takes the rest".to_owned())
}

/// Shows other dead letters. Marks do not outlive the list in which they were made.
pub fn set_filter(model: &mut Model, filter: Filter) {
    let screen = &mut model.dead_letters;
    screen.filter = filter;
    screen.marked.clear();
    screen.in_grid = false;
    screen.cursor = Cursor::default();
    screen.feed.forget();
}

/// New data arrived in the feed.
pub fn loaded(model: &mut Model) {
    let keys = keys(model);
    let cells = cell_keys(model);
    let screen = &mut model.dead_letters;
    screen.marked.retain(|job_id| keys.contains(job_id));
    screen.cursor.follow(&keys);
    screen.cell.follow(&cells);
    screen.in_grid &= !cells.is_empty();
    reveal(model);
}

/// The question that is open on this screen; the footer asks.
pub fn asks(model: &Model) -> Option<Ask> {
    Some(match &model.dead_letters.question.as_ref()?.step {
        Step::Why(_) | Step::Pace { .. } => Ask::Reason,
        Step::References(_) => Ask::Reference,
        Step::Sure { confirm, .. } => confirm.asks(),
    })
}

/// Takes the key when a question of this screen is open. None: no question, the key table decides.
pub fn question_key(model: &mut Model, key: KeyEvent) -> Option<Vec<Effect>> {
    acts::question_key(model, key)
}

/// The confirm line that is open.
pub fn confirm(model: &mut Model) -> Option<&mut Confirm> {
    match &mut model.dead_letters.question.as_mut()?.step {
        Step::Why(_) | Step::Pace { .. } | Step::References(_) => None,
        Step::Sure { confirm, .. } => Some(confirm),
    }
}

/// Whether an action would do something now.
pub fn availability(model: &Model, action: Action) -> Availability {
    use Availability::{Hidden, On};
    let screen = &model.dead_letters;
    match action {
        Action::Retry | Action::Discard | Action::ConfirmSent | Action::Mark | Action::MarkAll => {
            acts::availability(model, action)
        }
        Action::Open | Action::CopyId if screen.cursor.key().is_none() && !screen.in_grid => Hidden,
        _ => On,
    }
}

/// What an action does on this screen.
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Retry | Action::Discard | Action::ConfirmSent => acts::ask(model, action),
        Action::Mark => mark(model),
        Action::MarkAll => mark_all(model),
        Action::Open => open(model),
        Action::Back => back(model),
        Action::CopyId => {
            if let Some(job_id) = model.dead_letters.cursor.key() {
                return jobs::copy_id(model, job_id);
            }
        }
        _ => step(model, action),
    }
    Vec::new()
}

/// One row of a retry or discard was answered.
pub fn acted(model: &mut Model, job_id: JobId, result: Result<Outcome, Failure>) {
    acts::answered(model, job_id, result);
}

/// A click chooses, the wheel scrolls.
pub fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if model.dead_letters.question.is_some() {
        return Vec::new();
    }
    let layout = layout(model);
    let (keys, cells) = (keys(model), cell_keys(model));
    let screen = &mut model.dead_letters;
    let over_grid = layout.grid.contains(Position::new(event.column, event.row));
    if over_grid {
        screen.cell.point(event, layout.grid_rows(), &cells);
    } else {
        screen.cursor.point(event, layout.list_rows(), &keys);
    }
    if event.kind == MouseEventKind::Down(MouseButton::Left) {
        screen.in_grid = over_grid && !cells.is_empty();
    }
    Vec::new()
}

/// The chosen job.
pub fn chosen(model: &Model) -> Option<&DeadLetter> {
    let screen = &model.dead_letters;
    let chosen = screen.cursor.key().filter(|_| !screen.in_grid)?;
    screen.feed.data()?.jobs.iter().find(|job| job.job_id == chosen)
}

/// Kind, channel and agency of what the cursor is on.
pub fn subject_of_hold(model: &Model) -> Option<(JobKind, String, Option<String>)> {
    if let Some(job) = chosen(model) {
        return Some((job.job_kind, job.channel_kind.clone(), Some(job.agency.clone())));
    }
    let cell = model.dead_letters.cell.key()?;
    Some((cell.job_kind, cell.channel_kind, None))
}

fn keys(model: &Model) -> Vec<JobId> {
    model.dead_letters.feed.data().map_or_else(Vec::new, |list| list.jobs.iter().map(|job| job.job_id).collect())
}

fn cell_keys(model: &Model) -> Vec<CellKey> {
    let key = |cell: &DeadLetterCell| CellKey {
        error_code: cell.error_code.clone(),
        job_kind: cell.job_kind,
        channel_kind: cell.channel_kind.clone(),
    };
    model.dead_letters.feed.data().map_or_else(Vec::new, |list| list.cells.iter().map(key).collect())
}

fn mark(model: &mut Model) {
    let Some(job_id) = chosen(model).map(|job| job.job_id) else { return };
    let marked = &mut model.dead_letters.marked;
    if !marked.remove(&job_id) {
        marked.insert(job_id);
    }
    step(model, Action::Down);
}

/// Marks what is listed now, or unmarks it when all of it is marked already.
fn mark_all(model: &mut Model) {
    let keys = keys(model);
    let marked = &mut model.dead_letters.marked;
    if keys.iter().all(|job_id| marked.contains(job_id)) {
        marked.clear();
    } else {
        marked.extend(keys);
    }
}

/// A job opens its detail, a cell of the grid opens its jobs.
fn open(model: &mut Model) {
    if let Some(job_id) = chosen(model).map(|job| job.job_id) {
        jobs::open(model, job_id);
    } else if let Some(cell) = model.dead_letters.cell.key() {
        let filter = Filter {
            error: Some(cell.error_code),
            kinds: vec![cell.job_kind],
            channel: Some(cell.channel_kind),
            ..Filter::default()
        };
        set_filter(model, filter);
    }
}

/// Clears the report, then the marks, then the filter.
fn back(model: &mut Model) {
    let screen = &mut model.dead_letters;
    if screen.report.as_ref().is_some_and(Report::is_complete) {
        screen.report = None;
    } else if !screen.marked.is_empty() {
        screen.marked.clear();
    } else if !screen.filter.is_empty() {
        set_filter(model, Filter::default());
    }
}

/// Grid and list are one column for the keys: down from the last cell is the first job.
fn step(model: &mut Model, action: Action) {
    let layout = layout(model);
    let (keys, cells) = (keys(model), cell_keys(model));
    let screen = &mut model.dead_letters;
    let at_first_job = !screen.in_grid && screen.cursor.index() == 0;
    let at_last_cell = screen.in_grid && screen.cell.index() + 1 >= cells.len();
    match action {
        Action::Up if at_first_job && !cells.is_empty() => {
            screen.in_grid = true;
            screen.cell.walk(Action::Bottom, usize::from(layout.grid_rows().height), &cells);
        }
        Action::Down if at_last_cell => {
            screen.in_grid = false;
            screen.cursor.walk(Action::Top, usize::from(layout.list_rows().height), &keys);
        }
        _ if screen.in_grid => screen.cell.walk(action, usize::from(layout.grid_rows().height), &cells),
        _ => screen.cursor.walk(action, usize::from(layout.list_rows().height), &keys),
    }
}

fn reveal(model: &mut Model) {
    let layout = layout(model);
    let screen = &mut model.dead_letters;
    let (jobs, cells) = screen.feed.data().map_or((0, 0), |list| (list.jobs.len(), list.cells.len()));
    screen.cursor.reveal(usize::from(layout.list_rows().height), jobs);
    screen.cell.reveal(usize::from(layout.grid_rows().height), cells);
}
