//! The Jobs screen: jobs by filter, or one job with all that belongs to it.

mod detail;

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::paint::{Painter, Part};
use super::table::{self, Column, dim, numbers, plain, rest, words};
use super::theme::Tone;
use super::{empty, number, when};
use crate::app::Model;
use crate::app::jobs::{is_boxed, rows_area};
use crate::domain::{Job, Status};

/// Draws the screen between header and strip.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    match model.jobs.open {
        Some(job_id) => detail::draw(model, job_id, now, paint),
        None => list(model, now, paint, area),
    }
}

const NARROW: &[Column] = &[
    words("job", 7),
    words("kind", 8),
    words("status", 13),
    words("channel", 8),
    words("la", 2),
    numbers("due", 5),
    numbers("age", 4),
    words("holder", 9),
    rest("came of it"),
];

const WIDE: &[Column] = &[
    words("job", 10),
    words("kind", 8),
    words("status", 13),
    words("channel", 10),
    words("la", 3),
    numbers("due", 6),
    numbers("age", 5),
    words("holder", 20),
    rest("came of it"),
];

/// From this width on there is room for what else is known.
const BROAD: u16 = 150;

const WIDEST: &[Column] = &[
    words("job", 10),
    words("kind", 8),
    words("status", 13),
    words("channel", 10),
    words("la", 3),
    numbers("due", 6),
    numbers("age", 5),
    words("holder", 20),
    words("came of it", 28),
    words("intent", 24),
    numbers("tried", 5),
    rest("waits for"),
];

fn list(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let screen = &model.jobs;
    let Some(list) = screen.feed.data() else {
        empty::waiting(model, paint, area);
        return;
    };
    let boxed = is_boxed(model.size);
    let title = format!("Jobs{}", when::stale(&screen.feed.load, now));
    let count = format!("{}, newest first", number::grouped(list.jobs.len() as i64));
    let inside = paint.framed(area, boxed, &[(title, Tone::Strong)], &[dim(count)]);
    if list.jobs.is_empty() {
        if screen.filter.is_empty() {
            empty::queue(paint, inside)
        } else {
            empty::filtered(paint, inside)
        }
        return;
    }
    let columns = match boxed {
        false => NARROW,
        true if inside.width < BROAD => WIDE,
        true => WIDEST,
    };
    let rows = rows_area(model.size);
    table::head(paint, inside, columns);
    let window = screen.cursor.window(usize::from(rows.height), list.jobs.len());
    for (row, at) in rows.rows().zip(window) {
        table::row(paint, row, columns, cells(&list.jobs[at], now));
        if at == screen.cursor.index() {
            table::choose(paint, row);
        }
    }
}

fn cells(job: &Job, now: DateTime<Utc>) -> Vec<Part> {
    vec![
        plain(job.job_id.to_string()),
        plain(job.job_kind.short()),
        status(job.status),
        plain(&*job.channel_kind),
        plain(job.codes.language.as_deref().unwrap_or("-")),
        due(job, now),
        plain(when::age(job.created_at, now)),
        plain(job.lease_owner.as_deref().unwrap_or_default()),
        plain(came_of_it(job)),
        plain(job.codes.intent_code.as_deref().unwrap_or_default()),
        plain(job.max_attempts.map_or_else(String::new, |max| format!("{}/{max}", job.attempt))),
        plain(job.target_ref.as_deref().unwrap_or_default()),
    ]
}

/// A status in the tone that it asks for.
fn status(status: Status) -> Part {
    let tone = match status {
        Status::DeadLetter => Tone::Alarm,
        Status::RetryWaiting | Status::Paused => Tone::Warning,
        status if status.is_terminal() => Tone::Dim,
        _ => Tone::Plain,
    };
    (status.as_str().to_owned(), tone)
}

/// The countdown of what has not ended; the rest is history.
fn due(job: &Job, now: DateTime<Utc>) -> Part {
    match job.deadline_at {
        _ if job.status.is_terminal() => dim("-"),
        None => dim("-"),
        Some(deadline) => {
            let tone = if deadline <= now { Tone::Alarm } else { Tone::Plain };
            (when::due(Some(deadline), now), tone)
        }
    }
}

/// The error that matters now, or the outcome.
fn came_of_it(job: &Job) -> &str {
    let error = job.last_error_code.as_deref().filter(|_| job.status != Status::Succeeded);
    error.or(job.outcome_code.as_deref()).unwrap_or_default()
}
