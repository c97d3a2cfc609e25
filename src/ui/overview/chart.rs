//! The last day of one kind: how much waited, what came and what was decided, and what was late.

use chrono::{DateTime, Timelike, Utc};
use ratatui::layout::Rect;

use super::{rate, title};
use crate::app::Model;
use crate::app::layout::{below, first};
use crate::app::overview::{CHART_STEP, OverviewData};
use crate::domain::forecast::WINDOW;
use crate::domain::history::KindHistory;
use crate::domain::{Flow, JobKind, zone};
use crate::ui::number::grouped;
use crate::ui::paint::Painter;
use crate::ui::table::{dim, plain};
use crate::ui::theme::Tone;
use crate::ui::{empty, when};

/// Cells left of the columns: the name or the number that they reach.
const MARGIN: u16 = 8;

pub fn draw(model: &Model, data: &OverviewData, now: DateTime<Utc>, paint: &mut Painter, area: Rect) {
    let kind = model.overview.cursor.key().map_or(JobKind::Inbound, |row| row.kind());
    let Some(history) = model.overview.day.data().and_then(|day| day.of(kind)) else {
        empty::waiting(model, paint, area);
        return;
    };
    let (shown, _) = fit(area, history.flows.len());
    let reach = shown * usize::try_from(CHART_STEP).unwrap_or(0) / 60;
    let head = format!("{}, last {reach} h{}", kind.short(), when::stale(&model.overview.day.load, now));
    let inside = paint.framed(area, false, &title(&head), &[dim("j k kind, c closes")]);
    let waiting = data.backlog.of(kind).map_or(0, |row| row.live() - row.dead_letter);
    let levels = history.levels(waiting);
    let flows: [(&str, Vec<i64>, Tone); 4] = [
        ("came", column(history, |flow| flow.came), Tone::Plain),
        ("gone", column(history, |flow| flow.gone), Tone::Plain),
        ("decided", column(history, |flow| flow.decided), Tone::Plain),
        ("late", column(history, |flow| flow.breached), Tone::Alarm),
    ];
    // What is left after the hours, the sums and the four small charts is for how much waited.
    let small = if inside.height >= 24 { 3 } else { 1 };
    let large = inside.height.saturating_sub(4 * small + 3).max(1);
    bars(paint, first(inside, large), "waiting", &levels, Tone::Strong);
    let mut rest = below(inside, large);
    for (name, values, tone) in &flows {
        bars(paint, first(rest, small), name, values, *tone);
        rest = below(rest, small);
    }
    hours(paint, rest, history, now);
    sums(paint, below(rest, 1), data, kind, &flows);
}

fn column(history: &KindHistory, of: impl Fn(&Flow) -> i64) -> Vec<i64> {
    history.flows.iter().map(of).collect()
}

/// How many of the latest steps have room, and the cells that each of them takes.
fn fit(area: Rect, steps: usize) -> (usize, u16) {
    let room = area.width.saturating_sub(MARGIN + 1);
    let width = (room / u16::try_from(steps.max(1)).unwrap_or(u16::MAX)).max(1);
    (steps.min(usize::from(room / width)), width)
}

/// Columns as high as the values are, the highest filling the area; on the left what they are and how high.
fn bars(paint: &mut Painter, area: Rect, name: &str, values: &[i64], tone: Tone) {
    const EIGHTHS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let (shown, width) = fit(area, values.len());
    let values = &values[values.len() - shown..];
    let highest = values.iter().copied().max().unwrap_or(0);
    let height = i64::from(area.height);
    paint.text(Rect { x: area.x + 1, ..area }, name, Tone::Plain);
    if area.height > 1 {
        paint.text(Rect { x: area.x + 1, ..below(area, 1) }, grouped(highest), Tone::Dim);
    }
    for (row, from_below) in area.rows().zip((0..height).rev()) {
        let cell = |value: &i64| {
            let eighths = if highest == 0 { 0 } else { (value * height * 8 + highest - 1) / highest };
            match eighths - from_below * 8 {
                ..=0 => " ",
                part @ 1..8 => EIGHTHS[usize::try_from(part - 1).unwrap_or(0)],
                _ => EIGHTHS[7],
            }
        };
        let words: String = values.iter().map(|value| cell(value).repeat(usize::from(width))).collect();
        let place = Rect { x: row.x + MARGIN + 1, width: row.width.saturating_sub(MARGIN + 1), ..row };
        paint.text(place, words, tone);
    }
}

/// The time of day, every six hours.
fn hours(paint: &mut Painter, area: Rect, history: &KindHistory, now: DateTime<Utc>) {
    let (shown, width) = fit(area, history.flows.len());
    paint.text(Rect { x: area.x + 1, ..area }, zone::name(now), Tone::Dim);
    for (at, flow) in (0..).zip(&history.flows[history.flows.len() - shown..]) {
        let (hour, minute) = (zone::told(flow.minute).hour(), zone::told(flow.minute).minute());
        let x = area.x + MARGIN + 1 + at * width;
        if hour % 6 == 0 && minute < CHART_STEP.unsigned_abs() && x + 5 <= area.right() {
            paint.text(Rect { x, width: area.right() - x, ..area }, when::clock(flow.minute), Tone::Dim);
        }
    }
}

fn sums(paint: &mut Painter, area: Rect, data: &OverviewData, kind: JobKind, flows: &[(&str, Vec<i64>, Tone); 4]) {
    let mut day = vec![dim(format!(" {:<8}", "day"))];
    for (name, values, _) in flows {
        day.extend([plain(grouped(values.iter().sum())), dim(format!(" {name}  "))]);
    }
    paint.parts(area, &day);
    let rates = data.situation.history.rates(kind, WINDOW);
    let mut lately = vec![dim(format!(" {:<8}", format!("{} min", rates.minutes)))];
    for (name, per_minute) in [
        ("in/m", rates.came_per_minute()),
        ("out/m", rates.gone_per_minute()),
        ("decided/m", rates.decided_per_minute()),
    ] {
        lately.extend([rate(per_minute, 9), dim(format!(" {name}  "))]);
    }
    paint.parts(below(area, 1), &lately);
}
