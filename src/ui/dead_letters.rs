//! The Dead letters screen: what failed where, the jobs behind it, and what is being done about them.

mod foot;

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::number::{count, grouped};
use super::paint::{Painter, Part};
use super::table::{self, Column, dim, numbers, plain, rest, times, words};
use super::theme::Tone;
use super::{empty, when};
use crate::app::Model;
use crate::app::dead_letters::{DeadLetterList, DeadLettersLayout, layout};
use crate::domain::{DeadLetter, DeadLetterCell, Filter, JobKind};

/// Draws the screen between header and strip.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let screen = &model.dead_letters;
    let Some(list) = screen.feed.data() else {
        empty::waiting(model, paint, area);
        return;
    };
    let layout = layout(model);
    if list.cells.is_empty() && list.jobs.is_empty() {
        empty::lines(paint, area, &["No dead letters.", "", "What programs gave up on would stand here."]);
    } else {
        grid(model, list, now, paint, &layout);
        jobs(model, list, now, paint, &layout);
    }
    foot::draw(model, paint, &layout);
}

const PLAIN_GRID: &[Column] = &[words("error", 20), words("where", 12), numbers("total", 4)];

const NARROW_GRID: &[Column] = &[
    words("error", 24),
    words("where", 18),
    numbers("5 m", 6),
    numbers("1 h", 6),
    numbers("24 h", 6),
    numbers("7 d", 6),
    numbers("total", 6),
];

const WIDE_GRID: &[Column] = &[
    words("error", 40),
    words("where", 28),
    numbers("5 m", 7),
    numbers("1 h", 7),
    numbers("24 h", 7),
    numbers("7 d", 7),
    numbers("total", 7),
];

fn grid(model: &Model, list: &DeadLetterList, now: DateTime<Utc>, paint: &mut Painter, layout: &DeadLettersLayout) {
    let screen = &model.dead_letters;
    let title = [(format!("Dead letters{}", when::stale(&screen.feed.load, now)), Tone::Strong)];
    let rows = layout.grid_rows();
    let window = screen.cell.window(usize::from(rows.height), list.cells.len());
    let hidden = list.cells.len() - window.len();
    let more = if hidden > 0 { vec![dim(format!("{hidden} more"))] } else { Vec::new() };
    let inside = paint.framed(layout.grid, layout.boxed, &title, &more);
    let columns = match (layout.plain, layout.boxed) {
        (true, _) => PLAIN_GRID,
        (false, false) => NARROW_GRID,
        (false, true) => WIDE_GRID,
    };
    if !layout.plain {
        table::head(paint, inside, columns);
    }
    for (row, at) in rows.rows().zip(window) {
        table::row(paint, row, columns, cell_cells(&list.cells[at], layout));
        if screen.in_grid && at == screen.cell.index() {
            table::choose(paint, row);
        }
    }
}

fn cell_cells(cell: &DeadLetterCell, layout: &DeadLettersLayout) -> Vec<Part> {
    let width = if layout.plain { 4 } else { 6 + usize::from(layout.boxed) };
    let number = |many: i64| (count(many, width), if many == 0 { Tone::Dim } else { Tone::Plain });
    let recent = match cell.last_5m {
        0 => number(0),
        many => (count(many, width), Tone::Alarm),
    };
    let name = plain(&*cell.error_code);
    let place = plain(place(cell.job_kind, &cell.channel_kind));
    if layout.plain {
        return vec![name, place, number(cell.total)];
    }
    vec![name, place, recent, number(cell.last_1h), number(cell.last_24h), number(cell.last_7d), number(cell.total)]
}

const PLAIN_JOBS: &[Column] =
    &[words("", 1), words("job", 7), words("where", 12), numbers("age", 4), numbers("due", 5), rest("")];

const NARROW_JOBS: &[Column] = &[
    words("", 1),
    words("job", 7),
    words("where", 12),
    words("error", 20),
    numbers("tried", 5),
    numbers("redo", 4),
    numbers("age", 4),
    numbers("due", 5),
    rest(""),
];

const WIDE_JOBS: &[Column] = &[
    words("", 1),
    words("job", 9),
    words("where", 20),
    words("error", 28),
    numbers("tried", 6),
    numbers("redo", 5),
    numbers("age", 5),
    numbers("due", 6),
    words("", 13),
    rest("tried by"),
];

/// From this width on there is room for exact times.
const BROAD: u16 = 150;

const BROAD_JOBS: &[Column] = &[
    words("", 1),
    words("job", 10),
    words("where", 24),
    words("error", 32),
    numbers("tried", 6),
    numbers("redo", 6),
    numbers("age", 6),
    numbers("due", 6),
    words("", 13),
    words("tried by", 16),
    words("agency", 12),
    times("died, ", 15),
    times("deadline, ", 18),
];

fn jobs(model: &Model, list: &DeadLetterList, now: DateTime<Utc>, paint: &mut Painter, layout: &DeadLettersLayout) {
    let screen = &model.dead_letters;
    let title = [(jobs_title(list, &screen.filter), Tone::Strong)];
    let marked = match screen.marked.len() {
        0 => Vec::new(),
        many => vec![(format!("{} marked", grouped(many as i64)), Tone::Strong)],
    };
    let inside = paint.framed(layout.list, layout.boxed, &title, &marked);
    if list.jobs.is_empty() {
        empty::filtered(paint, inside);
        return;
    }
    let columns = match (layout.plain, layout.boxed) {
        (true, _) => PLAIN_JOBS,
        (false, false) => NARROW_JOBS,
        (false, true) if inside.width < BROAD => WIDE_JOBS,
        (false, true) => BROAD_JOBS,
    };
    if !layout.plain {
        table::head_at(paint, inside, columns, now);
    }
    let rows = layout.list_rows();
    let window = screen.cursor.window(usize::from(rows.height), list.jobs.len());
    for (row, at) in rows.rows().zip(window) {
        table::row(paint, row, columns, job_cells(model, &list.jobs[at], now, layout));
        if !screen.in_grid && at == screen.cursor.index() {
            table::choose(paint, row);
        }
    }
}

/// How many there are, and how many of them are listed where that is fewer.
fn jobs_title(list: &DeadLetterList, filter: &Filter) -> String {
    let counted = |cell: &&DeadLetterCell| {
        filter.error.as_ref().is_none_or(|error| *error == cell.error_code)
            && filter.channel.as_ref().is_none_or(|channel| *channel == cell.channel_kind)
            && (filter.kinds.is_empty() || filter.kinds.contains(&cell.job_kind))
    };
    let all: i64 = list.cells.iter().filter(counted).map(|cell| cell.total).sum();
    let listed = list.jobs.len() as i64;
    if listed < all { format!("Jobs, the newest {listed} of {}", grouped(all)) } else { format!("Jobs {listed}") }
}

fn job_cells(model: &Model, job: &DeadLetter, now: DateTime<Utc>, layout: &DeadLettersLayout) -> Vec<Part> {
    let screen = &model.dead_letters;
    let pending = screen.report.as_ref().is_some_and(|report| report.pending.contains(&job.job_id));
    let mark = match screen.marked.contains(&job.job_id) {
        _ if pending => dim("~"),
        true => ("x".to_owned(), Tone::Strong),
        false => plain(""),
    };
    let place = plain(place(job.job_kind, &job.channel_kind));
    let age = plain(when::age(job.finished_at, now));
    let late = job.deadline_at.is_some_and(|deadline| deadline <= now);
    let due = (when::due(job.deadline_at, now), if late { Tone::Alarm } else { Tone::Plain });
    let left = match (job.may_have_left(), layout.plain) {
        (false, _) => plain(""),
        (true, false) => ("may have left".to_owned(), Tone::Warning),
        (true, true) => ("left?".to_owned(), Tone::Warning),
    };
    let head = [mark, plain(job.job_id.to_string()), place];
    if layout.plain {
        return head.into_iter().chain([age, due, left]).collect();
    }
    let tried = job.max_attempts.map_or_else(|| job.attempt.to_string(), |max| format!("{}/{max}", job.attempt));
    let by_people = match job.retried_by_people {
        0 => dim(count(0, 4)),
        many => plain(count(many, 4)),
    };
    let died = dim(when::day_and_time(job.finished_at));
    let deadline = dim(job.deadline_at.map_or_else(|| "-".to_owned(), when::day_and_time));
    let agency = dim(&*job.agency);
    let by = plain(workers(job));
    let rest = [plain(&*job.error_code), plain(tried), by_people, age, due, left, by, agency, died, deadline];
    head.into_iter().chain(rest).collect()
}

/// The program that had it last, and how many others died on it.
fn workers(job: &DeadLetter) -> String {
    match &job.workers[..] {
        [] => String::new(),
        [only] => only.clone(),
        [last, others @ ..] => format!("{last} +{}", others.len()),
    }
}

/// `send/sms`.
fn place(kind: JobKind, channel: &str) -> String {
    format!("{}/{channel}", kind.short())
}
