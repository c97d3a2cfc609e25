//! The Overview screen: backlog, deadlines and, where there is room, the latest activity.

mod channels;

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::number::count;
use super::paint::{Painter, Part};
use super::table::{self, Column, dim, numbers, plain, rest, words};
use super::theme::Tone;
use super::{activity, empty, when};
use crate::app::Model;
use crate::app::layout::{below, first};
use crate::app::overview::{OverviewData, OverviewLayout, Row, Shape, countdown, filter_of, layout};
use crate::domain::{JobKind, KindBacklog, KindPressure};

/// Draws the screen between header and strip.
pub fn draw(model: &Model, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let layout = layout(model.size);
    let feed = &model.overview.feed;
    let Some(data) = feed.data() else {
        empty::waiting(model, paint, area);
        return;
    };
    let nothing = data.backlog.is_empty();
    if nothing && layout.shape == Shape::Plain {
        empty::queue(paint, area);
        return;
    }
    let title = vec![(format!("Backlog{}", when::stale(&feed.load, now)), Tone::Strong)];
    if layout.is_boxed() {
        paint.boxed(layout.backlog, &title, &[]);
    }
    backlog(model, data, now, paint, &layout);
    let many_agencies = model.session.principal.agency.is_none();
    if let Some(area) = layout.deadlines {
        // What the deadlines do not need of a high box.
        let (area, left_over) = match layout.shape {
            Shape::Boxes if area.height >= DEADLINES_HEIGHT + channels::LEAST && !nothing => {
                (first(area, DEADLINES_HEIGHT), Some(below(area, DEADLINES_HEIGHT)))
            }
            _ => (area, None),
        };
        if let Some(area) = left_over {
            channels::draw(&data.alerts, many_agencies, now, paint, area);
        }
        let title = vec![("Deadlines".to_owned(), Tone::Strong)];
        let opens = if nothing { Vec::new() } else { vec![dim(opens(model, data))] };
        let inside = paint.framed(area, layout.is_boxed(), &title, &opens);
        if nothing {
            empty::queue(paint, inside);
        } else {
            deadlines(model, data, now, paint, &layout);
        }
    }
    if let Some(area) = layout.activity.filter(|_| !nothing) {
        let (channels, area) = channels::beside(area, layout.is_boxed());
        if let Some(channels) = channels {
            channels::draw(&data.alerts, many_agencies, now, paint, channels);
        }
        let title = vec![("Activity".to_owned(), Tone::Strong)];
        let inside = paint.framed(area, layout.is_boxed(), &title, &[dim("4 opens it")]);
        activity::latest(model, now, paint, inside);
    }
}

/// A box with a row for each kind, its head, and what breaches next.
const DEADLINES_HEIGHT: u16 = 15;

/// What Enter would open.
fn opens(model: &Model, data: &OverviewData) -> String {
    model.overview.cursor.key().map(|row| format!("Enter {}", filter_of(row, data))).unwrap_or_default()
}

const PLAIN_BACKLOG: &[Column] =
    &[words("kind", 8), numbers("ready", 5), numbers("late", 5), numbers("dead", 4), numbers("oldest", 6), rest("")];

const NARROW_BACKLOG: &[Column] = &[
    words("kind", 9),
    numbers("ready", 5),
    numbers("lease", 5),
    numbers("run", 5),
    numbers("retry", 5),
    numbers("paused", 6),
    numbers("dead", 5),
    numbers("in/m", 5),
    numbers("out/m", 5),
    numbers("oldest", 6),
    rest(""),
];

const WIDE_BACKLOG: &[Column] = &[
    words("kind", 9),
    numbers("ready", 7),
    numbers("scheduled", 9),
    numbers("leased", 7),
    numbers("running", 7),
    numbers("retry", 7),
    numbers("paused", 7),
    numbers("dead", 7),
    numbers("in/m", 6),
    numbers("out/m", 6),
    numbers("oldest", 6),
    rest(""),
];

fn backlog(model: &Model, data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, layout: &OverviewLayout) {
    let table = layout.backlog_table();
    let columns = match layout.shape {
        Shape::Plain => PLAIN_BACKLOG,
        Shape::Rules => NARROW_BACKLOG,
        Shape::Boxes | Shape::Broad => WIDE_BACKLOG,
    };
    table::head(paint, table, columns);
    for (area, kind) in below(table, 1).rows().zip(&data.backlog.kinds) {
        let late = data.pressure_of(kind.job_kind).breached;
        table::row(paint, area, columns, backlog_cells(kind, late, layout.shape, now));
        if model.overview.cursor.key() == Some(Row::Backlog(kind.job_kind)) {
            table::choose(paint, area);
        }
    }
    if layout.shape == Shape::Plain
        && let Some(next) = data.next_breaches().first()
    {
        let left = when::short(countdown(next.at, now));
        let words = format!(" next {} {} in {left}", next.job_kind.short(), next.job_id);
        paint.text(below(table, 1 + JobKind::ALL.len() as u16), words, Tone::Plain);
    }
}

fn backlog_cells(kind: &KindBacklog, late: i64, shape: Shape, now: DateTime<Utc>) -> Vec<Part> {
    let oldest = kind.oldest_ready_at.map_or_else(|| dim("-"), |at| plain(when::short(countdown(now, at))));
    let grows = (if kind.grows() { "GROWS" } else { "" }.to_owned(), Tone::Warning);
    let name = plain(kind.job_kind.short());
    let dead = |width| number(kind.dead_letter, width, Tone::Alarm);
    if shape == Shape::Plain {
        return vec![name, number(kind.ready, 5, Tone::Plain), alarm(late, 5), dead(4), oldest, grows];
    }
    let narrow = shape == Shape::Rules;
    let width = if narrow { 5 } else { 7 };
    let at_work = [kind.leased, kind.running, kind.retry_waiting].map(|many| number(many, width, Tone::Plain));
    let scheduled = (!narrow).then(|| number(kind.scheduled, 9, Tone::Plain));
    let rates = [kind.arrived_per_minute, kind.finished_per_minute].map(|many| number(many, 5, Tone::Plain));
    [name, number(kind.ready, width, Tone::Plain)]
        .into_iter()
        .chain(scheduled)
        .chain(at_work)
        .chain([number(kind.paused, width, Tone::Warning), dead(width)])
        .chain(rates)
        .chain([oldest, grows])
        .collect()
}

const DEADLINES: &[Column] = &[
    words("kind", 9),
    numbers("breached", 8),
    numbers("<5m", 5),
    numbers("<15m", 5),
    numbers("<1h", 6),
    numbers("later", 6),
    numbers("none", 6),
    rest(" next to breach"),
];

fn deadlines(model: &Model, data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, layout: &OverviewLayout) {
    let Some(table) = layout.deadlines_table() else { return };
    let beneath = layout.shape == Shape::Boxes;
    let columns = if beneath { &DEADLINES[..DEADLINES.len() - 1] } else { DEADLINES };
    table::head(paint, table, columns);
    for (area, kind) in below(table, 1).rows().zip(JobKind::ALL) {
        table::row(paint, area, columns, deadline_cells(&data.pressure_of(kind), now));
        if model.overview.cursor.key() == Some(Row::Deadlines(kind)) {
            table::choose(paint, area);
        }
    }
    if beneath {
        next_to_breach(data, now, paint, below(table, JobKind::ALL.len() as u16 + 2));
    }
}

fn deadline_cells(pressure: &KindPressure, now: DateTime<Utc>) -> Vec<Part> {
    let next = match (pressure.next_deadline_at, pressure.next_job_id) {
        (Some(at), Some(job_id)) => format!(" in {} {job_id}", when::short(countdown(at, now))),
        _ => String::new(),
    };
    vec![
        plain(pressure.job_kind.short()),
        alarm(pressure.breached, 8),
        number(pressure.lt_5m, 5, Tone::Warning),
        number(pressure.lt_15m, 5, Tone::Plain),
        number(pressure.lt_1h, 6, Tone::Plain),
        number(pressure.later, 6, Tone::Plain),
        number(pressure.none, 6, Tone::Plain),
        plain(next),
    ]
}

fn next_to_breach(data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let next = data.next_breaches();
    if next.is_empty() {
        paint.text(area, " no deadline ahead", Tone::Dim);
        return;
    }
    for ((row, breach), place) in area.rows().zip(next).zip(0..4) {
        let lead = if place == 0 { " next" } else { " then" };
        let left = when::short(countdown(breach.at, now));
        let words = format!("  {} {} in {left}", breach.job_id, breach.job_kind.short());
        paint.parts(row, &[dim(lead), (words, if place == 0 { Tone::Strong } else { Tone::Plain })]);
    }
}

/// A count whose tone matters only when there is something.
fn number(many: i64, width: usize, tone: Tone) -> Part {
    (count(many, width), if many == 0 { Tone::Dim } else { tone })
}

/// A count that should be nothing, marked when it is not.
fn alarm(many: i64, width: usize) -> Part {
    match many {
        0 => dim(count(0, width)),
        many => (format!("{}!", count(many, width - 1)), Tone::Alarm),
    }
}
