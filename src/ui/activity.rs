//! The Activity screen: the audit trail, newest first.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::paint::{Painter, Part};
use super::table::{self, Column, dim, numbers, plain, rest, times, words};
use super::theme::Tone;
use super::{empty, number, when};
use crate::app::Model;
use crate::app::activity::{rows, rows_area};
use crate::app::jobs::is_boxed;
use crate::app::layout::below;
use crate::domain::Activity;

/// Draws the screen between header and strip.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let screen = &model.activity;
    if screen.feed.data().is_none() {
        empty::waiting(model, paint, area);
        return;
    }
    let rows = rows(model);
    let stale = when::stale(&screen.feed.load, now);
    let filtered = if screen.filter.is_empty() { "" } else { " under this filter" };
    let count = format!("the newest {}{filtered}", number::grouped(rows.len() as i64));
    let title = [(format!("Activity{stale}"), Tone::Strong)];
    let inside = paint.framed(area, is_boxed(model.size), &title, &[dim(count)]);
    if rows.is_empty() {
        match screen.filter.is_empty() {
            true => empty::lines(paint, inside, &["Nobody has done anything yet."]),
            false => empty::filtered(paint, inside),
        }
        return;
    }
    let columns = columns(inside.width);
    let area = rows_area(model.size);
    table::head_at(paint, inside, columns, now);
    let window = screen.cursor.window(usize::from(area.height), rows.len());
    for (row, at) in area.rows().zip(window) {
        table::row(paint, row, columns, cells(&rows[at], now, columns.len()));
        if at == screen.cursor.index() {
            table::choose(paint, row);
        }
    }
}

/// The newest rows without a cursor, for the Overview.
pub fn latest(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let Some(list) = model.activity.feed.data() else {
        empty::waiting(model, paint, area);
        return;
    };
    if list.rows.is_empty() {
        empty::lines(paint, area, &["Nobody has done anything yet."]);
        return;
    }
    let columns = columns(area.width);
    let has_head = area.height > FEW;
    if has_head {
        table::head_at(paint, area, columns, now);
    }
    for (row, run) in below(area, u16::from(has_head)).rows().zip(&list.rows) {
        table::row(paint, row, columns, cells(run, now, columns.len()));
    }
}

/// So few rows need no head.
const FEW: u16 = 6;

/// One row of one job's history.
pub fn history(paint: &mut Painter, area: Rect, run: &Activity, now: DateTime<Utc>) {
    let mut cells = cells(run, now, NARROW.len());
    cells.remove(JOB);
    table::row(paint, area, HISTORY, cells);
}

/// Where the job stands among the cells.
const JOB: usize = 3;

const HISTORY: &[Column] = &[times("", 8), words("login", 10), words("call", 17), rest("came of it")];

/// For a telephone.
const PLAIN: &[Column] = &[times("", 8), words("login", 6), words("call", 9), numbers("job", 6), rest("came to")];

/// For small terminals and beside other things. What is applied goes without saying.
const SMALL: &[Column] = &[times("", 8), words("login", 10), words("call", 16), numbers("job", 6), rest("came of it")];

const NARROW: &[Column] = &[times("", 8), words("login", 13), words("call", 17), numbers("job", 7), rest("came of it")];

const MEDIUM: &[Column] = &[
    times("", 8),
    words("login", 16),
    words("call", 19),
    numbers("job", 9),
    words("outcome", 18),
    rest("change, code"),
];

const WIDE: &[Column] = &[
    times("", 15),
    words("login", 20),
    words("call", 22),
    numbers("job", 10),
    words("outcome", 20),
    words("change", 27),
    rest("code"),
];

fn columns(width: u16) -> &'static [Column] {
    match width {
        0..56 => PLAIN,
        56..76 => SMALL,
        76..90 => NARROW,
        90..150 => MEDIUM,
        _ => WIDE,
    }
}

fn cells(run: &Activity, now: DateTime<Utc>, columns: usize) -> Vec<Part> {
    let time = if columns == WIDE.len() { when::day_and_time(run.at) } else { when::time_or_day(run.at, now) };
    let job = run.job_id.map_or_else(|| dim("-"), |job_id| plain(job_id.to_string()));
    let done = matches!(run.outcome.as_str(), "applied" | "opened");
    let outcome = (run.outcome.clone(), if done { Tone::Plain } else { Tone::Warning });
    let code = run.code.clone().unwrap_or_default();
    let from = run.from_status.as_deref().filter(|from| Some(*from) != run.to_status.as_deref());
    let came_to = run.to_status.as_deref().map(|to| format!("→{to}")).unwrap_or_default();
    let change = format!("{}{came_to}", from.unwrap_or_default());
    let together = |first: &str| plain(format!("{first} {code}").trim());
    let mut cells = vec![dim(time), plain(&*run.login), plain(&*run.call), job];
    match columns {
        small if small <= NARROW.len() && run.outcome == "applied" => cells.push(together(&came_to)),
        small if small <= NARROW.len() => cells.push(outcome),
        medium if medium == MEDIUM.len() => cells.extend([outcome, together(&change)]),
        _ => cells.extend([outcome, plain(change), plain(code)]),
    }
    cells
}
